//! The state as core's facts: who is us, which checks are newest, what is required.

use caretaker_core::model::{
    AccountId, Act, ActKind, Actor, AppId, AppRef, Author, Branch, BranchTip, Check, CheckState,
    ConfigFile, Item, Label, Listing, Login, Marker, MergeState, Number, Page, Pull, RemoteId,
    RepoKey, Required, RequiredCheck, Review, ReviewState, Sha, Snapshot,
};

use crate::world::event::Happening;
use crate::world::state::{Access, State};
use crate::world::trouble::Trouble;

/// Where the configuration stands in a repository.
const CONFIG: &str = ".github/maintainer/config.yml";

pub(super) fn sha(text: &str) -> Sha {
    Sha::parse(text).expect("invariant: hashes are made by the world, 40 digits each")
}

impl State {
    /// Who wrote something: us by our App, or by our user and a marker in the text.
    pub(super) fn author(&self, login: &str, via_app: bool, body: &str) -> Author {
        let ours = match &self.access {
            Access::App => via_app || login.eq_ignore_ascii_case(&self.app.bot()),
            Access::Token(us) => login.eq_ignore_ascii_case(us) && Marker::find(body).is_some(),
            Access::None => false,
        };
        if ours {
            return Author::Us;
        }
        let user = self.users.find(login);
        let actor = Actor {
            login: Login::new(login),
            id: user.map(|user| AccountId::new(user.id)),
            bot: user.is_some_and(|user| user.kind == crate::world::user::Kind::Bot),
        };
        if actor.is_automation() {
            Author::Bot(actor)
        } else {
            Author::Human(actor)
        }
    }

    pub(super) fn item_fact(&self, repo: u64, number: u64) -> Result<Item, Trouble> {
        let item = self.item(repo, number)?;
        let pull = item.pull.as_ref();
        Ok(Item {
            number: Number::new(number),
            pull: pull.is_some(),
            open: item.open,
            draft: pull.is_some_and(|pull| pull.draft),
            author: self.author(&item.author, item.via_app, &item.body),
            labels: item.labels.iter().map(Label::new).collect(),
            assigned: !item.assignees.is_empty(),
            milestone: item.milestone.is_some(),
            created_at: item.created,
            updated_at: item.updated,
            merged_at: pull.and_then(|pull| pull.merged_at),
        })
    }

    pub(super) fn pull_fact(&self, repo: u64, number: u64) -> Result<Pull, Trouble> {
        let item = self.item(repo, number)?;
        let pull = item.pull.as_ref().ok_or_else(Trouble::not_found)?;
        let base = self.repo(repo).branches.get(&pull.base_branch);
        let base = base.ok_or_else(Trouble::not_found)?;
        Ok(Pull {
            item: self.item_fact(repo, number)?,
            head: sha(&pull.head_sha),
            head_branch: Branch::new(&pull.head_branch),
            head_repo: pull.head_repo.map(RepoKey::github),
            base: Branch::new(&pull.base_branch),
            base_sha: sha(&base.sha),
            same_repository: pull.head_repo == Some(repo),
            mergeable: pull.mergeable,
            merge_state: match self.merge_state(repo, pull, number).as_str() {
                "clean" => MergeState::Clean,
                "unstable" => MergeState::Unstable,
                "has_hooks" => MergeState::HasHooks,
                "blocked" => MergeState::Blocked,
                "behind" => MergeState::Behind,
                "dirty" => MergeState::Dirty,
                "draft" => MergeState::Draft,
                _ => MergeState::Unknown,
            },
        })
    }

    pub(super) fn snapshot_fact(&self, repo: u64, number: u64) -> Result<Snapshot, Trouble> {
        let pull = self.pull_fact(repo, number)?;
        let checks = self.checks_fact(repo, pull.head.as_str());
        let arrived = self
            .commits
            .find(pull.head.as_str())
            .map(|commit| commit.at);
        let others = checks.iter().filter(|check| !check.ours);
        let reported = others.filter_map(|check| check.at).max();
        Ok(Snapshot {
            reviews: Listing::whole(self.reviews_fact(repo, number)),
            required: self.required_fact(repo, pull.base.as_str()),
            head_seen_at: arrived.max(reported).max(Some(pull.item.created_at)),
            checks: Listing::whole(checks),
            pull,
        })
    }

