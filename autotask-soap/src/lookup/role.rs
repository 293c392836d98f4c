//! Which role a resource's time on a ticket is entered with.

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::query::Query;
use crate::v1_6::{ResourceRole, ResourceServiceDeskRole, Role, Ticket};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Roles by which Autotask knows approvers of timesheets and expense reports; no time is entered
/// with them.
const APPROVERS: [i64; 2] = [110, 112];

/// Most role assignments that one resource may have.
const MOST: usize = 5_000;

/// A role that a resource holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeldRole {
    /// Id of the role.
    pub id: i64,
    /// Its name; empty if the API user may not see roles.
    pub name: String,
}

/// A rule that can decide on the role; in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RoleRule {
    /// The role with which the ticket is assigned to the resource.
    TicketAssignment,
    /// The resource's default service-desk role.
    DefaultServiceDeskRole,
    /// The only active role that the resource holds.
    OnlyActiveRole,
}

/// What one rule gave.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoleStep {
    /// The rule.
    pub rule: RoleRule,
    /// The role that it decided for; `None` if it did not decide.
    pub role: Option<HeldRole>,
    /// Why, in a sentence for people.
    pub reason: String,
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoleOutcome {
    /// One role.
    One {
        /// The role.
        role: HeldRole,
        /// The rule that decided.
        basis: RoleRule,
    },
    /// The resource holds no active role that the API user can see.
    NoRole,
    /// The resource holds several, and no rule decides between them.
    Many(Vec<HeldRole>),
}

/// The role for a resource's time on a ticket, and how it was found.
///
/// `Display` tells all steps, for a log or a person who wonders.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoleResolution {
    /// The resource.
    pub resource_id: i64,
    /// What came out.
    pub outcome: RoleOutcome,
    /// The rules that were tried, up to the one that decided.
    pub steps: Vec<RoleStep>,
}

impl RoleResolution {
    /// Id of the role; `None` if no rule decided.
    pub fn role_id(&self) -> Option<i64> {
        match &self.outcome {
            RoleOutcome::One { role, .. } => Some(role.id),
            _ => None,
        }
    }

    /// Id of the role.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if the resource has no role, [`ErrorKind::NotUnique`] if no rule
    /// decides. The message tells the choices and every step.
    pub fn require(&self) -> Result<i64> {
        match &self.outcome {
            RoleOutcome::One { role, .. } => Ok(role.id),
            RoleOutcome::NoRole => Err(Error::new(ErrorKind::NotFound, self.to_string())),
            RoleOutcome::Many(_) => Err(Error::new(ErrorKind::NotUnique, self.to_string())),
        }
    }
}

