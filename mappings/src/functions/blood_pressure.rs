//! `blood-pressure`: `104/58` to the two components of a blood pressure Observation.

use super::signature::{Given, SOME_TEXT, Signature};
use super::{Example, Function, PLAIN, Returned, Sent, text};
use crate::account::LawClass;
use crate::outside::Outside;
use serde_json::{Value, json};

/// The function.
pub const BLOOD_PRESSURE: Function = Function {
    name: "blood-pressure",
    class: LawClass::Lens,
    signature: Signature { takes: &[SOME_TEXT], gives: Given::Objects(&["Observation.component"]), returns: true },
    help: "`104/58` to the systolic and the diastolic component, coded in SNOMED CT and LOINC, in mm[Hg].",
    examples: &[
        Example::new(
            "",
            r#"["92 / 50"]"#,
            r#"[{"code":{"coding":[{"system":"http://snomed.info/sct","code":"72313002","display":"Systolic arterial pressure"},{"system":"http://loinc.org","code":"8480-6","display":"Systolic blood pressure"}],"text":"Systolic blood pressure"},"valueQuantity":{"value":92,"unit":"millimeter of mercury","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},{"code":{"coding":[{"system":"http://snomed.info/sct","code":"1091811000000102","display":"Diastolic arterial pressure"},{"system":"http://loinc.org","code":"8462-4","display":"Diastolic blood pressure"}],"text":"Diastolic blood pressure"},"valueQuantity":{"value":50,"unit":"millimeter of mercury","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]"#,
        ),
        Example::new("", r#"["58/104"]"#, "outside"),
        Example::new("", r#"["104"]"#, "outside"),
        Example::new("", r#"["104/58 sitting"]"#, "outside"),
    ],
    out,
    back,
    ..PLAIN
};

fn out(_: &super::Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(text) = text(sources)? else { return Ok(None) };
    let pressure = |text: &str| {
        let text = text.trim();
        let plain = (2..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse::<u16>().ok()).flatten().filter(|number| *number > 0)
    };
    let found = text.split_once('/').and_then(|(above, below)| Some((pressure(above)?, pressure(below)?)));
    let (above, below) = found
        .filter(|(above, below)| above > below)
        .ok_or_else(|| Outside::domain("this is not a blood pressure, written systolic/diastolic"))?;
    let component = |code: &str, display: &str, (loinc, words): (&str, &str), value: u16| {
        json!({
            "code": {
                "coding": [
                    {"system": "http://snomed.info/sct", "code": code, "display": display},
                    {"system": "http://loinc.org", "code": loinc, "display": words},
                ],
                // UK Core tells the two by these words.
                "text": words,
            },
            "valueQuantity": {
                "value": value,
                "unit": "millimeter of mercury",
                "system": "http://unitsofmeasure.org",
                "code": "mm[Hg]",
            },
        })
    };
    Ok(Some(Value::Array(vec![
        component("72313002", "Systolic arterial pressure", ("8480-6", "Systolic blood pressure"), above),
        component("1091811000000102", "Diastolic arterial pressure", ("8462-4", "Diastolic blood pressure"), below),
    ])))
}

fn back(arguments: &super::Arguments, value: &Value) -> Returned {
    let number = |place: usize| value.get(place)?.get("valueQuantity")?.get("value").map(ToString::to_string);
    let text = number(0).zip(number(1)).map(|(above, below)| Value::from(format!("{above}/{below}")));
    match text {
        Some(text) if out(arguments, &[Some(&text)]).ok().flatten().as_ref() == Some(value) => Ok(vec![Some(text)]),
        _ => Err(Outside::domain("the vendor holds two whole numbers of mm[Hg], systolic and diastolic, and no more")),
    }
}
