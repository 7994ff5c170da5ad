//! Who has a role in a repository, and whom its items can be assigned to.

use serde_json::{Value, json};

use super::state::State;
use super::team::old_word;

impl State {
    /// Login and role of everybody with one, by login.
    pub(crate) fn collaborators(&self, repo: u64) -> Vec<(String, String)> {
        let people = self.repo(repo).people.iter();
        let row = |(login, role): (&String, &String)| {
            let user = self.users.find(login);
            let login = user.map_or(login, |user| &user.login);
            (login.clone(), role.clone())
        };
        people.map(row).collect()
    }

    /// Whom items can be assigned to, by login.
    pub(crate) fn assignable(&self, repo: u64) -> Vec<String> {
        let people = self.collaborators(repo).into_iter();
        people.map(|(login, _)| login).collect()
    }

    /// As `GET /collaborators` shows them.
    pub(crate) fn collaborators_json(&self, repo: u64) -> Vec<Value> {
        const ROLES: [&str; 5] = ["read", "triage", "write", "maintain", "admin"];
        const WORDS: [&str; 5] = ["pull", "triage", "push", "maintain", "admin"];
        let people = self.collaborators(repo).into_iter();
        let row = |(login, role): (String, String)| {
            let known = ROLES.iter().position(|known| *known == role);
            let old = ROLES.iter().position(|known| *known == old_word(&role));
            let height = known.or(old).unwrap_or(0);
            let may = WORDS.iter().enumerate();
            let may = may.map(|(at, word)| ((*word).to_owned(), json!(at <= height)));
            let mut user = self.users.json(&login);
            user["permissions"] = may.collect();
            user["role_name"] = json!(role);
            user
        };
        people.map(row).collect()
    }
}
