//! What was written down once is not planned anew.

use crate::{
    effect::EffectKey,
    plan::Step,
    ports::{LedgerRow, RowState},
};

/// Replaces newly planned steps by what was fixed earlier. A text of which one part was written
/// down is never rendered anew, and a person's time that was written down is never booked under
/// another day's key.
pub(super) fn freeze(
    rows: &[LedgerRow],
    steps: Vec<Step>,
    explanations: &mut Vec<String>,
) -> Vec<Step> {
    let fixed: Vec<&LedgerRow> = rows
        .iter()
        .filter(|row| row.state != RowState::Refused)
        .collect();
    if fixed.is_empty() {
        return steps;
    }
    let is_fixed = |key: &EffectKey| fixed.iter().any(|row| row.key.group() == key.group());
    // What was refused of a group that is fixed goes again as it was, with the rest of its group.
    let mut kept: Vec<Step> = Vec::new();
    for row in rows.iter().filter(|row| is_fixed(&row.key)) {
        explanations.push(format!(
            "{}: written down by an earlier run and kept",
            row.key
        ));
        kept.push(Step {
            key: row.key.clone(),
            draft: row.draft.clone(),
        });
    }
    kept.extend(steps.into_iter().filter(|step| !is_fixed(&step.key)));
    kept.sort_by_key(|step| step.key.kind);
    kept
}
