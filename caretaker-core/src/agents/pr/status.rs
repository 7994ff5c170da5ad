//! The words of the status comment and of the published check.
//!
//! The same facts give the same bytes: no ages, no durations, nothing that moves by itself, so
//! that a comment is edited only when there is news. Text from outside comes in escaped.

use std::borrow::Cow;
use std::fmt::{Arguments, Write as _};

use super::custody::{Custody, Why};
use super::readiness::Readiness;
use super::{Params, ci, review};
use crate::explain::code;
use crate::merge_gate::{Blocker, Denial, Part, RequiredView, ReviewView};
use crate::model::{Marker, Mode, Publish, Pull, Settings, Snapshot, label};
use crate::release::Releases;

/// Everything there is to tell about an open pull request.
pub(super) struct Told<'a> {
    /// What was seen.
    pub(super) snapshot: &'a Snapshot,
    /// How the checks stand.
    pub(super) checks: &'a RequiredView<'a>,
    /// How the reviews stand.
    pub(super) reviews: &'a ReviewView,
    /// What stands against merging.
    pub(super) blockers: &'a [Blocker],
    /// What keeps us from merging it.
    pub(super) denials: &'a [Denial],
    /// How ready it is.
    pub(super) readiness: &'a Readiness,
    /// What would release it, where something stands against it.
    pub(super) release: Option<&'a Releases>,
    /// Who is responsible.
    pub(super) custody: Custody,
}

impl Told<'_> {
    /// The status comment.
    pub(super) fn comment(&self, settings: &Settings, params: &Params) -> String {
        let (readiness, head) = (self.readiness, self.snapshot.pull.head.short());
        // Most comments fit.
        let mut body = String::with_capacity(1024);
        line(
            &mut body,
            format_args!(
                "{}\n### Caretaker: {}\n\n**Readiness {} of 100** at `{head}`.\n",
                Marker::Status.render(),
                readiness.words(),
                readiness.score,
            ),
        );
        body.push_str("| Part | Points | Seen |\n|---|---|---|\n");
        for (part, points, all) in readiness.parts {
            let name = name(part);
            put(&mut body, format_args!("| {name} | {points} of {all} | "));
            self.put_seen(part, &mut body);
            body.push_str(" |\n");
        }
        body.push('\n');
        self.stands(&mut body, settings, params);
        let hold = code(params.ownership.hold_label.as_str());
        let alone = code(label::QUARANTINE);
        line(
            &mut body,
            format_args!(
                "\n<sub>Kept up to date by Caretaker. The label {hold} stops merging; {alone} \
                 makes Caretaker leave this alone.</sub>"
            ),
        );
        body
    }

    /// The answer to who asks.
    pub(super) fn answer(&self, settings: &Settings, params: &Params) -> String {
        let (score, head) = (self.readiness.score, self.snapshot.pull.head.short());
        let mut body = format!("Readiness {score} of 100 at `{head}`.\n\n");
        self.stands(&mut body, settings, params);
        body
    }

    /// What stands against merging, what would release it, and who is responsible.
    fn stands(&self, body: &mut String, settings: &Settings, params: &Params) {
        if self.blockers.is_empty() {
            body.push_str("Nothing stands against merging");
        } else {
            body.push_str("Against merging:\n\n");
            body.push_str(&bullets(self.blockers));
        }
        body.push_str(&self.merging(settings));
        if let Some(release) = self.release {
            let (until, ways) = (release.aim.words(), release.markdown());
            put(
                body,
                format_args!("\nSmallest way to release, until {until}:\n\n{ways}"),
            );
        }
        body.push('\n');
        body.push_str(&self.care(settings, params));
        body.push('\n');
    }

    /// The published check.
    pub(super) fn finding(&self, params: &Params) -> Publish {
        let readiness = self.readiness;
        let authority = params.merge_authority.mode;
        let conclusion = readiness.conclusion(authority, self.snapshot, self.checks);
        let (title, summary) = if self.blockers.is_empty() {
            let summary = "Readiness 100 of 100: nothing stands against merging.".to_owned();
            ("Ready to merge".to_owned(), summary)
        } else {
            let mut codes: Vec<&str> = self.blockers.iter().map(Blocker::code).collect();
            codes.dedup();
            let word = if readiness.verdict() == "wait" {
                "Waiting"
            } else {
                "Blocked"
            };
            let mut summary = format!(
                "Readiness {} of 100. Against merging:\n\n{}",
                readiness.score,
                bullets(self.blockers)
            );
            if let Some(release) = self.release {
                let short = release.short();
                line(
                    &mut summary,
                    format_args!("\nSmallest way to release: {short}."),
                );
            }
            (format!("{word}: {}", codes.join(", ")), summary)
        };
        Publish {
            sha: self.snapshot.pull.head.clone(),
            name: params.readiness.check_name.clone(),
            conclusion,
            title,
            summary,
        }
    }

    /// What was seen of a part, in a few words.
    fn put_seen(&self, part: Part, out: &mut String) {
        match part {
            Part::State => {
                let against = self.blockers.iter().any(|blocker| blocker.part() == part);
                out.push_str(if against {
                    "see below"
                } else {
                    "nothing against it"
                });
            }
            Part::Feedback => review::put_feedback(self.reviews, out),
            Part::Review => review::put_seen(self.reviews, out),
            Part::Ci => ci::put_seen(self.checks, out),
            Part::Merging => {}
        }
    }

    /// Who merges it.
    fn merging(&self, settings: &Settings) -> Cow<'static, str> {
        let told =
            |denial: &&Denial| !denial.is_guards() && !Blocker::from((*denial).clone()).waits();
        let denied: Vec<Blocker> = self
            .denials
            .iter()
            .filter(told)
            .cloned()
            .map(Blocker::from)
            .collect();
        let never = |denial: &Denial| matches!(denial, Denial::Authority(_));
        let ready = self.blockers.is_empty();
        match (ready, self.denials.iter().any(never)) {
            (true, true) => "; the merge itself is left to people.\n".into(),
            (false, true) => "".into(),
            (ready, false) if !denied.is_empty() => {
                let joint = if ready { ".\n" } else { "" };
                format!(
                    "{joint}\nCaretaker does not merge it by itself:\n\n{}",
                    bullets(&denied)
                )
                .into()
            }
            (true, false) if settings.mode < Mode::Act => {
                format!("; Caretaker would merge it: {}.\n", enabling(settings)).into()
            }
            (true, false) => "; Caretaker merges it.\n".into(),
            (false, false) => {
                "\nCaretaker merges it when nothing stands against it any more.\n".into()
            }
        }
    }

    /// Who is responsible, and what we would do about it if we were allowed to.
    fn care(&self, settings: &Settings, params: &Params) -> Cow<'static, str> {
        let label = || code(params.ownership.label.as_str());
        match self.custody {
            Custody::Claimed if settings.mode < Mode::Act => format!(
                "In care of: nobody yet. Caretaker would put the label {} on; {}.",
                label(),
                enabling(settings)
            )
            .into(),
            Custody::Claimed | Custody::Ours => "In care of: Caretaker.".into(),
            Custody::People => "In care of: people, who were asked to take over.".into(),
            Custody::Ended | Custody::Nobody(Why::SwitchedOff | Why::Over) => {
                "In care of: people.".into()
            }
            Custody::Nobody(Why::Fork) => {
                "In care of: people, as it comes from another repository.".into()
            }
            Custody::Nobody(Why::NotTheirs) => format!(
                "In care of: people. The label {} counts where somebody who may write puts it on.",
                label()
            )
            .into(),
            Custody::Nobody(Why::Draft | Why::Family | Why::TakenBack | Why::Unsure) => {
                let label = label();
                format!("In care of: people. The label {label} puts it into Caretaker's.").into()
            }
        }
    }
}

