//! The one place where requests leave: authentication, deadline, conditional requests, redirects,
//! size bound, tracing.
//!
//! No write is ever sent twice from here, except after a 401, which says that nothing was done.
//! A reading is sent again once when its connection broke before an answer came.

mod download;
mod known;
mod request;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use caretaker_core::{
    model::{Class, Span, Timestamp},
    ports::{Clock, Kind, PortError},
};
use reqwest::{
    Method, StatusCode,
    header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, IF_NONE_MATCH, LINK, LOCATION},
    redirect,
};
use url::Url;

pub(crate) use download::Tail;
pub(crate) use request::{Api, Media, Reply, Request};

use crate::{
    address::Base,
    auth::{Auth, Bearer, Whom},
    cache::Cache,
    error::{self, Doing},
    kept::AnswerStore,
    limits,
    pace::{self, Pace},
    quota::Quota,
};

const CONNECT: Duration = Duration::from_secs(5);
/// Redirects followed for one reading.
const REDIRECTS: usize = 3;
/// A page of a hundred of GitHub's longest comments is under 7 MB.
const LARGEST: usize = 16 << 20;
/// What is read of an answer that is no success.
const LARGEST_ERROR: usize = 64 << 10;
const CACHE: usize = 32 << 20;

/// Talks to one GitHub as one identity.
pub(crate) struct Client {
    http: reqwest::Client,
    base: Base,
    /// `None` where only REST is to be used.
    graphql: Option<Base>,
    auth: Auth,
    quota: Quota,
    pace: Pace,
    cache: Mutex<Cache>,
    /// Answers beyond the process.
    kept: Option<Arc<dyn AnswerStore>>,
    clock: Arc<dyn Clock>,
}

/// An answer of any status.
struct Raw {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    whole: bool,
}

