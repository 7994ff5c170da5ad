//! Whether a label that lets a pull request in was put on by somebody who may.
//!
//! Who may only label is no judge of what is merged: GitHub lets people label who may not write.
//! So it counts who put such a label on last. Our own counts, because we put it on only where the
//! repository's switches say so, or for somebody who may write (`@caretaker merge`); a person's
//! counts if that person may write *now*; another automation's never does.

use super::{Authority, OptIn, Policy};
use crate::model::ask::{AskActivity, AskPermission};
use crate::model::{Act, ActKind, Author, Evidence, Halt, Label, Permission, Pull};

/// Who told us to merge a pull request; or what must be asked first.
///
/// Asks nothing where the label is not on.
pub fn opt_in(evidence: &Evidence, pull: &Pull, policy: &Policy) -> Result<OptIn, Halt> {
    put_on(evidence, pull, &policy.opt_in_label)
}

/// Who put a pull request into our care; or what must be asked first.
///
/// Asks nothing where the label is not on, where its family is taken into care anyway, and where
/// nothing follows from it because we merge nothing.
pub(super) fn care(evidence: &Evidence, pull: &Pull, policy: &Policy) -> Result<OptIn, Halt> {
    let Some(label) = &policy.care_label else {
        return Ok(OptIn::No);
    };
    let merges = policy.authority == Authority::GateAndMerge;
    if !merges || policy.claims.contains(pull.family()) {
        let on = pull.item.has_label(label.as_str());
        return Ok(if on { OptIn::Yes } else { OptIn::No });
    }
    put_on(evidence, pull, label)
}

fn put_on(evidence: &Evidence, pull: &Pull, label: &Label) -> Result<OptIn, Halt> {
    if !pull.item.has_label(label.as_str()) {
        return Ok(OptIn::No);
    }
    let acts = evidence.ask(&AskActivity(pull.item.number))?;
    if !acts.complete {
        // A later act may be on a page that was not read.
        return Ok(OptIn::Unknown);
    }
    let names_it = |act: &&Act| match &act.what {
        ActKind::Labeled(it) | ActKind::Unlabeled(it) => it.same(label),
        _other => false,
    };
    let by = match acts.rows.iter().rfind(names_it) {
        None => return Ok(OptIn::Unknown),
        // Taken off since the labels were read.
        Some(act) if matches!(act.what, ActKind::Unlabeled(_)) => return Ok(OptIn::No),
        Some(act) => &act.by,
    };
    let actor = match by {
        Author::Us => return Ok(OptIn::Yes),
        Author::Bot(actor) => return Ok(OptIn::NotTheirs(actor.login.clone())),
        Author::Human(actor) => actor,
    };
    let permission = evidence.ask_opt(&AskPermission(actor.login.clone()))?;
    Ok(match permission {
        Some(permission) if *permission >= Permission::Write => OptIn::Yes,
        Some(_) | None => OptIn::NotTheirs(actor.login.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ask::Ask as _;
    use crate::model::{Answer, Label, Listing, Login, Number};
    use crate::scenario::{self, ago, bot, person, policy};

    fn seen(by: Option<Author>, permission: Option<Permission>, complete: bool) -> OptIn {
        let pull = scenario::pull(7)
            .label("Caretaker:Merge")
            .snapshot()
            .pull
            .clone();
        let act = |by| Act {
            at: ago(1),
            by,
            what: ActKind::Labeled(Label::new("caretaker:merge")),
        };
        let listing = Listing {
            rows: by.into_iter().map(act).collect(),
            complete,
        };
        let asked = AskPermission(Login::new("rita")).query();
        let permission = permission.map_or(Answer::Missing, Answer::Permission);
        let evidence = Evidence::from(vec![
            (
                AskActivity(Number::new(7)).query(),
                Answer::Activity(listing),
            ),
            (asked, permission),
        ]);
        opt_in(&evidence, &pull, &policy()).unwrap()
    }

    #[test]
    fn only_we_and_people_who_may_write_let_in() {
        let rita = || Some(person("rita"));
        let not_theirs = OptIn::NotTheirs(Login::new("rita"));
        assert_eq!(seen(rita(), Some(Permission::Write), true), OptIn::Yes);
        assert_eq!(seen(rita(), Some(Permission::Admin), true), OptIn::Yes);
        assert_eq!(seen(rita(), Some(Permission::Triage), true), not_theirs);
        assert_eq!(seen(rita(), None, true), not_theirs);
        assert_eq!(seen(Some(Author::Us), None, true), OptIn::Yes);
        let bot = seen(Some(bot("other[bot]")), Some(Permission::Admin), true);
        assert_eq!(bot, OptIn::NotTheirs(Login::new("other[bot]")));
        assert_eq!(seen(rita(), Some(Permission::Write), false), OptIn::Unknown);
        assert_eq!(seen(None, None, true), OptIn::Unknown);
    }

    #[test]
    fn without_the_label_nothing_is_asked() {
        let pull = &scenario::pull(7).snapshot().pull.clone();
        assert_eq!(opt_in(&Evidence::default(), pull, &policy()), Ok(OptIn::No));
    }
}
