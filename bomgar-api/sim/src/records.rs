//! What reports and the site are made of, in JSON: recordings, presentations, archives, logs,
//! licences, teams' and vault activity; accounts, users, clients, cluster nodes.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::accounts::{ApiAccount, LegacyUser};
use crate::archive::Archive;
use crate::clients::ConnectedClient;
use crate::cluster::{ApplianceSpec, ClusterRole};
use crate::error::SimError;
use crate::orders::{parsed, wrong};
use crate::people::Representative;
use crate::recording::Recording;
use crate::report::{
    GeneratedSessions, LicenseInterval, PresentationSpec, TeamActivity, VaultActivity,
};
use crate::sim::BomgarSim;
use crate::state::Access;
use crate::zip_reports::{JumpItem, Syslog, SyslogRecord};

/// One a line, as the binary prints them.
pub(crate) const ENDPOINTS: [&str; 23] = [
    "POST   /_sim/sessions/<lsid>/recording {\"kind\":\"session\",\"size\":1000000,\"instance\":0,\"seed\":1,\"expired\":false,\"announced\":false,\"content_type\":\"video/mp4\"} (session, show_my_screen, command_shell)",
    "POST   /_sim/presentations            {\"start_time\":1700000000,\"end_time\":1700003600,\"presenter\":\"glang\",\"attendees\":[\"Ada\"],\"recording_size\":1000,\"lsid\":\"…\"}",
    "POST   /_sim/team_activity            {\"team_id\":1,\"team\":\"Service Desk\",\"event_type\":\"Chat Message\",\"timestamp\":1700000000,\"performed_by\":{\"type\":\"representative\",\"name\":\"Grace\"},\"body\":\"…\"}",
    "POST   /_sim/license_intervals        {\"start_time\":1700000000,\"end_time\":1700003600,\"in_use\":19,\"total\":20}",
    "POST   /_sim/vault_activity           {\"event_type\":\"Credentials Used\",\"account\":12,\"timestamp\":1700000000,\"performed_by\":{\"id\":7,\"type\":\"User\",\"name\":\"Grace\"},\"data\":\"…\"}",
    "POST   /_sim/archives                 {\"kind\":\"state\",\"time\":1700000000,\"tables\":{\"customer_client\":{\"17\":{\"hostname\":\"ADA-PC\"}},\"attendee\":null}} or {\"kind\":\"event\",\"time\":1700000000,\"changes\":[{}]} or with \"generated\":1000",
    "POST   /_sim/syslog                   {\"records\":[{\"event\":\"login\",\"when\":1700000000,\"pid\":2311,\"fields\":{\"who\":\"glang\"}}],\"part_bytes\":900,\"mixed\":false,\"error\":\"…\"} replaces the log",
    "POST   /_sim/jump_items               {\"name\":\"web-1\",\"hostname\":\"192.0.2.7\",\"jumpoint\":\"dmz\",\"application\":\"\",\"license_used\":true,\"method\":\"Jump Client\",\"group\":\"Servers\"}",
    "POST   /_sim/generated_sessions       {\"sessions\":1000,\"events_each\":150,\"first_start\":1700000000,\"spacing\":60}",
    "POST   /_sim/backup                   {\"size\":4096}",
    "GET    /_sim/backups                  the passwords of those taken so far, null where there was none",
    "POST   /_sim/accounts                 {\"client_id\":\"reader\",\"client_secret\":\"…\",\"permissions\":{\"perm_command\":\"read_only\"}}",
    "POST   /_sim/users                    {\"username\":\"api\",\"password\":\"…\",\"command_api\":true,\"give_support\":true,\"administrator\":true,\"view_reports\":true}",
    "POST   /_sim/required_access          {\"action\":\"send_chat_message\",\"access\":\"full\"} (full, read_only)",
    "POST   /_sim/appliances               {\"name\":\"lyon\",\"public_hostname\":\"lyon.example.com\",\"id\":\"…\",\"cluster_role\":\"traffic\",\"accepting_connections\":true,\"timezone_offset\":3600}",
    "POST   /_sim/rep_statuses             {\"code_names\":[\"available\",\"busy\"]}",
    "POST   /_sim/clients                  {\"kind\":\"push_agent\",\"hostname\":\"dmz-1\",\"os\":\"…\",\"timezone_offset\":0,\"connected_since\":1700000000} (push_agent, presentation_attendee)",
    "POST   /_sim/pinned_clients           {\"count\":7}",
    "POST   /_sim/jump_groups              {\"code_names\":[\"servers\"]}",
    "POST   /_sim/jumpoints                {\"code_names\":[\"dmz\"]}",
    "GET    /_sim/team_messages",
    "GET    /_sim/reps                     who is logged in, with the status codes",
    "GET    /_sim/failover                 the role, null without a pair",
];

