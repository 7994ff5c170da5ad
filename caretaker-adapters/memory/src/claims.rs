//! Claimed effects and what came of them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use caretaker_core::model::{ActionKey, EffectResult, RunId};
use caretaker_core::ports::{Claim, ClaimRow, Ledger, PortError};

use crate::MemoryStorage;

/// Every claim ever made.
#[derive(Clone, Default)]
pub(crate) struct Claims {
    rows: BTreeMap<ActionKey, Row>,
}

#[derive(Clone)]
struct Row {
    run: RunId,
    index: u32,
    result: Option<EffectResult>,
}

impl Claims {
    pub(crate) fn claim(&mut self, run: RunId, index: u32, key: ActionKey) -> Claim {
        if let Some(row) = self.rows.get(&key) {
            return row.result.clone().map_or(Claim::Started, Claim::Done);
        }
        let row = Row {
            run,
            index,
            result: None,
        };
        self.rows.insert(key, row);
        Claim::Fresh
    }

    /// Notes a result; says whether the effect was claimed.
    pub(crate) fn finish(&mut self, key: &ActionKey, result: EffectResult) -> bool {
        match self.rows.get_mut(key) {
            Some(row) => {
                row.result = Some(result);
                true
            }
            None => false,
        }
    }

    fn of_run(&self, run: &RunId) -> Vec<ClaimRow> {
        let rows = self.rows.iter().filter(|(_, row)| row.run == *run);
        let mut claims: Vec<_> = rows
            .map(|(key, row)| ClaimRow {
                index: row.index,
                key: key.clone(),
                result: row.result.clone(),
            })
            .collect();
        claims.sort_by_key(|claim| claim.index);
        claims
    }
}

#[async_trait]
impl Ledger for MemoryStorage {
    async fn claims(&self, run: &RunId) -> Result<Vec<ClaimRow>, PortError> {
        Ok(self.data().claims.of_run(run))
    }
}
