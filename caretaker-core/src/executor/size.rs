//! How big a change is.

use serde::Serialize;

/// How big the change is that the task is about. What nobody has measured stays unknown, and
/// unknown never passes for small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Size {
    /// Files touched.
    pub files: Option<u32>,
    /// Lines added and removed.
    pub lines: Option<u32>,
}

impl Size {
    /// Reads `3f/120l`, `3f` or `120l`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut size = Self::default();
        for part in text.split('/') {
            let (place, digits) = match (part.strip_suffix('f'), part.strip_suffix('l')) {
                (Some(digits), _) => (&mut size.files, digits),
                (_, Some(digits)) => (&mut size.lines, digits),
                (None, None) => return None,
            };
            // A sign is no digit, although numbers may have one.
            let plain = digits.bytes().all(|b| b.is_ascii_digit());
            let number = digits.parse().ok().filter(|_| plain)?;
            if place.replace(number).is_some() {
                return None;
            }
        }
        Some(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_read_as_it_is_written() {
        let size = |files, lines| Some(Size { files, lines });
        for (text, expected) in [
            ("3f/120l", size(Some(3), Some(120))),
            ("120l/3f", size(Some(3), Some(120))),
            ("3f", size(Some(3), None)),
            ("0l", size(None, Some(0))),
        ] {
            assert_eq!(Size::parse(text), expected, "{text}");
        }
        for text in [
            "",
            "3",
            "3f/4f",
            "f",
            "-1f",
            "+1f",
            "3f/",
            "3f/x",
            "9999999999l",
        ] {
            assert_eq!(Size::parse(text), None, "{text}");
        }
    }
}
