//! Every kind of envelope that the crate sends, written to files: `tests/validate_envelopes.py` checks
//! them against the vendor's WSDLs.
//!
//! They go to the folder that the variable `ATWS_ENVELOPE_DIR` names, which is made if it is not
//! there; without it to one that is deleted in the end. Each has its SOAPAction in a file beside it.

use autotask_soap::entity::{Entity, SlotMut, Udf};
use autotask_soap::ops::*;
use autotask_soap::v1_6::{Ticket, TicketNote, TimeEntry};
use autotask_soap::value::Value;
use autotask_soap::{
    ApiVersion, AttachmentId, AttachmentParent, Credentials, Filter, LinkKind, NewAttachment, Query,
};
use jiff::Timestamp;
use jiff::civil::date;
use rust_decimal::Decimal;
use std::path::{Path, PathBuf};
use url::Url;

/// Everything that XML treats in a way of its own, and something that it cannot hold.
const HARD: &str = "Zo\u{eb} <b>&amp;</b> \"q\" 'a' ]]> \r\n\t\u{1}\u{ffff} \u{1f642} {n}";

const USER: &str = "api+<&\"'>@example.com";

/// Writes the envelopes of one version.
struct Folder<'a> {
    path: &'a Path,
    context: Context<'a>,
    written: usize,
}

impl Folder<'_> {
    fn add(&mut self, what: &str, call: &impl Call) {
        let request = call.encode(&self.context).unwrap();
        let body = std::str::from_utf8(request.body()).unwrap();
        roxmltree::Document::parse(body).unwrap();
        let name = format!(
            "{}-{}-{what}",
            self.context.version,
            call.operation().name()
        );
        let path = self.path.join(format!("{name}.xml"));
        assert!(!path.exists(), "{name} is there twice");
        std::fs::write(path, body).unwrap();
        let action = request.headers()["SOAPAction"].as_bytes();
        std::fs::write(self.path.join(format!("{name}.action")), action).unwrap();
        self.written += 1;
    }

    /// What can be written of an entity.
    fn entity<E: Entity>(&mut self) {
        let name = E::INFO.name;
        let new = full::<E>(None, &FIRST);
        self.add(name, &CreateEntities { entities: &[new] });
        let mut several = vec![full::<E>(None, &LAST), full(Some(0), &FIRST)];
        // Of this one, which nobody can write, some fields must always be there.
        if name != "NotificationHistory" {
            several.push(E::default());
        }
        let what = format!("{name}-several");
        self.add(&what, &CreateEntities { entities: &several });
        let stored = [full::<E>(Some(i64::MAX), &FIRST), full(Some(7), &LAST)];
        self.add(name, &UpdateEntities { entities: &stored });
        if name != "NotificationHistory" {
            self.add(name, &DeleteEntities::<E>::new(&[7, i64::MAX]));
        }
    }

    /// Calls that both versions take.
    fn calls(&mut self) {
        self.add(
            "user",
            &GetZoneInfo {
                username: USER.into(),
            },
        );
        for entity in ["Ticket", HARD, ""] {
            let what = format!("{}", entity.len());
            let entity = entity.to_owned();
            self.add(
                &what,
                &GetFieldInfo {
                    entity: entity.clone(),
                },
            );
            self.add(&what, &GetUdfInfo { entity });
        }
        self.add("all", &GetEntityInfo);
        self.add("usage", &GetThresholdAndUsageInfo);
        self.add("version", &GetWsdlVersion);
        for format in [InvoiceFormat::Html, InvoiceFormat::Xml] {
            let call = GetInvoiceMarkup {
                invoice_id: i32::MAX,
                format,
            };
            self.add(format.name(), &call);
        }
        let parent = AttachmentParent::new(4, i64::MAX);
        let file = NewAttachment::file(parent, HARD, "a.txt", 1, &b"\0\xff<>"[..]).by_contact(9);
        self.add("file", &CreateAttachment { attachment: &file });
        let empty = NewAttachment::file(parent, "T", HARD, 2, Vec::new());
        self.add("empty-file", &CreateAttachment { attachment: &empty });
        for kind in [LinkKind::File, LinkKind::Folder, LinkKind::Url] {
            let link = NewAttachment::link(parent, kind, HARD, "https://example.com/?a&b", 1);
            let what = format!("{kind:?}");
            self.add(&what, &CreateAttachment { attachment: &link });
        }
        let id = AttachmentId::from(i64::MAX);
        self.add("one", &GetAttachment { id });
        self.add("one", &DeleteAttachment { id });
        for (number, query) in queries().into_iter().enumerate() {
            let xml = query.to_xml(&self.context.wire_zone).unwrap();
            self.add(&format!("{number}"), &QueryEntities::<Ticket>::new(xml));
        }
        self.add("raw", &QueryEntities::<Ticket>::new(HARD));
    }
}

