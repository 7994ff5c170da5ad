//! What would release a pull request, as the command line shows it.

use caretaker_core::agents::pr;
use caretaker_core::model::{Owner, Run};
use caretaker_core::release::{Act, Aim, Kind, Releases};
use serde::Serialize;

/// The smallest sets of acts.
#[derive(Debug, Serialize)]
pub(super) struct Release {
    aim: Aim,
    ways: Vec<Vec<Step>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    none: Option<&'static str>,
    cut: bool,
}

#[derive(Debug, Serialize)]
struct Step {
    kind: Kind,
    owner: Owner,
    what: String,
    #[serde(flatten)]
    act: Act,
}

impl Release {
    /// Asks the gate again about what was recorded. `None` where nothing stood against it, and
    /// for runs that are not about a pull request or whose answers are gone.
    pub(super) fn of(run: &Run) -> Option<Self> {
        use caretaker_core::agents::AgentDef as _;
        if run.agent.as_str() != pr::Pr::MANIFEST.name {
            return None;
        }
        let found = pr::releases(&run.task, &run.evidence).ok().flatten()?;
        Some(Self::told(&found))
    }

    fn told(found: &Releases) -> Self {
        let step = |act: &Act| Step {
            kind: act.kind(),
            owner: act.owner(),
            what: act.plain_words(),
            act: act.clone(),
        };
        let way = |way: &Vec<Act>| way.iter().map(step).collect();
        Self {
            aim: found.aim,
            ways: found.ways.iter().map(way).collect(),
            none: found.none(),
            cut: found.cut,
        }
    }

    /// For a terminal: a heading, then each way with its acts.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("to release     until {}", self.aim.words())];
        for (n, way) in (1..).zip(&self.ways) {
            for (place, step) in way.iter().enumerate() {
                let number = if place == 0 {
                    format!("{n}.")
                } else {
                    "  ".to_owned()
                };
                let (who, what) = (step.owner.word(), &step.what);
                lines.push(format!("  {number} {who}: {what}"));
            }
        }
        lines.extend(self.none.map(|none| format!("  {none}")));
        lines
    }
}
