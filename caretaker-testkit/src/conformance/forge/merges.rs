//! Merging with a permit, which only the gate gives: over a pull request that is really ready.

use std::sync::Arc;

use caretaker_core::config::Config;
use caretaker_core::merge_gate::{Change, Ground, MergePermit, Policy, Seen, evaluate};
use caretaker_core::model::{
    ActionKey, Answer, Branch, ConfigState, ForgeQuery, Merge, MergeMethod, Mode, Number, Receipt,
    RepoKey, Sha, Snapshot, Span,
};
use caretaker_core::ports::{Forge, Freshness, Kind, PortError, Settled};

use super::Rig;
use crate::world::{Edits, Fault, Protection};

const ONE: Number = Number::new(1);
const METHODS: [MergeMethod; 3] = [MergeMethod::Squash, MergeMethod::Merge, MergeMethod::Rebase];

/// A configuration under which the gate permits all that its evidence permits.
fn policy(method: MergeMethod) -> Policy {
    // Where there is a queue the rules of the branch say so, and the configuration does not count.
    let method = match method {
        MergeMethod::Queue => MergeMethod::Squash,
        MergeMethod::Squash | MergeMethod::Merge | MergeMethod::Rebase => method,
    };
    let text = format!(
        "version: v1\npr_agent:\n  merge_authority: {{mode: gate_and_merge}}\n  \
         readiness: {{required_reviews: 0}}\n  \
         auto_merge: {{human_prs: true, merge_method: {}}}\n",
        method.word()
    );
    let config = Config::parse(&text).config.expect("it is valid");
    Policy::of(&config).expect("it is complete")
}

/// Makes #1 ready and looks at it, past whatever face is under test.
async fn ready(rig: &Rig) -> Snapshot {
    rig.world.protect("main", Protection::checks(&["test"]));
    rig.world.check(1, "test").pass();
    rig.clock.advance(Span::hours(1));
    let asked = [ForgeQuery::Snapshot(ONE)];
    let repo = rig.world.repo();
    let mut answers = Forge::read(&rig.world, &repo, &asked, Freshness::Fresh).await;
    match answers.remove(0) {
        Ok(Answer::Snapshot(seen)) => *seen,
        other => panic!("no snapshot: {other:?}"),
    }
}

fn wanted(head: &Sha, method: MergeMethod) -> Merge {
    Merge {
        number: ONE,
        head: head.clone(),
        base: Branch::new("main"),
        method,
    }
}

fn permit_in(repo: &RepoKey, rig: &Rig, seen: &Snapshot, method: MergeMethod) -> MergePermit {
    let ground = Ground {
        mode: Mode::Act,
        ceiling: Mode::Act,
        config: ConfigState::Valid,
        paused: None,
        claimed: true,
        refused: None,
        stirred: false,
    };
    let change = Change::default();
    let evidence = Seen {
        change: &change,
        repo,
        snapshot: seen,
        ground,
        config: None,
    };
    let now = caretaker_core::ports::Clock::now(&rig.clock);
    let merge = wanted(&seen.pull.head, method);
    evaluate(&merge, &evidence, &policy(method), now).expect("it is ready")
}

fn permit(rig: &Rig, seen: &Snapshot, method: MergeMethod) -> MergePermit {
    permit_in(&rig.world.repo().key, rig, seen, method)
}

async fn merge(rig: &Rig, permit: &MergePermit) -> Result<Receipt, PortError> {
    let key = ActionKey::new("merge/1");
    rig.forge.merge(&rig.world.repo(), permit, &key).await
}

async fn settled(rig: &Rig, seen: &Snapshot) -> Settled {
    let merge = wanted(&seen.pull.head, MergeMethod::Squash);
    let settled = rig.forge.settle_merge(&rig.world.repo(), &merge).await;
    settled.expect("can be read")
}

/// The base gets what was looked at, in the form that was asked for.
pub async fn what_is_permitted_is_merged_at_its_head(rig: &Rig) {
    for method in METHODS {
        let (world, path) = (
            rig.world.in_repo(&format!("octo/{}", method.word())),
            "src/new.rs",
        );
        world.open_pull("alice", "feature", "Two files");
        world.commit("feature", "alice", Edits::write(path, "new"));
        world.commit_file("main", "other.md", "meanwhile", "alice");
        let rig = Rig::new(world, rig.clock.clone(), Arc::clone(&rig.forge), ());
        let seen = ready(&rig).await;
        assert_eq!(settled(&rig, &seen).await, Settled::NotPerformed);
        let seq = rig.world.log().count();
        let done = merge(&rig, &permit(&rig, &seen, method)).await;
        assert!(done.expect("nothing stands against it").changed);
        assert_eq!(rig.effects_since(seq), 1);
        assert_eq!(settled(&rig, &seen).await, Settled::Performed);
        assert_eq!(rig.world.merged_head(1), Some(seen.pull.head.to_string()));
        let parents = match method {
            MergeMethod::Squash | MergeMethod::Rebase => 1,
            MergeMethod::Merge | MergeMethod::Queue => 2,
        };
        assert_eq!(rig.world.parents("main").len(), parents, "{method:?}");
        for (path, text) in [
            (path, "new"),
            ("feature", "Two files"),
            ("other.md", "meanwhile"),
        ] {
            assert_eq!(
                rig.world.file("main", path).as_deref(),
                Some(text),
                "{method:?}"
            );
        }
    }
}

