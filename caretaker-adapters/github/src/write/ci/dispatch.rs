//! Starting workflows. What was started cannot be told from what was not, so there is nothing to
//! compare with: whoever calls sends once.

use std::collections::BTreeMap;

use caretaker_core::model::{CORRELATION, RepositoryDispatch, WorkflowDispatch};
use reqwest::Method;
use serde_json::json;

use super::{Plan, Step};
use crate::address::escape;

/// GitHub tells which run came of it, which goes into the receipt.
pub(super) fn workflow(dispatch: &WorkflowDispatch) -> Plan {
    let workflow = escape(&dispatch.workflow);
    Plan::blind(Step {
        op: "forge.write.workflow_dispatch",
        method: Method::POST,
        rest: format!("/actions/workflows/{workflow}/dispatches"),
        body: Some(json!({
            "ref": dispatch.branch.as_str(),
            "inputs": correlated(&dispatch.inputs, &dispatch.correlation),
            "return_run_details": true,
        })),
        done: &[],
    })
}

pub(super) fn repository(dispatch: &RepositoryDispatch) -> Plan {
    Plan::blind(Step {
        op: "forge.write.repository_dispatch",
        method: Method::POST,
        rest: "/dispatches".to_owned(),
        body: Some(json!({
            "event_type": dispatch.event_type,
            "client_payload": correlated(&dispatch.payload, &dispatch.correlation),
        })),
        done: &[],
    })
}

fn correlated<'a>(given: &'a BTreeMap<String, String>, id: &'a str) -> BTreeMap<&'a str, &'a str> {
    let pair = |(name, value): (&'a String, &'a String)| (name.as_str(), value.as_str());
    let mut all: BTreeMap<_, _> = given.iter().map(pair).collect();
    all.insert(CORRELATION, id);
    all
}
