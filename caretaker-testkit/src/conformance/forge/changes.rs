//! What a pull request touches, and who stands behind it.

use caretaker_core::model::{
    Answer, Author, Branch, CODE_OWNERS, ChangedFile, CodeOwnersFile, ForgeQuery, Listing, Login,
    Number, Permission,
};
use caretaker_core::ports::{Freshness, Kind};

use super::Rig;
use crate::world::Edits;

const ONE: Number = Number::new(1);

async fn files(rig: &Rig) -> Listing<ChangedFile> {
    match rig.ask(ForgeQuery::Files(ONE)).await {
        Ok(Answer::Files(files)) => files,
        other => panic!("no files: {other:?}"),
    }
}

async fn authors(rig: &Rig) -> (Vec<String>, bool) {
    match rig.ask(ForgeQuery::Authors(ONE)).await {
        Ok(Answer::Authors(authors)) => {
            let names = authors.rows.iter().map(|who| who.login().to_string());
            (names.collect(), authors.complete)
        }
        other => panic!("no authors: {other:?}"),
    }
}

/// Added, changed, deleted, moved; the head's own doing only, whatever the base did meanwhile.
pub async fn files_are_those_between_base_and_head(rig: &Rig) {
    rig.world
        .commit_file("main", "README.md", "# news\n", "bob");
    rig.world
        .commit_file("main", "other.md", "not theirs", "bob");
    let edits = Edits::write("docs/new.md", "new").moving("src/widget.rs", "src/gadget.rs");
    rig.world.commit("feature", "alice", edits);
    let edits = Edits::default().deleting("README.md");
    rig.world.commit("feature", "alice", edits);
    let plain = |path: &str| ChangedFile {
        path: path.to_owned(),
        previous: None,
    };
    let seen = files(rig).await;
    // What was added and moved within the head never stood elsewhere on the base.
    let wanted = ["README.md", "docs/new.md", "src/gadget.rs"].map(plain);
    assert_eq!((seen.rows, seen.complete), (wanted.to_vec(), true));
}

/// Both places are touched.
pub async fn a_moved_file_says_where_it_stood(rig: &Rig) {
    rig.world.commit(
        "feature",
        "alice",
        Edits::default().moving("README.md", "docs/a b.md"),
    );
    let moved = ChangedFile {
        path: "docs/a b.md".to_owned(),
        previous: Some("README.md".to_owned()),
    };
    assert!(files(rig).await.rows.contains(&moved));
}

/// They stay readable when they have become part of the base.
pub async fn a_merged_pull_request_still_shows_its_files(rig: &Rig) {
    let before = files(rig).await;
    rig.world.merge(1, "bob");
    assert_eq!(files(rig).await, before);
    assert_eq!(authors(rig).await, (vec!["alice".to_owned()], true));
}

/// GitHub stops at three thousand and says nothing.
pub async fn more_files_than_are_shown_are_not_all(rig: &Rig) {
    let mut edits = Edits::default();
    for n in 0..3_100 {
        let path = format!("many/{n}");
        edits.files.insert(path, Some(String::new()));
    }
    rig.world.commit("feature", "alice", edits);
    let seen = files(rig).await;
    assert_eq!((seen.rows.len(), seen.complete), (3_000, false));
}

/// Each once, in the order of the commits; people, bots, ourselves.
pub async fn authors_are_named_once_in_order(rig: &Rig) {
    let edits = || Edits::write("a.txt", "a");
    rig.world.commit(
        "feature",
        "alice",
        edits().by_author("dave").by_committer("carol"),
    );
    rig.world.commit("feature", "bob", edits());
    rig.world.commit(
        "feature",
        "alice",
        edits().by_author("caretaker[bot]").by_committer("Alice"),
    );
    let Ok(Answer::Authors(seen)) = rig.ask(ForgeQuery::Authors(ONE)).await else {
        panic!("no authors");
    };
    assert_eq!(seen.rows.last(), Some(&Author::Us));
    let (names, complete) = authors(rig).await;
    assert_eq!(names, ["alice", "dave", "carol", "bob", "caretaker"]);
    assert!(complete);
}

/// Who that is nobody knows, so it may be anybody.
pub async fn a_commit_without_an_account_leaves_its_author_open(rig: &Rig) {
    let edits = || Edits::write("a.txt", "a");
    rig.world.commit(
        "feature",
        "alice",
        edits().by_author("bob").by_committer(""),
    );
    assert_eq!(
        authors(rig).await,
        (vec!["alice".to_owned(), "bob".to_owned()], false)
    );
}

/// It commits for whoever edits on its pages; as an author it is one like any other.
pub async fn github_itself_is_left_out_as_committer(rig: &Rig) {
    let edits = || Edits::write("a.txt", "a");
    rig.world.commit(
        "feature",
        "alice",
        edits().by_author("bob").by_committer("web-flow"),
    );
    assert_eq!(
        authors(rig).await,
        (vec!["alice".to_owned(), "bob".to_owned()], true)
    );
    rig.world
        .commit("feature", "alice", edits().by_author("web-flow"));
    let (names, complete) = authors(rig).await;
    assert_eq!(names, ["alice", "bob", "web-flow"]);
    assert!(complete);
}

