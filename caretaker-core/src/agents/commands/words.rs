//! What is answered to a command. Text from outside comes in escaped.

use crate::commands::{self, Row};
use crate::explain::{code, escape};
use crate::guard::Limit;
use crate::model::{ForgeAction, Label, Login, Mode, Permission, Settings};

/// Nothing follows pull requests here.
pub(super) const SWITCHED_OFF: &str = "\
Pull requests are not followed in this repository: `pr_agent.enabled` is `false`. So there is \
nothing to explain, hold or merge.";

/// Nothing is merged or held any more.
pub(super) const CLOSED: &str = "This pull request is closed; open it again first.";

/// Addressed without a verb that we know.
pub(super) fn unknown() -> String {
    format!("That is no command that I know.\n\n{}", commands::help())
}

/// Somebody may not say this.
pub(super) fn not_permitted(row: &Row, permission: Permission) -> String {
    format!(
        "`{}` is for {}. You have {} access to this repository.",
        row.name,
        row.who.words(),
        self::permission(permission)
    )
}

/// Said on an issue.
pub(super) fn only_on_pulls(row: &Row) -> String {
    format!("`{}` works on pull requests only.", row.name)
}

/// Our label would not count, as we act with the token of a person.
pub(super) fn as_person(label: &Label, login: &Login) -> String {
    format!(
        "The label {} does not count when I put it on here: I act with the token of {}, and what I \
         do cannot be told from what that account does. Somebody else who may write puts it on by \
         hand; where it is on already, it is taken off first.",
        code(label.as_str()),
        escape(login.as_str())
    )
}

/// A label is on, and who put it on cannot be found out.
pub(super) fn untold(label: &Label) -> String {
    format!(
        "The label {} is on, but the history of this pull request is too long to tell who put it \
         on, so it does not count. Merge it by hand.",
        code(label.as_str())
    )
}

/// What labels change, as it goes on from "would".
pub(super) fn acts(acts: &[ForgeAction]) -> String {
    let word = |act: &ForgeAction| match act {
        ForgeAction::AddLabel { label, .. } => format!("put the label {} on", code(label.as_str())),
        ForgeAction::RemoveLabel { label, .. } => {
            format!("take the label {} off", code(label.as_str()))
        }
        other => other.summary(),
    };
    let all: Vec<String> = acts.iter().map(word).collect();
    all.join(" and ")
}

/// Acts are held because of the mode.
pub(super) fn held_by_mode(what: &str, settings: &Settings) -> String {
    let is = match settings.mode {
        Mode::Observe => "only observes",
        Mode::Propose | Mode::Act => "only proposes",
    };
    let mut out = format!(
        "I would {what}, but this repository {is}. `safety.mode: act` lets me, unless \
         `safety.agents.commands` says less"
    );
    if settings.ceiling < Mode::Act {
        out.push_str(" and if the server's `mode_ceiling` allows it");
    }
    out.push('.');
    out
}

/// Acts are held because the hour has seen enough.
pub(super) fn over_budget(what: &str, limit: Limit) -> String {
    format!(
        "I would {what}, but {} of this hour's {} writes are spent (`safety.writes_per_hour`). Say \
         it again in the next hour.",
        limit.spent, limit.limit
    )
}

/// A permission, in a word.
pub(super) fn permission(permission: Permission) -> &'static str {
    match permission {
        Permission::None => "no",
        Permission::Read => "read",
        Permission::Triage => "triage",
        Permission::Write => "write",
        Permission::Maintain => "maintain",
        Permission::Admin => "admin",
    }
}
