//! Reactions to comments. They are silent: nothing is delivered, and no item counts as changed.

use caretaker_core::model::Timestamp;
use serde_json::{Value, json};

use super::World;
use super::act::Act;
use super::state::State;
use super::trouble::Trouble;
use super::who::Who;

/// One reaction.
#[derive(Clone, Debug)]
pub(crate) struct Reacted {
    pub(crate) id: u64,
    pub(crate) login: String,
    /// GitHub's word.
    pub(crate) word: String,
    pub(crate) at: Timestamp,
}

const WORDS: &[&str] = &[
    "+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes",
];

impl World {
    /// Somebody reacts to a comment with one of GitHub's words.
    pub fn react(&self, id: u64, by: &str, reaction: &str) {
        let (by, reaction) = (by.to_owned(), reaction.to_owned());
        self.tell(Act::React { id, by, reaction });
    }
}

impl State {
    /// Reacts to a comment; number of the reaction, and whether it is new.
    pub(crate) fn react(
        &mut self,
        who: &Who,
        repo: u64,
        comment: u64,
        word: &str,
    ) -> Result<(u64, bool), Trouble> {
        let known = self.repo(repo).comments.get(&comment);
        let number = known.ok_or_else(Trouble::not_found)?.number;
        self.may_talk(who, repo, number)?;
        if !WORDS.contains(&word) {
            return Err(Trouble::invalid("content: no such reaction").violation());
        }
        if let Some(known) = self.reacted(repo, comment, &who.login, word)? {
            return Ok((known.id, false));
        }
        let reaction = Reacted {
            id: self.id(),
            login: self.users.named(&who.login).login,
            word: word.to_owned(),
            at: self.now,
        };
        let id = reaction.id;
        let comments = &mut self.repo_mut(repo).comments;
        let comment = comments.get_mut(&comment).ok_or_else(Trouble::not_found)?;
        comment.reactions.push(reaction);
        self.changes += 1;
        Ok((id, true))
    }

    /// Reacts to an item itself; whether it is new.
    pub(crate) fn react_to_item(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        word: &str,
    ) -> Result<bool, Trouble> {
        self.may_talk(who, repo, number)?;
        if !WORDS.contains(&word) {
            return Err(Trouble::invalid("content: no such reaction").violation());
        }
        let reaction = Reacted {
            id: self.id(),
            login: self.users.named(&who.login).login,
            word: word.to_owned(),
            at: self.now,
        };
        let rows = &mut self.item_mut(repo, number)?.reactions;
        let same = |row: &Reacted| row.word == word && row.login == reaction.login;
        if rows.iter().any(same) {
            return Ok(false);
        }
        rows.push(reaction);
        self.changes += 1;
        Ok(true)
    }

    /// The reaction of that account and word to a comment.
    pub(crate) fn reacted(
        &self,
        repo: u64,
        comment: u64,
        login: &str,
        word: &str,
    ) -> Result<Option<&Reacted>, Trouble> {
        let mut rows = self.reactions(repo, comment)?.iter();
        Ok(rows.find(|row| row.word == word && row.login.eq_ignore_ascii_case(login)))
    }

    /// The reactions to a comment, oldest first.
    pub(crate) fn reactions(&self, repo: u64, comment: u64) -> Result<&[Reacted], Trouble> {
        let comment = self.repo(repo).comments.get(&comment);
        Ok(&comment.ok_or_else(Trouble::not_found)?.reactions)
    }

    pub(crate) fn reaction_json(&self, reaction: &Reacted) -> Value {
        json!({
            "id": reaction.id,
            "node_id": format!("REA_{}", reaction.id),
            "user": self.users.json(&reaction.login),
            "content": reaction.word,
            "created_at": reaction.at.to_string(),
        })
    }
}
