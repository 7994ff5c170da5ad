//! Looking into JSON without building a tree: a part is a stretch of the text that is known to be
//! valid, and only what is asked for is read. What has another type or range is absent.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::model::{AccountId, Actor, Login, Sha, Timestamp};

/// A value somewhere in a body, or nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part<'a>(Option<&'a RawValue>);

/// The asked fields of an object, and how often each occurred.
pub(super) struct Fields<'a, const N: usize> {
    /// In the order asked; the last one where a field occurs more than once.
    pub(super) parts: [Part<'a>; N],
    /// How often each occurred.
    pub(super) times: [usize; N],
    /// How many fields were not asked for.
    pub(super) others: usize,
}

/// Reads the asked fields of an object that is the whole text.
///
/// # Errors
/// When the text is not JSON or not an object.
pub(super) fn read_object<'a, const N: usize>(
    text: &'a str,
    names: [&str; N],
) -> Result<Fields<'a, N>, serde_json::Error> {
    let names = &names;
    let read = |keys| read(text, Wanted { names, keys });
    read(Keys::Plain).or_else(|_odd| read(Keys::Raw))
}

fn read<'a, V: Visitor<'a>>(text: &'a str, visitor: V) -> Result<V::Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = reader.deserialize_map(visitor)?;
    reader.end()?;
    Ok(value)
}

/// The same, and the fields of the object at `opened`, which is read on the way instead of once
/// more.
///
/// # Errors
/// When the text is not JSON or not an object.
pub(super) fn read_opened<'a, const N: usize, const M: usize>(
    text: &'a str,
    names: [&str; N],
    opened: usize,
    inside: [&str; M],
) -> Result<(Fields<'a, N>, [Part<'a>; M]), serde_json::Error> {
    let opening = Opening {
        names: &names,
        keys: Keys::Plain,
        opened,
        inside: &inside,
    };
    read(text, opening).or_else(|_odd| {
        // Something else than an object may stand there, which is no reason to refuse the text.
        let fields = read_object(text, names)?;
        let parts = fields.parts[opened].fields(inside);
        Ok((fields, parts))
    })
}

impl<'a> Part<'a> {
    /// The whole of a text that is JSON.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok().map(|raw| Self(Some(raw)))
    }

    /// The fields of an object; all absent where this is none.
    pub(super) fn fields<const N: usize>(self, names: [&str; N]) -> [Self; N] {
        self.0
            .and_then(|raw| read_object(raw.get(), names).ok())
            .map_or([Self(None); N], |fields| fields.parts)
    }

    /// One field of an object.
    pub(super) fn field(self, name: &str) -> Self {
        let [part] = self.fields([name]);
        part
    }

    /// Whether it is an object without other fields than these.
    pub(super) fn has_only<const N: usize>(self, names: [&str; N]) -> Option<()> {
        let fields = read_object(self.0?.get(), names).ok()?;
        (fields.others == 0).then_some(())
    }

    /// The elements of an array.
    pub(super) fn rows(self) -> Option<Vec<Self>> {
        let rows: Vec<&'a RawValue> = self.read()?;
        Some(rows.into_iter().map(|raw| Self(Some(raw))).collect())
    }

    /// Whether it is an object.
    pub(super) fn is_object(self) -> bool {
        self.0.is_some_and(|raw| raw.get().starts_with('{'))
    }

    /// Whether it is there and not `null`.
    pub(super) fn is_something(self) -> bool {
        self.0.is_some_and(|raw| raw.get() != "null")
    }

    /// A text.
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        match self.read::<&str>() {
            Some(plain) => Some(Cow::Borrowed(plain)),
            None => self.read::<String>().map(Cow::Owned),
        }
    }

    /// A text that is not empty.
    pub(super) fn name(self) -> Option<Cow<'a, str>> {
        self.text().filter(|text| !text.is_empty())
    }

    /// A whole number above zero, as the forge's ids are.
    pub(super) fn id(self) -> Option<u64> {
        self.read::<u64>().filter(|number| *number > 0)
    }

    /// True or false.
    pub(super) fn flag(self) -> Option<bool> {
        self.read()
    }

    /// A time, as text or as whole seconds since the epoch.
    pub(super) fn time(self) -> Option<Timestamp> {
        let seconds = || {
            Some(Timestamp::from_millis(
                i64::from(self.read::<u32>()?) * 1_000,
            ))
        };
        self.text()
            .and_then(|text| Timestamp::parse_rfc3339(&text))
            .or_else(seconds)
    }

    /// A full commit hash.
    pub(super) fn sha(self) -> Option<Sha> {
        Sha::parse(&self.text()?)
    }

    /// An account; `ghost` where only its number is left.
    pub(super) fn actor(self) -> Option<Actor> {
        let [login, id, kind] = self.fields(["login", "id", "type"]);
        let (login, id) = (login.name(), id.id().map(AccountId::new));
        (login.is_some() || id.is_some()).then(|| Actor {
            login: Login::new(login.unwrap_or(Cow::Borrowed("ghost"))),
            id,
            bot: kind.text().is_some_and(|kind| kind == "Bot"),
        })
    }

    fn read<T: Deserialize<'a>>(self) -> Option<T> {
        serde_json::from_str(self.0?.get()).ok()
    }
}

/// Visits an object, keeping what has one of the names and skipping the rest unseen.
struct Wanted<'n, const N: usize> {
    names: &'n [&'n str; N],
    keys: Keys,
}

