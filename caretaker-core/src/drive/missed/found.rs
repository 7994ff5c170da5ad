//! The rows of a walk, by what they tried to deliver.

use std::collections::BTreeMap;

use crate::model::app::Attempt;

/// What was attempted, by GUID.
#[derive(Default)]
pub(super) struct Found(BTreeMap<String, Missing>);

/// Something that did not arrive, as far as the walk has seen.
pub(super) struct Missing {
    /// Its earliest attempt.
    pub(super) row: Attempt,
    /// Whether somebody had it sent again.
    pub(super) repeated: bool,
    arrived: bool,
}

impl Found {
    /// Adds a row; a later one may be an earlier attempt at the same.
    pub(super) fn note(&mut self, row: Attempt) {
        let (arrived, repeated) = (row.arrived(), row.repeat);
        if let Some(known) = self.0.get_mut(&row.guid) {
            known.arrived |= arrived;
            known.repeated |= repeated;
            if row.id < known.row.id {
                known.row = row;
            }
            return;
        }
        let missing = Missing {
            row,
            repeated,
            arrived,
        };
        self.0.insert(missing.row.guid.clone(), missing);
    }

    /// What no attempt brought, oldest first. A ping tells nothing.
    pub(super) fn missed(self) -> Vec<Missing> {
        let missed = self.0.into_values();
        let mut missed: Vec<_> = missed
            .filter(|found| !found.arrived && found.row.event != "ping")
            .collect();
        missed.sort_by_key(|found| found.row.id);
        missed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;
    use crate::model::app::AttemptId;

    fn row(id: u64, guid: &str, status: u16) -> Attempt {
        Attempt {
            id: AttemptId::new(id),
            guid: guid.to_owned(),
            at: Timestamp::from_millis(i64::try_from(id).unwrap()),
            repeat: false,
            status,
            event: "push".to_owned(),
            installation: None,
            repo: None,
        }
    }

    #[test]
    fn what_arrived_once_is_not_missed_and_the_oldest_comes_first() {
        let mut found = Found::default();
        let again = Attempt {
            repeat: true,
            ..row(9, "c", 502)
        };
        let ping = Attempt {
            event: "ping".to_owned(),
            ..row(8, "p", 502)
        };
        let rows = [
            again,
            ping,
            row(7, "a", 202),
            row(6, "b", 0),
            row(5, "a", 502),
            row(4, "c", 500),
        ];
        for row in rows {
            found.note(row);
        }
        let missed = found.missed();
        let told: Vec<_> = missed
            .iter()
            .map(|one| (one.row.guid.as_str(), one.row.id.value(), one.repeated))
            .collect();
        assert_eq!(told, [("c", 4, true), ("b", 6, false)]);
    }
}
