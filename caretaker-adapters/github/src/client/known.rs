//! Answers we have had before: what is asked again is asked conditionally.

use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use reqwest::header::{ETAG, HeaderMap};
use url::Url;

use super::{Client, link};
use crate::{
    auth::Bearer,
    cache::Cache,
    kept::{AnswerStore, KeptAnswer},
};

/// Under what an answer is remembered. An address answers each form with a tag of its own, and
/// each credential what that one may see.
pub(super) fn key(bearer: Option<&Bearer>, accept: &str, address: &Url) -> String {
    let scope = bearer.map_or("nobody", |bearer| bearer.scope.as_str());
    format!("{scope} {accept} {address}")
}

impl Client {
    /// From now on answers are kept there too.
    pub(crate) fn keep_in(&mut self, answers: Arc<dyn AnswerStore>) {
        self.kept = Some(answers);
    }

    /// The answer remembered, of this process or an earlier one.
    pub(super) async fn known(&self, key: &str) -> Option<KeptAnswer> {
        if let Some(known) = self.cached(|cache| cache.find(key)) {
            return Some(known);
        }
        let kept = self.kept.as_ref()?.find(key).await?;
        self.cached(|cache| cache.put(key.to_owned(), kept.clone()));
        Some(kept)
    }

    /// Remembers a whole answer, unless it has no tag.
    pub(super) fn remember(&self, key: &str, headers: &HeaderMap, body: &Bytes) {
        let etag = headers.get(ETAG).and_then(|value| value.to_str().ok());
        let Some(etag) = etag else {
            let was = self.cached(|cache| cache.forget(key));
            if let Some(kept) = self.kept.as_ref().filter(|_| was) {
                kept.forget(key);
            }
            return;
        };
        let answer = KeptAnswer {
            etag: etag.to_owned(),
            link: link(headers),
            body: body.clone(),
        };
        if let Some(kept) = &self.kept {
            kept.keep(key, &answer);
        }
        self.cached(|cache| cache.put(key.to_owned(), answer));
    }

    fn cached<T>(&self, with: impl FnOnce(&mut Cache) -> T) -> T {
        with(&mut self.cache.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
