//! Functions over numbers (<http://hl7.org/fhirpath/N1/#math>); what does not exist or fit gives nothing.

use super::Function;
use crate::fhir_path::error::EvaluationError;
use crate::fhir_path::evaluate::{Evaluator, Scope};
use crate::fhir_path::number::{MOST_DIGITS, from_float, integer, power, rounded, to_float};
use crate::fhir_path::quantity::Quantity;
use crate::fhir_path::syntax::Call;
use crate::fhir_path::value::Item;
use rust_decimal::Decimal;

impl<'v> Evaluator<'_, 'v> {
    pub(super) fn math_function(
        &self,
        call: &'v Call,
        scope: &Scope<'_, 'v>,
    ) -> Result<Option<Item<'v>>, EvaluationError> {
        let function = call.function;
        let name = function.name();
        let Some(item) = self.single(&call.focus, scope, name)? else {
            return Ok(None);
        };
        let argument = match call.arguments.first() {
            Some(argument) => match self.single(argument, scope, name)? {
                Some(item) => Some(self.plain(&item)),
                None => return Ok(None),
            },
            None => None,
        };
        let plain = self.plain(&item);
        let value = match &plain {
            Item::Integer(value) => Decimal::from(*value),
            Item::Decimal(value) => *value,
            Item::Quantity(quantity) if function == Function::Abs => {
                let value = quantity.value.abs();
                return Ok(Some(Item::Quantity(Box::new(Quantity { value, ..(**quantity).clone() }))));
            }
            _ => return Err(EvaluationError::WrongType(name)),
        };
        let other = match &argument {
            None => None,
            Some(Item::Integer(value)) => Some(Decimal::from(*value)),
            Some(Item::Decimal(value)) => Some(*value),
            Some(_) => return Err(EvaluationError::WrongType(name)),
        };
        let whole = |value: Decimal| integer(value).map(Item::Integer);
        let analysed = |result: fn(f64) -> f64| Some(Item::Decimal(from_float(result(to_float(value)?))?));
        Ok(match function {
            Function::Abs => match plain {
                Item::Integer(value) => value.checked_abs().map(Item::Integer),
                _ => Some(Item::Decimal(value.abs())),
            },
            Function::Ceiling => whole(value.ceil()),
            Function::Floor => whole(value.floor()),
            Function::Truncate => whole(value.trunc()),
            Function::Round => match other.map_or(Some(0), integer) {
                Some(digits) if digits < 0 => return Err(EvaluationError::WrongType(name)),
                digits => Some(Item::Decimal(rounded(value, digits.map_or(MOST_DIGITS, clamped)))),
            },
            Function::Exp => analysed(f64::exp),
            Function::Ln => analysed(f64::ln),
            Function::Sqrt => analysed(f64::sqrt),
            Function::Log => other.and_then(|base| logarithm(value, base)).map(Item::Decimal),
            _ => match (&plain, &argument) {
                (Item::Integer(base), Some(Item::Integer(exponent))) if *exponent >= 0 => {
                    u32::try_from(*exponent).ok().and_then(|exponent| base.checked_pow(exponent)).map(Item::Integer)
                }
                _ => other.and_then(|exponent| raised(value, exponent)).map(Item::Decimal),
            },
        })
    }
}

fn clamped(digits: i64) -> u32 {
    u32::try_from(digits).unwrap_or(MOST_DIGITS)
}

fn logarithm(value: Decimal, base: Decimal) -> Option<Decimal> {
    let (value, base) = (to_float(value)?, to_float(base)?);
    // These two are exact where the quotient of natural logarithms is not.
    from_float(if base == 2.0 {
        value.log2()
    } else if base == 10.0 {
        value.log10()
    } else {
        value.log(base)
    })
}

fn raised(base: Decimal, exponent: Decimal) -> Option<Decimal> {
    match integer(exponent).filter(|_| exponent.fract().is_zero()) {
        Some(whole) => power(base, whole),
        None => from_float(to_float(base)?.powf(to_float(exponent)?)),
    }
}
