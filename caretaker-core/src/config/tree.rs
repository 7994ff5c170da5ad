//! YAML text to a tree that knows its lines. What the keys mean is `validate`'s business.
//!
//! Scalars stay text here; their type is decided where a key says which one is wanted. Taken is
//! the plain part of YAML 1.2: one document, no anchors, aliases, tags or directives, so a file
//! means what it looks like and its size bounds the tree.

use std::collections::BTreeMap;
use std::mem;

use granit_parser::{Event, Marker, Parser, ScalarStyle, ScanError};

use super::problem::{Place, Problem, ProblemKind, is_full, push, quoted, said};

/// Bigger files are not read.
pub(super) const MAX_BYTES: usize = 256 * 1024;
/// The deepest key of the table has five levels.
const MAX_DEPTH: usize = 32;

/// A value and where it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) at: Place,
    pub(super) value: Yaml,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Yaml {
    /// Unquoted text, whose type is still open.
    Plain(String),
    /// Quoted or block text.
    Quoted(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// Something not taken; its problem is already reported.
    Refused,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) at: Place,
    pub(super) value: Node,
}

/// What plain text is by the core schema of YAML 1.2, without its hexadecimal, octal,
/// exponential and infinite numbers: nothing here needs them, and other readers disagree on
/// numbers with leading zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plain<'a> {
    Null,
    Switch(bool),
    /// `None` when it does not fit 64 bits.
    Whole(Option<i64>),
    Decimal,
    Text(&'a str),
}

impl<'a> Plain<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Self::Null,
            "true" | "True" | "TRUE" => Self::Switch(true),
            "false" | "False" | "FALSE" => Self::Switch(false),
            text => {
                let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
                let (whole, fraction) = match digits.split_once('.') {
                    Some((whole, fraction)) => (whole, Some(fraction)),
                    None => (digits, None),
                };
                let leading_zero = whole.len() > 1 && whole.starts_with('0');
                let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
                if whole.is_empty() || leading_zero || !all_digits(whole) {
                    return Self::Text(text);
                }
                match fraction {
                    None => Self::Whole(text.parse().ok()),
                    Some(f) if !f.is_empty() && all_digits(f) => Self::Decimal,
                    Some(_) => Self::Text(text),
                }
            }
        }
    }
}

/// Reads the text. The root is `None` for an empty file, and for one that cannot be read to its
/// end, which always comes with a problem.
pub(super) fn read(text: &str, problems: &mut Vec<Problem>) -> Option<Node> {
    if text.len() > MAX_BYTES {
        problems.push(Place::START.problem(
            "",
            ProblemKind::TooLarge,
            format!("the file has {} bytes, more than {MAX_BYTES}", text.len()),
            "shorten it",
        ));
        return None;
    }
    let options = granit_parser::options! {
        disallow_directives: true,
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH * 2,
        block_nesting_limit: MAX_DEPTH * 2,
    };
    let mut builder = Builder {
        problems,
        frames: Vec::new(),
        root: None,
    };
    for next in Parser::new_from_str_with_options(text, options) {
        let taken = match next {
            Ok((event, span)) => builder.take(event, place(span.start)),
            Err(error) => Err(syntax(&error)),
        };
        if let Err(problem) = taken {
            push(builder.problems, problem);
            return None;
        }
        if is_full(builder.problems) {
            return None;
        }
    }
    builder.root
}

fn place(mark: Marker) -> Place {
    let one_based = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Place {
        line: one_based(mark.line().max(1)),
        column: one_based(mark.col() + 1),
    }
}

fn syntax(error: &ScanError) -> Problem {
    place(*error.marker()).problem(
        "",
        ProblemKind::Syntax,
        format!("this is not YAML: {}", said(&error.info())),
        "check indentation, colons and quotes here and on the line before",
    )
}

struct Builder<'a> {
    problems: &'a mut Vec<Problem>,
    frames: Vec<Frame>,
    root: Option<Node>,
}

/// A collection that is still open.
enum Frame {
    List {
        at: Place,
        rows: Vec<Node>,
    },
    Map {
        at: Place,
        entries: Vec<Entry>,
        lines: BTreeMap<String, u32>,
        key: Slot,
    },
}

