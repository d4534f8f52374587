//! Decimals: how they are read and written, and what rust_decimal does not do itself.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use std::str::FromStr;

/// Most digits behind the point that a decimal keeps.
pub(super) const MOST_DIGITS: u32 = 28;

/// Reads a number as JSON, FHIR and FHIRPath write it. What is beyond 28 digits is rounded; what is beyond the greatest
/// decimal (some 7.9e28) becomes the greatest, so that comparisons with usual limits stay right.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    let plain = text.strip_prefix('+').unwrap_or(text);
    let unsigned = plain.strip_prefix('-').unwrap_or(plain);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let shift = match exponent {
        Some(exponent) => {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if !is_number(digits) {
                return None;
            }
            let sign = if exponent.starts_with('-') { -1 } else { 1 };
            sign * digits.parse::<i64>().unwrap_or(1_000_000)
        }
        None => 0,
    };
    let size = match Decimal::from_str(mantissa) {
        Ok(size) => scaled(size, shift),
        Err(_) => Decimal::MAX,
    };
    Some(if plain.starts_with('-') { -size } else { size })
}

/// A decimal times a power of ten.
fn scaled(size: Decimal, shift: i64) -> Decimal {
    if shift == 0 || size.is_zero() {
        return size;
    }
    if shift > 28 {
        return Decimal::MAX;
    }
    if shift < -56 {
        return Decimal::ZERO;
    }
    // First the point moves, as far as the digits go.
    let mut out = size;
    let scale = (i64::from(size.scale()) - shift).clamp(0, i64::from(MOST_DIGITS));
    let moved = i64::from(size.scale()) - scale;
    if out.set_scale(u32::try_from(scale).unwrap_or(0)).is_err() {
        return Decimal::MAX;
    }
    let ten = Decimal::from(10);
    for _ in 0..(shift - moved).unsigned_abs() {
        let next = if shift > 0 { out.checked_mul(ten) } else { out.checked_div(ten) };
        match next {
            Some(next) => out = next,
            None => return Decimal::MAX,
        }
    }
    out
}

/// A decimal from a float that a function of analysis gave; nothing for what is no number.
pub(super) fn from_float(value: f64) -> Option<Decimal> {
    value.is_finite().then(|| decimal(&format!("{value}"))).flatten()
}

/// As a float, for functions of analysis.
pub(super) fn to_float(value: Decimal) -> Option<f64> {
    value.to_f64()
}

/// A whole number, where it is one that fits.
pub(super) fn integer(value: Decimal) -> Option<i64> {
    value.to_i64()
}

/// Rounds half away from zero to so many digits behind the point.
pub(super) fn rounded(value: Decimal, digits: u32) -> Decimal {
    value.round_dp_with_strategy(digits.min(MOST_DIGITS), RoundingStrategy::MidpointAwayFromZero)
}

/// A whole power, exactly; nothing when it does not fit.
pub(super) fn power(base: Decimal, exponent: i64) -> Option<Decimal> {
    let mut out = Decimal::ONE;
    let mut square = base;
    let mut left = exponent.unsigned_abs();
    while left > 0 {
        if left & 1 == 1 {
            out = out.checked_mul(square)?;
        }
        left >>= 1;
        if left > 0 {
            square = square.checked_mul(square)?;
        }
    }
    if exponent < 0 { Decimal::ONE.checked_div(out) } else { Some(out) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_with_their_digits() {
        for (text, shown) in [
            ("1.50", "1.50"),
            ("-0.10", "-0.10"),
            ("1E2", "100"),
            ("1.5e-3", "0.0015"),
            ("12345678901234567890.12345678", "12345678901234567890.12345678"),
            ("1.50e1", "15.0"),
            ("1e28", "10000000000000000000000000000"),
            ("1e-28", "0.0000000000000000000000000001"),
            ("1e400", "79228162514264337593543950335"),
            ("-1e400", "-79228162514264337593543950335"),
            ("1e-400", "0"),
        ] {
            assert_eq!(decimal(text).map(|value| value.to_string()).as_deref(), Some(shown), "{text}");
        }
        for text in ["", ".", "1.", ".5", "1e", "--1", "1.a", "0x1", "1_0", "1 "] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
