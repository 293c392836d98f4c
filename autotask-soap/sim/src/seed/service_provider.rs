//! A managed service provider's tenant: what a person would expect to find when looking around.

use super::{Demo, QUEUE, held, named_role, person, put};
use crate::{
    picklist::PicklistValue,
    record::{Record, Val},
    tenant::{COMPLETE, Tenant},
};
use jiff::{SignedDuration, Timestamp, civil::Date};

/// First and last names.
type People = &'static [(&'static str, &'static str)];

/// Name, number, city, contacts.
const CUSTOMERS: &[(&str, &str, &str, People)] = &[
    (
        "Bergmann & Söhne GmbH",
        "A-1002",
        "Hamburg",
        &[
            ("Jörg", "Bergmann"),
            ("Anna", "Schäfer"),
            ("Uwe", "Petersen"),
        ],
    ),
    (
        "Lakeside Dental Group",
        "A-1003",
        "Madison",
        &[("Grace", "Okafor"), ("Daniel", "Reyes")],
    ),
    (
        "Hartley & Co. Solicitors",
        "A-1004",
        "Leeds",
        &[("Fiona", "Hartley"), ("Owen", "Price"), ("Priya", "Nair")],
    ),
    (
        "Riverbend School District",
        "A-1005",
        "Dayton",
        &[("Martha", "Lindqvist"), ("Samuel", "O'Brien")],
    ),
    (
        "Copperfield Logistics",
        "A-1006",
        "Tulsa",
        &[("Luis", "Ortega"), ("Hannah", "Weiss"), ("Tom", "Baker")],
    ),
    (
        "Blue Harbor Seafood",
        "A-1007",
        "Portland",
        &[("Ines", "Moreau"), ("Karl", "Nyström")],
    ),
    (
        "Stonegate Architects",
        "A-1008",
        "Bristol",
        &[("Eleanor", "Marsh"), ("Ravi", "Patel")],
    ),
];

const TECHNICIANS: &[(&str, &str, &str)] = &[
    ("akim", "Alice", "Kim"),
    ("bnovak", "Ben", "Novak"),
    ("cdiaz", "Carla", "Diaz"),
    ("dmeyer", "David", "Meyer"),
];

/// Title, issue type, what a technician wrote.
const CASES: &[(&str, i64, &str)] = &[
    (
        "VPN drops every hour",
        10,
        "Updated the VPN client and shortened the keep-alive.",
    ),
    (
        "New starter: set up account and laptop",
        11,
        "Account made, laptop imaged, phone paired.",
    ),
    (
        "Printer on the second floor jams",
        11,
        "Cleaned the rollers; new tray ordered.",
    ),
    (
        "Outlook asks for the password again",
        10,
        "Removed a stale credential from the vault.",
    ),
    (
        "Shared drive is missing",
        10,
        "Mapped drive again; group membership had been lost.",
    ),
    (
        "Slow computer after update",
        11,
        "Rolled the graphics driver back.",
    ),
    (
        "Suspicious e-mail reported",
        10,
        "Phishing; blocked the sender and informed the users.",
    ),
    ("Teams has no sound", 10, "Wrong audio device was chosen."),
    (
        "Server backup failed",
        11,
        "Disk was full; old restore points removed, backup ran.",
    ),
    (
        "Wi-Fi weak in the meeting room",
        11,
        "Moved the access point and changed its channel.",
    ),
];

pub(crate) fn service_provider(tenant: &mut Tenant, demo: &Demo) -> Result<(), String> {
    picklists(tenant)?;
    let staff = staff(tenant, demo)?;
    work_types(tenant)?;
    let product = put(
        tenant,
        Record::new("Product")
            .set("Name", "Managed workstation")
            .set("Active", true)
            .set("Serialized", false),
    )?;
    let mut customers = Vec::new();
    for customer in CUSTOMERS {
        customers.push(Customer::new(tenant, demo, customer, product)?);
    }
    let now = tenant.now();
    for number in 0..60 {
        let (Some(customer), Some(worker), Some(case)) = (
            customers.get(number % customers.len()),
            staff.get(number % staff.len()),
            CASES.get(number % CASES.len()),
        ) else {
            continue;
        };
        Case {
            number: i64::try_from(number).unwrap_or(0),
            customer,
            worker: *worker,
            case,
            work_type: demo.work_type,
            now,
        }
        .store(tenant)?;
    }
    project(tenant, demo, &customers, now)?;
    invoice(tenant, demo, now)
}

/// A technician and the role that he works in.
type Worker = (i64, i64);

fn staff(tenant: &mut Tenant, demo: &Demo) -> Result<Vec<Worker>, String> {
    let field = put(tenant, named_role("Field Engineer", true))?;
    let mut staff = vec![
        (demo.technician, demo.role),
        (demo.second_technician, demo.role),
    ];
    for (number, (login, first, last)) in TECHNICIANS.iter().enumerate() {
        let resource = put(tenant, person(login, first, last, true))?;
        let role = if number % 2 == 0 { demo.role } else { field };
        put(
            tenant,
            held("ResourceRole", resource, role, true).set("QueueID", QUEUE),
        )?;
        let desk = held("ResourceServiceDeskRole", resource, role, true);
        put(tenant, desk.set("Default", true))?;
        staff.push((resource, role));
    }
    Ok(staff)
}

