//! Carries out what people say to us in comments ([`crate::commands`]).
//!
//! Built in. Each comment is decided for itself, once, and by the live permission of who wrote it;
//! what a comment shows about its author counts for nothing. Everybody gets a reaction; words get
//! only those whom the item concerns, so that nobody can make us write by writing. What would be
//! done but is held is said as such. A command that comes too late is not carried out.

mod opting_in;
mod why;
mod words;

use serde::Deserialize;

use self::opting_in::{OptingIn, opting_in};
use super::{AgentDef, Input, Manifest, Only, ParamsFrom, Reacts, SubjectKind, Trigger, View};
use crate::commands::{self, Row, Who};
use crate::guard;
use crate::merge_gate::{Policy, Section};
use crate::model::ask::{AskItem, AskPermission, both};
use crate::model::{
    Action, Actor, AgentName, Author, Decision, Detail, Enqueue, EventKind, Fact, ForgeAction,
    Halt, Item, Label, Loudness, Marker, Mode, Number, Permission, Reaction, Reason, RemoteId,
    Span, Subject, Verb, label,
};

/// Carries out commands.
pub struct Commands;

/// What `pr` goes by; records of earlier revisions hold other agents' sections and no mode.
#[derive(Deserialize)]
pub struct Params {
    pr: Option<Followed>,
    #[serde(default)]
    mode: Mode,
}

/// What is read of its parameters.
#[derive(Deserialize)]
struct Followed {
    pr_agent: Section,
}

/// The agent whose labels the verbs set, and which looks again when they have changed.
const PR: &str = "pr";

impl AgentDef for Commands {
    type Params = Params;

    const MANIFEST: Manifest = Manifest {
        name: "commands",
        summary: "Carries out commands in comments, as far as their authors may.",
        revision: 5,
        params: ParamsFrom::Of(PR),
        hears: &[Trigger {
            kinds: &[EventKind::CommentCreated],
            reacts: Reacts::Edge,
            only: Only::Commands,
            expires: Some(Span::minutes(10)),
        }],
        subjects: &[SubjectKind::Pull, SubjectKind::Issue],
        every: None,
        view: View::Item,
        loudest: Loudness::Act,
        permissions: &[
            "checks: read",
            "contents: read",
            "issues: write",
            "metadata: read",
            "pull_requests: write",
            "statuses: read",
        ],
        verdicts: &[
            "done", "answered", "held", "refused", "unknown", "expired", "skip",
        ],
    };

    fn decide(&self, input: &Input<'_>, params: &Params) -> Result<Decision, Halt> {
        let event = input.event;
        let (
            &Detail::Command {
                comment,
                verb,
                accepted,
            },
            Some(actor),
            Some(number),
        ) = (&event.detail, &event.actor, event.subject.number())
        else {
            let because = Reason::leaf("comment_holds_a_command", false);
            return Ok(Decision::because("skip", because));
        };
        let answer = Answer { number, comment };
        if Self::MANIFEST.is_expired(event, input.now) {
            let because = Reason::leaf("command_is_in_time", false)
                .saw("accepted", Fact::Time(accepted))
                .saw("verb", Fact::Word(spelling(verb).to_owned()));
            return Ok(answer.react(Decision::because("expired", because), Reaction::Confused));
        }
        let item = input.ask(&AskItem(number));
        let permission = input.ask_opt(&AskPermission(actor.login.clone()));
        let (item, permission) = both(item, permission)?;
        let speaker = Speaker {
            permission: permission.copied().unwrap_or(Permission::None),
            is_author: is_author(item, actor),
        };
        Command {
            input,
            params,
            answer,
            speaker,
            verb,
            item,
        }
        .decide()
    }
}

/// Who spoke, as far as it decides anything.
#[derive(Clone, Copy)]
struct Speaker {
    permission: Permission,
    is_author: bool,
}

impl Speaker {
    /// Whether the item concerns them. Others get no words from us.
    fn is_concerned(self) -> bool {
        self.is_author || self.permission >= Permission::Triage
    }

