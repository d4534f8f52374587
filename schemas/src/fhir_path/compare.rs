//! Equality, equivalence and order (<http://hl7.org/fhirpath/N1/#equality>).

use super::date_time::{DateTime, DateTimeKind};
use super::error::EvaluationError;
use super::evaluate::Evaluator;
use super::number::decimal;
use super::quantity::{Quantity, same_digits};
use super::value::{Item, Node};
use rust_decimal::Decimal;
use serde_json::Value;
use std::cmp::Ordering;

/// Two values of FHIRPath brought to one type.
enum Pair<'a, 'v> {
    Booleans(bool, bool),
    Integers(i64, i64),
    Decimals(Decimal, Decimal),
    Texts(&'a str, &'a str),
    Moments(DateTime, DateTime),
    Quantities(Quantity<'v>, Quantity<'v>),
    Nodes(Node<'v>, Node<'v>),
    Apart,
}

fn pair<'a, 'v>(left: &'a Item<'v>, right: &'a Item<'v>) -> Pair<'a, 'v> {
    let quantity = |value| Quantity::plain(value);
    match (left, right) {
        (Item::Boolean(one), Item::Boolean(two)) => Pair::Booleans(*one, *two),
        (Item::Integer(one), Item::Integer(two)) => Pair::Integers(*one, *two),
        (Item::Integer(one), Item::Decimal(two)) => Pair::Decimals(Decimal::from(*one), *two),
        (Item::Decimal(one), Item::Integer(two)) => Pair::Decimals(*one, Decimal::from(*two)),
        (Item::Decimal(one), Item::Decimal(two)) => Pair::Decimals(*one, *two),
        (Item::String(one), Item::String(two)) => Pair::Texts(one, two),
        (Item::DateTime(one), Item::DateTime(two)) => Pair::Moments(*one, *two),
        (Item::Quantity(one), Item::Quantity(two)) => Pair::Quantities((**one).clone(), (**two).clone()),
        (Item::Quantity(one), Item::Integer(two)) => Pair::Quantities((**one).clone(), quantity(Decimal::from(*two))),
        (Item::Quantity(one), Item::Decimal(two)) => Pair::Quantities((**one).clone(), quantity(*two)),
        (Item::Integer(one), Item::Quantity(two)) => Pair::Quantities(quantity(Decimal::from(*one)), (**two).clone()),
        (Item::Decimal(one), Item::Quantity(two)) => Pair::Quantities(quantity(*one), (**two).clone()),
        (Item::Node(one), Item::Node(two)) => Pair::Nodes(*one, *two),
        // A date in a text is compared as a date, as HL7's validator compares how both are written.
        (Item::DateTime(one), Item::String(two)) => {
            read_as(one, two).map_or(Pair::Apart, |two| Pair::Moments(*one, two))
        }
        (Item::String(one), Item::DateTime(two)) => {
            read_as(two, one).map_or(Pair::Apart, |one| Pair::Moments(one, *two))
        }
        _ => Pair::Apart,
    }
}

fn read_as(like: &DateTime, text: &str) -> Option<DateTime> {
    match like.kind {
        DateTimeKind::Time => DateTime::read_time(text),
        _ => DateTime::read_date_time(text),
    }
}

fn is_time(moment: &DateTime) -> bool {
    moment.kind == DateTimeKind::Time
}

