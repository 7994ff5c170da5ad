//! Learns from the forge who we are, so that our own doing is told from others'.

use std::sync::Arc;

use caretaker_core::intake::Us;
use caretaker_core::model::Span;
use caretaker_core::ports::Ports;
use caretaker_wiring::forge::{GithubForge, Identity};
use tokio::sync::watch;

use super::vitals::Vitals;

/// How long to wait before asking again.
const AGAIN: Span = Span::seconds(30);

/// Asks until the forge answers. Until then nothing is taken for our own: more is looked at than
/// needed, and nothing is missed.
///
/// # Errors
/// Never; a part of the server that ends well is done.
pub(super) async fn learn(
    forge: Arc<GithubForge>,
    vitals: Arc<Vitals>,
    known: watch::Sender<Us>,
    mut stop: watch::Receiver<bool>,
    ports: Ports,
) -> anyhow::Result<()> {
    if !forge.has_credentials() {
        tracing::warn!(
            "no credentials: nothing can be read or written; set GITHUB_TOKEN, or the App's id \
             and private key"
        );
        return Ok(());
    }
    while !*stop.borrow() {
        match forge.identity().await {
            Ok(identity) => {
                if matches!(identity, Identity::User { .. }) {
                    tracing::warn!(
                        "acting with a personal token: only comments with our marker and statuses \
                         of our context are told apart from what that person does"
                    );
                }
                vitals.forge_knows_us();
                known.send_replace(us(&identity));
                return Ok(());
            }
            Err(error) => {
                tracing::warn!(error = %error, "could not learn who we are; asking again");
            }
        }
        tokio::select! {
            () = ports.clock.sleep(AGAIN) => {}
            _ = stop.changed() => {}
        }
    }
    Ok(())
}

/// Contexts under which a personal token sets statuses, as agents name their findings by default.
const CONTEXTS: [&str; 2] = ["caretaker/pr-readiness", "caretaker/config"];

fn us(identity: &Identity) -> Us {
    match identity {
        Identity::App { id, bot } => Us {
            app_id: Some(*id),
            bot_login: Some(bot.clone()),
            ..Us::default()
        },
        Identity::User { id, .. } => Us {
            token_user: Some(*id),
            contexts: CONTEXTS.iter().map(ToString::to_string).collect(),
            ..Us::default()
        },
    }
}
