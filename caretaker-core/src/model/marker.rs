//! Every HTML marker we write into comments: render, find, nothing else.
//!
//! A marker says which of our comments this is. It proves nothing: whose comment it is decides
//! the adapter by account (decisions §11).

use serde::{Deserialize, Serialize};

use super::{RemoteId, Sha, Timestamp};

/// Which of our comments it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Marker {
    /// The status comment of a pull request.
    Status,
    /// The warning before an item is closed as stale.
    StaleWarning,
    /// Our answer to one comment, whose number it carries.
    Answer,
    /// Our review of a head, which it carries.
    Review,
    /// A pull request of ours, with the key under which it was opened.
    Pull,
    /// An issue of ours, with the key under which it was opened.
    Issue,
}

impl Marker {
    /// Every marker.
    pub const ALL: &'static [Self] = &[
        Self::Status,
        Self::StaleWarning,
        Self::Answer,
        Self::Review,
        Self::Pull,
        Self::Issue,
    ];

    /// Name on the wire, behind `caretaker:`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::StaleWarning => "stale-warning",
            Self::Answer => "answer",
            Self::Review => "review",
            Self::Pull => "pull",
            Self::Issue => "issue",
        }
    }

    /// Older names under which earlier versions wrote the same comment (spec 02 §3.13).
    pub fn legacy_names(self) -> &'static [&'static str] {
        match self {
            Self::Status => &["ownership:claim", "readiness:update", "ownership:release"],
            Self::StaleWarning | Self::Answer | Self::Review | Self::Pull | Self::Issue => &[],
        }
    }

    /// The marker as the first line of a comment.
    pub fn render(self) -> String {
        format!("<!-- caretaker:{} -->", self.name())
    }

    /// The marker with a time, for comments that others of our decisions read back.
    pub fn render_at(self, at: Timestamp) -> String {
        format!("<!-- caretaker:{} at={at} -->", self.name())
    }

    /// The marker with the comment that ours is about, one of ours for each.
    pub fn render_to(self, to: RemoteId) -> String {
        format!("<!-- caretaker:{} to={to} -->", self.name())
    }

    /// The marker with the head that ours is about, one of ours for each.
    pub fn render_head(self, head: &Sha) -> String {
        format!("<!-- caretaker:{} head={head} -->", self.name())
    }

    /// The marker with a key of ours, which has neither blanks nor angle brackets.
    pub fn render_key(self, key: &str) -> String {
        format!("<!-- caretaker:{} key={key} -->", self.name())
    }

    /// Which of our comments a body claims to be, by its first marker.
    pub fn find(body: &str) -> Option<Self> {
        let name = Self::inner(body)?.split([' ', '\t']).next()?;
        Self::ALL
            .iter()
            .copied()
            .find(|marker| marker.name() == name || marker.legacy_names().contains(&name))
    }

    /// The time a body's first marker carries.
    pub fn time(body: &str) -> Option<Timestamp> {
        Timestamp::parse_rfc3339(Self::word(body, "at=")?)
    }

    /// The comment that a body's first marker says it is about.
    pub fn to(body: &str) -> Option<RemoteId> {
        Self::word(body, "to=")?.parse().ok().map(RemoteId::new)
    }

    /// The head that a body's first marker says it is about.
    pub fn head(body: &str) -> Option<Sha> {
        Sha::parse(Self::word(body, "head=")?)
    }

    /// The key in a body's first marker.
    pub fn key(body: &str) -> Option<&str> {
        Self::word(body, "key=")
    }

    /// Whether any text pretends to be one of ours; such text from others is shown, never obeyed.
    pub fn appears_in(body: &str) -> bool {
        Self::inner(body).is_some()
    }

    fn word<'a>(body: &'a str, name: &str) -> Option<&'a str> {
        Self::inner(body)?
            .split_ascii_whitespace()
            .find_map(|word| word.strip_prefix(name))
    }

    fn inner(body: &str) -> Option<&str> {
        let open = body.find("<!--")?;
        let rest = &body[open + 4..];
        let inner = rest[..rest.find("-->")?].trim();
        inner.strip_prefix("caretaker:")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_marker_is_found_again() {
        for marker in Marker::ALL {
            assert_eq!(
                Marker::find(&format!("{}\ntext", marker.render())),
                Some(*marker)
            );
            for name in marker.legacy_names() {
                assert_eq!(
                    Marker::find(&format!("<!-- caretaker:{name} -->")),
                    Some(*marker)
                );
            }
        }
    }

    #[test]
    fn a_time_in_a_marker_survives() {
        let at = Timestamp::from_millis(1_700_000_000_000);
        let body = Marker::StaleWarning.render_at(at);
        assert_eq!(Marker::time(&body), Some(at));
        assert_eq!(Marker::find(&body), Some(Marker::StaleWarning));
        assert_eq!(Marker::to(&body), None);
        assert_eq!(Marker::find("<!-- caretaker:unknown -->"), None);
        assert_eq!(Marker::find("<!-- caretaker:status"), None);
    }

    #[test]
    fn a_review_says_which_head_it_is_about_and_a_pull_request_its_key() {
        let head = Sha::parse(&"a1".repeat(20)).unwrap();
        let body = Marker::Review.render_head(&head) + "\nFine.";
        assert_eq!(Marker::find(&body), Some(Marker::Review));
        assert_eq!(
            (Marker::head(&body), Marker::key(&body)),
            (Some(head), None)
        );
        let body = Marker::Pull.render_key("upgrade/1") + "\nFrom us.";
        assert_eq!(Marker::find(&body), Some(Marker::Pull));
        assert_eq!(Marker::key(&body), Some("upgrade/1"));
        assert_eq!(Marker::head("<!-- caretaker:review head=main -->"), None);
    }

    #[test]
    fn an_answer_says_which_comment_it_is_about() {
        let body = Marker::Answer.render_to(RemoteId::new(12)) + "\nDone.";
        assert_eq!(Marker::find(&body), Some(Marker::Answer));
        assert_eq!(Marker::to(&body), Some(RemoteId::new(12)));
        assert_eq!(Marker::time(&body), None);
        assert_eq!(Marker::to("<!-- caretaker:answer to=x -->"), None);
    }
}
