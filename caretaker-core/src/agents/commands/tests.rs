use super::*;
use crate::agents::Agent;
use crate::config::Config;
use crate::model::{
    AccountId, ActKind, Answer as Answered, ConfigState, ConfigUsed, Event, EventId, Evidence,
    Failure, ForgeQuery, Json, Login, Query, RepoKey, Scope, Settings, Timestamp, Versioned,
};
use crate::route;
use crate::scenario::{NOW, Scenario, bot, issue, person, pull};

mod why;

/// A command and everything that bears on it.
struct Said {
    verb: Verb,
    by: &'static str,
    permission: Answered,
    about: Scenario,
    mode: Mode,
    spent: Option<u64>,
    config: &'static str,
    now: Timestamp,
    snapshot: bool,
}

/// Somebody with this permission says it on open pull request 7, of which they are not the author.
fn said(verb: Verb, permission: Permission) -> Said {
    Said {
        verb,
        by: "alice",
        permission: Answered::Permission(permission),
        about: pull(7),
        mode: Mode::Act,
        spent: None,
        config: "version: v1\n",
        now: NOW + Span::seconds(2),
        snapshot: true,
    }
}

impl Said {
    fn try_decide(&self) -> Result<Decision, Halt> {
        self.decided_by(&Commands)
    }

    /// What an agent decides about it.
    fn decided_by(&self, agent: &dyn Agent) -> Result<Decision, Halt> {
        let snapshot = self.about.snapshot();
        let item = &snapshot.pull.item;
        let event = Event {
            id: EventId::new("delivery/0"),
            scope: Scope::Repo(RepoKey::github(1)),
            subject: if item.pull {
                Subject::Pull(item.number)
            } else {
                Subject::Issue(item.number)
            },
            kind: EventKind::CommentCreated,
            // The forge's clock is its own affair.
            at: NOW - Span::hours(1),
            actor: Some(Actor {
                login: Login::new(self.by),
                id: None,
                bot: false,
            }),
            edge_identity: None,
            detail: Detail::Command {
                comment: RemoteId::new(5),
                verb: self.verb,
                accepted: NOW,
            },
        };
        let forge = |query| Query::Forge(query);
        let spent = self.spent.map(|spent| Versioned {
            version: 1,
            value: Json::of(&spent).unwrap(),
        });
        let (_, known) = self.about.task(agent);
        let mut evidence: Vec<(Query, Answered)> = known.into();
        if !self.snapshot {
            let asked = forge(ForgeQuery::Snapshot(item.number));
            evidence.retain(|(query, _)| *query != asked);
        }
        let by = forge(ForgeQuery::Permission(Login::new(self.by)));
        evidence.push((by, self.permission.clone()));
        let acts = Query::State(guard::acts_key(self.now));
        evidence.push((acts, Answered::State(spent)));
        let config = Config::parse(self.config).config.unwrap();
        Agent::decide(
            agent,
            &Input {
                event: &event,
                evidence: &Evidence::from(evidence),
                params: &route::params(agent, &config),
                settings: &Settings {
                    mode: self.mode,
                    ceiling: Mode::Act,
                    writes_per_hour: 60,
                    paused: None,
                    config: ConfigUsed {
                        state: ConfigState::Valid,
                        commit: None,
                    },
                },
                now: self.now,
            },
        )
    }

    fn decide(&self) -> Decision {
        self.try_decide().unwrap()
    }
}

/// What is planned, in short: reactions, labels, whether there are words, whether `pr` looks.
fn plan(decision: &Decision) -> String {
    let word = |action: &Action| match action {
        Action::Forge(ForgeAction::React { reaction, .. }) => reaction.word().to_owned(),
        Action::Forge(ForgeAction::Reply { .. }) => "words".to_owned(),
        Action::Forge(ForgeAction::AddLabel { label, .. }) => format!("+label {label}"),
        Action::Forge(ForgeAction::RemoveLabel { label, .. }) => format!("-label {label}"),
        Action::Enqueue(_) => "look".to_owned(),
        Action::Forge(_) | Action::Merge(_) => panic!("plans to {}", action.summary()),
    };
    let actions = decision.actions.iter().map(|planned| word(&planned.action));
    let actions: Vec<_> = actions.collect();
    format!("{}: {}", decision.verdict, actions.join(", "))
}

fn words_of(decision: &Decision) -> &str {
    let reply = decision
        .actions
        .iter()
        .find_map(|planned| match &planned.action {
            Action::Forge(ForgeAction::Reply { body, .. }) => Some(body.as_str()),
            _ => None,
        });
    reply.expect("an answer in words")
}

const ALL: [Permission; 6] = [
    Permission::None,
    Permission::Read,
    Permission::Triage,
    Permission::Write,
    Permission::Maintain,
    Permission::Admin,
];

