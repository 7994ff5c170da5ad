//! How far an agent may go in a repository.

use serde::{Deserialize, Serialize};

/// How far an agent may go. Ordered: the lowest of several limits holds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Decide and record; nothing leaves the process.
    #[default]
    Observe,
    /// Say what would be done, in our own voice, and do nothing else.
    Propose,
    /// Do it.
    Act,
}

impl Mode {
    /// Every mode, lowest first.
    pub const ALL: [Self; 3] = [Self::Observe, Self::Propose, Self::Act];

    /// Its name in settings and records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Propose => "propose",
            Self::Act => "act",
        }
    }

    /// The mode of that exact name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_limit_is_the_least() {
        assert_eq!(Mode::Act.min(Mode::Propose), Mode::Propose);
        assert_eq!(Mode::Propose.min(Mode::Observe), Mode::Observe);
        assert_eq!(Mode::default(), Mode::Observe);
    }

    #[test]
    fn names_are_the_names_of_records() {
        for mode in Mode::ALL {
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.name());
            assert_eq!(Mode::from_name(mode.name()), Some(mode));
        }
        assert_eq!(Mode::from_name("Act"), None);
    }
}
