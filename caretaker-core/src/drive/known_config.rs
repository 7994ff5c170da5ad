//! What we know of a repository's configuration: the last good version stays in force.
//!
//! Kept in our memory under [`crate::guard::last_look::CONFIG_KEY`] and asked anew when it is
//! older than five minutes or a push may have touched the file. An unavailable forge leaves the
//! known version in force; with none known the event waits. An invalid file never counts as an
//! absent one.

use serde::{Deserialize, Serialize};

use super::Worker;
use crate::config::Config;
use crate::guard::last_look::CONFIG_KEY;
use crate::model::{
    Answer, ConfigState, ConfigUsed, ForgeQuery, Json, RepoKey, RepoRef, Sha, Span, Timestamp,
};
use crate::ports::{Freshness, Kind, PortError, Ports, Write};

/// How long an answer counts before the forge is asked again.
const FRESH_FOR: Span = Span::minutes(5);

/// What was found, and what is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownConfig {
    /// What was found last.
    pub state: ConfigState,
    /// The commit that changed the file last, valid or not.
    pub seen_commit: Option<Sha>,
    /// The commit of the text in force.
    pub good_commit: Option<Sha>,
    /// The text in force.
    pub good_text: Option<String>,
    /// What is wrong with the file as it is, by line.
    pub problems: Vec<String>,
    /// When it was asked last.
    pub checked_at: Timestamp,
}

impl KnownConfig {
    /// What a run records of it.
    pub fn used(&self) -> ConfigUsed {
        ConfigUsed {
            state: self.state,
            commit: self.good_commit.clone(),
        }
    }

    /// The configuration in force; defaults where there never was a valid file.
    pub fn config(&self) -> Config {
        self.good_text
            .as_deref()
            .and_then(|text| Config::parse(text).config)
            .unwrap_or_default()
    }

    /// What follows from an answer, given what was known.
    fn after(
        found: Option<crate::model::ConfigFile>,
        before: Option<&Self>,
        now: Timestamp,
    ) -> Self {
        let Some(file) = found else {
            return Self {
                state: ConfigState::Absent,
                seen_commit: None,
                good_commit: None,
                good_text: None,
                problems: Vec::new(),
                checked_at: now,
            };
        };
        let parsed = Config::parse(&file.text);
        if parsed.config.is_some() {
            return Self {
                state: ConfigState::Valid,
                seen_commit: Some(file.commit.clone()),
                good_commit: Some(file.commit),
                good_text: Some(file.text),
                problems: Vec::new(),
                checked_at: now,
            };
        }
        let good_text = before.and_then(|known| known.good_text.clone());
        Self {
            state: if good_text.is_some() {
                ConfigState::LastGood
            } else {
                ConfigState::NeverValid
            },
            seen_commit: Some(file.commit),
            good_commit: before.and_then(|known| known.good_commit.clone()),
            good_text,
            problems: parsed.problems.iter().map(ToString::to_string).collect(),
            checked_at: now,
        }
    }
}

/// What our memory says, without asking the forge.
pub async fn remembered(
    ports: &Ports,
    repo: &RepoKey,
) -> Result<Option<(u64, KnownConfig)>, PortError> {
    let Some(versioned) = ports.storage.value(repo, CONFIG_KEY).await? else {
        return Ok(None);
    };
    let known = versioned
        .value
        .decode()
        .map_err(|why| PortError::new("state.value.config", Kind::Corrupt).detail(why))?;
    Ok(Some((versioned.version, known)))
}

/// The configuration to decide under, asked anew where needed, without changing our memory.
pub async fn look(
    ports: &Ports,
    repo: &RepoRef,
    before: Option<&KnownConfig>,
    now: Timestamp,
) -> Result<KnownConfig, PortError> {
    let answers = ports
        .forge
        .read(repo, &[ForgeQuery::ConfigFile], Freshness::Shared)
        .await;
    let found = match answers.into_iter().next() {
        Some(Ok(Answer::ConfigFile(file))) => Some(file),
        Some(Err(error)) if error.kind == Kind::NotFound => None,
        Some(Err(error)) => return Err(error),
        Some(Ok(_)) | None => return Err(PortError::new("forge.read.config_file", Kind::Corrupt)),
    };
    Ok(KnownConfig::after(found, before, now))
}

/// The configuration to decide under; keeps what it learned. `pushed`: a push may have touched
/// the file, so what is known counts as old.
pub async fn load(
    ports: &Ports,
    worker: &Worker,
    repo: &RepoRef,
    pushed: bool,
    now: Timestamp,
) -> Result<KnownConfig, PortError> {
    let before = remembered(ports, &repo.key).await?;
    if let Some((_, known)) = &before
        && !pushed
        && now.since(known.checked_at) < FRESH_FOR
    {
        return Ok(known.clone());
    }
    let known = before.as_ref().map(|(_, known)| known);
    match look(ports, repo, known, now).await {
        Ok(found) => {
            let value = Json::of(&found)
                .map_err(|why| PortError::new("state.put.config", Kind::Invalid).detail(why))?;
            let put = Write::Put {
                repo: repo.key.clone(),
                key: CONFIG_KEY.to_owned(),
                expect: before.as_ref().map(|(version, _)| *version),
                value,
            };
            match ports
                .storage
                .commit(Some(worker.lease.fence()), vec![put])
                .await
            {
                Ok(_) => Ok(found),
                // Another event of the repository was faster; either answer is as good.
                Err(error) if error.kind == Kind::Conflict => Ok(found),
                Err(error) => Err(error),
            }
        }
        // A file that cannot be read (a directory, too large) is no absent one either.
        Err(error)
            if matches!(
                error.kind,
                Kind::Unavailable | Kind::RateLimited(_) | Kind::Corrupt
            ) =>
        {
            before.map(|(_, known)| known).ok_or(error)
        }
        Err(error) => Err(error),
    }
}
