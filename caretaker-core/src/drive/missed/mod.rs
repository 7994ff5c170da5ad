//! What the forge could not deliver to us, taken from its own log.
//!
//! The log is walked from its newest row back to where an earlier walk began, a bounded number of
//! pages at a time. What it says did not arrive and we do not have is accepted as the door would
//! accept it, oldest first: under the same key, past the same allow-list, with the time of the
//! attempt, so that a command which has expired meanwhile is not carried out late. Where the log
//! does not show what was sent, the forge is asked to send it again, once.
//!
//! What lies further back than the log reaches is lost as deliveries; every repository is then
//! looked at as it is. Walking again over what was walked is harmless.
//!
//! | Module | What |
//! |---|---|
//! | `position` | how far we have read, as it is remembered |
//! | `found` | the rows of a walk, by what they tried to deliver |
//! | `admit` | what the door would make of it |

mod admit;
mod found;
mod gap;
mod position;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::Worker;
use crate::intake::{AllowList, Headers};
use crate::model::app::Attempt;
use crate::model::{AppId, BacklogLimits, InstallationId, Json, RepoKey, Span, Timestamp};
use crate::ports::{AppForge, Kind, PortError, Ports, Write, Wrote};
use admit::Verdict;
use found::Found;
use position::{Begun, Walk};
pub use position::{Position, Unread};

/// How long GitHub keeps the log; see "Viewing webhook deliveries" in its documentation.
pub const KEPT: Span = Span::days(3);
/// Under which key of [`RepoKey::none`] the position is remembered.
const KEY: &str = "delivery_log";
/// Bytes of accepted bodies that are held before they are committed.
const BATCH: usize = 1 << 20;
/// Places whose deliveries the allow-list turns away, remembered at most.
const TURNED_AWAY: usize = 10_000;

/// The log of our App's webhooks, and what may be taken from it.
pub struct Missed {
    app: Arc<dyn AppForge>,
    id: AppId,
    allow_list: AllowList,
    bounds: Bounds,
    /// Where the allow-list turned something away, so that it is not fetched again and again.
    turned_away: Mutex<BTreeSet<Place>>,
}

type Place = (Option<InstallationId>, Option<RepoKey>);

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How far back to look; never further than [`KEPT`].
    pub reach: Span,
    /// Pages of a hundred rows that one call reads.
    pub pages: u32,
    /// Largest body that the door accepts, in bytes.
    pub max_body: usize,
    /// Open deliveries that the door allows.
    pub backlog: BacklogLimits,
}

/// What one call came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Deliveries that had not arrived and now wait to be handled.
    pub accepted: usize,
    /// Those that the forge was asked to send again.
    pub repeated: usize,
    /// Those that the allow-list turns away.
    pub unlisted: usize,
    /// Those that are lost: GUID and why.
    pub lost: Vec<(String, &'static str)>,
    /// Since when we had not looked, where the log does not reach back so far.
    pub gap: Option<Timestamp>,
    /// Whether older pages are left for the next call.
    pub more: bool,
    /// Whether our own queue took no more; the next call goes on from there.
    pub full: bool,
}

impl Missed {
    /// Asks nothing yet.
    pub fn new(app: Arc<dyn AppForge>, id: AppId, allow_list: AllowList, bounds: Bounds) -> Self {
        Self {
            app,
            id,
            allow_list,
            bounds: Bounds {
                reach: bounds.reach.min(KEPT),
                pages: bounds.pages.max(1),
                ..bounds
            },
            turned_away: Mutex::default(),
        }
    }

    /// How far the log has been read, as it is remembered; whose log it is stands in it.
    ///
    /// # Errors
    /// When our memory fails, or what it holds cannot be read.
    pub async fn position(ports: &Ports) -> Result<Option<Position>, PortError> {
        Ok(remembered(ports).await?.map(|(_, position)| position))
    }

