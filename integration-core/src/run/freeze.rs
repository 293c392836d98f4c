//! What was sent once is not planned anew.

use crate::{
    draft::Draft,
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
    // Unsent parts belong to a note of which others were sent. An unsent time entry beside a sent
    // one is the same time under another day.
    let belongs = |row: &LedgerRow| match row.key.kind {
        EffectKind::Note => row.state != RowState::Superseded,
        EffectKind::TimeEntry => row.state.is_sent(),
    };
    let fixed: Vec<&LedgerRow> = rows
        .iter()
        .filter(|row| belongs(row) && is_fixed(rows, &row.key))
        .collect();
    // Who may see the rest of a note is asked anew: a setting may have been corrected meanwhile.
    let publish = steps.iter().find_map(|step| match &step.draft {
        Draft::Note(note) => Some(note.publish),
        Draft::TimeEntry(_) => None,
    });
    if fixed.iter().any(|row| row.key.kind == EffectKind::Note) {
        // They speak of a note that is not written.
        explanations.clear();
    }
    let mut kept: Vec<Step> = Vec::new();
    for row in fixed {
        explanations.push(format!("{}: sent by an earlier run and kept", row.key));
        let mut draft = row.draft.clone();
        if let (Draft::Note(note), Some(publish), false) =
            (&mut draft, publish, row.state.is_sent())
        {
            note.publish = publish;
        }
        kept.push(Step {
            key: row.key.clone(),
            draft,
        });
    }
    kept.extend(steps.into_iter().filter(|step| !is_fixed(rows, &step.key)));
    kept.sort_by_key(|step| step.key.kind);
    kept
}