/// GitHub stops at two hundred and fifty and says nothing.
pub async fn more_commits_than_are_shown_leave_authors_open(rig: &Rig) {
    for n in 0..260 {
        let edits = Edits::write("a.txt", &n.to_string());
        rig.world.commit("feature", "alice", edits);
    }
    assert_eq!(authors(rig).await, (vec!["alice".to_owned()], false));
}

/// Else a push between the two would leave the files of one head beside the facts of the next.
pub async fn files_and_authors_are_read_after_the_head(rig: &Rig) {
    let asked = [
        ForgeQuery::Files(ONE),
        ForgeQuery::Authors(ONE),
        ForgeQuery::Snapshot(ONE),
    ];
    let repo = rig.world.repo();
    let seq = rig.world.log().count();
    let answers = rig.forge.read(&repo, &asked, Freshness::Fresh).await;
    assert!(matches!(answers[0], Ok(Answer::Files(_))));
    assert!(matches!(answers[1], Ok(Answer::Authors(_))));
    assert!(matches!(answers[2], Ok(Answer::Snapshot(_))));
    let late = |line: &str| {
        let late = [
            "read files",
            "read authors",
            "/pulls/1/files",
            "/pulls/1/commits",
        ];
        late.iter().any(|call| line.contains(call))
    };
    let log = rig.world.log().since(seq);
    let lines = log.entries().iter();
    let kinds: Vec<_> = lines
        .map(|call| late(&format!("{} {}", call.op, call.about)))
        .collect();
    assert!(kinds.contains(&true) && kinds.is_sorted(), "{log}");
}

/// The first of the three places counts, and no other; the branch counts, and no other.
pub async fn code_owners_stand_in_the_first_of_their_places(rig: &Rig) {
    let owners = |branch: &str| ForgeQuery::CodeOwners(Branch::new(branch));
    // A branch that is gone owns nothing, and nobody may conclude that nothing is owned.
    let none = [("main", Kind::NotFound), ("nowhere", Kind::Conflict)];
    for (branch, wanted) in none {
        let error = rig.ask(owners(branch)).await.expect_err("there are none");
        assert_eq!(error.kind, wanted, "{branch}: {error}");
    }
    for path in CODE_OWNERS.iter().rev() {
        let text = format!("* @octo/owners # ü {path}\n");
        rig.world.commit_file("main", path, &text, "bob");
        let wanted = CodeOwnersFile {
            path: (*path).to_owned(),
            text,
        };
        match rig.ask(owners("main")).await {
            Ok(Answer::CodeOwners(file)) => assert_eq!(file, wanted),
            other => panic!("no code owners: {other:?}"),
        }
    }
    let error = rig
        .ask(owners("feature"))
        .await
        .expect_err("it left before");
    assert_eq!(error.kind, Kind::NotFound);
}

fn members(team: &str) -> ForgeQuery {
    ForgeQuery::Members {
        org: Login::new("octo"),
        team: team.to_owned(),
    }
}

/// All of them, beyond a page too.
pub async fn a_team_shows_its_members(rig: &Rig) {
    let names: Vec<_> = (0..130).map(|n| format!("person-{n}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    rig.world.team("octo/everybody", &names);
    rig.world.team("octo/nobody", &[]);
    let wanted: Vec<_> = names.iter().map(|name| Login::new(*name)).collect();
    for (team, wanted) in [("everybody", wanted), ("nobody", Vec::new())] {
        match rig.ask(members(team)).await {
            Ok(Answer::Members(seen)) => assert_eq!(seen, Listing::whole(wanted)),
            other => panic!("no members: {other:?}"),
        }
    }
}

/// A team that is not there is no team of nobody, and being shut out is neither.
pub async fn a_team_that_we_do_not_see_has_no_members_to_tell(rig: &Rig) {
    let error = rig.ask(members("ghosts")).await.expect_err("no such team");
    assert_eq!(error.kind, Kind::NotFound);
    rig.world.team("octo/everybody", &["alice"]);
    rig.world.permit("members", "");
    let error = rig.ask(members("everybody")).await.expect_err("we may not");
    assert_eq!(error.kind, Kind::Denied);
}

/// At the moment of the question.
pub async fn a_permission_is_that_of_the_role(rig: &Rig) {
    use Permission::{Admin, Maintain, Read, Triage, Write};
    let steps = [
        ("carol", "", Read),
        ("carol", "triage", Triage),
        ("carol", "write", Write),
        ("Carol", "maintain", Maintain),
        ("carol", "admin", Admin),
        ("carol", "release manager", Read),
        ("carol", "", Read),
        ("octo", "", Admin),
        ("bob", "write", Write),
    ];
    for (login, role, wanted) in steps {
        rig.world.role(login, role);
        match rig.ask(ForgeQuery::Permission(Login::new(login))).await {
            Ok(Answer::Permission(seen)) => assert_eq!(seen, wanted, "{login} {role}"),
            other => panic!("no permission: {other:?}"),
        }
    }
}

/// Which is no permission of nothing.
pub async fn an_account_that_is_not_there_is_not_found(rig: &Rig) {
    let login = Login::new("no-such-account");
    let error = rig.ask(ForgeQuery::Permission(login)).await;
    assert_eq!(error.expect_err("there is none").kind, Kind::NotFound);
}
