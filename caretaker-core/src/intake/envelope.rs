//! What the door reads of a delivery before it stores it: headers, and a few fields of the body.
//!
//! Tolerant: a field of another type or range counts as absent, an unknown event name is no
//! problem. Refused is only what is not one JSON object, or says one of the deciding fields twice,
//! or nests so deep that a later reader could be harmed.

use std::borrow::Cow;

use crate::model::{
    Account, AccountId, Branch, DedupKey, Envelope, InstallationId, Login, RepoFacts, RepoKey,
    RepoRef, digest,
};

use super::part::{Part, read_opened};

/// How many digits of a GUID its key begins with: a group, which goes round in seven minutes.
const TIME_DIGITS: usize = 8;
/// How deep a body may nest anywhere; the outermost object counts one.
const MAX_DEPTH: usize = 128;

/// The headers a delivery is read by, still borrowed from the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Headers<'a> {
    /// `X-GitHub-Event`.
    pub event: &'a str,
    /// `X-GitHub-Delivery`.
    pub guid: &'a str,
    /// `X-GitHub-Hook-ID`.
    pub hook_id: Option<&'a str>,
    /// `X-GitHub-Hook-Installation-Target-Type`.
    pub hook_target_type: Option<&'a str>,
    /// `X-GitHub-Hook-Installation-Target-ID`.
    pub hook_target_id: Option<&'a str>,
}

