//! The one function that chooses.

use super::label::{self, Word};
use super::limits::against;
use super::plan::Verdict;
use super::provider::{AUTO, CUSTOM};
use super::registry::Registry;
use super::{
    Chain, Feature, Labelled, Link, Outcome, Params, Plan, Provider, Refusal, Risk, Size, Source,
    Step, TaskType, normal,
};

/// What is known about a task. Whatever nobody has found out is `None`, and never passes for
/// harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What it is for.
    pub feature: Feature,
    /// The kind of task.
    pub task: TaskType,
    /// The item's labels.
    pub labels: Vec<Labelled>,
    /// Whether the change's branch is in the repository itself.
    pub same_repository: Option<bool>,
    /// How large the change is.
    pub size: Size,
    /// Which paths the change touches.
    pub paths: Option<Vec<String>>,
    /// Length of the error text, in characters.
    pub error_characters: Option<u32>,
}

impl Request {
    /// A task of the feature's usual kind, about which nothing is known.
    pub fn new(feature: Feature) -> Self {
        Self {
            feature,
            task: feature.usual_task(),
            labels: Vec::new(),
            same_repository: None,
            size: Size::default(),
            paths: None,
            error_characters: None,
        }
    }
}

/// Somebody to consider, or the word that stands for several.
enum Candidate {
    One(Provider, Source),
    Auto(Vec<Provider>, Source),
}

impl Candidate {
    fn is(&self, provider: &Provider) -> bool {
        matches!(self, Self::One(one, _) if one == provider)
    }
}

/// Who of the candidates is asked.
enum Asked {
    /// Whoever can take the task on.
    All,
    /// Only whom a label names.
    Labelled,
    /// Nobody.
    Nobody(Refusal),
}

/// Chooses who is asked for code. Total: every request has a plan, under every configuration.
pub fn select(request: &Request, params: &Params) -> Plan {
    let registry = Registry::new(params);
    let risk = Risk::of(request.paths.as_deref(), request.size);
    let (labels, word) = label::hear(&request.labels);
    let found = |provider: &Provider| against(provider, request, &risk, params);
    let Configured {
        mut candidates,
        agent,
        unknown,
    } = Configured::of(request.feature, params);

    let asked = match word {
        Word::Quarantine => Asked::Nobody(Refusal::Quarantine),
        Word::Nothing | Word::Several(_) | Word::Name(_) if !unknown.is_empty() => {
            let known = registry.known();
            let names = unknown;
            Asked::Nobody(Refusal::UnknownProvider { names, known })
        }
        Word::Several(labels) => Asked::Nobody(Refusal::LabelsContradict { labels }),
        Word::Nothing => Asked::All,
        Word::Name(name) => {
            let may = |provider: &Provider| found(provider).is_empty();
            by_label(&name, registry, &mut candidates, may)
        }
    };
    let mut links = Vec::new();
    let mut consider = |candidate| {
        let (name, source, verdict) = match candidate {
            Candidate::Auto(names, source) => {
                let names = names.iter().map(|name| name.name().to_owned()).collect();
                (AUTO.to_owned(), source, Verdict::StandsFor { names })
            }
            Candidate::One(one, source) => {
                let against = found(&one);
                let name = one.name().to_owned();
                let verdict = if !against.is_empty() {
                    Verdict::PassedOver { against }
                } else if matches!(asked, Asked::Labelled) && source != Source::Label {
                    Verdict::LeftOut
                } else {
                    let agent = agent.clone().filter(|_| one == Provider::K8sJob);
                    let provider = one;
                    links.push(Link { provider, agent });
                    Verdict::Taken
                };
                (name, source, verdict)
            }
        };
        let verdict = if matches!(asked, Asked::Nobody(_)) {
            Verdict::Refused
        } else {
            verdict
        };
        Step {
            name,
            source,
            verdict,
        }
    };
    let trace = candidates.into_iter().map(&mut consider).collect();
    Plan {
        feature: request.feature,
        task: request.task,
        outcome: match asked {
            Asked::All | Asked::Labelled => Outcome::Dispatch(Chain::new(links)),
            Asked::Nobody(refusal) => Outcome::Refuse(refusal),
        },
        risk,
        labels,
        trace,
    }
}

