//! Actions on the state: compare, then write only a difference.

use caretaker_core::model::{Conclusion, ForgeAction, Marker, Publish, Receipt, RemoteId};
use caretaker_core::ports::Settled;

use super::{ci, git, reviews, sorting};
use crate::world::check::RunChange;
use crate::world::state::State;
use crate::world::status::Set;
use crate::world::trouble::Trouble;
use crate::world::who::{By, Who};

/// Which of our comments: its marker, and the comment it is about.
type Which = (Marker, Option<RemoteId>);

/// An action's operation and what it is about, for log and faults.
pub(super) fn name(action: &ForgeAction) -> (&'static str, String) {
    match action {
        ForgeAction::AddLabel { number, label } => ("add_label", format!("#{number} {label}")),
        ForgeAction::RemoveLabel { number, label } => {
            ("remove_label", format!("#{number} {label}"))
        }
        ForgeAction::UpsertComment { number, marker, .. } => {
            ("upsert_comment", format!("#{number} {}", marker.name()))
        }
        ForgeAction::Close { number, .. } => ("close", format!("#{number}")),
        ForgeAction::DeleteBranch { branch, .. } => ("delete_branch", format!(":{branch}")),
        ForgeAction::Publish(publish) => ("publish", format!("@{} {}", publish.sha, publish.name)),
        ForgeAction::React {
            number,
            comment,
            reaction,
        } => ("react", format!("#{number} {comment} {}", reaction.word())),
        ForgeAction::Reply { number, to, .. } => ("reply", format!("#{number} to {to}")),
        ForgeAction::Issue(action) => sorting::action_name(action),
        ForgeAction::Ci(action) => ci::action(action),
        ForgeAction::Git(action) => git::action_name(action),
        ForgeAction::Review(action) => reviews::action_name(action),
    }
}

impl State {
    pub(super) fn apply(
        &mut self,
        us: &Who,
        repo: u64,
        action: &ForgeAction,
    ) -> Result<Receipt, Trouble> {
        let before = self.changes;
        let mut via = None;
        match action {
            ForgeAction::AddLabel { number, label } => {
                self.add_label(us, repo, number.value(), label.as_str())?;
            }
            ForgeAction::RemoveLabel { number, label } => {
                if self.item(repo, number.value())?.has_label(label.as_str()) {
                    self.remove_label(us, repo, number.value(), label.as_str())?;
                }
            }
            ForgeAction::UpsertComment {
                number,
                marker,
                body,
            } => self.upsert(us, repo, number.value(), (*marker, None), body)?,
            ForgeAction::Close { number, .. } => {
                self.set_open(us, repo, number.value(), false, Some("not_planned"))?;
            }
            ForgeAction::DeleteBranch { branch, expect } => {
                let tip = self.repo(repo).branches.get(branch.as_str());
                match tip.map(|tip| tip.sha.as_str() == expect.as_str()) {
                    None => {}
                    Some(true) => self.delete_branch(us, repo, branch.as_str())?,
                    Some(false) => return Err(Trouble::new(412, "the branch has moved")),
                }
            }
            ForgeAction::Publish(publish) => {
                via = Some(self.publish(us, repo, publish)?.to_owned());
            }
            ForgeAction::Ci(action) => via = self.ci_apply(us, repo, action)?,
            ForgeAction::Issue(action) => self.apply_issue(us, repo, action)?,
            ForgeAction::React {
                comment, reaction, ..
            } => {
                self.react(us, repo, comment.value(), reaction.word())?;
            }
            ForgeAction::Reply { number, to, body } => {
                let which = (Marker::Answer, Some(*to));
                self.upsert(us, repo, number.value(), which, body)?;
            }
            ForgeAction::Git(action) => self.apply_git(us, repo, action)?,
            ForgeAction::Review(action) => self.apply_review(us, repo, action)?,
        }
        Ok(Receipt {
            changed: self.changes != before,
            via,
        })
    }

    /// Our comments on an item that bear the marker, for that comment only, oldest first.
    fn marked(&self, repo: u64, number: u64, which: Which) -> Vec<(u64, String)> {
        self.comments_of(repo, number)
            .into_iter()
            .filter(|c| {
                self.is_ours(c)
                    && (Marker::find(&c.body), Marker::to(&c.body)) == (Some(which.0), which.1)
            })
            .map(|c| (c.id, c.body.clone()))
            .collect()
    }

    fn upsert(
        &mut self,
        us: &Who,
        repo: u64,
        number: u64,
        which: Which,
        body: &str,
    ) -> Result<(), Trouble> {
        if (Marker::find(body), Marker::to(body)) != (Some(which.0), which.1) {
            let message = "a comment of ours without its marker would never be found again";
            return Err(Trouble::invalid(message).violation());
        }
        let known = self.marked(repo, number, which);
        let Some(((id, text), rest)) = known.split_first() else {
            return self.comment(us, repo, number, body).map(|_| ());
        };
        if text != body {
            self.edit_comment(us, repo, *id, body)?;
        }
        for (extra, _) in rest {
            self.delete_comment(us, repo, *extra)?;
        }
        Ok(())
    }

