//! Comments put together of what Markdown knows, under the law of commands: pieces of which bytes
//! alone make few.

use std::fmt::Write as _;
use std::panic::catch_unwind;

use caretaker_laws::commands;

/// Comments that are tried, where the environment does not ask for more with this name.
const COMMENTS: u64 = 2_000;
/// Pieces of one at the most.
const LONGEST: usize = 9;

const PIECES: &[&str] = &[
    "@caretaker merge",
    "@caretaker merge",
    "@caretaker merge",
    "/caretaker hold",
    "text",
    "> ",
    ">",
    "- ",
    "* ",
    "+ ",
    "1. ",
    "1) ",
    "  ",
    "    ",
    "\t",
    "\n",
    "\n",
    "\n",
    "\n",
    "\n\n",
    "\r",
    "```",
    "~~~",
    "````",
    "`",
    "``",
    "<!--",
    "-->",
    "<pre>",
    "</pre>",
    "<code>",
    "</code>",
    "<details>",
    "</details>",
    "<div>",
    "</div>",
    "<a title=\"",
    "\">",
    "<b",
    ">",
    "<?",
    "?>",
    "<![CDATA[",
    "]]>",
    "<!X",
    "[",
    "]",
    "](",
    ")",
    "![",
    "[a]: b",
    "[a]:",
    "\"",
    "'",
    "(",
    "\\",
    "#",
    "# ",
    "===",
    "---",
    "***",
    "|",
    "|---|",
    "*",
    "_",
    "**",
    "~~",
    "[^1]:",
    "[^1]",
    "- [ ] ",
    "&lt;",
    "https://a",
    "<https://a>",
    "\u{a0}",
    "\u{200b}",
    "é",
    ":",
    "$$",
    "<script>",
    "<!-- a -->",
    "<br>",
    "<br/>",
    "</",
    "<textarea>",
    "</textarea>",
    "> [!NOTE]",
    "\u{b}",
    "\u{c}",
    "\u{85}",
    "\0",
];

#[test]
fn nothing_runs_that_markdown_does_not_show_as_speech() {
    let comments: u64 = std::env::var("COMMENTS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(COMMENTS);
    let mut broken = String::new();
    for n in 0..comments {
        let text = comment(n);
        if catch_unwind(|| commands::holds(text.as_bytes())).is_err() {
            writeln!(broken, "{text:?}").expect("a string takes it");
        }
    }
    assert!(broken.is_empty(), "see above:\n{broken}");
}

fn comment(n: u64) -> String {
    let mut state = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut below = |most: usize| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        let drawn = state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(drawn).expect("31 bits") % most
    };
    let pieces = 2 + below(LONGEST - 1);
    (0..pieces).map(|_| PIECES[below(PIECES.len())]).collect()
}