fn work_types(tenant: &mut Tenant) -> Result<(), String> {
    for (name, use_type) in [
        ("On-site Support", 1),
        ("Emergency / After Hours", 1),
        ("Travel", 1),
        ("Vacation", 3),
        ("Internal Meeting", 3),
    ] {
        put(
            tenant,
            Record::new("AllocationCode")
                .set("Name", name)
                .set("UseType", use_type)
                .set("Active", true),
        )?;
    }
    Ok(())
}

struct Customer {
    account: i64,
    contacts: Vec<i64>,
    contract: i64,
    device: i64,
}

impl Customer {
    fn new(
        tenant: &mut Tenant,
        demo: &Demo,
        (name, number, city, people): &(&str, &str, &str, People),
        product: i64,
    ) -> Result<Self, String> {
        let account = put(
            tenant,
            Record::new("Account")
                .set("AccountName", *name)
                .set("AccountNumber", *number)
                .set("AccountType", 1)
                .set("OwnerResourceID", demo.technician)
                .set("Phone", "+1 518 555 0142")
                .set("City", *city)
                .set("Active", true),
        )?;
        let mut contacts = Vec::new();
        for (first, last) in *people {
            let plain: String = last.chars().filter(char::is_ascii_alphabetic).collect();
            let mail = format!("{plain}@{number}.example").to_lowercase();
            contacts.push(put(
                tenant,
                Record::new("Contact")
                    .set("AccountID", account)
                    .set("FirstName", *first)
                    .set("LastName", *last)
                    .set("EMailAddress", mail)
                    .set("Active", 1),
            )?);
        }
        let year = tenant.local_day(tenant.now()).year();
        let day = |month, day| Date::new(year, month, day).map_err(|error| error.to_string());
        let contract = put(
            tenant,
            Record::new("Contract")
                .set("AccountID", account)
                .set("ContractName", format!("Managed services {number}"))
                .set("ContractType", 7)
                .set("Status", 1)
                .set("StartDate", day(1, 1)?)
                .set("EndDate", day(12, 31)?)
                .set("TimeReportingRequiresStartAndStopTimes", 1),
        )?;
        let mut device = 0;
        for part in ["WS01", "WS02", "SRV01"] {
            let host = format!("{}-{part}", number.replace("A-", "C"));
            device = put(
                tenant,
                Record::new("InstalledProduct")
                    .set("AccountID", account)
                    .set("ProductID", product)
                    .set("ContractID", contract)
                    .set("ReferenceTitle", host.as_str())
                    .set("RMMDeviceAuditHostname", host)
                    .set("SerialNumber", format!("SN{account}{part}"))
                    .set("Active", true),
            )?;
        }
        Ok(Customer {
            account,
            contacts,
            contract,
            device,
        })
    }
}

/// One ticket of the last month.
struct Case<'a> {
    number: i64,
    customer: &'a Customer,
    worker: Worker,
    case: &'a (&'a str, i64, &'a str),
    work_type: i64,
    now: Timestamp,
}

impl Case<'_> {
    /// Some hours after the ticket was opened. The newest ticket is two hours old.
    fn at(&self, hours_later: i64) -> Timestamp {
        let back = 2 + (59 - self.number) * 12 - hours_later;
        self.now
            .checked_sub(SignedDuration::from_hours(back))
            .unwrap_or(self.now)
    }

    fn store(&self, tenant: &mut Tenant) -> Result<(), String> {
        let (title, issue, report) = *self.case;
        let (resource, role) = self.worker;
        // The last ones are new and in nobody's hands, most of the others are finished.
        let is_new = self.number >= 52;
        let status = match self.number {
            _ if is_new => 1,
            number if number % 7 == 3 => 7,
            number if number % 5 == 4 => 8,
            _ => COMPLETE,
        };
        let (opened, worked) = (self.at(0), self.at(1));
        let day = tenant.local_day(opened);
        let contact = self.customer.contacts.first().copied();
        let mut ticket = Record::new("Ticket")
            .set("AccountID", self.customer.account)
            .set("ContractID", self.customer.contract)
            .set("InstalledProductID", self.customer.device)
            .set("Title", title)
            .set("Description", format!("{title}. Reported by e-mail."))
            .set("Status", status)
            .set("Priority", 1 + self.number % 4)
            .set("QueueID", QUEUE + self.number % 2)
            .set("TicketType", 1 + self.number % 2)
            .set("TicketCategory", 3)
            .set("IssueType", issue)
            .set("TicketNumber", tenant.ticket_number_of(day))
            .set("CreateDate", opened)
            .set("LastActivityDate", if is_new { opened } else { worked });
        if let Some(contact) = contact {
            ticket = ticket.set("ContactID", contact);
        }
        if !is_new {
            ticket = ticket
                .set("AssignedResourceID", resource)
                .set("AssignedResourceRoleID", role);
        }
        if status == COMPLETE {
            ticket = ticket
                .set("CompletedDate", worked)
                .set("CompletedByResourceID", resource);
        }
        let ticket = put(tenant, ticket)?;
        if is_new {
            return Ok(());
        }
        put(
            tenant,
            Record::new("TicketNote")
                .set("TicketID", ticket)
                .set("Title", "Work done")
                .set("Description", report)
                .set("NoteType", 3)
                .set("Publish", 1 + self.number % 2)
                .set("CreatorResourceID", resource)
                .set("CreateDateTime", worked)
                .set("LastActivityDate", worked),
        )?;
        put(
            tenant,
            Record::new("TimeEntry")
                .set("TicketID", ticket)
                .set("ResourceID", resource)
                .set("RoleID", role)
                .set("AllocationCodeID", self.work_type)
                .set("DateWorked", day)
                .set("StartDateTime", opened)
                .set("EndDateTime", worked)
                .set("HoursWorked", 1.0)
                .set("HoursToBill", 1.0)
                .set("SummaryNotes", report)
                .set("CreatorUserID", resource)
                .set("CreateDateTime", worked)
                .set("LastModifiedDateTime", worked),
        )?;
        Ok(())
    }
}

