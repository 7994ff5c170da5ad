//! A world from a YAML text, with ages relative to now.

use std::collections::BTreeMap;

use caretaker_core::model::{Span, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::World;
use super::act::Act;
use super::branch::{Branch, Protection};
use super::state::State;
use super::who::Who;

/// What a seed file says. Times are ages (`-61d`, `-3h`, `-5m`, `-10s`), `now`, or RFC 3339.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Seed {
    /// Our App's number; by default 7.
    pub app_id: Option<u64>,
    /// Our App's short name; by default `caretaker`.
    pub app_slug: Option<String>,
    /// The account that our App is installed on; by default `octo`.
    pub account: Option<String>,
    /// Members of teams, by `org/slug`.
    pub teams: BTreeMap<String, Vec<String>>,
    /// The repositories.
    pub repositories: Vec<RepoSeed>,
}

/// One repository.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepoSeed {
    /// `owner/name`.
    pub name: String,
    /// Its number on GitHub; by default the next.
    pub id: Option<u64>,
    /// By default `main`.
    #[serde(default = "main_branch")]
    pub default_branch: String,
    /// Whether strangers cannot see it.
    #[serde(default)]
    pub private: bool,
    /// Whether our App is installed on it.
    #[serde(default = "yes")]
    pub installed: bool,
    /// Role by login: `read`, `triage`, `write`, `maintain`, `admin`; whoever is not named may
    /// read what is public.
    #[serde(default)]
    pub people: BTreeMap<String, String>,
    /// Text by path, on the default branch; what stands on others is told by acts `commit`.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Classic protection by branch.
    #[serde(default)]
    pub protection: BTreeMap<String, Protection>,
    /// What rulesets demand, by branch.
    #[serde(default)]
    pub rules: BTreeMap<String, Protection>,
    /// Issues and pull requests, in the order of their numbers.
    #[serde(default)]
    pub items: Vec<ItemSeed>,
    /// What happened then, in order: acts as of `/_sim/act`, each with `at`.
    #[serde(default)]
    pub history: Vec<Value>,
}

/// One issue or pull request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemSeed {
    /// Its number; by default the next.
    pub number: Option<u64>,
    /// Its title.
    pub title: String,
    /// Its text.
    #[serde(default)]
    pub body: String,
    /// Who opened it.
    pub by: String,
    /// Branch of a pull request; without one it is an issue.
    pub branch: Option<String>,
    /// Whether that branch is in the author's fork.
    #[serde(default)]
    pub fork: bool,
    /// Whether it is a draft.
    #[serde(default)]
    pub draft: bool,
    /// Labels it bears since it was opened.
    #[serde(default)]
    pub labels: Vec<String>,
    /// When it was opened.
    #[serde(default = "just_now")]
    pub created: String,
    /// When anything about it changed last; by default when it was opened.
    pub updated: Option<String>,
}

fn main_branch() -> String {
    "main".to_owned()
}

fn yes() -> bool {
    true
}

fn just_now() -> String {
    "now".to_owned()
}

/// Reads an age or a time.
fn time(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let wrong = || format!("`{text}` is no time; write -61d, -3h, -5m, -10s, now, or RFC 3339");
    if text == "now" {
        return Ok(now);
    }
    let Some(age) = text.strip_prefix('-') else {
        return Timestamp::parse_rfc3339(text).ok_or_else(wrong);
    };
    let unit = age.chars().next_back().ok_or_else(wrong)?;
    let digits = &age[..age.len() - unit.len_utf8()];
    let count: i64 = digits
        .parse()
        .map_err(|error| format!("{}: {error}", wrong()))?;
    let span = match unit {
        'd' => Span::days(count),
        'h' => Span::hours(count),
        'm' => Span::minutes(count),
        's' => Span::seconds(count),
        _ => return Err(wrong()),
    };
    Ok(now - span)
}

impl Seed {
    /// Reads YAML (or JSON).
    ///
    /// # Errors
    /// Says which field does not fit.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_saphyr::from_str(text).map_err(|error| error.to_string())
    }
}

