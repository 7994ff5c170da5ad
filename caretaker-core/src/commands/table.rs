//! Every verb, once: the parser, the help text and `docs/commands.md` come from here.

use std::fmt::Write as _;

use crate::model::Verb;

/// What is known about one verb.
#[derive(Debug)]
pub struct Row {
    /// The verb.
    pub verb: Verb,
    /// How it is spelled, in lower case; case does not matter.
    pub name: &'static str,
    /// What it does.
    pub does: &'static str,
    /// Who may use it.
    pub who: Who,
    /// Whether nothing else may stand on its line. So it is for what loosens: `merge conflicts
    /// are back` is no command. What stops or asks may be followed by words.
    pub alone: bool,
    /// As somebody would write it.
    pub example: &'static str,
}

/// Who may use a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The author of the item, and everybody with triage access or more.
    Concerned,
    /// Everybody with write access or more.
    Writers,
}

impl Who {
    /// In words, as the end of a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Concerned => "the author, and people with triage access or more",
            Self::Writers => "people with write access or more",
        }
    }
}

/// Every verb that has a spelling, in the order of the help text.
pub static TABLE: &[Row] = &[
    Row {
        verb: Verb::Why,
        name: "why",
        does: "answers with what stands against merging this pull request, and what would release it",
        who: Who::Concerned,
        alone: false,
        example: "@caretaker why",
    },
    Row {
        verb: Verb::Merge,
        name: "merge",
        does: "puts the label on that opts this pull request in to merging",
        who: Who::Writers,
        alone: true,
        example: "@caretaker merge",
    },
    Row {
        verb: Verb::Hold,
        name: "hold",
        does: "puts the label on that stops merging",
        who: Who::Writers,
        alone: false,
        example: "@caretaker hold until the release is out",
    },
    Row {
        verb: Verb::Resume,
        name: "resume",
        does: "takes that label off again",
        who: Who::Writers,
        alone: true,
        example: "@caretaker resume",
    },
    Row {
        verb: Verb::Help,
        name: "help",
        does: "answers with this list",
        who: Who::Concerned,
        alone: false,
        example: "@caretaker help",
    },
];

/// The row of a verb; `None` for [`Verb::Unknown`], which has no spelling.
pub fn row(verb: Verb) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.verb == verb)
}

/// What can be said, as Markdown.
pub fn help() -> String {
    let mut out =
        "Commands that I know, each at the beginning of a line of a new comment:\n\n".to_owned();
    out.push_str(&rows());
    out
}

/// The page `docs/commands.md`.
pub fn page() -> String {
    let mut page = String::from(HEAD);
    page.push_str(&rows());
    page.push_str(TAIL);
    page
}

fn rows() -> String {
    let mut out = String::from("| Command | What it does | Who may use it |\n|---|---|---|\n");
    for row in TABLE {
        writeln!(
            out,
            "| `{}` | {} | {} |",
            row.example,
            row.does,
            row.who.words()
        )
        .expect("writing to a string cannot fail");
    }
    out
}

const HEAD: &str = "\
# Commands in comments

Generated from the table of verbs; `make docs UPDATE=1` writes it anew.

Write a command as the first word of a line of a new comment. `@caretaker`, `@the-care-taker`,
the name of the App that runs here, and `/caretaker` all address it; case does not matter. One
command is read from a comment, the first. A comment that addresses it with anything else is
answered with this list.

";

const TAIL: &str = "
- `merge` and `resume` stand alone on their line, as they loosen something. The others may be
  followed by words, which are not read.
- Access is asked from GitHub when the command is carried out. The association that a comment
  shows counts for nothing.
- 👍 means done. 👀 means understood, but held back: the answer says by what. 😕 means refused or
  not understood; people with triage access or more, and the author, are told why.
- A command that could not be carried out within ten minutes, because GitHub or the server was
  away, is not carried out any more. It gets 😕; write it again.
- While an operator has paused Caretaker, nothing is carried out and no sign is given. When the
  pause ends, the same holds: what is younger than ten minutes is carried out then, before anything
  else is done there, and the rest gets 😕. So during a pause stop a merge by hand, with the label.
- `merge` counts because Caretaker puts the label on only for people with write access. A label
  that somebody else has put on before is taken off and put on anew. With the token of a person,
  whose acts cannot be told from Caretaker's, `merge` is refused: put the label on by hand.
- Nothing runs from quoted lines (`>`), code (fenced, indented or inline), `<pre>`, `<code>`,
  folded text, HTML comments and tags, titles and descriptions of links and images, the quoted part
  of a reply by e-mail, edited comments, comments on the diff, and comments that an automation
  wrote. Where it cannot be told, nothing runs either.
- On an issue only `help` works.
";

#[cfg(test)]
mod tests {
    use super::super::find;
    use super::*;

    #[test]
    fn every_example_is_its_verb_and_every_verb_is_in_the_help() {
        let help = help();
        for known in TABLE {
            let (verb, example) = (known.verb, known.example);
            assert_eq!(find(example, None), Some(verb), "{example}");
            assert!(help.contains(example), "{help}");
            assert_eq!(row(verb).map(|found| found.name), Some(known.name));
        }
        assert!(row(Verb::Unknown).is_none());
    }

    #[test]
    fn what_loosens_stands_alone() {
        for row in TABLE {
            let loosens = matches!(row.verb, Verb::Merge | Verb::Resume);
            assert_eq!(row.alone, loosens, "{}", row.name);
        }
    }

    #[test]
    fn our_own_help_is_no_command() {
        assert_eq!(find(&help(), None), None);
        assert_eq!(find(&page(), None), None);
    }
}
