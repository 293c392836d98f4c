//! The representatives the appliance knows, and which of them are logged in.

use crate::people::Representative;
use crate::{random, time};

/// A representative who is logged in to the console.
#[derive(Clone, Debug)]
pub(crate) struct LoggedIn {
    pub(crate) rep: Representative,
    /// Unix seconds.
    pub(crate) since: i64,
    /// Identity among the connected clients.
    pub(crate) client_id: String,
    /// Code name of the status the representative shows.
    pub(crate) status: String,
}

#[derive(Debug)]
pub(crate) struct Staff {
    /// Accounts, whether logged in or not. People invited to one session have none.
    pub(crate) known: Vec<Representative>,
    pub(crate) present: Vec<LoggedIn>,
    /// Code names that `set_rep_status` takes; the first is what people log in with.
    pub(crate) statuses: Vec<String>,
}

impl Staff {
    pub(crate) fn new() -> Self {
        let mut staff = Self {
            known: Vec::new(),
            present: Vec::new(),
            statuses: ["available", "busy", "away"].map(str::to_owned).to_vec(),
        };
        staff.log_in(Representative::default());
        staff
    }

    /// One with the same account number is replaced.
    pub(crate) fn log_in(&mut self, rep: Representative) {
        self.present.retain(|known| known.rep.id != rep.id);
        if !rep.invited {
            self.known.retain(|known| known.id != rep.id);
            self.known.push(rep.clone());
        }
        self.present.push(LoggedIn {
            rep,
            since: time::now(),
            client_id: random::hex32(),
            status: self.statuses.first().cloned().unwrap_or_default(),
        });
    }

    /// Who takes part in a session is logged in.
    pub(crate) fn ensure_logged_in(&mut self, rep: &Representative) {
        if self.by_username(&rep.username).is_none() {
            self.log_in(rep.clone());
        }
    }

    pub(crate) fn log_out(&mut self, id: u32) -> Option<Representative> {
        let index = self.present.iter().position(|known| known.rep.id == id)?;
        Some(self.present.remove(index).rep)
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<&LoggedIn> {
        self.present
            .iter()
            .find(|known| known.rep.id.to_string() == id)
    }

    pub(crate) fn by_username(&self, username: &str) -> Option<&LoggedIn> {
        self.present
            .iter()
            .find(|known| known.rep.username == username)
    }
}
