//! Rules about who in core may say or do what.

use crate::repo::{File, Repo};

const CORE: &str = "caretaker-core/src/";
const MODEL: &str = "caretaker-core/src/model/";
const APPLY: &str = "caretaker-core/src/drive/apply.rs";
const LOOK: &str = "caretaker-core/src/guard/last_look/merging.rs";
const GATE: &str = "caretaker-core/src/merge_gate/permit.rs";
const REGISTRY: &str = "caretaker-core/src/agents/registry.rs";
const DRIVER: &str = "caretaker-core/src/drive/mod.rs";
const DRIVER_LINES: usize = 200;

/// Labels and markers spelled outside of `model/`; comments and tests may quote them.
pub(crate) fn literals(file: &File) -> Vec<String> {
    if !file.path.starts_with(CORE) || file.path.starts_with(MODEL) || !file.is(".rs") {
        return Vec::new();
    }
    code(file)
        .filter(|(_, line)| ["\"caretaker:", "<!-- caretaker:"].iter().any(|word| line.contains(word)))
        .map(|(at, _)| {
            file.at(at, "spells a label or marker: use the constant of model/label.rs or the marker of model/marker.rs, or add it there")
        })
        .collect()
}

/// Writes and merges on the forge outside of `drive/apply.rs`, where journal and ledger stand around them.
pub(crate) fn writes(file: &File) -> Vec<String> {
    let ours = [CORE, "caretaker-server/src/", "caretaker-adapters/"];
    let watched = ours.iter().any(|folder| file.path.starts_with(folder))
        && file.path.contains("/src/")
        && file.is(".rs")
        && file.path != APPLY;
    if !watched {
        return Vec::new();
    }
    // Without blanks a chain over several lines reads like one on a single line.
    let text: String = code(file)
        .flat_map(|(_, line)| line.chars())
        .filter(|c| !c.is_whitespace())
        .collect();
    ["write", "merge"]
        .iter()
        .filter(|call| calls_forge(&text, call))
        .map(|call| {
            format!(
                "{}: the forge's `{call}(…)` outside of {APPLY}: plan an action and let the driver \
                 apply it, or the effect happens without journal, last look and ledger",
                file.path
            )
        })
        .collect()
}

/// Whether a text without blanks calls this method of the forge, whatever the forge is called
/// there: by the port's name, on something named so, or with the port's three arguments.
fn calls_forge(text: &str, method: &str) -> bool {
    let named = ["Forge>::", "Forge::", "forge.", "forge()."];
    if named
        .iter()
        .any(|by| text.contains(&format!("{by}{method}(")))
    {
        return true;
    }
    let call = format!(".{method}(");
    text.match_indices(&call)
        .any(|(at, _)| arguments(&text[at + call.len()..]) == 3)
}

/// How many arguments stand before the bracket that closes a call.
fn arguments(rest: &str) -> usize {
    let (mut depth, mut found, mut begun) = (0_u32, 0, false);
    for c in rest.chars() {
        match c {
            ')' | ']' | '}' if depth == 0 => break,
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                found += usize::from(begun);
                begun = false;
                continue;
            }
            _ => {}
        }
        begun = true;
    }
    found + usize::from(begun)
}

/// Rights to merge that are given elsewhere than in the last look, on whatever somebody has at hand.
pub(crate) fn permits(file: &File) -> Vec<String> {
    let watched = file.path.contains("/src/") && !file.path.starts_with("caretaker-testkit/");
    if !watched || !file.is(".rs") || [LOOK, GATE].contains(&file.path.as_str()) {
        return Vec::new();
    }
    code(file)
        .filter(|(_, line)| !line.trim_start().starts_with("use ") && calls(line, "evaluate"))
        .map(|(at, _)| {
            file.at(at, &format!("gives itself the right to merge: only {LOOK} asks the gate for it, on answers past every cache; ask `Seen::against` for what stands against it"))
        })
        .collect()
}

/// Whether a line calls a function of this name.
fn calls(line: &str, name: &str) -> bool {
    let call = format!("{name}(");
    line.match_indices(&call).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_')
    })
}

/// State of the whole process in core, which two runs of one program could see differently. A
/// `LazyLock` makes one value out of nothing and may stay.
pub(crate) fn cells(file: &File) -> Vec<String> {
    if !file.path.starts_with(CORE) || !file.is(".rs") || file.path == REGISTRY {
        return Vec::new();
    }
    let words = [
        "OnceLock",
        "OnceCell",
        "thread_local!",
        "static mut",
        "static ref",
    ];
    let cell = |line: &str| {
        let shared = ["Mutex", "RwLock", "Atomic", "Cell"];
        let is_static = line.trim_start().starts_with("static ")
            || line.trim_start().starts_with("pub static ");
        words.iter().any(|word| line.contains(word))
            || is_static && shared.iter().any(|word| line.contains(word))
    };
    code(file)
        .filter(|(_, line)| cell(line))
        .map(|(at, _)| {
            let why = format!("keeps state for the whole process: take it as an argument; only {REGISTRY} may, and says why");
            file.at(at, &why)
        })
        .collect()
}

