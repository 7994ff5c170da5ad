//! What stands inside of a line: inline code, and what may go on in the next line without being
//! shown there.

/// Where inline code stands in a line.
#[derive(Debug, Default)]
pub(super) struct Codes {
    /// Beginning and end of each piece that ends in the line, in order.
    pub(super) spans: Vec<(usize, usize)>,
    /// Whether a run of backticks is left that the line does not close.
    pub(super) open: bool,
    /// Whether a run of backticks may belong to a tag of HTML before it.
    pub(super) in_tag: bool,
}

/// Finds the inline code of a line at whose beginning none is open.
pub(super) fn inline_code(line: &str) -> Codes {
    let (bytes, mut codes) = (line.as_bytes(), Codes::default());
    let mut opened: Option<(usize, usize)> = None;
    let (mut at, mut tag) = (0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if opened.is_none() => at += 2,
            b'`' => {
                let length = bytes[at..].iter().take_while(|byte| **byte == b'`').count();
                match opened {
                    None => {
                        codes.in_tag |= tag;
                        opened = Some((at, length));
                    }
                    Some((begin, wanted)) if wanted == length => {
                        codes.spans.push((begin, at + length));
                        opened = None;
                    }
                    Some(_) => {}
                }
                at += length;
            }
            byte => {
                tag |= opened.is_none() && byte == b'<';
                at += 1;
            }
        }
    }
    codes.open = opened.is_some();
    codes
}

/// Whether something begins in the line that may go on in the next one, and is not shown there: a
/// tag of HTML, the description of an image, the name, target or title of a link. `codes` are the
/// pieces of inline code, as far as they are certain.
///
/// What begins counts wherever it may stand, what ends only where it surely does.
pub(super) fn left_open(line: &str, codes: &[(usize, usize)]) -> bool {
    let bytes = line.as_bytes();
    let (mut brackets, mut at) = (0_usize, 0);
    // Up to where a closing mark may belong to something else.
    let mut within = 0;
    let mut codes = codes.iter().peekable();
    while at < bytes.len() {
        if let Some((_, end)) = codes.next_if(|(begin, _)| *begin <= at) {
            within = within.max(*end);
        }
        let rest = &line.as_bytes()[at..];
        match bytes[at] {
            b'\\' if at >= within => at += 1,
            b'<' if at >= within => match tag(rest) {
                Some(length) => within = at + length,
                None => return true,
            },
            b'[' => brackets += 1,
            b']' if at >= within => {
                brackets = brackets.saturating_sub(1);
                if rest.get(1) == Some(&b'(') {
                    match closed(&rest[2..], b')') {
                        Some(length) => within = at + 2 + length,
                        None => return true,
                    }
                }
            }
            _ => {}
        }
        at += 1;
    }
    brackets > 0
}

/// How long the tag is that may begin here: nought where none does, `None` where it does not end.
fn tag(text: &[u8]) -> Option<usize> {
    let begins = |start: &str| text.starts_with(start.as_bytes());
    let until = |end: &str| {
        let found = text
            .windows(end.len())
            .position(|part| part == end.as_bytes());
        found.map(|at| at + end.len())
    };
    match text.get(1) {
        Some(b'?') => until("?>"),
        Some(b'!') if begins("<!--") => until("-->"),
        Some(b'!') if begins("<![CDATA[") => until("]]>"),
        Some(b'!') => until(">"),
        Some(b'/' | b'a'..=b'z' | b'A'..=b'Z') => closed(&text[1..], b'>').map(|at| at + 1),
        _ => Some(0),
    }
}

/// How far it is to the end of what is open, over what is quoted or bracketed on the way.
fn closed(text: &[u8], end: u8) -> Option<usize> {
    let (mut at, mut depth) = (0, 1_usize);
    while let Some(byte) = text.get(at) {
        at += 1;
        let quoted = match byte {
            byte if *byte == end => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
                continue;
            }
            b'(' if end == b')' => {
                depth += 1;
                continue;
            }
            b'\\' if end == b')' => {
                at += 1;
                continue;
            }
            b'<' if end == b')' => b'>',
            b'"' | b'\'' => *byte,
            _ => continue,
        };
        at += text.get(at..)?.iter().position(|byte| *byte == quoted)? + 1;
    }
    None
}
