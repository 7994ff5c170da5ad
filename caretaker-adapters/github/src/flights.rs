//! Equal questions under way at once are asked once.
//!
//! Only for those that take what others have just asked. A last look joins nobody: what it is told
//! must have been read after it asked.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use caretaker_core::{
    model::{Answer, ForgeQuery, RepoRef},
    ports::PortError,
};
use tokio::sync::OnceCell;

use crate::again;

type Flight = OnceCell<Result<Answer, PortError>>;

/// The questions under way.
#[derive(Default)]
pub(crate) struct Flights(Mutex<BTreeMap<String, Arc<Flight>>>);

/// A question about a repository, spelled so that equal ones are equal.
pub(crate) fn key(repo: &RepoRef, query: &ForgeQuery) -> String {
    let installation = repo.installation;
    let full = (&repo.owner, &repo.name);
    format!("{} {full:?} {installation:?} {query:?}", repo.key)
}

/// Takes a question off when the last who waits for it has its answer or goes away.
struct Waiting<'a> {
    flights: &'a Flights,
    key: &'a str,
    flight: Arc<Flight>,
}

impl Flights {
    /// The answer to the question that the key spells, asked unless somebody is asking it already.
    /// Where whoever asks goes away, one of those who wait asks anew.
    pub(crate) async fn join<F>(
        &self,
        key: &str,
        ask: impl FnOnce() -> F,
    ) -> Result<Answer, PortError>
    where
        F: Future<Output = Result<Answer, PortError>>,
    {
        let flight = self.with(|map| Arc::clone(map.entry(key.to_owned()).or_default()));
        let waiting = Waiting {
            flights: self,
            key,
            flight,
        };
        let told = waiting.flight.get_or_init(ask).await;
        match told {
            Ok(answer) => Ok(answer.clone()),
            Err(error) => Err(again(error)),
        }
    }

    fn with<T>(&self, step: impl FnOnce(&mut BTreeMap<String, Arc<Flight>>) -> T) -> T {
        step(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.flights.with(|map| {
            let ours = |known: &Arc<Flight>| Arc::ptr_eq(known, &self.flight);
            // An answer that is there was read before whoever comes now has asked.
            let over = self.flight.initialized() || Arc::strong_count(&self.flight) <= 2;
            if over && map.get(self.key).is_some_and(ours) {
                map.remove(self.key);
            }
        });
    }
}
