//! What a change of a stored record changes, and whether the server would take it.

use super::check::lengths_and_required;
use super::{DynEntity, Entity, FieldInfo, FieldProblem, Problem, utf16_len};
use crate::metadata::{FieldDescription, PicklistValue};
use crate::value::Value;
use std::collections::BTreeMap;

/// Names of the fields whose values differ, in wire order, user-defined and unknown ones last.
///
/// An empty text and no value are the same, as they are to the server.
///
/// ```
/// use autotask_soap::entity::changed_fields;
/// use autotask_soap::v1_6::Ticket;
///
/// let before = Ticket { title: Some("Printer".to_owned()), ..Ticket::default() };
/// let mut after = before.clone();
/// after.status = Some(5);
/// after.extra.set_udf("Remote support", Some("yes".to_owned()));
/// assert_eq!(changed_fields(&before, &after), ["Status", "Remote support"]);
/// ```
pub fn changed_fields<E: Entity>(before: &E, after: &E) -> Vec<String> {
    let fields = changed(before, after);
    let own = fields
        .iter()
        .map(|&index| E::INFO.fields[index].name.to_owned());
    own.chain(changed_udfs(before, after))
        .chain(changed_unknown(before, after))
        .collect()
}

/// What `update` would not take, or would ignore, of a change to a stored record. Empty means that
/// nothing was found; the server may still refuse it.
///
/// Required fields that are empty and texts that are too long are problems wherever they stand,
/// because the whole record is written back. The rest concerns only what the change touches:
/// read-only fields, and values that are not in their picklist or not active.
///
/// `fields` and `user_defined` are the tenant's own descriptions (`Client::field_info`,
/// `Client::udf_info`); without them the static tables decide, picklists and the names of
/// user-defined fields are not checked.
pub fn check_change<E: Entity>(
    before: &E,
    after: &E,
    fields: Option<&[FieldDescription]>,
    user_defined: Option<&[FieldDescription]>,
) -> Vec<FieldProblem> {
    let info = E::INFO;
    let changed = changed(before, after);
    let mut problems = Vec::new();
    for (index, field) in info.fields.iter().enumerate().skip(1) {
        let told = fields.and_then(|fields| find(fields, field.name));
        let rules = Rules::of(field, told);
        let touched = changed.contains(&index);
        if touched && rules.read_only && info.has_field_info {
            problems.push(FieldProblem::new(info.name, field.name, Problem::ReadOnly));
            continue;
        }
        if rules.read_only {
            continue;
        }
        let problem = lengths_and_required(after, index, field.name, rules.length, rules.required);
        problems.extend(problem.map(|problem| {
            let problem = match problem {
                Problem::TooLong { length, limit } if !touched => {
                    Problem::StoredTooLong { length, limit }
                }
                other => other,
            };
            FieldProblem::new(info.name, field.name, problem)
        }));
        let parent = told.and_then(|told| told.picklist_parent.as_deref());
        let parent = parent.and_then(|parent| info.fields.iter().position(|f| f.name == parent));
        let parent_touched = parent.is_some_and(|parent| changed.contains(&parent));
        if let (Some(told), true) = (told, touched || parent_touched) {
            let parent = parent.and_then(|parent| value(after, parent));
            let problem = value(after, index)
                .and_then(|value| picklist_problem(told, &value, parent.as_ref(), touched));
            problems
                .extend(problem.map(|problem| FieldProblem::new(info.name, field.name, problem)));
        }
    }
    if let Some(user_defined) = user_defined {
        for name in changed_udfs(before, after) {
            let value = after.extra().udf(&name);
            let problem = udf_problem(find(user_defined, &name), value);
            problems.extend(problem.map(|problem| FieldProblem::new(info.name, name, problem)));
        }
    }
    problems
}

/// Fields that tell when a record was last written, by whatever name the entity has.
#[cfg(any(feature = "client", test))]
pub(crate) fn is_stamp(name: &str) -> bool {
    name.starts_with("Last") && (name.contains("Date") || name.contains("Time"))
}

