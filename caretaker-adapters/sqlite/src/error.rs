//! From SQLite's result codes to what a caller has to do.
//!
//! Inside the crate a step fails with a [`Fault`]; the port's name is put on at the edge.

use caretaker_core::ports::{Kind, PortError};

/// Why a step failed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The database said so.
    Sql(sqlx::Error),
    /// The contract says so: kind and words.
    Refused(Kind, String),
    /// Another file, or none, is where the database was.
    Moved,
    /// A row of ours cannot be read.
    Unreadable(&'static str, String),
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl Fault {
    /// The contract refuses.
    pub(crate) fn refused(kind: Kind, why: impl Into<String>) -> Self {
        Self::Refused(kind, why.into())
    }

    /// Whether the whole transaction is lost, not only this step of it: after such a failure
    /// SQLite may have rolled everything back by itself.
    pub(crate) fn breaks_transaction(&self) -> bool {
        match self {
            Self::Sql(error) => !matches!(kind_of(error), Kind::Conflict | Kind::Invalid),
            Self::Moved => true,
            Self::Refused(..) | Self::Unreadable(..) => false,
        }
    }

    /// Whether it would meet every other task just now as well: the file cannot be written at all,
    /// and finding that out may take long. A full one still has room for what is small.
    pub(crate) fn meets_all(&self) -> bool {
        match self {
            Self::Sql(error) => matches!(
                primary(error),
                Some(code::BUSY | code::LOCKED | code::READONLY | code::CANTOPEN | code::NOTADB)
            ),
            Self::Moved => true,
            Self::Refused(..) | Self::Unreadable(..) => false,
        }
    }

    /// As the port's error.
    pub(crate) fn at(&self, op: &'static str) -> PortError {
        match self {
            Self::Sql(error) => {
                PortError::new(op, kind_of(error)).detail(format!("{}{error}", advice(error)))
            }
            Self::Moved => PortError::new(op, Kind::Unavailable).detail(
                "the database file was moved or deleted; put it back, or stop every server and \
                 restore a backup",
            ),
            Self::Refused(kind, why) => PortError::new(op, *kind).detail(why.clone()),
            Self::Unreadable(what, why) => PortError::new(op, Kind::Corrupt)
                .detail(format!("a stored {what} cannot be read: {why}")),
        }
    }
}

/// Primary result codes, <https://www.sqlite.org/rescode.html>.
mod code {
    pub(super) const BUSY: u32 = 5;
    pub(super) const LOCKED: u32 = 6;
    pub(super) const NOMEM: u32 = 7;
    pub(super) const READONLY: u32 = 8;
    pub(super) const INTERRUPT: u32 = 9;
    pub(super) const IOERR: u32 = 10;
    pub(super) const CORRUPT: u32 = 11;
    pub(super) const FULL: u32 = 13;
    pub(super) const CANTOPEN: u32 = 14;
    pub(super) const CONSTRAINT: u32 = 19;
    pub(super) const NOTADB: u32 = 26;
}

/// The primary result code of a database's error; the extended ones keep it in the low byte.
fn primary(error: &sqlx::Error) -> Option<u32> {
    let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// Whether a file is of another kind altogether.
pub(crate) fn is_no_database(error: &sqlx::Error) -> bool {
    primary(error) == Some(code::NOTADB)
}

fn kind_of(error: &sqlx::Error) -> Kind {
    if let Some(code) = primary(error) {
        return match code {
            code::BUSY
            | code::LOCKED
            | code::NOMEM
            | code::READONLY
            | code::INTERRUPT
            | code::IOERR
            | code::FULL
            | code::CANTOPEN => Kind::Unavailable,
            code::CORRUPT | code::NOTADB => Kind::Corrupt,
            code::CONSTRAINT => {
                let unique = error
                    .as_database_error()
                    .is_some_and(sqlx::error::DatabaseError::is_unique_violation);
                if unique {
                    Kind::Conflict
                } else {
                    Kind::Invalid
                }
            }
            _ => Kind::Invalid,
        };
    }
    match error {
        sqlx::Error::RowNotFound => Kind::NotFound,
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Kind::Corrupt,
        sqlx::Error::Encode(_)
        | sqlx::Error::ColumnIndexOutOfBounds { .. }
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::TypeNotFound { .. }
        | sqlx::Error::InvalidArgument(_) => Kind::Invalid,
        // Pool, connection and worker thread: the database cannot be reached just now.
        _ => Kind::Unavailable,
    }
}

/// What the operator can do about it.
fn advice(error: &sqlx::Error) -> &'static str {
    match primary(error) {
        Some(code::FULL) => "no room for the database; free space on the data directory's volume: ",
        Some(code::READONLY) => {
            "the database cannot be written; check owner and mode of the data directory: "
        }
        Some(code::BUSY | code::LOCKED) => {
            "another process holds the database's write lock for too long: "
        }
        Some(code::IOERR | code::CANTOPEN) => {
            "the data directory's volume does not read or write; check the disk: "
        }
        Some(code::CORRUPT | code::NOTADB) => {
            "the database file is damaged; restore it from a backup: "
        }
        _ => "",
    }
}
