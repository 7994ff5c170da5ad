//! One value, many faces: renders reasons and facts as a tree, a line, or Markdown.
//!
//! Text from outside comes in as [`Fact::Name`] and leaves escaped: no mention, link, marker,
//! code fence or control character can arise from it (decisions §10).

use std::fmt::Write as _;

use crate::model::{Fact, Holds, Owner, Reason};

/// How wide names from outside may get before they are cut.
const LONGEST_NAME: usize = 80;

/// Text from outside, made harmless for terminals and for GitHub's Markdown.
///
/// Control and invisible format characters are dropped; characters that begin mentions, links,
/// HTML, code, emphasis or references are followed or replaced by look-alikes that begin nothing.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (n, c) in text.chars().filter(|c| !invisible(*c)).enumerate() {
        if n == LONGEST_NAME * 4 {
            out.push('…');
            break;
        }
        match c {
            '@' => out.push('＠'),
            '#' => out.push('＃'),
            '<' => out.push('‹'),
            '>' => out.push('›'),
            '`' => out.push('\''),
            '[' | ']' | '(' | ')' | '!' | '*' | '_' | '~' | '|' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            ':' => out.push('∶'),
            '\n' | '\r' | '\t' => out.push(' '),
            plain => out.push(plain),
        }
    }
    out
}

/// A name that people shall be able to copy, such as a label, as code inside Markdown.
///
/// Nothing in it can end the code or begin a comment of HTML; code mentions and links nobody.
pub fn code(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 2);
    out.push('`');
    if is_harmless(name) {
        out.push_str(name);
    } else {
        out.extend(shown(name).map(|c| match c {
            '`' => '\'',
            '<' => '‹',
            '>' => '›',
            c => c,
        }));
    }
    out.push('`');
    out
}

/// Whether a name can be shown as it is, as nearly all can.
fn is_harmless(name: &str) -> bool {
    let harmless = |b| matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b':' | b'-' | b'/');
    name.len() <= LONGEST_NAME && name.bytes().all(harmless)
}

fn invisible(c: char) -> bool {
    // Nearly every character.
    if matches!(c, ' '..='~') {
        return false;
    }
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        || matches!(
            c,
            '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        )
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// For terminals: names lose what moves the cursor, and keep the rest as it is.
pub fn plain(text: &str) -> String {
    shown(text).collect()
}

/// JSON for terminals: what cannot be seen or moves the cursor is written as JSON escapes it, so
/// that it is the same JSON.
pub fn plain_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if invisible(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(out, "\\u{unit:04x}").expect("writing to a string cannot fail");
            }
        } else {
            out.push(c);
        }
    }
    out
}

fn shown(text: &str) -> impl Iterator<Item = char> {
    let visible = text.chars().filter(|c| !invisible(*c)).take(LONGEST_NAME);
    visible.map(|c| match c {
        '\n' | '\r' | '\t' => ' ',
        c => c,
    })
}

impl std::fmt::Display for Fact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(n) => write!(f, "{n}"),
            Self::Flag(true) => f.write_str("yes"),
            Self::Flag(false) => f.write_str("no"),
            Self::Time(at) => write!(f, "{at}"),
            Self::Span(span) => write!(f, "{span}"),
            Self::Word(word) => f.write_str(word),
            Self::Name(name) => f.write_str(&plain(name)),
            Self::List(facts) if facts.is_empty() => f.write_str("none"),
            Self::List(facts) => {
                for (n, fact) in facts.iter().enumerate() {
                    if n > 0 {
                        f.write_str(", ")?;
                    }
                    fact.fmt(f)?;
                }
                Ok(())
            }
        }
    }
}

impl Fact {
    /// The fact inside Markdown.
    pub fn markdown(&self) -> String {
        match self {
            Self::Name(name) => escape(name),
            Self::List(facts) if !facts.is_empty() => facts
                .iter()
                .map(Self::markdown)
                .collect::<Vec<_>>()
                .join(", "),
            Self::Count(_)
            | Self::Flag(_)
            | Self::Time(_)
            | Self::Span(_)
            | Self::Word(_)
            | Self::List(_) => self.to_string(),
        }
    }
}

