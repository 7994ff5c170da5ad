//! Credentials, and the tokens made of them.
//!
//! An installation token covers one repository and what it is needed for ([`Need`]), is kept until
//! five minutes before it ends, is minted by one caller while the others wait, and is thrown away
//! when GitHub refuses it or its installation.

mod installation;
mod need;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use caretaker_core::{
    model::{AppId, InstallationId, RepoRef, Secret, Span, Timestamp},
    ports::{Clock, Kind, PortError},
};
use reqwest::{Method, header::HeaderValue};
use serde::Deserialize;
use serde_json::json;

pub(crate) use self::need::Need;

use self::installation::Installations;
use crate::{
    client::{Api, Client, Media, Request},
    error::{Doing, unintelligible},
    jwt::Signer,
    shape::When,
};

/// What we show to GitHub.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// A personal token: we act as its user.
    Token(Secret),
    /// An App: we act as its bot, through an installation for each repository.
    App {
        /// The App's number.
        app_id: AppId,
        /// Its private key, PEM.
        key: Secret,
    },
    /// Nothing: every question is denied without being asked.
    None,
}

/// As whom one request is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whom<'a> {
    /// The App itself.
    App,
    /// Whoever may see this repository; for readings.
    Repo(&'a RepoRef),
    /// Whoever may change it, with a permission as actions name theirs: `issues: write`.
    Writing(&'a RepoRef, &'static str),
    /// A person who may change it, for what GitHub takes from nobody else.
    Person(&'a RepoRef),
    /// The installation, for a repository of which only the name is known.
    Named(InstallationId, &'a str),
    /// The installation, for what concerns none of its repositories alone.
    Installation(InstallationId),
    /// The token's user.
    User,
}

/// What goes into the `Authorization` header.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    /// Marked as sensitive, so that nobody prints it.
    pub(crate) header: HeaderValue,
    /// Who the limits are counted for.
    pub(crate) identity: String,
    /// Tells apart answers that different credentials get to one question: what may be seen with
    /// this one. No secret, and the same after a restart.
    pub(crate) scope: String,
    /// Which minting it comes from; 0 where nothing was minted.
    serial: u64,
}

/// The source of tokens.
pub(crate) enum Auth {
    Token(Bearer),
    App(Box<AppAuth>),
    None,
}

/// An App's key and the tokens minted with it.
pub(crate) struct AppAuth {
    signer: Signer,
    clock: Arc<dyn Clock>,
    /// What a person has lent us.
    person: Option<Bearer>,
    serial: AtomicU64,
    installations: Installations,
    slots: Mutex<BTreeMap<(Covers, Need), Arc<Slot>>>,
}

/// One repository as one installation sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Covers {
    All(InstallationId),
    Id(InstallationId, u64),
    Name(InstallationId, String),
}

/// Whoever holds the lock mints; the others wait for it.
type Slot = tokio::sync::Mutex<Option<Minted>>;

struct Minted {
    bearer: Bearer,
    until: Timestamp,
}

/// Whom limits are counted for where a person's token is shown beside the App's.
const PERSON: &str = "person";
/// Tokens that are kept at a time.
const SLOTS: usize = 8_192;
/// A token is not used in its last minutes.
const SKEW: Span = Span::minutes(5);

#[derive(Deserialize)]
struct TokenShape {
    token: String,
    expires_at: When,
}