/// The driver's one file of order: short, because every event goes through it.
pub(crate) fn driver(repo: &Repo) -> Vec<String> {
    let Some(file) = repo.file(DRIVER) else {
        return vec![format!(
            "{DRIVER} is gone: tell the rules in tidy/boundary.rs where the driver lives"
        )];
    };
    let lines = file.text.lines().count();
    if lines < DRIVER_LINES {
        return Vec::new();
    }
    vec![format!(
        "{DRIVER}: {lines} lines, fewer than {DRIVER_LINES} wanted: move the step that grew into its own file \
         of drive/"
    )]
}

/// Lines of production code: no comments, nothing from the first test module on.
fn code(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let tests = file.is("/tests.rs");
    file.lines()
        .take_while(move |(_, line)| !tests && !line.trim_start().starts_with("#[cfg(test)]"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

mod broken_on_purpose {
    use super::*;
    use crate::repo::breaks;

    const AGENT: &str = "caretaker-core/src/agents/stale.rs";

    #[test]
    fn a_label_spelled_in_an_agent_is_found() {
        breaks(
            literals,
            AGENT,
            "label::HOLD",
            "Label::new(\"caretaker:hold\")",
            "stale.rs:1",
        );
    }

    #[test]
    fn a_marker_spelled_in_an_agent_is_found_but_not_in_its_tests_or_comments() {
        let bad = "let x = \"<!-- caretaker:status -->\";";
        let good = format!("// {bad}\n#[cfg(test)]\nmod tests {{\n{bad}\n}}");
        breaks(literals, AGENT, &good, bad, "model/marker.rs");
    }

    #[test]
    fn model_is_where_they_are_spelled() {
        let file = File::new("caretaker-core/src/model/label.rs", "\"caretaker:hold\"");
        assert_eq!(literals(&file), Vec::<String>::new());
    }

    #[test]
    fn a_write_on_the_forge_is_found_over_lines() {
        let bad = "ports\n    .forge\n    .write(&repo, &action)";
        breaks(
            writes,
            "caretaker-core/src/drive/fetch.rs",
            "ports.forge.read(x)",
            bad,
            "let the driver",
        );
        breaks(
            writes,
            "caretaker-server/src/consumer.rs",
            "config.merge(x)",
            "self.forge().merge(x)",
            "merge",
        );
        assert_eq!(writes(&File::new(APPLY, bad)), Vec::<String>::new());
    }

    #[test]
    fn a_merge_is_found_whatever_the_forge_is_called_there() {
        for bad in [
            "let f = &ports.forge;\nf.merge(repo, &permit, key).await",
            "self.inner\n    .merge(\n        &RepoRef::of(a, b),\n        permit,\n        key,\n    )",
            "Forge::merge(&*github, repo, &permit, key)",
            "<World as Forge>::merge(&world, repo, &permit, key)",
        ] {
            let good =
                "self.merge(); config.merge(x); maps.merge(a, f(b, c, d)); Config::merge(a, b)";
            breaks(
                writes,
                "caretaker-server/src/cli/explain.rs",
                good,
                bad,
                "`merge(",
            );
        }
    }

    #[test]
    fn state_of_the_process_is_found_outside_of_the_registry() {
        let good = "static KEYS: LazyLock<Vec<Key>> = LazyLock::new(read);";
        for bad in [
            "static SEEN: OnceLock<Vec<Key>> = OnceLock::new();",
            "    static COUNT: AtomicU64 = AtomicU64::new(0);",
            "thread_local! { }",
        ] {
            breaks(cells, AGENT, good, bad, "stale.rs:1");
            assert_eq!(cells(&File::new(REGISTRY, bad)), Vec::<String>::new());
        }
    }

    #[test]
    fn a_right_to_merge_outside_of_the_last_look_is_found() {
        let bad = "let permit = merge_gate::evaluate(&merge, &seen, &policy, now)?;";
        let good = "use crate::merge_gate::evaluate;\nlet against = seen.against(&policy, now);";
        breaks(permits, AGENT, good, bad, "stale.rs:1");
        assert_eq!(permits(&File::new(LOOK, bad)), Vec::<String>::new());
    }

    #[test]
    fn a_driver_of_two_hundred_lines_is_found() {
        let with = |lines| driver(&Repo::of([File::new(DRIVER, &"x\n".repeat(lines))]));
        assert_eq!(with(199), Vec::<String>::new());
        assert_eq!(with(200).len(), 1);
        assert_eq!(
            driver(&Repo::default()).len(),
            1,
            "a rule about a file that is gone says so"
        );
    }
}
