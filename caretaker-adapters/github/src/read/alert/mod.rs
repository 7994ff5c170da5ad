//! Open alerts of GitHub's scanners, each of which can be switched off.

mod code;
mod dependencies;
mod secrets;

use caretaker_core::{
    model::{AlertAnswer, AlertQuery, Listing, alert::Watch},
    ports::{Kind, PortError},
};
use serde::de::DeserializeOwned;

use crate::scope::Scope;

pub(super) async fn answer(scope: Scope<'_>, query: &AlertQuery) -> Result<AlertAnswer, PortError> {
    Ok(match query {
        AlertQuery::CodeScanning => AlertAnswer::CodeScanning(code::open(scope).await?),
        AlertQuery::SecretScanning => AlertAnswer::SecretScanning(secrets::open(scope).await?),
        AlertQuery::Dependabot => AlertAnswer::Dependabot(dependencies::open(scope).await?),
    })
}

/// What a scanner lists, or that it is off: GitHub says that with a status of its own for each.
async fn watch<T: DeserializeOwned, U>(
    scope: Scope<'_>,
    op: &'static str,
    rest: &str,
    alert: fn(T) -> U,
) -> Result<Watch<U>, PortError> {
    match scope.list(op, rest).await {
        Ok(listing) => Ok(Watch::On(Listing {
            rows: listing.rows.into_iter().map(alert).collect(),
            complete: listing.complete,
        })),
        Err(error) if matches!(error.kind, Kind::Refused(_)) => Ok(Watch::Off),
        Err(error) => Err(error),
    }
}