impl Auth {
    /// `person` is the token of a person beside the App's own.
    pub(crate) fn new(
        credentials: &Credentials,
        person: Option<&Secret>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, PortError> {
        let person = person.filter(|token| !token.is_empty());
        let person = person.map(|token| {
            let scope = format!("{PERSON} {}", fingerprint(token));
            bearer(token, PERSON.to_owned(), scope, 0)
        });
        Ok(match credentials {
            Credentials::Token(token) if token.is_empty() => Self::None,
            Credentials::Token(token) => {
                let scope = format!("token {}", fingerprint(token));
                Self::Token(bearer(token, "user".to_owned(), scope, 0)?)
            }
            Credentials::App { app_id, key } => Self::App(Box::new(AppAuth {
                signer: Signer::new(*app_id, key)?,
                person: person.transpose()?,
                serial: AtomicU64::new(0),
                installations: Installations::new(Arc::clone(&clock)),
                slots: Mutex::new(BTreeMap::new()),
                clock,
            })),
            Credentials::None => Self::None,
        })
    }

    /// What to send. `Denied` where we have nothing to show, without a request.
    pub(crate) async fn bearer(
        &self,
        client: &Client,
        op: &'static str,
        whom: Whom<'_>,
    ) -> Result<Bearer, PortError> {
        match (self, whom) {
            (Self::None, _) => Err(PortError::new(op, Kind::Denied)
                .detail("there are no credentials; set a token or an App's id and key")),
            (Self::Token(_), Whom::App | Whom::Installation(_)) => {
                Err(PortError::new(op, Kind::Denied)
                    .detail("this asks for an App's id and key; there is only a token"))
            }
            (
                Self::Token(bearer),
                Whom::Repo(_) | Whom::Writing(..) | Whom::Person(_) | Whom::Named(..) | Whom::User,
            ) => Ok(bearer.clone()),
            (Self::App(app), Whom::Person(_)) => app.person.clone().ok_or_else(|| {
                PortError::new(op, Kind::Denied)
                    .detail("GitHub takes this from a person only; set github.user_token")
            }),
            (Self::App(app), Whom::App) => app.own(),
            (
                Self::App(app),
                Whom::Repo(_)
                | Whom::Writing(..)
                | Whom::Named(..)
                | Whom::Installation(_)
                | Whom::User,
            ) => {
                let covers = Covers::of(op, whom)?;
                app.installation(client, covers, whom.need()).await
            }
        }
    }

    /// Who the limits are counted for: the same words as [`Bearer::identity`].
    pub(crate) fn holder(&self, whom: Whom<'_>) -> String {
        if let (Self::App(_), Whom::Person(_)) = (self, whom) {
            return PERSON.to_owned();
        }
        match (self, Covers::of("forge.mint", whom)) {
            (Self::Token(_) | Self::None, _) => "user".to_owned(),
            (Self::App(_), Ok(covers)) => format!("installation {}", covers.installation()),
            (Self::App(_), Err(_)) => "app".to_owned(),
        }
    }

    /// Throws away a token that GitHub refused; whether another one can be made.
    pub(crate) async fn discard(&self, whom: Whom<'_>, refused: &Bearer) -> bool {
        let Self::App(app) = self else { return false };
        let Ok(covers) = Covers::of("forge.mint", whom) else {
            return false;
        };
        let slot = app.slot(covers, whom.need());
        let mut minted = slot.lock().await;
        // Somebody else may have replaced it meanwhile.
        if minted
            .as_ref()
            .is_some_and(|minted| minted.bearer.serial == refused.serial)
        {
            *minted = None;
        }
        true
    }
}

impl Whom<'_> {
    fn need(&self) -> Need {
        match self {
            Self::Writing(_, permission) => Need::Write(permission),
            Self::Installation(_) => Need::Look,
            Self::App | Self::Repo(_) | Self::Person(_) | Self::Named(..) | Self::User => {
                Need::Read
            }
        }
    }
}

impl Covers {
    fn of(op: &'static str, whom: Whom<'_>) -> Result<Self, PortError> {
        match whom {
            Whom::Repo(repo) | Whom::Writing(repo, _) => match repo.installation {
                Some(installation) => Ok(Self::Id(installation, repo.key.id())),
                None => Err(PortError::new(op, Kind::Denied)
                    .detail("no installation of the App is known for this repository")),
            },
            Whom::Named(installation, name) => Ok(Self::Name(installation, name.to_owned())),
            Whom::Installation(installation) => Ok(Self::All(installation)),
            Whom::App | Whom::Person(_) | Whom::User => {
                Err(PortError::new(op, Kind::Denied).detail("no repository is named"))
            }
        }
    }

    fn installation(&self) -> InstallationId {
        match self {
            Self::All(installation) | Self::Id(installation, _) | Self::Name(installation, _) => {
                *installation
            }
        }
    }
}

