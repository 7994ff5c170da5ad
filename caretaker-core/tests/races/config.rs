//! The configurations that repositories of these histories have, and in short what each demands.

use caretaker_core::model::ConfigState;

/// A configuration, with what the oracle knows of it without reading it.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one switch for each demand, as the configuration has them"
)]
pub(crate) struct Config {
    pub(crate) text: &'static str,
    /// Whether it lets us merge at all.
    pub(crate) merges: bool,
    /// Whether it lets people's pull requests be merged without being told.
    pub(crate) people: bool,
    /// Whether it takes people's pull requests into care by themselves; Dependabot's always are.
    pub(crate) claims: bool,
    /// Approvals it demands.
    pub(crate) reviews: usize,
    /// A label that holds beside the built-in one.
    pub(crate) hold: &'static str,
    /// Whether a head without any check may go in.
    pub(crate) no_ci: bool,
    /// Whose approval its own rule demands.
    pub(crate) rule: Option<&'static str>,
    /// Whether its own rule demands code owners.
    pub(crate) owners: bool,
    /// Whether only approvals of the head count.
    pub(crate) stale: bool,
    /// Minutes after nine from and until which nothing is merged.
    pub(crate) frozen: Option<(i64, i64)>,
    /// Directory whose changes are left to people.
    pub(crate) protected: Option<&'static str>,
}

/// A file that allows everything, with these lines about pull requests.
macro_rules! pr_agent {
    ($($line:literal),+ $(,)?) => {
        concat!("version: v1\nsafety: {mode: act}\npr_agent:\n", $("  ", $line, "\n"),+)
    };
}

const fn merging(text: &'static str) -> Config {
    Config {
        text,
        merges: true,
        people: true,
        claims: true,
        reviews: 1,
        hold: "caretaker:hold",
        no_ci: false,
        rule: None,
        owners: false,
        stale: false,
        frozen: None,
        protected: None,
    }
}

/// People's pull requests are merged once somebody has put them into care.
pub(crate) const CARE_IS_GIVEN: &str = pr_agent!(
    "auto_merge: {human_prs: true}",
    "merge_authority: {mode: gate_and_merge}"
);

/// The ordinary one first.
pub(crate) const CONFIGS: &[Config] = &[
    merging(pr_agent!(
        "auto_merge: {human_prs: true}",
        "ownership: {auto_claim: {human_prs: true}}",
        "merge_authority: {mode: gate_and_merge}"
    )),
    Config {
        reviews: 2,
        ..merging(pr_agent!(
            "auto_merge: {human_prs: true, merge_method: rebase}",
            "ownership: {auto_claim: {human_prs: true}}",
            "readiness: {required_reviews: 2}",
            "merge_authority: {mode: gate_and_merge}"
        ))
    },
    Config {
        reviews: 0,
        hold: "wait",
        ..merging(pr_agent!(
            "auto_merge: {human_prs: true, merge_method: merge}",
            "ownership: {hold_label: wait, auto_claim: {human_prs: true}}",
            "readiness: {required_reviews: 0}",
            "merge_authority: {mode: gate_and_merge}"
        ))
    },
    Config {
        no_ci: true,
        ..merging(pr_agent!(
            "auto_merge: {human_prs: true}",
            "ownership: {auto_claim: {human_prs: true}}",
            "merge: {allow_no_ci: true, settle_seconds: 0}",
            "merge_authority: {mode: gate_and_merge}"
        ))
    },
    Config {
        rule: Some("rita"),
        stale: true,
        ..merging(pr_agent!(
            "auto_merge: {human_prs: true}",
            "ownership: {auto_claim: {human_prs: true}}",
            "merge: {dismiss_stale: true, reviews: {approvals: 1, from: [rita]}}",
            "merge_authority: {mode: gate_and_merge}"
        ))
    },
    Config {
        owners: true,
        protected: Some("secret/"),
        ..merging(pr_agent!(
            "auto_merge: {human_prs: true}",
            "ownership: {auto_claim: {human_prs: true}}",
            "merge: {protected_paths: [/secret/**], reviews: {code_owners: true}}",
            "merge_authority: {mode: gate_and_merge}"
        ))
    },
    Config {
        frozen: Some((12, 20)),
        ..merging(pr_agent!(
            "auto_merge: {human_prs: true}",
            "ownership: {auto_claim: {human_prs: true}}",
            "merge: {freeze: ['Mon 09:12/Mon 09:20']}",
            "merge_authority: {mode: gate_and_merge}"
        ))
    },
    Config {
        people: false,
        claims: false,
        ..merging(pr_agent!("merge_authority: {mode: gate_and_merge}"))
    },
    Config {
        claims: false,
        ..merging(CARE_IS_GIVEN)
    },
    Config {
        merges: false,
        ..merging(
            "version: v1
safety: {mode: propose}
pr_agent:
  auto_merge: {human_prs: true}
  ownership: {auto_claim: {human_prs: true}}
  merge_authority: {mode: gate_and_merge}
",
        )
    },
    Config {
        merges: false,
        ..merging(pr_agent!(
            "auto_merge: {human_prs: true}",
            "ownership: {auto_claim: {human_prs: true}}",
            "merge_authority: {mode: gate_only}"
        ))
    },
];

/// A file that nobody can read.
pub(crate) const BROKEN: &str = "version: v1\nsafety: [\n";

/// What is in force when our memory says this; `None` where nothing lets us merge.
pub(crate) fn in_force(state: ConfigState, good: Option<&str>) -> Option<&'static Config> {
    let known = matches!(state, ConfigState::Valid | ConfigState::LastGood);
    let text = good.filter(|_| known)?;
    CONFIGS.iter().find(|config| config.text == text)
}
