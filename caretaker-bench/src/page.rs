//! Figures in a page: each part owns what stands between its two marks, the rest is written by hand.

/// What a part has in the page; `None` where it has no place.
pub fn part<'a>(page: &'a str, part: &str) -> Option<&'a str> {
    let (_before, rest) = page.split_once(&begin(part))?;
    Some(rest.split_once(&end(part))?.0)
}

/// The page with the text of one part replaced.
///
/// # Errors
/// When the page has no such part.
pub fn with_part(page: &str, part: &str, text: &str) -> Result<String, String> {
    let (begin, end) = (begin(part), end(part));
    let missing = |mark: &str| format!("the page has no line `{}`", mark.trim_end());
    let (before, rest) = page.split_once(&begin).ok_or_else(|| missing(&begin))?;
    let (_old, after) = rest.split_once(&end).ok_or_else(|| missing(&end))?;
    Ok(format!("{before}{begin}{}\n{end}{after}", text.trim_end()))
}

fn begin(part: &str) -> String {
    format!("<!-- bench {part}: begin -->\n")
}

fn end(part: &str) -> String {
    format!("<!-- bench {part}: end -->")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Title\n<!-- bench a: begin -->\nold\n<!-- bench a: end -->\nwords\n";

    #[test]
    fn only_what_a_part_owns_is_replaced() {
        let page = with_part(PAGE, "a", "new\nrows\n\n").unwrap();
        assert_eq!(
            page,
            "# Title\n<!-- bench a: begin -->\nnew\nrows\n<!-- bench a: end -->\nwords\n"
        );
        assert_eq!(with_part(&page, "a", "new\nrows").unwrap(), page);
        assert_eq!(part(&page, "a"), Some("new\nrows\n"));
    }

    #[test]
    fn a_page_without_the_part_is_refused() {
        let refused = with_part(PAGE, "b", "new").unwrap_err();
        assert!(refused.contains("bench b: begin"), "{refused}");
        assert_eq!(part(PAGE, "b"), None);
    }
}
