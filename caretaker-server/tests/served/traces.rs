//! Looking for secrets in what must hold none, also where they were encoded on the way.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

/// Something that nobody may read.
pub(crate) struct Kept {
    /// What it is called where it is found.
    pub(crate) name: String,
    /// Any of these gives it away.
    forms: Vec<String>,
}

impl Kept {
    /// One secret; of a text of several lines each counts, unless chance could make it.
    pub(crate) fn new(name: &str, secret: &str) -> Self {
        let lines = secret.lines().map(str::trim);
        let parts = lines.filter(|line| line.len() >= 16 && !line.starts_with("-----"));
        let forms: Vec<_> = parts.flat_map(forms).collect();
        assert!(!forms.is_empty(), "too short to be told from chance");
        Self {
            name: name.to_owned(),
            forms,
        }
    }
}

/// Which of these stand in there.
pub(crate) fn found<'a>(kept: &'a [Kept], bytes: &[u8]) -> Vec<&'a str> {
    // Whatever is no text around it: the forms are.
    let text = String::from_utf8_lossy(bytes);
    let leaks = |kept: &&Kept| kept.forms.iter().any(|form| text.contains(form));
    kept.iter().filter(leaks).map(|kept| &*kept.name).collect()
}

/// A text as it stands, in JSON, in an address, in hexadecimal, and in base64 wherever in a longer
/// text it begins.
fn forms(text: &str) -> Vec<String> {
    let json = serde_json::to_string(text).unwrap();
    let mut forms = vec![text.to_owned(), json[1..json.len() - 1].to_owned()];
    let plain = |byte: u8| byte.is_ascii_alphanumeric();
    for (all, upper) in [(false, true), (false, false), (true, true), (true, false)] {
        let coded = text.bytes().map(|byte| match (all, upper) {
            (false, _) if plain(byte) || b"-._~".contains(&byte) => char::from(byte).to_string(),
            (_, true) => format!("%{byte:02X}"),
            (_, false) => format!("%{byte:02x}"),
        });
        forms.push(coded.collect());
    }
    let hex: String = text.bytes().map(two_digits).collect();
    forms.push(hex.to_uppercase());
    forms.push(hex);
    for before in 0..3 {
        let mut shifted = vec![0; before];
        shifted.extend(text.bytes());
        // What is left and right of it takes part in the first and the last letters.
        let (first, end) = ((before * 8).div_ceil(6), shifted.len() * 8 / 6);
        for coded in [
            STANDARD_NO_PAD.encode(&shifted),
            URL_SAFE_NO_PAD.encode(&shifted),
        ] {
            forms.push(coded[first..end].to_owned());
        }
    }
    forms
}

fn two_digits(byte: u8) -> String {
    format!("{byte:02x}")
}

/// Every value of every table of a store, unpacked where it is packed.
pub(crate) fn values(store: &Path) -> Vec<(String, Vec<u8>)> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = Connection::open_with_flags(store, flags).unwrap();
    let tables = "select name from sqlite_schema where type = 'table'";
    let mut tables = connection.prepare(tables).unwrap();
    let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let tables: Vec<String> = tables.map(Result::unwrap).collect();
    let mut values = Vec::new();
    for table in tables {
        let mut all = connection
            .prepare(&format!("select * from \"{table}\""))
            .unwrap();
        let columns = all.column_count();
        let mut rows = all.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                match row.get_ref(column).unwrap() {
                    ValueRef::Text(text) => values.push((table.clone(), text.to_vec())),
                    ValueRef::Blob(blob) => {
                        // A blob that is not packed is itself.
                        let whole = lz4_flex::decompress_size_prepended(blob);
                        values.push((table.clone(), whole.unwrap_or_else(|_| blob.to_vec())));
                    }
                    ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => {}
                }
            }
        }
    }
    values
}

#[test]
fn a_secret_is_found_in_whatever_form_it_leaks() {
    let secret = "ghs_a/b+c=d\"e f0123456789";
    let kept = [Kept::new("token", secret)];
    let json = serde_json::to_string(&["x", secret]).unwrap();
    let within = |before: &str| format!("{before}{secret} and more");
    let hex: String = secret.bytes().map(two_digits).collect();
    let percent = |byte| format!("%{}", two_digits(byte));
    let percent: String = secret.bytes().map(percent).collect();
    for leak in [
        format!("Bearer {secret}\n"),
        json,
        "https://x/?t=ghs_a%2Fb%2Bc%3Dd%22e%20f0123456789&u=1".to_owned(),
        percent,
        hex.to_uppercase(),
        STANDARD_NO_PAD.encode(within("")),
        STANDARD_NO_PAD.encode(within("u:")),
        URL_SAFE_NO_PAD.encode(within("x-access-token:")),
        URL_SAFE_NO_PAD.encode(within("a")),
    ] {
        assert_eq!(found(&kept, leak.as_bytes()), ["token"], "{leak}");
    }
    assert!(found(&kept, b"ghs_a/b and nothing more").is_empty());
    let within_noise = [&b"\xff"[..], secret.as_bytes()].concat();
    assert_eq!(found(&kept, &within_noise), ["token"]);
}
