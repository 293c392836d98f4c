//! Customers and representatives as a test describes them.

/// The person and the computer that get support.
///
/// ```
/// use bomgar_sim::Customer;
///
/// let customer = Customer::new("Ada Byron").hostname("ADA-PC").company("Acme, Inc.");
/// # let _ = customer;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    pub(crate) name: String,
    pub(crate) hostname: String,
    pub(crate) os: String,
    pub(crate) public_ip: String,
    pub(crate) private_ip: String,
    pub(crate) company: String,
    pub(crate) company_code: String,
    pub(crate) issue: String,
    pub(crate) details: String,
}

impl Customer {
    /// A customer of this name on a Windows computer.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            hostname: "CUSTOMER-PC".into(),
            os: "Windows 11 Enterprise (x64)".into(),
            public_ip: "203.0.113.24:52114".into(),
            private_ip: "192.168.7.24".into(),
            company: String::new(),
            company_code: String::new(),
            issue: String::new(),
            details: String::new(),
        }
    }

    /// The computer's name.
    pub fn hostname(mut self, hostname: impl Into<String>) -> Self {
        self.hostname = hostname.into();
        self
    }

    /// The operating system; appliances write `Unknown` when they cannot tell.
    pub fn os(mut self, os: impl Into<String>) -> Self {
        self.os = os.into();
        self
    }

    /// Public address with port (`203.0.113.24:52114`, `[2001:db8::1]:52114`) and private address
    /// (or `Unknown`).
    pub fn ips(mut self, public: impl Into<String>, private: impl Into<String>) -> Self {
        self.public_ip = public.into();
        self.private_ip = private.into();
        self
    }

    /// The company the customer typed in.
    pub fn company(mut self, company: impl Into<String>) -> Self {
        self.company = company.into();
        self
    }

    /// The company code the customer typed in.
    pub fn company_code(mut self, code: impl Into<String>) -> Self {
        self.company_code = code.into();
        self
    }

    /// The issue chosen and its description.
    pub fn issue(mut self, issue: impl Into<String>, details: impl Into<String>) -> Self {
        self.issue = issue.into();
        self.details = details.into();
        self
    }
}

impl Default for Customer {
    fn default() -> Self {
        Self::new("Pat Customer")
    }
}

/// A support technician with an account on the appliance.
///
/// ```
/// use bomgar_sim::Representative;
///
/// let rep = Representative::new(12, "glang").display_names("Grace Lang", "Grace");
/// # let _ = rep;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Representative {
    pub(crate) id: u32,
    pub(crate) username: String,
    pub(crate) private_name: String,
    pub(crate) public_name: String,
    pub(crate) hostname: String,
    pub(crate) os: String,
    pub(crate) public_ip: String,
    pub(crate) private_ip: String,
    pub(crate) seconds_involved: Option<i64>,
    pub(crate) invited: bool,
    pub(crate) embassy: bool,
    pub(crate) listed: bool,
}

impl Representative {
    /// A representative with this account; the username also serves as display name.
    pub fn new(id: u32, username: impl Into<String>) -> Self {
        let username = username.into();
        Self {
            id,
            private_name: username.clone(),
            public_name: username.clone(),
            username,
            hostname: "REP-PC".into(),
            os: "Windows 11 Enterprise (x64)".into(),
            public_ip: "198.51.100.9:61002".into(),
            private_ip: "10.1.1.9".into(),
            seconds_involved: None,
            invited: false,
            embassy: false,
            listed: true,
        }
    }

    /// The names that colleagues (private) and customers (public) see.
    pub fn display_names(mut self, private: impl Into<String>, public: impl Into<String>) -> Self {
        self.private_name = private.into();
        self.public_name = public.into();
        self
    }

    /// The computer's name.
    pub fn hostname(mut self, hostname: impl Into<String>) -> Self {
        self.hostname = hostname.into();
        self
    }

    /// The operating system.
    pub fn os(mut self, os: impl Into<String>) -> Self {
        self.os = os.into();
        self
    }

    /// Public address with port and private address.
    pub fn ips(mut self, public: impl Into<String>, private: impl Into<String>) -> Self {
        self.public_ip = public.into();
        self.private_ip = private.into();
        self
    }

    /// What the report says as `seconds_involved`. Without it: from joining to leaving.
    pub fn seconds_involved(mut self, seconds: i64) -> Self {
        self.seconds_involved = Some(seconds);
        self
    }

    /// Someone from outside who was invited to one session.
    pub fn invited(mut self) -> Self {
        self.invited = true;
        self
    }

    /// Someone of an embassy, as older versions have them.
    pub fn embassy(mut self) -> Self {
        self.embassy = true;
        self
    }

    /// Does not show on the public site's list of representatives.
    pub fn unlisted(mut self) -> Self {
        self.listed = false;
        self
    }

    /// The account's number.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The account's name.
    pub fn username(&self) -> &str {
        &self.username
    }
}

impl Default for Representative {
    fn default() -> Self {
        Self::new(7, "technician").display_names("Terry Technician", "Terry")
    }
}

/// A support team, which has a queue of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) issues: Vec<(String, String)>,
    pub(crate) members: Vec<u32>,
    pub(crate) embassy: bool,
}

impl Team {
    /// A team without issues and members.
    pub fn new(id: u32, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            issues: Vec::new(),
            members: Vec::new(),
            embassy: false,
        }
    }

    /// Makes it an embassy of older versions: a team of outside people, whose queue is
    /// `embassy:<id>`. It is not among the support teams.
    pub fn embassy(mut self) -> Self {
        self.embassy = true;
        self
    }

    /// Adds the representative with this account number.
    pub fn member(mut self, rep_id: u32) -> Self {
        self.members.push(rep_id);
        self
    }

    /// Adds an issue that customers can choose, with its code name.
    pub fn issue(mut self, code_name: impl Into<String>, title: impl Into<String>) -> Self {
        self.issues.push((code_name.into(), title.into()));
        self
    }
}

/// Someone who does something in a session, or to whom it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Party {
    /// The appliance itself.
    System,
    /// The primary customer.
    Customer,
    /// The customer with this name, where there are several.
    CustomerNamed(String),
    /// The primary representative.
    Representative,
    /// The representative with this username.
    Rep(String),
    /// All members of the session; only as the receiver of a message.
    Everyone,
}

impl Party {
    /// The representative with this username.
    pub fn rep(username: impl Into<String>) -> Self {
        Self::Rep(username.into())
    }

    /// The customer with this name.
    pub fn customer(name: impl Into<String>) -> Self {
        Self::CustomerNamed(name.into())
    }
}

impl std::fmt::Display for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::Customer => f.write_str("customer"),
            Self::CustomerNamed(name) => write!(f, "customer {name}"),
            Self::Representative => f.write_str("representative"),
            Self::Rep(username) => write!(f, "representative {username}"),
            Self::Everyone => f.write_str("everyone"),
        }
    }
}
