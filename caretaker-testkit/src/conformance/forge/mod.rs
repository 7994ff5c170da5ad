//! What every face of the forge must do, as one list of cases over a [`World`] that stands behind
//! it.
//!
//! A face runs all of them with one line, each as a test of its own name:
//!
//! ```ignore
//! async fn rig(access: Access) -> Rig {
//!     let clock = forge::clock();
//!     let world = World::new(Arc::new(clock.clone()));
//!     access.tell(&world);
//!     let forge = Arc::new(world.clone());
//!     Rig::new(world, clock, forge, ())
//! }
//! caretaker_testkit::forge_conformance!(rig);
//! ```
//!
//! The function is called for each case. What only one face can show (304s, caps of listings,
//! broken connections) is tested beside it.

pub mod alerts;
pub mod answers;
pub mod changes;
pub mod ci;
pub mod denied;
pub mod effects;
pub mod examples;
pub mod faults;
pub mod git;
pub mod issuing;
pub mod items;
pub mod listings;
pub mod merges;
pub mod nobody;
pub mod proposing;
pub mod pulls;
pub mod repository;
pub mod reviewing;
pub mod reviews;
mod stage;
pub mod talk;
pub mod token;

use std::any::Any;
use std::sync::Arc;

use caretaker_core::model::{
    ActionKey, Answer, Conclusion, ForgeAction, ForgeQuery, Label, Marker, Number, Publish,
    Receipt, Sha, Timestamp,
};
use caretaker_core::ports::{Forge, Freshness, PortError, Settled};

use crate::clock::VirtualClock;
use crate::world::World;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Our App, through its installation, with the token of [`TOKEN_OF`] beside it.
    App,
    /// A personal token of `bob`, who may write.
    Token,
    /// Nobody.
    Nobody,
}

/// Whose token it is.
pub const TOKEN_OF: &str = "bob";

/// A face, the world behind it, and what must live as long.
pub struct Rig {
    /// The world, for telling and for looking.
    pub world: World,
    /// Its time.
    pub clock: VirtualClock,
    /// The face under test.
    pub forge: Arc<dyn Forge>,
    /// Whether it may use GraphQL.
    pub graphql: bool,
    _alive: Box<dyn Any + Send + Sync>,
}

impl Access {
    /// Lets the world's own face ask like this; other faces need it for [`World::repo`].
    pub fn tell(self, world: &World) {
        match self {
            Self::App => {
                world.as_app();
                world.lend_token_of(Some(TOKEN_OF));
            }
            Self::Token => world.as_token_of(TOKEN_OF),
            Self::Nobody => world.without_credentials(),
        }
    }
}

impl Rig {
    /// Puts them together.
    pub fn new(
        world: World,
        clock: VirtualClock,
        forge: Arc<dyn Forge>,
        alive: impl Any + Send + Sync,
    ) -> Self {
        Self {
            world,
            clock,
            forge,
            graphql: true,
            _alive: Box::new(alive),
        }
    }

    /// The same of a face that does without GraphQL.
    #[must_use]
    pub fn through_rest_alone(mut self) -> Self {
        self.graphql = false;
        self
    }

    async fn ask(&self, query: ForgeQuery) -> Result<Answer, PortError> {
        let repo = self.world.repo();
        let asked = [query];
        let mut answers = self.forge.read(&repo, &asked, Freshness::Fresh).await;
        assert_eq!(answers.len(), 1, "one question, one answer");
        answers.remove(0)
    }

    async fn write(&self, action: &ForgeAction) -> Result<Receipt, PortError> {
        let key = ActionKey::new("run/0");
        self.forge.write(&self.world.repo(), action, &key).await
    }

    async fn settle(&self, action: &ForgeAction) -> Result<Settled, PortError> {
        let key = ActionKey::new("run/0");
        self.forge.settle(&self.world.repo(), action, &key).await
    }

    /// How many calls changed the world since a place in its log.
    fn effects_since(&self, seq: usize) -> usize {
        self.world.log().since(seq).effects().count()
    }

    /// Looks at what we wrote, which a world demands of its tests.
    fn look(&self) {
        self.world.comments_of_bot(1);
        self.world.comments_of_bot(2);
    }

    /// Whatever a face does first in its life (who am I, a token) is done then.
    async fn warm(&self) {
        self.ask(ForgeQuery::Item(Number::new(1)))
            .await
            .expect("may read");
    }
}

/// When the worlds of these cases begin.
pub fn clock() -> VirtualClock {
    VirtualClock::at(Timestamp::from_millis(1_750_000_000_000))
}

/// Readiness as `pr` publishes it.
const READINESS: &str = "caretaker/pr-readiness";

fn add_label(number: u64, label: &str) -> ForgeAction {
    ForgeAction::AddLabel {
        number: Number::new(number),
        label: Label::new(label),
    }
}

fn comment(number: u64, text: &str) -> ForgeAction {
    ForgeAction::UpsertComment {
        number: Number::new(number),
        marker: Marker::Status,
        body: format!("{}\n{text}", Marker::Status.render()),
    }
}

