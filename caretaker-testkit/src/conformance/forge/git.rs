//! Commits, trees, files, differences and branches.

use caretaker_core::model::git::answer::{
    Comparison, Contents, Diff, FileBody, FileFate, TreeEntry, TreeKind,
};
use caretaker_core::model::git::rules::{BranchRules, Demand};
use caretaker_core::model::{
    Author, Branch, ForgeQuery, GitAnswer, GitQuery, Listing, Login, Number, Required, Revision,
};
use caretaker_core::ports::Kind;

use super::{Answer, Rig, sha};
use crate::world::{Edits, Protection};

const ONE: Number = Number::new(1);

fn branch(name: &str) -> Revision {
    Revision::Branch(Branch::new(name))
}

async fn asked(rig: &Rig, query: GitQuery) -> GitAnswer {
    match rig.ask(ForgeQuery::Git(query)).await {
        Ok(Answer::Git(answer)) => *answer,
        other => panic!("no answer about the git repository: {other:?}"),
    }
}

async fn diff(rig: &Rig) -> Diff {
    match asked(rig, GitQuery::Diff(ONE)).await {
        GitAnswer::Diff(diff) => diff,
        other => panic!("no difference: {other:?}"),
    }
}

async fn compared(rig: &Rig, base: Revision, head: Revision) -> Comparison {
    match asked(rig, GitQuery::Compare { base, head }).await {
        GitAnswer::Compare(comparison) => comparison,
        other => panic!("no comparison: {other:?}"),
    }
}

async fn contents(rig: &Rig, path: &str, at: Revision) -> Contents {
    let path = path.to_owned();
    match asked(rig, GitQuery::Contents { path, at }).await {
        GitAnswer::Contents(contents) => contents,
        other => panic!("no contents: {other:?}"),
    }
}

/// Line by line, as git writes it, of the head's own doing only.
pub async fn a_difference_shows_each_line(rig: &Rig) {
    rig.world
        .commit_file("main", "README.md", "# news\n", "bob");
    let edits = Edits::write("a b.txt", "one\ntwo\n").moving("README.md", "docs/READ ME.md");
    rig.world.commit("feature", "alice", edits);
    let seen = diff(rig).await;
    assert!(seen.complete);
    for line in [
        "diff --git a/a b.txt b/a b.txt\n",
        "new file mode 100644\n",
        "+++ b/a b.txt\n",
        "@@ -0,0 +1,2 @@\n+one\n+two\n",
        "rename from README.md\nrename to docs/READ ME.md\n",
        "+pub struct Widget;\n",
    ] {
        assert!(seen.text.contains(line), "{line:?} in\n{}", seen.text);
    }
    assert!(!seen.text.contains("news"), "the base's doing");
}

/// GitHub shows nothing then, and that is not "nothing changes".
pub async fn too_much_of_a_difference_is_none(rig: &Rig) {
    let mut edits = Edits::default();
    for n in 0..301 {
        edits
            .files
            .insert(format!("many/{n}"), Some("x\n".to_owned()));
    }
    rig.world.commit("feature", "alice", edits);
    let seen = diff(rig).await;
    assert_eq!((seen.text.as_str(), seen.complete), ("", false));
}

/// Who wrote it, who made it, on what, and whether GitHub vouches for it.
pub async fn commits_show_who_made_them(rig: &Rig) {
    let before = rig.world.head(1);
    let edits = Edits::write("a.txt", "a")
        .by_author("dave")
        .by_committer("web-flow");
    let made = rig.world.commit("feature", "alice", edits);
    let stranger = Edits::write("a.txt", "b").by_author("");
    rig.world.commit("feature", "alice", stranger);
    let GitAnswer::Commits(seen) = asked(rig, GitQuery::Commits(ONE)).await else {
        panic!("no commits");
    };
    assert_eq!((seen.rows.len(), seen.complete), (3, true));
    let (first, second, third) = (&seen.rows[0], &seen.rows[1], &seen.rows[2]);
    assert_eq!(
        (first.sha.as_str(), first.verified),
        (before.as_str(), false)
    );
    assert_eq!(first.message, "a widget");
    assert_eq!(second.sha.as_str(), made);
    assert_eq!(second.parents, [sha(&before)]);
    let author = second.author.as_ref().map(Author::login);
    assert_eq!((author, second.verified), (Some(Login::new("dave")), true));
    assert_eq!((&third.author, &third.committer), (&None, &None));
}

/// GitHub stops at 250 and says nothing.
pub async fn more_commits_than_are_shown_are_not_all(rig: &Rig) {
    for n in 0..255 {
        let edits = Edits::write("a.txt", &n.to_string());
        rig.world.commit("feature", "alice", edits);
    }
    let GitAnswer::Commits(seen) = asked(rig, GitQuery::Commits(ONE)).await else {
        panic!("no commits");
    };
    assert_eq!((seen.rows.len(), seen.complete), (250, false));
}

