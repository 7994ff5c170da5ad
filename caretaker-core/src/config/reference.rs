//! Renders `docs/config.md` from the key table.

use std::cmp::Reverse;
use std::fmt::Write;

use super::merge::{MAX_PATTERNS, MAX_WINDOWS};
use super::table::{Bounds, Key, Kind, keys};

const HEAD: &str = "\
<!-- long file: generated from caretaker-core/src/config/keys.tsv by `make docs UPDATE=1` -->

# Configuration

A repository keeps its settings in `.github/maintainer/config.yml`. Every key may be left out; an
empty file means all defaults, and the default of `safety.mode` means that everything is only
observed. Check a file with `caretaker config check FILE`; editors can use
[config.schema.json](config.schema.json).

- The file is one YAML mapping of at most 256 KiB, without anchors, aliases and tags.
- An unknown key, a wrong type or a value out of bounds makes the whole file invalid; then the
  last valid one stays in force. All problems are reported at once, with line and remedy.
- Switches are `true` or `false`. Texts that look like a switch or a number need quotes.
- Status *active*: read. *later*: known, and nothing reads it yet. *dead*: known, and has no
  effect. The last two leave a file valid and are noted.
- In a key, `*` stands for a name of your choice.
- A freeze window is `2026-12-24T00:00Z/2027-01-02T00:00Z`, or `Fri 16:00/Mon 08:00` for every
  week, in UTC. Its end does not belong to it.
- A path pattern is written as in CODEOWNERS; case does not matter.
- A review rule is `approvals: n` from anybody who may write, or `from` a list of users and
  `organisation/team`s; or `code_owners: true`; or `all` or `any` with a list of rules. The author
  never counts. Authors of commits do not count either, unless the rule says `not: [author]`;
  without a `not` it is `[author, committers]`.
";

/// The page.
pub fn render() -> String {
    let mut sections: Vec<(&str, Vec<&Key>)> = Vec::new();
    for key in keys() {
        let name = key.path.split('.').next().unwrap_or(key.path);
        match sections.iter_mut().find(|(section, _)| *section == name) {
            Some((_, rows)) => rows.push(key),
            None => sections.push((name, vec![key])),
        }
    }
    let best = |rows: &[&Key]| rows.iter().map(|key| key.status).max();
    sections.sort_by_key(|(_, rows)| Reverse(best(rows)));
    let mut page = HEAD.to_owned();
    for (name, mut rows) in sections {
        rows.sort_by_key(|key| Reverse(key.status));
        push(&mut page, format_args!("\n## {name}\n\n"));
        page.push_str("| Key | Type | Default | Status | Meaning |\n|---|---|---|---|---|\n");
        for key in rows {
            let default = key
                .default
                .as_ref()
                .map_or_else(|| "–".to_owned(), |default| format!("`{default}`"));
            push(
                &mut page,
                format_args!(
                    "| `{}` | {} | {default} | {} | {} |\n",
                    key.path,
                    kind(key),
                    key.status.name(),
                    key.meaning
                ),
            );
        }
    }
    page
}

fn kind(key: &Key) -> String {
    let name = match &key.kind {
        Kind::Switch => "switch".to_owned(),
        Kind::Whole(bounds) => format!("whole number{}", range(*bounds, "")),
        Kind::Decimal(bounds) => format!("number{}", range(*bounds, "")),
        Kind::Text(bounds) => format!("text{}", range(*bounds, " characters")),
        Kind::Choice(choices) => {
            let names: Vec<_> = choices.iter().map(|c| format!("`{c}`")).collect();
            names.join(", ")
        }
        Kind::Texts => "list of texts".to_owned(),
        Kind::TextMaps => "list of mappings".to_owned(),
        Kind::Windows => format!("list of freeze windows, at most {MAX_WINDOWS}"),
        Kind::Patterns => format!("list of path patterns, at most {MAX_PATTERNS}"),
        Kind::Reviews => "review rule".to_owned(),
    };
    if key.nullable {
        format!("{name} or `null`")
    } else {
        name
    }
}

fn range(bounds: Bounds, unit: &str) -> String {
    match (bounds.min, bounds.max) {
        (Some(min), Some(max)) => format!(", {min} to {max}{unit}"),
        (Some(min), None) => format!(", at least {min}{unit}"),
        (None, Some(max)) => format!(", at most {max}{unit}"),
        (None, None) => String::new(),
    }
}

fn push(page: &mut String, text: std::fmt::Arguments<'_>) {
    page.write_fmt(text)
        .expect("invariant: a String takes any text");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_row_and_active_sections_come_first() {
        let page = render();
        for key in keys() {
            let start = format!("| `{}` |", key.path);
            assert_eq!(page.matches(&start).count(), 1, "{}", key.path);
        }
        let at = |text: &str| page.find(text).unwrap();
        assert!(at("## stale_agent") < at("## triage"));
        assert!(at("## triage") < at("## azure"), "dead sections come last");
        assert!(at("`pr_agent.merge.settle_seconds`") < at("`pr_agent.stuck_age_hours`"));
    }
}
