//! Takes what GitHub sends to the server, several at a time; on the way some is lost, repeated and
//! overtaken. What did not arrive is sent again later, as GitHub's list of deliveries lets people do.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use caretaker_core::intake::Headers;
use caretaker_core::model::DedupKey;
use caretaker_testkit::world::Hook;
use fastrand::Rng;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use reqwest::Client;
use tokio::runtime::Handle;

use crate::running::SECRET;

/// On the way at a time.
const AT_ONCE: usize = 8;
/// That wait before one is sent out of turn.
const POOL: usize = 24;

pub(crate) struct Postman {
    rng: Rng,
    /// Whether anything happens on the way.
    rough: bool,
    client: Client,
    waiting: Vec<Hook>,
    lost: Vec<Hook>,
    /// How often each was answered with 202.
    pub(crate) accepted: BTreeMap<DedupKey, u32>,
    pub(crate) turned_away: u64,
}

impl Postman {
    pub(crate) fn new(seed: u64, rough: bool) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            rough,
            client: client(),
            waiting: Vec::new(),
            lost: Vec::new(),
            accepted: BTreeMap::new(),
            turned_away: 0,
        }
    }

    /// Takes over what was just sent.
    pub(crate) fn take(&mut self, hooks: Vec<Hook>) {
        for hook in hooks {
            match self.rng.u32(..10) {
                0 if self.rough => self.lost.push(hook),
                1 if self.rough => self.waiting.extend([hook.clone(), hook]),
                _ => self.waiting.push(hook),
            }
        }
    }

    /// What was lost is sent again.
    pub(crate) fn find_the_lost(&mut self) {
        self.waiting.append(&mut self.lost);
    }

    pub(crate) fn has_nothing(&self) -> bool {
        self.waiting.is_empty() && self.lost.is_empty()
    }

    /// Sends what waits, but for the last few, so that later ones can overtake them; `all` sends
    /// those too. `after_first` is called when the first answer has come and others are on the way.
    pub(crate) fn send(
        &mut self,
        on: &Handle,
        to: SocketAddr,
        all: bool,
        mut after_first: Option<&mut dyn FnMut()>,
    ) {
        let keep = if self.rough && !all { POOL } else { 0 };
        while self.waiting.len() > keep {
            let mut batch = Vec::new();
            while batch.len() < AT_ONCE && self.waiting.len() > keep {
                let at = if self.rough {
                    self.rng.usize(..self.waiting.len())
                } else {
                    0
                };
                batch.push(self.waiting.remove(at));
            }
            self.send_batch(on, to, batch, after_first.take());
        }
    }

    fn send_batch(
        &mut self,
        on: &Handle,
        to: SocketAddr,
        batch: Vec<Hook>,
        mut after_first: Option<&mut dyn FnMut()>,
    ) {
        let client = self.client.clone();
        on.block_on(async {
            let mut sent: FuturesUnordered<_> = batch
                .into_iter()
                .map(|hook| post(client.clone(), to, hook))
                .collect();
            while let Some((hook, status)) = sent.next().await {
                match status {
                    Some(202) => *self.accepted.entry(key(&hook)).or_default() += 1,
                    Some(200) => {}
                    Some(503) | None => {
                        self.turned_away += 1;
                        self.lost.push(hook);
                    }
                    Some(other) => panic!("{}: answered with {other}", hook.event),
                }
                if let Some(then) = after_first.take() {
                    then();
                }
            }
        });
    }
}

async fn post(client: Client, to: SocketAddr, hook: Hook) -> (Hook, Option<u16>) {
    let mut request = client.post(format!("http://{to}/webhooks/github"));
    for (name, value) in hook.headers(SECRET) {
        request = request.header(name, value);
    }
    let answer = request.body(hook.body.clone()).send().await;
    (hook, answer.ok().map(|answer| answer.status().as_u16()))
}

/// Under what the server keeps it.
pub(crate) fn key(hook: &Hook) -> DedupKey {
    let headers = hook.headers(SECRET);
    let header = |wanted: &'static str| {
        let mut named = headers.iter();
        named
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.as_str())
    };
    Headers::read(header).unwrap().dedup_key()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test is itself the client that delivers webhooks"
)]
fn client() -> Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder().no_proxy().build().unwrap()
}
