//! Quantities and their units: UCUM's and the calendar's (<http://hl7.org/fhirpath/N1/#quantity>).

use super::calendar::CalendarUnit;
use super::conversion::fhir_quantity;
use super::number::{decimal, rounded};
use octofhir_ucum::{EvalResult, Number};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

/// Longest unit that is looked into; longer ones are only compared as text.
const MOST_UNIT_BYTES: usize = 64;

/// A number with a unit.
#[derive(Debug, Clone)]
pub struct Quantity<'v> {
    /// The number.
    pub value: Decimal,
    /// Its UCUM code, or the calendar's word.
    pub unit: Cow<'v, str>,
    /// Set when the unit is a word of the calendar.
    pub calendar: Option<CalendarUnit>,
}

/// What makes spans of time comparable.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Span {
    Milliseconds(i64),
    Months(i64),
}

impl<'v> Quantity<'v> {
    /// A number without a unit.
    pub fn plain(value: Decimal) -> Quantity<'v> {
        Quantity { value, unit: Cow::Borrowed("1"), calendar: None }
    }

    /// A FHIR Quantity; its unit is the code, or the unit in words where it has none.
    pub fn of_fhir(members: &'v Map<String, Value>) -> Option<Quantity<'v>> {
        fhir_quantity(members)
    }

    /// Reads `4 days`, `10 'mg'` and plain numbers.
    pub(super) fn read(text: &str) -> Option<Quantity<'static>> {
        let text = text.trim();
        let end = text.find(|letter: char| letter.is_whitespace() || letter == '\'').unwrap_or(text.len());
        let (number, unit) = text.split_at_checked(end)?;
        let value = decimal(number)?;
        let unit = unit.trim_start();
        if unit.is_empty() {
            return Some(Quantity::plain(value));
        }
        if let Some(code) = unit.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            return Some(Quantity { value, unit: Cow::Owned(code.to_owned()), calendar: None });
        }
        let calendar = CalendarUnit::named(unit)?;
        Some(Quantity { value, unit: Cow::Owned(unit.to_owned()), calendar: Some(calendar) })
    }

    fn span(&self) -> Option<Span> {
        let unit = self.calendar.or_else(|| CalendarUnit::of_ucum(&self.unit))?;
        unit.milliseconds().map(Span::Milliseconds).or_else(|| unit.months().map(Span::Months))
    }

    /// Both numbers in one unit; nothing when the units cannot be compared.
    fn in_one_unit(&self, other: &Quantity<'_>) -> Option<(Decimal, Decimal)> {
        if self.unit == other.unit && self.calendar == other.calendar {
            return Some((self.value, other.value));
        }
        if self.calendar.is_some() || other.calendar.is_some() {
            return match (self.span()?, other.span()?) {
                (Span::Milliseconds(one), Span::Milliseconds(two)) | (Span::Months(one), Span::Months(two)) => {
                    Some((self.value.checked_mul(one.into())?, other.value.checked_mul(two.into())?))
                }
                _ => None,
            };
        }
        None
    }

    /// Which is greater; nothing when the units cannot be compared.
    pub fn compare(&self, other: &Quantity<'_>) -> Option<Ordering> {
        if let Some((one, two)) = self.in_one_unit(other) {
            return Some(one.cmp(&two));
        }
        let (one, two) = self.base_sizes(other)?;
        let left = number(self.value)?.checked_mul(one.factor)?;
        let right = number(other.value)?.checked_mul(two.factor)?;
        let difference = left.checked_sub(right)?;
        Some(if difference.is_zero() {
            Ordering::Equal
        } else if difference.is_negative() {
            Ordering::Less
        } else {
            Ordering::Greater
        })
    }

    /// Whether they are the same within the digits of the less precise one.
    pub(super) fn is_equivalent(&self, other: &Quantity<'_>) -> bool {
        let other_value = match self.in_one_unit(other) {
            Some((one, two)) => return same_digits(one, two),
            None => self.base_sizes(other).and_then(|(one, two)| {
                let converted = number(other.value)?.checked_mul(two.factor)?.checked_div(one.factor)?;
                let (digits, exponent) = converted.to_integer_and_exponent();
                decimal(&format!("{digits}e{exponent}"))
            }),
        };
        let digits = self.value.scale().min(other.value.scale());
        other_value.is_some_and(|value| rounded(self.value, digits) == rounded(value, digits))
    }

    /// Whether values of both units can be compared.
    pub(super) fn is_comparable(&self, other: &Quantity<'_>) -> bool {
        self.in_one_unit(other).is_some() || self.base_sizes(other).is_some()
    }

    /// Both units in UCUM's base units. Special units (degrees Celsius) are no multiples of theirs and are left out.
    fn base_sizes(&self, other: &Quantity<'_>) -> Option<(EvalResult, EvalResult)> {
        if self.calendar.is_some() || other.calendar.is_some() {
            return None;
        }
        let (one, two) = (ucum(&self.unit)?, ucum(&other.unit)?);
        (one.is_commensurable(&two) && one.special.is_none() && two.special.is_none()).then_some((one, two))
    }

    /// Sum or difference, in the unit of the first.
    pub(super) fn plus(&self, other: &Quantity<'_>, sign: i64) -> Option<Quantity<'v>> {
        let add = |value: Decimal| self.value.checked_add(value.checked_mul(sign.into())?);
        if self.unit == other.unit && self.calendar == other.calendar {
            return Some(Quantity { value: add(other.value)?, ..self.clone() });
        }
        if let (Some(one), Some(two)) = (self.span(), other.span()) {
            let factor = match (one, two) {
                (Span::Milliseconds(one), Span::Milliseconds(two)) | (Span::Months(one), Span::Months(two)) => {
                    Decimal::from(two).checked_div(one.into())?
                }
                _ => return None,
            };
            return Some(Quantity { value: add(other.value.checked_mul(factor)?)?, ..self.clone() });
        }
        let (one, two) = self.base_sizes(other)?;
        let converted = number(other.value)?.checked_mul(two.factor)?.checked_div(one.factor)?;
        let (digits, exponent) = converted.to_integer_and_exponent();
        Some(Quantity { value: add(decimal(&format!("{digits}e{exponent}"))?)?, ..self.clone() })
    }

    /// Product, with a UCUM unit.
    pub(super) fn times(&self, other: &Quantity<'_>) -> Option<Quantity<'v>> {
        let value = self.value.checked_mul(other.value)?;
        let unit = match (&*self.unit, &*other.unit) {
            (one, "1") => one.to_owned(),
            ("1", two) => two.to_owned(),
            (one, two) => octofhir_ucum::unit_multiply(checked(one)?, checked(two)?).ok()?.expression,
        };
        Some(Quantity { value, unit: Cow::Owned(unit), calendar: None })
    }

    /// Quotient, with a UCUM unit; nothing for a division by zero.
    pub(super) fn over(&self, other: &Quantity<'_>) -> Option<Quantity<'v>> {
        let value = self.value.checked_div(other.value)?;
        let unit = match (&*self.unit, &*other.unit) {
            (one, two) if one == two => "1".to_owned(),
            (one, "1") => one.to_owned(),
            (one, two) => octofhir_ucum::unit_divide(checked(one)?, checked(two)?).ok()?.expression,
        };
        Some(Quantity { value, unit: Cow::Owned(unit), calendar: None })
    }
}

/// Whether two decimals are the same within the digits of the less precise one.
pub(super) fn same_digits(one: Decimal, two: Decimal) -> bool {
    let digits = one.scale().min(two.scale());
    rounded(one, digits) == rounded(two, digits)
}

fn checked(unit: &str) -> Option<&str> {
    (unit.len() <= MOST_UNIT_BYTES).then_some(unit)
}

fn ucum(unit: &str) -> Option<EvalResult> {
    let parsed = octofhir_ucum::parse_expression(checked(unit)?).ok()?;
    octofhir_ucum::evaluate(&parsed).ok()
}

fn number(value: Decimal) -> Option<Number> {
    Number::parse(&value.to_string())
}

impl fmt::Display for Quantity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.calendar {
            Some(_) => write!(f, "{} {}", self.value, self.unit),
            None => write!(f, "{} '{}'", self.value, self.unit),
        }
    }
}