fn queries() -> Vec<Query<Ticket>> {
    let filter: Filter<Ticket> = Ticket::TITLE
        .contains(HARD)
        .or(Ticket::STATUS
            .any_of([1, 5])
            .and(Ticket::QUEUE_ID.is_null()))
        .and(Ticket::LAST_ACTIVITY_DATE.gt(Timestamp::UNIX_EPOCH));
    vec![Query::all(), Query::by_id(i64::MAX), Query::new(filter)]
}

/// Values of every type.
struct Values {
    short: i16,
    integer: i32,
    long: i64,
    double: f64,
    decimal: Decimal,
    time: Timestamp,
    flag: bool,
    text: &'static str,
}

const FIRST: Values = Values {
    short: 5,
    integer: 29_680_000,
    long: 9_876_543_210,
    double: 0.25,
    decimal: Decimal::from_parts(1_234_500, 0, 0, false, 4),
    time: Timestamp::constant(1_795_000_000, 250_000_000),
    flag: true,
    text: HARD,
};

const LAST: Values = Values {
    short: i16::MIN,
    integer: i32::MIN,
    long: i64::MIN,
    double: -1.5e300,
    // As many digits as XML Schema demands of every reader.
    decimal: Decimal::from_parts(2_808_348_671, 232_830_643, 0, true, 10),
    time: Timestamp::constant(-62_000_000_000, 0),
    flag: false,
    text: "",
};

/// An entity that has all fields, those included that only the server writes: more can never be sent.
fn full<E: Entity>(id: Option<i64>, values: &Values) -> E {
    let mut entity = E::default();
    for index in 1..E::INFO.fields.len() {
        match entity.slot_mut(index).unwrap() {
            SlotMut::Short(field) => *field = Some(values.short),
            SlotMut::Integer(field) => *field = Some(values.integer),
            SlotMut::Long(field) => *field = Some(values.long),
            SlotMut::Double(field) => *field = Some(values.double),
            SlotMut::Decimal(field) => *field = Some(values.decimal),
            SlotMut::DateTime(field) => *field = Some(values.time),
            SlotMut::DateOnly(field) => *field = Some(date(2026, 11, 24)),
            SlotMut::Boolean(field) => *field = Some(values.flag),
            SlotMut::String(field) => *field = Some(values.text.to_owned()),
            SlotMut::Untyped(field) => *field = Some(untyped(index, values)),
            other => panic!("nothing to put into {other:?}"),
        }
    }
    if let Some(SlotMut::Long(field)) = entity.slot_mut(0) {
        *field = id;
    }
    entity.extra_mut().user_defined = vec![
        Udf {
            name: HARD.into(),
            value: Some(values.text.to_owned()),
        },
        Udf {
            name: "Empty".into(),
            value: None,
        },
    ];
    entity
}

