//! The key table: every key of the file, once, from `keys.tsv`.
//!
//! Validation, defaults, the reference page and the JSON Schema all come from here. What a key
//! means to an agent lives with that agent's typed parameters.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

use crate::agents::registry;

/// One key of the configuration file.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// Dotted path from the root; `*` stands for any name.
    pub path: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// Whether `null` is a value too.
    pub nullable: bool,
    /// What holds when it is absent; `None` when absence itself has a meaning.
    pub default: Option<Value>,
    /// Whether anything reads it.
    pub status: Status,
    /// One line for people.
    pub meaning: &'static str,
}

impl Key {
    /// Whether a default is a value of the key's kind.
    pub(super) fn takes(&self, value: &Value) -> bool {
        let text = |bounds: &Bounds, text: &str| {
            i64::try_from(text.chars().count()).is_ok_and(|length| bounds.contain(length))
        };
        match (&self.kind, value) {
            (_, Value::Null) => self.nullable,
            (Kind::Switch, value) => value.is_boolean(),
            (Kind::Whole(bounds), value) => value.as_i64().is_some_and(|n| bounds.contain(n)),
            (Kind::Decimal(_), value) => value.is_f64(),
            (Kind::Text(bounds), value) => value.as_str().is_some_and(|t| text(bounds, t)),
            (Kind::Choice(choices), value) => value.as_str().is_some_and(|t| choices.contains(&t)),
            (Kind::Texts | Kind::Windows | Kind::Patterns, value) => value
                .as_array()
                .is_some_and(|rows| rows.iter().all(Value::is_string)),
            (Kind::TextMaps, value) => value == &Value::Array(Vec::new()),
            (Kind::Reviews, _) => false,
        }
    }
}

/// The values a key takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Switch,
    /// A whole number within the bounds, both included.
    Whole(Bounds),
    /// A decimal number within the bounds, both included.
    Decimal(Bounds),
    /// A text whose length in characters is within the bounds, both included.
    Text(Bounds),
    /// One of these texts.
    Choice(Vec<&'static str>),
    /// A list of texts.
    Texts,
    /// A list of maps from text to text.
    TextMaps,
    /// A list of freeze windows.
    Windows,
    /// A list of path patterns.
    Patterns,
    /// A review rule.
    Reviews,
}

/// Both ends included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Lowest, if any.
    pub min: Option<i64>,
    /// Highest, if any.
    pub max: Option<i64>,
}

impl Bounds {
    /// Whether the value is within.
    pub fn contain(self, value: i64) -> bool {
        self.min.is_none_or(|min| min <= value) && self.max.is_none_or(|max| value <= max)
    }
}

/// Whether anything reads a key. Ordered by how much it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Known, and never had or will have an effect.
    Dead,
    /// Known, and nothing reads it yet.
    Later,
    /// Read.
    Active,
}

impl Status {
    /// Its word in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::Later => "later",
            Self::Active => "active",
        }
    }
}

/// Every key, in the order of the table; last those of registered agents, whose list this seals.
pub fn keys() -> &'static [Key] {
    static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| [built_in(), registry::keys()].concat());
    &KEYS
}

/// The keys of the table that we are built with.
pub(super) fn built_in() -> &'static [Key] {
    static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
        include_str!("keys.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| row(line).expect("invariant: keys.tsv holds well-formed rows (tested)"))
            .collect()
    });
    &KEYS
}

/// The keys of a section that its agent reads, without the section's name.
pub fn active_keys(section: &str) -> Vec<&'static str> {
    active(section).map(|(rest, _)| rest).collect()
}

/// The active keys of a section and their paths below it.
pub(super) fn active(section: &str) -> impl Iterator<Item = (&'static str, &'static Key)> {
    keys()
        .iter()
        .filter(|key| key.status == Status::Active)
        .filter_map(move |key| {
            let rest = key.path.strip_prefix(section)?.strip_prefix('.')?;
            Some((rest, key))
        })
}

/// One line of the table; `None` when it is not of that form.
pub(super) fn row(line: &'static str) -> Option<Key> {
    let mut cells = line.split('\t');
    let mut cell = || cells.next();
    let (path, kind, default) = (cell()?, cell()?, cell()?);
    let (limits, status, meaning) = (cell()?, cell()?, cell()?);
    if cells.next().is_some() || path.is_empty() || meaning.is_empty() {
        return None;
    }
    let (kind, nullable) = match kind.strip_suffix('?') {
        Some(kind) => (kind, true),
        None => (kind, false),
    };
    let kind = match kind {
        "bool" => Kind::Switch,
        "int" => Kind::Whole(bounds(limits)?),
        "float" => Kind::Decimal(bounds(limits)?),
        "str" => Kind::Text(bounds(limits)?),
        "enum" => Kind::Choice(limits.split('|').collect()),
        "list[str]" => Kind::Texts,
        "list[map]" => Kind::TextMaps,
        "list[window]" => Kind::Windows,
        "list[path]" => Kind::Patterns,
        "reviews" => Kind::Reviews,
        _ => return None,
    };
    let default = match default {
        "-" => None,
        json => Some(serde_json::from_str(json).ok()?),
    };
    let status = [Status::Active, Status::Later, Status::Dead]
        .into_iter()
        .find(|s| s.name() == status)?;
    Some(Key {
        path,
        kind,
        nullable,
        default,
        status,
        meaning,
    })
}

