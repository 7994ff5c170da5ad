//! A review rule out of the value that a configuration file holds, with everything wrong in it.

use serde_json::{Map, Value};

use super::Rule;
use crate::config::{ProblemKind, nearest, quoted};
use crate::merge_gate::owner::Party;

/// How deep rules may lie in each other.
pub(super) const MAX_DEPTH: usize = 5;
/// Rules in one tree.
pub(super) const MAX_RULES: usize = 50;
/// Names in one `from`.
pub(crate) const MAX_NAMES: usize = 50;
/// Approvals that one rule may demand.
pub(crate) const MAX_NEEDED: u32 = 100;

/// What makes a rule; exactly one of these.
const KINDS: [&str; 4] = ["all", "any", "approvals", "code_owners"];
const WORDS: [&str; 6] = ["all", "any", "approvals", "code_owners", "from", "not"];
const EXCLUDED: [&str; 2] = ["author", "committers"];

/// One step from the top of a value down to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Row(usize),
}

/// Something wrong; `what` continues a sentence that begins with the rule's key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Where in the value.
    pub(crate) at: Vec<Step>,
    pub(crate) kind: ProblemKind,
    pub(crate) what: String,
    pub(crate) hint: String,
}

/// Reads a rule, and reports everything wrong with it at once. Depth and number are bounded.
pub(crate) fn read(value: &Value) -> Result<Rule, Vec<Fault>> {
    let mut reader = Reader {
        at: Vec::new(),
        faults: Vec::new(),
        rules: 0,
    };
    match reader.rule(value, 1) {
        Some(rule) if reader.faults.is_empty() => Ok(rule),
        _ => Err(reader.faults),
    }
}

struct Reader {
    at: Vec<Step>,
    faults: Vec<Fault>,
    rules: usize,
}

impl Reader {
    fn rule(&mut self, value: &Value, depth: usize) -> Option<Rule> {
        use ProblemKind as K;
        self.rules += 1;
        if self.rules > MAX_RULES {
            if self.rules == MAX_RULES + 1 {
                let what = format!("holds more than {MAX_RULES} rules");
                self.wrong(K::OutOfBounds, what, "name teams instead of many people");
            }
            return None;
        }
        if depth > MAX_DEPTH {
            let what = format!("is nested more than {MAX_DEPTH} rules deep");
            self.wrong(K::TooDeep, what, "write it flatter");
            return None;
        }
        let Value::Object(map) = value else {
            self.wrong(
                K::WrongType,
                format!("must be a rule, not {}", described(value)),
                "write `approvals: 1`, `code_owners: true`, or `all:` or `any:` with a list of rules",
            );
            return None;
        };
        for word in map.keys().filter(|word| !WORDS.contains(&word.as_str())) {
            let hint = nearest(word, WORDS).map_or_else(
                || format!("write one of {}", listed(&KINDS)),
                |near| format!("did you mean `{near}`?"),
            );
            self.below(Step::Key(word.clone()), |r| {
                let what = format!("holds the unknown word {}", quoted(word));
                r.wrong(K::UnknownKey, what, hint);
            });
        }
        let mut kinds = KINDS.into_iter().filter(|kind| map.contains_key(*kind));
        let Some(kind) = kinds.next() else {
            if map.keys().all(|word| WORDS.contains(&word.as_str())) {
                let what = "says nothing that has to hold".to_owned();
                let hint = format!("write one of {}", listed(&KINDS));
                self.wrong(K::MissingValue, what, hint);
            }
            return None;
        };
        if let Some(other) = kinds.next() {
            self.below(Step::Key(other.to_owned()), |r| {
                let what = format!("has `{kind}` and `{other}` in one rule");
                r.wrong(K::Conflict, what, "put both into the list of an `all`");
            });
            return None;
        }
        self.misplaced(map, kind);
        let value = &map[kind];
        match kind {
            "all" => self.list(kind, value, depth).map(Rule::All),
            "any" => self.list(kind, value, depth).map(Rule::Any),
            "approvals" => {
                let needed = self.below(Step::Key(kind.to_owned()), |r| r.needed(value));
                let from = self.from(map);
                let commit_authors = self.commit_authors(map);
                Some(Rule::Approvals {
                    needed: needed?,
                    from: from?,
                    commit_authors: commit_authors?,
                })
            }
            _ => {
                if *value != Value::Bool(true) {
                    self.below(Step::Key(kind.to_owned()), |r| {
                        let what =
                            format!("must have `code_owners: true`, not {}", described(value));
                        r.wrong(K::WrongType, what, "write `true`, or remove the rule");
                    });
                }
                let commit_authors = self.commit_authors(map)?;
                Some(Rule::CodeOwners { commit_authors })
            }
        }
    }

    /// `from` and `not` where they mean nothing.
    fn misplaced(&mut self, map: &Map<String, Value>, kind: &str) {
        let places: [(&str, &[&str]); 2] = [
            ("from", &["approvals"]),
            ("not", &["approvals", "code_owners"]),
        ];
        for (word, beside) in places {
            if map.contains_key(word) && !beside.contains(&kind) {
                self.below(Step::Key(word.to_owned()), |r| {
                    let what = format!("has `{word}` beside `{kind}`");
                    let hint = format!("put it beside {}", listed(beside));
                    r.wrong(ProblemKind::Conflict, what, hint);
                });
            }
        }
    }

