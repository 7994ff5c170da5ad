//! What the final commit of an item holds: every closing record, and the settlement.

use super::attempt::Ending;
use super::{Handled, Worker};
use crate::model::{Outcome, Run, Settle, Taken};
use crate::ports::{PortError, Ports, Write};

/// What the final commit of an item will hold.
#[derive(Default)]
pub(super) struct Closing {
    writes: Vec<Write>,
    closed: Vec<Run>,
    later: Option<Settle>,
    buried: Option<String>,
}

impl Closing {
    /// Whether the item will not come back.
    pub(super) fn is_final(&self) -> bool {
        self.later.is_none()
    }

    /// Puts more into the final commit.
    pub(super) fn also(&mut self, writes: Vec<Write>) {
        self.writes.extend(writes);
    }

    pub(super) async fn add(
        &mut self,
        ports: &Ports,
        worker: &Worker,
        ending: Ending,
    ) -> Result<(), PortError> {
        match ending {
            Ending::Nothing(writes) => self.writes.extend(writes),
            Ending::Closed { run, writes, alone } => {
                if let Some(Outcome::Buried(reason)) = &run.outcome {
                    self.buried = Some(reason.clone());
                }
                self.writes.extend(writes);
                self.closed.push(*run);
                if alone {
                    // Effects were sent: their record does not wait for the other agents.
                    let writes = std::mem::take(&mut self.writes);
                    ports
                        .storage
                        .commit(Some(worker.lease.fence()), writes)
                        .await?;
                }
            }
            Ending::Again {
                at,
                error,
                fault,
                writes,
                closed,
            } => {
                self.writes.extend(writes);
                self.closed.extend(closed.map(|run| *run));
                let earlier = match &self.later {
                    Some(Settle::Later { at: other, .. }) => *other <= at,
                    _ => false,
                };
                if !earlier {
                    self.later = Some(Settle::Later { at, error, fault });
                }
            }
        }
        Ok(())
    }

    pub(super) async fn settle(
        mut self,
        ports: &Ports,
        worker: &Worker,
        taken: &Taken,
    ) -> Result<Handled, PortError> {
        let settled = match (self.later, self.buried) {
            (Some(later), _) => later,
            (None, Some(reason)) => Settle::Buried(reason),
            (None, None) => Settle::Done,
        };
        self.writes.extend(settlements(taken, &settled));
        ports
            .storage
            .commit(Some(worker.lease.fence()), self.writes)
            .await?;
        Ok(Handled {
            closed: self.closed,
            settled,
        })
    }
}

/// Settles an item, and those that joined it: they come back with it, or are answered by it.
pub(super) fn settlements(taken: &Taken, how: &Settle) -> Vec<Write> {
    let joined = match how {
        Settle::Later { at, error, .. } => Settle::Later {
            at: *at,
            error: error.clone(),
            fault: false,
        },
        Settle::Done | Settle::Buried(_) | Settle::Superseded(_) => {
            Settle::Superseded(taken.item.event.id.clone())
        }
    };
    let own = Write::Settle {
        item: taken.item.event.id.clone(),
        how: how.clone(),
    };
    let others = taken.joined.iter().map(|item| Write::Settle {
        item: item.event.id.clone(),
        how: joined.clone(),
    });
    std::iter::once(own).chain(others).collect()
}
