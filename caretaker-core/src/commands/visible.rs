//! Which lines of a comment show what its author says, and not what somebody else said, code, or
//! what is not shown at all.
//!
//! This is no Markdown parser. It follows one line by line with a handful of states, each chosen
//! so that a doubt ends in silence: a line that it calls speech is speech for GitHub too; not
//! every line of speech is found.

use super::inline::{Codes, inline_code, left_open};

/// Elements whose content is shown as code, folded away, or somebody else's word.
const ELEMENTS: [&str; 12] = [
    "pre",
    "code",
    "samp",
    "kbd",
    "tt",
    "blockquote",
    "q",
    "details",
    "script",
    "style",
    "textarea",
    "template",
];
/// From here on a line that begins so far right may be code.
const CODE_INDENT: usize = 4;

/// What a line is.
#[derive(Debug, Default)]
pub(super) struct Shown<'a> {
    /// Its text, where a person speaks in it.
    pub(super) speech: Option<&'a str>,
    /// Whether it stands outside of quotes, code and comments of HTML.
    pub(super) outside: bool,
}

/// Reads a comment line by line.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// Nothing below can be told any more.
    lost: bool,
    /// Inside a comment of HTML, or another part of it that is not shown, up to this end.
    hidden: Option<&'static str>,
    /// How often each of [`ELEMENTS`] is open.
    open: [u32; ELEMENTS.len()],
    fence: Option<Fence>,
    /// Inside, or lazily behind, an item of a list.
    list: bool,
    stretch: Stretch,
}

/// What holds until the next blank line.
#[derive(Debug, Default)]
struct Stretch {
    /// A quoted line came before: what follows without a blank line still belongs to it.
    quoted: bool,
    /// Inline code, a tag, or what is not shown of a link or image may be open.
    open: bool,
    /// It began as HTML, where Markdown is not read.
    html: bool,
}

#[derive(Clone, Copy, Debug)]
struct Fence {
    mark: u8,
    length: usize,
    /// Columns to the left of it; below a list the closing fence must be as far in.
    indent: usize,
    list: bool,
}

impl Reader {
    /// What the next line is.
    pub(super) fn next<'a>(&mut self, line: &'a str) -> Shown<'a> {
        if self.lost {
            return Shown::default();
        }
        if self.hidden.is_some() {
            self.markup(line, false);
            return Shown::default();
        }
        let text = line.trim_matches([' ', '\t']);
        if text.is_empty() {
            self.stretch = Stretch::default();
            return Shown::default();
        }
        let indent = columns(line);
        if let Some(fence) = self.fence {
            self.fenced(fence, indent, text);
            return Shown::default();
        }
        let (inner, column, in_list) = without_list_marks(text, indent);
        self.list = in_list || (self.list && indent > 0);
        if inner.starts_with('>') {
            self.stretch.quoted |= !inner.trim_matches(['>', ' ', '\t']).is_empty();
            return Shown::default();
        }
        if let Some((mark, length)) = opens_fence(inner)
            && (self.list || column < CODE_INDENT)
        {
            // Where Markdown may not be read, nobody can tell whether this is one.
            self.lost = self.stretch.html || self.is_marked_up();
            self.fence = Some(Fence {
                mark,
                length,
                indent: column,
                list: self.list,
            });
            return Shown::default();
        }
        self.stretch.html |= begins_html(inner);
        self.stretch.open |= begins_definition(inner);
        let stretch = &self.stretch;
        let outside = !stretch.quoted && !stretch.html && !self.is_marked_up();
        let in_place = indent == 0 || (indent < CODE_INDENT && !self.list);
        let speech = (outside && in_place && !stretch.open).then_some(text);
        self.markup(line, true);
        Shown { speech, outside }
    }

    fn is_marked_up(&self) -> bool {
        self.hidden.is_some() || self.open.iter().any(|count| *count > 0)
    }

    fn fenced(&mut self, fence: Fence, indent: usize, text: &str) {
        let marks = text.bytes().take_while(|byte| *byte == fence.mark).count();
        let closes = marks >= fence.length && marks == text.len();
        if !fence.list {
            if closes && indent < CODE_INDENT {
                self.fence = None;
            }
        } else if closes && indent == fence.indent {
            self.fence = None;
        } else if closes || indent < fence.indent {
            // The item of the list may have ended, and the fence with it.
            self.lost = true;
        }
    }

    /// Follows inline code, comments and elements through a line.
    fn markup(&mut self, line: &str, fresh: bool) {
        let codes = if fresh {
            inline_code(line)
        } else {
            Codes::default()
        };
        // Behind what may be open, or may stand inside of a tag, nobody can tell what is code: then
        // all tags count.
        let unsure = self.stretch.open || codes.in_tag;
        let spans = if unsure { &[][..] } else { &codes.spans };
        self.stretch.open = unsure || codes.open || left_open(line, spans);
        let mut at = 0;
        while at < line.len() {
            if let Some(end) = self.hidden {
                let Some(found) = line[at..].find(end) else {
                    return;
                };
                (self.hidden, at) = (None, at + found + end.len());
                continue;
            }
            let Some(next) = line[at..].find('<').map(|next| at + next) else {
                return;
            };
            let within = spans.partition_point(|(_, end)| *end <= next);
            if let Some((begin, end)) = spans.get(within)
                && *begin <= next
            {
                at = *end;
                continue;
            }
            at = next + 1;
            let tag = &line[at..];
            if let Some((begin, end)) = hides(tag) {
                (self.hidden, at) = (Some(end), at + begin.len());
            } else if let Some(name) = tag.strip_prefix('/') {
                if let Some(element) = element(name) {
                    self.open[element] = self.open[element].saturating_sub(1);
                }
            } else if let Some(element) = element(tag) {
                self.open[element] = self.open[element].saturating_add(1);
            }
        }
    }
}