    fn reviews_fact(&self, repo: u64, number: u64) -> Vec<Review> {
        let rows = self.reviews_of(repo, number).into_iter();
        rows.map(|review| Review {
            id: RemoteId::new(review.id),
            by: self.author(&review.author, review.via_app, &review.body),
            state: verdict(review.state),
            commit: Some(sha(&review.commit)),
            at: review.at,
            trusted: matches!(
                self.repo(repo).association(&review.author),
                "OWNER" | "MEMBER" | "COLLABORATOR"
            ),
            has_text: !review.body.is_empty(),
        })
        .collect()
    }

    fn checks_fact(&self, repo: u64, head: &str) -> Vec<Check> {
        let runs = self.newest_runs(repo, head).into_iter().map(|run| Check {
            name: run.name.clone(),
            id: RemoteId::new(run.id),
            app: Some(AppRef {
                id: AppId::new(run.app),
                ours: self.access == Access::App && run.app == self.app.id,
            }),
            ours: self.access == Access::App && run.app == self.app.id,
            state: check_state(&run.status, run.conclusion.as_deref()),
            at: Some(run.completed.unwrap_or(run.started).max(run.started)),
        });
        let statuses = self.newest_statuses(repo, head).into_iter();
        let statuses = statuses.map(|status| {
            let by_us = self
                .us()
                .is_some_and(|us| us.login.eq_ignore_ascii_case(&status.creator));
            Check {
                name: status.context.clone(),
                id: RemoteId::new(status.id),
                app: None,
                ours: by_us && status.context.starts_with("caretaker"),
                state: match status.state.as_str() {
                    "success" => CheckState::Success,
                    "pending" => CheckState::Running,
                    "failure" | "error" => CheckState::Failure,
                    _ => CheckState::Unknown,
                },
                at: Some(status.at),
            }
        });
        runs.chain(statuses).collect()
    }

    /// What can be learned without admin rights: of classic protection the checks only, of
    /// rulesets all.
    pub(super) fn required_fact(&self, repo: u64, base: &str) -> Option<Required> {
        let known = self.repo(repo);
        let branch = known.branches.get(base).filter(|_| !known.rules_hidden)?;
        let mut required = Required::default();
        let named = |(name, app): &(String, Option<u64>)| RequiredCheck {
            name: name.clone(),
            app: app.map(AppId::new),
        };
        for demand in branch.demands() {
            required.checks.extend(demand.checks.iter().map(named));
        }
        required.queue = branch.demands().any(|demand| demand.queue);
        required.checks.sort();
        required.checks.dedup();
        if let Some(rules) = &branch.rules {
            required.up_to_date = rules.strict;
            required.approvals = rules.approvals;
            required.code_owners = rules.code_owners;
            required.dismiss_stale = rules.dismiss_stale;
        }
        Some(required)
    }

    pub(super) fn activity_fact(&self, repo: u64, number: u64) -> Result<Listing<Act>, Trouble> {
        self.item(repo, number)?;
        let rows = self.happenings_of(repo, number).into_iter();
        Ok(Listing::whole(
            rows.map(|row| self.act_fact(repo, row)).collect(),
        ))
    }

