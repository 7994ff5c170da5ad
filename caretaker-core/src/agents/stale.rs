//! Warns about items nobody cares for, and closes them after a grace period.
//!
//! Activity is what people do: our own writing bumps `updated_at` and counts for nothing. What
//! was warned and when is read back from our comment, never remembered; any human act after the
//! warning takes the label off again (spec 03 A1, *Improve*). Merged branches of this repository
//! are deleted when their pull request closes.

mod branch;

use serde::Deserialize;

use super::{AgentDef, Input, Manifest, Only, ParamsFrom, Reacts, SubjectKind, Trigger, View};
use crate::model::ask::{AskActivity, AskItem, both};
use crate::model::{
    Act, ActKind, Action, Author, Decision, EventKind, Fact, ForgeAction, Halt, Holds, Item, Label,
    Listing, Loudness, Marker, Owner, Reason, Span, Timestamp, label,
};

/// Warns, waits, closes.
pub struct Stale;

/// Section `stale_agent`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    #[serde(rename = "enabled")]
    _enabled: bool,
    stale_days: i64,
    close_after: i64,
    close_stale_prs: bool,
    delete_merged_branches: bool,
    exempt_labels: Vec<Label>,
}

impl AgentDef for Stale {
    type Params = Params;

    const MANIFEST: Manifest = Manifest {
        name: "stale",
        summary: "Warns about issues and pull requests nobody cares for, closes them after a \
                  grace period, and deletes merged branches.",
        revision: 1,
        params: ParamsFrom::Section("stale_agent"),
        hears: &[Trigger {
            kinds: &[
                EventKind::Ticked,
                EventKind::FannedOut,
                EventKind::RecheckDue,
                EventKind::Requested,
                EventKind::CommentCreated,
                EventKind::IssueReopened,
                EventKind::IssueUnlabeled,
                EventKind::PullReopened,
                EventKind::PullPushed,
                EventKind::PullUnlabeled,
                EventKind::PullClosed,
            ],
            reacts: Reacts::Level,
            only: Only::All,
            expires: None,
        }],
        subjects: &[SubjectKind::Issue, SubjectKind::Pull],
        every: Some(Span::days(1)),
        view: View::Item,
        loudest: Loudness::Act,
        permissions: &["issues: write", "pull_requests: write", "contents: write"],
        verdicts: &[
            "skip", "fresh", "warn", "wait", "close", "reset", "prune", "keep",
        ],
    };

    fn wants(&self, row: &Item, params: &Params, now: Timestamp) -> bool {
        let labelled = row.has_label(label::STALE);
        let quiet = now.since(row.updated_at) >= Span::days(params.stale_days);
        (labelled || quiet) && exemption(row, params).is_none()
    }

    fn decide(&self, input: &Input<'_>, params: &Params) -> Result<Decision, Halt> {
        let Some(number) = input.event.subject.number() else {
            return Ok(Decision::because(
                "skip",
                Reason::leaf("subject_is_an_item", false),
            ));
        };
        let ask = AskItem(number);
        let item = input.ask(&ask)?;
        if !item.open {
            return branch::decide(input, item, params.delete_merged_branches);
        }
        if let Some(exempt) = exemption(item, params) {
            return Ok(Decision::because("skip", exempt));
        }
        let labelled = item.has_label(label::STALE);
        let quiet = Span::days(params.stale_days);
        if !labelled && input.now.since(item.updated_at) < quiet {
            // Nothing at all happened too recently; no need to look at who did what.
            let because = idle_reason(input.now, item.updated_at, params.stale_days);
            return Ok(Decision::because("fresh", because));
        }
        let (_, activity) = both(input.ask(&ask), input.ask(&AskActivity(number)))?;
        Ok(ladder(input.now, item, activity, labelled, params))
    }
}

