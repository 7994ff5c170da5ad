//! Alerts of code scanning.

use caretaker_core::{
    model::alert::{CodeAlert, Severity, Watch},
    ports::PortError,
};
use serde::Deserialize;

use crate::{scope::Scope, shape::When};

#[derive(Debug, Deserialize)]
struct AlertShape {
    number: u64,
    created_at: When,
    rule: RuleShape,
    tool: ToolShape,
    #[serde(default)]
    most_recent_instance: Option<InstanceShape>,
}

#[derive(Debug, Deserialize)]
struct RuleShape {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    security_severity_level: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ToolShape {
    #[serde(default)]
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct InstanceShape {
    #[serde(default)]
    location: Option<LocationShape>,
}

#[derive(Debug, Deserialize)]
struct LocationShape {
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    start_line: Option<u64>,
}

pub(super) async fn open(scope: Scope<'_>) -> Result<Watch<CodeAlert>, PortError> {
    super::watch(
        scope,
        "forge.read.code_scanning",
        "/code-scanning/alerts?state=open&sort=created&direction=desc&per_page=100",
        alert,
    )
    .await
}

fn alert(shape: AlertShape) -> CodeAlert {
    let place = shape.most_recent_instance.and_then(|seen| seen.location);
    let (path, line) = place.map_or((None, None), |place| (place.path, place.start_line));
    let severity = shape.rule.security_severity_level;
    CodeAlert {
        number: shape.number,
        rule: shape.rule.id.unwrap_or_default(),
        severity: severity.as_deref().and_then(Severity::of_word),
        tool: shape.tool.name.unwrap_or_default(),
        path,
        line,
        created_at: shape.created_at.0,
    }
}
