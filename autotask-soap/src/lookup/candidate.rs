//! How candidates are named in messages.

use crate::entity::Entity;
use crate::v1_6::{Account, Contact, Resource, Role, Ticket};

/// A record that a look-up can find, and how messages name it.
pub trait Candidate: Entity {
    /// A short name for people. It holds what tells candidates apart and nothing beyond.
    fn describe(&self) -> String;
}

fn full_name(first: Option<&String>, last: Option<&String>) -> String {
    let parts: Vec<&str> = [first, last]
        .into_iter()
        .flatten()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(" ")
}

impl Candidate for Resource {
    fn describe(&self) -> String {
        full_name(self.first_name.as_ref(), self.last_name.as_ref())
    }
}

impl Candidate for Contact {
    fn describe(&self) -> String {
        let name = full_name(self.first_name.as_ref(), self.last_name.as_ref());
        match self.account_id {
            Some(account) => format!("{name} of account {account}"),
            None => name,
        }
    }
}

impl Candidate for Account {
    fn describe(&self) -> String {
        self.account_name.clone().unwrap_or_default()
    }
}

impl Candidate for Role {
    fn describe(&self) -> String {
        self.name.clone().unwrap_or_default()
    }
}

impl Candidate for Ticket {
    fn describe(&self) -> String {
        self.ticket_number.clone().unwrap_or_default()
    }
}
