//! The grammar: who is addressed, and with which verb.

use super::mail;
use super::table::TABLE;
use super::visible::Reader;
use crate::model::{Login, Verb};

/// Names that always address us, beside our own account's.
const NAMES: [&str; 2] = ["caretaker", "the-care-taker"];
/// The other way to address us.
const SLASH: &str = "/caretaker";
/// Bytes of a comment that are read: four for each of the 65 536 characters that GitHub takes.
const LONGEST: usize = 262_144;

/// The first command that a comment's text gives, if it gives one. `own`: our account, in whose
/// name people may address us too.
///
/// Only plain ASCII spells a command: invisible or look-alike characters make it none, or an
/// unknown one, never another one.
pub fn find(body: &str, own: Option<&Login>) -> Option<Verb> {
    let body = &body[..body.floor_char_boundary(LONGEST)];
    let own = own.map(|login| bare(login.as_str()));
    let lines: Vec<&str> = lines(body).collect();
    let mut reader = Reader::default();
    for (at, line) in lines.iter().enumerate() {
        let shown = reader.next(line);
        if shown.outside && mail::begins(&lines[at..]) {
            return None;
        }
        if let Some(verb) = shown.speech.and_then(|text| spoken(text, own)) {
            return Some(verb);
        }
    }
    None
}

/// Lines as Markdown has them: a line feed, a carriage return, or both end one.
fn lines(body: &str) -> impl Iterator<Item = &str> {
    body.split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .flat_map(|line| line.split('\r'))
}

/// The command on a line that a person spoke.
fn spoken(text: &str, own: Option<&str>) -> Option<Verb> {
    let (first, rest) = word(text);
    if !addresses(first, own) {
        return None;
    }
    let (verb, rest) = word(rest);
    let row = TABLE.iter().find(|row| {
        let ends: &[char] = if row.alone {
            &['.', '!']
        } else {
            &['.', '!', '?', ',', ':', ';']
        };
        verb.trim_end_matches(ends).eq_ignore_ascii_case(row.name)
    });
    match row {
        Some(row) if !row.alone || rest.is_empty() => Some(row.verb),
        Some(_) | None => Some(Verb::Unknown),
    }
}

/// The first word and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_matches([' ', '\t']);
    let (word, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    (word, rest.trim_matches([' ', '\t']))
}

fn addresses(word: &str, own: Option<&str>) -> bool {
    let word = word.strip_suffix([',', ':']).unwrap_or(word);
    if word.eq_ignore_ascii_case(SLASH) {
        return true;
    }
    let Some(name) = word.strip_prefix('@').map(bare) else {
        return false;
    };
    let mut names = NAMES.into_iter().chain(own);
    names.any(|ours| !ours.is_empty() && name.eq_ignore_ascii_case(ours))
}

/// An account's name without what marks it as an App's.
fn bare(name: &str) -> &str {
    name.strip_suffix("[bot]").unwrap_or(name)
}

#[cfg(test)]
mod tests;
