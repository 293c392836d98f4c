//! What was sent once is not planned anew.

use crate::{
    effect::{EffectKey, EffectKind},
    plan::Step,
    ports::{LedgerRow, RowState},
};

/// Whether any effect of this one's group was sent: then all of the group stays as it was written
/// down.
pub(super) fn is_fixed(rows: &[LedgerRow], key: &EffectKey) -> bool {
    rows.iter()
        .any(|row| row.state.is_sent() && row.key.group() == key.group())
}

/// Replaces newly planned steps by what was sent earlier. A text of which one part was sent is never
/// rendered anew, and a person's time that was sent is never booked under another day's key.
pub(super) fn freeze(
    rows: &[LedgerRow],
    steps: Vec<Step>,
    explanations: &mut Vec<String>,
) -> Vec<Step> {
    let fixed: Vec<&LedgerRow> = rows
        .iter()
        .filter(|row| row.state != RowState::Superseded && is_fixed(rows, &row.key))
        .collect();
    if fixed.iter().any(|row| row.key.kind == EffectKind::Note) {
        // They speak of a note that is not written.
        explanations.clear();
    }
    let mut kept: Vec<Step> = Vec::new();
    for row in fixed {
        explanations.push(format!("{}: sent by an earlier run and kept", row.key));
        kept.push(Step {
            key: row.key.clone(),
            draft: row.draft.clone(),
        });
    }
    kept.extend(steps.into_iter().filter(|step| !is_fixed(rows, &step.key)));
    kept.sort_by_key(|step| step.key.kind);
    kept
}
