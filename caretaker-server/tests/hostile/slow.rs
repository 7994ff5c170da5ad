//! Who is slow, silent or many: cut off in time, and others are served meanwhile.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;

use crate::running::http::{Framing, Request};
use crate::running::{PATIENCE, Running, delivery};
use crate::{opened, refused};

/// A connection that has sent this and nothing more.
fn begun(server: &Running, head: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).expect("the server listens");
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("deadlines can be set");
    stream.write_all(head).expect("the server reads");
    stream
}

/// Waits until the server closes the connection; what it said before.
fn closed(mut stream: TcpStream) -> String {
    let mut said = Vec::new();
    let mut chunk = [0; 1024];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => said.extend_from_slice(&chunk[..n]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("it is still open: {error}"),
        }
    }
    String::from_utf8_lossy(&said).into_owned()
}

fn accepts(server: &Running, guid: &str) {
    let answer = server.deliver("issues", guid, opened().to_string().as_bytes());
    assert_eq!(answer.word(), "accepted", "{}", answer.text);
}

const HALF: &[u8] = b"POST /webhooks/github HTTP/1.1\r\nHost: x\r\nX-Slow: ";

#[test]
fn a_head_that_does_not_end_and_a_silent_connection_are_closed() {
    let dir = tempfile::tempdir().unwrap();
    let env = [("CARETAKER_HTTP_HEADER_TIMEOUT_SECONDS", "1")];
    let server = Running::serve(dir.path(), &env);
    let slow = begun(&server, HALF);
    let silent = begun(&server, b"");
    let kept = begun(&server, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
    accepts(&server, "a");
    closed(silent);
    closed(slow);
    assert!(
        closed(kept).contains("200 OK"),
        "answered, then closed for silence"
    );
    accepts(&server, "b");
}

#[test]
fn a_body_that_dribbles_is_answered_in_time_and_holds_up_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let env = [("CARETAKER_HTTP_BODY_TIMEOUT_SECONDS", "1")];
    let server = Running::serve(dir.path(), &env);
    let large = vec![b' '; 25 * 1024 * 1024];
    let stuck = delivery("issues", "x", &large).framed(Framing::Announced);
    thread::scope(|scope| {
        // More than memory for bodies, if announcing one took any.
        for _ in 0..40 {
            scope.spawn(|| refused(&server.send(&stuck), 408, "body_timeout", "dribbling"));
        }
        for n in 0..10 {
            accepts(&server, &format!("g{n}"));
        }
    });
}

#[test]
fn a_thousand_idle_connections_make_room_for_who_has_something_to_say() {
    let dir = tempfile::tempdir().unwrap();
    let env = [
        ("CARETAKER_HTTP_MAX_CONNECTIONS", "100"),
        ("CARETAKER_HTTP_HEADER_TIMEOUT_SECONDS", "3600"),
    ];
    let server = Running::serve(dir.path(), &env);
    let mut idle: Vec<_> = (0..1_000)
        .map(|n| begun(&server, if n % 2 == 0 { b"" } else { HALF }))
        .collect();
    accepts(&server, "a");
    // The longest idle went first, and the youngest are still there.
    let youngest = idle.split_off(950);
    for stream in idle.drain(..900) {
        closed(stream);
    }
    for mut stream in youngest {
        stream.set_nonblocking(true).unwrap();
        let read = stream.read(&mut [0; 1]);
        let open = read.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
        assert!(open, "no more than needed are closed");
    }
    accepts(&server, "b");
}

#[test]
fn who_is_being_answered_keeps_its_place_however_many_come() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::serve(dir.path(), &[("CARETAKER_HTTP_MAX_CONNECTIONS", "2")]);
    let body = opened().to_string();
    let busy = server.begin("issues", "slow", body.as_bytes());
    for n in 0..20 {
        accepts(&server, &format!("g{n}"));
    }
    assert_eq!(busy.finish().word(), "accepted");
}

#[test]
fn floods_of_headers_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::serve(dir.path(), &[]);
    let many = |count: usize| {
        let fill = |request: Request, n| request.header(&format!("X-Flood-{n}"), "x");
        (0..count).fold(delivery("issues", "g", b"{}"), fill)
    };
    assert_eq!(server.send(&many(60)).status, 202);
    assert_eq!(server.send(&many(150)).status, 431, "too many");
    let endless = begun(&server, HALF);
    let mut writing = endless.try_clone().unwrap();
    let flood = thread::spawn(move || while writing.write_all(&[b'x'; 4096]).is_ok() {});
    closed(endless);
    flood.join().unwrap();
    accepts(&server, "after");
}
