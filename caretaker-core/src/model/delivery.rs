//! What the door stores of a webhook: headers, envelope, raw body. Nothing is interpreted yet.

use serde::{Deserialize, Serialize};

use super::{
    AccountId, Actor, DedupKey, InstallationId, Login, RepoFacts, RepoRef, Scope, Timestamp,
};

/// One verified webhook delivery.
///
/// The body is left out of the serialised form: stores keep it beside, compressed, for a shorter
/// time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Under which it is stored once; equal to the envelope's.
    pub key: DedupKey,
    /// What the sender's headers said. They are not signed.
    pub headers: DeliveryHeaders,
    /// When the door accepted it.
    pub received_at: Timestamp,
    /// What the door read of the body.
    pub envelope: Envelope,
    /// The signed bytes as they came.
    #[serde(skip)]
    pub body: Vec<u8>,
}

impl Delivery {
    /// Puts together what the door verified.
    pub fn new(
        headers: DeliveryHeaders,
        received_at: Timestamp,
        envelope: Envelope,
        body: Vec<u8>,
    ) -> Self {
        Self {
            key: envelope.dedup_key.clone(),
            headers,
            received_at,
            envelope,
            body,
        }
    }
}

/// The forge's headers about a delivery.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DeliveryHeaders {
    /// Name of the webhook event, in lower case.
    pub event: String,
    /// The forge's own id of the delivery, shared by all hooks that heard the same event.
    pub guid: String,
    /// Which hook sent it.
    pub hook_id: Option<String>,
    /// What kind of thing the hook is set on: `repository`, `organization`, `integration`.
    pub target_type: Option<String>,
    /// Which thing the hook is set on.
    pub target_id: Option<String>,
}

/// What the door reads of a body: enough to deduplicate, admit and partition it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Under which the delivery is stored once.
    pub dedup_key: DedupKey,
    /// The webhook's action.
    pub action: Option<String>,
    /// Installation through which it came.
    pub installation: Option<InstallationId>,
    /// Account whose affair it is: the repository's owner, else who installed the App, else the
    /// organisation.
    pub account: Option<Account>,
    /// The repository it is about.
    pub repository: Option<RepoRef>,
    /// What it says about that repository.
    pub facts: RepoFacts,
    /// Who caused it.
    pub sender: Option<Actor>,
}

impl Envelope {
    /// The narrowest thing it names: repository, else installation, else account, else the App.
    pub fn scope(&self) -> Scope {
        if let Some(repo) = &self.repository {
            return Scope::Repo(repo.key.clone());
        }
        if let Some(installation) = self.installation {
            return Scope::Installation(installation);
        }
        match self.account.as_ref().and_then(|account| account.id) {
            Some(id) => Scope::Account(id),
            None => Scope::App,
        }
    }
}

/// An account that owns repositories or installed the App.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Account {
    /// Its number, where given.
    pub id: Option<AccountId>,
    /// Its name.
    pub login: Login,
}
