//! Comments on issues and pull requests.

use caretaker_core::model::Timestamp;
use serde_json::{Value, json};

use super::reaction::Reacted;
use super::state::State;
use super::trouble::Trouble;
use super::who::{By, Who};

/// A comment on an item.
#[derive(Clone, Debug)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    pub(crate) number: u64,
    pub(crate) author: String,
    pub(crate) via_app: bool,
    pub(crate) body: String,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) reactions: Vec<Reacted>,
    /// Why it is folded away, in GraphQL's word.
    pub(crate) folded: Option<String>,
}

/// GitHub's limit of a comment's length, in characters.
const LONGEST: usize = 65_536;

fn check_body(body: &str) -> Result<(), Trouble> {
    if body.trim().is_empty() {
        return Err(Trouble::invalid("body can't be blank"));
    }
    if body.chars().count() > LONGEST {
        return Err(Trouble::invalid(
            "body is too long (maximum is 65536 characters)",
        ));
    }
    Ok(())
}

impl State {
    /// Writes a comment.
    pub(crate) fn comment(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        body: &str,
    ) -> Result<u64, Trouble> {
        self.may_talk(who, repo, number)?;
        let locked = self.item(repo, number)?.locked.is_some();
        if locked && who.by == By::Token && !self.repo(repo).may_write(&who.login) {
            return Err(Trouble::new(
                403,
                "Unable to create comment because issue is locked.",
            ));
        }
        check_body(body)?;
        self.users.named(&who.login);
        let comment = Comment {
            id: self.id(),
            number,
            author: who.login.clone(),
            via_app: who.via_app(),
            body: body.to_owned(),
            created: self.now,
            updated: self.now,
            reactions: Vec::new(),
            folded: None,
        };
        let id = comment.id;
        self.repo_mut(repo).comments.insert(id, comment);
        self.touch(repo, number);
        self.note(repo, number, "commented", who, json!({"comment": id}));
        self.emit_comment(who, repo, id, "created", json!({}));
        Ok(id)
    }

    /// Changes a comment's text. An edited comment of ours has to be looked at again.
    pub(crate) fn edit_comment(
        &mut self,
        who: &Who,
        repo: u64,
        id: u64,
        body: &str,
    ) -> Result<(), Trouble> {
        self.may_comment(who, repo, id)?;
        check_body(body)?;
        let now = self.now;
        let comments = &mut self.repo_mut(repo).comments;
        let comment = comments.get_mut(&id).ok_or_else(Trouble::not_found)?;
        comment.updated = now;
        let old = std::mem::replace(&mut comment.body, body.to_owned());
        let number = comment.number;
        self.touch(repo, number);
        self.seen.remove(&id);
        let changes = json!({"changes": {"body": {"from": old}}});
        self.emit_comment(who, repo, id, "edited", changes);
        Ok(())
    }

    /// Folds a comment away. It is silent, and the comment keeps its age.
    pub(crate) fn fold_comment(
        &mut self,
        who: &Who,
        repo: u64,
        id: u64,
        why: &str,
    ) -> Result<(), Trouble> {
        let known = self.repo(repo).comments.get(&id);
        let number = known.ok_or_else(Trouble::not_found)?.number;
        self.may_item(who, repo, number, true)?;
        if let Some(comment) = self.repo_mut(repo).comments.get_mut(&id) {
            comment.folded = Some(why.to_owned());
        }
        self.changes += 1;
        Ok(())
    }

    /// Deletes a comment.
    pub(crate) fn delete_comment(&mut self, who: &Who, repo: u64, id: u64) -> Result<(), Trouble> {
        let number = self.may_comment(who, repo, id)?;
        self.emit_comment(who, repo, id, "deleted", json!({}));
        let known = self.repo_mut(repo);
        known.comments.remove(&id);
        known.happenings.retain(|h| h.extra["comment"] != json!(id));
        self.touch(repo, number);
        Ok(())
    }

    /// Anybody who sees an item may comment on it; an App needs its permission.
    pub(crate) fn may_talk(&self, who: &Who, repo: u64, number: u64) -> Result<(), Trouble> {
        let write = who.by != By::Token || self.repo(repo).archived;
        self.may_item(who, repo, number, write)
    }

    fn may_comment(&self, who: &Who, repo: u64, id: u64) -> Result<u64, Trouble> {
        if !self.may_see(who, repo) {
            return Err(Trouble::not_found());
        }
        let comments = &self.repo(repo).comments;
        let comment = comments.get(&id).ok_or_else(Trouble::not_found)?;
        if comment.author.eq_ignore_ascii_case(&who.login) {
            self.may_talk(who, repo, comment.number)?;
        } else {
            self.may_item(who, repo, comment.number, true)?;
        }
        Ok(comment.number)
    }

    fn emit_comment(&mut self, who: &Who, repo: u64, id: u64, action: &str, mut extra: Value) {
        let number = self.repo(repo).comments[&id].number;
        self.emit(repo, "issue_comment", Some(action), &who.login, |state| {
            extra["issue"] = state.issue_json(repo, number);
            extra["comment"] = state.comment_json(repo, id);
            extra
        });
    }

    /// The comments of an item, oldest first.
    pub(crate) fn comments_of(&self, repo: u64, number: u64) -> Vec<&Comment> {
        let comments = self.repo(repo).comments.values();
        comments.filter(|c| c.number == number).collect()
    }

    /// Whether a comment was written with our credentials.
    pub(crate) fn is_ours(&self, comment: &Comment) -> bool {
        let Some(us) = self.us() else { return false };
        match us.by {
            By::Installation => comment.via_app,
            By::Token => comment.author.eq_ignore_ascii_case(&us.login),
            By::Story | By::Jwt => false,
        }
    }

    pub(crate) fn comment_json(&self, repo: u64, id: u64) -> Value {
        let Some(comment) = self.repo(repo).comments.get(&id) else {
            return Value::Null;
        };
        let number = comment.number;
        json!({
            "id": id,
            "node_id": format!("IC_{id}"),
            "url": format!("{}/issues/comments/{id}", self.repo_url(repo)),
            "html_url": format!(
                "https://github.com/{}/issues/{number}#issuecomment-{id}",
                self.repo(repo).full_name(),
            ),
            "issue_url": format!("{}/issues/{number}", self.repo_url(repo)),
            "user": self.users.json(&comment.author),
            "created_at": comment.created.to_string(),
            "updated_at": comment.updated.to_string(),
            "author_association": self.repo(repo).association(&comment.author),
            "body": comment.body,
            "performed_via_github_app": self.via_json(comment.via_app),
        })
    }
}
