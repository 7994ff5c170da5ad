//! `GET /metrics` on a listener of its own, so that the webhooks' address can be open to the world.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use caretaker_core::model::Span;
use caretaker_wiring::telemetry::record::{self, Now};
use caretaker_wiring::telemetry::{self, Scrape};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::http::Door;
use super::shutdown;
use crate::settings::MetricsAt;

/// Where it is when nobody says.
const USUAL: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9_090);

/// The listener, where there shall be one, and what is counted from now on.
///
/// # Errors
/// When an address that was asked for cannot be had.
pub(super) async fn bind(at: MetricsAt) -> anyhow::Result<Option<(TcpListener, Scrape)>> {
    let listener = match at {
        MetricsAt::Nowhere => return Ok(None),
        MetricsAt::Asked(address) => TcpListener::bind(address).await.with_context(|| {
            format!("listening for metrics on {address}; choose another metrics.listen, or off")
        })?,
        MetricsAt::Usual => match TcpListener::bind(USUAL).await {
            Ok(listener) => listener,
            Err(error) => {
                tracing::warn!(
                    address = %USUAL, error = %error,
                    "no metrics: the usual address cannot be had; set metrics.listen, or off"
                );
                return Ok(None);
            }
        },
    };
    tracing::info!(address = %listener.local_addr()?, "telling metrics");
    let scrape = telemetry::install().context("counting")?;
    record::runs(env!("CARGO_PKG_VERSION"));
    Ok(Some((listener, scrape)))
}

/// Answers until told to stop.
///
/// # Errors
/// When the listener fails.
pub(super) async fn run(
    (listener, scrape): (TcpListener, Scrape),
    door: Arc<Door>,
    stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let router = Router::new()
        .route("/", get(tell))
        .route("/metrics", get(tell))
        .with_state((door, scrape));
    axum::serve(listener, router)
        .with_graceful_shutdown(shutdown::requested(stop))
        .await
        .context("telling metrics")
}

async fn tell(State((door, scrape)): State<(Arc<Door>, Scrape)>) -> Response {
    let clock = &door.ports.clock;
    let (depth, report) = door.look().await;
    // Without an answer the depths stay as they were last known; `caretaker_ready` says so.
    let depth = depth.ok();
    record::ready(report.missing.is_empty());
    if let Some(depth) = depth {
        let oldest = depth.oldest.map(|oldest| clock.now().since(oldest));
        let oldest = oldest.map_or(0, Span::as_millis);
        record::now(&Now {
            deliveries: depth.deliveries,
            waiting: depth.waiting,
            in_flight: depth.in_flight,
            buried: depth.buried,
            oldest: Duration::from_millis(u64::try_from(oldest).unwrap_or(0)),
            backlog: door
                .backlog
                .used(&depth.backlog, clock.now())
                .map(|(bound, used)| (bound.name(), used)),
        });
    }
    let kind = (
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    );
    ([kind], scrape.text()).into_response()
}
