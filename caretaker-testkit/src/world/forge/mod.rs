//! The port face: questions and actions answered from the state as the REST adapter would.

mod alerts;
mod app;
mod apply;
mod ci;
mod facts;
mod git;
mod issues;
mod people;
mod repository;
mod reviews;
mod sorting;

use async_trait::async_trait;
use caretaker_core::merge_gate::MergePermit;
use caretaker_core::model::{
    ActionKey, Answer, ForgeAction, ForgeQuery, Listing, Merge, MergeMethod, Number, Receipt,
    RepoRef,
};
use caretaker_core::ports::{Forge, Freshness, Kind, PortError, Settled, same_repository};

use super::World;
use super::gate::Call;
use super::log::Face;
use super::state::State;
use super::trouble::Trouble;
use super::who::Who;

impl World {
    /// Passes the gate as ourselves; without credentials nothing is even asked.
    async fn ask<T: Send>(
        &self,
        repo: &RepoRef,
        (verb, noun): (&'static str, &'static str),
        about: String,
        key: Option<&ActionKey>,
        answer: impl FnOnce(&mut State, &Who, u64) -> Result<T, Trouble> + Send,
    ) -> Result<T, PortError> {
        let op = match verb {
            "read" => "forge.read",
            "settle" => "forge.settle",
            _ => "forge.write",
        };
        let Some(us) = self.with(|state| state.us()) else {
            let error = PortError::new(op, Kind::Denied);
            return Err(error.detail("no credentials: set a token or an App"));
        };
        let call = Call {
            face: Face::Port,
            op: format!("{verb} {noun}"),
            about: format!("{}{about}", repo.full_name()),
            write: verb == "write",
            login: us.login.clone(),
            key: key.map(|key| key.as_str().to_owned()),
        };
        let wanted = repo.key.id();
        let answered = self.pass(
            call,
            |_| 200,
            |state| {
                let now = state.now;
                state.limits.spend(&us.login, now)?;
                let known = state.repos.get(&wanted).map(|known| known.id);
                let Some(id) = known.filter(|id| state.may_see(&us, *id)) else {
                    // What a hidden repository answers, so that it stays hidden; callers of the port
                    // learn that nothing of it is theirs.
                    return Err(Trouble::new(403, "the repository is hidden from us"));
                };
                answer(state, &us, id)
            },
        );
        let answered = answered.await.for_port();
        answered.map_err(|trouble| port_error(op, &trouble))
    }

    async fn answer(&self, repo: &RepoRef, query: &ForgeQuery) -> Result<Answer, PortError> {
        let (noun, about) = match query {
            ForgeQuery::Item(n) => ("item", format!("#{n}")),
            ForgeQuery::Pull(n) => ("pull", format!("#{n}")),
            ForgeQuery::Snapshot(n) => ("snapshot", format!("#{n}")),
            ForgeQuery::Activity(n) => ("activity", format!("#{n}")),
            ForgeQuery::OpenItems { after, .. } => (
                "open_items",
                format!(" after {}", after.as_deref().unwrap_or("start")),
            ),
            ForgeQuery::PullsOfCommit(sha) => ("pulls_of_commit", format!("@{sha}")),
            ForgeQuery::PullsOfHead(branch) => ("pulls_of_head", format!(":{branch}")),
            ForgeQuery::Branch(branch) => ("branch", format!(":{branch}")),
            ForgeQuery::ConfigFile => ("config_file", String::new()),
            ForgeQuery::Files(n) => ("files", format!("#{n}")),
            ForgeQuery::Authors(n) => ("authors", format!("#{n}")),
            ForgeQuery::CodeOwners(branch) => ("code_owners", format!(":{branch}")),
            ForgeQuery::Members { org, team } => ("members", format!(" @{org}/{team}")),
            ForgeQuery::Permission(login) => ("permission", format!(" @{login}")),
            ForgeQuery::Git(query) => git::name(query),
            ForgeQuery::Review(query) => reviews::name(query),
            ForgeQuery::Ci(query) => ci::question(query),
            ForgeQuery::Issue(query) => issues::name(query),
            ForgeQuery::Alert(query) => alerts::name(query),
            ForgeQuery::Repository(query) => repository::name(query),
        };
        self.ask(repo, ("read", noun), about, None, |state, us, id| {
            let numbers = |found: Vec<u64>| {
                Answer::Pulls(Listing::whole(found.into_iter().map(Number::new).collect()))
            };
            Ok(match query {
                ForgeQuery::Item(n) => Answer::Item(state.item_fact(id, n.value())?),
                ForgeQuery::Pull(n) => Answer::Pull(Box::new(state.pull_fact(id, n.value())?)),
                ForgeQuery::Snapshot(n) => {
                    Answer::Snapshot(Box::new(state.snapshot_fact(id, n.value())?))
                }
                ForgeQuery::Activity(n) => Answer::Activity(state.activity_fact(id, n.value())?),
                ForgeQuery::OpenItems { after, limit } => {
                    Answer::OpenItems(state.page_fact(id, after.as_deref(), *limit)?)
                }
                ForgeQuery::PullsOfCommit(sha) => numbers(state.pulls_of_commit(id, sha.as_str())),
                ForgeQuery::PullsOfHead(branch) => {
                    numbers(state.pulls_of_branch(id, branch.as_str(), true))
                }
                ForgeQuery::Branch(branch) => Answer::Branch(state.branch_fact(id, branch)?),
                ForgeQuery::ConfigFile => Answer::ConfigFile(state.config_fact(id)?),
                ForgeQuery::Files(n) => Answer::Files(state.files_fact(id, n.value())?),
                ForgeQuery::Authors(n) => Answer::Authors(state.authors_fact(id, n.value())?),
                ForgeQuery::CodeOwners(branch) => {
                    Answer::CodeOwners(state.code_owners_fact(id, branch)?)
                }
                ForgeQuery::Members { org, team } => {
                    Answer::Members(state.members_fact(us, org, team)?)
                }
                ForgeQuery::Permission(login) => {
                    Answer::Permission(state.permission_fact(id, login)?)
                }
                ForgeQuery::Git(query) => Answer::Git(Box::new(state.git_fact(us, id, query)?)),
                ForgeQuery::Review(query) => {
                    Answer::Review(Box::new(state.review_answer(us, id, query)?))
                }
                ForgeQuery::Ci(query) => Answer::Ci(Box::new(state.ci_fact(us, id, query)?)),
                ForgeQuery::Issue(query) => {
                    Answer::Issue(Box::new(state.issue_fact(us, id, query)?))
                }
                ForgeQuery::Alert(query) => {
                    Answer::Alert(Box::new(state.alert_fact(us, id, query)?))
                }
                ForgeQuery::Repository(query) => {
                    Answer::Repository(Box::new(state.repository_fact(us, id, query)?))
                }
            })
        })
        .await
    }
}

