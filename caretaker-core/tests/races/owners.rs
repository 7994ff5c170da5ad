//! The files that name code owners in these histories, and what each says, written down by hand.

/// A text, and its rules: everything below a directory (`""` is all) belongs to one owner; the
/// last one that fits decides.
struct Text {
    text: &'static str,
    rules: &'static [(&'static str, &'static str)],
}

const TEXTS: &[Text] = &[
    Text {
        text: "* @rita\n",
        rules: &[("", "rita")],
    },
    Text {
        text: "* @bob\n/secret/ @rita\n",
        rules: &[("", "bob"), ("secret/", "rita")],
    },
    Text {
        text: "/docs/ @bob # nothing of ours\n",
        rules: &[("docs/", "bob")],
    },
    Text {
        text: "* @octo/ghosts\n",
        rules: &[("", "octo/ghosts")],
    },
];

/// The texts.
pub(crate) fn texts() -> Vec<&'static str> {
    TEXTS.iter().map(|text| text.text).collect()
}

/// Who owns a path by a text, if anybody does; without a text nobody does.
///
/// # Panics
/// When the text is none of these.
pub(crate) fn owner(text: Option<&str>, path: &str) -> Option<&'static str> {
    let text = text?;
    let known = TEXTS.iter().find(|known| known.text == text);
    let known = known.expect("no other text is ever written");
    let mut rules = known.rules.iter().rev();
    let (_, owner) = rules.find(|(below, _)| path.starts_with(below))?;
    Some(owner)
}
