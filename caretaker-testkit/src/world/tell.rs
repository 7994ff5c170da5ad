//! What a story says happens: people and other machines act, settings change, tests look.
//!
//! Every method acts on the repository of the handle and panics when GitHub would refuse it: the
//! story is wrong then. Who is named exists from then on.

use super::check::RunChange;
use super::faults::{Fault, Release};
use super::pull::Pull;
use super::state::{Access, State};
use super::webhook::{Hook, Mishap};
use super::who::Who;
use super::{Protection, World};

fn must<T>(result: Result<T, super::trouble::Trouble>) -> T {
    match result {
        Ok(value) => value,
        Err(trouble) => panic!(
            "GitHub would refuse this: {} {}",
            trouble.status, trouble.message
        ),
    }
}

/// A comment as a test looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenComment {
    /// Its number.
    pub id: u64,
    /// Who wrote it.
    pub login: String,
    /// Its text.
    pub body: String,
}

impl World {
    /// Opens an issue; its number.
    pub fn open_issue(&self, login: &str, title: &str) -> u64 {
        self.with(|state| state.open_issue(&Who::story(login), self.repo, title, ""))
    }

    /// Pushes a new branch with one commit and opens a pull request from it; its number.
    pub fn open_pull(&self, login: &str, branch: &str, title: &str) -> u64 {
        self.with(|state| {
            let who = Who::story(login);
            let edits = [(branch, Some(title))];
            state.commit_files(&who, self.repo, branch, title, &edits);
            must(state.open_pull(&who, self.repo, title, "", (self.repo, branch)))
        })
    }

    /// Opens a pull request from somebody's fork, which is made if there is none; its number.
    pub fn open_pull_from_fork(&self, login: &str, branch: &str, title: &str) -> u64 {
        self.with(|state| {
            let who = Who::story(login);
            let origin = state.repo(self.repo);
            let (name, main) = (origin.name.clone(), origin.default_branch.clone());
            let tip = origin.branches[&main].clone();
            let fork = state.repo_named(login, &name).unwrap_or_else(|| {
                let fork = state.create_repo(login, &name, &main);
                let known = state.repo_mut(fork);
                known.fork = true;
                known.installed = false;
                known.branches.insert(main, tip);
                fork
            });
            state.commit_files(&who, fork, branch, title, &[(branch, Some(title))]);
            must(state.open_pull(&who, self.repo, title, "", (fork, branch)))
        })
    }

    /// The author of a pull request pushes another commit to its head; the new tip.
    pub fn push(&self, number: u64) -> String {
        self.with(|state| {
            let author = must(state.item(self.repo, number)).author.clone();
            let pull = state.pull(self.repo, number);
            let (head, branch) = (
                pull.head_repo.unwrap_or(self.repo),
                pull.head_branch.clone(),
            );
            let text = state.changes.to_string();
            let edits = [("src/more.rs", Some(text.as_str()))];
            state.commit_files(&Who::story(&author), head, &branch, "more", &edits)
        })
    }

    /// The current head of a pull request.
    pub fn head(&self, number: u64) -> String {
        self.with(|state| state.pull(self.repo, number).head_sha.clone())
    }

    /// Writes one file on a branch in one commit; the commit.
    pub fn commit_file(&self, branch: &str, path: &str, text: &str, login: &str) -> String {
        self.with(|state| {
            let who = Who::story(login);
            let message = format!("write {path}");
            state.commit_files(&who, self.repo, branch, &message, &[(path, Some(text))])
        })
    }

    /// Commits the configuration file to the default branch; the commit.
    pub fn config(&self, text: &str) -> String {
        let main = self.with(|state| state.repo(self.repo).default_branch.clone());
        self.commit_file(&main, ".github/maintainer/config.yml", text, "bob")
    }

    /// Deletes the configuration file on the default branch; the commit.
    pub fn delete_config(&self) -> String {
        self.with(|state| {
            let main = state.repo(self.repo).default_branch.clone();
            let edits = [(".github/maintainer/config.yml", None)];
            state.commit_files(&Who::story("bob"), self.repo, &main, "no config", &edits)
        })
    }

