//! The state of the tenant: records, lists, users, clock.

use crate::{
    catalogue::{self, EntityDef},
    limits::Attached,
    picklist::{PicklistValue, UdfDef},
    record::{Record, Val},
    settings::Settings,
    time::{self, WireZone},
};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use std::collections::{BTreeMap, BTreeSet};

/// The status that every tenant has for a finished ticket.
pub(crate) const COMPLETE: i64 = 5;

/// An API user of the tenant.
#[derive(Clone)]
pub(crate) struct ApiUser {
    pub(crate) login: String,
    pub(crate) password: String,
    pub(crate) integration_code: String,
    pub(crate) resource: i64,
    /// The resource is an API-only user.
    pub(crate) is_api_user: bool,
}

#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) record: Record,
    pub(crate) committed_at: Timestamp,
}

#[derive(Clone)]
pub(crate) struct Tenant {
    pub(crate) ci: i32,
    pub(crate) users: Vec<ApiUser>,
    pub(crate) settings: Settings,
    pub(crate) eastern: TimeZone,
    pub(crate) picklists: BTreeMap<(&'static str, &'static str), Vec<PicklistValue>>,
    pub(crate) udfs: BTreeMap<&'static str, Vec<UdfDef>>,
    /// Entities that the API user may no longer see.
    pub(crate) restricted: BTreeSet<&'static str>,
    /// Resources that are API-only users.
    pub(crate) api_only: BTreeSet<i64>,
    /// Submitted timesheets: resource and the Monday of the week.
    pub(crate) submitted: BTreeSet<(i64, Date)>,
    pub(crate) clock_offset: SignedDuration,
    /// Entities that the API user may see but not write.
    pub(crate) read_only: BTreeSet<&'static str>,
    /// Attachment data by AttachmentInfo id.
    pub(crate) attachments: BTreeMap<i64, Vec<u8>>,
    pub(crate) attached: Attached,
    rows: BTreeMap<&'static str, BTreeMap<i64, Row>>,
    next_id: i64,
}

