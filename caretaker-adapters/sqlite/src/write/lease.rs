//! Leases and the fence: who may write.

use sqlx::SqliteConnection;

use caretaker_core::model::{Span, Timestamp};
use caretaker_core::ports::{Fence, Kind};

use crate::error::Fault;
use crate::tenure::Signed;

/// Refuses a fence below the highest one handed out.
pub(crate) async fn guard(conn: &mut SqliteConnection, fence: Fence) -> Result<(), Fault> {
    let mine = fence.0.cast_signed();
    let handed = handed(conn).await?;
    if mine >= handed {
        return Ok(());
    }
    Err(Fault::refused(
        Kind::Fenced,
        format!("fence {mine} is below {handed}"),
    ))
}

async fn handed(conn: &mut SqliteConnection) -> Result<i64, Fault> {
    Ok(sqlx::query_scalar("SELECT handed FROM fence")
        .fetch_one(&mut *conn)
        .await?)
}

/// Lets items in flight under a lower fence wait again.
pub(crate) async fn reclaim(conn: &mut SqliteConnection, fence: i64) -> Result<(), Fault> {
    sqlx::query("UPDATE items SET state = 0, joined_to = NULL WHERE state = 1 AND fence < ?")
        .bind(fence)
        .execute(&mut *conn)
        .await?;
    Ok(())
}

pub(crate) async fn acquire(
    conn: &mut SqliteConnection,
    name: &str,
    worker: &str,
    now: Timestamp,
    ttl: Span,
    signed: &Signed,
) -> Result<Fence, Fault> {
    let held: Option<(String, i64)> =
        sqlx::query_as("SELECT worker, until FROM leases WHERE name = ?")
            .bind(name)
            .fetch_optional(&mut *conn)
            .await?;
    if let Some((holder, until)) = held
        && holder != worker
        && !signed.is_gone(&holder)
        && (until > now.as_millis() || signed.is_alive(&holder))
    {
        let until = Timestamp::from_millis(until);
        return Err(Fault::refused(
            Kind::Conflict,
            format!("lease {name} is held by {holder} until {until}"),
        ));
    }
    let fence = handed(conn).await? + 1;
    sqlx::query("UPDATE fence SET handed = ?")
        .bind(fence)
        .execute(&mut *conn)
        .await?;
    reclaim(conn, fence).await?;
    sqlx::query(
        "INSERT INTO leases (name, worker, fence, until) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (name) DO UPDATE SET worker = ?2, fence = ?3, until = ?4",
    )
    .bind(name)
    .bind(worker)
    .bind(fence)
    .bind((now + ttl).as_millis())
    .execute(&mut *conn)
    .await?;
    Ok(Fence(fence.cast_unsigned()))
}

pub(crate) async fn renew(
    conn: &mut SqliteConnection,
    name: &str,
    fence: Fence,
    now: Timestamp,
    ttl: Span,
) -> Result<(), Fault> {
    let renewed = sqlx::query("UPDATE leases SET until = ? WHERE name = ? AND fence = ?")
        .bind((now + ttl).as_millis())
        .bind(name)
        .bind(fence.0.cast_signed())
        .execute(&mut *conn)
        .await?;
    if renewed.rows_affected() == 1 {
        return Ok(());
    }
    let why = format!("lease {name} is not ours under fence {}", fence.0);
    Err(Fault::refused(Kind::Fenced, why))
}

pub(crate) async fn release(
    conn: &mut SqliteConnection,
    name: &str,
    fence: Fence,
) -> Result<(), Fault> {
    sqlx::query("DELETE FROM leases WHERE name = ? AND fence = ?")
        .bind(name)
        .bind(fence.0.cast_signed())
        .execute(&mut *conn)
        .await?;
    Ok(())
}
