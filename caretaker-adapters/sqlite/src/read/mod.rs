//! The read sides: short queries on connections that cannot write, in pages.

mod bus;
mod journal;
mod repos;
mod standing;
mod state;

use sqlx::SqliteConnection;

use caretaker_core::ports::{Kind, PortError};

use crate::error::Fault;
use crate::{DEADLINE, SqliteStorage};

impl SqliteStorage {
    /// Runs a query on a reader, within the deadline.
    pub(crate) async fn read<T, F>(&self, op: &'static str, query: F) -> Result<T, PortError>
    where
        F: AsyncFnOnce(&mut SqliteConnection) -> Result<T, Fault>,
    {
        let all = async {
            let mut conn = self.readers.acquire().await.map_err(Fault::Sql)?;
            query(&mut conn).await
        };
        match tokio::time::timeout(DEADLINE, all).await {
            Ok(result) => result.map_err(|fault| fault.at(op)),
            Err(_elapsed) => {
                let why = format!(
                    "the database did not answer within {} s",
                    DEADLINE.as_secs()
                );
                Err(PortError::new(op, Kind::Unavailable).detail(why))
            }
        }
    }
}
