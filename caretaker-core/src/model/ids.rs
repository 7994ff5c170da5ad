//! Identifiers: private fields, no conversion by accident.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Declares an identifier around one value; serialised as the bare value.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident(String)) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);
        impl $name {
            /// Wraps the text as it stands.
            pub fn new(text: impl Into<String>) -> Self { Self(text.into()) }
            /// The text.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) }
        }
    };
    ($(#[$doc:meta])* $name:ident(u64)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(u64);
        impl $name {
            /// Wraps the number.
            pub const fn new(number: u64) -> Self { Self(number) }
            /// The number.
            pub const fn value(self) -> u64 { self.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
    };
}

id!(
    /// A GitHub App's installation on an account.
    InstallationId(u64)
);
id!(
    /// A GitHub App.
    AppId(u64)
);
id!(
    /// A user, organisation or bot account.
    AccountId(u64)
);
id!(
    /// An issue or pull request within its repository; the two share one sequence.
    Number(u64)
);
id!(
    /// A comment, review or check, as the forge numbers it.
    RemoteId(u64)
);
id!(
    /// An account name as the forge shows it. Comparison by [`Login::same`] ignores case.
    Login(String)
);
id!(
    /// A label's name.
    Label(String)
);
id!(
    /// The registered `snake_case` name of an agent or built-in listener.
    AgentName(String)
);
id!(
    /// Under which a delivery is stored once: hash of hook and GUID.
    DedupKey(String)
);
id!(
    /// An event's identity: `<dedup key>/<i>`, a tick window, a child hash or a command id.
    EventId(String)
);
id!(
    /// One attempt of one agent at one event.
    RunId(String)
);
id!(
    /// What an effect is claimed under in the ledger.
    ActionKey(String)
);
id!(
    /// Name of a branch, without `refs/heads/`.
    Branch(String)
);

impl Login {
    /// Whether both name one account: GitHub compares logins without case.
    pub fn same(&self, other: &Self) -> bool {
        let (own, other) = (self.0.as_bytes(), other.0.as_bytes());
        // Asked for each pair of reviews, and nearly every letter is the same as it stands.
        let same = |(a, b): (&u8, &u8)| a == b || a.eq_ignore_ascii_case(b);
        own.len() == other.len() && own.iter().zip(other).all(same)
    }
}

impl Label {
    /// Whether both name one label: GitHub compares label names without case.
    pub fn same(&self, other: &Self) -> bool {
        self.as_str().to_lowercase() == other.as_str().to_lowercase()
    }
}

/// A full commit hash: 40 or 64 lower-case hex digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha(String);

impl Sha {
    /// Reads a full hash; `None` for anything else, abbreviations included.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        (hex && matches!(text.len(), 40 | 64)).then(|| Self(text.to_owned()))
    }

    /// The hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first seven digits, for people.
    pub fn short(&self) -> &str {
        &self.0[..7]
    }
}

impl std::fmt::Display for Sha {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Sha {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("not a full commit hash: {text:?}"))
    }
}

impl From<Sha> for String {
    fn from(sha: Sha) -> Self {
        sha.0
    }
}

/// A repository's lasting identity: renames and transfers keep it.
///
/// Text form `github:123`, also its serialised form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepoKey {
    forge: String,
    id: u64,
}

impl RepoKey {
    /// A repository of GitHub or of a GitHub Enterprise server, by its numeric id.
    pub fn github(id: u64) -> Self {
        Self {
            forge: "github".to_owned(),
            id,
        }
    }

    /// No repository: where our memory lies of what belongs to none of them.
    pub fn none() -> Self {
        Self {
            forge: "none".to_owned(),
            id: 0,
        }
    }

    /// Reads the text form.
    pub fn parse(text: &str) -> Option<Self> {
        let (forge, id) = text.split_once(':')?;
        let named = !forge.is_empty() && forge.bytes().all(|b| b.is_ascii_lowercase());
        named.then_some(())?;
        Some(Self {
            forge: forge.to_owned(),
            id: id.parse().ok()?,
        })
    }

    /// The forge's own number.
    pub fn id(&self) -> u64 {
        self.id
    }
}

impl std::fmt::Display for RepoKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.forge, self.id)
    }
}

impl TryFrom<String> for RepoKey {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("not a repository key: {text:?}"))
    }
}

impl From<RepoKey> for String {
    fn from(key: RepoKey) -> Self {
        key.to_string()
    }
}

/// A repository as forge calls need it: identity, current name, and who gave us access.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RepoRef {
    /// Lasting identity.
    pub key: RepoKey,
    /// Account that owns it.
    pub owner: String,
    /// Name within the account.
    pub name: String,
    /// Installation through which we see it; `None` with a personal token.
    pub installation: Option<InstallationId>,
    /// The owning account's number, where the delivery named it.
    pub account: Option<AccountId>,
}

impl RepoRef {
    /// `owner/name`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }
}

/// Lower-case hex SHA-256 over the parts, each preceded by its length so that no two lists collide.
pub fn digest(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hex(&hasher.finalize())
}

/// Lower-case hex SHA-256 of the bytes as they stand.
pub fn content_hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// A number below `bound` derived from the parts: our substitute for randomness in pure code.
pub fn derived_below(parts: &[&str], bound: u64) -> u64 {
    let digest = digest(parts);
    let head = u64::from_str_radix(&digest[..15], 16).expect("digest is hex");
    if bound == 0 { 0 } else { head % bound }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_or_upper_case_hash_is_not_a_sha() {
        assert!(Sha::parse("abc1234").is_none());
        assert!(Sha::parse(&"A".repeat(40)).is_none());
        assert_eq!(Sha::parse(&"a1".repeat(20)).unwrap().short(), "a1a1a1a");
    }

    #[test]
    fn repository_keys_survive_their_text_form() {
        let key = RepoKey::github(42);
        assert_eq!(RepoKey::parse(&key.to_string()), Some(key));
        assert_eq!(RepoKey::parse("42"), None);
    }

    #[test]
    fn digest_tells_lists_apart_that_join_to_the_same_text() {
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_eq!(
            content_hash(b""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
