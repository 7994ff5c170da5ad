//! Building mutants and judging them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use crate::checkout::Checkout;
use crate::mutant::{Mutant, Test};

/// What became of a mutant.
enum Fate {
    /// Its test failed.
    Caught,
    /// Its test passed.
    Survived,
    /// It says nothing about tests: this is no mutant.
    DoesNotCompile(String),
    /// Its test neither passed nor failed.
    Unclear(String),
}

/// Lets them loose one after another. What is wrong, a line each: mutants that survived or are
/// none, or tests that fail without any.
pub(crate) fn all(mutants: &[&Mutant]) -> Vec<String> {
    let checkout = Checkout::fresh();
    say(&format!(
        "{} mutants; first their tests without any",
        mutants.len()
    ));
    let broken = without_any(&checkout, mutants);
    if !broken.is_empty() {
        return broken;
    }
    let mut failed = Vec::new();
    for (number, mutant) in (1..).zip(mutants) {
        let fate = loose(&checkout, mutant);
        let (word, why) = match &fate {
            Fate::Caught => ("caught", ""),
            Fate::Survived => ("SURVIVED", ""),
            Fate::DoesNotCompile(why) => ("DOES NOT COMPILE", why.as_str()),
            Fate::Unclear(why) => ("UNCLEAR", why.as_str()),
        };
        let (name, all) = (mutant.name, mutants.len());
        say(&format!(
            "[{number:3}/{all}] {word}: {name} ({})",
            mutant.lets
        ));
        if !matches!(fate, Fate::Caught) {
            let test = mutant.caught_by;
            failed.push(format!("{word}: {name}, to be caught by {test}\n{why}"));
        }
    }
    let caught = mutants.len() - failed.len();
    say(&format!("{caught} of {} mutants caught", mutants.len()));
    failed
}

/// The tests that do not pass as the sources are.
fn without_any(checkout: &Checkout, mutants: &[&Mutant]) -> Vec<String> {
    let mut packages: BTreeMap<String, BTreeSet<Test>> = BTreeMap::new();
    for test in mutants.iter().map(|mutant| mutant.test()) {
        let tests = packages.entry(test.package.clone()).or_default();
        tests.insert(test);
    }
    let mut broken = Vec::new();
    for tests in packages.values() {
        let said = checkout.cargo(&test_command(&tests.iter().collect::<Vec<_>>()));
        let failing: Vec<&Test> = tests
            .iter()
            .filter(|test| !said.lines().any(|line| line == result(test, "ok")))
            .collect();
        if !failing.is_empty() {
            broken.push(format!(
                "without any mutant these do not pass: {failing:#?}\n{}",
                end(&said)
            ));
        }
    }
    broken
}

fn loose(checkout: &Checkout, mutant: &Mutant) -> Fate {
    // Of the copy: whoever waits may go on working.
    let source = checkout.read(mutant.file);
    let broken = match mutant.applied(&source) {
        Ok(broken) => broken,
        Err(why) => return Fate::DoesNotCompile(why),
    };
    let test = mutant.test();
    checkout.write(mutant.file, &broken);
    let said = checkout.cargo(&test_command(&[&test]));
    checkout.write(mutant.file, &source);
    let is = |word| said.lines().any(|line| line == result(&test, word));
    if is("FAILED") {
        Fate::Caught
    } else if is("ok") {
        Fate::Survived
    } else if said.contains("error: could not compile") {
        let errors = said.lines().filter(|line| line.starts_with("error"));
        Fate::DoesNotCompile(errors.collect::<Vec<_>>().join("\n"))
    } else {
        Fate::Unclear(end(&said))
    }
}

/// Runs these tests of one package, and no others.
fn test_command(tests: &[&Test]) -> Vec<String> {
    let mut command: Vec<String> = ["test", "--locked", "--no-fail-fast", "--package"]
        .map(str::to_owned)
        .into();
    command.push(tests[0].package.clone());
    let targets: BTreeSet<_> = tests.iter().map(|test| &test.target).collect();
    for target in targets {
        match target {
            Some(name) => command.extend(["--test".to_owned(), name.clone()]),
            None => command.push("--lib".to_owned()),
        }
    }
    command.extend(["--", "--exact"].map(str::to_owned));
    command.extend(tests.iter().map(|test| test.name.clone()));
    command
}

/// What the test runner says of a test.
fn result(test: &Test, word: &str) -> String {
    format!("test {} ... {word}", test.name)
}

/// The last lines, in which the reason stands.
fn end(said: &str) -> String {
    let lines: Vec<&str> = said.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

/// A line for who waits, at once; what tests print is kept back until they end.
fn say(line: &str) {
    let mut out = std::io::stderr();
    writeln!(out, "{line}").expect("there is somebody to tell");
}
