//! Ticks: one item for each repository and window, at a time derived from the repository.
//!
//! Windows lie on a fixed grid, shifted for each repository so that not all wake at once. Windows
//! that were missed collapse into the latest.

use crate::agents;
use crate::model::{
    AgentName, Detail, Event, EventId, EventKind, RepoKey, Scope, Span, Subject, Timestamp,
    derived_below,
};

/// The latest window that has begun for a repository and cadence.
pub fn window(repo: &RepoKey, every: Span, now: Timestamp) -> Timestamp {
    let every = every.as_millis().max(1);
    let bound = u64::try_from(every).unwrap_or(1);
    let shift = i64::try_from(derived_below(&["stagger", &repo.to_string()], bound)).unwrap_or(0);
    let since_shift = now.as_millis().saturating_sub(shift);
    Timestamp::from_millis(since_shift.div_euclid(every) * every + shift)
}

/// The ticks of a repository that are due at `now`, one for each cadence among the agents that
/// `enabled` keeps. The same window gives the same event id for everybody who computes it.
pub fn ticks(repo: &RepoKey, now: Timestamp, enabled: impl Fn(&str) -> bool) -> Vec<Event> {
    let mut cadences: Vec<(Span, Vec<AgentName>)> = Vec::new();
    for agent in agents::all() {
        let manifest = agent.manifest();
        let Some(every) = manifest.every.filter(|_| enabled(manifest.name)) else {
            continue;
        };
        let name = AgentName::new(manifest.name);
        match cadences.iter_mut().find(|(span, _)| *span == every) {
            Some((_, due)) => due.push(name),
            None => cadences.push((every, vec![name])),
        }
    }
    cadences
        .into_iter()
        .map(|(every, due)| {
            let window = window(repo, every, now);
            let previous = Some(id(repo, every, window - every));
            let id = id(repo, every, window);
            tick(id, repo, window, previous, due)
        })
        .collect()
}

/// A tick of a repository.
pub fn tick(
    id: EventId,
    repo: &RepoKey,
    window: Timestamp,
    previous: Option<EventId>,
    due: Vec<AgentName>,
) -> Event {
    Event {
        id,
        scope: Scope::Repo(repo.clone()),
        subject: Subject::Repo,
        kind: EventKind::Ticked,
        at: window,
        actor: None,
        edge_identity: None,
        detail: Detail::Tick {
            window,
            previous,
            due,
            cursor: None,
        },
    }
}

fn id(repo: &RepoKey, every: Span, window: Timestamp) -> EventId {
    EventId::new(format!(
        "tick/{repo}/{}/{}",
        every.whole_seconds(),
        window.as_seconds()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Span = Span::days(1);

    #[test]
    fn a_window_begins_once_a_day_and_repositories_differ() {
        let (a, b) = (RepoKey::github(1), RepoKey::github(2));
        let now = Timestamp::from_millis(1_700_000_000_000);
        let first = window(&a, DAY, now);
        assert!(first <= now && now.since(first) < DAY);
        assert_eq!(
            window(&a, DAY, first + Span::millis(DAY.as_millis() - 1)),
            first
        );
        assert_eq!(window(&a, DAY, first + DAY), first + DAY);
        assert_ne!(first, window(&b, DAY, now));
    }

    #[test]
    fn missed_windows_collapse_into_the_latest() {
        let repo = RepoKey::github(1);
        let later = Timestamp::from_millis(1_700_000_000_000) + Span::days(30);
        let ticks = ticks(&repo, later, |_| true);
        assert_eq!(
            ticks.len(),
            1,
            "one cadence, one tick, however long nobody looked"
        );
        assert!(self::ticks(&repo, later, |_| false).is_empty());
    }
}
