//! Reviews with GitHub's semantics: a remark does not take an approval back, a dismissal does.

use std::collections::{BTreeMap, BTreeSet};

use caretaker_core::model::Timestamp;
use serde_json::{Value, json};

use super::state::State;
use super::trouble::Trouble;
use super::who::Who;

/// One review.
#[derive(Clone, Debug)]
pub(crate) struct Review {
    pub(crate) id: u64,
    pub(crate) number: u64,
    pub(crate) author: String,
    pub(crate) via_app: bool,
    /// `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`, `DISMISSED`.
    pub(crate) state: &'static str,
    pub(crate) body: String,
    /// The head it looked at.
    pub(crate) commit: String,
    pub(crate) at: Timestamp,
}

impl State {
    /// Submits a review on the current head.
    pub(crate) fn review(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        state: &'static str,
        body: &str,
    ) -> Result<u64, Trouble> {
        self.may(who, repo, "pull_requests", true)?;
        self.users.named(&who.login);
        let item = self.item(repo, number)?;
        let Some(pull) = &item.pull else {
            return Err(Trouble::not_found());
        };
        if item.author.eq_ignore_ascii_case(&who.login) && state != "COMMENTED" {
            return Err(Trouble::invalid("Can not approve your own pull request"));
        }
        let review = Review {
            number,
            author: who.login.clone(),
            via_app: who.via_app(),
            state,
            body: body.to_owned(),
            commit: pull.head_sha.clone(),
            at: self.now,
            id: self.id(),
        };
        let id = review.id;
        self.repo_mut(repo).reviews.insert(id, review);
        if let Some(pull) = self.pull_mut(repo, number) {
            let by = |login: &String| login.eq_ignore_ascii_case(&who.login);
            pull.reviewers.retain(|login| !by(login));
        }
        self.touch(repo, number);
        self.note(repo, number, "reviewed", who, json!({"review": id}));
        self.emit_review(who, repo, id, "submitted");
        Ok(id)
    }

    /// Withdraws a review; who does it stands in the timeline.
    pub(crate) fn dismiss(&mut self, who: &Who, repo: u64, id: u64) -> Result<(), Trouble> {
        let reviews = &mut self.repo_mut(repo).reviews;
        let review = reviews.get_mut(&id).ok_or_else(Trouble::not_found)?;
        if !matches!(review.state, "APPROVED" | "CHANGES_REQUESTED") {
            return Err(Trouble::invalid(
                "Can not dismiss a commented pull request review",
            ));
        }
        review.state = "DISMISSED";
        let number = review.number;
        self.touch(repo, number);
        let extra = json!({"dismissed_review": {"review_id": id}});
        self.note(repo, number, "review_dismissed", who, extra);
        self.emit_review(who, repo, id, "dismissed");
        Ok(())
    }

    /// Dismisses every approval, as branch protection does after a push.
    pub(crate) fn dismiss_approvals(&mut self, who: &Who, repo: u64, number: u64) {
        let approved = |r: &&Review| r.number == number && r.state == "APPROVED";
        let reviews = self.repo(repo).reviews.values();
        let ids: Vec<_> = reviews.filter(approved).map(|r| r.id).collect();
        for id in ids {
            self.dismiss(who, repo, id)
                .expect("invariant: the approvals were just listed");
        }
    }

    /// How many people with write access approve and object, each by their last verdict.
    pub(crate) fn verdicts(&self, repo: u64, number: u64) -> (u32, u32) {
        let last = self.last_verdicts(repo, number);
        let count = |wanted: &str| last.values().filter(|state| **state == wanted).count();
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (small(count("APPROVED")), small(count("CHANGES_REQUESTED")))
    }

    /// The people with write access whose last verdict approves, in lower case.
    pub(crate) fn approving(&self, repo: u64, number: u64) -> BTreeSet<String> {
        let last = self.last_verdicts(repo, number).into_iter();
        last.filter(|(_, state)| *state == "APPROVED")
            .map(|(login, _)| login)
            .collect()
    }

    fn last_verdicts(&self, repo: u64, number: u64) -> BTreeMap<String, &'static str> {
        let mut last = BTreeMap::new();
        for review in self.reviews_of(repo, number) {
            if review.state != "COMMENTED" && self.repo(repo).may_write(&review.author) {
                last.insert(review.author.to_lowercase(), review.state);
            }
        }
        last
    }

    /// The reviews of a pull request, oldest first.
    pub(crate) fn reviews_of(&self, repo: u64, number: u64) -> Vec<&Review> {
        let reviews = self.repo(repo).reviews.values();
        reviews.filter(|r| r.number == number).collect()
    }

    fn emit_review(&mut self, who: &Who, repo: u64, id: u64, action: &str) {
        let event = "pull_request_review";
        self.emit(repo, event, Some(action), &who.login, |state| {
            let known = &state.repo(repo).reviews[&id];
            let mut review = state.review_json(repo, id);
            // Deliveries spell the state in lower case, the REST routes in capitals.
            review["state"] = json!(known.state.to_lowercase());
            json!({
                "review": review,
                "pull_request": state.pull_json(repo, known.number, false),
            })
        });
    }

    pub(crate) fn review_json(&self, repo: u64, id: u64) -> Value {
        let Some(review) = self.repo(repo).reviews.get(&id) else {
            return Value::Null;
        };
        let number = review.number;
        json!({
            "id": id,
            "node_id": format!("PRR_{id}"),
            "user": self.users.json(&review.author),
            "body": review.body,
            "state": review.state,
            "html_url": format!(
                "https://github.com/{}/pull/{number}#pullrequestreview-{id}",
                self.repo(repo).full_name(),
            ),
            "pull_request_url": format!("{}/pulls/{number}", self.repo_url(repo)),
            "author_association": self.repo(repo).association(&review.author),
            "performed_via_github_app": self.via_json(review.via_app),
            "submitted_at": review.at.to_string(),
            "commit_id": review.commit,
            "_links": {},
        })
    }
}