/// What a refusal on GitHub's side means to a caller of the port.
fn port_error(op: &'static str, trouble: &Trouble) -> PortError {
    let kind = match trouble.status {
        404 => Kind::NotFound,
        410 if op == "forge.read" => Kind::NotFound,
        429 => Kind::RateLimited(trouble.retry_after),
        403 if trouble.retry_after.is_some() => Kind::RateLimited(trouble.retry_after),
        401 | 403 => Kind::Denied,
        412 => Kind::Conflict,
        500.. => Kind::Unavailable,
        status if op == "forge.write" => Kind::Refused(status),
        _ => Kind::Invalid,
    };
    let mut detail = format!("{} {}", trouble.status, trouble.message);
    if let Some(lacks) = &trouble.lacks {
        detail.extend(["; needs ", lacks]);
    }
    PortError::new(op, kind).detail(detail)
}

#[async_trait]
impl Forge for World {
    async fn read(
        &self,
        repo: &RepoRef,
        queries: &[ForgeQuery],
        _freshness: Freshness,
    ) -> Vec<Result<Answer, PortError>> {
        let mut answers: Vec<_> = queries.iter().map(|_| None).collect();
        for late in [false, true] {
            for (query, answer) in queries.iter().zip(&mut answers) {
                if query.is_read_late() == late {
                    *answer = Some(self.answer(repo, query).await);
                }
            }
        }
        answers.into_iter().flatten().collect()
    }

    async fn write(
        &self,
        repo: &RepoRef,
        action: &ForgeAction,
        key: &ActionKey,
    ) -> Result<Receipt, PortError> {
        let (noun, about) = apply::name(action);
        let write = ("write", noun);
        self.ask(repo, write, about, Some(key), |state, us, id| {
            state.apply(us, id, action)
        })
        .await
    }

    async fn settle(
        &self,
        repo: &RepoRef,
        action: &ForgeAction,
        key: &ActionKey,
    ) -> Result<Settled, PortError> {
        let (noun, about) = apply::name(action);
        let settle = ("settle", noun);
        self.ask(repo, settle, about, Some(key), |state, us, id| {
            Ok(state.settled(us, id, action))
        })
        .await
    }

    async fn merge(
        &self,
        repo: &RepoRef,
        permit: &MergePermit,
        key: &ActionKey,
    ) -> Result<Receipt, PortError> {
        same_repository("forge.merge", repo, permit)?;
        let (number, method) = (permit.number().value(), permit.method().word());
        let about = format!("#{number} {method}");
        self.ask(
            repo,
            ("write", "merge"),
            about,
            Some(key),
            |state, us, id| {
                let head = permit.head().as_str();
                let done = if permit.method() == MergeMethod::Queue {
                    match state.pull(id, number) {
                        Ok(pull) if pull.queued && pull.head_sha == head => {
                            return Ok(Receipt {
                                changed: false,
                                via: None,
                            });
                        }
                        Ok(_) | Err(_) => {}
                    }
                    state.enqueue(us, id, number, Some(head)).map(drop)
                } else {
                    let done = state.merge_checked(us, id, number, Some(head), method);
                    done.map(drop)
                };
                let receipt = |changed| Receipt { changed, via: None };
                match done {
                    Ok(()) => Ok(receipt(true)),
                    Err(trouble) if matches!(trouble.status, 405 | 422) => {
                        match state.pull(id, number) {
                            Ok(pull) if pull.merged_at.is_some() && pull.head_sha == head => {
                                Ok(receipt(false))
                            }
                            Ok(_) | Err(_) => Err(trouble),
                        }
                    }
                    Err(trouble) => Err(trouble),
                }
            },
        )
        .await
    }

    async fn settle_merge(&self, repo: &RepoRef, merge: &Merge) -> Result<Settled, PortError> {
        let about = format!("#{}", merge.number);
        self.ask(repo, ("settle", "merge"), about, None, |state, _, id| {
            let pull = state.pull(id, merge.number.value());
            let waits = pull.as_ref().is_ok_and(|pull| {
                merge.method == MergeMethod::Queue
                    && pull.queued
                    && pull.head_sha == merge.head.as_str()
            });
            if waits {
                return Ok(Settled::Performed);
            }
            Ok(match pull.map(|pull| (pull.merged_at, &pull.head_sha)) {
                Ok((None, _)) => Settled::NotPerformed,
                Ok((Some(_), head)) if head == merge.head.as_str() => Settled::Performed,
                Ok((Some(_), _)) | Err(_) => Settled::Unknown,
            })
        })
        .await
    }
}