    fn list(&mut self, kind: &str, value: &Value, depth: usize) -> Option<Vec<Rule>> {
        self.below(Step::Key(kind.to_owned()), |r| {
            let rows = match value {
                Value::Array(rows) if !rows.is_empty() => rows,
                Value::Array(_) => {
                    let what = format!("has an `{kind}` without rules");
                    r.wrong(
                        ProblemKind::MissingValue,
                        what,
                        "put a rule into it, or remove it",
                    );
                    return None;
                }
                other => {
                    let what = format!("must have a list below `{kind}`, not {}", described(other));
                    r.wrong(
                        ProblemKind::WrongType,
                        what,
                        "write one `- approvals: 1` per line",
                    );
                    return None;
                }
            };
            let rules: Vec<_> = (0..)
                .zip(rows)
                .map(|(n, row)| r.below(Step::Row(n), |r| r.rule(row, depth + 1)))
                .collect();
            rules.into_iter().collect()
        })
    }

    fn needed(&mut self, value: &Value) -> Option<u32> {
        let number = value.as_i64().and_then(|n| u32::try_from(n).ok());
        let fits = number.filter(|n| (1..=MAX_NEEDED).contains(n));
        if fits.is_none() {
            let kind = if value.is_i64() {
                ProblemKind::OutOfBounds
            } else {
                ProblemKind::WrongType
            };
            let what = format!(
                "must have a number from 1 to {MAX_NEEDED} at `approvals`, not {}",
                described(value)
            );
            self.wrong(kind, what, "write how many people must approve");
        }
        fits
    }

    fn from(&mut self, map: &Map<String, Value>) -> Option<Vec<Party>> {
        let Some(value) = map.get("from") else {
            return Some(Vec::new());
        };
        self.names("from", value, |r, text| {
            let party = Party::parse(text);
            if party.is_none() {
                let what = format!("has {} in `from`, which names nobody", quoted(text));
                let hint = "write `user` or `organisation/team`; automation cannot approve";
                r.wrong(ProblemKind::UnknownValue, what, hint);
            }
            party
        })
    }

    /// Whether those who wrote commits count, by what `not` says.
    fn commit_authors(&mut self, map: &Map<String, Value>) -> Option<bool> {
        let Some(value) = map.get("not") else {
            return Some(false);
        };
        let excluded = self.names("not", value, |r, text| {
            let known = EXCLUDED.into_iter().find(|word| *word == text);
            if known.is_none() {
                let what = format!("has {} in `not`", quoted(text));
                let hint = nearest(text, EXCLUDED).map_or_else(
                    || format!("write one of {}", listed(&EXCLUDED)),
                    |near| format!("did you mean `{near}`?"),
                );
                r.wrong(ProblemKind::UnknownValue, what, hint);
            }
            known
        })?;
        if !excluded.contains(&"author") {
            self.below(Step::Key("not".to_owned()), |r| {
                let what = "has a `not` without `author`".to_owned();
                let hint = "add it: nobody approves their own change";
                r.wrong(ProblemKind::MissingValue, what, hint);
            });
            return None;
        }
        Some(!excluded.contains(&"committers"))
    }

    /// A list of texts, at least one, each read in its place.
    fn names<T>(
        &mut self,
        word: &str,
        value: &Value,
        mut one: impl FnMut(&mut Self, &str) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.below(Step::Key(word.to_owned()), |r| {
            let rows = match value {
                Value::Array(rows) if (1..=MAX_NAMES).contains(&rows.len()) => rows,
                Value::Array(_) => {
                    let what = format!("must have 1 to {MAX_NAMES} names in `{word}`");
                    r.wrong(ProblemKind::OutOfBounds, what, "remove it, or name a team");
                    return None;
                }
                other => {
                    let what = format!("must have a list at `{word}`, not {}", described(other));
                    r.wrong(ProblemKind::WrongType, what, "write `[one, two]`");
                    return None;
                }
            };
            let read: Vec<_> = (0..)
                .zip(rows)
                .map(|(n, row)| {
                    r.below(Step::Row(n), |r| {
                        if let Value::String(text) = row {
                            return one(r, text);
                        }
                        let what = format!("must hold texts in `{word}`, not {}", described(row));
                        r.wrong(ProblemKind::WrongType, what, "put it in quotes");
                        None
                    })
                })
                .collect();
            read.into_iter().collect()
        })
    }

    fn below<T>(&mut self, step: Step, read: impl FnOnce(&mut Self) -> T) -> T {
        self.at.push(step);
        let read = read(self);
        self.at.pop();
        read
    }

    fn wrong(&mut self, kind: ProblemKind, what: String, hint: impl Into<String>) {
        self.faults.push(Fault {
            at: self.at.clone(),
            kind,
            what,
            hint: hint.into(),
        });
    }
}

fn described(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(on) => format!("the switch `{on}`"),
        Value::Number(number) => format!("`{number}`"),
        Value::String(text) => format!("the text {}", quoted(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
    }
}

fn listed(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}
