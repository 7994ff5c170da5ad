//! Copilot, whom people can give issues to.

use super::World;
use super::act::Act;
use super::grant::Grant;
use super::state::State;
use super::trouble::Trouble;
use super::user::Kind;
use super::who::{By, Who};

/// What it is asked for as.
pub(crate) const AGENT: &str = "copilot-swe-agent[bot]";
/// What it is called where it is assigned.
pub(crate) const COPILOT: &str = "Copilot";

impl World {
    /// Switches Copilot on or off.
    pub fn copilot(&self, enabled: bool) {
        self.tell(Act::Copilot { enabled });
    }

    /// We hold the token of a person beside our App's credentials, or none any more.
    pub fn lend_token_of(&self, login: Option<&str>) {
        self.with(|state| {
            state.person = login.map(|login| state.users.named(login).login);
        });
    }
}

impl State {
    /// As the person whose token we hold; with a personal token we are one.
    pub(crate) fn lent(&self, us: &Who) -> Result<Who, Trouble> {
        if us.by == By::Token {
            return Ok(us.clone());
        }
        let login = self.person.clone();
        let login = login.ok_or_else(|| Trouble::new(403, "only a person may do this"))?;
        Ok(Who {
            login,
            by: By::Token,
            grant: Grant::default(),
        })
    }

    /// Gives it an issue; false where GitHub does nothing and says nothing.
    pub(crate) fn assign_copilot(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
    ) -> Result<bool, Trouble> {
        let may = who.by == By::Token && self.repo(repo).may_write(&who.login);
        if !self.copilot || !may {
            return Ok(false);
        }
        if self.users.find(COPILOT).is_none() {
            self.users.add(COPILOT, Kind::Bot);
        }
        if !self
            .item(repo, number)?
            .assignees
            .iter()
            .any(|who| who == COPILOT)
        {
            self.assign(who, repo, number, COPILOT, true)?;
        }
        Ok(true)
    }
}
