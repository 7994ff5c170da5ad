//! Why we may not merge a pull request even where nothing stands against it: our own right.
//!
//! Readiness is the same for everybody who merges; this is about us. People are never told to
//! wait for it, and it takes no points.

use super::{Authority, Blocker, Change, Policy};
use crate::model::{
    ConfigState, EventKind, Family, Login, Mode, Pause, Pull, Refusals, Sha, Snapshot, Timestamp,
    label,
};

/// Why we may not merge it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// It is another commit, base branch or method than the one that was decided about.
    Moved {
        /// The head that was decided about.
        decided: Sha,
    },
    /// A label says to leave it alone.
    Quarantined,
    /// The operator has stopped everything here.
    Paused(Pause),
    /// The repository's configuration is missing or cannot be understood.
    Configuration(ConfigState),
    /// The mode in force does not let us act.
    Mode {
        /// Mode in force.
        is: Mode,
        /// The server's limit.
        ceiling: Mode,
    },
    /// The repository has not given us the right to merge.
    Authority(Authority),
    /// It comes from another repository.
    Fork,
    /// It is not in our care.
    NotInCare {
        /// Whether somebody tried to put it there.
        care: OptIn,
    },
    /// Its family is not merged without being told, and nobody who may has told us.
    Family {
        /// Whose pull request it is.
        family: Family,
        /// Whether somebody tried to tell us.
        opt_in: OptIn,
    },
    /// The repository merges nothing for now.
    Frozen {
        /// Until when.
        until: Timestamp,
    },
    /// It changes paths that automation does not merge changes of.
    ProtectedPath {
        /// Which.
        paths: Vec<String>,
    },
    /// Not all its files could be read, so it may change such paths.
    FilesUnknown,
    /// The forge has refused this head; it is asked again, ever more rarely.
    ForgeRefuses {
        /// With this status.
        status: u16,
        /// So often in a row.
        times: u32,
        /// When it is tried again by itself.
        until: Timestamp,
    },
}

/// Whether a person has let this one in: told us to merge it, or put it into our care.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OptIn {
    /// Nobody has.
    #[default]
    No,
    /// Somebody who may write to the repository.
    Yes,
    /// The label is there, put on by somebody who may not write.
    NotTheirs(Login),
    /// The label is there, and who put it on cannot be told.
    Unknown,
}

/// On what ground we stand: everything about our right that is no fact of the pull request.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// The mode in force.
    pub mode: Mode,
    /// The server's limit that went into it.
    pub ceiling: Mode,
    /// Where the configuration stands.
    pub config: ConfigState,
    /// The operator's stop, if one is in force here.
    pub paused: Option<&'a Pause>,
    /// Whether the very decision that merges also takes it into care.
    pub claimed: bool,
    /// How the forge has refused so far.
    pub refused: Option<&'a Refusals>,
    /// Whether something has happened since; then what was refused is tried again at once.
    pub stirred: bool,
}

/// Everything that keeps us from merging beside what stands against it.
pub fn denials(
    snapshot: &Snapshot,
    change: &Change,
    ground: &Ground<'_>,
    policy: &Policy,
    now: Timestamp,
) -> Vec<Denial> {
    let pull = &snapshot.pull;
    let mut found = Vec::new();
    if pull.item.has_label(label::QUARANTINE) {
        found.push(Denial::Quarantined);
    }
    found.extend(ground.paused.cloned().map(Denial::Paused));
    if matches!(ground.config, ConfigState::Absent | ConfigState::NeverValid) {
        found.push(Denial::Configuration(ground.config));
    }
    if ground.mode < Mode::Act {
        found.push(Denial::Mode {
            is: ground.mode,
            ceiling: ground.ceiling,
        });
    }
    if policy.authority != Authority::GateAndMerge {
        found.push(Denial::Authority(policy.authority));
    }
    if !pull.same_repository {
        found.push(Denial::Fork);
    } else if !ground.claimed && !change.is_in_care() {
        let care = change.care.clone();
        found.push(Denial::NotInCare { care });
    }
    let family = pull.family();
    if !policy.families.contains(family) && change.opt_in != OptIn::Yes {
        let opt_in = change.opt_in.clone();
        found.push(Denial::Family { family, opt_in });
    }
    let frozen = policy.extras.freeze.open_at(now);
    found.extend(frozen.map(|until| Denial::Frozen { until }));
    if let Some(touched) = &change.protected {
        if !touched.complete {
            found.push(Denial::FilesUnknown);
        }
        if !touched.rows.is_empty() {
            let paths = touched.rows.clone();
            found.push(Denial::ProtectedPath { paths });
        }
    }
    found.extend(refused(pull, ground, now));
    found
}

/// What was refused is left alone for a while, unless something has happened to it since.
fn refused(pull: &Pull, ground: &Ground<'_>, now: Timestamp) -> Option<Denial> {
    let refused = ground.refused.filter(|refused| refused.head == pull.head)?;
    let until = refused.again_at();
    // What happens to it tells nothing of why the queue gave it back.
    let stirred = ground.stirred && refused.status != Refusals::QUEUED;
    let waits = !stirred && now < until;
    waits.then_some(Denial::ForgeRefuses {
        status: refused.status,
        times: refused.times,
        until,
    })
}

/// Whether an event of this kind is a reason to try at once what was refused: everything but our
/// own coming back to it.
pub fn stirs(kind: EventKind) -> bool {
    kind != EventKind::RecheckDue
}

impl Denial {
    /// Whether the guard holds the merge for this reason, so that a decision may plan it all the
    /// same: that is how observing shows what would be done.
    pub fn is_guards(&self) -> bool {
        match self {
            Self::Quarantined | Self::Paused(_) | Self::Configuration(_) | Self::Mode { .. } => {
                true
            }
            Self::Moved { .. }
            | Self::Authority(_)
            | Self::Fork
            | Self::NotInCare { .. }
            | Self::Family { .. }
            | Self::Frozen { .. }
            | Self::ProtectedPath { .. }
            | Self::FilesUnknown
            | Self::ForgeRefuses { .. } => false,
        }
    }
}

impl Denial {
    /// Whether it goes away by itself.
    pub(super) fn waits(&self) -> bool {
        match self {
            Self::Moved { .. } => true,
            Self::ForgeRefuses { times, .. } => *times < Refusals::TOLD_FROM,
            Self::Quarantined
            | Self::Paused(_)
            | Self::Configuration(_)
            | Self::Mode { .. }
            | Self::Authority(_)
            | Self::Fork
            | Self::NotInCare { .. }
            | Self::Family { .. }
            | Self::Frozen { .. }
            | Self::ProtectedPath { .. }
            | Self::FilesUnknown => false,
        }
    }
}

impl From<Denial> for Blocker {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}