/// A required header is missing or empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the header `{0}` is missing; send webhooks as GitHub does")]
pub struct MissingHeader(pub &'static str);

/// Why a signed body is not accepted. Holds nothing of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RejectedBody {
    /// Bytes that are no text.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// Text that is no JSON.
    #[error("the body is not JSON; set the webhook's content type to application/json")]
    NotJson,
    /// JSON, but no object.
    #[error("the body is JSON but not an object")]
    NotAnObject,
    /// Nested deeper than 128 levels somewhere.
    #[error("the body nests deeper than 128 levels")]
    TooDeep,
    /// A field that decides about the delivery occurs twice, so that two readers could differ.
    #[error("the body has more than one `{0}` at its top level")]
    Duplicate(&'static str),
}

impl<'a> Headers<'a> {
    /// Reads the headers through the shell's lookup, which gets lower-case names.
    ///
    /// # Errors
    /// Names the first required header that is missing or empty.
    pub fn read(header: impl Fn(&'static str) -> Option<&'a str>) -> Result<Self, MissingHeader> {
        let optional = |name| {
            header(name)
                .map(str::trim)
                .filter(|value| !value.is_empty())
        };
        let required = |name| optional(name).ok_or(MissingHeader(name));
        Ok(Self {
            event: required("x-github-event")?,
            guid: required("x-github-delivery")?,
            hook_id: optional("x-github-hook-id"),
            hook_target_type: optional("x-github-hook-installation-target-type"),
            hook_target_id: optional("x-github-hook-installation-target-id"),
        })
    }

    /// Under which the delivery is stored once. The forge's GUID is shared by all hooks that
    /// subscribe to one event, so the hook is part of the key.
    ///
    /// A digest that begins as the GUID does. The forge's GUIDs count time from their first digit
    /// on, so that deliveries of one moment stand side by side in an index, in which a digest
    /// alone would write a page for each.
    pub fn dedup_key(&self) -> DedupKey {
        let hook = self.hook_id.or(self.hook_target_id).unwrap_or("-");
        let digest = digest(&[hook, self.guid]);
        let digits = self.guid.bytes().take(TIME_DIGITS);
        let time = digits.take_while(u8::is_ascii_hexdigit).count();
        let begin = self.guid[..time].to_ascii_lowercase();
        DedupKey::new(begin + &digest[time..])
    }
}

/// Reads what the door needs of a signed body, in two passes over it, the first one only
/// counting, and without a tree.
///
/// # Errors
/// When the body is no JSON object that every reader would understand alike.
pub fn envelope(headers: &Headers<'_>, body: &[u8]) -> Result<Envelope, RejectedBody> {
    const ONCE: [&str; 4] = ["action", "installation", "repository", "sender"];
    const REPOSITORY: usize = 2;
    // The position of the offending byte is of no use to the sender.
    let text = std::str::from_utf8(body).map_err(|_position| RejectedBody::NotUtf8)?;
    if nests_deeper(text, MAX_DEPTH) {
        return Err(RejectedBody::TooDeep);
    }
    let names = [
        "action",
        "installation",
        "repository",
        "sender",
        "organization",
        "account",
    ];
    let read = read_opened(text, names, REPOSITORY, ShownRepo::FIELDS);
    let (fields, repository) = read.map_err(|problem| {
        if problem.is_data() {
            RejectedBody::NotAnObject
        } else {
            RejectedBody::NotJson
        }
    })?;
    for (name, times) in ONCE.into_iter().zip(fields.times) {
        if times > 1 {
            return Err(RejectedBody::Duplicate(name));
        }
    }
    let [action, installation, _opened, sender, organization, target] = fields.parts;
    let [installation_id, installer] = installation.fields(["id", "account"]);
    let installation = installation_id.id().map(InstallationId::new);
    let repository = ShownRepo::with(repository);
    Ok(Envelope {
        dedup_key: headers.dedup_key(),
        action: action.text().map(Cow::into_owned),
        installation,
        account: repository
            .owner()
            .or_else(|| account(installer))
            .or_else(|| account(organization))
            .or_else(|| account(target)),
        repository: repository.named(installation),
        facts: repository.facts(),
        sender: sender.actor(),
    })
}

/// A repository as a body shows it, its text read once.
pub(super) struct ShownRepo<'a> {
    id: Part<'a>,
    name: Part<'a>,
    full_name: Option<Cow<'a, str>>,
    owner: Option<Account>,
    branch: Part<'a>,
    archived: Part<'a>,
}

impl<'a> ShownRepo<'a> {
    const FIELDS: [&'static str; 6] = [
        "id",
        "name",
        "full_name",
        "owner",
        "default_branch",
        "archived",
    ];

    /// What the part shows; nothing where it is no object.
    pub(super) fn of(part: Part<'a>) -> Self {
        Self::with(part.fields(Self::FIELDS))
    }

    /// What these fields show.
    fn with([id, name, full_name, owner, branch, archived]: [Part<'a>; 6]) -> Self {
        Self {
            id,
            name,
            full_name: full_name.text(),
            owner: account(owner),
            branch,
            archived,
        }
    }

    /// Itself, under the installation that its delivery came through.
    pub(super) fn named(&self, installation: Option<InstallationId>) -> Option<RepoRef> {
        let owner = self.owner()?;
        let name = match self.split() {
            Some((_, name)) => name.to_owned(),
            None => self.name.text()?.into_owned(),
        };
        // Names end up in addresses of forge calls; GitHub allows no other characters.
        let safe = |text: &str, more: &str| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
            !text.is_empty() && text.chars().all(allowed) && !matches!(text, "." | "..")
        };
        let valid = safe(owner.login.as_str(), "-_") && safe(&name, "-_.");
        Some(RepoRef {
            key: valid.then(|| self.id.id()).flatten().map(RepoKey::github)?,
            owner: owner.login.as_str().to_owned(),
            name,
            installation,
            account: owner.id,
        })
    }

    /// What is said about it beyond its name.
    pub(super) fn facts(&self) -> RepoFacts {
        RepoFacts {
            default_branch: self.branch.name().map(Branch::new),
            archived: self.archived.flag(),
        }
    }

    /// Its owner; the name also from `full_name`, where lists leave the owner out.
    fn owner(&self) -> Option<Account> {
        self.owner.clone().or_else(|| {
            let (owner, _) = self.split()?;
            (!owner.is_empty()).then(|| Account {
                id: None,
                login: Login::new(owner),
            })
        })
    }

    fn split(&self) -> Option<(&str, &str)> {
        self.full_name.as_deref()?.split_once('/')
    }
}

fn account(part: Part<'_>) -> Option<Account> {
    let [id, login] = part.fields(["id", "login"]);
    Some(Account {
        id: id.id().map(AccountId::new),
        login: login.name().map(Login::new)?,
    })
}

/// Whether brackets nest deeper than `limit` anywhere; no recursion.
///
/// A scan of its own, because `serde_json` limits only what it builds, not what it skips.
fn nests_deeper(text: &str, limit: usize) -> bool {
    // A twentieth of what the scan takes, and enough for almost every body.
    if openings(text.as_bytes()) <= limit {
        return false;
    }
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        if in_text {
            (in_text, escaped) = (escaped || byte != b'"', !escaped && byte == b'\\');
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// How many brackets open at most. Those before a slash are none, since no value begins with one:
/// they stand in addresses such as `{/sha}`, of which every repository has a hundred.
///
/// Counted in bytes by runs of 128, which compilers turn into vectors.
fn openings(bytes: &[u8]) -> usize {
    const RUN: usize = 128;
    // The last byte has none behind it, and what it opens does not end.
    let next = bytes.get(1..).unwrap_or_default();
    let runs = bytes.chunks(RUN).zip(next.chunks(RUN));
    let count = |(these, next): (&[u8], &[u8])| -> usize {
        // `[` and `{` differ in one bit.
        let opens = |(byte, next): (&u8, &u8)| u8::from(byte | 0x20 == b'{' && *next != b'/');
        these.iter().zip(next).map(opens).sum::<u8>().into()
    };
    runs.map(count).sum::<usize>() + 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::model::{DeliveryHeaders, Scope};

    use super::*;

    const HEADERS: Headers<'static> = Headers {
        event: "Issues",
        guid: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        hook_id: Some("292430182"),
        hook_target_type: Some("repository"),
        hook_target_id: Some("79929171"),
    };

    fn read(body: &str) -> Result<Envelope, RejectedBody> {
        envelope(&HEADERS, body.as_bytes())
    }

    #[test]
    fn reads_action_scope_and_sender() {
        let found = read(
            r#"{"action":"opened","installation":{"id":7},"sender":{"login":"octocat","id":5,"type":"User"},
            "repository":{"id":42,"name":"Hello","full_name":"Codertocat/Hello","archived":true,
            "default_branch":"main","owner":{"login":"Codertocat","id":9}}}"#,
        )
        .unwrap();
        assert_eq!(found.action.as_deref(), Some("opened"));
        assert_eq!(found.scope(), Scope::Repo(RepoKey::github(42)));
        let repo = found.repository.unwrap();
        assert_eq!(repo.full_name(), "Codertocat/Hello");
        assert_eq!(repo.installation, Some(InstallationId::new(7)));
        assert_eq!(repo.account, Some(AccountId::new(9)));
        assert_eq!(found.facts.default_branch, Some(Branch::new("main")));
        assert_eq!(found.facts.archived, Some(true));
        assert!(!found.sender.unwrap().bot);
    }

    #[test]
    fn scope_is_the_narrowest_thing_named() {
        let scope = |body| read(body).unwrap().scope();
        assert_eq!(scope("{}"), Scope::App);
        assert_eq!(
            scope(r#"{"organization":{"login":"o","id":3}}"#),
            Scope::Account(AccountId::new(3))
        );
        assert_eq!(
            scope(r#"{"installation":{"id":7,"account":{"login":"o","id":3}}}"#),
            Scope::Installation(InstallationId::new(7))
        );
    }

    #[test]
    fn a_field_of_another_type_or_range_is_absent() {
        let odd = read(
            r#"{"action":5,"installation":{"id":-1},"repository":["x"],"sender":"octocat","n":1e999}"#,
        )
        .unwrap();
        assert_eq!((odd.action.as_ref(), odd.installation), (None, None));
        assert_eq!((odd.repository.as_ref(), odd.sender.as_ref()), (None, None));
        let huge = r#"{"installation":{"id":1e999},"repository":{"id":1.5,"full_name":"o/r"}}"#;
        assert_eq!(read(huge).unwrap().scope(), Scope::App);
    }

    #[test]
    fn a_name_that_could_leave_its_place_in_an_address_is_no_repository() {
        for full_name in [
            "o/..", "o/r/../x", "o/r?x", "../r", "o/", "/r", "o r/x", "o%2f/r",
        ] {
            let body = format!(r#"{{"repository":{{"id":1,"full_name":"{full_name}"}}}}"#);
            assert_eq!(read(&body).unwrap().repository, None, "{full_name}");
        }
    }

    #[test]
    fn what_is_not_one_json_object_is_rejected() {
        assert_eq!(
            envelope(&HEADERS, b"{\"a\":\"\xff\"}"),
            Err(RejectedBody::NotUtf8)
        );
        for body in [
            "",
            "{",
            "{}{}",
            "payload=%7B%7D",
            "\u{feff}{}",
            r#"{"a":}"#,
            "{\"a\":\"\t\"}",
        ] {
            assert_eq!(read(body), Err(RejectedBody::NotJson), "{body}");
        }
        for body in ["[]", "null", "7", "\"{}\""] {
            assert_eq!(read(body), Err(RejectedBody::NotAnObject), "{body}");
        }
    }

    #[test]
    fn a_deciding_field_said_twice_is_rejected_and_any_other_is_not() {
        for name in ["action", "installation", "repository", "sender"] {
            let body = format!(r#"{{"{name}":null,"x":{{}},"{name}":{{}}}}"#);
            assert_eq!(read(&body), Err(RejectedBody::Duplicate(name)));
        }
        assert_eq!(
            read(r#"{"action":"a","\u0061ction":"b"}"#),
            Err(RejectedBody::Duplicate("action"))
        );
        assert!(read(r#"{"x":1,"x":2,"repository":{"id":1,"id":2}}"#).is_ok());
    }

    #[test]
    fn depth_is_limited_in_skipped_parts_too() {
        let nested = |levels: usize| {
            format!(
                r#"{{"skipped":{}{}}}"#,
                "[".repeat(levels - 1),
                "]".repeat(levels - 1)
            )
        };
        assert!(read(&nested(128)).is_ok());
        assert_eq!(read(&nested(129)), Err(RejectedBody::TooDeep));
        assert_eq!(read(&nested(10_000)), Err(RejectedBody::TooDeep));
        let objects = "{\"a\":".repeat(10_000);
        assert_eq!(read(&objects), Err(RejectedBody::TooDeep));
        let text = format!(r#"{{"title":"{}\"{}"}}"#, "[".repeat(300), "{".repeat(300));
        assert!(read(&text).is_ok(), "brackets in a text do not nest");
        let many = format!("{{\"a\":[{}1]}}", "[],".repeat(1_000));
        assert!(read(&many).is_ok(), "neighbours do not nest");
    }

    #[test]
    fn brackets_in_addresses_hide_no_depth() {
        let deep = "[".repeat(MAX_DEPTH);
        let body = format!(r#"{{"address":"{}","skipped":{deep}"#, "{/sha}".repeat(500));
        assert_eq!(read(&body), Err(RejectedBody::TooDeep));
    }

    #[test]
    fn a_required_header_that_is_missing_or_empty_is_named() {
        let read = |event, guid| {
            Headers::read(move |name| match name {
                "x-github-event" => event,
                "x-github-delivery" => guid,
                _ => None,
            })
        };
        assert_eq!(read(None, Some("g")), Err(MissingHeader("x-github-event")));
        assert_eq!(
            read(Some("ping"), Some(" ")),
            Err(MissingHeader("x-github-delivery"))
        );
        let found = read(Some(" Ping "), Some("g")).unwrap();
        assert_eq!(DeliveryHeaders::from(found).event, "ping");
    }

    #[test]
    fn one_guid_sent_by_two_hooks_has_two_keys() {
        let key = |hook_id, hook_target_id| {
            Headers {
                hook_id,
                hook_target_id,
                ..HEADERS
            }
            .dedup_key()
        };
        assert_ne!(key(Some("1"), None), key(Some("2"), None));
        assert_eq!(key(Some("1"), Some("5")), key(Some("1"), Some("6")));
        assert_ne!(key(None, Some("5")), key(None, None));
    }

    #[test]
    fn keys_begin_as_the_guid_does_as_far_as_it_counts_time() {
        let key = |guid| Headers { guid, ..HEADERS }.dedup_key();
        for (guid, begin) in [
            ("72d3162e-cc78-11e3-81ab-4c9367dc0958", "72d3162e"),
            ("72D3162E-CC78-11E3-81AB-4C9367DC0958", "72d3162e"),
            ("72d-162e", "72d"),
        ] {
            let key = key(guid);
            assert_eq!(&key.as_str()[..begin.len()], begin, "{guid}");
            assert_eq!(key.as_str().len(), 64, "{guid}");
        }
        for guid in ["g", "ü", ""] {
            assert_eq!(key(guid).as_str(), digest(&["292430182", guid]), "{guid}");
        }
        assert_ne!(key("72d3162e-a"), key("72d3162e-b"));
        assert_ne!(key("72d3162e-a"), key("72D3162E-a"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _outcome = envelope(&HEADERS, &body);
        }

        #[test]
        fn no_text_with_json_marks_makes_it_panic(body in r#"[\[\]{}":,\\u0-9a-e \-.n]{0,200}"#) {
            let _outcome = envelope(&HEADERS, body.as_bytes());
        }
    }
}
