//! Rules as people write them, and what reviews say about them.

use serde_json::{Value, json};

use super::read::{MAX_DEPTH, MAX_RULES};
use super::*;
use crate::merge_gate::Teams;
use crate::merge_gate::code_owners::{self, Owner, OwnerGroup};
use crate::model::ReviewState::{Approved, ChangesRequested, Commented, Dismissed};
use crate::model::{Author, Fact, Holds, Listing, Login, Review, ReviewState, Sha, Span};
use crate::scenario::{NOW, bot, person, review, sha};

/// What a rule is judged by, ready to be changed.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) reviews: Listing<Review>,
    pub(super) author: Author,
    pub(super) commit_authors: Option<Listing<Author>>,
    pub(super) teams: Teams,
    pub(super) code_owners: Option<Listing<OwnerGroup>>,
    pub(super) dismiss_stale: bool,
    pub(super) head: Sha,
}

impl World {
    pub(super) fn judge(&self, rule: &Rule) -> Finding {
        rule.judge(&Facts {
            reviews: &self.reviews,
            head: &self.head,
            author: &self.author,
            commit_authors: self.commit_authors.as_ref(),
            teams: &self.teams,
            code_owners: self.code_owners.as_ref(),
            dismiss_stale: self.dismiss_stale,
        })
    }

    fn says(&self, rule: &Value) -> Holds {
        self.judge(&parsed(rule)).result
    }

    fn reviewed(mut self, login: &str, state: ReviewState) -> Self {
        let minutes = i64::try_from(self.reviews.rows.len()).unwrap();
        self.reviews.rows.push(Review {
            at: NOW + Span::minutes(minutes),
            ..review(person(login), state)
        });
        self
    }

    fn approved(self, logins: &[&str]) -> Self {
        let approve = |world: Self, login: &&str| world.reviewed(login, Approved);
        logins.iter().fold(self, approve)
    }

    fn owned(mut self, file: &str, path: &str) -> Self {
        let groups = code_owners::parse(file.as_bytes()).groups([(path, None)]);
        self.code_owners = Some(Listing::whole(groups));
        self
    }
}

/// Nobody has reviewed; `author` wrote it with `helper`; `octo/leads` are lena and luis.
pub(super) fn world() -> World {
    let lead = ["lena", "luis"].map(Login::new).to_vec();
    World {
        reviews: Listing::whole(Vec::new()),
        author: person("author"),
        commit_authors: Some(Listing::whole(vec![person("author"), person("helper")])),
        teams: Teams::default().with(team("octo/leads"), Listing::whole(lead)),
        code_owners: Some(Listing::whole(Vec::new())),
        dismiss_stale: false,
        head: sha('a'),
    }
}

pub(super) fn team(text: &str) -> Team {
    match Party::parse(text) {
        Some(Party::Team(team)) => team,
        other => panic!("{other:?}"),
    }
}

fn parsed(rule: &Value) -> Rule {
    Rule::try_from(rule.clone()).unwrap()
}

#[test]
fn so_many_different_people_are_needed() {
    let two = json!({ "approvals": 2 });
    assert_eq!(world().says(&two), Holds::Fails);
    assert_eq!(world().approved(&["rita"]).says(&two), Holds::Fails);
    assert_eq!(world().approved(&["rita", "Rita"]).says(&two), Holds::Fails);
    assert_eq!(world().approved(&["rita", "rob"]).says(&two), Holds::Holds);
    let found = world().approved(&["rita"]).judge(&parsed(&two));
    let Of::Approvals(found) = found.of else {
        panic!()
    };
    assert_eq!(
        (found.missing(), found.given),
        (1, vec![Login::new("rita")])
    );
}

#[test]
fn only_those_named_count_where_some_are() {
    let named = json!({ "approvals": 1, "from": ["alice", "@octo/Leads"] });
    for (login, expected) in [
        ("alice", Holds::Holds),
        ("ALICE", Holds::Holds),
        ("lena", Holds::Holds),
        ("rita", Holds::Fails),
    ] {
        assert_eq!(world().approved(&[login]).says(&named), expected, "{login}");
    }
}

