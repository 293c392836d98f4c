//! Sessions without end: made from their number when they are needed, never kept.

use super::window::{Selection, View};
use crate::people::{Customer, Representative};
use crate::random::mix;
use crate::session::{
    Actor, CustomerMember, Ending, Event, RepMember, SYSTEM_NAME, Session, SubmittedSurvey,
};
use crate::spec::{Question, SessionSpec, SurveyKind, SystemCategory};

/// Turns a session's number into the second half of its lsid and back.
const LSID_KEY: u64 = 0x5bd1_e995_c0ff_ee11;

/// Many sessions, each of which is made from its number alone: the same in every run, in every
/// answer, and without keeping any of them.
///
/// All have ended. Session `n` begins `n` times the spacing after the first one. Chats with
/// entities and non-ASCII text, files, system information, encoded bodies, CDATA sections,
/// custom attributes and surveys appear among them as they do in long reports of real appliances.
///
/// ```
/// use bomgar_sim::GeneratedSessions;
///
/// let sessions = GeneratedSessions::new(1_000, 150).first_start(1_700_000_000).spacing(300);
/// assert_eq!(sessions.start_time(2), 1_700_000_600);
/// assert_eq!(sessions.lsid(2).len(), 32);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct GeneratedSessions {
    sessions: u64,
    events: u32,
    first_start: i64,
    spacing: u32,
    varied: bool,
}

impl GeneratedSessions {
    /// So many sessions with so many events each, besides those of joining, leaving, beginning and
    /// end. The first begins at 1,700,000,000 (14 November 2023); then one begins each minute.
    pub fn new(sessions: u64, events_each: u32) -> Self {
        Self {
            sessions,
            events: events_each,
            first_start: 1_700_000_000,
            spacing: 60,
            varied: false,
        }
    }

    /// Endless, with 30 to 249 events in a session instead of always as many.
    pub(super) fn endless() -> Self {
        Self {
            varied: true,
            ..Self::new(u64::MAX, 0)
        }
    }

    /// When the first session begins, in Unix seconds.
    pub fn first_start(mut self, unix_seconds: i64) -> Self {
        self.first_start = unix_seconds;
        self
    }

    /// How many seconds after each other the sessions begin.
    pub fn spacing(mut self, seconds: u32) -> Self {
        self.spacing = seconds;
        self
    }

    /// How many sessions there are.
    pub fn sessions(&self) -> u64 {
        self.sessions
    }

    /// The identifier of session `index`, counted from 0.
    pub fn lsid(&self, index: u64) -> String {
        format!("{:016x}{:016x}", mix(index), index ^ LSID_KEY)
    }

    fn index(&self, lsid: &str) -> Option<u64> {
        let index = u64::from_str_radix(lsid.get(16..)?, 16).ok()? ^ LSID_KEY;
        (index < self.sessions && self.lsid(index) == lsid).then_some(index)
    }

    /// When session `index` began, in Unix seconds.
    pub fn start_time(&self, index: u64) -> i64 {
        let passed = index.saturating_mul(u64::from(self.spacing));
        self.first_start
            .saturating_add(i64::try_from(passed).unwrap_or(i64::MAX))
    }

    /// When session `index` ended, in Unix seconds.
    pub fn end_time(&self, index: u64) -> i64 {
        // From five minutes to a bit more than an hour.
        let seconds = 300 + i64::try_from(mix(index) % 3_600).unwrap_or_default();
        self.start_time(index).saturating_add(seconds)
    }

    /// The external key of session `index`; every eighth session has none.
    pub fn external_key(&self, index: u64) -> String {
        if index % 8 == 7 {
            String::new()
        } else {
            format!("T{:08}", 20_000_000 + index)
        }
    }

    /// The numbers of the sessions in a window, in order. They are tried one by one, which takes
    /// next to nothing.
    pub(super) fn selected(
        &self,
        selection: &Selection,
    ) -> Box<dyn Iterator<Item = u64> + Send + Sync> {
        let this = self.clone();
        if let Selection::Lsids(lsids) = selection {
            let mut found: Vec<u64> = lsids.iter().filter_map(|lsid| this.index(lsid)).collect();
            found.sort_unstable();
            found.dedup();
            return Box::new(found.into_iter());
        }
        let selection = selection.clone();
        Box::new((0..self.sessions).filter(move |index| {
            let (start, end) = (this.start_time(*index), this.end_time(*index));
            selection.matches("", start, Some(end))
        }))
    }

    pub(super) fn view(&self, index: u64) -> View {
        let end = self.end_time(index);
        View {
            session: self.session(index),
            end: Some(end),
            cdata: index % 4 == 1,
        }
    }

