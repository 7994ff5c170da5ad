//! Generated pages: written on demand, compared otherwise.
//!
//! A page is rendered by code from the list it describes; a test in its crate's `tests/docs.rs` hands
//! it here, so that `make check` finds a stale page and `UPDATE=1 make docs` writes it anew.

use std::path::{Path, PathBuf};

/// Compares a committed file, named from the root of the repository, with what was rendered now.
///
/// With `UPDATE=1` in the environment the file is written instead.
///
/// # Panics
///
/// When the file is missing or differs: the message names the first line that does and what to run.
#[track_caller]
pub fn page(path: &str, rendered: &str) {
    let update = std::env::var("UPDATE").is_ok_and(|value| value == "1");
    if let Err(problem) = check(&root().join(path), rendered, update) {
        panic!("{path} {problem}");
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn check(file: &Path, rendered: &str, update: bool) -> Result<(), String> {
    let mend = "run `make docs UPDATE=1` and commit the result";
    let committed = std::fs::read_to_string(file).ok();
    if committed.as_deref() == Some(rendered) {
        return Ok(());
    }
    if update {
        let folder = file.parent().ok_or("has no folder")?;
        return std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(file, rendered))
            .map_err(|error| format!("cannot be written: {error}"));
    }
    let Some(committed) = committed else {
        return Err(format!("is missing: {mend}"));
    };
    let same = committed
        .lines()
        .zip(rendered.lines())
        .take_while(|(old, new)| old == new)
        .count();
    Err(format!(
        "is stale from line {}: {:?} is now {:?}; {mend}",
        same + 1,
        committed.lines().nth(same).unwrap_or_default(),
        rendered.lines().nth(same).unwrap_or_default(),
    ))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_stale_page_is_named_by_line_and_written_on_demand() {
        let folder = std::env::temp_dir().join(format!("caretaker-fresh-{}", std::process::id()));
        let file = folder.join("docs/page.md");

        let missing = check(&file, "a\nb\n", false);
        assert!(missing.is_err_and(|problem| problem.contains("is missing")));
        check(&file, "a\nb\n", true).unwrap();
        check(&file, "a\nb\n", false).unwrap();
        let stale = check(&file, "a\nc\n", false).unwrap_err();
        assert!(stale.contains("line 2: \"b\" is now \"c\""), "{stale}");

        std::fs::remove_dir_all(folder).unwrap();
    }
}
