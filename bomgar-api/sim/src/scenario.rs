//! Scenario files: people, recipients, and what happens when.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use toml::{Spanned, Table};

use crate::error::SimError;
use crate::sim::BomgarSim;
use crate::{control, time};

/// The scenario that `bomgar-sim --demo` plays.
const DEMO: &str = include_str!("../scenarios/demo.toml");

/// A story that an appliance can play: who there is, and what happens when.
///
/// It is written in TOML. Tables come first that set the scene; all are optional:
///
/// ```toml
/// title = "One session"
/// # When step +0s happens: Unix seconds or RFC 3339. Without it, times are real ones.
/// base_time = 2026-01-05T09:00:00Z
///
/// [settings]                # as POST /_sim/settings
/// report_delay_seconds = 5
///
/// [[team]]
/// id = 2
/// name = "Second Level"
/// members = [12]            # account numbers of representatives
/// issues = { email = "E-mail" }
///
/// [[representative]]        # who is logged in
/// id = 12
/// username = "jsmith"
/// private_name = "John Smith"
/// public_name = "John"
///
/// [customer.erika]          # people to use below as customer = "erika"
/// name = "Erika Mustermann"
/// hostname = "ACME-PC7"
///
/// [[recipient]]             # who gets outbound events
/// url = "http://127.0.0.1:8180/ERSPost?appliance=default"
/// retry_seconds = 5
/// give_up_seconds = 3600
/// events = ["support_conference_end"]
/// custom_fields = true
/// ca_file = "receiver.pem"  # beside the scenario file
/// ```
///
/// Then the steps in their order. Each has a time (`at`), a name for the session it is about
/// (`session`, `"session"` if there is only one) and what happens (`do`):
///
/// ```toml
/// [[step]]
/// at = "+0s"
/// session = "mail"
/// do = "start"
/// customer = "erika"
/// representative = "jsmith"   # false: nobody takes the session for now
/// external_key = "48213"
///
/// [[step]]
/// at = "+1m30s"               # without a time: together with the step before
/// session = "mail"
/// do = "chat"
/// from = "customer"
/// text = "Hello"
///
/// [[step]]
/// at = "+10m"
/// session = "mail"
/// do = "end"
/// ```
///
/// The other fields of a step are those of the JSON endpoint below `/_sim/` that does the same:
///
/// | `do` | endpoint |
/// |---|---|
/// | `start` | `sessions` |
/// | `chat`, `join`, `leave`, `transfer`, `file`, `note`, `special_action`, `system_information`, `event`, `attributes`, `end` (`how = "abnormal"`), `survey`, `report`, `recording` | `sessions/<lsid>/…` of the same name |
/// | `fault`, `clear_faults` | `faults`, `faults/clear` |
/// | `log_in`, `log_out` | `reps/log_in`, `reps/log_out` |
/// | `expire_tokens`, `secret`, `permissions`, `api`, `health`, `failover`, `finish_sync`, `settings` | the same, with `tokens/expire` and `failover/finish_sync` |
/// | `recipient`, `remove_recipient`, `retry_now`, `redeliver`, `send_event` | `recipients`, `recipients/…`, `events` |
/// | `presentation`, `license_interval`, `archive`, `jump_item`, `account`, `user`, `appliance`, `client` | the same in the plural |
/// | `team_activity`, `vault_activity`, `syslog`, `generated_sessions`, `backup`, `required_access`, `rep_statuses`, `jump_groups`, `jumpoints` | the same |
/// | `wait` | none: only the time passes |
///
/// ```
/// use bomgar_sim::{BomgarSim, Pace, Scenario};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let scenario = Scenario::parse(
///     r#"
///     [[step]]
///     do = "start"
///     external_key = "48213"
///     [[step]]
///     at = "+10m"
///     do = "end"
///     "#,
/// )?;
/// let sim = BomgarSim::start().await;
/// let sessions = sim.play(&scenario, Pace::AtOnce).await?;
/// assert_eq!(sim.external_key(&sessions["session"])?, "48213");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Scenario {
    title: Option<String>,
    base_time: Option<i64>,
    /// What is done before the first step, with its place in the file.
    scene: Vec<(Place, Order)>,
    steps: Vec<Step>,
}

