//! Our memory with accidents.

use std::sync::Arc;

use async_trait::async_trait;
use caretaker_core::model::{
    AgentName, DedupKey, Delivery, Depth, EventId, ItemState, Pause, RepoKey, Retention, Run,
    RunId, Span, Taken, Timestamp, Versioned,
};
use caretaker_core::ports::{
    Attempt, Bus, ClaimRow, DueRecheck, Fence, Filter, Holder, Journal, KnownRepo, Leases, Ledger,
    PortError, Recorded, Repos, Retained, Standing, State, Storage, Store, Write, Wrote,
};

use super::Faulty;

pub(super) struct FaultyStorage {
    pub(super) inner: Arc<dyn Storage>,
    pub(super) faulty: Faulty,
}

/// A write in a word or two.
fn word(write: &Write) -> String {
    match write {
        Write::Accept { .. } => "accept".to_owned(),
        Write::Expand { .. } => "expand".to_owned(),
        Write::BuryDelivery { .. } => "bury_delivery".to_owned(),
        Write::Drop(_) => "drop".to_owned(),
        Write::Enqueue(_) => "enqueue".to_owned(),
        Write::Settle { .. } => "settle".to_owned(),
        Write::Claim { index, .. } => format!("claim/{index}"),
        Write::Finish { .. } => "finish".to_owned(),
        Write::Put { .. } => "put".to_owned(),
        Write::Step(_) => "step".to_owned(),
        Write::Close(_) => "close".to_owned(),
        Write::Recheck { .. } => "recheck".to_owned(),
        Write::Blob { .. } => "blob".to_owned(),
        Write::Learn(_) => "learn".to_owned(),
        Write::CoolDown { .. } => "cool_down".to_owned(),
        Write::Pause { .. } => "pause".to_owned(),
    }
}

#[async_trait]
impl Store for FaultyStorage {
    async fn commit(
        &self,
        fence: Option<Fence>,
        writes: Vec<Write>,
    ) -> Result<Vec<Wrote>, PortError> {
        let words: Vec<_> = writes.iter().map(word).collect();
        let committing = self.inner.commit(fence, writes);
        self.faulty
            .pass("store.commit", &words.join(", "), committing)
            .await
    }

    async fn retain(&self, now: Timestamp, keep: &Retention) -> Result<Retained, PortError> {
        self.faulty
            .pass("store.retain", "", self.inner.retain(now, keep))
            .await
    }
}

/// Methods that pass their arguments on.
macro_rules! passed_on {
    ($port:ident { $($op:literal $name:ident($($arg:ident: $ty:ty),*) -> $out:ty;)* }) => {
        #[async_trait]
        impl $port for FaultyStorage {
            $(async fn $name(&self $(, $arg: $ty)*) -> Result<$out, PortError> {
                self.faulty.pass($op, "", self.inner.$name($($arg),*)).await
            })*
        }
    };
}

passed_on!(Bus {
    "bus.unexpanded" unexpanded(limit: u32) -> Vec<Delivery>;
    "bus.take" take(fence: Fence, now: Timestamp, limit: u32) -> Vec<Taken>;
    "bus.take_spare" take_spare(fence: Fence, now: Timestamp, limit: u32, few: u32) -> Vec<Taken>;
    "bus.next_due" next_due() -> Option<Timestamp>;
    "bus.depth" depth() -> Depth;
    "bus.item" item(id: &EventId) -> Option<ItemState>;
    "bus.open_children" open_children(parent: &EventId) -> u64;
    "bus.due_rechecks" due_rechecks(now: Timestamp, limit: u32) -> Vec<DueRecheck>;
    "bus.delivery" delivery(key: &DedupKey) -> Option<Delivery>;
    "bus.standing" standing(key: &DedupKey) -> Option<Standing>;
    "bus.standings" standings(before: Option<u64>, limit: u32) -> Vec<Standing>;
});

passed_on!(Ledger {
    "ledger.claims" claims(run: &RunId) -> Vec<ClaimRow>;
});

passed_on!(State {
    "state.value" value(repo: &RepoKey, key: &str) -> Option<Versioned>;
    "state.paused" paused(repo: &RepoKey) -> Option<Pause>;
    "state.pauses" pauses() -> Vec<(Option<RepoKey>, Pause)>;
});

passed_on!(Journal {
    "journal.closed" closed(filter: &Filter, after: u64, limit: u32) -> Vec<Recorded>;
    "journal.latest" latest(filter: &Filter, limit: u32) -> Vec<Recorded>;
    "journal.open_runs" open_runs(limit: u32) -> Vec<Run>;
    "journal.run" run(id: &RunId) -> Option<Run>;
    "journal.attempts" attempts(event: &EventId, generation: u32) -> Vec<Attempt>;
    "journal.edge_decided" edge_decided(repo: &RepoKey, agent: &AgentName, identity: &str, but: &EventId) -> Option<EventId>;
    "journal.blob" blob(sha256: &str) -> Option<String>;
});

passed_on!(Repos {
    "repos.by_key" by_key(key: &RepoKey) -> Option<KnownRepo>;
    "repos.by_name" by_name(owner: &str, name: &str) -> Option<KnownRepo>;
    "repos.list" list(after: Option<&RepoKey>, limit: u32) -> Vec<KnownRepo>;
});

passed_on!(Leases {
    "leases.acquire" acquire(name: &str, worker: &str, now: Timestamp, ttl: Span) -> Fence;
    "leases.renew" renew(name: &str, fence: Fence, now: Timestamp, ttl: Span) -> ();
    "leases.release" release(name: &str, fence: Fence) -> ();
    "leases.holder" holder(name: &str, now: Timestamp) -> Option<Holder>;
});