/// The fields of a record in which somebody else's change shows: those that a write would overwrite,
/// and the times of the last change. What the server computes is left out.
#[cfg(any(feature = "client", test))]
pub(crate) fn conflicts<E: Entity>(read: &E, now: &E) -> Vec<String> {
    let own = changed(read, now).into_iter().filter_map(|index| {
        let field = &E::INFO.fields[index];
        (!field.read_only || is_stamp(field.name)).then(|| field.name.to_owned())
    });
    own.chain(changed_udfs(read, now))
        .chain(changed_unknown(read, now))
        .collect()
}

/// Whether a change touches a field with a picklist.
#[cfg(feature = "client")]
pub(crate) fn touches_picklist<E: Entity>(before: &E, after: &E) -> bool {
    let changed = changed(before, after);
    changed
        .iter()
        .filter_map(|&index| E::INFO.fields.get(index))
        .any(|field| field.picklist)
}

/// Whether a change touches user-defined fields.
#[cfg(feature = "client")]
pub(crate) fn touches_udf<E: Entity>(before: &E, after: &E) -> bool {
    !changed_udfs(before, after).is_empty()
}

struct Rules {
    read_only: bool,
    required: bool,
    length: usize,
}

impl Rules {
    /// The tenant knows better than the tables.
    fn of(field: &FieldInfo, told: Option<&FieldDescription>) -> Self {
        let (read_only, required, length) = match told {
            Some(told) => (told.read_only, told.required, told.length),
            None => (field.read_only, field.required, field.length),
        };
        Self {
            read_only,
            required,
            length: usize::try_from(length).unwrap_or(usize::MAX),
        }
    }
}

fn find<'f>(fields: &'f [FieldDescription], name: &str) -> Option<&'f FieldDescription> {
    fields
        .iter()
        .find(|field| field.name.eq_ignore_ascii_case(name))
}

/// The value of a field, also one that did not fit its type. An empty text is none.
fn value(entity: &dyn DynEntity, index: usize) -> Option<Value> {
    let name = entity.info().fields.get(index)?.name;
    entity
        .dyn_slot(index)
        .and_then(|slot| slot.get())
        .filter(|value| value.as_str() != Some(""))
        .or_else(|| entity.dyn_extra().unknown(name).cloned())
}

fn same(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        // NaN is not equal to itself, but no change either.
        (Some(Value::Double(a)), Some(Value::Double(b))) => a == b || (a.is_nan() && b.is_nan()),
        (one, other) => one == other,
    }
}

fn changed(before: &dyn DynEntity, after: &dyn DynEntity) -> Vec<usize> {
    (0..before.info().fields.len())
        .filter(|&index| !same(value(before, index).as_ref(), value(after, index).as_ref()))
        .collect()
}

fn changed_udfs(before: &impl Entity, after: &impl Entity) -> Vec<String> {
    fn values(entity: &impl Entity) -> BTreeMap<&str, &str> {
        let fields = entity.extra().user_defined.iter();
        fields
            .filter_map(|udf| Some((udf.name.as_str(), udf.value.as_deref()?)))
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }
    let (before, after) = (values(before), values(after));
    let mut names: Vec<&str> = before.keys().chain(after.keys()).copied().collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| before.get(name) != after.get(name));
    names.into_iter().map(str::to_owned).collect()
}

fn changed_unknown<E: Entity>(before: &E, after: &E) -> Vec<String> {
    let (before, after) = (before.extra(), after.extra());
    let mut names: Vec<&String> = before
        .unknown
        .iter()
        .chain(&after.unknown)
        .map(|(name, _)| name)
        .filter(|name| E::INFO.position(name).is_none())
        .collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| !same(before.unknown(name), after.unknown(name)));
    names.into_iter().cloned().collect()
}

