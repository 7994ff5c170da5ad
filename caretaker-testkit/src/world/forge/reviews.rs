//! Reviews and what was said in them, as core's facts.

use caretaker_core::model::review::action::{InlineRemark, SubmitReview, is_of_head};
use caretaker_core::model::review::answer::{
    GivenReview, RequestedReviewers, ReviewComment, ReviewThread, Side,
};
use caretaker_core::model::{
    Association, Author, Listing, Login, Number, RemoteId, ReviewAction, ReviewAnswer, ReviewQuery,
};

use super::facts::{sha, verdict};
use crate::world::remark::{Remark, Spot};
use crate::world::reviewing::Submitted;
use crate::world::state::State;
use crate::world::trouble::Trouble;
use crate::world::who::Who;

/// A question's operation and what it is about, for log and faults.
pub(super) fn name(query: &ReviewQuery) -> (&'static str, String) {
    let (noun, number): (_, &Number) = match query {
        ReviewQuery::Reviews(number) => ("reviews", number),
        ReviewQuery::Comments(number) => ("review_comments", number),
        ReviewQuery::Threads(number) => ("review_threads", number),
        ReviewQuery::Requested(number) => ("requested_reviewers", number),
    };
    (noun, format!("#{number}"))
}

impl State {
    pub(super) fn review_answer(
        &self,
        us: &Who,
        repo: u64,
        query: &ReviewQuery,
    ) -> Result<ReviewAnswer, Trouble> {
        let number = query.number().value();
        self.may(us, repo, "pull_requests", false)?;
        let pull = self.pull(repo, number)?;
        Ok(match query {
            ReviewQuery::Reviews(_) => {
                let rows = self.reviews_of(repo, number).into_iter();
                let rows = rows.map(|review| GivenReview {
                    id: RemoteId::new(review.id),
                    by: self.author(&review.author, review.via_app, &review.body),
                    association: self.association_fact(repo, &review.author),
                    state: verdict(review.state),
                    commit: Some(sha(&review.commit)),
                    at: review.at,
                    body: review.body.clone(),
                });
                ReviewAnswer::Reviews(Listing::whole(rows.collect()))
            }
            ReviewQuery::Comments(_) => {
                let rows = self.remarks_of(repo, number).into_iter();
                let rows = rows.map(|remark| self.remark_fact(repo, remark));
                ReviewAnswer::Comments(Listing::whole(rows.collect()))
            }
            ReviewQuery::Threads(_) => {
                let rows = self.threads_of(repo, number).into_iter();
                let rows = rows.map(|first| self.thread_fact(repo, first));
                ReviewAnswer::Threads(Listing::whole(rows.collect()))
            }
            ReviewQuery::Requested(_) => ReviewAnswer::Requested(RequestedReviewers {
                people: pull.reviewers.iter().map(Login::new).collect(),
                teams: pull.review_teams.clone(),
            }),
        })
    }

    fn association_fact(&self, repo: u64, login: &str) -> Association {
        match self.repo(repo).association(login) {
            "OWNER" => Association::Owner,
            "COLLABORATOR" => Association::Collaborator,
            "CONTRIBUTOR" => Association::Contributor,
            _ => Association::None,
        }
    }

    fn thread_fact(&self, repo: u64, first: &Remark) -> ReviewThread {
        let place = self.remark_fact(repo, first);
        let comments = self.thread_of(repo, first.id).into_iter();
        ReviewThread {
            id: format!("PRRT_{}", first.id),
            resolved: first.resolved_by.is_some(),
            resolved_by: {
                let by = first.resolved_by.as_ref();
                by.filter(|login| self.is_person(login)).map(Login::new)
            },
            outdated: place.outdated,
            path: place.path,
            line: place.line,
            start: place.start,
            side: place.side,
            whole_file: place.whole_file,
            comments: Listing::whole(comments.map(|one| RemoteId::new(one.id)).collect()),
        }
    }

    /// The first comment of the thread that bears a name.
    fn named_thread(&self, repo: u64, number: u64, name: &str) -> Result<&Remark, Trouble> {
        let threads = self.threads_of(repo, number).into_iter();
        let mut named = threads.filter(|first| format!("PRRT_{}", first.id) == name);
        named.next().ok_or_else(Trouble::not_found)
    }

    fn remark_fact(&self, repo: u64, remark: &Remark) -> ReviewComment {
        let now = self.standing(repo, remark);
        let whole_file = remark.place.line.is_none();
        ReviewComment {
            id: RemoteId::new(remark.id),
            review: Some(RemoteId::new(remark.review)),
            in_reply_to: remark.in_reply_to.map(RemoteId::new),
            by: self.author(&remark.author, remark.via_app, &remark.body),
            association: self.association_fact(repo, &remark.author),
            path: remark.place.path.clone(),
            line: now.map(|(_, line)| line),
            start: now.and_then(|(start, _)| start),
            side: if remark.place.before {
                Side::Left
            } else {
                Side::Right
            },
            whole_file,
            outdated: !whole_file && now.is_none(),
            written_on: Some(sha(&remark.commit)),
            at: remark.created,
            updated_at: remark.updated,
            body: remark.body.clone(),
        }
    }
}

