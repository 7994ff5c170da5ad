//! Evidence in, decision out: what tests of agents speak. No async, no fakes.
//!
//! A scenario starts as something ordinary, an open and quiet item with nothing against it, and
//! each method changes one fact. [`Scenario::decide`] hands the facts to an agent as if every
//! question had been answered. Only in builds with the feature `testing`.
//!
//! ```
//! use caretaker_core::agents::pr::Pr;
//! use caretaker_core::model::CheckState;
//! use caretaker_core::scenario::pull;
//!
//! let decision = pull(7).check("lint", CheckState::Failure).decide(&Pr).unwrap();
//! assert_eq!(decision.verdict, "blocked");
//! ```

mod answers;

use serde_json::Value;

use crate::agents::{Agent, Input};
use crate::merge_gate::{Authority, Extras, Policy};
use crate::model::{
    Act, ActKind, Actor, AppId, AppRef, Author, Branch, BranchTip, ChangedFile, Check, CheckState,
    ConfigState, ConfigUsed, Decision, EventKind, Families, Family, Halt, Item, Label, Listing,
    Login, MergeMethod, MergeState, Mode, Number, Pause, Permission, Pull, Refusals, RemoteId,
    RepoKey, Required, RequiredCheck, Review, ReviewState, Settings, Sha, Snapshot, Span,
    Timestamp, label,
};

/// When scenarios happen.
pub const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// So many days before [`NOW`].
pub fn ago(days: i64) -> Timestamp {
    NOW - Span::days(days)
}

/// A person.
pub fn person(login: &str) -> Author {
    Author::Human(account(login, false))
}

/// An App's account.
pub fn bot(login: &str) -> Author {
    Author::Bot(account(login, true))
}

fn account(login: &str, bot: bool) -> Actor {
    Actor {
        login: Login::new(login),
        id: None,
        bot,
    }
}

/// A commit hash of one digit, over and over.
pub fn sha(digit: char) -> Sha {
    let text: String = std::iter::repeat_n(digit, 40).collect();
    Sha::parse(&text).expect("40 times one hex digit is a hash")
}

/// App by which [`Scenario::check`] reports.
pub const CI_APP: AppId = AppId::new(15_368);
/// The App that we are.
pub const OUR_APP: AppId = AppId::new(99);

/// Name of the check by which we publish readiness, by default.
pub const OWN_CHECK: &str = "caretaker/pr-readiness";

/// A check run of [`CI_APP`], reported a day ago.
pub fn check(name: &str, state: CheckState) -> Check {
    Check {
        name: name.to_owned(),
        id: RemoteId::new(1),
        app: Some(AppRef {
            id: CI_APP,
            ours: false,
        }),
        ours: false,
        state,
        at: Some(ago(1)),
    }
}

/// A review of the head, an hour old, by somebody who may write, without a text.
pub fn review(by: Author, state: ReviewState) -> Review {
    Review {
        id: RemoteId::new(1),
        by,
        state,
        commit: Some(sha('a')),
        at: NOW - Span::hours(1),
        trusted: true,
        has_text: false,
    }
}

/// What the merge gate demands where a repository says nothing.
pub fn policy() -> Policy {
    Policy {
        check_name: OWN_CHECK.to_owned(),
        ignored: ["doctor".to_owned()].into(),
        hold_label: Label::new(label::HOLD),
        opt_in_label: Label::new(label::MERGE),
        required_reviews: 1,
        settle: Span::seconds(120),
        allow_no_ci: false,
        authority: Authority::GateAndMerge,
        families: Families::default().with(Family::Human),
        care_label: Some(Label::new(label::OWNED)),
        claims: Families::default().with(Family::Human),
        method: MergeMethod::Squash,
        extras: Extras::default(),
    }
}

/// Facts, and what happened.
#[derive(Clone, Debug)]
pub struct Scenario {
    kind: EventKind,
    snapshot: Snapshot,
    acts: Listing<Act>,
    tip: Option<BranchTip>,
    users: Listing<Number>,
    params: Vec<(String, Value)>,
    settings: Settings,
    permissions: Vec<(String, Permission)>,
    refusals: Option<Refusals>,
    files: Listing<ChangedFile>,
    owners: Option<String>,
    authors: Listing<Author>,
    teams: Vec<(String, Option<Listing<Login>>)>,
    answered: bool,
}

/// An open pull request by a person, ten days old, its head a day; merges cleanly, nothing is
/// required, nothing checks it and nobody has reviewed it.
pub fn pull(number: u64) -> Scenario {
    item(number, true)
}

/// An open issue by a person, ten days old.
pub fn issue(number: u64) -> Scenario {
    item(number, false)
}

