//! All values of a session, once from the typed session and once from the bare XML with a parser
//! that has nothing in common with the crate.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bomgar_api::reporting::{Actor, Event, NamedId, RawElement, Session, SystemField};
use jiff::Timestamp;

/// The sum of the hashes of all values: equal only if none is lost, added or changed.
pub(crate) fn checksum(values: &[String]) -> u64 {
    values
        .iter()
        .map(|value| {
            // FNV-1a: the same on every machine.
            value.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            })
        })
        .fold(0, u64::wrapping_add)
}

/// The values of a `<session>` element: all texts and attributes that are not empty.
pub(crate) fn of_xml(session: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(session).unwrap();
    let mut values = Vec::new();
    for element in document.descendants().filter(roxmltree::Node::is_element) {
        for attribute in element.attributes() {
            // -1 stands for "none".
            if (attribute.name(), attribute.value()) != ("id", "-1") {
                values.push(attribute.value().to_owned());
            }
        }
        let text: String = element
            .children()
            .filter(|child| child.is_text())
            .filter_map(|child| child.text())
            .collect();
        let text = text.trim();
        values.push(match element.tag_name().name() {
            "encoded_body" => {
                let bytes = STANDARD.decode(text).unwrap();
                String::from_utf8_lossy(&bytes).into_owned()
            }
            _ => text.to_owned(),
        });
    }
    sorted(values)
}

/// The same of a typed session, with numbers and times as the appliance writes them.
pub(crate) fn of_session(session: &Session) -> Vec<String> {
    let s = session;
    let mut v = Values::default();
    v.texts([&s.lsid, &s.session_type]);
    v.numbers([
        s.lseq,
        s.file_transfer_count,
        s.file_move_count,
        s.file_delete_count,
    ]);
    v.time(s.start_time);
    v.time(s.end_time);
    v.time(s.rep_join_time);
    if let Some(duration) = s.duration {
        let seconds = duration.as_secs();
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        v.text(&format!("{hours:02}:{minutes:02}:{:02}", seconds % 60));
    }
    if let Some(site) = &s.public_site {
        v.options([&site.id]);
        v.text(&site.name);
    }
    v.options([
        &s.external_key,
        &s.session_chat_view_url,
        &s.session_chat_download_url,
        &s.session_recording_view_url,
        &s.session_recording_download_url,
    ]);
    for attribute in &s.custom_attributes {
        v.texts([
            &attribute.code_name,
            &attribute.display_name,
            &attribute.value,
        ]);
    }
    for recording in s
        .show_my_screen_recordings
        .iter()
        .chain(&s.command_shell_recordings)
    {
        v.numbers([recording.instance.map(u64::from)]);
        v.options([&recording.view_url, &recording.download_url]);
    }
    for named in [&s.jumpoint, &s.primary_team]
        .into_iter()
        .flatten()
        .chain(&s.teams)
    {
        v.named(named);
    }
    if let Some(group) = &s.jump_group {
        v.options([&group.kind, &group.id]);
        v.text(&group.name);
    }
    for person in [&s.primary_customer, &s.primary_rep].into_iter().flatten() {
        v.options([&person.gsnumber, &person.id]);
        v.text(&person.name);
    }
    for c in &s.customers {
        v.texts([&c.gsnumber, &c.username]);
        v.options([&c.public_ip, &c.private_ip, &c.hostname, &c.os]);
        v.flag(c.primary);
        let info = &c.info;
        v.options([
            &info.name,
            &info.company,
            &info.company_code,
            &info.issue,
            &info.details,
        ]);
        v.raw(&c.unknown);
    }
    for r in &s.representatives {
        v.texts([&r.gsnumber, &r.username]);
        v.options([
            &r.id,
            &r.display_name,
            &r.public_display_name,
            &r.private_display_name,
        ]);
        v.options([&r.public_ip, &r.private_ip, &r.hostname, &r.os, &r.embassy]);
        v.flag(r.session_owner);
        v.flag(r.primary);
        v.numbers([r.time_involved.map(|time| time.as_secs().unsigned_abs())]);
        if r.invited {
            v.flag(true);
        }
        v.raw(&r.unknown);
    }
    for stub in s.customer_surveys.iter().chain(&s.rep_surveys) {
        v.options([&stub.gsnumber]);
    }
    for event in &s.events {
        v.event(event);
    }
    v.raw(&s.unknown);
    sorted(v.0)
}

fn sorted(mut values: Vec<String>) -> Vec<String> {
    values.retain(|value| !value.trim().is_empty());
    values.sort_unstable();
    values
}

#[derive(Default)]
struct Values(Vec<String>);

impl Values {
    fn text(&mut self, text: &str) {
        self.0.push(text.to_owned());
    }

    fn texts<const N: usize>(&mut self, texts: [&String; N]) {
        texts.into_iter().for_each(|text| self.text(text));
    }

    fn options<const N: usize>(&mut self, texts: [&Option<String>; N]) {
        texts.into_iter().flatten().for_each(|text| self.text(text));
    }

    fn numbers<const N: usize>(&mut self, numbers: [Option<u64>; N]) {
        for number in numbers.into_iter().flatten() {
            self.text(&number.to_string());
        }
    }

    fn flag(&mut self, flag: bool) {
        self.text(if flag { "1" } else { "0" });
    }

    fn seconds(&mut self, time: Timestamp) {
        self.text(&time.as_second().to_string());
    }

    /// A time is there twice: as attribute and as text.
    fn time(&mut self, time: Option<Timestamp>) {
        if let Some(time) = time {
            self.seconds(time);
            self.text(&time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string());
        }
    }

    fn named(&mut self, named: &NamedId) {
        self.options([&named.id]);
        self.text(&named.name);
    }

    fn actor(&mut self, actor: &Actor) {
        let kind = serde_json::to_value(&actor.kind).unwrap();
        self.text(kind.as_str().unwrap());
        self.options([&actor.gsnumber, &actor.id]);
        self.text(&actor.name);
    }

    fn event(&mut self, event: &Event) {
        if let Some(time) = event.timestamp {
            self.seconds(time);
        }
        self.text(event.event_type.as_str());
        for actor in [&event.performed_by, &event.destination]
            .into_iter()
            .flatten()
        {
            self.actor(actor);
        }
        self.options([&event.body, &event.filename]);
        self.numbers([event.filesize]);
        for data in &event.data {
            self.texts([&data.name, &data.value]);
        }
        for file in &event.files {
            self.text(&file.filename);
            self.numbers([file.filesize]);
        }
        for category in &event.system_information {
            self.text(&category.name);
            self.fields(&category.description);
            category.rows.iter().for_each(|row| self.fields(row));
        }
        self.raw(&event.unknown);
    }

    fn fields(&mut self, fields: &[SystemField]) {
        for field in fields {
            self.texts([&field.name, &field.value]);
        }
    }

    fn raw(&mut self, elements: &[RawElement]) {
        for element in elements {
            self.0
                .extend(element.attributes.iter().map(|(_, value)| value.clone()));
            self.text(&element.text);
            self.raw(&element.children);
        }
    }
}