/// Both ways, with the files that the head changed.
pub async fn a_comparison_counts_both_ways(rig: &Rig) {
    let left = rig.world.tip("main");
    rig.world.commit_file("main", "news.md", "# news\n", "bob");
    rig.world
        .commit_file("feature", "README.md", "# widgets\nmore\n", "alice");
    let seen = compared(rig, branch("main"), branch("feature")).await;
    assert_eq!((seen.ahead, seen.behind), (2, 1));
    assert_eq!(seen.base, sha(&rig.world.tip("main")));
    assert_eq!(seen.merge_base, sha(&left));
    assert!(seen.files.complete);
    let rows: Vec<_> = seen
        .files
        .rows
        .iter()
        .map(|file| (file.path.as_str(), file.how, file.additions, file.deletions))
        .collect();
    let wanted = [
        ("README.md", FileFate::Modified, 1, 0),
        ("src/widget.rs", FileFate::Added, 1, 0),
    ];
    assert_eq!(rows, wanted);
    let head = Revision::Commit(sha(&rig.world.head(1)));
    let same = compared(rig, head.clone(), head).await;
    assert_eq!((same.ahead, same.behind, same.files.rows.len()), (0, 0, 0));
}

/// GitHub stops at three hundred files and says nothing.
pub async fn more_files_than_a_comparison_shows_are_not_all(rig: &Rig) {
    let mut edits = Edits::default();
    for n in 0..310 {
        edits
            .files
            .insert(format!("many/{n}"), Some("x\n".to_owned()));
    }
    rig.world.commit("feature", "alice", edits);
    let files = compared(rig, branch("main"), branch("feature")).await.files;
    assert_eq!((files.rows.len(), files.complete), (300, false));
}

/// A text, no text, and more than is handed out: facts all of them.
pub async fn a_file_says_what_it_is(rig: &Rig) {
    let large = "x".repeat(1_100_000);
    let text = "# ü\n";
    for (path, says) in [
        ("docs/a b#?.md", text),
        ("picture.png", "\0PNG"),
        ("large.txt", &large),
    ] {
        rig.world.commit_file("main", path, says, "bob");
    }
    for (path, wanted, bytes) in [
        ("docs/a b#?.md", FileBody::Text(text.to_owned()), 5),
        ("picture.png", FileBody::Binary, 4),
        ("large.txt", FileBody::TooLarge, 1_100_000),
    ] {
        match contents(rig, path, branch("main")).await {
            Contents::File { body, size, .. } => assert_eq!((body, size), (wanted, bytes)),
            other => panic!("no file at {path}: {other:?}"),
        }
    }
    let old = Revision::Commit(sha(&rig.world.head(1)));
    for (path, at) in [("docs/a b#?.md", old), ("none.md", branch("main"))] {
        let path = path.to_owned();
        let error = rig
            .ask(ForgeQuery::Git(GitQuery::Contents { path, at }))
            .await;
        assert_eq!(error.expect_err("not there").kind, Kind::NotFound);
    }
    let (path, at) = ("README.md".to_owned(), branch("nowhere"));
    let error = rig
        .ask(ForgeQuery::Git(GitQuery::Contents { path, at }))
        .await;
    assert_eq!(error.expect_err("no such branch").kind, Kind::NotFound);
}

/// What stands right in it; a thousand at most, and GitHub says nothing.
pub async fn a_folder_shows_what_stands_in_it(rig: &Rig) {
    let Contents::Folder(root) = contents(rig, "", branch("feature")).await else {
        panic!("the root is a folder");
    };
    let names = |rows: &Listing<TreeEntry>| -> Vec<(String, TreeKind)> {
        let rows = rows.rows.iter();
        rows.map(|row| (row.path.clone(), row.kind)).collect()
    };
    let wanted = [("README.md", TreeKind::File), ("src", TreeKind::Folder)];
    let wanted = wanted.map(|(path, kind)| (path.to_owned(), kind));
    assert_eq!((names(&root), root.complete), (wanted.to_vec(), true));
    let mut edits = Edits::default();
    for n in 0..1_005 {
        edits
            .files
            .insert(format!("many/{n}"), Some("x\n".to_owned()));
    }
    rig.world.commit("feature", "alice", edits);
    let Contents::Folder(many) = contents(rig, "many", branch("feature")).await else {
        panic!("it is a folder");
    };
    assert_eq!((many.rows.len(), many.complete), (1_000, false));
}

