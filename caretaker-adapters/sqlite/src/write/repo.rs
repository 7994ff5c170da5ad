//! What we are taught about repositories.

use sqlx::SqliteConnection;

use caretaker_core::model::{AccountId, Branch, InstallationId, Learned, RepoFacts, RepoRef};

use crate::error::Fault;

pub(super) async fn learn(conn: &mut SqliteConnection, learned: &Learned) -> Result<(), Fault> {
    let number = |id: &InstallationId| id.value().cast_signed();
    let query = match learned {
        Learned::Known(repo, facts) => return known(conn, repo, facts, false).await,
        Learned::Listed(repo, facts) => return known(conn, repo, facts, true).await,
        Learned::Gone(key) => {
            sqlx::query("UPDATE repos SET gone = 1 WHERE key = ?").bind(key.to_string())
        }
        Learned::Suspended(id) => {
            sqlx::query("INSERT INTO suspended (installation) VALUES (?) ON CONFLICT DO NOTHING")
                .bind(number(id))
        }
        Learned::Resumed(id) => {
            sqlx::query("DELETE FROM suspended WHERE installation = ?").bind(number(id))
        }
        Learned::InstallationGone(id) => {
            sqlx::query("DELETE FROM suspended WHERE installation = ?")
                .bind(number(id))
                .execute(&mut *conn)
                .await?;
            sqlx::query("UPDATE repos SET gone = 1 WHERE installation = ?").bind(number(id))
        }
    };
    query.execute(&mut *conn).await?;
    Ok(())
}

async fn known(
    conn: &mut SqliteConnection,
    repo: &RepoRef,
    facts: &RepoFacts,
    listed: bool,
) -> Result<(), Fault> {
    let key = repo.key.to_string();
    let bears = repo.full_name().to_lowercase();
    // Nearly every delivery teaches what is known already; that must not cost a write.
    let same: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM repos WHERE key = ?1 AND bears = ?2 AND owner = ?3
             AND name = ?4 AND (?5 IS NULL OR installation IS ?5)
             AND (?6 IS NULL OR account IS ?6)
             AND (?7 IS NULL OR default_branch IS ?7) AND (?8 IS NULL OR archived = ?8)
             AND (gone = 0 OR NOT ?9))",
    )
    .bind(&key)
    .bind(&bears)
    .bind(&repo.owner)
    .bind(&repo.name)
    .bind(repo.installation.map(|id| id.value().cast_signed()))
    .bind(repo.account.map(|id: AccountId| id.value().cast_signed()))
    .bind(facts.default_branch.as_ref().map(Branch::as_str))
    .bind(facts.archived)
    .bind(listed)
    .fetch_one(&mut *conn)
    .await?;
    if same {
        return Ok(());
    }
    sqlx::query("UPDATE repos SET bears = NULL WHERE bears = ? AND key <> ?")
        .bind(&bears)
        .bind(&key)
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "INSERT INTO repos (key, forge, number, owner, name, bears, installation, account,
             default_branch, archived)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, coalesce(?10, 0))
         ON CONFLICT (key) DO UPDATE SET owner = ?4, name = ?5, bears = ?6,
             installation = coalesce(?7, installation), account = coalesce(?8, account),
             default_branch = coalesce(?9, default_branch),
             archived = coalesce(?10, archived),
             gone = iif(?11 OR (?7 IS NOT NULL AND ?7 IS NOT installation), 0, gone)",
    )
    .bind(&key)
    .bind(forge(&key))
    .bind(repo.key.id().cast_signed())
    .bind(&repo.owner)
    .bind(&repo.name)
    .bind(&bears)
    .bind(repo.installation.map(|id| id.value().cast_signed()))
    .bind(repo.account.map(|id| id.value().cast_signed()))
    .bind(facts.default_branch.as_ref().map(Branch::as_str))
    .bind(facts.archived)
    .bind(listed)
    .execute(&mut *conn)
    .await?;
    Ok(())
}

/// The part of a key before its number.
pub(crate) fn forge(key: &str) -> &str {
    key.split_once(':').map_or(key, |(forge, _)| forge)
}
