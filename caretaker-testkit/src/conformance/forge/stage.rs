//! Sets up what the examples of questions and actions are about.

use caretaker_core::model::{
    Branch, CORRELATION, CiStage, Label, Login, Marker, Number, RemoteId, Stage,
};

use super::{Rig, sha};
use crate::world::{CodeFinding, WeakDependency};

/// What secret scanning has found on that stage.
pub(super) const SECRET: &str = "ghp_once-pushed-by-mistake";

impl Rig {
    /// Lets it all be there, in the populated world, and says how it is called.
    pub fn stage(&self) -> Stage {
        let world = &self.world;
        world.config("version: v1\n");
        world.commit_file("main", "docs/CODEOWNERS", "* @octo/owners\n", "bob");
        world.team("octo/owners", &["bob", "alice"]);
        world.label(2, "alice", "old");
        world.copilot(true);
        let second = world.open_pull("alice", "second", "Another widget");
        let part = world.open_issue("bob", "Left widgets squeak");
        let warning = format!("{}\nHello?", Marker::StaleWarning.render());
        let ours = world.say(2, &warning);
        let comment = world.comment(2, "alice", "@caretaker why");
        world.mention(2, "bob", 1);
        world.name_in_commit(2, "alice", &world.head(1));
        world.define_milestone("alice", "v1", None);
        self.findings();
        world.tag("v1.0.0", &world.tip("main"));
        world.publish_release("alice", "v1.0.0", false, false);
        let tip = world.commit_file("done/feature", "done.txt", "done", "alice");
        for login in ["dana", "erin", "frank"] {
            world.role(login, "write");
        }
        world.request_review(1, "alice", "dana");
        let review = world.review(1, "frank").saying("no").request_changes();
        let thread = world.remark(1, "frank", "src/widget.rs", 1, "why?");
        world.auto_merge(second, "alice", true);
        let topic_tip = world.commit_file("topic", "topic.txt", "topic", "alice");
        world.commit_file("main", "news.md", "# news\n", "bob");
        Stage {
            issue: Number::new(2),
            second_issue: Number::new(part),
            pull: Number::new(1),
            second_pull: Number::new(second),
            second_head: sha(&world.head(second)),
            thread: format!("PRRT_{thread}"),
            review: RemoteId::new(review),
            reviewer: Login::new("erin"),
            asked: Login::new("dana"),
            topic: Branch::new("topic"),
            topic_tip: sha(&topic_tip),
            comment: RemoteId::new(comment),
            our_comment: RemoteId::new(ours),
            label: Label::new("old"),
            head: sha(&world.head(1)),
            base: Branch::new("main"),
            branch: Branch::new("done/feature"),
            tip: sha(&tip),
            person: Login::new("alice"),
            org: Login::new("octo"),
            team: "owners".to_owned(),
            ci: self.ci(),
        }
    }

    fn ci(&self) -> CiStage {
        let world = &self.world;
        let file = "ci.yml";
        world.workflow(file, &["reason", CORRELATION]);
        world.status(1, "bob", "legacy/ci", "pending");
        let check = world.check(1, "lint").fail();
        let run = world.run_workflow(file, 1);
        let job = world.job(run, "test", "failure", "error: it squeaks\n");
        world.end_run(run, "failure");
        let going_run = world.run_workflow(file, 1);
        let waiting_run = world.run_workflow(file, 1);
        world.hold_run(waiting_run);
        CiStage {
            check: RemoteId::new(check),
            run: RemoteId::new(run),
            job: RemoteId::new(job),
            going_run: RemoteId::new(going_run),
            waiting_run: RemoteId::new(waiting_run),
            workflow: file.to_owned(),
        }
    }

    /// Each scanner is on and has found something.
    fn findings(&self) {
        let world = &self.world;
        world.find_in_code(CodeFinding {
            rule: "rust/path-injection".to_owned(),
            severity: Some("high".to_owned()),
            path: "src/widget.rs".to_owned(),
            line: 3,
        });
        world.find_secret("github_personal_access_token", SECRET, Some(true));
        world.find_dependency(WeakDependency {
            package: "lodash".to_owned(),
            manifest: "package-lock.json".to_owned(),
            severity: "critical".to_owned(),
            patched: Some("4.17.21".to_owned()),
        });
    }
}
