//! What can be done with reviews of a pull request.

use serde::{Deserialize, Serialize};

use super::anchors::Anchors;
use super::answer::Side;
use crate::explain::code;
use crate::model::{Login, Loudness, Marker, Number, RemoteId, Safety, Sha, Stage, Trace};

/// An effect on the reviews of one pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", content = "v", rename_all = "snake_case")]
pub enum ReviewAction {
    /// Gives a review, one for each head.
    Submit(SubmitReview),
    /// Withdraws somebody's verdict. Refused for a review that is only a remark.
    Dismiss {
        /// The pull request.
        number: Number,
        /// The review.
        review: RemoteId,
        /// Why, for people.
        why: String,
    },
    /// Asks for reviews. Whoever is asked already is not asked again.
    Request {
        /// The pull request.
        number: Number,
        /// Accounts.
        people: Vec<Login>,
        /// Teams of the owner, by their short name.
        teams: Vec<String>,
    },
    /// Takes back that reviews were asked for.
    Unrequest {
        /// The pull request.
        number: Number,
        /// Accounts.
        people: Vec<Login>,
        /// Teams of the owner, by their short name.
        teams: Vec<String>,
    },
    /// Marks a thread as resolved.
    Resolve {
        /// The pull request.
        number: Number,
        /// The thread, as the forge names it in [`super::answer::ReviewThread`].
        thread: String,
    },
}

/// A review to be given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmitReview {
    /// The pull request.
    pub number: Number,
    /// The head that was looked at; refused where it has moved.
    pub head: Sha,
    /// What it says about the change.
    pub verdict: Verdict,
    /// The whole text, first [`Marker::Review`] as [`Marker::render_head`] writes it with that
    /// head.
    pub body: String,
    /// What it says about lines. What does not stand on a line of the difference goes into the
    /// text ([`SubmitReview::placed`]).
    pub remarks: Vec<InlineRemark>,
}

/// What a review says about the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Only remarks.
    Comment,
    /// It must not go in as it is.
    RequestChanges,
    /// It may go in.
    Approve,
}

impl Verdict {
    /// GitHub's word for it in a request.
    pub fn event(self) -> &'static str {
        match self {
            Self::Comment => "COMMENT",
            Self::RequestChanges => "REQUEST_CHANGES",
            Self::Approve => "APPROVE",
        }
    }
}

/// What a review says about a line, or some lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlineRemark {
    /// The file.
    pub path: String,
    /// The line; of several the last.
    pub line: u32,
    /// The first of several.
    pub start: Option<u32>,
    /// Before the change or after it.
    pub side: Side,
    /// The text.
    pub body: String,
}

/// A review as it is sent: the text, and what stands on lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<'a> {
    /// The text, with the remarks that stand on no line behind it.
    pub body: String,
    /// The others.
    pub remarks: Vec<&'a InlineRemark>,
}

impl SubmitReview {
    /// What the review says, each remark where the difference has a place for it.
    ///
    /// Nothing is lost: without a place a remark goes into the text, under its file and line.
    pub fn placed(&self, holds: impl Fn(&InlineRemark) -> bool) -> Placed<'_> {
        let (remarks, homeless): (Vec<_>, Vec<_>) = self.remarks.iter().partition(|r| holds(r));
        let mut body = self.body.clone();
        for remark in homeless {
            let start = remark.start.filter(|start| *start < remark.line);
            let lines = match start {
                Some(start) => format!("lines {start}\u{2013}{}", remark.line),
                None => format!("line {}", remark.line),
            };
            let side = match remark.side {
                Side::Left => ", before the change",
                Side::Right => "",
            };
            let (path, text) = (code(&remark.path), &remark.body);
            body.extend(["\n\n**", &path, ", ", &lines, side, "**\n\n", text]);
        }
        Placed { body, remarks }
    }

    /// The same, for a difference of which the lines are known.
    pub fn placed_in(&self, anchors: &Anchors) -> Placed<'_> {
        self.placed(|remark| {
            let start = remark.start.unwrap_or(remark.line);
            anchors.hold(&remark.path, remark.side, start, remark.line)
        })
    }

    /// Whether the text bears the marker by which it is found again.
    pub fn is_marked(&self) -> bool {
        is_of_head(&self.body, &self.head)
    }
}

/// Whether the text of a review says that it is ours about that head.
pub fn is_of_head(body: &str, head: &Sha) -> bool {
    Marker::find(body) == Some(Marker::Review) && Marker::head(body).as_ref() == Some(head)
}

