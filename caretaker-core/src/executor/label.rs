//! What labels say about who works on an item.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{Label, label};

/// A label, and who set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    /// The label.
    pub label: Label,
    /// Who set it.
    pub by: Setter,
}

/// Who set a label, as far as it matters. Ordered by how much the label then says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Setter {
    /// Nobody knows.
    Unknown,
    /// Somebody without write access.
    Other,
    /// Somebody with write access to the repository.
    Writer,
}

/// A label that is about who works on the item, and whether it counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Heard {
    /// The label.
    pub label: Label,
    /// Who set it.
    pub by: Setter,
    /// Whether it counts.
    pub counts: bool,
}

impl Heard {
    /// Why it counts, or why not.
    pub fn why(&self) -> &'static str {
        match (self.counts, self.by) {
            (true, Setter::Writer) => "somebody with write access set it",
            (true, Setter::Other | Setter::Unknown) => "it stops, so anybody may set it",
            (false, Setter::Unknown) => "nobody knows yet who set it",
            (false, Setter::Other | Setter::Writer) => "whoever set it has no write access",
        }
    }
}

/// What the labels that count say together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Nothing.
    Nothing,
    /// Nobody may be asked.
    Quarantine,
    /// Several things.
    Several(Vec<Label>),
    /// This name, in small letters.
    Name(String),
}

/// Listens to the labels. Quarantine counts whoever set it, because it only stops; others count
/// only when somebody with write access set them (decisions §7). Case does not matter.
pub(super) fn hear(labels: &[Labelled]) -> (Vec<Heard>, Word) {
    let mut heard: BTreeMap<String, Heard> = BTreeMap::new();
    for Labelled { label, by } in labels {
        let text = label.as_str().to_lowercase();
        if !text.starts_with(label::AGENT_PREFIX) {
            continue;
        }
        let stops = text == label::QUARANTINE;
        let now = Heard {
            label: label.clone(),
            by: *by,
            counts: stops || *by == Setter::Writer,
        };
        // One label is there once; who told us of it twice may know more the second time.
        let known = heard.entry(text).or_insert_with(|| now.clone());
        if known.by < *by {
            *known = now;
        }
    }
    let mut others = Vec::new();
    for (text, row) in &heard {
        if text == label::QUARANTINE {
            return (heard.into_values().collect(), Word::Quarantine);
        }
        if row.counts {
            others.push((text, row.label.clone()));
        }
    }
    let word = match others.as_slice() {
        [] => Word::Nothing,
        [(text, _)] => Word::Name(text[label::AGENT_PREFIX.len()..].to_owned()),
        several => Word::Several(several.iter().map(|(_, label)| label.clone()).collect()),
    };
    (heard.into_values().collect(), word)
}
