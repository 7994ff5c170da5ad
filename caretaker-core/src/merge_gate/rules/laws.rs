//! What holds of every rule and whatever reviews there are.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::tests::{World, team, world};
use super::*;
use crate::merge_gate::Teams;
use crate::merge_gate::code_owners::{Owner, OwnerGroup};
use crate::model::{Author, Holds, Listing, Login, RemoteId, Review, ReviewState, Span};
use crate::scenario::{NOW, bot, person, review, sha};

const PEOPLE: [&str; 6] = ["alice", "Bob", "carol", "dave", "author", "helper"];
const TEAMS: [&str; 2] = ["octo/a", "octo/b"];

fn parties() -> impl Strategy<Value = Vec<Party>> {
    let names: Vec<&str> = PEOPLE.into_iter().chain(TEAMS).collect();
    prop::collection::vec(select(names), 0..4)
        .prop_map(|names| names.into_iter().filter_map(Party::parse).collect())
}

fn rule() -> impl Strategy<Value = Rule> {
    let leaf = prop_oneof![
        3 => (1_u32..3, parties(), any::<bool>()).prop_map(|(needed, from, commit_authors)| {
            Rule::Approvals { needed, from, commit_authors }
        }),
        1 => any::<bool>().prop_map(|commit_authors| Rule::CodeOwners { commit_authors }),
    ];
    leaf.prop_recursive(3, 12, 3, |rule| {
        let rules = prop::collection::vec(rule, 1..4);
        prop_oneof![rules.clone().prop_map(Rule::All), rules.prop_map(Rule::Any)]
    })
}

/// Nobody in it lets commit authors count.
fn strict(rule: &Rule) -> Rule {
    let each = |rules: &[Rule]| rules.iter().map(strict).collect();
    match rule {
        Rule::All(rules) => Rule::All(each(rules)),
        Rule::Any(rules) => Rule::Any(each(rules)),
        Rule::Approvals { needed, from, .. } => Rule::Approvals {
            needed: *needed,
            from: from.clone(),
            commit_authors: false,
        },
        Rule::CodeOwners { .. } => Rule::CodeOwners {
            commit_authors: false,
        },
    }
}

fn anybody() -> impl Strategy<Value = Author> {
    prop_oneof![
        8 => select(PEOPLE.to_vec()).prop_map(person),
        1 => Just(bot("ai[bot]")),
        1 => Just(Author::Us),
    ]
}

fn one_review() -> impl Strategy<Value = Review> {
    let state = prop_oneof![
        4 => Just(ReviewState::Approved),
        1 => Just(ReviewState::ChangesRequested),
        1 => Just(ReviewState::Commented),
        1 => Just(ReviewState::Dismissed),
        1 => Just(ReviewState::Pending),
    ];
    let commit = prop_oneof![4 => Just(Some('a')), 1 => Just(Some('9')), 1 => Just(None)];
    (
        anybody(),
        state,
        commit,
        0_i64..20,
        prop::bool::weighted(0.9),
    )
        .prop_map(|(by, state, commit, minute, trusted)| Review {
            commit: commit.map(sha),
            at: NOW + Span::minutes(minute),
            trusted,
            ..review(by, state)
        })
}

fn reviews() -> impl Strategy<Value = Vec<Review>> {
    prop::collection::vec(one_review(), 0..8).prop_map(|mut reviews| {
        for (n, review) in (1..).zip(&mut reviews) {
            review.id = RemoteId::new(n);
        }
        reviews
    })
}

fn logins() -> impl Strategy<Value = Vec<Login>> {
    subsequence(PEOPLE.to_vec(), 0..=PEOPLE.len())
        .prop_map(|names| names.into_iter().map(Login::new).collect())
}