impl AppAuth {
    fn own(&self) -> Result<Bearer, PortError> {
        let token = self.signer.sign(self.clock.now())?;
        let scope = format!("app {}", self.signer.app_id());
        bearer(&token, "app".to_owned(), scope, 0)
    }

    async fn installation(
        &self,
        client: &Client,
        covers: Covers,
        need: Need,
    ) -> Result<Bearer, PortError> {
        let slot = self.slot(covers.clone(), need);
        let mut minted = slot.lock().await;
        if let Some(minted) = minted.as_ref()
            && minted.until > self.clock.now()
        {
            return Ok(minted.bearer.clone());
        }
        let fresh = match self.mint(client, &covers, need).await {
            Ok(fresh) => fresh,
            Err(error) => {
                *minted = None;
                if self.installations.is_gone(covers.installation()).await {
                    self.shut(covers.installation());
                }
                return Err(error);
            }
        };
        let bearer = fresh.bearer.clone();
        *minted = Some(fresh);
        Ok(bearer)
    }

    async fn mint(
        &self,
        client: &Client,
        covers: &Covers,
        need: Need,
    ) -> Result<Minted, PortError> {
        const OP: &str = "forge.mint.token";
        let installation = covers.installation();
        let app = self.own()?;
        let permissions = self
            .installations
            .permissions(client, &app, installation, need)
            .await?;
        let body = match covers {
            Covers::Id(_, id) => json!({ "repository_ids": [id], "permissions": permissions }),
            Covers::Name(_, name) => json!({ "repositories": [name], "permissions": permissions }),
            Covers::All(_) => json!({ "permissions": permissions }),
        };
        let request = Request {
            op: OP,
            doing: Doing::Mint,
            api: Api::Rest,
            method: Method::POST,
            path: format!("/app/installations/{installation}/access_tokens"),
            body: Some(body),
            media: Media::Json,
            cut_at: None,
        };
        let reply = match client.exchange(&request, &app, None).await {
            Ok(reply) => reply,
            Err(error) => {
                // What is granted there may be less than we believe.
                self.installations.forget(installation).await;
                return Err(error);
            }
        };
        // The answer is a secret: nothing of it goes into an error.
        let Ok(shape) = serde_json::from_slice::<TokenShape>(&reply.body) else {
            return Err(unintelligible(OP, "the answer holds no token"));
        };
        let serial = self.serial.fetch_add(1, Ordering::Relaxed) + 1;
        let identity = format!("installation {installation}");
        let scope = format!("app {} {covers:?} {need:?}", self.signer.app_id());
        Ok(Minted {
            bearer: bearer(&Secret::new(shape.token), identity, scope, serial)?,
            until: shape.expires_at.0 - SKEW,
        })
    }

    fn slot(&self, covers: Covers, need: Need) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (covers, need);
        if slots.len() >= SLOTS && !slots.contains_key(&key) {
            // What somebody waits for stays; the rest is cheap to make again.
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        Arc::clone(slots.entry(key).or_default())
    }

    /// Drops every token of an installation that has ended.
    fn shut(&self, installation: InstallationId) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|(covers, _), _| covers.installation() != installation);
    }
}

/// Tells tokens apart, and nothing more: a token has far more entropy than could be tried.
fn fingerprint(token: &Secret) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, token.expose().as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16])
}

fn bearer(
    token: &Secret,
    identity: String,
    scope: String,
    serial: u64,
) -> Result<Bearer, PortError> {
    let Ok(mut header) = HeaderValue::try_from(format!("Bearer {}", token.expose().trim())) else {
        return Err(PortError::new("forge.open", Kind::Invalid)
            .detail("the token holds characters that no token has"));
    };
    header.set_sensitive(true);
    Ok(Bearer {
        header,
        identity,
        scope,
        serial,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_and_what_is_made_of_them_are_not_printed() {
        let token = Secret::new("ghp_hunter2");
        let scope = fingerprint(&token);
        let made = bearer(&token, "user".to_owned(), scope, 0).unwrap();
        let shown = format!("{made:?} {:?}", Credentials::Token(token));
        assert!(!shown.contains("hunter2"), "{shown}");
        let odd = Secret::new("hunter2\n\nx");
        let error = bearer(&odd, String::new(), String::new(), 0).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
