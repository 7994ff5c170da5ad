//! A line of the journal that somebody hands to `replay`. The bytes are the line.

use caretaker_core::config::Config;
use caretaker_core::drive::what_if::what_if;
use caretaker_core::drive::{journal, replay};
use caretaker_core::model::{Reason, Run};

/// - A line that is read is written again as one line, and that is read as the same run.
/// - What we write we write again byte for byte.
/// - A line that is not read says where and why.
/// - A run that is read is replayed, forecast and told, whatever it holds; twice is once.
pub fn holds(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match replay::read(text) {
        Ok(run) => read(&run),
        Err(why) => {
            let placed = why.contains("line ") && why.contains("column ");
            assert!(placed || why.starts_with("its schema is "), "{why}");
            let unreadable = replay::Replayed::Unreadable(why);
            assert_eq!(replay::replay(text), unreadable);
        }
    }
}

fn read(run: &Run) {
    let line = journal::line(run);
    assert!(!line.contains('\n'), "a record is one line");
    let back = replay::read(&line).expect("what we write we read");
    assert_eq!(&back, run, "it is written as {line}");
    assert_eq!(journal::line(&back), line);
    let replayed = replay::replay_run(run);
    assert_eq!(replayed, replay::replay_run(run), "replaying is pure");
    assert_eq!(replayed, replay::replay(&line));
    assert_eq!(replay::change(run), replay::change(run));
    let config = Config::default();
    assert_eq!(what_if(run, &config), what_if(run, &config));
    if let Some(decision) = &run.decision {
        told(&decision.because);
    }
}

fn told(reason: &Reason) {
    for text in [reason.tree(), reason.line()] {
        let moves = |c: char| c.is_control() && c != '\n';
        assert!(!text.contains(moves), "{text:?} controls a terminal");
    }
    assert!(!reason.line().contains('\n'));
}
