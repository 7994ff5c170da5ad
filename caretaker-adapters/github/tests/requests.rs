//! What a pull request's evaluation costs in requests. The budgets are those that docs/performance.md
//! shows; `make bench ONLY=requests` writes the table.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails there, in its helpers too"
)]

use std::sync::Arc;

use caretaker_core::model::{AppId, Secret};
use caretaker_github::{Credentials, GithubForge, GraphQl, Settings};
use caretaker_testkit::cost::{self, Opens};

const KEY: &str = include_str!("keys/for-tests-only.pkcs1.pem");

fn opens() -> Opens {
    drop(rustls::crypto::ring::default_provider().install_default());
    Box::new(|url, clock| {
        let settings = Settings {
            user_token: None,
            api_url: url.parse().unwrap(),
            graphql: GraphQl::BesideRest,
            credentials: Credentials::App {
                app_id: AppId::new(7),
                key: Secret::new(KEY),
            },
            deadline: Settings::DEADLINE,
            listing_pages: Settings::LISTING_PAGES,
            write_pace: std::time::Duration::ZERO,
        };
        Arc::new(GithubForge::new(settings, clock).unwrap())
    })
}

#[tokio::test]
async fn every_story_stays_within_its_budget() {
    let rows = cost::measure(&opens()).await;
    let told: Vec<_> = rows
        .iter()
        .map(|row| format!("{}: {}", row.what, row.cost))
        .collect();
    let told = told.join("\n");
    for row in &rows {
        let (cost, log) = (row.cost, &row.log);
        assert!(cost.paid > 0, "{}: nothing was asked\n{told}", row.what);
        assert!(
            row.budget.is_none_or(|budget| cost.paid <= budget),
            "{}: {cost}\n{log}\n{told}",
            row.what
        );
        assert!(
            row.writes.is_none_or(|writes| cost.writes <= writes),
            "{}: {cost}\n{log}\n{told}",
            row.what
        );
    }
    let of = |what: &str| rows.iter().find(|row| row.what == what).unwrap().cost;
    assert_eq!(
        of("an event of one of 200"),
        of("an event"),
        "how many others are open does not count"
    );
}