/// How quickly a scenario is played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// A second of the scenario takes a second.
    Real,
    /// So many times quicker. The sessions' own clocks keep the scenario's times: the last step
    /// happens at the real time, the others as long before it as the scenario says.
    Times(f64),
    /// All steps at once. The last step happens now, the others before.
    AtOnce,
}

impl Pace {
    /// Real seconds for a second of the scenario.
    fn share(self) -> Result<f64, ScenarioError> {
        match self {
            Self::Real => Ok(1.0),
            Self::AtOnce => Ok(0.0),
            Self::Times(factor) if factor.is_finite() && factor > 0.0 => Ok(1.0 / factor),
            Self::Times(factor) => Err(ScenarioError::Pace(factor)),
        }
    }
}

/// Where something stands in a scenario file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    line: usize,
    what: String,
}

impl Place {
    fn wrong(&self, reason: impl ToString) -> ScenarioError {
        ScenarioError::At {
            line: self.line,
            what: self.what.clone(),
            reason: reason.to_string(),
        }
    }
}

/// Something to be done: an endpoint below `/_sim/` with its body.
#[derive(Clone, Debug)]
struct Order {
    path: Vec<&'static str>,
    body: Value,
}

#[derive(Clone, Debug)]
struct Step {
    place: Place,
    at: Duration,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Wait,
    Start {
        session: String,
        body: Value,
    },
    InSession {
        session: String,
        step: String,
        body: Value,
    },
    Other(Order),
}