    fn act_fact(&self, repo: u64, row: &Happening) -> Act {
        let id = |name: &str| row.extra[name].as_u64().unwrap_or_default();
        let known = self.repo(repo);
        let label = || Label::new(row.extra["label"]["name"].as_str().unwrap_or_default());
        let mut body = "";
        let what = match row.event.as_str() {
            "commented" => {
                let comment = known.comments.get(&id("comment"));
                body = comment
                    .map(|comment| comment.body.as_str())
                    .unwrap_or_default();
                ActKind::Commented {
                    marker: Marker::find(body),
                    marked_at: Marker::time(body),
                }
            }
            "reviewed" => ActKind::Reviewed,
            "committed" | "head_ref_force_pushed" => ActKind::Committed,
            "labeled" => ActKind::Labeled(label()),
            "unlabeled" => ActKind::Unlabeled(label()),
            "closed" => ActKind::Closed,
            "reopened" => ActKind::Reopened,
            "renamed"
            | "assigned"
            | "unassigned"
            | "milestoned"
            | "demilestoned"
            | "ready_for_review"
            | "convert_to_draft"
            | "review_requested"
            | "review_request_removed" => ActKind::Edited,
            _ => ActKind::Other,
        };
        Act {
            at: row.at,
            by: self.author(&row.actor, row.via_app, body),
            what,
        }
    }

    pub(super) fn page_fact(
        &self,
        repo: u64,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page, Trouble> {
        let after: u64 = match after.map(str::parse) {
            None => 0,
            Some(Ok(number)) => number,
            Some(Err(_)) => return Err(Trouble::invalid("a cursor that we did not give")),
        };
        let items = self.repo(repo).items.values();
        let mut open: Vec<_> = items
            .filter(|item| item.open && item.number > after)
            .collect();
        let limit = usize::try_from(limit.clamp(1, 100)).unwrap_or(100);
        let more = open.len() > limit;
        open.truncate(limit);
        let last = open.last().map(|item| item.number.to_string());
        let rows = open.iter().map(|item| self.item_fact(repo, item.number));
        Ok(Page {
            rows: rows.collect::<Result<_, _>>()?,
            next: last.filter(|_| more),
        })
    }

    pub(super) fn branch_fact(&self, repo: u64, name: &Branch) -> Result<BranchTip, Trouble> {
        let known = self.repo(repo);
        let branch = known.branches.get(name.as_str());
        let branch = branch.ok_or_else(Trouble::not_found)?;
        Ok(BranchTip {
            sha: sha(&branch.sha),
            protected: branch.is_protected(),
            default: known.default_branch == name.as_str(),
        })
    }

    pub(super) fn config_fact(&self, repo: u64) -> Result<ConfigFile, Trouble> {
        let known = self.repo(repo);
        let tip = &known.branches[&known.default_branch].sha;
        let tree = self.commits.find(tip).ok_or_else(Trouble::not_found)?;
        let text = tree.files.get(CONFIG).ok_or_else(Trouble::not_found)?;
        let changes = self.commits.last_change(tip, CONFIG);
        let last = changes.first().ok_or_else(Trouble::not_found)?;
        Ok(ConfigFile {
            commit: sha(&last.sha),
            text: text.clone(),
        })
    }
}

pub(super) fn verdict(word: &str) -> ReviewState {
    match word {
        "APPROVED" => ReviewState::Approved,
        "CHANGES_REQUESTED" => ReviewState::ChangesRequested,
        "DISMISSED" => ReviewState::Dismissed,
        _ => ReviewState::Commented,
    }
}

pub(super) fn check_state(status: &str, conclusion: Option<&str>) -> CheckState {
    match (status, conclusion) {
        ("in_progress", _) => CheckState::Running,
        (_, None) => CheckState::Queued,
        (_, Some("success")) => CheckState::Success,
        (_, Some("failure")) => CheckState::Failure,
        (_, Some("timed_out")) => CheckState::TimedOut,
        (_, Some("startup_failure")) => CheckState::StartupFailure,
        (_, Some("cancelled")) => CheckState::Cancelled,
        (_, Some("skipped")) => CheckState::Skipped,
        (_, Some("neutral")) => CheckState::Neutral,
        (_, Some("stale")) => CheckState::Stale,
        (_, Some("action_required")) => CheckState::ActionRequired,
        (_, Some(_)) => CheckState::Unknown,
    }
}
