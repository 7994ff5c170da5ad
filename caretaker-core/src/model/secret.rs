//! Secrets as a type that cannot be printed or serialised.

/// A secret text: shows itself only where [`Secret::expose`] is written.
///
/// It has no `Serialize`, its `Debug` is redacted, and it cannot be compared, so it reaches
/// neither a log nor a record, and no comparison leaks it through timing.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps the text as it stands.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself. Keep what is made of it out of logs and records.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to keep secret; an empty secret protects nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        let secret = Secret::new("hunter2");
        assert!(!format!("{secret:?} {secret:#?}").contains("hunter2"));
        assert_eq!(secret.expose(), "hunter2");
    }
}
