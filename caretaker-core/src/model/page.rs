//! Renders `docs/forge.md` from the examples of questions and actions.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::action::{Safety, Trace};
use super::{Action, ForgeAction, ForgeQuery, Loudness, Merge, MergeMethod, Stage};

/// All that a forge can be asked and told, with what each needs.
pub fn forge() -> String {
    let stage = Stage::default();
    let mut out = String::from(
        "# Questions and actions\n\n\
         Generated from the examples of both; `make docs` writes it anew. What `caretaker` asks \
         GitHub and does there, with the App permissions that each \
         needs. Names are those of the journal.\n\n\
         ## Questions\n\n\
         `caretaker ask OWNER/REPO NAME` puts one of them; `caretaker ask --list` shows each as \
         it is written there.\n\n| Question | For example | Permission |\n|---|---|---|\n",
    );
    for (name, query) in named("get", ForgeQuery::examples(&stage)) {
        let permissions = query.permissions().iter().map(|needed| code(needed));
        let permissions = permissions.collect::<Vec<_>>().join(", ");
        let (name, summary) = (code(&name), query.summary());
        writeln!(out, "| {name} | {summary} | {permissions} |")
            .expect("writing to a string cannot fail");
    }
    out.push_str(
        "\n## Actions\n\n\
         *Voice* is what we say about a subject, an *act* is anything else; the mode decides which \
         of them happen. The last column says why doing it again, when the reply to the first was \
         lost, has no second effect. What GitHub has no way to tell apart is sent once and reported \
         as unknown.\n\n\
         | Action | For example | Permission | Loudness | Safe to repeat |\n\
         |---|---|---|---|---|\n",
    );
    for (name, action) in named("op", ForgeAction::examples(&stage)) {
        let safety = action.safety();
        let mut permission = code(action.permission());
        if action.needs_person() {
            permission.push_str(" of a person");
        }
        row(&mut out, &name, &permission, safety, &Action::Forge(action));
    }
    let merge = Action::Merge(Merge {
        number: stage.pull,
        head: stage.head,
        base: stage.base,
        method: MergeMethod::Squash,
    });
    let safety = Safety::ReadBack(Trace::Head);
    row(&mut out, "merge", &code(Merge::PERMISSION), safety, &merge);
    out
}

fn row(out: &mut String, name: &str, permission: &str, safety: Safety, action: &Action) {
    let loudness = match action.loudness() {
        Loudness::Internal => "internal",
        Loudness::Voice => "voice",
        Loudness::Act => "act",
    };
    writeln!(
        out,
        "| {} | {} | {permission} | {loudness} | {} |",
        code(name),
        action.summary(),
        safety.words(),
    )
    .expect("writing to a string cannot fail");
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

/// Each example with its name in the journal.
fn named<T: Serialize>(tag: &str, examples: Vec<T>) -> impl Iterator<Item = (String, T)> {
    examples.into_iter().map(move |example| {
        let value = serde_json::to_value(&example)
            .expect("invariant: questions and actions are written without error");
        (name(tag, &value), example)
    })
}

/// The word of a kind; that of a family has its own kind behind a dot.
fn name(tag: &str, value: &Value) -> String {
    let word = value[tag].as_str().unwrap_or_default();
    match &value["v"] {
        inner if inner.get(tag).is_some_and(Value::is_string) => {
            format!("{word}.{}", name(tag, inner))
        }
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_kind_of_a_family_stands_behind_it() {
        assert_eq!(
            name("op", &json!({"op": "close", "v": {"number": 1}})),
            "close"
        );
        let nested = json!({"op": "issue", "v": {"op": "lock", "v": {"number": 1}}});
        assert_eq!(name("op", &nested), "issue.lock");
    }
}
