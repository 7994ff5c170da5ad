//! Reads the configuration file after a push that may have touched it, and says what is wrong.
//!
//! Built in. The driver keeps the last good version; this listener only speaks.

use std::fmt::Write as _;

use super::{AgentDef, Input, Manifest, Only, ParamsFrom, Reacts, SubjectKind, Trigger, View};
use crate::config::Config;
use crate::model::ask::AskConfigFile;
use crate::model::{
    Action, Conclusion, Decision, Detail, EventKind, Fact, ForgeAction, Halt, Loudness, Owner,
    Publish, Reason,
};

/// Checks the configuration file.
pub struct ConfigFileListener;

/// Name of the published check.
const CHECK: &str = "caretaker/config";

/// It has none.
#[derive(serde::Deserialize)]
pub struct NoParams {}

impl AgentDef for ConfigFileListener {
    type Params = NoParams;

    const MANIFEST: Manifest = Manifest {
        name: "config",
        summary: "Publishes what is wrong with a changed configuration file, by line.",
        revision: 1,
        params: ParamsFrom::Nothing,
        hears: &[Trigger {
            kinds: &[EventKind::Pushed],
            reacts: Reacts::Level,
            only: Only::All,
            expires: None,
        }],
        subjects: &[SubjectKind::Branch],
        every: None,
        view: View::None,
        loudest: Loudness::Voice,
        permissions: &["contents: read", "checks: write"],
        verdicts: &["valid", "invalid", "absent", "skip"],
    };

    fn decide(&self, input: &Input<'_>, _params: &NoParams) -> Result<Decision, Halt> {
        let Detail::Push {
            after: Some(after),
            default_branch: true,
            touches_config: true,
        } = &input.event.detail
        else {
            let because = Reason::leaf("push_touches_the_configuration", false);
            return Ok(Decision::because("skip", because));
        };
        let Some(file) = input.ask_opt(&AskConfigFile(()))? else {
            return Ok(Decision::because(
                "absent",
                Reason::leaf("configuration_exists", false),
            ));
        };
        let parsed = Config::parse(&file.text);
        let problems = parsed.problems.len();
        let valid = Reason::leaf("configuration_is_valid", parsed.config.is_some())
            .saw(
                "problems",
                Fact::Count(i64::try_from(problems).unwrap_or(i64::MAX)),
            )
            .saw(
                "notes",
                Fact::Count(i64::try_from(parsed.notes.len()).unwrap_or(i64::MAX)),
            )
            .unblock(Owner::Maintainer, "correct the lines that the check names");
        let (verdict, conclusion, title) = if parsed.config.is_some() {
            (
                "valid",
                Conclusion::Success,
                "The configuration is valid".to_owned(),
            )
        } else {
            let title = format!("{problems} problem(s); the last valid version stays in force");
            ("invalid", Conclusion::Failure, title)
        };
        let mut summary = String::new();
        for problem in parsed.problems.iter().chain(&parsed.notes) {
            let line = crate::explain::escape(&problem.to_string());
            writeln!(summary, "- {line}").expect("writing to a string cannot fail");
        }
        let publish = Publish {
            sha: after.clone(),
            name: CHECK.to_owned(),
            conclusion,
            title,
            summary,
        };
        Ok(Decision::because(verdict, valid).then(
            Action::Forge(ForgeAction::Publish(publish)),
            "say what the file amounts to",
        ))
    }
}
