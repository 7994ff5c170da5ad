//! `push`: commits that arrived at a branch. Tags and other references are nobody's affair here.

use crate::model::{Branch, Detail, Sha, Subject};

use super::super::part::Part;
use super::super::project::{Draft, Inbound, Reading};
use super::time_part;

/// Where a repository keeps its configuration.
const CONFIG_FILE: &str = ".github/maintainer/config.yml";

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
        touches_config: forced.flag() != Some(false) || may_touch(commits, CONFIG_FILE),
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