fn picklist_problem(
    field: &FieldDescription,
    value: &Value,
    parent: Option<&Value>,
    touched: bool,
) -> Option<Problem> {
    if !field.picklist || field.picklist_values.is_empty() {
        return None;
    }
    let text = plain(value);
    let spelled: Vec<&PicklistValue> = field
        .picklist_values
        .iter()
        .filter(|choice| choice.value.trim() == text)
        .collect();
    if spelled.is_empty() {
        return Some(Problem::UnknownValue { value: text });
    }
    let parent = parent.map(plain);
    let fits = |choice: &&PicklistValue| {
        let wanted = choice.parent_value.as_deref().map(str::trim);
        let wanted = wanted.filter(|wanted| !wanted.is_empty());
        wanted.is_none() || wanted == parent.as_deref()
    };
    if !spelled.iter().any(fits) {
        return Some(Problem::WrongParent { value: text });
    }
    // An old value may stay although nobody could choose it today.
    if touched
        && !spelled
            .iter()
            .filter(|c| fits(c))
            .any(|choice| choice.is_active)
    {
        return Some(Problem::InactiveValue { value: text });
    }
    None
}

/// The value as a picklist spells it.
fn plain(value: &Value) -> String {
    match (value.to_i64(), value) {
        (Some(number), _) => number.to_string(),
        (None, Value::String(text) | Value::Other { text, .. }) => text.trim().to_owned(),
        (None, Value::Decimal(number)) => number.normalize().to_string(),
        (None, Value::Double(number)) => number.to_string(),
        (None, Value::Boolean(flag)) => flag.to_string(),
        (None, Value::Date(day)) => day.to_string(),
        (None, Value::DateTime(at)) => at.to_string(),
        (None, Value::Integer(number)) => number.to_string(),
    }
}

