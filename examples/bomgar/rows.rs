//! What tables show of each kind of result.

use super::output::{Column, Row, some};
use bomgar_api::{
    command::{LoggedInRep, SupportTeam},
    reporting::{
        EndpointLicense, ExitSurvey, ListedSession, Presentation, RawElement, Session, Summary,
        TeamActivity, VaultActivity,
    },
};

/// Times take 20 columns, identifiers of sessions 32.
const TIME: usize = 20;
const LSID: usize = 32;

fn yes(flag: Option<bool>) -> String {
    some(flag.map(|flag| if flag { "yes" } else { "no" }))
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

impl Row for LoggedInRep {
    const COLUMNS: &'static [Column] = &[
        ("ID", 5),
        ("USERNAME", 16),
        ("NAME", 24),
        ("SINCE", TIME),
        ("SESSIONS", 8),
    ];

    fn cells(&self) -> Vec<String> {
        let private = self.private_display_name.as_deref();
        vec![
            some(self.id),
            some(self.username.as_deref()),
            some(private.or(self.public_name())),
            some(self.logged_in_since),
            some(self.support_session_count),
        ]
    }
}

impl Row for SupportTeam {
    const COLUMNS: &'static [Column] = &[("ID", 5), ("TEAM", 24), ("ISSUES", 32), ("MEMBERS", 32)];

    fn cells(&self) -> Vec<String> {
        let issues = self.issues.iter();
        let members = self.members.iter().filter_map(|member| {
            let private = member.private_display_name.as_deref();
            private
                .or(member.display_name.as_deref())
                .or(member.public_display_name.as_deref())
                .or(member.username.as_deref())
        });
        vec![
            some(self.id),
            some(self.name.as_deref()),
            names(issues.filter_map(|issue| issue.title.as_deref())),
            names(members),
        ]
    }
}

impl Row for Session {
    const COLUMNS: &'static [Column] = &[
        ("LSID", LSID),
        ("START", TIME),
        ("LENGTH", 8),
        ("CUSTOMER", 20),
        ("REPRESENTATIVE", 20),
        ("EXTERNAL KEY", 12),
    ];

    fn cells(&self) -> Vec<String> {
        let length = match (self.end_time, self.duration) {
            (None, _) => "running".to_owned(),
            (Some(_), duration) => some(duration.map(clock)),
        };
        let customer = self.primary_customer().map(|customer| &customer.username);
        let rep = self.primary_representative().map(|rep| rep.name());
        vec![
            self.lsid.clone(),
            some(self.start_time),
            length,
            some(customer),
            some(rep),
            some(self.external_key.as_deref()),
        ]
    }
}

/// `H:MM:SS`
pub(super) fn clock(duration: jiff::SignedDuration) -> String {
    let seconds = duration.as_secs();
    format!(
        "{}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

impl Row for ListedSession {
    const COLUMNS: &'static [Column] = &[("LSID", LSID), ("RECORDING", 9), ("EXTERNAL KEY", 12)];

    fn cells(&self) -> Vec<String> {
        vec![
            self.lsid.clone(),
            yes(self.has_recording),
            some(self.external_key.as_deref()),
        ]
    }
}

impl Row for Summary {
    const COLUMNS: &'static [Column] = &[("ID", 5), ("TYPE", 8), ("VALUES", 40)];

    fn cells(&self) -> Vec<String> {
        let values = self.values.iter();
        let values: Vec<String> = values
            .map(|value| format!("{}={}", value.name, value.text))
            .collect();
        vec![
            some(self.id.as_deref()),
            some(self.summary_type.as_deref()),
            values.join(" "),
        ]
    }
}

impl Row for ExitSurvey {
    const COLUMNS: &'static [Column] =
        &[("LSID", LSID), ("TIME", TIME), ("BY", 20), ("ANSWERS", 40)];

    fn cells(&self) -> Vec<String> {
        let answers: Vec<String> = self
            .questions
            .iter()
            .map(|question| {
                let name = question.name.as_deref().or(question.label.as_deref());
                let answers = question.clean_answers().join(", ");
                format!("{}={answers}", name.unwrap_or("?"))
            })
            .collect();
        let by = self.submitted_by.as_ref();
        vec![
            self.lsid.clone(),
            some(self.timestamp),
            some(by.map(|actor| &actor.name)),
            answers.join("; "),
        ]
    }
}

impl Row for Presentation {
    const COLUMNS: &'static [Column] = &[
        ("LSID", LSID),
        ("START", TIME),
        ("END", TIME),
        ("LENGTH", 8),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.lsid.clone(),
            some(self.start_time),
            some(self.end_time),
            some(self.duration.map(clock)),
        ]
    }
}

impl Row for TeamActivity {
    const COLUMNS: &'static [Column] = &[
        ("ID", 5),
        ("TEAM", 24),
        ("EVENTS", 6),
        ("FIRST", TIME),
        ("LAST", TIME),
    ];

    fn cells(&self) -> Vec<String> {
        let times = || self.events.iter().filter_map(|event| event.timestamp);
        vec![
            some(self.id.as_deref()),
            some(self.name.as_deref()),
            self.events.len().to_string(),
            some(times().min()),
            some(times().max()),
        ]
    }
}

impl Row for VaultActivity {
    const COLUMNS: &'static [Column] = &[
        ("TIME", TIME),
        ("EVENT", 20),
        ("ACCOUNT", 8),
        ("BY", 20),
        ("DATA", 32),
    ];

    fn cells(&self) -> Vec<String> {
        let by = self.performed_by.as_ref();
        vec![
            some(self.timestamp),
            self.event_type.to_string(),
            some(self.account.as_deref()),
            some(by.map(|actor| &actor.name)),
            some(self.data.as_deref()),
        ]
    }
}

impl Row for EndpointLicense {
    const COLUMNS: &'static [Column] = &[
        ("JUMP ITEM", 24),
        ("HOST", 24),
        ("METHOD", 16),
        ("GROUP", 16),
        ("LICENCE", 7),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            self.hostname.clone(),
            self.jump_method.clone(),
            self.jump_group.clone(),
            yes(self.license_used),
        ]
    }
}

/// An element and what is in it, indented.
pub(super) fn tree(element: &RawElement, depth: usize, text: &mut String) {
    text.extend(std::iter::repeat_n("  ", depth));
    text.push_str(&element.name);
    for (name, value) in &element.attributes {
        text.push_str(&format!(" {name}={value:?}"));
    }
    if !element.text.is_empty() {
        text.push_str(&format!(": {}", super::output::one_line(&element.text)));
    }
    text.push('\n');
    for child in &element.children {
        tree(child, depth + 1, text);
    }
}
