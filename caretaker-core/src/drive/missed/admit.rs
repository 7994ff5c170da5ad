//! What the door would make of something the log shows.
//!
//! It is no less certain than a signed delivery: it came from the forge's own address over TLS,
//! in answer to our App's key, and nobody but the forge writes that log. Its signature cannot be
//! checked, because the log shows the body in another spelling than the one that was signed.

use crate::intake::{self, AllowList, Headers, Verdict as Listed};
use crate::model::Delivery;
use crate::model::app::{Attempt, Logged};

/// Whether it comes in.
pub(super) enum Verdict {
    /// As the door would keep it, but for the time.
    Admitted(Box<Delivery>),
    /// The log does not say all that its key is made of.
    Unnamed,
    /// The allow-list turns it away.
    Unlisted,
    /// The door would refuse it.
    Refused(&'static str),
}

pub(super) fn judge(
    row: &Attempt,
    logged: Logged,
    allow_list: &AllowList,
    max_body: usize,
) -> Verdict {
    let (Some(headers), Some(body)) = (logged.headers, logged.body) else {
        return Verdict::Unnamed;
    };
    if headers.guid != row.guid || headers.hook_id.is_none() {
        return Verdict::Unnamed;
    }
    if body.len() > max_body {
        return Verdict::Refused("its body is larger than webhook.max_body_bytes");
    }
    let Ok(envelope) = intake::envelope(&Headers::from(&headers), &body) else {
        return Verdict::Refused("its body is none that the door takes");
    };
    match allow_list.verdict(&envelope) {
        Listed::Unlisted => Verdict::Unlisted,
        Listed::Listed | Listed::Everybody => {
            let delivery = Delivery::new(headers, row.at, envelope, body);
            Verdict::Admitted(Box::new(delivery))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::app::AttemptId;
    use crate::model::{DeliveryHeaders, Timestamp};

    const BODY: &str = r#"{"action":"opened","repository":{"id":1,"name":"r","full_name":"o/r",
        "owner":{"login":"o","id":2}}}"#;

    fn verdict(change: impl FnOnce(&mut Logged), allowed: &[&str], max_body: usize) -> Verdict {
        let row = Attempt {
            id: AttemptId::new(1),
            guid: "g".to_owned(),
            at: Timestamp::from_millis(5),
            repeat: false,
            status: 502,
            event: "issues".to_owned(),
            installation: None,
            repo: None,
        };
        let mut logged = Logged {
            headers: Some(DeliveryHeaders {
                event: "issues".to_owned(),
                guid: "g".to_owned(),
                hook_id: Some("42".to_owned()),
                target_type: None,
                target_id: None,
            }),
            body: Some(BODY.as_bytes().to_vec()),
        };
        change(&mut logged);
        judge(&row, logged, &AllowList::parse(allowed).unwrap(), max_body)
    }

    #[test]
    fn what_the_door_would_take_comes_in_with_the_time_of_its_attempt() {
        let Verdict::Admitted(delivery) = verdict(|_| {}, &["o"], 1_000) else {
            panic!("it is allowed");
        };
        assert_eq!(delivery.received_at, Timestamp::from_millis(5));
        assert_eq!(delivery.key, delivery.envelope.dedup_key);
    }

    #[test]
    fn without_all_that_its_key_is_made_of_it_has_no_name() {
        let unnamed =
            |change: fn(&mut Logged)| matches!(verdict(change, &["o"], 1_000), Verdict::Unnamed);
        assert!(unnamed(|logged| logged.headers = None));
        assert!(unnamed(|logged| logged.body = None));
        assert!(unnamed(
            |logged| logged.headers.as_mut().unwrap().hook_id = None
        ));
        assert!(unnamed(
            |logged| logged.headers.as_mut().unwrap().guid = "h".to_owned()
        ));
    }

    #[test]
    fn what_the_door_would_refuse_is_refused() {
        assert!(matches!(
            verdict(|_| {}, &["other"], 1_000),
            Verdict::Unlisted
        ));
        assert!(matches!(verdict(|_| {}, &["o"], 10), Verdict::Refused(_)));
        let twice =
            |logged: &mut Logged| logged.body = Some(b"{\"action\":1,\"action\":2}".to_vec());
        assert!(matches!(verdict(twice, &["o"], 1_000), Verdict::Refused(_)));
    }
}
