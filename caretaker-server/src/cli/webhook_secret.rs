//! `caretaker webhook-secret`: shows the secret for GitHub's webhook form, makes one if there is none.

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

use super::Exit;
use super::out::{self, Out};
use crate::settings::Settings;
use crate::webhook_secret::{load_or_create, path};

/// Show the webhook secret in force; make one if none is set
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker webhook-secret
  caretaker webhook-secret --data-dir /var/lib/caretaker

The secret goes to stdout, where it comes from to stderr.")]
pub(super) struct WebhookSecret {}

#[derive(Serialize)]
struct Shown<'a> {
    secret: &'a str,
    from: &'a str,
    created: bool,
}

impl WebhookSecret {
    #[expect(
        clippy::unused_self,
        reason = "commands look alike; this one takes no arguments of its own"
    )]
    pub(super) fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        if let Some(secret) = &settings.webhook.secret {
            let shown = Shown {
                secret: secret.expose(),
                from: "settings",
                created: false,
            };
            out.show(&shown, |shown| shown.secret.to_owned())?;
            out::complain("it comes from the settings (webhook.secret)");
            return Ok(Exit::Good);
        }
        let place = path(&settings.data_dir);
        let place = place.display().to_string();
        let (secret, created) = load_or_create(&settings.data_dir)
            .with_context(|| format!("{place} cannot be read or made; see --data-dir"))?;
        let shown = Shown {
            secret: secret.expose(),
            from: &place,
            created,
        };
        out.show(&shown, |shown| shown.secret.to_owned())?;
        let how = if created { "made now, kept in" } else { "from" };
        out::complain(format_args!("{how} {place}"));
        Ok(Exit::Good)
    }
}
