//! A scenario as answers and parameters.

use super::{NOW, Scenario};
use crate::agents::Agent;
use crate::config::Config;
use crate::model::{
    Answer, CodeOwnersFile, Detail, Event, EventId, Evidence, ForgeQuery, Json, Login, Permission,
    Query, Refusals, RepoKey, Scope, Subject, Task, Versioned,
};
use crate::route;

impl Scenario {
    /// What the agent is asked to look at, and every answer.
    pub fn task(&self, agent: &dyn Agent) -> (Task, Evidence) {
        let number = self.snapshot.pull.item.number;
        let event = Event {
            id: EventId::new("scenario/0"),
            scope: Scope::Repo(RepoKey::github(1)),
            subject: if self.snapshot.pull.item.pull {
                Subject::Pull(number)
            } else {
                Subject::Issue(number)
            },
            kind: self.kind,
            at: NOW,
            actor: None,
            edge_identity: None,
            detail: Detail::Nothing,
        };
        let evidence = if self.answered {
            self.evidence()
        } else {
            Evidence::default()
        };
        let task = Task {
            event,
            params: self.params_of(agent),
            settings: self.settings.clone(),
            now: NOW,
        };
        (task, evidence)
    }

    /// Every question answered.
    fn evidence(&self) -> Evidence {
        let pull = &self.snapshot.pull;
        let (number, branch) = (pull.item.number, &pull.head_branch);
        let mut answers = vec![
            (ForgeQuery::Item(number), Answer::Item(pull.item.clone())),
            (
                ForgeQuery::Activity(number),
                Answer::Activity(self.acts.clone()),
            ),
            (
                ForgeQuery::Branch(branch.clone()),
                self.tip.clone().map_or(Answer::Missing, Answer::Branch),
            ),
            (
                ForgeQuery::PullsOfHead(branch.clone()),
                Answer::Pulls(self.users.clone()),
            ),
        ];
        if pull.item.pull {
            let snapshot = Box::new(self.snapshot.clone());
            answers.push((
                ForgeQuery::Pull(number),
                Answer::Pull(Box::new(pull.clone())),
            ));
            answers.push((ForgeQuery::Snapshot(number), Answer::Snapshot(snapshot)));
        }
        let file = |text: &String| CodeOwnersFile {
            path: "CODEOWNERS".to_owned(),
            text: text.clone(),
        };
        let owners = self.owners.as_ref().map(file);
        answers.extend([
            (ForgeQuery::Files(number), Answer::Files(self.files.clone())),
            (
                ForgeQuery::Authors(number),
                Answer::Authors(self.authors.clone()),
            ),
            (
                ForgeQuery::CodeOwners(pull.base.clone()),
                owners.map_or(Answer::Missing, Answer::CodeOwners),
            ),
        ]);
        answers.extend(self.teams.iter().map(|(team, members)| {
            let (org, team) = (Login::new("octo"), team.clone());
            let members = members.clone().map_or(Answer::Missing, Answer::Members);
            (ForgeQuery::Members { org, team }, members)
        }));
        let reviews = &self.snapshot.reviews.rows;
        answers.extend(reviews.iter().map(|review| {
            let by = review.by.login();
            let trusted = reviews.iter().any(|r| r.trusted && r.by.login() == by);
            let may = if trusted {
                Permission::Write
            } else {
                Permission::Read
            };
            (ForgeQuery::Permission(by), Answer::Permission(may))
        }));
        answers.extend(self.permissions.iter().map(|(login, permission)| {
            let query = ForgeQuery::Permission(Login::new(login.as_str()));
            (query, Answer::Permission(*permission))
        }));
        let asked = |(query, answer)| (Query::Forge(query), answer);
        let refusals = Query::State(Refusals::key(number));
        let versioned = self.refusals.as_ref().map(|refusals| Versioned {
            version: 1,
            value: Json::of(refusals).expect("refusals are data"),
        });
        answers
            .into_iter()
            .map(asked)
            .chain([(refusals, Answer::State(versioned))])
            .collect::<Vec<_>>()
            .into()
    }

    /// The section's defaults, changed by [`Scenario::param`].
    fn params_of(&self, agent: &dyn Agent) -> Json {
        let mut params = route::params(agent, &Config::default()).value();
        for (key, value) in &self.params {
            let sections = agent.manifest().params.sections();
            let first = sections.first().filter(|_| sections.len() > 1);
            let told = sections
                .iter()
                .any(|name| key.split('.').next() == Some(name));
            let section = first.filter(|_| !told).into_iter().copied();
            let path = section.chain(key.split('.'));
            let place = path.fold(&mut params, |at, part| &mut at[part]);
            *place = value.clone();
        }
        Json::from_value(&params)
    }
}
