//! What a pull request touches and who is behind it, as core's facts.

use caretaker_core::model::{
    Author, Branch, ChangedFile, CodeOwnersFile, Listing, Login, Permission,
};

use crate::world::files::{COMMITS_SHOWN, FILES_SHOWN, WEB_FLOW};
use crate::world::state::State;
use crate::world::team::old_word;
use crate::world::trouble::Trouble;
use crate::world::who::Who;

impl State {
    pub(super) fn files_fact(
        &self,
        repo: u64,
        number: u64,
    ) -> Result<Listing<ChangedFile>, Trouble> {
        let files = self.files_of(repo, self.pull(repo, number)?);
        let complete = files.len() < FILES_SHOWN;
        let rows = files.into_iter().take(FILES_SHOWN);
        let rows = rows.map(|file| ChangedFile {
            path: file.path.to_owned(),
            previous: file.previous.map(str::to_owned),
        });
        Ok(Listing {
            rows: rows.collect(),
            complete,
        })
    }

    pub(super) fn authors_fact(&self, repo: u64, number: u64) -> Result<Listing<Author>, Trouble> {
        let commits = self.commits_of(repo, self.pull(repo, number)?);
        let mut complete = commits.len() < COMMITS_SHOWN;
        let mut rows: Vec<Author> = Vec::new();
        let people = commits.iter().take(COMMITS_SHOWN).flat_map(|commit| {
            let committer = Some(commit.committer.as_str()).filter(|login| *login != WEB_FLOW);
            std::iter::once(commit.author.as_str()).chain(committer)
        });
        for login in people {
            let Some(user) = self.users.find(login) else {
                complete = false;
                continue;
            };
            let author = self.author(&user.login, false, "");
            if !rows.contains(&author) {
                rows.push(author);
            }
        }
        Ok(Listing { rows, complete })
    }

    pub(super) fn code_owners_fact(
        &self,
        repo: u64,
        branch: &Branch,
    ) -> Result<CodeOwnersFile, Trouble> {
        let (path, text) = self.code_owners(repo, branch.as_str())?;
        Ok(CodeOwnersFile {
            path: path.to_owned(),
            text: text.to_owned(),
        })
    }

    pub(super) fn members_fact(
        &self,
        us: &Who,
        org: &Login,
        team: &str,
    ) -> Result<Listing<Login>, Trouble> {
        self.may_see_teams(us)?;
        let members = self.members(org.as_str(), team)?;
        Ok(Listing::whole(members.iter().map(Login::new).collect()))
    }

    pub(super) fn permission_fact(&self, repo: u64, login: &Login) -> Result<Permission, Trouble> {
        let role = self.role_of(repo, login.as_str())?;
        let known = Permission::of_word(role).or(Permission::of_word(old_word(role)));
        Ok(known.unwrap_or(Permission::None))
    }
}
