//! Items: what issues and pull requests share. What only pull requests have stands in `pull`.

use caretaker_core::model::Timestamp;
use serde_json::{Value, json};

use super::lock::Lock;
use super::pull::Pull;
use super::reaction::Reacted;
use super::state::State;
use super::trouble::Trouble;
use super::who::{By, Who};

/// An issue or pull request.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) id: u64,
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) author: String,
    pub(crate) via_app: bool,
    pub(crate) open: bool,
    pub(crate) state_reason: Option<String>,
    /// Names as the repository spells them.
    pub(crate) labels: Vec<String>,
    pub(crate) assignees: Vec<String>,
    /// Title of the milestone that it is in.
    pub(crate) milestone: Option<String>,
    /// Issues that are parts of it, in its order.
    pub(crate) parts: Vec<u64>,
    /// Where it is locked.
    pub(crate) locked: Option<Lock>,
    pub(crate) reactions: Vec<Reacted>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) closed_at: Option<Timestamp>,
    pub(crate) closed_by: Option<String>,
    pub(crate) pull: Option<Pull>,
}

impl Item {
    pub(crate) fn has_label(&self, name: &str) -> bool {
        let wanted = name.to_lowercase();
        self.labels.iter().any(|l| l.to_lowercase() == wanted)
    }
}

impl State {
    /// Adds an item under the next number; the caller tells the world.
    pub(crate) fn add_item(
        &mut self,
        who: &Who,
        repo: u64,
        title: &str,
        body: &str,
        pull: Option<Pull>,
    ) -> u64 {
        self.users.named(&who.login);
        let number = self.repo(repo).next_number();
        let item = Item {
            id: self.id(),
            number,
            title: title.to_owned(),
            body: body.to_owned(),
            author: who.login.clone(),
            via_app: who.via_app(),
            open: true,
            state_reason: None,
            labels: Vec::new(),
            assignees: Vec::new(),
            milestone: None,
            parts: Vec::new(),
            locked: None,
            reactions: Vec::new(),
            created: self.now,
            updated: self.now,
            closed_at: None,
            closed_by: None,
            pull,
        };
        self.repo_mut(repo).items.insert(number, item);
        number
    }

    /// Opens an issue.
    pub(crate) fn open_issue(&mut self, who: &Who, repo: u64, title: &str, body: &str) -> u64 {
        let number = self.add_item(who, repo, title, body, None);
        self.emit_item(repo, number, "opened", who, json!({}));
        number
    }

    /// Opens an issue as a client does, with labels from the start.
    pub(crate) fn new_issue(
        &mut self,
        who: &Who,
        repo: u64,
        (title, body): (&str, &str),
        labels: &[String],
    ) -> Result<u64, Trouble> {
        self.may(who, repo, "issues", who.by != By::Token)?;
        if title.trim().is_empty() {
            return Err(Trouble::invalid("Issue: title is missing"));
        }
        let number = self.open_issue(who, repo, title, body);
        for label in labels {
            self.add_label(who, repo, number, label)?;
        }
        Ok(number)
    }

    /// Closes or opens an item; of one that is there already: nothing.
    pub(crate) fn set_open(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        open: bool,
        reason: Option<&str>,
    ) -> Result<bool, Trouble> {
        self.may_item(who, repo, number, true)?;
        let now = self.now;
        let item = self.item_mut(repo, number)?;
        if item
            .pull
            .as_ref()
            .is_some_and(|pull| pull.merged_at.is_some())
            && open
        {
            return Err(Trouble::invalid("a merged pull request cannot be reopened"));
        }
        if item.open == open {
            return Ok(false);
        }
        item.open = open;
        item.updated = now;
        item.closed_at = (!open).then_some(now);
        item.closed_by = (!open).then(|| who.login.clone());
        item.state_reason = match (item.pull.is_some(), open) {
            (true, _) => None,
            (false, true) => Some("reopened".to_owned()),
            (false, false) => Some(reason.unwrap_or("completed").to_owned()),
        };
        let state_reason = item.state_reason.clone();
        let action = if open { "reopened" } else { "closed" };
        self.note(
            repo,
            number,
            action,
            who,
            json!({"state_reason": state_reason}),
        );
        self.emit_item(repo, number, action, who, json!({}));
        Ok(true)
    }

