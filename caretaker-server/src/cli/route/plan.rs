//! `caretaker route --feature`: who would be asked for code, and why. Asks nobody.

use std::fmt::Write as _;
use std::path::PathBuf;

use caretaker_core::config::Config;
use caretaker_core::executor::{
    Against, Feature, Labelled, Link, Outcome, Params, Plan, Refusal, Request, Setter, Size, Step,
    TaskType, Verdict, select,
};
use caretaker_core::model::{Label, label};
use clap::Args;

use super::super::Exit;
use super::super::files::read_input;
use super::super::out::{self, Out};

/// What is known about a task; what is left out is unknown, and unknown permits nobody.
#[derive(Debug, Args)]
#[command(next_help_heading = "Who would be asked for code")]
pub(super) struct Known {
    /// What the code is for, e.g. `ci_fix`
    #[arg(long, value_name = "NAME", value_parser = feature)]
    feature: Option<Feature>,
    /// A label set by somebody with write access; repeatable
    #[arg(long, value_name = "LABEL", requires = "feature", value_parser = a_label)]
    label: Vec<String>,
    /// A label set by somebody without write access; repeatable
    #[arg(long, value_name = "LABEL", requires = "feature", value_parser = a_label)]
    label_by_other: Vec<String>,
    /// A label of which nobody knows who set it; repeatable
    #[arg(long, value_name = "LABEL", requires = "feature", value_parser = a_label)]
    label_by_unknown: Vec<String>,
    /// Files and lines of the change, e.g. `3f/120l`
    #[arg(long, value_name = "SIZE", requires = "feature", value_parser = size)]
    size: Option<Size>,
    /// A path that the change touches; repeatable, names all of them
    #[arg(long, value_name = "PATH", requires = "feature", value_parser = a_path)]
    path: Vec<String>,
    /// The change's branch is in the repository itself
    #[arg(long, requires = "feature", conflicts_with = "fork")]
    same_repo: bool,
    /// The change comes from another repository
    #[arg(long, requires = "feature")]
    fork: bool,
    /// The kind of task, e.g. `lint_failure` [default: the feature's usual one]
    #[arg(long, value_name = "NAME", requires = "feature", value_parser = task)]
    task: Option<TaskType>,
    /// Length of the error text, in characters
    #[arg(long, value_name = "N", requires = "feature")]
    error_chars: Option<u32>,
    /// The repository's configuration, or - for stdin [default: an empty one]
    #[arg(long, value_name = "FILE|-", requires = "feature")]
    repo_config: Option<PathBuf>,
}

impl Known {
    /// Prints the plan; `None` when no feature was named.
    pub(super) fn run(&self, out: Out) -> anyhow::Result<Option<Exit>> {
        let Some(feature) = self.feature else {
            return Ok(None);
        };
        let plan = select(&self.request(feature), &self.params()?);
        out.show(&plan, text)?;
        Ok(Some(match plan.outcome {
            Outcome::Dispatch(_) => Exit::Good,
            Outcome::Refuse(_) => Exit::No,
        }))
    }

    fn request(&self, feature: Feature) -> Request {
        let usual = Request::new(feature);
        let labelled = |labels: &[String], by| -> Vec<Labelled> {
            let one = |label: &String| Labelled {
                label: Label::new(label.as_str()),
                by,
            };
            labels.iter().map(one).collect()
        };
        let labels = [
            labelled(&self.label, Setter::Writer),
            labelled(&self.label_by_other, Setter::Other),
            labelled(&self.label_by_unknown, Setter::Unknown),
        ];
        Request {
            task: self.task.unwrap_or(usual.task),
            labels: labels.concat(),
            same_repository: match (self.same_repo, self.fork) {
                (true, _) => Some(true),
                (false, true) => Some(false),
                (false, false) => None,
            },
            size: self.size.unwrap_or_default(),
            paths: (!self.path.is_empty()).then(|| self.path.clone()),
            error_characters: self.error_chars,
            ..usual
        }
    }

    fn params(&self) -> anyhow::Result<Params> {
        let config = match &self.repo_config {
            None => Config::default(),
            Some(path) => {
                let name = path.display();
                let text = String::from_utf8(read_input(path)?)
                    .map_err(|error| anyhow::anyhow!("{name} is not UTF-8 text: {error}"))?;
                let parsed = Config::parse(&text);
                parsed.config.ok_or_else(|| {
                    let lines = parsed.problems.iter().map(|p| format!("\n  {name} {p}"));
                    anyhow::anyhow!("the configuration is invalid:{}", lines.collect::<String>())
                })?
            }
        };
        let section = config.section("executor");
        let why = |error| anyhow::anyhow!("section `executor` cannot be read: {error}");
        section.decode().map_err(why)
    }
}

