//! What a story says happens: people and other machines act, settings change. What tests look at
//! stands in `look`, accidents in `script`.
//!
//! Every method acts on the repository of the handle and panics when GitHub would refuse it: the
//! story is wrong then. Who is named exists from then on.

use super::act::{Act, Told, Verdict};
use super::grant::Grant;
use super::state::{Access, Token};
use super::who::{By, Who};
use super::{Protection, World};

/// Takes what a story is sure of.
pub(crate) fn must<T>(result: Result<T, super::trouble::Trouble>) -> T {
    match result {
        Ok(value) => value,
        Err(trouble) => panic!(
            "GitHub would refuse this: {} {}",
            trouble.status, trouble.message
        ),
    }
}

impl World {
    /// Does something to the repository of this handle.
    pub fn tell(&self, act: Act) -> Told {
        self.with(|state| must(state.act(self.repo, act)))
    }

    /// Opens an issue; its number.
    pub fn open_issue(&self, by: &str, title: &str) -> u64 {
        let (by, title) = (by.to_owned(), title.to_owned());
        let body = String::new();
        self.tell(Act::OpenIssue { by, title, body }).number
    }

    /// Pushes a new branch with one commit and opens a pull request from it; its number.
    pub fn open_pull(&self, by: &str, branch: &str, title: &str) -> u64 {
        self.pull_opened(by, branch, title, false)
    }

    /// Opens a pull request from somebody's fork, which is made if there is none; its number.
    pub fn open_pull_from_fork(&self, by: &str, branch: &str, title: &str) -> u64 {
        self.pull_opened(by, branch, title, true)
    }

    /// Opens a pull request from a branch as it stands; its number.
    pub fn propose(&self, by: &str, branch: &str, title: &str) -> u64 {
        let head = (self.repo, branch);
        self.with(|state| must(state.open_pull(&Who::story(by), self.repo, title, "", head)))
    }

    fn pull_opened(&self, by: &str, branch: &str, title: &str, fork: bool) -> u64 {
        self.tell(Act::OpenPull {
            by: by.to_owned(),
            branch: branch.to_owned(),
            title: title.to_owned(),
            body: String::new(),
            fork,
        })
        .number
    }

    /// The author of a pull request pushes another commit to its head; the new tip.
    pub fn push(&self, number: u64) -> String {
        self.tell(Act::Push { number }).sha
    }

    /// The current head of a pull request.
    pub fn head(&self, number: u64) -> String {
        self.look(|state| must(state.pull(self.repo, number)).head_sha.clone())
    }

    /// Writes one file on a branch in one commit; the commit.
    pub fn commit_file(&self, branch: &str, path: &str, text: &str, by: &str) -> String {
        self.tell(Act::CommitFile {
            by: by.to_owned(),
            branch: Some(branch.to_owned()),
            path: path.to_owned(),
            text: Some(text.to_owned()),
        })
        .sha
    }

    /// Commits the configuration file to the default branch; the commit.
    pub fn config(&self, text: &str) -> String {
        self.config_is(Some(text.to_owned()))
    }

    /// Deletes the configuration file on the default branch; the commit.
    pub fn delete_config(&self) -> String {
        self.config_is(None)
    }

    fn config_is(&self, text: Option<String>) -> String {
        self.tell(Act::CommitFile {
            by: "bob".to_owned(),
            branch: None,
            path: ".github/maintainer/config.yml".to_owned(),
            text,
        })
        .sha
    }

    /// Deletes a branch.
    pub fn delete_branch(&self, branch: &str, by: &str) {
        let (by, branch) = (by.to_owned(), branch.to_owned());
        self.tell(Act::DeleteBranch { by, branch });
    }

    /// Comments on an item; the comment's number.
    pub fn comment(&self, number: u64, by: &str, text: &str) -> u64 {
        let (by, text) = (by.to_owned(), text.to_owned());
        self.tell(Act::Comment { number, by, text }).number
    }

    /// Changes the text of a comment.
    pub fn edit_comment(&self, id: u64, by: &str, text: &str) {
        let (by, text) = (by.to_owned(), text.to_owned());
        self.tell(Act::EditComment { id, by, text });
    }

    /// Deletes a comment.
    pub fn delete_comment(&self, id: u64, by: &str) {
        let by = by.to_owned();
        self.tell(Act::DeleteComment { id, by });
    }

    /// Puts a label on an item.
    pub fn label(&self, number: u64, by: &str, label: &str) {
        let (by, label) = (by.to_owned(), label.to_owned());
        self.tell(Act::Label { number, by, label });
    }

    /// Takes a label off an item.
    pub fn unlabel(&self, number: u64, by: &str, label: &str) {
        let (by, label) = (by.to_owned(), label.to_owned());
        self.tell(Act::Unlabel { number, by, label });
    }