    /// Deletes a branch.
    pub fn delete_branch(&self, branch: &str, login: &str) {
        self.with(|state| must(state.delete_branch(&Who::story(login), self.repo, branch)));
    }

    /// Comments on an item; the comment's number.
    pub fn comment(&self, number: u64, login: &str, text: &str) -> u64 {
        self.with(|state| must(state.comment(&Who::story(login), self.repo, number, text)))
    }

    /// Changes the text of a comment.
    pub fn edit_comment(&self, id: u64, login: &str, text: &str) {
        self.with(|state| must(state.edit_comment(&Who::story(login), self.repo, id, text)));
    }

    /// Deletes a comment.
    pub fn delete_comment(&self, id: u64, login: &str) {
        self.with(|state| must(state.delete_comment(&Who::story(login), self.repo, id)));
    }

    /// Puts a label on an item.
    pub fn label(&self, number: u64, login: &str, label: &str) {
        self.with(|state| must(state.add_label(&Who::story(login), self.repo, number, label)));
    }

    /// Takes a label off an item.
    pub fn unlabel(&self, number: u64, login: &str, label: &str) {
        self.with(|state| must(state.remove_label(&Who::story(login), self.repo, number, label)));
    }

    /// Closes an item.
    pub fn close(&self, number: u64, login: &str) {
        self.with(|state| must(state.set_open(&Who::story(login), self.repo, number, false, None)));
    }

    /// Opens an item again.
    pub fn reopen(&self, number: u64, login: &str) {
        self.with(|state| must(state.set_open(&Who::story(login), self.repo, number, true, None)));
    }

    /// Gives an item another title.
    pub fn retitle(&self, number: u64, login: &str, title: &str) {
        let who = Who::story(login);
        self.with(|state| must(state.edit_item(&who, self.repo, number, Some(title), None)));
    }

    /// Assigns somebody to an item.
    pub fn assign(&self, number: u64, login: &str, assignee: &str) {
        let who = Who::story(login);
        self.with(|state| must(state.assign(&who, self.repo, number, assignee, true)));
    }

    /// Puts an item into a milestone.
    pub fn milestone(&self, number: u64, login: &str, title: &str) {
        self.with(|state| state.set_milestone(&Who::story(login), self.repo, number, title));
    }

    /// Merges a pull request, as somebody who may do so past every rule; the merge commit.
    pub fn merge(&self, number: u64, login: &str) -> String {
        self.with(|state| must(state.merge_pull(&Who::story(login), self.repo, number)))
    }

    /// Makes a pull request a draft, or ready for review.
    pub fn draft(&self, number: u64, login: &str, draft: bool) {
        self.with(|state| state.set_draft(&Who::story(login), self.repo, number, draft));
    }

    /// Asks somebody for a review.
    pub fn request_review(&self, number: u64, login: &str, reviewer: &str) {
        self.with(|state| state.request_review(&Who::story(login), self.repo, number, reviewer));
    }

    /// Sets whether it merges without conflict; `None`: GitHub still computes it.
    pub fn mergeable(&self, number: u64, mergeable: Option<bool>) {
        self.with(|state| state.pull_known(self.repo, number).mergeable = mergeable);
    }

    /// Sets GitHub's `mergeable_state` to a word, whatever would follow from the state.
    pub fn merge_state(&self, number: u64, word: &str) {
        self.with(|state| {
            state.pull_known(self.repo, number).merge_state = Some(word.to_owned());
        });
    }

    /// Sets the classic protection of a branch.
    pub fn protect(&self, branch: &str, protection: Protection) {
        self.with(|state| state.branch_known(self.repo, branch).protection = Some(protection));
    }

    /// Sets what rulesets demand of a branch.
    pub fn ruleset(&self, branch: &str, rules: Protection) {
        self.with(|state| state.branch_known(self.repo, branch).rules = Some(rules));
    }

