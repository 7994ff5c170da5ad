//! The code forge, asked about the App that we are and not about one repository.

use async_trait::async_trait;

use super::PortError;
use crate::model::app::{AttemptId, Installation, LogPage, Logged, OwnApp, RequestBudget, Webhook};
use crate::model::{InstallationId, Listing, RepoRef};

/// Reads what concerns the App itself.
///
/// Without an App (a personal token, or no credentials at all) everything is `Denied` without any
/// request.
#[async_trait]
pub trait AppForge: Send + Sync {
    /// The App.
    async fn app(&self) -> Result<OwnApp, PortError>;

    /// Where its webhooks go. `NotFound` when it has none.
    async fn webhook(&self) -> Result<Webhook, PortError>;

    /// Where it is installed, suspended installations among them; to the end of the list, or
    /// saying that it is not.
    async fn installations(&self) -> Result<Listing<Installation>, PortError>;

    /// The repositories that an installation covers; `Denied` when it is suspended or none of
    /// ours.
    async fn repositories(
        &self,
        installation: InstallationId,
    ) -> Result<Listing<RepoRef>, PortError>;

    /// A page of the log of deliveries, newest first; the first one without a cursor. `Invalid`
    /// for a cursor that the forge did not give.
    ///
    /// GitHub keeps the log for three days.
    async fn deliveries(&self, cursor: Option<&str>) -> Result<LogPage, PortError>;

    /// What one attempt sent. `NotFound` when the log does not hold it any more.
    async fn delivery(&self, attempt: AttemptId) -> Result<Logged, PortError>;

    /// Asks the forge to deliver again, under the same GUID. It does so some time after the
    /// answer, and notes the attempt in the log. Asking twice is two attempts. `NotFound` as with
    /// [`Self::delivery`].
    async fn redeliver(&self, attempt: AttemptId) -> Result<(), PortError>;

    /// What is left of the requests of this hour: of an installation's, or for `None` of the
    /// App's own.
    async fn budget(
        &self,
        installation: Option<InstallationId>,
    ) -> Result<RequestBudget, PortError>;
}
