//! The operators: logic, comparison, membership, arithmetic (<http://hl7.org/fhirpath/N1/#operations>).

use super::calendar::CalendarUnit;
use super::date_time::DateTime;
use super::error::EvaluationError;
use super::evaluate::{ENOUGH, Evaluator, Flow, ON, Scope, Sink};
use super::functions::MOST_TEXT_BYTES;
use super::number::integer;
use super::quantity::Quantity;
use super::seen::Seen;
use super::syntax::{Expr, Operator};
use super::value::{Collection, Item};
use rust_decimal::Decimal;
use std::borrow::Cow;
use std::cmp::Ordering;

type Verdict = Result<Option<bool>, EvaluationError>;

impl<'v> Evaluator<'_, 'v> {
    /// What an operator gives that is no condition; a condition is told.
    pub(super) fn binary(
        &self,
        whole: &'v Expr,
        operator: Operator,
        (left, right): (&'v Expr, &'v Expr),
        scope: &Scope<'_, 'v>,
        sink: Sink<'_, 'v>,
    ) -> Flow {
        if operator.is_condition() {
            return self.tell(self.comparison(operator, left, right, scope)?, sink);
        }
        match operator {
            Operator::Union => self.distinct(whole, scope, sink),
            Operator::Concat => {
                let text = self.concatenated(left, right, scope)?;
                sink(Item::String(text))
            }
            _ => {
                let one = self.single(left, scope, operator.symbol())?;
                let two = self.single(right, scope, operator.symbol())?;
                let (Some(one), Some(two)) = (one, two) else {
                    return Ok(ON);
                };
                match self.arithmetic(operator, &one, &two)? {
                    Some(item) => sink(item),
                    None => Ok(ON),
                }
            }
        }
    }

    /// The values of an expression, a union's without leaving out the equal ones: for those who ask whether any fits.
    pub(super) fn each_loosely(&self, expression: &'v Expr, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        let Expr::Binary(Operator::Union, left, right) = expression else {
            return self.each(expression, scope, sink);
        };
        if self.each_loosely(left, scope, sink)?.is_break() {
            return Ok(ENOUGH);
        }
        self.each_loosely(right, scope, sink)
    }

    /// The values of an expression, each once.
    pub(super) fn distinct(&self, expression: &'v Expr, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        let mut seen = Seen::default();
        self.each_loosely(expression, scope, &mut |item| if seen.add(self, &item)? { sink(item) } else { Ok(ON) })
    }

    fn concatenated(
        &self,
        left: &'v Expr,
        right: &'v Expr,
        scope: &Scope<'_, 'v>,
    ) -> Result<Cow<'v, str>, EvaluationError> {
        let text = |expression| -> Result<Cow<'v, str>, EvaluationError> {
            match self.single(expression, scope, "&")? {
                None => Ok(Cow::Borrowed("")),
                Some(item) => self.shown(&item).ok_or(EvaluationError::WrongType("&")),
            }
        };
        let (one, two) = (text(left)?, text(right)?);
        if two.is_empty() {
            return Ok(one);
        }
        self.joined_texts(&one, &two)
    }

    /// Two texts as one.
    fn joined_texts(&self, one: &str, two: &str) -> Result<Cow<'v, str>, EvaluationError> {
        let bytes = one.len() + two.len();
        if bytes > MOST_TEXT_BYTES {
            return Err(EvaluationError::TooMuchWork);
        }
        self.work(bytes / 16)?;
        Ok(Cow::Owned([one, two].concat()))
    }

    /// The verdict of an operator that gives one.
    pub(super) fn comparison(
        &self,
        operator: Operator,
        left: &'v Expr,
        right: &'v Expr,
        scope: &Scope<'_, 'v>,
    ) -> Verdict {
        match operator {
            Operator::And | Operator::Or | Operator::Xor | Operator::Implies => {
                self.logic(operator, left, right, scope)
            }
            Operator::Equal => self.all_equal(left, right, scope),
            Operator::NotEqual => Ok(self.all_equal(left, right, scope)?.map(|verdict| !verdict)),
            Operator::Equivalent => self.all_equivalent(left, right, scope).map(Some),
            Operator::NotEquivalent => Ok(Some(!self.all_equivalent(left, right, scope)?)),
            Operator::In => self.is_among(left, right, scope, "in"),
            Operator::Contains => self.is_among(right, left, scope, "contains"),
            _ => {
                let Some(one) = self.single(left, scope, operator.symbol())? else {
                    return Ok(None);
                };
                let Some(two) = self.single(right, scope, operator.symbol())? else {
                    return Ok(None);
                };
                let order = self.order(&one, &two, operator.symbol())?;
                Ok(order.map(|order| match operator {
                    Operator::Less => order == Ordering::Less,
                    Operator::LessOrEqual => order != Ordering::Greater,
                    Operator::Greater => order == Ordering::Greater,
                    _ => order != Ordering::Less,
                }))
            }
        }
    }

    fn logic(&self, operator: Operator, left: &'v Expr, right: &'v Expr, scope: &Scope<'_, 'v>) -> Verdict {
        let one = self.truth(left, scope)?;
        // What the left side alone decides.
        match (operator, one) {
            (Operator::And, Some(false)) => return Ok(Some(false)),
            (Operator::Or, Some(true)) | (Operator::Implies, Some(false)) => return Ok(Some(true)),
            (Operator::Xor, None) => return Ok(None),
            _ => {}
        }
        let two = self.truth(right, scope)?;
        Ok(match operator {
            Operator::And => match (one, two) {
                (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Operator::Or => match (one, two) {
                (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Operator::Xor => one.zip(two).map(|(one, two)| one != two),
            _ => match (one, two) {
                (_, Some(true)) => Some(true),
                (Some(true), two) => two,
                _ => None,
            },
        })
    }

    fn all_equal(&self, left: &'v Expr, right: &'v Expr, scope: &Scope<'_, 'v>) -> Verdict {
        let one = self.collect(left, scope)?;
        if one.is_empty() {
            return Ok(None);
        }
        let two = self.collect(right, scope)?;
        if two.is_empty() {
            return Ok(None);
        }
        if one.len() != two.len() {
            return Ok(Some(false));
        }
        let mut verdict = Some(true);
        for (one, two) in one.iter().zip(&two) {
            match self.equal(one, two)? {
                Some(true) => {}
                Some(false) => return Ok(Some(false)),
                None => verdict = None,
            }
        }
        Ok(verdict)
    }

    fn all_equivalent(&self, left: &'v Expr, right: &'v Expr, scope: &Scope<'_, 'v>) -> Result<bool, EvaluationError> {
        let one = self.collect(left, scope)?;
        let mut two = self.collect(right, scope)?;
        if one.len() != two.len() {
            return Ok(false);
        }
        for item in &one {
            match self.position_of_equivalent(item, &two)? {
                Some(at) => two.swap_remove(at),
                None => return Ok(false),
            };
        }
        Ok(true)
    }

    fn position_of_equivalent(
        &self,
        item: &Item<'v>,
        others: &Collection<'v>,
    ) -> Result<Option<usize>, EvaluationError> {
        for (at, other) in others.iter().enumerate() {
            if self.equivalent(item, other)? {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    fn is_among(&self, one: &'v Expr, many: &'v Expr, scope: &Scope<'_, 'v>, asker: &'static str) -> Verdict {
        let Some(sought) = self.single(one, scope, asker)? else {
            return Ok(None);
        };
        let flow = self.each_loosely(many, scope, &mut |item| {
            Ok(if self.equal(&sought, &item)? == Some(true) { ENOUGH } else { ON })
        })?;
        Ok(Some(flow.is_break()))
    }

    /// The negative of a number.
    pub(super) fn negated(&self, inner: &'v Expr, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        let Some(item) = self.single(inner, scope, "-")? else {
            return Ok(ON);
        };
        match self.plain(&item) {
            Item::Integer(value) => sink(Item::Integer(value.wrapping_neg())),
            Item::Decimal(value) => sink(Item::Decimal(-value)),
            Item::Quantity(quantity) => {
                let value = -quantity.value;
                sink(Item::Quantity(Box::new(Quantity { value, ..*quantity })))
            }
            _ => Err(EvaluationError::WrongType("-")),
        }
    }

    /// A number with a sign that changes nothing.
    pub(super) fn positive(&self, inner: &'v Expr, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        let Some(item) = self.single(inner, scope, "+")? else {
            return Ok(ON);
        };
        match self.plain(&item) {
            number @ (Item::Integer(_) | Item::Decimal(_) | Item::Quantity(_)) => sink(number),
            _ => Err(EvaluationError::WrongType("+")),
        }
    }

    fn arithmetic(
        &self,
        operator: Operator,
        left: &Item<'v>,
        right: &Item<'v>,
    ) -> Result<Option<Item<'v>>, EvaluationError> {
        let wrong = EvaluationError::WrongType(operator.symbol());
        let quantity = |quantity: Option<Quantity<'v>>| Ok(quantity.map(|quantity| Item::Quantity(Box::new(quantity))));
        match (self.plain(left), self.plain(right)) {
            (Item::Integer(one), Item::Integer(two)) => Ok(integers(operator, one, two)),
            (Item::Integer(one), Item::Decimal(two)) => Ok(decimals(operator, Decimal::from(one), two)),
            (Item::Decimal(one), Item::Integer(two)) => Ok(decimals(operator, one, Decimal::from(two))),
            (Item::Decimal(one), Item::Decimal(two)) => Ok(decimals(operator, one, two)),
            (Item::String(one), Item::String(two)) if operator == Operator::Plus => {
                Ok(Some(Item::String(self.joined_texts(&one, &two)?)))
            }
            (Item::DateTime(one), Item::Quantity(two)) => match operator {
                Operator::Plus => moved(one, &two, 1, wrong),
                Operator::Minus => moved(one, &two, -1, wrong),
                _ => Err(wrong),
            },
            (Item::Quantity(one), Item::Quantity(two)) => match operator {
                Operator::Plus => quantity(one.plus(&two, 1)),
                Operator::Minus => quantity(one.plus(&two, -1)),
                Operator::Times => quantity(one.times(&two)),
                Operator::Over => quantity(one.over(&two)),
                _ => Err(wrong),
            },
            (Item::Quantity(one), number @ (Item::Integer(_) | Item::Decimal(_))) => {
                let two = Quantity::plain(as_decimal(&number));
                match operator {
                    Operator::Times => quantity(one.times(&two)),
                    Operator::Over => quantity(one.over(&two)),
                    _ => Err(wrong),
                }
            }
            (number @ (Item::Integer(_) | Item::Decimal(_)), Item::Quantity(two)) if operator == Operator::Times => {
                quantity(Quantity::plain(as_decimal(&number)).times(&two))
            }
            _ => Err(wrong),
        }
    }
}

fn as_decimal(item: &Item<'_>) -> Decimal {
    match item {
        Item::Integer(value) => Decimal::from(*value),
        Item::Decimal(value) => *value,
        _ => Decimal::ZERO,
    }
}

/// Nothing when the result does not fit or the divisor is zero.
fn integers<'v>(operator: Operator, one: i64, two: i64) -> Option<Item<'v>> {
    let result = match operator {
        Operator::Plus => one.checked_add(two),
        Operator::Minus => one.checked_sub(two),
        Operator::Times => one.checked_mul(two),
        Operator::Div => one.checked_div(two),
        Operator::Mod => one.checked_rem(two),
        _ => return decimals(operator, Decimal::from(one), Decimal::from(two)),
    };
    result.map(Item::Integer)
}

fn decimals<'v>(operator: Operator, one: Decimal, two: Decimal) -> Option<Item<'v>> {
    let result = match operator {
        Operator::Plus => one.checked_add(two),
        Operator::Minus => one.checked_sub(two),
        Operator::Times => one.checked_mul(two),
        Operator::Over => one.checked_div(two),
        Operator::Mod => one.checked_rem(two),
        Operator::Div => return integer(one.checked_div(two)?.trunc()).map(Item::Integer),
        _ => None,
    };
    result.map(Item::Decimal)
}

/// A moment moved by a span of time. UCUM's year and month are fixed numbers of days, which no calendar has.
fn moved<'v>(
    moment: DateTime,
    span: &Quantity<'_>,
    sign: i64,
    wrong: EvaluationError,
) -> Result<Option<Item<'v>>, EvaluationError> {
    let unit = span.calendar.or_else(|| CalendarUnit::of_ucum(&span.unit)).ok_or(wrong)?;
    let moved = integer(span.value.trunc())
        .and_then(|amount| amount.checked_mul(sign))
        .and_then(|amount| moment.plus(amount, unit));
    Ok(moved.map(Item::DateTime))
}