/// What the configuration says about a feature.
struct Configured {
    /// Whom to consider, each once; Copilot is always among them.
    candidates: Vec<Candidate>,
    /// Who works in a Job.
    agent: Option<Provider>,
    /// Names that mean nobody, as the file spells them.
    unknown: Vec<String>,
}

impl Configured {
    fn of(feature: Feature, params: &Params) -> Self {
        let registry = Registry::new(params);
        let chosen = params.features.get(feature.name());
        let first = chosen
            .and_then(|chosen| chosen.provider.as_ref())
            .map_or((&params.provider, Source::General), |own| {
                (own, Source::Feature)
            });
        let then = chosen.map_or(&[][..], |chosen| &chosen.fallback);
        let then = then.iter().map(|name| (name, Source::Fallback));
        let (mut candidates, mut unknown) = (Vec::<Candidate>::new(), Vec::new());
        let mut add = |candidate: Candidate| {
            let known = match &candidate {
                Candidate::One(one, _) => candidates.iter().any(|c| c.is(one)),
                Candidate::Auto(..) => candidates.iter().any(|c| matches!(c, Candidate::Auto(..))),
            };
            if !known {
                candidates.push(candidate);
            }
        };
        for (name, source) in std::iter::once(first).chain(then) {
            if normal(name) == AUTO {
                let on_offer = registry.on_offer();
                add(Candidate::Auto(on_offer.clone(), source));
                for one in on_offer {
                    add(Candidate::One(one, Source::Auto));
                }
            } else if let Some(one) = registry.find(name) {
                add(Candidate::One(one, source));
            } else {
                unknown.push(name.clone());
            }
        }
        add(Candidate::One(Provider::Copilot, Source::LastResort));
        let agent = chosen.and_then(|chosen| chosen.agent.as_ref());
        let in_job = agent.and_then(|name| Provider::in_a_job(name));
        if let (Some(name), None) = (agent, &in_job) {
            unknown.push(name.clone());
        }
        Self {
            candidates,
            agent: in_job,
            unknown,
        }
    }
}

/// Puts in front whom the only label that counts names (decisions §7).
fn by_label(
    name: &str,
    registry: Registry<'_>,
    candidates: &mut Vec<Candidate>,
    may: impl Fn(&Provider) -> bool,
) -> Asked {
    if normal(name) == CUSTOM {
        let other = |candidate: &Candidate| match candidate {
            Candidate::One(one, _) if *one != Provider::Copilot && may(one) => Some(one.clone()),
            Candidate::One(..) | Candidate::Auto(..) => None,
        };
        match candidates.iter().find_map(other) {
            Some(one) => prefer(one, candidates),
            // The chain has nobody but Copilot: then whoever else is there (spec 01 §14.2).
            None => {
                for one in registry.on_offer().into_iter().rev() {
                    prefer(one, candidates);
                }
            }
        }
        return Asked::All;
    }
    match registry.find(name) {
        None => Asked::Nobody(Refusal::UnknownName {
            name: name.to_owned(),
            known: registry.known(),
        }),
        Some(one) => {
            if let Some(against) = registry.absent(&one) {
                return Asked::Nobody(Refusal::Absent {
                    name: name.to_owned(),
                    against,
                    known: registry.known(),
                });
            }
            let copilot = one == Provider::Copilot;
            prefer(one, candidates);
            if copilot { Asked::Labelled } else { Asked::All }
        }
    }
}

fn prefer(one: Provider, candidates: &mut Vec<Candidate>) {
    candidates.retain(|candidate| !candidate.is(&one));
    candidates.insert(0, Candidate::One(one, Source::Label));
}