/// How a part of HTML that is not shown begins behind its `<`, and how it ends, over any number of
/// lines: comments, instructions, declarations, data.
fn hides(tag: &str) -> Option<(&'static str, &'static str)> {
    const PARTS: [(&str, &str); 4] = [("!--", "-->"), ("?", "?>"), ("![CDATA[", "]]>"), ("!", ">")];
    let part = PARTS.into_iter().find(|(begin, _)| tag.starts_with(begin));
    part.filter(|(begin, _)| {
        *begin != "!" || tag[1..].starts_with(|c: char| c.is_ascii_alphabetic())
    })
}

/// Which of [`ELEMENTS`] a tag names, from the text behind its `<` or `</`.
fn element(tag: &str) -> Option<usize> {
    let length = tag.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let name = &tag[..length];
    ELEMENTS
        .iter()
        .position(|element| name.eq_ignore_ascii_case(element))
}

/// How far in a line begins; a tab goes to the next multiple of four.
fn columns(line: &str) -> usize {
    let blank = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t'));
    blank.fold(0, |column, byte| {
        if byte == b'\t' {
            (column / 4 + 1) * 4
        } else {
            column + 1
        }
    })
}

/// What stands behind the marks of lists that a line begins with, its column, and whether there
/// were such marks.
fn without_list_marks(text: &str, indent: usize) -> (&str, usize, bool) {
    let (mut text, mut column, mut any) = (text, indent, false);
    while let Some(length) = list_mark(text) {
        let rest = &text[length..];
        column += length + columns(rest);
        text = rest.trim_start_matches([' ', '\t']);
        any = true;
    }
    (text, column, any)
}

/// The length of a mark that begins an item of a list.
fn list_mark(text: &str) -> Option<usize> {
    let digits = text.bytes().take(10).take_while(u8::is_ascii_digit).count();
    let mark = text.as_bytes().get(digits)?;
    let is_mark = match digits {
        0 => matches!(mark, b'-' | b'*' | b'+'),
        1..=9 => matches!(mark, b'.' | b')'),
        _ => false,
    };
    let next = text.as_bytes().get(digits + 1);
    (is_mark && next.is_none_or(|next| matches!(next, b' ' | b'\t'))).then_some(digits + 1)
}

/// The mark and length of a fence that a line opens.
fn opens_fence(text: &str) -> Option<(u8, usize)> {
    let mark = *text.as_bytes().first()?;
    let length = text.bytes().take_while(|byte| *byte == mark).count();
    let tilde = mark == b'~';
    let tick = mark == b'`' && !text[length..].contains('`');
    (length >= 3 && (tilde || tick)).then_some((mark, length))
}

/// Whether a link may be defined here, which is not shown, by as many lines as follow.
fn begins_definition(text: &str) -> bool {
    text.starts_with('[') && text.contains("]:")
}

fn begins_html(text: &str) -> bool {
    let mut chars = text.chars();
    let second = |c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?');
    chars.next() == Some('<') && chars.next().is_some_and(second)
}
