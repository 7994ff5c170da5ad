//! Actions on talk and on what sorts items: compare, then write only a difference.

use caretaker_core::model::issue::{LockReason, OpenIssue};
use caretaker_core::model::{IssueAction, Login, Marker};

use crate::world::copilot::COPILOT;
use crate::world::issue::Item;
use crate::world::state::State;
use crate::world::trouble::Trouble;
use crate::world::who::Who;

/// An action's operation and what it is about, for log and faults.
pub(super) fn action_name(action: &IssueAction) -> (&'static str, String) {
    let noun = match action {
        IssueAction::Open(_) => "open_issue",
        IssueAction::Edit { .. } => "edit_issue",
        IssueAction::Close { .. } => "close_issue",
        IssueAction::Reopen { .. } => "reopen_issue",
        IssueAction::Lock { .. } => "lock",
        IssueAction::Unlock { .. } => "unlock",
        IssueAction::AddPart { .. } => "add_part",
        IssueAction::Assign { .. } => "assign",
        IssueAction::AssignCopilot { .. } => "assign_copilot",
        IssueAction::Unassign { .. } => "unassign",
        IssueAction::CreateMilestone { .. } => "create_milestone",
        IssueAction::SetMilestone { .. } => "set_milestone",
        IssueAction::DefineLabel { .. } => "define_label",
        IssueAction::DeleteLabel { .. } => "delete_label",
        IssueAction::EditComment { .. } => "edit_comment",
        IssueAction::Minimize { .. } => "minimize",
        IssueAction::React { .. } => "react_to_item",
    };
    let about = action.number().map(|number| format!("#{number}"));
    (noun, about.unwrap_or_default())
}

impl State {
    pub(super) fn apply_issue(
        &mut self,
        us: &Who,
        repo: u64,
        action: &IssueAction,
    ) -> Result<(), Trouble> {
        if self.issue_stands(us, repo, action)? {
            return Ok(());
        }
        match action {
            IssueAction::Open(wanted) => {
                let labels: Vec<_> = wanted
                    .labels
                    .iter()
                    .map(|l| l.as_str().to_owned())
                    .collect();
                self.new_issue(us, repo, (&wanted.title, &wanted.body), &labels)?;
            }
            IssueAction::Edit {
                number,
                title,
                body,
            } => {
                let number = number.value();
                self.edit_item(us, repo, number, title.as_deref(), body.as_deref())?;
            }
            IssueAction::Close { number, why } => {
                self.set_open(us, repo, number.value(), false, Some(why.word()))?;
            }
            IssueAction::Reopen { number } => {
                self.set_open(us, repo, number.value(), true, None)?;
            }
            IssueAction::Lock { number, why } => {
                self.lock(us, repo, number.value(), why.map(LockReason::word))?;
            }
            IssueAction::Unlock { number } => self.unlock(us, repo, number.value())?,
            IssueAction::AddPart { number, part } => {
                self.add_part(us, repo, number.value(), part.value())?;
            }
            IssueAction::Assign { number, login } => {
                if !self.assignable(repo).iter().any(|who| same(who, login)) {
                    return Err(Trouble::invalid("assignees: nobody can be assigned so"));
                }
                self.assign(us, repo, number.value(), login.as_str(), true)?;
            }
            IssueAction::AssignCopilot { number } => {
                let person = self.lent(us)?;
                if !self.assign_copilot(&person, repo, number.value())? {
                    return Err(Trouble::invalid("assignees: Copilot is not there"));
                }
            }
            IssueAction::Unassign { number, login } => {
                self.assign(us, repo, number.value(), login.as_str(), false)?;
            }
            IssueAction::CreateMilestone { title, description } => {
                self.create_milestone(us, repo, title, description.as_deref())?;
            }
            IssueAction::SetMilestone { number, title } => {
                let wanted = match title {
                    None => None,
                    Some(title) => {
                        let known = self.milestone_named(repo, title);
                        let none = || Trouble::invalid("milestone: there is none of that title");
                        Some(known.ok_or_else(none)?.number)
                    }
                };
                self.put_into(us, repo, number.value(), wanted)?;
            }
            IssueAction::DefineLabel {
                label,
                color,
                description,
            } => {
                let text = Some(description.as_deref().unwrap_or_default());
                let name = label.as_str();
                if self.repo(repo).labels.contains_key(&name.to_lowercase()) {
                    self.edit_label(us, repo, name, (Some(color), text))?;
                } else {
                    self.create_label(us, repo, name, (color, text))?;
                }
            }
            IssueAction::DeleteLabel { label } => self.delete_label(us, repo, label.as_str())?,
            IssueAction::EditComment { comment, body, .. } => {
                self.edit_comment(us, repo, comment.value(), body)?;
            }
            IssueAction::Minimize {
                number,
                marker,
                why,
            } => {
                for id in self.unfolded(repo, number.value(), *marker) {
                    self.fold_comment(us, repo, id, why.word())?;
                }
            }
            IssueAction::React { number, reaction } => {
                self.react_to_item(us, repo, number.value(), reaction.word())?;
            }
        }
        Ok(())
    }

