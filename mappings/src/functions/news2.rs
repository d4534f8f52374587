//! `news2`: the measurements of a National Early Warning Score that somebody typed in one line, all of them or none.

use super::signature::{Given, SOME_TEXT, Signature};
use super::{Example, Function, PLAIN, Sent, text};
use crate::account::LawClass;
use crate::outside::Outside;
use serde_json::{Value, json};

const SCT: &str = "http://snomed.info/sct";
const UCUM: &str = "http://unitsofmeasure.org";

/// The function.
pub const NEWS2: Function = Function {
    name: "news2",
    class: LawClass::Derive,
    signature: Signature { takes: &[SOME_TEXT], gives: Given::Objects(&["Observation.component"]), returns: false },
    help: "`RR 22, Sats 91% RA (scale 2), BP 104/58, P 104, Alert, T 38.1` to the components of an Observation; a line with a word that is none of these is outside (only out).",
    examples: &[
        Example::new(
            "",
            r#"["RR 22, T 38.1, Alert"]"#,
            r#"[{"code":{"coding":[{"system":"http://snomed.info/sct","code":"86290005","display":"Respiratory rate"}]},"valueQuantity":{"value":22,"unit":"per minute","system":"http://unitsofmeasure.org","code":"/min"}},{"code":{"coding":[{"system":"http://snomed.info/sct","code":"386725007","display":"Body temperature"}]},"valueQuantity":{"value":38.1,"unit":"degree Celsius","system":"http://unitsofmeasure.org","code":"Cel"}},{"code":{"text":"Level of consciousness (ACVPU)"},"valueString":"Alert"}]"#,
        ),
        Example::new("", r#"["RR 22, sats ok"]"#, "outside"),
        Example::new("", r#"["settled"]"#, "outside"),
    ],
    out,
    back: |_, _| Err(Outside::domain("measurements do not tell the words they were typed in")),
    ..PLAIN
};

fn out(_: &super::Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(line) = text(sources)? else { return Ok(None) };
    let outside = || Outside::domain("not every word of this line is a measurement of an early warning score");
    let mut components = Vec::new();
    for part in line.split([',', ';']).map(str::trim).filter(|part| !part.is_empty()) {
        components.extend(measured(part).ok_or_else(outside)?);
    }
    let codes: Vec<&Value> = components.iter().map(|one| &one["code"]).collect();
    let twice = codes.iter().enumerate().any(|(at, code)| codes.iter().take(at).any(|other| other == code));
    if components.is_empty() || twice { Err(outside()) } else { Ok(Some(Value::Array(components))) }
}

/// What one part says: a name, a number and what belongs to it.
fn measured(part: &str) -> Option<Vec<Value>> {
    let lower = part.to_lowercase();
    let at = lower.find(|c: char| c.is_ascii_digit()).unwrap_or(lower.len());
    let (name, rest) = (lower.get(..at)?.trim().trim_end_matches([':', '=']).trim(), lower.get(at..)?.trim());
    let number = |text: &str| serde_json::from_str::<Value>(text).ok().filter(Value::is_number);
    let quantity = |code: &str, display: &str, value: Value, unit: &str, ucum: &str| {
        json!({"code": {"coding": [{"system": SCT, "code": code, "display": display}]},
            "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": ucum}})
    };
    let said = |what: &str, words: &str| json!({"code": {"text": what}, "valueString": words});
    match name {
        "rr" | "resps" | "resp" | "respiratory rate" => {
            Some(vec![quantity("86290005", "Respiratory rate", number(rest)?, "per minute", "/min")])
        }
        "p" | "pulse" | "hr" | "heart rate" => {
            Some(vec![quantity("364075005", "Heart rate", number(rest)?, "per minute", "/min")])
        }
        "t" | "temp" | "temperature" => {
            let value = rest.trim_end_matches("°c").trim_end_matches('c').trim();
            Some(vec![quantity("386725007", "Body temperature", number(value)?, "degree Celsius", "Cel")])
        }
        "bp" | "blood pressure" => {
            let (systolic, diastolic) = rest.split_once('/')?;
            let (systolic, diastolic) = (number(systolic.trim())?, number(diastolic.trim())?);
            let is_rising = systolic.as_f64()? > diastolic.as_f64()?;
            is_rising.then(|| {
                vec![
                    quantity("72313002", "Systolic arterial pressure", systolic, "millimeter of mercury", "mm[Hg]"),
                    quantity(
                        "1091811000000102",
                        "Diastolic arterial pressure",
                        diastolic,
                        "millimeter of mercury",
                        "mm[Hg]",
                    ),
                ]
            })
        }
        "sats" | "sat" | "spo2" | "o2 sats" | "oxygen saturation" => saturation(rest, &quantity, &said),
        "alert" | "a" if rest.is_empty() => Some(vec![said("Level of consciousness (ACVPU)", "Alert")]),
        "confused" | "new confusion" if rest.is_empty() => {
            Some(vec![said("Level of consciousness (ACVPU)", "New confusion")])
        }
        "voice" | "pain" | "unresponsive" if rest.is_empty() => {
            Some(vec![said("Level of consciousness (ACVPU)", part)])
        }
        _ => None,
    }
}

/// "91% ra (scale 2)": the saturation, on air or oxygen, and by which scale.
fn saturation(
    rest: &str,
    quantity: &dyn Fn(&str, &str, Value, &str, &str) -> Value,
    said: &dyn Fn(&str, &str) -> Value,
) -> Option<Vec<Value>> {
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
    let value = serde_json::from_str::<Value>(rest.get(..end)?).ok().filter(Value::is_number)?;
    let mut out = vec![quantity("431314004", "Peripheral oxygen saturation", value, "percent", "%")];
    let mut words = rest.get(end..)?.trim().trim_start_matches('%').trim();
    for (word, shown) in
        [("on ", ""), ("room air", "Air"), ("ra", "Air"), ("air", "Air"), ("oxygen", "Oxygen"), ("o2", "Oxygen")]
    {
        if let Some(after) = words.strip_prefix(word) {
            words = after.trim();
            if !shown.is_empty() {
                out.push(said("Air or oxygen", shown));
                break;
            }
        }
    }
    match words.trim_matches(['(', ')']).trim() {
        "" => Some(out),
        "scale 1" => Some(out.into_iter().chain([said("SpO2 scale", "Scale 1")]).collect()),
        "scale 2" => Some(out.into_iter().chain([said("SpO2 scale", "Scale 2")]).collect()),
        _ => None,
    }
}