/// Something that is ready to be done.
pub(crate) type Order = Box<dyn FnOnce(&BomgarSim) -> Result<Value, SimError> + Send>;

/// An order that cannot fail and has nothing to tell.
fn simple(order: impl FnOnce(&BomgarSim) + Send + 'static) -> Result<Option<Order>, SimError> {
    Ok(Some(Box::new(|sim| {
        order(sim);
        Ok(json!({ "ok": true }))
    })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Party {
    r#type: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeNames {
    code_names: Vec<String>,
}

/// Reads an order; `None` if the path is none of these.
pub(crate) fn order(path: &[&str], body: &Value) -> Result<Option<Order>, SimError> {
    match path {
        ["sessions", lsid, "recording"] => {
            let recording = recording(body)?;
            let lsid = (*lsid).to_owned();
            Ok(Some(Box::new(move |sim| {
                sim.add_recording(&lsid, recording)?;
                Ok(json!({ "ok": true }))
            })))
        }
        ["presentations"] => {
            let presentation = presentation(body)?;
            Ok(Some(Box::new(|sim| {
                Ok(json!({ "lsid": sim.add_presentation(presentation) }))
            })))
        }
        ["team_activity"] => {
            let activity = team_activity(body)?;
            simple(|sim| sim.add_team_activity(activity))
        }
        ["license_intervals"] => {
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            struct Fields {
                start_time: i64,
                end_time: i64,
                in_use: u32,
                total: u32,
            }
            let f: Fields = parsed(body)?;
            let interval = LicenseInterval::new(f.start_time, f.end_time, f.in_use, f.total);
            simple(|sim| sim.add_license_interval(interval))
        }
        ["vault_activity"] => {
            let activity = vault_activity(body)?;
            simple(|sim| sim.add_vault_activity(activity))
        }
        ["archives"] => {
            let archive = archive(body)?;
            simple(|sim| sim.add_archive(archive))
        }
        ["syslog"] => {
            let syslog = syslog(body)?;
            simple(|sim| sim.set_syslog(syslog))
        }
        ["jump_items"] => {
            let item = jump_item(body)?;
            simple(|sim| sim.add_jump_item(item))
        }
        ["generated_sessions"] => {
            let sessions = generated_sessions(body)?;
            simple(|sim| sim.generate_sessions(sessions))
        }
        ["backup"] => {
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            struct Fields {
                size: u64,
            }
            let fields: Fields = parsed(body)?;
            simple(move |sim| sim.set_backup_size(fields.size))
        }
        _ => site(path, body),
    }
}

fn site(path: &[&str], body: &Value) -> Result<Option<Order>, SimError> {
    match path {
        ["accounts"] => {
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            struct Fields {
                client_id: String,
                client_secret: String,
                #[serde(default)]
                permissions: BTreeMap<String, String>,
            }
            let fields: Fields = parsed(body)?;
            let mut account = ApiAccount::new(fields.client_id, fields.client_secret);
            for (name, value) in fields.permissions {
                account = account.permission(name, value);
            }
            simple(|sim| sim.add_account(account))
        }
        ["users"] => {
            let user = user(body)?;
            simple(|sim| sim.add_user(user))
        }
        ["required_access"] => {
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            struct Fields {
                action: String,
                access: String,
            }
            let fields: Fields = parsed(body)?;
            let access = match fields.access.as_str() {
                "full" => Access::Full,
                "read_only" => Access::ReadOnly,
                _ => return Err(wrong("access is full or read_only")),
            };
            simple(move |sim| sim.set_required_access(fields.action, access))
        }
        ["appliances"] => {
            let appliance = appliance(body)?;
            simple(|sim| sim.add_appliance(appliance))
        }
        ["rep_statuses"] => {
            let CodeNames { code_names } = parsed(body)?;
            simple(|sim| sim.set_rep_statuses(code_names))
        }
        ["clients"] => {
            let client = client(body)?;
            simple(|sim| sim.add_client(client))
        }
        ["pinned_clients"] => {
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            struct Fields {
                count: u32,
            }
            let fields: Fields = parsed(body)?;
            simple(move |sim| sim.set_pinned_clients(fields.count))
        }
        ["jump_groups"] => {
            let CodeNames { code_names } = parsed(body)?;
            simple(|sim| sim.set_jump_groups(code_names))
        }
        ["jumpoints"] => {
            let CodeNames { code_names } = parsed(body)?;
            simple(|sim| sim.set_jumpoints(code_names))
        }
        _ => Ok(None),
    }
}

/// What a GET reads; `None` if the path is none of these.
pub(crate) fn read(sim: &BomgarSim, path: &[&str]) -> Result<Option<Value>, SimError> {
    Ok(Some(match path {
        ["backups"] => json!(sim.backup_passwords()),
        ["team_messages"] => {
            let all = sim.team_messages().into_iter().map(|message| {
                json!({
                    "team_id": message.team_id,
                    "timestamp": message.timestamp,
                    "from": message.from,
                    "to": message.to,
                    "body": message.body,
                })
            });
            json!(all.collect::<Vec<_>>())
        }
        ["reps"] => {
            let mut all = Vec::new();
            for id in sim.logged_in() {
                all.push(json!({ "rep_id": id, "status": sim.rep_status(id)? }));
            }
            json!(all)
        }
        ["failover"] => match sim.failover_role() {
            None => Value::Null,
            Some(role) => json!(format!("{role:?}").to_lowercase()),
        },
        _ => return Ok(None),
    }))
}

fn recording(body: &Value) -> Result<Recording, SimError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        kind: Option<String>,
        size: u64,
        instance: Option<u32>,
        seed: Option<u64>,
        #[serde(default)]
        expired: bool,
        #[serde(default)]
        announced: bool,
        content_type: Option<String>,
    }
    let fields: Fields = parsed(body)?;
    let instance = fields.instance.unwrap_or(0);
    let mut recording = match fields.kind.as_deref() {
        None | Some("session") if fields.instance.is_some() => {
            return Err(wrong("a session's recording has no instance"));
        }
        None | Some("session") => Recording::session(fields.size),
        Some("show_my_screen") => Recording::show_my_screen(instance, fields.size),
        Some("command_shell") => Recording::command_shell(instance, fields.size),
        Some(_) => return Err(wrong("kind is session, show_my_screen or command_shell")),
    };
    if let Some(seed) = fields.seed {
        recording = recording.seed(seed);
    }
    if fields.expired {
        recording = recording.expired();
    }
    if fields.announced {
        recording = recording.announced();
    }
    if let Some(content_type) = fields.content_type {
        recording = recording.content_type(content_type);
    }
    Ok(recording)
}

fn presentation(body: &Value) -> Result<PresentationSpec, SimError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        start_time: i64,
        end_time: Option<i64>,
        presenter: Option<String>,
        #[serde(default)]
        attendees: Vec<String>,
        recording_size: Option<u64>,
        lsid: Option<String>,
    }
    let fields: Fields = parsed(body)?;
    let mut presentation = PresentationSpec::new(fields.start_time);
    if let Some(end) = fields.end_time {
        presentation = presentation.end_time(end);
    }
    if let Some(username) = fields.presenter {
        presentation = presentation.presenter(Representative::new(100, username));
    }
    for name in fields.attendees {
        presentation = presentation.attendee(name);
    }
    if let Some(size) = fields.recording_size {
        presentation = presentation.recording(Recording::session(size));
    }
    if let Some(lsid) = fields.lsid {
        presentation = presentation.lsid(lsid);
    }
    Ok(presentation)
}

