//! The tenant as a new simulator finds it.

mod service_provider;

pub(crate) use service_provider::service_provider;

use crate::{
    catalogue,
    picklist::PicklistValue,
    record::Record,
    tenant::{ApiUser, Tenant},
};
use jiff::{SignedDuration, Timestamp};

/// Ids of the records that every simulated tenant starts with.
///
/// | What | Content |
/// |---|---|
/// | `own_account` | the tenant's own company, id 0 |
/// | `account`, `contact` | "Acme, Inc." and Erika Mustermann of it |
/// | `technician` | John Smith, `jsmith@example.com`, active, holds `role` (default) and `second_role` |
/// | `second_technician` | Mary Jones, `mjones@example.com`, active, holds `role` only |
/// | `inactive_technician` | Peter Gone, `pgone@example.com`, not active |
/// | `api_user` | the resource of the API user itself; no time can be booked on it |
/// | `role`, `second_role` | "Support Engineer" and "Consultant" |
/// | `inactive_role` | "Old Role", not active |
/// | `work_type` | "Remote Support", a work type |
/// | `queue` | the value of "Service Desk" in Ticket.QueueID |
/// | `ticket` | assigned to `technician` with `role`; has a note and a time entry by people |
/// | `queue_ticket` | in the queue, assigned to nobody |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Demo {
    /// The tenant's own company.
    pub own_account: i64,
    /// "Acme, Inc."
    pub account: i64,
    /// A contact of `account`.
    pub contact: i64,
    /// An active technician with two roles.
    pub technician: i64,
    /// An active technician with one role.
    pub second_technician: i64,
    /// A technician who left.
    pub inactive_technician: i64,
    /// The API user's resource.
    pub api_user: i64,
    /// "Support Engineer".
    pub role: i64,
    /// "Consultant".
    pub second_role: i64,
    /// A role that is not active.
    pub inactive_role: i64,
    /// A work type.
    pub work_type: i64,
    /// A value of Ticket.QueueID.
    pub queue: i64,
    /// A ticket assigned to `technician`.
    pub ticket: i64,
    /// A ticket in `queue`.
    pub queue_ticket: i64,
}

const QUEUE: i64 = 29_682_833;

/// Stores a record that the seed needs; the catalogue holds all entities that it names.
fn put(tenant: &mut Tenant, record: Record) -> Result<i64, String> {
    let def = catalogue::entity(&record.entity)
        .ok_or_else(|| format!("the catalogue holds no {}", record.entity))?;
    Ok(tenant.insert(def, record))
}

