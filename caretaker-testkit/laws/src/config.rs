//! A repository's configuration file. The bytes are the file.

use std::collections::BTreeMap;

use caretaker_core::agents;
use caretaker_core::config::effective::{Source, effective};
use caretaker_core::config::{Config, Parsed, Problem, Status, keys};
use caretaker_core::model::{Author, Item, Mode, Number, Timestamp};
use caretaker_core::route;
use serde_json::{Map, Value};

/// - There are settings exactly where there are no problems; problems have a place in the file,
///   stand in its order, are bounded in number, and move no cursor.
/// - What a file says, written down as JSON and read again, is the same settings.
/// - How lines end does not matter.
/// - Every agent reads its parameters out of every valid file.
/// - An invalid file allows nothing.
pub fn holds(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let parsed = Config::parse(text);
    assert_eq!(parsed, Config::parse(text), "twice is once");
    assert_eq!(parsed.config.is_some(), parsed.problems.is_empty());
    let lines = u32::try_from(text.split(['\n', '\r']).count()).expect("the input is small");
    for list in [&parsed.problems, &parsed.notes] {
        assert!(list.len() <= 101, "{}", list.len());
        for problem in list {
            told(problem, lines);
        }
    }
    let Some(config) = &parsed.config else { return };
    for at in parsed.lines.values() {
        assert!((1..=lines).contains(at));
    }
    agents_read(config);
    let said = printed(config, &parsed);
    let again = Config::parse(&said);
    assert_eq!(again.problems, [], "{said}");
    assert_eq!(again.config.as_ref(), Some(config), "{said}");
    if !text.contains('\r') {
        let dos = Config::parse(&text.replace('\n', "\r\n"));
        assert_eq!((dos.config, dos.lines), (parsed.config, parsed.lines));
    }
}

fn told(problem: &Problem, lines: u32) {
    assert!(
        (1..=lines).contains(&problem.line),
        "{problem:?} of {lines}"
    );
    assert!(problem.column >= 1);
    let text = problem.to_string();
    assert!(!text.contains(char::is_control), "{text:?}");
    assert_eq!(
        text.matches('`').count() % 2,
        0,
        "{text:?} leaves its quotes"
    );
}

fn agents_read(config: &Config) {
    let then = Timestamp::default();
    let row = Item {
        number: Number::new(1),
        pull: false,
        open: true,
        draft: false,
        author: Author::Us,
        labels: Vec::new(),
        assigned: false,
        milestone: false,
        created_at: then,
        updated_at: then,
        merged_at: None,
    };
    for agent in agents::all() {
        let params = route::params(agent, config);
        let name = agent.manifest().name;
        assert!(
            agent.wants(&row, &params, then).is_ok(),
            "{name}: {params:?}"
        );
    }
}

/// What the file says of keys that something reads, as JSON, which is YAML too.
fn printed(config: &Config, parsed: &Parsed) -> String {
    let mut root = Map::new();
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    for row in effective(config, &parsed.lines, Mode::Act) {
        if let (Source::Line(_), Some(value)) = (row.source, row.value) {
            values.insert(row.path, value.value());
        }
    }
    // Modes are effective ones above: here is what the file says.
    let safety = config.safety();
    values.retain(|path, _| path != "safety.mode" && !path.starts_with("safety.agents."));
    if parsed.lines.contains_key("safety.mode") {
        values.insert("safety.mode".to_owned(), safety.mode.name().into());
    }
    for (agent, mode) in &safety.agents {
        values.insert(format!("safety.agents.{agent}"), mode.name().into());
    }
    for path in parsed.lines.keys().filter(|path| !is_row(path)) {
        let place: Vec<&str> = path.split('.').collect();
        put(&mut root, &place, values.remove(path));
    }
    Value::Object(root).to_string()
}

/// Whether it is the place of a row of a list.
fn is_row(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(above, row)| {
        row.bytes().all(|byte| byte.is_ascii_digit())
            && keys().iter().any(|key| {
                let same = key.path.split('.').zip(above.split('.'));
                key.status == Status::Active
                    && key.path.split('.').count() == above.split('.').count()
                    && same
                        .into_iter()
                        .all(|(key, part)| key == "*" || key == part)
            })
    })
}

/// Puts a value at its place; without one there is a mapping.
fn put(map: &mut Map<String, Value>, place: &[&str], value: Option<Value>) {
    let Some((name, below)) = place.split_first() else {
        return;
    };
    if below.is_empty() {
        let empty = || Value::Object(Map::new());
        map.entry(*name)
            .or_insert_with(|| value.unwrap_or_else(empty));
        return;
    }
    let next = map
        .entry(*name)
        .or_insert_with(|| Value::Object(Map::new()));
    if let Some(next) = next.as_object_mut() {
        put(next, below, value);
    }
}
