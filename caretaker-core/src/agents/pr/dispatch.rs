//! Whom we would ask for a fix. Nothing is dispatched: the plan stands among the reasons.
//!
//! What a snapshot does not tell stays unknown and permits nobody: how large the change is, which
//! paths it touches, what the failing check said, and who set a label. So a label that chooses is
//! noted and changes nothing here; quarantine stops whoever set it.

use serde::Deserialize;

use super::Params;
use crate::executor::{self, Feature, Labelled, Link, Outcome, Provider, Request, Setter, Verdict};
use crate::merge_gate::{Blocker, Standing};
use crate::model::{Fact, Holds, Pull, Reason};

/// Everything the agent reads of the configuration, section by section.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sections {
    /// What is demanded, said and done.
    pub(super) pr_agent: Params,
    /// Who is asked for code.
    pub(super) executor: executor::Params,
}

/// One reason for each kind of fix that is wanted, with the plan for it. They inform: ready is
/// what it was without them.
pub(super) fn reasons(blockers: &[Blocker], pull: &Pull, params: &executor::Params) -> Vec<Reason> {
    let failed = |blocker: &Blocker| matches!(blocker, Blocker::Checks { standing, .. } if *standing == Standing::Failed);
    let changes = |blocker: &Blocker| matches!(blocker, Blocker::ChangesRequested { .. });
    let wanted = [
        (Feature::CiFix, blockers.iter().any(failed)),
        (Feature::ReviewFix, blockers.iter().any(changes)),
    ];
    let wanted = wanted.into_iter().filter(|(_, wanted)| *wanted);
    wanted
        .map(|(feature, _)| reason(feature, pull, params))
        .collect()
}

fn reason(feature: Feature, pull: &Pull, params: &executor::Params) -> Reason {
    let labels = pull.item.labels.iter().map(|label| Labelled {
        label: label.clone(),
        by: Setter::Unknown,
    });
    let request = Request {
        labels: labels.collect(),
        same_repository: Some(pull.same_repository),
        ..Request::new(feature)
    };
    let plan = executor::select(&request, params);
    let mut reason = Reason::result("would_dispatch", Holds::NotApplicable)
        .saw("feature", Fact::Word(feature.name().to_owned()));
    reason = match &plan.outcome {
        Outcome::Dispatch(chain) => {
            reason.saw("chain", Fact::List(chain.links().map(link).collect()))
        }
        Outcome::Refuse(refusal) => reason.saw("refused", Fact::Word(refusal.code().to_owned())),
    };
    let passed = plan.trace.iter().filter_map(|step| match &step.verdict {
        Verdict::PassedOver { against } => {
            let against = against.iter().map(|a| Fact::Word(a.code().to_owned()));
            let passed = Reason::result("passed_over", Holds::NotApplicable)
                .saw("link", Fact::Name(step.name.clone()))
                .saw("against", Fact::List(against.collect()));
            Some(passed)
        }
        Verdict::Taken | Verdict::StandsFor { .. } | Verdict::LeftOut | Verdict::Refused => None,
    });
    reason.children = passed.collect();
    let unchecked = plan.labels.iter().filter(|heard| !heard.counts);
    let unchecked: Vec<&str> = unchecked.map(|heard| heard.label.as_str()).collect();
    if !unchecked.is_empty() {
        reason = reason.saw("not_yet_checked_who_set", Fact::names(unchecked));
    }
    reason
}

