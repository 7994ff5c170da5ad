//! One walk of the file's tree against the key table: all problems, all notes, and the values
//! that something reads. How single values are judged is `value`'s business.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::nearest::nearest;
use super::problem::{Place, Problem, ProblemKind, is_full, push, quoted, quoted_path};
use super::table::{Branch, Status, keys};
use super::tree::{Entry, Node, Plain, Yaml};
use super::value::{Misfit, judge};

/// Pairs of keys of which a file may hold one.
pub(super) const EXCLUSIVE: [(&str, &str); 1] = [("llm.llm_enabled", "llm.claude_enabled")];

/// What the walk found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) problems: Vec<Problem>,
    pub(super) notes: Vec<Problem>,
    /// Values of active keys by path; meaningful only without problems.
    pub(super) values: BTreeMap<String, Value>,
    /// Paths of mappings whose last part is a name of the file's choice.
    pub(super) named: BTreeSet<String>,
    /// Where those mappings, active values and their rows stand; rows by their number from 0.
    pub(super) places: BTreeMap<String, Place>,
}

impl Findings {
    /// Walks the whole file. An empty one is `None`.
    pub(super) fn walk(&mut self, root: Option<&Node>) {
        let Some(root) = root else { return };
        match &root.value {
            Yaml::Map(entries) => self.section(Branch::root(), "", entries, Status::Active),
            Yaml::Plain(text) if Plain::of(text) == Plain::Null => {}
            Yaml::Refused => {}
            Yaml::Plain(_) | Yaml::Quoted(_) | Yaml::List(_) => self.wrong(
                root.at,
                "",
                ProblemKind::WrongType,
                "the file must be a mapping".to_owned(),
                "write `key: value` lines, or leave it empty for all defaults".to_owned(),
            ),
        }
    }

    /// `told` is the status a note above has already told; the same or better news is not
    /// repeated for every key below.
    fn section(&mut self, branch: &Branch, path: &str, entries: &[Entry], told: Status) {
        for entry in entries {
            if is_full(&self.problems) {
                return;
            }
            let path = join(path, &entry.key);
            let Some(child) = branch.child(&entry.key) else {
                let message = format!("{} is not a known key", quoted_path(&path));
                let hint = unknown_hint(branch, &entry.key);
                self.wrong(entry.at, &path, ProblemKind::UnknownKey, message, hint);
                continue;
            };
            let status = child.status();
            let chosen = !branch.children.contains_key(entry.key.as_str());
            if chosen && child.key.is_none() && status == Status::Active {
                if !is_name(&entry.key) {
                    let message = format!("{} is not a name", quoted_path(&path));
                    let hint = "write a small letter, then small letters, digits, `_` and `-`";
                    self.wrong(
                        entry.at,
                        &path,
                        ProblemKind::UnknownKey,
                        message,
                        hint.to_owned(),
                    );
                    continue;
                }
                self.places.insert(path.clone(), entry.at);
                self.named.insert(path.clone());
            }
            if status < told {
                self.note(entry.at, &path, status);
            }
            match (child.key, &entry.value.value) {
                (Some(key), _) => match judge(key, entry) {
                    Ok(Some(value)) if key.status == Status::Active => {
                        if let Yaml::List(rows) = &entry.value.value {
                            for (n, row) in rows.iter().enumerate() {
                                self.places.insert(join(&path, &n.to_string()), row.at);
                            }
                        }
                        self.places.insert(path.clone(), entry.at);
                        self.values.insert(path, value);
                    }
                    Ok(_) => {}
                    Err(misfits) => {
                        for Misfit {
                            at,
                            kind,
                            what,
                            hint,
                        } in misfits
                        {
                            let message = format!("{} {what}", quoted_path(&path));
                            self.wrong(at, &path, kind, message, hint);
                        }
                    }
                },
                (None, Yaml::Map(below)) => self.section(child, &path, below, status.min(told)),
                (None, Yaml::Refused) => {}
                (None, Yaml::Plain(text)) if Plain::of(text) == Plain::Null => self.wrong(
                    entry.at,
                    &path,
                    ProblemKind::MissingValue,
                    format!("{} has nothing below it", quoted_path(&path)),
                    "put keys below it or remove the line".to_owned(),
                ),
                (None, Yaml::Plain(_) | Yaml::Quoted(_) | Yaml::List(_)) => self.wrong(
                    entry.at,
                    &path,
                    ProblemKind::WrongType,
                    format!("{} must be a mapping", quoted_path(&path)),
                    format!("put its keys below it: {}", some_names(child)),
                ),
            }
        }
        self.conflicts(path, entries);
    }

    fn conflicts(&mut self, path: &str, entries: &[Entry]) {
        for (one, other) in EXCLUSIVE {
            let here = |key: &str| {
                let found = |entry: &&Entry| join(path, &entry.key) == key;
                entries.iter().find(found).map(|entry| entry.at)
            };
            if let (Some(a), Some(b)) = (here(one), here(other)) {
                let message = format!("`{one}` and `{other}` exclude each other");
                self.wrong(
                    a.max(b),
                    other,
                    ProblemKind::Conflict,
                    message,
                    format!("keep `{one}`"),
                );
            }
        }
    }

    fn wrong(&mut self, at: Place, path: &str, kind: ProblemKind, message: String, hint: String) {
        push(&mut self.problems, at.problem(path, kind, message, hint));
    }

    fn note(&mut self, at: Place, path: &str, status: Status) {
        let name = quoted_path(path);
        let (kind, message, hint) = match status {
            Status::Active => return,
            Status::Later => (
                ProblemKind::Later,
                format!("{name} is known, but nothing reads it yet"),
                "you may leave it",
            ),
            Status::Dead => (
                ProblemKind::Dead,
                format!("{name} is known, but has no effect"),
                "you may remove it",
            ),
        };
        push(&mut self.notes, at.problem(path, kind, message, hint));
    }
}

/// Whether a name of the file's choice has the form that all of them have (spec 01 §14.7).
fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(fits)
}

/// A path with one more part.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

fn unknown_hint(branch: &Branch, name: &str) -> String {
    let alive =
        |(name, child): (&&'static str, &Branch)| (child.status() > Status::Dead).then_some(*name);
    let known: Vec<&str> = branch.children.iter().filter_map(alive).collect();
    if let Some(near) = nearest(name, known.iter().copied()) {
        return format!("did you mean `{near}`?");
    }
    let mut elsewhere = keys()
        .iter()
        .filter(|key| key.status == Status::Active && key.path.rsplit('.').next() == Some(name));
    if let (Some(only), None) = (elsewhere.next(), elsewhere.next()) {
        return format!("did you mean `{}`?", only.path);
    }
    if branch.children.is_empty() {
        return "remove the line".to_owned();
    }
    format!("remove the line, or write one of {}", some_names(branch))
}

/// The first names a mapping takes, the most alive ones first.
fn some_names(branch: &Branch) -> String {
    const SHOWN: usize = 8;
    let mut names: Vec<_> = branch
        .children
        .iter()
        .map(|(n, b)| (b.status(), *n))
        .collect();
    names.sort_by_key(|(status, name)| (std::cmp::Reverse(*status), *name));
    let shown: Vec<_> = names
        .iter()
        .take(SHOWN)
        .map(|(_, name)| quoted(name))
        .collect();
    match (shown.len(), names.len()) {
        (0, _) => "names of your choice".to_owned(),
        (n, all) if n == all => shown.join(", "),
        _ => format!("{}, …", shown.join(", ")),
    }
}
