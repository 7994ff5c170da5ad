//! A stored delivery to the events it stands for, and to what it teaches about repositories.
//!
//! Total: odd types are absent fields, and a body that lacks what its event name promises projects
//! to nothing. Only the body is signed, so the event name must fit it, and every event that a
//! listener may decide once has an identity from the body alone.

use crate::model::{
    Delivery, Event, EventId, EventKind, Learned, RepoRef, Scope, Subject, content_hash, digest,
};

use super::Us;
use super::draft::{Draft, Identity};
use super::form;
use super::inbound::Inbound;
use super::payload;

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projected {
    /// The events, ids counting up from `<dedup key>/0`.
    pub events: Vec<Event>,
    /// What the delivery teaches about repositories, heard or not.
    pub learned: Vec<Learned>,
    /// Why there are no events; `None` when there are.
    pub unheard: Option<&'static str>,
}

/// The event is one of our own effects coming back.
const ECHO: &str = "echo";
/// No kind of event stands for this webhook event and action.
const NOT_PROJECTED: &str = "not_projected";
/// The body is not what the unsigned event name says.
const DOES_NOT_FIT: &str = "does_not_fit";

/// Projects a delivery. Pure: the same delivery gives the same events, in the same order.
pub fn project(delivery: &Delivery, us: &Us) -> Projected {
    let envelope = &delivery.envelope;
    let known = || {
        let known = |repo: &RepoRef| Learned::Known(repo.clone(), envelope.facts.clone());
        envelope.repository.iter().map(known).collect()
    };
    let unheard = |why, learned| Projected {
        events: Vec::new(),
        learned,
        unheard: Some(why),
    };
    let event = delivery.headers.event.as_str();
    let Some(family) = payload::family(event) else {
        return unheard(NOT_PROJECTED, known());
    };
    let json = form::json(&delivery.body);
    let reading = Inbound::new(delivery, &json, us).and_then(|inbound| family(&inbound));
    let Some(reading) = reading else {
        return unheard(DOES_NOT_FIT, Vec::new());
    };
    let learned = reading.learned.unwrap_or_else(known);
    if reading.echo {
        return unheard(ECHO, learned);
    }
    let Some(kind) = EventKind::of_webhook(event, envelope.action.as_deref()) else {
        return unheard(NOT_PROJECTED, learned);
    };
    let drafts = match reading.drafts {
        Ok(drafts) => drafts,
        Err(why) => return unheard(why, learned),
    };
    let actor = envelope.sender.clone().map(|mut actor| {
        // What a token's user does may be our own doing, so it counts as no human act.
        actor.bot |= us.is_token_user(&actor);
        actor
    });
    let finish = |(index, draft): (usize, Draft)| {
        let scope = draft.scope.unwrap_or_else(|| envelope.scope());
        Event {
            id: EventId::new(format!("{}/{index}", delivery.key)),
            edge_identity: draft
                .identity
                .map(|parts| identity(kind, &scope, &draft.subject, parts, &json)),
            scope,
            subject: draft.subject,
            kind,
            at: draft.at.unwrap_or(delivery.received_at),
            actor: actor.clone(),
            detail: draft.detail,
        }
    };
    Projected {
        events: drafts.into_iter().enumerate().map(finish).collect(),
        learned,
        unheard: None,
    }
}