fn item(number: u64, pull: bool) -> Scenario {
    let item = Item {
        number: Number::new(number),
        pull,
        open: true,
        draft: false,
        author: person("author"),
        labels: Vec::new(),
        assigned: false,
        milestone: false,
        created_at: ago(10),
        updated_at: ago(1),
        merged_at: None,
    };
    let pull = Pull {
        item,
        head: sha('a'),
        head_branch: Branch::new("topic"),
        head_repo: Some(RepoKey::github(1)),
        base: Branch::new("main"),
        base_sha: sha('b'),
        same_repository: true,
        mergeable: Some(true),
        merge_state: MergeState::Clean,
    };
    Scenario {
        kind: EventKind::Requested,
        snapshot: Snapshot {
            pull,
            reviews: Listing::whole(Vec::new()),
            checks: Listing::whole(Vec::new()),
            required: Some(Required::default()),
            head_seen_at: Some(ago(1)),
        },
        acts: Listing::whole(Vec::new()),
        tip: None,
        users: Listing::whole(Vec::new()),
        params: Vec::new(),
        settings: Settings {
            mode: Mode::Act,
            ceiling: Mode::Act,
            writes_per_hour: 60,
            config: ConfigUsed {
                state: ConfigState::Valid,
                commit: Some(sha('c')),
            },
            paused: None,
        },
        permissions: Vec::new(),
        refusals: None,
        files: Listing::whole(Vec::new()),
        owners: None,
        authors: Listing::whole(vec![person("author")]),
        teams: Vec::new(),
        answered: true,
    }
}