pub(crate) fn demo(tenant: &mut Tenant, mut user: ApiUser) -> Result<Demo, String> {
    picklists(tenant)?;
    let own = Record::new("Account")
        .set("AccountName", "Northwind IT Services")
        .set("Active", true);
    let own_def = catalogue::entity("Account").ok_or("the catalogue holds no Account")?;
    tenant.insert_at(own_def, own);
    let now = tenant.now();
    let account = put(
        tenant,
        Record::new("Account")
            .set("AccountName", "Acme, Inc.")
            .set("AccountNumber", "A-1001")
            .set("AccountType", 1)
            .set("Phone", "+1 518 555 0100")
            .set("Active", true),
    )?;
    let contact = put(
        tenant,
        Record::new("Contact")
            .set("AccountID", account)
            .set("FirstName", "Erika")
            .set("LastName", "Mustermann")
            .set("EMailAddress", "erika@acme.example")
            .set("Active", 1),
    )?;
    let technician = put(tenant, person("jsmith", "John", "Smith", true))?;
    let second_technician = put(tenant, person("mjones", "Mary", "Jones", true))?;
    let inactive_technician = put(tenant, person("pgone", "Peter", "Gone", false))?;
    let login = user.login.split('@').next().unwrap_or("").to_owned();
    let api_resource = person(&login, "API", "User", true).set("Email", user.login.as_str());
    let api_user = put(tenant, api_resource)?;
    user.resource = api_user;
    tenant.users.push(user);
    tenant.api_only.insert(api_user);

    let role = put(tenant, named_role("Support Engineer", true))?;
    let second_role = put(tenant, named_role("Consultant", true))?;
    let inactive_role = put(tenant, named_role("Old Role", false))?;
    for (resource, role, default) in [
        (technician, role, true),
        (technician, second_role, false),
        (second_technician, role, true),
        (inactive_technician, role, true),
    ] {
        let active = resource != inactive_technician;
        put(
            tenant,
            held("ResourceRole", resource, role, active).set("QueueID", QUEUE),
        )?;
        let desk = held("ResourceServiceDeskRole", resource, role, active);
        put(tenant, desk.set("Default", default))?;
    }
    let work_type = put(
        tenant,
        Record::new("AllocationCode")
            .set("Name", "Remote Support")
            .set("UseType", 1)
            .set("Active", true),
    )?;
    put(
        tenant,
        Record::new("AllocationCode")
            .set("Name", "Toner")
            .set("UseType", 2)
            .set("Active", true),
    )?;

    let ticket = Ticket {
        account,
        contact,
        by: api_user,
        opened: now,
    };
    let queue_ticket = put(
        tenant,
        ticket.record(tenant, "Printer offline in reception"),
    )?;
    let assigned = ticket
        .record(tenant, "Outlook does not start")
        .set("AssignedResourceID", technician)
        .set("AssignedResourceRoleID", role);
    let ticket = put(tenant, assigned)?;
    by_people(tenant, ticket, technician, role, now)?;
    put(
        tenant,
        Record::new(catalogue::LATER.name).set("Name", "Nobody knows what this is for"),
    )?;
    Ok(Demo {
        own_account: 0,
        account,
        contact,
        technician,
        second_technician,
        inactive_technician,
        api_user,
        role,
        second_role,
        inactive_role,
        work_type,
        queue: QUEUE,
        ticket,
        queue_ticket,
    })
}

fn person(login: &str, first: &str, last: &str, active: bool) -> Record {
    Record::new("Resource")
        .set("UserName", login)
        .set("FirstName", first)
        .set("LastName", last)
        .set("Email", format!("{login}@example.com"))
        .set("EmailTypeCode", "PRIMARY")
        .set("ResourceType", "Employee")
        .set("Active", active)
}

fn named_role(name: &str, active: bool) -> Record {
    Record::new("Role")
        .set("Name", name)
        .set("HourlyFactor", 1.0)
        .set("HourlyRate", 120.0)
        .set("Active", active)
}

fn held(entity: &str, resource: i64, role: i64, active: bool) -> Record {
    Record::new(entity)
        .set("ResourceID", resource)
        .set("RoleID", role)
        .set("Active", active)
}

struct Ticket {
    account: i64,
    contact: i64,
    by: i64,
    opened: Timestamp,
}

impl Ticket {
    fn record(&self, tenant: &Tenant, title: &str) -> Record {
        Record::new("Ticket")
            .set("AccountID", self.account)
            .set("ContactID", self.contact)
            .set("Title", title)
            .set("Description", "Reported by telephone.")
            .set("Status", 1)
            .set("Priority", 2)
            .set("QueueID", QUEUE)
            .set("TicketType", 1)
            .set("TicketCategory", 3)
            .set("TicketNumber", tenant.next_ticket_number())
            .set("CreatorResourceID", self.by)
            .set("CreateDate", self.opened)
            .set("LastActivityDate", self.opened)
    }
}

