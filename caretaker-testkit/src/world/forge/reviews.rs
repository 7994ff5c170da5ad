//! Reviews and what was said in them, as core's facts.

use caretaker_core::model::review::answer::{GivenReview, RequestedReviewers, ReviewComment, Side};
use caretaker_core::model::{
    Association, Listing, Login, Number, RemoteId, ReviewAnswer, ReviewQuery,
};

use super::facts::{sha, verdict};
use crate::world::remark::Remark;
use crate::world::state::State;
use crate::world::trouble::Trouble;
use crate::world::who::Who;

/// A question's operation and what it is about, for log and faults.
pub(super) fn name(query: &ReviewQuery) -> (&'static str, String) {
    let (noun, number): (_, &Number) = match query {
        ReviewQuery::Reviews(number) => ("reviews", number),
        ReviewQuery::Comments(number) => ("review_comments", number),
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
