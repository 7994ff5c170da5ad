//! Workflows started by hand, and events raised from outside.

use serde_json::{Map, Value, json};

use super::run::Begin;
use crate::world::state::State;
use crate::world::trouble::Trouble;
use crate::world::who::Who;

/// Properties that a payload may have at the top.
const PROPERTIES: usize = 10;

impl State {
    /// Starts a workflow; the number of the run that comes of it.
    pub(crate) fn start_workflow(
        &mut self,
        who: &Who,
        repo: u64,
        named: &str,
        branch: &str,
        inputs: &Map<String, Value>,
    ) -> Result<u64, Trouble> {
        self.may(who, repo, "actions", true)?;
        let workflow = self.workflow(repo, named)?;
        let Some(declared) = &workflow.inputs else {
            let message = "Workflow does not have 'workflow_dispatch' trigger";
            return Err(Trouble::new(422, message));
        };
        if !workflow.active {
            let message = "Cannot trigger a 'workflow_dispatch' on a disabled workflow";
            return Err(Trouble::new(422, message));
        }
        let unknown: Vec<_> = inputs
            .keys()
            .filter(|name| !declared.contains(name))
            .collect();
        if !unknown.is_empty() {
            let message = format!("Unexpected inputs provided: {unknown:?}");
            return Err(Trouble::new(422, message));
        }
        let tip = self.repo(repo).branches.get(branch);
        let Some(sha) = tip.map(|tip| tip.sha.clone()) else {
            return Err(Trouble::new(422, format!("No ref found for: {branch}")));
        };
        let begin = Begin {
            workflow: workflow.id,
            event: "workflow_dispatch",
            sha: &sha,
            branch,
            head_repo: repo,
        };
        Ok(self.begin_run(who, repo, &begin))
    }

    /// Raises an event of the repository.
    pub(crate) fn raise(
        &mut self,
        who: &Who,
        repo: u64,
        event: &str,
        payload: &Value,
    ) -> Result<(), Trouble> {
        self.may(who, repo, "contents", true)?;
        if event.is_empty() || event.chars().count() > 100 {
            return Err(Trouble::invalid(
                "event_type is too long (maximum is 100 characters)",
            ));
        }
        let count = payload.as_object().map_or(0, Map::len);
        if count > PROPERTIES {
            return Err(Trouble::invalid(format!(
                "No more than 10 properties are allowed; {count} were supplied."
            )));
        }
        let raised = (event.to_owned(), payload.clone());
        self.repo_mut(repo).ci.raised.push(raised);
        let branch = self.repo(repo).default_branch.clone();
        self.emit(
            repo,
            "repository_dispatch",
            Some(event),
            &who.login,
            |_| json!({"branch": branch, "client_payload": payload}),
        );
        Ok(())
    }
}