/// The key whose value comes next.
enum Slot {
    /// The next node is a key.
    Empty,
    Key(String, Place),
    /// The next node belongs to a key that was refused.
    Refused,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, at: Place) -> Result<(), Problem> {
        if event.anchor_id().is_some() || event.is_alias() || event.tag().is_some() {
            let problem = at.problem(
                "",
                ProblemKind::Unsupported,
                "anchors, aliases and tags are not taken",
                "write the value out",
            );
            push(self.problems, problem);
            if event.is_alias() {
                self.deliver(Node {
                    at,
                    value: Yaml::Refused,
                });
                return Ok(());
            }
        }
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                return Err(at.problem(
                    "",
                    ProblemKind::Unsupported,
                    "the file holds more than one document",
                    "remove the `---` between them",
                ));
            }
            Event::Scalar(text, style, ..) => {
                let value = match style {
                    ScalarStyle::Plain => Yaml::Plain(text.into_owned()),
                    _ => Yaml::Quoted(text.into_owned()),
                };
                self.deliver(Node { at, value });
            }
            Event::SequenceStart(..) => self.open(
                Frame::List {
                    at,
                    rows: Vec::new(),
                },
                at,
            )?,
            Event::MappingStart(..) => self.open(
                Frame::Map {
                    at,
                    entries: Vec::new(),
                    lines: BTreeMap::new(),
                    key: Slot::Empty,
                },
                at,
            )?,
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            // The stream's own marks, comments and whatever a later parser may add carry no node.
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, frame: Frame, at: Place) -> Result<(), Problem> {
        if self.frames.len() == MAX_DEPTH {
            return Err(at.problem(
                "",
                ProblemKind::TooDeep,
                format!("nested more than {MAX_DEPTH} levels deep"),
                "no key lies deeper than five",
            ));
        }
        self.frames.push(frame);
        Ok(())
    }

    fn close(&mut self) {
        match self.frames.pop() {
            Some(Frame::List { at, rows }) => {
                self.deliver(Node {
                    at,
                    value: Yaml::List(rows),
                });
            }
            Some(Frame::Map { at, entries, .. }) => {
                self.deliver(Node {
                    at,
                    value: Yaml::Map(entries),
                });
            }
            None => {}
        }
    }

    fn deliver(&mut self, node: Node) {
        match self.frames.last_mut() {
            None => self.root = Some(node),
            Some(Frame::List { rows, .. }) => rows.push(node),
            Some(Frame::Map {
                entries,
                lines,
                key,
                ..
            }) => match mem::replace(key, Slot::Empty) {
                Slot::Key(name, at) => entries.push(Entry {
                    key: name,
                    at,
                    value: node,
                }),
                Slot::Refused => {}
                Slot::Empty => {
                    let (slot, problem) = new_key(node, lines);
                    *key = slot;
                    if let Some(problem) = problem {
                        push(self.problems, problem);
                    }
                }
            },
        }
    }
}

