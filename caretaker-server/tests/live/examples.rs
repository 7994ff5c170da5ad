//! The payloads of npm `@octokit/webhooks-examples`, where they have been installed.

use std::{env, fs};

use serde::Deserialize;
use serde_json::value::RawValue;

/// One payload.
pub(crate) struct Example {
    /// Event, action and place among the event's examples: `issues.opened[0]`.
    pub(crate) name: String,
    /// What GitHub says in `X-GitHub-Event`.
    pub(crate) event: String,
    /// The body.
    pub(crate) body: String,
}

#[derive(Deserialize)]
struct Family {
    name: String,
    examples: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Head {
    action: Option<String>,
    repository: Option<Repository>,
}

#[derive(Deserialize)]
struct Repository {
    id: u64,
}

/// The repository that most examples are about, `Codertocat/Hello-World`.
const HELLO_WORLD: u64 = 186_853_002;

impl Example {
    /// Whether it is about that repository as it stands; others rename it or take it away.
    pub(crate) fn is_about_hello_world(&self) -> bool {
        if self.event == "repository" {
            return false;
        }
        let head: Head = serde_json::from_str(&self.body).expect("an example is JSON");
        head.repository
            .is_some_and(|repository| repository.id == HELLO_WORLD)
    }
}

/// All of them, in the package's order; `None`, with a word why, when they are not there.
#[expect(clippy::print_stderr, reason = "a test that is skipped says why")]
pub(crate) fn examples() -> Option<Vec<Example>> {
    let Ok(dir) = env::var("CARETAKER_WEBHOOK_EXAMPLES") else {
        eprintln!("skipped: CARETAKER_WEBHOOK_EXAMPLES names no directory; use make test-live");
        return None;
    };
    let index = format!("{dir}/api.github.com/index.json");
    let text = fs::read_to_string(&index).unwrap_or_else(|error| panic!("{index}: {error}"));
    let families: Vec<Family> = serde_json::from_str(&text).unwrap();
    let named = families.into_iter().flat_map(|family| {
        let Family { name, examples } = family;
        examples.into_iter().enumerate().map(move |(at, body)| {
            let head: Head = serde_json::from_str(body.get()).unwrap();
            let action = head
                .action
                .map_or_else(String::new, |action| format!(".{action}"));
            Example {
                name: format!("{name}{action}[{at}]"),
                event: name.clone(),
                body: body.get().to_owned(),
            }
        })
    });
    Some(named.collect())
}
