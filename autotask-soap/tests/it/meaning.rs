//! Whether QueryXML means to the server what the conditions mean to their author: two evaluators that
//! share nothing with the crate, one here by the fold rule, the other the simulated tenant's.

use autotask_soap::query::UdfField;
use autotask_soap::time::WireZone;
use autotask_soap::v1_6::Ticket;
use autotask_soap::{ErrorKind, Filter, Query};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::select;
use roxmltree::Node as Xml;
use rust_decimal::Decimal;
use std::collections::HashSet;

/// What a ticket may hold here; empty texts are nothing.
#[derive(Clone, Debug)]
struct Row {
    status: Option<i32>,
    contract_service: Option<i64>,
    hours: Option<f64>,
    scheduled: Option<Decimal>,
    met: Option<bool>,
    title: Option<String>,
    due: Option<Timestamp>,
    tag: Option<String>,
}

#[derive(Clone, Copy, Debug)]
enum Order {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

#[derive(Clone, Copy, Debug)]
enum Words {
    Begins,
    Ends,
    Contains,
    Like,
    NotLike,
}

#[derive(Clone, Debug)]
enum Expr {
    Status(Order, i32),
    StatusAny(Vec<i32>),
    StatusNone(Vec<i32>),
    Service(Order, i64),
    ServiceAny(Vec<i64>),
    Hours(Order, f64),
    Scheduled(Order, Decimal),
    Met(bool, bool),
    Title(Order, String),
    TitleAny(Vec<String>),
    TitleWords(Words, String),
    Due(Order, Timestamp),
    DueDay(Date),
    Tag(Order, String),
    Null(&'static str, bool),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    All(Vec<Expr>),
    Any(Vec<Expr>),
}

fn tag() -> UdfField<Ticket, String> {
    UdfField::new("Asset tag")
}

/// By the crate.
fn filter(expr: &Expr) -> Filter<Ticket> {
    macro_rules! ordered {
        ($field:expr, $order:expr, $value:expr) => {
            match $order {
                Order::Eq => $field.eq($value),
                Order::Ne => $field.ne($value),
                Order::Lt => $field.lt($value),
                Order::Le => $field.le($value),
                Order::Gt => $field.gt($value),
                Order::Ge => $field.ge($value),
            }
        };
    }
    match expr {
        Expr::Status(order, value) => ordered!(Ticket::STATUS, order, *value),
        Expr::StatusAny(values) => Ticket::STATUS.any_of(values),
        Expr::StatusNone(values) => Ticket::STATUS.none_of(values),
        Expr::Service(order, value) => ordered!(Ticket::CONTRACT_SERVICE_ID, order, *value),
        Expr::ServiceAny(values) => Ticket::CONTRACT_SERVICE_ID.any_of(values),
        Expr::Hours(order, value) => ordered!(Ticket::ESTIMATED_HOURS, order, *value),
        Expr::Scheduled(order, value) => ordered!(Ticket::HOURS_TO_BE_SCHEDULED, order, *value),
        Expr::Met(true, value) => Ticket::SERVICE_LEVEL_AGREEMENT_HAS_BEEN_MET.eq(*value),
        Expr::Met(false, value) => Ticket::SERVICE_LEVEL_AGREEMENT_HAS_BEEN_MET.ne(*value),
        Expr::Title(order, value) => ordered!(Ticket::TITLE, order, value),
        Expr::TitleAny(values) => Ticket::TITLE.any_of(values),
        Expr::TitleWords(words, text) => match words {
            Words::Begins => Ticket::TITLE.begins_with(text),
            Words::Ends => Ticket::TITLE.ends_with(text),
            Words::Contains => Ticket::TITLE.contains(text),
            Words::Like => Ticket::TITLE.like(format!("%{text}")),
            Words::NotLike => Ticket::TITLE.not_like(format!("%{text}")),
        },
        Expr::Due(order, value) => ordered!(Ticket::DUE_DATE_TIME, order, *value),
        Expr::DueDay(day) => Ticket::DUE_DATE_TIME.is_this_day(*day),
        Expr::Tag(order, value) => ordered!(tag(), order, value),
        Expr::Null(field, true) => match *field {
            "Status" => Ticket::STATUS.is_null(),
            "Title" => Ticket::TITLE.is_null(),
            "DueDateTime" => Ticket::DUE_DATE_TIME.is_null(),
            "ServiceLevelAgreementHasBeenMet" => {
                Ticket::SERVICE_LEVEL_AGREEMENT_HAS_BEEN_MET.is_null()
            }
            _ => tag().is_null(),
        },
        Expr::Null(field, false) => match *field {
            "Status" => Ticket::STATUS.is_not_null(),
            "Title" => Ticket::TITLE.is_not_null(),
            "DueDateTime" => Ticket::DUE_DATE_TIME.is_not_null(),
            "ServiceLevelAgreementHasBeenMet" => {
                Ticket::SERVICE_LEVEL_AGREEMENT_HAS_BEEN_MET.is_not_null()
            }
            _ => tag().is_not_null(),
        },
        Expr::And(a, b) => filter(a) & filter(b),
        Expr::Or(a, b) => filter(a).or(filter(b)),
        Expr::All(members) => Filter::all(members.iter().map(filter)),
        Expr::Any(members) => Filter::any(members.iter().map(filter)),
    }
}

fn holds<T: PartialOrd>(order: Order, have: &T, wanted: &T) -> bool {
    match order {
        Order::Eq => have == wanted,
        Order::Ne => have != wanted,
        Order::Lt => have < wanted,
        Order::Le => have <= wanted,
        Order::Gt => have > wanted,
        Order::Ge => have >= wanted,
    }
}

fn like(have: &str, words: Words, text: &str) -> bool {
    match words {
        Words::Begins => have.starts_with(text),
        Words::Ends | Words::Like => have.ends_with(text),
        Words::Contains => have.contains(text),
        Words::NotLike => !have.ends_with(text),
    }
}

/// What the author means. Of an empty field nothing is true but that it is empty; case does not
/// matter.
fn truth(expr: &Expr, row: &Row) -> bool {
    let low = |text: &Option<String>| text.as_deref().map(str::to_lowercase);
    let text = |have: &Option<String>, order: Order, wanted: &str| {
        low(have).is_some_and(|have| holds(order, &have, &wanted.to_lowercase()))
    };
    match expr {
        Expr::Status(order, v) => row.status.is_some_and(|have| holds(*order, &have, v)),
        Expr::StatusAny(values) => row.status.is_some_and(|have| values.contains(&have)),
        Expr::StatusNone(values) => {
            values.is_empty() || row.status.is_some_and(|have| !values.contains(&have))
        }
        Expr::Service(order, v) => row
            .contract_service
            .is_some_and(|have| holds(*order, &have, v)),
        Expr::ServiceAny(values) => row
            .contract_service
            .is_some_and(|have| values.contains(&have)),
        Expr::Hours(order, v) => row.hours.is_some_and(|have| holds(*order, &have, v)),
        Expr::Scheduled(order, v) => row.scheduled.is_some_and(|have| holds(*order, &have, v)),
        Expr::Met(equal, v) => row.met.is_some_and(|have| (have == *v) == *equal),
        Expr::Title(order, v) => text(&row.title, *order, v),
        Expr::TitleAny(values) => values.iter().any(|v| text(&row.title, Order::Eq, v)),
        Expr::TitleWords(words, v) => {
            low(&row.title).is_some_and(|have| like(&have, *words, &v.to_lowercase()))
        }
        Expr::Due(order, v) => row.due.is_some_and(|have| holds(*order, &have, v)),
        Expr::DueDay(day) => row
            .due
            .is_some_and(|have| eastern().to_datetime(have).date() == *day),
        Expr::Tag(order, v) => text(&row.tag, *order, v),
        Expr::Null(field, empty) => {
            let filled = match *field {
                "Status" => row.status.is_some(),
                "Title" => row.title.is_some(),
                "DueDateTime" => row.due.is_some(),
                "ServiceLevelAgreementHasBeenMet" => row.met.is_some(),
                _ => row.tag.is_some(),
            };
            filled != *empty
        }
        Expr::And(a, b) => truth(a, row) && truth(b, row),
        Expr::Or(a, b) => truth(a, row) || truth(b, row),
        Expr::All(members) => members.iter().all(|member| truth(member, row)),
        Expr::Any(members) => members.iter().any(|member| truth(member, row)),
    }
}

fn eastern() -> TimeZone {
    TimeZone::get("America/New_York").unwrap()
}

/// By the fold rule: children from left to right; the expressions of a field are OR-ed, the field is
/// AND-ed to what stands before it; a condition is worth what its children fold to and is joined to
/// what stands before it by its own operator, AND if it has none; the first child is joined to
/// nothing.
fn fold(parent: Xml<'_, '_>, row: &Row) -> Option<bool> {
    let mut before: Option<bool> = None;
    for child in parent.children().filter(Xml::is_element) {
        let value = match child.tag_name().name() {
            "field" => field(child, row),
            "condition" => fold(child, row).expect("a condition is never empty"),
            other => panic!("{other} is no item"),
        };
        let or =
            child.tag_name().name() == "condition" && child.attribute("operator") == Some("OR");
        before = Some(match before {
            None => value,
            Some(before) if or => before || value,
            Some(before) => before && value,
        });
    }
    before
}

fn field(element: Xml<'_, '_>, row: &Row) -> bool {
    let name = element.text().unwrap();
    assert_eq!(element.attribute("udf").is_some(), name == "Asset tag");
    let expressions: Vec<_> = element.children().filter(Xml::is_element).collect();
    assert!(!expressions.is_empty(), "a field needs an expression");
    expressions.into_iter().any(|expression| {
        let op = expression.attribute("op").unwrap();
        let wanted = expression.text().unwrap_or_default();
        match name {
            "Status" => number(row.status.map(f64::from), op, wanted),
            "ContractServiceID" => number(row.contract_service.map(|v| v as f64), op, wanted),
            "EstimatedHours" => number(row.hours, op, wanted),
            "HoursToBeScheduled" => number(
                row.scheduled.map(|v| v.to_string().parse().unwrap()),
                op,
                wanted,
            ),
            "ServiceLevelAgreementHasBeenMet" => match (row.met, op) {
                (have, "isnull") => have.is_none(),
                (have, "isnotnull") => have.is_some(),
                (Some(have), "equals") => (wanted == "1") == have,
                (Some(have), "notequal") => (wanted == "1") != have,
                (None, "equals" | "notequal") => false,
                (_, op) => panic!("{op} is not for booleans"),
            },
            "Title" => words(row.title.as_deref(), op, wanted),
            "Asset tag" => words(row.tag.as_deref(), op, wanted),
            "DueDateTime" => time(row.due, op, wanted),
            other => panic!("{other} is not asked for"),
        }
    })
}

/// The operators that all types have; `None` for others.
fn common<T: PartialOrd>(have: Option<&T>, op: &str, wanted: impl Fn() -> T) -> Option<bool> {
    let compare = |test: fn(&T, &T) -> bool| have.is_some_and(|have| test(have, &wanted()));
    Some(match op {
        "isnull" => have.is_none(),
        "isnotnull" => have.is_some(),
        "equals" => compare(|a, b| a == b),
        "notequal" => compare(|a, b| a != b),
        "lessthan" => compare(|a, b| a < b),
        "lessthanorequals" => compare(|a, b| a <= b),
        "greaterthan" => compare(|a, b| a > b),
        "greaterthanorequals" => compare(|a, b| a >= b),
        _ => return None,
    })
}

fn number(have: Option<f64>, op: &str, wanted: &str) -> bool {
    common(have.as_ref(), op, || wanted.parse().unwrap()).expect("an operator of numbers")
}

fn words(have: Option<&str>, op: &str, wanted: &str) -> bool {
    let have = have.map(str::to_lowercase);
    let wanted = wanted.to_lowercase();
    if let Some(truth) = common(have.as_ref(), op, || wanted.clone()) {
        return truth;
    }
    let Some(have) = have else { return false };
    let tail = || {
        have.ends_with(
            wanted
                .strip_prefix('%')
                .expect("the patterns here begin so"),
        )
    };
    match op {
        "beginswith" => have.starts_with(&wanted),
        "endswith" => have.ends_with(&wanted),
        "contains" => have.contains(&wanted),
        "like" => tail(),
        "notlike" => !tail(),
        other => panic!("{other} is not for texts"),
    }
}

fn time(have: Option<Timestamp>, op: &str, wanted: &str) -> bool {
    let wanted = || wanted.parse::<DateTime>().unwrap();
    let have = have.map(|have| eastern().to_datetime(have));
    if op == "isthisday" {
        return have.is_some_and(|have| have.date() == wanted().date());
    }
    common(have.as_ref(), op, wanted).expect("an operator of date-times")
}

fn server(xml: &str, row: &Row) -> bool {
    let document = roxmltree::Document::parse(xml).unwrap();
    let root = document.root_element();
    assert_eq!(root.first_element_child().unwrap().text(), Some("Ticket"));
    let query = root.last_element_child().unwrap();
    assert!(query.has_tag_name("query"));
    fold(query, row).unwrap_or(true)
}

fn orders() -> impl Strategy<Value = Order> + Clone {
    select(vec![
        Order::Eq,
        Order::Ne,
        Order::Lt,
        Order::Le,
        Order::Gt,
        Order::Ge,
    ])
}

fn texts() -> impl Strategy<Value = String> + Clone {
    select(vec!["a", "B", "ab", "Ba", "a & <b>", "c]]>", "\u{e4}b"]).prop_map(str::to_owned)
}

/// Hours around a midnight of the server, and a change of its clocks.
fn times() -> impl Strategy<Value = Timestamp> + Clone {
    let noon: Timestamp = "2026-03-07T17:00:00Z".parse().unwrap();
    (0i64..40).prop_map(move |hours| noon + jiff::SignedDuration::from_hours(hours))
}

fn decimals() -> impl Strategy<Value = Decimal> + Clone {
    (0i64..8).prop_map(|quarters| Decimal::new(quarters * 25, 2))
}

fn leaves(longest: usize) -> impl Strategy<Value = Expr> {
    let numbers = prop::collection::vec(0i32..6, 0..5);
    let services = prop::collection::vec(0i64..2000, 0..longest);
    let nullable = vec![
        "Status",
        "Title",
        "DueDateTime",
        "ServiceLevelAgreementHasBeenMet",
        "Asset tag",
    ];
    let kinds = select(vec![
        Words::Begins,
        Words::Ends,
        Words::Contains,
        Words::Like,
        Words::NotLike,
    ]);
    prop_oneof![
        (orders(), 0i32..6).prop_map(|(o, v)| Expr::Status(o, v)),
        numbers.clone().prop_map(Expr::StatusAny),
        numbers.prop_map(Expr::StatusNone),
        (orders(), 0i64..2000).prop_map(|(o, v)| Expr::Service(o, v)),
        services.prop_map(Expr::ServiceAny),
        (orders(), 0i32..8).prop_map(|(o, v)| Expr::Hours(o, f64::from(v) / 4.0)),
        (orders(), decimals()).prop_map(|(o, v)| Expr::Scheduled(o, v)),
        (any::<bool>(), any::<bool>()).prop_map(|(equal, v)| Expr::Met(equal, v)),
        (orders(), texts()).prop_map(|(o, v)| Expr::Title(o, v)),
        prop::collection::vec(texts(), 0..4).prop_map(Expr::TitleAny),
        (kinds, texts()).prop_map(|(k, v)| Expr::TitleWords(k, v)),
        (orders(), times()).prop_map(|(o, v)| Expr::Due(o, v)),
        times().prop_map(|at| Expr::DueDay(eastern().to_datetime(at).date())),
        (orders(), texts()).prop_map(|(o, v)| Expr::Tag(o, v)),
        (select(nullable), any::<bool>()).prop_map(|(f, empty)| Expr::Null(f, empty)),
    ]
}

fn trees(longest: usize) -> impl Strategy<Value = Expr> {
    leaves(longest).prop_recursive(5, 20, 4, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            pair.clone()
                .prop_map(|(a, b)| Expr::And(Box::new(a), Box::new(b))),
            pair.prop_map(|(a, b)| Expr::Or(Box::new(a), Box::new(b))),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Expr::All),
            prop::collection::vec(inner, 0..4).prop_map(Expr::Any),
        ]
    })
}