fn team_activity(body: &Value) -> Result<TeamActivity, SimError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        team_id: u32,
        team: String,
        event_type: String,
        timestamp: i64,
        performed_by: Option<Party>,
        destination: Option<Party>,
        body: Option<String>,
        #[serde(default)]
        data: BTreeMap<String, String>,
    }
    let fields: Fields = parsed(body)?;
    let mut activity = TeamActivity::new(
        fields.team_id,
        fields.team,
        fields.event_type,
        fields.timestamp,
    );
    if let Some(party) = fields.performed_by {
        activity = activity.performed_by(party.r#type, party.name);
    }
    if let Some(party) = fields.destination {
        activity = activity.destination(party.r#type, party.name);
    }
    if let Some(text) = fields.body {
        activity = activity.body(text);
    }
    for (name, value) in fields.data {
        activity = activity.data(name, value);
    }
    Ok(activity)
}

fn vault_activity(body: &Value) -> Result<VaultActivity, SimError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct By {
        id: u32,
        r#type: String,
        name: String,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        event_type: String,
        account: u32,
        timestamp: i64,
        performed_by: Option<By>,
        data: Option<String>,
    }
    let fields: Fields = parsed(body)?;
    let mut activity = VaultActivity::new(fields.event_type, fields.account, fields.timestamp);
    if let Some(by) = fields.performed_by {
        activity = activity.performed_by(by.id, by.r#type, by.name);
    }
    if let Some(text) = fields.data {
        activity = activity.data(text);
    }
    Ok(activity)
}

fn archive(body: &Value) -> Result<Archive, SimError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        kind: String,
        time: i64,
        tables: Option<BTreeMap<String, Option<Map<String, Value>>>>,
        changes: Option<Vec<Value>>,
        generated: Option<u64>,
    }
    let fields: Fields = parsed(body)?;
    let is_state = match fields.kind.as_str() {
        "state" => true,
        "event" => false,
        _ => return Err(wrong("kind is state or event")),
    };
    if is_state && fields.changes.is_some() || !is_state && fields.tables.is_some() {
        return Err(wrong(
            "a state archive has tables, an event archive changes",
        ));
    }
    let mut archive = if is_state {
        Archive::state(fields.time)
    } else {
        Archive::events(fields.time)
    };
    for (table, rows) in fields.tables.unwrap_or_default() {
        match rows {
            None => archive = archive.no_rows(table),
            Some(rows) => {
                for (id, row) in rows {
                    archive = archive.row(&table, id, row);
                }
            }
        }
    }
    for change in fields.changes.unwrap_or_default() {
        archive = archive.change(change);
    }
    if let Some(rows) = fields.generated {
        archive = archive.generated(rows);
    }
    Ok(archive)
}

