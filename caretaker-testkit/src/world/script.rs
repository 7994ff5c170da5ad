//! Deliveries handed over, and the accidents a story scripts: to them and to calls.

use super::World;
use super::faults::{Fault, Release};
use super::webhook::{Hook, Mishap};

impl World {
    /// Everything GitHub has sent so far, once each, in order.
    pub fn deliveries(&self) -> Vec<Hook> {
        self.with(|state| state.outbox.made.clone())
    }

    /// What waits to be handed over, scripted accidents included.
    pub fn take_deliveries(&self) -> Vec<Hook> {
        self.with(|state| state.outbox.take())
    }

    /// Sends a delivery again; false when there is none of that GUID.
    pub fn redeliver(&self, guid: &str) -> bool {
        self.with(|state| state.outbox.again(guid))
    }

    /// The next delivery whose `event.action` contains the text arrives twice.
    pub fn deliver_twice(&self, on: &str) {
        self.with(|state| state.outbox.script(on, Mishap::Twice));
    }

    /// The next delivery whose `event.action` contains the text arrives after its successor.
    pub fn deliver_late(&self, on: &str) {
        self.with(|state| state.outbox.script(on, Mishap::Late));
    }

    /// The next delivery whose `event.action` contains the text never arrives.
    pub fn lose_delivery(&self, on: &str) {
        self.with(|state| state.outbox.script(on, Mishap::Lost));
    }

    /// Scripts a fault.
    pub fn fault(&self, fault: Fault) {
        self.with(|state| state.faults.script(fault));
    }

    /// Takes back every fault that has not struck.
    pub fn clear_faults(&self) {
        self.with(|state| state.faults.clear());
    }

    /// The calls that are held now, a line each.
    pub fn held_calls(&self) -> Vec<String> {
        self.with(|state| state.faults.held.iter().map(|h| h.line.clone()).collect())
    }

    /// Releases every held call; how many there were.
    pub fn release(&self, how: Release) -> usize {
        self.with(|state| {
            for held in &mut state.faults.held {
                held.release = Some(how);
            }
            state.faults.held.len()
        })
    }
}
