//! What happens, each counted by itself.

use caretaker_core::model::Mode;

use super::{Desk, Measured, Opens};
use crate::story::{STALE_ONLY, Story};

/// Open issues that a tick goes through.
const ISSUES: usize = 150;

impl Desk {
    pub(super) async fn one_pull_request(&mut self, open: &Opens, others: bool) -> Vec<Measured> {
        let mut rows = Vec::new();
        let number = self.story.open_pull("alice", "gears", "Add gears");
        let row = self.counted("opened: looked at, commented, published", None, None);
        let opened = row.await;
        self.story.comments_of_bot(number);
        if !others {
            rows.push(opened);
        }
        let [cold, warm] = if others {
            [
                "an event of one of 200, nothing remembered",
                "an event of one of 200",
            ]
        } else {
            ["an event, nothing remembered", "an event"]
        };
        if !others {
            self.forget(open);
            self.story.label(number, "alice", "question");
            let compared = "an event, nothing remembered, and nothing to write after comparing";
            rows.push(self.counted(compared, None, Some(0)).await);
        }
        // To decide alone: what is compared before it is written is told above.
        self.story.ceiling(Mode::Observe);
        self.forget(open);
        self.story.label(number, "alice", "bug");
        rows.push(self.counted(cold, Some(4), Some(0)).await);
        self.story.label(number, "alice", "help wanted");
        rows.push(self.counted(warm, Some(2), Some(0)).await);
        self.story.comments_of_bot(number);
        rows
    }

    /// Thirty checks of one head begin while nobody looks.
    pub(super) async fn burst(&mut self) -> Measured {
        let number = self.story.open_pull("alice", "gears", "Add gears");
        self.story.settle().await;
        for n in 0..30 {
            self.story.check(number, &format!("check {n}")).start();
        }
        let row = self
            .counted("30 check runs of one head at once", Some(8), None)
            .await;
        self.story.comments_of_bot(number);
        row
    }

    /// Somebody asks in a comment why it is not merged.
    pub(super) async fn why(&mut self) -> Measured {
        let number = self.story.open_pull("alice", "cogs", "Add cogs");
        self.story.settle().await;
        self.story.comment(number, "bob", "@caretaker why");
        let row = self.counted("`@caretaker why` is answered", None, None);
        let row = row.await;
        self.story.comments_of_bot(number);
        row
    }
}

/// The last approval arrives, and what is ready is merged.
pub(super) async fn merged(open: &Opens) -> Measured {
    let (story, number) = Story::without_approval().await;
    let mut desk = Desk::of(story, open).await;
    desk.story.review(number, "bob").approve();
    let row = desk
        .counted(
            "approved, nothing remembered: looked at twice, merged",
            None,
            None,
        )
        .await;
    assert!(desk.story.merged_head(number).is_some(), "{}", row.log);
    desk.story.comments_of_bot(number);
    desk.story.comments_of_bot(1);
    row
}

/// A tick in a repository with many open issues, of which one has gone stale.
pub(super) async fn tick(open: &Opens) -> Measured {
    let mut story = Story::quiet(STALE_ONLY).await;
    for n in 0..ISSUES {
        story.open_issue("carol", &format!("Issue {n}"));
    }
    story.settle().await;
    let mut desk = Desk::of(story, open).await;
    let since = desk.story.log().count();
    desk.story.tick().await;
    let row = desk.told(
        "a tick over 152 open items, one of them stale",
        since,
        None,
        None,
    );
    desk.story.comments_of_bot(2);
    row
}
