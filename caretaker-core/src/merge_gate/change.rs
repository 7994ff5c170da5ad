//! What has to be known of a change beyond its snapshot: its files, who wrote and who owns them,
//! and who let it in.
//!
//! Each is asked only where something depends on it: most pull requests cost nothing more. The
//! files may belong to a newer head than the snapshot; a merge is pinned to the snapshot's, so
//! they can only keep from merging what would be refused anyway.

use std::collections::BTreeSet;

use super::code_owners::{self, OwnerGroup, owner_teams};
use super::opt_in::{self, opt_in};
use super::rules::{Facts, Finding, Rule};
use super::{Authority, OptIn, Policy, Team, Teams};
use crate::model::ask::{Ask, AskAuthors, AskCodeOwners, AskFiles, AskMembers, both};
use crate::model::{ChangedFile, Evidence, Failure, Halt, Listing, Login, Snapshot};

/// What is known of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Protected paths that it touches; `None` where nobody asked for its files.
    pub protected: Option<Listing<String>>,
    /// What its reviews say about the code owners that the base branch demands.
    pub owners: Option<Finding>,
    /// What they say about the repository's own rule.
    pub rule: Option<Finding>,
    /// Whether somebody who may has let it in.
    pub opt_in: OptIn,
    /// Whether somebody who may has put it into our care.
    pub care: OptIn,
}

/// What the base branch demands of code owners: anybody's approval that GitHub would count.
const OWNERS: Rule = Rule::CodeOwners {
    commit_authors: true,
};

impl Change {
    /// Reads it from what was asked, or says what must be.
    ///
    /// # Errors
    /// What must be asked first, or why it cannot be. A team that we may not see is no failure: its
    /// members stay unknown, which permits nothing.
    pub fn learn(evidence: &Evidence, snapshot: &Snapshot, policy: &Policy) -> Result<Self, Halt> {
        let demanded = snapshot.required.as_ref().is_some_and(|r| r.code_owners);
        let own = policy.extras.reviews.as_ref();
        let asks = own.map(Rule::asks).unwrap_or_default();
        let owned = demanded || asks.code_owners;
        let merging = policy.authority == Authority::GateAndMerge;
        let guarded = merging && !policy.extras.protected.is_empty();
        let pull = &snapshot.pull;
        let number = pull.item.number;

        let files = when(owned || guarded, || evidence.ask(&AskFiles(number)));
        let authors = when(asks.commit_authors, || evidence.ask(&AskAuthors(number)));
        let file = when(owned, || {
            evidence.ask_opt(&AskCodeOwners(pull.base.clone()))
        });
        let let_in = both(
            opt_in(evidence, pull, policy),
            opt_in::care(evidence, pull, policy),
        );
        let (files, (authors, (file, let_in))) = both(files, both(authors, both(file, let_in)))?;
        let (opt_in, care) = let_in;

        let groups = files
            .zip(file)
            .map(|(files, file)| groups(files, file.map_or("", |file| file.text.as_str())));
        let mut wanted = asks.teams;
        wanted.extend(groups.iter().flat_map(|groups| owner_teams(&groups.rows)));
        let teams = teams(evidence, &wanted)?;
        let facts = Facts {
            reviews: &snapshot.reviews,
            head: &pull.head,
            author: &pull.item.author,
            commit_authors: authors,
            teams: &teams,
            code_owners: groups.as_ref(),
            dismiss_stale: policy.dismisses_stale(snapshot),
        };
        Ok(Self {
            protected: files
                .filter(|_| guarded)
                .map(|files| touched(files, policy)),
            owners: demanded.then(|| OWNERS.judge(&facts)),
            rule: own.map(|rule| rule.judge(&facts)),
            opt_in,
            care,
        })
    }

    /// Whether the label of care is on and counts: by who put it on, or as somebody who may has
    /// told us to merge it.
    pub fn is_in_care(&self) -> bool {
        match self.care {
            OptIn::No => false,
            OptIn::Yes => true,
            OptIn::NotTheirs(_) | OptIn::Unknown => self.opt_in == OptIn::Yes,
        }
    }
}

fn when<T>(needed: bool, ask: impl FnOnce() -> Result<T, Halt>) -> Result<Option<T>, Halt> {
    if needed { ask().map(Some) } else { Ok(None) }
}

fn names(file: &ChangedFile) -> (&str, Option<&str>) {
    (&file.path, file.previous.as_deref())
}

fn groups(files: &Listing<ChangedFile>, text: &str) -> Listing<OwnerGroup> {
    let owners = code_owners::parse(text.as_bytes());
    Listing {
        rows: owners.groups(files.rows.iter().map(names)),
        complete: files.complete,
    }
}

fn touched(files: &Listing<ChangedFile>, policy: &Policy) -> Listing<String> {
    let protected = &policy.extras.protected;
    Listing {
        rows: protected.touched(files.rows.iter().map(names)),
        complete: files.complete,
    }
}

/// Who is in these teams, as far as we may see it. All of them are asked for at once.
fn teams(evidence: &Evidence, wanted: &BTreeSet<Team>) -> Result<Teams, Halt> {
    let (mut teams, mut missing) = (Teams::default(), Vec::new());
    for team in wanted {
        let ask = AskMembers((Login::new(team.org()), team.slug().to_owned()));
        match evidence.ask_opt(&ask) {
            Ok(Some(members)) => teams = teams.with(team.clone(), members.clone()),
            Ok(None) | Err(Halt::Blocked(_, Failure::Denied)) => {}
            Err(Halt::Need(_)) => missing.push(ask.query()),
            Err(halt) => return Err(halt),
        }
    }
    if missing.is_empty() {
        Ok(teams)
    } else {
        Err(Halt::Need(missing))
    }
}
