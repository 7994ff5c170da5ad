//! Figures that are compared from run to run: ratios only, because machines differ.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

/// How much worse than stored a figure may be before it is called a regression.
const TOLERANCE: f64 = 0.20;

/// Which way a figure gets better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// A throughput.
    More,
    /// A cost.
    Less,
}

/// A ratio of two things measured in one run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// Its value.
    pub ratio: f64,
    /// Which way it gets better.
    pub better: Better,
}

impl Ratio {
    /// Rounds to three digits that mean something; more would change with every run.
    pub fn new(ratio: f64, better: Better) -> Self {
        let rounded = format!("{ratio:.2e}").parse();
        Self {
            ratio: rounded.unwrap_or(ratio),
            better,
        }
    }

    /// How much worse it is than it was, as a share; below zero when it is better.
    fn worse_than(self, stored: Self) -> f64 {
        match stored.better {
            Better::More => stored.ratio / self.ratio - 1.0,
            Better::Less => self.ratio / stored.ratio - 1.0,
        }
    }
}

/// The ratios that are stored, by name: `part/what`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stored(BTreeMap<String, Ratio>);

impl Stored {
    /// Reads a file of them; a missing one stores nothing.
    ///
    /// # Errors
    /// When it cannot be read, or is none.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        serde_json::from_str(&text)
            .with_context(|| format!("{} is no list of ratios", path.display()))
    }

    /// Writes them.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self).context("ratios are finite numbers")?;
        std::fs::write(path, text + "\n")
            .with_context(|| format!("{} cannot be written", path.display()))
    }

    /// Takes new ones of a part for all that it had.
    pub fn replace(&mut self, part: &str, ratios: &BTreeMap<String, Ratio>) {
        let of_part = format!("{part}/");
        self.0.retain(|name, _| !name.starts_with(&of_part));
        self.0.extend(ratios.clone());
    }

    /// Every ratio with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Ratio)> {
        self.0.iter().map(|(name, ratio)| (name.as_str(), *ratio))
    }

    /// What is to be said of new ones: those worse than stored beyond what turns of the weather
    /// explain.
    pub fn regressions(&self, ratios: &BTreeMap<String, Ratio>) -> Vec<String> {
        let worse = |(name, ratio): (&String, &Ratio)| {
            let stored = self.0.get(name)?;
            let by = ratio.worse_than(*stored);
            (by > TOLERANCE || !by.is_finite()).then(|| {
                format!(
                    "{name}: {} where {} is stored: {:.0} % worse",
                    ratio.ratio,
                    stored.ratio,
                    by * 100.0
                )
            })
        };
        ratios.iter().filter_map(worse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratios(name: &str, ratio: f64, better: Better) -> BTreeMap<String, Ratio> {
        [(name.to_owned(), Ratio::new(ratio, better))].into()
    }

    fn stored(name: &str, ratio: f64, better: Better) -> Stored {
        Stored(ratios(name, ratio, better))
    }

    #[test]
    fn a_throughput_that_falls_by_more_than_a_fifth_is_told() {
        let stored = stored("a/b", 0.9, Better::More);
        let found = stored.regressions(&ratios("a/b", 0.74, Better::More));
        assert_eq!(found, ["a/b: 0.74 where 0.9 is stored: 22 % worse"]);
        for good in [0.76, 0.9, 5.0] {
            let found = stored.regressions(&ratios("a/b", good, Better::More));
            assert_eq!(found, Vec::<String>::new(), "{good}");
        }
    }

    #[test]
    fn a_cost_that_rises_by_more_than_a_fifth_is_told() {
        let stored = stored("a/b", 2.0, Better::Less);
        assert_eq!(
            stored.regressions(&ratios("a/b", 2.5, Better::Less)).len(),
            1
        );
        assert_eq!(
            stored.regressions(&ratios("a/b", 2.3, Better::Less)).len(),
            0
        );
        assert_eq!(
            stored.regressions(&ratios("a/b", 0.1, Better::Less)).len(),
            0
        );
    }

    #[test]
    fn nothing_and_no_number_are_worse_than_everything_but_news_is_not() {
        let stored = stored("a/b", 0.9, Better::More);
        assert_eq!(
            stored.regressions(&ratios("a/b", 0.0, Better::More)).len(),
            1
        );
        assert_eq!(
            stored
                .regressions(&ratios("a/b", f64::NAN, Better::More))
                .len(),
            1
        );
        assert_eq!(
            stored
                .regressions(&ratios("a/new", 0.1, Better::More))
                .len(),
            0
        );
    }

    #[test]
    fn storing_a_part_forgets_what_it_had_and_leaves_the_others() {
        let mut all = stored("a/b", 0.9, Better::More);
        all.replace("c", &ratios("c/d", 1.0 / 3.0, Better::Less));
        all.replace("a", &ratios("a/e", 0.5, Better::More));
        let names: Vec<_> = all.0.keys().map(String::as_str).collect();
        assert_eq!(names, ["a/e", "c/d"]);
        assert!((all.0["c/d"].ratio - 0.333).abs() < 1e-9, "{all:?}");
    }

    #[test]
    fn what_is_written_is_read() {
        let path = std::env::temp_dir().join(format!("caretaker-bench-{}", std::process::id()));
        assert_eq!(Stored::read(&path).unwrap(), Stored::default());
        let some = stored("a/b", 0.9, Better::More);
        some.write(&path).unwrap();
        assert_eq!(Stored::read(&path).unwrap(), some);
        std::fs::remove_file(path).unwrap();
    }
}
