//! Commands in comments: the one table of verbs, and what in a comment's text is a command.
//!
//! [`find`] reads text from outside. It is total, takes time linear in the text and keeps nothing
//! of it but the verb. Where it cannot tell speech from quoted or shown text it finds nothing:
//! a command that was overlooked is written again, one that nobody gave is not taken back. Who may
//! say what is decided later, by the speaker's live permission.

mod find;
mod inline;
mod mail;
mod table;
mod visible;

pub use find::find;
pub use table::{Row, TABLE, Who, help, page, row};
