//! The nouns: constructors and parsers, no policy.

pub mod action;
pub mod actor;
pub mod alert;
pub mod answer;
pub mod app;
pub mod ask;
pub mod association;
pub mod backlog;
pub mod check;
pub mod ci;
pub mod command;
pub mod decision;
pub mod delivery;
pub mod event;
pub mod evidence;
pub mod git;
pub mod ids;
pub mod issue;
pub mod item;
pub mod json;
pub mod label;
pub mod learned;
pub mod marker;
pub mod merge;
pub mod mode;
pub mod page;
pub mod pause;
pub mod pull;
pub mod query;
pub mod queue;
pub mod reason;
pub mod repository;
pub mod retention;
pub mod review;
pub mod run;
pub mod secret;
pub mod stage;
pub mod time;

pub use action::{
    Action, Conclusion, Enqueue, ForgeAction, Loudness, Publish, Reaction, Safety, Trace,
};
pub use actor::{Actor, AppRef, Author, Families, Family};
pub use alert::{AlertAnswer, AlertQuery};
pub use answer::{
    Answer, BlobRef, CODE_OWNERS, ChangedFile, CodeOwnersFile, ConfigFile, Failure, Listing, Page,
    Permission, Versioned,
};
pub use association::Association;
pub use backlog::{Backlog, BacklogLimits, Bound};
pub use check::{Check, CheckState};
pub use ci::{
    Annotation, AnnotationLevel, Basis, Budget, CORRELATION, CheckReport, CheckRun, CheckSuite,
    CiAction, CiAnswer, CiQuery, CiStage, CommitStatus, Job, JobLog, RateLimits,
    RepositoryDispatch, StatusReport, StatusState, Step, Workflow, WorkflowDispatch, WorkflowRun,
};
pub use command::Verb;
pub use decision::{Decision, Held, Planned, Refusal, Reviewed};
pub use delivery::{Account, Delivery, DeliveryHeaders, Envelope};
pub use event::{Detail, Event, EventKind, Scope, Subject};
pub use evidence::{Evidence, Halt};
pub use git::action::GitAction;
pub use git::answer::GitAnswer;
pub use git::query::{GitQuery, Revision};
pub use ids::*;
pub use issue::{IssueAction, IssueAnswer, IssueQuery};
pub use item::{Act, ActKind, Item};
pub use json::Json;
pub use learned::{Learned, RepoFacts};
pub use marker::Marker;
pub use merge::{Merge, MergeMethod, Refusals};
pub use mode::Mode;
pub use pause::Pause;
pub use pull::{BranchTip, MergeState, Pull, Required, RequiredCheck, Snapshot};
pub use query::{ForgeQuery, Query, Unspelled};
pub use queue::{Class, Depth, ItemState, QueueItem, Settle, Taken};
pub use reason::{Fact, Holds, Owner, Reason, Unblock};
pub use repository::{RepositoryAnswer, RepositoryQuery};
pub use retention::Retention;
pub use review::action::ReviewAction;
pub use review::answer::ReviewAnswer;
pub use review::query::ReviewQuery;
pub use review::{Review, ReviewState};
pub use run::{
    ConfigState, ConfigUsed, EffectRecord, EffectResult, HaltKind, LookVerdict, Looked, Outcome,
    Receipt, Run, Settings, Task,
};
pub use secret::Secret;
pub use stage::Stage;
pub use time::{Span, Timestamp};
