//! Items and what happened to them.

use caretaker_core::model::{
    ActKind, Answer, Author, ForgeQuery, Item, Label, Listing, Login, Marker, Number, Span,
};
use caretaker_core::ports::Kind;

use super::{Rig, comment};

async fn item(rig: &Rig, number: u64) -> Item {
    match rig.ask(ForgeQuery::Item(Number::new(number))).await {
        Ok(Answer::Item(item)) => item,
        other => panic!("not an item: {other:?}"),
    }
}

/// Labels, assignee, milestone, state, author, times.
pub async fn an_item_shows_its_facts(rig: &Rig) {
    let opened = item(rig, 2).await;
    assert!(opened.open && !opened.pull && !opened.draft && !opened.assigned && !opened.milestone);
    assert!(opened.author.is_human());
    assert_eq!(opened.author.login(), Login::new("carol"));
    rig.clock.advance(Span::hours(3));
    rig.world.label(2, "alice", "bug");
    rig.world.assign(2, "alice", "bob");
    rig.world.milestone(2, "alice", "v1");
    rig.world.close(2, "alice");
    let closed = item(rig, 2).await;
    assert!(!closed.open && closed.assigned && closed.milestone);
    assert_eq!(closed.labels, [Label::new("bug")]);
    assert_eq!(closed.created_at, opened.created_at);
    assert_eq!(
        closed.updated_at.since(opened.updated_at),
        Span::hours(3),
        "whatever changed moves the time"
    );
}

/// Asked as an item, it says that it is a pull request, a draft, merged.
pub async fn a_pull_request_is_an_item_too(rig: &Rig) {
    rig.world.draft(1, "alice", true);
    let draft = item(rig, 1).await;
    assert!(draft.pull && draft.draft && draft.merged_at.is_none());
    rig.world.draft(1, "alice", false);
    rig.world.merge(1, "bob");
    let merged = item(rig, 1).await;
    assert!(!merged.open && merged.merged_at.is_some());
}

/// A fact, and not a failure.
pub async fn what_was_never_opened_is_not_found(rig: &Rig) {
    for query in [
        ForgeQuery::Item(Number::new(999)),
        ForgeQuery::Pull(Number::new(999)),
        ForgeQuery::Snapshot(Number::new(999)),
        ForgeQuery::Activity(Number::new(999)),
        ForgeQuery::ConfigFile,
    ] {
        let error = rig.ask(query.clone()).await.expect_err("it is not there");
        assert_eq!(error.kind, Kind::NotFound, "{query:?}: {error}");
    }
}

/// People, bots and ourselves; comments with their markers.
pub async fn activity_tells_who_did_what_in_order(rig: &Rig) {
    let hour = || rig.clock.advance(Span::hours(1));
    rig.world.comment(2, "carol", "Any news?");
    hour();
    rig.world.label(2, "alice", "bug");
    hour();
    rig.write(&comment(2, "here I am"))
        .await
        .expect("may write");
    hour();
    rig.world.unlabel(2, "alice", "bug");
    hour();
    rig.world.close(2, "alice");
    hour();
    rig.world.reopen(2, "carol");
    let Ok(Answer::Activity(Listing { rows, complete })) =
        rig.ask(ForgeQuery::Activity(Number::new(2))).await
    else {
        panic!("no activity");
    };
    assert!(complete);
    assert!(rows.is_sorted_by_key(|act| act.at), "{rows:?}");
    let told: Vec<_> = rows.iter().map(|act| (&act.what, act.by.login())).collect();
    let bug = || Label::new("bug");
    let said = |marker| ActKind::Commented {
        marker,
        marked_at: None,
    };
    let wanted = [
        (said(None), "carol"),
        (ActKind::Labeled(bug()), "alice"),
        (said(Some(Marker::Status)), "caretaker"),
        (ActKind::Unlabeled(bug()), "alice"),
        (ActKind::Closed, "alice"),
        (ActKind::Reopened, "carol"),
    ];
    let wanted: Vec<_> = wanted
        .iter()
        .map(|(what, login)| (what, Login::new(*login)))
        .collect();
    assert_eq!(told, wanted);
    assert_eq!(rows[2].by, Author::Us);
    rig.look();
}