/// What people wrote before any integration came.
fn by_people(
    tenant: &mut Tenant,
    ticket: i64,
    technician: i64,
    role: i64,
    now: Timestamp,
) -> Result<(), String> {
    let ago = |hours| {
        now.checked_sub(SignedDuration::from_hours(hours))
            .unwrap_or(now)
    };
    put(
        tenant,
        Record::new("TicketNote")
            .set("TicketID", ticket)
            .set("Title", "Called the customer")
            .set(
                "Description",
                "Nobody answered; will try again after lunch.",
            )
            .set("NoteType", 3)
            .set("Publish", 2)
            .set("CreatorResourceID", technician)
            .set("CreateDateTime", ago(3))
            .set("LastActivityDate", ago(3)),
    )?;
    put(
        tenant,
        Record::new("TimeEntry")
            .set("TicketID", ticket)
            .set("ResourceID", technician)
            .set("RoleID", role)
            .set("DateWorked", tenant.local_day(ago(3)))
            .set("StartDateTime", ago(3))
            .set("EndDateTime", ago(2))
            .set("HoursWorked", 1.0)
            .set("HoursToBill", 1.0)
            .set("SummaryNotes", "First analysis on site.")
            .set("CreatorUserID", technician)
            .set("CreateDateTime", ago(2))
            .set("LastModifiedDateTime", ago(2)),
    )?;
    Ok(())
}

fn picklists(tenant: &mut Tenant) -> Result<(), String> {
    let list = |values: &[(i64, &str)]| {
        values
            .iter()
            .map(|value| PicklistValue::from(*value))
            .collect::<Vec<_>>()
    };
    let publish = list(&[(1, "All Autotask Users"), (2, "Internal users only")]);
    let note_types = list(&[
        (1, "Task Summary"),
        (2, "Task Detail"),
        (3, "Task Notes"),
        (13, "Workflow Rule Note"),
        (18, "Client Portal Note"),
        (99, "RMM Note"),
    ]);
    tenant.set_picklist("TicketNote", "Publish", publish.clone())?;
    tenant.set_picklist("TicketNote", "NoteType", note_types)?;
    tenant.set_picklist("AttachmentInfo", "Publish", publish)?;
    tenant.set_picklist("AttachmentInfo", "ParentType", list(&[(4, "Ticket")]))?;
    tenant.set_picklist(
        "AttachmentInfo",
        "Type",
        ["FILE_ATTACHMENT", "FILE_LINK", "FOLDER_LINK", "URL"]
            .map(|kind| PicklistValue::new(kind, kind))
            .to_vec(),
    )?;
    tenant.set_picklist(
        "Ticket",
        "Status",
        vec![
            PicklistValue::new(1, "New").system().default_value(),
            PicklistValue::new(5, "Complete").system(),
            PicklistValue::new(7, "Waiting Customer").system(),
            PicklistValue::new(8, "In Progress"),
            PicklistValue::new(9, "Waiting Materials"),
            PicklistValue::new(10, "Dispatched"),
            PicklistValue::new(11, "Escalated"),
            PicklistValue::new(12, "Waiting Vendor"),
            PicklistValue::new(13, "Waiting Approval"),
            PicklistValue::new(6, "Parked").inactive(),
        ],
    )?;
    tenant.set_picklist(
        "Ticket",
        "Priority",
        list(&[(1, "High"), (2, "Medium"), (3, "Low"), (4, "Critical")]),
    )?;
    tenant.set_picklist(
        "Ticket",
        "TicketType",
        list(&[
            (1, "Service Request"),
            (2, "Incident"),
            (3, "Problem"),
            (4, "Change Request"),
            (5, "Alert"),
        ]),
    )?;
    tenant.set_picklist(
        "Ticket",
        "TicketCategory",
        vec![PicklistValue::new(3, "Standard").default_value()],
    )?;
    tenant.set_picklist(
        "Ticket",
        "QueueID",
        vec![
            PicklistValue::new(QUEUE, "Service Desk"),
            PicklistValue::new(QUEUE + 1, "Second Level"),
        ],
    )?;
    tenant.set_picklist(
        "Ticket",
        "IssueType",
        list(&[(10, "Software"), (11, "Hardware")]),
    )?;
    tenant.set_picklist(
        "Ticket",
        "SubIssueType",
        vec![
            PicklistValue::new(101, "Mail").under(10),
            PicklistValue::new(102, "Office").under(10),
            PicklistValue::new(111, "Printer").under(11),
        ],
    )?;
    tenant.set_picklist(
        "AllocationCode",
        "UseType",
        list(&[
            (1, "Work Type"),
            (2, "Material Cost Code"),
            (3, "Internal Allocation Code"),
        ]),
    )
}
