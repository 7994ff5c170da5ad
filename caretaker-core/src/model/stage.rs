//! What the examples of questions and actions are about.

use super::{Branch, CiStage, Label, Login, Number, RemoteId, Sha};

/// A repository in which each of these is there, and nothing of what an example of an action
/// wants has been done yet.
///
/// [`Stage::default`] is good for showing and for round trips. Who performs the examples sets up
/// a repository first and says here how its things are called.
#[derive(Clone, Debug)]
pub struct Stage {
    /// An open issue.
    pub issue: Number,
    /// Another open issue, which is a part of none.
    pub second_issue: Number,
    /// An open pull request from a branch of the repository.
    pub pull: Number,
    /// Another open pull request.
    pub second_pull: Number,
    /// Its head, which lacks something of the base.
    pub second_head: Sha,
    /// A thread on [`Self::pull`] that nobody has resolved, as the forge names it.
    pub thread: String,
    /// A verdict of somebody on [`Self::pull`].
    pub review: RemoteId,
    /// Somebody who may review [`Self::pull`] and has not been asked.
    pub reviewer: Login,
    /// Somebody who has been asked for a review of it.
    pub asked: Login,
    /// A branch that has something the base lacks, and that no pull request comes from.
    pub topic: Branch,
    /// Where [`Self::topic`] points.
    pub topic_tip: Sha,
    /// A comment of [`Self::person`] on [`Self::issue`].
    pub comment: RemoteId,
    /// A comment of ours on [`Self::issue`].
    pub our_comment: RemoteId,
    /// A label that stands on [`Self::issue`].
    pub label: Label,
    /// The head of [`Self::pull`].
    pub head: Sha,
    /// Its base, the default branch.
    pub base: Branch,
    /// A branch that no pull request comes from.
    pub branch: Branch,
    /// Where [`Self::branch`] points.
    pub tip: Sha,
    /// Somebody who may write.
    pub person: Login,
    /// The organisation of [`Self::team`].
    pub org: Login,
    /// Short name of a team.
    pub team: String,
    /// Checks and workflows.
    pub ci: CiStage,
}

impl Default for Stage {
    fn default() -> Self {
        let sha = |digit: &str| {
            Sha::parse(&digit.repeat(40)).expect("invariant: forty hexadecimal digits are a hash")
        };
        Self {
            issue: Number::new(2),
            second_issue: Number::new(4),
            pull: Number::new(1),
            second_pull: Number::new(3),
            second_head: sha("c"),
            thread: "PRRT_1003".to_owned(),
            review: RemoteId::new(1_002),
            reviewer: Login::new("erin"),
            asked: Login::new("dana"),
            topic: Branch::new("topic"),
            topic_tip: sha("d"),
            comment: RemoteId::new(1_001),
            our_comment: RemoteId::new(1_003),
            label: Label::new("old"),
            head: sha("a"),
            base: Branch::new("main"),
            branch: Branch::new("done/feature"),
            tip: sha("b"),
            person: Login::new("alice"),
            org: Login::new("octo"),
            team: "owners".to_owned(),
            ci: CiStage::default(),
        }
    }
}
