//! What GitHub keeps on other hosts and leads to by a redirect with a signed address.
//!
//! That address is a secret of its own: it stands in no error and no log. Our token never goes
//! there.

use bytes::{Buf as _, Bytes, BytesMut};
use caretaker_core::ports::{Kind, PortError};
use reqwest::{StatusCode, header::CONTENT_RANGE, header::LOCATION, header::RANGE};
use url::Url;

use super::{Client, REDIRECTS, Raw, Request};
use crate::{
    auth::{Bearer, Whom},
    error::{self, unintelligible},
};

/// What is read of a file from its beginning; of a longer one only the end is asked for.
const STREAMED: u64 = 8 << 20;
/// What is read at most of a file that does not say how long it is.
const LONGEST: u64 = 64 << 20;

/// The end of a file.
#[derive(Debug)]
pub(crate) struct Tail {
    /// Its last bytes.
    pub(crate) bytes: Bytes,
    /// How long it is.
    pub(crate) total: u64,
}

impl Client {
    /// The last `most` bytes of the file that a route leads to. No more than that is held, plus
    /// what arrives at once.
    pub(crate) async fn tail(
        &self,
        whom: Whom<'_>,
        request: &Request,
        most: usize,
    ) -> Result<Tail, PortError> {
        let address = self.leads_to(whom, request).await?;
        let response = self.fetch(request.op, &address, None).await?;
        match response.content_length() {
            Some(length) if length > STREAMED.max(most as u64) => {
                drop(response);
                let from = length - most as u64;
                let response = self.fetch(request.op, &address, Some(from)).await?;
                let begins = begin(&response);
                if response.status() != StatusCode::PARTIAL_CONTENT || begins != Some(from) {
                    return Err(unintelligible(
                        request.op,
                        "the file is long, and its end cannot be asked for alone",
                    ));
                }
                end_of(request.op, response, most, from).await
            }
            Some(_) | None => end_of(request.op, response, most, 0).await,
        }
    }

    /// Where a route leads, asked as ourselves.
    async fn leads_to(&self, whom: Whom<'_>, request: &Request) -> Result<Url, PortError> {
        let bearer = self.auth.bearer(self, request.op, whom).await?;
        let mut raw = self.first(request, &bearer).await?;
        if raw.status == StatusCode::UNAUTHORIZED && self.auth.discard(whom, &bearer).await {
            let bearer = self.auth.bearer(self, request.op, whom).await?;
            raw = self.first(request, &bearer).await?;
        }
        if raw.status != StatusCode::FOUND {
            return Err(if raw.status.is_success() {
                unintelligible(request.op, "the route does not lead to the file")
            } else {
                self.refusal(request, &raw)
            });
        }
        let location = raw.headers.get(LOCATION);
        let address = location
            .and_then(|value| value.to_str().ok())
            .and_then(|text| Url::parse(text).ok());
        let safe = |address: &Url| {
            address.scheme() == "https" || (address.scheme() == "http" && self.base.is_plain_text())
        };
        address.filter(safe).ok_or_else(|| {
            unintelligible(request.op, "the route leads to no address that can be used")
        })
    }

    /// The route's own answer, behind whatever new name the repository has.
    async fn first(&self, request: &Request, bearer: &Bearer) -> Result<Raw, PortError> {
        let mut path = request.path.clone();
        for _ in 0..REDIRECTS {
            let raw = self.once(request, &path, Some(bearer)).await?;
            if !matches!(raw.status.as_u16(), 301 | 307 | 308) {
                return Ok(raw);
            }
            let next = raw.headers.get(LOCATION);
            let next = next
                .and_then(|value| value.to_str().ok())
                .and_then(|location| self.base.redirect_path(location));
            match next {
                Some(next) => path = next,
                None => return Ok(raw),
            }
        }
        Err(unintelligible(request.op, "the route leads in circles"))
    }

    /// Asks another host, as nobody; from a byte on, or from the beginning.
    async fn fetch(
        &self,
        op: &'static str,
        address: &Url,
        from: Option<u64>,
    ) -> Result<reqwest::Response, PortError> {
        let mut builder = self.http.get(address.clone());
        if let Some(from) = from {
            builder = builder.header(RANGE, format!("bytes={from}-"));
        }
        let response = builder
            .send()
            .await
            .map_err(|error| error::lost(op, error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        // What that host says of its own rights says nothing about ours.
        let kind = match status.as_u16() {
            404 | 410 => Kind::NotFound,
            300..=399 => Kind::Corrupt,
            _ => Kind::Unavailable,
        };
        let detail = format!("the host that keeps the file answered {}", status.as_u16());
        Err(PortError::new(op, kind).detail(detail))
    }
}

/// The first byte of a partial answer.
fn begin(response: &reqwest::Response) -> Option<u64> {
    let text = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    let (begin, _) = text.strip_prefix("bytes ")?.split_once('-')?;
    begin.parse().ok()
}

/// Reads to the end and keeps the last bytes; `from` is where the answer begins.
async fn end_of(
    op: &'static str,
    mut response: reqwest::Response,
    most: usize,
    from: u64,
) -> Result<Tail, PortError> {
    let mut kept = BytesMut::new();
    let mut total = from;
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| error::lost(op, error))?
    {
        total += chunk.len() as u64;
        if total - from > LONGEST {
            return Err(unintelligible(op, "the file is longer than 64 MiB"));
        }
        kept.extend_from_slice(&chunk[chunk.len().saturating_sub(most)..]);
        if kept.len() > most {
            kept.advance(kept.len() - most);
        }
    }
    Ok(Tail {
        bytes: kept.freeze(),
        total,
    })
}