#[test]
fn the_author_never_counts_and_commit_authors_only_where_a_rule_says_so() {
    let (strict, lenient) = (
        json!({ "approvals": 1 }),
        json!({ "approvals": 1, "not": ["author"] }),
    );
    assert_eq!(world().approved(&["author"]).says(&lenient), Holds::Fails);
    assert_eq!(world().approved(&["Helper"]).says(&strict), Holds::Fails);
    assert_eq!(world().approved(&["helper"]).says(&lenient), Holds::Holds);
    let found = world().approved(&["helper"]).judge(&parsed(&strict));
    let Of::Approvals(found) = found.of else {
        panic!()
    };
    assert_eq!(found.wrote_it, [Login::new("helper")]);
}

#[test]
fn automation_strangers_and_remarks_never_count() {
    let rule = json!({ "approvals": 1 });
    let mut world = world().reviewed("rita", Commented);
    world.reviews.rows.push(review(bot("ai[bot]"), Approved));
    world.reviews.rows.push(review(Author::Us, Approved));
    world.reviews.rows.push(Review {
        trusted: false,
        ..review(person("mallory"), Approved)
    });
    assert_eq!(world.says(&rule), Holds::Fails);
}

#[test]
fn an_approval_ends_with_a_demand_or_a_dismissal_and_not_with_a_remark() {
    let rule = json!({ "approvals": 1 });
    let then = |state| {
        world()
            .approved(&["rita"])
            .reviewed("rita", state)
            .says(&rule)
    };
    assert_eq!(then(Commented), Holds::Holds);
    assert_eq!(then(ChangesRequested), Holds::Fails);
    assert_eq!(then(Dismissed), Holds::Fails);
}

#[test]
fn an_approval_of_an_older_head_counts_unless_the_switch_is_on() {
    let mut world = world().approved(&["rita"]);
    world.head = sha('b');
    let rule = json!({ "approvals": 1 });
    assert_eq!(world.says(&rule), Holds::Holds);
    world.dismiss_stale = true;
    assert_eq!(world.says(&rule), Holds::Fails);
    let Of::Approvals(found) = world.judge(&parsed(&rule)).of else {
        panic!()
    };
    assert_eq!(found.outdated, [Login::new("rita")]);
    world.reviews.rows[0].commit = None;
    assert_eq!(
        world.says(&rule),
        Holds::Fails,
        "a commit that is gone is not the head"
    );
}

#[test]
fn what_is_not_known_permits_nothing_and_says_what_it_is() {
    let leads = json!({ "approvals": 1, "from": ["octo/leads"] });
    let anybody = json!({ "approvals": 1 });
    let unlearned = |world: &World, rule: &Value| {
        let finding = world.judge(&parsed(rule));
        assert_eq!(finding.result, Holds::Unknown);
        match finding.of {
            Of::Approvals(found) => found.unlearned,
            other => panic!("{other:?}"),
        }
    };
    let mut no_team = world().approved(&["rita"]);
    no_team.teams = Teams::default();
    let team = Unlearned::Team(team("octo/leads"));
    assert_eq!(unlearned(&no_team, &leads), [team]);

    for listing in [
        None,
        Some(Listing {
            rows: vec![person("helper")],
            complete: false,
        }),
    ] {
        let mut no_authors = world().approved(&["rita"]);
        no_authors.commit_authors = listing;
        assert_eq!(unlearned(&no_authors, &anybody), [Unlearned::CommitAuthors]);
        let lenient = json!({ "approvals": 1, "not": ["author"] });
        assert_eq!(no_authors.says(&lenient), Holds::Holds);
    }

    let mut cut = world().approved(&["rita"]);
    cut.reviews.complete = false;
    assert_eq!(
        unlearned(&cut, &anybody),
        [Unlearned::Reviews],
        "it may be taken back later"
    );

    // Nobody has approved, so nothing that is unknown matters.
    let mut nobody = world();
    nobody.teams = Teams::default();
    nobody.commit_authors = None;
    assert_eq!(nobody.says(&leads), Holds::Fails);
}

