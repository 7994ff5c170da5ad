//! Talk, and what sorts items.

use caretaker_core::model::issue::{Reference, Source};
use caretaker_core::model::{
    Answer, Author, ForgeQuery, IssueAnswer, IssueQuery, Label, Login, Number, Permission, Sha,
    Span,
};
use caretaker_core::ports::{Clock as _, Kind};

use super::{Rig, add_label, comment};

const TWO: Number = Number::new(2);

async fn asked(rig: &Rig, query: IssueQuery) -> IssueAnswer {
    match rig.ask(ForgeQuery::Issue(query)).await {
        Ok(Answer::Issue(answer)) => *answer,
        other => panic!("no answer: {other:?}"),
    }
}

/// Oldest first, with author, text and both times; ours are ours.
pub async fn comments_are_read_whole(rig: &Rig) {
    let first = rig.world.comment(2, "carol", "Any news?");
    for n in 0..120 {
        rig.world.comment(2, "alice", &format!("No. {n}"));
    }
    rig.clock.advance(Span::hours(1));
    rig.world.edit_comment(first, "carol", "Any news at all?");
    rig.write(&comment(2, "wait")).await.expect("may write");
    let IssueAnswer::Comments(seen) = asked(rig, IssueQuery::Comments(TWO)).await else {
        panic!("no comments");
    };
    assert!(seen.complete);
    assert_eq!(seen.rows.len(), 122);
    let (oldest, ours) = (&seen.rows[0], &seen.rows[121]);
    assert_eq!(oldest.id.value(), first);
    assert_eq!(oldest.by.login(), Login::new("carol"));
    assert_eq!(oldest.body, "Any news at all?");
    assert_eq!(oldest.updated_at.since(oldest.created_at), Span::hours(1));
    assert_eq!(oldest.via, None);
    assert_eq!(ours.by, Author::Us);
    assert!(ours.via.as_ref().is_some_and(|app| app.ours));
    rig.look();
}

/// From an item here, from one elsewhere, from a commit; nothing else of the timeline.
pub async fn references_say_from_where(rig: &Rig) {
    let other = rig.world.in_repo("octo/gadgets");
    let afar = other.open_issue("bob", "Gadgets squeak too");
    rig.world.mention(2, "alice", 1);
    rig.world.comment(2, "carol", "Thanks!");
    rig.world.mention_from(&other, 2, "bob", afar);
    let head = rig.world.head(1);
    rig.world.name_in_commit(2, "alice", &head);
    rig.world.close(1, "alice");
    let IssueAnswer::References(seen) = asked(rig, IssueQuery::References(TWO)).await else {
        panic!("no references");
    };
    let from: Vec<_> = seen.rows.iter().map(|row: &Reference| &row.from).collect();
    let item = |repository: &str, number, pull, open| Source::Item {
        repository: repository.to_owned(),
        number: Number::new(number),
        pull,
        open,
    };
    let commit = Source::Commit(Sha::parse(&head).expect("a world's commits have full hashes"));
    let wanted = [
        &item("octo/widgets", 1, true, false),
        &item("octo/gadgets", afar, false, true),
        &commit,
    ];
    assert_eq!(from, wanted);
    let by: Vec<_> = seen.rows.iter().map(|row| row.by.login()).collect();
    assert_eq!(by, ["alice", "bob", "alice"].map(Login::new));
}

/// Those on items and those that nothing bears.
pub async fn labels_are_those_that_are_defined(rig: &Rig) {
    rig.world.label(2, "alice", "bug");
    rig.world.unlabel(2, "alice", "bug");
    rig.write(&add_label(2, "stale")).await.expect("may write");
    let IssueAnswer::Labels(seen) = asked(rig, IssueQuery::Labels).await else {
        panic!("no labels");
    };
    let names: Vec<_> = seen.rows.iter().map(|def| def.label.clone()).collect();
    assert_eq!(names, [Label::new("bug"), Label::new("stale")]);
    assert!(seen.rows.iter().all(|def| def.color.len() == 6));
}

/// Open and closed ones, with how much of each is done.
pub async fn milestones_count_their_items(rig: &Rig) {
    let due = rig.clock.now() + Span::days(30);
    let first = rig.world.define_milestone("alice", "v1", Some(due));
    let second = rig.world.define_milestone("alice", "v2", None);
    rig.world.milestone(1, "alice", "v1");
    rig.world.milestone(2, "alice", "v1");
    rig.world.close(2, "alice");
    rig.world.close_milestone(second, true);
    let IssueAnswer::Milestones(seen) = asked(rig, IssueQuery::Milestones).await else {
        panic!("no milestones");
    };
    let [one, two] = &seen.rows[..] else {
        panic!("{seen:?}");
    };
    assert_eq!((one.number, one.title.as_str()), (first, "v1"));
    assert_eq!((one.open_items, one.closed_items), (1, 1));
    assert!(one.open && !two.open);
    assert_eq!((one.due_at, two.due_at), (Some(due), None));
}

/// Everybody with a role; strangers have none.
pub async fn collaborators_are_those_with_a_role(rig: &Rig) {
    for (login, role) in [("dora", "triage"), ("erik", "maintain"), ("fay", "admin")] {
        rig.world.role(login, role);
    }
    let IssueAnswer::Collaborators(seen) = asked(rig, IssueQuery::Collaborators).await else {
        panic!("no collaborators");
    };
    let rows = seen.rows.iter();
    let rows: Vec<_> = rows
        .map(|row| (row.login.to_string(), row.permission))
        .collect();
    let wanted = [
        ("alice", Permission::Write),
        ("bob", Permission::Write),
        ("dora", Permission::Triage),
        ("erik", Permission::Maintain),
        ("fay", Permission::Admin),
    ];
    assert_eq!(rows, wanted.map(|(login, may)| (login.to_owned(), may)));
    let IssueAnswer::Assignable(people) = asked(rig, IssueQuery::Assignable).await else {
        panic!("nobody");
    };
    assert!(people.rows.contains(&Login::new("bob")));
    assert!(!people.rows.contains(&Login::new("carol")));
}

/// Of an item that was never opened nothing is told, not even that there is nothing.
pub async fn what_is_said_of_nothing_is_not_found(rig: &Rig) {
    let number = Number::new(999);
    for query in [
        IssueQuery::Comments(number),
        IssueQuery::References(number),
        IssueQuery::SubIssues(number),
    ] {
        let error = rig.ask(ForgeQuery::Issue(query.clone())).await;
        let error = error.expect_err("it is not there");
        assert_eq!(error.kind, Kind::NotFound, "{query:?}: {error}");
    }
}
