//! What every face of the App's own port must do, as one list of cases over a
//! [`World`].
//!
//! Run like the [forge's](super::forge): `app_forge_conformance!(rig)` beside an async function
//! from [`Access`](super::forge::Access) to [`Rig`].

use std::any::Any;
use std::collections::BTreeSet;
use std::sync::Arc;

use caretaker_core::intake::Headers;
use caretaker_core::model::app::{Attempt, AttemptId, Selection};
use caretaker_core::model::{InstallationId, RepoKey, RepoRef, Span};
use caretaker_core::ports::{AppForge, Kind, PortError};

use crate::clock::VirtualClock;
use crate::world::{Fault, Hook, World};

/// A face, the world behind it, and what must live as long.
pub struct Rig {
    /// The world, for telling and for looking.
    pub world: World,
    /// Its time.
    pub clock: VirtualClock,
    /// The face under test.
    pub app: Arc<dyn AppForge>,
    _alive: Box<dyn Any + Send + Sync>,
}

impl Rig {
    /// Puts them together.
    pub fn new(
        world: World,
        clock: VirtualClock,
        app: Arc<dyn AppForge>,
        alive: impl Any + Send + Sync,
    ) -> Self {
        Self {
            world,
            clock,
            app,
            _alive: Box::new(alive),
        }
    }

    /// One delivery that nobody took, with the log's row of it.
    async fn missed(&self) -> (Hook, Attempt) {
        self.world.label(2, "alice", "bug");
        let hook = self.world.deliveries().pop().expect("it was just sent");
        assert_eq!(self.world.turn_away(502), 1);
        let page = self.app.deliveries(None).await.expect("may read");
        (
            hook,
            page.rows.into_iter().next().expect("it was just noted"),
        )
    }
}

/// Number of the installation that the repositories belong to.
const OURS: InstallationId = InstallationId::new(77);

/// What it asks for and hears.
pub async fn the_app_shows_itself(rig: &Rig) {
    rig.world.permit("issues", "read");
    rig.world.permit("checks", "");
    rig.world.subscribe(&["push", "issues"]);
    let app = rig.app.app().await.expect("may read");
    assert_eq!((app.id.value(), app.slug.as_str()), (7, "caretaker"));
    assert!(app.grants.meet("issues: read") && !app.grants.meet("issues: write"));
    assert!(!app.grants.meet("checks: read"));
    let heard: BTreeSet<_> = ["issues", "push"].map(str::to_owned).into();
    assert_eq!(app.events, heard);
}

/// Address, signature, form, certificate.
pub async fn the_webhook_shows_where_it_goes(rig: &Rig) {
    let url = "https://caretaker.example/hook";
    rig.world.webhook(Some(url), true);
    let hook = rig.app.webhook().await.expect("may read");
    assert_eq!(hook.url.as_deref(), Some(url));
    assert!(hook.has_secret && hook.json && !hook.insecure);
    rig.world.webhook(Some(url), false);
    rig.world.webhook_badly_set();
    let hook = rig.app.webhook().await.expect("may read");
    assert!(!hook.has_secret && !hook.json && hook.insecure);
}

/// Which is a fact and no failure.
pub async fn an_app_without_a_webhook_has_none_to_show(rig: &Rig) {
    rig.world.webhook(None, false);
    let error = rig.app.webhook().await.expect_err("there is none");
    assert_eq!(error.kind, Kind::NotFound);
}

/// More of them than a page holds, ours suspended.
pub async fn every_installation_is_listed(rig: &Rig) {
    for number in 0..130 {
        rig.world.install_elsewhere(&format!("org-{number}"));
    }
    rig.world.suspend("alice", true);
    let listed = rig.app.installations().await.expect("may read");
    assert!(listed.complete);
    let accounts: BTreeSet<_> = listed.rows.iter().map(|on| &on.account.login).collect();
    assert_eq!((accounts.len(), listed.rows.len()), (131, 131));
    for on in &listed.rows {
        assert_eq!(on.suspended.is_some(), on.id == OURS, "{on:?}");
        assert_eq!(on.selection, Selection::Selected);
        assert!(on.account.id.is_some());
        assert!(on.events.contains("push"));
    }
}

/// Not what the App asks for.
pub async fn an_installation_grants_what_its_owner_agreed_to(rig: &Rig) {
    rig.world.decline("contents");
    let app = rig.app.app().await.expect("may read");
    assert!(app.grants.meet("contents: write"));
    let listed = rig.app.installations().await.expect("may read");
    let granted = &listed.rows[0].grants;
    assert!(!granted.meet("contents: read") && granted.meet("issues: write"));
}

