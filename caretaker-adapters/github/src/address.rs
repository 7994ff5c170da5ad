//! Where the API is, and how paths under it are written.
//!
//! Whatever address GitHub hands us (`Link`, `Location`), only its path and query are used, on our
//! own base URL: a token never travels to a host that an answer names.

use caretaker_core::ports::{Kind, PortError};
use url::Url;

/// The API's base URL, without a slash at its end.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    url: Url,
    prefix: String,
}

impl Base {
    /// Takes an http or https URL without user, password, query and fragment.
    pub(crate) fn new(url: Url) -> Result<Self, PortError> {
        let plain = matches!(url.scheme(), "https" | "http")
            && url.host().is_some()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !plain {
            return Err(PortError::new("forge.open", Kind::Invalid).detail(
                "the API address must be http or https with nothing but host, port and path; \
                 credentials have their own settings",
            ));
        }
        let prefix = url.path().trim_end_matches('/').to_owned();
        Ok(Self { url, prefix })
    }

    /// The full address of a path that begins with `/` and may carry a query.
    pub(crate) fn join(&self, path: &str) -> Url {
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.prefix));
        url.set_query(query);
        url
    }

    /// Path and query under our base of an address that GitHub wrote into a `Link`; `None` where
    /// it cannot be read.
    pub(crate) fn path_of(&self, address: &str) -> Option<String> {
        let url = self.url.join(address).ok()?;
        let path = url
            .path()
            .strip_prefix(&self.prefix)
            .filter(|rest| rest.starts_with('/'))
            .unwrap_or(url.path());
        Some(match url.query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        })
    }

    /// The same for a `Location`, which must also lie on our host.
    pub(crate) fn redirect_path(&self, location: &str) -> Option<String> {
        let url = self.url.join(location).ok()?;
        (url.origin() == self.url.origin())
            .then(|| self.path_of(url.as_str()))
            .flatten()
    }

    /// Whether it is this machine, where no proxy can help.
    pub(crate) fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// Whether what is sent can be read on the way.
    pub(crate) fn is_plain_text(&self) -> bool {
        self.url.scheme() == "http"
    }
}

/// Where GraphQL is answered beside a REST API: `/graphql` below it, on GitHub Enterprise Server
/// `/api/graphql` beside `/api/v3`.
pub(crate) fn graphql_beside(api: &Url) -> Url {
    let path = api.path().trim_end_matches('/');
    let front = match path.strip_suffix("/v3") {
        Some(front) if front.ends_with("/api") => front,
        Some(_) | None => path,
    };
    let mut url = api.clone();
    url.set_path(&format!("{front}/graphql"));
    url
}

/// One path segment or query value: everything but unreserved characters is escaped, `/` too.
pub(crate) fn escape(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            escaped.push(char::from(byte));
        } else {
            escaped.push('%');
            escaped.push(char::from(DIGITS[usize::from(byte >> 4)]));
            escaped.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    // A segment of dots only would be folded away as a directory.
    match escaped.as_str() {
        "." => "%2E".to_owned(),
        ".." => "%2E%2E".to_owned(),
        _ => escaped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> Base {
        Base::new(Url::parse(text).unwrap()).unwrap()
    }

    #[test]
    fn a_link_to_another_host_is_read_from_ours() {
        let ours = base("http://127.0.0.1:9/api/v3/");
        assert_eq!(
            ours.path_of("https://evil.example/api/v3/repos/o/r/issues?page=2"),
            Some("/repos/o/r/issues?page=2".to_owned())
        );
        assert_eq!(
            ours.join("/repos/o/r?x=1").as_str(),
            "http://127.0.0.1:9/api/v3/repos/o/r?x=1"
        );
    }

    #[test]
    fn a_redirect_elsewhere_is_no_redirect() {
        let ours = base("https://api.github.com");
        assert_eq!(ours.redirect_path("https://evil.example/x"), None);
        assert_eq!(ours.redirect_path("http://api.github.com/x"), None);
        assert_eq!(
            ours.redirect_path("https://api.github.com/repositories/1/issues/2"),
            Some("/repositories/1/issues/2".to_owned())
        );
    }

    #[test]
    fn an_address_with_a_password_is_refused() {
        let url = Url::parse("https://user:pass@api.github.com").unwrap();
        let error = Base::new(url).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("pass@"));
    }

    #[test]
    fn graphql_is_found_beside_rest() {
        for (rest, graphql) in [
            ("https://api.github.com", "https://api.github.com/graphql"),
            (
                "https://ghe.example/api/v3/",
                "https://ghe.example/api/graphql",
            ),
            ("http://127.0.0.1:9/v3", "http://127.0.0.1:9/v3/graphql"),
        ] {
            let beside = graphql_beside(&Url::parse(rest).unwrap());
            assert_eq!(beside.as_str(), graphql);
            assert_eq!(Base::new(beside).unwrap().join("").as_str(), graphql);
        }
    }

    #[test]
    fn names_from_outside_cannot_leave_their_segment() {
        assert_eq!(escape("feature/a b?#ü"), "feature%2Fa%20b%3F%23%C3%BC");
        assert_eq!(escape(".."), "%2E%2E");
        let url = base("https://api.github.com").join(&format!("/repos/o/{}", escape("..")));
        assert!(url.path().starts_with("/repos"), "{url}");
    }
}
