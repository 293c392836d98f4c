//! Entities by their name, which is only known when the program runs.
//!
//! The crate's calls are made for one type each. Here each type becomes a value, [`Kind`], whose
//! functions only write requests and read answers: what sends them exists once and not for each type.

use super::{
    Failure, Outcome,
    expression::{Condition, FieldName, Test},
};
use autotask_soap::{
    Created, Filter, Query, Result,
    entity::{Entity, EntityInfo, Field, Udf},
    ops::{Call, Context, CreateEntities, Operation, QueryEntities},
    query::UdfField,
    time::WireZone,
    v1_6,
    value::Value,
};
use bytes::Bytes;
use http::{Request, Response};
use std::{marker::PhantomData, slice};

macro_rules! kinds {
    ($($entity:ident)*) => {
        static KINDS: &[&dyn Kind] = &[$(&Of::<v1_6::$entity>(PhantomData)),*];
    };
}

kinds! {
    Account AccountAlert AccountLocation AccountNote AccountPhysicalLocation AccountTeam
    AccountToDo AccountWebhook AccountWebhookExcludedResource AccountWebhookField
    AccountWebhookUdfField ActionType AdditionalInvoiceFieldValue AllocationCode Appointment
    AttachmentInfo BillingItem BillingItemApprovalLevel BusinessDivision
    BusinessDivisionSubdivision BusinessDivisionSubdivisionResource BusinessLocation
    BusinessSubdivision ChangeOrderCost ChangeRequestLink ChecklistLibrary
    ChecklistLibraryChecklistItem ClassificationIcon ClientPortalUser ComanagedAssociation
    Contact ContactBillingProductAssociation ContactGroup ContactGroupContact ContactWebhook
    ContactWebhookExcludedResource ContactWebhookField ContactWebhookUdfField Contract
    ContractBillingRule ContractBlock ContractCost ContractExclusionAllocationCode
    ContractExclusionRole ContractExclusionSet ContractExclusionSetExcludedRole
    ContractExclusionSetExcludedWorkType ContractFactor ContractMilestone ContractNote
    ContractRate ContractRetainer ContractRoleCost ContractService ContractServiceAdjustment
    ContractServiceBundle ContractServiceBundleAdjustment ContractServiceBundleUnit
    ContractServiceUnit ContractTicketPurchase Country Currency Department ExpenseItem
    ExpenseReport Holiday HolidaySet InstalledProduct
    InstalledProductBillingProductAssociation InstalledProductCategory
    InstalledProductCategoryUdfAssociation InstalledProductNote InstalledProductType
    InstalledProductTypeUdfAssociation InternalLocation InventoryItem
    InventoryItemSerialNumber InventoryLocation InventoryTransfer Invoice InvoiceTemplate
    NotificationHistory Opportunity PaymentTerm Phase PriceListMaterialCode PriceListProduct
    PriceListProductTier PriceListRole PriceListService PriceListServiceBundle
    PriceListWorkTypeModifier Product ProductNote ProductTier ProductVendor Project
    ProjectCost ProjectNote PurchaseApproval PurchaseOrder PurchaseOrderItem
    PurchaseOrderReceive Quote QuoteItem QuoteLocation QuoteTemplate Resource ResourceRole
    ResourceRoleDepartment ResourceRoleQueue ResourceServiceDeskRole ResourceSkill Role
    SalesOrder Service ServiceBundle ServiceBundleService ServiceCall ServiceCallTask
    ServiceCallTaskResource ServiceCallTicket ServiceCallTicketResource
    ServiceLevelAgreementResults ShippingType Skill Subscription SubscriptionPeriod Survey
    SurveyResults Task TaskNote TaskPredecessor TaskSecondaryResource Tax TaxCategory
    TaxRegion Ticket TicketAdditionalContact TicketAdditionalInstalledProduct TicketCategory
    TicketCategoryFieldDefaults TicketChangeRequestApproval TicketChecklistItem
    TicketChecklistLibrary TicketCost TicketHistory TicketNote TicketRmaCredit
    TicketSecondaryResource TimeEntry UserDefinedFieldDefinition UserDefinedFieldListItem
    WebhookEventErrorLog WorkTypeModifier
}

