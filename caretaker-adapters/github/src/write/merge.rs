//! Merging: the one effect that needs a permit.

use caretaker_core::{
    merge_gate::MergePermit,
    model::{Merge, Number, Receipt, Sha},
    ports::{Kind, PortError, Settled},
};
use reqwest::Method;
use serde_json::json;

use crate::{read::pulls, scope::Scope};

const OP: &str = "forge.merge";

/// Merges at the permit's head; GitHub refuses every other (409).
pub(crate) async fn perform(scope: Scope<'_>, permit: &MergePermit) -> Result<Receipt, PortError> {
    let scope = scope.writing(Merge::PERMISSION);
    let number = permit.number();
    let body = json!({
        "sha": permit.head().as_str(),
        "merge_method": permit.method().word(),
    });
    let path = format!("/pulls/{number}/merge");
    let receipt = |changed| Receipt { changed, via: None };
    let refused = match scope.write(OP, Method::PUT, &path, Some(&body)).await {
        Ok(_reply) => return Ok(receipt(true)),
        Err(refused) => refused,
    };
    match refused.kind {
        // How GitHub also says that it is merged already.
        Kind::Refused(405) => match stands(scope, number, permit.head()).await {
            Ok(Settled::Performed) => Ok(receipt(false)),
            // Not to know it is no reason to forget that it was refused.
            Ok(Settled::NotPerformed | Settled::Unknown) | Err(_) => Err(refused),
        },
        Kind::Refused(404) => {
            scope.visible().await?;
            Err(PortError {
                kind: Kind::NotFound,
                ..refused
            })
        }
        Kind::Refused(_)
        | Kind::NotFound
        | Kind::Conflict
        | Kind::Denied
        | Kind::Fenced
        | Kind::RateLimited(_)
        | Kind::Unavailable
        | Kind::Full
        | Kind::Invalid
        | Kind::Corrupt => Err(refused),
    }
}

/// Tells whether it is merged as wanted.
pub(crate) async fn settle(scope: Scope<'_>, merge: &Merge) -> Result<Settled, PortError> {
    match stands(scope, merge.number, &merge.head).await {
        Err(error) if error.kind == Kind::NotFound => {
            scope.visible().await.map(|()| Settled::Unknown)
        }
        settled => settled,
    }
}

async fn stands(scope: Scope<'_>, number: Number, head: &Sha) -> Result<Settled, PortError> {
    let pull = pulls::pull(scope, number).await?;
    Ok(match pull.item.merged_at {
        None => Settled::NotPerformed,
        Some(_) if pull.head == *head => Settled::Performed,
        Some(_) => Settled::Unknown,
    })
}