fn close(number: u64, pull: bool) -> ForgeAction {
    ForgeAction::Close {
        number: Number::new(number),
        pull,
    }
}

fn publish(head: &str, conclusion: Conclusion) -> ForgeAction {
    ForgeAction::Publish(Publish {
        sha: sha(head),
        name: READINESS.to_owned(),
        conclusion,
        title: "waits for checks".to_owned(),
        summary: "One check is running.".to_owned(),
    })
}

fn sha(text: &str) -> Sha {
    Sha::parse(text).expect("a world's commits have full hashes")
}

/// One test for each case of the suite, in modules by family; `$rig` is an async function from
/// [`Access`] to [`Rig`] beside the call. The crate needs `tokio` with macros.
#[macro_export]
macro_rules! forge_conformance {
    ($rig:ident) => {
        $crate::forge_conformance! { @cases $rig;
            items App {
                an_item_shows_its_facts,
                a_pull_request_is_an_item_too,
                what_was_never_opened_is_not_found,
                activity_tells_who_did_what_in_order,
            }
            pulls App {
                a_pull_request_shows_its_ends,
                a_fork_is_another_repository,
                an_issue_is_no_pull_request,
                a_snapshot_holds_reviews_checks_and_demands,
                a_head_without_checks_tells_when_it_arrived,
                a_head_is_no_older_than_its_pull_request,
                only_the_newest_of_a_check_counts,
                hidden_rules_are_not_no_rules,
                what_we_published_is_ours,
                pull_requests_are_found_by_head_and_by_commit,
            }
            listings App {
                more_than_a_page_of_acts_is_read_whole,
                more_than_a_page_of_reviews_is_read_whole,
                our_comment_is_found_behind_many_others,
                open_items_are_walked_once_each,
                what_is_closed_while_we_walk_hides_nothing,
                a_branch_shows_its_tip,
                the_configuration_is_the_one_of_its_last_commit,
                answers_stand_in_the_order_of_the_questions,
            }
            changes App {
                files_are_those_between_base_and_head,
                a_moved_file_says_where_it_stood,
                a_merged_pull_request_still_shows_its_files,
                more_files_than_are_shown_are_not_all,
                authors_are_named_once_in_order,
                a_commit_without_an_account_leaves_its_author_open,
                github_itself_is_left_out_as_committer,
                more_commits_than_are_shown_leave_authors_open,
                files_and_authors_are_read_after_the_head,
                code_owners_stand_in_the_first_of_their_places,
                a_team_shows_its_members,
                a_team_that_we_do_not_see_has_no_members_to_tell,
                a_permission_is_that_of_the_role,
                an_account_that_is_not_there_is_not_found,
            }
            git App {
                a_difference_shows_each_line,
                too_much_of_a_difference_is_none,
                commits_show_who_made_them,
                more_commits_than_are_shown_are_not_all,
                a_comparison_counts_both_ways,
                more_files_than_a_comparison_shows_are_not_all,
                a_file_says_what_it_is,
                a_folder_shows_what_stands_in_it,
                a_tree_shows_everything_in_a_commit,
                every_branch_is_listed,
                contents_out_of_reach_are_denied,
                rulesets_tell_what_a_branch_demands,
                classic_protection_is_told_in_detail_to_administrators,
            }
            reviews App {
                a_review_shows_everything_it_says,
                a_comment_on_a_line_shows_its_place,
                a_comment_follows_its_line_until_that_changes,
                a_thread_shows_whether_it_is_resolved,
                every_thread_is_listed,
                who_was_asked_is_told_until_the_review_is_there,
                an_issue_has_no_reviews_to_tell,
                reviews_out_of_reach_are_denied,
            }
            ci App {
                annotations_are_all_there_and_none_twice,
                a_status_is_set_where_it_says_something_else,
                a_run_shows_its_jobs_by_attempt,
                a_log_is_read_from_its_end,
                a_rerun_is_once_for_an_attempt,
                only_the_attempt_meant_is_cancelled,
                only_what_waits_is_approved,
                what_cannot_be_started_is_refused,
                what_is_started_bears_its_id,
                what_is_not_there_is_not_found,
                workflows_need_their_own_permission,
            }
            reviewing App {
                each_remark_stands_where_the_difference_has_a_place,
                a_place_that_is_refused_moves_into_the_text,
                each_head_has_one_review,
                a_head_that_moved_takes_no_review,
                somebody_elses_review_is_not_ours,
                a_remark_cannot_be_dismissed,
                reviewers_are_asked_once_and_taken_back,
                not_everybody_can_be_asked,
            }
            proposing App {
                a_branch_is_made_where_there_is_none,
                a_commit_changes_several_files,
                a_branch_that_moved_takes_no_commit,
                a_commit_is_found_behind_later_ones,
                a_pull_request_is_opened_as_ours,
                each_key_opens_one_pull_request,
                what_brings_nothing_is_not_opened,
                a_pull_request_is_edited,
                a_pull_request_is_brought_up_to_date,
            }
            talk App {
                comments_are_read_whole,
                references_say_from_where,
                labels_are_those_that_are_defined,
                milestones_count_their_items,
                collaborators_are_those_with_a_role,
                what_is_said_of_nothing_is_not_found,
            }
            issuing App {
                each_key_opens_one_issue,
                an_issue_without_its_marker_is_not_opened,
                who_cannot_be_assigned_is_refused,
                what_is_not_there_is_refused,
                somebody_elses_comment_is_not_edited,
                a_pull_request_is_not_closed_as_an_issue,
                a_label_is_defined_and_deleted,
                only_our_comments_with_the_marker_are_folded,
                what_copilot_does_not_get_is_refused,
            }
            alerts App {
                a_scanner_that_is_off_is_a_fact,
                open_alerts_are_told,
                a_found_secret_is_not_told,
            }
            repository App {
                a_repository_says_how_it_is_set_up,
                who_may_not_write_learns_nothing_of_merging,
                releases_and_tags_are_told,
            }
            answers App {
                each_reaction_is_ours_once,
                each_comment_has_one_answer,
                somebody_elses_answer_is_not_ours,
                a_comment_that_is_gone_takes_no_reaction,
            }
            examples App {
                every_question_is_answered,
                every_action_twice_is_one_effect,
                performed_and_badly_answered_is_found_again,
                not_performed_and_badly_answered_is_done_by_the_next,
            }
            effects App {
                a_comment_is_changed_in_place,
                somebody_elses_marker_is_left_alone,
                a_closed_issue_stays_closed,
                a_branch_that_moved_is_left_alone,
                a_missing_subject_is_refused,
                a_finding_may_change_and_change_back,
            }
            merges App {
                what_is_permitted_is_merged_at_its_head,
                a_head_that_moved_is_not_merged,
                a_push_right_before_the_merge_is_not_merged,
                what_the_forge_enforces_is_refused,
                a_merge_through_the_queue_waits_in_it,
                the_queue_takes_no_head_that_moved,
                a_merge_twice_is_one_merge,
                a_merge_whose_reply_is_lost_is_found_again,
                merged_at_another_head_is_unknown,
                a_permit_of_another_repository_is_invalid,
                a_merge_without_the_right_is_denied,
            }
            faults App {
                a_source_that_is_down_is_unavailable,
                an_exhausted_limit_says_when_to_come_back,
                a_limit_on_a_write_leaves_nothing,
            }
            denied App {
                a_hidden_repository_is_denied_in_every_answer,
                a_repository_out_of_reach_is_denied,
                a_missing_permission_is_denied_and_leaves_nothing,
                a_suspended_installation_is_denied,
            }
            token Token {
                a_finding_is_a_status,
                our_own_words_are_ours_only_with_a_marker,
                every_action_twice_is_one_effect,
            }
            nobody Nobody {
                everything_is_denied_without_a_request,
            }
        }
    };
    (@cases $rig:ident; $($family:ident $access:ident { $($case:ident,)* })*) => {
        $(
            mod $family {
                $(
                    #[tokio::test]
                    async fn $case() {
                        let access = $crate::conformance::forge::Access::$access;
                        let rig = super::$rig(access).await;
                        $crate::conformance::forge::$family::$case(&rig).await;
                    }
                )*
            }
        )*
    };
}