fn project(
    tenant: &mut Tenant,
    demo: &Demo,
    customers: &[Customer],
    now: Timestamp,
) -> Result<(), String> {
    let Some(customer) = customers.first() else {
        return Ok(());
    };
    let later = now
        .checked_add(SignedDuration::from_hours(24 * 60))
        .unwrap_or(now);
    let project = put(
        tenant,
        Record::new("Project")
            .set("ProjectName", "Move to the new office")
            .set("AccountID", customer.account)
            .set("ContractID", customer.contract)
            .set("Type", 5)
            .set("Status", 1)
            .set("StartDateTime", now)
            .set("EndDateTime", later),
    )?;
    for title in ["Cabling", "Move the servers", "Set up workstations"] {
        put(
            tenant,
            Record::new("Task")
                .set("ProjectID", project)
                .set("Title", title)
                .set("Status", 1)
                .set("TaskType", 1)
                .set("AssignedResourceID", demo.technician)
                .set("AssignedResourceRoleID", demo.role),
        )?;
    }
    Ok(())
}

fn invoice(tenant: &mut Tenant, demo: &Demo, now: Timestamp) -> Result<(), String> {
    let lines = [
        ("Managed workstation", 12.0, 45.0),
        ("Remote Support", 3.5, 120.0),
        ("Toner", 2.0, 79.9),
    ];
    let total: f64 = lines.iter().map(|line| line.1 * line.2).sum();
    let invoice = put(
        tenant,
        Record::new("Invoice")
            .set("AccountID", demo.account)
            .set("InvoiceDateTime", now)
            .set("CreateDateTime", now)
            .set("InvoiceNumber", "INV-2001")
            .set("InvoiceTotal", total),
    )?;
    for (name, quantity, rate) in lines {
        put(
            tenant,
            Record::new("BillingItem")
                .set("InvoiceID", invoice)
                .set("AccountID", demo.account)
                .set("ItemName", name)
                .set("Quantity", quantity)
                .set("Rate", rate)
                .set("TotalAmount", Val::Double(quantity * rate))
                .set("ItemDate", now)
                .set("NonBillable", 0),
        )?;
    }
    Ok(())
}

/// Lists that the smaller tenant leaves open.
fn picklists(tenant: &mut Tenant) -> Result<(), String> {
    type Values = &'static [(i64, &'static str)];
    let lists: &[(&str, &str, Values)] = &[
        (
            "Account",
            "AccountType",
            &[(1, "Customer"), (2, "Lead"), (3, "Prospect"), (7, "Vendor")],
        ),
        (
            "Ticket",
            "Source",
            &[(2, "Phone"), (4, "E-mail"), (8, "Monitoring Alert")],
        ),
        ("Contract", "Status", &[(0, "Inactive"), (1, "Active")]),
        (
            "Contract",
            "TimeReportingRequiresStartAndStopTimes",
            &[(0, "No"), (1, "Yes")],
        ),
        (
            "Contract",
            "ContractType",
            &[
                (1, "Time & Materials"),
                (4, "Block Hours"),
                (7, "Recurring Service"),
            ],
        ),
        (
            "Project",
            "Status",
            &[(1, "New"), (2, "In Progress"), (5, "Complete")],
        ),
        ("Project", "Type", &[(5, "Client")]),
        (
            "Task",
            "TaskType",
            &[(1, "Fixed Work"), (2, "Fixed Duration")],
        ),
        (
            "Task",
            "Status",
            &[(1, "New"), (5, "Complete"), (8, "In Progress")],
        ),
    ];
    for (entity, field, values) in lists {
        let values = values.iter().map(|value| PicklistValue::from(*value));
        tenant.set_picklist(entity, field, values.collect())?;
    }
    Ok(())
}