/// Why a scenario cannot be read or played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// The text is no TOML or lacks its structure. The reason names line and column.
    #[error("the scenario cannot be read: {0}")]
    Toml(String),
    /// One table of the scenario is wrong, or what it asks for was impossible.
    #[error("line {line}, {what}: {reason}")]
    At {
        /// The line on which the table begins, counted from 1.
        line: usize,
        /// Which table, for example `step 3 (chat)`.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// The speed is not a number above zero.
    #[error("a scenario cannot be played {0} times as fast; the factor must be above 0")]
    Pace(f64),
    /// No appliance could be started for the rehearsal.
    #[error("no appliance for a rehearsal: {0}")]
    Rehearsal(#[source] SimError),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: Option<String>,
    base_time: Option<Spanned<toml::Value>>,
    settings: Option<Spanned<Table>>,
    #[serde(default)]
    team: Vec<Spanned<Table>>,
    #[serde(default)]
    representative: Vec<Spanned<Table>>,
    #[serde(default)]
    customer: BTreeMap<String, Table>,
    #[serde(default)]
    recipient: Vec<Spanned<Table>>,
    #[serde(default)]
    step: Vec<Spanned<Table>>,
}

/// Steps that happen in a session, by the names of their endpoints.
const IN_SESSION: [&str; 14] = [
    "chat",
    "join",
    "leave",
    "transfer",
    "file",
    "note",
    "special_action",
    "system_information",
    "event",
    "attributes",
    "end",
    "survey",
    "report",
    "recording",
];

/// Other steps with their endpoints.
const OTHER: [(&str, &[&str]); 34] = [
    ("fault", &["faults"]),
    ("clear_faults", &["faults", "clear"]),
    ("log_in", &["reps", "log_in"]),
    ("log_out", &["reps", "log_out"]),
    ("expire_tokens", &["tokens", "expire"]),
    ("secret", &["secret"]),
    ("permissions", &["permissions"]),
    ("api", &["api"]),
    ("health", &["health"]),
    ("failover", &["failover"]),
    ("finish_sync", &["failover", "finish_sync"]),
    ("settings", &["settings"]),
    ("recipient", &["recipients"]),
    ("remove_recipient", &["recipients", "remove"]),
    ("retry_now", &["recipients", "retry"]),
    ("redeliver", &["recipients", "redeliver"]),
    ("send_event", &["events"]),
    ("presentation", &["presentations"]),
    ("team_activity", &["team_activity"]),
    ("license_interval", &["license_intervals"]),
    ("vault_activity", &["vault_activity"]),
    ("archive", &["archives"]),
    ("syslog", &["syslog"]),
    ("jump_item", &["jump_items"]),
    ("generated_sessions", &["generated_sessions"]),
    ("backup", &["backup"]),
    ("account", &["accounts"]),
    ("user", &["users"]),
    ("required_access", &["required_access"]),
    ("appliance", &["appliances"]),
    ("rep_statuses", &["rep_statuses"]),
    ("client", &["clients"]),
    ("jump_groups", &["jump_groups"]),
    ("jumpoints", &["jumpoints"]),
];

/// Orders that reach out of the appliance; a rehearsal leaves them out.
fn reaches_out(path: &[&str]) -> bool {
    matches!(path, ["recipients", ..] | ["events", ..])
}

impl Scenario {
    /// Reads a scenario. A `ca_file` of a recipient is taken from the current directory.
    ///
    /// # Errors
    ///
    /// If the text is no scenario; line and step are named.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        Reader {
            text,
            directory: Path::new(""),
        }
        .read()
    }

    /// Reads a scenario file. A `ca_file` of a recipient is taken from the directory of the file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or is no scenario; line and step are named.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ScenarioError> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|source| ScenarioError::Read {
            path: path.to_owned(),
            source,
        })?;
        let directory = path.parent().unwrap_or(Path::new(""));
        Reader {
            text: &text,
            directory,
        }
        .read()
    }

    /// The scenario of the demonstration: four technicians, three sessions, five minutes.
    ///
    /// # Errors
    ///
    /// Never in practice: the scenario comes with this crate.
    pub fn demo() -> Result<Self, ScenarioError> {
        Self::parse(DEMO)
    }

    /// The scenario's title.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// True if nothing happens at all.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// When the last step happens, counted from the first moment.
    pub fn duration(&self) -> Duration {
        self.steps.last().map_or(Duration::ZERO, |step| step.at)
    }

    /// Plays the scenario at once on an appliance of its own, without any recipient, to find
    /// mistakes before someone watches.
    ///
    /// # Errors
    ///
    /// If a step is wrong or impossible; line and step are named.
    pub async fn rehearse(&self) -> Result<(), ScenarioError> {
        let sim = BomgarSim::builder()
            .try_start()
            .await
            .map_err(ScenarioError::Rehearsal)?;
        sim.play(&self.without_recipients(), Pace::AtOnce).await?;
        Ok(())
    }

    fn without_recipients(&self) -> Self {
        let mut scenario = self.clone();
        scenario
            .scene
            .retain(|(_, order)| !reaches_out(&order.path));
        for step in &mut scenario.steps {
            if matches!(&step.what, What::Other(order) if reaches_out(&order.path)) {
                step.what = What::Wait;
            }
        }
        scenario
    }
}

impl BomgarSim {
    /// Plays a scenario to its end and returns the lsid of each session by the session's name in
    /// the scenario.
    ///
    /// # Errors
    ///
    /// If a step is impossible, for example after the end of its session. What was done before
    /// stays.
    pub async fn play(
        &self,
        scenario: &Scenario,
        pace: Pace,
    ) -> Result<BTreeMap<String, String>, ScenarioError> {
        self.play_with(scenario, pace, |_| {}).await
    }

