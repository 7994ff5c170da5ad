//! `caretaker deliveries`, beside the process that serves the store.

use std::sync::Arc;

use caretaker_core::model::{BacklogLimits, DedupKey, Outcome, Settle, Span};
use caretaker_core::ports::{Fence, Storage, Write};
use caretaker_testkit::samples::{at, closed, delivery, issue, item, run};

use super::Desk;
use super::stored::desk;

/// A store in which `dead-1` was given up as a whole, `half-2` in one item, `done-3` was handled,
/// and `wait-4` waits.
async fn stood() -> (Desk, Arc<dyn Storage>) {
    let (desk, storage) = desk(Vec::new()).await;
    let fence = storage
        .holder("consumer", at(1))
        .await
        .unwrap()
        .unwrap()
        .fence;
    let accept = |key: &str| Write::Accept {
        delivery: Box::new(delivery(key)),
        limits: BacklogLimits::NONE,
    };
    let keys = ["dead-1", "half-2", "done-3", "wait-4"];
    storage
        .commit(None, keys.map(accept).to_vec())
        .await
        .unwrap();
    let expand = |key: &str, items| Write::Expand {
        delivery: DedupKey::new(key),
        items,
        unheard: None,
    };
    let record = closed(run("dead-1", "intake"), Outcome::Buried("odd".to_owned()));
    let writes = vec![
        Write::BuryDelivery {
            delivery: DedupKey::new("dead-1"),
            record: Box::new(record),
        },
        expand("half-2", vec![item("half-2/0", 1, issue(7))]),
        expand("done-3", Vec::new()),
    ];
    storage.commit(Some(fence), writes).await.unwrap();
    bury(&storage, fence).await;
    (desk, storage)
}

async fn bury(storage: &Arc<dyn Storage>, fence: Fence) {
    let now = at(0) + Span::days(200 * 365);
    for (error, fault) in [("away", false), ("away", false), ("it panicked", true)] {
        let taken = storage.take(fence, now, 1).await.unwrap();
        let later = Settle::Later {
            at: now,
            error: error.to_owned(),
            fault,
        };
        let settle = Write::Settle {
            item: taken[0].item.event.id.clone(),
            how: later,
        };
        storage.commit(Some(fence), vec![settle]).await.unwrap();
    }
    let taken = storage.take(fence, now, 1).await.unwrap();
    let settle = Write::Settle {
        item: taken[0].item.event.id.clone(),
        how: Settle::Buried("the code failed five times".to_owned()),
    };
    storage.commit(Some(fence), vec![settle]).await.unwrap();
}

fn keys(desk: &Desk, more: &[&str]) -> Vec<String> {
    let words = [&["deliveries", "list", "--json"], more].concat();
    let listed = desk.call(&words).json(0);
    let rows = listed["deliveries"].as_array().unwrap().iter();
    rows.map(|row| row["key"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_listed_youngest_first_and_filtered() {
    let (desk, _served) = stood().await;
    assert_eq!(keys(&desk, &[]), ["wait-4", "done-3", "half-2", "dead-1"]);
    assert_eq!(keys(&desk, &["--limit", "1"]), ["wait-4"]);
    assert_eq!(keys(&desk, &["--state", "waiting"]), ["wait-4"]);
    assert_eq!(keys(&desk, &["--state", "closed"]), ["done-3"]);
    for filter in [&["--state", "buried"][..], &["--failed"]] {
        assert_eq!(keys(&desk, filter), ["half-2", "dead-1"], "{filter:?}");
    }
    assert_eq!(keys(&desk, &["--repo", "nobody/nothing"]), [""; 0]);
    assert_eq!(keys(&desk, &["--event", "nothing"]), [""; 0]);
    assert_eq!(keys(&desk, &["--since", "2200-01-01"]), [""; 0]);
    let said = desk.call(&["deliveries", "list", "--state", "buried"]);
    assert!(said.text(0).contains("half-2"), "{said:?}");
    let odd = desk.call(&["deliveries", "list", "--state", "odd"]);
    assert!(odd.err.contains("waiting, open, closed, buried"), "{odd:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_shown_with_why_it_was_given_up() {
    let (desk, _served) = stood().await;
    let said = desk.call(&["deliveries", "show", "half"]);
    assert!(
        said.text(0).contains("the code failed five times"),
        "{said:?}"
    );
    let json = desk
        .call(&["deliveries", "show", "half-2", "--json"])
        .json(0);
    assert_eq!(
        (&json["state"], &json["items"][0]["state"]),
        (&"buried".into(), &"buried".into())
    );
    let failures = &json["items"][0]["failures"];
    assert_eq!(
        (
            &failures[0]["error"],
            &failures[0]["times"],
            &failures[0]["own"]
        ),
        (&"away".into(), &2.into(), &false.into())
    );
    assert_eq!(failures[1]["error"], "it panicked");
    assert!(said.text(0).contains("2 × outside"), "{said:?}");
    let none = desk.call(&["deliveries", "show", "nothing"]);
    assert!(
        none.err.contains("`caretaker deliveries list` names"),
        "{none:?}"
    );
    assert_eq!(none.code, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_goes_back_in_a_new_generation_and_nothing_else_does() {
    let (desk, storage) = stood().await;
    let handled = desk.call(&["deliveries", "redrive", "done-3"]);
    assert_eq!(handled.code, 1, "{handled:?}");
    assert!(
        handled.err.contains("nothing of it was given up"),
        "{handled:?}"
    );
    let one = desk
        .call(&["deliveries", "redrive", "half-2", "--json"])
        .json(0);
    assert_eq!(one["redriven"], serde_json::json!(["half-2"]));
    let shown = desk
        .call(&["deliveries", "show", "half-2", "--json"])
        .json(0);
    assert_eq!(
        (&shown["state"], &shown["generation"]),
        (&"open".into(), &1.into())
    );
    assert_eq!(shown["items"][0]["generation"], 1);
    let rest = desk
        .call(&["deliveries", "redrive", "--all", "--json"])
        .json(0);
    assert_eq!(rest["redriven"], serde_json::json!(["dead-1"]));
    let waiting = storage.unexpanded(9).await.unwrap();
    assert!(
        waiting
            .iter()
            .any(|one| one.key.as_str() == "dead-1" && !one.body.is_empty())
    );
    let none = desk.call(&["deliveries", "redrive", "--all"]);
    assert!(none.text(0).contains("nothing was given up"), "{none:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_is_let_go_and_nothing_else_is() {
    let (desk, storage) = stood().await;
    let waits = desk.call(&["deliveries", "drop", "wait-4"]);
    assert_eq!(waits.code, 1, "{waits:?}");
    assert!(
        waits.err.contains("nothing of it was given up"),
        "{waits:?}"
    );
    let one = desk.call(&["deliveries", "drop", "half-2"]);
    assert!(one.text(0).contains("let go: half-2"), "{one:?}");
    assert_eq!(keys(&desk, &["--state", "buried"]), ["dead-1"]);
    let rest = desk
        .call(&["deliveries", "drop", "--all", "--json"])
        .json(0);
    assert_eq!(rest["dropped"], serde_json::json!(["dead-1"]));
    assert_eq!(storage.depth().await.unwrap().buried, 0);
    let again = desk.call(&["deliveries", "redrive", "dead-1"]);
    assert_eq!(again.code, 1, "{again:?}");
    assert_eq!(keys(&desk, &["--state", "waiting"]), ["wait-4"]);
}
