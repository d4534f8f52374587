//! A converter with what its author declares of it: domain, law class, examples. The module is held to it at load.

use super::runtime::{Direction, Module, Stopped};
use crate::account::LawClass;
use crate::functions::{Returned, Sent};
use crate::laws::pattern::Patterns;
use crate::laws::random::Random;
use crate::outside::Outside;
use crate::vendor_path::{same, scalar_text};
use serde_json::Value;

/// How many values of the domain are tried at load.
const TRIED: usize = 64;

/// What vendor values a converter carries.
#[derive(Debug, Clone)]
pub enum Domain {
    /// Texts (and numbers, as they are written) that the whole of an expression matches.
    Matches(String, regex::Regex),
    /// These.
    In(Vec<Value>),
}

/// A converter of a plugin.
#[derive(Debug)]
pub struct WasmConverter {
    /// Its name, that of the files.
    pub name: String,
    /// What it promises; tried, never proved.
    pub class: LawClass,
    /// What vendor values it carries.
    pub domain: Domain,
    /// Whether it carries what people wrote in their own words.
    pub free_text: bool,
    /// Whether a list goes element by element.
    pub by_element: bool,
    /// Vendor values with what they become.
    pub examples: Vec<(Value, Value)>,
    /// Vendor values that it does not carry.
    pub outside: Vec<Value>,
    /// The module.
    pub module: Module,
}

impl Domain {
    /// Whether a vendor value lies in it.
    pub fn has(&self, value: &Value) -> bool {
        match self {
            Domain::Matches(_, expression) => {
                !value.is_boolean() && scalar_text(value).is_some_and(|text| expression.is_match(&text))
            }
            Domain::In(values) => values.iter().any(|one| same(one, value)),
        }
    }

    /// Values of it, the same on every run.
    fn some(&self) -> Vec<Value> {
        match self {
            Domain::In(values) => values.clone(),
            Domain::Matches(pattern, _) => {
                let (patterns, mut random) = (Patterns::default(), Random::new(1));
                (0..TRIED).filter_map(|_| patterns.matching(pattern, &mut random)).map(Value::from).collect()
            }
        }
    }
}

impl WasmConverter {
    /// Vendor to FHIR.
    pub fn out(&self, value: &Value) -> Sent {
        if !self.domain.has(value) {
            return Err(self.outside("this lies outside the domain that is declared"));
        }
        self.run(Direction::Out, value)
    }

    /// FHIR to vendor; what does not lie in the domain, or does not go out to the same again, is outside.
    pub fn back(&self, fhir: &Value) -> Returned {
        let Some(value) = self.run(Direction::Back, fhir)? else {
            return Err(self.outside("this has no value of the vendor"));
        };
        match self.out(&value) {
            Ok(Some(again)) if crate::converter::covers(&again, fhir) => Ok(vec![Some(value)]),
            _ => Err(self.outside("the vendor's value would go out as another one")),
        }
    }

    fn run(&self, direction: Direction, value: &Value) -> Sent {
        match self.module.call(direction, &value.to_string()) {
            Ok(Some(Value::Null)) => Ok(None),
            Ok(Some(answer)) => Ok(Some(answer)),
            Ok(None) => Err(self.outside("this lies outside its domain")),
            Err(Stopped::Fuel) => Err(self.outside("it took too long")),
            Err(Stopped::Trap) => Err(self.outside("it stopped without an answer")),
            Err(Stopped::Answer) => Err(self.outside("its answer is no JSON")),
        }
    }

    fn outside(&self, what: &str) -> Outside {
        Outside::domain(format!("the WebAssembly converter `{}` does not carry this: {what}", self.name))
    }

    /// What of its promises it does not keep, a sentence each; values that the program made up may be shown.
    pub fn broken_promises(&self) -> Vec<String> {
        let mut broken = Vec::new();
        for (vendor, fhir) in &self.examples {
            match self.out(vendor) {
                Ok(Some(sent)) if sent == *fhir => {}
                Ok(Some(sent)) => broken.push(format!("the example {vendor} becomes {sent}, not {fhir}")),
                Ok(None) => broken.push(format!("the example {vendor} becomes nothing, not {fhir}")),
                Err(why) => broken.push(format!("the example {vendor} is not carried: {}", why.what)),
            }
            broken.extend(self.broken_law(vendor));
        }
        for vendor in &self.outside {
            if let Ok(sent) = self.out(vendor) {
                let sent = sent.unwrap_or_default();
                broken.push(format!("{vendor} should be outside the domain, and becomes {sent}"));
            }
        }
        let tried = self.domain.some();
        if tried.is_empty() {
            broken.push("no value of the domain could be made, so nothing could be tried".into());
        }
        // One counterexample is enough; the others would say the same.
        broken.extend(tried.iter().find_map(|vendor| self.broken_law(vendor)));
        broken
    }

    fn broken_law(&self, vendor: &Value) -> Option<String> {
        let fhir = match self.out(vendor) {
            Ok(Some(fhir)) => fhir,
            Ok(None) => return None,
            Err(why) => return Some(format!("{vendor} lies in the declared domain and is not carried: {}", why.what)),
        };
        if self.out(vendor).ok().flatten().as_ref() != Some(&fhir) {
            return Some(format!("{vendor} becomes {fhir} once and something else the next time"));
        }
        match self.back(&fhir) {
            Err(why) => Some(format!("{vendor} becomes {fhir}, which does not come back: {}", why.what)),
            Ok(values) => {
                let back = values.into_iter().next().flatten().unwrap_or_default();
                let exact = self.class != LawClass::Iso || same(&back, vendor);
                (!exact).then(|| format!("{vendor} becomes {fhir}, which comes back as {back}: that is no `iso`"))
            }
        }
    }
}