fn groups() -> impl Strategy<Value = Vec<OwnerGroup>> {
    let email = prop::option::weighted(0.2, Just("x@example.com"));
    let group = (parties(), email).prop_map(|(parties, email)| {
        let mut owners: Vec<Owner> = parties.into_iter().map(Owner::Party).collect();
        owners.extend(email.map(|address| Owner::Email(address.to_owned())));
        OwnerGroup {
            owners,
            files: vec!["a".to_owned()],
        }
    });
    let owned = group.prop_filter("has owners", |group| !group.owners.is_empty());
    prop::collection::vec(owned, 0..3)
}

/// Everything is known.
fn known() -> impl Strategy<Value = World> {
    let teams = (logins(), logins()).prop_map(|(a, b)| {
        let teams = Teams::default().with(team(TEAMS[0]), Listing::whole(a));
        teams.with(team(TEAMS[1]), Listing::whole(b))
    });
    let wrote = subsequence(vec!["author", "helper", "carol"], 1..=3);
    (reviews(), teams, wrote, groups(), any::<bool>()).prop_map(
        |(reviews, teams, wrote, groups, dismiss_stale)| World {
            reviews: Listing::whole(reviews),
            commit_authors: Some(Listing::whole(wrote.into_iter().map(person).collect())),
            code_owners: Some(Listing::whole(groups)),
            teams,
            dismiss_stale,
            ..world()
        },
    )
}

/// The same world with some of the knowledge taken away.
fn less(world: &World, gone: [bool; 4]) -> World {
    let mut less = world.clone();
    if gone[0] {
        less.teams = Teams::default();
    }
    if gone[1] {
        less.commit_authors = None;
    } else if gone[2] {
        let authors = less.commit_authors.as_mut().unwrap();
        authors.rows.pop();
        authors.complete = false;
    }
    if gone[3] {
        let groups = less.code_owners.as_mut().unwrap();
        groups.rows.pop();
        groups.complete = false;
    }
    less
}