    /// Reads on in the log and takes what we miss.
    ///
    /// # Errors
    /// When the forge does not show its log (what was taken by then is kept, and the failure is
    /// remembered for those who ask), or our memory fails. The next call begins where this one
    /// did. `Fenced` means that another worker reads it: stop silently.
    pub async fn sweep(&self, ports: &Ports, worker: &Worker) -> Result<Swept, PortError> {
        let known = remembered(ports).await?;
        let version = known.as_ref().map(|(version, _)| *version);
        let ours = known.filter(|(_, position)| position.app == self.id);
        let mut position = ours.map_or_else(|| Position::of(self.id), |(_, known)| known);
        let before = position.clone();
        let walked = self.walk(ports, worker, &mut position).await;
        match &walked {
            Ok(_) => position.read(),
            Err(error) if super::is_fenced(error) => return walked,
            Err(error) => position.unread(ports.clock.now(), error.kind),
        }
        if position != before {
            remember(ports, worker, version, &position).await?;
        }
        walked
    }

    async fn walk(
        &self,
        ports: &Ports,
        worker: &Worker,
        position: &mut Position,
    ) -> Result<Swept, PortError> {
        let mut swept = Swept::default();
        let now = ports.clock.now();
        let Begun { mut walk, gap } = position.begin(now, self.bounds.reach);
        if let Some(since) = gap {
            swept.gap = Some(since);
            if !gap::look_everywhere(ports, worker, since).await? {
                swept.full = true;
                return Ok(swept);
            }
        }
        let mut found = Found::default();
        let over = match self.read(&mut walk, &mut found).await {
            Ok(over) => over,
            Err(error) => {
                // A cursor that the forge takes no more would stand in the way for ever.
                if walk.cursor.is_some() && matches!(error.kind, Kind::Invalid | Kind::NotFound) {
                    position.walk = None;
                }
                return Err(error);
            }
        };
        swept.more = !over;
        let missed = found.missed();
        if self
            .take(ports, worker, position, &missed, &mut swept)
            .await?
        {
            position.passed(walk, over);
        } else {
            swept.full = true;
        }
        Ok(swept)
    }

    /// Reads pages into `found`; whether the walk is over.
    async fn read(&self, walk: &mut Walk, found: &mut Found) -> Result<bool, PortError> {
        for _ in 0..self.bounds.pages {
            let page = self.app.deliveries(walk.cursor.as_deref()).await?;
            for row in page.rows {
                walk.top.get_or_insert(row.at);
                if row.at < walk.from {
                    return Ok(true);
                }
                found.note(row);
            }
            let Some(next) = page.next else {
                return Ok(true);
            };
            walk.cursor = Some(next);
        }
        Ok(false)
    }

    /// Accepts what we do not have, in order; false when the queue takes no more.
    async fn take(
        &self,
        ports: &Ports,
        worker: &Worker,
        position: &mut Position,
        missed: &[found::Missing],
        swept: &mut Swept,
    ) -> Result<bool, PortError> {
        let mut batch = Batch::default();
        for missing in missed {
            let row = &missing.row;
            if self.is_turned_away(row) || self.have(ports, position.hook.as_deref(), row).await? {
                continue;
            }
            let logged = match self.app.delivery(row.id).await {
                Ok(logged) => logged,
                Err(error) if error.kind == Kind::NotFound => {
                    swept
                        .lost
                        .push((row.guid.clone(), "the log holds it no more"));
                    continue;
                }
                // Too large to be shown, or not shown as it should be.
                Err(error) if matches!(error.kind, Kind::Corrupt | Kind::Invalid) => {
                    self.repeat(missing, swept).await?;
                    continue;
                }
                Err(error) => {
                    batch.commit(ports, worker, swept).await?;
                    return Err(error);
                }
            };
            let hook = logged
                .headers
                .as_ref()
                .and_then(|headers| headers.hook_id.clone());
            match admit::judge(row, logged, &self.allow_list, self.bounds.max_body) {
                Verdict::Unnamed => self.repeat(missing, swept).await?,
                Verdict::Unlisted => {
                    swept.unlisted += 1;
                    self.turn_away(row);
                }
                Verdict::Refused(why) => swept.lost.push((row.guid.clone(), why)),
                Verdict::Admitted(mut delivery) => {
                    position.hook = hook.or_else(|| position.hook.take());
                    delivery.received_at = row.at.min(ports.clock.now());
                    // Not only to save a request: what was buried here is not brought back.
                    if ports.storage.delivery(&delivery.key).await?.is_none() {
                        batch.add(*delivery, self.bounds.backlog);
                    }
                    if batch.bytes >= BATCH && !batch.commit(ports, worker, swept).await? {
                        return Ok(false);
                    }
                }
            }
        }
        batch.commit(ports, worker, swept).await
    }

