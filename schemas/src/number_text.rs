//! Numbers by their text, exactly, however many digits they have.

use std::cmp::Ordering;

/// A number as sign, digits and scale, without zeros that say nothing: `-1.50` is negative, `15`, scale -1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Plain<'t> {
    negative: bool,
    whole: &'t str,
    fraction: &'t str,
    /// Power of ten of the last digit before the point.
    exponent: i64,
}

impl<'t> Plain<'t> {
    fn read(text: &'t str) -> Option<Plain<'t>> {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_number = !(whole.is_empty() && fraction.is_empty())
            && [whole, fraction].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        is_number.then_some(Plain { negative, whole, fraction, exponent: exponent.parse().ok()? })
    }

    /// The digits from the first that is not zero.
    fn digits(self) -> impl Iterator<Item = u8> + Clone {
        self.whole.bytes().chain(self.fraction.bytes()).skip_while(|digit| *digit == b'0')
    }

    fn is_zero(self) -> bool {
        self.digits().next().is_none()
    }

    /// The power of ten of the first digit that is not zero.
    fn magnitude(self) -> Option<i64> {
        let leading = self.whole.len() + self.fraction.len() - self.digits().count();
        i64::try_from(self.whole.len()).ok()?.checked_sub(i64::try_from(leading).ok()?)?.checked_add(self.exponent)
    }
}

/// How two numbers compare; nothing when one is none, or beyond any use.
pub fn compare(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (Plain::read(left)?, Plain::read(right)?);
    let sign = |number: Plain<'_>| if number.is_zero() { 0 } else { 1 - 2 * i8::from(number.negative) };
    let by_sign = sign(left).cmp(&sign(right));
    if by_sign.is_ne() || left.is_zero() {
        return Some(by_sign);
    }
    let by_size = left.magnitude()?.cmp(&right.magnitude()?).then_with(|| {
        let mut other = right.digits();
        let first = left.digits().map(|digit| digit.cmp(&other.next().unwrap_or(b'0'))).find(|order| order.is_ne());
        first.unwrap_or_else(|| if other.any(|digit| digit != b'0') { Ordering::Less } else { Ordering::Equal })
    });
    Some(if left.negative { by_size.reverse() } else { by_size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_their_value_and_not_by_their_text() {
        for (left, right, expected) in [
            ("1", "1.0", Some(Ordering::Equal)),
            ("1.50", "1.5", Some(Ordering::Equal)),
            ("100", "1e2", Some(Ordering::Equal)),
            ("0.0", "-0", Some(Ordering::Equal)),
            ("0.010", "1E-2", Some(Ordering::Equal)),
            ("0.5", "0.05", Some(Ordering::Greater)),
            ("9", "10", Some(Ordering::Less)),
            ("1.2", "1.10", Some(Ordering::Greater)),
            ("1", "1.0001", Some(Ordering::Less)),
            ("1", "-1", Some(Ordering::Greater)),
            ("-2", "-1", Some(Ordering::Less)),
            ("-1", "0", Some(Ordering::Less)),
            ("12345678901234567890.1", "12345678901234567890.2", Some(Ordering::Less)),
            ("1e999999", "2", Some(Ordering::Greater)),
            ("1e999999999999999999999", "1", None),
            ("x", "1", None),
            ("", "1", None),
            (".", "1", None),
        ] {
            assert_eq!(compare(left, right), expected, "{left} {right}");
        }
    }
}
