//! A mutant: a gate that is broken in one place, and the test that sees it.

use std::fs;
use std::path::{Path, PathBuf};

/// One text in place of another, somewhere in the sources.
pub(crate) struct Mutant {
    /// For `make mutants ONLY=…`.
    pub(crate) name: &'static str,
    /// What gets through.
    pub(crate) lets: &'static str,
    /// The blocker that is forgotten, as `merge_gate::wordings` calls it; `None` where none is.
    pub(crate) blocker: Option<&'static str>,
    /// Where, from the root of the repository.
    pub(crate) file: &'static str,
    /// What stands there, exactly once.
    pub(crate) old: &'static str,
    /// What stands there instead.
    pub(crate) new: &'static str,
    /// The test that has to fail: its file from the root of the repository, `::`, its name. Cases
    /// of a conformance suite are named by the file that runs them, family and name.
    pub(crate) caught_by: &'static str,
}

/// A test, as cargo has to be told of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Test {
    /// Its package.
    pub(crate) package: String,
    /// Name of the integration test; `None` where it stands beside the code.
    pub(crate) target: Option<String>,
    /// Its name within that, modules included.
    pub(crate) name: String,
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    let core = Path::new(env!("CARGO_MANIFEST_DIR"));
    core.parent().expect("the core lies in the repository")
}

/// A file of the repository as text; empty where there is none.
pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_default()
}

impl Mutant {
    /// The source with the mutant in it, or why there is none.
    pub(crate) fn applied(&self, source: &str) -> Result<String, String> {
        match source.matches(self.old).count() {
            1 => Ok(source.replace(self.old, self.new)),
            n => Err(format!(
                "{}: `{}` stands {n} times in {}",
                self.name, self.old, self.file
            )),
        }
    }

    /// File and name of the test, where it stands in the sources.
    pub(crate) fn test_stands(&self) -> bool {
        let (file, name) = self.file_and_name();
        let parts: Vec<&str> = name.rsplitn(2, "::").collect();
        let line = format!("fn {}(", parts[0]);
        let suite = parts.get(1).map_or_else(String::new, |family| {
            text(&format!(
                "caretaker-testkit/src/conformance/forge/{family}.rs"
            ))
        });
        [text(file), suite].iter().any(|text| text.contains(&line))
    }

    /// The test as cargo knows it.
    pub(crate) fn test(&self) -> Test {
        let (file, name) = self.file_and_name();
        let (package, below) = ["/src/", "/tests/"]
            .iter()
            .find_map(|between| file.split_once(between))
            .unwrap_or_else(|| panic!("{file} is a source or a test"));
        let mut path: PathBuf = Path::new(below).with_extension("");
        if path.ends_with("mod") || path.ends_with("main") {
            path.pop();
        }
        let parts = path.iter().map(|part| part.to_string_lossy().into_owned());
        let mut modules: Vec<String> = parts.collect();
        let beside = file.contains("/src/");
        let target = (!beside).then(|| modules.remove(0));
        if beside && text(file).contains("mod tests {") {
            modules.push("tests".to_owned());
        }
        modules.push(name.to_owned());
        Test {
            package: name_of(package),
            target,
            name: modules.join("::"),
        }
    }

    fn file_and_name(&self) -> (&'static str, &'static str) {
        let parts = self.caught_by.split_once("::");
        parts.unwrap_or_else(|| panic!("{}: no `::` in {}", self.name, self.caught_by))
    }
}

/// What a package calls itself.
fn name_of(folder: &str) -> String {
    let manifest = text(&format!("{folder}/Cargo.toml"));
    let mut lines = manifest.lines();
    let name = lines.find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    name.unwrap_or_else(|| panic!("{folder} is no package"))
        .to_owned()
}
