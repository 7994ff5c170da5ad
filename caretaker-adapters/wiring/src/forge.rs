//! The code forge from settings.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use caretaker_core::{
    model::{AppId, Secret},
    ports::Clock,
};
use caretaker_github::GraphQl;
pub use caretaker_github::{AnswerStore, Credentials, GithubForge, Identity, Reached};
use url::Url;

/// GitHub's own address.
pub const API_URL: &str = "https://api.github.com";

/// What settings say about the forge.
#[derive(Clone, Debug, Default)]
pub struct ForgeConfig {
    /// Base address of the REST API; [`API_URL`] where nothing is said.
    pub api_url: Option<String>,
    /// Address of GraphQL, or `off`; beside the REST API where nothing is said.
    pub graphql_url: Option<String>,
    /// A personal token; not used where there is an App.
    pub token: Option<Secret>,
    /// A person's token beside the App, for what GitHub takes from a person only.
    pub user_token: Option<Secret>,
    /// The App's number.
    pub app_id: Option<u64>,
    /// The App's private key, PEM; line ends may be written as `\n`.
    pub private_key: Option<Secret>,
    /// A file with the same.
    pub private_key_path: Option<PathBuf>,
    /// What lies between two writes of one installation that make content; GitHub's guidance
    /// where nothing is said.
    pub write_pace: Option<Duration>,
}

impl ForgeConfig {
    /// Builds the forge; asks GitHub nothing. Half of an App is an error and never falls back to
    /// the token, which may do more.
    pub fn open(&self, clock: Arc<dyn Clock>) -> anyhow::Result<Arc<GithubForge>> {
        self.open_keeping(clock, None)
    }

    /// The same with a place where answers outlive the process.
    pub fn open_keeping(
        &self,
        clock: Arc<dyn Clock>,
        answers: Option<Arc<dyn AnswerStore>>,
    ) -> anyhow::Result<Arc<GithubForge>> {
        let text = self.api_url.as_deref().unwrap_or(API_URL);
        let Ok(api_url) = Url::parse(text) else {
            bail!("the GitHub API address is no URL; write it as {API_URL}");
        };
        let settings = caretaker_github::Settings {
            api_url,
            graphql: self.graphql()?,
            credentials: self.credentials()?,
            user_token: self.user_token.clone(),
            deadline: caretaker_github::Settings::DEADLINE,
            listing_pages: caretaker_github::Settings::LISTING_PAGES,
            write_pace: self
                .write_pace
                .unwrap_or(caretaker_github::Settings::WRITE_PACE),
        };
        let forge = GithubForge::new(settings, clock).context("GitHub cannot be used as set up")?;
        Ok(Arc::new(match answers {
            Some(answers) => forge.keeping(answers),
            None => forge,
        }))
    }

    fn graphql(&self) -> anyhow::Result<GraphQl> {
        match self.graphql_url.as_deref() {
            None | Some("") => Ok(GraphQl::BesideRest),
            Some("off") => Ok(GraphQl::Off),
            Some(text) => match Url::parse(text) {
                Ok(url) => Ok(GraphQl::At(url)),
                Err(_) => bail!(
                    "the address of GraphQL is no URL; write it as {API_URL}/graphql, or `off`"
                ),
            },
        }
    }

    fn credentials(&self) -> anyhow::Result<Credentials> {
        let key = self.key()?;
        match (self.app_id, key, &self.token) {
            (Some(app_id), Some(key), token) => {
                if token.is_some() {
                    tracing::info!("acting as the App; the token is not used");
                }
                Ok(Credentials::App {
                    app_id: AppId::new(app_id),
                    key,
                })
            }
            (Some(_), None, _) => {
                bail!("there is an App id but no private key; set the key or the path of its file")
            }
            (None, Some(_), _) => bail!("there is an App's private key but no App id; set it too"),
            (None, None, Some(token)) if !token.is_empty() => Ok(Credentials::Token(token.clone())),
            (None, None, _) => Ok(Credentials::None),
        }
    }

    fn key(&self) -> anyhow::Result<Option<Secret>> {
        if let Some(key) = self.private_key.as_ref().filter(|key| !key.is_empty()) {
            let text = key.expose();
            // How line ends survive in one line of an environment.
            return Ok(Some(if text.contains('\n') {
                key.clone()
            } else {
                Secret::new(text.replace("\\n", "\n"))
            }));
        }
        let Some(path) = &self.private_key_path else {
            return Ok(None);
        };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the App's private key {}", path.display()))?;
        Ok(Some(Secret::new(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_app_is_an_error_and_not_a_token() {
        let token = Some(Secret::new("t"));
        let id_alone = ForgeConfig {
            app_id: Some(1),
            token: token.clone(),
            ..ForgeConfig::default()
        };
        assert!(id_alone.credentials().is_err());
        let key_alone = ForgeConfig {
            private_key: Some(Secret::new("k")),
            token,
            ..ForgeConfig::default()
        };
        assert!(key_alone.credentials().is_err());
    }

    #[test]
    fn graphql_is_found_placed_or_switched_off() {
        let said = |text: Option<&str>| ForgeConfig {
            graphql_url: text.map(str::to_owned),
            ..ForgeConfig::default()
        };
        assert_eq!(said(None).graphql().unwrap(), GraphQl::BesideRest);
        assert_eq!(said(Some("off")).graphql().unwrap(), GraphQl::Off);
        let there = Url::parse("https://h.example/api/graphql").unwrap();
        let placed = said(Some(there.as_str())).graphql().unwrap();
        assert_eq!(placed, GraphQl::At(there));
        assert!(said(Some("no")).graphql().is_err());
    }

    #[test]
    fn an_app_goes_before_a_token_and_nothing_is_nothing() {
        let both = ForgeConfig {
            app_id: Some(1),
            private_key: Some(Secret::new(r"a\nb")),
            token: Some(Secret::new("t")),
            ..ForgeConfig::default()
        };
        let Credentials::App { key, .. } = both.credentials().unwrap() else {
            panic!("not an App");
        };
        assert_eq!(key.expose(), "a\nb");
        let nothing = ForgeConfig {
            token: Some(Secret::new("")),
            ..ForgeConfig::default()
        };
        assert!(matches!(nothing.credentials(), Ok(Credentials::None)));
    }
}
