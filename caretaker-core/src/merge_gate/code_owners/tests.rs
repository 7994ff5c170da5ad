//! Files in, owners out.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// The example of GitHub's page, shortened to what decides.
const EXAMPLE: &str = "\
# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
";

fn shown(owned: &Owned<'_>) -> Vec<String> {
    match owned {
        Owned::NoRule => vec!["no rule".to_owned()],
        Owned::Nobody { .. } => vec!["nobody".to_owned()],
        Owned::By { owners, .. } => owners.iter().map(Owner::key).collect(),
    }
}

fn owners(file: &str, path: &str) -> Vec<String> {
    shown(&parse(file.as_bytes()).owners_of(path))
}

fn groups(file: &str, files: &[(&str, Option<&str>)]) -> Vec<(Vec<String>, Vec<String>)> {
    let groups = parse(file.as_bytes()).groups(files.iter().copied());
    let shown = |group: OwnerGroup| (group.owners.iter().map(Owner::key).collect(), group.files);
    groups.into_iter().map(shown).collect()
}

#[test]
fn githubs_own_example_names_the_owners_its_comments_promise() {
    let table: &[(&str, &[&str])] = &[
        ("README", &["global-owner1", "global-owner2"]),
        ("src/a.rs", &["global-owner1", "global-owner2"]),
        ("a.js", &["js-owner"]),
        ("src/a.go", &["docs@example.com"]),
        ("notes/a.txt", &["octo-org/octocats"]),
        ("build/logs/a", &["octocat"]),
        ("build/a", &["global-owner1", "global-owner2"]),
        ("docs/getting-started.md", &["doctocat"]),
        ("x/docs/a.js", &["js-owner"]),
        ("x/apps/a", &["octocat"]),
        ("scripts/a.sh", &["doctocat", "octocat"]),
        ("deeply/nested/logs/a", &["octocat"]),
        ("apps/a", &["octocat"]),
        ("apps/github", &["nobody"]),
        ("apps/github/a.js", &["nobody"]),
    ];
    let read = parse(EXAMPLE.as_bytes());
    assert_eq!(read.problems, []);
    for (path, expected) in table {
        assert_eq!(shown(&read.owners_of(path)), *expected, "{path}");
    }
}

#[test]
fn each_sentence_of_githubs_page_holds_on_its_own() {
    let table: &[(&str, &str, &[&str])] = &[
        // "/apps/github @doctocat: this subdirectory has its own owner".
        (
            "/apps/ @octocat\n/apps/github @doctocat\n",
            "apps/github/a",
            &["doctocat"],
        ),
        ("/build/logs/ @doctocat\n", "build/logs/x/a", &["doctocat"]),
        ("/build/logs/ @doctocat\n", "x/build/logs/a", &["no rule"]),
        (
            "docs/* docs@example.com\n",
            "docs/getting-started.md",
            &["docs@example.com"],
        ),
        (
            "docs/* docs@example.com\n",
            "docs/build-app/troubleshooting.md",
            &["no rule"],
        ),
        // Paths are case sensitive.
        ("/Apps/ @octocat\n", "apps/a", &["no rule"]),
        // "If the code owners are not on the same line, the pattern matches only the last".
        ("* @a\n* @b\n", "x", &["b"]),
        // A team is named by organisation and name; neither depends on case.
        ("* @Octo-Org/Octocats\n", "x", &["octo-org/octocats"]),
        ("foo\\ bar/ @a\n", "foo bar/x", &["a"]),
        ("\t*  \t@a\t @b \r\n", "x", &["a", "b"]),
        ("* @a#b\n", "x", &["a"]),
        ("pattern # nobody\n", "pattern", &["nobody"]),
        ("\u{feff}* @a\n", "x", &["a"]),
        ("* @octo_corp\n", "x", &["octo_corp"]),
        ("", "x", &["no rule"]),
    ];
    for (file, path, expected) in table {
        assert_eq!(owners(file, path), *expected, "{file:?} {path}");
        assert_eq!(parse(file.as_bytes()).problems, [], "{file:?}");
    }
}

#[test]
fn an_invalid_line_is_skipped_and_told_and_the_others_stand() {
    use LineFault as F;
    let owner = |text: &str| F::Owner(text.to_owned());
    let table = [
        ("!docs/ @b", F::Pattern(PatternFault::Negation)),
        ("*.[ch] @b", F::Pattern(PatternFault::Range)),
        ("\\#notes @b", F::Hash),
        ("C#/ @b", F::Hash),
        ("/ @b", F::Pattern(PatternFault::RootOnly)),
        ("* @b bob", owner("bob")),
        ("* user", owner("user")),
        ("* @", owner("@")),
        ("* @b @octo/x/y", owner("@octo/x/y")),
        ("* @x[bot]", owner("@x[bot]")),
    ];
    for (line, fault) in table {
        let file = format!("* @a\n\n{line}\n");
        let read = parse(file.as_bytes());
        assert_eq!(read.problems, [LineProblem { line: 3, fault }], "{line}");
        assert_eq!(shown(&read.owners_of("docs/x.c")), ["a"], "{line}");
        assert!(!read.problems[0].fault.to_string().contains("bob"));
    }
    let read = parse(b"* @a\n\xff\xfe @b\n");
    assert_eq!(read.problems[0].fault, F::Encoding);
    assert_eq!(shown(&read.owners_of("x")), ["a"]);
}