/// What one act is known by, whatever delivery brings it; by the whole body where a part of it is
/// missing.
fn identity(
    kind: EventKind,
    scope: &Scope,
    subject: &Subject,
    parts: Identity,
    body: &[u8],
) -> String {
    let place = match scope {
        Scope::App => "app".to_owned(),
        Scope::Installation(id) => format!("installation/{id}"),
        Scope::Account(id) => format!("account/{id}"),
        Scope::Repo(key) => key.to_string(),
    };
    let parts: Option<Vec<String>> = parts.into_iter().collect();
    let parts = parts.unwrap_or_else(|| vec![content_hash(body)]);
    let (kind, subject) = (kind.name(), subject.to_string());
    let head = [kind.as_str(), &place, &subject];
    let all: Vec<&str> = head
        .into_iter()
        .chain(parts.iter().map(String::as_str))
        .collect();
    format!("{kind}/{}", digest(&all))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use crate::model::{InstallationId, RepoKey};

    use super::super::sample::{
        SHA, app, comment, complete, delivery_of, only, projected, why_unheard,
    };
    use super::*;

    #[test]
    fn an_event_carries_key_scope_actor_and_the_time_of_the_body() {
        let delivery = delivery_of("issue_comment", "guid", &complete(comment(7)));
        let event = &project(&delivery, &Us::default()).events[0];
        assert_eq!(event.id.as_str(), format!("{}/0", delivery.key));
        assert_eq!(event.scope, Scope::Repo(RepoKey::github(42)));
        assert_eq!(event.at.to_string(), "2019-05-15T15:20:21Z");
        assert_eq!(event.actor.as_ref().unwrap().login.as_str(), "alice");
    }

    #[test]
    fn a_form_says_what_its_payload_says() {
        let plain = delivery_of("issue_comment", "guid", &complete(comment(7)));
        let mut form = plain.clone();
        let encoded = plain.body.iter().map(|byte| format!("%{byte:02x}"));
        form.body = format!("payload={}", encoded.collect::<String>()).into_bytes();
        assert_eq!(project(&form, &app()), project(&plain, &app()));
        assert_eq!(project(&form, &app()).events.len(), 1);
    }

    #[test]
    fn one_act_has_one_identity_whatever_hook_or_guid_brings_it() {
        let identity = |guid, body: Value| {
            let delivery = delivery_of("issue_comment", guid, &complete(body));
            project(&delivery, &Us::default()).events[0]
                .edge_identity
                .clone()
                .unwrap()
        };
        let mut through_app = comment(7);
        through_app["installation"] = json!({"id": 1});
        assert_eq!(identity("a", comment(7)), identity("b", through_app));
        assert_ne!(identity("a", comment(7)), identity("a", comment(8)));
    }

    #[test]
    fn label_acts_are_told_apart_by_label_actor_item_and_time() {
        let identity = |action: &str, number: u64, label: &str, actor: u64, at: &str| {
            let body = json!({"action": action, "label": {"name": label},
                "sender": {"login": "a", "id": actor}, "issue": {"number": number, "updated_at": at}});
            only("issues", body).edge_identity.unwrap()
        };
        let (early, late) = ("2019-05-15T15:20:21Z", "2019-05-15T15:20:22Z");
        let all = [
            identity("labeled", 1, "bug", 5, early),
            identity("unlabeled", 1, "bug", 5, early),
            identity("labeled", 2, "bug", 5, early),
            identity("labeled", 1, "wontfix", 5, early),
            identity("labeled", 1, "bug", 6, early),
            identity("labeled", 1, "bug", 5, late),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(all[0], identity("labeled", 1, "bug", 5, early));
    }

    #[test]
    fn an_act_without_its_time_is_known_by_the_whole_body() {
        let act = |extra: u64| {
            let body = json!({"action": "labeled", "label": {"name": "x"}, "extra": extra,
                "issue": {"number": 1}});
            only("issues", body).edge_identity
        };
        assert_eq!(act(1), act(1));
        assert_ne!(act(1), act(2));
    }

    #[test]
    fn a_body_under_another_event_name_projects_to_nothing_and_teaches_nothing() {
        let pull = || json!({"number": 1});
        let run = || json!({"id": 1, "head_sha": SHA});
        let account = json!({"id": 7, "account": {"login": "octo"}});
        for (event, body) in [
            (
                "pull_request",
                json!({"action": "edited", "pull_request": pull(), "review": {}}),
            ),
            (
                "pull_request",
                json!({"action": "edited", "pull_request": pull(), "comment": {}}),
            ),
            (
                "pull_request",
                json!({"action": "opened", "pull_request": pull(), "thread": {}}),
            ),
            (
                "pull_request_review",
                json!({"action": "edited", "pull_request": pull()}),
            ),
            ("issues", comment(7)),
            (
                "issue_comment",
                json!({"action": "created", "pull_request": pull(), "comment": {"id": 1}}),
            ),
            (
                "issue_comment",
                json!({"action": "created", "issue": pull()}),
            ),
            (
                "check_run",
                json!({"action": "created", "check_run": run(), "deployment": {}}),
            ),
            (
                "workflow_run",
                json!({"action": "created", "workflow_run": run(), "deployment": {}}),
            ),
            (
                "workflow_run",
                json!({"action": "x", "workflow_run": run(), "workflow_job_run": {}}),
            ),
            (
                "secret_scanning_alert",
                json!({"alert": {"number": 1, "secret_type": "x"}, "location": {}}),
            ),
            (
                "repository",
                json!({"action": "deleted", "label": {"name": "x"}}),
            ),
            (
                "repository",
                json!({"action": "deleted", "starred_at": null}),
            ),
            ("repository", json!({"action": "started"})),
            ("push", comment(7)),
            (
                "installation",
                json!({"action": "added", "installation": account, "repositories_added": []}),
            ),
            (
                "installation_repositories",
                json!({"action": "created", "installation": account}),
            ),
        ] {
            let found = projected(event, body.clone(), &Us::default());
            assert_eq!(found.unheard, Some("does_not_fit"), "{event} {body}");
            assert_eq!(
                (found.events, found.learned),
                (vec![], vec![]),
                "{event} {body}"
            );
        }
    }

    #[test]
    fn names_and_actions_without_a_kind_are_not_projected_but_teach_their_repository() {
        assert_eq!(
            why_unheard("star", json!({"action": "created"})),
            Some("not_projected")
        );
        let locked = json!({"action": "locked", "issue": {"number": 1}});
        assert_eq!(why_unheard("issues", locked.clone()), Some("not_projected"));
        let mut installed = locked;
        installed["installation"] = json!({"id": 8});
        let found = projected("issues", installed, &Us::default());
        let Some(Learned::Known(repo, facts)) = found.learned.first() else {
            panic!("nothing learned: {found:?}");
        };
        assert_eq!(repo.installation, Some(InstallationId::new(8)));
        assert_eq!(facts.default_branch.as_ref().unwrap().as_str(), "main");
    }

    #[test]
    fn a_kind_of_event_has_a_family_that_reads_it() {
        for kind in EventKind::ALL {
            let (event, _) = kind.webhook();
            assert_eq!(
                payload::family(event).is_some(),
                event != "caretaker",
                "{event}"
            );
        }
    }

    #[test]
    fn a_repository_event_without_a_readable_repository_projects_to_nothing() {
        for odd in [
            json!(null),
            json!("octo/hello"),
            json!({"id": "42", "full_name": "octo/hello"}),
        ] {
            let mut body = comment(7);
            body["repository"] = odd;
            assert_eq!(why_unheard("issue_comment", body), Some("does_not_fit"));
        }
    }

    const FIELDS: &[&str] = &[
        "action",
        "installation",
        "repository",
        "sender",
        "pull_request",
        "issue",
        "comment",
        "review",
        "label",
        "check_run",
        "check_suite",
        "workflow_run",
        "alert",
        "ref",
        "before",
        "after",
        "commits",
        "added",
        "repositories",
        "repositories_added",
        "id",
        "number",
        "full_name",
        "name",
        "login",
        "account",
        "head_sha",
        "sha",
        "app",
        "updated_at",
        "type",
        "rule",
        "dependency",
        "security_advisory",
        "ghsa_id",
        "state",
        "context",
    ];

    fn odd_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (1_u64..9).prop_map(Value::from),
            Just(json!(1.5)),
            Just(json!(-1e300)),
            ".{0,12}".prop_map(Value::from),
            prop::sample::select(vec![
                "created",
                "deleted",
                "labeled",
                "octo/hello",
                "refs/heads/main",
                "2019-05-15T15:20:21Z",
                "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
            ])
            .prop_map(Value::from),
        ];
        let nested = leaf.prop_recursive(4, 60, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                object(inner),
            ]
        });
        object(nested)
    }

    fn object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
        let field = prop::sample::select(FIELDS.to_vec()).prop_map(str::to_owned);
        prop::collection::btree_map(field, inner, 0..10)
            .prop_map(|fields| fields.into_iter().collect::<serde_json::Map<_, _>>().into())
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic_and_silence_has_a_reason(
            body in odd_json(),
            kind in prop::sample::select(EventKind::ALL.to_vec()),
        ) {
            let delivery = delivery_of(kind.webhook().0, "g", body.to_string().as_bytes());
            let found = project(&delivery, &app());
            prop_assert_eq!(found.events.is_empty(), found.unheard.is_some());
            prop_assert_eq!(found, project(&delivery, &app()));
        }

        #[test]
        fn no_bytes_make_it_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            kind in prop::sample::select(EventKind::ALL.to_vec()),
        ) {
            let mut delivery = delivery_of(kind.webhook().0, "g", b"{}");
            delivery.body = bytes;
            prop_assert_eq!(project(&delivery, &Us::default()).events, []);
        }
    }
}
