//! With what deliveries may be signed.

use caretaker_core::intake::{Headers, Verifier};
use caretaker_core::model::Secret;

use crate::settings::HookSecret;

/// The secrets in force.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// For every hook that has none of its own.
    general: Vec<Secret>,
    /// For the hooks of one App, by its number as headers write it.
    of_apps: Vec<(String, Secret)>,
}

impl Secrets {
    /// The first one, where there is one, and further ones.
    pub fn new(first: Option<Secret>, more: &[HookSecret]) -> Self {
        let mut secrets = Self {
            general: first.into_iter().collect(),
            of_apps: Vec::new(),
        };
        for one in more {
            match one.app {
                None => secrets.general.push(one.secret.clone()),
                Some(app) => secrets.of_apps.push((app.to_string(), one.secret.clone())),
            }
        }
        secrets
    }

    /// A check of a delivery's body. An App that has secrets of its own is held to those, so that
    /// one who knows another's cannot speak for it. The header that names the App is not signed:
    /// who changes it is held to other secrets, and has to know one of them.
    pub(super) fn verifier(&self, headers: &Headers<'_>) -> Verifier {
        let app = headers.hook_target_id.filter(|_| {
            let target = headers.hook_target_type.unwrap_or_default();
            target.eq_ignore_ascii_case("integration")
        });
        let own: Vec<&Secret> = self
            .of_apps
            .iter()
            .filter(|(id, _)| Some(id.as_str()) == app)
            .map(|(_, secret)| secret)
            .collect();
        let fit: Vec<&Secret> = if own.is_empty() {
            self.general.iter().collect()
        } else {
            own
        };
        Verifier::any(fit.into_iter().map(|secret| secret.expose().as_bytes()))
    }
}
