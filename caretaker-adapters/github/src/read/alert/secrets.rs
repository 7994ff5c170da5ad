//! Alerts of secret scanning. GitHub is asked to keep the secrets to itself, and no shape here has
//! a place for one.

use caretaker_core::{
    model::alert::{SecretAlert, Validity, Watch},
    ports::PortError,
};
use serde::Deserialize;

use crate::{scope::Scope, shape::When};

#[derive(Debug, Deserialize)]
struct AlertShape {
    number: u64,
    created_at: When,
    secret_type: String,
    #[serde(default)]
    validity: Option<String>,
    #[serde(default)]
    push_protection_bypassed: Option<bool>,
    #[serde(default)]
    publicly_leaked: Option<bool>,
}

pub(super) async fn open(scope: Scope<'_>) -> Result<Watch<SecretAlert>, PortError> {
    super::watch(
        scope,
        "forge.read.secret_scanning",
        "/secret-scanning/alerts?state=open&hide_secret=true&sort=created&direction=desc\
         &per_page=100",
        alert,
    )
    .await
}

fn alert(shape: AlertShape) -> SecretAlert {
    SecretAlert {
        number: shape.number,
        kind: shape.secret_type,
        validity: Validity::of_word(shape.validity.as_deref()),
        bypassed: shape.push_protection_bypassed == Some(true),
        leaked: shape.publicly_leaked == Some(true),
        created_at: shape.created_at.0,
    }
}
