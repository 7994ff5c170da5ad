//! What becomes of an answer on its way: broken off, reset, or replaced by a proxy.

use super::http::Outgoing;
use super::trouble::Trouble;

/// What is done to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoil {
    /// Half of it arrives, then the connection ends.
    Cut,
    /// The connection is reset before any of it.
    Reset,
    /// Half of it arrives as if that were all.
    Truncated,
    /// A page for people with this status comes in its place.
    Page(u16),
}

/// A call that went through the gate: its answer, and what becomes of that.
pub(crate) struct Passed<T> {
    pub(crate) answer: Result<T, Trouble>,
    pub(crate) spoil: Option<Spoil>,
}

impl<T> Passed<T> {
    pub(crate) fn whole(answer: Result<T, Trouble>) -> Self {
        Self {
            answer,
            spoil: None,
        }
    }

    pub(crate) fn spoiled(answer: Result<T, Trouble>, spoil: Spoil) -> Self {
        Self {
            answer,
            spoil: Some(spoil),
        }
    }

    /// The answer as a caller of the port gets it, who knows no bytes: whatever broke on its way is
    /// no answer.
    pub(crate) fn for_port(self) -> Result<T, Trouble> {
        match self.spoil {
            None => self.answer,
            Some(_) => Err(Trouble::new(502, "scripted fault: no whole answer")),
        }
    }
}

/// GitHub's page for an outage, as far as anybody reads it.
const UNICORN: &str = "<!DOCTYPE html>\n<html><head><title>Unicorn! &middot; GitHub</title></head>\
    <body><p>We had issues producing the response to your request.</p></body></html>\n";

impl Outgoing {
    /// The answer as it leaves; [`Spoil::Cut`] and [`Spoil::Reset`] are left to the socket.
    pub(super) fn spoil(&mut self, spoil: Spoil) {
        match spoil {
            Spoil::Cut | Spoil::Reset => {}
            Spoil::Truncated => self.body.truncate(self.body.len() / 2),
            Spoil::Page(status) => {
                self.status = status;
                self.headers = vec![("content-type", "text/html; charset=utf-8".to_owned())];
                self.body = UNICORN.as_bytes().to_vec();
            }
        }
        self.spoil = Some(spoil);
    }
}
