//! Control routes, below `/_sim/`: a script at a shell moves the world and looks into it.
//!
//! [`CONTROLS`] lists them; `docs/simulator.md` is made of it.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::ask::decode;
use super::wire::{Incoming, Outgoing};
use crate::world::World;
use crate::world::act::Act;
use crate::world::faults::{Fault, Release};
use crate::world::log::Log;
use crate::world::state::State;
use crate::world::webhook::{Mishap, wire_names};

/// One control route.
#[derive(Clone, Copy, Debug)]
pub struct Control {
    /// Its method.
    pub method: &'static str,
    /// Its path.
    pub path: &'static str,
    /// Its query, where it knows one.
    pub query: &'static str,
    /// A body as YAML, where it takes one; JSON is YAML.
    pub body: &'static str,
    /// What it does or tells.
    pub what: &'static str,
}

const fn control(
    method: &'static str,
    path: &'static str,
    query: &'static str,
    body: &'static str,
    what: &'static str,
) -> Control {
    Control {
        method,
        path,
        query,
        body,
        what,
    }
}

/// Every control route.
pub const CONTROLS: &[Control] = &[
    control(
        "POST",
        "/_sim/act",
        "repo=octo/widgets",
        "{do: comment, number: 1, by: alice, text: hello}",
        "somebody does something",
    ),
    control(
        "POST",
        "/_sim/faults",
        "",
        "{call: GET, nth: 3, times: 2, then: {do: page, v: 502}}",
        "scripts a fault, or a list of them",
    ),
    control(
        "DELETE",
        "/_sim/faults",
        "",
        "",
        "takes all faults back that have not struck",
    ),
    control(
        "POST",
        "/_sim/limits",
        "",
        "{left: 10, content_per_minute: 5}",
        "leaves so many requests of our hour; allows so much content (comments, reviews, issues, \
         pull requests) a minute before the secondary limit refuses",
    ),
    control(
        "GET",
        "/_sim/log",
        "on=TEXT&writes=1&effects=1&since=N",
        "",
        "calls in order, all or some",
    ),
    control(
        "GET",
        "/_sim/state",
        "",
        "",
        "repositories with items, comments, checks",
    ),
    control("GET", "/_sim/held", "", "", "calls that wait for release"),
    control(
        "POST",
        "/_sim/release",
        "",
        "{how: perform}",
        "lets them go on: `perform`, `refuse` or `withhold`",
    ),
    control(
        "GET",
        "/_sim/deliveries",
        "",
        "",
        "what was emitted, and what came of handing it over",
    ),
    control(
        "POST",
        "/_sim/deliver",
        "",
        "{guid: …}",
        "hands the same delivery over again",
    ),
    control(
        "POST",
        "/_sim/mishap",
        "",
        "{event: labeled, what: twice}",
        "the next delivery of this event comes `twice`, `late`, or is `lost`",
    ),
    control(
        "GET",
        "/_sim/violations",
        "",
        "",
        "requests that a well-made client would not send",
    ),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Granted {
    left: Option<u32>,
    content_per_minute: Option<u32>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Faults {
    One(Fault),
    Many(Vec<Fault>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Freed {
    how: Release,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Again {
    guid: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Accident {
    event: String,
    what: Mishap,
}

fn read<T: DeserializeOwned>(incoming: &Incoming) -> Result<T, String> {
    let text = std::str::from_utf8(&incoming.body).map_err(|error| error.to_string())?;
    serde_saphyr::from_str(text).map_err(|error| error.to_string())
}

impl World {
    /// Answers a control request. These are not in the log.
    pub(super) fn control(&self, incoming: &Incoming) -> Outgoing {
        match self.controlled(incoming) {
            Ok(body) => Outgoing::json(200, &body),
            Err(message) => Outgoing::json(400, &json!({"error": message})),
        }
    }

    fn controlled(&self, incoming: &Incoming) -> Result<Value, String> {
        let asked = |name: &str| {
            let pairs = incoming
                .query()
                .split('&')
                .filter_map(|pair| pair.split_once('='));
            let mut named = pairs.filter(|(known, _)| *known == name);
            named.next().and_then(|(_, value)| decode(value))
        };
        match (incoming.method.as_str(), incoming.path()) {
            ("POST", "/_sim/act") => {
                let act: Act = read(incoming)?;
                let world = asked("repo").map_or_else(|| self.clone(), |name| self.in_repo(&name));
                let told = world.with(|state| {
                    if state.repos.contains_key(&world.repo) {
                        state.act(world.repo, act)
                    } else {
                        Err(super::Trouble::new(
                            404,
                            "no repository yet: name one with ?repo=",
                        ))
                    }
                });
                let told = told.map_err(|t| format!("GitHub would refuse this: {}", t.message))?;
                Ok(json!(told))
            }
            ("POST", "/_sim/faults") => {
                let faults = match read(incoming)? {
                    Faults::One(fault) => vec![fault],
                    Faults::Many(faults) => faults,
                };
                let count = faults.len();
                for fault in faults {
                    self.fault(fault);
                }
                Ok(json!({"scripted": count}))
            }
            ("DELETE", "/_sim/faults") => {
                self.clear_faults();
                Ok(json!({}))
            }
            ("POST", "/_sim/limits") => {
                let granted: Granted = read(incoming)?;
                if let Some(left) = granted.left {
                    self.requests_left(left);
                }
                if granted.content_per_minute.is_some() {
                    self.content_per_minute(granted.content_per_minute);
                }
                Ok(json!({}))
            }
            ("GET", "/_sim/log") => {
                let mut log = self.log();
                if let Some(text) = asked("on") {
                    log = log.on(&text);
                }
                if let Some(seq) = asked("since").and_then(|seq| seq.parse().ok()) {
                    log = log.since(seq);
                }
                if asked("writes").is_some() {
                    log = log.writes();
                }
                if asked("effects").is_some() {
                    log = log.effects();
                }
                let Log(entries) = log;
                Ok(json!(entries))
            }
            ("GET", "/_sim/state") => Ok(self.look(State::told)),
            ("GET", "/_sim/held") => Ok(json!(self.held_calls())),
            ("POST", "/_sim/release") => {
                let freed: Freed = read(incoming)?;
                Ok(json!({"released": self.release(freed.how)}))
            }
            ("GET", "/_sim/deliveries") => {
                let made: Vec<_> = self.deliveries().iter().map(wire_names).collect();
                Ok(json!({"made": made, "sent": self.sent()}))
            }
            ("POST", "/_sim/deliver") => {
                let again: Again = read(incoming)?;
                if self.redeliver(&again.guid) {
                    Ok(json!({}))
                } else {
                    Err("there is no delivery of that guid; see GET /_sim/deliveries".to_owned())
                }
            }
            ("POST", "/_sim/mishap") => {
                let accident: Accident = read(incoming)?;
                self.with(|state| state.outbox.script(&accident.event, accident.what));
                Ok(json!({}))
            }
            ("GET", "/_sim/violations") => Ok(json!(self.look(|state| state.violations.clone()))),
            (method, path) => Err(format!("no control route {method} {path}")),
        }
    }
}

impl State {
    /// The state as a script wants to see it.
    fn told(&self) -> Value {
        let repos = self.repos.values().map(|repo| {
            let items = repo.items.values().map(|item| {
                let comments = self.comments_of(repo.id, item.number).into_iter();
                let comments = comments.map(|comment| {
                    json!({
                        "id": comment.id,
                        "by": comment.author,
                        "ours": self.is_ours(comment),
                        "body": comment.body,
                        "reactions": comment.reactions.iter()
                            .map(|row| json!({"by": row.login, "word": row.word}))
                            .collect::<Vec<_>>(),
                    })
                });
                let mut json = json!({
                    "number": item.number,
                    "title": item.title,
                    "by": item.author,
                    "open": item.open,
                    "labels": item.labels,
                    "updated": item.updated.to_string(),
                    "comments": comments.collect::<Vec<_>>(),
                });
                if let Some(pull) = &item.pull {
                    json["head"] = json!(pull.head_sha);
                    json["merged"] = json!(pull.merged_at.is_some());
                    json["mergeable_state"] = json!(self.merge_state(repo.id, pull, item.number));
                    let runs = self.newest_runs(repo.id, &pull.head_sha).into_iter();
                    let runs = runs.map(|run| {
                        json!({
                            "name": run.name,
                            "app": run.app,
                            "status": run.status,
                            "conclusion": run.conclusion,
                            "title": run.title,
                        })
                    });
                    json["checks"] = runs.collect();
                    let rows = self.newest_statuses(repo.id, &pull.head_sha).into_iter();
                    let rows = rows.map(|row| {
                        json!({
                            "context": row.context,
                            "by": row.creator,
                            "state": row.state,
                            "description": row.description,
                        })
                    });
                    json["statuses"] = rows.collect();
                }
                json
            });
            let branches = repo.branches.iter();
            json!({
                "id": repo.id,
                "name": repo.full_name(),
                "branches": branches.map(|(name, b)| (name.clone(), json!(b.sha))).collect::<serde_json::Map<_, _>>(),
                "items": items.collect::<Vec<_>>(),
            })
        });
        json!({"now": self.now.to_string(), "repositories": repos.collect::<Vec<_>>()})
    }
}
