//! Deliveries sent as forms: `payload=` and the JSON, percent-encoded.
//!
//! GitHub signs and we keep the form's own bytes; the JSON is read out of them wherever it is
//! needed. Decoded here by hand: it is one rule of the URL standard (application/x-www-form-urlencoded
//! parsing), and core takes no crate for it.

use std::borrow::Cow;

/// The field that holds the JSON.
const FIELD: &[u8] = b"payload";

/// The JSON of a form; `None` when the form has not exactly one `payload`, or it holds a `%` that
/// two hexadecimal digits do not follow.
pub fn payload(form: &[u8]) -> Option<Vec<u8>> {
    let mut found = None;
    for field in form.split(|byte| *byte == b'&') {
        let mut halves = field.splitn(2, |byte| *byte == b'=');
        let name = decoded(halves.next().unwrap_or_default())?;
        if name != FIELD {
            continue;
        }
        if found.is_some() {
            return None;
        }
        found = Some(halves.next().unwrap_or_default());
    }
    decoded(found?)
}

/// The JSON of a kept body, whichever way it came. An object begins with a brace and a form never
/// does, so the bytes tell; the header that said so is not signed.
pub(super) fn json(body: &[u8]) -> Cow<'_, [u8]> {
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') | None => Cow::Borrowed(body),
        Some(_) => payload(body).map_or(Cow::Borrowed(body), Cow::Owned),
    }
}

fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let value = digit(rest.next())? * 16 + digit(rest.next())?;
                u8::try_from(value).ok()?
            }
            other => *other,
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn read(form: &str) -> Option<String> {
        payload(form.as_bytes()).map(|json| String::from_utf8(json).unwrap())
    }

    #[test]
    fn the_payload_is_decoded_and_other_fields_are_skipped() {
        let json = r#"{"a":"b c+d"}"#;
        let form = "payload=%7B%22a%22%3A%22b+c%2Bd%22%7D";
        assert_eq!(read(form).as_deref(), Some(json));
        assert_eq!(read(&format!("x=1&{form}&y")).as_deref(), Some(json));
        assert_eq!(read("pay%6coad=7").as_deref(), Some("7"));
    }

    #[test]
    fn none_two_or_a_broken_one_is_no_payload() {
        for form in [
            "",
            "x=1",
            "payloads=1",
            "payload=1&payload=2",
            "payload=1&p%61yload=2",
            "payload=%",
            "payload=%7",
            "payload=%zz",
            "%=1&payload=1",
        ] {
            assert_eq!(read(form), None, "{form}");
        }
    }

    #[test]
    fn json_stays_as_it_is_and_a_form_becomes_its_payload() {
        assert_eq!(json(b" {\"payload\":1}").as_ref(), b" {\"payload\":1}");
        assert_eq!(json(b"payload=%7B%7D").as_ref(), b"{}");
        assert_eq!(json(b"neither").as_ref(), b"neither");
    }

    proptest! {
        #[test]
        fn what_is_encoded_comes_back(json in proptest::collection::vec(any::<u8>(), 0..80)) {
            let mut encoded = String::new();
            for byte in &json {
                write!(encoded, "%{byte:02X}").unwrap();
            }
            prop_assert_eq!(payload(format!("payload={encoded}").as_bytes()), Some(json));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            payload(&bytes);
            json(&bytes);
        }
    }
}
