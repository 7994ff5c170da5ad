//! The server: a door, a consumer, a scheduler and a sweeper over one store.

pub mod backlog;
pub mod consumer;
pub mod http;
pub mod log;
mod metrics;
pub mod scheduler;
pub mod standby;
pub mod sweeper;
pub mod vitals;

mod identity;
mod keep;
mod missed;
mod shutdown;
mod wall;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use caretaker_core::intake::{AllowList, Us};
use caretaker_core::model::{Secret, Span};
use caretaker_core::ports::{Clock, Ports, Storage};
use caretaker_wiring::answers::Answers;
use caretaker_wiring::clock::SystemClock;
use caretaker_wiring::forge::{AnswerStore, GithubForge};
use caretaker_wiring::storage::{Access, OpenError};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::sync::watch::{Receiver, channel};
use tokio::task::JoinSet;

use crate::settings::{DispatchMode, Settings};
use crate::webhook_secret;
use consumer::Consumer;
use http::{Door, Secrets};
use shutdown::Signals;
use vitals::Vitals;

/// How long another process may need the data directory for itself.
const MADE_BY_ANOTHER: Span = Span::seconds(5);

/// How long the end waits for answers that are still being kept.
const LAST_ANSWERS: Span = Span::seconds(1);

/// Serves until SIGTERM or an interrupt; then stops taking, finishes what is in hands, and
/// returns within ten seconds. Nothing that was accepted is lost.
///
/// # Errors
/// When the store cannot be opened, the address cannot be bound, or a setting does not make sense;
/// each says what to do.
pub async fn run(settings: Settings) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let storage = open(&settings, clock.as_ref()).await?;
    let kept = Answers::open(&settings.storage_config()).await;
    let answers = kept.clone().map(|kept| kept as Arc<dyn AnswerStore>);
    let github = settings.open_forge_keeping(Arc::clone(&clock), answers)?;
    let has_credentials = github.has_credentials();
    let ports = Ports {
        forge: Arc::<GithubForge>::clone(&github),
        storage,
        clock,
    };
    let allow_list = AllowList::parse(&settings.webhook.allow_list).map_err(|problems| {
        let entries: Vec<_> = problems.iter().map(ToString::to_string).collect();
        anyhow::anyhow!(
            "the allow-list has unusable entries: {}",
            entries.join("; ")
        )
    })?;
    let paused = settings.dispatch_mode == DispatchMode::Off;
    let vitals = Vitals::new(paused, has_credentials).least_room(settings.storage_least_room_bytes);
    let vitals = Arc::new(vitals);
    let news = Arc::new(Notify::new());
    let door = Arc::new(Door {
        ports: ports.clone(),
        secrets: Secrets::new(first_secret(&settings)?, &settings.webhook.secrets),
        max_body: settings.webhook.max_body_bytes,
        body_timeout: Duration::from_millis(
            u64::try_from(settings.http.body_timeout.as_millis()).unwrap_or(0),
        ),
        allow_list: allow_list.clone(),
        backlog: settings.webhook.backlog,
        news: Arc::clone(&news),
        vitals: Arc::clone(&vitals),
        body_budget: Door::budget(settings.webhook.max_body_bytes),
    });
    // Before anybody may think that it serves: a signal would end it on the spot.
    let signals = Signals::listen()?;
    let listener = TcpListener::bind(settings.listen).await.with_context(|| {
        format!(
            "listening on {}; choose another with --listen",
            settings.listen
        )
    })?;
    tracing::info!(
        address = %listener.local_addr()?,
        data_dir = %settings.data_dir.display(),
        mode_ceiling = settings.ceiling().name(),
        credentials = has_credentials,
        consumer = if paused { "paused" } else { "running" },
        "serving"
    );

    let metrics = metrics::bind(settings.metrics).await?;

    let (stop_now, stop) = channel(false);
    let (us_known, us) = channel(Us::default());
    let (worker_known, worker) = channel(None);
    let mut running = Parts {
        clock: Arc::clone(&ports.clock),
        vitals: Arc::clone(&vitals),
        stop: stop.clone(),
        tasks: JoinSet::new(),
    };
    let (learner, known_to, memory, ended) = (
        Arc::clone(&github),
        Arc::clone(&vitals),
        ports.clone(),
        stop.clone(),
    );
    running.keep("identity", move || {
        let (learner, vitals) = (Arc::clone(&learner), Arc::clone(&known_to));
        identity::learn(
            learner,
            vitals,
            us_known.clone(),
            ended.clone(),
            memory.clone(),
        )
    });
    let watched = watch::Watch {
        ports: ports.clone(),
        vitals: Arc::clone(&vitals),
        store: settings.storage_config(),
        max_bytes: settings.storage_max_bytes,
    };
    let s = stop.clone();
    running.keep("watch", move || watch::run(watched.clone(), s.clone()));
    if !paused {
        let consumer = Consumer {
            ports: ports.clone(),
            name: standby::worker_name("serve"),
            ceiling: settings.ceiling(),
            has_credentials,
            us,
            news: Arc::clone(&news),
            vitals: Arc::clone(&vitals),
            worker: worker_known,
        };
        let s = stop.clone();
        running.keep("consumer", move || consumer.clone().run(s.clone()));
        let (p, w, n, s) = (
            ports.clone(),
            worker.clone(),
            Arc::clone(&news),
            stop.clone(),
        );
        let keep = settings.retention;
        running.keep("sweeper", move || {
            let sweeping = sweeper::run(p.clone(), keep, w.clone(), Arc::clone(&n), s.clone());
            async move {
                sweeping.await;
                Ok(())
            }
        });
        let reader = missed::Reader::new(
            &settings,
            github,
            allow_list,
            ports.clone(),
            worker.clone(),
            Arc::clone(&news),
            Arc::clone(&vitals),
        );
        if let Some(reader) = reader {
            let s = stop.clone();
            running.keep("delivery log", move || {
                let reading = reader.clone().run(s.clone());
                async move {
                    reading.await;
                    Ok(())
                }
            });
        }
        if settings.scheduler_enabled {
            let (p, s) = (ports.clone(), stop.clone());
            running.keep("scheduler", move || {
                let ticking =
                    scheduler::run(p.clone(), worker.clone(), Arc::clone(&news), s.clone());
                async move {
                    ticking.await;
                    Ok(())
                }
            });
        }
    }
    let mut tasks = running.tasks;
    if let Some(metrics) = metrics {
        tasks.spawn(metrics::run(metrics, Arc::clone(&door), stop.clone()));
    }
    let (bounds, clock) = (settings.http, Arc::clone(&ports.clock));
    tasks.spawn(async move {
        http::serve(listener, http::router(door), bounds, clock, stop).await;
        Ok(())
    });
    let ended = shutdown::supervise(signals, tasks, stop_now, &ports).await;
    if let Some(kept) = kept {
        tokio::select! {
            () = kept.flush() => {}
            () = ports.clock.sleep(LAST_ANSWERS) => {}
        }
    }
    ended
}

