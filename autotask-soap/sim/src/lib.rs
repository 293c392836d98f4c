//! A simulated Autotask tenant that speaks ATWS, the SOAP interface, on loopback.
//!
//! The tenant is stateful: what create() stores, query() finds. It knows all entities of the API
//! with their fields, lengths, required and read-only flags, checks picklist values and references,
//! applies the rules of tickets, ticket notes and time entries, answers at most 500 records, keeps
//! Eastern wire time, and refuses as the real service does: 401, ReturnCode -1 with paired errors,
//! SOAP faults. [`FaultSpec`] makes it fail in the ways that lose or double records.
//!
//! It shares no code with any client, and serves a WSDL of its own ([`AutotaskSim::wsdl_url`]), so that
//! any SOAP 1.1 tool can be pointed at it. `/_sim/` under [`AutotaskSim::web_url`] shows what it holds,
//! as pages for a browser and as JSON, and takes orders.
//!
//! The program `autotask-sim` runs it alone:
//!
//! ```text
//! $ autotask-sim --listen 127.0.0.1:8190
//! {"ci":284173,"control":"http://127.0.0.1:8190/_sim/",...,"url":"http://127.0.0.1:8190/ATServices/1.6/atws.asmx",...}
//! ```
//!
//! ```
//! use autotask_sim::{AutotaskSim, Record};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let sim = AutotaskSim::start().await?;
//! assert!(sim.endpoint().starts_with("http://127.0.0.1:"));
//!
//! // The tenant starts with a company, technicians, roles and two tickets ...
//! let ticket = sim.demo().ticket;
//! assert_eq!(sim.notes(ticket).len(), 1);
//!
//! // ... and takes more.
//! sim.add(Record::new("TicketNote").set("TicketID", ticket).set("Title", "By hand"));
//! assert_eq!(sim.notes(ticket).len(), 2);
//! # Ok::<(), std::io::Error>(())
//! # }).unwrap();
//! ```
//!
//! Where the real service's texts or rules are not publicly known, the tenant takes the stricter
//! reading and words of its own; clients should not depend on such texts.

#![warn(missing_docs)]

mod calls;
mod catalogue;
mod control;
mod fault;
mod limits;
mod ops;
mod page;
mod picklist;
mod process;
mod query;
mod record;
mod rules;
mod seed;
mod server;
mod settings;
mod shared;
mod sim;
mod soap;
mod tenant;
mod time;
mod wsdl;

pub use calls::{Call, Gate, When};
pub use catalogue::{ENTITIES, EntityDef, FieldDef, FieldTy, entity};
pub use fault::{Fault, FaultSpec};
pub use page::{write_ticket_page, write_ticket_page_file};
pub use picklist::{PicklistValue, UdfDef};
pub use record::{Record, Val};
pub use seed::Demo;
pub use settings::{
    CategoryRules, DatabaseAction, ErrorStyle, ProxyTimeEntry, Settings, WireTypes,
};
pub use sim::{AutotaskSim, Builder};
pub use time::WireZone;