fn feature(name: &str) -> Result<Feature, String> {
    let known = || Feature::ALL.map(Feature::name).join(", ");
    Feature::from_name(name).ok_or_else(|| format!("no such feature; known are {}", known()))
}

fn task(name: &str) -> Result<TaskType, String> {
    let known = || TaskType::ALL.map(TaskType::name).join(", ");
    TaskType::from_name(name).ok_or_else(|| format!("no such kind; known are {}", known()))
}

/// Nothing would hear it, and a shell's empty variable is no label.
fn a_label(text: &str) -> Result<String, String> {
    named(
        text,
        "name a label, as in `agent:foundry`, or leave the flag out",
    )
}

fn a_path(text: &str) -> Result<String, String> {
    named(text, "name a path, as in `src/a.rs`, or leave the flag out")
}

fn named(text: &str, instead: &str) -> Result<String, String> {
    let named = Some(text).filter(|text| !text.trim().is_empty());
    named.map(str::to_owned).ok_or_else(|| instead.to_owned())
}

fn size(text: &str) -> Result<Size, String> {
    Size::parse(text).ok_or_else(|| "write files and lines, as in `3f/120l`".to_owned())
}

fn text(plan: &Plan) -> String {
    let mut text = String::new();
    let mut say = |line: std::fmt::Arguments<'_>| {
        writeln!(text, "{line}").expect("writing to a string cannot fail");
    };
    let verdict = match &plan.outcome {
        Outcome::Dispatch(chain) => {
            let links: Vec<String> = chain.links().map(Link::words).collect();
            links.join(", then ")
        }
        Outcome::Refuse(refusal) => format!("refused: {}", refused(refusal)),
    };
    let (feature, task) = (plan.feature.name(), plan.task.name());
    say(format_args!("{feature} ({task}): {verdict}"));
    for heard in &plan.labels {
        let counts = if heard.counts { "counts" } else { "is ignored" };
        let label = heard.label.as_str().escape_debug();
        say(format_args!("  label {label} {counts}: {}", heard.why()));
    }
    let tags: Vec<_> = plan.risk.tags.iter().map(|tag| tag.name()).collect();
    let tags = match (tags.join(", "), plan.risk.paths_known) {
        (tags, true) if tags.is_empty() => "nothing found, and not everything is known".to_owned(),
        (tags, false) if tags.is_empty() => "unknown, as no path is known".to_owned(),
        (tags, _) => tags,
    };
    say(format_args!("  risk: {tags}"));
    let rows: Vec<_> = plan.trace.iter().map(row).collect();
    for line in out::table(&rows).lines() {
        say(format_args!("  {line}"));
    }
    text
}

fn row(step: &Step) -> [String; 3] {
    let source = step.source.words();
    let (verdict, why) = match &step.verdict {
        Verdict::Taken => ("asked", source.to_owned()),
        Verdict::PassedOver { against } => {
            let against: Vec<_> = against.iter().map(Against::words).collect();
            (
                "passed over",
                format!("{source}, but {}", against.join("; ")),
            )
        }
        Verdict::StandsFor { names } if names.is_empty() => {
            ("nobody", format!("{source}, but nothing is switched on"))
        }
        Verdict::StandsFor { names } => ("stands for", format!("{}; {source}", names.join(", "))),
        Verdict::LeftOut => ("left out", format!("{source}, but a label names another")),
        Verdict::Refused => ("not asked", format!("{source}, but nobody may be asked")),
    };
    [step.name.clone(), verdict.to_owned(), why]
}

fn refused(refusal: &Refusal) -> String {
    let prefix = label::AGENT_PREFIX;
    match refusal {
        Refusal::Quarantine => format!("the label {} is there; take it off", label::QUARANTINE),
        Refusal::LabelsContradict { labels } => {
            let labels: Vec<String> = labels
                .iter()
                .map(|label| label.as_str().escape_debug().to_string())
                .collect();
            format!(
                "the labels {} contradict each other; leave one",
                labels.join(", ")
            )
        }
        Refusal::UnknownName { name, known } => format!(
            "the label {prefix}{} names nobody; known are {}",
            name.escape_debug(),
            known.join(", ")
        ),
        Refusal::Absent {
            name,
            against,
            known,
        } => format!(
            "the label {prefix}{name} names somebody who is not there: {}; mend that, or take the label off; known \
             are {}",
            against.words(),
            known.join(", ")
        ),
        Refusal::UnknownProvider { names, known } => format!(
            "the configuration names nobody by {}; known are {}",
            names.join(", "),
            known.join(", ")
        ),
    }
}
