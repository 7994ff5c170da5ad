//! What a token is wanted for, and the smallest set of permissions that serves it.

use std::collections::BTreeMap;

/// What a request needs of its token. One token serves every reading of a repository, and one
/// every write that takes the same permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// Looking at what the installation covers, and at nothing in it.
    Look,
    /// Looking into a repository.
    Read,
    /// Changing it, with a permission as actions name theirs: `issues: write`; behind ` with ` what
    /// is shown beside it where it is granted.
    Write(&'static str),
}

/// What evaluations read. An installation may lack some of it; then GitHub refuses the questions
/// that need it, and those alone.
const READ: &[&str] = &[
    "actions",
    "administration",
    "checks",
    "contents",
    "issues",
    "members",
    "metadata",
    "pull_requests",
    "secret_scanning_alerts",
    "security_events",
    "statuses",
    "vulnerability_alerts",
];

/// The permissions of an installation, by name.
pub(super) type Granted = BTreeMap<String, String>;

impl Need {
    /// What to ask a token for, of what the installation was granted; `Err` names what is missing.
    pub(super) fn of(self, granted: &Granted) -> Result<Granted, &'static str> {
        let held = |name: &str, level: &str| {
            let has = granted.get(name).map(String::as_str);
            matches!(
                (has, level),
                (Some("write" | "admin"), _) | (Some("read"), "read")
            )
        };
        let mut asked = Granted::new();
        match self {
            Self::Look => {
                asked.insert("metadata".to_owned(), "read".to_owned());
            }
            Self::Read => {
                let held = READ.iter().filter(|name| held(name, "read"));
                asked.extend(held.map(|name| ((*name).to_owned(), "read".to_owned())));
            }
            Self::Write(permission) => {
                let mut parts = permission.split(" with ");
                let first = parts.next().unwrap_or_default();
                let (name, level) = first.split_once(": ").ok_or(permission)?;
                if !held(name, level) {
                    return Err(permission);
                }
                asked.insert(name.to_owned(), level.to_owned());
                for part in parts {
                    let (name, level) = part.split_once(": ").ok_or(permission)?;
                    if held(name, level) {
                        asked.insert(name.to_owned(), level.to_owned());
                    }
                }
                // GitHub wants it beside `contents` where a commit touches a workflow.
                if name == "contents" && held("workflows", level) {
                    asked.insert("workflows".to_owned(), level.to_owned());
                }
            }
        }
        Ok(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(pairs: &[(&str, &str)]) -> Granted {
        let owned = |(name, level): &(&str, &str)| ((*name).to_owned(), (*level).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn reading_never_asks_for_more_than_read_nor_for_what_is_not_granted() {
        let all = granted(&[
            ("issues", "write"),
            ("contents", "read"),
            ("pages", "write"),
        ]);
        let wanted = granted(&[("issues", "read"), ("contents", "read")]);
        assert_eq!(Need::Read.of(&all), Ok(wanted));
    }

    #[test]
    fn a_write_asks_for_its_own_permission_alone() {
        let all = granted(&[
            ("issues", "write"),
            ("contents", "write"),
            ("checks", "read"),
        ]);
        let of = |permission| Need::Write(permission).of(&all);
        assert_eq!(of("issues: write"), Ok(granted(&[("issues", "write")])));
        assert_eq!(of("contents: write"), Ok(granted(&[("contents", "write")])));
        assert_eq!(of("checks: write"), Err("checks: write"));
        assert_eq!(of("pages: write"), Err("pages: write"));
    }

    #[test]
    fn what_is_good_beside_a_permission_is_asked_for_where_it_is_granted() {
        let wanted = Need::Write("contents: write with pull_requests: write");
        let both = granted(&[("contents", "write"), ("pull_requests", "write")]);
        assert_eq!(wanted.of(&both), Ok(both.clone()));
        let one = granted(&[("contents", "write"), ("pull_requests", "read")]);
        assert_eq!(wanted.of(&one), Ok(granted(&[("contents", "write")])));
        let none = granted(&[("pull_requests", "write")]);
        assert!(wanted.of(&none).is_err());
    }

    #[test]
    fn commits_to_workflows_need_one_more_where_it_is_granted() {
        let both = granted(&[("contents", "write"), ("workflows", "write")]);
        assert_eq!(Need::Write("contents: write").of(&both), Ok(both.clone()));
        assert_eq!(Need::Read.of(&both), Ok(granted(&[("contents", "read")])));
    }
}
