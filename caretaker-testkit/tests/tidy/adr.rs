//! Decision records: each says what holds it, and that thing exists.

use crate::repo::{File, Repo};

const FOLDER: &str = "docs/adr/";
const TEMPLATE: &str = "docs/adr/0000-template.md";
const HELD_BY: &str = "Held by:";
const PARTS: [&str; 4] = ["## Context", "## Options", "## Decision", "## Consequences"];
const FORM: &str =
    "write `Held by: path/to/file.rs::test_name`, `Held by: make target` or `Held by: review`";

/// Accepted records that something missing is said to hold, and proposed ones that all is there for.
pub(crate) fn held_by(repo: &Repo) -> Vec<String> {
    let makefile = repo.file("Makefile").map_or("", |file| file.text.as_str());
    records(repo)
        .flat_map(|file| {
            let holders: Vec<_> = file
                .lines()
                .filter_map(|(at, line)| {
                    Some((
                        at,
                        line.trim().strip_prefix(HELD_BY)?.trim().trim_matches('`'),
                    ))
                })
                .collect();
            if holders.is_empty() {
                return vec![format!("{}: says nowhere what holds it: {FORM}", file.path)];
            }
            let missing: Vec<_> = holders
                .into_iter()
                .filter_map(|(at, holder)| {
                    missing(repo, makefile, holder).map(|why| file.at(at, &why))
                })
                .collect();
            match status(file) {
                "accepted" => missing,
                "proposed" if missing.is_empty() => vec![format!(
                    "{}: all that holds it exists now: set `Status: accepted`, then `make docs UPDATE=1`",
                    file.path
                )],
                _ => Vec::new(),
            }
        })
        .collect()
}

/// Records with a part left out, or a number left out between them.
pub(crate) fn shape(repo: &Repo) -> Vec<String> {
    let mut found = Vec::new();
    for (number, file) in (1..).zip(records(repo)) {
        if !file.path.starts_with(&format!("{FOLDER}{number:04}-")) {
            found.push(format!(
                "{}: number {number:04} was expected: records are numbered without gap",
                file.path
            ));
        }
        let known = ["proposed", "accepted"].contains(&status(file))
            || status(file).starts_with("superseded by ADR-");
        if !known {
            found.push(format!(
                "{}: has no status that {TEMPLATE} knows",
                file.path
            ));
        }
        for part in PARTS.iter().filter(|part| !file.text.contains(**part)) {
            found.push(format!(
                "{}: has no part `{part}`: see {TEMPLATE}",
                file.path
            ));
        }
    }
    found
}

fn status(record: &File) -> &str {
    record
        .text
        .lines()
        .find_map(|line| line.strip_prefix("Status: "))
        .unwrap_or_default()
}

fn records(repo: &Repo) -> impl Iterator<Item = &File> {
    repo.files().filter(|file| {
        file.path
            .strip_prefix(FOLDER)
            .is_some_and(|name| name.starts_with(|c: char| c.is_ascii_digit()))
            && file.is(".md")
            && file.path != TEMPLATE
    })
}

/// Why what is said to hold something does not; `None` when it is there.
pub(crate) fn missing(repo: &Repo, makefile: &str, holder: &str) -> Option<String> {
    if holder == "review" {
        return None;
    }
    if let Some(target) = holder.strip_prefix("make ") {
        let known = makefile
            .lines()
            .any(|line| line.starts_with(&format!("{target}:")));
        return (!known).then(|| format!("the Makefile has no target `{target}`"));
    }
    let (path, test) = holder
        .split_once("::")
        .map_or((holder, None), |(path, test)| (path, Some(test)));
    if !path.contains(['/', '.']) {
        return Some(format!("`{holder}` is no test, target or review: {FORM}"));
    }
    let Some(file) = repo.file(path) else {
        return Some(format!(
            "no file `{path}`: name the test that holds the decision now"
        ));
    };
    let test = test.filter(|test| !file.text.contains(&format!("fn {test}(")))?;
    Some(format!(
        "`{path}` has no test `{test}`: name the one that holds the decision now"
    ))
}

mod broken_on_purpose {
    use super::*;

    fn repo(held: &str) -> Repo {
        with_status("accepted", held)
    }

    fn with_status(status: &str, held: &str) -> Repo {
        let text = format!("# x\nStatus: {status}\n{}\n{held}\n", PARTS.join("\n"));
        Repo::of([
            File::new(TEMPLATE, "Held by: nothing at all"),
            File::new("docs/adr/0001-x.md", &text),
            File::new("a/tests/b.rs", "#[test]\nfn holds() {}"),
            File::new("Makefile", "check: fmt\n"),
        ])
    }

    #[test]
    fn holders_that_exist_pass() {
        for held in [
            "Held by: a/tests/b.rs::holds",
            "Held by: `a/tests/b.rs`",
            "Held by: make check",
            "Held by: review",
        ] {
            assert_eq!(held_by(&repo(held)), Vec::<String>::new(), "{held}");
        }
    }

    #[test]
    fn holders_that_do_not_exist_are_found() {
        for (held, says) in [
            ("", "says nowhere"),
            ("Held by: a/tests/b.rs::gone", "no test `gone`"),
            ("Held by: a/tests/c.rs", "no file"),
            ("Held by: make dinner", "no target `dinner`"),
            ("Held by: goodwill", "is no test"),
        ] {
            let found = held_by(&repo(held));
            assert!(
                found.len() == 1 && found[0].contains(says),
                "{held}: {found:?}"
            );
        }
    }

    #[test]
    fn a_proposed_record_waits_for_what_holds_it_and_not_longer() {
        let waits = held_by(&with_status("proposed", "Held by: a/tests/c.rs"));
        assert_eq!(waits, Vec::<String>::new());
        let ripe = held_by(&with_status("proposed", "Held by: a/tests/b.rs::holds"));
        assert!(
            ripe.len() == 1 && ripe[0].contains("Status: accepted"),
            "{ripe:?}"
        );
        let old = held_by(&with_status(
            "superseded by ADR-0002",
            "Held by: a/tests/c.rs",
        ));
        assert_eq!(old, Vec::<String>::new());
    }

    #[test]
    fn a_gap_a_missing_part_and_an_unknown_status_are_found() {
        assert_eq!(shape(&repo("")), Vec::<String>::new());
        assert_eq!(shape(&with_status("agreed", "")).len(), 1);
        let text = format!("Status: accepted\n{}", PARTS[..3].join("\n"));
        let found = shape(&Repo::of([File::new("docs/adr/0002-x.md", &text)]));
        assert_eq!(found.len(), 2, "{found:?}");
    }
}
