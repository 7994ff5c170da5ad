//! Records as lines: folding large answers away and bringing them back.

use crate::model::{Answer, BlobRef, Evidence, Run, content_hash};
use crate::ports::{PortError, Ports, Write};

/// Answers longer than this stand in the store by content, not in the line.
const LARGEST_INLINE: usize = 16 * 1024;

/// A run as one line. Field order is struct order and maps are ordered, so equal runs are equal
/// bytes.
pub fn line(run: &Run) -> String {
    serde_json::to_string(run).expect("a run has only string keys and finite numbers")
}

/// Replaces large answers by references, and returns what must be kept for them.
pub fn fold(run: &mut Run) -> Vec<Write> {
    let mut kept = Vec::new();
    fold_evidence(&mut run.evidence, &mut kept);
    if let Some(looked) = &mut run.looked {
        fold_evidence(&mut looked.evidence, &mut kept);
    }
    kept
}

fn fold_evidence(evidence: &mut Evidence, kept: &mut Vec<Write>) {
    let folded: Result<(), std::convert::Infallible> = evidence.map_answers(|_, answer| {
        let text = serde_json::to_string(answer).expect("an answer has only string keys");
        if text.len() <= LARGEST_INLINE {
            return Ok(None);
        }
        let blob = BlobRef {
            sha256: content_hash(text.as_bytes()),
            bytes: text.len().try_into().unwrap_or(u64::MAX),
        };
        kept.push(Write::Blob {
            blob: blob.clone(),
            text,
        });
        Ok(Some(Answer::Stored(blob)))
    });
    let Ok(()) = folded;
}

/// Brings folded answers back, as far as retention has left them.
pub async fn unfold(ports: &Ports, run: &mut Run) -> Result<(), PortError> {
    unfold_evidence(ports, &mut run.evidence).await?;
    if let Some(looked) = &mut run.looked {
        unfold_evidence(ports, &mut looked.evidence).await?;
    }
    Ok(())
}

async fn unfold_evidence(ports: &Ports, evidence: &mut Evidence) -> Result<(), PortError> {
    let stored: Vec<BlobRef> = evidence
        .iter()
        .filter_map(|(_, answer)| match answer {
            Answer::Stored(blob) => Some(blob.clone()),
            Answer::Item(_)
            | Answer::Pull(_)
            | Answer::Snapshot(_)
            | Answer::Activity(_)
            | Answer::OpenItems(_)
            | Answer::Pulls(_)
            | Answer::Branch(_)
            | Answer::ConfigFile(_)
            | Answer::Files(_)
            | Answer::Authors(_)
            | Answer::CodeOwners(_)
            | Answer::Members(_)
            | Answer::Permission(_)
            | Answer::Git(_)
            | Answer::Review(_)
            | Answer::Ci(_)
            | Answer::Issue(_)
            | Answer::Alert(_)
            | Answer::Repository(_)
            | Answer::State(_)
            | Answer::Pause(_)
            | Answer::Missing
            | Answer::Failed(_) => None,
        })
        .collect();
    for blob in stored {
        let Some(text) = ports.storage.blob(&blob.sha256).await? else {
            continue;
        };
        let whole: Option<Answer> = serde_json::from_str(&text).ok();
        let replaced: Result<(), std::convert::Infallible> = evidence.map_answers(|_, answer| {
            Ok((*answer == Answer::Stored(blob.clone()))
                .then(|| whole.clone())
                .flatten())
        });
        let Ok(()) = replaced;
    }
    Ok(())
}