/// Those, and no other.
pub async fn an_installation_names_its_repositories(rig: &Rig) {
    let added = rig.world.in_repo("octo/gadgets").repo();
    rig.world.in_repo("octo/gone").install("alice", false);
    let listed = rig.app.repositories(OURS).await.expect("may read");
    assert!(listed.complete);
    let names: Vec<_> = listed.rows.iter().map(RepoRef::full_name).collect();
    assert_eq!(names, ["octo/widgets", "octo/gadgets"]);
    let told = [rig.world.repo(), added];
    assert_eq!(listed.rows, told, "known as deliveries make them known");
}

/// One that is on hold, and one that is not ours.
pub async fn an_installation_that_does_not_work_is_denied(rig: &Rig) {
    let error = rig.app.repositories(InstallationId::new(4_000_000)).await;
    assert_eq!(error.expect_err("not ours").kind, Kind::Denied);
    rig.world.suspend("alice", true);
    let error = rig.app.repositories(OURS).await;
    assert_eq!(error.expect_err("on hold").kind, Kind::Denied);
}

/// Over several pages, newest first.
pub async fn the_log_is_walked_once_each(rig: &Rig) {
    for number in 0..230 {
        rig.world.label(2, "alice", &format!("l{number}"));
        rig.world.turn_away(if number % 2 == 0 { 502 } else { 202 });
    }
    let (mut seen, mut cursor, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = rig
            .app
            .deliveries(cursor.as_deref())
            .await
            .expect("may read");
        assert!(page.rows.len() <= 100);
        seen.extend(page.rows);
        pages += 1;
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!((seen.len(), pages), (230, 3));
    let newest_first = seen.iter().map(|row| row.id).rev();
    assert!(newest_first.is_sorted());
    let sent: Vec<_> = rig
        .world
        .deliveries()
        .into_iter()
        .map(|hook| hook.guid)
        .collect();
    let logged: Vec<_> = seen.iter().rev().map(|row| row.guid.clone()).collect();
    assert_eq!(logged, sent);
    assert_eq!(seen.iter().filter(|row| row.arrived()).count(), 115);
    let row = &seen[0];
    assert_eq!((row.event.as_str(), row.repeat), ("issues", false));
    assert_eq!(row.installation, Some(OURS));
    assert_eq!(row.repo, Some(RepoKey::github(1)));
}

/// So that it is the same delivery, whichever way it comes.
pub async fn what_was_sent_has_the_key_that_the_door_gives_it(rig: &Rig) {
    let (hook, row) = rig.missed().await;
    let logged = rig.app.delivery(row.id).await.expect("may read");
    let told = logged.headers.expect("the log shows them");
    let headers = hook.headers("secret");
    let at_the_door = Headers::read(|name| {
        let mut headers = headers.iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    });
    let at_the_door = at_the_door.expect("GitHub sends them");
    let from_the_log = Headers::from(&told);
    assert_eq!(from_the_log.dedup_key(), at_the_door.dedup_key());
    let body = logged.body.expect("the log shows it");
    let body: serde_json::Value = serde_json::from_slice(&body).expect("it is JSON");
    assert_eq!(body, hook.payload());
}

/// A log that does not show what was sent says so.
pub async fn what_the_log_hides_is_nothing(rig: &Rig) {
    let (_, row) = rig.missed().await;
    rig.world.hide_sent(true);
    let logged = rig.app.delivery(row.id).await.expect("may read");
    assert_eq!((logged.headers, logged.body), (None, None));
}

/// It is sent again and noted again.
pub async fn a_repeat_bears_the_same_guid(rig: &Rig) {
    let (hook, row) = rig.missed().await;
    rig.app.redeliver(row.id).await.expect("may ask");
    let waiting = rig.world.turn_away(202);
    assert_eq!(waiting, 1);
    let page = rig.app.deliveries(None).await.expect("may read");
    let guids: Vec<_> = page.rows.iter().map(|row| row.guid.as_str()).collect();
    assert_eq!(guids, [hook.guid.as_str(), hook.guid.as_str()]);
    assert!(page.rows[0].repeat && page.rows[0].arrived() && page.rows[0].id > row.id);
}

/// After three days.
pub async fn the_log_forgets(rig: &Rig) {
    let (_, row) = rig.missed().await;
    rig.clock.advance(Span::days(3) - Span::seconds(1));
    assert_eq!(
        rig.app.deliveries(None).await.expect("may read").rows.len(),
        1
    );
    rig.clock.advance(Span::seconds(1));
    assert!(
        rig.app
            .deliveries(None)
            .await
            .expect("may read")
            .rows
            .is_empty()
    );
    let gone = |error: PortError| assert_eq!(error.kind, Kind::NotFound, "{error}");
    gone(rig.app.delivery(row.id).await.expect_err("it is gone"));
    gone(rig.app.redeliver(row.id).await.expect_err("it is gone"));
    gone(
        rig.app
            .delivery(AttemptId::new(1))
            .await
            .expect_err("it never was"),
    );
}

/// Made up by us, or of another forge.
pub async fn a_cursor_that_nobody_gave_is_invalid(rig: &Rig) {
    let error = rig.app.deliveries(Some("no such cursor&x=y")).await;
    assert_eq!(error.expect_err("refused").kind, Kind::Invalid);
}

/// Of the installation, and of the App itself.
pub async fn a_budget_says_what_is_left(rig: &Rig) {
    for of in [Some(OURS), None] {
        let budget = rig.app.budget(of).await.expect("may ask");
        assert_eq!(budget.limit, 5_000);
        assert!(budget.remaining <= budget.limit && budget.remaining > 4_900);
    }
    rig.world.requests_left(17);
    let budget = rig.app.budget(Some(OURS)).await.expect("may ask");
    assert_eq!(budget.remaining, 17);
}

/// Which is not an empty log.
pub async fn a_forge_that_is_down_is_unavailable(rig: &Rig) {
    rig.world.fault(Fault::on("").times(100).fail_before(503));
    let down = |error: PortError| assert_eq!(error.kind, Kind::Unavailable, "{error}");
    down(rig.app.deliveries(None).await.expect_err("it is down"));
    down(rig.app.installations().await.expect_err("it is down"));
    down(rig.app.app().await.expect_err("it is down"));
}

/// With the time to wait.
pub async fn a_limit_says_when_to_come_back(rig: &Rig) {
    let wait = Span::seconds(30);
    rig.world
        .fault(Fault::on("deliveries").rate_limit(Some(wait)));
    let error = rig.app.deliveries(None).await.expect_err("too many");
    assert_eq!(error.kind, Kind::RateLimited(Some(wait)));
}

/// There is no App to speak of.
pub async fn without_an_app_all_is_denied_without_a_request(rig: &Rig) {
    let seq = rig.world.log().count();
    let denied = |error: PortError| assert_eq!(error.kind, Kind::Denied, "{error}");
    denied(rig.app.app().await.expect_err("no App"));
    denied(rig.app.webhook().await.expect_err("no App"));
    denied(rig.app.installations().await.expect_err("no App"));
    denied(rig.app.repositories(OURS).await.expect_err("no App"));
    denied(rig.app.deliveries(None).await.expect_err("no App"));
    denied(
        rig.app
            .delivery(AttemptId::new(1))
            .await
            .expect_err("no App"),
    );
    denied(
        rig.app
            .redeliver(AttemptId::new(1))
            .await
            .expect_err("no App"),
    );
    denied(rig.app.budget(None).await.expect_err("no App"));
    denied(rig.app.budget(Some(OURS)).await.expect_err("no App"));
    assert_eq!(rig.world.log().since(seq).count(), 0);
}

/// One test for each case of the suite; `$rig` is an async function from
/// [`Access`](super::forge::Access) to [`Rig`] beside the call. The crate needs `tokio` with macros.
#[macro_export]
macro_rules! app_forge_conformance {
    ($rig:ident) => {
        $crate::app_forge_conformance! { @cases $rig;
            app App {
                the_app_shows_itself,
                the_webhook_shows_where_it_goes,
                an_app_without_a_webhook_has_none_to_show,
                every_installation_is_listed,
                an_installation_grants_what_its_owner_agreed_to,
                an_installation_names_its_repositories,
                an_installation_that_does_not_work_is_denied,
                the_log_is_walked_once_each,
                what_was_sent_has_the_key_that_the_door_gives_it,
                what_the_log_hides_is_nothing,
                a_repeat_bears_the_same_guid,
                the_log_forgets,
                a_cursor_that_nobody_gave_is_invalid,
                a_budget_says_what_is_left,
                a_forge_that_is_down_is_unavailable,
                a_limit_says_when_to_come_back,
            }
            token Token {
                without_an_app_all_is_denied_without_a_request,
            }
            nobody Nobody {
                without_an_app_all_is_denied_without_a_request,
            }
        }
    };
    (@cases $rig:ident; $($access_name:ident $access:ident { $($case:ident,)* })*) => {
        $(
            mod $access_name {
                $(
                    #[tokio::test]
                    async fn $case() {
                        let access = $crate::conformance::forge::Access::$access;
                        let rig = super::$rig(access).await;
                        $crate::conformance::app::$case(&rig).await;
                    }
                )*
            }
        )*
    };
}

#[cfg(test)]
mod tests {
    /// A case that nobody runs proves nothing.
    #[test]
    fn every_case_is_on_the_list() {
        let source = include_str!("app.rs");
        let cases = source
            .lines()
            .filter_map(|line| line.strip_prefix("pub async fn "));
        for case in cases {
            let case = case.split('(').next().expect("split gives one part");
            assert!(
                source.contains(&format!("                {case},\n")),
                "{case}"
            );
        }
    }
}
