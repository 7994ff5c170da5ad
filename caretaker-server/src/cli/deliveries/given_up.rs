//! What was given up: put back on the queue, or let go.

use caretaker_core::model::{BacklogLimits, DedupKey};
use caretaker_core::ports::{Write, Wrote};
use clap::Args;
use serde::Serialize;

use super::view::word;
use super::{each, find};
use crate::cli::Exit;
use crate::cli::out::{self, Out};
use crate::cli::store::Store;
use crate::settings::Settings;

/// Put what was given up back on the queue, to be decided afresh
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker deliveries redrive 72d3162e-cc78-11e3-81ab-4c9367dc0958
  caretaker deliveries redrive --all

What a delivery was given up in gets a new generation: its agents decide again,
on what is there now, and what they recorded before stays. What was handled is
not done again. Works beside a running server, which takes it up, and without
one.

Exit codes: 0 it waits again, or with --all there was nothing; 1 it was not
given up; 2 there is no store, or no such delivery.")]
pub(in crate::cli) struct Redrive {
    #[command(flatten)]
    of: GivenUp,
}

/// Let go of what was given up: it counts no more and comes back no more
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker deliveries drop 72d3162e-cc78-11e3-81ab-4c9367dc0958
  caretaker deliveries drop --all --json

For what is understood and shall not be tried again. A repeat of it is a
duplicate from then on, and GitHub's Redeliver does nothing. What was recorded
stays. Works beside a running server and without one.

Exit codes: 0 it is let go, or with --all there was nothing; 1 it was not given
up; 2 there is no store, or no such delivery.")]
pub(in crate::cli) struct Drop {
    #[command(flatten)]
    of: GivenUp,
}

/// Of what was given up, one or everything.
#[derive(Debug, Args)]
struct GivenUp {
    /// Its key as `list` prints it, a beginning of that, or GitHub's GUID
    #[arg(
        value_name = "DELIVERY",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    delivery: Option<String>,
    /// Everything that was given up and is still kept
    #[arg(long)]
    all: bool,
}

#[derive(Serialize)]
struct Redriven {
    redriven: Vec<String>,
}

#[derive(Serialize)]
struct Dropped {
    dropped: Vec<String>,
}

impl Redrive {
    pub(super) async fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        let store = Store::open(settings).await?;
        let Some(keys) = self.of.keys(&store).await? else {
            return Ok(Exit::No);
        };
        let mut redriven = Vec::new();
        for key in keys {
            if again(&store, &key).await? {
                redriven.push(key.to_string());
            }
        }
        out.show(&Redriven { redriven }, |told| match told.redriven.len() {
            0 => "nothing was given up".to_owned(),
            _ => format!("waiting again: {}", told.redriven.join(", ")),
        })?;
        Ok(Exit::Good)
    }
}

impl Drop {
    pub(super) async fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        let store = Store::open(settings).await?;
        let Some(keys) = self.of.keys(&store).await? else {
            return Ok(Exit::No);
        };
        let mut dropped = Vec::new();
        for key in keys {
            let drop = vec![Write::Drop(key.clone())];
            if store.ports.storage.commit(None, drop).await? == [Wrote::Done] {
                dropped.push(key.to_string());
            }
        }
        out.show(&Dropped { dropped }, |told| match told.dropped.len() {
            0 => "nothing was given up".to_owned(),
            _ => format!("let go: {}", told.dropped.join(", ")),
        })?;
        Ok(Exit::Good)
    }
}

impl GivenUp {
    /// The delivery that is named, or all in the order in which they came. `None` when nothing of
    /// that one was given up, which is said.
    async fn keys(&self, store: &Store) -> anyhow::Result<Option<Vec<DedupKey>>> {
        let mut keys = Vec::new();
        if let Some(named) = &self.delivery {
            let standing = find(store, named).await?;
            if !standing.is_buried() {
                let (key, state) = (&standing.delivery.key, word(&standing));
                out::complain(format_args!(
                    "{key} is {state}: nothing of it was given up; `caretaker run` has a \
                     repository, pull request or issue looked at again"
                ));
                return Ok(None);
            }
            keys.push(standing.delivery.key);
        } else {
            each(store, |standing| {
                if standing.is_buried() {
                    keys.push(standing.delivery.key.clone());
                }
                true
            })
            .await?;
            keys.reverse();
        }
        Ok(Some(keys))
    }
}

/// Accepts a delivery again, as its repeat would be; says whether it was still given up.
async fn again(store: &Store, key: &DedupKey) -> anyhow::Result<bool> {
    let storage = &store.ports.storage;
    let Some(mut delivery) = storage.delivery(key).await? else {
        return Ok(false);
    };
    delivery.received_at = store.ports.clock.now();
    let accept = Write::Accept {
        delivery: Box::new(delivery),
        // It was accepted once; a full backlog is no reason to refuse who decides now.
        limits: BacklogLimits::NONE,
    };
    let wrote = storage.commit(None, vec![accept]).await?;
    Ok(wrote == [Wrote::Accepted])
}