impl Client {
    /// Finds the role with which a resource's time on a ticket is entered.
    ///
    /// The rules, in order; the first that decides wins:
    ///
    /// 1. If the ticket is assigned to the resource: the role of that assignment.
    /// 2. The resource's default service-desk role.
    /// 3. The only active role that the resource holds.
    ///
    /// A rule counts only if its role is active and the resource holds it. Without a ticket the
    /// first rule is left out. A tenant can be set so that the role must be that of the ticket's
    /// assignment, even for other people's time; the API does not tell, so the server may refuse a
    /// role that was found by another rule.
    ///
    /// Takes three calls, for `ResourceServiceDeskRole`, `ResourceRole` and `Role`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sim = autotask_sim::AutotaskSim::start().await?;
    /// # let client = autotask_soap::Client::builder(sim.username(), sim.password(), sim.integration_code())
    /// #     .endpoint(sim.lookup_endpoint())
    /// #     .build()?;
    /// # let (technician, ticket_id) = (sim.demo().technician, sim.demo().ticket);
    /// use autotask_soap::lookup::RoleRule;
    ///
    /// let ticket = client.find_ticket(ticket_id).await?.require()?;
    /// let resolution = client.resolve_role(technician, Some(&ticket)).await?;
    /// let role_id = resolution.require()?;
    /// # assert_eq!(role_id, sim.demo().role);
    /// assert_eq!(resolution.steps[0].rule, RoleRule::TicketAssignment);
    /// println!("{resolution}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Whatever queries can fail with. That no role was found is no error here; see
    /// [`RoleResolution::require`].
    pub async fn resolve_role(
        &self,
        resource_id: i64,
        ticket: Option<&Ticket>,
    ) -> Result<RoleResolution> {
        let desk: Vec<ResourceServiceDeskRole> = self
            .query_all(ResourceServiceDeskRole::RESOURCE_ID.eq(resource_id), MOST)
            .await?;
        let held: Vec<ResourceRole> = self
            .query_all(ResourceRole::RESOURCE_ID.eq(resource_id), MOST)
            .await?;
        let desk: Vec<(i64, bool)> = desk
            .iter()
            .filter(|desk| desk.active != Some(false))
            .filter_map(|desk| Some((i64::from(desk.role_id?), desk.default == Some(true))))
            .collect();
        let mut ids: BTreeSet<i64> = held
            .iter()
            .filter(|held| held.active != Some(false))
            .filter_map(|held| held.role_id)
            .chain(desk.iter().map(|(role, _)| *role))
            .collect();
        let assignment = assignment(ticket, resource_id);
        let held_ids = ids.clone();
        ids.extend(assignment.role());
        let roles: Vec<Role> = self.query_all(Query::by_ids(ids), MOST).await?;
        let facts = Facts {
            held: held_ids,
            desk,
            roles: roles
                .into_iter()
                .filter_map(|role| Some((role.id?, role)))
                .collect(),
        };
        let (outcome, steps) = facts.decide(&assignment);
        Ok(RoleResolution {
            resource_id,
            outcome,
            steps,
        })
    }
}

/// What the ticket says about the resource.
enum Assignment {
    NoTicket,
    Nobody,
    Another(i64),
    WithoutRole,
    With(i64),
}

impl Assignment {
    fn role(&self) -> Option<i64> {
        match self {
            Self::With(role) => Some(*role),
            _ => None,
        }
    }
}

fn assignment(ticket: Option<&Ticket>, resource_id: i64) -> Assignment {
    let Some(ticket) = ticket else {
        return Assignment::NoTicket;
    };
    match (
        ticket.assigned_resource_id,
        ticket.assigned_resource_role_id,
    ) {
        (None, _) => Assignment::Nobody,
        (Some(other), _) if i64::from(other) != resource_id => Assignment::Another(other.into()),
        (Some(_), None) => Assignment::WithoutRole,
        (Some(_), Some(role)) => Assignment::With(role.into()),
    }
}

struct Facts {
    /// Roles of active assignments.
    held: BTreeSet<i64>,
    /// Roles of active service-desk assignments, and whether each is the default.
    desk: Vec<(i64, bool)>,
    /// What the server says about these roles.
    roles: BTreeMap<i64, Role>,
}

impl Facts {
    fn named(&self, id: i64) -> HeldRole {
        let name = self.roles.get(&id).and_then(|role| role.name.clone());
        HeldRole {
            id,
            name: name.unwrap_or_default(),
        }
    }

