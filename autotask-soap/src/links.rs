//! Links into Autotask's user interface.
//!
//! Two kinds exist. [`Command`]s are the documented ones: the browser opens the home page, then the
//! wanted window on top of it, so pop-ups from `ww*.autotask.net` must be allowed. [`Page`]s go
//! straight to a page, but Autotask does not document them. In both cases the person must be logged
//! in, or the login page comes first, and sees no more than his own permissions allow.
//!
//! ```
//! use autotask_soap::links::{Command, Links, Page};
//!
//! let links = Links::new("https://ww3.autotask.net/")?;
//! assert_eq!(
//!     links.command(&Command::OpenTicket(77)).as_str(),
//!     "https://ww3.autotask.net/Autotask/AutotaskExtend/ExecuteCommand.aspx\
//!      ?Code=OpenTicketDetail&TicketID=77"
//! );
//! assert_eq!(
//!     links.page(&Page::Ticket(77)).as_str(),
//!     "https://ww3.autotask.net/Mvc/ServiceDesk/TicketDetail.mvc?ticketId=77"
//! );
//! # Ok::<(), autotask_soap::Error>(())
//! ```

use crate::error::{Error, ErrorKind, Result};
use crate::zone::{ZoneInfo, is_loopback, is_vendor};
use url::{Url, form_urlencoded};

/// Makes links into one tenant's user interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// Ends in a slash.
    root: Url,
}

/// What a link of the `ExecuteCommand` interface opens. Numbers are the ids of records.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// A ticket: `OpenTicketDetail` with `TicketID`.
    OpenTicket(i64),
    /// A ticket by what people call it, such as `T20261124.0001`: `OpenTicketDetail` with
    /// `TicketNumber`.
    OpenTicketByNumber(String),
    /// The form for a new ticket, for this account if one is given: `NewTicket`.
    NewTicket(Option<i64>),
    /// The form for a time entry on this ticket: `OpenTicketTime`.
    EnterTicketTime(i64),
    /// An account: `OpenAccount`.
    OpenAccount(i64),
    /// A contact: `OpenContact`.
    OpenContact(i64),
    /// A task by its number, which is text: `OpenTaskDetail`.
    OpenTaskByNumber(String),
    /// A project: `OpenProject`.
    OpenProject(i64),
    /// A contract: `OpenContract`.
    OpenContract(i64),
    /// An opportunity: `OpenOpportunity`.
    OpenOpportunity(i64),
    /// A configuration item, to look at: `OpenInstalledProduct`.
    OpenInstalledProduct(i64),
    /// A configuration item, to change: `EditInstalledProduct`.
    EditInstalledProduct(i64),
    /// An article of the knowledge base: `OpenKBArticle`.
    OpenKnowledgeBaseArticle(i64),
    /// Any other command.
    Other {
        /// Its code.
        code: String,
        /// Its parameters: name and value.
        parameters: Vec<(String, String)>,
    },
}

/// A page that a link opens directly. Autotask does not document these addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Page {
    /// A ticket by its id.
    Ticket(i64),
    /// A ticket by its number, such as `T20261124.0001`.
    TicketByNumber(String),
    /// A task by its id.
    Task(i64),
    /// An account by its id.
    Account(i64),
}

impl Links {
    /// Links below this root of the user interface, which `getZoneInfo` calls `WebUrl`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] if it is no address, or neither https on a host of `autotask.net` nor
    /// on this machine: whoever follows a link may type a password there.
    pub fn new(web_url: &str) -> Result<Self> {
        let config = |detail: String| Error::new(ErrorKind::Config, detail);
        let mut root = Url::parse(web_url.trim()).map_err(|error| {
            config("the address of the user interface is no address".to_owned()).with_source(error)
        })?;
        let trusted = match root.scheme() {
            "https" => is_vendor(&root) || is_loopback(&root),
            "http" => is_loopback(&root),
            _ => false,
        };
        if !trusted || !root.username().is_empty() || root.password().is_some() {
            return Err(config(format!(
                "the user interface at {} is neither https on a host of autotask.net nor on this \
                 machine",
                root.host_str().unwrap_or("(no host)")
            )));
        }
        root.set_query(None);
        root.set_fragment(None);
        if !root.path().ends_with('/') {
            let path = format!("{}/", root.path());
            root.set_path(&path);
        }
        Ok(Self { root })
    }