fn udf_problem(field: Option<&FieldDescription>, value: Option<&str>) -> Option<Problem> {
    let Some(field) = field else {
        return Some(Problem::UnknownField);
    };
    if field.read_only {
        return Some(Problem::ReadOnly);
    }
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return field.required.then_some(Problem::Missing);
    };
    let (length, limit) = (utf16_len(value), field.length as usize);
    if limit != 0 && length > limit && field.type_name.eq_ignore_ascii_case("string") {
        return Some(Problem::TooLong { length, limit });
    }
    picklist_problem(field, &Value::String(value.to_owned()), None, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::v1_6::Ticket;

    fn stored() -> Ticket {
        Ticket {
            id: Some(77),
            account_id: Some(1),
            title: Some("Printer offline".into()),
            description: Some("Reported by telephone.".into()),
            status: Some(1),
            priority: Some(2),
            due_date_time: "2026-11-25T12:00:00Z".parse().ok(),
            issue_type: Some(10),
            sub_issue_type: Some(101),
            ..Ticket::default()
        }
    }

    fn list(name: &str, values: &[(&str, bool, Option<&str>)]) -> FieldDescription {
        FieldDescription {
            name: name.into(),
            picklist: true,
            picklist_values: values
                .iter()
                .map(|(value, is_active, parent)| PicklistValue {
                    value: (*value).into(),
                    is_active: *is_active,
                    parent_value: parent.map(str::to_owned),
                    ..PicklistValue::default()
                })
                .collect(),
            ..FieldDescription::default()
        }
    }

    fn problems(change: impl FnOnce(&mut Ticket), told: &[FieldDescription]) -> Vec<String> {
        let before = stored();
        let mut after = before.clone();
        change(&mut after);
        check_change(&before, &after, Some(told), Some(told))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn what_is_not_changed_is_no_change() {
        let mut before = stored();
        before.purchase_order_number = None;
        before.extra.set_udf("Site", None);
        let mut after = stored();
        after.purchase_order_number = Some(String::new());
        after.extra.set_udf("Other", Some(String::new()));
        assert!(changed_fields(&before, &after).is_empty());
        assert!(check_change(&before, &after, None, Some(&[])).is_empty());
    }

    #[test]
    fn changes_are_named_wherever_they_stand() {
        let before = stored();
        let mut after = before.clone();
        after.status = None;
        after.extra.set_udf("Site", Some("Rome".into()));
        after
            .extra
            .unknown
            .push(("NewField".into(), Value::Integer(1)));
        assert_eq!(
            changed_fields(&before, &after),
            ["Status", "Site", "NewField"]
        );
    }

    #[test]
    fn a_change_that_the_server_would_ignore_or_refuse_is_named() {
        assert_eq!(
            problems(
                |t| t.last_activity_date = "2026-01-01T00:00:00Z".parse().ok(),
                &[]
            ),
            ["Ticket.LastActivityDate is read-only: the server would ignore the change"]
        );
        assert_eq!(
            problems(|t| t.title = None, &[]),
            ["Ticket.Title is required"]
        );
        let long = "x".repeat(9000);
        assert_eq!(problems(|t| t.description = Some(long), &[]).len(), 1);
    }

    #[test]
    fn what_was_too_long_before_is_told_apart() {
        let mut before = stored();
        before.description = Some("x".repeat(9000));
        let mut after = before.clone();
        after.status = Some(5);
        let problems = check_change(&before, &after, None, None);
        assert!(
            matches!(
                problems[..],
                [FieldProblem {
                    problem: Problem::StoredTooLong {
                        length: 9000,
                        limit: 8000
                    },
                    ..
                }]
            ),
            "{problems:?}"
        );
    }

    #[test]
    fn picklists_know_their_values() {
        let status = list(
            "Status",
            &[("1", true, None), ("5", true, None), ("6", false, None)],
        );
        let told = [status];
        assert!(problems(|t| t.status = Some(5), &told).is_empty());
        assert_eq!(
            problems(|t| t.status = Some(99), &told),
            ["Ticket.Status: 99 is not in its picklist"]
        );
        assert_eq!(
            problems(|t| t.status = Some(6), &told),
            ["Ticket.Status: 6 is in its picklist, but no longer active"]
        );
    }

    #[test]
    fn an_old_value_may_stay() {
        let told = [list("Status", &[("1", false, None)])];
        assert!(problems(|t| t.title = Some("New".into()), &told).is_empty());
    }

    #[test]
    fn a_picklist_follows_its_parent() {
        let mut sub = list(
            "SubIssueType",
            &[("101", true, Some("10")), ("111", true, Some("11"))],
        );
        sub.picklist_parent = Some("IssueType".into());
        let told = [sub];
        let wrong = [
            "Ticket.SubIssueType: 101 does not belong to the value of the field that its picklist depends on",
        ];
        // The parent changes, the child stays.
        assert_eq!(problems(|t| t.issue_type = Some(11), &told), wrong);
        let both = |t: &mut Ticket| (t.issue_type, t.sub_issue_type) = (Some(11), Some(111));
        assert!(problems(both, &told).is_empty());
    }

    #[test]
    fn user_defined_fields_must_exist() {
        let told = [list("Site", &[("Rome", true, None)])];
        let set = |name: &'static str, value: &'static str| {
            move |t: &mut Ticket| t.extra.set_udf(name, Some(value.into()))
        };
        assert!(problems(set("Site", "Rome"), &told).is_empty());
        assert_eq!(
            problems(set("Site", "Paris"), &told),
            ["Ticket.Site: Paris is not in its picklist"]
        );
        assert_eq!(
            problems(set("Nowhere", "x"), &told),
            ["Ticket.Nowhere does not exist in this tenant"]
        );
    }

    #[test]
    fn conflicts_are_what_a_write_would_destroy() {
        let read = stored();
        let mut now = read.clone();
        now.service_level_agreement_paused_next_event_hours = Some(3.into());
        assert!(conflicts(&read, &now).is_empty(), "computed by the server");
        now.last_activity_date = "2026-11-24T12:00:00Z".parse().ok();
        now.priority = Some(1);
        assert_eq!(conflicts(&read, &now), ["LastActivityDate", "Priority"]);
    }
}