impl Scenario {
    /// Changes any fact.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Snapshot)) -> Self {
        change(&mut self.snapshot);
        self
    }

    /// Something else happened than a request from the command line.
    #[must_use]
    pub fn on(mut self, kind: EventKind) -> Self {
        self.kind = kind;
        self
    }

    /// No question was answered yet.
    #[must_use]
    pub fn unanswered(mut self) -> Self {
        self.answered = false;
        self
    }

    /// How far the agent may go, and no limit by the server.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.settings.mode = mode;
        self
    }

    /// The server's limit, and the mode with it.
    #[must_use]
    pub fn ceiling(mut self, ceiling: Mode) -> Self {
        self.settings.ceiling = ceiling;
        self.settings.mode = self.settings.mode.min(ceiling);
        self
    }

    /// A parameter of the agent, by its dotted key below the section. Where it has several, the
    /// first is meant unless the key begins with the name of another.
    #[must_use]
    pub fn param(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.params.push((key.to_owned(), value.into()));
        self
    }

    /// The operator has paused us.
    #[must_use]
    pub fn paused(mut self) -> Self {
        self.settings.paused = Some(Pause {
            at: ago(1),
            by: "operator".to_owned(),
            why: None,
        });
        self
    }

    /// What somebody may do in the repository.
    #[must_use]
    pub fn may(mut self, login: &str, permission: Permission) -> Self {
        self.permissions.push((login.to_owned(), permission));
        self
    }

    /// It changes this file.
    #[must_use]
    pub fn file(mut self, path: &str) -> Self {
        self.files.rows.push(ChangedFile {
            path: path.to_owned(),
            previous: None,
        });
        self
    }

    /// It moves this file.
    #[must_use]
    pub fn renamed(mut self, path: &str, previous: &str) -> Self {
        self.files.rows.push(ChangedFile {
            path: path.to_owned(),
            previous: Some(previous.to_owned()),
        });
        self
    }

    /// Not all its files could be read.
    #[must_use]
    pub fn files_are_cut(mut self) -> Self {
        self.files.complete = false;
        self
    }

    /// The base branch's CODEOWNERS.
    #[must_use]
    pub fn owners(mut self, text: &str) -> Self {
        self.owners = Some(text.to_owned());
        self
    }

    /// Somebody else wrote a commit of it too.
    #[must_use]
    pub fn commits_by(mut self, author: Author) -> Self {
        self.authors.rows.push(author);
        self
    }

    /// Not all who wrote its commits could be learned.
    #[must_use]
    pub fn authors_are_cut(mut self) -> Self {
        self.authors.complete = false;
        self
    }

    /// Who is in a team, by its slug in the organisation `octo`.
    #[must_use]
    pub fn team(mut self, slug: &str, members: &[&str]) -> Self {
        let members = members.iter().map(|login| Login::new(*login)).collect();
        self.teams
            .push((slug.to_owned(), Some(Listing::whole(members))));
        self
    }

    /// A team of the organisation `octo` that we may not see.
    #[must_use]
    pub fn hidden_team(mut self, slug: &str) -> Self {
        self.teams.push((slug.to_owned(), None));
        self
    }

    /// The forge has refused to merge its head so often, a minute ago.
    #[must_use]
    pub fn refused(mut self, status: u16, times: u32) -> Self {
        self.refusals = Some(Refusals {
            head: self.snapshot.pull.head.clone(),
            status,
            times,
            at: NOW - Span::minutes(1),
        });
        self
    }

    /// Its author.
    #[must_use]
    pub fn author(self, author: Author) -> Self {
        self.with(|s| s.pull.item.author = author)
    }

    /// Puts a label on.
    #[must_use]
    pub fn label(self, name: &str) -> Self {
        self.with(|s| s.pull.item.labels.push(Label::new(name)))
    }

    /// Puts a label on, by somebody, today.
    #[must_use]
    pub fn label_by(self, name: &str, who: Author) -> Self {
        let what = ActKind::Labeled(Label::new(name));
        self.label(name).act(0, who, what)
    }

    /// A draft.
    #[must_use]
    pub fn draft(self) -> Self {
        self.with(|s| {
            s.pull.item.draft = true;
            s.pull.merge_state = MergeState::Draft;
        })
    }

    /// From another repository.
    #[must_use]
    pub fn fork(self) -> Self {
        self.with(|s| {
            s.pull.same_repository = false;
            s.pull.head_repo = Some(RepoKey::github(2));
        })
    }

    /// Closed, not merged.
    #[must_use]
    pub fn closed(self) -> Self {
        self.with(|s| s.pull.item.open = false)
    }

    /// Merged an hour ago.
    #[must_use]
    pub fn merged(self) -> Self {
        self.closed()
            .with(|s| s.pull.item.merged_at = Some(NOW - Span::hours(1)))
    }

    /// Opened so many days ago.
    #[must_use]
    pub fn opened(self, days: i64) -> Self {
        self.with(|s| s.pull.item.created_at = ago(days))
    }

    /// Changed last so many days ago.
    #[must_use]
    pub fn updated(self, days: i64) -> Self {
        self.with(|s| s.pull.item.updated_at = ago(days))
    }

    /// A check of [`CI_APP`] on the head.
    #[must_use]
    pub fn check(self, name: &str, state: CheckState) -> Self {
        self.with(|s| s.checks.rows.push(check(name, state)))
    }

    /// Our own check on the head.
    #[must_use]
    pub fn own_check(self, name: &str, state: CheckState) -> Self {
        let own = Check {
            app: Some(AppRef {
                id: OUR_APP,
                ours: true,
            }),
            ours: true,
            ..check(name, state)
        };
        self.with(|s| s.checks.rows.push(own))
    }

    /// The base branch requires a check of this name, by anybody or by one App.
    #[must_use]
    pub fn requires(self, name: &str, app: Option<AppId>) -> Self {
        let name = name.to_owned();
        self.with(|s| {
            let required = s.required.get_or_insert_default();
            required.checks.push(RequiredCheck { name, app });
        })
    }

    /// A review by somebody who may write; see [`review`].
    #[must_use]
    pub fn review(self, by: Author, state: ReviewState) -> Self {
        self.reviewed(review(by, state))
    }

    /// A review, whatever it is like.
    #[must_use]
    pub fn reviewed(self, review: Review) -> Self {
        self.with(|s| s.reviews.rows.push(review))
    }

    /// Something that happened to it so many days ago.
    #[must_use]
    pub fn act(mut self, days: i64, by: Author, what: ActKind) -> Self {
        let at = ago(days);
        self.acts.rows.push(Act { at, by, what });
        self
    }

    /// Not all that happened could be read.
    #[must_use]
    pub fn history_is_cut(mut self) -> Self {
        self.acts.complete = false;
        self
    }

    /// Its branch as it is now; without this there is none.
    #[must_use]
    pub fn tip(mut self, tip: BranchTip) -> Self {
        self.tip = Some(tip);
        self
    }

    /// Open pull requests from its branch.
    #[must_use]
    pub fn users(mut self, users: Listing<Number>) -> Self {
        self.users = users;
        self
    }

    /// Everything a merge evaluation looks at.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// What the agent makes of it.
    ///
    /// # Errors
    /// Hands on why the agent halts.
    pub fn decide(&self, agent: &dyn Agent) -> Result<Decision, Halt> {
        let (task, evidence) = self.task(agent);
        agent.decide(&Input {
            event: &task.event,
            evidence: &evidence,
            params: &task.params,
            settings: &task.settings,
            now: task.now,
        })
    }
}
