//! `caretaker route`: who would hear a delivery, or be asked for code, and why. Asks nobody, needs
//! no signature.

mod plan;

use std::fmt::Write as _;
use std::path::PathBuf;

use caretaker_core::agents::{Agent, all};
use caretaker_core::intake::{self, Headers, Us};
use caretaker_core::model::{Delivery, Event, RepoRef, Timestamp};
use caretaker_core::route;
use clap::Args;
use serde::Serialize;

use super::files::read_input;
use super::out::Out;
use super::{Exit, agents};

/// Tell which agents would hear a webhook delivery, or who would be asked for code, and why
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker route --event issues --payload opened.json
  gh api repos/o/r/hooks/1/deliveries/2 --jq .request.payload |
    caretaker route --event push --payload -
  caretaker route --event check_run --payload body.json --json
  caretaker route --feature ci_fix --repo-config .github/maintainer/config.yml
  caretaker route --feature ci_fix --label agent:foundry --size 3f/120l --path src/a.rs --same-repo
  caretaker route --feature review_fix --fork --json

Whether a repository switches an agent on is not asked; `run --dry-run` does
that.

Exit codes: 0 told, also when nobody hears it; 1 the server would refuse the
body, or nobody may be asked for code; 2 something cannot be read.")]
pub(super) struct Route {
    /// What GitHub says in X-GitHub-Event
    #[arg(long, value_name = "NAME", requires = "payload")]
    #[arg(conflicts_with = "Known")]
    event: Option<String>,
    /// The body as GitHub sends it, or - for stdin
    #[arg(long, value_name = "FILE|-", requires = "event")]
    payload: Option<PathBuf>,
    #[command(flatten)]
    known: plan::Known,
}

#[derive(Serialize)]
struct Told {
    event: String,
    action: Option<String>,
    scope: String,
    repository: Option<String>,
    events: Vec<Projected>,
    unheard: Option<&'static str>,
}

#[derive(Serialize)]
struct Projected {
    kind: String,
    subject: String,
    scope: String,
    actor: Option<String>,
    listeners: Vec<Listener>,
    others: Vec<Other>,
}

#[derive(Serialize)]
struct Listener {
    agent: &'static str,
    reacts: &'static str,
    why: String,
}

#[derive(Serialize)]
struct Other {
    agent: &'static str,
    why: String,
}

#[derive(Serialize)]
struct Refused {
    event: String,
    refused: String,
}

impl Route {
    pub(super) fn run(&self, out: Out) -> anyhow::Result<Exit> {
        if let Some(exit) = self.known.run(out)? {
            return Ok(exit);
        }
        let (Some(event), Some(payload)) = (&self.event, &self.payload) else {
            anyhow::bail!("name what to tell about: --event with --payload, or --feature");
        };
        let body = read_input(payload)?;
        let headers = Headers {
            event: event.trim(),
            guid: "route",
            hook_id: None,
            hook_target_type: None,
            hook_target_id: None,
        };
        if headers.event.is_empty() {
            anyhow::bail!("--event is empty; name what GitHub says in X-GitHub-Event");
        }
        let envelope = match intake::envelope(&headers, &body) {
            Ok(envelope) => envelope,
            Err(why) => {
                let refused = Refused {
                    event: event.clone(),
                    refused: why.to_string(),
                };
                out.show(&refused, |refused| {
                    format!("refused with status 400: {}", refused.refused)
                })?;
                return Ok(Exit::No);
            }
        };
        // The time of acceptance stands in for times that the body leaves out; routing reads none.
        let delivery = Delivery::new(headers.into(), Timestamp::default(), envelope, body);
        let projected = intake::project(&delivery, &Us::default());
        let envelope = &delivery.envelope;
        let told = Told {
            event: delivery.headers.event.clone(),
            action: envelope.action.clone(),
            scope: envelope.scope().to_string(),
            repository: envelope.repository.as_ref().map(RepoRef::full_name),
            events: projected.events.iter().map(Projected::of).collect(),
            unheard: projected.unheard,
        };
        out.show(&told, Told::text)?;
        Ok(Exit::Good)
    }
}

impl Projected {
    fn of(event: &Event) -> Self {
        let (mut listeners, mut others) = (Vec::new(), Vec::new());
        for agent in all() {
            let manifest = agent.manifest();
            let reacts = manifest.reacts_to(event.kind);
            match reacts.filter(|_| route::hears(agent, event)) {
                Some(reacts) => listeners.push(Listener {
                    agent: manifest.name,
                    reacts: agents::reacts(reacts),
                    why: why(agent, event),
                }),
                None => others.push(Other {
                    agent: manifest.name,
                    why: why_not(agent, event),
                }),
            }
        }
        Self {
            kind: event.kind.name(),
            subject: event.subject.to_string(),
            scope: event.scope.to_string(),
            actor: event.actor.as_ref().map(|actor| actor.login.to_string()),
            listeners,
            others,
        }
    }
}

fn why(agent: &dyn Agent, event: &Event) -> String {
    let manifest = agent.manifest();
    let switch = match manifest.params.switch() {
        Some(section) => format!("if {section}.enabled is on"),
        None => "always on".to_owned(),
    };
    format!("listens to {}; {switch}", event.kind.name())
}

fn why_not(agent: &dyn Agent, event: &Event) -> String {
    let manifest = agent.manifest();
    if manifest.reacts_to(event.kind).is_none() {
        format!("does not listen to {}", event.kind.name())
    } else if !manifest.looks_at(&event.subject) {
        format!("does not look at {}", event.subject)
    } else {
        "is not called".to_owned()
    }
}

impl Told {
    fn text(&self) -> String {
        let mut text = String::new();
        let mut say = |line: std::fmt::Arguments<'_>| {
            writeln!(text, "{line}").expect("writing to a string cannot fail");
        };
        let action = self.action.as_deref().unwrap_or("(no action)");
        let place = self.repository.as_deref().unwrap_or(&self.scope);
        say(format_args!("{} {action} in {place}", self.event));
        if let Some(why) = self.unheard {
            say(format_args!("  nobody hears it: {why}, {}", meaning(why)));
        }
        for event in &self.events {
            say(format_args!("  {} about {}", event.kind, event.subject));
            if event.listeners.is_empty() {
                say(format_args!("    nobody hears it"));
            }
            for listener in &event.listeners {
                let Listener { agent, reacts, why } = listener;
                say(format_args!("    heard by {agent} ({reacts}): {why}"));
            }
            for Other { agent, why } in &event.others {
                say(format_args!("    not by {agent}: {why}"));
            }
        }
        text
    }
}

/// What a word for silence means, for people.
fn meaning(why: &str) -> &'static str {
    match why {
        "echo" => "it is our own doing coming back",
        "not_projected" => "no kind of event stands for it",
        "does_not_fit" => "the body is not what the event name says",
        _ => "it stands for nothing that could be decided",
    }
}