    /// Links for a tenant in this zone.
    ///
    /// If the zone does not tell its user interface, that is found from the endpoint: the host
    /// `webservices3.autotask.net` belongs to `ww3.autotask.net`; hosts of other names serve both.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn of_zone(zone: &ZoneInfo) -> Result<Self> {
        if let Some(web_url) = &zone.web_url {
            return Self::new(web_url);
        }
        let mut root = zone.url.clone();
        root.set_path("/");
        if let Some(rest) = zone
            .url
            .host_str()
            .and_then(|host| host.strip_prefix("webservices"))
        {
            root.set_host(Some(&format!("ww{rest}"))).map_err(|error| {
                Error::new(ErrorKind::Config, "the endpoint's host is none").with_source(error)
            })?;
        }
        Self::new(root.as_str())
    }

    /// Root of the user interface, with a slash at its end.
    pub fn root(&self) -> &Url {
        &self.root
    }

    /// The link to a command.
    pub fn command(&self, command: &Command) -> Url {
        let (code, parameters) = command.parts();
        let code = ("Code", code);
        let parameters: Vec<(&str, String)> = std::iter::once(code)
            .map(|(name, value)| (name, value.to_owned()))
            .chain(parameters)
            .collect();
        self.link("Autotask/AutotaskExtend/ExecuteCommand.aspx", &parameters)
    }

    /// The link to a page.
    pub fn page(&self, page: &Page) -> Url {
        let (path, name, value) = match page {
            Page::Ticket(id) => (
                "Mvc/ServiceDesk/TicketDetail.mvc",
                "ticketId",
                id.to_string(),
            ),
            Page::TicketByNumber(number) => (
                "Mvc/ServiceDesk/TicketDetail.mvc/TicketByTicketNumber",
                "ticketNumber",
                number.clone(),
            ),
            Page::Task(id) => ("Mvc/Projects/TaskDetail.mvc", "taskId", id.to_string()),
            Page::Account(id) => ("Mvc/CRM/AccountDetail.mvc", "accountId", id.to_string()),
        };
        self.link(path, &[(name, value)])
    }

    fn link(&self, path: &str, parameters: &[(&str, String)]) -> Url {
        let mut link = self.root.clone();
        link.set_path(&format!("{}{path}", self.root.path()));
        let query: Vec<String> = parameters
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        link.set_query(Some(&query.join("&")));
        link
    }
}

/// Everything but letters, digits and `*-._` in percent form; a blank too, which forms write as `+`
/// and not everybody reads back.
fn encode(text: &str) -> String {
    let form: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    form.replace('+', "%20")
}

