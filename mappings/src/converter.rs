//! How a pair's value is carried: as it is, through a code table, or through a function.

use crate::account::LawClass;
use crate::code_table::CodeTable;
use crate::functions::{Arguments, Function, Returned, Sent};
use crate::outside::Outside;
use crate::vendor_path::same;
use serde_json::Value;
use std::sync::Arc;

/// How a pair's value is carried.
#[derive(Debug, Clone)]
pub enum Converter {
    /// As it is.
    Identity,
    /// Through a code table.
    Table(Arc<CodeTable>),
    /// Through a function.
    Call(&'static Function, Arguments),
    /// Through several, one after the other; the first takes the sources.
    Chain(Arc<[Converter]>),
}

impl Converter {
    /// Whether it carries what people wrote in their own words; dates, codes and numbers are not searched for secrets.
    pub fn carries_free_text(&self) -> bool {
        match self {
            Converter::Identity => true,
            Converter::Table(_) => false,
            Converter::Call(function, _) => function.free_text,
            Converter::Chain(steps) => steps.iter().all(Converter::carries_free_text),
        }
    }

    /// Its law class.
    pub fn class(&self) -> LawClass {
        match self {
            Converter::Identity => LawClass::Iso,
            Converter::Table(table) if table.collapses() => LawClass::Collapse,
            Converter::Table(table) if table.ignore_case => LawClass::Lens,
            Converter::Table(_) => LawClass::Iso,
            Converter::Call(function, arguments) => {
                let class = function.class_with.map_or(function.class, |class| class(arguments));
                // Of several values that stand for none the previous record tells which it was.
                if class == LawClass::Iso && arguments.nothing.len() > 1 { LawClass::Lens } else { class }
            }
            // The weakest promise of a chain is that of the whole.
            Converter::Chain(steps) => steps.iter().map(Converter::class).max().unwrap_or(LawClass::Iso),
        }
    }

    /// The vendor's value for no value, where the mapping declares one.
    pub fn nothing(&self) -> Option<&Value> {
        match self {
            Converter::Call(_, arguments) => arguments.nothing.first(),
            Converter::Chain(steps) => steps.first().and_then(Converter::nothing),
            _ => None,
        }
    }

    /// Vendor to FHIR.
    pub fn out(&self, sources: &[Option<&Value>]) -> Sent {
        match self {
            Converter::Identity => match sources.first().copied().flatten() {
                Some(value @ (Value::Array(_) | Value::Object(_))) => self.each(value),
                value => Ok(value.cloned()),
            },
            Converter::Table(table) => match sources.first().copied().flatten() {
                None => Ok(None),
                Some(list @ Value::Array(_)) => self.each(list),
                Some(code) => table.out(code).map(Some),
            },
            Converter::Call(function, arguments) => match sources {
                [Some(list @ Value::Array(_)), ..] if function.by_element && sources.len() == 1 => self.each(list),
                [Some(first), ..] if arguments.nothing.iter().any(|one| same(one, first)) => Ok(None),
                _ => (function.out)(arguments, sources),
            },
            Converter::Chain(steps) => {
                let Some((first, rest)) = steps.split_first() else { return Ok(None) };
                let mut value = first.out(sources)?;
                for step in rest {
                    value = match value {
                        None => return Ok(None),
                        Some(value) => step.out(&[Some(&value)])?,
                    };
                }
                Ok(value)
            }
        }
    }

    /// All elements or none: a list that lost an element would say something else.
    fn each(&self, value: &Value) -> Sent {
        let Value::Array(list) = value else {
            return Err(Outside::domain("this is an object where a plain value is expected"));
        };
        let mut out = Vec::with_capacity(list.len());
        let mut unlisted = None;
        for element in list {
            if matches!(element, Value::Array(_) | Value::Object(_)) {
                return Err(Outside::domain("this list holds more than plain values"));
            }
            if crate::vendor_path::is_absent(element) {
                return Err(Outside::domain("this list has an empty element"));
            }
            match self.out(&[Some(element)]) {
                Ok(sent) => out.extend(sent),
                // The default stands for the one element, and the whole list is said to have one.
                Err(Outside { key, what, instead: Some(instead) }) => {
                    out.push(instead);
                    unlisted = Some((key, what));
                }
                Err(outside) => return Err(outside),
            }
        }
        if let Some((key, what)) = unlisted {
            return Err(Outside { key, what, instead: Some(Value::Array(out)) });
        }
        Ok((!out.is_empty()).then_some(Value::Array(out)))
    }

    /// FHIR to vendor.
    pub fn back(&self, value: &Value) -> Returned {
        match (self, value) {
            (Converter::Chain(steps), value) => {
                let Some((first, rest)) = steps.split_first() else { return Ok(Vec::new()) };
                let mut value = value.clone();
                for step in rest.iter().rev() {
                    value = match step.back(&value)?.into_iter().next().flatten() {
                        Some(value) => value,
                        None => return Ok(vec![None]),
                    };
                }
                first.back(&value)
            }
            (Converter::Call(function, arguments), value) if !(function.by_element && value.is_array()) => {
                (function.back)(arguments, value)
            }
            (_, Value::Array(list)) => {
                let mut out = Vec::with_capacity(list.len());
                for element in list {
                    out.extend(self.back(element)?.into_iter().next().flatten());
                }
                Ok(vec![Some(Value::Array(out))])
            }
            (Converter::Table(table), value) => Ok(vec![table.back(value)?]),
            (_, value) => Ok(vec![Some(value.clone())]),
        }
    }
}
