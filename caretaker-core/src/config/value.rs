//! Whether one value fits its key, and what to do when it does not.

use serde_json::Value;

use super::merge;
use super::nearest::nearest;
use super::problem::{Place, ProblemKind, quoted};
use super::table::{Bounds, Key, Kind};
use super::tree::{Entry, Node, Plain, Yaml};

/// Why a value does not fit; `what` continues a sentence that begins with the key.
#[derive(Debug)]
pub(super) struct Misfit {
    pub(super) at: Place,
    pub(super) kind: ProblemKind,
    pub(super) what: String,
    pub(super) hint: String,
}

/// A value of the file with its type decided, as far as it goes without the key.
pub(super) enum Found<'a> {
    Null,
    Switch(bool),
    Whole(Option<i64>),
    Decimal(&'a str),
    Text { text: &'a str, quoted: bool },
    List(&'a [Node]),
    Map(&'a [Entry]),
    Refused,
}

impl<'a> Found<'a> {
    pub(super) fn of(node: &'a Node) -> Self {
        match &node.value {
            Yaml::Plain(text) => match Plain::of(text) {
                Plain::Null => Self::Null,
                Plain::Switch(on) => Self::Switch(on),
                Plain::Whole(number) => Self::Whole(number),
                Plain::Decimal => Self::Decimal(text),
                Plain::Text(text) => Self::Text {
                    text,
                    quoted: false,
                },
            },
            Yaml::Quoted(text) => Self::Text { text, quoted: true },
            Yaml::List(rows) => Self::List(rows),
            Yaml::Map(entries) => Self::Map(entries),
            Yaml::Refused => Self::Refused,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Null => "nothing".to_owned(),
            Self::Switch(on) => format!("the switch `{on}`"),
            Self::Whole(_) | Self::Decimal(_) => "a number".to_owned(),
            Self::Text { text, .. } => format!("the text {}", quoted(text)),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) | Self::Refused => "a mapping".to_owned(),
        }
    }

    fn is_scalar(&self) -> bool {
        match self {
            Self::Null
            | Self::Switch(_)
            | Self::Whole(_)
            | Self::Decimal(_)
            | Self::Text { .. } => true,
            Self::List(_) | Self::Map(_) | Self::Refused => false,
        }
    }
}

/// The value as JSON. `Ok(None)` for a fraction, which no record holds, and for a value that
/// was refused, and reported, when the file was read.
pub(super) fn judge(key: &Key, entry: &Entry) -> Result<Option<Value>, Vec<Misfit>> {
    let at = entry.at;
    let one = |misfit: Misfit| vec![misfit];
    let wanted = |want: &str, found: &Found<'_>, hint: String| {
        let what = format!("must be {want}, not {}", found.describe());
        Err(one(Misfit {
            at,
            kind: ProblemKind::WrongType,
            what,
            hint,
        }))
    };
    match (&key.kind, Found::of(&entry.value)) {
        (_, Found::Refused) => Ok(None),
        (_, Found::Null) if key.nullable => Ok(Some(Value::Null)),
        (_, Found::Null) => {
            let hint = match &key.default {
                Some(default) => {
                    format!("write a value or remove the line; the default is `{default}`")
                }
                None => "write a value or remove the line".to_owned(),
            };
            let what = "has no value".to_owned();
            Err(one(Misfit {
                at,
                kind: ProblemKind::MissingValue,
                what,
                hint,
            }))
        }
        (Kind::Switch, Found::Switch(on)) => Ok(Some(Value::Bool(on))),
        (Kind::Switch, found) => {
            let hint = switch_hint(&found);
            wanted("`true` or `false`", &found, hint)
        }
        (Kind::Whole(bounds), Found::Whole(Some(number))) if bounds.contain(number) => {
            Ok(Some(Value::from(number)))
        }
        (Kind::Whole(bounds), Found::Whole(_)) => Err(one(out_of_bounds(at, *bounds, ""))),
        (Kind::Whole(_), found) => wanted("a whole number", &found, number_hint(&found)),
        (Kind::Decimal(bounds), Found::Whole(number)) => {
            if number.is_some_and(|n| bounds.contain(n)) {
                Ok(None)
            } else {
                Err(one(out_of_bounds(at, *bounds, "")))
            }
        }
        (Kind::Decimal(bounds), Found::Decimal(text)) => {
            if decimal_within(text, *bounds) {
                Ok(None)
            } else {
                Err(one(out_of_bounds(at, *bounds, "")))
            }
        }
        (Kind::Decimal(_), found) => wanted("a number", &found, number_hint(&found)),
        (Kind::Text(bounds), Found::Text { text, .. }) => {
            let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
            if bounds.contain(length) {
                Ok(Some(Value::from(text)))
            } else {
                Err(one(out_of_bounds(at, *bounds, " characters long")))
            }
        }
        (Kind::Text(_), found) => wanted("a text", &found, text_hint(&found)),
        (Kind::Choice(choices), found) => choice(at, choices, &found),
        (Kind::Texts, Found::List(rows)) => texts(rows).map(Some),
        (Kind::Windows, Found::List(rows)) => merge::windows(at, rows).map(Some),
        (Kind::Patterns, Found::List(rows)) => merge::patterns(at, rows).map(Some),
        (Kind::Reviews, _) => merge::reviews(at, &entry.value),
        (Kind::Texts | Kind::Windows | Kind::Patterns, found) => {
            let hint = match &found {
                Found::Text { text, .. } => format!("write {}", quoted(&format!("[{text}]"))),
                _ => "write `[one, two]`, or one `- item` per line".to_owned(),
            };
            wanted("a list of texts", &found, hint)
        }
        (Kind::TextMaps, Found::List(rows)) => text_maps(rows).map(|()| None),
        (Kind::TextMaps, found) => wanted(
            "a list of mappings",
            &found,
            "write one `- name: value` per entry".to_owned(),
        ),
    }
}

fn choice(at: Place, choices: &[&str], found: &Found<'_>) -> Result<Option<Value>, Vec<Misfit>> {
    let listed: Vec<_> = choices.iter().map(|c| format!("`{c}`")).collect();
    let want = match listed.as_slice() {
        [only] => only.clone(),
        _ => format!("one of {}", listed.join(", ")),
    };
    let (kind, hint) = match found {
        Found::Text { text, .. } => {
            if choices.contains(text) {
                return Ok(Some(Value::from(*text)));
            }
            let near = nearest(text, choices.iter().copied());
            (
                ProblemKind::UnknownValue,
                near.map(|n| format!("did you mean `{n}`?")),
            )
        }
        Found::Switch(on) if choices.contains(&on.to_string().as_str()) => (
            ProblemKind::WrongType,
            Some(format!("write it in quotes: `\"{on}\"`")),
        ),
        Found::Whole(Some(number)) => {
            let near = nearest(&format!("v{number}"), choices.iter().copied());
            (
                ProblemKind::WrongType,
                near.map(|n| format!("did you mean `{n}`?")),
            )
        }
        _ => (ProblemKind::WrongType, None),
    };
    let what = format!("must be {want}, not {}", found.describe());
    let hint = hint.unwrap_or_else(|| format!("write {want}"));
    Err(vec![Misfit {
        at,
        kind,
        what,
        hint,
    }])
}

pub(super) fn texts(rows: &[Node]) -> Result<Value, Vec<Misfit>> {
    let mut texts = Vec::new();
    let mut misfits = Vec::new();
    for row in rows {
        match Found::of(row) {
            Found::Text { text, .. } => texts.push(Value::from(text)),
            Found::Refused => {}
            found => misfits.push(Misfit {
                at: row.at,
                kind: ProblemKind::WrongType,
                what: format!("must hold only texts, not {}", found.describe()),
                hint: text_hint(&found),
            }),
        }
    }
    if misfits.is_empty() {
        Ok(Value::Array(texts))
    } else {
        Err(misfits)
    }
}

fn text_maps(rows: &[Node]) -> Result<(), Vec<Misfit>> {
    let mut misfits = Vec::new();
    let mut wrong = |at, what: String, hint| {
        misfits.push(Misfit {
            at,
            kind: ProblemKind::WrongType,
            what,
            hint,
        });
    };
    for row in rows {
        match Found::of(row) {
            Found::Refused => {}
            Found::Map(entries) => {
                for entry in entries {
                    let found = Found::of(&entry.value);
                    match found {
                        Found::Text { .. } | Found::Refused => {}
                        found => wrong(
                            entry.at,
                            format!("must hold texts, not {}", found.describe()),
                            text_hint(&found),
                        ),
                    }
                }
            }
            found => wrong(
                row.at,
                format!("must hold only mappings, not {}", found.describe()),
                "write `- name: value`".to_owned(),
            ),
        }
    }
    if misfits.is_empty() {
        Ok(())
    } else {
        Err(misfits)
    }
}

fn out_of_bounds(at: Place, bounds: Bounds, unit: &str) -> Misfit {
    let range = match (bounds.min, bounds.max) {
        (Some(min), Some(max)) => format!("between {min} and {max}{unit}"),
        (Some(min), None) => format!("at least {min}{unit}"),
        (None, Some(max)) => format!("at most {max}{unit}"),
        (None, None) => "a number of at most 18 digits".to_owned(),
    };
    Misfit {
        at,
        kind: ProblemKind::OutOfBounds,
        what: format!("must be {range}"),
        hint: "correct it, or remove the line for the default".to_owned(),
    }
}

/// Compares without floating point: a decimal lies between the whole numbers around it.
fn decimal_within(text: &str, bounds: Bounds) -> bool {
    let negative = text.starts_with('-');
    let digits = text.trim_start_matches(['-', '+']);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let Ok(whole) = whole.parse::<i64>() else {
        return bounds == Bounds::default();
    };
    let up = i64::from(fraction.bytes().any(|b| b != b'0'));
    let (low, high) = if negative {
        (-whole.saturating_add(up), -whole)
    } else {
        (whole, whole.saturating_add(up))
    };
    bounds.contain(low) && bounds.contain(high)
}

fn switch_hint(found: &Found<'_>) -> String {
    let Found::Text { text, quoted } = found else {
        return "write `true` or `false`".to_owned();
    };
    match (text.to_ascii_lowercase().as_str(), quoted) {
        ("true" | "false", true) => "remove the quotes".to_owned(),
        ("yes" | "on" | "y", _) => "write `true`".to_owned(),
        ("no" | "off" | "n", _) => "write `false`".to_owned(),
        _ => "write `true` or `false`".to_owned(),
    }
}

fn number_hint(found: &Found<'_>) -> String {
    match found {
        Found::Text { text, quoted: true } if !matches!(Plain::of(text), Plain::Text(_)) => {
            "remove the quotes".to_owned()
        }
        Found::Decimal(_) => "write it without a fraction".to_owned(),
        _ => "write a number, in digits only".to_owned(),
    }
}

fn text_hint(found: &Found<'_>) -> String {
    if found.is_scalar() {
        "put it in quotes".to_owned()
    } else {
        "write one text".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_compared_without_rounding() {
        let unit = Bounds {
            min: Some(0),
            max: Some(1),
        };
        for inside in [
            "0.0",
            "0.95",
            "1.0",
            "-0.0",
            "1.000",
            "0.99999999999999999999999",
        ] {
            assert!(decimal_within(inside, unit), "{inside}");
        }
        for outside in [
            "1.01",
            "-0.1",
            "1.00000000000000000000001",
            "99999999999999999999.0",
        ] {
            assert!(!decimal_within(outside, unit), "{outside}");
        }
        assert!(decimal_within("-99999999999999999999.5", Bounds::default()));
    }
}
