//! Giving and withdrawing reviews through the API, and asking for them: what GitHub checks first.

use serde_json::json;

use super::remark::Spot;
use super::state::State;
use super::trouble::Trouble;
use super::who::Who;

/// A review as it is sent.
pub(crate) struct Submitted<'a> {
    /// `APPROVE`, `REQUEST_CHANGES`, `COMMENT`.
    pub(crate) event: &'a str,
    pub(crate) body: &'a str,
    /// The commit that was looked at; without it the head.
    pub(crate) commit: Option<&'a str>,
    pub(crate) remarks: Vec<(Spot, String)>,
}

fn unprocessable(message: &str) -> Trouble {
    Trouble::new(422, format!("Unprocessable Entity: {message}"))
}

impl State {
    /// Submits a review with its comments: all of it, or nothing.
    pub(crate) fn submit_review(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        told: Submitted<'_>,
    ) -> Result<u64, Trouble> {
        self.may(who, repo, "pull_requests", true)?;
        let own = self
            .item(repo, number)?
            .author
            .eq_ignore_ascii_case(&who.login);
        let pull = self.pull(repo, number)?;
        let state = match told.event {
            "APPROVE" if own => {
                return Err(unprocessable("Can not approve your own pull request"));
            }
            "REQUEST_CHANGES" if own => {
                let message = "Can not request changes on your own pull request";
                return Err(unprocessable(message));
            }
            "APPROVE" => "APPROVED",
            "REQUEST_CHANGES" => "CHANGES_REQUESTED",
            "COMMENT" => "COMMENTED",
            _ => return Err(Trouble::invalid("event: no such value").violation()),
        };
        let silent = told.body.trim().is_empty() && told.event != "APPROVE";
        if silent && (told.event == "REQUEST_CHANGES" || told.remarks.is_empty()) {
            return Err(unprocessable("body can't be blank"));
        }
        let commit = told.commit.unwrap_or(&pull.head_sha).to_owned();
        let commits = self.commits_of(repo, pull);
        if commit != pull.head_sha && !commits.iter().any(|known| known.sha == commit) {
            return Err(unprocessable("commit_id is not part of the pull request"));
        }
        for (spot, _) in &told.remarks {
            self.anchored(repo, number, spot)?;
        }
        let id = self.review(who, repo, number, state, told.body)?;
        if let Some(review) = self.repo_mut(repo).reviews.get_mut(&id) {
            review.commit = commit;
        }
        for (spot, body) in told.remarks {
            self.add_remark(who, repo, id, (spot, None), &body);
        }
        Ok(id)
    }

    /// Withdraws a review of a pull request.
    pub(crate) fn dismiss_checked(
        &mut self,
        who: &Who,
        repo: u64,
        (number, id): (u64, u64),
    ) -> Result<(), Trouble> {
        self.may(who, repo, "pull_requests", true)?;
        self.review_number(repo, number, id)?;
        self.dismiss(who, repo, id)
    }

    /// Refuses a review that is not one of that pull request.
    pub(crate) fn review_number(&self, repo: u64, number: u64, id: u64) -> Result<(), Trouble> {
        self.pull(repo, number)?;
        let review = self.repo(repo).reviews.get(&id);
        let here = review.is_some_and(|review| review.number == number);
        if here {
            Ok(())
        } else {
            Err(Trouble::not_found())
        }
    }

    /// Asks for reviews; whoever is asked already is not asked again.
    pub(crate) fn request_reviews(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        (people, teams): (&[String], &[String]),
    ) -> Result<(), Trouble> {
        self.may(who, repo, "pull_requests", true)?;
        let author = self.item(repo, number)?.author.clone();
        self.pull(repo, number)?;
        let known = self.repo(repo);
        if people
            .iter()
            .any(|login| login.eq_ignore_ascii_case(&author))
        {
            let message = "Review cannot be requested from pull request author.";
            return Err(Trouble::new(422, message));
        }
        let works_here = |login: &String| {
            known.owner.eq_ignore_ascii_case(login)
                || known.people.contains_key(&login.to_lowercase())
        };
        let is_team = |slug: &String| {
            let name = format!("{}/{slug}", known.owner).to_lowercase();
            self.teams.contains_key(&name)
        };
        if !people.iter().all(works_here) || !teams.iter().all(is_team) {
            let message = format!(
                "Reviews may only be requested from collaborators. One or more of the users or \
                 teams you specified is not a collaborator of the {} repository.",
                known.full_name()
            );
            return Err(Trouble::new(422, message));
        }
        for login in people {
            let asked = &self.pull(repo, number)?.reviewers;
            if !asked.iter().any(|known| known.eq_ignore_ascii_case(login)) {
                self.request_review(who, repo, number, login);
            }
        }
        for slug in teams {
            let asked = &self.pull(repo, number)?.review_teams;
            if !asked.contains(slug) {
                self.request_team(who, repo, number, slug);
            }
        }
        Ok(())
    }

    fn request_team(&mut self, who: &Who, repo: u64, number: u64, slug: &str) {
        let owner = self.repo(repo).owner.clone();
        let team = self.teams_json(&owner, &[slug.to_owned()]).remove(0);
        if let Some(pull) = self.pull_mut(repo, number) {
            pull.review_teams.push(slug.to_owned());
        }
        self.touch(repo, number);
        let extra = json!({"requested_team": team});
        self.note(repo, number, "review_requested", who, extra.clone());
        self.emit_item(repo, number, "review_requested", who, extra);
    }

    /// No longer asks for reviews.
    pub(crate) fn remove_reviewers(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        (people, teams): (&[String], &[String]),
    ) -> Result<(), Trouble> {
        self.may(who, repo, "pull_requests", true)?;
        let pull = self.pull(repo, number)?.clone();
        let gone = |known: &String| people.iter().any(|login| login.eq_ignore_ascii_case(known));
        let (left, stay): (Vec<_>, Vec<_>) = pull.reviewers.into_iter().partition(gone);
        let (left_teams, stay_teams): (Vec<_>, Vec<_>) = pull
            .review_teams
            .into_iter()
            .partition(|t| teams.contains(t));
        if let Some(pull) = self.pull_mut(repo, number) {
            pull.reviewers = stay;
            pull.review_teams = stay_teams;
        }
        let owner = self.repo(repo).owner.clone();
        let people = left
            .iter()
            .map(|login| json!({"requested_reviewer": self.users.json(login)}));
        let teams = self.teams_json(&owner, &left_teams);
        let teams = teams
            .into_iter()
            .map(|team| json!({"requested_team": team}));
        for extra in people.chain(teams).collect::<Vec<_>>() {
            self.touch(repo, number);
            self.note(repo, number, "review_request_removed", who, extra.clone());
            self.emit_item(repo, number, "review_request_removed", who, extra);
        }
        Ok(())
    }
}
