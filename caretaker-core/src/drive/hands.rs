//! How many items are in hands at a time, and for whom some hands stay free.
//!
//! Handling is mostly waiting for the forge, so an installation with much to do fills every hand
//! that anybody may fill. Some are therefore kept for those that have little in them: what comes of
//! another installation begins at once, whatever waits before it (decisions §3).

use crate::model::{Taken, Timestamp};
use crate::ports::{Fence, PortError, Storage};

/// Hands for anybody's items.
pub const HANDS: usize = 16;
/// Hands beside them, for installations that have few items in hands.
pub const SPARE: usize = 16;
/// An installation with so many in hands takes no spare one.
pub const FEW: u32 = 8;

/// Takes what a worker that holds so many items has room for.
///
/// # Errors
/// When our memory fails; items may be in flight then that nobody works on, until the fence changes.
pub async fn take(
    storage: &dyn Storage,
    fence: Fence,
    now: Timestamp,
    held: usize,
) -> Result<Vec<Taken>, PortError> {
    let mut taken = Vec::new();
    let room = HANDS.saturating_sub(held);
    if room > 0 {
        taken = storage.take(fence, now, count(room)).await?;
        if taken.len() < room {
            return Ok(taken);
        }
    }
    let spare = (HANDS + SPARE).saturating_sub(held + taken.len());
    if spare > 0 {
        taken.extend(storage.take_spare(fence, now, count(spare), FEW).await?);
    }
    Ok(taken)
}

fn count(room: usize) -> u32 {
    u32::try_from(room).unwrap_or(u32::MAX)
}