    /// As [`play`](Self::play); before each step `on_step` gets a line that tells about it, for
    /// example `+00:30 mail: chat`.
    ///
    /// # Errors
    ///
    /// As [`play`](Self::play).
    pub async fn play_with(
        &self,
        scenario: &Scenario,
        pace: Pace,
        mut on_step: impl FnMut(&str) + Send,
    ) -> Result<BTreeMap<String, String>, ScenarioError> {
        let share = pace.share()?;
        let total = scenario.duration();
        // So that no session happens in the future, the whole story begins in the past.
        let ahead = i64::try_from(total.mul_f64(1.0 - share.min(1.0)).as_secs()).unwrap_or(0);
        let base = scenario.base_time.unwrap_or_else(|| time::now() - ahead);
        let mut sessions = BTreeMap::new();
        for (place, order) in &scenario.scene {
            control::order(self, &order.path, &order.body)
                .await
                .map_err(|error| place.wrong(error))?;
        }
        let start = tokio::time::Instant::now();
        for step in &scenario.steps {
            if share > 0.0 {
                tokio::time::sleep_until(start + step.at.mul_f64(share)).await;
            }
            on_step(&step.line());
            let at = base.saturating_add(i64::try_from(step.at.as_secs()).unwrap_or(i64::MAX));
            self.perform(step, at, &mut sessions)
                .await
                .map_err(|error| step.place.wrong(error))?;
        }
        Ok(sessions)
    }

    async fn perform(
        &self,
        step: &Step,
        at: i64,
        sessions: &mut BTreeMap<String, String>,
    ) -> Result<(), SimError> {
        match &step.what {
            What::Wait => {}
            What::Start { session, body } => {
                let mut body = body.clone();
                if body.get("start_time").is_none() {
                    body["start_time"] = json!(at);
                }
                let answer = control::order(self, &["sessions"], &body).await?;
                let lsid = answer["lsid"].as_str().unwrap_or_default();
                sessions.insert(session.clone(), lsid.to_owned());
            }
            What::InSession {
                session,
                step,
                body,
            } => {
                let lsid = sessions
                    .get(session)
                    .ok_or_else(|| SimError::UnknownSession(session.clone()))?;
                self.at(lsid, at)?;
                control::order(self, &["sessions", lsid, step], body).await?;
            }
            What::Other(order) => {
                control::order(self, &order.path, &order.body).await?;
            }
        }
        Ok(())
    }
}

