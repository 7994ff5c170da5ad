//! Logs of jobs, which GitHub keeps on another host.

use crate::world::state::State;
use crate::world::trouble::Trouble;

impl State {
    /// The log of a job: not there while it runs, and gone when it has expired.
    pub(crate) fn job_log(&self, repo: u64, id: u64) -> Result<&str, Trouble> {
        let job = self.job(repo, id)?;
        if job.expired {
            return Err(Trouble::new(410, "The logs for this run have expired"));
        }
        job.log.as_deref().ok_or_else(Trouble::not_found)
    }

    /// Where the log is: another host than that of the API, with a signature that is a secret.
    pub(crate) fn log_address(&self, repo: u64, id: u64) -> String {
        let host = match self.base.strip_prefix("http://127.0.0.1:") {
            Some(port) => format!("http://localhost:{port}"),
            None => "https://results-receiver.actions.githubusercontent.com".to_owned(),
        };
        format!("{host}/_logs/{repo}/{id}?sig=not-for-logs")
    }
}