    /// Closes an item.
    pub fn close(&self, number: u64, by: &str) {
        let by = by.to_owned();
        self.tell(Act::Close { number, by });
    }

    /// Opens an item again.
    pub fn reopen(&self, number: u64, by: &str) {
        let by = by.to_owned();
        self.tell(Act::Reopen { number, by });
    }

    /// Gives an item another title.
    pub fn retitle(&self, number: u64, by: &str, title: &str) {
        let (by, title) = (by.to_owned(), title.to_owned());
        self.tell(Act::Retitle { number, by, title });
    }

    /// Assigns somebody to an item.
    pub fn assign(&self, number: u64, by: &str, assignee: &str) {
        let (by, assignee) = (by.to_owned(), assignee.to_owned());
        self.tell(Act::Assign {
            number,
            by,
            assignee,
        });
    }

    /// Puts an item into a milestone.
    pub fn milestone(&self, number: u64, by: &str, title: &str) {
        let (by, title) = (by.to_owned(), title.to_owned());
        self.tell(Act::Milestone { number, by, title });
    }

    /// Merges a pull request, as somebody who may do so past every rule; the merge commit.
    pub fn merge(&self, number: u64, by: &str) -> String {
        let by = by.to_owned();
        self.tell(Act::Merge { number, by }).sha
    }

    /// Makes a pull request a draft, or ready for review.
    pub fn draft(&self, number: u64, by: &str, draft: bool) {
        let by = by.to_owned();
        self.tell(Act::Draft { number, by, draft });
    }

    /// Asks somebody for a review.
    pub fn request_review(&self, number: u64, by: &str, reviewer: &str) {
        let (by, reviewer) = (by.to_owned(), reviewer.to_owned());
        self.tell(Act::RequestReview {
            number,
            by,
            reviewer,
        });
    }

    /// Sets whether it merges without conflict; `None`: GitHub still computes it.
    pub fn mergeable(&self, number: u64, mergeable: Option<bool>) {
        self.tell(Act::Mergeable { number, mergeable });
    }

    /// Sets GitHub's `mergeable_state` to a word, whatever would follow from the state.
    pub fn merge_state(&self, number: u64, word: &str) {
        let word = word.to_owned();
        self.tell(Act::MergeState { number, word });
    }

    /// Sets the classic protection of a branch.
    pub fn protect(&self, branch: &str, protection: Protection) {
        let (branch, demand) = (branch.to_owned(), protection);
        self.tell(Act::Protect { branch, demand });
    }

    /// Sets what rulesets demand of a branch.
    pub fn ruleset(&self, branch: &str, rules: Protection) {
        let (branch, demand) = (branch.to_owned(), rules);
        self.tell(Act::Ruleset { branch, demand });
    }

    /// Lets nobody of us learn what branches demand: their routes answer 403.
    pub fn hide_rules(&self) {
        self.tell(Act::HideRules { hidden: true });
    }

    /// Gives somebody a role (`read`, `triage`, `write`, `maintain`, `admin`, or one that an
    /// organisation made up); an empty one takes it away.
    pub fn role(&self, login: &str, role: &str) {
        let (login, role) = (login.to_owned(), role.to_owned());
        self.tell(Act::Role { login, role });
    }

    /// Makes the repository read-only.
    pub fn archive(&self, by: &str) {
        let by = by.to_owned();
        self.tell(Act::Archive { by, archived: true });
    }

    /// Gives the repository another name.
    pub fn rename(&self, by: &str, name: &str) {
        let (by, name) = (by.to_owned(), name.to_owned());
        self.tell(Act::Rename { by, name });
    }

    /// Hides the repository from every credential of ours, as if it did not exist.
    pub fn hide(&self, hidden: bool) {
        self.tell(Act::Hide { hidden });
    }

    /// Adds the repository to our App's installation, or takes it out.
    pub fn install(&self, by: &str, installed: bool) {
        let by = by.to_owned();
        self.tell(Act::Install { by, installed });
    }

    /// Suspends our App on the account, or lets it work again.
    pub fn suspend(&self, by: &str, suspended: bool) {
        let by = by.to_owned();
        self.tell(Act::Suspend { by, suspended });
    }

    /// Sets a permission of our App: `read`, `write`, or empty for none.
    pub fn permit(&self, permission: &str, level: &str) {
        let (permission, level) = (permission.to_owned(), level.to_owned());
        self.tell(Act::Permit { permission, level });
    }

    /// Lets the REST face take this personal token for an account.
    pub fn accept_token(&self, token: &str, login: &str) {
        self.with(|state| {
            state.users.named(login);
            let who = Who {
                login: login.to_owned(),
                by: By::Token,
                grant: Grant::default(),
            };
            state
                .tokens
                .insert(token.to_owned(), Token { who, until: None });
        });
    }

    /// The port face asks with a personal token of this account from now on.
    pub fn as_token_of(&self, login: &str) {
        self.with(|state| {
            state.users.named(login);
            state.access = Access::Token(login.to_owned());
        });
    }