#[test]
fn all_and_any_join_their_rules_with_unknown_between() {
    let holds = json!({ "approvals": 1, "from": ["rita"] });
    let fails = json!({ "approvals": 1, "from": ["rob"] });
    let unknown = json!({ "approvals": 1, "from": ["octo/strangers"] });
    let world = world().approved(&["rita"]);
    let table = [
        (
            ["all", "any"],
            [&holds, &holds],
            [Holds::Holds, Holds::Holds],
        ),
        (
            ["all", "any"],
            [&holds, &fails],
            [Holds::Fails, Holds::Holds],
        ),
        (
            ["all", "any"],
            [&holds, &unknown],
            [Holds::Unknown, Holds::Holds],
        ),
        (
            ["all", "any"],
            [&fails, &unknown],
            [Holds::Fails, Holds::Unknown],
        ),
        (
            ["all", "any"],
            [&unknown, &unknown],
            [Holds::Unknown, Holds::Unknown],
        ),
        (
            ["all", "any"],
            [&fails, &fails],
            [Holds::Fails, Holds::Fails],
        ),
    ];
    for (words, [one, other], expected) in table {
        for (word, expected) in words.into_iter().zip(expected) {
            assert_eq!(
                world.says(&json!({ word: [one, other] })),
                expected,
                "{word} {one} {other}"
            );
            assert_eq!(
                world.says(&json!({ word: [other, one] })),
                expected,
                "{word} {other} {one}"
            );
        }
    }
}

#[test]
fn each_group_of_owned_files_needs_one_of_its_owners() {
    let rule = json!({ "code_owners": true });
    let file = "* @rita @rob\n";
    assert_eq!(
        world().says(&rule),
        Holds::Holds,
        "nobody owns anything here"
    );
    assert_eq!(world().owned(file, "a").says(&rule), Holds::Fails);
    assert_eq!(
        world().owned(file, "a").approved(&["zoe"]).says(&rule),
        Holds::Fails
    );
    assert_eq!(
        world().owned(file, "a").approved(&["rob"]).says(&rule),
        Holds::Holds
    );
    assert_eq!(
        world()
            .owned("* @author\n", "a")
            .approved(&["author"])
            .says(&rule),
        Holds::Fails
    );
    let team = world().owned("* @octo/leads\n", "a");
    assert_eq!(team.clone().approved(&["luis"]).says(&rule), Holds::Holds);
    assert_eq!(team.approved(&["rita"]).says(&rule), Holds::Fails);
    let groups = code_owners::parse(b"a/ @rita\nb/ @rob\n").groups([("a/1", None), ("b/1", None)]);
    let mut two = world().approved(&["rita"]);
    two.code_owners = Some(Listing::whole(groups));
    assert_eq!(two.says(&rule), Holds::Fails);
    assert_eq!(two.approved(&["rob"]).says(&rule), Holds::Holds);
}

#[test]
fn owners_that_are_not_known_permit_nothing() {
    let rule = json!({ "code_owners": true });
    let mail = world().owned("* rita@example.com\n", "a");
    assert_eq!(
        mail.says(&rule),
        Holds::Fails,
        "nobody has approved, so they have not"
    );
    assert_eq!(mail.approved(&["rita"]).says(&rule), Holds::Unknown);
    let either = world()
        .owned("* x@example.com @rob\n", "a")
        .approved(&["rob"]);
    assert_eq!(either.says(&rule), Holds::Holds);
    let mut cut = world().owned("* @rob\n", "a").approved(&["rob"]);
    cut.code_owners.as_mut().unwrap().complete = false;
    assert_eq!(cut.says(&rule), Holds::Unknown, "there may be more files");
    cut.reviews.rows.clear();
    assert_eq!(cut.says(&rule), Holds::Fails, "of one we know enough");
    cut.code_owners = None;
    assert_eq!(cut.says(&rule), Holds::Unknown);
    let Of::CodeOwners { groups, complete } = cut.judge(&parsed(&rule)).of else {
        panic!()
    };
    assert!(groups.is_empty() && !complete);
}

#[test]
fn a_rule_tells_what_has_to_be_learned_for_it() {
    let asks = |rule: Value| parsed(&rule).asks();
    let nothing = asks(json!({ "approvals": 1, "from": ["alice"], "not": ["author"] }));
    assert_eq!(nothing, Asks::default());
    let everything = asks(json!({ "any": [
        { "all": [{ "code_owners": true, "not": ["author"] }] },
        { "approvals": 1, "from": ["bob", "@octo/a", "Octo/B"] },
    ] }));
    assert_eq!(
        everything,
        Asks {
            teams: [team("octo/a"), team("octo/b")].into(),
            commit_authors: true,
            code_owners: true,
        }
    );
    assert!(asks(json!({ "code_owners": true })).commit_authors);
}

