//! One request, and the answer to it.

use bytes::Bytes;
use caretaker_core::ports::PortError;
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    error::{self, Doing},
    quota,
};

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) op: &'static str,
    pub(crate) doing: Doing,
    pub(crate) api: Api,
    pub(crate) method: Method,
    /// Path and query under the base; empty for GraphQL, which has one address.
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    /// In which of its forms the answer is wanted.
    pub(crate) media: Media,
    /// Bytes of an answer after which the rest is not read; without it a longer answer than
    /// [`super::LARGEST`] is a failure.
    pub(crate) cut_at: Option<usize>,
}

/// GitHub's media types: the same address answers in several forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    Json,
    /// The difference as `git diff` writes it.
    Diff,
    /// Contents as an object, also where they are a folder.
    Object,
}

impl Media {
    /// As the `Accept` header names it.
    pub(super) fn accept(self) -> &'static str {
        match self {
            Self::Json => "application/vnd.github+json",
            Self::Diff => "application/vnd.github.diff",
            Self::Object => "application/vnd.github.object+json",
        }
    }
}

/// Which of GitHub's two interfaces a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    Rest,
    GraphQl,
}

/// An answer with a status of success, and for GraphQL without errors in it.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) body: Bytes,
    /// The `Link` header.
    pub(crate) link: Option<String>,
    /// Whether the body was read to its end.
    pub(crate) whole: bool,
}

impl Request {
    pub(crate) fn read(op: &'static str, path: String) -> Self {
        Self {
            op,
            doing: Doing::Read,
            api: Api::Rest,
            method: Method::GET,
            path,
            body: None,
            media: Media::Json,
            cut_at: None,
        }
    }

    /// In another form than JSON.
    pub(crate) fn in_form(mut self, media: Media) -> Self {
        self.media = media;
        self
    }

    /// Of a longer answer only so many bytes.
    pub(crate) fn cut_at(mut self, bytes: usize) -> Self {
        self.cut_at = Some(bytes);
        self
    }

    pub(crate) fn write(
        op: &'static str,
        method: Method,
        path: String,
        body: Option<Value>,
    ) -> Self {
        Self {
            op,
            doing: Doing::Write,
            api: Api::Rest,
            method,
            path,
            body,
            media: Media::Json,
            cut_at: None,
        }
    }

    /// A document with its variables, to be sent to GraphQL.
    pub(crate) fn graphql(op: &'static str, doing: Doing, body: Value) -> Self {
        Self {
            op,
            doing,
            api: Api::GraphQl,
            method: Method::POST,
            path: String::new(),
            body: Some(body),
            media: Media::Json,
            cut_at: None,
        }
    }

    /// Which of GitHub's limits it counts against.
    pub(super) fn resource(&self) -> &'static str {
        match self.api {
            Api::Rest => quota::resource_of(&self.path),
            Api::GraphQl => "graphql",
        }
    }
}

impl Reply {
    /// The body as what was asked for.
    pub(crate) fn parse<T: DeserializeOwned>(&self, op: &'static str) -> Result<T, PortError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            // The parser quotes the body; where and what class of error is enough for operators.
            error::unintelligible(
                op,
                format!(
                    "the answer is not what was asked for ({:?} at line {} column {})",
                    error.classify(),
                    error.line(),
                    error.column()
                ),
            )
        })
    }
}
