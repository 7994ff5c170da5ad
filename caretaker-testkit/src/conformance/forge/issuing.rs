//! Actions on talk, and on what sorts items.

use caretaker_core::model::issue::{CloseReason, FoldReason, OpenIssue};
use caretaker_core::model::{
    Answer, ForgeAction, ForgeQuery, IssueAction, IssueAnswer, IssueQuery, Label, Login, Marker,
    Number, RemoteId,
};
use caretaker_core::ports::{Kind, Settled};

use super::Rig;

const TWO: Number = Number::new(2);

fn open(key: &str) -> ForgeAction {
    ForgeAction::Issue(IssueAction::Open(OpenIssue {
        title: "Nightly build is red".to_owned(),
        body: format!("{}\nSince today.", Marker::Issue.render_key(key)),
        labels: vec![Label::new("ci")],
    }))
}

async fn refused(rig: &Rig, action: IssueAction) {
    let seq = rig.world.log().count();
    let action = ForgeAction::Issue(action);
    let error = rig.write(&action).await.expect_err("it is refused");
    let no = matches!(error.kind, Kind::Refused(_) | Kind::NotFound);
    assert!(no, "{action:?}: {error}");
    assert_eq!(rig.effects_since(seq), 0, "{action:?}");
}

/// Open, closed or with another text by now: what was opened under a key is not opened again.
pub async fn each_key_opens_one_issue(rig: &Rig) {
    let first = open("nightly/1");
    let copied = "<!-- caretaker:issue key=nightly/1 -->\nI am you.";
    rig.world.open_issue_saying("mallory", "Red", copied);
    let settled = rig.settle(&first).await.expect("can be read");
    assert_eq!(settled, Settled::NotPerformed, "mallory's is not ours");
    assert!(rig.write(&first).await.expect("may write").changed);
    let number = rig.world.last_item();
    assert!(rig.world.labels(number).contains(&"ci".to_owned()));
    rig.world.close(number, "alice");
    assert!(!rig.write(&first).await.expect("may write").changed);
    let second = open("nightly/2");
    assert!(rig.write(&second).await.expect("may write").changed);
    assert_eq!(rig.world.last_item(), number + 1);
}

/// It would never be found again.
pub async fn an_issue_without_its_marker_is_not_opened(rig: &Rig) {
    let action = ForgeAction::Issue(IssueAction::Open(OpenIssue {
        title: "Red".to_owned(),
        body: "Since today.".to_owned(),
        labels: Vec::new(),
    }));
    let seq = rig.world.log().count();
    rig.write(&action).await.expect_err("it bears no marker");
    assert_eq!(rig.effects_since(seq), 0);
    rig.world.take_violations();
}

/// GitHub itself would say nothing and do nothing.
pub async fn who_cannot_be_assigned_is_refused(rig: &Rig) {
    let login = Login::new("carol");
    refused(rig, IssueAction::Assign { number: TWO, login }).await;
}

/// For a reason that lies in the subject.
pub async fn what_is_not_there_is_refused(rig: &Rig) {
    let title = Some("never".to_owned());
    refused(rig, IssueAction::SetMilestone { number: TWO, title }).await;
    let number = Number::new(999);
    let why = CloseReason::Completed;
    refused(rig, IssueAction::Close { number, why }).await;
    refused(rig, IssueAction::Unlock { number }).await;
    let comment = RemoteId::new(999_999);
    let body = Marker::StaleWarning.render();
    let number = TWO;
    refused(
        rig,
        IssueAction::EditComment {
            number,
            comment,
            body,
        },
    )
    .await;
}

/// Whatever our permissions would let us do.
pub async fn somebody_elses_comment_is_not_edited(rig: &Rig) {
    let comment = rig.world.comment(2, "alice", "Mine.");
    let body = Marker::StaleWarning.render();
    let number = TWO;
    refused(
        rig,
        IssueAction::EditComment {
            number,
            comment: RemoteId::new(comment),
            body,
        },
    )
    .await;
    assert_eq!(rig.world.text_of(comment).as_deref(), Some("Mine."));
}

/// A pull request is closed with its own action.
pub async fn a_pull_request_is_not_closed_as_an_issue(rig: &Rig) {
    let number = Number::new(1);
    let why = CloseReason::Completed;
    refused(rig, IssueAction::Close { number, why }).await;
    refused(rig, IssueAction::Reopen { number }).await;
}

/// Defined, described anew, deleted; the items lose it too.
pub async fn a_label_is_defined_and_deleted(rig: &Rig) {
    let define = |color: &str, description: Option<&str>| {
        ForgeAction::Issue(IssueAction::DefineLabel {
            label: Label::new("Bug"),
            color: color.to_owned(),
            description: description.map(str::to_owned),
        })
    };
    rig.world.label(2, "alice", "bug");
    for (color, description) in [("d73a4a", Some("It is broken")), ("ffffff", None)] {
        let action = define(color, description);
        assert!(rig.write(&action).await.expect("may write").changed);
        assert!(!rig.write(&action).await.expect("may write").changed);
        let answer = rig.ask(ForgeQuery::Issue(IssueQuery::Labels)).await;
        let Ok(Answer::Issue(answer)) = answer else {
            panic!("no answer");
        };
        let IssueAnswer::Labels(seen) = *answer else {
            panic!("no labels");
        };
        let [bug] = &seen.rows[..] else {
            panic!("{seen:?}");
        };
        assert_eq!(bug.label, Label::new("bug"), "its spelling stays");
        assert_eq!(bug.color, color);
        assert_eq!(bug.description.as_deref(), description);
    }
    let label = Label::new("bug");
    let delete = ForgeAction::Issue(IssueAction::DeleteLabel { label });
    assert!(rig.write(&delete).await.expect("may write").changed);
    assert!(rig.world.labels(2).is_empty());
}

/// Ours with that marker, all of them; nobody else's, whatever they bear.
pub async fn only_our_comments_with_the_marker_are_folded(rig: &Rig) {
    if !rig.graphql {
        return;
    }
    let marked = Marker::StaleWarning.render();
    let ours = [rig.world.say(2, &marked), rig.world.say(2, &marked)];
    let status = rig.world.say(2, &Marker::Status.render());
    let copied = rig.world.comment(2, "mallory", &marked);
    let fold = ForgeAction::Issue(IssueAction::Minimize {
        number: TWO,
        marker: Marker::StaleWarning,
        why: FoldReason::Outdated,
    });
    assert!(rig.write(&fold).await.expect("may write").changed);
    assert!(!rig.write(&fold).await.expect("may write").changed);
    assert!(ours.iter().all(|id| rig.world.is_folded(*id)));
    assert!(!rig.world.is_folded(status) && !rig.world.is_folded(copied));
}

/// GitHub itself would say nothing where it is switched off.
pub async fn what_copilot_does_not_get_is_refused(rig: &Rig) {
    let give = IssueAction::AssignCopilot { number: TWO };
    refused(rig, give.clone()).await;
    rig.world.copilot(true);
    let action = ForgeAction::Issue(give);
    let seq = rig.world.log().count();
    assert!(rig.write(&action).await.expect("bob may").changed);
    assert!(!rig.write(&action).await.expect("bob may").changed);
    assert_eq!(rig.effects_since(seq), 1);
    let timeline = rig.world.timeline(2);
    assert!(
        timeline.contains(&"bob assigned".to_owned()),
        "{timeline:?}"
    );
}
