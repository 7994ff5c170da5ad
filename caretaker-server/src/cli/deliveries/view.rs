//! A delivery, for people and for programs.

use caretaker_core::model::{ItemState, RepoRef};
use caretaker_core::ports::{DeliveryState, Setback, Standing};
use serde::Serialize;

use crate::cli::out;

/// A delivery, for people and for programs.
#[derive(Debug, Serialize)]
pub(super) struct View {
    pub(super) key: String,
    pub(super) guid: String,
    pub(super) event: String,
    pub(super) action: Option<String>,
    pub(super) repository: Option<String>,
    pub(super) received_at: String,
    pub(super) state: &'static str,
    pub(super) generation: u32,
    pub(super) items: Vec<ItemView>,
}

#[derive(Debug, Serialize)]
pub(super) struct ItemView {
    pub(super) id: String,
    pub(super) state: &'static str,
    /// When it is tried again.
    pub(super) due: Option<String>,
    /// Why it was given up.
    pub(super) reason: Option<String>,
    pub(super) generation: u32,
    pub(super) outside_failures: u32,
    pub(super) own_failures: u32,
    /// What stood in its way each time, oldest first.
    pub(super) failures: Vec<SetbackView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) runs: Vec<RunView>,
}

#[derive(Debug, Serialize)]
pub(super) struct RunView {
    pub(super) run: String,
    pub(super) agent: String,
    pub(super) outcome: Option<String>,
    pub(super) last_failure: Option<String>,
}

/// A row of what stood in an item's way.
#[derive(Debug, Serialize)]
pub(super) struct SetbackView {
    error: String,
    own: bool,
    generation: u32,
    times: u32,
    /// To when it was put off the last of these times.
    until: String,
}

pub(super) fn word(standing: &Standing) -> &'static str {
    if standing.is_buried() {
        return "buried";
    }
    match standing.state {
        DeliveryState::Waiting => "waiting",
        DeliveryState::Expanded => "open",
        DeliveryState::Closed => "closed",
        DeliveryState::Buried => "buried",
    }
}

impl SetbackView {
    fn of(setback: &Setback) -> Self {
        Self {
            error: setback.error.clone(),
            own: setback.own,
            generation: setback.generation,
            times: setback.times,
            until: setback.until.to_string(),
        }
    }

    fn text(&self) -> String {
        let whose = if self.own { "own" } else { "outside" };
        format!(
            "  failed    {} × {whose}, generation {}, put off to {}: {}",
            self.times,
            self.generation,
            self.until,
            plain(&self.error)
        )
    }
}

impl View {
    pub(super) fn of(standing: &Standing) -> Self {
        let delivery = &standing.delivery;
        let items = standing.items.iter().map(|item| {
            let (state, due, reason) = match &item.state {
                ItemState::Waiting(due) => ("waiting", Some(due.to_string()), None),
                ItemState::InFlight => ("in_flight", None, None),
                ItemState::Closed => ("closed", None, None),
                ItemState::Buried(reason) => ("buried", None, Some(reason.clone())),
            };
            ItemView {
                id: item.id.to_string(),
                state,
                due,
                reason,
                generation: item.generation,
                outside_failures: item.put_off,
                own_failures: item.faults,
                failures: item.setbacks.iter().map(SetbackView::of).collect(),
                runs: Vec::new(),
            }
        });
        Self {
            key: delivery.key.to_string(),
            guid: delivery.headers.guid.clone(),
            event: delivery.headers.event.clone(),
            action: delivery.envelope.action.clone(),
            repository: delivery
                .envelope
                .repository
                .as_ref()
                .map(RepoRef::full_name),
            received_at: delivery.received_at.to_string(),
            state: word(standing),
            generation: standing.generation,
            items: items.collect(),
        }
    }

    /// Event and action, without anything that could move a terminal's cursor.
    fn what(&self) -> String {
        let action = self.action.as_ref().map(|action| format!(".{action}"));
        plain(&format!("{}{}", self.event, action.unwrap_or_default()))
    }

    pub(super) fn text(&self) -> String {
        let mut lines = vec![
            format!("delivery    {}", self.key),
            format!("guid        {}", plain(&self.guid)),
            format!("event       {}", self.what()),
            format!("repository  {}", self.repository.as_deref().unwrap_or("–")),
            format!("accepted    {}", self.received_at),
            format!("state       {}, generation {}", self.state, self.generation),
        ];
        for item in &self.items {
            let due = item.due.as_ref().map(|due| format!(", not before {due}"));
            let reason = item
                .reason
                .as_ref()
                .map(|reason| format!(": {}", plain(reason)));
            lines.push(format!(
                "item        {} {}{}{}; failures: {} outside, {} own",
                item.id,
                item.state,
                due.unwrap_or_default(),
                reason.unwrap_or_default(),
                item.outside_failures,
                item.own_failures
            ));
            lines.extend(item.failures.iter().map(SetbackView::text));
            for run in &item.runs {
                let failure = run.last_failure.as_ref();
                lines.push(format!(
                    "  run       {} {} {}{}",
                    run.run,
                    run.agent,
                    run.outcome.as_deref().unwrap_or("open"),
                    failure.map_or_else(String::new, |failure| format!(": {}", plain(failure)))
                ));
            }
        }
        lines.join("\n")
    }
}

fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}

pub(super) fn table(deliveries: &[View]) -> String {
    if deliveries.is_empty() {
        return "no such deliveries".to_owned();
    }
    let head = ["ACCEPTED", "DELIVERY", "EVENT", "REPOSITORY", "STATE"].map(str::to_owned);
    let rows = deliveries.iter().map(|view| {
        let repository = view.repository.clone();
        [
            view.received_at.clone(),
            view.key.chars().take(16).collect(),
            view.what(),
            repository.unwrap_or_else(|| "–".to_owned()),
            view.state.to_owned(),
        ]
    });
    out::table(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
}
