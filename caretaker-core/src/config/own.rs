//! Keys of agents that a program brings along: what their rows must be to join the table.

use super::table::{Key, Kind, Status, built_in, row};

/// Whether the table that we are built with uses this word at its root or for an agent.
pub(crate) fn is_taken(word: &str) -> bool {
    built_in().iter().any(|key| {
        let agent = key.path.strip_prefix("safety.agents.");
        key.path.split('.').next() == Some(word) || agent == Some(word)
    })
}

/// The rows of an agent's sections, and its mode. `Err` says what is wrong and what to do.
pub(crate) fn rows(
    agent: &'static str,
    sections: &[&str],
    text: &'static str,
) -> Result<Vec<Key>, String> {
    let mut keys: Vec<Key> = Vec::new();
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    for line in lines.filter(|line| !line.starts_with('#')) {
        let Some(key) = row(line) else {
            return Err(format!(
                "`{line}` is no row: write six cells with tabs between, path, kind, default, \
                 limits, `active` and meaning"
            ));
        };
        judge(&key, sections).map_err(|why| format!("`{}` {why}", key.path))?;
        for other in &keys {
            if nested(other.path, key.path) || nested(key.path, other.path) {
                let why = "is there twice, or below another key: rename it";
                return Err(format!("`{}` {why}", key.path));
            }
        }
        keys.push(key);
    }
    if let Some(first) = sections.first() {
        let switch = format!("{first}.enabled");
        let is_switch = |key: &Key| key.kind == Kind::Switch && key.default.is_some();
        if !keys.iter().any(|key| key.path == switch && is_switch(key)) {
            return Err(format!(
                "there is no `{switch}`, by which it is switched on and off: add it as `bool` \
                 with a default"
            ));
        }
    }
    keys.push(mode(agent));
    Ok(keys)
}

fn judge(key: &Key, sections: &[&str]) -> Result<(), &'static str> {
    let section = key.path.split('.').next().unwrap_or_default();
    if !sections.contains(&section) || key.path == section {
        return Err("is not below a section of the agent's: move it there, or list the section");
    }
    if key
        .path
        .split('.')
        .any(|part| part.is_empty() || part == "*")
    {
        return Err("holds `*` or an empty part: write every name out");
    }
    if key.status != Status::Active {
        return Err("is not `active`: leave out what the agent does not read");
    }
    if matches!(key.kind, Kind::Decimal(_)) {
        return Err("is a fraction, which no record holds: take whole numbers of a smaller unit");
    }
    if key.default.as_ref().is_some_and(|value| !key.takes(value)) {
        return Err("has a default that is no value of its kind: correct it");
    }
    Ok(())
}

fn nested(above: &str, below: &str) -> bool {
    let rest = below.strip_prefix(above);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The row by which a repository limits the agent.
fn mode(agent: &'static str) -> Key {
    Key {
        path: format!("safety.agents.{agent}").leak(),
        kind: Kind::Choice(vec!["observe", "propose", "act"]),
        nullable: false,
        default: None,
        status: Status::Active,
        meaning: "Limit of this agent; absent = as `safety.mode`",
    }
}