    fn may(self, who: Who) -> bool {
        match who {
            Who::Concerned => self.is_concerned(),
            Who::Writers => self.permission >= Permission::Write,
        }
    }
}

fn is_author(item: &Item, actor: &Actor) -> bool {
    match &item.author {
        Author::Human(author) => match (author.id, actor.id) {
            (Some(one), Some(other)) => one == other,
            _ => author.login.same(&actor.login),
        },
        Author::Us | Author::Bot(_) => false,
    }
}

/// Where to answer.
#[derive(Clone, Copy)]
struct Answer {
    number: Number,
    comment: RemoteId,
}

impl Answer {
    fn react(self, decision: Decision, reaction: Reaction) -> Decision {
        let react = ForgeAction::React {
            number: self.number,
            comment: self.comment,
            reaction,
        };
        decision.then(Action::Forge(react), "its author sees what became of it")
    }

    fn say(self, decision: Decision, text: &str) -> Decision {
        let reply = ForgeAction::Reply {
            number: self.number,
            to: self.comment,
            body: format!("{}\n{text}", Marker::Answer.render_to(self.comment)),
        };
        decision.then(Action::Forge(reply), "its author is told why")
    }
}

/// A command in time, and who gave it.
struct Command<'a> {
    input: &'a Input<'a>,
    params: &'a Params,
    answer: Answer,
    speaker: Speaker,
    verb: Verb,
    item: &'a Item,
}