    /// Whether it is as the action wants it.
    pub(super) fn issue_stands(
        &self,
        us: &Who,
        repo: u64,
        action: &IssueAction,
    ) -> Result<bool, Trouble> {
        self.may(us, repo, "issues", false)?;
        let known = self.repo(repo);
        Ok(match action {
            IssueAction::Open(wanted) => {
                let Some(key) = wanted.key() else {
                    let message = "an issue of ours without its marker would never be found again";
                    return Err(Trouble::invalid(message).violation());
                };
                known.items.values().any(|item| self.bears_key(item, key))
            }
            IssueAction::Edit {
                number,
                title,
                body,
            } => {
                let item = self.issue_item(repo, number.value())?;
                title.as_ref().is_none_or(|title| *title == item.title)
                    && body.as_ref().is_none_or(|body| *body == item.body)
            }
            IssueAction::Close { number, .. } => !self.issue_item(repo, number.value())?.open,
            IssueAction::Reopen { number } => self.issue_item(repo, number.value())?.open,
            IssueAction::Lock { number, why } => match &self.item(repo, number.value())?.locked {
                None => false,
                Some(lock) => why.is_none_or(|why| lock.word() == Some(why.word())),
            },
            IssueAction::Unlock { number } => self.item(repo, number.value())?.locked.is_none(),
            IssueAction::AddPart { number, part } => {
                let whole = self.issue_item(repo, number.value())?;
                whole.parts.contains(&part.value())
            }
            IssueAction::Assign { number, login } => {
                let people = &self.item(repo, number.value())?.assignees;
                people.iter().any(|who| same(who, login))
            }
            IssueAction::AssignCopilot { number } => {
                let people = &self.item(repo, number.value())?.assignees;
                people.iter().any(|who| who == COPILOT)
            }
            IssueAction::Unassign { number, login } => {
                let people = &self.item(repo, number.value())?.assignees;
                !people.iter().any(|who| same(who, login))
            }
            IssueAction::CreateMilestone { title, .. } => {
                self.milestone_named(repo, title).is_some()
            }
            IssueAction::SetMilestone { number, title } => {
                self.item(repo, number.value())?.milestone == *title
            }
            IssueAction::DefineLabel {
                label,
                color,
                description,
            } => {
                let def = known.labels.get(&label.as_str().to_lowercase());
                def.is_some_and(|def| {
                    let text = description.clone().filter(|text| !text.is_empty());
                    def.color.eq_ignore_ascii_case(color) && def.description == text
                })
            }
            IssueAction::DeleteLabel { label } => {
                !known.labels.contains_key(&label.as_str().to_lowercase())
            }
            IssueAction::EditComment { comment, body, .. } => {
                let comment = known.comments.get(&comment.value());
                let comment = comment.ok_or_else(Trouble::not_found)?;
                if Marker::find(body).is_none() {
                    return Err(Trouble::invalid("a text without a marker").violation());
                }
                if !self.is_ours(comment) {
                    return Err(Trouble::invalid("the comment is not ours"));
                }
                comment.body == *body
            }
            IssueAction::Minimize { number, marker, .. } => {
                self.item(repo, number.value())?;
                self.unfolded(repo, number.value(), *marker).is_empty()
            }
            IssueAction::React { number, reaction } => {
                let rows = &self.item(repo, number.value())?.reactions;
                rows.iter().any(|row| {
                    row.word == reaction.word() && row.login.eq_ignore_ascii_case(&us.login)
                })
            }
        })
    }

    /// Our comments on an item with that marker that are not folded away.
    fn unfolded(&self, repo: u64, number: u64, marker: Marker) -> Vec<u64> {
        let rows = self.comments_of(repo, number).into_iter();
        rows.filter(|c| self.is_ours(c) && Marker::find(&c.body) == Some(marker))
            .filter(|comment| comment.folded.is_none())
            .map(|comment| comment.id)
            .collect()
    }

    fn issue_item(&self, repo: u64, number: u64) -> Result<&Item, Trouble> {
        let item = self.item(repo, number)?;
        if item.pull.is_some() {
            return Err(Trouble::invalid("it is a pull request"));
        }
        Ok(item)
    }

    fn bears_key(&self, item: &Item, key: &str) -> bool {
        let ours = self.author(&item.author, item.via_app, &item.body);
        let body = OpenIssue {
            title: String::new(),
            body: item.body.clone(),
            labels: Vec::new(),
        };
        ours == caretaker_core::model::Author::Us && item.pull.is_none() && body.key() == Some(key)
    }
}

fn same(who: &str, login: &Login) -> bool {
    Login::new(who).same(login)
}
