//! Listings over several pages, read to their end or marked as incomplete.

use caretaker_core::{model::Listing, ports::PortError};
use serde::de::DeserializeOwned;

use crate::{
    address::Base,
    auth::Whom,
    client::{Client, Request},
};

/// Reads pages from `first` on until there is no next one or `cap` pages were read.
///
/// `rows` takes the rows out of a page.
pub(crate) async fn all<P: DeserializeOwned, T>(
    client: &Client,
    whom: Whom<'_>,
    op: &'static str,
    first: String,
    cap: u32,
    mut rows: impl FnMut(P) -> Vec<T>,
) -> Result<Listing<T>, PortError> {
    let mut listing = Listing::whole(Vec::new());
    let mut path = first;
    for _ in 0..cap {
        let reply = client.send(whom, &Request::read(op, path.clone())).await?;
        listing.rows.extend(rows(reply.parse(op)?));
        match next(client.base(), reply.link.as_deref()) {
            Next::None => return Ok(listing),
            Next::At(next) if next != path => path = next,
            // A listing that goes in circles, or whose next page cannot be found.
            Next::At(_) | Next::Unknown => break,
        }
    }
    listing.complete = false;
    Ok(listing)
}

/// Where the next page is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nowhere: this was the last.
    None,
    /// At this path and query, on our own base.
    At(String),
    /// Somewhere, but it cannot be told where.
    Unknown,
}

/// Reads a `Link` header (RFC 8288) for the next page.
pub(crate) fn next(base: &Base, link: Option<&str>) -> Next {
    let Some(mut rest) = link else {
        return Next::None;
    };
    while let Some(open) = rest.find('<') {
        let Some(length) = rest[open..].find('>') else {
            return Next::Unknown;
        };
        let address = &rest[open + 1..open + length];
        let after = &rest[open + length + 1..];
        let end = after.find('<').unwrap_or(after.len());
        let is_next = after[..end]
            .split([';', ','])
            .any(|part| matches!(part.trim(), "rel=\"next\"" | "rel=next"));
        if is_next {
            return base.path_of(address).map_or(Next::Unknown, Next::At);
        }
        rest = &after[end..];
    }
    Next::None
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    #[test]
    fn the_next_page_is_asked_for_at_our_own_address() {
        let base = Base::new(Url::parse("http://127.0.0.1:1/api/v3").unwrap()).unwrap();
        let link = "<https://h.example/api/v3/r?page=1>; rel=\"prev\", \
                    <https://h.example/api/v3/r?a=b,c&page=3>; rel=\"next\", \
                    <https://h.example/api/v3/r?page=9>; rel=\"last\"";
        assert_eq!(
            next(&base, Some(link)),
            Next::At("/r?a=b,c&page=3".to_owned())
        );
    }

    #[test]
    fn only_a_missing_next_is_an_end() {
        let base = Base::new(Url::parse("http://127.0.0.1:1").unwrap()).unwrap();
        assert_eq!(next(&base, None), Next::None);
        let last = "<http://127.0.0.1:1/r?page=1>; rel=\"prev\"";
        assert_eq!(next(&base, Some(last)), Next::None);
        assert_eq!(next(&base, Some("<http://cut")), Next::Unknown);
    }
}