impl Step {
    fn line(&self) -> String {
        let seconds = self.at.as_secs();
        let time = format!("+{:02}:{:02}", seconds / 60, seconds % 60);
        match &self.what {
            What::Wait => format!("{time} wait"),
            What::Start { session, .. } => format!("{time} {session}: start"),
            What::InSession { session, step, .. } => format!("{time} {session}: {step}"),
            What::Other(order) => format!("{time} {}", order.path.join(" ")),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    directory: &'a Path,
}

impl Reader<'_> {
    fn place(&self, offset: usize, what: impl Into<String>) -> Place {
        let before = self.text.get(..offset).unwrap_or(self.text);
        Place {
            line: before.matches('\n').count() + 1,
            what: what.into(),
        }
    }

    fn read(&self) -> Result<Scenario, ScenarioError> {
        let file: File = toml::from_str(self.text)
            .map_err(|error| ScenarioError::Toml(error.to_string().trim_end().to_owned()))?;
        let base_time = file
            .base_time
            .map(|value| {
                let place = self.place(value.span().start, "base_time");
                unix_time(value.get_ref()).ok_or_else(|| {
                    place.wrong("give Unix seconds or a date and time with its offset from UTC")
                })
            })
            .transpose()?;
        let mut scene = Vec::new();
        if let Some(settings) = file.settings {
            let place = self.place(settings.span().start, "settings");
            let body = json(settings.into_inner(), &place)?;
            scene.push((
                place,
                Order {
                    path: vec!["settings"],
                    body,
                },
            ));
        }
        for (index, team) in file.team.into_iter().enumerate() {
            let place = self.place(team.span().start, format!("team {}", index + 1));
            let body = json(team.into_inner(), &place)?;
            scene.push((
                place,
                Order {
                    path: vec!["teams"],
                    body,
                },
            ));
        }
        for (index, rep) in file.representative.into_iter().enumerate() {
            let place = self.place(rep.span().start, format!("representative {}", index + 1));
            let body = json!({ "representative": json(rep.into_inner(), &place)? });
            let path = vec!["reps", "log_in"];
            scene.push((place, Order { path, body }));
        }
        for (index, recipient) in file.recipient.into_iter().enumerate() {
            let place = self.place(recipient.span().start, format!("recipient {}", index + 1));
            let body = self.recipient(recipient.into_inner(), &place)?;
            scene.push((
                place,
                Order {
                    path: vec!["recipients"],
                    body,
                },
            ));
        }
        for (place, order) in &scene {
            control::check_fields(&order.path, &order.body).map_err(|error| place.wrong(error))?;
        }
        let mut steps: Vec<Step> = Vec::new();
        let mut started = Vec::new();
        for (index, table) in file.step.into_iter().enumerate() {
            let offset = table.span().start;
            let mut table = table.into_inner();
            let action = table.remove("do");
            let what = match action.as_ref().and_then(toml::Value::as_str) {
                Some(action) => format!("step {} ({action})", index + 1),
                None => format!("step {}", index + 1),
            };
            let place = self.place(offset, what);
            let earliest = steps.last().map_or(Duration::ZERO, |step| step.at);
            let at = match table.remove("at") {
                None => earliest,
                Some(at) => duration(&at).map_err(|reason| place.wrong(reason))?,
            };
            if at < earliest {
                return Err(place.wrong(format!(
                    "it would happen {} seconds before the step above it; put the steps in order",
                    (earliest - at).as_secs()
                )));
            }
            let action = match action {
                Some(toml::Value::String(action)) => action,
                Some(_) => return Err(place.wrong("do must be a string")),
                None => return Err(place.wrong("do is missing: what is to happen?")),
            };
            let what = self.what(&action, table, &file.customer, &mut started, &place)?;
            steps.push(Step { place, at, what });
        }
        Ok(Scenario {
            title: file.title,
            base_time,
            scene,
            steps,
        })
    }

    fn what(
        &self,
        action: &str,
        mut table: Table,
        customers: &BTreeMap<String, Table>,
        started: &mut Vec<String>,
        place: &Place,
    ) -> Result<What, ScenarioError> {
        let session = match table.remove("session") {
            None => None,
            Some(toml::Value::String(name)) => Some(name),
            Some(_) => return Err(place.wrong("session must be a string")),
        };
        let customer = |value: &mut toml::Value| {
            let known = value.as_str().and_then(|name| customers.get(name));
            if let Some(known) = known {
                *value = toml::Value::Table(known.clone());
            }
        };
        if let Some(value) = table.get_mut("customer") {
            customer(value);
        }
        if let Some(toml::Value::Array(values)) = table.get_mut("more_customers") {
            values.iter_mut().for_each(customer);
        }
        let mut body = match action {
            "recipient" => self.recipient(table, place)?,
            _ => json(table, place)?,
        };
        if body.get("representative") == Some(&Value::Bool(false)) {
            // TOML has no null, which is what the endpoint takes for nobody.
            body["representative"] = Value::Null;
        }
        let known = OTHER.iter().find(|(name, _)| *name == action);
        if action == "wait" || known.is_some() {
            if session.is_some() {
                return Err(place.wrong("this happens to the appliance and not in a session"));
            }
            return Ok(match known {
                Some((_, path)) => {
                    let path = path.to_vec();
                    control::check_fields(&path, &body).map_err(|error| place.wrong(error))?;
                    What::Other(Order { path, body })
                }
                None => What::Wait,
            });
        }
        let session = session.unwrap_or_else(|| "session".to_owned());
        if action == "start" {
            if started.contains(&session) {
                return Err(place.wrong(format!(
                    "session {session:?} has started above; give this one another name"
                )));
            }
            control::check_fields(&["sessions"], &body).map_err(|error| place.wrong(error))?;
            started.push(session.clone());
            return Ok(What::Start { session, body });
        }
        if !IN_SESSION.contains(&action) {
            let others = OTHER.iter().map(|(name, _)| *name);
            let all: Vec<&str> = ["start", "wait"]
                .into_iter()
                .chain(IN_SESSION)
                .chain(others)
                .collect();
            return Err(place.wrong(format!(
                "there is no step {action:?}; there are {}",
                all.join(", ")
            )));
        }
        if !started.contains(&session) {
            return Err(place.wrong(format!("no step above starts session {session:?}")));
        }
        control::check_fields(&["sessions", "", action], &body)
            .map_err(|error| place.wrong(error))?;
        let step = action.to_owned();
        Ok(What::InSession {
            session,
            step,
            body,
        })
    }

    /// A recipient with its certificate read from the file.
    fn recipient(&self, mut table: Table, place: &Place) -> Result<Value, ScenarioError> {
        if let Some(file) = table.remove("ca_file") {
            let name = file
                .as_str()
                .ok_or_else(|| place.wrong("ca_file must be a string"))?;
            let path = self.directory.join(name);
            let pem = std::fs::read_to_string(&path)
                .map_err(|error| place.wrong(format!("cannot read {}: {error}", path.display())))?;
            table.insert("ca_pem".to_owned(), toml::Value::String(pem));
        }
        json(table, place)
    }
}

fn json(table: Table, place: &Place) -> Result<Value, ScenarioError> {
    let mut object = Map::new();
    for (name, value) in table {
        let value = serde_json::to_value(value).map_err(|error| place.wrong(error))?;
        object.insert(name, value);
    }
    Ok(Value::Object(object))
}

fn unix_time(value: &toml::Value) -> Option<i64> {
    match value {
        toml::Value::Integer(seconds) => Some(*seconds),
        toml::Value::Datetime(time) => parse_time(&time.to_string()),
        toml::Value::String(text) => parse_time(text),
        _ => None,
    }
}

fn parse_time(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>()
        .ok()
        .map(|time| time.as_second())
}

/// `"+1m30s"`, or whole seconds.
fn duration(value: &toml::Value) -> Result<Duration, String> {
    let wrong = || format!("at = {value} is no time; write it as \"+1m30s\"");
    match value {
        toml::Value::Integer(seconds) => Ok(Duration::from_secs(
            u64::try_from(*seconds).map_err(|_| wrong())?,
        )),
        toml::Value::String(text) => parse_duration(text).ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut seconds: u64 = 0;
    // Units in falling size, each at most once.
    for (unit, length) in [('h', 3_600), ('m', 60), ('s', 1)] {
        if let Some((number, after)) = rest.split_once(unit) {
            let number: u64 = number
                .bytes()
                .all(|byte| byte.is_ascii_digit())
                .then(|| number.parse().ok())??;
            seconds = seconds.checked_add(number.checked_mul(length)?)?;
            rest = after;
        }
    }
    // At most some years: longer ones are mistakes.
    (rest.is_empty() && !text.trim_start_matches('+').is_empty() && seconds < 1 << 30)
        .then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_hours_minutes_and_seconds() {
        for (text, seconds) in [
            ("+30s", 30),
            ("1m30s", 90),
            ("+2h", 7_200),
            ("+1h2m3s", 3_723),
        ] {
            assert_eq!(
                parse_duration(text),
                Some(Duration::from_secs(seconds)),
                "{text}"
            );
        }
        for text in [
            "",
            "+",
            "30",
            "+1x",
            "+1s1m",
            "-5s",
            "+1.5m",
            "+s",
            "++1s",
            "+99999999h",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn a_rehearsal_reaches_nobody() {
        let text = "
            [[recipient]]
            url = 'http://127.0.0.1:1/'
            [[step]]
            do = 'recipient'
            url = 'http://127.0.0.1:2/'
            [[step]]
            do = 'send_event'
            url = 'http://127.0.0.1:2/'
            event = 'x'
            [[step]]
            do = 'clear_faults'";
        let rehearsal = Scenario::parse(text).unwrap().without_recipients();
        assert!(rehearsal.scene.is_empty());
        let lines: Vec<String> = rehearsal.steps.iter().map(Step::line).collect();
        assert_eq!(lines, ["+00:00 wait", "+00:00 wait", "+00:00 faults clear"]);
    }

    #[test]
    fn the_demonstration_is_a_scenario_of_five_minutes() {
        let demo = Scenario::demo().unwrap();
        assert_eq!(demo.duration(), Duration::from_secs(300));
        assert!(demo.len() > 20 && !demo.is_empty());
    }
}
