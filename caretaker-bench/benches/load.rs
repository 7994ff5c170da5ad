//! Signed deliveries over connections that stay open: the same bytes to every receiver.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use caretaker_testkit::world::signature;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// With what deliveries are signed here.
pub(super) const SECRET: &str = "a secret of benchmarks";
/// Connections side by side.
const CONNECTIONS: usize = 32;

/// Steps of 100 ns, in which GUIDs of version 1 count, between two deliveries: 4 000 a second.
const TICKS: u64 = 2_500;

/// No delivery of one process repeats an id.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A delivery but for its id.
#[derive(Clone)]
pub(super) struct Payload {
    head: String,
    body: Vec<u8>,
}

impl Payload {
    pub(super) fn new(event: &str, body: &[u8]) -> Self {
        let head = format!(
            "POST /webhooks/github HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nX-GitHub-Event: {event}\r\nX-Hub-Signature-256: {}\r\n",
            body.len(),
            signature(SECRET, body)
        );
        Self {
            head,
            body: body.to_vec(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.body.len()
    }

    fn write_to(&self, request: &mut Vec<u8>) {
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        request.clear();
        request.extend_from_slice(self.head.as_bytes());
        // As in GitHub's own example the first group counts time, and goes round.
        let time = n.wrapping_mul(TICKS) & 0xffff_ffff;
        let id = format!("X-GitHub-Delivery: {time:08x}-cc78-11e3-81ab-{n:012x}\r\n\r\n");
        request.extend_from_slice(id.as_bytes());
        request.extend_from_slice(&self.body);
    }
}

/// How many deliveries are accepted while all connections send for this long, and in how many
/// seconds: the last answers come a little later.
pub(super) async fn flood(
    to: SocketAddr,
    payloads: &[Payload],
    span: Duration,
) -> anyhow::Result<(f64, f64)> {
    let began = Instant::now();
    let until = began + span;
    let mut connections = JoinSet::new();
    for at in 0..CONNECTIONS {
        // Each begins elsewhere, so that sizes are mixed at every moment.
        let mut mine = payloads.to_vec();
        mine.rotate_left(at * payloads.len() / CONNECTIONS);
        connections.spawn(async move {
            let mut connection = Connection::open(to).await?;
            let mut sent = 0_u32;
            for payload in mine.iter().cycle() {
                if Instant::now() >= until {
                    break;
                }
                connection.deliver(payload).await?;
                sent += 1;
            }
            anyhow::Ok(sent)
        });
    }
    let mut sent = 0.0;
    while let Some(ended) = connections.join_next().await {
        sent += f64::from(ended.context("a connection panicked")??);
    }
    Ok((sent, began.elapsed().as_secs_f64()))
}

/// Delivers each once, all connections together.
pub(super) async fn send(to: SocketAddr, payloads: &[Payload]) -> anyhow::Result<()> {
    let mut connections = JoinSet::new();
    for at in 0..CONNECTIONS {
        let mine = payloads.iter().skip(at).step_by(CONNECTIONS);
        let mine: Vec<Payload> = mine.cloned().collect();
        connections.spawn(async move {
            let mut connection = Connection::open(to).await?;
            for payload in &mine {
                connection.deliver(payload).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = connections.join_next().await {
        ended.context("a connection panicked")??;
    }
    Ok(())
}

/// Delivers so many per second, evenly, whether or not earlier ones are answered: milliseconds
/// from when each was due to its answer.
///
/// Timers wake to the millisecond, so that up to two of these may be the sender's.
#[expect(
    clippy::disallowed_methods,
    reason = "real deliveries come in real time"
)]
pub(super) async fn pace(
    to: SocketAddr,
    payloads: &[Payload],
    per_second: f64,
    span: Duration,
) -> anyhow::Result<Vec<f64>> {
    let began = tokio::time::Instant::now();
    let gap = Duration::from_secs_f64(1.0 / per_second);
    let mut connections = JoinSet::new();
    for at in 0..CONNECTIONS {
        let mut mine = payloads.to_vec();
        mine.rotate_left(at * payloads.len() / CONNECTIONS);
        let first = began + gap.mul_f64(f64::from(u32::try_from(at)?));
        let step = gap.mul_f64(f64::from(u32::try_from(CONNECTIONS)?));
        connections.spawn(async move {
            let mut connection = Connection::open(to).await?;
            let (mut due, mut awaited) = (first, Vec::new());
            for payload in mine.iter().cycle() {
                if due >= began + span {
                    break;
                }
                tokio::time::sleep_until(due).await;
                connection.deliver(payload).await?;
                awaited.push(due.elapsed().as_secs_f64() * 1e3);
                due += step;
            }
            anyhow::Ok(awaited)
        });
    }
    let mut awaited = Vec::new();
    while let Some(ended) = connections.join_next().await {
        awaited.extend(ended.context("a connection panicked")??);
    }
    Ok(awaited)
}

/// A connection that stays open.
pub(super) struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(to: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(to).await.context("connecting")?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            request: Vec::new(),
            answer: Vec::new(),
        })
    }

    /// Sends one and waits until it is accepted.
    pub(super) async fn deliver(&mut self, payload: &Payload) -> anyhow::Result<()> {
        payload.write_to(&mut self.request);
        self.stream.write_all(&self.request).await?;
        let status = self.answer().await?;
        // A ping is answered and not kept.
        ensure!(
            matches!(status, 200 | 202),
            "a delivery was answered with {status}: {}",
            String::from_utf8_lossy(&self.answer)
        );
        Ok(())
    }

    /// Asks for a page; its status.
    pub(super) async fn get(&mut self, path: &str) -> anyhow::Result<u16> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        self.stream.write_all(request.as_bytes()).await?;
        self.answer().await
    }

    /// Reads one answer whole; its status.
    async fn answer(&mut self) -> anyhow::Result<u16> {
        self.answer.clear();
        loop {
            if let Some((status, length)) = told(&self.answer)?
                && self.answer.len() >= length
            {
                return Ok(status);
            }
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                bail!("the receiver hung up");
            }
        }
    }
}

/// Status and whole length of an answer, once its head is there.
fn told(answer: &[u8]) -> anyhow::Result<Option<(u16, usize)>> {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&answer[..end])?;
    let status = head.get(9..12).context("a status")?.parse()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let wanted = name.eq_ignore_ascii_case("content-length");
        wanted.then(|| value.trim().parse::<usize>())
    });
    Ok(Some((status, end + 4 + length.unwrap_or(Ok(0))?)))
}
