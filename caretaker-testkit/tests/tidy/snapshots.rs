//! Snapshot files: reviewed once, so one that no test reads any more only looks like evidence.

use crate::repo::{File, Repo};

/// Snapshots whose test is not in the source file that their header names.
pub(crate) fn orphans(repo: &Repo) -> Vec<String> {
    repo.files()
        .filter(|file| file.is(".snap"))
        .filter(|file| !used(repo, file))
        .map(|file| format!("{}: no test reads it any more: remove it", file.path))
        .collect()
}

fn used(repo: &Repo, snapshot: &File) -> bool {
    let source = snapshot
        .lines()
        .find_map(|(_, line)| line.strip_prefix("source: "));
    let Some(test) = source.and_then(|path| repo.file(path.trim())) else {
        return false;
    };
    let name = snapshot
        .path
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .trim_end_matches(".snap");
    let name = name.rsplit("__").next().unwrap_or_default();
    // `@suffix` is set by the test's settings; `-2` counts the snapshots of one test.
    let name = name.split('@').next().unwrap_or_default();
    let counted = name
        .rsplit_once('-')
        .filter(|(_, n)| n.bytes().all(|byte| byte.is_ascii_digit()));
    let names = [Some(name), counted.map(|(name, _)| name)];
    names.into_iter().flatten().any(|name| {
        test.text.contains(&format!("fn {name}(")) || test.text.contains(&format!("\"{name}\""))
    })
}

mod broken_on_purpose {
    use super::*;

    fn orphaned(source: &str, test: &str) -> bool {
        let header = format!("---\nsource: {source}\nexpression: x\n---\n");
        let repo = Repo::of([
            File::new("a/tests/snapshots/b__shows_the_page-2.snap", &header),
            File::new("a/tests/b.rs", test),
        ]);
        !orphans(&repo).is_empty()
    }

    #[test]
    fn a_snapshot_named_by_its_test_or_by_itself_is_used() {
        assert!(!orphaned("a/tests/b.rs", "fn shows_the_page() {}"));
        assert!(!orphaned(
            "a/tests/b.rs",
            "assert_snapshot!(\"shows_the_page\", x)"
        ));
    }

    #[test]
    fn a_snapshot_without_its_test_or_file_is_found() {
        assert!(orphaned("a/tests/b.rs", "fn shows_another_page() {}"));
        assert!(orphaned("a/tests/c.rs", "fn shows_the_page() {}"));
    }
}
