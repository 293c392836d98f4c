//! What a test tells about a session that it starts, and about things that happen in it.

use crate::people::{Customer, Party, Representative};

/// A session as it starts.
///
/// ```
/// use bomgar_sim::{Customer, Representative, SessionSpec};
///
/// let spec = SessionSpec::new()
///     .customer(Customer::new("Ada Byron").hostname("ADA-PC"))
///     .representative(Representative::new(12, "glang"))
///     .external_key("48213")
///     .custom_attribute("asset_tag", "Asset tag", "A-77")
///     .start_time(1_700_000_000);
/// # let _ = spec;
/// ```
#[derive(Clone, Debug)]
pub struct SessionSpec {
    pub(crate) customer: Customer,
    pub(crate) more_customers: Vec<Customer>,
    pub(crate) representative: Option<Representative>,
    pub(crate) more_reps: Vec<Representative>,
    pub(crate) priority: Option<u8>,
    pub(crate) external_key: String,
    pub(crate) custom: Vec<CustomAttribute>,
    pub(crate) start_time: Option<i64>,
    pub(crate) jump_group: Option<(String, String)>,
    pub(crate) public_site: Option<(u32, String)>,
    pub(crate) team: Option<(u32, String)>,
    pub(crate) recorded: bool,
    pub(crate) lsid: Option<String>,
}

/// A custom session attribute with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CustomAttribute {
    pub(crate) code_name: String,
    pub(crate) display_name: String,
    pub(crate) value: String,
}

impl SessionSpec {
    /// A session of the default customer with the default representative, without external key,
    /// starting now.
    pub fn new() -> Self {
        Self {
            customer: Customer::default(),
            more_customers: Vec::new(),
            representative: Some(Representative::default()),
            more_reps: Vec::new(),
            priority: None,
            external_key: String::new(),
            custom: Vec::new(),
            start_time: None,
            jump_group: None,
            public_site: Some((1, "Default".into())),
            team: None,
            recorded: false,
            lsid: None,
        }
    }

    /// The customer, who is the session's primary customer.
    pub fn customer(mut self, customer: Customer) -> Self {
        self.customer = customer;
        self
    }

    /// One more customer who is there from the start. Names must differ.
    pub fn another_customer(mut self, customer: Customer) -> Self {
        self.more_customers.push(customer);
        self
    }

    /// The first representative, who owns the session and is its primary representative.
    pub fn representative(mut self, representative: Representative) -> Self {
        self.representative = Some(representative);
        self
    }

    /// One more representative who is there from the start. Usernames must differ.
    pub fn another_representative(mut self, representative: Representative) -> Self {
        self.more_reps.push(representative);
        self
    }

    /// Nobody takes the session for now. The report then has no primary representative.
    pub fn without_representative(mut self) -> Self {
        self.representative = None;
        self.more_reps.clear();
        self
    }

    /// The priority: 1 is high, 2 medium, 3 low.
    pub fn priority(mut self, priority: u8) -> Self {
        self.priority = Some(priority);
        self
    }

    /// The external key.
    pub fn external_key(mut self, key: impl Into<String>) -> Self {
        self.external_key = key.into();
        self
    }

    /// A custom attribute: code name, display name, value.
    pub fn custom_attribute(
        mut self,
        code_name: impl Into<String>,
        display_name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        self.custom.push(CustomAttribute {
            code_name: code_name.into(),
            display_name: display_name.into(),
            value: value.into(),
        });
        self
    }

    /// When the session starts, in Unix seconds. The session then has its own clock, which stands
    /// still until [`BomgarSim::at`](crate::BomgarSim::at) or
    /// [`BomgarSim::advance`](crate::BomgarSim::advance) moves it. Without a start time the
    /// session follows the real clock.
    pub fn start_time(mut self, unix_seconds: i64) -> Self {
        self.start_time = Some(unix_seconds);
        self
    }

    /// The Jump Group of the Jump Item used: `shared` or `personal`, and its name. Sessions that
    /// did not start from a Jump Item have none.
    pub fn jump_group(mut self, kind: impl Into<String>, name: impl Into<String>) -> Self {
        self.jump_group = Some((kind.into(), name.into()));
        self
    }

    /// The public site the session belongs to.
    pub fn public_site(mut self, id: u32, name: impl Into<String>) -> Self {
        self.public_site = Some((id, name.into()));
        self
    }

    /// The primary team.
    pub fn team(mut self, id: u32, name: impl Into<String>) -> Self {
        self.team = Some((id, name.into()));
        self
    }

    /// The session is recorded on video: the report then has recording URLs.
    pub fn recorded(mut self) -> Self {
        self.recorded = true;
        self
    }

    /// Fixes the session's identifier (32 lower-case hexadecimal digits) instead of a random one.
    pub fn lsid(mut self, lsid: impl Into<String>) -> Self {
        self.lsid = Some(lsid.into());
        self
    }
}

impl Default for SessionSpec {
    fn default() -> Self {
        Self::new()
    }
}

/// Which way a file went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Upload,
    Download,
}

/// A file moved between the representative and the customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileTransfer {
    pub(crate) direction: Direction,
    pub(crate) filename: String,
    pub(crate) filesize: u64,
    pub(crate) sha256: Option<String>,
    pub(crate) by: Option<String>,
}

