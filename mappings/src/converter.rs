//! How a pair's value is carried: as it is, through a code table, or through a function.

use crate::account::LawClass;
use crate::code_table::CodeTable;
use crate::functions::{Arguments, Function, Returned, Sent, one_instant};
use crate::outside::Outside;
use crate::vendor_path::same;
use ginnel_schemas::issue::IssueKey;
use serde_json::Value;
use std::borrow::Cow;
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
    /// Through a WebAssembly module that the author brings.
    #[cfg(feature = "wasm")]
    Wasm(Arc<crate::wasm::WasmConverter>),
    /// To the resource that a reference leads to (`follow.rs`); by itself the text stays as it is.
    Reference,
    /// Through several, one after the other; the first takes the sources.
    Chain(Arc<[Converter]>),
}

impl Converter {
    /// Whether it carries what people wrote in their own words; dates, codes and numbers are not searched for secrets.
    pub fn carries_free_text(&self) -> bool {
        match self {
            Converter::Identity => true,
            Converter::Table(_) | Converter::Reference => false,
            Converter::Call(function, _) => function.free_text,
            #[cfg(feature = "wasm")]
            Converter::Wasm(wasm) => wasm.free_text,
            Converter::Chain(steps) => steps.iter().all(Converter::carries_free_text),
        }
    }

    /// Its law class.
    pub fn class(&self) -> LawClass {
        match self {
            Converter::Identity => LawClass::Iso,
            // One resource may be referred to in several ways.
            Converter::Reference => LawClass::Lens,
            Converter::Table(table) if table.collapses() => LawClass::Collapse,
            // Of a table that lets pass, a code may have been written as FHIR has it already.
            Converter::Table(table) if table.ignore_case || table.as_is => LawClass::Lens,
            Converter::Table(_) => LawClass::Iso,
            Converter::Call(function, arguments) => {
                let class = function.class_with.map_or(function.class, |class| class(arguments));
                // Of several values that stand for none the previous record tells which it was.
                if class == LawClass::Iso && arguments.nothing.len() > 1 { LawClass::Lens } else { class }
            }
            #[cfg(feature = "wasm")]
            Converter::Wasm(wasm) => wasm.class,
            // The weakest promise of a chain is that of the whole.
            Converter::Chain(steps) => steps.iter().map(Converter::class).max().unwrap_or(LawClass::Iso),
        }
    }

    /// Whether it runs what an author brings, whose law is tried and not proved.
    pub fn unproven(&self) -> bool {
        match self {
            #[cfg(feature = "wasm")]
            Converter::Wasm(_) => true,
            Converter::Chain(steps) => steps.iter().any(Converter::unproven),
            _ => false,
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
            Converter::Identity | Converter::Reference => match sources.first().copied().flatten() {
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
            #[cfg(feature = "wasm")]
            Converter::Wasm(wasm) => match sources.first().copied().flatten() {
                None => Ok(None),
                Some(list @ Value::Array(_)) if wasm.by_element => self.each(list),
                Some(value) => wasm.out(value),
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

    /// Vendor to FHIR, like [`Converter::out`]; what goes as it is, or stands in a table, is not copied.
    pub fn carried<'v>(&'v self, sources: &[Option<&'v Value>]) -> Result<Option<Cow<'v, Value>>, Outside> {
        match (self, sources.first().copied().flatten()) {
            (_, None | Some(Value::Array(_) | Value::Object(_))) => {}
            (Converter::Identity, Some(value)) => return Ok(Some(Cow::Borrowed(value))),
            (Converter::Table(table), Some(code)) => {
                if let Some(side) = table.row(code) {
                    return Ok(Some(Cow::Borrowed(side)));
                }
            }
            _ => {}
        }
        Ok(self.out(sources)?.map(Cow::Owned))
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
            #[cfg(feature = "wasm")]
            (Converter::Wasm(wasm), value) if !(wasm.by_element && value.is_array()) => wasm.back(value),
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
            (Converter::Call(function, arguments), value) => {
                let values = match value {
                    Value::Array(list) if function.by_element && arguments.sources == 1 => {
                        let one = |element| Ok((function.back)(arguments, element)?.into_iter().next().flatten());
                        let list: Vec<Option<Value>> = list.iter().map(one).collect::<Result<_, Outside>>()?;
                        vec![Some(Value::Array(list.into_iter().flatten().collect()))]
                    }
                    value => (function.back)(arguments, value)?,
                };
                self.goes_out_again(function, arguments.sources, &values, value)?;
                Ok(values)
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

    /// What is put in must go out to the same again (PutGet), or FHIR's value would be altered without a word.
    fn goes_out_again(
        &self,
        function: &Function,
        sources: usize,
        values: &[Option<Value>],
        fhir: &Value,
    ) -> Result<(), Outside> {
        // A source that is left as it is says what only the record knows.
        if values.iter().any(Option::is_none) || function.class == LawClass::Derive {
            return Ok(());
        }
        // Only as many are put in as the rule has sources.
        let value = |place| values.get(place).and_then(Option::as_ref);
        let present: Vec<Option<&Value>> =
            (0..sources).map(|place| value(place).filter(|value| !crate::vendor_path::is_absent(value))).collect();
        match self.out(&present) {
            Ok(Some(sent)) if covers(&sent, fhir) => Ok(()),
            Err(outside) if outside.key == IssueKey::MappingLocalTime => Err(outside),
            _ => Err(Outside::domain("the vendor's format would give another value than this one")),
        }
    }
}

/// Whether a FHIR value says what was sent: instants by whatever offset, units and displays by their code. What else the
/// FHIR value says is told leaf by leaf in the account.
pub(crate) fn covers(sent: &Value, fhir: &Value) -> bool {
    match (sent, fhir) {
        (Value::String(left), Value::String(right)) => left == right || one_instant(left, right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| covers(left, right))
        }
        (Value::Object(left), Value::Object(right)) => left.iter().all(|(name, sent)| {
            let told_by_code = || {
                let same = |name: &str| left.get(name).is_some() && left.get(name) == right.get(name);
                same("code") && same("system")
            };
            match (name.as_str(), right.get(name)) {
                (_, Some(fhir)) if covers(sent, fhir) => true,
                ("unit" | "display", _) => told_by_code(),
                // A text for people is made where FHIR has none.
                ("text", None) => left.len() > 1,
                _ => false,
            }
        }),
        (left, right) => same(left, right),
    }
}
