//! Who has a role, and whom items can be assigned to.

use caretaker_core::{
    model::{Listing, Login, Permission, issue::Collaborator},
    ports::PortError,
};
use serde::Deserialize;

use crate::{scope::Scope, shape::UserShape};

#[derive(Debug, Deserialize)]
struct CollaboratorShape {
    login: String,
    #[serde(default)]
    role_name: Option<String>,
    #[serde(default)]
    permissions: Flags,
}

#[derive(Debug, Default, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "GitHub's own flags, one for each role"
)]
struct Flags {
    #[serde(default)]
    pull: bool,
    #[serde(default)]
    triage: bool,
    #[serde(default)]
    push: bool,
    #[serde(default)]
    maintain: bool,
    #[serde(default)]
    admin: bool,
}

impl Flags {
    fn highest(&self) -> Permission {
        let flags = [
            (self.admin, Permission::Admin),
            (self.maintain, Permission::Maintain),
            (self.push, Permission::Write),
            (self.triage, Permission::Triage),
            (self.pull, Permission::Read),
        ];
        let held = flags.into_iter().find(|(held, _)| *held);
        held.map_or(Permission::None, |(_, permission)| permission)
    }
}

/// Everybody with a role, outside collaborators and members of the organisation.
pub(super) async fn collaborators(scope: Scope<'_>) -> Result<Listing<Collaborator>, PortError> {
    let listing: Listing<CollaboratorShape> = scope
        .list(
            "forge.read.collaborators",
            "/collaborators?affiliation=all&per_page=100",
        )
        .await?;
    let mut rows: Vec<Collaborator> = listing
        .rows
        .into_iter()
        .map(|shape| {
            // A role that an organisation made up is what its flags say.
            let role = shape.role_name.as_deref().and_then(Permission::of_word);
            Collaborator {
                login: Login::new(shape.login),
                permission: role.unwrap_or_else(|| shape.permissions.highest()),
            }
        })
        .collect();
    rows.sort_by_key(|row| row.login.as_str().to_lowercase());
    Ok(Listing {
        rows,
        complete: listing.complete,
    })
}

pub(super) async fn assignable(scope: Scope<'_>) -> Result<Listing<Login>, PortError> {
    let listing: Listing<UserShape> = scope
        .list("forge.read.assignable", "/assignees?per_page=100")
        .await?;
    let mut rows: Vec<Login> = listing
        .rows
        .into_iter()
        .map(|user| Login::new(user.login))
        .collect();
    rows.sort_by_key(|login| login.as_str().to_lowercase());
    Ok(Listing {
        rows,
        complete: listing.complete,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_nobody_knows_is_what_its_flags_say() {
        let flags: Flags = serde_json::from_str(r#"{"pull":true,"triage":true}"#).unwrap();
        assert_eq!(flags.highest(), Permission::Triage);
        assert_eq!(Flags::default().highest(), Permission::None);
    }
}
