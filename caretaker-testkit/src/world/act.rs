//! What can happen on GitHub without us, as data: the same for stories, seeds and the control
//! routes of the simulator.

mod steps;
mod told;

use serde::Deserialize;
use serde_json::json;

pub use told::{Told, Verdict};

use super::alert::{Finding, Scanner};
use super::branch::Protection;
use super::files::Edits;
use super::remark::Spot;
use super::state::State;
use super::status::Set;
use super::trouble::Trouble;
use super::who::Who;

/// One act by somebody (`by` is a login). Comments, reviews and checks are not ours.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "fields are named as the fields of GitHub they set"
)]
pub enum Act {
    /// Makes the repository of the act. It is made by being named; this does nothing more.
    CreateRepo {},
    /// Opens an issue.
    OpenIssue {
        by: String,
        title: String,
        #[serde(default)]
        body: String,
    },
    /// Commits to a branch, of a fork where told so, and opens a pull request from it.
    OpenPull {
        by: String,
        branch: String,
        title: String,
        #[serde(default)]
        body: String,
        #[serde(default)]
        fork: bool,
    },
    /// The author of a pull request pushes another commit to its head.
    Push { number: u64 },
    /// Writes a file (without `text`: deletes it) on a branch, by default the default branch.
    CommitFile {
        by: String,
        branch: Option<String>,
        path: String,
        text: Option<String>,
    },
    /// Pushes one commit with several edits to a branch, by default the default branch.
    Commit {
        by: String,
        branch: Option<String>,
        edits: Edits,
    },
    /// Deletes a branch.
    DeleteBranch { by: String, branch: String },
    /// Comments on an item.
    Comment {
        number: u64,
        by: String,
        text: String,
    },
    /// Changes a comment.
    EditComment { id: u64, by: String, text: String },
    /// Deletes a comment.
    DeleteComment { id: u64, by: String },
    /// Reacts to a comment with one of GitHub's words (`eyes`, `+1`, …).
    React {
        id: u64,
        by: String,
        reaction: String,
    },
    /// Puts a label on an item.
    Label {
        number: u64,
        by: String,
        label: String,
    },
    /// Takes a label off an item.
    Unlabel {
        number: u64,
        by: String,
        label: String,
    },
    /// Closes an item.
    Close { number: u64, by: String },
    /// Opens an item again.
    Reopen { number: u64, by: String },
    /// Gives an item another title.
    Retitle {
        number: u64,
        by: String,
        title: String,
    },
    /// Assigns somebody to an item.
    Assign {
        number: u64,
        by: String,
        assignee: String,
    },
    /// Puts an item into a milestone.
    Milestone {
        number: u64,
        by: String,
        title: String,
    },
    /// Merges a pull request past every rule.
    Merge { number: u64, by: String },
    /// The merge queue merges a pull request that waits in it.
    MergeQueued { number: u64 },
    /// The merge queue gives a pull request back.
    GiveBack { number: u64 },
    /// Has a pull request merge by itself once nothing stands against it, or no longer.
    AutoMerge {
        number: u64,
        by: String,
        enabled: bool,
    },
    /// Makes a pull request a draft, or ready for review.
    Draft {
        number: u64,
        by: String,
        draft: bool,
    },
    /// Asks somebody for a review.
    RequestReview {
        number: u64,
        by: String,
        reviewer: String,
    },
    /// Reports a check on a pull request's head (or the commit `sha`): `queued`, `in_progress`, or
    /// how it ends. Goes on with a run of that name that is not finished. `app` is number and
    /// slug, by default GitHub's workflow App.
    Check {
        number: u64,
        name: String,
        word: String,
        sha: Option<String>,
        app: Option<(u64, String)>,
    },
    /// Sets a commit status on a pull request's head.
    Status {
        number: u64,
        by: String,
        context: String,
        word: String,
    },
    /// Reviews a pull request.
    Review {
        number: u64,
        by: String,
        verdict: Verdict,
        #[serde(default)]
        text: String,
    },
    /// Comments on a line of a file as the head has it (`null`: on the whole file), or answers
    /// the first comment of a thread.
    Remark {
        number: u64,
        by: String,
        #[serde(default)]
        path: String,
        #[serde(default)]
        line: Option<u32>,
        #[serde(default)]
        reply_to: Option<u64>,
        text: String,
    },
    /// Resolves the thread that begins with this comment, or opens it again.
    Resolve { id: u64, by: String, resolved: bool },
    /// Withdraws somebody's last verdict.
    Dismiss { number: u64, of: String, by: String },
    /// Sets whether it merges without conflict; `null`: GitHub still computes it.
    Mergeable {
        number: u64,
        mergeable: Option<bool>,
    },
    /// Sets GitHub's `mergeable_state` to a word.
    MergeState { number: u64, word: String },
    /// Sets the classic protection of a branch.
    Protect { branch: String, demand: Protection },
    /// Sets what rulesets demand of a branch.
    Ruleset { branch: String, demand: Protection },
    /// Whether what branches demand is kept from us.
    HideRules { hidden: bool },
    /// Gives somebody a role; an empty one takes it away.
    Role { login: String, role: String },
    /// Makes a team (`org/slug`) of these members; without any it is gone.
    Team {
        team: String,
        members: Option<Vec<String>>,
    },
    /// Makes the repository read-only, or takes it back.
    Archive { by: String, archived: bool },
    /// Gives the repository another name.
    Rename { by: String, name: String },
    /// Hides the repository from every credential.
    Hide { hidden: bool },
    /// Adds the repository to our installation, or takes it out.
    Install { by: String, installed: bool },
    /// Suspends our App on the account, or lets it work again.
    Suspend { by: String, suspended: bool },
    /// Sets a permission of our App; an empty level takes it away.
    Permit { permission: String, level: String },
    /// A workflow file is there that can be started by hand with these inputs.
    Workflow {
        file: String,
        #[serde(default)]
        inputs: Vec<String>,
    },
    /// A workflow runs for the head of a pull request.
    RunWorkflow { file: String, number: u64 },
    /// A job of a run has ended with one of GitHub's words, and printed this.
    Job {
        run: u64,
        name: String,
        word: String,
        #[serde(default)]
        log: String,
    },
    /// A run ends with one of GitHub's words.
    EndRun { run: u64, word: String },
    /// A run waits for somebody's approval.
    HoldRun { run: u64 },
    /// Makes a milestone.
    DefineMilestone { by: String, title: String },
    /// Closes a milestone, or opens it again.
    CloseMilestone { number: u64, closed: bool },
    /// Switches a scanner on, with nothing found, or off.
    Scan { scanner: Scanner, enabled: bool },
    /// Its scanner finds something.
    Find { finding: Finding },
    /// Somebody mends what an alert is about.
    Mend { scanner: Scanner, number: u64 },
    /// Switches Copilot on or off.
    Copilot { enabled: bool },
}