impl ReviewAction {
    /// One of each, about things of a stage.
    pub fn examples(stage: &Stage) -> Vec<Self> {
        let (number, head) = (stage.pull, stage.head.clone());
        vec![
            Self::Submit(SubmitReview {
                number,
                body: format!("{}\nAll in all fine.", Marker::Review.render_head(&head)),
                head,
                verdict: Verdict::Comment,
                remarks: vec![InlineRemark {
                    path: "src/widget.rs".to_owned(),
                    line: 1,
                    start: None,
                    side: Side::Right,
                    body: "Why?".to_owned(),
                }],
            }),
            Self::Dismiss {
                number,
                review: stage.review,
                why: "It is about an older head.".to_owned(),
            },
            Self::Request {
                number,
                people: vec![stage.reviewer.clone()],
                teams: vec![stage.team.clone()],
            },
            Self::Unrequest {
                number,
                people: vec![stage.asked.clone()],
                teams: Vec::new(),
            },
            Self::Resolve {
                number,
                thread: stage.thread.clone(),
            },
        ]
    }

    /// The pull request.
    pub fn number(&self) -> Number {
        match self {
            Self::Submit(review) => review.number,
            Self::Dismiss { number, .. }
            | Self::Request { number, .. }
            | Self::Unrequest { number, .. }
            | Self::Resolve { number, .. } => *number,
        }
    }

    /// How loud it is. A review is an act, whatever it says: people wait for it.
    pub fn loudness(&self) -> Loudness {
        match self {
            Self::Submit(_)
            | Self::Dismiss { .. }
            | Self::Request { .. }
            | Self::Unrequest { .. }
            | Self::Resolve { .. } => Loudness::Act,
        }
    }

    /// The App permission it needs, as GitHub names it.
    pub fn permission(&self) -> &'static str {
        match self {
            Self::Submit(_)
            | Self::Dismiss { .. }
            | Self::Request { .. }
            | Self::Unrequest { .. }
            | Self::Resolve { .. } => "pull_requests: write",
        }
    }

    /// How it is made safe to do again.
    pub fn safety(&self) -> Safety {
        match self {
            Self::Submit(_) => Safety::ReadBack(Trace::Marker),
            Self::Dismiss { .. }
            | Self::Request { .. }
            | Self::Unrequest { .. }
            | Self::Resolve { .. } => Safety::Declarative,
        }
    }

    /// What it does, for people; no text from outside is in it.
    pub fn summary(&self) -> String {
        let asked = |people: &[Login], teams: &[String]| match people.len() + teams.len() {
            1 => "1 reviewer".to_owned(),
            count => format!("{count} reviewers"),
        };
        match self {
            Self::Submit(review) => {
                let (number, head) = (review.number, review.head.short());
                let what = match review.verdict {
                    Verdict::Comment => "comment on",
                    Verdict::RequestChanges => "request changes of",
                    Verdict::Approve => "approve",
                };
                format!("review: {what} #{number} at {head}")
            }
            Self::Dismiss { number, review, .. } => format!("dismiss review {review} of #{number}"),
            Self::Resolve { number, .. } => format!("resolve a review thread of #{number}"),
            Self::Request {
                number,
                people,
                teams,
            } => format!("ask {} to look at #{number}", asked(people, teams)),
            Self::Unrequest {
                number,
                people,
                teams,
            } => format!(
                "no longer ask {} to look at #{number}",
                asked(people, teams)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remark(path: &str, start: Option<u32>, line: u32, body: &str) -> InlineRemark {
        InlineRemark {
            path: path.to_owned(),
            line,
            start,
            side: Side::Right,
            body: body.to_owned(),
        }
    }

    #[test]
    fn a_remark_without_a_place_moves_into_the_text() {
        let diff = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1,2 @@\n+a\n+b\n";
        let review = SubmitReview {
            number: Number::new(1),
            head: Sha::parse(&"a1".repeat(20)).unwrap(),
            verdict: Verdict::Comment,
            body: "All in all.".to_owned(),
            remarks: vec![
                remark("x", None, 2, "here"),
                remark("x", Some(1), 3, "not here"),
                remark("y`@all", None, 1, "nor here"),
            ],
        };
        let placed = review.placed_in(&Anchors::of_diff(diff));
        assert_eq!(placed.remarks, [&review.remarks[0]]);
        for part in [
            "All in all.",
            "lines 1\u{2013}3**\n\nnot here",
            "\n\nnor here",
        ] {
            assert!(placed.body.contains(part), "{part:?} in {}", placed.body);
        }
        assert!(!placed.body.contains("\n\nhere"), "{}", placed.body);
        let none = review.placed(|_| false);
        assert!(none.remarks.is_empty() && none.body.contains("\n\nhere"));
    }
}
