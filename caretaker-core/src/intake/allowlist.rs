//! Which accounts, repositories and installations may talk to us.

use crate::model::{Envelope, InstallationId, Login};

/// The configured list; the empty one admits everybody, observed only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList(Vec<Entry>);

/// What the list says about a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// An entry names it, or it concerns the App alone and no account.
    Listed,
    /// A list is configured, and no entry names it: refuse, before it costs anything.
    Unlisted,
    /// No list is configured: admit, and only observe.
    Everybody,
}

/// An entry that names nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{entry}` names nobody; write `owner`, `owner/*`, `owner/repo`, `owner/prefix-*` or `installation:123`"
)]
pub struct AllowListProblem {
    /// The entry as configured.
    pub entry: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    Owner(Login),
    Repo(Login, String),
    /// Every repository of the owner whose name begins so.
    Prefix(Login, String),
    Installation(InstallationId),
}

impl AllowList {
    /// Reads the configured entries.
    ///
    /// # Errors
    /// All entries that name nothing. There is no list without them: one that silently lost its
    /// only entry would admit everybody.
    pub fn parse<S: AsRef<str>>(entries: &[S]) -> Result<Self, Vec<AllowListProblem>> {
        let (mut list, mut problems) = (Vec::new(), Vec::new());
        for entry in entries {
            let entry = entry.as_ref().trim();
            match Entry::parse(entry) {
                Some(entry) => list.push(entry),
                None => problems.push(AllowListProblem {
                    entry: entry.to_owned(),
                }),
            }
        }
        if problems.is_empty() {
            Ok(Self(list))
        } else {
            Err(problems)
        }
    }

    /// Whether a delivery is admitted. Account and repository names compare without case.
    pub fn verdict(&self, envelope: &Envelope) -> Verdict {
        if self.0.is_empty() {
            return Verdict::Everybody;
        }
        let app_alone = envelope.account.is_none()
            && envelope.installation.is_none()
            && envelope.repository.is_none();
        if app_alone || self.0.iter().any(|entry| entry.names(envelope)) {
            Verdict::Listed
        } else {
            Verdict::Unlisted
        }
    }
}

impl Entry {
    fn parse(entry: &str) -> Option<Self> {
        let named = |text: &str, more: &str| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
            !text.is_empty() && text.chars().all(allowed)
        };
        if let Some(id) = entry.strip_prefix("installation:") {
            let id = id.parse().ok().filter(|id| *id > 0)?;
            return Some(Self::Installation(InstallationId::new(id)));
        }
        let (owner, name) = entry.split_once('/').unwrap_or((entry, "*"));
        named(owner, "-_").then_some(())?;
        match name {
            "*" => Some(Self::Owner(Login::new(owner))),
            name if let Some(prefix) = name.strip_suffix('*') => named(prefix, "-_.")
                .then(|| Self::Prefix(Login::new(owner), prefix.to_ascii_lowercase())),
            name if named(name, "-_.") => Some(Self::Repo(Login::new(owner), name.to_owned())),
            _ => None,
        }
    }

    fn names(&self, envelope: &Envelope) -> bool {
        match self {
            Self::Owner(login) => envelope
                .account
                .as_ref()
                .is_some_and(|account| account.login.same(login)),
            Self::Repo(owner, name) => envelope.repository.as_ref().is_some_and(|repo| {
                owner.as_str().eq_ignore_ascii_case(&repo.owner)
                    && name.eq_ignore_ascii_case(&repo.name)
            }),
            Self::Prefix(owner, prefix) => envelope.repository.as_ref().is_some_and(|repo| {
                owner.as_str().eq_ignore_ascii_case(&repo.owner)
                    && repo.name.to_ascii_lowercase().starts_with(prefix)
            }),
            Self::Installation(id) => envelope.installation == Some(*id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::envelope::{Headers, envelope};
    use super::*;

    const REPO: &str =
        r#"{"repository":{"id":1,"full_name":"Octo/Hello"},"installation":{"id":7}}"#;

    fn verdict(entries: &[&str], body: &str) -> Verdict {
        let headers = Headers {
            event: "x",
            guid: "g",
            hook_id: None,
            hook_target_type: None,
            hook_target_id: None,
        };
        let envelope = envelope(&headers, body.as_bytes()).unwrap();
        AllowList::parse(entries).unwrap().verdict(&envelope)
    }

    #[test]
    fn no_list_admits_everybody() {
        assert_eq!(verdict(&[], REPO), Verdict::Everybody);
        assert_eq!(verdict(&[], "{}"), Verdict::Everybody);
    }

    #[test]
    fn an_entry_names_owner_repository_or_installation_whatever_the_case() {
        for entry in [
            "octo",
            "OCTO/*",
            "octo/hello",
            "octo/he*",
            "Octo/HELLO*",
            "installation:7",
            " octo ",
        ] {
            assert_eq!(verdict(&["other", entry], REPO), Verdict::Listed, "{entry}");
        }
        for entry in [
            "oct",
            "octo2",
            "octo/hell",
            "octo/ello*",
            "oct/he*",
            "octo2/hello",
            "installation:8",
        ] {
            assert_eq!(verdict(&[entry], REPO), Verdict::Unlisted, "{entry}");
        }
    }

    #[test]
    fn installation_events_of_strangers_are_unlisted_and_those_of_no_account_pass() {
        let body = r#"{"installation":{"id":7,"account":{"login":"mallory","id":3}}}"#;
        assert_eq!(verdict(&["octo"], body), Verdict::Unlisted);
        assert_eq!(verdict(&["mallory"], body), Verdict::Listed);
        assert_eq!(
            verdict(&["octo"], r#"{"installation":{"id":7}}"#),
            Verdict::Unlisted
        );
        assert_eq!(verdict(&["octo"], r#"{"zen":"x"}"#), Verdict::Listed);
    }

    #[test]
    fn every_entry_that_names_nothing_is_reported_and_none_admits_everybody() {
        let wrong = [
            "",
            "a/b/c",
            "installation:x",
            "installation:0",
            "*",
            "*/*",
            "a b",
            "a/",
            "a*",
            "a*/b",
            "a/*b",
            "a/b**",
        ];
        let problems = AllowList::parse(&wrong).unwrap_err();
        assert_eq!(problems.len(), wrong.len());
        assert!(
            problems[1]
                .to_string()
                .contains("`a/b/c` names nobody; write")
        );
    }
}
