//! What a handler is given and gives back: parameters, strict bodies, pages.

use std::collections::BTreeMap;

use serde_json::Value;

use super::wire::Incoming;
use crate::world::trouble::Trouble;
use crate::world::who::Who;

/// A request that found its route.
pub(super) struct Ask {
    params: Vec<(&'static str, String)>,
    pub(super) query: BTreeMap<String, String>,
    pub(super) body: Value,
    pub(super) who: Who,
    /// The media type that is wanted; empty where none is named.
    pub(super) accept: String,
    /// The repository of routes below one; 0 elsewhere.
    pub(super) repo: u64,
}

/// What a handler answers.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Value,
    /// Rows to page through, and the body's field they go to; without one they are the body.
    pub(super) rows: Option<(Option<&'static str>, Vec<Value>)>,
    /// Where the next page of a listing with cursors begins.
    pub(super) next: Option<String>,
    /// A text that is answered as it stands, and its media type.
    pub(super) text: Option<(&'static str, String)>,
    /// Where it sends on to.
    pub(super) location: Option<String>,
}

impl Reply {
    pub(super) fn ok(body: Value) -> Self {
        Self::with(200, body)
    }

    pub(super) fn with(status: u16, body: Value) -> Self {
        Self {
            status,
            body,
            rows: None,
            next: None,
            text: None,
            location: None,
        }
    }

    /// A page of a listing with cursors.
    pub(super) fn page(rows: Vec<Value>, next: Option<String>) -> Self {
        Self {
            next,
            ..Self::ok(Value::Array(rows))
        }
    }

    /// Not JSON but a text of this media type.
    pub(super) fn text(media: &'static str, text: String) -> Self {
        Self {
            text: Some((media, text)),
            ..Self::ok(Value::Null)
        }
    }

    pub(super) fn list(rows: Vec<Value>) -> Self {
        Self {
            status: 200,
            body: Value::Null,
            rows: Some((None, rows)),
            next: None,
            text: None,
            location: None,
        }
    }

    /// A listing inside an object.
    pub(super) fn listed(key: &'static str, rows: Vec<Value>, body: Value) -> Self {
        Self {
            status: 200,
            body,
            rows: Some((Some(key), rows)),
            next: None,
            text: None,
            location: None,
        }
    }

    /// A redirect.
    pub(super) fn led_to(status: u16, location: String) -> Self {
        Self {
            location: Some(location),
            ..Self::with(status, Value::Null)
        }
    }
}

impl Ask {
    pub(super) fn new(
        params: Vec<(&'static str, String)>,
        incoming: &Incoming,
        body: Value,
        who: Who,
    ) -> Result<Self, Trouble> {
        let mut query = BTreeMap::new();
        for pair in incoming.query().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decode(&value.replace('+', " "));
            let value = value.ok_or_else(|| Trouble::invalid("query").violation())?;
            query.insert(name.to_owned(), value);
        }
        Ok(Self {
            params,
            query,
            body,
            who,
            accept: incoming.header("accept").cloned().unwrap_or_default(),
            repo: 0,
        })
    }

    pub(super) fn param(&self, name: &str) -> Option<&str> {
        let found = self.params.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether one of GitHub's own forms of an answer is wanted: `diff`, `object`, `raw`.
    pub(super) fn wants(&self, form: &str) -> bool {
        let named = self.accept.strip_prefix("application/vnd.github.");
        let form_of = |rest: &str| rest.trim_start_matches("v3.").split('+').next() == Some(form);
        named.is_some_and(form_of)
    }

    /// A parameter of the route's own pattern.
    pub(super) fn text(&self, name: &str) -> &str {
        self.param(name).unwrap_or_default()
    }

    /// A number in the path; anything else names nothing.
    pub(super) fn number(&self, name: &str) -> Result<u64, Trouble> {
        self.text(name)
            .parse()
            .map_err(|_not_a_number| Trouble::not_found())
    }

    pub(super) fn asked(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// Refuses a body that is no object or has fields that the route does not know.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Trouble> {
        let Some(fields) = self.body.as_object() else {
            return Err(Trouble::invalid("the body is no object").violation());
        };
        match fields.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(Trouble::invalid(format!("unknown field {name}")).violation()),
            None => Ok(()),
        }
    }

    /// A field that must be text where it is there; `null` counts as absent.
    pub(super) fn field(&self, name: &str) -> Result<Option<&str>, Trouble> {
        match &self.body[name] {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text)),
            _ => Err(Trouble::invalid(format!("{name} is no text")).violation()),
        }
    }

    pub(super) fn need(&self, name: &str) -> Result<&str, Trouble> {
        let missing = || Trouble::invalid(format!("{name} is missing")).violation();
        self.field(name)?.ok_or_else(missing)
    }

    /// A list of texts; none where there is no such field.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, Trouble> {
        let wrong = || Trouble::invalid(format!("{name} is no list of texts")).violation();
        let rows = match &self.body[name] {
            Value::Null => return Ok(Vec::new()),
            Value::Array(rows) => rows.iter(),
            _ => return Err(wrong()),
        };
        let texts: Option<Vec<_>> = rows.map(|row| row.as_str().map(str::to_owned)).collect();
        texts.ok_or_else(wrong)
    }

    /// The rows of the page asked for, and the `Link` header that leads on.
    pub(super) fn page(
        &self,
        rows: Vec<Value>,
        base: &str,
        incoming: &Incoming,
    ) -> (Vec<Value>, Option<String>) {
        let asked = |name: &str| self.asked(name).and_then(|n| n.parse::<usize>().ok());
        let size = asked("per_page").unwrap_or(30).clamp(1, 100);
        let page = asked("page").unwrap_or(1).max(1);
        let last = rows.len().div_ceil(size).max(1);
        let others: Vec<_> = incoming
            .query()
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("page="))
            .collect();
        let link = |n: usize, rel: &str| {
            let page = format!("page={n}");
            let query: Vec<_> = others.iter().copied().chain([page.as_str()]).collect();
            let path = incoming.path();
            format!("<{base}{path}?{}>; rel=\"{rel}\"", query.join("&"))
        };
        let mut links = Vec::new();
        if page > 1 {
            links.push(link(page.min(last + 1) - 1, "prev"));
        }
        if page < last {
            links.push(link(page + 1, "next"));
            links.push(link(last, "last"));
        }
        if page > 1 {
            links.push(link(1, "first"));
        }
        let rows = rows
            .into_iter()
            .skip((page - 1) * size)
            .take(size)
            .collect();
        (rows, (!links.is_empty()).then(|| links.join(", ")))
    }
}

/// Undoes percent encoding; `None` for what is none.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let hex = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}
