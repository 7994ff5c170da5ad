//! What every backend of the storage ports must do, as one list of cases.
//!
//! A backend runs all of them with one line, each as a test of its own name:
//!
//! ```ignore
//! async fn storage() -> (Arc<dyn Storage>, TempDir) {
//!     let folder = TempDir::new().unwrap();
//!     let storage = SqliteStorage::open(folder.path()).await.unwrap();
//!     (Arc::new(storage), folder)
//! }
//! caretaker_testkit::storage_conformance!(storage());
//! ```
//!
//! The expression is evaluated for each case; it is a future of an empty storage and of whatever
//! must live as long (a temporary folder). Times are arguments, so nothing here waits. What only
//! one backend promises (durability across processes, retention, limits of its files) is tested
//! beside it.

pub mod app;
pub mod backlog;
pub mod blobs;
pub mod burst;
pub mod deliveries;
pub mod fairness;
pub mod fences;
pub mod forge;
pub mod joining;
pub mod journal;
pub mod leases;
pub mod ledger;
pub mod pauses;
pub mod queue;
pub mod rechecks;
pub mod repos;
pub mod standing;
pub mod state;
mod worker;

/// One test for each case of the suite, in modules by noun; `$make` is a future of the storage and
/// of what must live as long. The crate needs `tokio` with macros.
#[macro_export]
macro_rules! storage_conformance {
    ($make:expr) => {
        $crate::storage_conformance! { @cases $make;
            deliveries {
                an_accepted_delivery_is_kept_as_it_came,
                a_repeat_is_a_duplicate,
                deliveries_wait_in_order_of_acceptance,
                a_full_backlog_keeps_nothing_more,
                expanding_twice_changes_nothing,
                an_unheard_delivery_closes_with_its_record,
                an_unheard_delivery_closes_beside_an_earlier_record,
                a_delivery_closes_with_its_last_item,
                a_buried_delivery_leaves_a_record,
                a_delivery_is_buried_beside_an_earlier_record,
                an_expanded_delivery_is_not_buried,
                a_repeat_of_a_buried_delivery_is_expanded_anew,
                a_repeat_brings_buried_items_back,
                expansion_does_not_coalesce,
                an_unknown_delivery_is_not_found,
            }
            backlog {
                a_backlog_is_bounded_by_bytes_and_by_age_too,
            }
            standing {
                where_deliveries_stand_can_be_looked_up,
                what_stood_in_the_way_is_kept_and_repeats_are_counted,
                what_was_given_up_can_be_let_go,
            }
            queue {
                the_oldest_due_is_taken_first,
                nothing_is_taken_before_it_is_due,
                a_known_id_is_not_queued_again,
                a_waiting_coalesce_key_is_not_queued_again,
                a_repository_has_a_thousand_waiting_sweeps,
                fifty_thousand_sweeps_wait_in_all,
                a_put_off_item_comes_back_when_due,
                a_put_off_item_holds_up_nobody,
                a_buried_item_says_why,
                only_what_is_in_flight_can_be_settled,
                depth_counts_what_waits,
                a_cooling_installation_is_left_alone,
                a_shorter_cool_down_shortens_nothing,
                open_children_count_at_any_depth,
            }
            fairness {
                classes_are_served_by_their_shares,
                an_idle_class_leaves_its_share,
                installations_take_turns,
                spare_hands_are_for_those_with_few_in_hands,
                a_subject_is_in_one_pair_of_hands,
                a_repository_has_one_interactive_beside_one_other,
                a_busy_subject_holds_up_nobody_else,
                items_of_no_repository_go_side_by_side,
            }
            burst {
                a_burst_adds_less_than_a_tenth_to_the_wait_of_another,
            }
            joining {
                level_items_of_a_subject_come_along,
                other_subjects_do_not_come_along,
                joining_ends_at_the_first_edge_item,
                an_edge_item_goes_alone,
                a_put_off_edge_item_separates_nothing,
                a_put_off_level_item_comes_along,
                a_whole_repository_joins_nothing,
                joined_items_end_in_the_same_commit,
                a_crash_brings_joined_items_back,
                joined_items_left_unsettled_wait_again,
                joined_items_stay_in_flight_until_the_end,
            }
            ledger {
                an_effect_is_claimed_once,
                a_claim_outlives_its_worker,
                only_a_fresh_claim_counts,
                a_failed_commit_claims_and_counts_nothing,
                only_what_was_claimed_is_finished,
                the_claims_of_a_run_are_listed_by_place,
            }
            state {
                a_value_has_a_growing_version,
                a_changed_value_is_a_conflict,
                a_conflict_keeps_nothing_of_its_commit,
                repositories_and_keys_are_apart,
            }
            pauses {
                a_pause_holds_until_it_is_taken_back,
                a_pause_leaves_other_repositories_alone,
                a_pause_everywhere_comes_before_a_repositorys_own,
                a_repeated_pause_replaces_the_first,
                pauses_are_listed_by_number,
                a_failed_commit_pauses_nothing,
                anybody_may_pause,
            }
            journal {
                an_open_run_is_kept_as_it_stands,
                open_runs_are_listed_oldest_first,
                closing_moves_a_run_to_the_journal,
                a_run_without_outcome_is_not_closed,
                a_second_final_record_is_refused,
                a_run_is_recorded_once,
                an_attempt_that_is_not_final_is_followed_by_another,
                attempts_of_an_event_are_listed,
                an_edge_identity_is_decided_by_a_final_record,
                a_run_is_found_by_the_beginning_of_its_id,
                the_journal_is_read_in_pages,
                filters_narrow_the_journal,
            }
            blobs {
                a_text_is_kept_by_its_content,
                a_failed_commit_keeps_no_text,
            }
            rechecks {
                due_rechecks_are_listed_oldest_first,
                a_recheck_is_replaced_and_taken_back,
            }
            repos {
                a_repository_is_found_by_key_and_name,
                a_renamed_repository_keeps_its_key,
                a_name_belongs_to_its_last_bearer,
                what_a_lesson_does_not_say_is_kept,
                an_archived_repository_is_off,
                a_gone_repository_is_off_until_it_is_listed_again,
                a_suspended_installation_is_off_until_it_resumes,
                an_ended_installation_takes_its_repositories_along,
                repositories_are_listed_by_number,
            }
            leases {
                a_held_lease_is_a_conflict,
                a_lease_ends_by_itself,
                the_same_worker_takes_over_at_once,
                renewing_extends_a_lease,
                a_loser_is_fenced,
                a_released_lease_is_free,
                leases_of_other_names_are_apart,
            }
            fences {
                a_commit_under_a_lower_fence_keeps_nothing,
                nothing_is_taken_under_a_lower_fence,
                the_door_writes_without_a_fence,
                other_writes_need_a_fence,
                a_failed_write_takes_the_others_along,
                results_stand_in_the_order_of_the_writes,
            }
        }
    };
    (@cases $make:expr; $($noun:ident { $($case:ident),* $(,)? })*) => {
        $(mod $noun {
            use super::*;
            $(#[tokio::test]
            async fn $case() {
                let (storage, _kept) = $make.await;
                $crate::conformance::$noun::$case(storage).await;
            })*
        })*
    };
}

