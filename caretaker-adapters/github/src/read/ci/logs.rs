//! The end of a job's log.

use caretaker_core::{
    model::{CiQuery, JobLog, RemoteId},
    ports::PortError,
};

use crate::{
    auth::Whom,
    client::{Request, Tail},
    scope::Scope,
};

/// GitHub keeps logs for as long as the repository says, 90 days by default; afterwards the
/// answer is 410, and there is no such thing any more.
pub(super) async fn of(scope: Scope<'_>, job: RemoteId, bytes: u32) -> Result<JobLog, PortError> {
    const OP: &str = "forge.read.job_log";
    let most = bytes.min(CiQuery::LONGEST_LOG);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let request = Request::read(OP, scope.path(&format!("/actions/jobs/{job}/logs")));
    let whom = Whom::Repo(scope.repo);
    scope
        .client
        .tail(whom, &request, most)
        .await
        .map(|tail| log(&tail))
}

/// What is cut begins with a whole line, unless there is but one.
fn log(tail: &Tail) -> JobLog {
    let complete = tail.total == tail.bytes.len() as u64;
    let mut bytes = &tail.bytes[..];
    if !complete && let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
        let rest = &bytes[end + 1..];
        if !rest.is_empty() {
            bytes = rest;
        }
    }
    let text = String::from_utf8_lossy(bytes);
    JobLog {
        tail: text.trim_start_matches('\u{feff}').to_owned(),
        bytes: tail.total,
        complete,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, total: u64) -> JobLog {
        log(&Tail {
            bytes: text.as_bytes().to_vec().into(),
            total,
        })
    }

    #[test]
    fn what_is_cut_begins_with_a_whole_line() {
        let cut = of("alf a line\nlast line\n", 400);
        assert_eq!((cut.tail.as_str(), cut.complete), ("last line\n", false));
        assert_eq!(of("one long line\n", 400).tail, "one long line\n");
        let whole = of("\u{feff}first\nlast\n", 14);
        assert_eq!(
            (whole.tail.as_str(), whole.complete),
            ("first\nlast\n", true)
        );
    }
}
