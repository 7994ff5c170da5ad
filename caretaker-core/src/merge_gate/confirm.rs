//! Whose word on a change counts, by what they may do now.
//!
//! A review says how its author is associated with the repository, and that word errs both ways:
//! GitHub calls people members or collaborators who may only read it, and shows members who hide
//! their membership as strangers. So each person is asked after whose last word stands. Who may
//! not write does not approve (spec 02 §3.5, D-01); who may write is heard in both. A demand for
//! changes by somebody whom the association trusts counts even so: it only makes us careful.
//!
//! Anybody may review, so there is a limit to how many are asked after. Beyond it nobody
//! approves, and everybody's demand counts.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::model::ask::{Ask as _, AskPermission};
use crate::model::review::standing;
use crate::model::{Author, Evidence, Halt, Login, Permission, Review, ReviewState, Snapshot};

/// People asked after for one pull request.
const MOST_ASKED: usize = 50;

/// The snapshot in which those are trusted who may write now.
///
/// # Errors
/// What must be asked first, or why it cannot be. All are asked for at once; somebody whom the
/// forge does not know may nothing.
pub fn confirmed<'a>(
    evidence: &Evidence,
    snapshot: &'a Snapshot,
) -> Result<Cow<'a, Snapshot>, Halt> {
    let standing = standing(&snapshot.reviews.rows);
    let mut speakers: Vec<&Login> = standing.into_iter().filter_map(speaker).collect();
    // Those who were always trusted first, so that a crowd of strangers does not crowd them out.
    speakers.sort_by_cached_key(|login| (!is_trusted(snapshot, login), *login));
    let (mut writers, mut missing) = (Vec::new(), Vec::new());
    for login in speakers.iter().copied().take(MOST_ASKED) {
        let ask = AskPermission(login.clone());
        match evidence.ask_opt(&ask) {
            Ok(Some(permission)) if *permission >= Permission::Write => {
                writers.push(login);
            }
            Ok(_) => {}
            Err(Halt::Need(_)) => missing.push(ask.query()),
            Err(halt) => return Err(halt),
        }
    }
    if !missing.is_empty() {
        return Err(Halt::Need(missing));
    }
    writers.sort();
    let unasked: BTreeSet<&Login> = speakers.iter().copied().skip(MOST_ASKED).collect();
    let trusted = |review: &Review| {
        let login = speaker(review)?;
        let may_write = writers.binary_search(&login).is_ok();
        let careful = review.state == ReviewState::ChangesRequested
            && (review.trusted || unasked.contains(login));
        Some(may_write || careful).filter(|trusted| *trusted != review.trusted)
    };
    if snapshot
        .reviews
        .rows
        .iter()
        .all(|row| trusted(row).is_none())
    {
        return Ok(Cow::Borrowed(snapshot));
    }
    let mut confirmed = snapshot.clone();
    for review in &mut confirmed.reviews.rows {
        if let Some(trusted) = trusted(review) {
            review.trusted = trusted;
        }
    }
    Ok(Cow::Owned(confirmed))
}

/// A person whose review is a word on the change going in.
fn speaker(review: &Review) -> Option<&Login> {
    let decides = matches!(
        review.state,
        ReviewState::Approved | ReviewState::ChangesRequested
    );
    match &review.by {
        Author::Human(actor) if decides => Some(&actor.login),
        Author::Human(_) | Author::Bot(_) | Author::Us => None,
    }
}

fn is_trusted(snapshot: &Snapshot, login: &Login) -> bool {
    let mut rows = snapshot.reviews.rows.iter();
    rows.any(|review| review.trusted && speaker(review) == Some(login))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Answer, Query};
    use crate::scenario::{self, person, review};

    fn seen(permission: Option<Permission>) -> bool {
        let scenario = scenario::pull(7).review(person("eve"), ReviewState::Approved);
        let query = AskPermission(Login::new("eve")).query();
        let answer = permission.map_or(Answer::Missing, Answer::Permission);
        let evidence = Evidence::from(vec![(query, answer)]);
        let confirmed = confirmed(&evidence, scenario.snapshot()).unwrap();
        confirmed.reviews.rows[0].trusted
    }

    #[test]
    fn only_who_may_write_now_is_trusted_with_an_approval() {
        assert!(seen(Some(Permission::Write)));
        assert!(seen(Some(Permission::Maintain)));
        assert!(seen(Some(Permission::Admin)));
        assert!(!seen(Some(Permission::Triage)));
        assert!(!seen(Some(Permission::Read)));
        assert!(!seen(Some(Permission::None)));
        assert!(!seen(None));
    }

    fn heard(association: bool, permission: Permission) -> bool {
        let demand = Review {
            trusted: association,
            ..review(person("rob"), ReviewState::ChangesRequested)
        };
        let scenario = scenario::pull(7).reviewed(demand);
        let query = AskPermission(Login::new("rob")).query();
        let evidence = Evidence::from(vec![(query, Answer::Permission(permission))]);
        let confirmed = confirmed(&evidence, scenario.snapshot()).unwrap();
        confirmed.reviews.rows[0].trusted
    }

    #[test]
    fn a_demand_is_heard_from_who_may_write_and_from_whom_the_association_trusts() {
        assert!(heard(false, Permission::Write), "a member who hides it");
        assert!(heard(true, Permission::Read));
        assert!(!heard(false, Permission::Read), "a stranger");
    }

    #[test]
    fn a_crowd_is_not_asked_after_and_cannot_hide_who_is_trusted() {
        let crowd = (0..80).fold(scenario::pull(7), |scenario, n| {
            let state = [ReviewState::Approved, ReviewState::ChangesRequested][n % 2];
            scenario.reviewed(Review {
                trusted: false,
                ..review(person(&format!("crowd-{n:02}")), state)
            })
        });
        let scenario = crowd.review(person("zoe"), ReviewState::Approved);
        let (none, snapshot) = (Evidence::default(), scenario.snapshot());
        let Err(Halt::Need(asked)) = confirmed(&none, snapshot) else {
            panic!("nobody is asked after");
        };
        assert_eq!(asked.len(), MOST_ASKED);
        let writes = |query: Query| (query, Answer::Permission(Permission::Write));
        let evidence = Evidence::from(asked.into_iter().map(writes).collect::<Vec<_>>());
        let confirmed = confirmed(&evidence, snapshot).unwrap();
        let rows = confirmed.reviews.rows.iter();
        let trusted = |state| {
            let of = rows.clone().filter(move |review| review.state == state);
            of.filter(|review| review.trusted).count()
        };
        assert_eq!(trusted(ReviewState::ChangesRequested), 40, "all demands");
        assert!(trusted(ReviewState::Approved) < 41, "but not all approvals");
        assert!(rows.clone().any(|r| r.trusted && r.by == person("zoe")));
    }

    #[test]
    fn nothing_is_asked_where_nobody_decides() {
        let remark = review(person("eve"), ReviewState::Commented);
        let scenario = scenario::pull(7).reviewed(remark);
        let snapshot = scenario.snapshot();
        let confirmed = confirmed(&Evidence::default(), snapshot).unwrap();
        assert_eq!(confirmed.as_ref(), snapshot);
    }
}