#[cfg(test)]
mod tests {
    /// A case that nobody runs proves nothing: the list in the macro is compared with the source.
    #[test]
    fn every_case_is_on_the_list() {
        let list = include_str!("mod.rs");
        let nouns = [
            ("deliveries", include_str!("deliveries.rs")),
            ("backlog", include_str!("backlog.rs")),
            ("standing", include_str!("standing.rs")),
            ("queue", include_str!("queue.rs")),
            ("fairness", include_str!("fairness.rs")),
            ("burst", include_str!("burst.rs")),
            ("joining", include_str!("joining.rs")),
            ("ledger", include_str!("ledger.rs")),
            ("state", include_str!("state.rs")),
            ("pauses", include_str!("pauses.rs")),
            ("journal", include_str!("journal.rs")),
            ("blobs", include_str!("blobs.rs")),
            ("rechecks", include_str!("rechecks.rs")),
            ("repos", include_str!("repos.rs")),
            ("leases", include_str!("leases.rs")),
            ("fences", include_str!("fences.rs")),
        ];
        for (noun, source) in nouns {
            let (_, rest) = list
                .split_once(&format!("            {noun} {{\n"))
                .expect("the list names the noun");
            let (listed, _) = rest.split_once('}').expect("the noun's list ends");
            let listed: Vec<&str> = listed.split(',').map(str::trim).collect();
            let written = source
                .lines()
                .filter_map(|line| line.strip_prefix("pub async fn "));
            let written = written.filter_map(|line| line.split('(').next());
            let written: Vec<&str> = written.chain([""]).collect();
            assert_eq!(listed, written, "cases of {noun}");
        }
        let modules = list
            .lines()
            // The forge's and the App's cases have lists of their own.
            .filter(|line| line.starts_with("pub mod "))
            .filter(|line| !matches!(*line, "pub mod forge;" | "pub mod app;"))
            .count();
        assert_eq!(modules, nouns.len(), "every noun is compared");
    }
}
