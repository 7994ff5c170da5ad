//! Merging: the one effect that needs a permit.

use caretaker_core::{
    merge_gate::MergePermit,
    model::{Merge, MergeMethod, Number, Receipt, Sha},
    ports::{Kind, PortError, Settled},
};
use reqwest::Method;
use serde_json::json;

use super::queue;
use crate::{read::pulls, scope::Scope};

const OP: &str = "forge.merge";

/// Merges at the permit's head; GitHub refuses every other (409).
pub(crate) async fn perform(scope: Scope<'_>, permit: &MergePermit) -> Result<Receipt, PortError> {
    let scope = scope.writing(Merge::PERMISSION);
    if permit.method() == MergeMethod::Queue {
        // Which permission the queue takes GitHub does not say.
        let scope = scope.writing("contents: write with pull_requests: write");
        return queued(scope, permit).await;
    }
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

/// Puts it into the merge queue at the permit's head.
async fn queued(scope: Scope<'_>, permit: &MergePermit) -> Result<Receipt, PortError> {
    let (number, head) = (permit.number(), permit.head());
    let put = queue::put(scope, OP, number, head).await;
    let changed = match put {
        Ok(changed) => changed,
        // How GitHub also says that it is merged already.
        Err(refused) if matches!(refused.kind, Kind::Refused(_)) => {
            match stands(scope, number, head).await {
                Ok(Settled::Performed) => false,
                Ok(Settled::NotPerformed | Settled::Unknown) | Err(_) => return Err(refused),
            }
        }
        Err(error) if error.kind == Kind::NotFound => {
            scope.visible().await?;
            return Err(error);
        }
        Err(error) => return Err(error),
    };
    Ok(Receipt { changed, via: None })
}

/// Tells whether it is merged as wanted, or waits for that in the queue.
pub(crate) async fn settle(scope: Scope<'_>, merge: &Merge) -> Result<Settled, PortError> {
    if merge.method == MergeMethod::Queue {
        match queue::holds(scope, OP, merge.number, &merge.head).await {
            Ok(true) => return Ok(Settled::Performed),
            Ok(false) => {}
            Err(error) if error.kind == Kind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
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