    /// Lets nobody of us learn what branches demand: their routes answer 403.
    pub fn hide_rules(&self) {
        self.with(|state| state.repo_mut(self.repo).rules_hidden = true);
    }

    /// Gives somebody a role (`read`, `write`, `admin`); an empty one takes it away.
    pub fn role(&self, login: &str, role: &str) {
        self.with(|state| {
            state.users.named(login);
            let people = &mut state.repo_mut(self.repo).people;
            if role.is_empty() {
                people.remove(&login.to_lowercase());
            } else {
                people.insert(login.to_lowercase(), role.to_owned());
            }
        });
    }

    /// Makes the repository read-only.
    pub fn archive(&self, login: &str) {
        self.with(|state| state.archive_repo(&Who::story(login), self.repo, true));
    }

    /// Gives the repository another name.
    pub fn rename(&self, login: &str, name: &str) {
        self.with(|state| state.rename_repo(&Who::story(login), self.repo, name));
    }

    /// Hides the repository from every credential of ours, as if it did not exist.
    pub fn hide(&self, hidden: bool) {
        self.with(|state| state.repo_mut(self.repo).hidden = hidden);
    }

    /// Adds the repository to our App's installation, or takes it out.
    pub fn install(&self, login: &str, installed: bool) {
        self.with(|state| state.install_repo(&Who::story(login), self.repo, installed));
    }

    /// Suspends our App on the account, or lets it work again.
    pub fn suspend(&self, login: &str, suspended: bool) {
        self.with(|state| {
            state.installation.suspended = suspended;
            let action = if suspended { "suspend" } else { "unsuspend" };
            state.emit_installation("installation", action, login, serde_json::json!({}));
        });
    }

    /// Sets a permission of our App: `read`, `write`, or empty for none.
    pub fn permit(&self, permission: &str, level: &str) {
        self.with(|state| {
            let known = &mut state.app.permissions;
            if level.is_empty() {
                known.remove(permission);
            } else {
                known.insert(permission.to_owned(), level.to_owned());
            }
        });
    }