impl Client {
    pub(crate) fn new(
        base: Base,
        graphql: Option<Base>,
        auth: Auth,
        deadline: Duration,
        write_pace: Span,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, PortError> {
        const OP: &str = "forge.open";
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(PortError::new(OP, Kind::Invalid)
                .detail("install the process's crypto provider first"));
        }
        let mut bases = std::iter::once(&base).chain(&graphql);
        if bases.any(|base| base.is_plain_text() && !base.is_loopback()) {
            tracing::warn!("the API address is plain http: tokens can be read on the way");
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("caretaker/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT.min(deadline))
            .timeout(deadline)
            .redirect(redirect::Policy::none())
            .referer(false);
        if base.is_loopback() {
            builder = builder.no_proxy();
        }
        let http = builder
            .build()
            .map_err(PortError::wrap(OP, Kind::Invalid))?;
        Ok(Self {
            http,
            base,
            graphql,
            auth,
            quota: Quota::default(),
            pace: Pace::new(write_pace),
            cache: Mutex::new(Cache::new(CACHE)),
            kept: None,
            clock,
        })
    }

    pub(crate) fn auth(&self) -> &Auth {
        &self.auth
    }

    pub(crate) fn base(&self) -> &Base {
        &self.base
    }

    /// `RateLimited` where what is left of the limit is kept for more urgent work.
    pub(crate) fn spare(
        &self,
        op: &'static str,
        whom: Whom<'_>,
        class: Class,
    ) -> Result<(), PortError> {
        let holder = self.auth.holder(whom);
        self.quota.spare(op, &holder, class, self.clock.as_ref())
    }

    /// Whether GraphQL may be used.
    pub(crate) fn has_graphql(&self) -> bool {
        self.graphql.is_some()
    }

    fn address(&self, request: &Request, path: &str) -> Result<Url, PortError> {
        match (request.api, &self.graphql) {
            (Api::Rest, _) => Ok(self.base.join(path)),
            (Api::GraphQl, Some(base)) => Ok(base.join("")),
            (Api::GraphQl, None) => Err(PortError::new(request.op, Kind::Invalid)
                .detail("only GraphQL can do this, and it is switched off")),
        }
    }

    /// The one send function. An error unless the status is one of success.
    pub(crate) async fn send(&self, whom: Whom<'_>, request: &Request) -> Result<Reply, PortError> {
        let repo = match whom {
            Whom::Repo(repo) | Whom::Writing(repo, _) | Whom::Person(repo) => Some(repo.key.id()),
            Whom::App | Whom::Named(..) | Whom::Installation(_) | Whom::User => None,
        };
        // Before a token is minted, which would be no use.
        let holder = self.auth.holder(whom);
        self.admit(request, &holder)?;
        let bearer = self.auth.bearer(self, request.op, whom).await?;
        let _turn = match request.doing {
            Doing::Write => {
                let content = pace::makes_content(&request.method, &request.path);
                let clock = self.clock.as_ref();
                Some(self.pace.turn(request.op, &holder, content, clock).await?)
            }
            Doing::Read | Doing::Mint => None,
        };
        let raw = self.follow(request, Some(&bearer), repo).await?;
        if raw.status == StatusCode::UNAUTHORIZED && self.auth.discard(whom, &bearer).await {
            let bearer = self.auth.bearer(self, request.op, whom).await?;
            return self.exchange(request, &bearer, repo).await;
        }
        self.judged(request, raw)
    }

    /// One exchange with what is to be shown; for [`Auth`], which makes what others show.
    pub(crate) async fn exchange(
        &self,
        request: &Request,
        bearer: &Bearer,
        repo: Option<u64>,
    ) -> Result<Reply, PortError> {
        self.admit(request, &bearer.identity)?;
        let raw = self.follow(request, Some(bearer), repo).await?;
        self.judged(request, raw)
    }

    /// Whether anything answers, and what it says the time is.
    pub(crate) async fn knock(&self, path: &str) -> Result<Option<Timestamp>, PortError> {
        let request = Request::read("forge.reach", path.to_owned());
        let raw = self.follow(&request, None, None).await?;
        if raw.status.is_server_error() {
            return Err(self.refusal(&request, &raw));
        }
        Ok(limits::date(&raw.headers))
    }

    fn admit(&self, request: &Request, holder: &str) -> Result<(), PortError> {
        let resource = request.resource();
        self.quota
            .admit(request.op, holder, resource, self.clock.as_ref())
    }

    /// Learns from an answer what is left, and whether to stay away.
    fn learn(&self, request: &Request, bearer: Option<&Bearer>, raw: &Raw) {
        let Some(bearer) = bearer else { return };
        let (holder, resource) = (&bearer.identity, request.resource());
        let clock = self.clock.as_ref();
        self.quota.note(holder, resource, &raw.headers, clock);
        if matches!(raw.status.as_u16(), 403 | 429)
            && let Kind::RateLimited(wait) = self.refusal(request, raw).kind
        {
            self.quota.close(holder, resource, wait, clock);
        }
    }

    fn judged(&self, request: &Request, raw: Raw) -> Result<Reply, PortError> {
        if raw.status.is_success() {
            if request.api == Api::GraphQl {
                let now = self.clock.now();
                error::within(request.op, request.doing, &raw.headers, &raw.body, now)?;
            }
            return Ok(Reply {
                link: link(&raw.headers),
                body: raw.body,
                whole: raw.whole,
            });
        }
        Err(self.refusal(request, &raw))
    }

    fn refusal(&self, request: &Request, raw: &Raw) -> PortError {
        error::judge(
            request.op,
            request.doing,
            raw.status.as_u16(),
            &raw.headers,
            &raw.body,
            self.clock.now(),
        )
    }

    async fn follow(
        &self,
        request: &Request,
        bearer: Option<&Bearer>,
        repo: Option<u64>,
    ) -> Result<Raw, PortError> {
        let mut path = request.path.clone();
        let mut left = REDIRECTS;
        loop {
            let raw = self.once(request, &path, bearer).await?;
            self.learn(request, bearer, &raw);
            let moved = matches!(raw.status.as_u16(), 301 | 302 | 307 | 308);
            if request.method != Method::GET || !moved || left == 0 {
                return Ok(raw);
            }
            let Some(next) = raw
                .headers
                .get(LOCATION)
                .and_then(|value| value.to_str().ok())
                .and_then(|location| self.base.redirect_path(location))
            else {
                return Ok(raw);
            };
            // A renamed repository keeps its number; an issue moved to another one is gone here.
            if let (Some(ours), Some(other)) = (repo, repository_in(&next))
                && ours != other
            {
                return Err(PortError::new(request.op, Kind::NotFound)
                    .detail("it was moved to another repository"));
            }
            left -= 1;
            path = next;
        }
    }

    /// One exchange over the wire, remembered and revalidated where it is a reading.
    async fn once(
        &self,
        request: &Request,
        path: &str,
        bearer: Option<&Bearer>,
    ) -> Result<Raw, PortError> {
        let cacheable = request.method == Method::GET;
        let address = self.address(request, path)?;
        let accept = request.media.accept();
        let key = known::key(bearer, accept, &address);
        let known = if cacheable {
            self.known(&key).await
        } else {
            None
        };
        let started = self.clock.monotonic();
        let send = || {
            let mut builder = self
                .http
                .request(request.method.clone(), address.clone())
                .header(ACCEPT, accept)
                .header("x-github-api-version", "2022-11-28");
            if let Some(bearer) = bearer {
                builder = builder.header(AUTHORIZATION, bearer.header.clone());
            }
            if let Some(etag) = known
                .as_ref()
                .and_then(|k| HeaderValue::from_str(&k.etag).ok())
            {
                builder = builder.header(IF_NONE_MATCH, etag);
            }
            if let Some(body) = &request.body {
                builder = builder.json(body);
            }
            builder.send()
        };
        // A question changes nothing, also where GraphQL takes it as a POST.
        let repeatable = request.doing == Doing::Read;
        let mut response = match send().await {
            Err(error) if repeatable && error.is_request() && !error.is_timeout() => send().await,
            other => other,
        }
        .map_err(|error| error::lost(request.op, error))?;
        let status = response.status();
        let mut headers = std::mem::take(response.headers_mut());
        tracing::debug!(
            op = request.op,
            method = %request.method,
            status = status.as_u16(),
            millis = (self.clock.monotonic().as_millis() - started.as_millis()),
            "asked GitHub"
        );
        if status == StatusCode::NOT_MODIFIED {
            let Some(known) = known else {
                return Err(error::unintelligible(
                    request.op,
                    "unchanged, but nothing was known",
                ));
            };
            if let Some(link) = known
                .link
                .and_then(|link| HeaderValue::from_str(&link).ok())
            {
                headers.insert(LINK, link);
            }
            return Ok(Raw {
                status: StatusCode::OK,
                headers,
                body: known.body,
                whole: true,
            });
        }
        let (body, whole) = match body(request, status, response).await {
            Ok(body) => body,
            // The status has said that it took effect; the rest is not needed.
            Err(_) if request.doing == Doing::Write && status.is_success() => (Bytes::new(), false),
            Err(error) => return Err(error),
        };
        if cacheable && whole && status == StatusCode::OK {
            self.remember(&key, &headers, &body);
        }
        Ok(Raw {
            status,
            headers,
            body,
            whole,
        })
    }
}

/// The body, up to what can be an honest answer, and whether that is all of it.
async fn body(
    request: &Request,
    status: StatusCode,
    mut response: reqwest::Response,
) -> Result<(Bytes, bool), PortError> {
    let op = request.op;
    let mut body = BytesMut::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| error::lost(op, error))?
    {
        if !status.is_success() && body.len() + chunk.len() > LARGEST_ERROR {
            break;
        }
        if let Some(cut) = request.cut_at
            && body.len() + chunk.len() > cut
        {
            body.extend_from_slice(&chunk[..cut - body.len()]);
            return Ok((body.freeze(), false));
        }
        if body.len() + chunk.len() > LARGEST {
            return Err(error::unintelligible(
                op,
                "the answer is larger than 16 MiB",
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((body.freeze(), true))
}

fn link(headers: &HeaderMap) -> Option<String> {
    Some(headers.get(LINK)?.to_str().ok()?.to_owned())
}

/// The number in `/repositories/<number>/…`, as redirects spell it.
fn repository_in(path: &str) -> Option<u64> {
    let rest = path.strip_prefix("/repositories/")?;
    rest.split(['/', '?']).next()?.parse().ok()
}
