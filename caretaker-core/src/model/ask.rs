//! Typed questions: what to ask, and how to read the answer.

use super::{
    Act, AlertAnswer, AlertQuery, Answer, Author, BranchTip, ChangedFile, CodeOwnersFile,
    ConfigFile, Evidence, Failure, ForgeQuery, Halt, IssueAnswer, IssueQuery, Item, Listing, Login,
    Number, Page, Pause, Permission, Pull, Query, RepositoryAnswer, RepositoryQuery, Sha, Snapshot,
    Versioned,
};
use crate::model::Branch;

/// A question whose answer type is known.
pub trait Ask {
    /// What the answer looks like.
    type Out;
    /// The question.
    fn query(&self) -> Query;
    /// Reads the answer; `None` when the adapter answered another question.
    fn read(answer: &Answer) -> Option<&Self::Out>;
}

macro_rules! asks {
    ($($(#[$doc:meta])* $name:ident($arg:ty) -> $out:ty, $query:expr, $read:pat => $value:expr;)*) => {$(
        $(#[$doc])*
        pub struct $name(pub $arg);
        impl Ask for $name {
            type Out = $out;
            fn query(&self) -> Query {
                let make: fn($arg) -> Query = $query;
                make(self.0.clone())
            }
            fn read(answer: &Answer) -> Option<&$out> {
                if let $read = answer { Some($value) } else { None }
            }
        }
    )*};
}

asks! {
    /// An issue or pull request as an item.
    AskItem(Number) -> Item, |n| Query::Forge(ForgeQuery::Item(n)), Answer::Item(item) => item;
    /// A pull request.
    AskPull(Number) -> Pull, |n| Query::Forge(ForgeQuery::Pull(n)), Answer::Pull(pull) => pull;
    /// All a merge evaluation needs.
    AskSnapshot(Number) -> Snapshot, |n| Query::Forge(ForgeQuery::Snapshot(n)), Answer::Snapshot(s) => s;
    /// What happened to an item.
    AskActivity(Number) -> Listing<Act>, |n| Query::Forge(ForgeQuery::Activity(n)), Answer::Activity(a) => a;
    /// A page of 100 open items behind a cursor.
    AskOpenItems(Option<String>) -> Page,
        |after| Query::Forge(ForgeQuery::OpenItems { after, limit: 100 }), Answer::OpenItems(page) => page;
    /// Open pull requests with this head.
    AskPullsOfCommit(Sha) -> Listing<Number>, |sha| Query::Forge(ForgeQuery::PullsOfCommit(sha)), Answer::Pulls(p) => p;
    /// Open pull requests from this branch.
    AskPullsOfHead(Branch) -> Listing<Number>, |b| Query::Forge(ForgeQuery::PullsOfHead(b)), Answer::Pulls(p) => p;
    /// A branch.
    AskBranch(Branch) -> BranchTip, |b| Query::Forge(ForgeQuery::Branch(b)), Answer::Branch(tip) => tip;
    /// The configuration file.
    AskConfigFile(()) -> ConfigFile, |()| Query::Forge(ForgeQuery::ConfigFile), Answer::ConfigFile(f) => f;
    /// The files that a pull request changes.
    AskFiles(Number) -> Listing<ChangedFile>, |n| Query::Forge(ForgeQuery::Files(n)), Answer::Files(files) => files;
    /// Authors and committers of a pull request's commits.
    AskAuthors(Number) -> Listing<Author>, |n| Query::Forge(ForgeQuery::Authors(n)), Answer::Authors(authors) => authors;
    /// The file that names code owners on a branch.
    AskCodeOwners(Branch) -> CodeOwnersFile, |b| Query::Forge(ForgeQuery::CodeOwners(b)), Answer::CodeOwners(file) => file;
    /// The members of a team: organisation, short name.
    AskMembers((Login, String)) -> Listing<Login>,
        |(org, team)| Query::Forge(ForgeQuery::Members { org, team }), Answer::Members(members) => members;
    /// What an account may do in the repository.
    AskPermission(Login) -> Permission, |l| Query::Forge(ForgeQuery::Permission(l)), Answer::Permission(p) => p;
    /// Talk, and what sorts items.
    AskIssue(IssueQuery) -> IssueAnswer, |q| Query::Forge(ForgeQuery::Issue(q)), Answer::Issue(a) => a;
    /// What scanners have found.
    AskAlert(AlertQuery) -> AlertAnswer, |q| Query::Forge(ForgeQuery::Alert(q)), Answer::Alert(a) => a;
    /// The repository as a whole.
    AskRepository(RepositoryQuery) -> RepositoryAnswer,
        |q| Query::Forge(ForgeQuery::Repository(q)), Answer::Repository(a) => a;
    /// A value of our memory.
    AskState(String) -> Option<Versioned>, Query::State, Answer::State(value) => value;
    /// The pause in force.
    AskPause(()) -> Option<Pause>, |()| Query::Pause, Answer::Pause(pause) => pause;
}

impl Evidence {
    /// The answer; where the thing must exist, a missing one is [`Halt::Gone`].
    pub fn ask<A: Ask>(&self, ask: &A) -> Result<&A::Out, Halt> {
        self.ask_opt(ask)?.ok_or_else(|| Halt::Gone(ask.query()))
    }

    /// The answer, or `None` where the thing does not exist and that is a fact of interest.
    pub fn ask_opt<A: Ask>(&self, ask: &A) -> Result<Option<&A::Out>, Halt> {
        let query = ask.query();
        match self.answer(&query) {
            None => Err(Halt::Need(vec![query])),
            Some(Answer::Missing) => Ok(None),
            Some(Answer::Failed(failure)) => Err(Halt::Blocked(query, *failure)),
            Some(answer) => A::read(answer)
                .map(Some)
                .ok_or(Halt::Blocked(query, Failure::Corrupt)),
        }
    }
}

/// Joins the misses of independent questions, so that one round fetches all of them.
///
/// The first failure that is not a miss wins.
pub fn both<A, B>(a: Result<A, Halt>, b: Result<B, Halt>) -> Result<(A, B), Halt> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(Halt::Need(mut first)), Err(Halt::Need(second))) => {
            first.extend(second);
            Err(Halt::Need(first))
        }
        (Err(Halt::Need(_)) | Ok(_), Err(halt)) | (Err(halt), _) => Err(halt),
    }
}