/// An action's operation and what it is about, for log and faults.
pub(super) fn action_name(action: &ReviewAction) -> (&'static str, String) {
    match action {
        ReviewAction::Submit(review) => {
            let (number, event) = (review.number, review.verdict.event());
            ("submit_review", format!("#{number} {event}"))
        }
        ReviewAction::Dismiss { number, review, .. } => {
            ("dismiss_review", format!("#{number} {review}"))
        }
        ReviewAction::Resolve { number, thread } => {
            ("resolve_thread", format!("#{number} {thread}"))
        }
        ReviewAction::Request { number, .. } => ("request_reviews", format!("#{number}")),
        ReviewAction::Unrequest { number, .. } => ("remove_reviewers", format!("#{number}")),
    }
}

fn spot(remark: &InlineRemark) -> Spot {
    Spot {
        path: remark.path.clone(),
        line: Some(remark.line),
        start: remark.start.filter(|start| *start < remark.line),
        before: remark.side == Side::Left,
    }
}

fn names(people: &[Login]) -> Vec<String> {
    people
        .iter()
        .map(|login| login.as_str().to_owned())
        .collect()
}

impl State {
    pub(super) fn apply_review(
        &mut self,
        us: &Who,
        repo: u64,
        action: &ReviewAction,
    ) -> Result<(), Trouble> {
        let number = action.number().value();
        match action {
            ReviewAction::Submit(review) => {
                if !review.is_marked() {
                    let message = "a review of ours without its marker is never found again";
                    return Err(Trouble::invalid(message).violation());
                }
                if self.is_given(repo, review) {
                    return Ok(());
                }
                if self.pull(repo, number)?.head_sha != review.head.as_str() {
                    return Err(Trouble::new(409, "the head has moved"));
                }
                let holds =
                    |remark: &InlineRemark| self.anchored(repo, number, &spot(remark)).is_ok();
                let placed = review.placed(holds);
                let remarks = placed.remarks.into_iter();
                let told = Submitted {
                    event: review.verdict.event(),
                    body: &placed.body,
                    commit: Some(review.head.as_str()),
                    remarks: remarks.map(|one| (spot(one), one.body.clone())).collect(),
                };
                self.submit_review(us, repo, number, told).map(|_| ())
            }
            ReviewAction::Dismiss { review, .. } => {
                let id = review.value();
                self.review_number(repo, number, id)?;
                match self.repo(repo).reviews[&id].state {
                    "DISMISSED" => Ok(()),
                    _ => self.dismiss_checked(us, repo, (number, id)),
                }
            }
            ReviewAction::Resolve { thread, .. } => {
                let first = self.named_thread(repo, number, thread)?.id;
                self.resolve_thread(us, repo, (first, true))
            }
            ReviewAction::Request { people, teams, .. } => {
                let missing = self.unasked(repo, number, people, teams)?;
                if missing.0.is_empty() && missing.1.is_empty() {
                    return Ok(());
                }
                self.request_reviews(us, repo, number, (&missing.0, &missing.1))
            }
            ReviewAction::Unrequest { people, teams, .. } => {
                self.remove_reviewers(us, repo, number, (&names(people), teams))
            }
        }
    }

    /// Whether the world is as the action wanted it.
    pub(super) fn review_stands(&self, repo: u64, action: &ReviewAction) -> Result<bool, Trouble> {
        let number = action.number().value();
        let pull = self.pull(repo, number)?;
        match action {
            ReviewAction::Submit(review) => Ok(self.is_given(repo, review)),
            ReviewAction::Dismiss { review, .. } => {
                self.review_number(repo, number, review.value())?;
                Ok(self.repo(repo).reviews[&review.value()].state == "DISMISSED")
            }
            ReviewAction::Resolve { thread, .. } => {
                let first = self.named_thread(repo, number, thread)?;
                Ok(first.resolved_by.is_some())
            }
            ReviewAction::Request { people, teams, .. } => {
                let missing = self.unasked(repo, number, people, teams)?;
                Ok(missing.0.is_empty() && missing.1.is_empty())
            }
            ReviewAction::Unrequest { people, teams, .. } => {
                let asked = |login: &Login| {
                    let mut known = pull.reviewers.iter();
                    known.any(|known| known.eq_ignore_ascii_case(login.as_str()))
                };
                Ok(!people.iter().any(asked)
                    && !teams.iter().any(|slug| pull.review_teams.contains(slug)))
            }
        }
    }

    /// Whether there is a review of ours about that head.
    fn is_given(&self, repo: u64, review: &SubmitReview) -> bool {
        let given = self.reviews_of(repo, review.number.value()).into_iter();
        given.into_iter().any(|known| {
            self.author(&known.author, known.via_app, &known.body) == Author::Us
                && is_of_head(&known.body, &review.head)
        })
    }

    /// Of those, who has not been asked yet.
    fn unasked(
        &self,
        repo: u64,
        number: u64,
        people: &[Login],
        teams: &[String],
    ) -> Result<(Vec<String>, Vec<String>), Trouble> {
        let pull = self.pull(repo, number)?;
        let mut missing = names(people);
        missing.retain(|login| {
            let mut asked = pull.reviewers.iter();
            !asked.any(|known| known.eq_ignore_ascii_case(login))
        });
        let teams = teams
            .iter()
            .filter(|slug| !pull.review_teams.contains(slug));
        Ok((missing, teams.cloned().collect()))
    }
}
