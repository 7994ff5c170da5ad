//! Requests written byte by byte, because well-made clients refuse to send the odd ones.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;

use serde_json::Value;

use super::PATIENCE;

/// A request to be.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    line: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    framing: Framing,
}

/// How the body's end is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// By its length.
    Length,
    /// In chunks, without a length.
    Chunked,
    /// By a length that is larger than what comes.
    Cut,
    /// By its length, and then nothing comes.
    Announced,
}

/// A request whose head the server has read.
pub(crate) struct Begun {
    stream: TcpStream,
    body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) text: String,
}

impl Request {
    pub(crate) fn post(path: &str, body: &[u8]) -> Self {
        Self::of("POST", path, body)
    }

    pub(crate) fn of(method: &str, path: &str, body: &[u8]) -> Self {
        Self {
            line: format!("{method} {path} HTTP/1.1"),
            headers: vec![("Content-Type".to_owned(), b"application/json".to_vec())],
            body: body.to_vec(),
            framing: Framing::Length,
        }
    }

    /// Adds a header, or replaces it.
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        self.raw(name, value.as_bytes())
    }

    /// The same with a value that need not be text.
    pub(crate) fn raw(self, name: &str, value: &[u8]) -> Self {
        let mut request = self.without(name);
        request.headers.push((name.to_owned(), value.to_vec()));
        request
    }

    /// Leaves a header out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers
            .retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self
    }

    /// Sends this body under the headers as they are.
    pub(crate) fn carrying(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }

    pub(crate) fn framed(mut self, framing: Framing) -> Self {
        self.framing = framing;
        self
    }

    /// Sends its head on a connection of its own, and waits until the server asks for the body.
    pub(crate) fn begin(&self, to: SocketAddr) -> Begun {
        let bytes = self.clone().header("Expect", "100-continue").bytes();
        let (head, body) = bytes.split_at(bytes.len() - self.body.len());
        let mut stream = connect(to);
        stream.write_all(head).expect("the server reads");
        let asked = b"HTTP/1.1 100 Continue\r\n\r\n";
        let mut answer = vec![0; asked.len()];
        stream.read_exact(&mut answer).expect("the server answers");
        assert_eq!(answer, asked, "{}", String::from_utf8_lossy(&answer));
        Begun {
            stream,
            body: body.to_vec(),
        }
    }

    /// Sends it on a connection of its own and reads what comes back, also while it still writes.
    pub(crate) fn send(&self, to: SocketAddr) -> Answer {
        let mut reading = connect(to);
        let mut writing = reading.try_clone().expect("sockets can be shared");
        let (bytes, cut) = (self.bytes(), self.framing == Framing::Cut);
        let writer = thread::spawn(move || {
            // A server that has heard enough stops reading; what it says is what counts.
            writing.write_all(&bytes).ok();
            if cut {
                writing.shutdown(Shutdown::Write).ok();
            }
        });
        let answer = Answer::from(&mut reading);
        reading.shutdown(Shutdown::Both).ok();
        writer.join().expect("the writer does not panic");
        answer
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes =
            format!("{}\r\nHost: test\r\nConnection: close\r\n", self.line).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        let length = self.body.len();
        match self.framing {
            Framing::Chunked => {
                bytes.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
                for chunk in self.body.chunks(16 * 1024) {
                    bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                    bytes.extend_from_slice(chunk);
                    bytes.extend_from_slice(b"\r\n");
                }
                bytes.extend_from_slice(b"0\r\n\r\n");
            }
            Framing::Length | Framing::Cut | Framing::Announced => {
                let more = usize::from(self.framing == Framing::Cut) * 10;
                let announced = format!("Content-Length: {}\r\n\r\n", length + more);
                bytes.extend_from_slice(announced.as_bytes());
                if self.framing != Framing::Announced {
                    bytes.extend_from_slice(&self.body);
                }
            }
        }
        bytes
    }
}

fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).expect("the server listens");
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("a span above zero");
    stream
}

impl Begun {
    /// Sends the body and reads what comes back.
    pub(crate) fn finish(mut self) -> Answer {
        self.stream.write_all(&self.body).expect("the server reads");
        Answer::from(&mut self.stream)
    }
}

/// Whether the head is there and as much of a body as it announces.
fn complete(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = field(head, "content-length").and_then(|length| length.parse().ok());
    length.is_some_and(|length: usize| body.len() >= length)
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

impl Answer {
    fn from(stream: &mut TcpStream) -> Self {
        let mut answer = Vec::new();
        let mut chunk = [0; 8192];
        while !complete(&answer) {
            match stream.read(&mut chunk) {
                Ok(0) | Err(_) => break,
                Ok(n) => answer.extend_from_slice(&chunk[..n]),
            }
        }
        Self::read(&answer)
    }

    fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        Self {
            status: status.unwrap_or_else(|| panic!("no answer, but {text:?}")),
            head: head.to_owned(),
            text: body.to_owned(),
        }
    }

    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        field(&self.head, name)
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// What became of a delivery; empty where the answer says none.
    pub(crate) fn word(&self) -> String {
        let json = self.json();
        json["status"].as_str().unwrap_or_default().to_owned()
    }
}