/// Names of the repository's own come from outside.
fn link(link: &Link) -> Fact {
    match &link.provider {
        Provider::Custom(_) => Fact::Name(link.words()),
        Provider::Copilot
        | Provider::Foundry
        | Provider::OpencodeLocal
        | Provider::ClaudeCode
        | Provider::Opencode
        | Provider::K8sJob => Fact::Word(link.words()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::pr::Pr;
    use crate::model::{CheckState, Label, ReviewState};
    use crate::scenario::{self, Scenario, person};

    fn failing() -> Scenario {
        scenario::pull(7)
            .check("lint", CheckState::Failure)
            .review(person("rita"), ReviewState::Approved)
    }

    fn reviewed() -> Scenario {
        scenario::pull(7)
            .check("lint", CheckState::Success)
            .review(person("rita"), ReviewState::ChangesRequested)
    }

    fn plans(scenario: &Scenario) -> Vec<Reason> {
        let because = scenario.decide(&Pr).unwrap().because;
        let mut children = because.children;
        children.retain(|child| child.rule == "would_dispatch");
        children
    }

    fn saw(reason: &Reason, name: &str) -> Option<Fact> {
        let mut saw = reason.saw.iter();
        saw.find(|(seen, _)| seen == name)
            .map(|(_, fact)| fact.clone())
    }

    fn words(words: &[&str]) -> Fact {
        let words = words.iter().map(|word| Fact::Word((*word).to_owned()));
        Fact::List(words.collect())
    }

    #[test]
    fn what_is_wanted_has_its_plan_and_what_is_not_has_none() {
        let features = |scenario: &Scenario| -> Vec<Fact> {
            let plans = plans(scenario);
            plans
                .iter()
                .filter_map(|plan| saw(plan, "feature"))
                .collect()
        };
        let word = |word: &str| Fact::Word(word.to_owned());
        assert_eq!(features(&failing()), [word("ci_fix")]);
        assert_eq!(features(&reviewed()), [word("review_fix")]);
        let both = reviewed().check("test", CheckState::Failure);
        assert_eq!(features(&both), [word("ci_fix"), word("review_fix")]);
        let fine = scenario::pull(7).check("lint", CheckState::Success);
        assert_eq!(features(&fine), []);
        let optional = fine
            .requires("lint", None)
            .check("other", CheckState::Failure);
        assert_eq!(features(&optional), [], "nothing demands it");
        assert_eq!(features(&failing().closed()), []);
    }

    #[test]
    fn a_plan_informs_and_blocks_nothing() {
        let because = reviewed().decide(&Pr).unwrap().because;
        let against: Vec<_> = because.against().iter().map(|r| r.rule.clone()).collect();
        assert!(!against.contains(&"would_dispatch".into()), "{against:?}");
        assert_eq!(plans(&reviewed())[0].result, Holds::NotApplicable);
    }

    #[test]
    fn the_chain_is_the_features_as_far_as_the_snapshot_allows() {
        assert_eq!(
            saw(&plans(&failing())[0], "chain"),
            Some(words(&["copilot"]))
        );
        let claude = failing()
            .param("executor.claude_code.enabled", true)
            .param("executor.foundry.enabled", true)
            .param("executor.provider", "foundry")
            .param(
                "executor.features",
                serde_json::json!({
                    "ci_fix": { "provider": "foundry", "fallback": ["claude-code"] },
                }),
            );
        let plan = &plans(&claude)[0];
        assert_eq!(saw(plan, "chain"), Some(words(&["claude_code", "copilot"])));
        let [passed] = plan.children.as_slice() else {
            panic!("{plan:?}")
        };
        assert_eq!(saw(passed, "link"), Some(Fact::Name("foundry".to_owned())));
        let unknown = [
            "task_not_taken",
            "size_unknown",
            "error_length_unknown",
            "paths_unknown",
        ];
        assert_eq!(saw(passed, "against"), Some(words(&unknown)));
        let own = failing()
            .param(
                "executor.agents",
                serde_json::json!({
                    "mine": { "enabled": true, "mode": "handoff" },
                }),
            )
            .param("executor.provider", "mine");
        let mine = [
            Fact::Name("mine".to_owned()),
            Fact::Word("copilot".to_owned()),
        ];
        assert_eq!(saw(&plans(&own)[0], "chain"), Some(Fact::List(mine.into())));
    }

    #[test]
    fn a_job_is_told_that_a_change_comes_from_a_fork() {
        let job = || {
            failing()
                .param("executor.k8s_worker.enabled", true)
                .param("executor.provider", "k8s-job")
        };
        assert_eq!(
            saw(&plans(&job())[0], "chain"),
            Some(words(&["k8s_job", "copilot"]))
        );
        assert_eq!(
            saw(&plans(&job().fork())[0], "chain"),
            Some(words(&["copilot"]))
        );
    }

    #[test]
    fn labels_of_unknown_origin_are_noted_and_quarantine_stops() {
        let label = |name: &str| Label::new(format!("{}{name}", crate::model::label::AGENT_PREFIX));
        let chosen = label("nobody");
        let plan = &plans(&failing().label(chosen.as_str()))[0];
        assert_eq!(saw(plan, "chain"), Some(words(&["copilot"])));
        let noted = Fact::names([chosen.as_str()]);
        assert_eq!(saw(plan, "not_yet_checked_who_set"), Some(noted));
        let left_alone = &plans(&failing().label("Agent:Quarantine"))[0];
        let refused = Fact::Word("quarantine".to_owned());
        assert_eq!(saw(left_alone, "refused"), Some(refused));
        assert_eq!(saw(left_alone, "chain"), None);
    }
}
