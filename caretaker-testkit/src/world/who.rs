//! Who asks: a person, our App, or the App itself by JWT; and what they may do.

use super::grant::Grant;
use super::state::State;
use super::trouble::Trouble;

/// The credential behind a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// Somebody at the keyboard: does what the story says, without a check.
    Story,
    /// A personal token.
    Token,
    /// An installation token of our App.
    Installation,
    /// Our App's JWT, for the App's own routes only.
    Jwt,
}

/// Who acts.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    /// The account that shows as actor.
    pub(crate) login: String,
    /// How it came.
    pub(crate) by: By,
    /// What its token is bound to.
    pub(crate) grant: Grant,
}

impl Who {
    pub(crate) fn story(login: &str) -> Self {
        Self {
            login: login.to_owned(),
            by: By::Story,
            grant: Grant::default(),
        }
    }

    /// Whether what it writes shows our App as its means.
    pub(crate) fn via_app(&self) -> bool {
        self.by == By::Installation
    }
}

impl State {
    /// Whether somebody may see a repository at all; a hidden one does not exist for them.
    pub(crate) fn may_see(&self, who: &Who, repo: u64) -> bool {
        let known = self.repo(repo);
        match who.by {
            By::Story => true,
            By::Token => !known.hidden,
            By::Installation => {
                let on = self.installation_on(&known.owner);
                let ours = who.grant.installation.is_none_or(|id| id == on.id);
                let seen = !known.hidden && known.installed && !on.suspended;
                ours && seen && who.grant.covers(repo)
            }
            By::Jwt => false,
        }
    }

    /// Whether the App has a permission, and the token was minted with it.
    pub(crate) fn holds(&self, who: &Who, permission: &str, write: bool) -> bool {
        self.agreed(permission, write) && who.grant.allows(permission, write)
    }

    /// Refuses what the credential does not allow in a repository.
    pub(crate) fn may(
        &self,
        who: &Who,
        repo: u64,
        permission: &str,
        write: bool,
    ) -> Result<(), Trouble> {
        if !self.may_see(who, repo) {
            return Err(Trouble::not_found());
        }
        if who.by == By::Story {
            return Ok(());
        }
        if write && self.repo(repo).archived {
            return Err(Trouble::new(
                403,
                "Repository was archived so is read-only.",
            ));
        }
        match who.by {
            By::Installation if self.holds(who, permission, write) => Ok(()),
            By::Installation => {
                let level = if write { "write" } else { "read" };
                Err(Trouble::forbidden(format!("{permission}: {level}")))
            }
            By::Token if write && permission == "checks" => {
                Err(Trouble::new(403, "You must authenticate via a GitHub App."))
            }
            By::Token if write && !self.repo(repo).may_write(&who.login) => Err(Trouble::new(
                403,
                "Must have write access to the repository.",
            )),
            By::Token | By::Story => Ok(()),
            By::Jwt => Err(Trouble::forbidden("an installation token")),
        }
    }

    /// Whether somebody may see and change how a repository is run.
    pub(crate) fn may_administer(&self, who: &Who, repo: u64) -> bool {
        match who.by {
            By::Story => true,
            By::Installation => self.may(who, repo, "administration", false).is_ok(),
            By::Token => matches!(self.role_of(repo, &who.login), Ok("admin")),
            By::Jwt => false,
        }
    }

    /// Refuses an App that may not see who is in an organisation.
    pub(crate) fn may_see_teams(&self, who: &Who) -> Result<(), Trouble> {
        match who.by {
            By::Installation if !self.holds(who, "members", false) => {
                Err(Trouble::forbidden("members: read"))
            }
            By::Installation | By::Token | By::Story | By::Jwt => Ok(()),
        }
    }

    /// As [`Self::may`] for an item: a pull request opens to either of two permissions.
    pub(crate) fn may_item(
        &self,
        who: &Who,
        repo: u64,
        number: u64,
        write: bool,
    ) -> Result<(), Trouble> {
        if !self.may_see(who, repo) {
            return Err(Trouble::not_found());
        }
        let item = self.item(repo, number)?;
        let by_issue = self.may(who, repo, "issues", write);
        if item.pull.is_some() && by_issue.is_err() {
            return self.may(who, repo, "pull_requests", write);
        }
        by_issue
    }
}
