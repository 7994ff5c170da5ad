//! A file to begin with: every key that is read, with its meaning, commented out at its default.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::table::{Branch, Key, Kind, Status, keys};

const HEAD: &str = "\
## Settings of this repository for Caretaker; they belong into .github/maintainer/config.yml.
##
## Every key may be left out. A key behind a # stands there with its default or, where it has none,
## with an example: take the # away, and those of the names above it, and change the value.
## `caretaker config check FILE` says what is wrong with it, `caretaker replay --config FILE` what
## would have been different under it.
";

/// Keys that are written out: the format, and that nothing is done until somebody says so.
const WRITTEN: [&str; 2] = ["version", "safety.mode"];

/// Stands where a name or a text of one's own choice has to be.
const ANY: &str = "example";

/// The same where not every text is taken.
const EXAMPLES: [(&str, &str); 3] = [
    ("executor.features.*", "ci_fix"),
    ("executor.features.*.provider", "copilot"),
    ("executor.features.*.agent", "opencode_local"),
];

/// The text. It is valid as it is, and with the comment marks taken from all of its keys.
pub fn render() -> String {
    let mut page = HEAD.to_owned();
    for name in sections() {
        page.push('\n');
        if let Some(branch) = Branch::root().children.get(name) {
            write(&mut page, branch, name, name, 0);
        }
    }
    page
}

/// The first names of active keys, in the order of the table.
fn sections() -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    for key in keys().iter().filter(|key| key.status == Status::Active) {
        let name = key.path.split('.').next().unwrap_or(key.path);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// A key, or a mapping with what is below it, single keys before mappings.
fn write(page: &mut String, branch: &Branch, path: &str, name: &str, depth: usize) {
    if branch.status() != Status::Active {
        return;
    }
    let indent = "  ".repeat(depth);
    let within = format!("{path}.");
    let written = WRITTEN
        .iter()
        .any(|key| *key == path || key.starts_with(&within));
    let mark = if written { "" } else { "# " };
    if let Some(key) = branch.key {
        line(page, format_args!("{indent}## {}", about(key)));
        line(page, format_args!("{indent}{mark}{name}: {}", shown(key)));
        return;
    }
    line(page, format_args!("{indent}{mark}{name}:"));
    let order = order(path);
    let named = branch.children.iter().map(|(name, below)| (*name, below));
    let any = branch.any.iter().map(|below| ("*", below.as_ref()));
    let mut below: Vec<_> = named.chain(any).collect();
    below.sort_by_key(|(name, below)| (below.key.is_none(), order.get(name)));
    for (name, below) in below {
        let path = format!("{path}.{name}");
        let called = if name == "*" { example(&path) } else { name };
        write(page, below, &path, called, depth + 1);
    }
}

/// Where the names below a path stand in the table.
fn order(path: &str) -> BTreeMap<&'static str, usize> {
    let mut order = BTreeMap::new();
    for (at, key) in keys().iter().enumerate() {
        let below = key.path.strip_prefix(path);
        if let Some(below) = below.and_then(|below| below.strip_prefix('.')) {
            let name = below.split('.').next().unwrap_or(below);
            order.entry(name).or_insert(at);
        }
    }
    order
}

/// What a key is for, and what it takes.
fn about(key: &Key) -> String {
    let takes = match &key.kind {
        Kind::Choice(choices) if choices.len() > 1 => format!(" ({})", choices.join(", ")),
        Kind::Whole(bounds) => match (bounds.min, bounds.max) {
            (Some(min), Some(max)) => format!(" ({min} to {max})"),
            _ => String::new(),
        },
        Kind::Choice(_)
        | Kind::Switch
        | Kind::Decimal(_)
        | Kind::Text(_)
        | Kind::Texts
        | Kind::TextMaps
        | Kind::Windows
        | Kind::Patterns
        | Kind::Reviews => String::new(),
    };
    format!("{}{takes}", key.meaning)
}

