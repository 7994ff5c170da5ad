//! Who is behind a change, who belongs to a team, and who may do what.

use caretaker_core::{
    model::{Author, Listing, Login, Number, Permission},
    ports::PortError,
};
use serde::Deserialize;

use crate::{address::escape, scope::Scope, shape::UserShape};

/// Commits that GitHub shows of one pull request at most, and says nowhere that there are more.
pub(super) const SHOWN: usize = 250;
/// GitHub itself, as the committer of what was made on its pages.
const WEB_FLOW: &str = "web-flow";

#[derive(Debug, Deserialize)]
struct CommitShape {
    author: Option<PersonShape>,
    committer: Option<PersonShape>,
}

/// The account that an address belongs to; where it belongs to none GitHub writes `null`, or an
/// empty object.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum PersonShape {
    User(UserShape),
    Nobody {},
}

impl PersonShape {
    pub(super) fn user(person: Option<&Self>) -> Option<&UserShape> {
        match person {
            Some(Self::User(user)) => Some(user),
            Some(Self::Nobody {}) | None => None,
        }
    }
}

#[derive(Debug, Deserialize)]
struct PermissionShape {
    permission: String,
    #[serde(default)]
    role_name: Option<String>,
}

/// Authors and committers, each once, in the order of the commits.
pub(crate) async fn authors(
    scope: Scope<'_>,
    number: Number,
) -> Result<Listing<Author>, PortError> {
    const OP: &str = "forge.read.commits";
    let listing: Listing<CommitShape> = scope
        .list(OP, &format!("/pulls/{number}/commits?per_page=100"))
        .await?;
    let mut complete = listing.complete && listing.rows.len() < SHOWN;
    let mut rows: Vec<Author> = Vec::new();
    for commit in &listing.rows {
        let author = PersonShape::user(commit.author.as_ref());
        let committer = PersonShape::user(commit.committer.as_ref());
        let by_hand = committer.is_none_or(|user| user.login != WEB_FLOW);
        for user in std::iter::once(author).chain(by_hand.then_some(committer)) {
            let Some(user) = user else {
                // An address without an account: anybody's.
                complete = false;
                continue;
            };
            let author = scope.us.author(Some(user), None, None);
            if !rows.contains(&author) {
                rows.push(author);
            }
        }
    }
    Ok(Listing { rows, complete })
}

/// The members of a team; `NotFound` where there is none, or none that we may see.
pub(crate) async fn members(
    scope: Scope<'_>,
    org: &Login,
    team: &str,
) -> Result<Listing<Login>, PortError> {
    const OP: &str = "forge.read.members";
    let (org, team) = (escape(org.as_str()), escape(team));
    let path = format!("/orgs/{org}/teams/{team}/members?per_page=100");
    let listing: Listing<UserShape> = scope.list_at(OP, path).await?;
    let rows = listing.rows.into_iter().map(|user| Login::new(user.login));
    Ok(Listing {
        rows: rows.collect(),
        complete: listing.complete,
    })
}

/// What an account may do here; `NotFound` where there is no such account.
pub(crate) async fn permission(scope: Scope<'_>, login: &Login) -> Result<Permission, PortError> {
    const OP: &str = "forge.read.permission";
    let login = escape(login.as_str());
    let shape: PermissionShape = scope
        .ask(OP, &format!("/collaborators/{login}/permission"))
        .await?;
    Ok(granted(&shape))
}

/// The role, or the older word where an organisation made the role up; nothing for a word that we
/// do not know.
fn granted(shape: &PermissionShape) -> Permission {
    let role = shape.role_name.as_deref().and_then(Permission::of_word);
    let older = || Permission::of_word(&shape.permission);
    role.or_else(older).unwrap_or(Permission::None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_counts_before_the_older_word_and_unknown_words_are_nothing() {
        let of = |permission: &str, role: Option<&str>| {
            granted(&PermissionShape {
                permission: permission.to_owned(),
                role_name: role.map(str::to_owned),
            })
        };
        assert_eq!(of("write", Some("maintain")), Permission::Maintain);
        assert_eq!(of("read", Some("triage")), Permission::Triage);
        assert_eq!(of("admin", None), Permission::Admin);
        assert_eq!(of("write", Some("release manager")), Permission::Write);
        assert_eq!(of("almighty", Some("release manager")), Permission::None);
    }

    #[test]
    fn an_address_without_an_account_is_nobody() {
        for text in [
            r#"{"author":null,"committer":{}}"#,
            r#"{"author":{},"committer":null}"#,
        ] {
            let commit: CommitShape = serde_json::from_str(text).unwrap();
            assert!(PersonShape::user(commit.author.as_ref()).is_none());
            assert!(PersonShape::user(commit.committer.as_ref()).is_none());
        }
    }
}
