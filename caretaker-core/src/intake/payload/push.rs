//! `push`: commits that arrived at a branch. Tags and other references are nobody's affair here.

use crate::config;
use crate::model::{Branch, Detail, Sha, Subject};

use super::super::draft::{Draft, Reading};
use super::super::inbound::Inbound;
use super::super::part::Part;
use super::time_part;

/// From how many commits on the list may be cut off: 20 on older servers, 2 048 on GitHub.com.
/// Looking at the file once more costs one request; missing a change leaves old settings standing.
const LIST_MAY_END: usize = 20;

/// The reference pushed to is no branch.
const NO_BRANCH: &str = "no_branch";

pub(super) fn read(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.repo()?;
    let [reference, before, after, deleted, forced, commits] = inbound
        .body
        .fields(["ref", "before", "after", "deleted", "forced", "commits"]);
    let (reference, before, after) = (reference.name()?, before.sha()?, after.sha()?);
    let Some(branch) = reference
        .strip_prefix("refs/heads/")
        .filter(|name| !name.is_empty())
    else {
        return Some(Reading {
            drafts: Err(NO_BRANCH),
            learned: None,
            echo: false,
        });
    };
    let branch = Branch::new(branch);
    let pushed = inbound.body.field("repository").field("pushed_at").time();
    let identity = [&before, &after].map(|sha| Some(sha.to_string()));
    let gone = deleted.flag() == Some(true) || is_zero(&after);
    let detail = Detail::Push {
        after: (!gone).then_some(after),
        default_branch: inbound.envelope.facts.default_branch.as_ref() == Some(&branch),
        touches_config: forced.flag() != Some(false) || may_touch(commits, config::PATH),
    };
    let mut draft = Draft::about(Subject::Branch(branch)).at(pushed);
    draft.identity = Some(identity.into_iter().chain([time_part(pushed)]).collect());
    draft.detail = detail;
    Some(Reading::one(draft))
}

fn is_zero(sha: &Sha) -> bool {
    sha.as_str().bytes().all(|digit| digit == b'0')
}

/// Whether one of the commits changes the file, or the list does not show that none does.
fn may_touch(commits: Part<'_>, path: &str) -> bool {
    let Some(commits) = commits.rows() else {
        return true;
    };
    let unclear = commits.is_empty() || commits.len() >= LIST_MAY_END;
    unclear
        || commits.into_iter().any(|commit| {
            let lists = commit.fields(["added", "modified", "removed"]);
            lists.into_iter().any(|list| match list.rows() {
                Some(files) => files.into_iter().any(|file| match file.text() {
                    Some(name) => name == path,
                    None => true,
                }),
                None => true,
            })
        })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::model::{Detail, Sha};

    use super::super::super::sample::{SHA, ZERO, only, why_unheard};

    fn push(reference: &str, after: &str, commits: &Value) -> Value {
        json!({"ref": reference, "before": SHA, "after": after, "forced": false,
            "commits": commits})
    }

    fn touches(body: Value) -> bool {
        let Detail::Push { touches_config, .. } = only("push", body).detail else {
            panic!("a push has the details of a push");
        };
        touches_config
    }

    fn commit(list: &str, file: &str) -> Value {
        let mut commit = json!({"added": [], "modified": ["README.md"], "removed": []});
        commit[list] = json!([file]);
        commit
    }

    #[test]
    fn a_push_is_about_its_branch_and_says_whether_that_is_the_default_one() {
        let event = only(
            "push",
            push("refs/heads/main", SHA, &json!([commit("added", "x")])),
        );
        assert_eq!(event.subject.to_string(), "branch/main");
        assert_eq!(event.at.as_seconds(), 1_557_933_657);
        let expected = Detail::Push {
            after: Sha::parse(SHA),
            default_branch: true,
            touches_config: false,
        };
        assert_eq!(event.detail, expected);
        let other = only(
            "push",
            push("refs/heads/a/b", ZERO, &json!([commit("added", "x")])),
        );
        assert_eq!(other.subject.to_string(), "branch/a/b");
        let gone = Detail::Push {
            after: None,
            default_branch: false,
            touches_config: false,
        };
        assert_eq!(other.detail, gone);
    }

    #[test]
    fn adding_changing_and_removing_the_configuration_touches_it() {
        for list in ["added", "modified", "removed"] {
            let commits = json!([
                commit("added", "x"),
                commit(list, ".github/maintainer/config.yml")
            ]);
            assert!(touches(push("refs/heads/main", SHA, &commits)), "{list}");
        }
        let near = commit("added", ".github/maintainer/config.yml.orig");
        assert!(!touches(push("refs/heads/main", SHA, &json!([near]))));
    }

    #[test]
    fn an_unclear_list_may_touch_the_configuration() {
        let long = vec![commit("added", "x"); 20];
        let unclear = [
            json!(null),
            json!([]),
            json!([{}]),
            json!(long),
            json!([{"added": [5]}]),
        ];
        for commits in unclear {
            assert!(touches(push("refs/heads/main", SHA, &commits)), "{commits}");
        }
        let mut forced = push("refs/heads/main", SHA, &json!([commit("added", "x")]));
        forced["forced"] = json!(true);
        assert!(touches(forced));
    }

    #[test]
    fn tags_are_nobodys_affair() {
        for reference in ["refs/tags/v1", "refs/notes/x", "refs/heads/"] {
            let body = push(reference, SHA, &json!([]));
            assert_eq!(why_unheard("push", body), Some("no_branch"), "{reference}");
        }
    }
}