/// The default; where absence has a meaning of its own, the first value that the key takes.
fn shown(key: &Key) -> String {
    let example = || match &key.kind {
        Kind::Choice(choices) => Value::from(choices.first().copied().unwrap_or_default()),
        Kind::Switch => Value::Bool(false),
        Kind::Whole(bounds) | Kind::Decimal(bounds) => Value::from(bounds.min.unwrap_or(0)),
        Kind::Text(_) => Value::from(example(key.path)),
        Kind::Texts | Kind::TextMaps | Kind::Windows | Kind::Patterns => Value::Array(Vec::new()),
        Kind::Reviews => Value::Null,
    };
    let value = key.default.clone().unwrap_or_else(example);
    // One word that cannot be taken for a switch or a number needs no quotes.
    match value.as_str() {
        Some(word) if matches!(key.kind, Kind::Choice(_)) => word.to_owned(),
        Some(_) | None => value.to_string(),
    }
}

fn example(path: &str) -> &'static str {
    EXAMPLES
        .iter()
        .find(|(of, _)| *of == path)
        .map_or(ANY, |(_, example)| example)
}

fn line(page: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(page, "{text}").expect("writing to a string cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::model::Mode;

    /// The text with the comment marks taken from all of its keys.
    fn uncommented() -> String {
        let page = render();
        let lines = page.lines().map(|text| {
            let rest = text.trim_start();
            let indent = &text[..text.len() - rest.len()];
            match rest.strip_prefix("# ") {
                Some(key) => format!("{indent}{key}\n"),
                None => format!("{text}\n"),
            }
        });
        lines.collect()
    }

    fn config(text: &str) -> Config {
        let parsed = Config::parse(text);
        assert_eq!(
            (&parsed.problems[..], &parsed.notes[..]),
            (&[][..], &[][..]),
            "{text}"
        );
        parsed.config.unwrap()
    }

    #[test]
    fn it_is_valid_says_nothing_but_the_defaults_and_only_observes() {
        let (begun, empty) = (config(&render()), Config::default());
        assert_eq!(begun.safety(), empty.safety());
        assert_eq!(begun.safety().mode, Mode::Observe);
        for section in sections() {
            assert_eq!(begun.section(section), empty.section(section), "{section}");
        }
    }

    #[test]
    fn any_one_key_can_be_uncommented_with_the_names_above_it() {
        let text = uncommented();
        for (at, line) in text.lines().enumerate() {
            let indent = |line: &str| line.len() - line.trim_start().len();
            if line.trim_start().starts_with('#') || line.trim_end().ends_with(':') {
                continue;
            }
            let mut deepest = indent(line);
            let mut above: Vec<&str> = Vec::new();
            for name in text.lines().take(at).collect::<Vec<_>>().into_iter().rev() {
                if name.ends_with(':') && !name.contains('#') && indent(name) < deepest {
                    deepest = indent(name);
                    above.push(name);
                }
            }
            above.reverse();
            above.push(line);
            config(&above.join("\n"));
        }
    }

    #[test]
    fn with_all_keys_uncommented_it_is_valid_and_holds_every_active_key_once() {
        let text = uncommented();
        let full = config(&text);
        let active = keys().iter().filter(|key| key.status == Status::Active);
        for key in active {
            let path = match key.path.split_once(".*.") {
                Some((above, below)) => {
                    let any = format!("{above}.*");
                    format!("{above}.{}.{below}", example(&any))
                }
                None => key.path.to_owned(),
            };
            let found = full.values.get(&path);
            let found = found.unwrap_or_else(|| panic!("{path} is not in it"));
            if let Some(default) = &key.default {
                assert_eq!(found, default, "{path}");
            }
        }
        assert!(full.values.len() > 20);
    }

    #[test]
    fn keys_that_nothing_reads_are_not_in_it() {
        let names: Vec<&str> = sections();
        assert_eq!(names[..2], ["version", "orchestrator"]);
        assert!(!render().contains("triage"));
        assert!(!render().contains("summary_issue"));
    }
}
