//! What stories cost in GitHub's requests: counted, not timed.

use std::sync::Arc;
use std::time::Duration;

use caretaker_bench::figure::Better;
use caretaker_bench::report::Report;
use caretaker_core::model::Secret;
use caretaker_core::ports::Forge;
use caretaker_testkit::cost::{self, Measured, Opens};
use caretaker_wiring::forge::ForgeConfig;
use tokio::runtime::Runtime;

/// The App of the simulated GitHub.
const APP: u64 = 7;
const KEY: &str =
    include_str!("../../caretaker-adapters/github/tests/keys/for-tests-only.pkcs1.pem");

pub(super) fn measure() -> anyhow::Result<Report> {
    caretaker_wiring::bootstrap::init_crypto();
    let open: Opens = Box::new(|url, clock| {
        let config = ForgeConfig {
            api_url: Some(url.to_owned()),
            app_id: Some(APP),
            private_key: Some(Secret::new(KEY)),
            // Time stands still there while a call is under way.
            write_pace: Some(Duration::ZERO),
            ..ForgeConfig::default()
        };
        let forge: Arc<dyn Forge> = config.open(clock).expect("the App is set up whole");
        forge
    });
    let measured = Runtime::new()?.block_on(cost::measure(&open));
    Ok(told(&measured))
}

fn told(measured: &[Measured]) -> Report {
    let mut report = Report::default();
    let rows = measured.iter().map(|row| {
        let (cost, mut target, mut share) = (row.cost, String::new(), String::new());
        let paid = small(cost.paid);
        if let Some(budget) = row.budget {
            let name = format!("requests/{}", row.what.replace([' ', ','], "_"));
            let stands = report.target(&name, paid, Better::Less, small(budget));
            target = format!("≤ {budget}: {stands}");
            share = report.keep(&name, paid / small(budget), Better::Less);
        }
        vec![
            row.what.to_owned(),
            cost.paid.to_string(),
            target,
            share,
            cost.writes.to_string(),
            cost.points.to_string(),
            cost.unchanged.to_string(),
            cost.app.to_string(),
        ]
    });
    let rows: Vec<_> = rows.collect();
    report.table(
        &[
            "What happens",
            "requests",
            "target",
            "÷ target",
            "writes among them",
            "GraphQL points",
            "304s beside",
            "as the App",
        ],
        &rows,
    );
    report
}

fn small(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