    fn session(&self, index: u64) -> Session {
        let mut dice = Dice(mix(index ^ 0x7e57));
        let start = self.start_time(index);
        let end = self.end_time(index);
        let customer = dice.one_of(&CUSTOMERS);
        let rep = u32::try_from(dice.below(40)).unwrap_or_default() + 1;
        let mut spec = SessionSpec::new()
            .lsid(self.lsid(index))
            .start_time(start)
            .external_key(self.external_key(index))
            .customer(
                Customer::new(customer)
                    .hostname(format!("PC-{:05}", dice.below(100_000)))
                    .os(dice.one_of(&SYSTEMS))
                    .ips(
                        dice.address(),
                        dice.one_of(&["192.168.7.24", "Unknown", "10.20.30.40"]),
                    )
                    .company(dice.one_of(&[
                        "Acme & Söhne GmbH",
                        "Example, Inc.",
                        "",
                        "Überlingen <IT>",
                    ]))
                    .issue("General", dice.one_of(&TEXTS)),
            )
            .representative(
                Representative::new(rep, format!("rep{rep}"))
                    .display_names(format!("Renée Rep {rep}"), format!("Renée {rep}")),
            )
            .custom_attribute(
                "asset_tag",
                "Asset tag",
                format!("A-{}", dice.below(10_000)),
            );
        if dice.below(3) == 0 {
            spec = spec.team(1, "Service Desk");
        }
        if dice.below(4) == 0 {
            spec = spec.jump_group("shared", "Servers & more");
        }
        let mut session = Session::start(spec, 1_001 + index, "generated");
        session.download_hash = format!(
            "{:016x}{:016x}{:08x}",
            dice.roll(),
            dice.roll(),
            dice.roll() >> 32
        );
        let count = if self.varied {
            30 + u32::try_from(dice.below(220)).unwrap_or_default()
        } else {
            self.events
        };
        for number in 0..count {
            let passed = (end - start) * i64::from(number) / i64::from(count + 1);
            let event = event(&session, &mut dice, number, start + passed);
            session.events.push(event);
        }
        if dice.below(5) == 0 {
            session.surveys.push(SubmittedSurvey {
                kind: SurveyKind::Customer,
                gsnumber: 1,
                timestamp: end,
                questions: vec![Question {
                    name: "rating".into(),
                    label: "How did we do?".into(),
                    answers: vec!["5".into()],
                }],
            });
        }
        // Cannot fail: the session runs, it ends after its start, and only members leave.
        let _ = session.finish(Some(end), Ending::Normal);
        session
    }
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = mix(self.0);
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit
    }

    fn one_of<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        let index = self.below(texts.len().max(1) as u64);
        texts
            .get(usize::try_from(index).unwrap_or_default())
            .copied()
            .unwrap_or_default()
    }

    fn address(&mut self) -> String {
        let port = 1_024 + self.below(60_000);
        if self.below(4) == 0 {
            format!("[2001:db8::{:x}]:{port}", self.below(0xffff))
        } else {
            format!("203.0.113.{}:{port}", self.below(255))
        }
    }
}

const CUSTOMERS: [&str; 6] = [
    "Ada Byron",
    "Jürgen Groß",
    "O'Brien, \"Pat\"",
    "Zoë & Noël",
    "山田 太郎",
    "Анна Каренина",
];

const SYSTEMS: [&str; 4] = [
    "Windows 11 Enterprise (x64)",
    "Windows Server 2022 Standard",
    "macOS 14.5 (23F79)",
    "Unknown",
];

const TEXTS: [&str; 12] = [
    "Hello, how can I help you today?",
    "My printer says \"PC LOAD LETTER\" & then <nothing>.",
    "Könnten Sie bitte das Gerät neu starten? Größe & Maße stimmen nicht.",
    "It works again, thanks! 🎉",
    "if (a < b && b > c) { return \"x\"; }",
    "Bitte öffnen Sie Einstellungen → Netzwerk → WLAN.",
    "プリンターが動きません。確認してください。",
    "I am going to restart the service now; you will be disconnected for about a minute, and after \
     that the programs that you had open will ask whether they may restore their windows.",
    "Error 0x80070005: access denied (C:\\Program Files\\Contoso\\app.exe)",
    "line one\nline two\nline three",
    "100 % of disk C: used — 1,5 GB free on D:",
    "See https://support.example.com/kb?id=42&lang=de#top",
];

const FILES: [&str; 4] = [
    "C:\\Temp\\driver.zip",
    "C:\\Users\\jgroß\\Desktop\\Übersicht & Plan.xlsx",
    "/var/log/system.log",
    "D:\\data\\export <final>.csv",
];

