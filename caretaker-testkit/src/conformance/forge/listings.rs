//! Listings beyond one page, branches, the configuration file, batches.

use caretaker_core::model::{Answer, Branch, BranchTip, ConfigFile, ForgeQuery, Number, Span};
use caretaker_core::ports::{Freshness, Kind};

use super::{Rig, comment, sha};
use crate::world::Protection;

/// All 130 of them.
pub async fn more_than_a_page_of_acts_is_read_whole(rig: &Rig) {
    for n in 0..130 {
        rig.world.comment(2, "carol", &format!("ping {n}"));
    }
    let Ok(Answer::Activity(listing)) = rig.ask(ForgeQuery::Activity(Number::new(2))).await else {
        panic!("no activity");
    };
    assert_eq!((listing.rows.len(), listing.complete), (130, true));
}

/// All 110 of them, the last one too.
pub async fn more_than_a_page_of_reviews_is_read_whole(rig: &Rig) {
    for _ in 0..110 {
        rig.world.review(1, "bob").saying("again").comment();
    }
    let Ok(Answer::Snapshot(seen)) = rig.ask(ForgeQuery::Snapshot(Number::new(1))).await else {
        panic!("no snapshot");
    };
    assert_eq!(
        (seen.reviews.rows.len(), seen.reviews.complete),
        (110, true)
    );
}

/// The old server forgot its own comment on busy threads, and wrote another each time.
pub async fn our_comment_is_found_behind_many_others(rig: &Rig) {
    for n in 0..120 {
        rig.world.comment(1, "carol", &format!("ping {n}"));
    }
    rig.write(&comment(1, "a")).await.expect("may write");
    for n in 0..120 {
        rig.world.comment(1, "carol", &format!("pong {n}"));
    }
    rig.write(&comment(1, "b")).await.expect("may write");
    let ours = rig.world.comments_of_bot(1);
    assert_eq!(ours.len(), 1);
    assert!(ours[0].body.ends_with('b'));
}

async fn page(rig: &Rig, after: Option<String>) -> (Vec<u64>, Option<String>) {
    let query = ForgeQuery::OpenItems { after, limit: 100 };
    match rig.ask(query).await {
        Ok(Answer::OpenItems(page)) => {
            assert!(page.rows.is_sorted_by_key(|row| row.created_at));
            let numbers = page.rows.iter().map(|row| row.number.value());
            (numbers.collect(), page.next)
        }
        other => panic!("no page: {other:?}"),
    }
}

/// Items 3 to 232, one a minute.
fn many(rig: &Rig) {
    for n in 0..230 {
        rig.clock.advance(Span::minutes(1));
        rig.world.open_issue("carol", &format!("Squeak {n}"));
    }
}

/// Issues and pull requests, by ascending creation, three pages.
pub async fn open_items_are_walked_once_each(rig: &Rig) {
    many(rig);
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let (rows, next) = page(rig, after).await;
        assert!(rows.len() <= 100);
        seen.extend(rows);
        after = next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, (1..=232).collect::<Vec<_>>());
}

/// Closing is what a walk leads to: it must not make the walk blind.
pub async fn what_is_closed_while_we_walk_hides_nothing(rig: &Rig) {
    many(rig);
    let (first, mut after) = page(rig, None).await;
    for number in &first {
        rig.world.close(*number, "alice");
    }
    let mut seen = first;
    while let Some(cursor) = after {
        let (rows, next) = page(rig, Some(cursor)).await;
        seen.extend(rows);
        after = next;
    }
    assert_eq!(seen, (1..=232).collect::<Vec<_>>());
}

async fn tip(rig: &Rig, name: &str) -> BranchTip {
    match rig.ask(ForgeQuery::Branch(Branch::new(name))).await {
        Ok(Answer::Branch(tip)) => tip,
        other => panic!("no branch: {other:?}"),
    }
}

/// Also where its name has slashes.
pub async fn a_branch_shows_its_tip(rig: &Rig) {
    let made = rig.world.commit_file("topic/a b", "x.txt", "x", "alice");
    let topic = tip(rig, "topic/a b").await;
    assert_eq!(topic.sha, sha(&made));
    assert!(!topic.default && !topic.protected);
    rig.world.protect("main", Protection::checks(&["test"]));
    let main = tip(rig, "main").await;
    assert!(main.default && main.protected);
    let error = rig.ask(ForgeQuery::Branch(Branch::new("nowhere"))).await;
    assert_eq!(error.expect_err("no such branch").kind, Kind::NotFound);
}

/// Absent, there, changed, beside other changes, taken away.
pub async fn the_configuration_is_the_one_of_its_last_commit(rig: &Rig) {
    let missing = |answer: Result<Answer, caretaker_core::ports::PortError>| {
        assert_eq!(answer.expect_err("no file").kind, Kind::NotFound);
    };
    missing(rig.ask(ForgeQuery::ConfigFile).await);
    rig.world.config("version: v1\n");
    let commit = rig.world.config("version: v1 # ü\n");
    rig.world
        .commit_file("main", "README.md", "# hi\n", "alice");
    let wanted = ConfigFile {
        commit: sha(&commit),
        text: "version: v1 # ü\n".to_owned(),
    };
    match rig.ask(ForgeQuery::ConfigFile).await {
        Ok(Answer::ConfigFile(file)) => assert_eq!(file, wanted),
        other => panic!("no file: {other:?}"),
    }
    rig.world.delete_config();
    missing(rig.ask(ForgeQuery::ConfigFile).await);
}

/// Each for itself: a missing one takes none with it.
pub async fn answers_stand_in_the_order_of_the_questions(rig: &Rig) {
    let questions = [
        ForgeQuery::Item(Number::new(2)),
        ForgeQuery::Item(Number::new(999)),
        ForgeQuery::Branch(Branch::new("main")),
        ForgeQuery::Pull(Number::new(1)),
        ForgeQuery::Activity(Number::new(2)),
        ForgeQuery::Item(Number::new(1)),
    ];
    let repo = rig.world.repo();
    let answers = rig.forge.read(&repo, &questions, Freshness::Shared).await;
    assert_eq!(answers.len(), questions.len());
    let two = Number::new(2);
    assert!(matches!(&answers[0], Ok(Answer::Item(item)) if item.number == two));
    assert!(matches!(&answers[1], Err(error) if error.kind == Kind::NotFound));
    assert!(matches!(&answers[2], Ok(Answer::Branch(_))));
    assert!(matches!(&answers[3], Ok(Answer::Pull(_))));
    assert!(matches!(&answers[4], Ok(Answer::Activity(_))));
    assert!(matches!(&answers[5], Ok(Answer::Item(item)) if item.pull));
}