impl FileTransfer {
    /// From the representative to the customer.
    pub fn upload(filename: impl Into<String>, filesize: u64) -> Self {
        Self {
            direction: Direction::Upload,
            filename: filename.into(),
            filesize,
            sha256: None,
            by: None,
        }
    }

    /// From the customer to the representative.
    pub fn download(filename: impl Into<String>, filesize: u64) -> Self {
        Self {
            direction: Direction::Download,
            ..Self::upload(filename, filesize)
        }
    }

    /// The representative with this username moves it, not the primary one.
    pub fn by(mut self, username: impl Into<String>) -> Self {
        self.by = Some(username.into());
        self
    }

    /// Also reports the transfer as complete, with this checksum.
    pub fn sha256(mut self, checksum: impl Into<String>) -> Self {
        self.sha256 = Some(checksum.into());
        self
    }
}

/// One section of the customer's system information.
///
/// ```
/// use bomgar_sim::SystemCategory;
///
/// let disks = SystemCategory::new("Disks")
///     .row([("Drive", "C:"), ("Size", "512 GB")])
///     .row([("Drive", "D:"), ("Size", "1 TB")]);
/// # let _ = disks;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemCategory {
    pub(crate) name: String,
    pub(crate) rows: Vec<Vec<(String, String)>>,
}

impl SystemCategory {
    /// An empty section.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            rows: Vec::new(),
        }
    }

    /// Adds a row of fields: names and values.
    pub fn row<N, V>(mut self, fields: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<String>,
    {
        self.rows.push(
            fields
                .into_iter()
                .map(|(n, v)| (n.into(), v.into()))
                .collect(),
        );
        self
    }
}

/// Any other event of a session.
#[derive(Clone, Debug)]
pub struct EventSpec {
    pub(crate) event_type: String,
    pub(crate) performed_by: Option<Party>,
    pub(crate) destination: Option<Party>,
    pub(crate) body: Option<String>,
    pub(crate) data: Vec<(String, String)>,
    pub(crate) timestamp: Option<i64>,
}

impl EventSpec {
    /// An event of this type, for example `File Moved`, or one that no client knows yet.
    pub fn new(event_type: impl Into<String>) -> Self {
        Self {
            event_type: event_type.into(),
            performed_by: None,
            destination: None,
            body: None,
            data: Vec::new(),
            timestamp: None,
        }
    }

    /// Who did it.
    pub fn performed_by(mut self, party: Party) -> Self {
        self.performed_by = Some(party);
        self
    }

    /// To whom.
    pub fn destination(mut self, party: Party) -> Self {
        self.destination = Some(party);
        self
    }

    /// The text. With characters that XML cannot carry the report has `encoded_body` instead.
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Adds a data value.
    pub fn data(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.data.push((name.into(), value.into()));
        self
    }

    /// When it happened, in Unix seconds, instead of the session's clock.
    pub fn timestamp(mut self, unix_seconds: i64) -> Self {
        self.timestamp = Some(unix_seconds);
        self
    }
}

/// Who filled a survey in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SurveyKind {
    /// The customer.
    Customer,
    /// The representative.
    Representative,
}

/// A submitted exit survey.
///
/// ```
/// use bomgar_sim::Survey;
///
/// let survey = Survey::customer()
///     .question("rating", "How did we do?", ["5"])
///     .question("comments", "Anything else?", ["Quick and\\nfriendly"]);
/// # let _ = survey;
/// ```
#[derive(Clone, Debug)]
pub struct Survey {
    pub(crate) kind: SurveyKind,
    pub(crate) questions: Vec<Question>,
    pub(crate) username: Option<String>,
    pub(crate) customer: Option<String>,
    pub(crate) timestamp: Option<i64>,
    pub(crate) seconds_later: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) answers: Vec<String>,
}

impl Survey {
    fn new(kind: SurveyKind) -> Self {
        Self {
            kind,
            questions: Vec::new(),
            username: None,
            customer: None,
            timestamp: None,
            seconds_later: 0,
        }
    }

    /// The customer's survey.
    pub fn customer() -> Self {
        Self::new(SurveyKind::Customer)
    }

    /// The primary representative's survey.
    pub fn representative() -> Self {
        Self::new(SurveyKind::Representative)
    }

    /// The survey of the representative with this username.
    pub fn by(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }

    /// The survey of the customer with this name, where there are several.
    pub fn by_customer(mut self, name: impl Into<String>) -> Self {
        self.customer = Some(name.into());
        self
    }

    /// Adds a question: internal name, label, answers. No answers means that the question was
    /// skipped. Line ends in answers appear as a backslash and an `n`.
    pub fn question<A: Into<String>>(
        mut self,
        name: impl Into<String>,
        label: impl Into<String>,
        answers: impl IntoIterator<Item = A>,
    ) -> Self {
        self.questions.push(Question {
            name: name.into(),
            label: label.into(),
            answers: answers.into_iter().map(Into::into).collect(),
        });
        self
    }

    /// When it was submitted, in Unix seconds, instead of the session's clock.
    pub fn timestamp(mut self, unix_seconds: i64) -> Self {
        self.timestamp = Some(unix_seconds);
        self
    }
    /// Submitted so many seconds after the session's clock, which after the end means after the
    /// end. A [`timestamp`](Self::timestamp) goes before this.
    pub fn seconds_later(mut self, seconds: i64) -> Self {
        self.seconds_later = seconds;
        self
    }
}