/// Folder by folder, and it says when there is more.
pub async fn a_tree_shows_everything_in_a_commit(rig: &Rig) {
    let head = sha(&rig.world.head(1));
    let tree = |answer| match answer {
        GitAnswer::Tree(rows) => rows,
        other => panic!("no tree: {other:?}"),
    };
    let seen = tree(asked(rig, GitQuery::Tree(head.clone())).await);
    let rows = seen.rows.iter();
    let rows: Vec<_> = rows
        .map(|row| (row.path.as_str(), row.kind, row.size))
        .collect();
    let wanted = [
        ("README.md", TreeKind::File, Some(10)),
        ("src", TreeKind::Folder, None),
        ("src/widget.rs", TreeKind::File, Some(19)),
    ];
    assert_eq!((rows, seen.complete), (wanted.to_vec(), true));
    rig.world.tree_shown(2);
    let cut = tree(asked(rig, GitQuery::Tree(head)).await);
    assert_eq!((cut.rows.len(), cut.complete), (2, false));
    let error = rig
        .ask(ForgeQuery::Git(GitQuery::Tree(sha(&"0".repeat(40)))))
        .await;
    assert_eq!(error.expect_err("no such commit").kind, Kind::NotFound);
}

/// All of them, beyond a page too.
pub async fn every_branch_is_listed(rig: &Rig) {
    rig.world.protect("main", Protection::checks(&["test"]));
    for n in 0..110 {
        let name = format!("topic/{n}");
        rig.world.commit_file(&name, "a.txt", "a", "bob");
    }
    let GitAnswer::Branches(seen) = asked(rig, GitQuery::Branches).await else {
        panic!("no branches");
    };
    assert_eq!((seen.rows.len(), seen.complete), (112, true));
    let main = seen.rows.iter().find(|row| row.name.as_str() == "main");
    let main = main.expect("it is there");
    assert_eq!(
        (main.protected, &main.sha),
        (true, &sha(&rig.world.tip("main")))
    );
    assert!(seen.rows.iter().filter(|row| row.protected).count() == 1);
}

async fn rules(rig: &Rig) -> BranchRules {
    let main = Branch::new("main");
    match asked(rig, GitQuery::Rules(main)).await {
        GitAnswer::Rules(rules) => rules,
        other => panic!("no rules: {other:?}"),
    }
}

/// From rulesets, which anybody may read.
pub async fn rulesets_tell_what_a_branch_demands(rig: &Rig) {
    let open = rules(rig).await;
    let nothing = BranchRules {
        required: Some(Required::default()),
        last_push_approval: Demand::No,
        threads_resolved: Demand::No,
        linear_history: Demand::No,
        signatures: Demand::No,
        merge_queue: Demand::No,
        forward_only: Demand::No,
        undeletable: Demand::No,
    };
    assert_eq!(open, nothing);
    let demand = Protection {
        approvals: 2,
        last_push: true,
        threads: true,
        linear: true,
        signed: true,
        queue: true,
        ..Protection::checks(&["test"])
    };
    rig.world.ruleset("main", demand);
    let seen = rules(rig).await;
    assert_eq!(seen.required.map(|required| required.approvals), Some(2));
    let rest = [
        seen.last_push_approval,
        seen.threads_resolved,
        seen.linear_history,
        seen.signatures,
        seen.merge_queue,
    ];
    assert_eq!(rest, [Demand::Yes; 5]);
}

/// What only administrators are shown is unknown to others, and never free.
pub async fn classic_protection_is_told_in_detail_to_administrators(rig: &Rig) {
    let demand = Protection {
        approvals: 2,
        strict: true,
        linear: true,
        ..Protection::checks(&["test"])
    };
    rig.world.protect("main", demand);
    rig.world.permit("administration", "read");
    let seen = rules(rig).await;
    let required = seen.required.expect("it is shown");
    assert_eq!((required.approvals, required.up_to_date), (2, true));
    assert_eq!(seen.linear_history, Demand::Yes);
    assert_eq!(seen.signatures, Demand::No);
    let fixed = (seen.forward_only, seen.undeletable);
    assert_eq!(fixed, (Demand::Yes, Demand::Yes));
    rig.world.permit("administration", "");
    let seen = rules(rig).await;
    let required = seen.required.expect("the checks are shown to everybody");
    assert_eq!((required.checks.len(), required.approvals), (1, 0));
    assert_eq!(seen.linear_history, Demand::Unknown);
    assert_eq!(seen.signatures, Demand::Unknown);
}

/// Without the right to read contents nothing is told.
pub async fn contents_out_of_reach_are_denied(rig: &Rig) {
    rig.world.permit("contents", "");
    for query in [
        GitQuery::Branches,
        GitQuery::Tree(sha(&rig.world.head(1))),
        GitQuery::Compare {
            base: branch("main"),
            head: branch("feature"),
        },
        GitQuery::Contents {
            path: "README.md".to_owned(),
            at: branch("main"),
        },
    ] {
        let error = rig.ask(ForgeQuery::Git(query.clone())).await;
        assert_eq!(
            error.expect_err("we may not").kind,
            Kind::Denied,
            "{query:?}"
        );
    }
}