fn new_key(node: Node, lines: &mut BTreeMap<String, u32>) -> (Slot, Option<Problem>) {
    let at = node.at;
    let name = match node.value {
        Yaml::Plain(name) | Yaml::Quoted(name) => name,
        Yaml::Refused => return (Slot::Refused, None),
        Yaml::List(_) | Yaml::Map(_) => {
            let problem = at.problem(
                "",
                ProblemKind::Unsupported,
                "a list or mapping stands where a key must be",
                "write `key: value`",
            );
            return (Slot::Refused, Some(problem));
        }
    };
    if let Some(line) = lines.get(&name) {
        let problem = at.problem(
            &name,
            ProblemKind::Duplicate,
            format!("{} is there twice, first on line {line}", quoted(&name)),
            "keep one of them",
        );
        return (Slot::Refused, Some(problem));
    }
    lines.insert(name.clone(), at.line);
    (Slot::Key(name, at), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<(u32, ProblemKind)> {
        let mut problems = Vec::new();
        let _ = read(text, &mut problems);
        problems.iter().map(|p| (p.line, p.kind)).collect()
    }

    #[test]
    fn keys_know_their_line_and_column() {
        let mut problems = Vec::new();
        let root = read("# top\na:\n  b: 1\n  c: [x,\n    y]\n", &mut problems).unwrap();
        let Yaml::Map(top) = root.value else { panic!() };
        let Yaml::Map(inner) = &top[0].value.value else {
            panic!()
        };
        assert_eq!(top[0].at, Place { line: 2, column: 1 });
        assert_eq!(inner[1].at, Place { line: 4, column: 3 });
        let Yaml::List(rows) = &inner[1].value.value else {
            panic!()
        };
        assert_eq!(rows[1].at, Place { line: 5, column: 5 });
        assert_eq!(problems, []);
    }

    #[test]
    fn what_is_not_taken_is_named_with_its_line() {
        use ProblemKind::{Duplicate, Syntax, TooDeep, TooLarge, Unsupported};
        let cases: [(&str, &[(u32, ProblemKind)]); 15] = [
            ("a: 1\nb: 2\na: 3\n", &[(3, Duplicate)]),
            ("a:\n  b: 1\n  'b': 2\n", &[(3, Duplicate)]),
            ("a: &x 1\nb: *x\n", &[(1, Unsupported), (2, Unsupported)]),
            ("a: !!str 1\n", &[(1, Unsupported)]),
            ("a: 1\n---\nb: 1\n", &[(2, Unsupported)]),
            ("a: 1\n? [x, y]\n: 1\n", &[(2, Unsupported)]),
            ("a: 1\nb: [1, 2\n", &[(2, Syntax)]),
            ("a: 1\n b: 2\n", &[(2, Syntax)]),
            ("%YAML 1.1\n---\na: 1\n", &[(1, Syntax)]),
            ("a: *nowhere\n", &[(1, Syntax)]),
            (
                &format!("a: {}{}", "[".repeat(40), "]".repeat(40)),
                &[(1, TooDeep)],
            ),
            (&format!("a: {}", "[".repeat(10_000)), &[(1, Syntax)]),
            (&"- ".repeat(100_000), &[(1, TooDeep)]),
            (&"{a: ".repeat(50_000), &[(1, Syntax)]),
            (&"#".repeat(MAX_BYTES + 1), &[(1, TooLarge)]),
        ];
        for (text, expected) in cases {
            assert_eq!(problems(text), expected, "{}", &text[..text.len().min(60)]);
        }
    }

    #[test]
    fn what_the_parser_says_opens_no_quotes() {
        let mut problems = Vec::new();
        let _ = read("a: 1\u{0}\n", &mut problems);
        assert_eq!(problems.len(), 1);
        assert!(!problems[0].message.contains('`'), "{problems:?}");
    }

    #[test]
    fn aliases_cannot_make_a_small_file_big() {
        let line = |n: usize| format!("a{n}: &a{n} [*a{0}, *a{0}]", n - 1);
        let lines: Vec<_> = (1..30).map(line).collect();
        let text = format!("a0: &a0 [x]\n{}\n", lines.join("\n"));
        let mut problems = Vec::new();
        let _ = read(&text, &mut problems);
        assert_eq!(problems.len(), 30 + 58, "each is refused where it stands");
    }

    #[test]
    fn an_empty_file_has_no_root_and_no_problem() {
        for text in ["", "\n\n", "# only a comment\n"] {
            let mut problems = Vec::new();
            assert_eq!(read(text, &mut problems), None);
            assert_eq!(problems, []);
        }
    }

    #[test]
    fn plain_text_has_the_type_it_looks_like() {
        let cases = [
            ("", Plain::Null),
            ("~", Plain::Null),
            ("True", Plain::Switch(true)),
            ("tRue", Plain::Text("tRue")),
            ("yes", Plain::Text("yes")),
            ("0", Plain::Whole(Some(0))),
            ("-12", Plain::Whole(Some(-12))),
            ("99999999999999999999", Plain::Whole(None)),
            ("010", Plain::Text("010")),
            ("0x10", Plain::Text("0x10")),
            ("1_000", Plain::Text("1_000")),
            ("1.5", Plain::Decimal),
            ("1.", Plain::Text("1.")),
            (".5", Plain::Text(".5")),
            ("1e3", Plain::Text("1e3")),
            ("v1", Plain::Text("v1")),
            ("-", Plain::Text("-")),
        ];
        for (text, expected) in cases {
            assert_eq!(Plain::of(text), expected, "{text}");
        }
    }
}