    /// Why a role cannot be used; `None` if it can.
    fn obstacle(&self, id: i64) -> Option<&'static str> {
        if APPROVERS.contains(&id) {
            Some("is one of approvers only")
        } else if self
            .roles
            .get(&id)
            .is_some_and(|role| role.active == Some(false))
        {
            Some("is not active")
        } else if !self.held.is_empty() && !self.held.contains(&id) {
            // If no assignment is visible at all, that says nothing about this one.
            Some("is not one that the resource holds")
        } else {
            None
        }
    }

    fn decide(&self, assignment: &Assignment) -> (RoleOutcome, Vec<RoleStep>) {
        let mut steps = Vec::new();
        let rules = [
            (RoleRule::TicketAssignment, self.by_ticket(assignment)),
            (RoleRule::DefaultServiceDeskRole, self.by_default()),
            (RoleRule::OnlyActiveRole, self.by_count()),
        ];
        for (rule, (role, reason)) in rules {
            let decided = role.map(|role| self.named(role));
            steps.push(RoleStep {
                rule,
                role: decided.clone(),
                reason,
            });
            if let Some(role) = decided {
                return (RoleOutcome::One { role, basis: rule }, steps);
            }
        }
        let usable = self.usable();
        let outcome = if usable.is_empty() {
            RoleOutcome::NoRole
        } else {
            RoleOutcome::Many(usable)
        };
        (outcome, steps)
    }

    fn usable(&self) -> Vec<HeldRole> {
        self.held
            .iter()
            .filter(|id| self.obstacle(**id).is_none())
            .map(|id| self.named(*id))
            .collect()
    }

    fn by_ticket(&self, assignment: &Assignment) -> (Option<i64>, String) {
        let reason = match assignment {
            Assignment::NoTicket => "no ticket was given".to_owned(),
            Assignment::Nobody => "the ticket is assigned to nobody".to_owned(),
            Assignment::Another(other) => format!("the ticket is assigned to resource {other}"),
            Assignment::WithoutRole => "the ticket's assignment has no role".to_owned(),
            Assignment::With(role) => {
                let named = self.named(*role);
                match self.obstacle(*role) {
                    Some(obstacle) => format!("the ticket's {named} {obstacle}"),
                    None => {
                        let reason = format!("the ticket is assigned to the resource as {named}");
                        return (Some(*role), reason);
                    }
                }
            }
        };
        (None, reason)
    }

    fn by_default(&self) -> (Option<i64>, String) {
        let defaults: BTreeSet<i64> = self
            .desk
            .iter()
            .filter(|(_, default)| *default)
            .map(|(role, _)| *role)
            .collect();
        let names: Vec<String> = defaults
            .iter()
            .map(|id| self.named(*id).to_string())
            .collect();
        let reason = match defaults.first() {
            None => "the resource has no default service-desk role".to_owned(),
            Some(_) if defaults.len() > 1 => format!(
                "the resource has several default service-desk roles: {}",
                names.join(", ")
            ),
            Some(role) => {
                let name = names.concat();
                match self.obstacle(*role) {
                    Some(obstacle) => format!("the default service-desk {name} {obstacle}"),
                    None => {
                        let reason = format!("the resource's default service-desk role is {name}");
                        return (Some(*role), reason);
                    }
                }
            }
        };
        (None, reason)
    }

    fn by_count(&self) -> (Option<i64>, String) {
        let usable = self.usable();
        match usable.as_slice() {
            [] => (
                None,
                "the resource holds no active role that the API user can see".to_owned(),
            ),
            [role] => (Some(role.id), format!("the resource holds only {role}")),
            several => {
                let names: Vec<String> = several.iter().map(ToString::to_string).collect();
                let reason = format!("the resource holds several roles: {}", names.join(", "));
                (None, reason)
            }
        }
    }
}

impl fmt::Display for HeldRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.is_empty() {
            write!(f, "role {}", self.id)
        } else {
            write!(f, "role '{}' ({})", self.name, self.id)
        }
    }
}

impl fmt::Display for RoleRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TicketAssignment => "ticket's assignment",
            Self::DefaultServiceDeskRole => "default service-desk role",
            Self::OnlyActiveRole => "only active role",
        })
    }
}

impl fmt::Display for RoleResolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "role of resource {}: ", self.resource_id)?;
        match &self.outcome {
            RoleOutcome::One { role, .. } => write!(f, "{role}")?,
            RoleOutcome::NoRole => f.write_str("none")?,
            RoleOutcome::Many(roles) => write!(f, "undecided between {}", roles.len())?,
        }
        for (at, step) in self.steps.iter().enumerate() {
            let number = at + 1;
            let mark = if step.role.is_some() { "decides" } else { "no" };
            write!(f, "; {number}. {}: {mark}, {}", step.rule, step.reason)?;
        }
        Ok(())
    }
}
