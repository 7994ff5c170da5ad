//! The threat model: every boundary names what holds it, and that exists.

use crate::adr::missing;
use crate::repo::Repo;

const PAGE: &str = "docs/threat-model.md";

/// Rows that name no test, and tests that are not there.
pub(crate) fn held(repo: &Repo) -> Vec<String> {
    let Some(page) = repo.file(PAGE) else {
        return vec![format!("{PAGE} is gone: who reviews us begins there")];
    };
    let makefile = repo.file("Makefile").map_or("", |file| file.text.as_str());
    let mut found = Vec::new();
    let mut rows = 0;
    for (at, line) in page.lines().filter(|(_, line)| line.starts_with("| ")) {
        let last = line.trim_end_matches([' ', '|']).rsplit(" | ").next();
        // Every second piece between backticks is code.
        let names: Vec<&str> = last
            .unwrap_or_default()
            .split('`')
            .skip(1)
            .step_by(2)
            .collect();
        let head = line.ends_with("| Held by |");
        rows += usize::from(!head);
        if names.is_empty() && !head {
            found.push(page.at(at, "names nothing that holds it: `path/to/file.rs::test`"));
        }
        let gone = names
            .iter()
            .filter_map(|name| missing(repo, makefile, name));
        found.extend(gone.map(|why| page.at(at, &why)));
    }
    if rows == 0 {
        found.push(format!(
            "{PAGE}: holds no row of the form that this rule reads"
        ));
    }
    found
}

mod broken_on_purpose {
    use super::*;
    use crate::repo::File;

    fn problems(row: &str) -> Vec<String> {
        let head = "| Threat | Held by |\n|---|---|\n";
        held(&Repo::of([
            File::new(PAGE, &format!("{head}{row}\n")),
            File::new("a/tests/b.rs", "#[test]\nfn holds() {}"),
        ]))
    }

    #[test]
    fn a_row_with_a_test_that_exists_passes() {
        assert_eq!(
            problems("| x | `a/tests/b.rs::holds` |"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_row_without_a_test_or_with_one_that_is_gone_is_found() {
        for (row, says) in [
            ("| x `a/tests/b.rs` | trust |", "names nothing"),
            (
                "| x | `a/tests/b.rs::holds`, `a/tests/b.rs::gone` |",
                "no test `gone`",
            ),
            ("| x | `a/tests/c.rs::holds` |", "no file"),
            ("", "no row"),
        ] {
            let found = problems(row);
            assert!(
                found.len() == 1 && found[0].contains(says),
                "{row}: {found:?}"
            );
        }
        assert_eq!(held(&Repo::default()).len(), 1);
    }
}
