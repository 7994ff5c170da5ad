//! The files that are committed or about to be, as text.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// One text file, named from the root with `/`.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    pub(crate) fn is(&self, ending: &str) -> bool {
        self.path.ends_with(ending)
    }

    /// Lines with their number, counted from one.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line))
    }

    /// A problem at a line, in the form that editors jump to.
    pub(crate) fn at(&self, line: usize, problem: &str) -> String {
        format!("{}:{line}: {problem}", self.path)
    }
}

/// All of them, by path. Files that are not UTF-8 are known by name and have no text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Repo {
    files: BTreeMap<String, File>,
}

impl Repo {
    /// The repository around this crate: what git tracks and what it would track.
    pub(crate) fn here() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("a crate of a workspace");
        let out = Command::new("git")
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ])
            .current_dir(root)
            .output()
            .expect("tidy needs git to know which files are ours");
        assert!(
            out.status.success(),
            "git ls-files: {}",
            String::from_utf8_lossy(&out.stderr)
        );
        let names = String::from_utf8(out.stdout).expect("paths of this repository are UTF-8");
        Self::of(
            names
                .split('\0')
                .filter(|name| !name.is_empty())
                .filter_map(|name| {
                    let bytes = std::fs::read(root.join(name)).ok()?;
                    Some(File::new(
                        name,
                        &String::from_utf8(bytes).unwrap_or_default(),
                    ))
                }),
        )
    }

    pub(crate) fn of(files: impl IntoIterator<Item = File>) -> Self {
        Self {
            files: files
                .into_iter()
                .map(|file| (file.path.clone(), file))
                .collect(),
        }
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &File> {
        self.files.values()
    }

    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// A file of this name, or a folder with a file in it.
    pub(crate) fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        path.is_empty()
            || self.files.contains_key(path)
            || self
                .files
                .range(folder.clone()..)
                .next()
                .is_some_and(|(p, _)| p.starts_with(&folder))
    }
}

/// Fails unless the good file passes and the bad one gives exactly one problem that says `says`.
#[track_caller]
pub(crate) fn breaks(
    rule: fn(&File) -> Vec<String>,
    path: &str,
    good: &str,
    bad: &str,
    says: &str,
) {
    assert_eq!(
        rule(&File::new(path, good)),
        Vec::<String>::new(),
        "the good one passes"
    );
    let problems = rule(&File::new(path, bad));
    assert!(
        problems.len() == 1 && problems[0].contains(says),
        "{problems:?}"
    );
}
