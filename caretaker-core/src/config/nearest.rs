//! The known name a mistyped one was probably meant to be.

/// Longer names get no suggestion; keeps the work of a hostile file small.
const MAX_NAME: usize = 64;

/// The known name nearest to `name`, when near enough to be a slip of the hand, or when one is
/// the other with something appended (`stale` and `stale_agent`). On a tie the first wins.
pub(crate) fn nearest<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let length = name.chars().count();
    if length == 0 || length > MAX_NAME {
        return None;
    }
    let lower = name.to_lowercase();
    let by_distance = |names: Vec<&'a str>| {
        names
            .into_iter()
            .map(|k| (distance(&lower, &k.to_lowercase()), k))
            .min_by_key(|(d, _)| *d)
    };
    let near = by_distance(known.clone().into_iter().collect())
        .filter(|(d, _)| *d <= (length / 3).max(1))
        .map(|(_, k)| k);
    near.or_else(|| {
        let extended = known
            .into_iter()
            .filter(|k| extends(k, &lower) || extends(&lower, k))
            .collect();
        by_distance(extended).map(|(_, k)| k)
    })
}

fn extends(long: &str, short: &str) -> bool {
    long.strip_prefix(short)
        .is_some_and(|rest| rest.starts_with('_'))
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (above[j - 1] + change)
                .min(above[j] + 1)
                .min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_hand_are_near() {
        let known = ["enabled", "stale_days", "close_after"];
        assert_eq!(nearest("enabledd", known), Some("enabled"));
        assert_eq!(nearest("stale-days", known), Some("stale_days"));
        assert_eq!(nearest("Enabled", known), Some("enabled"));
        assert_eq!(nearest("closeafter", known), Some("close_after"));
    }

    #[test]
    fn other_words_are_not_near() {
        assert_eq!(nearest("colour", ["enabled", "stale_days"]), None);
        assert_eq!(nearest("", ["a"]), None);
        assert_eq!(nearest(&"e".repeat(70), ["e"]), None);
    }

    #[test]
    fn a_name_with_or_without_its_ending_is_near() {
        assert_eq!(
            nearest("stale", ["triage", "stale_agent"]),
            Some("stale_agent")
        );
        assert_eq!(nearest("pr_agent", ["stale", "pr"]), Some("pr"));
        assert_eq!(nearest("pr", ["pr_reviewer", "pr_agent"]), Some("pr_agent"));
    }

    #[test]
    fn neighbours_swapped_count_once() {
        assert_eq!(distance("xy", "yx"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }
}