    /// Whether it came after all; cannot be told before the hook's number is known.
    async fn have(
        &self,
        ports: &Ports,
        hook: Option<&str>,
        row: &Attempt,
    ) -> Result<bool, PortError> {
        let Some(hook) = hook else { return Ok(false) };
        let named = Headers {
            event: &row.event,
            guid: &row.guid,
            hook_id: Some(hook),
            hook_target_type: None,
            hook_target_id: None,
        };
        Ok(ports.storage.delivery(&named.dedup_key()).await?.is_some())
    }

    /// Has it sent again, unless that was done before.
    async fn repeat(&self, missing: &found::Missing, swept: &mut Swept) -> Result<(), PortError> {
        let row = &missing.row;
        if missing.repeated {
            let why = "the log does not show it, and sending it again did not help";
            swept.lost.push((row.guid.clone(), why));
            return Ok(());
        }
        match self.app.redeliver(row.id).await {
            Ok(()) => swept.repeated += 1,
            Err(error) if error.kind == Kind::NotFound => {
                swept
                    .lost
                    .push((row.guid.clone(), "the log holds it no more"));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn is_turned_away(&self, row: &Attempt) -> bool {
        let place = (row.installation, row.repo.clone());
        let known = self.turned_away.lock();
        known
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&place)
    }

    fn turn_away(&self, row: &Attempt) {
        let known = self.turned_away.lock();
        let mut known = known.unwrap_or_else(PoisonError::into_inner);
        if known.len() >= TURNED_AWAY {
            known.clear();
        }
        // Without a place it says nothing about others.
        if row.installation.is_some() && row.repo.is_some() {
            known.insert((row.installation, row.repo.clone()));
        }
    }
}

/// Accepted deliveries that are not committed yet.
#[derive(Default)]
struct Batch {
    writes: Vec<Write>,
    bytes: usize,
}

impl Batch {
    fn add(&mut self, delivery: crate::model::Delivery, limits: BacklogLimits) {
        self.bytes += delivery.body.len();
        self.writes.push(Write::Accept {
            delivery: Box::new(delivery),
            limits,
        });
    }

    /// Keeps them; false when the queue took not all.
    async fn commit(
        &mut self,
        ports: &Ports,
        worker: &Worker,
        swept: &mut Swept,
    ) -> Result<bool, PortError> {
        self.bytes = 0;
        let writes = std::mem::take(&mut self.writes);
        if writes.is_empty() {
            return Ok(true);
        }
        let fence = Some(worker.lease.fence());
        let wrote = ports.storage.commit(fence, writes).await?;
        swept.accepted += wrote.iter().filter(|one| **one == Wrote::Accepted).count();
        let refused = |one: &Wrote| matches!(one, Wrote::Backlog(_));
        Ok(!wrote.iter().any(refused))
    }
}

async fn remember(
    ports: &Ports,
    worker: &Worker,
    expect: Option<u64>,
    position: &Position,
) -> Result<(), PortError> {
    let value =
        Json::of(position).map_err(|why| PortError::new("state.put", Kind::Invalid).detail(why))?;
    let put = Write::Put {
        repo: RepoKey::none(),
        key: KEY.to_owned(),
        expect,
        value,
    };
    let fence = Some(worker.lease.fence());
    ports.storage.commit(fence, vec![put]).await.map(drop)
}

async fn remembered(ports: &Ports) -> Result<Option<(u64, Position)>, PortError> {
    let Some(kept) = ports.storage.value(&RepoKey::none(), KEY).await? else {
        return Ok(None);
    };
    let position = kept.value.decode().map_err(|why| {
        PortError::new("state.value", Kind::Corrupt).detail(format!("{KEY}: {why}"))
    })?;
    Ok(Some((kept.version, position)))
}
