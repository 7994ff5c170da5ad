//! Making branches and commits, opening pull requests and changing them.

use caretaker_core::model::git::action::{CommitFiles, FileEdit, OpenPull};
use caretaker_core::model::review::action::{SubmitReview, Verdict};
use caretaker_core::model::{
    Answer, Author, Branch, ForgeAction, ForgeQuery, GitAction, Marker, Number, Pull, ReviewAction,
};
use caretaker_core::ports::{Kind, Settled};

use super::{Rig, sha};

const ONE: Number = Number::new(1);

fn git(action: GitAction) -> ForgeAction {
    ForgeAction::Git(action)
}

async fn refused(rig: &Rig, action: &ForgeAction) -> Option<u16> {
    let seq = rig.world.log().count();
    let error = rig.write(action).await.expect_err("it is refused");
    assert_eq!(rig.effects_since(seq), 0, "{action:?}");
    match error.kind {
        Kind::Refused(status) => Some(status),
        _ => None,
    }
}

async fn changed(rig: &Rig, action: &ForgeAction) -> bool {
    let receipt = rig.write(action).await;
    receipt
        .unwrap_or_else(|why| panic!("{action:?}: {why}"))
        .changed
}

async fn pull(rig: &Rig, number: u64) -> Pull {
    match rig.ask(ForgeQuery::Pull(Number::new(number))).await {
        Ok(Answer::Pull(pull)) => *pull,
        other => panic!("no pull request: {other:?}"),
    }
}

fn commit(branch: &str, expect: &str, files: &[(&str, Option<&str>)]) -> ForgeAction {
    let files = files.iter().map(|(path, text)| FileEdit {
        path: (*path).to_owned(),
        text: text.map(str::to_owned),
    });
    git(GitAction::Commit(CommitFiles {
        branch: Branch::new(branch),
        expect: sha(expect),
        message: "change some files".to_owned(),
        files: files.collect(),
    }))
}

fn open(head: &str, base: &str, key: &str) -> ForgeAction {
    git(GitAction::OpenPull(OpenPull {
        head: Branch::new(head),
        base: Branch::new(base),
        title: "Something of ours".to_owned(),
        body: format!("{}\nIt turns.", Marker::Pull.render_key(key)),
        draft: true,
    }))
}

/// One that points there already is as wanted.
pub async fn a_branch_is_made_where_there_is_none(rig: &Rig) {
    let head = rig.world.head(1);
    let make = |at: &str| {
        git(GitAction::CreateBranch {
            branch: Branch::new("caretaker/a b"),
            at: sha(at),
        })
    };
    assert!(changed(rig, &make(&head)).await);
    assert_eq!(rig.world.tip("caretaker/a b"), head);
    assert!(!changed(rig, &make(&head)).await);
    let elsewhere = make(&rig.world.tip("main"));
    assert_eq!(refused(rig, &elsewhere).await, Some(422));
    let settled = rig.settle(&elsewhere).await.expect("can be read");
    assert_eq!(settled, Settled::NotPerformed);
    let nowhere = git(GitAction::CreateBranch {
        branch: Branch::new("caretaker/b"),
        at: sha(&"0".repeat(40)),
    });
    assert_eq!(refused(rig, &nowhere).await, Some(422));
}

/// Written, changed and deleted in one commit on top of what was expected.
pub async fn a_commit_changes_several_files(rig: &Rig) {
    let before = rig.world.head(1);
    let files = [
        ("README.md", None),
        ("docs/new ü.md", Some("# New\n")),
        ("src/widget.rs", Some("pub struct Gadget;\n")),
    ];
    assert!(changed(rig, &commit("feature", &before, &files)).await);
    assert_eq!(rig.world.parents("feature"), [before]);
    for (path, text) in files {
        assert_eq!(rig.world.file("feature", path).as_deref(), text, "{path}");
    }
    assert_eq!(pull(rig, 1).await.head, sha(&rig.world.tip("feature")));
}

/// What somebody pushed meanwhile is never lost.
pub async fn a_branch_that_moved_takes_no_commit(rig: &Rig) {
    let before = rig.world.head(1);
    rig.world.push(1);
    let action = commit("feature", &before, &[("a.txt", Some("a"))]);
    assert_eq!(refused(rig, &action).await, Some(409));
    let settled = rig.settle(&action).await.expect("can be read");
    assert_eq!(settled, Settled::NotPerformed);
    let nowhere = commit("nowhere", &before, &[("a.txt", Some("a"))]);
    let error = rig.write(&nowhere).await.expect_err("no such branch");
    assert!(
        matches!(error.kind, Kind::Refused(404) | Kind::NotFound),
        "{error}"
    );
}

