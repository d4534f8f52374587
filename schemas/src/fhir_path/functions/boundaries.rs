//! `lowBoundary`, `highBoundary` and `precision`: what a value of limited precision may mean at least and at most.

use super::Function;
use crate::fhir_path::date_time::{DateTime, DateTimeKind, Precision};
use crate::fhir_path::error::EvaluationError;
use crate::fhir_path::evaluate::{Evaluator, Scope};
use crate::fhir_path::quantity::Quantity;
use crate::fhir_path::syntax::Call;
use crate::fhir_path::value::Item;
use rust_decimal::{Decimal, RoundingStrategy};

/// Digits behind the point of a boundary where none are asked for.
const USUAL_DIGITS: i64 = 8;

impl<'v> Evaluator<'_, 'v> {
    pub(super) fn boundary_function(
        &self,
        call: &'v Call,
        scope: &Scope<'_, 'v>,
    ) -> Result<Option<Item<'v>>, EvaluationError> {
        let name = call.function.name();
        let Some(item) = self.single(&call.focus, scope, name)? else {
            return Ok(None);
        };
        let digits = match call.arguments.first() {
            Some(argument) => self.integer(argument, scope, name)?,
            None => None,
        };
        let plain = self.plain(&item);
        if call.function == Function::Precision {
            return precision(&plain).map(|digits| Some(Item::Integer(digits)));
        }
        let is_low = call.function == Function::LowBoundary;
        Ok(match plain {
            Item::Integer(value) => decimal_boundary(Decimal::from(value), digits, is_low).map(Item::Decimal),
            Item::Decimal(value) => decimal_boundary(value, digits, is_low).map(Item::Decimal),
            Item::Quantity(quantity) => decimal_boundary(quantity.value, digits, is_low)
                .map(|value| Item::Quantity(Box::new(Quantity { value, ..*quantity }))),
            Item::DateTime(value) => moment_boundary(value, digits, is_low).map(Item::DateTime),
            Item::Node(node) if node.value.is_none() => None,
            _ => return Err(EvaluationError::WrongType(name)),
        })
    }
}

fn precision(item: &Item<'_>) -> Result<i64, EvaluationError> {
    Ok(match item {
        Item::Integer(_) => 0,
        Item::Decimal(value) => value.scale().into(),
        Item::DateTime(value) => digits_given(value),
        _ => return Err(EvaluationError::WrongType("precision")),
    })
}

/// FHIRPath counts the digits of a date or time; a fraction always counts as three.
fn digits_given(value: &DateTime) -> i64 {
    let of_date = match value.precision {
        Precision::Year => 4,
        Precision::Month => 6,
        Precision::Day => 8,
        Precision::Hour => 10,
        Precision::Minute => 12,
        Precision::Second => 14,
        Precision::Millisecond => 17,
    };
    if value.kind == DateTimeKind::Time { of_date - 8 } else { of_date }
}

fn decimal_boundary(value: Decimal, digits: Option<i64>, is_low: bool) -> Option<Decimal> {
    let digits = u32::try_from(digits.unwrap_or(USUAL_DIGITS)).ok().filter(|digits| *digits <= 28)?;
    let half = Decimal::try_new(5, value.scale() + 1).ok()?;
    let edge = if is_low { value.checked_sub(half)? } else { value.checked_add(half)? };
    let strategy = if is_low { RoundingStrategy::ToNegativeInfinity } else { RoundingStrategy::ToPositiveInfinity };
    let mut out = edge.round_dp_with_strategy(digits, strategy);
    out.rescale(digits);
    Some(out)
}

/// The hours east of UTC of the place where a day starts first, and of the one where it ends last.
const FIRST_AND_LAST_ZONE: (i16, i16) = (14 * 60, -12 * 60);

fn moment_boundary(value: DateTime, digits: Option<i64>, is_low: bool) -> Option<DateTime> {
    let is_time = value.kind == DateTimeKind::Time;
    let usual = match value.kind {
        DateTimeKind::Date => 8,
        DateTimeKind::DateTime => 17,
        DateTimeKind::Time => 9,
    };
    let wanted = digits.unwrap_or(usual) + if is_time { 8 } else { 0 };
    let precision = match wanted {
        4 => Precision::Year,
        6 => Precision::Month,
        8 => Precision::Day,
        10 => Precision::Hour,
        12 => Precision::Minute,
        14 => Precision::Second,
        17 => Precision::Millisecond,
        _ => return None,
    };
    let edge = if is_low { value.at_start() } else { value.at_end() };
    let mut out = DateTime { precision, ..edge };
    if precision < Precision::Hour {
        out.offset = None;
    } else if value.kind == DateTimeKind::DateTime && out.offset.is_none() {
        let (first, last) = FIRST_AND_LAST_ZONE;
        out.offset = Some(if is_low { first } else { last });
    }
    Some(out)
}
