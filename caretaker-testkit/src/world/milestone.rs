//! Milestones: numbered apart from issues, no two with one title.

use caretaker_core::model::Timestamp;
use serde_json::{Value, json};

use super::World;
use super::act::Act;
use super::state::State;
use super::trouble::Trouble;
use super::who::Who;

/// A milestone.
#[derive(Clone, Debug)]
pub(crate) struct Milestone {
    pub(crate) id: u64,
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) open: bool,
    pub(crate) due: Option<Timestamp>,
    pub(crate) creator: String,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

impl World {
    /// Makes a milestone; its number.
    pub fn define_milestone(&self, by: &str, title: &str, due: Option<Timestamp>) -> u64 {
        self.with(|state| {
            let number = state.define_milestone(&Who::story(by), self.repo, title, None);
            if let Some(known) = state.repo_mut(self.repo).milestones.get_mut(&number) {
                known.due = due;
            }
            number
        })
    }

    /// Closes a milestone, or opens it again.
    pub fn close_milestone(&self, number: u64, closed: bool) {
        self.tell(Act::CloseMilestone { number, closed });
    }
}

impl State {
    pub(crate) fn close_milestone(
        &mut self,
        repo: u64,
        number: u64,
        closed: bool,
    ) -> Result<(), Trouble> {
        let known = self.repo_mut(repo).milestones.get_mut(&number);
        known.ok_or_else(Trouble::not_found)?.open = !closed;
        self.changes += 1;
        Ok(())
    }

    pub(crate) fn milestone_named(&self, repo: u64, title: &str) -> Option<&Milestone> {
        let mut known = self.repo(repo).milestones.values();
        known.find(|milestone| milestone.title == title)
    }

    /// The number of the milestone with this title, made where there is none.
    pub(crate) fn define_milestone(
        &mut self,
        who: &Who,
        repo: u64,
        title: &str,
        description: Option<&str>,
    ) -> u64 {
        if let Some(known) = self.milestone_named(repo, title) {
            return known.number;
        }
        let last = self.repo(repo).milestones.keys().next_back();
        let milestone = Milestone {
            number: last.map_or(1, |last| last + 1),
            id: self.id(),
            title: title.to_owned(),
            description: description.map(str::to_owned),
            open: true,
            due: None,
            creator: self.users.named(&who.login).login,
            created: self.now,
            updated: self.now,
        };
        let number = milestone.number;
        let known = self.repo_mut(repo);
        known.milestones.insert(number, milestone);
        self.emit(
            repo,
            "milestone",
            Some("created"),
            &who.login,
            |state| json!({"milestone": state.milestone_json(repo, number)}),
        );
        number
    }

    /// Makes a milestone.
    ///
    /// # Errors
    /// 422 where there is one of that title.
    pub(crate) fn create_milestone(
        &mut self,
        who: &Who,
        repo: u64,
        title: &str,
        description: Option<&str>,
    ) -> Result<u64, Trouble> {
        self.may(who, repo, "issues", true)?;
        if title.trim().is_empty() {
            return Err(Trouble::invalid("title can't be blank"));
        }
        if self.milestone_named(repo, title).is_some() {
            return Err(Trouble::invalid("Milestone: title already_exists"));
        }
        Ok(self.define_milestone(who, repo, title, description))
    }

    /// Puts an item into a milestone, made where there is none of that title.
    pub(crate) fn set_milestone(&mut self, who: &Who, repo: u64, number: u64, title: &str) {
        let milestone = self.define_milestone(who, repo, title, None);
        let put = self.put_into(who, repo, number, Some(milestone));
        debug_assert!(put.is_ok(), "stories may do everything");
    }

    /// Puts an item into a milestone by number, or takes it out of the one it is in.
    pub(crate) fn put_into(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        milestone: Option<u64>,
    ) -> Result<bool, Trouble> {
        self.may_item(who, repo, number, true)?;
        let title = match milestone {
            None => None,
            Some(milestone) => {
                let known = self.repo(repo).milestones.get(&milestone);
                let known = known.ok_or_else(|| Trouble::invalid("milestone: invalid"))?;
                Some(known.title.clone())
            }
        };
        let item = self.item_mut(repo, number)?;
        if item.milestone == title {
            return Ok(false);
        }
        let before = std::mem::replace(&mut item.milestone, title.clone());
        self.touch(repo, number);
        for (event, title) in [("demilestoned", before), ("milestoned", title)] {
            if let Some(title) = title {
                let extra = json!({"milestone": {"title": title}});
                self.note(repo, number, event, who, extra);
                self.emit_item(repo, number, event, who, json!({}));
            }
        }
        Ok(true)
    }

    /// As an item shows the milestone that it is in.
    pub(crate) fn milestone_of(&self, repo: u64, title: Option<&str>) -> Value {
        let known = title.and_then(|title| self.milestone_named(repo, title));
        known.map_or(Value::Null, |known| self.milestone_json(repo, known.number))
    }

    pub(crate) fn milestone_json(&self, repo: u64, number: u64) -> Value {
        let Some(milestone) = self.repo(repo).milestones.get(&number) else {
            return Value::Null;
        };
        let count = |open: bool| {
            let items = self.repo(repo).items.values();
            let within = items.filter(|item| item.milestone.as_ref() == Some(&milestone.title));
            within.filter(|item| item.open == open).count()
        };
        let url = format!("{}/milestones/{number}", self.repo_url(repo));
        json!({
            "id": milestone.id,
            "node_id": format!("MI_{}", milestone.id),
            "url": url,
            "labels_url": format!("{url}/labels"),
            "html_url": format!(
                "https://github.com/{}/milestone/{number}", self.repo(repo).full_name(),
            ),
            "number": number,
            "state": if milestone.open { "open" } else { "closed" },
            "title": milestone.title,
            "description": milestone.description,
            "creator": self.users.json(&milestone.creator),
            "open_issues": count(true),
            "closed_issues": count(false),
            "created_at": milestone.created.to_string(),
            "updated_at": milestone.updated.to_string(),
            "closed_at": (!milestone.open).then(|| milestone.updated.to_string()),
            "due_on": milestone.due.map(|due| due.to_string()),
        })
    }
}