/// Although somebody has gone on from it.
pub async fn a_commit_is_found_behind_later_ones(rig: &Rig) {
    let before = rig.world.head(1);
    let files = [("a.txt", Some("a")), ("src/widget.rs", None)];
    let action = commit("feature", &before, &files);
    assert!(changed(rig, &action).await);
    rig.world.push(1);
    rig.world.commit_file("feature", "a.txt", "b", "alice");
    assert!(!changed(rig, &action).await);
    let settled = rig.settle(&action).await.expect("can be read");
    assert_eq!(settled, Settled::Performed);
    assert_eq!(rig.world.file("feature", "a.txt").as_deref(), Some("b"));
}

/// As ours, as a draft, to the base that was named; and we do not approve our own.
pub async fn a_pull_request_is_opened_as_ours(rig: &Rig) {
    rig.world.commit_file("stable", "stable.txt", "s", "bob");
    let tip = rig.world.commit_file("topic", "topic.txt", "t", "bob");
    assert!(changed(rig, &open("topic", "stable", "upgrade/1")).await);
    let opened = pull(rig, 3).await;
    assert_eq!(
        (opened.head, opened.base),
        (sha(&tip), Branch::new("stable"))
    );
    assert_eq!((opened.item.author, opened.item.draft), (Author::Us, true));
    let head = sha(&tip);
    let approval = ForgeAction::Review(ReviewAction::Submit(SubmitReview {
        number: Number::new(3),
        body: Marker::Review.render_head(&head) + "\nFine.",
        head,
        verdict: Verdict::Approve,
        remarks: Vec::new(),
    }));
    assert_eq!(refused(rig, &approval).await, Some(422));
}

/// Closed by somebody it stays closed; another occasion has another key.
pub async fn each_key_opens_one_pull_request(rig: &Rig) {
    rig.world.commit_file("topic", "topic.txt", "t", "bob");
    assert!(changed(rig, &open("topic", "main", "upgrade/1")).await);
    assert!(!changed(rig, &open("topic", "main", "upgrade/1")).await);
    let second = open("topic", "main", "upgrade/2");
    assert_eq!(refused(rig, &second).await, Some(422), "one at a time");
    rig.world.close(3, "alice");
    assert!(!changed(rig, &open("topic", "main", "upgrade/1")).await);
    assert!(changed(rig, &second).await);
    assert!(pull(rig, 4).await.item.open);
}

/// For a reason that lies in the branches.
pub async fn what_brings_nothing_is_not_opened(rig: &Rig) {
    let make = git(GitAction::CreateBranch {
        branch: Branch::new("same"),
        at: sha(&rig.world.tip("main")),
    });
    assert!(changed(rig, &make).await);
    for (head, base) in [
        ("same", "main"),
        ("nowhere", "main"),
        ("feature", "nowhere"),
    ] {
        let action = open(head, base, "upgrade/1");
        assert_eq!(refused(rig, &action).await, Some(422), "{head} to {base}");
    }
    let theirs = open("feature", "main", "upgrade/1");
    assert_eq!(
        refused(rig, &theirs).await,
        Some(422),
        "alice has opened it"
    );
}

/// Only what is named is changed.
pub async fn a_pull_request_is_edited(rig: &Rig) {
    rig.world.commit_file("stable", "stable.txt", "s", "bob");
    let edit = |title: Option<&str>, base: Option<&str>| {
        git(GitAction::EditPull {
            number: ONE,
            title: title.map(str::to_owned),
            body: None,
            base: base.map(Branch::new),
        })
    };
    assert!(changed(rig, &edit(Some("Another title"), None)).await);
    assert_eq!(pull(rig, 1).await.base, Branch::new("main"));
    assert!(changed(rig, &edit(Some("Another title"), Some("stable"))).await);
    assert!(!changed(rig, &edit(Some("Another title"), Some("stable"))).await);
    assert_eq!(pull(rig, 1).await.base, Branch::new("stable"));
    assert_eq!(rig.world.title(1), "Another title");
    let nowhere = edit(None, Some("nowhere"));
    assert_eq!(refused(rig, &nowhere).await, Some(422));
}

/// By a merge of the base; a head that moved is left alone.
pub async fn a_pull_request_is_brought_up_to_date(rig: &Rig) {
    let update = |head: &str| {
        git(GitAction::UpdateBranch {
            number: ONE,
            expect: sha(head),
        })
    };
    let first = rig.world.head(1);
    assert!(!changed(rig, &update(&first)).await, "it lacks nothing");
    let base = rig.world.commit_file("main", "news.md", "# news\n", "bob");
    let second = rig.world.push(1);
    assert_eq!(refused(rig, &update(&first)).await, Some(422));
    assert!(changed(rig, &update(&second)).await);
    assert_eq!(rig.world.parents("feature"), [second.clone(), base]);
    assert!(rig.world.file("feature", "news.md").is_some());
    assert!(!changed(rig, &update(&second)).await);
    let settled = rig.settle(&update(&second)).await.expect("can be read");
    assert_eq!(settled, Settled::Performed);
}
