//! What a person names to have it explained: a run, or a pull request or issue.

use anyhow::Context as _;
use caretaker_core::model::{Number, RunId};

use super::store::split;

/// What was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// A run by its id or the beginning of it.
    Run(RunId),
    /// A pull request or issue of a repository, named `owner/repo`.
    Item(String, Number),
}

impl Asked {
    /// Reads a run's id, `owner/repo#7`, or the address of a pull request or issue.
    ///
    /// # Errors
    /// When it is none of them; says how to write what was probably meant.
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let text = text.trim();
        let address = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        if let Some(address) = address {
            return Self::addressed(address).with_context(|| {
                format!("`{text}` is no address of a pull request or issue; write owner/repo#7")
            });
        }
        if let Some((repo, number)) = text.split_once('#') {
            if repo.is_empty() {
                anyhow::bail!("`{text}` names no repository; write owner/repo{text}");
            }
            split(repo)?;
            let number = counted(number)
                .with_context(|| format!("`{text}` names no item; write {repo}#7"))?;
            return Ok(Self::Item(repo.to_owned(), Number::new(number)));
        }
        if text.is_empty() {
            anyhow::bail!("nothing is named; write a run's id, or owner/repo#7");
        }
        if text.contains('/') {
            split(text)?;
            anyhow::bail!(
                "`{text}` is a whole repository; write {text}#7 for one of its items; \
                 `caretaker runs --repo {text}` lists its runs"
            );
        }
        Ok(Self::Run(RunId::new(text)))
    }

    /// `host/owner/repo/pull/7`, whatever part of its page is meant.
    fn addressed(address: &str) -> Option<Self> {
        let path = address.split(['?', '#']).next()?;
        let mut parts = path.split('/').skip(1);
        let (owner, repo) = (parts.next()?, parts.next()?);
        let kind = parts.next()?;
        let number = counted(parts.next()?)?;
        let known = matches!(kind, "pull" | "issues") && !owner.is_empty() && !repo.is_empty();
        known.then(|| Self::Item(format!("{owner}/{repo}"), Number::new(number)))
    }
}

/// The forge counts from 1.
fn counted(number: &str) -> Option<u64> {
    number.parse().ok().filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_named_in_short_or_by_its_address() {
        for text in [
            "o/r#3",
            " o/r#3 ",
            "https://github.com/o/r/pull/3",
            "https://github.com/o/r/issues/3",
            "http://github.example/o/r/pull/3/files?w=1#diff-1",
        ] {
            let item = Asked::Item("o/r".to_owned(), Number::new(3));
            assert_eq!(Asked::parse(text).unwrap(), item, "{text}");
        }
        let run = Asked::Run(RunId::new("3fa29c"));
        assert_eq!(Asked::parse("3fa29c").unwrap(), run);
    }

    #[test]
    fn what_is_not_understood_says_how_to_write_it() {
        for (wrong, hint) in [
            ("", "owner/repo#7"),
            ("#3", "write owner/repo#3"),
            ("octo/widgets", "octo/widgets#7"),
            ("octo/widgets#x", "octo/widgets#7"),
            ("octo/widgets#0", "octo/widgets#7"),
            ("https://github.com/o/r/pull/0", "owner/repo#7"),
            ("octo#3", "owner/repo"),
            ("a/b/c", "owner/repo"),
            ("https://github.com/o/r", "owner/repo#7"),
            ("https://github.com/o/r/tree/3", "owner/repo#7"),
        ] {
            let said = Asked::parse(wrong).unwrap_err().to_string();
            assert!(said.contains(hint), "{wrong}: {said}");
        }
    }
}
