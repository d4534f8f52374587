//! A number as it is written: its digits are kept, and compared as a decimal, never as a binary fraction.

use rust_decimal::Decimal;
use serde_json::Value;
use std::fmt;
use std::str::FromStr;

/// A decimal with the text it was sent as.
#[derive(Debug, Clone)]
pub struct Number {
    text: String,
    value: Option<Decimal>,
}

impl Number {
    /// From its text: digits, a point, an exponent.
    pub fn of(text: impl Into<String>) -> Number {
        let text = text.into();
        let value = Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text)).ok();
        Number { text, value }
    }

    /// From a JSON number; its text is the sender's.
    pub fn read(value: &Value) -> Option<Number> {
        match value {
            Value::Number(number) => Some(Number::of(number.to_string())),
            _ => None,
        }
    }

    /// Its text, as sent.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its value, where it fits a decimal of 28 digits.
    pub fn value(&self) -> Option<Decimal> {
        self.value
    }

    /// Whether it is this whole number.
    pub fn is(&self, whole: i64) -> bool {
        self.value == Some(Decimal::from(whole))
    }

    /// As JSON, with the same digits.
    pub fn to_json(&self) -> Value {
        serde_json::Number::from_str(&self.text).map_or_else(|_| Value::String(self.text.clone()), Value::Number)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Equal in value; the digits may differ (`1` and `1.0`).
impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        match (self.value, other.value) {
            (Some(one), Some(other)) => one == other,
            _ => self.text == other.text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stay_as_sent_and_values_compare_as_decimals() {
        for (text, same) in [("0.50", "0.5"), ("1", "1.0"), ("1e3", "1000"), ("3.60", "3.6")] {
            assert_eq!(Number::of(text), Number::of(same), "{text}");
            let json: Value = serde_json::from_str(text).expect("a number");
            assert_eq!(Number::read(&json).expect("a number").to_json().to_string(), json.to_string());
        }
        assert_ne!(Number::of("0.1"), Number::of("0.2"));
        assert!(Number::of("1.00").is(1) && !Number::of("10").is(1));
        let huge = "1".repeat(40);
        assert_eq!(Number::of(huge.clone()).text(), huge);
        assert_eq!(Number::of(huge.clone()), Number::of(huge));
    }
}
