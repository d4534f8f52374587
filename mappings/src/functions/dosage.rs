//! `dosage(table)`: the words of a dose to a Dosage with these words verbatim; structure stands beside them only where
//! every word was understood (`ginnel_medicines::dose::parse`) and every amount has a unit.

use super::signature::{ANY_TEXT, Given, OPTIONAL_PLAIN, Signature};
use super::{Arguments, Example, Function, Named, PLAIN, Returned, Sent, Sources, Takes};
use crate::account::LawClass;
use crate::code_table::CodeTable;
use crate::outside::Outside;
use ginnel_medicines::dose::{Dosage, parse, render};
use serde_json::{Map, Value, json};

/// Whether the words' own route is sent.
const ROUTE: Named = Named {
    name: "route",
    choices: &["kept", "left-out"],
    help: "a route in the words: `kept`, the default, or `left-out` where a field of yours says it",
};

/// The function.
pub const DOSAGE: Function = Function {
    name: "dosage",
    class: LawClass::Lens,
    sources: Sources::Between(1, 3),
    takes: Takes::Table,
    read_only: &[1],
    shares: true,
    named: &[
        ROUTE,
        Named {
            name: "course",
            choices: &["kept", "left-out", "refused"],
            help: "a length of the course in the words: `kept`, the default; `left-out` where dates of yours say it; `refused`: the words go alone",
        },
    ],
    by_element: false,
    free_text: true,
    signature: Signature {
        takes: &[ANY_TEXT, OPTIONAL_PLAIN, OPTIONAL_PLAIN],
        gives: Given::Object(&["Dosage"]),
        returns: true,
    },
    help: "Words of a dose + a unit or form for amounts without one + whether it is given when required, to a Dosage: the words as they are, and structure only where every word is understood. Dosages without words get those of the NHS rules.",
    examples: &[
        Example::new(
            "units",
            r#"["TWO tablets at night", null, false]"#,
            r#"{"text":"TWO tablets at night","timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d","when":["NIGHT"]}},"doseAndRate":[{"doseQuantity":{"value":2,"unit":"tablet","system":"http://snomed.info/sct","code":"428673006"}}]}"#,
        ),
        Example::new(
            "units",
            r#"["ONE twice a day", "tablets", true]"#,
            r#"{"text":"ONE twice a day","timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}},"doseAndRate":[{"doseQuantity":{"value":1,"unit":"tablet","system":"http://snomed.info/sct","code":"428673006"}}],"asNeededBoolean":true}"#,
        ),
        Example::new("units", r#"["ONE twice a day"]"#, r#"{"text":"ONE twice a day"}"#),
        Example::new("units", r#"["as directed, see yellow book"]"#, r#"{"text":"as directed, see yellow book"}"#),
        Example::new(
            "units, course: left-out",
            r#"["5 ml twice a day for 7 days"]"#,
            r#"{"text":"5 ml twice a day for 7 days","timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}},"doseAndRate":[{"doseQuantity":{"value":5,"unit":"mL","system":"http://unitsofmeasure.org","code":"mL"}}]}"#,
        ),
        Example::new("units, course: refused", r#"["5 ml daily for 7 days"]"#, r#"{"text":"5 ml daily for 7 days"}"#),
        Example::new("units", r#"["5 ml daily", null, "perhaps"]"#, "outside"),
    ],
    out,
    back,
    ..PLAIN
};

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let at = |place: usize| sources.get(place).copied().flatten();
    let when_required = at(2).map(is_yes).transpose()?.unwrap_or(false);
    let text = match at(0) {
        Some(Value::String(text)) => Some(text),
        Some(_) => return Err(Outside::domain("this is not a text")),
        None => None,
    };
    let mut dosage = Map::new();
    if let Some(text) = text {
        dosage.insert("text".into(), text.as_str().into());
        if let Some(Value::Object(parts)) = structure(arguments, text, at(1)) {
            dosage.extend(parts.into_iter().filter(|(name, _)| name != "text"));
        }
    }
    if when_required && !dosage.contains_key("asNeededBoolean") && !dosage.contains_key("asNeededCodeableConcept") {
        dosage.insert("asNeededBoolean".into(), true.into());
    }
    Ok((!dosage.is_empty()).then_some(Value::Object(dosage)))
}

/// Yes or no as a boolean, or a word for it.
pub(super) fn is_yes(value: &Value) -> Result<bool, Outside> {
    let word = match value {
        Value::Bool(flag) => return Ok(*flag),
        Value::String(word) => word.trim().to_lowercase(),
        other => other.to_string(),
    };
    match word.as_str() {
        "y" | "yes" | "true" | "1" => Ok(true),
        "n" | "no" | "false" | "0" => Ok(false),
        _ => Err(Outside::domain("this is neither yes nor no")),
    }
}

/// The one Dosage of a text that is wholly understood, in the words and codes of the table; nothing where an amount has
/// no unit or the text tells several doses.
fn structure(arguments: &Arguments, text: &str, unit: Option<&Value>) -> Option<Value> {
    let parsed = parse::parse(text);
    let [one] = parsed.dosages.as_slice() else { return None };
    if !parsed.is_understood() || !one.is_structured() {
        return None;
    }
    let mut dosage = one.to_json();
    let table = arguments.table.as_deref();
    let of_form = unit.and_then(|unit| table?.row(unit));
    with_units(&mut dosage, table, of_form)?;
    if let (Some("left-out"), Some(members)) = (arguments.named("route"), dosage.as_object_mut()) {
        members.remove("route");
    }
    let Some(repeat) = dosage.pointer_mut("/timing/repeat").and_then(Value::as_object_mut) else {
        return Some(dosage);
    };
    let bounds: Vec<String> = repeat.keys().filter(|name| name.starts_with("bounds")).cloned().collect();
    match arguments.named("course") {
        Some("refused") if !bounds.is_empty() => return None,
        Some("left-out") => bounds.iter().for_each(|name| drop(repeat.remove(name))),
        _ => {}
    }
    Some(dosage)
}

/// Gives every amount of a Dosage its unit as the table has it; `None` where one has none.
pub(super) fn with_units(dosage: &mut Value, table: Option<&CodeTable>, of_form: Option<&Value>) -> Option<()> {
    let mut amounts: Vec<&mut Value> = Vec::new();
    let members = dosage.as_object_mut()?;
    for (name, value) in members.iter_mut() {
        match (name.as_str(), value) {
            ("doseAndRate", Value::Array(list)) => {
                for part in list.iter_mut().filter_map(Value::as_object_mut) {
                    for (kind, amount) in part.iter_mut() {
                        match (kind.as_str(), amount) {
                            ("doseQuantity" | "rateQuantity", amount) => amounts.push(amount),
                            ("doseRange", Value::Object(ends)) => amounts.extend(ends.values_mut()),
                            _ => {}
                        }
                    }
                }
            }
            ("maxDosePerPeriod", Value::Object(ratio)) => amounts.extend(ratio.get_mut("numerator")),
            ("maxDosePerAdministration" | "maxDosePerLifetime", amount) => amounts.push(amount),
            _ => {}
        }
    }
    for amount in amounts {
        let amount = amount.as_object_mut()?;
        let own = |name: &str| amount.get(name).cloned();
        let known = match (own("system"), own("code"), own("unit")) {
            (None, None, None) => Some(of_form?.clone()),
            (system, code, unit) => table.and_then(|table| {
                let fits = |side: &Value| match &code {
                    Some(code) => side.get("code") == Some(code) && side.get("system") == system.as_ref(),
                    None => side.get("unit") == unit.as_ref(),
                };
                table.rows.iter().map(|(_, side)| side).find(|side| fits(side)).cloned()
            }),
        };
        if let Some(Value::Object(side)) = known {
            amount.extend(side);
        }
    }
    Some(())
}

fn back(arguments: &Arguments, value: &Value) -> Returned {
    let text = match value.get("text").and_then(Value::as_str) {
        Some(text) => Some(text.to_owned()),
        None => {
            let own = own(arguments, value);
            // A method alone is no dose: another field says it.
            let mut amount = own.clone();
            amount.as_object_mut().map(|members| members.shift_remove("method"));
            let is_dose = Dosage::read(&amount).is_structured();
            if is_dose { Some(rendered(&Dosage::read(&own))?) } else { None }
        }
    };
    let required = value.get("asNeededBoolean") == Some(&json!(true)) || value.get("asNeededCodeableConcept").is_some();
    if text.is_none() && !required {
        // What stands there is other fields' own.
        return Ok(std::iter::once(Some(Value::Null)).chain((1..arguments.sources).map(|_| None)).collect());
    }
    let mut values = vec![text.map(Value::from)];
    if arguments.sources > 1 {
        values.push(None);
    }
    if arguments.sources > 2 {
        values.push(Some(required.into()));
    }
    Ok(values)
}

/// What of a Dosage the words would have said: what other fields of a record carry is no part of them.
fn own(arguments: &Arguments, dosage: &Value) -> Value {
    let mut own = dosage.clone();
    if let Some(members) = own.as_object_mut() {
        members.remove("asNeededBoolean");
        if arguments.named("route") == Some("left-out") {
            members.remove("route");
        }
    }
    if let Some(timing) = own.get_mut("timing").and_then(Value::as_object_mut) {
        timing.remove("event");
        if let Some(repeat) = timing.get_mut("repeat").and_then(Value::as_object_mut)
            && matches!(arguments.named("course"), Some("left-out" | "refused"))
        {
            repeat.retain(|name, _| !name.starts_with("bounds"));
        }
    }
    own
}

/// The words that the NHS rules give a structure.
fn rendered(dosage: &Dosage) -> Result<String, Outside> {
    let rendered = render::one(dosage);
    if rendered.text.is_empty() || rendered.issues.iter().any(ginnel_medicines::dose::Finding::is_error) {
        return Err(Outside::domain(
            "this dose has no words, and its structure cannot be said in words with certainty",
        ));
    }
    Ok(rendered.text)
}
