//! How GitHub says that a feature is switched off: with a status that else means that we may not,
//! or that there is no such thing. Only the message tells.

/// Parts of those messages, in lower case; each is one that GitHub sends today.
const SAID: &[&str] = &[
    "must be enabled for this repository to use code scanning",
    "code security or github advanced security is not enabled",
    "code scanning is not enabled for this repository",
    "no analysis found",
    "secret scanning is disabled on this repository",
    "dependabot alerts are disabled for this repository",
    "dependabot alerts are not available for archived repositories",
];

/// Whether a refusal of a reading, in lower case, says that what would answer is switched off.
pub(super) fn is_off(status: u16, message: &str) -> bool {
    matches!(status, 403 | 404) && SAID.iter().any(|said| message.contains(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_permission_or_repository_is_not_a_feature_that_is_off() {
        for (status, message) in [
            (403, "resource not accessible by integration"),
            (403, "resource not accessible by personal access token"),
            (403, "you are not authorized to read code scanning alerts."),
            (404, "not found"),
            (503, "secret scanning is disabled on this repository."),
        ] {
            assert!(!is_off(status, message), "{status} {message}");
        }
        assert!(is_off(404, "no analysis found"));
        let said = "advanced security must be enabled for this repository to use code scanning.";
        assert!(is_off(403, said));
    }
}
