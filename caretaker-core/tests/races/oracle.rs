//! What the world was like when it answered the last look, judged without the gate.
//!
//! Plain and slow on purpose, and out of the world's own facts: where this and the gate disagree,
//! a merge was wrong.

use std::collections::BTreeMap;

use caretaker_core::model::{
    Act, ActKind, Answer, Author, Check, CheckState, ForgeQuery, Label, Login, Permission,
    ReviewState, Sha, Snapshot, label,
};
use caretaker_core::ports::PortError;

use crate::config::Config;
use crate::owners;

/// What the world was like when the last look was answered, each part when it was.
#[derive(Clone, Debug)]
pub(crate) struct Truth {
    pub(crate) snapshot: Snapshot,
    pub(crate) config: Option<&'static Config>,
    pub(crate) paused: bool,
    /// Minutes after the beginning.
    pub(crate) minute: i64,
    pub(crate) aside: Aside,
}

/// What is asked for by itself, after the snapshot or with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aside {
    /// What people may do here; who is not in it may nothing.
    may: BTreeMap<Login, Permission>,
    /// The files that it changes.
    files: Vec<String>,
    /// The file that names code owners on the base branch.
    owners: Option<String>,
    /// Who put the label on by which people let it in.
    let_in_by: Option<Author>,
    /// Who put the label of care on.
    care_by: Option<Author>,
    /// Whether a person ever took that off.
    care_ended: bool,
}

impl Aside {
    /// Takes over what the world says by now.
    pub(crate) fn take(&mut self, query: &ForgeQuery, answer: &Result<Answer, PortError>) {
        match (query, answer) {
            (ForgeQuery::Permission(login), Ok(Answer::Permission(may))) => {
                self.may.insert(login.clone(), *may);
            }
            (ForgeQuery::Permission(login), _) => {
                self.may.remove(login);
            }
            (_, Ok(Answer::Files(files))) => {
                let names = files.rows.iter().flat_map(|file| {
                    let former = file.previous.iter();
                    former.chain(std::iter::once(&file.path))
                });
                self.files = names.cloned().collect();
            }
            (_, Ok(Answer::CodeOwners(file))) => self.owners = Some(file.text.clone()),
            (ForgeQuery::CodeOwners(_), _) => self.owners = None,
            (_, Ok(Answer::Activity(acts))) => {
                self.let_in_by = labelled_by(&acts.rows, label::MERGE);
                self.care_by = labelled_by(&acts.rows, label::OWNED);
                self.care_ended = acts.rows.iter().any(|act| match &act.what {
                    ActKind::Unlabeled(off) => {
                        let by_person = matches!(act.by, Author::Human(_));
                        by_person && off.same(&Label::new(label::OWNED))
                    }
                    _ => false,
                });
            }
            _ => {}
        }
    }

    fn may_write(&self, login: &Login) -> bool {
        let may = self.may.get(login);
        may.is_some_and(|may| *may >= Permission::Write)
    }

    /// Whether a label counts that this one put on.
    fn may_label(&self, by: Option<&Author>) -> bool {
        match by {
            Some(Author::Human(by)) => self.may_write(&by.login),
            Some(Author::Us) => true,
            Some(Author::Bot(_)) | None => false,
        }
    }

    /// Whether each file's owner approves.
    fn owned(&self, approvers: &[&str]) -> bool {
        let text = self.owners.as_deref();
        let mut owners = self
            .files
            .iter()
            .filter_map(|path| owners::owner(text, path));
        owners.all(|owner| approvers.contains(&owner))
    }
}

/// Everything that [`Truth::against`] can say.
pub(crate) const WORDS: [&str; 15] = [
    "no configuration",
    "paused",
    "no right by configuration",
    "closed",
    "draft",
    "conflict or unknown",
    "held",
    "family",
    "not in care",
    "red",
    "unreviewed",
    "not by its own rule",
    "not by code owners",
    "frozen",
    "protected",
];

const OWN_CHECK: &str = "caretaker/pr-readiness";

impl Truth {
    pub(crate) fn head(&self) -> &Sha {
        &self.snapshot.pull.head
    }

