//! Which lines of a pull request can be commented on: those that stand in its difference.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::Side;

/// The lines that stand in a difference, by file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anchors(BTreeMap<String, BTreeSet<(Side, u32)>>);

impl Anchors {
    /// Reads what `git diff` writes. Total and linear: what is no difference has no lines.
    pub fn of_diff(text: &str) -> Self {
        let mut anchors = Self::default();
        let mut file = File::default();
        for line in text.split('\n') {
            if file.takes(line) {
                continue;
            }
            if line.starts_with("diff --git ") {
                anchors.keep(std::mem::take(&mut file));
            } else if let Some(name) = line.strip_prefix("--- ") {
                file.old = path(name, "a/");
            } else if let Some(name) = line.strip_prefix("+++ ") {
                file.new = path(name, "b/");
            } else if let Some(hunk) = line.strip_prefix("@@ ") {
                file.open(hunk);
            }
        }
        anchors.keep(file);
        anchors
    }

    /// Whether all lines from one to another stand in the difference of the file, on that side.
    pub fn hold(&self, path: &str, side: Side, start: u32, line: u32) -> bool {
        let Some(lines) = self.0.get(path) else {
            return false;
        };
        start <= line && [start, line].iter().all(|at| lines.contains(&(side, *at)))
    }

    fn keep(&mut self, file: File) {
        // GitHub names a file as the head does, and a deleted one as it was.
        if let Some(path) = file.new.or(file.old) {
            self.0.entry(path).or_default().extend(file.lines);
        }
    }
}

/// The file that is being read.
#[derive(Default)]
struct File {
    old: Option<String>,
    new: Option<String>,
    lines: BTreeSet<(Side, u32)>,
    /// Next line and lines left of the open hunk, before and after.
    before: (u32, u32),
    after: (u32, u32),
}

impl File {
    /// Takes a line of the open hunk; what a file says may look like a header.
    fn takes(&mut self, line: &str) -> bool {
        if self.before.1 == 0 && self.after.1 == 0 {
            return false;
        }
        match line.bytes().next() {
            Some(b'-') => step(&mut self.lines, Side::Left, &mut self.before),
            Some(b'+') => step(&mut self.lines, Side::Right, &mut self.after),
            Some(b'\\') => {}
            // Some tools leave the blank of an empty line away.
            Some(b' ') | None => {
                step(&mut self.lines, Side::Left, &mut self.before);
                step(&mut self.lines, Side::Right, &mut self.after);
            }
            Some(_) => {
                (self.before.1, self.after.1) = (0, 0);
                return false;
            }
        }
        true
    }

    /// Reads `-1,2 +3,4 @@ …`.
    fn open(&mut self, hunk: &str) {
        let mut words = hunk.split(' ');
        let mut range = |sign| -> Option<(u32, u32)> {
            let word = words.next()?.strip_prefix(sign)?;
            let (first, count) = word.split_once(',').unwrap_or((word, "1"));
            Some((first.parse().ok()?, count.parse().ok()?))
        };
        if let (Some(before), Some(after)) = (range('-'), range('+')) {
            (self.before, self.after) = (before, after);
        }
    }
}

fn step(lines: &mut BTreeSet<(Side, u32)>, side: Side, at: &mut (u32, u32)) {
    if at.1 > 0 {
        lines.insert((side, at.0));
        *at = (at.0.saturating_add(1), at.1 - 1);
    }
}

/// The path of a `---` or `+++` line; `None` for the side on which there is no file.
fn path(name: &str, prefix: &str) -> Option<String> {
    let name = name.strip_suffix('\r').unwrap_or(name);
    // Behind a path with a blank some write a tab, and then a time.
    let name = name.split('\t').next().unwrap_or(name);
    let quoted = name.strip_prefix('"').and_then(|n| n.strip_suffix('"'));
    let name = match quoted {
        Some(inner) => unquoted(inner)?,
        None => name.to_owned(),
    };
    name.strip_prefix(prefix).map(str::to_owned)
}

/// Undoes git's quoting of unusual paths: `\"`, `\\`, `\t`, and bytes as three octal digits.
fn unquoted(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next()? {
            b'a' => 7,
            b'b' => 8,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 11,
            b'f' => 12,
            b'r' => b'\r',
            digit @ b'0'..=b'3' => {
                let mut value = digit - b'0';
                for _ in 0..2 {
                    let next = rest.next().filter(|d| (b'0'..=b'7').contains(d))?;
                    value = value * 8 + (next - b'0');
                }
                value
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str = "diff --git a/src/a.rs b/src/a.rs\n\
        index 1..2 100644\n--- a/src/a.rs\n+++ b/src/a.rs\n\
        @@ -3,4 +3,4 @@ fn a() {\n one\n-two\n+zwei\n three\n four\n\
        @@ -20 +20,2 @@\n same\n+more\n\\ No newline at end of file\n\
        diff --git a/old.md b/old.md\n--- a/old.md\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n\
        diff --git \"a/\\303\\274.md\" \"b/\\303\\274.md\"\n--- /dev/null\n+++ \"b/\\303\\274.md\"\n\
        @@ -0,0 +1,3 @@\n++++ b/fake.rs\n+@@ -1 +1 @@\n+x\n";

    #[test]
    fn lines_of_hunks_hold_a_comment_and_no_others() {
        use Side::{Left, Right};

        let anchors = Anchors::of_diff(DIFF);
        let holds = |path, side, line| anchors.hold(path, side, line, line);
        for (side, line, wanted) in [
            (Right, 2, false),
            (Right, 3, true),
            (Right, 4, true),
            (Left, 4, true),
            (Right, 6, true),
            (Right, 7, false),
            (Right, 21, true),
            (Left, 21, false),
            (Right, 0, false),
        ] {
            assert_eq!(holds("src/a.rs", side, line), wanted, "{side:?} {line}");
        }
        assert!(holds("old.md", Left, 2) && !holds("old.md", Right, 1));
        assert!(holds("ü.md", Right, 3), "{anchors:?}");
        assert!(!holds("b.rs", Right, 1));
    }

    #[test]
    fn what_a_file_says_is_no_header() {
        let anchors = Anchors::of_diff(DIFF);
        assert!(!anchors.hold("fake.rs", Side::Right, 1, 1), "{anchors:?}");
        assert_eq!(anchors.0.len(), 3);
    }

    #[test]
    fn several_lines_need_both_ends_in_order() {
        let anchors = Anchors::of_diff(DIFF);
        assert!(anchors.hold("src/a.rs", Side::Right, 3, 6));
        assert!(!anchors.hold("src/a.rs", Side::Right, 6, 3));
        assert!(!anchors.hold("src/a.rs", Side::Right, 1, 6));
    }

    #[test]
    fn what_is_no_difference_has_no_lines() {
        for text in [
            "",
            "@@ -1 +1 @@\n+x",
            "+++ b/x\n@@ -x +y @@\n+a",
            "--- \"a/\\9\"\n",
        ] {
            let anchors = Anchors::of_diff(text);
            assert!(!anchors.hold("x", Side::Right, 1, 1), "{text:?}");
        }
        let huge = "+++ b/x\n@@ -1 +4294967295,4294967295 @@\n+a\n+b\n";
        assert!(Anchors::of_diff(huge).hold("x", Side::Right, u32::MAX, u32::MAX));
    }
}
