//! `metrics.…`: where numbers about the process are told.

use crate::settings::MetricsAt;

use super::{Kind, Setting};

/// Its settings, in the order of the page.
pub(super) const ROWS: &[Setting] = &[Setting {
    key: "metrics.listen",
    env: "CARETAKER_METRICS_LISTEN",
    flag: None,
    kind: Kind::Address,
    default: "127.0.0.1:9090, if it is free",
    meaning: "Where `GET /metrics` is answered: `HOST:PORT`, or `off`. Port 0 takes a free one and \
              prints it. See [metrics.md](metrics.md).",
    read: |draft, text| {
        draft.settings.metrics = if text == "off" {
            MetricsAt::Nowhere
        } else {
            let address = text.parse().map_err(|_unread| {
                format!("`{text}` is no address; write one like 127.0.0.1:9090, or off")
            })?;
            MetricsAt::Asked(address)
        };
        Ok(())
    },
}];
