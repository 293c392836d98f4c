//! User-defined fields with a type. The wire has texts only.

use super::Extra;
use crate::time::{date_from_wire, date_to_wire, datetime_from_wire, datetime_to_wire};
use crate::value::parse_boolean;
use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;
use std::fmt;

/// A type that a user-defined field can hold. `autotask-codegen` writes it for the picklists of a
/// tenant.
pub trait UdfValue: Sized {
    /// What such a field holds, for messages.
    const EXPECTED: &'static str;

    /// Reads the text of the wire; never blank. `None` if it is not of this type.
    fn from_udf(text: &str) -> Option<Self>;

    /// The text for the wire.
    fn to_udf(&self) -> String;
}

/// The text of a user-defined field is not of the type that was asked for.
///
/// The message does not hold the text, which may be personal; [`Extra::udf`] gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UdfError {
    name: String,
    expected: &'static str,
}

impl UdfError {
    /// Name of the field.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for UdfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the user-defined field '{}' does not hold {}",
            self.name, self.expected
        )
    }
}

impl std::error::Error for UdfError {}

impl Extra {
    /// A user-defined field as a type; `None` if it is not there or blank.
    ///
    /// Numbers are texts to which the tenant's language plays no part; days and date-times are those
    /// of the wire, without zone.
    ///
    /// ```
    /// use autotask_soap::v1_6::Ticket;
    ///
    /// let mut ticket = Ticket::default();
    /// ticket.extra.set_udf("Seats", Some("25".to_owned()));
    /// assert_eq!(ticket.extra.udf_as::<i64>("Seats")?, Some(25));
    /// assert!(ticket.extra.udf_as::<jiff::civil::Date>("Seats").is_err());
    /// # Ok::<(), autotask_soap::entity::UdfError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the text is not of the type.
    pub fn udf_as<T: UdfValue>(&self, name: &str) -> Result<Option<T>, UdfError> {
        match self.udf(name).map(str::trim) {
            None | Some("") => Ok(None),
            Some(text) => T::from_udf(text).map(Some).ok_or_else(|| UdfError {
                name: name.to_owned(),
                expected: T::EXPECTED,
            }),
        }
    }

    /// Sets a user-defined field from a type, adding it if it is not there. `None` empties it.
    pub fn set_udf_as<T: UdfValue>(&mut self, name: &str, value: Option<T>) {
        self.set_udf(name, value.map(|value| value.to_udf()));
    }
}

impl UdfValue for String {
    const EXPECTED: &'static str = "a text";

    fn from_udf(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn to_udf(&self) -> String {
        self.clone()
    }
}

impl UdfValue for bool {
    const EXPECTED: &'static str = "true or false";

    fn from_udf(text: &str) -> Option<Self> {
        parse_boolean(text)
    }

    fn to_udf(&self) -> String {
        self.to_string()
    }
}

impl UdfValue for i64 {
    const EXPECTED: &'static str = "a whole number";

    /// A number that is whole although it is written with a fraction, `25.0000`, is one.
    fn from_udf(text: &str) -> Option<Self> {
        let number = Decimal::from_udf(text)?;
        let whole = number.fract().is_zero();
        whole.then(|| i64::try_from(number).ok()).flatten()
    }

    fn to_udf(&self) -> String {
        self.to_string()
    }
}

impl UdfValue for Decimal {
    const EXPECTED: &'static str = "a decimal number";

    fn from_udf(text: &str) -> Option<Self> {
        crate::value::parse_decimal(text)
    }

    fn to_udf(&self) -> String {
        self.to_string()
    }
}

impl UdfValue for Date {
    const EXPECTED: &'static str = "a day";

    fn from_udf(text: &str) -> Option<Self> {
        date_from_wire(text).ok().flatten()
    }

    fn to_udf(&self) -> String {
        date_to_wire(*self)
    }
}

impl UdfValue for DateTime {
    const EXPECTED: &'static str = "a date-time";

    fn from_udf(text: &str) -> Option<Self> {
        datetime_from_wire(text).ok()
    }

    fn to_udf(&self) -> String {
        datetime_to_wire(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};

    fn extra(text: &str) -> Extra {
        let mut extra = Extra::default();
        extra.set_udf("F", Some(text.to_owned()));
        extra
    }

    #[test]
    fn texts_become_types() {
        assert_eq!(extra(" 25 ").udf_as("F"), Ok(Some(25_i64)));
        assert_eq!(extra("25.0000").udf_as("F"), Ok(Some(25_i64)));
        assert_eq!(
            extra("1.50").udf_as::<Decimal>("F"),
            Ok("1.50".parse().ok())
        );
        assert_eq!(extra("True").udf_as("F"), Ok(Some(true)));
        let day = date(2026, 11, 24);
        assert_eq!(extra("2026-11-24T00:00:00").udf_as("F"), Ok(Some(day)));
        assert_eq!(extra("2026-11-24").udf_as("F"), Ok(Some(day)));
        let at = datetime(2026, 11, 24, 8, 30, 0, 0);
        assert_eq!(extra("2026-11-24T08:30:00").udf_as("F"), Ok(Some(at)));
    }

    #[test]
    fn blank_and_missing_are_none() {
        assert_eq!(extra(" ").udf_as::<i64>("F"), Ok(None));
        assert_eq!(extra("1").udf_as::<i64>("G"), Ok(None));
    }

    #[test]
    fn what_does_not_fit_is_an_error_without_the_text() {
        let of = extra("secret words");
        for error in [
            of.udf_as::<i64>("F").unwrap_err(),
            of.udf_as::<bool>("F").unwrap_err(),
            of.udf_as::<Date>("F").unwrap_err(),
            of.udf_as::<Decimal>("F").unwrap_err(),
        ] {
            assert_eq!(error.name(), "F");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        assert!(extra("2.5").udf_as::<i64>("F").is_err());
        // A time of day would get lost.
        assert!(extra("2026-11-24T08:30:00").udf_as::<Date>("F").is_err());
        // Which of both is the month, nobody knows.
        assert!(extra("11/12/2026").udf_as::<Date>("F").is_err());
    }

    #[test]
    fn types_become_texts_that_are_read_back() {
        fn back<T: UdfValue + PartialEq + fmt::Debug>(value: T) -> String {
            let text = value.to_udf();
            assert_eq!(T::from_udf(&text), Some(value));
            text
        }
        assert_eq!(back(-7_i64), "-7");
        assert_eq!(back("0.10".parse::<Decimal>().unwrap()), "0.10");
        assert_eq!(back(true), "true");
        assert_eq!(back(date(2026, 11, 24)), "2026-11-24T00:00:00");
        assert_eq!(
            back(datetime(2026, 11, 24, 8, 30, 0, 0)),
            "2026-11-24T08:30:00"
        );
        let mut extra = extra("x");
        extra.set_udf_as("F", Some(5_i64));
        assert_eq!(extra.udf("F"), Some("5"));
        extra.set_udf_as::<i64>("F", None);
        assert_eq!(extra.udf("F"), None);
    }
}