fn bounds(cell: &str) -> Option<Bounds> {
    if cell == "-" {
        return Some(Bounds::default());
    }
    let (min, max) = cell.split_once("..")?;
    let end = |text: &str| match text {
        "" => Some(None),
        number => number.parse().ok().map(Some),
    };
    Some(Bounds {
        min: end(min)?,
        max: end(max)?,
    })
}

/// The table as a tree: a mapping of the file, or a key at its end.
#[derive(Debug, Default)]
pub(super) struct Branch {
    /// The key that ends here; then there are no children.
    pub(super) key: Option<&'static Key>,
    /// Children by name.
    pub(super) children: BTreeMap<&'static str, Branch>,
    /// The child every other name stands for.
    pub(super) any: Option<Box<Branch>>,
}

impl Branch {
    /// The whole table.
    pub(super) fn root() -> &'static Self {
        static ROOT: LazyLock<Branch> = LazyLock::new(|| {
            let mut root = Branch::default();
            for key in keys() {
                let mut at = &mut root;
                for segment in key.path.split('.') {
                    at = match segment {
                        "*" => at.any.get_or_insert_default(),
                        name => at.children.entry(name).or_default(),
                    };
                }
                at.key = Some(key);
            }
            root
        });
        &ROOT
    }

    /// The child of that name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.get(name).or(self.any.as_deref())
    }

    /// The most active status of any key at or below.
    pub(super) fn status(&self) -> Status {
        self.key.map_or_else(
            || {
                let below = self.children.values().chain(self.any.as_deref());
                below.map(Self::status).max().unwrap_or(Status::Dead)
            },
            |key| key.status,
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_row_is_well_formed_and_there_once() {
        let mut seen = BTreeSet::new();
        for line in include_str!("keys.tsv")
            .lines()
            .filter(|l| !l.starts_with('#'))
        {
            let key = row(line).unwrap_or_else(|| panic!("malformed: {line}"));
            assert!(seen.insert(key.path), "twice: {}", key.path);
            assert!(!key.meaning.contains('|'), "breaks the page: {line}");
        }
        assert_eq!(seen.len(), keys().len());
        assert!(seen.len() > 370, "the reference has that many");
    }

    #[test]
    fn a_key_has_no_keys_below_it() {
        fn walk(branch: &Branch) {
            let below = branch.children.len() + usize::from(branch.any.is_some());
            assert!(branch.key.is_none() || below == 0, "{:?}", branch.key);
            branch
                .children
                .values()
                .chain(branch.any.as_deref())
                .for_each(walk);
        }
        walk(Branch::root());
    }

    #[test]
    fn defaults_are_valid_values_of_their_keys() {
        for key in keys() {
            let Some(default) = &key.default else {
                continue;
            };
            assert!(key.takes(default), "{}: {default}", key.path);
        }
    }

    #[test]
    fn active_keys_hold_no_fractions_and_bound_their_numbers() {
        for key in keys().iter().filter(|k| k.status == Status::Active) {
            match &key.kind {
                Kind::Decimal(_) => panic!("records hold integers only: {}", key.path),
                Kind::Whole(b) => assert!(
                    b.min.is_some_and(|m| m >= 0)
                        && b.max.is_some_and(|m| m <= i64::from(u32::MAX)),
                    "must decode as u32: {}",
                    key.path
                ),
                Kind::Switch
                | Kind::Text(_)
                | Kind::Choice(_)
                | Kind::Texts
                | Kind::TextMaps
                | Kind::Windows
                | Kind::Patterns
                | Kind::Reviews => {}
            }
            let stars = key.path.split('.').filter(|part| *part == "*").count();
            assert!(
                stars == 0 || stars == 1 && !key.path.ends_with('*'),
                "a name of the file's choice names a mapping: {}",
                key.path
            );
        }
    }

    #[test]
    fn sections_of_running_agents_name_what_they_read() {
        assert_eq!(
            active_keys("stale_agent"),
            [
                "enabled",
                "stale_days",
                "close_after",
                "close_stale_prs",
                "delete_merged_branches",
                "exempt_labels"
            ]
        );
        assert!(active_keys("pr_agent").contains(&"merge.settle_seconds"));
        assert!(
            active_keys("pr").is_empty(),
            "half a section name is not a section"
        );
        assert!(active_keys("triage").is_empty());
    }
}