/// The parts of a server that are started again when they fail.
struct Parts {
    clock: Arc<dyn Clock>,
    vitals: Arc<Vitals>,
    stop: Receiver<bool>,
    tasks: JoinSet<anyhow::Result<()>>,
}

impl Parts {
    fn keep<F>(&mut self, part: &'static str, start: impl FnMut() -> F + Send + 'static)
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let (clock, vitals) = (Arc::clone(&self.clock), Arc::clone(&self.vitals));
        let kept = keep::keep(part, clock, vitals, self.stop.clone(), start);
        self.tasks.spawn(kept);
    }
}

/// Opens the store; waits a little while another server makes or upgrades it.
async fn open(settings: &Settings, clock: &dyn Clock) -> anyhow::Result<Arc<dyn Storage>> {
    let until = clock.monotonic() + MADE_BY_ANOTHER;
    loop {
        let error = match settings.open_storage(Access::Serve).await {
            Ok(storage) => return Ok(storage),
            Err(error) => error,
        };
        let in_use = matches!(error.downcast_ref(), Some(OpenError::InUse { .. }));
        if !in_use || clock.monotonic() >= until {
            return Err(error);
        }
        clock.sleep(standby::LOOK).await;
    }
}

/// The configured secret, or the one kept in the data directory, made when there is none; `None`
/// where further secrets serve every hook.
fn first_secret(settings: &Settings) -> anyhow::Result<Option<Secret>> {
    if !settings.webhook.needs_generated() {
        return Ok(settings.webhook.secret.clone());
    }
    let (secret, made) = webhook_secret::load_or_create(&settings.data_dir).with_context(|| {
        format!(
            "the webhook secret in {}",
            webhook_secret::path(&settings.data_dir).display()
        )
    })?;
    if made {
        tracing::info!("made a webhook secret; `caretaker webhook-secret` shows it");
    }
    Ok(Some(secret))
}
