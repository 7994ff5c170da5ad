//! Whose approval counts, by what they may do now.
//!
//! A review says how its author is associated with the repository, and GitHub calls people
//! members or collaborators who may only read it. So each approval that stands is asked after:
//! who may not write does not approve (spec 02 §3.5, D-01). A demand for changes is not asked
//! after; it only makes us careful.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::model::ask::{Ask as _, AskPermission};
use crate::model::review::standing;
use crate::model::{Author, Evidence, Halt, Login, Permission, Review, ReviewState, Snapshot};

/// The snapshot in which only those are trusted with an approval who may write now.
///
/// # Errors
/// What must be asked first, or why it cannot be. All approvers are asked for at once; somebody
/// whom the forge does not know may nothing.
pub fn confirmed<'a>(
    evidence: &Evidence,
    snapshot: &'a Snapshot,
) -> Result<Cow<'a, Snapshot>, Halt> {
    let approvers: BTreeSet<&Login> = standing(&snapshot.reviews.rows)
        .into_iter()
        .filter_map(approver)
        .collect();
    let (mut unable, mut missing) = (BTreeSet::new(), Vec::new());
    for login in approvers {
        let ask = AskPermission(login.clone());
        match evidence.ask_opt(&ask) {
            Ok(Some(permission)) if *permission >= Permission::Write => {}
            Ok(_) => {
                unable.insert(login);
            }
            Err(Halt::Need(_)) => missing.push(ask.query()),
            Err(halt) => return Err(halt),
        }
    }
    if !missing.is_empty() {
        return Err(Halt::Need(missing));
    }
    if unable.is_empty() {
        return Ok(Cow::Borrowed(snapshot));
    }
    let mut confirmed = snapshot.clone();
    for review in &mut confirmed.reviews.rows {
        if approver(review).is_some_and(|login| unable.contains(login)) {
            review.trusted = false;
        }
    }
    Ok(Cow::Owned(confirmed))
}

/// Who approves, where it would count.
fn approver(review: &Review) -> Option<&Login> {
    match &review.by {
        Author::Human(actor) if review.trusted && review.state == ReviewState::Approved => {
            Some(&actor.login)
        }
        Author::Human(_) | Author::Bot(_) | Author::Us => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Answer;
    use crate::scenario::{self, person};

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

    #[test]
    fn nothing_is_asked_where_nobody_approves() {
        let scenario = scenario::pull(7)
            .review(person("rob"), ReviewState::ChangesRequested)
            .review(person("eve"), ReviewState::Commented);
        let snapshot = scenario.snapshot();
        let confirmed = confirmed(&Evidence::default(), snapshot).unwrap();
        assert_eq!(confirmed.as_ref(), snapshot);
    }
}