/// Every role against every verb, on a pull request.
#[test]
fn the_live_permission_decides_who_may_say_what() {
    for permission in ALL {
        let stranger = permission < Permission::Triage;
        let writer = permission >= Permission::Write;
        for (verb, done) in [
            (Verb::Merge, "done: +label caretaker:merge, +1, look"),
            (Verb::Hold, "done: +label caretaker:hold, +1, look"),
            (Verb::Resume, "done: +1, look"),
            (Verb::Why, "answered: +1, words"),
            (Verb::Help, "answered: +1, words"),
            (Verb::Unknown, "unknown: confused, words"),
        ] {
            let may = match verb {
                Verb::Merge | Verb::Hold | Verb::Resume => writer,
                Verb::Why | Verb::Help | Verb::Unknown => !stranger,
            };
            let wanted = match (may, stranger, verb) {
                (true, _, _) => done,
                (false, true, Verb::Unknown) => "unknown: confused",
                (false, true, _) => "refused: confused",
                (false, false, _) => "refused: confused, words",
            };
            let decision = said(verb, permission).decide();
            assert_eq!(plan(&decision), wanted, "{verb:?} {permission:?}");
        }
    }
}

#[test]
fn the_author_is_told_why_but_gets_no_more_rights() {
    for permission in [Permission::None, Permission::Read] {
        let by_author = |verb| Said {
            by: "Author",
            ..said(verb, permission)
        };
        assert_eq!(plan(&by_author(Verb::Why).decide()), "answered: +1, words");
        let refused = by_author(Verb::Merge).decide();
        assert_eq!(plan(&refused), "refused: confused, words");
        assert!(words_of(&refused).contains("write access"), "{refused:?}");
    }
}

#[test]
fn a_name_is_no_account_where_both_have_numbers() {
    let author = |id| {
        let Author::Human(actor) = person("alice") else {
            unreachable!("a person is one")
        };
        Author::Human(Actor {
            id: Some(AccountId::new(id)),
            ..actor
        })
    };
    let item = pull(7).author(author(1)).snapshot().pull.item.clone();
    let actor = |id| Actor {
        login: Login::new("alice"),
        id: Some(AccountId::new(id)),
        bot: false,
    };
    assert!(is_author(&item, &actor(1)));
    assert!(!is_author(&item, &actor(2)));
}

#[test]
fn a_permission_that_is_not_known_permits_nothing() {
    let missing = Said {
        permission: Answered::Missing,
        ..said(Verb::Merge, Permission::None)
    };
    assert_eq!(plan(&missing.decide()), "refused: confused");
    let failed = Said {
        permission: Answered::Failed(Failure::Unavailable),
        ..said(Verb::Merge, Permission::None)
    };
    assert!(matches!(
        failed.try_decide(),
        Err(Halt::Blocked(_, Failure::Unavailable))
    ));
}

#[test]
fn a_stranger_makes_us_ask_no_more_than_who_they_are() {
    let why = Said {
        snapshot: false,
        ..said(Verb::Why, Permission::Read)
    };
    assert_eq!(plan(&why.decide()), "refused: confused");
    let why = Said {
        snapshot: false,
        ..said(Verb::Why, Permission::Triage)
    };
    assert!(matches!(why.try_decide(), Err(Halt::Need(_))));
}

#[test]
fn on_an_issue_only_help_works() {
    for (verb, wanted) in [
        (Verb::Help, "answered: +1, words"),
        (Verb::Unknown, "unknown: confused, words"),
        (Verb::Why, "refused: confused, words"),
        (Verb::Merge, "refused: confused, words"),
        (Verb::Hold, "refused: confused, words"),
        (Verb::Resume, "refused: confused, words"),
    ] {
        let decision = Said {
            about: issue(7),
            ..said(verb, Permission::Admin)
        };
        assert_eq!(plan(&decision.decide()), wanted, "{verb:?}");
    }
}

#[test]
fn labels_that_are_right_already_are_left_alone() {
    let merge = opted_in_by(Author::Us);
    let hold = pull(7).label(label::HOLD);
    for (verb, about) in [(Verb::Merge, merge), (Verb::Hold, hold)] {
        let decision = Said {
            about,
            ..said(verb, Permission::Write)
        };
        assert_eq!(plan(&decision.decide()), "done: +1, look", "{verb:?}");
    }
}

/// A pull request with the label that lets it in, by somebody.
fn opted_in_by(who: Author) -> Scenario {
    let on = ActKind::Labeled(Label::new(label::MERGE));
    pull(7).label(label::MERGE).act(1, who, on)
}

fn merge_of(about: Scenario) -> Decision {
    let merge = said(Verb::Merge, Permission::Write);
    Said { about, ..merge }.decide()
}

#[test]
fn a_label_by_somebody_who_may_not_let_in_is_put_on_anew() {
    let anew = "done: -label caretaker:merge, +label caretaker:merge, +1, look";
    let triager = opted_in_by(person("tom")).may("tom", Permission::Triage);
    assert_eq!(plan(&merge_of(triager)), anew);
    let automation = opted_in_by(bot("renovate[bot]"));
    assert_eq!(plan(&merge_of(automation)), anew);
    let since_it_was_opened = pull(7).label(label::MERGE);
    assert_eq!(plan(&merge_of(since_it_was_opened)), anew);
    let writer = opted_in_by(person("wanda")).may("wanda", Permission::Write);
    assert_eq!(plan(&merge_of(writer)), "done: +1, look");
}