/// The entity of this name, without regard to case.
pub(super) fn find(name: &str) -> Outcome<&'static dyn Kind> {
    let mut kinds = KINDS.iter().copied();
    kinds
        .find(|kind| kind.info().name.eq_ignore_ascii_case(name))
        .ok_or_else(|| {
            let what = format!(
                "this program knows no entity '{name}'; 'autotask entities' lists those of your \
                 company"
            );
            Failure::Usage(what)
        })
}

/// The same for commands that need no more than the name, which may be newer than this program.
pub(super) fn known(name: &str) -> Option<&'static EntityInfo> {
    find(name).ok().map(Kind::info)
}

/// An entity type.
pub(super) trait Kind: Sync {
    fn info(&self) -> &'static EntityInfo;

    fn query(&self, condition: &Condition) -> Outcome<Box<dyn Asked>>;

    fn query_xml(&self, text: &str) -> Result<Box<dyn Asked>>;

    fn by_id(&self, id: i64) -> Box<dyn Asked>;

    fn encode_query(&self, xml: &str, context: &Context<'_>) -> Result<Request<Bytes>>;

    fn decode_query(&self, answer: Response<Bytes>, context: &Context<'_>) -> Result<Vec<Record>>;

    /// A record to be created, with these fields of its own and of the tenant's.
    fn new_record(&self, own: &[(&'static str, Value)], udfs: &[Udf]) -> Outcome<Box<dyn New>>;
}

/// A query on one entity type.
pub(super) trait Asked: Send + Sync {
    /// As several that are not too long.
    fn portions(&self) -> Vec<Box<dyn Asked>>;

    /// Those of its records that come after this one.
    fn after(&self, id: i64) -> Box<dyn Asked>;

    /// Whether it finds nothing for certain.
    fn is_never(&self) -> bool;

    fn xml(&self, zone: &WireZone) -> Result<String>;
}

/// A record to be created.
pub(super) trait New: Send + Sync {
    /// Looks for what is missing or too long.
    fn check(&self) -> Result<()>;

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>>;

    fn decode(&self, answer: Response<Bytes>, context: &Context<'_>) -> Result<Created>;
}

/// A record of whatever type.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) id: Option<i64>,
    /// Fields that are not empty, in the order of the wire.
    pub(super) fields: Vec<(&'static str, Value)>,
    pub(super) user_defined: Vec<Udf>,
    /// Fields that are newer than the crate.
    pub(super) unknown: Vec<(String, Value)>,
}

impl Record {
    fn of<E: Entity>(entity: &E) -> Self {
        let fields = E::INFO.fields.iter().enumerate();
        Record {
            id: entity.record_id(),
            fields: fields
                .filter_map(|(at, field)| Some((field.name, entity.get(at)?)))
                .collect(),
            user_defined: entity.extra().user_defined.clone(),
            unknown: entity.extra().unknown.clone(),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let mut fields = self.fields.iter();
        fields
            .find(|(have, _)| *have == name)
            .map(|(_, value)| value)
    }
}

struct Of<E>(PhantomData<fn() -> E>);

impl<E: Entity> Kind for Of<E> {
    fn info(&self) -> &'static EntityInfo {
        E::INFO
    }

    fn query(&self, condition: &Condition) -> Outcome<Box<dyn Asked>> {
        Ok(Box::new(Query::new(filter::<E>(condition)?)))
    }

    fn query_xml(&self, text: &str) -> Result<Box<dyn Asked>> {
        Ok(Box::new(Query::<E>::raw(text)?))
    }

    fn by_id(&self, id: i64) -> Box<dyn Asked> {
        Box::new(Query::<E>::by_id(id))
    }

    fn encode_query(&self, xml: &str, context: &Context<'_>) -> Result<Request<Bytes>> {
        QueryEntities::<E>::new(xml).encode(context)
    }

    fn decode_query(&self, answer: Response<Bytes>, context: &Context<'_>) -> Result<Vec<Record>> {
        let records = QueryEntities::<E>::new("").decode(answer, context)?;
        Ok(records.iter().map(Record::of).collect())
    }

    fn new_record(&self, own: &[(&'static str, Value)], udfs: &[Udf]) -> Outcome<Box<dyn New>> {
        let mut entity = E::default();
        for (name, value) in own {
            let at = E::INFO.position(name).unwrap_or(usize::MAX);
            entity
                .set(at, Some(value.clone()))
                .map_err(|error| Failure::Usage(error.to_string()))?;
        }
        entity.extra_mut().user_defined = udfs.to_vec();
        Ok(Box::new(Made(entity)))
    }
}

impl<E: Entity> Asked for Query<E> {
    fn portions(&self) -> Vec<Box<dyn Asked>> {
        let portions = self.clone().portions().into_iter();
        portions
            .map(|portion| Box::new(portion) as Box<dyn Asked>)
            .collect()
    }

    fn after(&self, id: i64) -> Box<dyn Asked> {
        Box::new(self.clone().after_id(id))
    }

    fn is_never(&self) -> bool {
        Query::is_never(self)
    }

    fn xml(&self, zone: &WireZone) -> Result<String> {
        self.to_xml(zone)
    }
}

struct Made<E>(E);

impl<E: Entity> Made<E> {
    fn call(&self) -> CreateEntities<'_, E> {
        CreateEntities {
            entities: slice::from_ref(&self.0),
        }
    }
}

impl<E: Entity> New for Made<E> {
    fn check(&self) -> Result<()> {
        self.call().check()
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        self.call().encode(context)
    }

    fn decode(&self, answer: Response<Bytes>, context: &Context<'_>) -> Result<Created> {
        self.call().decode(answer, context)
    }
}

/// The crate's tests are those of the expression, one for one.
macro_rules! test {
    ($field:expr, $test:expr) => {
        match $test.clone() {
            Test::Eq(value) => $field.eq(value),
            Test::Ne(value) => $field.ne(value),
            Test::Lt(value) => $field.lt(value),
            Test::Le(value) => $field.le(value),
            Test::Gt(value) => $field.gt(value),
            Test::Ge(value) => $field.ge(value),
            Test::In(values) => $field.any_of(values),
            Test::NotIn(values) => $field.none_of(values),
            Test::Contains(text) => $field.contains(text),
            Test::BeginsWith(text) => $field.begins_with(text),
            Test::EndsWith(text) => $field.ends_with(text),
            Test::Like(text) => $field.like(text),
            Test::NotLike(text) => $field.not_like(text),
            Test::IsNull => $field.is_null(),
            Test::IsNotNull => $field.is_not_null(),
            Test::IsThisDay(day) => $field.is_this_day(day),
        }
    };
}

fn filter<E: Entity>(condition: &Condition) -> Outcome<Filter<E>> {
    let members = |conditions: &[Condition]| -> Outcome<Vec<Filter<E>>> {
        conditions.iter().map(filter::<E>).collect()
    };
    Ok(match condition {
        Condition::All(conditions) => Filter::all(members(conditions)?),
        Condition::Any(conditions) => Filter::any(members(conditions)?),
        Condition::Test(FieldName::Own(name), tested) => {
            let field = Field::<E, Value>::named(name)
                .ok_or_else(|| Failure::Usage(super::value::no_field(E::INFO, name)))?;
            test!(field, tested)
        }
        Condition::Test(FieldName::UserDefined(name), tested) => {
            let field = UdfField::<E>::new(name);
            test!(field, tested)
        }
    })
}

/// One page of a query.
pub(super) struct QueryCall {
    pub(super) kind: &'static dyn Kind,
    pub(super) xml: String,
}

impl Call for QueryCall {
    type Answer = Vec<Record>;

    fn operation(&self) -> Operation {
        Operation::Query
    }

    fn entity(&self) -> Option<&str> {
        Some(self.kind.info().name)
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        self.kind.encode_query(&self.xml, context)
    }

    fn decode(&self, response: Response<Bytes>, context: &Context<'_>) -> Result<Vec<Record>> {
        self.kind.decode_query(response, context)
    }
}

/// One new record. Like every write it is sent once.
pub(super) struct CreateCall {
    pub(super) kind: &'static dyn Kind,
    pub(super) record: Box<dyn New>,
}

impl Call for CreateCall {
    type Answer = Created;

    fn operation(&self) -> Operation {
        Operation::Create
    }

    fn entity(&self) -> Option<&str> {
        Some(self.kind.info().name)
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        self.record.encode(context)
    }

    fn decode(&self, response: Response<Bytes>, context: &Context<'_>) -> Result<Created> {
        self.record.decode(response, context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_entities_of_the_crate_are_here() {
        let here: Vec<&str> = KINDS.iter().map(|kind| kind.info().name).collect();
        let there: Vec<&str> = v1_6::ENTITIES.iter().map(|info| info.name).collect();
        assert_eq!(here, there);
    }
}
