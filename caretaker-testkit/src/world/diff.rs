//! Differences line by line, as `git diff` writes them, and which lines can be commented on.

use std::collections::BTreeSet;

use similar::{Algorithm, ChangeTag, DiffTag, TextDiff, capture_diff_slices};

use super::commit::blob_sha;
use super::files::Changed;
use super::state::State;
use super::trouble::Trouble;

/// Lines around a change that are shown with it.
const AROUND: usize = 3;
/// Files and lines of a pull request beyond which GitHub shows no difference at all.
const FILES: usize = 300;
const LINES: usize = 20_000;

/// Where a line stands: before the change or after it, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum At {
    Before(u32),
    After(u32),
}

fn is_text(file: &Changed<'_>) -> bool {
    !file.before.contains('\0') && !file.after.contains('\0')
}

/// The hunks of a file; `None` where there is no text, or none that changes.
pub(crate) fn patch(file: &Changed<'_>) -> Option<String> {
    if !is_text(file) || file.before == file.after {
        return None;
    }
    let diff = TextDiff::from_lines(file.before, file.after);
    let mut hunks = diff.unified_diff();
    Some(hunks.context_radius(AROUND).to_string())
}

/// Lines that come and go.
pub(crate) fn counts(file: &Changed<'_>) -> (u32, u32) {
    if !is_text(file) {
        return (0, 0);
    }
    let diff = TextDiff::from_lines(file.before, file.after);
    diff.iter_all_changes()
        .fold((0, 0), |(came, went), change| match change.tag() {
            ChangeTag::Insert => (came + 1, went),
            ChangeTag::Delete => (came, went + 1),
            ChangeTag::Equal => (came, went),
        })
}

/// The same over all files.
pub(crate) fn counts_of(files: &[Changed<'_>]) -> (u32, u32) {
    files
        .iter()
        .map(counts)
        .fold((0, 0), |sum, more| (sum.0 + more.0, sum.1 + more.1))
}

/// Lines that stand in a hunk: the only ones that GitHub takes comments on.
pub(crate) fn commentable(file: &Changed<'_>) -> BTreeSet<At> {
    let mut lines = BTreeSet::new();
    if !is_text(file) {
        return lines;
    }
    let diff = TextDiff::from_lines(file.before, file.after);
    let number = |index: usize| u32::try_from(index + 1).unwrap_or(u32::MAX);
    for op in diff.grouped_ops(AROUND).iter().flatten() {
        lines.extend(op.old_range().map(|index| At::Before(number(index))));
        lines.extend(op.new_range().map(|index| At::After(number(index))));
    }
    lines
}

/// Where a line of one text stands in another; `None` where it was changed or is gone.
pub(crate) fn follow(old: &str, new: &str, line: u32) -> Option<u32> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    let same = ops.iter().find(|op| op.old_range().contains(&index))?;
    if same.tag() != DiffTag::Equal {
        return None;
    }
    let there = index - same.old_range().start + same.new_range().start;
    u32::try_from(there + 1).ok()
}

fn whole(file: &Changed<'_>) -> String {
    let (path, from) = (file.path, file.previous.unwrap_or(file.path));
    let (old, new) = (&blob_sha(file.before)[..7], &blob_sha(file.after)[..7]);
    let (head, old_name, new_name) = match file.status {
        "added" => (
            format!("new file mode 100644\nindex 0000000..{new}\n"),
            "/dev/null".to_owned(),
            format!("b/{path}"),
        ),
        "removed" => (
            format!("deleted file mode 100644\nindex {old}..0000000\n"),
            format!("a/{from}"),
            "/dev/null".to_owned(),
        ),
        "renamed" => {
            let alike = if file.before == file.after { 100 } else { 90 };
            (
                format!("similarity index {alike}%\nrename from {from}\nrename to {path}\n"),
                format!("a/{from}"),
                format!("b/{path}"),
            )
        }
        _ => (
            format!("index {old}..{new} 100644\n"),
            format!("a/{from}"),
            format!("b/{path}"),
        ),
    };
    let body = match patch(file) {
        Some(hunks) => format!("--- {old_name}\n+++ {new_name}\n{hunks}"),
        None if !is_text(file) => format!("Binary files {old_name} and {new_name} differ\n"),
        None => String::new(),
    };
    format!("diff --git a/{from} b/{path}\n{head}{body}")
}

impl State {
    /// What a pull request changes; 406 where that is more than GitHub shows.
    pub(crate) fn diff_of(&self, repo: u64, number: u64) -> Result<String, Trouble> {
        let files = self.files_of(repo, self.pull(repo, number)?);
        let too_much = |what: &str| {
            let message = format!("Sorry, the diff exceeded the maximum number of {what}");
            Err(Trouble::new(406, message))
        };
        if files.len() > FILES {
            return too_much("files (300). Consider using 'List pull requests files' API");
        }
        let text: String = files.iter().map(whole).collect();
        if text.lines().count() > LINES {
            return too_much("lines (20000)");
        }
        Ok(text)
    }
}
