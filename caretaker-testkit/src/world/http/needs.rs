//! Which permissions open a route, in the words of `X-Accepted-GitHub-Permissions`.

/// Sets of permissions, of which one has to be held: `issues=write; pull_requests=write`. Inside a
/// set a comma joins what is needed together. Empty: any credential will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Needs(pub(super) &'static str);

impl Needs {
    /// Whether somebody holds one of the sets; `holds` is asked for a name, and whether to write.
    pub(super) fn met(self, holds: impl Fn(&str, bool) -> bool) -> bool {
        self.0.is_empty()
            || self.0.split(';').any(|set| {
                set.split(',').all(|need| {
                    need.trim()
                        .split_once('=')
                        .is_some_and(|(name, level)| holds(name, level != "read"))
                })
            })
    }

    /// Whether every need names a permission and a level that GitHub knows.
    #[cfg(test)]
    pub(super) fn is_well_formed(self) -> bool {
        let needs = self.0.split([';', ',']);
        self.0.is_empty()
            || needs.map(str::trim).all(|need| {
                need.split_once('=').is_some_and(|(name, level)| {
                    !name.is_empty() && matches!(level, "read" | "write" | "admin")
                })
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_set_is_enough_and_has_to_be_whole() {
        let either = Needs("issues=write; pull_requests=write");
        assert!(either.met(|name, _| name == "issues"));
        assert!(either.met(|name, _| name == "pull_requests"));
        assert!(!either.met(|_, write| !write));
        let both = Needs("contents=read, pull_requests=write");
        assert!(!both.met(|name, _| name == "contents"));
        assert!(both.met(|_, _| true));
        assert!(Needs("").met(|_, _| false));
        assert!(!Needs("issues").is_well_formed());
    }
}