impl Command<'_> {
    fn decide(&self) -> Result<Decision, Halt> {
        let Some(row) = commands::row(self.verb) else {
            let decision = Decision::because("unknown", self.rule("verb_is_known", false));
            return Ok(self.refused(decision, &words::unknown()));
        };
        if !self.speaker.may(row.who) {
            let because = self.rule("speaker_may_say_this", false);
            let text = words::not_permitted(row, self.speaker.permission);
            return Ok(self.refused(Decision::because("refused", because), &text));
        }
        if row.verb == Verb::Help {
            let decision = Decision::because("answered", self.rule("speaker_may_say_this", true));
            let decision = self.answer.react(decision, Reaction::ThumbsUp);
            return Ok(self.answer.say(decision, &commands::help()));
        }
        if !matches!(self.input.event.subject, Subject::Pull(_)) {
            let because = self.rule("subject_is_a_pull_request", false);
            let decision = Decision::because("refused", because);
            return Ok(self.refused(decision, &words::only_on_pulls(row)));
        }
        let Some(followed) = &self.params.pr else {
            let because = self.rule("pull_requests_are_followed", false);
            return Ok(self.refused(Decision::because("refused", because), words::SWITCHED_OFF));
        };
        if row.verb == Verb::Why {
            return self.why(&followed.pr_agent);
        }
        if !self.item.open {
            let because = self.rule("is_open", false);
            return Ok(self.refused(Decision::because("refused", because), words::CLOSED));
        }
        self.act(row, &followed.pr_agent.policy())
    }

    fn why(&self, followed: &Section) -> Result<Decision, Halt> {
        let mode = self.input.settings.ceiling.min(self.params.mode);
        let (words, seen) = why::standing(self.input, self.answer.number, followed, mode)?;
        let mut because = self.rule("speaker_may_say_this", true);
        because.children.push(seen);
        let decision = Decision::because("answered", because);
        let decision = self.answer.react(decision, Reaction::ThumbsUp);
        Ok(self.answer.say(decision, &words))
    }

    /// Changes labels, or says why not.
    fn act(&self, row: &Row, policy: &Policy) -> Result<Decision, Halt> {
        let acts = match self.verb {
            Verb::Merge => match opting_in(self.input, self.item, policy)? {
                OptingIn::Labels(acts) => acts,
                OptingIn::AsPerson(login) => {
                    let because = self
                        .rule("our_label_counts", false)
                        .saw("account", Fact::Name(login.to_string()));
                    let text = words::as_person(&policy.opt_in_label, &login);
                    return Ok(self.refused(Decision::because("refused", because), &text));
                }
                OptingIn::Untold => {
                    let because = self.rule("history_is_known", false);
                    let text = words::untold(&policy.opt_in_label);
                    return Ok(self.refused(Decision::because("refused", because), &text));
                }
            },
            Verb::Hold | Verb::Resume | Verb::Why | Verb::Help | Verb::Unknown => {
                self.holding(policy)
            }
        };
        let because = self.rule("speaker_may_say_this", true);
        if acts.is_empty() {
            let because = because.saw("already", Fact::Flag(true));
            return Ok(self.done(Decision::because("done", because)));
        }
        let what = words::acts(&acts);
        let held = if self.input.settings.mode < Mode::Act {
            Some(words::held_by_mode(&what, self.input.settings))
        } else {
            let count = u64::try_from(acts.len()).unwrap_or(u64::MAX);
            guard::over_budget(self.input, count)?.map(|limit| words::over_budget(&what, limit))
        };
        let verdict = if held.is_some() { "held" } else { "done" };
        let planned = Decision::because(verdict, because);
        let Some(held) = held else {
            let done = acts.into_iter().fold(planned, |decision, act| {
                decision.then(Action::Forge(act), row.does)
            });
            return Ok(self.done(done));
        };
        // By mode the guard holds them too; the record then shows what would be done. Over the
        // budget they are not even planned: they would come back in another hour.
        let planned = if self.input.settings.mode < Mode::Act {
            acts.into_iter().fold(planned, |decision, act| {
                decision.then(Action::Forge(act), row.does)
            })
        } else {
            planned
        };
        let planned = self.answer.react(planned, Reaction::Eyes);
        Ok(self.answer.say(planned, &held))
    }

    /// The labels that have to change, of those that stop merging.
    fn holding(&self, policy: &Policy) -> Vec<ForgeAction> {
        let number = self.answer.number;
        let has = |label: &Label| self.item.has_label(label.as_str());
        match self.verb {
            Verb::Hold if !has(&policy.hold_label) => vec![ForgeAction::AddLabel {
                number,
                label: policy.hold_label.clone(),
            }],
            Verb::Resume => {
                let built_in = Label::new(label::HOLD);
                let mut holds = vec![policy.hold_label.clone()];
                if !built_in.same(&policy.hold_label) {
                    holds.push(built_in);
                }
                holds.retain(has);
                let remove = |label| ForgeAction::RemoveLabel { number, label };
                holds.into_iter().map(remove).collect()
            }
            Verb::Merge | Verb::Hold | Verb::Why | Verb::Help | Verb::Unknown => Vec::new(),
        }
    }

    /// What was said is so. Our own labels come back to us as echoes, which nobody hears, so
    /// another look is asked for; also where the labels are right already, as that may be our own
    /// doing before an accident.
    fn done(&self, decision: Decision) -> Decision {
        let look = Enqueue::Look {
            subject: self.input.event.subject.clone(),
            agents: vec![AgentName::new(PR)],
        };
        let decision = self.answer.react(decision, Reaction::ThumbsUp);
        decision.then(Action::Enqueue(look), "its labels have changed")
    }

    /// A refusal: everybody sees it, and those whom the item concerns are told why.
    fn refused(&self, decision: Decision, text: &str) -> Decision {
        let decision = self.answer.react(decision, Reaction::Confused);
        if self.speaker.is_concerned() {
            self.answer.say(decision, text)
        } else {
            decision
        }
    }

    fn rule(&self, rule: &'static str, holds: bool) -> Reason {
        let permission = words::permission(self.speaker.permission);
        Reason::leaf(rule, holds)
            .saw("verb", Fact::Word(spelling(self.verb).to_owned()))
            .saw("permission", Fact::Word(permission.to_owned()))
            .saw("author", Fact::Flag(self.speaker.is_author))
    }
}

fn spelling(verb: Verb) -> &'static str {
    commands::row(verb).map_or("unknown", |row| row.name)
}

#[cfg(test)]
mod tests;
