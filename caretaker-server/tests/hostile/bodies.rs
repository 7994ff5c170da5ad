//! Bodies and headers, one row each. Only the body is signed; what is signed is read tolerantly.

use serde_json::json;

use crate::running::http::{Framing, Request};
use crate::running::{Running, SECRET, delivery};
use crate::{opened, refused};
use caretaker_testkit::world::signature;

/// What a row expects.
enum Expect {
    Accepted,
    Refused(u16, &'static str),
}

use Expect::{Accepted, Refused};

const UNSIGNED: Expect = Refused(401, "invalid_signature");
const INVALID: Expect = Refused(400, "invalid_body");
const NO_HEADER: Expect = Refused(400, "missing_header");

/// Sends every row to one server.
#[track_caller]
fn hold(rows: Vec<(&str, Request, Expect)>) {
    let dir = tempfile::tempdir().expect("a directory can be made");
    let server = Running::serve(dir.path(), &[]);
    for (at, (what, request, expect)) in rows.into_iter().enumerate() {
        let request = match expect {
            Accepted => request.header("X-GitHub-Delivery", &format!("guid-{at}")),
            Refused(..) => request,
        };
        let answer = server.send(&request);
        match expect {
            Accepted => {
                assert_eq!(answer.status, 202, "{what}: {}", answer.text);
                let told = json!({"delivery": format!("guid-{at}"), "status": "accepted"});
                assert_eq!(answer.json(), told, "{what}");
            }
            Refused(status, code) => refused(&answer, status, code, what),
        }
    }
    let answer = server.deliver("issues", "still-there", opened().to_string().as_bytes());
    assert_eq!(answer.word(), "accepted", "the server goes on");
}

fn signed(body: &[u8]) -> Request {
    delivery("issues", "g", body)
}

/// `opened` with one more field, as text.
fn with(field: &str) -> Vec<u8> {
    let whole = opened().to_string();
    format!("{{{field},{}", &whole[1..]).into_bytes()
}

fn nested(levels: usize) -> String {
    format!("{}{}", "[".repeat(levels), "]".repeat(levels))
}

#[test]
fn a_body_that_was_altered_on_the_way_is_not_signed() {
    let body = opened().to_string().into_bytes();
    let genuine = signed(&body);
    let mut altered = body.clone();
    let at = body.windows(5).position(|five| five == b"alice").unwrap();
    altered[at..at + 5].copy_from_slice(b"mallo");
    let half = &body[..body.len() / 2];
    // The same fields in another order say the same, but they are not what was signed.
    let reordered = r#"{"sender":{"login":"alice"},"action":"opened"}"#.as_bytes();
    let again = r#"{"action":"opened","sender":{"login":"alice"}}"#.as_bytes();
    hold(vec![
        ("genuine", genuine.clone(), Accepted),
        ("truncated", genuine.clone().carrying(half), UNSIGNED),
        ("truncated, signed anew", signed(half), INVALID),
        ("altered", genuine.clone().carrying(&altered), UNSIGNED),
        (
            "a byte appended",
            genuine.carrying(&[&body[..], b"\n"].concat()),
            UNSIGNED,
        ),
        ("reordered", signed(again).carrying(reordered), UNSIGNED),
        ("reordered, signed anew", signed(reordered), Accepted),
        ("empty, signed", signed(b""), INVALID),
        ("empty", signed(&body).carrying(b""), UNSIGNED),
    ]);
}

#[test]
fn depth_is_found_on_the_whole_body_skipped_parts_included() {
    let skipped = |levels| {
        let field = format!(
            r#""issue":{{"number":1,"reactions":{{"x":{}}}}}"#,
            nested(levels)
        );
        signed(&with(&field))
    };
    let objects = format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
    let brackets_in_text = format!(r#""note":"{}""#, "[".repeat(10_000));
    hold(vec![
        (
            "128 levels",
            signed(&with(&format!(r#""x":{}"#, nested(127)))),
            Accepted,
        ),
        (
            "129 levels",
            signed(&with(&format!(r#""x":{}"#, nested(128)))),
            INVALID,
        ),
        (
            "10 000 levels",
            signed(&with(&format!(r#""x":{}"#, nested(10_000)))),
            INVALID,
        ),
        ("128 levels in a skipped part", skipped(125), Accepted),
        ("129 levels in a skipped part", skipped(126), INVALID),
        ("10 000 levels in a skipped part", skipped(10_000), INVALID),
        ("10 000 objects", signed(objects.as_bytes()), INVALID),
        (
            "10 000 levels never closed",
            signed("[".repeat(10_000).as_bytes()),
            INVALID,
        ),
        (
            "10 000 brackets in a text",
            signed(&with(&brackets_in_text)),
            Accepted,
        ),
    ]);
}

#[test]
fn what_is_not_one_json_object_is_refused() {
    let mut rows = vec![
        (
            "not UTF-8",
            signed(&[&with(r#""x":""#)[..], &[0xff, 0xfe]].concat()),
            INVALID,
        ),
        (
            "a lone continuation byte in a text",
            signed(b"{\"action\":\"\x80\"}"),
            INVALID,
        ),
        (
            "half a surrogate pair escaped",
            signed(&with(r#""x":"\ud800""#)),
            Accepted,
        ),
        ("a form", signed(b"payload=%7B%7D"), INVALID),
        ("two objects", signed(b"{}{}"), INVALID),
        (
            "a comma too many",
            signed(br#"{"action":"opened",}"#),
            INVALID,
        ),
        ("a byte order mark", signed(b"\xef\xbb\xbf{}"), INVALID),
        ("NUL bytes", signed(b"\0\0\0\0"), INVALID),
        ("the empty object", signed(b"{}"), Accepted),
        ("blanks around it", signed(b" \r\n{}\t "), Accepted),
    ];
    for text in ["[]", "[{}]", "\"opened\"", "7", "null", "true", "-1e999"] {
        rows.push((text, signed(text.as_bytes()), INVALID));
    }
    hold(rows);
}

#[test]
fn a_deciding_field_that_occurs_twice_is_refused_any_other_is_not() {
    let row = |field: &str| signed(&with(field));
    hold(vec![
        ("action", row(r#""action":"closed""#), INVALID),
        ("action, escaped", row(r#""\u0061ction":"closed""#), INVALID),
        ("installation", row(r#""installation":{"id":8}"#), INVALID),
        ("repository", row(r#""repository":null"#), INVALID),
        ("sender", row(r#""sender":{"login":"octo"}"#), INVALID),
        ("issue", row(r#""issue":{"number":2}"#), Accepted),
        (
            "one further down",
            row(r#""x":{"action":1,"action":2}"#),
            Accepted,
        ),
    ]);
}

#[test]
fn fields_of_wrong_type_or_range_count_as_absent() {
    let odd = [
        "null",
        "0",
        "-1",
        "1.5",
        "1e400",
        "true",
        "\"\"",
        "[]",
        "[[]]",
        "{}",
        "{\"id\":-1}",
    ];
    let mut rows = Vec::new();
    for name in [
        "action",
        "installation",
        "repository",
        "sender",
        "issue",
        "organization",
    ] {
        for value in odd {
            let mut fields = opened();
            fields.as_object_mut().unwrap().remove(name);
            let rest = fields.to_string();
            let body = format!("{{\"{name}\":{value},{}", &rest[1..]);
            rows.push((name, signed(body.as_bytes()), Accepted));
        }
    }
    let huge = r#""installation":{"id":99999999999999999999999999}"#;
    rows.push((
        "a number beyond every integer",
        signed(format!("{{{huge}}}").as_bytes()),
        Accepted,
    ));
    let path = r#""repository":{"id":1,"full_name":"../..","name":"..","owner":{"login":"."}}"#;
    rows.push((
        "a name that climbs",
        signed(format!("{{{path}}}").as_bytes()),
        Accepted,
    ));
    hold(rows);
}

#[test]
fn required_headers_are_required_and_signatures_are_exact() {
    let body = opened().to_string().into_bytes();
    let good = signed(&body);
    let sign = |value: &[u8]| good.clone().raw("X-Hub-Signature-256", value);
    let right = signature(SECRET, &body);
    let bare = right.strip_prefix("sha256=").unwrap().to_owned();
    let cut = right.as_bytes()[..right.len() - 1].to_vec();
    hold(vec![
        (
            "no event",
            good.clone().without("X-GitHub-Event"),
            NO_HEADER,
        ),
        (
            "an empty event",
            good.clone().header("X-GitHub-Event", " "),
            NO_HEADER,
        ),
        (
            "no delivery",
            good.clone().without("X-GitHub-Delivery"),
            NO_HEADER,
        ),
        (
            "no signature",
            good.clone().without("X-Hub-Signature-256"),
            UNSIGNED,
        ),
        ("an empty signature", sign(b""), UNSIGNED),
        (
            "a signature that is no text",
            sign(b"sha256=\xff\xfe\xe4"),
            UNSIGNED,
        ),
        (
            "another secret's",
            sign(signature("other", &body).as_bytes()),
            UNSIGNED,
        ),
        ("without its prefix", sign(bare.as_bytes()), UNSIGNED),
        (
            "of another kind",
            sign(format!("sha1={bare}").as_bytes()),
            UNSIGNED,
        ),
        ("cut by one", sign(&cut), UNSIGNED),
        (
            "with one more",
            sign(format!("{right}0").as_bytes()),
            UNSIGNED,
        ),
        (
            "no hexadecimal",
            sign(format!("sha256={}", "g".repeat(64)).as_bytes()),
            UNSIGNED,
        ),
        (
            "an unknown event",
            good.clone().header("X-GitHub-Event", "invented"),
            Accepted,
        ),
        (
            "an event that is not the body's",
            good.clone().header("X-GitHub-Event", "push"),
            Accepted,
        ),
        (
            "an event with odd letters",
            good.clone().header("X-GitHub-Event", "../../x"),
            Accepted,
        ),
    ]);
}

#[test]
fn a_body_without_length_is_taken_and_one_cut_short_is_not() {
    let body = opened().to_string().into_bytes();
    hold(vec![
        (
            "in chunks",
            signed(&body).framed(Framing::Chunked),
            Accepted,
        ),
        (
            "in chunks, altered",
            signed(&body).carrying(b"{}").framed(Framing::Chunked),
            UNSIGNED,
        ),
        ("cut short", signed(&body).framed(Framing::Cut), INVALID),
    ]);
}

#[test]
fn other_routes_and_methods_have_the_same_shape_of_error() {
    let hook = |method| Request::of(method, "/webhooks/github", b"");
    hold(vec![
        ("a wrong method", hook("GET"), Refused(405, "wrong_method")),
        (
            "another wrong method",
            hook("DELETE"),
            Refused(405, "wrong_method"),
        ),
        (
            "health cannot be posted",
            Request::post("/health", b""),
            Refused(405, "wrong_method"),
        ),
        (
            "no such route",
            Request::post("/", b"{}"),
            Refused(404, "no_such_route"),
        ),
        (
            "one that climbs",
            Request::of("GET", "/../../etc/passwd", b""),
            Refused(404, "no_such_route"),
        ),
        (
            "a blank at the end",
            Request::post("/webhooks/github/", b"{}"),
            Refused(404, "no_such_route"),
        ),
    ]);
}

#[test]
fn a_ping_is_answered_and_kept_out_of_the_store() {
    let dir = tempfile::tempdir().expect("a directory can be made");
    let server = Running::serve(dir.path(), &[]);
    let answer = server.deliver("ping", "g", br#"{"zen":"Design for failure.","hook_id":1}"#);
    assert_eq!((answer.status, answer.word().as_str()), (200, "pong"));
    let forged = delivery("ping", "g", b"{}").carrying(b"{ }");
    refused(
        &server.send(&forged),
        401,
        "invalid_signature",
        "a forged ping",
    );
    assert_eq!(server.ask(&["journal", "export"]), "");
}

#[test]
fn a_repeat_is_a_duplicate_and_the_same_guid_of_another_hook_is_not() {
    let dir = tempfile::tempdir().expect("a directory can be made");
    let server = Running::serve(dir.path(), &[]);
    let body = opened().to_string();
    let by =
        |hook: &str| delivery("issues", "one", body.as_bytes()).header("X-GitHub-Hook-ID", hook);
    assert_eq!(server.send(&by("1")).word(), "accepted");
    assert_eq!(server.send(&by("1")).word(), "duplicate");
    assert_eq!(server.send(&by("2")).word(), "accepted");
}
