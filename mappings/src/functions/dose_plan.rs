//! `dose-plan(table)`: a plan of doses that differ by the day ("Mon/Wed/Fri 3mg, other days 4mg") to Dosages of one
//! order, all or none of it.

use super::signature::{ANY_TEXT, Given, OPTIONAL_TEXT, Signature};
use super::{Arguments, Example, Function, Named, PLAIN, Sent, Sources, Takes, dosage::with_units};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_medicines::dose::parse;
use serde_json::{Value, json};

/// The function.
pub const DOSE_PLAN: Function = Function {
    name: "dose-plan",
    class: LawClass::Derive,
    sources: Sources::Between(1, 2),
    takes: Takes::Table,
    named: &[Named {
        name: "beside",
        choices: &[],
        help: "a regular expression of sentences that say nothing of the dose, for instance `^next INR`",
    }],
    by_element: false,
    free_text: true,
    signature: Signature { takes: &[ANY_TEXT, OPTIONAL_TEXT], gives: Given::Objects(&["Dosage"]), returns: false },
    help: "A plan of doses by the day + the time of day to Dosages with one sequence; a plan that is not understood whole is outside (only out).",
    examples: &[
        Example::new(
            r#"units, beside: "(?i)^next INR\\b[^a-z]*$""#,
            r#"["Mon/Fri 3mg, other days 4mg. Next INR 29/10/26", "17:00"]"#,
            r#"[{"sequence":1,"text":"3mg on Monday and Friday","timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d","dayOfWeek":["mon","fri"],"timeOfDay":["17:00:00"]}},"doseAndRate":[{"doseQuantity":{"value":3,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}]},{"sequence":1,"text":"4mg on all other days","timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d","dayOfWeek":["tue","wed","thu","sat","sun"],"timeOfDay":["17:00:00"]}},"doseAndRate":[{"doseQuantity":{"value":4,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}]}]"#,
        ),
        Example::new("units", r#"["Mon/Fri 3mg, other days 4mg. From 1/11 2mg"]"#, "outside"),
        Example::new("units", r#"["Mon/Fri 3, other days 4"]"#, "outside"),
        Example::new("units", r#"["see 1mg"]"#, "outside"),
    ],
    out,
    back: |_, _| Err(Outside::domain("doses by the day do not tell the words of a plan")),
    ..PLAIN
};

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let at = |place: usize| sources.get(place).copied().flatten().and_then(Value::as_str);
    let Some(plan) = at(0) else { return Ok(None) };
    let beside = arguments.named("beside").and_then(|text| regex::Regex::new(text).ok());
    let is_beside = |sentence: &str| beside.as_ref().is_some_and(|beside| beside.is_match(sentence));
    let doses: Vec<&str> = sentences(plan).into_iter().filter(|sentence| !is_beside(sentence)).collect();
    let doses = doses.join(". ");
    let parsed = parse::parse(&doses);
    if !parsed.is_understood() || parsed.dosages.is_empty() {
        return Err(Outside::domain("not every word of this plan of doses is understood"));
    }
    let time = at(1).map(time_of_day).transpose()?;
    let table = arguments.table.as_deref();
    let mut dosages: Vec<Value> = parsed.dosages.iter().map(ginnel_medicines::dose::Dosage::to_json).collect();
    let says_others = doses.to_lowercase().contains("other days") || doses.to_lowercase().contains("remaining days");
    let count = dosages.len();
    for (place, dosage) in dosages.iter_mut().enumerate() {
        let has_dose = dosage.pointer("/doseAndRate/0").is_some();
        let timing = dosage.pointer_mut("/timing/repeat").and_then(Value::as_object_mut);
        let (true, Some(repeat)) = (has_dose, timing) else {
            return Err(Outside::domain("a part of this plan has no dose or no day"));
        };
        if let Some(time) = time.as_ref().filter(|_| !repeat.contains_key("when") && !repeat.contains_key("timeOfDay"))
        {
            repeat.insert("timeOfDay".into(), json!([time]));
        }
        with_units(dosage, table, None).ok_or_else(|| Outside::domain("a dose of this plan has no unit"))?;
        if count > 1 {
            let others = says_others && place + 1 == count;
            dosage["text"] = words(dosage, others).into();
        } else {
            dosage["sequence"] = json!(1);
        }
    }
    Ok(Some(Value::Array(dosages)))
}

fn sentences(plan: &str) -> Vec<&str> {
    let parts = plan.split(['\n', '\r']).flat_map(|line| line.split(". "));
    parts.map(|part| part.trim().trim_end_matches('.')).filter(|part| !part.is_empty()).collect()
}

fn time_of_day(text: &str) -> Result<String, Outside> {
    let whole = if text.len() == 5 { format!("{text}:00") } else { text.to_owned() };
    let is_time = ginnel_schemas::primitive::Primitive::Time.accepts(&whole);
    if is_time { Ok(whole) } else { Err(Outside::domain("the time of day of this plan is none")) }
}

/// "3mg on Monday, Wednesday and Friday", "2 tablets on all other days".
fn words(dosage: &Value, others: bool) -> String {
    const DAYS: [(&str, &str); 7] = [
        ("mon", "Monday"),
        ("tue", "Tuesday"),
        ("wed", "Wednesday"),
        ("thu", "Thursday"),
        ("fri", "Friday"),
        ("sat", "Saturday"),
        ("sun", "Sunday"),
    ];
    let amount = |quantity: &Value| {
        let value = quantity.get("value").map(Value::to_string).unwrap_or_default();
        let unit = quantity.get("unit").and_then(Value::as_str).unwrap_or_default();
        let is_measure = quantity.get("system").and_then(Value::as_str) == Some("http://unitsofmeasure.org");
        match (is_measure, value.as_str()) {
            (true, _) => format!("{value}{unit}"),
            (false, "1") => format!("{value} {unit}"),
            (false, _) => format!("{value} {unit}s"),
        }
    };
    let part = dosage.pointer("/doseAndRate/0").unwrap_or(&Value::Null);
    let dose = match (part.get("doseQuantity"), part.get("doseRange")) {
        (Some(one), _) => amount(one),
        (None, Some(range)) => {
            let end = |name: &str| range.get(name).map(amount).unwrap_or_default();
            format!("{} to {}", end("low"), end("high"))
        }
        _ => String::new(),
    };
    let days: Vec<&str> = dosage
        .pointer("/timing/repeat/dayOfWeek")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter_map(|code| DAYS.iter().find(|(known, _)| *known == code).map(|(_, name)| *name))
        .collect();
    match (others, days.split_last()) {
        (true, _) => format!("{dose} on all other days"),
        (false, Some((last, []))) => format!("{dose} on {last}"),
        (false, Some((last, before))) => format!("{dose} on {} and {last}", before.join(", ")),
        (false, None) => dose,
    }
}
