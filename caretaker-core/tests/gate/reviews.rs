//! Whose word on the change counts, and whose approval is still missing.

use caretaker_core::model::{Author, Permission, Review, ReviewState, Span};
use caretaker_core::scenario::{NOW, Scenario, bot, person, review, sha};

use crate::case::{Case, mergeable, people_merge};

circumstances! {
    "ReviewsIncomplete", in mergeable(),
    fn reviews_incomplete(case) { case.snapshot(|seen| seen.reviews.complete = false) }

    "ChangesRequested", in mergeable(),
    fn changes_requested(case) { says(case, person("rob"), ReviewState::ChangesRequested) }

    "ChangesRequested", in mergeable(),
    fn changes_requested_by_an_app(case) {
        case.facts(|scenario| scenario.reviewed(Review {
            trusted: false,
            ..review(bot("linter[bot]"), ReviewState::ChangesRequested)
        }))
    }

    /// GitHub shows a member who hides it as a stranger.
    "ChangesRequested", in mergeable().facts(|scenario| scenario.reviewed(Review {
        trusted: false,
        ..review(person("sam"), ReviewState::ChangesRequested)
    }).may("sam", Permission::Read)),
    fn changes_requested_by_a_hidden_member(case) {
        case.facts(|scenario| scenario.may("sam", Permission::Write))
    }

    "ChangesRequested", in mergeable(),
    fn changes_requested_by_who_has_approved(case) {
        says(case, person("rita"), ReviewState::ChangesRequested)
    }

    /// Without the demand the remark says nothing.
    "ChangesRequested", in says(mergeable(), person("rob"), ReviewState::Commented),
    fn changes_requested_are_not_taken_back_by_a_remark(case) {
        case.facts(|scenario| scenario.reviewed(Review {
            at: NOW - Span::minutes(50),
            ..review(person("rob"), ReviewState::ChangesRequested)
        }))
    }

    "ReviewMissing", in mergeable(),
    fn review_missing(case) { case.snapshot(|seen| seen.reviews.rows.clear()) }

    "ReviewMissing", in mergeable(),
    fn review_missing_where_two_are_demanded(case) {
        case.demands("readiness: {required_reviews: 2}")
    }

    "ReviewMissing", in mergeable(),
    fn review_missing_where_github_demands_two(case) {
        case.snapshot(|seen| seen.required.get_or_insert_default().approvals = 2)
    }

    "ReviewMissing", in mergeable(),
    fn review_missing_where_it_is_only_a_remark(case) {
        case.snapshot(|seen| seen.reviews.rows[0].state = ReviewState::Commented)
    }

    "ReviewMissing", in mergeable(),
    fn review_missing_where_it_was_dismissed(case) {
        says(case, person("rita"), ReviewState::Dismissed)
    }

    "ReviewMissing", in people_merge(),
    fn review_missing_where_the_author_approves(case) {
        case.snapshot(|seen| seen.pull.item.author = person("rita"))
    }

    "ReviewMissing", in mergeable(),
    fn review_missing_where_a_bot_approves(case) { by(case, bot("other[bot]")) }

    "ReviewMissing", in mergeable(),
    fn review_missing_where_a_known_bot_without_a_mark_approves(case) {
        by(case, person("coderabbitai")).facts(|s| s.may("coderabbitai", Permission::Write))
    }

    "ReviewMissing", in mergeable(),
    fn review_missing_where_we_approve(case) { by(case, Author::Us) }

    "ReviewMissing", in mergeable(),
    fn review_missing_where_a_stranger_approves(case) {
        case.snapshot(|seen| seen.reviews.rows[0].trusted = false)
    }

    "ReviewMissing", in mergeable(),
    fn review_missing_where_a_reader_approves(case) {
        case.facts(|scenario| scenario.may("rita", Permission::Read))
    }

    "ReviewMissing", in mergeable(),
    fn review_missing_where_who_may_only_triage_approves(case) {
        case.facts(|scenario| scenario.may("rita", Permission::Triage))
    }

    "ReviewOutdated", in mergeable().demands("merge: {dismiss_stale: true}"),
    fn review_outdated(case) { approves(case, '9') }

    "ReviewOutdated", in approves(mergeable(), '9'),
    fn review_outdated_where_github_dismisses_on_a_push(case) {
        case.snapshot(|seen| seen.required.get_or_insert_default().dismiss_stale = true)
    }

    "CodeOwners", in owned("src/ @rita\n"),
    fn code_owner_missing(case) { case.facts(|scenario| scenario.owners("src/ @dora\n")) }

    "CodeOwners", in owned("src/ @dora\nsrc/ @rita\n"),
    fn code_owner_missing_by_the_last_line_that_matches(case) {
        case.facts(|scenario| scenario.owners("src/ @rita\nsrc/ @dora\n"))
    }

    "CodeOwners", in owned("src/ @rita\ndocs/ @dora\n"),
    fn code_owner_missing_for_a_second_file(case) {
        case.facts(|scenario| scenario.file("docs/a.md"))
    }

    "CodeOwners", in owned("src/ @rita\ndocs/ @dora\n"),
    fn code_owner_missing_for_where_a_file_was_moved_from(case) {
        case.facts(|scenario| scenario.renamed("src/a.md", "docs/a.md"))
    }

    "CodeOwners", in owned("src/ @octo/data\n").facts(|s| s.team("data", &["rita"])),
    fn code_owner_missing_in_the_team(case) {
        case.facts(|scenario| scenario.team("data", &["dan"]))
    }

    "CodeOwners, unknown", in owned("src/ @octo/data\n").facts(|s| s.team("data", &["rita"])),
    fn code_owners_unknown(case) { case.facts(|scenario| scenario.hidden_team("data")) }

    "CodeOwners, unknown", in owned("src/ @rita\n"),
    fn code_owners_unknown_by_their_address(case) {
        case.facts(|scenario| scenario.owners("src/ dora@example.com\n"))
    }

    /// The paths that are protected may be among the others too.
    "CodeOwners, unknown" + "files_unknown", in owned("src/ @rita\n"),
    fn code_owners_unknown_where_files_are_cut(case) {
        case.facts(Scenario::files_are_cut)
    }

    "ReviewRule", in ruled("{approvals: 1, from: [rita]}"),
    fn review_rule_unmet(case) { by(case, person("rob")) }

    "ReviewRule", in ruled("{approvals: 1}"),
    fn review_rule_unmet_by_who_wrote_a_commit(case) {
        case.facts(|scenario| scenario.commits_by(person("rita")))
    }

    "ReviewRule", in ruled("{approvals: 1, from: [octo/leads]}").facts(|s| s.team("leads", &["rita"])),
    fn review_rule_unmet_in_the_team(case) {
        case.facts(|scenario| scenario.team("leads", &["lea"]))
    }

    "ReviewRule", in says(
        ruled("{all: [{approvals: 1, from: [rita]}, {approvals: 1, from: [rob]}]}"),
        person("rob"),
        ReviewState::Approved,
    ),
    fn review_rule_unmet_in_one_of_all(case) {
        says(case, person("rob"), ReviewState::Dismissed)
    }

    "ReviewRule", in ruled("{any: [{approvals: 2}, {approvals: 1, from: [rita]}]}"),
    fn review_rule_unmet_in_each_of_any(case) { by(case, person("rob")) }

    "ReviewRule", in says(ruled("{approvals: 2}"), person("rob"), ReviewState::Approved),
    fn review_rule_unmet_by_one_approval_too_few(case) {
        says(case, person("rob"), ReviewState::Dismissed)
    }

    "ReviewRule", in bound("{approvals: 1, from: [rita]}"),
    fn review_rule_unmet_by_an_approval_of_an_older_head(case) {
        case.snapshot(|seen| seen.reviews.rows[0].commit = Some(sha('9')))
    }

    "ReviewRule, unknown", in ruled("{approvals: 1, from: [octo/leads]}")
        .facts(|scenario| scenario.team("leads", &["rita"])),
    fn review_rule_unknown(case) { case.facts(|scenario| scenario.hidden_team("leads")) }

    "ReviewRule, unknown", in ruled("{approvals: 1}"),
    fn review_rule_unknown_where_commits_are_cut(case) {
        case.facts(Scenario::authors_are_cut)
    }
}

