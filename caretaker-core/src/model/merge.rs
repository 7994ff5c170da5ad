//! Merging as plain data: what is wanted, and how the forge has answered so far. Data gives no
//! right to merge; that is [`crate::merge_gate::MergePermit`].

use serde::{Deserialize, Serialize};

use super::{Branch, Number, Sha, Span, Timestamp};

/// One pull request to be merged as it was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// The pull request.
    pub number: Number,
    /// The only head that may be merged.
    pub head: Sha,
    /// The branch that it goes into.
    pub base: Branch,
    /// How commits are combined.
    pub method: MergeMethod,
}

impl Merge {
    /// The App permission it needs, as GitHub names it.
    pub const PERMISSION: &'static str = "contents: write";

    /// What it does, for people; text from outside is not in it.
    pub fn summary(&self) -> String {
        let (number, head, method) = (self.number, self.head.short(), self.method.word());
        format!("merge #{number} at {head} ({method})")
    }
}

/// How commits are combined on a merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeMethod {
    /// Into one new commit.
    Squash,
    /// By a merge commit.
    Merge,
    /// Each anew on top of the base.
    Rebase,
    /// As the base branch's merge queue does it, when its turn has come. What is permitted is put
    /// into the queue, at its head and no other.
    Queue,
}

impl MergeMethod {
    /// As GitHub and the configuration spell it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Squash => "squash",
            Self::Merge => "merge",
            Self::Rebase => "rebase",
            Self::Queue => "queue",
        }
    }
}

/// How often in a row the forge has refused to merge one head, all with one status.
///
/// Kept in our memory of the repository under [`Refusals::key`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusals {
    /// The head that was refused.
    pub head: Sha,
    /// The forge's status: 405, 409 or 422; [`Refusals::QUEUED`].
    pub status: u16,
    /// Equal refusals in a row.
    pub times: u32,
    /// When the last one came.
    pub at: Timestamp,
}

impl Refusals {
    /// From so many equal refusals on it is told as something that people have to look at.
    pub const TOLD_FROM: u32 = 3;
    /// In place of a status: it was put into the merge queue. What the queue gives back is not put
    /// in again and again, so that counts like a refusal.
    pub const QUEUED: u16 = 202;

    /// Where those of a pull request are kept.
    pub fn key(number: Number) -> String {
        format!("merge/{number}")
    }

    /// One more refusal, after those before.
    pub fn after(before: Option<&Self>, head: &Sha, status: u16, at: Timestamp) -> Self {
        let same = |before: &&Self| before.head == *head && before.status == status;
        let times = before.filter(same).map_or(0, |before| before.times);
        Self {
            head: head.clone(),
            status,
            times: times.saturating_add(1),
            at,
        }
    }

    /// When it is tried again although nothing happens: after 30 s, doubling to an hour
    /// (decisions §5); what the queue gave back after an hour, doubling to a day.
    pub fn again_at(&self) -> Timestamp {
        let doublings = self.times.saturating_sub(1).min(7);
        let (first, longest) = if self.status == Self::QUEUED {
            (3_600_i64, 86_400)
        } else {
            (30, 3_600)
        };
        self.at + Span::seconds((first << doublings).min(longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(digit: &str) -> Sha {
        Sha::parse(&digit.repeat(40)).unwrap()
    }

    #[test]
    fn equal_refusals_are_counted_and_waited_for_ever_longer() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let mut last = None;
        let mut waits = Vec::new();
        for _ in 0..9 {
            let next = Refusals::after(last.as_ref(), &head("a"), 405, now);
            waits.push(next.again_at().since(now).whole_seconds());
            last = Some(next);
        }
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        let queued = |times| Refusals {
            times,
            ..Refusals::after(None, &head("a"), Refusals::QUEUED, now)
        };
        let waits = [1, 2, 9].map(|n| queued(n).again_at().since(now).whole_seconds());
        assert_eq!(
            waits,
            [3_600, 7_200, 86_400],
            "each round costs people theirs"
        );
        let other = Refusals::after(last.as_ref(), &head("a"), 409, now);
        assert_eq!(other.times, 1, "another status");
        let other = Refusals::after(last.as_ref(), &head("b"), 405, now);
        assert_eq!(other.times, 1, "another head");
    }
}
