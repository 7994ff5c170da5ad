//! Text around our markers. The bytes are text, as others may write it; where they are no UTF-8,
//! their readable part.

use caretaker_core::explain::{code, escape};
use caretaker_core::model::{Fact, Marker, RemoteId, Timestamp};

/// Times with four digits of year, in whole seconds, as markers carry them.
const LAST_SECOND: u64 = 253_402_300_799;

/// - A marker that we write is read back, with its time and number, whatever follows it.
/// - Text of others that we show holds no marker, and nothing that begins one.
/// - Reading is total, and what is found stands there.
pub fn holds(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let number = number(bytes);
    let seconds = i64::try_from(number % (LAST_SECOND + 1)).expect("it is less than 2^62");
    let (at, to) = (
        Timestamp::from_millis(seconds * 1_000),
        RemoteId::new(number),
    );
    for marker in Marker::ALL.iter().copied() {
        let written = |head: String| {
            let body = format!("{head}\n{text}");
            assert_eq!(Marker::find(&body), Some(marker), "{body:?}");
            (Marker::time(&body), Marker::to(&body))
        };
        assert_eq!(written(marker.render()), (None, None));
        assert_eq!(written(marker.render_at(at)), (Some(at), None));
        assert_eq!(written(marker.render_to(to)), (None, Some(to)));
    }
    reading(&text);
    for shown in [
        escape(&text),
        code(&text),
        Fact::Name(text.to_string()).markdown(),
        Fact::names([text.as_ref(), text.as_ref()]).markdown(),
    ] {
        shows(&shown);
    }
}

fn reading(text: &str) {
    let claims = Marker::appears_in(text);
    let (found, at, to) = (Marker::find(text), Marker::time(text), Marker::to(text));
    assert!(claims || (found.is_none() && at.is_none() && to.is_none()));
    if let Some(marker) = found {
        let mut names = marker.legacy_names().iter().copied().chain([marker.name()]);
        assert!(text.contains("<!--") && names.any(|name| text.contains(name)));
    }
}

/// Text as we show it inside a comment of ours.
fn shows(shown: &str) {
    assert!(!Marker::appears_in(shown), "{shown:?}");
    let below = format!("{}\n\n{shown}", Marker::Status.render());
    assert_eq!(Marker::find(&below), Some(Marker::Status));
    assert_eq!(Marker::find(&format!("{shown}{shown}")), None);
    assert!(!shown.contains(['<', '>']), "{shown:?} may begin HTML");
    assert!(!shown.contains(char::is_control), "{shown:?} controls");
}

/// The last eight bytes as a number.
fn number(bytes: &[u8]) -> u64 {
    let last = bytes.iter().rev().take(8);
    last.fold(0, |number, byte| number << 8 | u64::from(*byte))
}