/// Somebody pushed since we looked.
pub async fn a_head_that_moved_is_not_merged(rig: &Rig) {
    let seen = ready(rig).await;
    let permit = permit(rig, &seen, MergeMethod::Squash);
    rig.world.push(1);
    rig.world.check(1, "test").pass();
    let seq = rig.world.log().count();
    let error = merge(rig, &permit).await.expect_err("another head");
    assert_eq!(error.kind, Kind::Refused(409), "{error}");
    assert_eq!(rig.effects_since(seq), 0);
    assert!(rig.world.is_open(1));
    assert_eq!(settled(rig, &seen).await, Settled::NotPerformed);
}

/// The push lies between the look and the call, where nobody but the forge can see it.
pub async fn a_push_right_before_the_merge_is_not_merged(rig: &Rig) {
    let seen = ready(rig).await;
    let permit = permit(rig, &seen, MergeMethod::Squash);
    rig.world
        .fault(Fault::on_write().push_first("octo/widgets", 1));
    let error = merge(rig, &permit).await.expect_err("another head");
    assert_eq!(error.kind, Kind::Refused(409), "{error}");
    assert_ne!(rig.world.head(1), seen.pull.head.as_str(), "it was pushed");
    assert_eq!(rig.world.merged_head(1), None);
}

/// Which merges it when its turn has come. Another way in there is not.
pub async fn a_merge_through_the_queue_waits_in_it(rig: &Rig) {
    if !rig.graphql {
        return;
    }
    let before = ready(rig).await;
    let queue = Protection {
        queue: true,
        ..Protection::default()
    };
    rig.world.ruleset("main", queue);
    let seen = ready(rig).await;
    let direct = permit(rig, &before, MergeMethod::Squash);
    let error = merge(rig, &direct)
        .await
        .expect_err("only through the queue");
    assert_eq!(error.kind, Kind::Refused(405), "{error}");
    let permit = permit(rig, &seen, MergeMethod::Queue);
    let wanted = wanted(&seen.pull.head, MergeMethod::Queue);
    let repo = rig.world.repo();
    let settled = async || {
        let settled = rig.forge.settle_merge(&repo, &wanted).await;
        settled.expect("can be read")
    };
    assert_eq!(settled().await, Settled::NotPerformed);
    let seq = rig.world.log().count();
    for changed in [true, false] {
        let receipt = merge(rig, &permit)
            .await
            .expect("nothing stands against it");
        assert_eq!(receipt.changed, changed);
    }
    assert_eq!(rig.effects_since(seq), 1);
    assert!(rig.world.is_queued(1));
    assert_eq!(rig.world.merged_head(1), None, "its turn has not come");
    assert_eq!(settled().await, Settled::Performed);
    rig.world.merge_queued(1);
    assert_eq!(rig.world.merged_head(1), Some(seen.pull.head.to_string()));
    assert_eq!(settled().await, Settled::Performed);
    assert!(!merge(rig, &permit).await.expect("it is merged").changed);
}

/// Nor does it keep one that moves while it waits.
pub async fn the_queue_takes_no_head_that_moved(rig: &Rig) {
    if !rig.graphql {
        return;
    }
    let queue = Protection {
        queue: true,
        ..Protection::default()
    };
    rig.world.ruleset("main", queue);
    let seen = ready(rig).await;
    let permit = permit(rig, &seen, MergeMethod::Queue);
    rig.world.push(1);
    rig.world.check(1, "test").pass();
    let error = merge(rig, &permit).await.expect_err("another head");
    assert_eq!(error.kind, Kind::Refused(422), "{error}");
    assert!(!rig.world.is_queued(1));
}