fn rows() -> impl Strategy<Value = Row> {
    (
        prop::option::of(0i32..6),
        prop::option::of(0i64..2000),
        prop::option::of((0i32..8).prop_map(|v| f64::from(v) / 4.0)),
        prop::option::of(decimals()),
        prop::option::of(any::<bool>()),
        prop::option::of(texts()),
        prop::option::of(times()),
        prop::option::of(texts()),
    )
        .prop_map(
            |(status, contract_service, hours, scheduled, met, title, due, tag)| Row {
                status,
                contract_service,
                hours,
                scheduled,
                met,
                title,
                due,
                tag,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_fold_of_the_query_is_the_authors_truth(
        expr in trees(4),
        rows in prop::collection::vec(rows(), 1..8),
    ) {
        let query = Query::new(filter(&expr));
        if query.is_never() {
            for row in &rows {
                prop_assert!(!truth(&expr, row), "{row:?}");
            }
            return Ok(());
        }
        let xml = query.to_xml(&WireZone::eastern()).unwrap();
        for row in &rows {
            prop_assert_eq!(server(&xml, row), truth(&expr, row), "{}\n{:?}", xml, row);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn portions_together_are_the_question(
        expr in trees(500),
        rows in prop::collection::vec(rows(), 1..8),
    ) {
        let portions = Query::new(filter(&expr)).portions();
        let mut xmls = Vec::new();
        for portion in &portions {
            if portion.is_never() {
                continue;
            }
            match portion.to_xml(&WireZone::eastern()) {
                Ok(xml) => xmls.push(xml),
                // Too many portions: refused aloud.
                Err(error) => {
                    prop_assert_eq!(error.kind(), ErrorKind::Query);
                    prop_assert_eq!(portions.len(), 1);
                    return Ok(());
                }
            }
        }
        for row in &rows {
            let found = xmls.iter().any(|xml| server(xml, row));
            prop_assert_eq!(found, truth(&expr, row), "{:?}", row);
        }
    }
}

#[test]
fn long_lists_need_few_queries() {
    let count = |filter: Filter<Ticket>| {
        let portions = Query::new(filter).portions();
        for portion in &portions {
            portion.to_xml(&WireZone::utc()).unwrap();
        }
        portions.len()
    };
    let ids = |count: i64| Ticket::ID.any_of(0..count);
    assert_eq!(count(ids(201)), 1);
    assert_eq!(count(ids(202)), 2);
    assert_eq!(count(ids(1005)), 5);
    assert_eq!(count(Ticket::STATUS.ne(5) & ids(1005)), 5);
    // 1,000 ids in a chain of `|` are one flat list, not a deep tree.
    let chain = (0..1000).map(|id| Ticket::ID.eq(id)).reduce(|a, b| a | b);
    assert_eq!(count(chain.unwrap()), 5);
    let either = count(ids(300) | Ticket::STATUS.any_of(0..300));
    assert!((3..=4).contains(&either), "{either}");
    // Two long lists that both have to match: parts of one with parts of the other.
    let both = count(ids(400) & Ticket::CONTRACT_SERVICE_ID.any_of(0..400));
    assert!((16..=32).contains(&both), "{both}");
}

#[test]
fn what_is_too_much_is_refused_when_it_is_built() {
    let refused = |filter: Filter<Ticket>| {
        let error = Query::new(filter).to_xml(&WireZone::utc()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Query);
        error.to_string()
    };
    let deep = (0..200).fold(Ticket::STATUS.eq(0), |filter, number| {
        (filter & Ticket::STATUS.ne(number)) | Ticket::PRIORITY.eq(number)
    });
    assert!(refused(deep.clone()).contains("nested deeper than 50"));
    assert!(!Query::new(deep.clone()).is_never());
    assert_eq!(Query::new(deep).portions().len(), 1);
    assert!(refused(Ticket::CREATOR_TYPE.eq(1)).contains("CreatorType"));
    assert!(refused(Ticket::ESTIMATED_HOURS.gt(f64::NAN)).contains("EstimatedHours"));
    let six = (0..6).map(|number| UdfField::<Ticket>::new(format!("u{number}")).eq(number));
    assert!(refused(Filter::all(six)).contains("6 user-defined fields"));
    let note = UdfField::<autotask_soap::v1_6::TicketNote>::new("x").eq(1);
    let error = Query::new(note).to_xml(&WireZone::utc()).unwrap_err();
    assert!(
        error.to_string().contains("no user-defined fields"),
        "{error}"
    );
}

/// The same questions, asked the simulated tenant, which has an evaluator of its own.
#[cfg(feature = "client")]
#[tokio::test]
async fn the_simulated_tenant_finds_what_was_meant() {
    use crate::support::tenant;
    use autotask_sim::{FieldTy, Record, UdfDef};
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let (sim, client) = tenant().await;
    sim.add_udf("Ticket", UdfDef::new("Asset tag", FieldTy::String));
    let mut runner = TestRunner::deterministic();
    let mut held: Vec<(i64, Row)> = Vec::new();
    for _ in 0..60 {
        let row = rows().new_tree(&mut runner).unwrap().current();
        let mut record = Record::new("Ticket").set("AccountID", sim.demo().account);
        // The tenant fills in what a stored ticket cannot lack.
        record = record.set("Status", row.status.unwrap_or(0));
        record = record.set("Title", row.title.clone().unwrap_or("-".into()));
        if let Some(value) = row.contract_service {
            record = record.set("ContractServiceID", value);
        }
        if let Some(value) = row.hours {
            record = record.set("EstimatedHours", value);
        }
        if let Some(value) = row.met {
            record = record.set("ServiceLevelAgreementHasBeenMet", value);
        }
        if let Some(value) = row.due {
            record = record.set("DueDateTime", value);
        }
        if let Some(value) = &row.tag {
            record = record.set_udf("Asset tag", value);
        }
        let row = Row {
            status: Some(row.status.unwrap_or(0)),
            title: Some(row.title.unwrap_or("-".into())),
            scheduled: None,
            ..row
        };
        held.push((sim.add(record), row));
    }
    let mine = |filter: Filter<Ticket>| filter & Ticket::ID.ge(held[0].0);
    let mut found_some = 0;
    for _ in 0..120 {
        let expr = trees(4).new_tree(&mut runner).unwrap().current();
        let want: HashSet<i64> = held
            .iter()
            .filter(|(_, row)| truth(&expr, row))
            .map(|(id, _)| *id)
            .collect();
        let found = client.query(mine(filter(&expr))).await.unwrap();
        let found: HashSet<i64> = found.iter().filter_map(|ticket| ticket.id).collect();
        assert_eq!(found, want, "{expr:?}");
        found_some += usize::from(!want.is_empty() && want.len() < held.len());
    }
    assert!(found_some > 30, "{found_some}");
}
