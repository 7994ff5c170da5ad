//! Links between the pages of the repository.

use crate::repo::{File, Repo};

/// Relative links of Markdown pages to files that are not there.
pub(crate) fn broken(repo: &Repo) -> Vec<String> {
    repo.files()
        .filter(|file| file.is(".md"))
        .flat_map(|file| {
            targets(file).into_iter().filter_map(|(at, target)| {
                let path = resolve(&file.path, &target);
                (!repo.has(&path)).then(|| {
                    file.at(
                        at,
                        &format!(
                            "`{target}` leads nowhere: no file `{path}`; mend or drop the link"
                        ),
                    )
                })
            })
        })
        .collect()
}

/// Link targets outside of code that name a file, with their line, without anchor.
fn targets(file: &File) -> Vec<(usize, String)> {
    let mut fenced = false;
    let mut found = Vec::new();
    for (at, line) in file.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        // Every second piece between backticks is code.
        let prose: String = line.split('`').step_by(2).collect();
        for piece in prose.split("](").skip(1) {
            let target = piece.split([')', ' ']).next().unwrap_or_default();
            let target = target.split('#').next().unwrap_or_default();
            if !target.is_empty() && !target.contains(':') {
                found.push((at, target.to_owned()));
            }
        }
    }
    found
}

/// The target as a path from the root; what climbs out of the repository keeps its `..`.
fn resolve(from: &str, target: &str) -> String {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let whole = match target.strip_prefix('/') {
        Some(rooted) => rooted.to_owned(),
        None => format!("{folder}/{target}"),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
    {
        match (part, parts.last()) {
            ("..", Some(last)) if *last != ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

mod broken_on_purpose {
    use super::*;

    fn problems(link: &str) -> Vec<String> {
        broken(&Repo::of([
            File::new("docs/adr/a.md", link),
            File::new("docs/b.md", ""),
            File::new("README.md", ""),
        ]))
    }

    #[test]
    fn a_link_to_a_missing_page_is_found() {
        let found = problems("one\n[x](../c.md#part)");
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("docs/adr/a.md:2: `../c.md`"),
            "{found:?}"
        );
    }

    #[test]
    fn links_to_pages_folders_anchors_addresses_and_code_pass() {
        for link in [
            "[x](../b.md)",
            "[x](../b.md#part \"title\")",
            "[x](../../README.md)",
            "[x](/docs)",
            "[x](#here)",
            "[x](https://example.com/y)",
            "`[x](nothing.md)`",
            "```\n[x](nothing.md)\n```",
        ] {
            assert_eq!(problems(link), Vec::<String>::new(), "{link}");
        }
    }

    #[test]
    fn a_link_out_of_the_repository_is_found() {
        assert_eq!(problems("[x](../../../README.md)").len(), 1);
    }
}
