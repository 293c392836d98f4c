//! Sessions in short: one line each, or counted by representative, team or site.

use std::collections::BTreeMap;

use super::window::{self, View, Windows};
use super::{document, empty};
use crate::reply::Reply;
use crate::request::Params;
use crate::state::State;
use crate::time;

pub(crate) fn listing(state: &mut State, params: &Params) -> Result<Reply, String> {
    let selection = window::selection(params, Windows::Four)?;
    let chosen = window::choose(state, &selection, |_| true);
    let generated = state.documents.generated.clone();
    let generated: Vec<_> = generated
        .iter()
        .flat_map(|set| set.selected(&selection).map(move |index| (set, index)))
        .map(|(set, index)| (set.lsid(index), false, set.external_key(index)))
        .collect();
    let mut lines: Vec<(String, bool, String)> = chosen
        .into_iter()
        .map(|view| {
            let session = view.session;
            (session.lsid, session.recorded, session.external_key)
        })
        .collect();
    lines.extend(generated);
    if lines.is_empty() {
        return Ok(empty(state, "session_summary_list"));
    }
    Ok(session_summaries(state, &lines))
}

/// The list of (lsid, recorded, external key). Without a key the attribute is missing.
pub(super) fn session_summaries(state: &State, lines: &[(String, bool, String)]) -> Reply {
    document(state, "session_summary_list", |xml| {
        for (lsid, recorded, external_key) in lines {
            let recorded = if *recorded { "1" } else { "0" };
            let mut attributes = vec![("lsid", lsid.as_str()), ("has_recording", recorded)];
            if !external_key.is_empty() {
                attributes.push(("external_key", external_key));
            }
            xml.leaf("session_summary", &attributes, "");
        }
    })
}

#[derive(Debug, Default)]
struct Total {
    name: String,
    sessions: u32,
    seconds: i64,
    /// Monday first.
    weekdays: [u32; 7],
}

pub(crate) fn summaries(
    state: &mut State,
    params: &Params,
    types: &[&str],
) -> Result<Reply, String> {
    let report_type = params
        .filled("report_type")
        .filter(|given| types.contains(given))
        .ok_or_else(|| "A valid report_type is required.".to_owned())?;
    let selection = window::selection(params, Windows::Four)?;
    let mut totals: BTreeMap<u32, Total> = BTreeMap::new();
    for View { session, end, .. } in window::choose(state, &selection, |_| true) {
        let key = match report_type {
            "team" => session.team.clone(),
            "site" => session.public_site.clone(),
            _ => session
                .primary_rep()
                .map(|member| (member.rep.id, member.rep.private_name.clone())),
        };
        let Some((id, name)) = key else { continue };
        let total = totals.entry(id).or_default();
        total.name = name;
        total.sessions += 1;
        total.seconds += end.unwrap_or_else(|| session.now()) - session.start;
        if let Some(count) = total.weekdays.get_mut(time::weekday(session.start)) {
            *count += 1;
        }
    }
    if totals.is_empty() {
        return Ok(empty(state, "summary_list"));
    }
    Ok(document(state, "summary_list", |xml| {
        for (id, total) in &totals {
            let attributes = [("id", &*id.to_string()), ("type", report_type)];
            xml.open("summary", &attributes);
            xml.leaf("display_name", &[], &total.name);
            xml.leaf("total_sessions", &[], &total.sessions.to_string());
            let average = total.seconds / i64::from(total.sessions.max(1));
            xml.leaf("average_duration", &[], &time::clock(average));
            xml.open("sessions_per_weekday", &[]);
            for (day, count) in time::WEEKDAYS.iter().zip(total.weekdays) {
                xml.leaf("weekday", &[("name", day)], &count.to_string());
            }
            xml.close("sessions_per_weekday");
            xml.close("summary");
        }
    }))
}