#[test]
fn merge_is_refused_where_our_label_would_not_count() {
    let refused = "refused: confused, words";
    // With the token of a person, what they do is no sign of one.
    let Author::Human(tess) = person("tess") else {
        unreachable!("a person is one")
    };
    let tess = || Author::Bot(tess.clone());
    let as_person = opted_in_by(tess());
    assert_eq!(plan(&merge_of(as_person.clone())), refused);
    assert!(words_of(&merge_of(as_person)).contains("with the token of tess"));
    let before = pull(7).act(1, tess(), ActKind::Edited);
    assert_eq!(plan(&merge_of(before)), refused);
    let long = opted_in_by(Author::Us).history_is_cut();
    assert_eq!(plan(&merge_of(long.clone())), refused);
    assert!(words_of(&merge_of(long)).contains("too long to tell"));
    let hold = Said {
        about: opted_in_by(tess()),
        ..said(Verb::Hold, Permission::Write)
    };
    let stopped = "done: +label caretaker:hold, +1, look";
    assert_eq!(plan(&hold.decide()), stopped, "whoever it is, it stops us");
}

#[test]
fn resume_takes_off_the_configured_hold_and_the_built_in_one() {
    let config = "version: v1\npr_agent:\n  ownership:\n    hold_label: freeze\n";
    let resume = |labels: &[&str]| {
        let about = labels.iter().fold(pull(7), |about, name| about.label(name));
        let said = Said {
            about,
            config,
            ..said(Verb::Resume, Permission::Write)
        };
        plan(&said.decide())
    };
    assert_eq!(
        resume(&["freeze", label::HOLD]),
        "done: -label freeze, -label caretaker:hold, +1, look"
    );
    assert_eq!(resume(&["freeze"]), "done: -label freeze, +1, look");
    let hold = Said {
        config,
        ..said(Verb::Hold, Permission::Write)
    };
    assert_eq!(plan(&hold.decide()), "done: +label freeze, +1, look");
}

#[test]
fn what_is_held_by_the_mode_is_planned_and_said_as_what_would_be_done() {
    for mode in [Mode::Observe, Mode::Propose] {
        let merge = Said {
            mode,
            ..said(Verb::Merge, Permission::Write)
        };
        let decision = merge.decide();
        assert_eq!(plan(&decision), "held: +label caretaker:merge, eyes, words");
        let words = words_of(&decision);
        assert!(
            words.contains("I would put the label `caretaker:merge` on"),
            "{words}"
        );
        assert!(words.contains(&format!("only {}s", mode.name())), "{words}");
        assert!(words.contains("safety.mode: act"), "{words}");
    }
}

#[test]
fn what_the_hour_has_no_room_for_is_said_and_not_planned() {
    let merge = Said {
        spent: Some(60),
        ..said(Verb::Merge, Permission::Write)
    };
    let decision = merge.decide();
    assert_eq!(plan(&decision), "held: eyes, words");
    assert!(
        words_of(&decision).contains("60 of this hour's 60"),
        "{decision:?}"
    );
    let merge = Said {
        spent: Some(59),
        ..said(Verb::Merge, Permission::Write)
    };
    assert_eq!(merge.decide().verdict, "done");
}

#[test]
fn a_closed_or_unfollowed_pull_request_is_not_acted_on() {
    let closed = |verb| Said {
        about: pull(7).with(|s| s.pull.item.open = false),
        ..said(verb, Permission::Admin)
    };
    for verb in [Verb::Merge, Verb::Hold, Verb::Resume] {
        assert_eq!(plan(&closed(verb).decide()), "refused: confused, words");
    }
    for verb in [Verb::Merge, Verb::Hold, Verb::Resume, Verb::Why] {
        let off = Said {
            config: "version: v1\npr_agent:\n  enabled: false\n",
            ..said(verb, Permission::Admin)
        };
        let decision = off.decide();
        assert_eq!(plan(&decision), "refused: confused, words");
        assert!(words_of(&decision).contains("pr_agent.enabled"));
    }
}

#[test]
fn a_command_expires_ten_minutes_after_its_acceptance_whatever_its_comment_says() {
    let merge = |now| Said {
        now,
        ..said(Verb::Merge, Permission::Write)
    };
    let last = NOW + Span::minutes(10) - Span::millis(1);
    assert_eq!(merge(last).decide().verdict, "done");
    let late = merge(NOW + Span::minutes(10)).decide();
    assert_eq!(plan(&late), "expired: confused");
}

#[test]
fn nothing_that_is_said_addresses_us_again() {
    for verb in [
        Verb::Why,
        Verb::Merge,
        Verb::Hold,
        Verb::Help,
        Verb::Unknown,
    ] {
        for permission in [Permission::Triage, Permission::Write] {
            let decision = Said {
                mode: Mode::Propose,
                ..said(verb, permission)
            }
            .decide();
            if decision.actions.len() > 1 {
                assert_eq!(commands::find(words_of(&decision), None), None, "{verb:?}");
            }
        }
    }
}