fn event(session: &Session, dice: &mut Dice, number: u32, timestamp: i64) -> Event {
    let customer = session.primary_customer().map(CustomerMember::actor);
    let rep = session.primary_rep().map(RepMember::actor);
    let system = Actor {
        kind: "system",
        gsnumber: 0,
        name: SYSTEM_NAME.to_owned(),
    };
    let everyone = Actor {
        kind: "everyone",
        gsnumber: 0,
        name: "Everyone".to_owned(),
    };
    let mut event = Event {
        timestamp,
        event_type: "Chat Message".to_owned(),
        performed_by: rep.clone(),
        destination: Some(everyone),
        body: None,
        data: Vec::new(),
        system_information: Vec::new(),
    };
    if number == 3 {
        event.event_type = "System Information Retrieved".to_owned();
        event.performed_by = customer;
        event.destination = None;
        event.system_information = system_information(dice);
        return event;
    }
    let mut other = |name: &str, by, to, data: &[(&str, String)]| {
        event.event_type = name.to_owned();
        event.performed_by = by;
        event.destination = to;
        event.data = data
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
    };
    match dice.below(20) {
        0..=3 => event.body = Some(dice.one_of(&TEXTS).to_owned()),
        4..=6 => {
            event.performed_by = customer;
            event.body = Some(dice.one_of(&TEXTS).to_owned());
        }
        7 => {
            event.performed_by = Some(system);
            event.body = Some(format!("{} has joined.", dice.one_of(&CUSTOMERS)));
        }
        8 => {
            let long: Vec<&str> = (0..8).map(|_| dice.one_of(&TEXTS)).collect();
            event.body = Some(long.join(" "));
        }
        9 => event.body = Some(format!("\u{7}\u{1b}[31m{}", dice.one_of(&TEXTS))),
        10 => {
            let filename = dice.one_of(&FILES).to_owned();
            let filesize = dice.below(5_000_000).to_string();
            let data = [("filename", filename), ("filesize", filesize)];
            if dice.below(2) == 0 {
                other("File Upload", rep, customer, &data);
            } else {
                other("File Download", customer, rep, &data);
            }
        }
        11 => {
            let sha256 = format!(
                "{:016x}{:016x}{:016x}{:016x}",
                dice.roll(),
                dice.roll(),
                dice.roll(),
                dice.roll()
            );
            let filename = dice.one_of(&FILES).to_owned();
            let data = [("filename", filename), ("sha256", sha256)];
            other("File Transfer Complete", customer, rep, &data);
        }
        12..=15 => {
            let window = dice.one_of(&TEXTS).replace('\n', " ");
            let data = [
                ("exeName", "C:\\Windows\\explorer.exe".to_owned()),
                ("windowName", window),
            ];
            let name = dice.one_of(&[
                "Session Foreground Window Changed",
                "Session Mouse Left Clicked",
                "Session Window Closed",
            ]);
            other(name, Some(system), None, &data);
        }
        16 => {
            let data = [("action_name", "Druckwarteschlange neu starten".to_owned())];
            other("Special Action Executed", rep, None, &data);
        }
        17 => {
            other("Session Note Added", rep, None, &[]);
            event.body = Some(format!("{}\n{}", dice.one_of(&TEXTS), dice.one_of(&TEXTS)));
        }
        18 => {
            let data = [
                ("key_path", "HKLM\\Software\\Contoso".to_owned()),
                ("value_name", "Größe".to_owned()),
                ("value_type", "REG_SZ".to_owned()),
                ("value_data_old", "<old> & \"plain\"".to_owned()),
                ("value_data_new", "new".to_owned()),
            ];
            other("Registry Value Modified", rep, customer, &data);
        }
        _ => {
            let path = ("path", "C:\\Temp\\neu".to_owned());
            other("Directory Created", rep, customer, &[path]);
        }
    }
    event
}

fn system_information(dice: &mut Dice) -> Vec<SystemCategory> {
    let mut software = SystemCategory::new("Installed Software");
    for number in 0..12 + dice.below(12) {
        software = software.row([
            ("Name", format!("Contoso Tool {number} (x64) – Größe M")),
            ("Version", format!("{}.{}", dice.below(20), dice.below(100))),
            ("Publisher", "Contoso & Partner".to_owned()),
        ]);
    }
    vec![
        SystemCategory::new("General").row([
            ("Computer Name", format!("PC-{:05}", dice.below(100_000))),
            ("Operating System", "Windows 11 Enterprise".to_owned()),
            ("Time Zone", "(UTC+01:00) Zürich".to_owned()),
        ]),
        SystemCategory::new("Disks")
            .row([("Drive", "C:"), ("Size", "512 GB"), ("Free", "37 %")])
            .row([("Drive", "D:"), ("Size", "1 TB"), ("Free", "80 %")]),
        software,
        SystemCategory::new("Processes"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_lsid_tells_the_number_of_its_session() {
        let set = GeneratedSessions::new(1_000, 10);
        for index in [0, 1, 999] {
            assert_eq!(set.index(&set.lsid(index)), Some(index));
        }
        assert_eq!(set.index(&set.lsid(1_000)), None);
        assert_eq!(set.index("0123456789abcdef0123456789abcdef"), None);
    }
}
