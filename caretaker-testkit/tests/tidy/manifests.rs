//! What crates share, said once.

use crate::repo::{File, Repo};

const CLIPPY: [&str; 3] = [
    "clippy.toml",
    "caretaker-adapters/clippy.toml",
    "caretaker-core/clippy.toml",
];
const SHARED: [(&str, &str); 2] = [
    ("# shared: begin", "# shared: end"),
    ("# shared bans: begin", "# shared bans: end"),
];

/// Crates with lints or versions of their own.
pub(crate) fn inherited(file: &File) -> Vec<String> {
    let ours = ["caretaker-", "examples/"];
    let member = ours.iter().any(|start| file.path.starts_with(start)) && file.is("/Cargo.toml");
    if !member {
        return Vec::new();
    }
    let mut found = Vec::new();
    if !file.text.contains("[lints]\nworkspace = true") {
        found.push(format!(
            "{}: takes no lints from the workspace: add `[lints]` with `workspace = true`",
            file.path
        ));
    }
    let mut dependencies = false;
    for (at, line) in file.lines() {
        if line.starts_with('[') {
            dependencies = line.ends_with("dependencies]");
        }
        let own = line.contains("version =")
            || line
                .split_once('=')
                .is_some_and(|(_, value)| value.trim().starts_with('"'));
        if dependencies && own && !line.trim_start().starts_with('#') {
            found.push(file.at(at, "has a version of its own: put it into [workspace.dependencies] and write `x.workspace = true`"));
        }
    }
    found
}

/// Clippy reads the nearest file only, so what is meant for all has to be the same in each.
pub(crate) fn clippy_shared(repo: &Repo) -> Vec<String> {
    let mut found = Vec::new();
    for (begin, end) in SHARED {
        let first = repo
            .file(CLIPPY[0])
            .and_then(|file| between(&file.text, begin, end));
        for path in CLIPPY {
            let part = repo
                .file(path)
                .and_then(|file| between(&file.text, begin, end));
            if part.is_none() || part != first {
                found.push(format!(
                    "{path}: the lines from `{begin}` to `{end}` differ from those of {}: copy them",
                    CLIPPY[0]
                ));
            }
        }
    }
    found
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(begin)?;
    rest.split_once(end).map(|(part, _)| part.trim())
}

mod broken_on_purpose {
    use super::*;
    use crate::repo::breaks;

    const HEAD: &str = "[lints]\nworkspace = true\n[dependencies]\n";

    #[test]
    fn a_crate_without_the_shared_lints_is_found() {
        breaks(
            inherited,
            "caretaker-x/Cargo.toml",
            HEAD,
            "[dependencies]\n",
            "[lints]",
        );
    }

    #[test]
    fn a_version_of_its_own_is_found() {
        let good =
            format!("{HEAD}a.workspace = true\nb = {{ path = \"../b\" }}\n[features]\nx = []\n");
        for own in ["a = \"1\"\n", "a = { version = \"1\", features = [] }\n"] {
            breaks(
                inherited,
                "caretaker-x/Cargo.toml",
                &good,
                &format!("{HEAD}{own}"),
                "of its own",
            );
        }
    }

    #[test]
    fn clippy_files_that_drift_apart_are_found() {
        let text = |what| {
            format!(
                "# shared: begin\n{what}\n# shared: end\n# shared bans: begin\n# shared bans: end"
            )
        };
        let repo = |third| {
            Repo::of([
                File::new(CLIPPY[0], &text("a")),
                File::new(CLIPPY[1], &text("a")),
                File::new(CLIPPY[2], &text(third)),
            ])
        };
        assert_eq!(clippy_shared(&repo("a")), Vec::<String>::new());
        let found = clippy_shared(&repo("b"));
        assert!(
            found.len() == 1 && found[0].starts_with(CLIPPY[2]),
            "{found:?}"
        );
    }
}