    /// The port face asks with a personal token of this account from now on.
    pub fn as_token_of(&self, login: &str) {
        self.with(|state| {
            state.users.named(login);
            state.access = Access::Token(login.to_owned());
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

    /// A check run on the current head of a pull request, by GitHub's workflow App.
    pub fn check(&self, number: u64, name: &str) -> CheckTold<'_> {
        CheckTold {
            world: self,
            sha: self.head(number),
            name: name.to_owned(),
            bot: "github-actions[bot]".to_owned(),
        }
    }

    /// Sets a commit status on the current head of a pull request.
    pub fn status(&self, number: u64, login: &str, context: &str, word: &str) -> u64 {
        let sha = self.head(number);
        let who = Who::story(login);
        self.with(|state| must(state.set_status(&who, self.repo, &sha, context, word, None)))
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

    /// The comments of an item that we wrote, oldest first; they count as looked at now.
    pub fn comments_of_bot(&self, number: u64) -> Vec<SeenComment> {
        self.with(|state| {
            let ours: Vec<_> = state
                .comments_of(self.repo, number)
                .into_iter()
                .filter(|comment| state.is_ours(comment))
                .map(|comment| SeenComment {
                    id: comment.id,
                    login: comment.author.clone(),
                    body: comment.body.clone(),
                })
                .collect();
            state.seen.extend(ours.iter().map(|comment| comment.id));
            ours
        })
    }

    /// The labels of an item as the repository spells them, in the order they were put on.
    pub fn labels(&self, number: u64) -> Vec<String> {
        self.with(|state| must(state.item(self.repo, number)).labels.clone())
    }

    /// Whether an item is open.
    pub fn is_open(&self, number: u64) -> bool {
        self.with(|state| must(state.item(self.repo, number)).open)
    }

    /// The newest check run of a name that our App wrote on the head of a pull request: status
    /// or conclusion, title, summary.
    pub fn published(&self, number: u64, name: &str) -> Option<(String, String, String)> {
        let sha = self.head(number);
        self.with(|state| {
            let ours = state.app.id;
            let runs = state.newest_runs(self.repo, &sha);
            let run = runs.into_iter().find(|r| r.app == ours && r.name == name)?;
            let word = run.conclusion.clone().unwrap_or_else(|| run.status.clone());
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            Some((word, text(&run.title), text(&run.summary)))
        })
    }

    /// The newest commit status of a context on the head of a pull request: state, description.
    pub fn status_of(&self, number: u64, context: &str) -> Option<(String, String)> {
        let sha = self.head(number);
        self.with(|state| {
            let rows = state.newest_statuses(self.repo, &sha);
            let row = rows.into_iter().find(|status| status.context == context)?;
            Some((
                row.state.clone(),
                row.description.clone().unwrap_or_default(),
            ))
        })
    }

    /// An item's timeline, a line each: `login event`, for snapshots.
    pub fn timeline(&self, number: u64) -> Vec<String> {
        self.with(|state| {
            let rows = state.happenings_of(self.repo, number).into_iter();
            rows.map(|row| match row.extra["label"]["name"].as_str() {
                Some(label) => format!("{} {} {label}", row.actor, row.event),
                None => format!("{} {}", row.actor, row.event),
            })
            .collect()
        })
    }

    /// Everything GitHub has sent so far, once each, in order.
    pub fn deliveries(&self) -> Vec<Hook> {
        self.with(|state| state.outbox.made.clone())
    }

    /// What waits to be handed over, scripted accidents included.
    pub fn take_deliveries(&self) -> Vec<Hook> {
        self.with(|state| state.outbox.take())
    }

    /// Sends a delivery again; false when there is none of that GUID.
    pub fn redeliver(&self, guid: &str) -> bool {
        self.with(|state| state.outbox.again(guid))
    }

    /// The next delivery whose `event.action` contains the text arrives twice.
    pub fn deliver_twice(&self, on: &str) {
        self.with(|state| state.outbox.script(on, Mishap::Twice));
    }

    /// The next delivery whose `event.action` contains the text arrives after its successor.
    pub fn deliver_late(&self, on: &str) {
        self.with(|state| state.outbox.script(on, Mishap::Late));
    }

    /// The next delivery whose `event.action` contains the text never arrives.
    pub fn lose_delivery(&self, on: &str) {
        self.with(|state| state.outbox.script(on, Mishap::Lost));
    }

    /// Scripts a fault.
    pub fn fault(&self, fault: Fault) {
        self.with(|state| state.faults.script(fault));
    }

    /// Takes back every fault that has not struck.
    pub fn clear_faults(&self) {
        self.with(|state| state.faults.clear());
    }

    /// The calls that are held now, a line each.
    pub fn held_calls(&self) -> Vec<String> {
        self.with(|state| state.faults.held.iter().map(|h| h.line.clone()).collect())
    }

    /// Releases every held call; how many there were.
    pub fn release(&self, how: Release) -> usize {
        self.with(|state| {
            for held in &mut state.faults.held {
                held.release = Some(how);
            }
            state.faults.held.len()
        })
    }
}

impl State {
    fn pull(&self, repo: u64, number: u64) -> &Pull {
        let pull = must(self.item(repo, number)).pull.as_ref();
        pull.unwrap_or_else(|| panic!("#{number} is no pull request"))
    }

    fn pull_known(&mut self, repo: u64, number: u64) -> &mut Pull {
        self.changes += 1;
        let pull = self.pull_mut(repo, number);
        pull.unwrap_or_else(|| panic!("#{number} is no pull request"))
    }

    fn branch_known(&mut self, repo: u64, branch: &str) -> &mut super::branch::Branch {
        let found = self.repo_mut(repo).branches.get_mut(branch);
        found.unwrap_or_else(|| panic!("there is no branch {branch}"))
    }

    /// Comments of ours that no test has looked at, a line each.
    pub(crate) fn unseen_comments(&self) -> Vec<String> {
        let repos = self.repos.values();
        let ours = repos.flat_map(|repo| repo.comments.values().map(move |c| (repo, c)));
        ours.filter(|(_, c)| self.is_ours(c) && !self.seen.contains(&c.id))
            .map(|(repo, comment)| {
                let (name, number) = (repo.full_name(), comment.number);
                format!(
                    "nobody looked at our comment on {name}#{number}: {}",
                    comment.body
                )
            })
            .collect()
    }
}

/// A check run about to be told.
#[must_use = "say what comes of the check"]
pub struct CheckTold<'a> {
    world: &'a World,
    sha: String,
    name: String,
    bot: String,
}

impl CheckTold<'_> {
    /// Not by the workflow App but by this one, which exists from then on.
    pub fn by_app(mut self, id: u64, slug: &str) -> Self {
        self.bot = format!("{slug}[bot]");
        self.world.with(|state| {
            state.users.named(&self.bot);
            if id != state.app.id {
                state.others.insert(id, super::app::App::new(id, slug));
            }
        });
        self
    }

    /// On another commit.
    pub fn on(mut self, sha: &str) -> Self {
        sha.clone_into(&mut self.sha);
        self
    }

    /// It waits for its turn.
    pub fn queue(self) -> u64 {
        self.tell(Some("queued"), None)
    }

    /// It starts.
    pub fn start(self) -> u64 {
        self.tell(Some("in_progress"), None)
    }

    /// It ends well.
    pub fn pass(self) -> u64 {
        self.tell(None, Some("success"))
    }

    /// It ends badly.
    pub fn fail(self) -> u64 {
        self.tell(None, Some("failure"))
    }

    /// It ends with another of GitHub's words.
    pub fn conclude(self, word: &str) -> u64 {
        self.tell(None, Some(word))
    }

    /// A run that is not finished goes on; a finished one is followed by a new one.
    fn tell(self, status: Option<&str>, conclusion: Option<&str>) -> u64 {
        let change = RunChange {
            name: Some(self.name.clone()),
            status: status.map(str::to_owned),
            conclusion: conclusion.map(str::to_owned),
            ..RunChange::default()
        };
        let repo = self.world.repo;
        self.world.with(|state| {
            let who = Who::story(&self.bot);
            let runs = state.newest_runs(repo, &self.sha);
            let running = runs
                .iter()
                .find(|run| run.name == self.name && run.status != "completed")
                .filter(|run| state.app_of(run.app).bot() == self.bot)
                .map(|run| run.id);
            match running {
                Some(id) => {
                    must(state.update_run(&who, repo, id, change));
                    id
                }
                None => must(state.create_run(&who, repo, &self.sha, change)),
            }
        })
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
        self.tell("APPROVED")
    }

    /// The change must not go in as it is.
    pub fn request_changes(self) -> u64 {
        self.tell("CHANGES_REQUESTED")
    }

    /// Only a remark; takes nothing back.
    pub fn comment(self) -> u64 {
        self.tell("COMMENTED")
    }

    /// Withdraws this person's last verdict, by somebody with the right to do so.
    pub fn dismiss(self, by: &str) {
        let repo = self.world.repo;
        self.world.with(|state| {
            let reviews = state.reviews_of(repo, self.number);
            let last = reviews.iter().rev().find(|review| {
                review.author.eq_ignore_ascii_case(&self.login) && review.state != "COMMENTED"
            });
            let id = last
                .map(|review| review.id)
                .expect("there is a verdict to dismiss");
            must(state.dismiss(&Who::story(by), repo, id));
        });
    }

    fn tell(self, word: &'static str) -> u64 {
        let who = Who::story(&self.login);
        let (repo, number) = (self.world.repo, self.number);
        self.world
            .with(|state| must(state.review(&who, repo, number, word, &self.text)))
    }
}