#[test]
fn two_handles_without_a_blank_are_somebody_we_cannot_name() {
    assert_eq!(owners("* @one@two\n", "x"), ["@one@two"]);
    let read = parse(b"* @one@two\n");
    assert_eq!(read.groups([("x", None)])[0].parties().count(), 0);
}

#[test]
fn a_file_over_three_megabytes_counts_as_absent() {
    let rule = "* @a\n";
    let fits = format!("{rule}{}", "#".repeat(MAX_BYTES - rule.len()));
    assert_eq!(owners(&fits, "x"), ["a"]);
    let read = parse(format!("{fits}#").as_bytes());
    assert!(read.too_large);
    assert_eq!(read.owners_of("x"), Owned::NoRule);
}

#[test]
fn problems_are_bounded_and_counted() {
    let read = parse("* nobody\n".repeat(250).as_bytes());
    assert_eq!(
        (read.problems.len(), read.more_problems),
        (MAX_PROBLEMS, 150)
    );
}

#[test]
fn files_with_the_same_owners_are_one_group_whatever_line_names_them() {
    let file = "a/ @x @Y\nb/ @y @X\nc/ @x\nd/\n";
    let files = [
        ("a/1", None),
        ("b/1", None),
        ("c/1", None),
        ("d/1", None),
        ("e", None),
    ];
    let xy = || vec!["x".to_owned(), "y".to_owned()];
    let files_of = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        groups(file, &files),
        [
            (vec!["x".to_owned()], files_of(&["c/1"])),
            (xy(), files_of(&["a/1", "b/1"])),
        ]
    );
}

#[test]
fn a_renamed_file_counts_under_both_names() {
    let file = "old/ @x\nnew/ @y\n";
    let told: Vec<_> = groups(file, &[("new/a", Some("old/a"))]);
    let owners: Vec<_> = told.iter().map(|(owners, _)| owners[0].as_str()).collect();
    assert_eq!(owners, ["x", "y"]);
    let away = groups(file, &[("elsewhere/a", Some("old/a"))]);
    assert_eq!(away, [(vec!["x".to_owned()], vec!["old/a".to_owned()])]);
}

#[test]
fn the_teams_to_ask_for_are_those_that_own_something_here() {
    let read = parse(b"a/ @octo/one @alice\nb/ @octo/two x@example.com\nc/ @octo/three\n");
    let groups = read.groups([("a/1", None), ("b/1", None), ("a/2", None)]);
    let teams: Vec<_> = owner_teams(&groups).iter().map(Team::to_string).collect();
    assert_eq!(teams, ["octo/one", "octo/two"]);
}

/// Seeds that a fuzzer starts from; any file below is one input.
#[test]
fn whatever_the_bytes_there_is_an_answer() {
    let seeds: &[&[u8]] = &[
        EXAMPLE.as_bytes(),
        b"",
        b"\0",
        b"\\",
        b"\\ ",
        b"* \\",
        b"#",
        b" # @a",
        b"@a",
        b"*\t@a\r\r\n",
        b"***",
        b"[",
        b"a@@",
        b"* @@",
        b"\xef\xbb\xbf",
        b"\xef\xbb",
        b"**/**/**/** @a",
    ];
    for seed in seeds {
        for end in 0..=seed.len() {
            let read = parse(&seed[..end]);
            let _: Owned<'_> = read.owners_of("docs/a b/c.txt");
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), path in ".{0,30}") {
        let read = parse(&bytes);
        prop_assert!(read.problems.len() <= MAX_PROBLEMS);
        let _: Owned<'_> = read.owners_of(&path);
    }

    #[test]
    fn every_line_says_something_nothing_or_is_a_problem(
        words in prop::collection::vec(select(vec![
            "*", "docs/", "/a", "@a", "@o/t", "x@y.z", "bob", "#", "\\", "!", "[", " ", "\t", "\n", "\r\n", "\u{e9}",
        ]), 0..40)
    ) {
        let text = words.concat();
        let read = parse(text.as_bytes());
        let told = read.rules.len() + read.problems.len() + read.more_problems;
        let silent = text.split('\n').filter(|line| {
            let line = line.trim_matches([' ', '\t', '\r']);
            line.is_empty() || line.starts_with('#')
        });
        prop_assert_eq!(told + silent.count(), text.split('\n').count());
    }

    #[test]
    fn the_last_rule_that_matches_decides_alone(
        rules in prop::collection::vec((select(vec!["*", "a/", "/a", "b", "*.c", "a/*"]), 0_u8..3), 1..8),
        path in select(vec!["a/b", "a/x/b", "x.c", "b/y", "z"]),
    ) {
        let line = |(n, (pattern, owners)): (usize, &(&str, u8))| {
            let owners: Vec<String> = (0..*owners).map(|o| format!("@r{n}o{o}")).collect();
            format!("{pattern} {}\n", owners.join(" "))
        };
        let file: String = rules.iter().enumerate().map(line).collect();
        let alone = |n: usize| owners(&line((n, &rules[n])), path);
        let none = vec!["no rule".to_owned()];
        let last = (0..rules.len()).rev().map(alone).find(|owned| *owned != none);
        prop_assert_eq!(owners(&file, path), last.unwrap_or(none));
    }
}