#[cfg(test)]
mod tests {
    /// A case that nobody runs proves nothing: the list in the macro is compared with the source.
    #[test]
    fn every_case_is_on_the_list() {
        let list = include_str!("mod.rs");
        let families = [
            ("items", include_str!("items.rs")),
            ("pulls", include_str!("pulls.rs")),
            ("listings", include_str!("listings.rs")),
            ("changes", include_str!("changes.rs")),
            ("git", include_str!("git.rs")),
            ("reviews", include_str!("reviews.rs")),
            ("ci", include_str!("ci.rs")),
            ("reviewing", include_str!("reviewing.rs")),
            ("proposing", include_str!("proposing.rs")),
            ("talk", include_str!("talk.rs")),
            ("issuing", include_str!("issuing.rs")),
            ("alerts", include_str!("alerts.rs")),
            ("repository", include_str!("repository.rs")),
            ("answers", include_str!("answers.rs")),
            ("examples", include_str!("examples.rs")),
            ("effects", include_str!("effects.rs")),
            ("merges", include_str!("merges.rs")),
            ("faults", include_str!("faults.rs")),
            ("denied", include_str!("denied.rs")),
            ("token", include_str!("token.rs")),
            ("nobody", include_str!("nobody.rs")),
        ];
        for (family, source) in families {
            let (_, rest) = list
                .split_once(&format!("            {family} "))
                .expect("the list names the family");
            let (listed, _) = rest.split_once('}').expect("the family's list ends");
            for line in source.lines() {
                let Some(case) = line.strip_prefix("pub async fn ") else {
                    continue;
                };
                let case = case.split('(').next().expect("split gives one part");
                assert!(listed.contains(&format!(" {case},")), "{family}::{case}");
            }
        }
        let modules = list.lines().filter(|line| line.starts_with("pub mod "));
        assert_eq!(modules.count(), families.len(), "every family is compared");
    }
}
