//! Picklist values and user-defined fields of the tenant.

use crate::catalogue::FieldTy;

/// One value of a picklist.
///
/// ```
/// use autotask_sim::PicklistValue;
///
/// let value = PicklistValue::new(5, "Complete").system();
/// assert_eq!((value.value.as_str(), value.label.as_str()), ("5", "Complete"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PicklistValue {
    /// The value as text, also when the field is a number.
    pub value: String,
    /// What people see; tenants edit and translate it.
    pub label: String,
    /// The value that the UI offers first.
    pub is_default: bool,
    /// The value of the parent field under which this one may be chosen.
    pub parent: Option<String>,
    /// An inactive value stays on old records but may not be set anew.
    pub is_active: bool,
    /// Exists in every tenant.
    pub is_system: bool,
}

impl PicklistValue {
    /// An active value.
    pub fn new(value: impl ToString, label: &str) -> Self {
        PicklistValue {
            value: value.to_string(),
            label: label.to_owned(),
            is_default: false,
            parent: None,
            is_active: true,
            is_system: false,
        }
    }

    /// May be chosen only under this value of the parent field.
    pub fn under(mut self, parent: impl ToString) -> Self {
        self.parent = Some(parent.to_string());
        self
    }

    /// No longer to be chosen.
    pub fn inactive(mut self) -> Self {
        self.is_active = false;
        self
    }

    /// Exists in every tenant.
    pub fn system(mut self) -> Self {
        self.is_system = true;
        self
    }

    /// The default of the field.
    pub fn default_value(mut self) -> Self {
        self.is_default = true;
        self
    }
}

impl From<(i64, &str)> for PicklistValue {
    fn from((value, label): (i64, &str)) -> Self {
        PicklistValue::new(value, label)
    }
}

/// A user-defined field of an entity.
#[derive(Clone, Debug)]
pub struct UdfDef {
    /// The name, as it stands in `UserDefinedField/Name`.
    pub name: String,
    /// The type of its values.
    pub ty: FieldTy,
    /// Filters on it are case sensitive.
    pub protected: bool,
    /// create() and update() refuse a record without it.
    pub required: bool,
    /// The choices of a list; empty for a free field.
    pub picklist: Vec<PicklistValue>,
}

impl UdfDef {
    /// A free field.
    pub fn new(name: &str, ty: FieldTy) -> Self {
        UdfDef {
            name: name.to_owned(),
            ty,
            protected: false,
            required: false,
            picklist: Vec::new(),
        }
    }
}