impl Command {
    fn parts(&self) -> (&str, Vec<(&str, String)>) {
        let id = |name: &'static str, id: &i64| vec![(name, id.to_string())];
        match self {
            Self::OpenTicket(ticket) => ("OpenTicketDetail", id("TicketID", ticket)),
            Self::OpenTicketByNumber(number) => {
                ("OpenTicketDetail", vec![("TicketNumber", number.clone())])
            }
            Self::NewTicket(None) => ("NewTicket", Vec::new()),
            Self::NewTicket(Some(account)) => ("NewTicket", id("AccountID", account)),
            Self::EnterTicketTime(ticket) => ("OpenTicketTime", id("TicketID", ticket)),
            Self::OpenAccount(account) => ("OpenAccount", id("AccountID", account)),
            Self::OpenContact(contact) => ("OpenContact", id("ContactID", contact)),
            Self::OpenTaskByNumber(number) => {
                ("OpenTaskDetail", vec![("TaskNumber", number.clone())])
            }
            Self::OpenProject(project) => ("OpenProject", id("ProjectID", project)),
            Self::OpenContract(contract) => ("OpenContract", id("ContractID", contract)),
            Self::OpenOpportunity(opportunity) => {
                ("OpenOpportunity", id("OpportunityID", opportunity))
            }
            Self::OpenInstalledProduct(product) => {
                ("OpenInstalledProduct", id("InstalledProductID", product))
            }
            Self::EditInstalledProduct(product) => {
                ("EditInstalledProduct", id("InstalledProductID", product))
            }
            Self::OpenKnowledgeBaseArticle(article) => ("OpenKBArticle", id("id", article)),
            Self::Other { code, parameters } => (
                code,
                parameters
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.clone()))
                    .collect(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links() -> Links {
        Links::new("https://ww3.autotask.net/").unwrap()
    }

    fn query_of(command: &Command) -> String {
        links().command(command).query().unwrap().to_owned()
    }

    #[test]
    fn commands_have_the_codes_and_parameters_of_the_interface() {
        for (command, query) in [
            (Command::OpenTicket(77), "Code=OpenTicketDetail&TicketID=77"),
            (
                Command::OpenTicketByNumber("T20261124.0001".into()),
                "Code=OpenTicketDetail&TicketNumber=T20261124.0001",
            ),
            (Command::NewTicket(None), "Code=NewTicket"),
            (Command::NewTicket(Some(5)), "Code=NewTicket&AccountID=5"),
            (
                Command::EnterTicketTime(7),
                "Code=OpenTicketTime&TicketID=7",
            ),
            (Command::OpenAccount(0), "Code=OpenAccount&AccountID=0"),
            (Command::OpenContact(8), "Code=OpenContact&ContactID=8"),
            (
                Command::OpenTaskByNumber("T1".into()),
                "Code=OpenTaskDetail&TaskNumber=T1",
            ),
            (Command::OpenProject(9), "Code=OpenProject&ProjectID=9"),
            (Command::OpenContract(9), "Code=OpenContract&ContractID=9"),
            (
                Command::OpenOpportunity(9),
                "Code=OpenOpportunity&OpportunityID=9",
            ),
            (
                Command::OpenInstalledProduct(9),
                "Code=OpenInstalledProduct&InstalledProductID=9",
            ),
            (
                Command::EditInstalledProduct(9),
                "Code=EditInstalledProduct&InstalledProductID=9",
            ),
            (
                Command::OpenKnowledgeBaseArticle(9),
                "Code=OpenKBArticle&id=9",
            ),
        ] {
            assert_eq!(query_of(&command), query);
        }
    }

    #[test]
    fn values_cannot_break_out() {
        let number = Command::OpenTicketByNumber("T 1&Code=NewTicket#x+ü".into());
        assert_eq!(
            query_of(&number),
            "Code=OpenTicketDetail&TicketNumber=T%201%26Code%3DNewTicket%23x%2B%C3%BC"
        );
        let other = Command::Other {
            code: "Open Sesame".into(),
            parameters: vec![("A&B".into(), "100 %".into())],
        };
        assert_eq!(query_of(&other), "Code=Open%20Sesame&A%26B=100%20%25");
        assert_eq!(
            links()
                .page(&Page::TicketByNumber("T1/../x".into()))
                .as_str(),
            "https://ww3.autotask.net/Mvc/ServiceDesk/TicketDetail.mvc/TicketByTicketNumber\
             ?ticketNumber=T1%2F..%2Fx"
        );
    }

    #[test]
    fn pages() {
        for (page, end) in [
            (
                Page::Ticket(1),
                "Mvc/ServiceDesk/TicketDetail.mvc?ticketId=1",
            ),
            (Page::Task(2), "Mvc/Projects/TaskDetail.mvc?taskId=2"),
            (Page::Account(3), "Mvc/CRM/AccountDetail.mvc?accountId=3"),
        ] {
            assert_eq!(
                links().page(&page).as_str(),
                format!("https://ww3.autotask.net/{end}")
            );
        }
    }

    #[test]
    fn the_user_interface_belongs_to_the_zone() {
        let zone = |url: &str, web_url: Option<&str>| ZoneInfo {
            url: url.parse().unwrap(),
            ci: 1,
            web_url: web_url.map(str::to_owned),
            database_type: None,
        };
        for (url, web_url, root) in [
            (
                "https://webservices3.autotask.net/ATServices/1.6/atws.asmx",
                Some("https://ww3.autotask.net"),
                "https://ww3.autotask.net/",
            ),
            (
                "https://webservices14.autotask.net/ATServices/1.6/atws.asmx",
                None,
                "https://ww14.autotask.net/",
            ),
            (
                "https://prde.autotask.net/ATServices/1.6/atws.asmx",
                None,
                "https://prde.autotask.net/",
            ),
            (
                "http://127.0.0.1:81/zone3/atservices/1.6/atws.asmx",
                None,
                "http://127.0.0.1:81/",
            ),
        ] {
            let links = Links::of_zone(&zone(url, web_url)).unwrap();
            assert_eq!(links.root().as_str(), root);
        }
    }

    #[test]
    fn people_are_not_sent_elsewhere() {
        for web_url in [
            "https://ww3.autotask.net.evil.example/",
            "http://ww3.autotask.net/",
            "https://evil.example/",
            "https://me:secret@ww3.autotask.net/",
            "javascript:alert(1)",
            "ww3.autotask.net",
            "",
        ] {
            let error = Links::new(web_url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{web_url}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
