//! `caretaker resume`: ends a pause, and has what was held looked at again.

use std::fmt::Write as _;

use caretaker_core::drive::pausing::{self, Resumed};
use clap::Args;
use serde::Serialize;

use super::Exit;
use super::out::Out;
use super::pause::{self, View};
use super::store::Store;
use crate::settings::Settings;

/// End a pause, and look again at what was held meanwhile
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker resume
  caretaker resume --repo my-org/my-repo --json

Without --repo it ends the pause for everywhere; repositories that are paused
by themselves stay so. Every item about which something was held goes back to
the queue and is decided afresh, commands in comments first; one that is older
than ten minutes has expired, which it is told. Works beside a running server
and without one. What is not paused stays as it is.

Exit codes: 0 it is not paused any more; 2 there is no store, or the repository
is not known.")]
pub(super) struct Resume {
    /// Only this repository [default: everywhere]
    #[arg(long, value_name = "OWNER/REPO", value_parser = pause::named)]
    repo: Option<String>,
}

#[derive(Serialize)]
struct Told {
    resumed: bool,
    looks: usize,
    left_out: usize,
    commands: usize,
    expired: usize,
    lost: usize,
    paused: Vec<View>,
    #[serde(skip)]
    place: String,
}

impl Resume {
    pub(super) async fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        let store = Store::open(settings).await?;
        let place = pause::place(&store, self.repo.as_deref()).await?;
        let resumed = pausing::resume(&store.ports, place.as_ref()).await?;
        let Resumed {
            ended,
            looks,
            left_out,
            commands,
            expired,
            lost,
        } = resumed;
        let told = Told {
            resumed: ended.is_some(),
            looks,
            left_out,
            commands,
            expired,
            lost,
            paused: pause::all(&store).await?,
            place: self.repo.clone().unwrap_or_else(|| "everywhere".to_owned()),
        };
        out.show(&told, Told::text)?;
        Ok(Exit::Good)
    }
}

impl Told {
    fn text(&self) -> String {
        let mut text = if self.resumed {
            let looks = match self.looks {
                0 => "nothing had been held".to_owned(),
                1 => "1 subject is looked at again".to_owned(),
                n => format!("{n} subjects are looked at again"),
            };
            format!("resumed    {}; {looks}\n", self.place)
        } else {
            format!("unchanged  {} was not paused\n", self.place)
        };
        if self.left_out > 0 {
            writeln!(
                text,
                "left out   {} subjects found no room in the queue; they wait for their next event or tick",
                self.left_out
            )
            .expect("writing to a string cannot fail");
        }
        let commands = [
            (
                "commands",
                self.commands,
                "given meanwhile, are carried out now",
            ),
            (
                "expired",
                self.expired,
                "too late: answered so, and not carried out",
            ),
            (
                "lost",
                self.lost,
                "in repositories without us: neither answered nor carried out",
            ),
        ];
        for (name, count, what) in commands.into_iter().filter(|(_, count, _)| *count > 0) {
            writeln!(text, "{name:<9}  {count} commands {what}")
                .expect("writing to a string cannot fail");
        }
        text.push_str(&pause::lines(&self.paused));
        text
    }
}