impl State {
    /// Lets it happen.
    pub(crate) fn act(&mut self, repo: u64, act: Act) -> Result<Told, Trouble> {
        let mut told = Told::default();
        match act {
            Act::CreateRepo {} => {}
            Act::OpenIssue { by, title, body } => {
                told.number = self.open_issue(&Who::story(&by), repo, &title, &body);
            }
            Act::OpenPull {
                by,
                branch,
                title,
                body,
                fork,
            } => {
                let who = Who::story(&by);
                let head = if fork { self.fork(&by, repo) } else { repo };
                let edits = [(branch.as_str(), Some(title.as_str()))];
                told.sha = self.commit_files(&who, head, &branch, &title, &edits);
                told.number = self.open_pull(&who, repo, &title, &body, (head, &branch))?;
            }
            Act::Push { number } => told.sha = self.push_more(repo, number)?,
            Act::CommitFile {
                by,
                branch,
                path,
                text,
            } => {
                let branch = branch.unwrap_or_else(|| self.repo(repo).default_branch.clone());
                let verb = if text.is_some() { "write" } else { "delete" };
                let message = format!("{verb} {path}");
                let edits = [(path.as_str(), text.as_deref())];
                told.sha = self.commit_files(&Who::story(&by), repo, &branch, &message, &edits);
            }
            Act::Commit { by, branch, edits } => {
                let branch = branch.unwrap_or_else(|| self.repo(repo).default_branch.clone());
                told.sha = self.commit_edits(&Who::story(&by), repo, &branch, edits)?;
            }
            Act::DeleteBranch { by, branch } => {
                self.delete_branch(&Who::story(&by), repo, &branch)?;
            }
            Act::Comment { number, by, text } => {
                told.number = self.comment(&Who::story(&by), repo, number, &text)?;
            }
            Act::EditComment { id, by, text } => {
                self.edit_comment(&Who::story(&by), repo, id, &text)?;
            }
            Act::DeleteComment { id, by } => self.delete_comment(&Who::story(&by), repo, id)?,
            Act::React { id, by, reaction } => {
                told.number = self.react(&Who::story(&by), repo, id, &reaction)?.0;
            }
            Act::Label { number, by, label } => {
                self.add_label(&Who::story(&by), repo, number, &label)?;
            }
            Act::Unlabel { number, by, label } => {
                self.remove_label(&Who::story(&by), repo, number, &label)?;
            }
            Act::Close { number, by } => {
                self.set_open(&Who::story(&by), repo, number, false, None)?;
            }
            Act::Reopen { number, by } => {
                self.set_open(&Who::story(&by), repo, number, true, None)?;
            }
            Act::Retitle { number, by, title } => {
                self.edit_item(&Who::story(&by), repo, number, Some(&title), None)?;
            }
            Act::Assign {
                number,
                by,
                assignee,
            } => self.assign(&Who::story(&by), repo, number, &assignee, true)?,
            Act::Milestone { number, by, title } => {
                self.item(repo, number)?;
                self.set_milestone(&Who::story(&by), repo, number, &title);
            }
            Act::Merge { number, by } => {
                told.sha = self.merge_pull(&Who::story(&by), repo, number)?;
            }
            Act::Draft { number, by, draft } => {
                self.pull(repo, number)?;
                self.set_draft(&Who::story(&by), repo, number, draft);
            }
            Act::RequestReview {
                number,
                by,
                reviewer,
            } => {
                self.pull(repo, number)?;
                self.request_review(&Who::story(&by), repo, number, &reviewer);
            }
            Act::Check {
                number,
                name,
                word,
                sha,
                app,
            } => {
                let sha = match sha {
                    Some(sha) => sha,
                    None => self.pull(repo, number)?.head_sha.clone(),
                };
                told.number = self.report(repo, &sha, &name, &word, app)?;
            }
            Act::Status {
                number,
                by,
                context,
                word,
            } => {
                let sha = self.pull(repo, number)?.head_sha.clone();
                let who = Who::story(&by);
                let set = Set {
                    context: &context,
                    state: &word,
                    description: None,
                    target_url: None,
                };
                told.number = self.set_status(&who, repo, &sha, &set)?;
            }
            Act::Review {
                number,
                by,
                verdict,
                text,
            } => {
                let word = match verdict {
                    Verdict::Approve => "APPROVED",
                    Verdict::RequestChanges => "CHANGES_REQUESTED",
                    Verdict::Comment => "COMMENTED",
                };
                told.number = self.review(&Who::story(&by), repo, number, word, &text)?;
            }
            Act::Remark {
                number,
                by,
                path,
                line,
                reply_to,
                text,
            } => {
                let spot = Spot {
                    path,
                    line,
                    start: None,
                    before: false,
                };
                let who = Who::story(&by);
                let place = (spot, reply_to);
                told.number = self.remark_alone(&who, repo, number, place, &text)?;
            }
            Act::Resolve { id, by, resolved } => {
                self.resolve_thread(&Who::story(&by), repo, (id, resolved))?;
            }
            Act::MergeQueued { number } => told.sha = self.merge_queued(repo, number)?,
            Act::GiveBack { number } => self.give_back(repo, number),
            Act::AutoMerge {
                number,
                by,
                enabled,
            } => {
                self.set_auto_merge(&Who::story(&by), repo, (number, enabled))?;
            }
            Act::Dismiss { number, of, by } => {
                let mut reviews = self.reviews_of(repo, number).into_iter();
                let given = |author: &str| author.eq_ignore_ascii_case(&of);
                let last = reviews
                    .rfind(|review| given(&review.author) && review.state != "COMMENTED")
                    .map(|review| review.id);
                let id = last.ok_or_else(Trouble::not_found)?;
                self.dismiss(&Who::story(&by), repo, id)?;
            }
            Act::Mergeable { number, mergeable } => {
                self.pull_set(repo, number)?.mergeable = mergeable;
            }
            Act::MergeState { number, word } => {
                self.pull_set(repo, number)?.merge_state = Some(word);
            }
            Act::Protect { branch, demand } => {
                self.branch_set(repo, &branch)?.protection = Some(demand);
            }
            Act::Ruleset { branch, demand } => self.branch_set(repo, &branch)?.rules = Some(demand),
            Act::HideRules { hidden } => self.repo_mut(repo).rules_hidden = hidden,
            Act::Role { login, role } => {
                self.users.named(&login);
                let people = &mut self.repo_mut(repo).people;
                if role.is_empty() {
                    people.remove(&login.to_lowercase());
                } else {
                    people.insert(login.to_lowercase(), role);
                }
            }
            Act::Team { team, members } => self.set_team(&team, members),
            Act::Archive { by, archived } => self.archive_repo(&Who::story(&by), repo, archived),
            Act::Rename { by, name } => self.rename_repo(&Who::story(&by), repo, &name),
            Act::Hide { hidden } => self.repo_mut(repo).hidden = hidden,
            Act::Install { by, installed } => self.install_repo(&Who::story(&by), repo, installed),
            Act::Suspend { by, suspended } => {
                self.installation.suspended = suspended;
                let action = if suspended { "suspend" } else { "unsuspend" };
                self.emit_installation("installation", action, &by, &json!({}));
            }
            Act::Permit { permission, level } => {
                if level.is_empty() {
                    self.app.permissions.remove(&permission);
                } else {
                    self.app.permissions.insert(permission, level);
                }
            }
            Act::Workflow { file, inputs } => told.number = self.add_workflow(repo, &file, inputs),
            Act::RunWorkflow { file, number } => {
                told.number = self.run_for_head(repo, &file, number)?;
            }
            Act::Job {
                run,
                name,
                word,
                log,
            } => {
                told.number = self.begin_job(repo, run, &name)?;
                self.end_job(repo, told.number, &word, &log)?;
            }
            Act::EndRun { run, word } => self.end_run(repo, run, &word)?,
            Act::HoldRun { run } => self.hold_run(repo, run)?,
            Act::DefineMilestone { by, title } => {
                told.number = self.define_milestone(&Who::story(&by), repo, &title, None);
            }
            Act::CloseMilestone { number, closed } => {
                self.close_milestone(repo, number, closed)?;
            }
            Act::Scan { scanner, enabled } => self.scan(repo, scanner, enabled),
            Act::Find { finding } => told.number = self.find(repo, finding),
            Act::Mend { scanner, number } => self.mend(repo, scanner, number),
            Act::Copilot { enabled } => {
                self.copilot = enabled;
                self.changes += 1;
            }
        }
        Ok(told)
    }
}