/// Says something more, half an hour ago.
fn says(case: Case, by: Author, state: ReviewState) -> Case {
    let at = NOW - Span::minutes(30);
    let said = Review {
        at,
        ..review(by, state)
    };
    case.facts(|scenario| scenario.reviewed(said))
}

/// The approval is somebody else's.
fn by(case: Case, who: Author) -> Case {
    case.snapshot(|seen| seen.reviews.rows[0].by = who)
}

/// The approval is for another head.
fn approves(case: Case, head: char) -> Case {
    case.snapshot(|seen| seen.reviews.rows[0].commit = Some(sha(head)))
}

/// The base branch demands code owners, and this changes a file below `src`.
fn owned(owners: &str) -> Case {
    let demanded = mergeable().snapshot(|seen| {
        seen.required.get_or_insert_default().code_owners = true;
    });
    demanded.facts(|scenario| scenario.file("src/db.rs").owners(owners))
}

/// The repository has this rule for reviews.
fn ruled(rule: &str) -> Case {
    mergeable().demands(&format!("merge: {{reviews: {rule}}}"))
}

/// The same, with approvals that are bound to the head; one of those anybody's.
fn bound(rule: &str) -> Case {
    let rule = format!("merge: {{dismiss_stale: true, reviews: {rule}}}");
    says(
        mergeable().demands(&rule),
        person("rob"),
        ReviewState::Approved,
    )
}
