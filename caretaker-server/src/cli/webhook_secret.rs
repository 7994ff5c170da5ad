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
    /// Where further secrets in force come from.
    also: Vec<&'a str>,
}

impl WebhookSecret {
    #[expect(
        clippy::unused_self,
        reason = "commands look alike; this one takes no arguments of its own"
    )]
    pub(super) fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        let webhook = &settings.webhook;
        let mut also: Vec<&str> = webhook
            .secrets
            .iter()
            .map(|one| one.from.as_str())
            .collect();
        if !webhook.needs_generated() {
            // Some further one serves every hook where the first is not set.
            let first = webhook.secrets.iter().position(|one| one.app.is_none());
            let (secret, from) = match (&webhook.secret, first) {
                (Some(secret), _) => (secret.expose(), "webhook.secret"),
                (None, Some(at)) => (webhook.secrets[at].secret.expose(), also.remove(at)),
                (None, None) => return Ok(Exit::Good),
            };
            let shown = Shown {
                secret,
                from: "settings",
                created: false,
                also: also.clone(),
            };
            out.show(&shown, |shown| shown.secret.to_owned())?;
            out::complain(format_args!("it comes from the settings ({from})"));
            tell_also(&also);
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
            also: also.clone(),
        };
        out.show(&shown, |shown| shown.secret.to_owned())?;
        let how = if created { "made now, kept in" } else { "from" };
        out::complain(format_args!("{how} {place}"));
        tell_also(&also);
        Ok(Exit::Good)
    }
}

/// Names further secrets by where they come from, and shows none.
fn tell_also(also: &[&str]) {
    if !also.is_empty() {
        out::complain(format_args!("accepted as well: {}", also.join(", ")));
    }
}