/// The rungs: fresh, warn, wait, close; and reset from each of the later ones.
fn ladder(
    now: Timestamp,
    item: &Item,
    activity: &Listing<Act>,
    labelled: bool,
    params: &Params,
) -> Decision {
    let whole = Reason::result(
        "whole_history_was_read",
        if activity.complete {
            Holds::Holds
        } else {
            Holds::Unknown
        },
    )
    .saw("acts", Fact::Count(count(activity.rows.len())))
    .unblock(
        Owner::Operator,
        "raise the page limit, or close the item by hand",
    );
    let last_human = last_attention(item, &activity.rows);
    let warned_at = warned_at(&activity.rows);
    let idle = idle_reason(now, last_human, params.stale_days);
    let label = Label::new(label::STALE);
    let number = item.number;

    if labelled && !activity.complete {
        return Decision::because("wait", Reason::all("close_stale_item", vec![whole, idle]));
    }
    // A label that a person put on is theirs to take off.
    let put_on_by = labelled.then(|| last_labeller(&activity.rows)).flatten();
    let theirs = put_on_by.is_some_and(Author::is_human);
    let unfinished = warned_at.is_none() && put_on_by == Some(&Author::Us);
    // The forge's times are whole seconds: a word in the second of the warning came after it,
    // because one before it would have kept us from warning.
    let spoken_since = warned_at.is_some_and(|warned| last_human >= warned);
    if labelled && !theirs && (spoken_since || (unfinished && !idle.holds())) {
        let because = Reason::all(
            "somebody_cares_again",
            vec![
                Reason::leaf("human_act_since_warning", true)
                    .saw("last_human_act", Fact::Time(last_human))
                    .saw(
                        "warned_at",
                        warned_at.map_or(Fact::Word("never".into()), Fact::Time),
                    ),
            ],
        );
        return Decision::because("reset", because).then(
            Action::Forge(ForgeAction::RemoveLabel { number, label }),
            "somebody cares about it again",
        );
    }
    let closes_at = |warned: Timestamp| warned + Span::days(params.close_after);
    let Some(warned) = warned_at.filter(|warned| labelled && *warned > last_human) else {
        // Also when half of an earlier warning is there: grace begins with a whole one.
        let because = Reason::all("warn_stale_item", vec![whole, idle]);
        if !because.holds() {
            return Decision::because("fresh", because);
        }
        // The label goes first: without it nothing tells a later look that a comment of ours,
        // which makes the item young again, was only half of a warning.
        let comment = ForgeAction::UpsertComment {
            number,
            marker: Marker::StaleWarning,
            body: warning(now, closes_at(now), params),
        };
        return Decision::because("warn", because)
            .then(
                Action::Forge(ForgeAction::AddLabel { number, label }),
                "people find it",
            )
            .then(
                Action::Forge(comment),
                format!("no human act for {} days", params.stale_days),
            )
            .recheck_at(closes_at(now));
    };
    let grace = Reason::leaf("grace_is_over", now >= closes_at(warned))
        .saw("warned_at", Fact::Time(warned))
        .saw("closes_at", Fact::Time(closes_at(warned)))
        .unblock(Owner::Author, "comment, push or take the `stale` label off");
    let because = Reason::all("close_stale_item", vec![whole, idle, grace]);
    if !because.holds() {
        // Whichever comes last: the settings may have changed since the warning.
        let closes = closes_at(warned).max(last_human + Span::days(params.stale_days));
        return Decision::because("wait", because).recheck_at(closes);
    }
    let close = ForgeAction::Close {
        number,
        pull: item.pull,
    };
    Decision::because("close", because).then(
        Action::Forge(close),
        format!(
            "nobody answered the warning for {} days",
            params.close_after
        ),
    )
}

/// Why an item never goes stale, if it never does.
fn exemption(item: &Item, params: &Params) -> Option<Reason> {
    let exempt = item.labels.iter().find(|on| {
        label::NEVER_STALE
            .iter()
            .any(|name| on.same(&Label::new(*name)))
            || params.exempt_labels.iter().any(|name| on.same(name))
    });
    let not_labelled = Reason::leaf("no_exempt_label", exempt.is_none()).saw(
        "label",
        exempt.map_or(Fact::Word("none".into()), |l| Fact::Name(l.to_string())),
    );
    let reason = Reason::all(
        "may_go_stale",
        vec![
            not_labelled,
            Reason::leaf("is_no_draft", !item.draft),
            Reason::leaf("has_no_milestone", !item.milestone),
            Reason::leaf("nobody_is_assigned", !item.assigned),
            if item.pull {
                Reason::leaf("pull_requests_may", params.close_stale_prs)
            } else {
                Reason::result("pull_requests_may", Holds::NotApplicable)
            },
        ],
    );
    (!reason.holds()).then_some(reason)
}

/// When a person last did something that shows they care; opening it counts, and calling it
/// stale does not.
fn last_attention(item: &Item, acts: &[Act]) -> Timestamp {
    acts.iter()
        .filter(|act| act.by.is_human() && act.what.shows_attention() && !calls_stale(act))
        .map(|act| act.at)
        .fold(item.created_at, std::cmp::max)
}

/// Who put our label on last.
fn last_labeller(acts: &[Act]) -> Option<&Author> {
    let calls = acts.iter().filter(|act| calls_stale(act));
    calls.max_by_key(|act| act.at).map(|act| &act.by)
}

fn calls_stale(act: &Act) -> bool {
    matches!(&act.what, ActKind::Labeled(label) if label.same(&Label::new(label::STALE)))
}

/// When we warned last, by our own comment. Somebody else's copy of the marker counts for nothing.
fn warned_at(acts: &[Act]) -> Option<Timestamp> {
    acts.iter()
        .filter_map(|act| match &act.what {
            ActKind::Commented {
                marker: Some(Marker::StaleWarning),
                marked_at,
            } if act.by == Author::Us => Some(marked_at.unwrap_or(act.at)),
            ActKind::Commented { .. }
            | ActKind::Labeled(_)
            | ActKind::Unlabeled(_)
            | ActKind::Closed
            | ActKind::Reopened
            | ActKind::Reviewed
            | ActKind::Committed
            | ActKind::Edited
            | ActKind::Other => None,
        })
        .max()
}

fn idle_reason(now: Timestamp, since: Timestamp, days: i64) -> Reason {
    Reason::leaf("idle_long_enough", now.since(since) >= Span::days(days))
        .saw("last_human_act", Fact::Time(since))
        .saw("idle_days", Fact::Count(now.since(since).whole_days()))
        .saw("stale_days", Fact::Count(days))
}

fn warning(now: Timestamp, closes_at: Timestamp, params: &Params) -> String {
    format!(
        "{}\nNobody has said or done anything here for {} days, so this is marked `{}`.\n\n\
         It will be closed after {} more days, on {}, unless somebody comments, pushes, or takes \
         the label off.",
        Marker::StaleWarning.render_at(now),
        params.stale_days,
        label::STALE,
        params.close_after,
        &closes_at.to_string()[..10],
    )
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
