//! A CODEOWNERS file. The bytes are a path, a line feed, and the file.

use caretaker_core::merge_gate::code_owners::{CodeOwners, Owned, Owner, parse};

use crate::first_line;

/// Lines that are looked at one by one; the reference reads as many files.
const MOST_LINES: usize = 200;

/// - Matching is total, and each file is somebody's, nobody's, or unmentioned.
/// - The last line that matches alone decides, and is the one that is named.
/// - A line with a problem decides nothing; problems stand in the order of lines.
/// - How lines end does not matter, and what stands above a rule moves only its number.
/// - An owned file is in one group, whose owners are those of its line.
pub fn holds(bytes: &[u8]) {
    let (path, file) = first_line(bytes);
    let Ok(path) = std::str::from_utf8(path) else {
        return;
    };
    let read = parse(file);
    assert_eq!(read, parse(file), "twice is once");
    let found = shown(&read.owners_of(path));
    problems(&read, file);
    groups(&read, path, &found);
    if path.is_empty() {
        assert_eq!(found, None, "an empty path is no file");
        return;
    }
    let lines: Vec<&[u8]> = file.split(|byte| *byte == b'\n').collect();
    // The mark at the beginning of a file belongs to no line.
    let marked = file.starts_with(b"\xef\xbb\xbf");
    if lines.len() <= MOST_LINES && !marked {
        // Not at the beginning of its file, where a mark would be taken off.
        let alone = |line: &[u8]| shown(&parse(&[b"\n", line].concat()).owners_of(path));
        let matching = (1..).zip(&lines);
        let matching = matching.filter_map(|(number, line)| Some((number, alone(line)?.1)));
        assert_eq!(found, matching.last(), "the last that matches");
    }
    let with = |above: &[u8], below: &[u8]| {
        let file = [above, file, below].concat();
        shown(&parse(&file).owners_of(path))
    };
    let below = lines.len() + 1;
    if !path.ends_with('/') {
        let last = Some((below, vec!["@last".to_owned()]));
        assert_eq!(with(b"", b"\n* @last\n"), last);
        assert_eq!(with(b"", b"\n*\n"), Some((below, Vec::new())));
    }
    if !marked {
        let moved = found.map(|(line, owners)| (line + 1, owners));
        assert_eq!(with(b"# a comment\n", b""), moved);
    }
    if !file.contains(&b'\r') {
        let dos = parse(&lines.join(&b"\r\n"[..]));
        assert_eq!(shown(&dos.owners_of(path)), with(b"", b""), "line ends");
    }
}

/// The line that decides, and the owners it names; `None` where none does.
type Shown = Option<(usize, Vec<String>)>;

fn shown(owned: &Owned<'_>) -> Shown {
    match owned {
        Owned::NoRule => None,
        Owned::Nobody { line } => Some((*line, Vec::new())),
        Owned::By { owners, line } => {
            assert!(!owners.is_empty(), "owned by nobody");
            Some((*line, owners.iter().map(name).collect()))
        }
    }
}

fn name(owner: &Owner) -> String {
    match owner {
        Owner::Party(party) => format!("@{party}"),
        Owner::Email(address) => address.clone(),
    }
}

fn problems(read: &CodeOwners, file: &[u8]) {
    let lines = file.split(|byte| *byte == b'\n').count();
    assert!(read.problems.len() + read.more_problems <= lines);
    assert!(read.problems.is_sorted_by(|one, next| one.line < next.line));
    for problem in &read.problems {
        assert!((1..=lines).contains(&problem.line));
        let told = problem.fault.to_string();
        assert!(!told.is_empty() && !told.contains(char::is_control));
    }
}

fn groups(read: &CodeOwners, path: &str, found: &Shown) {
    let owned = found.as_ref().filter(|(_, owners)| !owners.is_empty());
    let groups = read.groups([(path, None), (path, Some(path))]);
    assert_eq!(groups.len(), usize::from(owned.is_some()));
    for group in groups {
        assert_eq!(group.files, [path]);
        let owners = group.owners.iter().map(name).collect::<Vec<_>>();
        assert_eq!(Some(&owners), owned.map(|(_, owners)| owners));
    }
}