fn syslog(body: &Value) -> Result<Syslog, SimError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Record {
        event: String,
        when: i64,
        pid: Option<u32>,
        #[serde(default)]
        fields: BTreeMap<String, String>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        #[serde(default)]
        records: Vec<Record>,
        part_bytes: Option<usize>,
        #[serde(default)]
        mixed: bool,
        error: Option<String>,
    }
    let fields: Fields = parsed(body)?;
    let mut syslog = Syslog::new();
    for record in fields.records {
        let mut made = SyslogRecord::new(record.event, record.when);
        if let Some(pid) = record.pid {
            made = made.pid(pid);
        }
        for (name, value) in record.fields {
            made = made.field(name, value);
        }
        syslog = syslog.record(made);
    }
    if let Some(bytes) = fields.part_bytes {
        syslog = syslog.part_bytes(bytes);
    }
    if fields.mixed {
        syslog = syslog.mixed();
    }
    if let Some(text) = fields.error {
        syslog = syslog.error(text);
    }
    Ok(syslog)
}

fn jump_item(body: &Value) -> Result<JumpItem, SimError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        name: String,
        hostname: String,
        jumpoint: Option<String>,
        application: Option<String>,
        #[serde(default)]
        license_used: bool,
        method: Option<String>,
        group: Option<String>,
    }
    let fields: Fields = parsed(body)?;
    Ok(JumpItem::new(fields.name, fields.hostname)
        .jumpoint(fields.jumpoint.unwrap_or_default())
        .application(fields.application.unwrap_or_default())
        .license_used(fields.license_used)
        .method(fields.method.unwrap_or_default())
        .group(fields.group.unwrap_or_default()))
}

