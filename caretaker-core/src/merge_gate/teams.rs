//! Who is in which team.

use std::collections::BTreeMap;

use super::owner::{Party, Team};
use crate::model::{Listing, Login};

/// Whether somebody belongs to a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Belongs {
    Yes,
    No,
    /// Nobody could tell; never permits.
    Unknown,
}

/// Who is in which team, as far as it could be learned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Teams(BTreeMap<Team, Listing<Login>>);

impl Teams {
    /// Notes a team's members. A team that is never noted stays unknown.
    #[must_use]
    pub fn with(mut self, team: Team, members: Listing<Login>) -> Self {
        self.0.insert(team, members);
        self
    }

    /// Whether a team's members were learned to their end.
    pub(super) fn is_learned(&self, team: &Team) -> bool {
        self.0.get(team).is_some_and(|members| members.complete)
    }

    pub(super) fn belongs(&self, who: &Login, party: &Party) -> Belongs {
        match party {
            Party::Person(login) if login.same(who) => Belongs::Yes,
            Party::Person(_) => Belongs::No,
            Party::Team(team) => match self.0.get(team) {
                Some(members) if members.rows.iter().any(|member| member.same(who)) => Belongs::Yes,
                Some(members) if members.complete => Belongs::No,
                Some(_) | None => Belongs::Unknown,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team(text: &str) -> Team {
        match Party::parse(text) {
            Some(Party::Team(team)) => team,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_team_that_was_not_read_to_its_end_answers_only_yes_or_unknown() {
        let (who, stranger) = (Login::new("Alice"), Login::new("mallory"));
        let cut = Listing {
            rows: vec![Login::new("alice")],
            complete: false,
        };
        let party = Party::Team(team("octo/x"));
        let teams = Teams::default();
        assert_eq!(teams.belongs(&who, &party), Belongs::Unknown);
        let teams = teams.with(team("octo/x"), cut.clone());
        assert_eq!(teams.belongs(&who, &party), Belongs::Yes);
        assert_eq!(teams.belongs(&stranger, &party), Belongs::Unknown);
        assert!(!teams.is_learned(&team("octo/x")));
        let teams = teams.with(team("octo/x"), Listing::whole(cut.rows));
        assert_eq!(teams.belongs(&stranger, &party), Belongs::No);
        assert!(teams.is_learned(&team("octo/x")));
    }
}
