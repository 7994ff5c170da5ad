//! Names in the file that must mean somebody: who writes code.

use super::Config;
use super::nearest::nearest;
use super::problem::{Place, ProblemKind, push, quoted, quoted_path};
use super::validate::{Findings, join};
use crate::executor;

const SECTION: &str = "executor";

/// Adds a problem for each name that means nobody, where it stands.
pub(super) fn check(findings: &mut Findings) {
    let section = Config {
        values: findings.values.clone(),
        named: findings.named.clone(),
    }
    .section(SECTION);
    let params = match section.decode::<executor::Params>() {
        Ok(params) => params,
        Err(error) => {
            let message = format!("`{SECTION}` cannot be read: {}", quoted(&error));
            let hint = "remove the section for its defaults";
            let problem = Place::START.problem(SECTION, ProblemKind::WrongType, message, hint);
            return push(&mut findings.problems, problem);
        }
    };
    for executor::Finding {
        path,
        row,
        name,
        what,
        known,
    } in executor::findings(&params)
    {
        let path = join(SECTION, &path);
        let row = row.map(|row| join(&path, &row.to_string()));
        let place = findings.places.get(row.as_ref().unwrap_or(&path));
        let message = format!("{}: {} {what}", quoted_path(&path), quoted(&name));
        let names: Vec<String> = known.iter().map(|name| quoted(name)).collect();
        let near = nearest(&name, known.iter().map(String::as_str));
        let hint = match near {
            _ if known.is_empty() => "write another name".to_owned(),
            Some(near) => format!(
                "did you mean {}? Known are {}",
                quoted(near),
                names.join(", ")
            ),
            None => format!("write one of {}", names.join(", ")),
        };
        let at = place.copied().unwrap_or(Place::START);
        let problem = at.problem(&path, ProblemKind::UnknownValue, message, hint);
        push(&mut findings.problems, problem);
    }
}