impl Tenant {
    pub(crate) fn new(eastern: TimeZone) -> Self {
        Tenant {
            ci: 284_173,
            users: Vec::new(),
            settings: Settings::default(),
            eastern,
            picklists: BTreeMap::new(),
            udfs: BTreeMap::new(),
            restricted: BTreeSet::new(),
            api_only: BTreeSet::new(),
            submitted: BTreeSet::new(),
            clock_offset: SignedDuration::ZERO,
            read_only: BTreeSet::new(),
            attachments: BTreeMap::new(),
            attached: Attached::default(),
            rows: BTreeMap::new(),
            // One counter for all entities: an id of the wrong entity is then never right by luck.
            next_id: 29_682_900,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        time::truncate(now.checked_add(self.clock_offset).unwrap_or(now))
    }

    pub(crate) fn wire_zone(&self) -> TimeZone {
        match self.settings.wire_zone {
            WireZone::Eastern => self.eastern.clone(),
            WireZone::Utc => TimeZone::UTC,
        }
    }

    /// The day on which that moment falls for the tenant.
    pub(crate) fn local_day(&self, at: Timestamp) -> Date {
        self.eastern.to_datetime(at).date()
    }

    pub(crate) fn insert(&mut self, def: &'static EntityDef, mut record: Record) -> i64 {
        if record.id == 0 {
            record.id = self.next_id;
        }
        self.next_id = self.next_id.max(record.id + 1);
        self.insert_at(def, record)
    }

    /// Keeps the record's id, even 0.
    pub(crate) fn insert_at(&mut self, def: &'static EntityDef, mut record: Record) -> i64 {
        record.entity = def.name.to_owned();
        let id = record.id;
        let committed_at = self.now();
        self.rows.entry(def.name).or_default().insert(
            id,
            Row {
                record,
                committed_at,
            },
        );
        id
    }

    pub(crate) fn rows(&self, entity: &str) -> impl Iterator<Item = &Row> {
        self.rows.get(entity).into_iter().flat_map(BTreeMap::values)
    }

    pub(crate) fn get(&self, entity: &str, id: i64) -> Option<&Record> {
        Some(&self.rows.get(entity)?.get(&id)?.record)
    }

    pub(crate) fn get_mut(&mut self, entity: &str, id: i64) -> Option<&mut Record> {
        Some(&mut self.rows.get_mut(entity)?.get_mut(&id)?.record)
    }

    pub(crate) fn remove(&mut self, entity: &str, id: i64) -> Option<Record> {
        Some(self.rows.get_mut(entity)?.remove(&id)?.record)
    }

    /// Whether a record exists and, where the entity knows that, is active.
    pub(crate) fn is_usable(&self, entity: &str, id: i64) -> bool {
        self.get(entity, id)
            .is_some_and(|record| record.bool("Active") != Some(false))
    }

    /// The values of a picklist; `None` when the tenant never filled it, and then nothing is checked.
    pub(crate) fn picklist(
        &self,
        entity: &'static str,
        field: &'static str,
    ) -> Option<&[PicklistValue]> {
        self.picklists.get(&(entity, field)).map(Vec::as_slice)
    }

    pub(crate) fn next_ticket_number(&self) -> String {
        self.ticket_number_of(self.local_day(self.now()))
    }

    /// The next free number among a day's tickets.
    pub(crate) fn ticket_number_of(&self, day: Date) -> String {
        let stem = format!("T{:04}{:02}{:02}.", day.year(), day.month(), day.day());
        let last = self
            .rows("Ticket")
            .filter_map(|row| row.record.text("TicketNumber").strip_prefix(stem.as_str()))
            .filter_map(|tail| tail.parse::<u32>().ok())
            .max();
        format!("{stem}{:04}", last.unwrap_or(0) + 1)
    }

    /// Marks a ticket as touched.
    pub(crate) fn touch_ticket(&mut self, ticket: i64, by: i64) {
        let now = self.now();
        if let Some(ticket) = self.get_mut("Ticket", ticket) {
            ticket
                .fields
                .insert("LastActivityDate".into(), Val::Time(now));
            ticket
                .fields
                .insert("LastActivityResourceID".into(), Val::Int(by));
        }
    }

    /// Whether a value of a picklist has that label.
    pub(crate) fn is_labelled(
        &self,
        entity: &'static str,
        field: &'static str,
        value: Option<i64>,
        label: &str,
    ) -> bool {
        let value = value.map(|value| value.to_string());
        self.picklist(entity, field)
            .into_iter()
            .flatten()
            .any(|choice| choice.label == label && Some(&choice.value) == value.as_ref())
    }

    /// Moves notes, time entries and attachments of a ticket to another one and closes it, as people
    /// do. `false` when either does not exist.
    pub(crate) fn merge_tickets(&mut self, from: i64, into: i64, by: i64) -> bool {
        let both = self.get("Ticket", from).is_some() && self.get("Ticket", into).is_some();
        if !both || from == into {
            return false;
        }
        for entity in ["TicketNote", "TimeEntry"] {
            for row in self
                .rows
                .get_mut(entity)
                .into_iter()
                .flat_map(BTreeMap::values_mut)
            {
                if row.record.int("TicketID") == Some(from) {
                    row.record.fields.insert("TicketID".into(), Val::Int(into));
                }
            }
        }
        let attached: Vec<i64> = self
            .rows("AttachmentInfo")
            .map(|row| &row.record)
            .filter(|info| {
                let kind = info.int("ParentType");
                info.int("ParentID") == Some(from)
                    && self.is_labelled("AttachmentInfo", "ParentType", kind, "Ticket")
            })
            .map(|info| info.id)
            .collect();
        for id in attached {
            if let Some(info) = self.get_mut("AttachmentInfo", id) {
                info.fields.insert("ParentID".into(), Val::Int(into));
            }
        }
        let now = self.now();
        if let Some(ticket) = self.get_mut("Ticket", from) {
            let closed = [
                ("Status", Val::Int(COMPLETE)),
                ("CompletedDate", Val::Time(now)),
                ("CompletedByResourceID", Val::Int(by)),
            ];
            for (field, value) in closed {
                ticket.fields.insert(field.into(), value);
            }
        }
        self.touch_ticket(from, by);
        self.touch_ticket(into, by);
        true
    }

    pub(crate) fn set_picklist(
        &mut self,
        entity: &str,
        field: &str,
        values: Vec<PicklistValue>,
    ) -> Result<(), String> {
        let def = catalogue::entity(entity).ok_or_else(|| format!("no entity {entity}"))?;
        let field = def
            .field(field)
            .ok_or_else(|| format!("no field {entity}.{field}"))?;
        self.picklists.insert((def.name, field.name), values);
        Ok(())
    }
}

/// The Monday on or before a day: timesheets cover a week.
pub(crate) fn week_of(day: Date) -> Date {
    let back = i64::from(day.weekday().to_monday_zero_offset());
    day.checked_sub(SignedDuration::from_hours(24 * back))
        .unwrap_or(day)
}
