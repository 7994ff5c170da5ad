//! What one installation token may do: the repositories and permissions it was asked for, which
//! may be fewer than the installation's.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::state::State;
use super::trouble::Trouble;

/// The bounds of one token; absent ones are the installation's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Grant {
    /// Of which installation; `None` where the App itself is meant, wherever it is installed.
    pub(crate) installation: Option<u64>,
    pub(crate) repos: Option<BTreeSet<u64>>,
    pub(crate) permissions: Option<BTreeMap<String, String>>,
}

impl Grant {
    /// Whether it reaches a repository that the installation has.
    pub(crate) fn covers(&self, repo: u64) -> bool {
        self.repos
            .as_ref()
            .is_none_or(|repos| repos.contains(&repo))
    }

    /// Whether it was minted with a permission that the App has; write includes read.
    pub(crate) fn allows(&self, permission: &str, write: bool) -> bool {
        let Some(permissions) = &self.permissions else {
            return true;
        };
        includes(permissions.get(permission).map(String::as_str), write)
    }
}

/// Whether a level held includes the level wanted.
pub(crate) fn includes(level: Option<&str>, write: bool) -> bool {
    match level {
        Some("write" | "admin") => true,
        Some("read") => !write,
        Some(_) | None => false,
    }
}

impl State {
    /// The bounds that the body of a minting asks for.
    ///
    /// # Errors
    /// 422 where it asks for a permission or a repository that the installation does not have.
    pub(crate) fn grant(&self, body: &Value) -> Result<Grant, Trouble> {
        Ok(Grant {
            installation: None,
            repos: self.wanted_repos(body)?,
            permissions: self.wanted_permissions(&body["permissions"])?,
        })
    }

    fn wanted_repos(&self, body: &Value) -> Result<Option<BTreeSet<u64>>, Trouble> {
        let account = &self.installation.account;
        let mut wanted = BTreeSet::new();
        let mut named = false;
        for (field, by_name) in [("repositories", true), ("repository_ids", false)] {
            let rows = match &body[field] {
                Value::Null => continue,
                Value::Array(rows) => rows,
                _ => return Err(Trouble::invalid(format!("{field} is no list")).violation()),
            };
            named = true;
            for row in rows {
                let found = if by_name {
                    row.as_str().and_then(|name| self.repo_named(account, name))
                } else {
                    row.as_u64().filter(|id| self.repos.contains_key(id))
                };
                let found = found.filter(|id| {
                    let repo = self.repo(*id);
                    repo.installed && !repo.hidden
                });
                wanted.insert(found.ok_or_else(|| {
                    Trouble::new(
                        422,
                        "There is at least one repository that does not exist or is not \
                         accessible to the parent installation.",
                    )
                })?);
            }
        }
        Ok(named.then_some(wanted))
    }

    /// Whether the App asks for a permission at the level, and the account's owner agreed.
    pub(crate) fn agreed(&self, permission: &str, write: bool) -> bool {
        !self.installation.declined.contains(permission) && self.app.may(permission, write)
    }

    fn wanted_permissions(
        &self,
        wanted: &Value,
    ) -> Result<Option<BTreeMap<String, String>>, Trouble> {
        let wanted = match wanted {
            Value::Null => return Ok(None),
            Value::Object(wanted) => wanted,
            _ => return Err(Trouble::invalid("permissions is no object").violation()),
        };
        let mut granted = BTreeMap::new();
        for (name, level) in wanted {
            let Some(level @ ("read" | "write" | "admin")) = level.as_str() else {
                return Err(Trouble::invalid(format!("permissions.{name}")).violation());
            };
            if !self.agreed(name, level != "read") {
                return Err(Trouble::new(
                    422,
                    "The permissions requested are not granted to this installation.",
                ));
            }
            granted.insert(name.clone(), level.to_owned());
        }
        // What every token for a repository may do.
        granted
            .entry("metadata".to_owned())
            .or_insert_with(|| "read".to_owned());
        Ok(Some(granted))
    }
}
