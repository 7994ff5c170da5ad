//! How our nouns stand in columns.

use serde_json::Error as JsonError;

use caretaker_core::model::{
    Class, Delivery, EffectResult, InstallationId, ItemState, Pause, QueueItem, RepoKey, Run,
    Subject, Timestamp,
};
use caretaker_core::ports::DeliveryState;

use crate::error::Fault;

/// States of an item.
pub(crate) const WAITING: i64 = 0;
pub(crate) const IN_FLIGHT: i64 = 1;
pub(crate) const CLOSED: i64 = 2;
pub(crate) const BURIED: i64 = 3;

/// Bytes that a delivery takes without its body, mostly.
const HEAD: usize = 1_024;

/// The column value of "without installation".
pub(crate) const NO_INSTALLATION: i64 = -1;

pub(crate) fn installation(id: Option<InstallationId>) -> i64 {
    id.map_or(NO_INSTALLATION, |id| id.value().cast_signed())
}

pub(crate) fn class(class: Class) -> i64 {
    match class {
        Class::Interactive => 0,
        Class::Event => 1,
        Class::Sweep => 2,
    }
}

/// The repository's column value; empty where there is none.
pub(crate) fn lane(item: &QueueItem) -> String {
    item.event
        .scope
        .repo()
        .map(RepoKey::to_string)
        .unwrap_or_default()
}

/// Whether items of a subject can join one another.
pub(crate) fn joins(subject: &Subject) -> bool {
    match subject {
        Subject::Pull(_)
        | Subject::Issue(_)
        | Subject::Commit(_)
        | Subject::Branch(_)
        | Subject::Alert(_) => true,
        Subject::Repo | Subject::None => false,
    }
}

fn unreadable(what: &'static str) -> impl Fn(JsonError) -> Fault {
    move |error| Fault::Unreadable(what, error.to_string())
}

/// JSON text of something of ours.
pub(crate) fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("the model's types have string keys and a JSON form")
}

/// An item from its text and the columns that outrank it.
pub(crate) fn item(text: &str, generation: i64, due: i64) -> Result<QueueItem, Fault> {
    let mut item: QueueItem = serde_json::from_str(text).map_err(unreadable("queue item"))?;
    item.generation = u32::try_from(generation).unwrap_or(u32::MAX);
    item.due = Timestamp::from_millis(due);
    Ok(item)
}

pub(crate) fn item_state(state: i64, due: i64, reason: Option<String>) -> ItemState {
    match state {
        WAITING => ItemState::Waiting(Timestamp::from_millis(due)),
        IN_FLIGHT => ItemState::InFlight,
        CLOSED => ItemState::Closed,
        _buried => ItemState::Buried(reason.unwrap_or_default()),
    }
}

/// Where a delivery stands, by its column.
pub(crate) fn delivery_state(state: i64) -> DeliveryState {
    match state {
        WAITING => DeliveryState::Waiting,
        // Its items are on the queue.
        1 => DeliveryState::Expanded,
        CLOSED => DeliveryState::Closed,
        _buried => DeliveryState::Buried,
    }
}

pub(crate) fn pause(text: &str) -> Result<Pause, Fault> {
    serde_json::from_str(text).map_err(unreadable("pause"))
}

pub(crate) fn run(line: &str) -> Result<Run, Fault> {
    serde_json::from_str(line).map_err(unreadable("run"))
}

/// A delivery as JSON and right behind it its body, compressed together: what the one says stands
/// in the other as well.
pub(crate) fn block(delivery: &Delivery) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + delivery.body.len());
    serde_json::to_writer(&mut bytes, delivery).expect("a delivery has a JSON form");
    bytes.extend_from_slice(&delivery.body);
    pack(&bytes)
}

/// A delivery from its columns; an older build kept its JSON in a column of its own.
pub(crate) fn delivery(head: &str, block: &[u8]) -> Result<Delivery, Fault> {
    let mut bytes = unpack("delivery body", block)?;
    if !head.is_empty() {
        let mut delivery: Delivery = serde_json::from_str(head).map_err(unreadable("delivery"))?;
        delivery.body = bytes;
        return Ok(delivery);
    }
    // An object ends where its last bracket stands, whatever follows.
    let mut values = serde_json::Deserializer::from_slice(&bytes).into_iter();
    let head: Option<Result<Delivery, JsonError>> = values.next();
    let begin = values.byte_offset();
    let nothing = || Fault::Unreadable("delivery", "it is empty".to_owned());
    let mut delivery = head.ok_or_else(nothing)?.map_err(unreadable("delivery"))?;
    delivery.body = bytes.split_off(begin);
    Ok(delivery)
}

/// An lz4 block with its size in front.
pub(crate) fn pack(bytes: &[u8]) -> Vec<u8> {
    lz4_flex::compress_prepend_size(bytes)
}

pub(crate) fn unpack(what: &'static str, packed: &[u8]) -> Result<Vec<u8>, Fault> {
    lz4_flex::decompress_size_prepended(packed)
        .map_err(|error| Fault::Unreadable(what, error.to_string()))
}

pub(crate) fn small(n: i64) -> u32 {
    u32::try_from(n).unwrap_or_default()
}

pub(crate) fn effect(text: &str) -> Result<EffectResult, Fault> {
    serde_json::from_str(text).map_err(unreadable("effect"))
}
