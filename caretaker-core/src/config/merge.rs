//! Values with a language of their own: review rules, freeze windows, path patterns. What their
//! words mean lies with the merge gate; here a problem gets its place in the file.

use serde_json::{Map, Value};

use super::problem::{Place, ProblemKind, quoted};
use super::tree::{Node, Yaml};
use super::value::{Found, Misfit, texts};
use crate::merge_gate::rules::{self, Step};
use crate::merge_gate::{Freezes, ProtectedPaths};

/// Freeze windows in one list.
pub(super) const MAX_WINDOWS: usize = 100;
/// Path patterns in one list.
pub(super) const MAX_PATTERNS: usize = 200;

/// A list of freeze windows.
pub(super) fn windows(at: Place, rows: &[Node]) -> Result<Value, Vec<Misfit>> {
    let mut freezes = Freezes::default();
    each(at, rows, MAX_WINDOWS, |text| {
        let fault = freezes.add(text).err()?;
        let what = format!("has {}, which {fault}", quoted(text));
        Some((what, fault.hint().to_owned()))
    })
}

/// A list of path patterns.
pub(super) fn patterns(at: Place, rows: &[Node]) -> Result<Value, Vec<Misfit>> {
    let mut paths = ProtectedPaths::default();
    each(at, rows, MAX_PATTERNS, |text| {
        let fault = paths.add(text).err()?;
        let what = format!("has {}, which is no pattern", quoted(text));
        Some((what, fault.to_string()))
    })
}

/// A list of texts of which each is looked at; what is wrong with one, and what to do.
fn each(
    at: Place,
    rows: &[Node],
    most: usize,
    mut wrong: impl FnMut(&str) -> Option<(String, String)>,
) -> Result<Value, Vec<Misfit>> {
    if rows.len() > most {
        return Err(vec![Misfit {
            at,
            kind: ProblemKind::OutOfBounds,
            what: format!("must hold at most {most} entries"),
            hint: "shorten it".to_owned(),
        }]);
    }
    let value = texts(rows)?;
    let misfits: Vec<Misfit> = rows
        .iter()
        .filter_map(|row| match Found::of(row) {
            Found::Text { text, .. } => wrong(text).map(|(what, hint)| Misfit {
                at: row.at,
                kind: ProblemKind::UnknownValue,
                what,
                hint,
            }),
            _ => None,
        })
        .collect();
    if misfits.is_empty() {
        Ok(value)
    } else {
        Err(misfits)
    }
}

/// A review rule; `None` where something in it was refused, and reported, when the file was read.
pub(super) fn reviews(at: Place, node: &Node) -> Result<Option<Value>, Vec<Misfit>> {
    let Some(value) = json(node).map_err(|misfit| vec![misfit])? else {
        return Ok(None);
    };
    match rules::read(&value) {
        Ok(_) => Ok(Some(value)),
        Err(faults) => {
            let misfit = |fault: rules::Fault| Misfit {
                at: place(at, node, &fault.at),
                kind: fault.kind,
                what: fault.what,
                hint: fault.hint,
            };
            Err(faults.into_iter().map(misfit).collect())
        }
    }
}

/// Where a part of a value stands: at its key, or in its row.
fn place(at: Place, node: &Node, steps: &[Step]) -> Place {
    let Some((first, rest)) = steps.split_first() else {
        return at;
    };
    match (first, &node.value) {
        (Step::Key(name), Yaml::Map(entries)) => {
            let entry = entries.iter().find(|entry| entry.key == *name);
            entry.map_or(at, |entry| place(entry.at, &entry.value, rest))
        }
        (Step::Row(n), Yaml::List(rows)) => rows.get(*n).map_or(at, |row| place(row.at, row, rest)),
        _ => at,
    }
}

/// A node as JSON. The tree's depth is bounded, and so is the recursion.
fn json(node: &Node) -> Result<Option<Value>, Misfit> {
    Ok(Some(match Found::of(node) {
        Found::Null => Value::Null,
        Found::Switch(on) => Value::Bool(on),
        Found::Whole(Some(number)) => Value::from(number),
        Found::Whole(None) | Found::Decimal(_) => {
            return Err(Misfit {
                at: node.at,
                kind: ProblemKind::WrongType,
                what: "holds a number that is too large or has a fraction".to_owned(),
                hint: "write a whole number".to_owned(),
            });
        }
        Found::Text { text, .. } => Value::from(text),
        Found::List(rows) => {
            let rows: Option<Vec<Value>> = rows.iter().map(json).collect::<Result<_, _>>()?;
            let Some(rows) = rows else { return Ok(None) };
            Value::Array(rows)
        }
        Found::Map(entries) => {
            let mut map = Map::new();
            for entry in entries {
                let Some(value) = json(&entry.value)? else {
                    return Ok(None);
                };
                map.insert(entry.key.clone(), value);
            }
            Value::Object(map)
        }
        Found::Refused => return Ok(None),
    }))
}