fn name(part: Part) -> &'static str {
    match part {
        Part::State => "Pull request",
        Part::Feedback => "Automated remarks",
        Part::Review => "Reviews",
        Part::Ci => "Checks",
        Part::Merging => "Merging",
    }
}

/// Which keys let us act.
fn enabling(settings: &Settings) -> String {
    let keys = "`safety.mode: act` lets it, unless `safety.agents.pr` says less";
    if settings.ceiling < Mode::Act {
        format!("{keys} and the server's `mode_ceiling` allows it")
    } else {
        keys.to_owned()
    }
}

/// The status comment of a closed pull request.
pub(super) fn over(pull: &Pull) -> String {
    let (marker, how) = (Marker::Status.render(), ending(pull));
    format!("{marker}\n### Caretaker: {how}\n\nNothing is awaited any more.\n")
}

/// The answer to who asks about a closed one.
pub(super) fn is_over(pull: &Pull) -> String {
    let how = ending(pull);
    format!("It is {how}; nothing is awaited any more.")
}

fn ending(pull: &Pull) -> &'static str {
    if pull.item.merged_at.is_some() {
        "merged"
    } else {
        "closed"
    }
}

fn bullets(blockers: &[Blocker]) -> String {
    let mut out = String::new();
    for blocker in blockers {
        let (name, what, remedy) = (blocker.code(), blocker.what(), blocker.remedy());
        let owner = blocker.owner().word();
        line(
            &mut out,
            format_args!("- **{name}**: {what}. *{owner}*: {remedy}."),
        );
    }
    out
}

fn line(out: &mut String, text: Arguments<'_>) {
    put(out, text);
    out.push('\n');
}

pub(super) fn put(out: &mut String, text: Arguments<'_>) {
    out.write_fmt(text)
        .expect("writing to a string cannot fail");
}
