//! How a repository is set up.

use caretaker_core::{
    model::{
        Branch,
        repository::{RepositorySettings, Visibility},
    },
    ports::{Kind, PortError},
};
use serde::Deserialize;

use crate::scope::Scope;

#[derive(Debug, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "settings as GitHub has them, each on its own"
)]
struct SettingsShape {
    default_branch: String,
    /// Old servers say only whether it is private.
    #[serde(default)]
    visibility: Option<String>,
    private: bool,
    #[serde(default)]
    archived: bool,
    #[serde(default)]
    disabled: bool,
    #[serde(default)]
    fork: bool,
    #[serde(default)]
    has_issues: bool,
    #[serde(default)]
    has_discussions: Option<bool>,
    /// These GitHub leaves out for an App without `contents: write`.
    #[serde(default)]
    allow_merge_commit: Option<bool>,
    #[serde(default)]
    allow_squash_merge: Option<bool>,
    #[serde(default)]
    allow_rebase_merge: Option<bool>,
    #[serde(default)]
    allow_auto_merge: Option<bool>,
    #[serde(default)]
    delete_branch_on_merge: Option<bool>,
}

pub(super) async fn of(scope: Scope<'_>) -> Result<RepositorySettings, PortError> {
    const OP: &str = "forge.read.settings";
    // How it merges GitHub tells only to who may write; without that permission the rest is asked.
    let told = scope.ask_allowed(OP, "", "contents: write").await;
    let shape: SettingsShape = match told {
        Err(error) if error.kind == Kind::Denied => scope.ask(OP, "").await?,
        told => told?,
    };
    let visibility = match (shape.visibility.as_deref(), shape.private) {
        (Some(word), _) => Visibility::of_word(word),
        (None, true) => Visibility::Private,
        (None, false) => Visibility::Public,
    };
    Ok(RepositorySettings {
        default_branch: Branch::new(shape.default_branch),
        visibility,
        archived: shape.archived,
        disabled: shape.disabled,
        fork: shape.fork,
        has_issues: shape.has_issues,
        has_discussions: shape.has_discussions,
        allow_merge_commit: shape.allow_merge_commit,
        allow_squash_merge: shape.allow_squash_merge,
        allow_rebase_merge: shape.allow_rebase_merge,
        allow_auto_merge: shape.allow_auto_merge,
        delete_branch_on_merge: shape.delete_branch_on_merge,
    })
}
