//! What a document takes from the hour's points.
//!
//! As GitHub computes it before it answers: the requests that would be needed to ask for every
//! connection of every row, each connection taken as full, divided by a hundred, at least one.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::executable::{Selection, SelectionSet};
use apollo_compiler::validation::Valid;

/// The points; variables in `first` and `last` count as the most a page may have.
pub(super) fn of(document: &Valid<ExecutableDocument>) -> u32 {
    let operations = document.operations.iter();
    let requests: u64 = operations
        .map(|operation| requests(document, &operation.selection_set, 1))
        .sum();
    u32::try_from((requests + 50) / 100)
        .unwrap_or(u32::MAX)
        .max(1)
}

/// Requests below a selection that is answered for so many rows.
fn requests(document: &ExecutableDocument, set: &SelectionSet, rows: u64) -> u64 {
    let below = |selection: &Selection| match selection {
        Selection::Field(field) => {
            let mut bounds = field
                .arguments
                .iter()
                .filter(|argument| matches!(argument.name.as_str(), "first" | "last"));
            match bounds.next() {
                None => requests(document, &field.selection_set, rows),
                Some(bound) => {
                    let size = bound.value.to_i32().and_then(|n| u64::try_from(n).ok());
                    let inner = rows.saturating_mul(size.unwrap_or(100));
                    rows.saturating_add(requests(document, &field.selection_set, inner))
                }
            }
        }
        Selection::InlineFragment(inline) => requests(document, &inline.selection_set, rows),
        Selection::FragmentSpread(spread) => spread.fragment_def(document).map_or(0, |fragment| {
            requests(document, &fragment.selection_set, rows)
        }),
    };
    set.selections.iter().map(below).sum()
}
