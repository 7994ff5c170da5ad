//! Owners of a path by a CODEOWNERS text, as far as this GitHub enforces them. Written apart from
//! the reader that is under test, so that the two can disagree.

/// The owners of a path: those of the last line that matches, which may name none.
pub(crate) fn of<'a>(text: &'a str, path: &str) -> Vec<&'a str> {
    let lines = text.lines().rev();
    let mut lines = lines.map(|line| line.split(" #").next().unwrap_or_default());
    let found = lines.find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let pattern = words.next().filter(|word| !word.starts_with('#'))?;
        matches(pattern, path).then(|| words.collect())
    });
    found.unwrap_or_default()
}

/// Whether a pattern names the path, a directory above it, or anything of that name.
fn matches(pattern: &str, path: &str) -> bool {
    let below = pattern.strip_suffix('/');
    let bare = below.unwrap_or(pattern);
    let anchored = bare.contains('/');
    let wanted: Vec<&str> = bare.trim_start_matches('/').split('/').collect();
    let parts: Vec<&str> = path.split('/').collect();
    let starts = if anchored { 0..1 } else { 0..parts.len() };
    // `docs/*` names what lies in it and nothing deeper.
    let whole = below.is_none() && anchored && bare.ends_with("/*");
    starts.into_iter().any(|from| {
        (from + 1..=parts.len()).any(|to| {
            let fits = fit(&wanted, &parts[from..to]);
            let rest = to < parts.len();
            fits && (rest || below.is_none()) && !(rest && whole)
        })
    })
}

fn fit(pattern: &[&str], path: &[&str]) -> bool {
    match pattern.split_first() {
        None => path.is_empty(),
        Some((&"**", rest)) => (0..=path.len()).any(|skipped| fit(rest, &path[skipped..])),
        Some((first, rest)) => {
            let named = path.split_first();
            named.is_some_and(|(name, below)| glob(first, name) && fit(rest, below))
        }
    }
}

/// `*` stands for any letters of one name.
fn glob(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            let ends = (0..=rest.len()).filter(|at| rest.is_char_boundary(*at));
            ends.into_iter().any(|at| glob(after, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_matches_counts() {
        let text = "* @all\n*.md @writers # prose\n/docs/ @docs\napps/*/src @apps\n/docs/free\n";
        assert_eq!(of(text, "src/lib.rs"), ["@all"]);
        assert_eq!(of(text, "a/b/README.md"), ["@writers"]);
        assert_eq!(of(text, "docs/deep/x.md"), ["@docs"]);
        assert_eq!(of(text, "apps/one/src/main.rs"), ["@apps"]);
        assert_eq!(of(text, "more/apps/one/src/main.rs"), ["@all"]);
        assert!(of(text, "docs/free/x").is_empty());
        assert!(matches("docs/*", "docs/x") && !matches("docs/*", "docs/deep/x"));
        assert!(matches("**/logs", "build/logs/x") && !matches("/logs/", "build/logs/x"));
    }
}