impl World {
    /// Grows what a seed tells. Nothing of it is delivered: it is the past.
    ///
    /// # Errors
    /// Says which repository and what GitHub would have refused.
    pub fn grow(&self, seed: &Seed) -> Result<(), String> {
        self.with(|state| {
            state.quiet = true;
            let now = state.now;
            let grown = state.grow(seed, now);
            state.now = now;
            state.quiet = false;
            grown
        })
    }
}

impl State {
    fn grow(&mut self, seed: &Seed, now: Timestamp) -> Result<(), String> {
        if let Some(id) = seed.app_id {
            self.app.id = id;
        }
        if let Some(slug) = &seed.app_slug {
            slug.clone_into(&mut self.app.slug);
            self.users.named(&self.app.bot());
        }
        if let Some(account) = &seed.account {
            account.clone_into(&mut self.installation.account);
            self.users.named(account);
        }
        for (team, members) in &seed.teams {
            self.set_team(team, Some(members.clone()));
        }
        for repo in &seed.repositories {
            let grown = self.grow_repo(repo, now);
            grown.map_err(|error| format!("{}: {error}", repo.name))?;
        }
        Ok(())
    }

    fn grow_repo(&mut self, seed: &RepoSeed, now: Timestamp) -> Result<(), String> {
        let Some((owner, name)) = seed.name.split_once('/') else {
            return Err("a repository is named owner/name".to_owned());
        };
        // Older than anything in it, so that its first commit is no news.
        self.now = now - Span::days(3_650);
        let mut repo = self.create_repo(owner, name, &seed.default_branch);
        if let Some(id) = seed.id {
            repo = self.renumber_repo(repo, id)?;
        }
        let known = self.repo_mut(repo);
        known.private = seed.private;
        known.installed = seed.installed;
        for (login, role) in &seed.people {
            known.people.insert(login.to_lowercase(), role.clone());
        }
        let edits: Vec<_> = seed
            .files
            .iter()
            .map(|(path, text)| (path.as_str(), Some(text.as_str())))
            .collect();
        if !edits.is_empty() {
            let who = Who::story(owner);
            self.commit_files(&who, repo, &seed.default_branch, "set up", &edits);
        }
        let tip = self.repo(repo).branches[&seed.default_branch].sha.clone();
        let branches = &mut self.repo_mut(repo).branches;
        for (branch, demand) in &seed.protection {
            let known = branches.entry(branch.clone());
            known.or_insert_with(|| Branch::at(&tip)).protection = Some(demand.clone());
        }
        for (branch, demand) in &seed.rules {
            let known = branches.entry(branch.clone());
            known.or_insert_with(|| Branch::at(&tip)).rules = Some(demand.clone());
        }
        for item in &seed.items {
            self.grow_item(repo, item, now)?;
        }
        for (at, step) in seed.history.iter().enumerate() {
            let mut step = step.clone();
            let when = step.as_object_mut().and_then(|fields| fields.remove("at"));
            let when = when.as_ref().and_then(Value::as_str).unwrap_or("now");
            self.now = time(when, now)?;
            let act: Act =
                serde_json::from_value(step).map_err(|e| format!("history[{at}]: {e}"))?;
            let told = self.act(repo, act);
            told.map_err(|trouble| format!("history[{at}]: {}", trouble.message))?;
        }
        Ok(())
    }

    fn grow_item(&mut self, repo: u64, seed: &ItemSeed, now: Timestamp) -> Result<(), String> {
        let refused = |trouble: super::trouble::Trouble| trouble.message;
        self.now = time(&seed.created, now)?;
        if let Some(number) = seed.number {
            self.repo_mut(repo).first_free = number;
        }
        let (by, title, body) = (seed.by.clone(), seed.title.clone(), seed.body.clone());
        let act = match &seed.branch {
            None => Act::OpenIssue { by, title, body },
            Some(branch) => Act::OpenPull {
                by,
                branch: branch.clone(),
                title,
                body,
                fork: seed.fork,
            },
        };
        let number = self.act(repo, act).map_err(refused)?.number;
        for label in &seed.labels {
            let who = Who::story(&seed.by);
            self.add_label(&who, repo, number, label).map_err(refused)?;
        }
        if seed.draft
            && let Some(pull) = self.pull_mut(repo, number)
        {
            pull.draft = true;
        }
        if let Some(updated) = &seed.updated {
            self.now = time(updated, now)?;
            self.touch(repo, number);
        }
        Ok(())
    }
}