fn generated_sessions(body: &Value) -> Result<GeneratedSessions, SimError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        sessions: u64,
        events_each: u32,
        first_start: Option<i64>,
        spacing: Option<u32>,
    }
    let fields: Fields = parsed(body)?;
    let mut sessions = GeneratedSessions::new(fields.sessions, fields.events_each);
    if let Some(start) = fields.first_start {
        sessions = sessions.first_start(start);
    }
    if let Some(spacing) = fields.spacing {
        sessions = sessions.spacing(spacing);
    }
    Ok(sessions)
}

fn user(body: &Value) -> Result<LegacyUser, SimError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        username: String,
        password: String,
        command_api: Option<bool>,
        give_support: Option<bool>,
        administrator: Option<bool>,
        view_reports: Option<bool>,
    }
    let fields: Fields = parsed(body)?;
    let mut user = LegacyUser::new(fields.username, fields.password);
    if fields.command_api == Some(false) {
        user = user.without_command_api();
    }
    if fields.give_support == Some(false) {
        user = user.without_support();
    }
    if fields.administrator == Some(false) {
        user = user.not_administrator();
    }
    if fields.view_reports == Some(false) {
        user = user.without_reports();
    }
    Ok(user)
}

fn appliance(body: &Value) -> Result<ApplianceSpec, SimError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        name: String,
        public_hostname: String,
        id: Option<String>,
        cluster_role: Option<String>,
        accepting_connections: Option<bool>,
        timezone_offset: Option<i32>,
    }
    let fields: Fields = parsed(body)?;
    let mut appliance = ApplianceSpec::new(fields.name, fields.public_hostname);
    if let Some(id) = fields.id {
        appliance = appliance.id(id);
    }
    if let Some(role) = fields.cluster_role {
        appliance = appliance.cluster_role(match role.as_str() {
            "single" => ClusterRole::Single,
            "primary" => ClusterRole::Primary,
            "master" => ClusterRole::Master,
            "traffic" => ClusterRole::Traffic,
            _ => return Err(wrong("cluster_role is single, primary, master or traffic")),
        });
    }
    if fields.accepting_connections == Some(false) {
        appliance = appliance.not_accepting();
    }
    if let Some(seconds) = fields.timezone_offset {
        appliance = appliance.timezone_offset(seconds);
    }
    Ok(appliance)
}

fn client(body: &Value) -> Result<ConnectedClient, SimError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        kind: String,
        hostname: String,
        os: Option<String>,
        timezone_offset: Option<i32>,
        connected_since: Option<i64>,
    }
    let fields: Fields = parsed(body)?;
    let mut client = match fields.kind.as_str() {
        "push_agent" => ConnectedClient::push_agent(fields.hostname),
        "presentation_attendee" => ConnectedClient::presentation_attendee(fields.hostname),
        _ => return Err(wrong("kind is push_agent or presentation_attendee")),
    };
    if let Some(os) = fields.os {
        client = client.os(os);
    }
    if let Some(seconds) = fields.timezone_offset {
        client = client.timezone_offset(seconds);
    }
    if let Some(since) = fields.connected_since {
        client = client.connected_since(since);
    }
    Ok(client)
}
