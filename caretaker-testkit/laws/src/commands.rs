//! The text of a comment. The bytes are the text.

use caretaker_core::commands::find;
use caretaker_core::model::{Login, Verb};
use pulldown_cmark::{Event, Options, Parser, TagEnd};

/// Bytes beyond which what is added here might no longer be read.
const LONGEST: usize = 100_000;
const ADDRESSES: [&str; 4] = [
    "@caretaker",
    "@the-care-taker",
    "/caretaker",
    "@house-keeper",
];

/// - What runs stands, for a reader of Markdown too, at the beginning of a line that its author
///   speaks: no quote, code or HTML.
/// - Quoted, fenced, indented or hidden as a whole, no text runs anything.
/// - How lines end does not matter; what comes before a command does not change which one it is.
pub fn holds(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let own = Login::new("house-keeper[bot]");
    let found = |text: &str| find(text, Some(&own));
    let verb = found(text);
    if text.len() > LONGEST {
        return;
    }
    if verb.is_some() {
        let speech = speech(&text.replace("\r\n", "\n").replace('\r', "\n"));
        assert!(
            speech.lines().any(addresses),
            "{verb:?} runs out of {text:?}, of which Markdown says {speech:?}"
        );
    }
    silent(text, &found);
    if !text.contains('\r') {
        assert_eq!(found(&text.replace('\n', "\r\n")), verb, "line ends");
        assert_eq!(found(&text.replace('\n', "\r")), verb, "line ends");
    }
    let asked = found(&format!("{text}\n\n@caretaker why"));
    assert!(asked == verb || (verb.is_none() && asked == Some(Verb::Why)));
    let before = found(&format!("@caretaker hold\n\n{text}"));
    assert_eq!(before, Some(Verb::Hold), "the first command counts");
}

fn silent(text: &str, found: &dyn Fn(&str) -> Option<Verb>) {
    let lines = || text.split(['\n', '\r']);
    let each = |mark: &str| {
        let lines: Vec<String> = lines().map(|line| format!("{mark}{line}")).collect();
        lines.join("\n")
    };
    for mark in ["> ", ">", "    ", "\t", "> > ", "- > "] {
        assert_eq!(found(&each(mark)), None, "{mark:?} before {text:?}");
    }
    for mark in ['`', '~'] {
        let fence = mark.to_string().repeat(longest_run(text, mark).max(2) + 1);
        for end in ["", fence.as_str()] {
            let fenced = format!("{fence}\n{text}\n{end}");
            assert_eq!(found(&fenced), None, "{fenced:?}");
        }
    }
    let hidden = format!("<!--\n{}\n-->", text.replace("-->", ""));
    assert_eq!(found(&hidden), None, "{hidden:?}");
    let inside = text.replace("</", "");
    for element in ["pre", "code", "blockquote", "details"] {
        let hidden = format!("<{element}>\n\n{inside}\n\n</{element}>");
        assert_eq!(found(&hidden), None, "{hidden:?}");
    }
}

fn longest_run(text: &str, mark: char) -> usize {
    let runs = text.split(|c| c != mark);
    runs.map(|run| run.chars().count()).max().unwrap_or(0)
}

/// Whether a line's first word is our name, as far as Markdown leaves it readable.
fn addresses(line: &str) -> bool {
    let line = line.trim().to_ascii_lowercase();
    ADDRESSES.iter().any(|name| line.starts_with(name))
}

/// What the author says, as a parser of Markdown finds it: no quotes, code or HTML. Inline ones
/// become a mark that is no text.
fn speech(text: &str) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM;
    let (mut out, mut silent) = (String::new(), 0_u32);
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Start(tag) if is_silent(tag.to_end()) => silent += 1,
            Event::End(end) if is_silent(end) => silent -= 1,
            _ if silent > 0 => {}
            Event::Text(text) => out.push_str(&text),
            Event::Code(_) | Event::InlineHtml(_) => out.push('\u{fffc}'),
            Event::Start(tag) if is_inline(tag.to_end()) => {}
            Event::End(end) if is_inline(end) => {}
            _ => out.push('\n'),
        }
    }
    out
}

/// Elements in which the author does not speak.
fn is_silent(end: TagEnd) -> bool {
    matches!(
        end,
        TagEnd::BlockQuote(_) | TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::Image
    )
}

/// Elements that break no line.
fn is_inline(end: TagEnd) -> bool {
    matches!(
        end,
        TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link
    )
}
