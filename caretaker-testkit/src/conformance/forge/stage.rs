//! Sets up what the examples of questions and actions are about.

use caretaker_core::model::{Branch, Label, Login, Number, RemoteId, Stage};

use super::{Rig, sha};

impl Rig {
    /// Lets it all be there, in the populated world, and says how it is called.
    pub fn stage(&self) -> Stage {
        let world = &self.world;
        world.config("version: v1\n");
        world.commit_file("main", "docs/CODEOWNERS", "* @octo/owners\n", "bob");
        world.team("octo/owners", &["bob", "alice"]);
        world.label(2, "alice", "old");
        let second = world.open_pull("alice", "second", "Another widget");
        let comment = world.comment(2, "alice", "@caretaker why");
        let tip = world.commit_file("done/feature", "done.txt", "done", "alice");
        Stage {
            issue: Number::new(2),
            pull: Number::new(1),
            second_pull: Number::new(second),
            comment: RemoteId::new(comment),
            label: Label::new("old"),
            head: sha(&world.head(1)),
            base: Branch::new("main"),
            branch: Branch::new("done/feature"),
            tip: sha(&tip),
            person: Login::new("alice"),
            org: Login::new("octo"),
            team: "owners".to_owned(),
        }
    }
}
