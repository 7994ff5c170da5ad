//! Decides about pull requests offline: no GitHub, no store, no server.
//!
//! `cargo run -p embed --example decide`

use std::io::Write as _;

use caretaker_core::agents::pr::Pr;
use caretaker_core::drive::journal;
use caretaker_core::drive::replay::replay;
use caretaker_core::model::CheckState;
use caretaker_core::scenario::pull;
use caretaker_testkit::story::Story;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(tell().await.as_bytes())
}

async fn tell() -> String {
    // An agent is a function: facts in, decision out.
    let facts = pull(7).check("lint", CheckState::Failure);
    let decision = facts
        .decide(&Pr)
        .expect("the scenario answers every question");
    let (verdict, tree) = (&decision.verdict, decision.because.tree());

    // Or a whole server on virtual time; what it decided is one line of the journal each.
    let mut story = Story::new();
    story.check(1, "ci").pass();
    story.settle().await;
    story.comments_of_bot(1);
    let line = journal::line(&story.last("pr"));
    let (bytes, again) = (line.len(), replay(&line));
    format!("{verdict}\n{tree}a record of {bytes} bytes decided again: {again:?}\n")
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn it_tells_the_verdict_its_reasons_and_that_the_record_replays() {
        let told = super::tell().await;
        assert!(told.starts_with("blocked\n✗ ready"), "{told}");
        assert!(told.contains("lint"), "{told}");
        assert!(told.ends_with("decided again: Same\n"), "{told}");
    }
}