    pub(super) fn publish(
        &mut self,
        us: &Who,
        repo: u64,
        publish: &Publish,
    ) -> Result<&'static str, Trouble> {
        let sha = publish.sha.as_str();
        if us.by == By::Token {
            let (state, text) = as_status(publish);
            if !self.status_stands(us, repo, publish) {
                let set = Set {
                    context: &publish.name,
                    state,
                    description: Some(&text),
                    target_url: None,
                };
                self.set_status(us, repo, sha, &set)?;
            }
            return Ok("status");
        }
        if self.run_stands(repo, publish) {
            return Ok("check_run");
        }
        let done = (publish.conclusion != Conclusion::InProgress)
            .then(|| publish.conclusion.word().to_owned());
        let change = RunChange {
            name: Some(publish.name.clone()),
            status: done.is_none().then(|| "in_progress".to_owned()),
            conclusion: done,
            title: Some(publish.title.clone()),
            summary: Some(publish.summary.clone()),
            ..RunChange::default()
        };
        match self.our_run(repo, publish) {
            Some(id) => self.update_run(us, repo, id, change)?,
            None => self.create_run(us, repo, sha, change).map(|_| ())?,
        }
        Ok("check_run")
    }

    pub(super) fn our_run(&self, repo: u64, publish: &Publish) -> Option<u64> {
        let runs = self.newest_runs(repo, publish.sha.as_str());
        let ours = self.app.id;
        let run = runs
            .into_iter()
            .find(|r| r.app == ours && r.name == publish.name)?;
        Some(run.id)
    }

    pub(super) fn run_stands(&self, repo: u64, publish: &Publish) -> bool {
        let Some(run) = self
            .our_run(repo, publish)
            .and_then(|id| self.repo(repo).runs.get(&id))
        else {
            return false;
        };
        run.conclusion.as_deref().unwrap_or(&run.status) == publish.conclusion.word()
            && run.title.as_ref() == Some(&publish.title)
            && run.summary.as_ref() == Some(&publish.summary)
    }

    pub(super) fn status_stands(&self, us: &Who, repo: u64, publish: &Publish) -> bool {
        let (state, text) = as_status(publish);
        let rows = self.newest_statuses(repo, publish.sha.as_str());
        rows.into_iter().any(|row| {
            row.context == publish.name
                && row.creator.eq_ignore_ascii_case(&us.login)
                && row.state == state
                && row.description.as_deref() == Some(text.as_str())
        })
    }

    /// Whether the world is as the action wanted it.
    pub(super) fn settled(&self, us: &Who, repo: u64, action: &ForgeAction) -> Settled {
        let stands = match action {
            ForgeAction::AddLabel { number, label } => self
                .item(repo, number.value())
                .map(|item| item.has_label(label.as_str())),
            ForgeAction::RemoveLabel { number, label } => self
                .item(repo, number.value())
                .map(|item| !item.has_label(label.as_str())),
            ForgeAction::UpsertComment {
                number,
                marker,
                body,
            } => self.item(repo, number.value()).map(|_| {
                let ours = self.marked(repo, number.value(), (*marker, None));
                matches!(&ours[..], [(_, text)] if text == body)
            }),
            ForgeAction::Reply { number, to, body } => self.item(repo, number.value()).map(|_| {
                let ours = self.marked(repo, number.value(), (Marker::Answer, Some(*to)));
                matches!(&ours[..], [(_, text)] if text == body)
            }),
            ForgeAction::React {
                comment, reaction, ..
            } => self
                .reacted(repo, comment.value(), &us.login, reaction.word())
                .map(|known| known.is_some()),
            ForgeAction::Close { number, .. } => {
                self.item(repo, number.value()).map(|item| !item.open)
            }
            ForgeAction::DeleteBranch { branch, .. } => {
                Ok(!self.repo(repo).branches.contains_key(branch.as_str()))
            }
            ForgeAction::Publish(publish) if us.by == By::Token => {
                Ok(self.status_stands(us, repo, publish))
            }
            ForgeAction::Publish(publish) => Ok(self.run_stands(repo, publish)),
            ForgeAction::Issue(action) => self.issue_stands(us, repo, action),
            ForgeAction::Ci(action) => match self.ci_stands(us, repo, action) {
                Ok(Some(stands)) => Ok(stands),
                Ok(None) => return Settled::Unknown,
                Err(gone) => Err(gone),
            },
            ForgeAction::Git(action) => self.git_stands(repo, action),
            ForgeAction::Review(action) => self.review_stands(repo, action),
        };
        match stands {
            Ok(true) => Settled::Performed,
            Ok(false) => Settled::NotPerformed,
            // The subject is gone: whether it was done before cannot be told any more.
            Err(_gone) => Settled::Unknown,
        }
    }
}

/// A finding as a commit status: anything neutral or unfinished is `pending` (decisions §9).
fn as_status(publish: &Publish) -> (&'static str, String) {
    let state = match publish.conclusion {
        Conclusion::Success => "success",
        Conclusion::Failure => "failure",
        Conclusion::InProgress | Conclusion::Neutral => "pending",
    };
    (state, publish.title.chars().take(140).collect())
}
