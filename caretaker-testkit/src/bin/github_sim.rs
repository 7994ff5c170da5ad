//! A GitHub that is not one: the simulated world behind REST, for demonstrations and live tests.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use async_trait::async_trait;
use caretaker_core::model::{Secret, Span, Timestamp};
use caretaker_core::ports::Clock;
use caretaker_testkit::world::{Hooks, Seed, World};
use clap::Parser;

const EXAMPLES: &str = "\
Examples:
  github-sim --seed seed.yaml --webhook-url http://127.0.0.1:8000/webhooks/github \\
      --secret-file caretaker-data/webhook-secret --token sim-token --port-file port
  curl -s http://127.0.0.1:PORT/_sim/act -d '{do: comment, number: 1, by: alice, text: hello}'
  curl -s http://127.0.0.1:PORT/_sim/act?repo=octo/widgets \\
      -d '{do: check, number: 1, name: ci, word: success}'
  curl -s http://127.0.0.1:PORT/_sim/faults \\
      -d '{call: \"POST /repos/{owner}/{repo}/issues/{number}/comments\", then: {do: hold}}'
  curl -s http://127.0.0.1:PORT/_sim/faults \\
      -d '[{call: GET, nth: 3, times: 2, then: {do: page, v: 502}}, {call: merge, then: {do: cut}}]'
  curl -s http://127.0.0.1:PORT/_sim/limits -d '{left: 10, content_per_minute: 5}'
  curl -s http://127.0.0.1:PORT/_sim/release -d '{how: refuse}'
  curl -s 'http://127.0.0.1:PORT/_sim/log?effects=1'

docs/simulator.md lists what can be controlled and every fault.

Exit codes: 0 ended by SIGTERM or SIGINT and nothing was amiss; 1 it could not start; 3 some request
was one that a well-made client would not send (they are listed on stderr).";

/// GitHub's REST API over a simulated world that sends signed webhooks.
///
/// Without --seed the world is the populated one of the tests: octo/widgets with pull request #1
/// and issue #2.
#[derive(Parser)]
#[command(name = "github-sim", after_help = EXAMPLES)]
struct Options {
    /// Where to listen; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
    /// YAML file that tells the world, with ages relative to now (`-61d`).
    #[arg(long)]
    seed: Option<PathBuf>,
    /// Where webhooks go; without it none are sent.
    #[arg(long, requires = "secret_file")]
    webhook_url: Option<String>,
    /// File with the webhook secret; read once, at the start.
    #[arg(long)]
    secret_file: Option<PathBuf>,
    /// A personal token to accept; we then act as the user of --token-login.
    #[arg(long)]
    token: Option<String>,
    /// The user behind --token; may write wherever the seed names no other role for it.
    #[arg(long, default_value = "caretaker-user")]
    token_login: String,
    /// Private RSA key of the App (PEM), against which its JWTs are checked; without it only their
    /// header and claims are.
    #[arg(long)]
    app_key: Option<PathBuf>,
    /// Writes the port to this file once it listens.
    #[arg(long)]
    port_file: Option<PathBuf>,
}

/// The machine's clock.
struct SystemClock(Instant);

#[async_trait]
impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the implementation of the port"
    )]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Span {
        Span::millis(i64::try_from(self.0.elapsed().as_millis()).unwrap_or(i64::MAX))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the implementation of the port"
    )]
    async fn sleep(&self, span: Span) {
        let millis = u64::try_from(span.as_millis()).unwrap_or(0);
        tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(violations) if violations.is_empty() => ExitCode::SUCCESS,
        Ok(violations) => {
            say(&format!(
                "requests that GitHub would not expect:\n  {}",
                violations.join("\n  ")
            ));
            ExitCode::from(3)
        }
        Err(error) => {
            say(&format!("github-sim: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// The one place that prints: stderr, so that stdout holds nothing but the address.
#[expect(clippy::print_stderr, reason = "a command line program's messages")]
fn say(text: &str) {
    eprintln!("{text}");
}

#[expect(clippy::print_stdout, reason = "the address is the program's result")]
fn tell_address(address: &std::net::SocketAddr) {
    println!("http://{address}");
}

async fn run(options: Options) -> anyhow::Result<Vec<String>> {
    let clock = Arc::new(SystemClock(Instant::now()));
    let world = match &options.seed {
        None => World::new(clock).unwatched(),
        Some(path) => {
            let text = std::fs::read_to_string(path);
            let text = text.with_context(|| format!("cannot read --seed {}", path.display()))?;
            let world = World::empty(clock).unwatched();
            let grown = Seed::parse(&text).and_then(|seed| world.grow(&seed));
            if let Err(error) = grown {
                bail!("--seed {}: {error}", path.display());
            }
            world
        }
    };
    if let Some(token) = &options.token {
        world.accept_token(token, &options.token_login);
        world.as_token_of(&options.token_login);
        world.trust(&options.token_login);
    }
    if let Some(path) = &options.app_key {
        let pem = std::fs::read_to_string(path);
        let pem = pem.with_context(|| format!("cannot read --app-key {}", path.display()))?;
        if let Err(error) = world.app_key(&pem) {
            bail!("--app-key {}: {error}", path.display());
        }
    }
    let hooks = match (options.webhook_url, options.secret_file) {
        (Some(url), Some(path)) => {
            let secret = std::fs::read_to_string(&path);
            let secret = secret.with_context(|| {
                format!(
                    "cannot read --secret-file {}; start the server first",
                    path.display()
                )
            })?;
            Some(Hooks {
                url,
                secret: Secret::new(secret.trim_end()),
            })
        }
        _ => None,
    };
    let listener = tokio::net::TcpListener::bind(&options.listen).await;
    let listener = listener.with_context(|| format!("cannot listen on {}", options.listen))?;
    let address = listener.local_addr()?;
    if let Some(path) = &options.port_file {
        let written = std::fs::write(path, format!("{}\n", address.port()));
        written.with_context(|| format!("cannot write --port-file {}", path.display()))?;
    }
    tell_address(&address);
    let mut end = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        served = world.serve(listener, hooks) => served?,
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ended = end.recv() => {}
    }
    Ok(world.take_violations())
}