impl Owner {
    /// Who that is, for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::Reviewer => "reviewer",
            Self::Maintainer => "maintainer",
            Self::Ci => "CI",
            Self::GitHub => "GitHub",
            Self::Operator => "operator",
        }
    }
}

impl Holds {
    fn sign(self) -> char {
        match self {
            Self::Holds => '✓',
            Self::Fails => '✗',
            Self::Unknown => '?',
            Self::NotApplicable => '–',
        }
    }
}

impl Reason {
    /// The whole tree, two spaces a level, for a terminal.
    pub fn tree(&self) -> String {
        let mut out = String::new();
        self.branch(0, &mut out);
        out
    }

    fn branch(&self, depth: usize, out: &mut String) {
        let (indent, sign) = ("  ".repeat(depth), self.result.sign());
        let rule = self.rule.replace('_', " ");
        write!(out, "{indent}{sign} {rule}").expect("writing to a string cannot fail");
        if !self.saw.is_empty() {
            let saw: Vec<String> = self
                .saw
                .iter()
                .map(|(name, fact)| format!("{}: {fact}", name.replace('_', " ")))
                .collect();
            write!(out, " ({})", saw.join("; ")).expect("writing to a string cannot fail");
        }
        out.push('\n');
        if let (Some(unblock), Holds::Fails | Holds::Unknown) = (&self.unblock, self.result) {
            let (who, what) = (unblock.owner.word(), &unblock.remedy);
            writeln!(out, "{indent}    → {who}: {what}").expect("writing to a string cannot fail");
        }
        for child in &self.children {
            child.branch(depth + 1, out);
        }
    }

    /// One line: the rule, and what stands against it.
    pub fn line(&self) -> String {
        let against: Vec<String> = self
            .against()
            .iter()
            .filter(|leaf| !std::ptr::eq(**leaf, self))
            .map(|leaf| leaf.rule.replace('_', " "))
            .collect();
        let rule = self.rule.replace('_', " ");
        match self.result {
            Holds::Holds | Holds::NotApplicable => rule,
            Holds::Fails | Holds::Unknown if against.is_empty() => format!("not {rule}"),
            Holds::Fails | Holds::Unknown => format!("{rule}: not {}", against.join(", not ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_mentions_links_or_marks() {
        let nasty = "@octocat #1 <!-- caretaker:status --> [x](http://e.vil) `code` \u{202e}rtl\n";
        let safe = escape(nasty);
        for bad in ["@", "#", "<", ">", "`", "](", "http:", "\u{202e}", "\n"] {
            assert!(!safe.contains(bad), "{bad:?} survived in {safe:?}");
        }
    }

    #[test]
    fn code_stays_code_and_can_be_copied() {
        assert_eq!(code("caretaker:hold"), "`caretaker:hold`");
        assert_eq!(code("a` <!-- b -->\n"), "`a' ‹!-- b --› `");
    }

    #[test]
    fn a_tree_shows_what_was_seen_and_who_can_help() {
        let reason = Reason::all(
            "ready_to_merge",
            vec![
                Reason::leaf("is_no_draft", true),
                Reason::leaf("checks_passed", false)
                    .saw("failed", Fact::names(["lint\u{1b}[2J"]))
                    .unblock(Owner::Ci, "wait for a green run"),
            ],
        );
        let expected = "✗ ready to merge\n  ✓ is no draft\n  ✗ checks passed (failed: lint[2J)\n      → CI: wait for a green run\n";
        assert_eq!(reason.tree(), expected);
        assert_eq!(reason.line(), "ready to merge: not checks passed");
        let alone = Reason::leaf("idle_long_enough", false);
        assert_eq!(alone.line(), "not idle long enough", "said once");
    }
}
