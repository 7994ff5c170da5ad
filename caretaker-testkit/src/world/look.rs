//! What tests look at afterwards: our comments, labels, findings, timelines.

use super::World;
use super::state::State;
use super::tell::must;
use super::who::By;

/// A comment as a test looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenComment {
    /// Its number.
    pub id: u64,
    /// Who wrote it.
    pub login: String,
    /// Its text.
    pub body: String,
}

impl World {
    /// We write a comment on an item, as our credentials do; its number. It counts as looked at.
    pub fn say(&self, number: u64, body: &str) -> u64 {
        self.with(|state| {
            let us = state.us().expect("who writes has credentials");
            let id = must(state.comment(&us, self.repo, number, body));
            state.seen.insert(id);
            id
        })
    }

    /// Somebody opens an issue with a text; its number.
    pub fn open_issue_saying(&self, by: &str, title: &str, body: &str) -> u64 {
        let who = super::who::Who::story(by);
        self.with(|state| state.open_issue(&who, self.repo, title, body))
    }

    /// The number of the youngest item.
    pub fn last_item(&self) -> u64 {
        let last = |number: Option<&u64>| number.copied().unwrap_or_default();
        self.look(|state| last(state.repo(self.repo).items.keys().next_back()))
    }

    /// Every installation token minted so far.
    pub fn minted(&self) -> Vec<String> {
        self.look(|state| {
            let tokens = state.tokens.iter();
            let ours = tokens.filter(|(_, known)| known.who.by == By::Installation);
            ours.map(|(token, _)| token.clone()).collect()
        })
    }

    /// The comments of an item that we wrote, oldest first; they count as looked at now.
    pub fn comments_of_bot(&self, number: u64) -> Vec<SeenComment> {
        self.with(|state| {
            let ours: Vec<_> = state
                .comments_of(self.repo, number)
                .into_iter()
                .filter(|comment| state.is_ours(comment))
                .map(|comment| SeenComment {
                    id: comment.id,
                    login: comment.author.clone(),
                    body: comment.body.clone(),
                })
                .collect();
            state.seen.extend(ours.iter().map(|comment| comment.id));
            ours
        })
    }

    /// Whether a comment is folded away.
    pub fn is_folded(&self, comment: u64) -> bool {
        self.look(|state| {
            let known = state.repo(self.repo).comments.get(&comment);
            known.is_some_and(|comment| comment.folded.is_some())
        })
    }

    /// The text of anybody's comment; `None` when it is gone.
    pub fn text_of(&self, comment: u64) -> Option<String> {
        self.look(|state| {
            let known = state.repo(self.repo).comments.get(&comment);
            known.map(|comment| comment.body.clone())
        })
    }

    /// Who reacted to a comment, and with which of GitHub's words, oldest first.
    pub fn reactions(&self, comment: u64) -> Vec<(String, String)> {
        self.look(|state| {
            let rows = must(state.reactions(self.repo, comment)).iter();
            rows.map(|row| (row.login.clone(), row.word.clone()))
                .collect()
        })
    }

    /// The head at which a pull request was merged; `None` while it is not.
    pub fn merged_head(&self, number: u64) -> Option<String> {
        self.look(|state| {
            let pull = must(state.pull(self.repo, number));
            pull.merged_at.map(|_| pull.head_sha.clone())
        })
    }

    /// Where a branch points.
    pub fn tip(&self, branch: &str) -> String {
        self.look(|state| must(state.tip(self.repo, branch)).sha.clone())
    }

    /// The parents of a branch's tip.
    pub fn parents(&self, branch: &str) -> Vec<String> {
        self.look(|state| must(state.tip(self.repo, branch)).parents.clone())
    }

    /// The text of a file on a branch; `None` where there is no such file.
    pub fn file(&self, branch: &str, path: &str) -> Option<String> {
        self.look(|state| {
            let files = &must(state.tip(self.repo, branch)).files;
            files.get(path).cloned()
        })
    }

    /// The labels of an item as the repository spells them, in the order they were put on.
    pub fn labels(&self, number: u64) -> Vec<String> {
        self.with(|state| must(state.item(self.repo, number)).labels.clone())
    }

    /// The title of an item.
    pub fn title(&self, number: u64) -> String {
        self.look(|state| must(state.item(self.repo, number)).title.clone())
    }

    /// Whether an item is open.
    pub fn is_open(&self, number: u64) -> bool {
        self.with(|state| must(state.item(self.repo, number)).open)
    }

    /// The newest check run of a name that our App wrote on the head of a pull request: status
    /// or conclusion, title, summary.
    pub fn published(&self, number: u64, name: &str) -> Option<(String, String, String)> {
        let sha = self.head(number);
        self.with(|state| {
            let ours = state.app.id;
            let runs = state.newest_runs(self.repo, &sha);
            let run = runs.into_iter().find(|r| r.app == ours && r.name == name)?;
            let word = run.conclusion.clone().unwrap_or_else(|| run.status.clone());
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            Some((word, text(&run.title), text(&run.summary)))
        })
    }

    /// The newest commit status of a context on the head of a pull request: state, description.
    pub fn status_of(&self, number: u64, context: &str) -> Option<(String, String)> {
        let sha = self.head(number);
        self.with(|state| {
            let rows = state.newest_statuses(self.repo, &sha);
            let row = rows.into_iter().find(|status| status.context == context)?;
            Some((
                row.state.clone(),
                row.description.clone().unwrap_or_default(),
            ))
        })
    }

    /// An item's timeline, a line each: `login event`, for snapshots.
    pub fn timeline(&self, number: u64) -> Vec<String> {
        self.with(|state| {
            let rows = state.happenings_of(self.repo, number).into_iter();
            rows.map(|row| match row.extra["label"]["name"].as_str() {
                Some(label) => format!("{} {} {label}", row.actor, row.event),
                None => format!("{} {}", row.actor, row.event),
            })
            .collect()
        })
    }
}

impl State {
    /// Comments of ours that no test has looked at, a line each.
    pub(crate) fn unseen_comments(&self) -> Vec<String> {
        let repos = self.repos.values();
        let ours = repos.flat_map(|repo| repo.comments.values().map(move |c| (repo, c)));
        ours.filter(|(_, c)| self.is_ours(c) && !self.seen.contains(&c.id))
            .map(|(repo, comment)| {
                let (name, number) = (repo.full_name(), comment.number);
                format!(
                    "nobody looked at our comment on {name}#{number}: {}",
                    comment.body
                )
            })
            .collect()
    }
}
