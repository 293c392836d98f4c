//! A simulated Bomgar / BeyondTrust Remote Support appliance for tests and demonstrations.
//!
//! It speaks HTTP or, with a certificate of its own, HTTPS on a port of 127.0.0.1 and behaves as the
//! appliance does where clients usually stumble: errors come as HTTP 200, an empty result is an
//! error text, replies are chunked and have no `Content-Length`, the thirty-first token kills the
//! first, and outbound events block their queue until the recipient answers exactly 200.
//!
//! A test starts an appliance, tells what happens in support sessions, and looks at the calls that
//! came in:
//!
//! ```
//! use bomgar_sim::{BomgarSim, Party, SessionSpec};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sim = BomgarSim::start().await;
//! let lsid = sim.start_session(
//!     SessionSpec::new().external_key("48213").start_time(1_700_000_000),
//! );
//! sim.chat(&lsid, Party::Customer, Party::Everyone, "It works again, thanks!")?;
//! sim.end_session(&lsid, 1_700_000_600)?;
//!
//! // Now let a client fetch the report from sim.base_url() …
//! assert_eq!(sim.call_count("SupportSession"), 0);
//! # Ok(())
//! # }
//! ```
//!
//! The parts: [`BomgarSim`] is the appliance; [`SessionSpec`], [`Customer`] and [`Representative`]
//! describe a session; [`Fault`] and [`FaultRule`] make calls fail in every way between a late
//! answer and a document without an end; [`RateLimit`] counts calls; [`RecipientSpec`] and
//! [`EventForm`] are about outbound events; a [`Scenario`] tells a whole story.
//!
//! The program `bomgar-sim` serves the same from the command line. When it is ready it writes one
//! line of JSON with the address, the credentials and, with `--tls`, the file of its certificate:
//!
//! ```text
//! $ bomgar-sim --demo --speed 10 --recipient http://127.0.0.1:8180/ERSPost
//! {"appliance_id":"…","certificate":null,"client_id":"sim-client","client_secret":"sim-secret","control":"http://127.0.0.1:40123/_sim/","url":"http://127.0.0.1:40123"}
//! ```
//!
//! Whatever this crate's methods do, JSON endpoints below `/_sim/` do too, for programs in other
//! languages: `GET /_sim/` lists them. They ask for no credentials.
//!
//! ```text
//! $ curl -d '{"external_key":"48213","customer":"Ada"}'    http://127.0.0.1:40123/_sim/sessions
//! {"lsid":"0123456789abcdef0123456789abcdef"}
//! $ curl -d '{"kind":"cut","percent":30,"on":"SupportSession"}' http://127.0.0.1:40123/_sim/faults
//! {"ok":true}
//! ```
//!
//! Reports are made of what the test has placed: sessions, and [`Recording`], [`PresentationSpec`],
//! [`TeamActivity`], [`LicenseInterval`], [`VaultActivity`], [`Archive`], [`Syslog`], [`JumpItem`].
//! [`GeneratedSessions`] makes reports of any length while they are sent, and [`write_report`]
//! writes one to a file. An appliance to which nothing was told answers that it has nothing.
//!
//! Windows in reports are half-open (`start <= t < start + duration`) and dates are UTC. What is
//! not known of the true appliance is the simulator's own, so no client should rely on it: the
//! elements inside of summaries, presentations and licence intervals, the columns' titles in ZIP
//! reports and the whole `JumpItem` report, the lines of event archives, the names and contents of
//! files, the media types of what is not XML, the addresses of recordings, what the connections of
//! a connected client look like, the root of the answer about a virtual customer, who owns a session
//! after its owner left, the end of running sessions when a data sync begins, the answer of a
//! switched-off API, all texts of errors but those about empty reports, empty archives, invalid lsids, expired recordings and failed logins,
//! and the two `.xsd` files.
//!
//! Not simulated: the real-time state, configuration, vault and SCIM interfaces, the JSON form of
//! the Command API, and the actual programs of customers and representatives.

#![warn(missing_docs)]

mod access;
mod accounts;
mod archive;
mod backup;
mod builder;
mod client_script;
mod clients;
mod cluster;
mod commands;
mod console_script;
mod control;
mod damage;
mod documents;
mod error;
mod fault_json;
mod faults;
mod jump;
mod keys;
mod limits;
mod live;
mod oauth;
mod orders;
mod outbound;
mod people;
mod random;
mod recording;
mod records;
mod reply;
mod report;
mod request;
mod scenario;
mod server;
mod session;
mod sim;
mod site;
mod spec;
mod staff;
mod state;
mod story;
mod time;
mod tls;
mod wire;
mod xml;
mod zip_reports;

pub use accounts::{ApiAccount, LegacyUser};
pub use archive::{Archive, ArchiveErrors};
pub use builder::Builder;
pub use clients::ConnectedClient;
pub use cluster::{ApplianceSpec, ClusterRole, Failover, FailoverRole};
pub use error::SimError;
pub use faults::{Fault, FaultRule, Position};
pub use jump::JumpShortcut;
pub use keys::SessionKey;
pub use limits::RateLimit;
pub use outbound::{Delivery, EventForm, Outbox, RecipientSpec};
pub use people::{Customer, Party, Representative, Team};
pub use recording::Recording;
pub use report::{
    EMPTY_REPORT, EMPTY_REPORT_FRENCH, EmptyReport, GeneratedSessions, LicenseInterval,
    PresentationSpec, TeamActivity, VaultActivity, WrittenReport, write_report, write_report_file,
};
pub use scenario::{Pace, Scenario, ScenarioError};
pub use session::SessionInfo;
pub use sim::BomgarSim;
pub use spec::{EventSpec, FileTransfer, SessionSpec, Survey, SurveyKind, SystemCategory};
pub use state::{Access, Call, Denial, ErrorForm, Namespace, TeamMessage};
pub use zip_reports::{JumpItem, Syslog, SyslogRecord};

/// The JSON endpoints below `/_sim/`, one a line, as the binary prints them.
pub fn control_endpoints() -> Vec<&'static str> {
    control::endpoints().collect()
}