/// What GitHub keeps of one person's reviews, told step by step.
fn last_word(reviews: &[Review], who: &str) -> Option<ReviewState> {
    let mut mine: Vec<&Review> = reviews
        .iter()
        .filter(|review| review.by.login().same(&Login::new(who)))
        .collect();
    mine.sort_by_key(|review| (review.at, review.id));
    let mut word = None;
    for review in mine {
        match review.state {
            ReviewState::Approved | ReviewState::ChangesRequested => word = Some(review.state),
            ReviewState::Dismissed => word = None,
            ReviewState::Commented | ReviewState::Pending => {}
        }
    }
    word
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn one_persons_word_is_what_github_keeps_of_it(mut world in known()) {
        world.dismiss_stale = false;
        for who in ["alice", "Bob", "dave"] {
            for review in &mut world.reviews.rows {
                review.trusted = true;
            }
            world.commit_authors = Some(Listing::whole(Vec::new()));
            let from = vec![Party::Person(Login::new(who))];
            let rule = Rule::Approvals { needed: 1, from, commit_authors: false };
            let approves = last_word(&world.reviews.rows, who) == Some(ReviewState::Approved);
            let expected = if approves { Holds::Holds } else { Holds::Fails };
            prop_assert_eq!(world.judge(&rule).result, expected, "{} {:?}", who, world.reviews);
        }
    }

    #[test]
    fn the_order_in_which_reviews_are_listed_changes_nothing(
        (world, shuffled) in known().prop_flat_map(|world| {
            let rows = Just(world.reviews.rows.clone()).prop_shuffle();
            (Just(world), rows)
        }),
        rule in rule(),
    ) {
        let mut other = world.clone();
        other.reviews.rows = shuffled;
        prop_assert_eq!(world.judge(&rule), other.judge(&rule));
    }

    #[test]
    fn one_more_approval_of_the_head_takes_nothing_away(
        world in known(), rule in rule(), gone in any::<[bool; 4]>(), extra in one_review(),
    ) {
        let world = less(&world, gone);
        let mut more = world.clone();
        more.reviews.rows.push(Review {
            id: RemoteId::new(99),
            state: ReviewState::Approved,
            commit: Some(world.head.clone()),
            trusted: true,
            ..extra
        });
        let (before, after) = (world.judge(&rule), more.judge(&rule));
        prop_assert!(before.result != Holds::Holds || after.result == Holds::Holds);
        prop_assert!(never_falls(&before, &after), "{:?} {:?}", before, after);
    }

    #[test]
    fn neither_the_author_nor_who_wrote_commits_ever_counts(world in known(), rule in rule()) {
        let rule = strict(&rule);
        let mut others = world.clone();
        let theirs = |review: &Review| {
            let wrote = &world.commit_authors.as_ref().unwrap().rows;
            review.by == world.author || wrote.contains(&review.by)
        };
        others.reviews.rows.retain(|review| !theirs(review));
        prop_assert_eq!(world.judge(&rule).result, others.judge(&rule).result);
    }

    #[test]
    fn the_author_never_counts_whatever_a_rule_allows(world in known(), rule in rule()) {
        let mut others = world.clone();
        others.reviews.rows.retain(|review| review.by != world.author);
        prop_assert_eq!(world.judge(&rule).result, others.judge(&rule).result);
    }

    #[test]
    fn what_holds_or_fails_with_less_knowledge_does_so_with_all(
        world in known(), rule in rule(), gone in any::<[bool; 4]>(),
    ) {
        // Whoever an address belongs to is never known, so it stays unknown in both.
        let (least, most) = (less(&world, gone).judge(&rule).result, world.judge(&rule).result);
        prop_assert!(least == Holds::Unknown || least == most, "{:?} {:?}", least, most);
    }

    #[test]
    fn unknown_teams_satisfy_nothing_that_empty_ones_would_not(world in known(), rule in rule()) {
        let unknown = less(&world, [true, false, false, false]);
        let mut empty = unknown.clone();
        for name in TEAMS {
            empty.teams = empty.teams.with(team(name), Listing::whole(Vec::new()));
        }
        if unknown.judge(&rule).result == Holds::Holds {
            prop_assert_eq!(empty.judge(&rule).result, Holds::Holds);
        }
    }

    #[test]
    fn reviews_that_were_not_read_to_their_end_satisfy_no_approval(
        mut world in known(), needed in 1_u32..3, from in parties(),
    ) {
        world.reviews.complete = false;
        let rule = Rule::Approvals { needed, from, commit_authors: true };
        prop_assert_eq!(world.judge(&rule).result, Holds::Unknown);
    }

    #[test]
    fn with_stale_dismissal_older_approvals_are_as_good_as_none(
        mut world in known(), rule in rule(),
    ) {
        world.dismiss_stale = true;
        for review in &mut world.reviews.rows {
            review.commit = Some(sha('9'));
        }
        let mut none = world.clone();
        none.reviews.rows.clear();
        prop_assert_eq!(world.judge(&rule).result, none.judge(&rule).result);
    }

    #[test]
    fn a_reason_says_what_the_finding_says(
        world in known(), rule in rule(), gone in any::<[bool; 4]>(),
    ) {
        let finding = less(&world, gone).judge(&rule);
        let reason = finding.reason();
        prop_assert_eq!(reason.result, finding.result);
        for leaf in reason.against() {
            prop_assert!(leaf.unblock.is_some(), "{:?}", leaf);
        }
    }
}

/// Every part of it that held still holds.
fn never_falls(before: &Finding, after: &Finding) -> bool {
    let kept = |before: Holds, after: Holds| before != Holds::Holds || after == Holds::Holds;
    let below = match (&before.of, &after.of) {
        (Of::All(a), Of::All(b)) | (Of::Any(a), Of::Any(b)) => {
            a.iter().zip(b).all(|(a, b)| never_falls(a, b))
        }
        (Of::CodeOwners { groups: a, .. }, Of::CodeOwners { groups: b, .. }) => {
            a.iter().zip(b).all(|(a, b)| kept(a.result, b.result))
        }
        _ => true,
    };
    below && kept(before.result, after.result)
}
