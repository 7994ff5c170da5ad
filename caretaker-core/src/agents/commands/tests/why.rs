//! The answer to `@caretaker why`.

use super::*;
use crate::agents::pr::Pr;
use crate::model::{CheckState, ReviewState};

#[test]
fn why_names_each_blocker_with_its_owner_and_remedy() {
    let decision = said(Verb::Why, Permission::Triage).decide();
    let words = words_of(&decision);
    let marker = Marker::Answer.render_to(RemoteId::new(5));
    assert!(words.starts_with(&format!("{marker}\n")), "{words}");
    assert!(words.contains("**required_review_missing**"), "{words}");
    let way = "*reviewer*: somebody who may write approves this commit";
    assert!(words.contains(way), "{words}");
    let rules = serde_json::to_string(&decision.because).unwrap();
    assert!(rules.contains("approvals_are_given"), "{rules}");
}

/// What `pr` writes into its status comment about the same.
fn status_comment(said: &Said) -> String {
    let decision = said.decided_by(&Pr).unwrap();
    let mut actions = decision.actions.into_iter();
    let comment = actions.find_map(|planned| match planned.action {
        Action::Forge(ForgeAction::UpsertComment { body, .. }) => Some(body),
        _ => None,
    });
    comment.expect("a status comment")
}

const MERGING: &str = "\
version: v1
safety: {mode: act}
pr_agent:
  merge_authority: {mode: gate_and_merge}
";

const FROZEN: &str = "\
version: v1
safety: {mode: act}
pr_agent:
  merge_authority: {mode: gate_and_merge}
  merge: {freeze: ['2020-01-01T00:00Z/2030-01-01T00:00Z']}
";

#[test]
fn why_says_what_the_status_comment_says() {
    let ready = || {
        let green = pull(7).check("lint", CheckState::Success);
        green.review(person("rita"), ReviewState::Approved)
    };
    let open = "version: v1\nsafety: {mode: act}\n";
    let ours = || ready().author(bot("dependabot[bot]"));
    for (about, config, says) in [
        (pull(7), open, "**required_review_missing**"),
        (ready(), open, "the merge itself is left to people"),
        (ready(), MERGING, "**family_not_allowed**"),
        (ready(), MERGING, "*maintainer*: "),
        (ours(), MERGING, "Caretaker merges it."),
        (
            ours(),
            FROZEN,
            "- *GitHub*: wait until 2030-01-01T00:00:00Z",
        ),
        (ours().fork(), MERGING, "**from_fork**"),
    ] {
        let why = Said {
            about,
            config,
            ..said(Verb::Why, Permission::Triage)
        };
        let (decision, comment) = (why.decide(), status_comment(&why));
        let (_, words) = words_of(&decision).split_once("\n\n").unwrap();
        assert!(comment.contains(words), "{words}\n--- in ---\n{comment}");
        assert!(words.contains(says), "{says}: {words}");
    }
}

#[test]
fn why_goes_by_the_mode_of_who_merges() {
    let quiet = "version: v1\nsafety: {mode: act, agents: {pr: propose}}\n\
                 pr_agent: {merge_authority: {mode: gate_and_merge}}\n";
    let about = pull(7)
        .author(bot("dependabot[bot]"))
        .check("lint", CheckState::Success)
        .review(person("rita"), ReviewState::Approved);
    let why = Said {
        about,
        config: quiet,
        ..said(Verb::Why, Permission::Triage)
    };
    let decision = why.decide();
    let words = words_of(&decision);
    assert!(
        words.contains("Caretaker would merge it: `safety.mode: act`"),
        "{words}"
    );
}

#[test]
fn why_says_of_what_is_over_that_it_is_over() {
    for (about, how) in [(pull(7).closed(), "closed"), (pull(7).merged(), "merged")] {
        let why = Said {
            about,
            ..said(Verb::Why, Permission::Triage)
        };
        let decision = why.decide();
        let told = format!("It is {how}; nothing is awaited any more.");
        assert!(words_of(&decision).ends_with(&told), "{decision:?}");
    }
}
