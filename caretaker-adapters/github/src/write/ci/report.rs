//! Check runs with annotations.
//!
//! GitHub takes 50 annotations with a request, adds those of each further one to what is there,
//! and takes none back.

use std::collections::BTreeMap;

use caretaker_core::{
    model::{Annotation, AppId, CheckReport, Conclusion, Publish, RemoteId},
    ports::PortError,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Plan, Step};
use crate::{
    error::unintelligible,
    identity::Identity,
    read::ci::checks::annotations,
    scope::Scope,
    write::{
        MADE,
        publish::{self, TITLE, cut, cut_bytes},
    },
};

const OP: &str = "forge.write.report";
/// Annotations that one request takes.
const BATCH: usize = 50;
/// GitHub's bound of a message and of its details: 64 KB.
const MESSAGE: usize = 64_000;

pub(super) async fn plan(scope: Scope<'_>, report: &CheckReport) -> Result<Plan, PortError> {
    let finding = Publish {
        sha: report.sha.clone(),
        name: report.name.clone(),
        conclusion: report.conclusion,
        title: report.title.clone(),
        summary: report.summary.clone(),
    };
    match scope.us {
        Identity::App { id, .. } => as_check_run(scope, *id, &finding, &report.annotations).await,
        Identity::User { .. } => publish::plan(scope, &finding).await,
    }
}

async fn as_check_run(
    scope: Scope<'_>,
    app: AppId,
    finding: &Publish,
    wanted: &[Annotation],
) -> Result<Plan, PortError> {
    let wanted: Vec<Annotation> = wanted.iter().map(bounded).collect();
    let known = publish::known_run(scope, app, finding).await?;
    let mut in_place = None;
    if let Some(run) = known {
        let count = run.output.as_ref().map_or(0, |o| o.annotations_count);
        let there = if count == 0 {
            Vec::new()
        } else {
            let there = annotations(scope, RemoteId::new(run.id)).await?;
            if !there.complete {
                return Err(unintelligible(
                    OP,
                    "the run has more annotations than are read",
                ));
            }
            there.rows
        };
        let missing = missing(&wanted, &there);
        if publish::is_as_wanted(&run, finding) && missing.as_deref() == Some(&[]) {
            return Ok(steps(Vec::new()));
        }
        // What was completed is not begun again in place.
        let begins_anew = run.status == "completed" && finding.conclusion == Conclusion::InProgress;
        in_place = missing.filter(|_| !begins_anew).map(|rows| (run.id, rows));
    }
    Ok(steps(match in_place {
        Some((id, missing)) => update(&format!("/check-runs/{id}"), finding, &missing),
        None => create(finding, &wanted),
    }))
}

fn steps(steps: Vec<Step>) -> Plan {
    Plan {
        steps,
        via: Some("check_run"),
        ..Plan::default()
    }
}

/// The first batch makes the run, the others follow; it is completed with the last.
fn create(finding: &Publish, annotations: &[Annotation]) -> Vec<Step> {
    let (first, rest) = annotations.split_at(annotations.len().min(BATCH));
    let mut body = body(finding, first);
    body["head_sha"] = json!(finding.sha.as_str());
    if !rest.is_empty() {
        unfinished(&mut body);
        body["status"] = json!("in_progress");
    }
    let mut steps = vec![step(Method::POST, "/check-runs", body)];
    if !rest.is_empty() {
        steps.extend(update(&format!("/check-runs/{MADE}"), finding, rest));
    }
    steps
}

fn update(path: &str, finding: &Publish, annotations: &[Annotation]) -> Vec<Step> {
    let mut batches: Vec<&[Annotation]> = annotations.chunks(BATCH).collect();
    if batches.is_empty() {
        batches.push(&[]);
    }
    let last = batches.len() - 1;
    let one = |(at, batch): (usize, &[Annotation])| {
        let mut body = body(finding, batch);
        if at < last {
            unfinished(&mut body);
        }
        // The answer to the run's making is the only one whose number is taken.
        step(Method::PATCH, path, body)
    };
    batches.into_iter().enumerate().map(one).collect()
}

fn step(method: Method, rest: &str, body: Value) -> Step {
    Step {
        op: OP,
        method,
        rest: rest.to_owned(),
        body: Some(body),
        done: &[],
    }
}

fn body(finding: &Publish, annotations: &[Annotation]) -> Value {
    let mut body = publish::wanted_run(finding);
    if !annotations.is_empty() {
        let rows: Vec<Value> = annotations.iter().map(shown).collect();
        body["output"]["annotations"] = json!(rows);
    }
    body
}

/// More annotations follow: what it came to is not said yet.
fn unfinished(body: &mut Value) {
    if let Some(fields) = body.as_object_mut() {
        fields.remove("status");
        fields.remove("conclusion");
    }
}

