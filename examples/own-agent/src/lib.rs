//! An agent of one's own: it labels open issues that nobody has sorted yet.
//!
//! Written like the built-in ones, and registered instead of listed.

use caretaker_core::agents::{
    self, AgentDef, Input, Manifest, Only, Own, ParamsFrom, Reacts, RegisterError, SubjectKind,
    Trigger, View,
};
use caretaker_core::model::ask::AskItem;
use caretaker_core::model::{
    Action, Decision, EventKind, Fact, ForgeAction, Halt, Item, Label, Loudness, Reason, Timestamp,
};
use serde::Deserialize;

/// Labels issues without a label.
pub struct Inbox;

/// The keys of its section, as rows of Caretaker's key table.
const KEYS: &str = "\
inbox_agent.enabled	bool	true	-	active	Label issues that nobody has sorted
inbox_agent.label	str	\"inbox\"	1..50	active	The label";

/// Makes the agent one of those there are; first thing in `main`.
///
/// # Errors
/// When something was decided or configured before.
pub fn register() -> Result<(), RegisterError> {
    agents::register(&[Own {
        agent: &Inbox,
        keys: KEYS,
    }])
}

/// Section `inbox_agent`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    #[serde(rename = "enabled")]
    _enabled: bool,
    label: Label,
}

impl AgentDef for Inbox {
    type Params = Params;

    const MANIFEST: Manifest = Manifest {
        name: "inbox",
        summary: "Labels open issues that have no label, so that somebody sorts them.",
        revision: 1,
        params: ParamsFrom::Section("inbox_agent"),
        hears: &[Trigger {
            kinds: &[
                EventKind::IssueOpened,
                EventKind::IssueReopened,
                EventKind::Requested,
                EventKind::FannedOut,
            ],
            reacts: Reacts::Level,
            only: Only::All,
            expires: None,
        }],
        subjects: &[SubjectKind::Issue],
        every: None,
        view: View::Item,
        loudest: Loudness::Act,
        permissions: &["issues: write"],
        verdicts: &["sort", "leave"],
    };

    fn wants(&self, row: &Item, _params: &Params, _now: Timestamp) -> bool {
        row.open && row.labels.is_empty()
    }

    fn decide(&self, input: &Input<'_>, params: &Params) -> Result<Decision, Halt> {
        let Some(number) = input.event.subject.number() else {
            let because = Reason::leaf("subject_is_an_item", false);
            return Ok(Decision::because("leave", because));
        };
        let ask = AskItem(number);
        let item = input.ask(&ask)?;
        let because = Reason::all(
            "waits_to_be_sorted",
            vec![
                Reason::leaf("is_open", item.open),
                Reason::leaf("has_no_label", item.labels.is_empty())
                    .saw("labels", Fact::names(item.labels.iter().map(Label::as_str))),
            ],
        );
        if !item.open || !item.labels.is_empty() {
            return Ok(Decision::because("leave", because));
        }
        let label = params.label.clone();
        let add = Action::Forge(ForgeAction::AddLabel { number, label });
        Ok(Decision::because("sort", because).then(add, "nobody has sorted it yet"))
    }
}