#[test]
fn reasons_have_the_shape_of_the_rule_and_say_who_could_help() {
    let rule = parsed(&json!({ "all": [
        { "approvals": 1 },
        { "any": [{ "approvals": 2, "from": ["rob", "octo/leads"] }, { "code_owners": true }] },
    ] }));
    let files: Vec<String> = (10..40).map(|n| format!("src/{n}")).collect();
    let mut world = world()
        .owned("* @zoe\n", "src/1")
        .approved(&["rita", "rob"]);
    world.code_owners.as_mut().unwrap().rows[0].files = files;
    let reason = world.judge(&rule).reason();
    assert_eq!(reason.result, Holds::Fails);
    let rules: Vec<_> = reason
        .against()
        .iter()
        .map(|leaf| leaf.rule.as_ref())
        .collect();
    assert_eq!(
        rules,
        [
            "enough_of_those_who_count_approve",
            "an_owner_of_these_files_approves"
        ]
    );
    for leaf in reason.against() {
        assert!(leaf.unblock.is_some());
    }
    let saw = |n: usize, name: &str| {
        let against = reason.against();
        let found = against[n].saw.iter().find(|(saw, _)| saw == name);
        found.map(|(_, fact)| fact.to_string())
    };
    assert_eq!(saw(0, "missing").as_deref(), Some("1"));
    assert_eq!(saw(0, "given").as_deref(), Some("rob"));
    assert_eq!(saw(0, "from").as_deref(), Some("rob, octo/leads"));
    assert!(saw(1, "files").unwrap().ends_with("src/19, and 20 more"));
    assert_eq!(saw(1, "from").as_deref(), Some("zoe"));
}

#[test]
fn unknown_is_told_with_who_can_end_it() {
    let mut world = world().approved(&["rita"]);
    world.teams = Teams::default();
    let reason = world
        .judge(&parsed(&json!({ "approvals": 1, "from": ["octo/leads"] })))
        .reason();
    assert_eq!(reason.result, Holds::Unknown);
    let unknown = reason
        .saw
        .iter()
        .find(|(name, _)| name == "unknown")
        .unwrap();
    assert_eq!(unknown.1, Fact::names(["octo/leads"]));
    assert!(reason.unblock.unwrap().remedy.contains("members"));
    world.code_owners = None;
    let reason = world
        .judge(&parsed(&json!({ "code_owners": true })))
        .reason();
    assert!(!reason.holds() && reason.unblock.is_some());
}

#[test]
fn what_is_no_rule_is_refused() {
    for bad in [
        json!(null),
        json!([]),
        json!({}),
        json!({ "not": "a value" }),
        json!({ "all": [] }),
        json!({ "any": [{ "approvals": 0 }] }),
        json!({ "approvals": 101 }),
        json!({ "approvals": "1" }),
        json!({ "approvals": 1, "code_owners": true }),
        json!({ "approvals": 1, "from": [] }),
        json!({ "approvals": 1, "from": "alice" }),
        json!({ "approvals": 1, "from": ["dependabot[bot]"] }),
        json!({ "approvals": 1, "from": [1] }),
        json!({ "approvals": 1, "not": [] }),
        json!({ "approvals": 1, "not": ["committers"] }),
        json!({ "approvals": 1, "surplus": 1 }),
        json!({ "code_owners": false }),
        json!({ "code_owners": true, "from": ["alice"] }),
        json!({ "all": [{ "approvals": 1 }], "not": ["author"] }),
    ] {
        assert!(Rule::try_from(bad.clone()).is_err(), "{bad}");
    }
    let nested = |depth: usize| {
        let rule = json!({ "approvals": 1 });
        (1..depth).fold(rule, |below, _| json!({ "all": [below] }))
    };
    assert!(Rule::try_from(nested(MAX_DEPTH)).is_ok());
    assert!(Rule::try_from(nested(MAX_DEPTH + 1)).is_err());
    let many = |n: usize| json!({ "any": vec![json!({ "approvals": 1 }); n] });
    assert!(Rule::try_from(many(MAX_RULES - 1)).is_ok());
    assert!(Rule::try_from(many(MAX_RULES)).is_err());
}

#[test]
fn an_owner_named_twice_is_one() {
    let owners = vec![
        Owner::Party(Party::Person(Login::new("rob"))),
        Owner::Party(Party::Person(Login::new("ROB"))),
    ];
    let mut world = world().approved(&["rob"]);
    let files = vec!["a".to_owned()];
    world.code_owners = Some(Listing::whole(vec![OwnerGroup { owners, files }]));
    assert_eq!(world.says(&json!({ "code_owners": true })), Holds::Holds);
}
