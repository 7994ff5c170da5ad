//! What anybody who looks at a GitHub sees, free of numbers, times and hashes that depend on the
//! order in which things came.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::play::Played;

/// Facts by what they are about.
pub(crate) struct Facts(BTreeMap<String, Value>);

impl Facts {
    /// Out of the state as the simulator tells it; `shas` are the commits that the plan made.
    pub(crate) fn of(state: &Value, shas: &[String]) -> Self {
        let mut facts = BTreeMap::new();
        let places: Vec<(&str, String)> = shas
            .iter()
            .enumerate()
            .map(|(at, sha)| (sha.as_str(), format!("<commit {at}>")))
            .collect();
        let without_hashes = |text: &str| {
            let mut text = text.to_owned();
            for (sha, place) in &places {
                // Whole, and as people write it.
                if text.contains(&sha[..7]) {
                    text = text.replace(sha, place).replace(&sha[..7], place);
                }
            }
            timeless(&text)
        };
        for repo in rows(&state["repositories"]) {
            let repo_name = repo["name"].as_str().unwrap();
            let branches = repo["branches"].as_object().unwrap();
            let names: Vec<_> = branches.keys().collect();
            facts.insert(format!("{repo_name} branches"), json!(names));
            for item in rows(&repo["items"]) {
                let mut comments: Vec<_> = rows(&item["comments"])
                    .map(|it| {
                        json!([
                            it["by"],
                            without_hashes(it["body"].as_str().unwrap()),
                            it["reactions"]
                        ])
                    })
                    .collect();
                comments.sort_by_key(ToString::to_string);
                let mut checks: Vec<_> = rows(&item["checks"])
                    .map(|it| {
                        json!([
                            it["name"],
                            it["app"],
                            it["status"],
                            it["conclusion"],
                            it["title"]
                        ])
                    })
                    .collect();
                checks.sort_by_key(ToString::to_string);
                let mut labels: Vec<_> = rows(&item["labels"]).cloned().collect();
                labels.sort_by_key(ToString::to_string);
                let fact = json!({
                    "title": item["title"],
                    "open": item["open"],
                    "merged": item["merged"],
                    "head": item["head"].as_str().map(without_hashes),
                    "labels": labels,
                    "comments": comments,
                    "checks": checks,
                    "statuses": item["statuses"],
                });
                facts.insert(format!("{repo_name}#{}", item["number"]), fact);
            }
        }
        Self(facts)
    }

    /// The open pull requests of each repository.
    pub(crate) fn open_pulls(state: &Value) -> Vec<(String, Vec<u64>)> {
        let open = |repo: &Value| {
            rows(&repo["items"])
                .filter(|item| item["open"] == true && !item["head"].is_null())
                .filter_map(|item| item["number"].as_u64())
                .collect()
        };
        rows(&state["repositories"])
            .map(|repo| (repo["name"].as_str().unwrap().to_owned(), open(repo)))
            .collect()
    }
}

/// Text without the days and times in it (`2026-01-05`, `2026-01-05T09:00:00Z`).
fn timeless(text: &str) -> String {
    let is_day = |text: &str| {
        let day = text.as_bytes().get(..10);
        day.is_some_and(|day| {
            let fits = |(at, byte): (usize, &u8)| match at {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            };
            day.iter().enumerate().all(fits)
        })
    };
    let (mut plain, mut rest) = (String::new(), text);
    while let Some(next) = rest.chars().next() {
        if is_day(rest) {
            plain.push_str("<time>");
            rest = rest[10..].trim_start_matches(|c: char| c.is_ascii_digit() || "T:Z".contains(c));
        } else {
            plain.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    plain
}

fn rows(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Both plays ended with the same to see.
pub(crate) fn same(calm: &Played, wild: &Played) {
    let (kept, Facts(calm), Facts(wild)) = (wild, &calm.facts, &wild.facts);
    assert!(calm.keys().eq(wild.keys()), "other items");
    let merged = calm.values().filter(|fact| fact["merged"] == true).count();
    assert!(merged > 0, "nothing was merged at all: this shows nothing");
    let mut differ = Vec::new();
    for (about, fact) in calm {
        for (name, value) in fact.as_object().into_iter().flatten() {
            let other = &wild[about][name];
            if value != other {
                differ.push(format!(
                    "{about} {name}:\n  undisturbed {value}\n  disturbed   {other}"
                ));
            }
        }
        if !fact.is_object() && *fact != wild[about] {
            differ.push(format!(
                "{about}:\n  undisturbed {fact}\n  disturbed   {}",
                wild[about]
            ));
        }
    }
    if differ.is_empty() {
        return;
    }
    panic!(
        "{} of {} facts differ, and what the disturbed one did is in {}:\n{}",
        differ.len(),
        calm.len(),
        kept.keep(),
        differ.join("\n")
    );
}
