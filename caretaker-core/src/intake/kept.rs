//! Headers as a delivery keeps them, and back.

use super::Headers;
use crate::model::DeliveryHeaders;

impl<'a> From<&'a DeliveryHeaders> for Headers<'a> {
    fn from(kept: &'a DeliveryHeaders) -> Self {
        Self {
            event: &kept.event,
            guid: &kept.guid,
            hook_id: kept.hook_id.as_deref(),
            hook_target_type: kept.target_type.as_deref(),
            hook_target_id: kept.target_id.as_deref(),
        }
    }
}

impl From<Headers<'_>> for DeliveryHeaders {
    fn from(headers: Headers<'_>) -> Self {
        Self {
            event: headers.event.to_ascii_lowercase(),
            guid: headers.guid.to_owned(),
            hook_id: headers.hook_id.map(str::to_owned),
            target_type: headers.hook_target_type.map(str::to_owned),
            target_id: headers.hook_target_id.map(str::to_owned),
        }
    }
}
