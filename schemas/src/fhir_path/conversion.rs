//! Values of FHIR as values of FHIRPath, and the conversions between FHIRPath's own types
//! (<http://hl7.org/fhirpath/N1/#conversion>).

use super::date_time::{DateTime, DateTimeKind};
use super::error::EvaluationError;
use super::evaluate::{Evaluator, Flow, ON, Scope, Sink};
use super::functions::Function;
use super::navigate::find;
use super::number::decimal;
use super::quantity::Quantity;
use super::syntax::Call;
use super::types::{SystemType, TypeId};
use super::value::{Item, Node};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The code system of UCUM's units.
const UCUM: &str = "http://unitsofmeasure.org";

impl<'v> Evaluator<'_, 'v> {
    /// A primitive or Quantity of FHIR as the value of FHIRPath it stands for; anything else as it is.
    pub(super) fn plain(&self, item: &Item<'v>) -> Item<'v> {
        match item {
            Item::Node(node) => self.plain_node(node).unwrap_or(Item::Node(*node)),
            other => other.clone(),
        }
    }

    fn plain_node(&self, node: &Node<'v>) -> Option<Item<'v>> {
        let system = self.environment.types.system(node.type_id);
        Some(match (node.value?, system) {
            (Value::Bool(value), _) => Item::Boolean(*value),
            (Value::Number(number), Some(SystemType::Decimal)) => Item::Decimal(decimal(number.as_str())?),
            (Value::Number(number), _) => match number.as_str().parse() {
                Ok(integer) => Item::Integer(integer),
                Err(_) => Item::Decimal(decimal(number.as_str())?),
            },
            (Value::String(text), system) => {
                let moment = match system {
                    Some(SystemType::Date) => DateTime::read_date(text),
                    Some(SystemType::DateTime) => DateTime::read_date_time(text),
                    Some(SystemType::Time) => DateTime::read_time(text),
                    _ => None,
                };
                moment.map_or(Item::String(Cow::Borrowed(text)), Item::DateTime)
            }
            (Value::Object(members), Some(SystemType::Quantity)) => Item::Quantity(Box::new(fhir_quantity(members)?)),
            _ => return None,
        })
    }

    /// The text of a string, without a copy; nothing for other types.
    pub(super) fn text<'a>(&self, item: &'a Item<'v>) -> Option<&'a str> {
        match item {
            Item::String(text) => Some(text),
            Item::Node(Node { value: Some(Value::String(text)), type_id, .. }) => {
                let is_text = *type_id == TypeId::UNKNOWN
                    || matches!(self.environment.types.system(*type_id), Some(SystemType::String) | None);
                is_text.then_some(text.as_str())
            }
            _ => None,
        }
    }

    /// The text of anything that `toString()` takes.
    pub(super) fn shown(&self, item: &Item<'v>) -> Option<Cow<'v, str>> {
        if let Item::Node(node) = item {
            match node.value? {
                Value::String(text) => return Some(Cow::Borrowed(text)),
                // The digits as they were sent: 1.50 is not 1.5.
                Value::Number(number) => return Some(Cow::Borrowed(number.as_str())),
                _ => {}
            }
        }
        Some(match self.plain(item) {
            Item::String(text) => text,
            Item::Boolean(value) => Cow::Borrowed(if value { "true" } else { "false" }),
            Item::Integer(value) => Cow::Owned(value.to_string()),
            Item::Decimal(value) => Cow::Owned(value.to_string()),
            Item::DateTime(value) => Cow::Owned(value.to_string()),
            Item::Quantity(value) => Cow::Owned(value.to_string()),
            Item::Node(_) | Item::Type(_) => return None,
        })
    }

    /// The functions `toX()`.
    pub(super) fn conversion_function(&self, call: &'v Call, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        let function = call.function;
        let Some(item) = self.single(&call.focus, scope, function.name())? else {
            return Ok(ON);
        };
        let unit = self.wanted_unit(call, scope)?;
        match self.converted(&item, function, unit.as_deref()) {
            Some(item) => sink(item),
            None => Ok(ON),
        }
    }

    /// Whether a function `convertsToX()` says yes.
    pub(super) fn converts(&self, call: &'v Call, scope: &Scope<'_, 'v>) -> Result<Option<bool>, EvaluationError> {
        let function = match call.function {
            Function::ConvertsToBoolean => Function::ToBoolean,
            Function::ConvertsToInteger => Function::ToInteger,
            Function::ConvertsToDecimal => Function::ToDecimal,
            Function::ConvertsToDate => Function::ToDate,
            Function::ConvertsToDateTime => Function::ToDateTime,
            Function::ConvertsToTime => Function::ToTime,
            Function::ConvertsToQuantity => Function::ToQuantity,
            _ => Function::ToText,
        };
        let unit = self.wanted_unit(call, scope)?;
        let item = self.single(&call.focus, scope, call.function.name())?;
        Ok(item.map(|item| self.converted(&item, function, unit.as_deref()).is_some()))
    }

    fn wanted_unit(&self, call: &'v Call, scope: &Scope<'_, 'v>) -> Result<Option<String>, EvaluationError> {
        let Some(argument) = call.arguments.first() else {
            return Ok(None);
        };
        let item = self.single(argument, scope, call.function.name())?;
        Ok(item.and_then(|item| self.text(&item).map(str::to_owned)))
    }

    fn converted(&self, item: &Item<'v>, function: Function, unit: Option<&str>) -> Option<Item<'v>> {
        if function == Function::ToText {
            return self.shown(item).map(Item::String);
        }
        let plain = self.plain(item);
        match function {
            Function::ToBoolean => to_boolean(&plain).map(Item::Boolean),
            Function::ToInteger => to_integer(&plain).map(Item::Integer),
            Function::ToDecimal => to_decimal(&plain).map(Item::Decimal),
            Function::ToDate => to_moment(&plain, DateTimeKind::Date).map(Item::DateTime),
            Function::ToDateTime => to_moment(&plain, DateTimeKind::DateTime).map(Item::DateTime),
            Function::ToTime => to_moment(&plain, DateTimeKind::Time).map(Item::DateTime),
            Function::ToQuantity => to_quantity(plain, unit).map(|quantity| Item::Quantity(Box::new(quantity))),
            _ => None,
        }
    }
}

/// A FHIR Quantity; its unit is the code, or the unit in words where it has none.
pub(super) fn fhir_quantity(members: &Map<String, Value>) -> Option<Quantity<'_>> {
    let value = match find(members, "value")? {
        Value::Number(number) => decimal(number.as_str())?,
        _ => return None,
    };
    let text = |name| find(members, name).and_then(Value::as_str);
    let unit = match (text("system"), text("code")) {
        (Some(UCUM) | None, Some(code)) => Cow::Borrowed(code),
        // A code of another system is no UCUM code, however it looks.
        (Some(system), Some(code)) => Cow::Owned(format!("{system}|{code}")),
        (_, None) => Cow::Borrowed(text("unit").unwrap_or("1")),
    };
    Some(Quantity { value, unit, calendar: None })
}

fn to_boolean(item: &Item<'_>) -> Option<bool> {
    match item {
        Item::Boolean(value) => Some(*value),
        Item::Integer(1) => Some(true),
        Item::Integer(0) => Some(false),
        Item::Decimal(value) if *value == Decimal::ONE => Some(true),
        Item::Decimal(value) if value.is_zero() => Some(false),
        Item::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" => Some(true),
            "false" | "f" | "no" | "n" | "0" | "0.0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn to_integer(item: &Item<'_>) -> Option<i64> {
    match item {
        Item::Integer(value) => Some(*value),
        Item::Boolean(value) => Some(i64::from(*value)),
        Item::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn to_decimal(item: &Item<'_>) -> Option<Decimal> {
    match item {
        Item::Decimal(value) => Some(*value),
        Item::Integer(value) => Some(Decimal::from(*value)),
        Item::Boolean(value) => Some(Decimal::from(i64::from(*value))),
        Item::String(text) => decimal(text),
        _ => None,
    }
}

fn to_moment(item: &Item<'_>, kind: DateTimeKind) -> Option<DateTime> {
    match item {
        Item::DateTime(value) => match (value.kind, kind) {
            (own, wanted) if own == wanted => Some(*value),
            (DateTimeKind::DateTime, DateTimeKind::Date) => Some(value.to_date()),
            (DateTimeKind::Date, DateTimeKind::DateTime) => Some(DateTime { kind, ..*value }),
            _ => None,
        },
        Item::String(text) => match kind {
            DateTimeKind::Date => DateTime::read_date_time(text).map(DateTime::to_date),
            DateTimeKind::DateTime => DateTime::read_date_time(text),
            DateTimeKind::Time => DateTime::read_time(text.strip_prefix('T').unwrap_or(text)),
        },
        _ => None,
    }
}

fn to_quantity<'v>(item: Item<'v>, unit: Option<&str>) -> Option<Quantity<'v>> {
    let quantity = match item {
        Item::Quantity(quantity) => *quantity,
        Item::String(text) => Quantity::read(&text)?,
        other => Quantity::plain(to_decimal(&other)?),
    };
    match unit {
        Some(unit) if unit != quantity.unit => {
            // Nothing of the wanted unit plus the quantity is the quantity in the wanted unit.
            let nothing = Quantity { value: Decimal::ZERO, unit: Cow::Owned(unit.to_owned()), calendar: None };
            nothing.plus(&quantity, 1)
        }
        _ => Some(quantity),
    }
}