    /// Everything for which nothing must have been merged then, in a word each.
    pub(crate) fn against(&self) -> Vec<&'static str> {
        let Some(config) = self.config else {
            return vec!["no configuration"];
        };
        let mut against = Vec::new();
        let mut no = |is: bool, word| {
            if is {
                against.push(word);
            }
        };
        let (pull, item) = (&self.snapshot.pull, &self.snapshot.pull.item);
        no(self.paused, "paused");
        no(!config.merges, "no right by configuration");
        no(!item.open, "closed");
        no(item.draft, "draft");
        no(pull.mergeable != Some(true), "conflict or unknown");
        for name in [
            config.hold,
            label::HOLD,
            label::ESCALATED,
            label::BREAKING,
            label::QUARANTINE,
        ] {
            no(item.has_label(name), "held");
        }
        let person = matches!(item.author, Author::Human(_));
        let aside = &self.aside;
        let told = item.has_label(label::MERGE) && aside.may_label(aside.let_in_by.as_ref());
        no(person && !config.people && !told, "family");
        let claimed = told || !person || config.claims;
        let in_care = if item.has_label(label::OWNED) {
            claimed || aside.may_label(aside.care_by.as_ref())
        } else {
            // Then we take it into care, unless people have told us not to.
            claimed && !aside.care_ended
        };
        no(!in_care, "not in care");
        no(!pull.same_repository, "fork");
        no(red(&self.snapshot, config), "red");
        no(self.unreviewed(config), "unreviewed");
        let approvers = self.approvers(config);
        let rule = config.rule.is_none_or(|login| approvers.contains(&login));
        no(!rule, "not by its own rule");
        let required = self.snapshot.required.as_ref();
        let demanded = config.owners || required.is_some_and(|r| r.code_owners);
        no(
            demanded && !self.aside.owned(&approvers),
            "not by code owners",
        );
        let frozen = |(from, until)| (from..until).contains(&self.minute);
        no(config.frozen.is_some_and(frozen), "frozen");
        let touches = |below: &str| self.aside.files.iter().any(|path| path.starts_with(below));
        no(config.protected.is_some_and(touches), "protected");
        against
    }

    /// Each person's last word that counts for or against.
    fn words(&self) -> Vec<(&Login, ReviewState, Option<&Sha>)> {
        let author = self.snapshot.pull.item.author.login();
        let mut last: Vec<(&Login, ReviewState, Option<&Sha>)> = Vec::new();
        for review in &self.snapshot.reviews.rows {
            let word = matches!(
                review.state,
                ReviewState::Approved | ReviewState::ChangesRequested | ReviewState::Dismissed
            );
            let Author::Human(by) = &review.by else {
                continue;
            };
            if word && review.trusted && author != by.login {
                last.retain(|(login, ..)| **login != by.login);
                last.push((&by.login, review.state, review.commit.as_ref()));
            }
        }
        last
    }

    /// Who approves, so that it counts.
    fn approvers(&self, config: &Config) -> Vec<&str> {
        let required = self.snapshot.required.as_ref();
        let fresh = config.stale || required.is_some_and(|required| required.dismiss_stale);
        let head = Some(&self.snapshot.pull.head);
        let words = self.words().into_iter();
        let counts = words.filter(|(login, state, commit)| {
            let current = !fresh || *commit == head;
            *state == ReviewState::Approved && current && self.aside.may_write(login)
        });
        counts.map(|(login, ..)| login.as_str()).collect()
    }

    fn unreviewed(&self, config: &Config) -> bool {
        let objects = |(_, state, _): &(_, ReviewState, _)| *state == ReviewState::ChangesRequested;
        let required = self.snapshot.required.clone().unwrap_or_default();
        let wanted = usize::try_from(required.approvals).expect("few approvals");
        let given = self.approvers(config).len();
        self.words().iter().any(objects) || given < config.reviews.max(wanted)
    }

    /// What GitHub itself must refuse by now: `Some(409)` for a head that has moved, `Some(405)`
    /// for what rules demand; `self` is the world at the merge.
    pub(crate) fn must_refuse(&self, head: &Sha) -> Option<u16> {
        if self.head() != head {
            return Some(409);
        }
        let required = self.snapshot.required.as_ref()?;
        let passed = |name: &str| {
            let mut rows = self.snapshot.checks.rows.iter();
            rows.any(|check| check.name == name && passes(check))
        };
        let missing = required.checks.iter().any(|check| !passed(&check.name));
        missing.then_some(405)
    }
}

/// Who put a label on last, where nobody has taken it off since.
fn labelled_by(acts: &[Act], name: &str) -> Option<Author> {
    let mut by = None;
    for act in acts {
        match &act.what {
            ActKind::Labeled(on) if on.same(&Label::new(name)) => by = Some(act.by.clone()),
            ActKind::Unlabeled(off) if off.same(&Label::new(name)) => by = None,
            _ => {}
        }
    }
    by
}

fn passes(check: &Check) -> bool {
    matches!(
        check.state,
        CheckState::Success | CheckState::Neutral | CheckState::Skipped
    )
}

fn red(snapshot: &Snapshot, config: &Config) -> bool {
    let Some(required) = &snapshot.required else {
        return true;
    };
    let foreign: Vec<&Check> = snapshot
        .checks
        .rows
        .iter()
        .filter(|check| !check.ours)
        .collect();
    let named: Vec<&str> = required
        .checks
        .iter()
        .map(|check| check.name.as_str())
        .filter(|name| *name != OWN_CHECK)
        .collect();
    if named.is_empty() {
        let none = foreign.is_empty() && !config.no_ci;
        return none || !foreign.iter().all(|check| passes(check));
    }
    named.iter().any(|name| {
        let mut rows = foreign
            .iter()
            .filter(|check| check.name == *name)
            .peekable();
        rows.peek().is_none() || !rows.all(|check| passes(check))
    })
}
