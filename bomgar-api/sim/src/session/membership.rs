//! Who is in a session, who owns it, and what happens when that changes.

use crate::error::SimError;
use crate::people::{Customer, Party, Representative};
use crate::random;
use crate::session::{Actor, Session};

/// From when to when (Unix seconds) a member was there; open while the member is there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stay {
    pub(crate) joined: i64,
    pub(crate) departed: Option<i64>,
}

/// Who comes back stays the same member with one more stay.
fn present(stays: &[Stay]) -> bool {
    stays.last().is_some_and(|stay| stay.departed.is_none())
}

fn close(stays: &mut [Stay], at: i64) {
    if let Some(stay) = stays.last_mut() {
        stay.departed = Some(at);
    }
}

#[derive(Clone, Debug)]
pub(crate) struct CustomerMember {
    pub(crate) customer: Customer,
    pub(crate) gsnumber: u32,
    pub(crate) primary: bool,
    /// Identity among the connected clients.
    pub(crate) client_id: String,
    pub(crate) stays: Vec<Stay>,
}

impl CustomerMember {
    pub(crate) fn present(&self) -> bool {
        present(&self.stays)
    }

    pub(crate) fn actor(&self) -> Actor {
        Actor {
            kind: "customer",
            gsnumber: self.gsnumber,
            name: self.customer.name.clone(),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct RepMember {
    pub(crate) rep: Representative,
    pub(crate) gsnumber: u32,
    /// The first one to take the session.
    pub(crate) primary: bool,
    /// The one who owns the session now, or owned it last.
    pub(crate) owner: bool,
    pub(crate) stays: Vec<Stay>,
}

impl RepMember {
    pub(crate) fn present(&self) -> bool {
        present(&self.stays)
    }

    pub(crate) fn actor(&self) -> Actor {
        Actor {
            kind: "representative",
            gsnumber: self.gsnumber,
            name: self.rep.private_name.clone(),
        }
    }

    /// The length of all stays together; a stay that is still open lasts until `until`.
    pub(crate) fn seconds_involved(&self, until: i64) -> i64 {
        self.rep.seconds_involved.unwrap_or_else(|| {
            self.stays
                .iter()
                .map(|stay| (stay.departed.unwrap_or(until) - stay.joined).max(0))
                .sum()
        })
    }
}

/// Where a session is transferred to.
#[derive(Clone, Debug)]
pub(crate) enum Destination {
    Rep(Representative),
    Team(u32, String),
}

impl Session {
    pub(crate) fn primary_rep(&self) -> Option<&RepMember> {
        self.reps.iter().find(|member| member.primary)
    }

    pub(crate) fn primary_customer(&self) -> Option<&CustomerMember> {
        self.customers.iter().find(|member| member.primary)
    }

    /// The primary customer's name, under which the session itself is known as well.
    pub(crate) fn name(&self) -> &str {
        self.primary_customer()
            .map_or("", |member| &member.customer.name)
    }

    fn next_gsnumber(&mut self) -> u32 {
        self.last_gsnumber += 1;
        self.last_gsnumber
    }

    fn open_stay(&self) -> Stay {
        Stay {
            joined: self.now(),
            departed: None,
        }
    }

    fn already_in_session(&self, party: &Party) -> SimError {
        SimError::AlreadyInSession {
            lsid: self.lsid.clone(),
            party: party.to_string(),
        }
    }

    pub(super) fn unknown_party(&self, party: &Party) -> SimError {
        SimError::UnknownParty {
            lsid: self.lsid.clone(),
            party: party.to_string(),
        }
    }

    /// The first customer is the primary one.
    pub(crate) fn customer_joined(&mut self, customer: Customer) -> Result<(), SimError> {
        let stay = self.open_stay();
        let known = self
            .customers
            .iter_mut()
            .find(|member| member.customer.name == customer.name);
        let actor = match known {
            Some(member) if member.present() => {
                let party = Party::CustomerNamed(customer.name);
                return Err(self.already_in_session(&party));
            }
            Some(member) => {
                member.stays.push(stay);
                member.actor()
            }
            None => {
                let member = CustomerMember {
                    customer: customer.clone(),
                    gsnumber: self.next_gsnumber(),
                    primary: self.customers.is_empty(),
                    client_id: random::hex32(),
                    stays: vec![stay],
                };
                let actor = member.actor();
                self.customers.push(member);
                actor
            }
        };
        let name = customer.name.clone();
        self.record("Conference Member Added", Some(actor.clone()), None)
            .data = vec![
            ("name".into(), customer.name),
            ("private_ip".into(), customer.private_ip),
            ("public_ip".into(), customer.public_ip),
            ("hostname".into(), customer.hostname),
            ("os".into(), customer.os),
        ];
        self.record("Conference Member State Changed", Some(actor), None)
            .data = vec![("state".into(), "connected".into())];
        self.raise_customer("support_conference_member_added", &name);
        Ok(())
    }

    /// The first representative becomes the primary one; whoever finds no owner present becomes
    /// the owner.
    pub(crate) fn rep_joined(&mut self, rep: Representative) -> Result<(), SimError> {
        let stay = self.open_stay();
        let owned = self
            .reps
            .iter()
            .any(|member| member.owner && member.present());
        let known = self
            .reps
            .iter()
            .position(|member| member.rep.username == rep.username);
        let index = match known {
            Some(index) => {
                let member = &mut self.reps[index];
                if member.present() {
                    let party = Party::Rep(rep.username);
                    return Err(self.already_in_session(&party));
                }
                member.stays.push(stay);
                index
            }
            None => {
                let member = RepMember {
                    rep: rep.clone(),
                    gsnumber: self.next_gsnumber(),
                    primary: self.reps.is_empty(),
                    owner: false,
                    stays: vec![stay],
                };
                self.reps.push(member);
                self.reps.len() - 1
            }
        };
        let actor = self.reps[index].actor();
        self.record("Conference Member Added", Some(actor), None)
            .data = vec![
            ("private_name".into(), rep.private_name.clone()),
            ("public_name".into(), rep.public_name.clone()),
            ("username".into(), rep.username.clone()),
            ("user_id".into(), rep.id.to_string()),
            ("private_ip".into(), rep.private_ip.clone()),
            ("public_ip".into(), rep.public_ip.clone()),
            ("hostname".into(), rep.hostname.clone()),
            ("os".into(), rep.os.clone()),
        ];
        self.raise_rep("support_conference_member_added", &rep);
        if !owned {
            self.own(index);
        }
        Ok(())
    }

    /// Makes the representative at `index` the owner.
    fn own(&mut self, index: usize) {
        for (at, member) in self.reps.iter_mut().enumerate() {
            member.owner = at == index;
        }
        let Some(member) = self.reps.get(index).cloned() else {
            return;
        };
        self.record("Conference Owner Changed", None, Some(member.actor()))
            .data = vec![("owner".into(), member.rep.private_name.clone())];
        self.raise_rep("support_conference_owner_changed", &member.rep);
    }

    /// Someone leaves. When the owner does, the member who has been there longest becomes the
    /// owner.
    pub(crate) fn departed(&mut self, party: &Party) -> Result<(), SimError> {
        let owner_left = self.depart(party)?;
        if owner_left {
            let next = self
                .reps
                .iter()
                .enumerate()
                .filter(|(_, member)| member.present())
                .min_by_key(|(_, member)| member.stays.last().map(|stay| stay.joined))
                .map(|(index, _)| index);
            if let Some(index) = next {
                self.own(index);
            }
        }
        Ok(())
    }

    /// True if it was the owner.
    fn depart(&mut self, party: &Party) -> Result<bool, SimError> {
        let actor = self.actor(party)?;
        let now = self.now();
        if actor.kind == "customer" {
            let member = self
                .customers
                .iter_mut()
                .find(|member| member.gsnumber == actor.gsnumber && member.present());
            let Some(member) = member else {
                return Err(self.unknown_party(party));
            };
            close(&mut member.stays, now);
            let name = member.customer.name.clone();
            self.record("Conference Member Departed", Some(actor), None);
            self.raise_customer("support_conference_member_departed", &name);
            return Ok(false);
        }
        let member = self
            .reps
            .iter_mut()
            .find(|member| member.gsnumber == actor.gsnumber && member.present());
        let Some(member) = member else {
            return Err(self.unknown_party(party));
        };
        close(&mut member.stays, now);
        let (rep, owner) = (member.rep.clone(), member.owner);
        self.record("Conference Member Departed", Some(actor), None);
        self.raise_rep("support_conference_member_departed", &rep);
        Ok(owner)
    }

    /// All leave at the end, representatives first; nobody becomes the owner any more.
    pub(super) fn all_depart(&mut self) -> Result<(), SimError> {
        let reps = self.reps.iter().filter(|member| member.present());
        let mut parties: Vec<Party> = reps
            .map(|member| Party::Rep(member.rep.username.clone()))
            .collect();
        let customers = self.customers.iter().filter(|member| member.present());
        parties.extend(customers.map(|member| Party::CustomerNamed(member.customer.name.clone())));
        for party in parties {
            self.depart(&party)?;
        }
        Ok(())
    }

    /// A lost session has no events about its members' leaving; they are merely gone.
    pub(super) fn all_vanish(&mut self) {
        let now = self.now();
        let reps = self.reps.iter_mut().map(|member| &mut member.stays);
        let customers = self.customers.iter_mut().map(|member| &mut member.stays);
        for stays in reps.chain(customers) {
            if present(stays) {
                close(stays, now);
            }
        }
    }

    /// The session goes into another queue. A representative takes it at once; in a team's queue
    /// it has no owner until somebody joins. Whoever was there stays.
    pub(crate) fn transfer(&mut self, to: Destination) -> Result<(), SimError> {
        let queue = match &to {
            Destination::Rep(rep) => rep.private_name.clone(),
            Destination::Team(_, name) => name.clone(),
        };
        let queue = Actor {
            kind: "system",
            gsnumber: 0,
            name: queue,
        };
        let by = self
            .reps
            .iter()
            .find(|member| member.owner)
            .map(RepMember::actor);
        self.record("Session Transferred to Queue", by, Some(queue.clone()));
        match to {
            Destination::Rep(rep) => {
                for member in &mut self.reps {
                    member.owner = false;
                }
                let known = self
                    .reps
                    .iter()
                    .position(|member| member.rep.username == rep.username && member.present());
                match known {
                    Some(index) => self.own(index),
                    // Finds no owner, so becomes the owner.
                    None => self.rep_joined(rep)?,
                }
            }
            Destination::Team(id, name) => {
                for member in &mut self.reps {
                    member.owner = false;
                }
                self.team = Some((id, name.clone()));
                self.record("Conference Owner Changed", None, Some(queue))
                    .data = vec![("owner".into(), name.clone())];
                let form = self
                    .form("support_conference_owner_changed", self.now())
                    .field("conference_name", name)
                    .field("conference_id", id.to_string());
                self.raised.push(form);
            }
        }
        Ok(())
    }

    fn raise_customer(&mut self, event: &str, name: &str) {
        let form = self
            .form(event, self.now())
            .field("type", "customer")
            .field("name", name)
            .field("display_name", name)
            .field("conference_name", self.name())
            .field("conference_id", self.lseq.to_string());
        self.raised.push(form);
    }

    fn raise_rep(&mut self, event: &str, rep: &Representative) {
        let form = self
            .form(event, self.now())
            .field("type", "representative")
            .field("name", &rep.public_name)
            .field("display_name", &rep.public_name)
            .field("username", &rep.username)
            .field("user_id", rep.id.to_string())
            .field("conference_name", self.name())
            .field("conference_id", self.lseq.to_string());
        self.raised.push(form);
    }
}
