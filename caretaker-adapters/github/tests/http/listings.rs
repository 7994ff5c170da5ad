//! Listings over several pages, and the walk over open items while the world changes.

use std::sync::{Arc, Mutex};

use caretaker_core::{
    model::{Answer, ForgeQuery, Number, Secret, Sha},
    ports::{Forge, Freshness, Kind},
};
use caretaker_github::{Credentials, GithubForge};
use serde_json::{Value, json};

use super::server::{Answer as Said, Seen, Server, answer, forge, issue, ok, repo};

fn query(seen: &Seen, name: &str) -> usize {
    let (_, query) = seen.path.split_once('?').unwrap();
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(key, _)| *key == name)
        .map_or(1, |(_, value)| value.parse().unwrap())
}

/// One page of the rows as GitHub would cut it, with a next link on a host of its own.
fn paged(seen: &Seen, rows: &[Value]) -> Said {
    let (page, size) = (query(seen, "page"), query(seen, "per_page"));
    let cut: Vec<&Value> = rows.iter().skip((page - 1) * size).take(size).collect();
    let said = ok(&json!(cut));
    if rows.len() > page * size {
        let (path, _) = seen.path.split_once('?').unwrap();
        let link = format!(
            "<https://api.github.com{path}?state=open&per_page={size}&page={}>; rel=\"next\"",
            page + 1
        );
        said.with("link", link)
    } else {
        said
    }
}

fn comment(minute: usize) -> Value {
    json!({
        "event": "commented", "body": "hi",
        "actor": {"login": "ann", "id": 3, "type": "User"},
        "created_at": format!("2023-01-01T{:02}:{:02}:00Z", minute / 60, minute % 60),
    })
}

#[tokio::test]
async fn a_listing_is_read_to_its_end_or_says_that_it_is_not() {
    let rows: Vec<Value> = (0..250).map(comment).collect();
    let server = Server::start(move |seen| paged(seen, &rows)).await;
    let question = [ForgeQuery::Activity(Number::new(1))];
    for (cap, count, complete) in [(30, 250, true), (3, 250, true), (2, 200, false)] {
        let token = Credentials::Token(Secret::new("t"));
        let forge = forge(&server.url, token, &server.clock, cap);
        let answers = forge.read(&repo(), &question, Freshness::Fresh).await;
        let Ok(Answer::Activity(listing)) = &answers[0] else {
            panic!("{answers:?}");
        };
        assert_eq!((listing.rows.len(), listing.complete), (count, complete));
    }
}

#[tokio::test]
async fn a_listing_in_circles_ends_incomplete() {
    let server = Server::start(|_| {
        let link = "</repos/octo/widgets/issues/1/timeline?per_page=100>; rel=\"next\"";
        ok(&json!([comment(1)])).with("link", link)
    })
    .await;
    let question = [ForgeQuery::Activity(Number::new(1))];
    let answers = server
        .as_user()
        .read(&repo(), &question, Freshness::Fresh)
        .await;
    let Ok(Answer::Activity(listing)) = &answers[0] else {
        panic!("{answers:?}");
    };
    assert!(!listing.complete);
}

async fn page(forge: &GithubForge, after: Option<String>) -> (Vec<u64>, Option<String>) {
    let question = [ForgeQuery::OpenItems { after, limit: 10 }];
    let mut answers = forge.read(&repo(), &question, Freshness::Fresh).await;
    let Ok(Answer::OpenItems(page)) = answers.remove(0) else {
        panic!("{answers:?}");
    };
    let numbers = page.rows.iter().map(|row| row.number.value());
    (numbers.collect(), page.next)
}

/// Open items with ascending times, and a forge that lists them.
async fn open_items(count: u64) -> (Arc<Mutex<Vec<Value>>>, Server) {
    let rows = (1..=count).map(|number| {
        let mut row = issue(number);
        row["created_at"] = json!(format!(
            "2023-01-01T{:02}:{:02}:00Z",
            number / 60,
            number % 60
        ));
        row
    });
    let open = Arc::new(Mutex::new(rows.collect::<Vec<_>>()));
    let listed = Arc::clone(&open);
    let server = Server::start(move |seen| paged(seen, &listed.lock().unwrap())).await;
    (open, server)
}

#[tokio::test]
async fn what_is_closed_while_we_walk_hides_nothing_behind_it() {
    let (open, server) = open_items(45).await;
    let forge = server.as_user();
    let (first, next) = page(&forge, None).await;
    assert_eq!(first, (1..=10).collect::<Vec<_>>());
    let (second, next) = page(&forge, next).await;
    assert_eq!(second, (11..=20).collect::<Vec<_>>());
    // Everything seen so far is closed: what follows moves up by two whole pages.
    open.lock().unwrap().drain(..20);
    let mut rest = Vec::new();
    let mut after = next;
    while after.is_some() {
        let (rows, next) = page(&forge, after).await;
        rest.extend(rows);
        after = next;
    }
    assert_eq!(rest, (21..=45).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_walk_ends_where_everything_is_closed() {
    let (open, server) = open_items(25).await;
    let forge = server.as_user();
    let (_, next) = page(&forge, None).await;
    open.lock().unwrap().clear();
    assert_eq!(page(&forge, next).await, (Vec::new(), None));
}

#[tokio::test]
async fn a_foreign_cursor_is_a_defect() {
    let (_, server) = open_items(1).await;
    for after in [
        "",
        "2",
        "0.1.1.1",
        "10.0.1.1",
        "101.1.1.1",
        "a.b.c.d",
        "10.1.1.1.1",
    ] {
        let question = [ForgeQuery::OpenItems {
            after: Some(after.to_owned()),
            limit: 10,
        }];
        let answers = server
            .as_user()
            .read(&repo(), &question, Freshness::Fresh)
            .await;
        assert_eq!(
            answers[0].as_ref().unwrap_err().kind,
            Kind::Invalid,
            "{after}"
        );
    }
}

#[tokio::test]
async fn only_open_pull_requests_with_that_head_are_of_the_commit() {
    let (sha, other) = ("a1".repeat(20), "b2".repeat(20));
    let pull = |number: u64, state: &str, sha: &str| json!({"number": number, "state": state, "head": {"ref": "f", "sha": sha, "repo": null}});
    let rows = json!([
        pull(1, "open", &sha),
        pull(2, "closed", &sha),
        pull(3, "open", &other),
    ]);
    let server = Server::start(move |seen| {
        if seen.path.contains("/commits/b2") {
            answer(422, &json!({"message": "No commit found for SHA: b2"}))
        } else {
            ok(&rows)
        }
    })
    .await;
    let questions = [
        ForgeQuery::PullsOfCommit(Sha::parse(&sha).unwrap()),
        ForgeQuery::PullsOfCommit(Sha::parse(&other).unwrap()),
    ];
    let answers = server
        .as_user()
        .read(&repo(), &questions, Freshness::Fresh)
        .await;
    let Ok(Answer::Pulls(listing)) = &answers[0] else {
        panic!("{answers:?}");
    };
    assert_eq!(listing.rows, [Number::new(1)]);
    assert_eq!(answers[1].as_ref().unwrap_err().kind, Kind::NotFound);
}