fn shown(annotation: &Annotation) -> Value {
    let mut shown = json!({
        "path": annotation.path,
        "start_line": annotation.start_line,
        "end_line": annotation.end_line,
        "annotation_level": annotation.level.word(),
        "message": annotation.message,
    });
    let numbers = [
        ("start_column", annotation.start_column),
        ("end_column", annotation.end_column),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            shown[name] = json!(number);
        }
    }
    let texts = [
        ("title", &annotation.title),
        ("raw_details", &annotation.raw_details),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            shown[name] = json!(text);
        }
    }
    shown
}

/// As GitHub takes it: columns only where it is about one line, texts within their bounds.
fn bounded(annotation: &Annotation) -> Annotation {
    let one_line = annotation.start_line == annotation.end_line;
    let text = |text: &Option<String>, cut: fn(&str) -> String| {
        text.as_deref().filter(|text| !text.is_empty()).map(cut)
    };
    Annotation {
        path: annotation.path.clone(),
        start_line: annotation.start_line,
        end_line: annotation.end_line,
        start_column: annotation.start_column.filter(|_| one_line),
        end_column: annotation.end_column.filter(|_| one_line),
        level: annotation.level,
        title: text(&annotation.title, |text| cut(text, TITLE)),
        message: cut_bytes(&annotation.message, MESSAGE).to_owned(),
        raw_details: text(&annotation.raw_details, |text| {
            cut_bytes(text, MESSAGE).to_owned()
        }),
    }
}

/// What of the wanted is not there yet, in its order; `None` where something else is there.
fn missing(wanted: &[Annotation], there: &[Annotation]) -> Option<Vec<Annotation>> {
    let mut found: BTreeMap<Annotation, usize> = BTreeMap::new();
    for annotation in there {
        *found.entry(comparable(annotation)).or_default() += 1;
    }
    let mut missing = Vec::new();
    for annotation in wanted {
        match found.get_mut(&comparable(annotation)) {
            Some(count) if *count > 0 => *count -= 1,
            Some(_) | None => missing.push(annotation.clone()),
        }
    }
    found.values().all(|count| *count == 0).then_some(missing)
}

/// Without what GitHub changes in texts.
fn comparable(annotation: &Annotation) -> Annotation {
    let trimmed = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    let some = |text: &Option<String>| {
        let text = text.as_deref().map(trimmed);
        text.filter(|text| !text.is_empty())
    };
    Annotation {
        title: some(&annotation.title),
        message: trimmed(&annotation.message),
        raw_details: some(&annotation.raw_details),
        ..annotation.clone()
    }
}

#[cfg(test)]
mod tests {
    use caretaker_core::model::{AnnotationLevel, Sha};

    use super::*;

    fn annotation(line: u64) -> Annotation {
        Annotation {
            path: "a.rs".to_owned(),
            start_line: line,
            end_line: line,
            start_column: Some(1),
            end_column: None,
            level: AnnotationLevel::Warning,
            title: None,
            message: "x".to_owned(),
            raw_details: None,
        }
    }

    fn finding(conclusion: Conclusion) -> Publish {
        Publish {
            sha: Sha::parse(&"a".repeat(40)).unwrap(),
            name: "review".to_owned(),
            conclusion,
            title: "t".to_owned(),
            summary: "s".to_owned(),
        }
    }

    #[test]
    fn a_run_of_many_batches_is_completed_with_the_last() {
        let many: Vec<_> = (1..=120).map(annotation).collect();
        let steps = create(&finding(Conclusion::Failure), &many);
        let told: Vec<_> = steps
            .iter()
            .map(|step| {
                let body = step.body.as_ref().unwrap();
                let rows = body["output"]["annotations"].as_array().unwrap().len();
                let status = body["status"].as_str();
                (step.rest.as_str(), rows, status)
            })
            .collect();
        let path = "/check-runs/{made}";
        assert_eq!(
            told,
            [
                ("/check-runs", 50, Some("in_progress")),
                (path, 50, None),
                (path, 20, Some("completed")),
            ]
        );
    }

    #[test]
    fn only_what_is_missing_is_added_and_nothing_is_taken_back() {
        let (one, two) = (annotation(1), annotation(2));
        let wanted = [one.clone(), two.clone(), one.clone()];
        let there = [one.clone()];
        assert_eq!(
            missing(&wanted, &there),
            Some(vec![two.clone(), one.clone()])
        );
        assert_eq!(missing(&wanted, &wanted), Some(vec![]));
        assert_eq!(missing(&there, &[two]), None);
        assert_eq!(
            missing(&there, &[one.clone(), one]),
            None,
            "one is too many"
        );
    }

    #[test]
    fn columns_are_for_one_line() {
        let mut wide = annotation(1);
        wide.end_line = 2;
        assert_eq!(bounded(&wide).start_column, None);
        assert_eq!(bounded(&annotation(1)).start_column, Some(1));
    }
}
