//! Whether a person has told us to merge one pull request.

use super::{OptIn, Policy};
use crate::model::ask::{AskActivity, AskPermission};
use crate::model::{ActKind, Author, Evidence, Halt, Permission, Pull};

/// Who let a pull request in, by who put the opt-in label on last; or what must be asked first.
///
/// Asks nothing where the label is not on. Our own label counts, because we put it on only for
/// somebody who may write (`@caretaker merge`); a person's counts if that person may write *now*,
/// which GitHub's own rules for labels (triage suffices) do not say.
pub fn opt_in(evidence: &Evidence, pull: &Pull, policy: &Policy) -> Result<OptIn, Halt> {
    let label = &policy.opt_in_label;
    if !pull.item.has_label(label.as_str()) {
        return Ok(OptIn::No);
    }
    let acts = evidence.ask(&AskActivity(pull.item.number))?;
    let labelled = |what: &ActKind| matches!(what, ActKind::Labeled(on) if on.same(label));
    let last = acts.rows.iter().rfind(|act| labelled(&act.what));
    let by = match last {
        Some(act) if acts.complete => &act.by,
        // A later act may be on a page that was not read.
        Some(_) | None => return Ok(OptIn::Unknown),
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
    use crate::model::{Act, Answer, Label, Listing, Login, Number};
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