impl<'de, const N: usize> Visitor<'de> for Wanted<'_, N> {
    type Value = Fields<'de, N>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let opening = Opening {
            names: self.names,
            keys: self.keys,
            opened: N,
            inside: &[],
        };
        opening.visit_map(map).map(|(fields, [])| fields)
    }
}

impl<'de, const N: usize> DeserializeSeed<'de> for Wanted<'_, N> {
    type Value = Fields<'de, N>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

/// The same, opening one of the fields: an error where that is no object.
struct Opening<'n, const N: usize, const M: usize> {
    names: &'n [&'n str; N],
    keys: Keys,
    opened: usize,
    inside: &'n [&'n str; M],
}

impl<'de, const N: usize, const M: usize> Visitor<'de> for Opening<'_, N, M> {
    type Value = (Fields<'de, N>, [Part<'de>; M]);

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Fields {
            parts: [Part(None); N],
            times: [0; N],
            others: 0,
        };
        let mut inner = [Part(None); M];
        let Self { names, keys, .. } = self;
        while let Some(place) = map.next_key_seed(Key { names, keys })? {
            let Some(place) = place else {
                map.next_value::<IgnoredAny>()?;
                fields.others += 1;
                continue;
            };
            if place == self.opened {
                let names = self.inside;
                inner = map.next_value_seed(Wanted { names, keys })?.parts;
            } else {
                fields.parts[place] = Part(Some(map.next_value()?));
            }
            fields.times[place] += 1;
        }
        Ok((fields, inner))
    }
}

/// How keys are read.
#[derive(Clone, Copy)]
enum Keys {
    /// As text: an error where one is no Unicode (`"\ud800"`).
    Plain,
    /// As they stand, so that such a one is passed over instead of failing the whole body.
    Raw,
}

/// Finds a key among the names.
struct Key<'n> {
    names: &'n [&'n str],
    keys: Keys,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        match self.keys {
            Keys::Plain => deserializer.deserialize_str(self),
            Keys::Raw => {
                let raw = Part(Some(<&RawValue>::deserialize(deserializer)?));
                Ok(raw.text().and_then(|key| self.place(&key)))
            }
        }
    }
}

impl Key<'_> {
    fn place(&self, key: &str) -> Option<usize> {
        self.names.iter().position(|name| *name == key)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.place(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(text: &str) -> Part<'_> {
        Part::of(text).unwrap()
    }

    #[test]
    fn a_value_of_another_type_or_range_is_absent() {
        for odd in [
            "null",
            "\"5\"",
            "-5",
            "5.0",
            "1e999",
            "0",
            "99999999999999999999",
            "[5]",
            "{}",
        ] {
            let text = format!(r#"{{"id":{odd}}}"#);
            assert_eq!(root(&text).field("id").id(), None, "{odd}");
        }
        assert_eq!(root(r#"{"id":5}"#).field("id").id(), Some(5));
        for odd in ["null", "5", r#""\ud800""#, "[]"] {
            let text = format!(r#"{{"name":{odd}}}"#);
            assert_eq!(root(&text).field("name").text(), None, "{odd}");
        }
        assert!(!root("[]").field("x").is_something());
    }

    #[test]
    fn an_escaped_key_is_the_same_key_and_the_last_of_equal_ones_counts() {
        let fields = read_object(r#"{"a":1,"\u0061":2,"\ud800":3}"#, ["a"]).unwrap();
        assert_eq!(fields.times, [2]);
        assert_eq!(fields.parts[0].id(), Some(2));
    }

    #[test]
    fn what_is_opened_on_the_way_is_what_stands_there() {
        let values = [
            r#"{"id":7,"x":[{"id":1}],"id":8,"login":"o"}"#,
            "{}",
            "null",
            "1e999",
            r#""\ud800""#,
            r#"[{"id":7}]"#,
        ];
        for value in values {
            let text = format!(r#"{{"a":1,"owner":{value},"id":2}}"#);
            let (fields, opened) =
                read_opened(&text, ["a", "owner", "id"], 1, ["id", "login"]).unwrap();
            let [id, login] = root(&text).field("owner").fields(["id", "login"]);
            assert_eq!(opened[0].id(), id.id(), "{value}");
            assert_eq!(opened[1].text(), login.text(), "{value}");
            assert_eq!(fields.parts[2].id(), Some(2), "{value}");
            assert_eq!((fields.times, fields.others), ([1, 1, 1], 0), "{value}");
        }
        let (fields, opened) =
            read_opened(r#"{"o":{"id":1},"o":{"id":2}}"#, ["o"], 0, ["id"]).unwrap();
        assert_eq!((fields.times, opened[0].id()), ([2], Some(2)));
        for text in [
            r#"{"o":{"id":1}"#,
            r#"{"o":{"id":}}"#,
            "[]",
            r#"{"o":{}} x"#,
        ] {
            assert!(read_opened(text, ["o"], 0, ["id"]).is_err(), "{text}");
        }
    }

    #[test]
    fn control_characters_and_trailing_text_are_no_json() {
        for text in [
            "{\"a\n\":1}",
            "{\"a\":\"\u{1}\"}",
            "{} x",
            "{\"a\":01}",
            "",
            "{\"a\":1,}",
        ] {
            assert!(read_object(text, ["a"]).is_err(), "{text}");
        }
    }

    #[test]
    fn times_are_read_as_text_and_as_seconds() {
        let at = Timestamp::from_millis(1_557_933_650_000);
        assert_eq!(root("1557933650").time(), Some(at));
        assert_eq!(root("\"2019-05-15T15:20:50Z\"").time(), Some(at));
        assert_eq!(root("-1").time(), None);
    }
}