    /// Changes title or body.
    pub(crate) fn edit_item(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        title: Option<&str>,
        body: Option<&str>,
    ) -> Result<bool, Trouble> {
        self.may_item(who, repo, number, true)?;
        let item = self.item_mut(repo, number)?;
        let mut changes = json!({});
        let mut renamed = None;
        if let Some(title) = title.filter(|new| *new != item.title) {
            let old = std::mem::replace(&mut item.title, title.to_owned());
            changes["title"] = json!({"from": old});
            renamed = Some(json!({"rename": {"from": old, "to": title}}));
        }
        if let Some(body) = body.filter(|new| *new != item.body) {
            let old = std::mem::replace(&mut item.body, body.to_owned());
            changes["body"] = json!({"from": old});
        }
        if changes == json!({}) {
            return Ok(false);
        }
        self.touch(repo, number);
        if let Some(renamed) = renamed {
            self.note(repo, number, "renamed", who, renamed);
        }
        self.emit_item(repo, number, "edited", who, json!({"changes": changes}));
        Ok(true)
    }

    /// Assigns somebody, or takes the assignment back.
    pub(crate) fn assign(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        login: &str,
        on: bool,
    ) -> Result<(), Trouble> {
        self.may_item(who, repo, number, true)?;
        self.users.named(login);
        let item = self.item_mut(repo, number)?;
        item.assignees.retain(|a| !a.eq_ignore_ascii_case(login));
        if on {
            item.assignees.push(login.to_owned());
        }
        self.touch(repo, number);
        let assignee = self.users.json(login);
        let action = if on { "assigned" } else { "unassigned" };
        let extra = json!({"assignee": assignee});
        self.note(repo, number, action, who, extra.clone());
        self.emit_item(repo, number, action, who, extra);
        Ok(())
    }

    /// Emits `issues` or `pull_request`, whichever the item is.
    pub(crate) fn emit_item(
        &mut self,
        repo: u64,
        number: u64,
        action: &str,
        who: &Who,
        mut extra: Value,
    ) {
        let pull = self
            .item(repo, number)
            .is_ok_and(|item| item.pull.is_some());
        if pull {
            self.emit(repo, "pull_request", Some(action), &who.login, |state| {
                extra["number"] = json!(number);
                extra["pull_request"] = state.pull_json(repo, number, true);
                extra
            });
        } else {
            self.emit(repo, "issues", Some(action), &who.login, |state| {
                extra["issue"] = state.issue_json(repo, number);
                extra
            });
        }
    }

    /// As the issues routes show an item, pull requests included.
    pub(crate) fn issue_json(&self, repo: u64, number: u64) -> Value {
        let Ok(item) = self.item(repo, number) else {
            return Value::Null;
        };
        let url = format!("{}/issues/{number}", self.repo_url(repo));
        let people: Vec<_> = item.assignees.iter().map(|a| self.users.json(a)).collect();
        let comments = self.repo(repo).comments.values();
        let page = format!("https://github.com/{}", self.repo(repo).full_name());
        let mut json = json!({
            "id": item.id,
            "node_id": format!("I_{}", item.id),
            "url": url,
            "repository_url": self.repo_url(repo),
            "labels_url": format!("{url}/labels{{/name}}"),
            "comments_url": format!("{url}/comments"),
            "events_url": format!("{url}/events"),
            "html_url": format!("{page}/issues/{number}"),
            "number": number,
            "title": item.title,
            "body": item.body,
            "user": self.users.json(&item.author),
            "labels": self.labels_json(repo, &item.labels),
            "state": if item.open { "open" } else { "closed" },
            "state_reason": item.state_reason,
            "locked": item.locked.is_some(),
            "active_lock_reason": item.locked.as_ref().and_then(Lock::word),
            "assignee": people.first(),
            "assignees": people,
            "milestone": self.milestone_of(repo, item.milestone.as_deref()),
            "comments": comments.filter(|comment| comment.number == number).count(),
            "created_at": item.created.to_string(),
            "updated_at": item.updated.to_string(),
            "closed_at": item.closed_at.map(|at| at.to_string()),
            "closed_by": item.closed_by.as_ref().map(|login| self.users.json(login)),
            "author_association": self.repo(repo).association(&item.author),
            "performed_via_github_app": self.via_json(item.via_app),
        });
        if let Some(pull) = &item.pull {
            let url = format!("{}/pulls/{number}", self.repo_url(repo));
            json["draft"] = json!(pull.draft);
            json["html_url"] = json!(format!("{page}/pull/{number}"));
            json["pull_request"] = json!({
                "url": url,
                "html_url": format!("{page}/pull/{number}"),
                "diff_url": format!("{page}/pull/{number}.diff"),
                "patch_url": format!("{page}/pull/{number}.patch"),
                "merged_at": pull.merged_at.map(|at| at.to_string()),
            });
        }
        json
    }
}
