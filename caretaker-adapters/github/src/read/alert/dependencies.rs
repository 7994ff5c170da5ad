//! Alerts of Dependabot. Its listing has cursors instead of page numbers; `Link` leads on all the
//! same.

use caretaker_core::{
    model::alert::{DependencyAlert, Severity, Watch},
    ports::PortError,
};
use serde::Deserialize;

use crate::{scope::Scope, shape::When};

#[derive(Debug, Deserialize)]
struct AlertShape {
    number: u64,
    created_at: When,
    dependency: DependencyShape,
    security_advisory: AdvisoryShape,
    security_vulnerability: WeaknessShape,
}

#[derive(Debug, Deserialize)]
struct DependencyShape {
    package: PackageShape,
    #[serde(default)]
    manifest_path: String,
}

#[derive(Debug, Deserialize)]
struct PackageShape {
    ecosystem: String,
    name: String,
}

#[derive(Debug, Deserialize)]
struct AdvisoryShape {
    ghsa_id: String,
}

#[derive(Debug, Deserialize)]
struct WeaknessShape {
    severity: String,
    vulnerable_version_range: String,
    #[serde(default)]
    first_patched_version: Option<VersionShape>,
}

#[derive(Debug, Deserialize)]
struct VersionShape {
    identifier: String,
}

pub(super) async fn open(scope: Scope<'_>) -> Result<Watch<DependencyAlert>, PortError> {
    super::watch(
        scope,
        "forge.read.dependabot",
        "/dependabot/alerts?state=open&sort=created&direction=desc&per_page=100",
        alert,
    )
    .await
}

fn alert(shape: AlertShape) -> DependencyAlert {
    let weakness = shape.security_vulnerability;
    DependencyAlert {
        number: shape.number,
        package: shape.dependency.package.name,
        ecosystem: shape.dependency.package.ecosystem,
        manifest: shape.dependency.manifest_path,
        advisory: shape.security_advisory.ghsa_id,
        severity: Severity::of_word(&weakness.severity),
        range: weakness.vulnerable_version_range,
        patched: weakness
            .first_patched_version
            .map(|version| version.identifier),
        created_at: shape.created_at.0,
    }
}