impl<'v> Evaluator<'_, 'v> {
    /// Whether two values are equal; nothing when that cannot be said (dates of different precision).
    pub(super) fn equal(&self, left: &Item<'v>, right: &Item<'v>) -> Result<Option<bool>, EvaluationError> {
        self.step()?;
        if let (Some(one), Some(two)) = (self.text(left), self.text(right)) {
            self.work(if one.len() == two.len() { one.len() / 64 } else { 0 })?;
            return Ok(Some(one == two));
        }
        if let (Item::Type(one), Item::Type(two)) = (left, right) {
            return Ok(Some(one == two));
        }
        Ok(match pair(&self.plain(left), &self.plain(right)) {
            Pair::Booleans(one, two) => Some(one == two),
            Pair::Integers(one, two) => Some(one == two),
            Pair::Decimals(one, two) => Some(one == two),
            Pair::Texts(one, two) => Some(one == two),
            Pair::Moments(one, two) if is_time(&one) != is_time(&two) => Some(false),
            Pair::Moments(one, two) => one.compare(&two).map(Ordering::is_eq),
            Pair::Quantities(one, two) => one.compare(&two).map(Ordering::is_eq),
            Pair::Nodes(one, two) => Some(one.is(&two) || self.same_trees(&one, &two, false)?),
            Pair::Apart => Some(false),
        })
    }

    /// Whether two values are equivalent.
    pub(super) fn equivalent(&self, left: &Item<'v>, right: &Item<'v>) -> Result<bool, EvaluationError> {
        self.step()?;
        if let (Item::Type(one), Item::Type(two)) = (left, right) {
            return Ok(one == two);
        }
        Ok(match pair(&self.plain(left), &self.plain(right)) {
            Pair::Booleans(one, two) => one == two,
            Pair::Integers(one, two) => one == two,
            Pair::Decimals(one, two) => same_digits(one, two),
            Pair::Texts(one, two) => {
                self.work(one.len().min(two.len()) / 16)?;
                same_words(one, two)
            }
            Pair::Moments(one, two) => {
                is_time(&one) == is_time(&two)
                    && one.is_as_precise_as(&two)
                    && one.compare(&two) == Some(Ordering::Equal)
            }
            Pair::Quantities(one, two) => one.is_equivalent(&two),
            Pair::Nodes(one, two) => one.is(&two) || self.same_trees(&one, &two, true)?,
            Pair::Apart => false,
        })
    }

    /// Which comes first; nothing when that cannot be said.
    pub(super) fn order(
        &self,
        left: &Item<'v>,
        right: &Item<'v>,
        asker: &'static str,
    ) -> Result<Option<Ordering>, EvaluationError> {
        self.step()?;
        if let (Some(one), Some(two)) = (self.text(left), self.text(right)) {
            self.work(one.len().min(two.len()) / 64)?;
            return Ok(Some(one.cmp(two)));
        }
        let is_bare = |item: &Item<'_>| matches!(item, Item::Node(node) if node.value.is_none());
        if is_bare(left) || is_bare(right) {
            return Ok(None);
        }
        match pair(&self.plain(left), &self.plain(right)) {
            Pair::Integers(one, two) => Ok(Some(one.cmp(&two))),
            Pair::Decimals(one, two) => Ok(Some(one.cmp(&two))),
            Pair::Texts(one, two) => Ok(Some(one.cmp(two))),
            Pair::Moments(one, two) if is_time(&one) == is_time(&two) => Ok(one.compare(&two)),
            Pair::Quantities(one, two) => Ok(one.compare(&two)),
            _ => Err(EvaluationError::WrongType(asker)),
        }
    }

    fn same_trees(&self, left: &Node<'v>, right: &Node<'v>, loosely: bool) -> Result<bool, EvaluationError> {
        match (left.value.or(left.companion), right.value.or(right.companion)) {
            (Some(one), Some(two)) if left.value.is_some() == right.value.is_some() => {
                self.same_values(one, two, loosely)
            }
            _ => Ok(false),
        }
    }

    /// Whether two trees say the same; `loosely` lets lists differ in order and texts in case.
    fn same_values(&self, left: &Value, right: &Value, loosely: bool) -> Result<bool, EvaluationError> {
        self.step()?;
        Ok(match (left, right) {
            (Value::Object(one), Value::Object(two)) => {
                if one.len() != two.len() {
                    return Ok(false);
                }
                for (name, value) in one {
                    match two.get(name) {
                        Some(other) if self.same_values(value, other, loosely)? => {}
                        _ => return Ok(false),
                    }
                }
                true
            }
            (Value::Array(one), Value::Array(two)) if loosely => {
                if one.len() != two.len() {
                    return Ok(false);
                }
                let mut left_over: Vec<&Value> = two.iter().collect();
                for value in one {
                    let mut found = None;
                    for (at, other) in left_over.iter().enumerate() {
                        if self.same_values(value, other, true)? {
                            found = Some(at);
                            break;
                        }
                    }
                    match found {
                        Some(at) => left_over.swap_remove(at),
                        None => return Ok(false),
                    };
                }
                true
            }
            (Value::Array(one), Value::Array(two)) => {
                if one.len() != two.len() {
                    return Ok(false);
                }
                for (value, other) in one.iter().zip(two) {
                    if !self.same_values(value, other, false)? {
                        return Ok(false);
                    }
                }
                true
            }
            (Value::Number(one), Value::Number(two)) => {
                one.as_str() == two.as_str() || decimal(one.as_str()) == decimal(two.as_str())
            }
            (Value::String(one), Value::String(two)) => {
                self.work(one.len().min(two.len()) / 16)?;
                if loosely { same_words(one, two) } else { one == two }
            }
            (one, two) => one == two,
        })
    }
}

/// Whether two texts differ in case and blanks only.
fn same_words(one: &str, two: &str) -> bool {
    let mut left = one.split_whitespace();
    let mut right = two.split_whitespace();
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (Some(one), Some(two)) if one == two || one.to_lowercase() == two.to_lowercase() => {}
            _ => return false,
        }
    }
}