/// Each thing that the forge itself enforces, come up since we looked.
pub async fn what_the_forge_enforces_is_refused(rig: &Rig) {
    let seen = ready(rig).await;
    let world = &rig.world;
    let refused = async |why: &str| {
        let permit = permit(rig, &seen, MergeMethod::Merge);
        let error = merge(rig, &permit).await.expect_err(why);
        assert_eq!(error.kind, Kind::Refused(405), "{why}: {error}");
        assert_eq!(world.merged_head(1), None, "{why}");
    };
    let test = || Protection::checks(&["test"]);
    world.draft(1, "alice", true);
    refused("a draft").await;
    world.draft(1, "alice", false);
    world.mergeable(1, Some(false));
    refused("a conflict").await;
    world.mergeable(1, Some(true));
    world.check(1, "test").fail();
    refused("a required check failed").await;
    world.check(1, "test").by_app(99, "other").pass();
    let of_app = |app| Protection {
        checks: vec![("test".to_owned(), Some(app))],
        ..test()
    };
    world.protect("main", of_app(98));
    refused("a required check of another App").await;
    world.protect("main", of_app(99));
    let approved = || Protection {
        approvals: 1,
        ..of_app(99)
    };
    world.ruleset("main", approved());
    refused("an approval is missing").await;
    world.review(1, "carol").approve();
    refused("a stranger's approval does not count").await;
    world.review(1, "bob").request_changes();
    world.role("dave", "write");
    world.review(1, "dave").approve();
    refused("changes are requested").await;
    world.review(1, "bob").comment();
    refused("a remark takes nothing back").await;
    world.review(1, "bob").dismiss("dave");
    world.commit_file("main", "CODEOWNERS", "*.rs @octo/owners\n", "bob");
    world.team("octo/owners", &["bob"]);
    let owned = Protection {
        code_owners: true,
        ..approved()
    };
    world.ruleset("main", owned);
    refused("its owner has not approved").await;
    world.review(1, "bob").approve();
    let strict = Protection {
        strict: true,
        ..approved()
    };
    world.protect("main", strict);
    refused("it lacks what main has").await;
    world.protect("main", of_app(99));
    world.close(1, "alice");
    refused("closed").await;
    world.reopen(1, "alice");
    let permit = permit(rig, &seen, MergeMethod::Merge);
    let done = merge(rig, &permit).await;
    assert!(done.expect("nothing is left against it").changed);
}

/// The second time it is there already.
pub async fn a_merge_twice_is_one_merge(rig: &Rig) {
    let seen = ready(rig).await;
    let permit = permit(rig, &seen, MergeMethod::Squash);
    let seq = rig.world.log().count();
    assert!(merge(rig, &permit).await.expect("may merge").changed);
    let tip = rig.world.tip("main");
    assert!(!merge(rig, &permit).await.expect("it is merged").changed);
    assert_eq!(rig.effects_since(seq), 1);
    assert_eq!(rig.world.tip("main"), tip);
}

/// The reply says nothing, and it is found out.
pub async fn a_merge_whose_reply_is_lost_is_found_again(rig: &Rig) {
    let seen = ready(rig).await;
    settled(rig, &seen).await;
    for (fault, came) in [
        (Fault::on_write().fail_before(502), Settled::NotPerformed),
        (Fault::on_write().fail_after(502), Settled::Performed),
    ] {
        rig.world.fault(fault);
        let permit = permit(rig, &seen, MergeMethod::Squash);
        let error = merge(rig, &permit).await.expect_err("scripted");
        assert_eq!(error.kind, Kind::Unavailable, "{error}");
        rig.world.clear_faults();
        assert_eq!(settled(rig, &seen).await, came);
    }
}

/// Merged by somebody else at a later head: what became of ours cannot be told.
pub async fn merged_at_another_head_is_unknown(rig: &Rig) {
    let seen = ready(rig).await;
    rig.world.push(1);
    rig.world.merge(1, "bob");
    assert_eq!(settled(rig, &seen).await, Settled::Unknown);
    let error = merge(rig, &permit(rig, &seen, MergeMethod::Squash)).await;
    let error = error.expect_err("not what we looked at");
    assert_eq!(error.kind, Kind::Refused(405), "{error}");
}

/// A defect of the caller, before anything is asked.
pub async fn a_permit_of_another_repository_is_invalid(rig: &Rig) {
    let seen = ready(rig).await;
    let foreign = permit_in(&RepoKey::github(4_711), rig, &seen, MergeMethod::Squash);
    let seq = rig.world.log().count();
    let error = merge(rig, &foreign).await.expect_err("not this one");
    assert_eq!(error.kind, Kind::Invalid, "{error}");
    assert_eq!(rig.world.log().since(seq).count(), 0);
}

/// What is missing is named, and nothing was merged.
pub async fn a_merge_without_the_right_is_denied(rig: &Rig) {
    let seen = ready(rig).await;
    rig.world.permit("contents", "read");
    let error = merge(rig, &permit(rig, &seen, MergeMethod::Squash)).await;
    assert_eq!(error.expect_err("we may not").kind, Kind::Denied);
    assert!(rig.world.is_open(1));
    rig.world.permit("contents", "write");
    rig.world
        .fault(Fault::on_write().rate_limit(Some(Span::seconds(30))));
    let error = merge(rig, &permit(rig, &seen, MergeMethod::Squash)).await;
    let error = error.expect_err("scripted");
    assert_eq!(error.kind, Kind::RateLimited(Some(Span::seconds(30))));
    assert!(rig.world.is_open(1));
}