fn untyped(index: usize, values: &Values) -> Value {
    let other = |xsi_type: &str, text: &str| Value::Other {
        xsi_type: xsi_type.to_owned(),
        text: text.to_owned(),
    };
    match index % 12 {
        0 => Value::Integer(values.long),
        1 => Value::Integer(7),
        2 => Value::String(values.text.to_owned()),
        3 => Value::Double(f64::NEG_INFINITY),
        4 => Value::Double(f64::NAN),
        5 => Value::Decimal(values.decimal),
        6 => Value::DateTime(values.time),
        7 => Value::Date(date(1, 1, 1)),
        8 => Value::Boolean(values.flag),
        9 => other("base64Binary", "AAAA"),
        // A type of Microsoft's, which XML Schema does not have.
        10 => other("guid", "6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
        _ => other("", HARD),
    }
}

/// An entity whose fields hold values that do not fit them, as an answer can leave it.
fn with_misfits() -> TicketNote {
    let mut note = full::<TicketNote>(None, &FIRST);
    note.note_type = None;
    note.create_date_time = None;
    note.extra.unknown = vec![
        // Of the hour that the change to daylight saving skips.
        (
            "CreateDateTime".into(),
            Value::Other {
                xsi_type: "dateTime".into(),
                text: "2026-03-08T02:30:00".into(),
            },
        ),
        ("NoteType".into(), Value::from("a")),
    ];
    note
}

macro_rules! entities {
    ($folder:ident, $version:ident: $($name:ident)*) => {
        $($folder.entity::<autotask_soap::$version::$name>();)*
    };
}

fn write_v1_6(path: &Path) -> usize {
    let endpoint = Url::parse(ApiVersion::V1_6.lookup_endpoint()).unwrap();
    let credentials = Credentials::new(USER, "<&\"'>", " CODE<&\"'> ");
    let mut folder = Folder {
        path,
        context: Context::new(&endpoint, &credentials),
        written: 0,
    };
    folder.calls();
    folder.add(
        "user",
        &IntegrationCodeCheck {
            username: USER.into(),
        },
    );
    folder.add(
        "misfits",
        &CreateEntities {
            entities: &[with_misfits()],
        },
    );
    let many = vec![full::<TimeEntry>(None, &FIRST); MAX_ENTITIES];
    folder.add("most", &CreateEntities { entities: &many });
    entities!(folder, v1_6:
            Account AccountAlert AccountLocation AccountNote AccountPhysicalLocation
            AccountTeam AccountToDo AccountWebhook AccountWebhookExcludedResource
            AccountWebhookField AccountWebhookUdfField ActionType
            AdditionalInvoiceFieldValue AllocationCode Appointment AttachmentInfo
            BillingItem BillingItemApprovalLevel BusinessDivision
            BusinessDivisionSubdivision BusinessDivisionSubdivisionResource BusinessLocation
            BusinessSubdivision ChangeOrderCost ChangeRequestLink ChecklistLibrary
            ChecklistLibraryChecklistItem ClassificationIcon ClientPortalUser
            ComanagedAssociation Contact ContactBillingProductAssociation ContactGroup
            ContactGroupContact ContactWebhook ContactWebhookExcludedResource
            ContactWebhookField ContactWebhookUdfField Contract ContractBillingRule
            ContractBlock ContractCost ContractExclusionAllocationCode ContractExclusionRole
            ContractExclusionSet ContractExclusionSetExcludedRole
            ContractExclusionSetExcludedWorkType ContractFactor ContractMilestone
            ContractNote ContractRate ContractRetainer ContractRoleCost ContractService
            ContractServiceAdjustment ContractServiceBundle ContractServiceBundleAdjustment
            ContractServiceBundleUnit ContractServiceUnit ContractTicketPurchase Country
            Currency Department ExpenseItem ExpenseReport Holiday HolidaySet
            InstalledProduct InstalledProductBillingProductAssociation
            InstalledProductCategory InstalledProductCategoryUdfAssociation
            InstalledProductNote InstalledProductType InstalledProductTypeUdfAssociation
            InternalLocation InventoryItem InventoryItemSerialNumber InventoryLocation
            InventoryTransfer Invoice InvoiceTemplate NotificationHistory Opportunity
            PaymentTerm Phase PriceListMaterialCode PriceListProduct PriceListProductTier
            PriceListRole PriceListService PriceListServiceBundle PriceListWorkTypeModifier
            Product ProductNote ProductTier ProductVendor Project ProjectCost ProjectNote
            PurchaseApproval PurchaseOrder PurchaseOrderItem PurchaseOrderReceive Quote
            QuoteItem QuoteLocation QuoteTemplate Resource ResourceRole
            ResourceRoleDepartment ResourceRoleQueue ResourceServiceDeskRole ResourceSkill
            Role SalesOrder Service ServiceBundle ServiceBundleService ServiceCall
            ServiceCallTask ServiceCallTaskResource ServiceCallTicket
            ServiceCallTicketResource ServiceLevelAgreementResults ShippingType Skill
            Subscription SubscriptionPeriod Survey SurveyResults Task TaskNote
            TaskPredecessor TaskSecondaryResource Tax TaxCategory TaxRegion Ticket
            TicketAdditionalContact TicketAdditionalInstalledProduct TicketCategory
            TicketCategoryFieldDefaults TicketChangeRequestApproval TicketChecklistItem
            TicketChecklistLibrary TicketCost TicketHistory TicketNote TicketRmaCredit
            TicketSecondaryResource TimeEntry UserDefinedFieldDefinition
            UserDefinedFieldListItem WebhookEventErrorLog WorkTypeModifier
    );
    for resource in [29_680_000, i32::MAX.into()] {
        folder.context.impersonate = Some(resource);
        folder.add(
            &format!("as-{resource}"),
            &CreateEntities {
                entities: &[with_misfits()],
            },
        );
        folder.add(&format!("as-{resource}"), &GetEntityInfo);
        // The only call without a header.
        let call = GetZoneInfo {
            username: USER.into(),
        };
        folder.add(&format!("as-{resource}"), &call);
    }
    folder.written
}

#[cfg(feature = "v1_5")]
fn write_v1_5(path: &Path) -> usize {
    let endpoint = Url::parse(ApiVersion::V1_5.lookup_endpoint()).unwrap();
    let credentials = Credentials::new(USER, "<&\"'>", "");
    let mut folder = Folder {
        path,
        context: Context::new(&endpoint, &credentials),
        written: 0,
    };
    folder.context.version = ApiVersion::V1_5;
    folder.calls();
    entities!(folder, v1_5:
            Account AccountAlert AccountLocation AccountNote AccountPhysicalLocation
            AccountTeam AccountToDo ActionType AdditionalInvoiceFieldValue AllocationCode
            Appointment AttachmentInfo BillingItem BillingItemApprovalLevel BusinessDivision
            BusinessDivisionSubdivision BusinessDivisionSubdivisionResource BusinessLocation
            BusinessSubdivision ChangeRequestLink ClassificationIcon ClientPortalUser
            Contact Contract ContractBlock ContractCost ContractExclusionAllocationCode
            ContractExclusionRole ContractFactor ContractMilestone ContractNote ContractRate
            ContractRetainer ContractRoleCost ContractService ContractServiceAdjustment
            ContractServiceBundle ContractServiceBundleAdjustment ContractServiceBundleUnit
            ContractServiceUnit ContractTicketPurchase Country Currency Department
            ExpenseItem ExpenseReport Holiday HolidaySet InstalledProduct
            InstalledProductType InstalledProductTypeUdfAssociation InternalLocation
            InventoryItem InventoryItemSerialNumber InventoryLocation InventoryTransfer
            Invoice InvoiceTemplate NotificationHistory Opportunity PaymentTerm Phase
            PriceListMaterialCode PriceListProduct PriceListRole PriceListService
            PriceListServiceBundle PriceListWorkTypeModifier Product ProductVendor Project
            ProjectCost ProjectNote PurchaseApproval PurchaseOrder PurchaseOrderItem
            PurchaseOrderReceive Quote QuoteItem QuoteLocation QuoteTemplate Resource
            ResourceRole ResourceRoleDepartment ResourceRoleQueue ResourceServiceDeskRole
            ResourceSkill Role SalesOrder Service ServiceBundle ServiceBundleService
            ServiceCall ServiceCallTask ServiceCallTaskResource ServiceCallTicket
            ServiceCallTicketResource ServiceLevelAgreementResults ShippingType Skill
            Subscription SubscriptionPeriod Survey SurveyResults Task TaskNote
            TaskPredecessor TaskSecondaryResource Tax TaxCategory TaxRegion Ticket
            TicketAdditionalContact TicketCategory TicketCategoryFieldDefaults
            TicketChangeRequestApproval TicketChecklistItem TicketCost TicketNote
            TicketSecondaryResource TimeEntry UserDefinedFieldDefinition
            UserDefinedFieldListItem WorkTypeModifier
    );
    let credentials = Credentials::new(USER, "<&\"'>", "CODE");
    folder.context.credentials = &credentials;
    folder.add("with-code", &GetEntityInfo);
    folder.written
}

#[test]
fn every_kind_of_envelope_is_written() {
    let named = std::env::var_os("ATWS_ENVELOPE_DIR").map(PathBuf::from);
    let path = named.clone().unwrap_or_else(|| {
        std::env::temp_dir().join(format!("atws-envelopes-{}", std::process::id()))
    });
    std::fs::create_dir_all(&path).unwrap();
    let written = write_v1_6(&path);
    assert!(written > 300, "{written}");
    #[cfg(feature = "v1_5")]
    {
        let written = write_v1_5(&path);
        assert!(written > 240, "{written}");
    }
    if named.is_none() {
        std::fs::remove_dir_all(&path).unwrap();
    }
}

#[test]
fn ids_that_the_header_cannot_hold_are_not_sent() {
    let endpoint = Url::parse(ApiVersion::V1_6.lookup_endpoint()).unwrap();
    let credentials = Credentials::new(USER, "password", "CODE");
    let mut context = Context::new(&endpoint, &credentials);
    for resource in [i64::MAX, i64::from(i32::MAX) + 1, 0, -1] {
        context.impersonate = Some(resource);
        let error = GetEntityInfo.encode(&context).unwrap_err();
        assert_eq!(error.kind(), autotask_soap::ErrorKind::Config, "{resource}");
        assert!(error.to_string().contains(&resource.to_string()), "{error}");
    }
}