    /// Gives somebody write access to every repository that names no role for them.
    pub fn trust(&self, login: &str) {
        self.with(|state| {
            state.users.named(login);
            for repo in state.repos.values_mut() {
                let role = repo.people.entry(login.to_lowercase());
                role.or_insert_with(|| "write".to_owned());
            }
        });
    }

    /// The port face asks as our App, which it does from the start.
    pub fn as_app(&self) {
        self.with(|state| state.access = Access::App);
    }

    /// The port face has no credentials from now on.
    pub fn without_credentials(&self) {
        self.with(|state| state.access = Access::None);
    }

    /// Leaves this much of the current hour's requests to the credential in use.
    pub fn requests_left(&self, left: u32) {
        self.with(|state| {
            let Some(us) = state.us() else { return };
            let now = state.now;
            let budget = state.limits.budget(&us.login, now);
            budget.used = budget.limit.saturating_sub(left);
        });
    }

    /// From now on everybody may make so much content a minute (comments, reviews, issues, pull
    /// requests) over HTTP before the secondary limit refuses; `None`: as much as they like.
    pub fn content_per_minute(&self, most: Option<u32>) {
        self.with(|state| state.limits.content(most));
    }

    /// Every credential's hour begins anew: requests and points.
    pub fn hour_begins(&self) {
        self.with(|state| state.limits.refill());
    }

    /// A check run on the current head of a pull request, by GitHub's workflow App.
    pub fn check(&self, number: u64, name: &str) -> CheckTold<'_> {
        CheckTold {
            world: self,
            number,
            sha: self.head(number),
            name: name.to_owned(),
            app: None,
        }
    }

    /// Sets a commit status on the current head of a pull request.
    pub fn status(&self, number: u64, by: &str, context: &str, word: &str) -> u64 {
        self.tell(Act::Status {
            number,
            by: by.to_owned(),
            context: context.to_owned(),
            word: word.to_owned(),
        })
        .number
    }

    /// A review of a pull request by somebody.
    pub fn review(&self, number: u64, login: &str) -> ReviewTold<'_> {
        ReviewTold {
            world: self,
            number,
            login: login.to_owned(),
            text: String::new(),
        }
    }
}

/// A check run about to be told.
#[must_use = "say what comes of the check"]
pub struct CheckTold<'a> {
    world: &'a World,
    number: u64,
    sha: String,
    name: String,
    app: Option<(u64, String)>,
}

impl CheckTold<'_> {
    /// Not by the workflow App but by this one, which exists from then on.
    pub fn by_app(mut self, id: u64, slug: &str) -> Self {
        self.app = Some((id, slug.to_owned()));
        self
    }

    /// On another commit.
    pub fn on(mut self, sha: &str) -> Self {
        sha.clone_into(&mut self.sha);
        self
    }

    /// It waits for its turn.
    pub fn queue(self) -> u64 {
        self.tell("queued")
    }

    /// It starts.
    pub fn start(self) -> u64 {
        self.tell("in_progress")
    }

    /// It ends well.
    pub fn pass(self) -> u64 {
        self.tell("success")
    }

    /// It ends badly.
    pub fn fail(self) -> u64 {
        self.tell("failure")
    }

    /// It ends with another of GitHub's words.
    pub fn conclude(self, word: &str) -> u64 {
        self.tell(word)
    }

    fn tell(self, word: &str) -> u64 {
        let word = word.to_owned();
        let sha = Some(self.sha);
        let app = self.app;
        self.world
            .tell(Act::Check {
                number: self.number,
                name: self.name,
                word,
                sha,
                app,
            })
            .number
    }
}

/// A review about to be told.
#[must_use = "say what the review says"]
pub struct ReviewTold<'a> {
    world: &'a World,
    number: u64,
    login: String,
    text: String,
}

impl ReviewTold<'_> {
    /// Gives it a text.
    pub fn saying(mut self, text: &str) -> Self {
        text.clone_into(&mut self.text);
        self
    }

    /// The change may go in.
    pub fn approve(self) -> u64 {
        self.tell(Verdict::Approve)
    }

    /// The change must not go in as it is.
    pub fn request_changes(self) -> u64 {
        self.tell(Verdict::RequestChanges)
    }

    /// Only a remark; takes nothing back.
    pub fn comment(self) -> u64 {
        self.tell(Verdict::Comment)
    }

    /// Withdraws this person's last verdict, by somebody with the right to do so.
    pub fn dismiss(self, by: &str) {
        self.world.tell(Act::Dismiss {
            number: self.number,
            of: self.login,
            by: by.to_owned(),
        });
    }

    fn tell(self, verdict: Verdict) -> u64 {
        self.world
            .tell(Act::Review {
                number: self.number,
                by: self.login,
                verdict,
                text: self.text,
            })
            .number
    }
}
