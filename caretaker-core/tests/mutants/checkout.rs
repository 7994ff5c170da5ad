//! A copy of the working tree, in which mutants are let loose.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::mutant::root;

/// The copy, in the build folder. What is built there is kept for the next time.
pub(crate) struct Checkout {
    tree: PathBuf,
    target: PathBuf,
}

impl Checkout {
    /// Brings the copy up to date with the working tree, uncommitted changes included. Files that
    /// are the same are left alone, so that cargo builds nothing anew.
    ///
    /// # Panics
    /// Where there is no git, or no room.
    pub(crate) fn fresh() -> Self {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutants");
        let (tree, target) = (place.join("tree"), place.join("target"));
        fs::create_dir_all(&tree).expect("the build folder can be written");
        let files = files();
        remove_others(&tree, &tree, &files);
        for file in &files {
            let Ok(bytes) = fs::read(root().join(file)) else {
                continue;
            };
            put(&tree.join(file), &bytes);
        }
        Self { tree, target }
    }

    /// One file of the copy as text.
    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.tree.join(file)).expect("a file that a mutant names is there")
    }

    /// Writes one file of the copy.
    pub(crate) fn write(&self, file: &str, text: &str) {
        put(&self.tree.join(file), text.as_bytes());
    }

    /// Runs cargo in the copy; what it said.
    pub(crate) fn cargo(&self, arguments: &[String]) -> String {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let ran = Command::new(cargo)
            .current_dir(&self.tree)
            .args(arguments)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "1")
            // Nobody debugs a mutant, and linking is most of the time.
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_TERM_COLOR", "never")
            .env("RUST_BACKTRACE", "0")
            .env_remove("UPDATE")
            .output()
            .expect("cargo can be started");
        let said = [ran.stdout, ran.stderr].concat();
        String::from_utf8_lossy(&said).into_owned()
    }
}

/// What git knows of, or would add.
fn files() -> BTreeSet<PathBuf> {
    let asked = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let git = Command::new("git").current_dir(root()).args(asked).output();
    let told = git.expect("git can be started");
    assert!(told.status.success(), "git knows this tree");
    let names = String::from_utf8(told.stdout).expect("names are UTF-8");
    let names = names.split('\0').filter(|name| !name.is_empty());
    names.map(PathBuf::from).collect()
}

fn remove_others(tree: &Path, folder: &Path, files: &BTreeSet<PathBuf>) {
    let entries = fs::read_dir(folder).expect("the copy can be read");
    for entry in entries {
        let path = entry.expect("the copy can be read").path();
        if path.is_dir() {
            remove_others(tree, &path, files);
        } else if !path
            .strip_prefix(tree)
            .is_ok_and(|file| files.contains(file))
        {
            fs::remove_file(&path).expect("the copy can be written");
        }
    }
}

fn put(path: &Path, bytes: &[u8]) {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return;
    }
    let folder = path.parent().expect("a file lies in a folder");
    fs::create_dir_all(folder).expect("the copy can be written");
    fs::write(path, bytes).expect("the copy can be written");
}
