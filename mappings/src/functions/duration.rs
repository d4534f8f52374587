//! `duration`: a length of time written like a clock, `00:45:00`, to a Quantity of time.

use super::signature::{Given, SOME_TEXT, Signature};
use super::{Example, Function, Named, PLAIN, Returned, Sent, text};
use crate::account::LawClass;
use crate::outside::Outside;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// The function.
pub const DURATION: Function = Function {
    name: "duration",
    class: LawClass::Lens,
    named: &[
        Named { name: "unit", choices: &["s", "min", "h"], help: "the unit sent; `min` where it is not said" },
        Named { name: "written", choices: &["hh:mm:ss", "hh:mm"], help: "how it is written back; `hh:mm:ss`" },
    ],
    by_element: false,
    signature: Signature { takes: &[SOME_TEXT], gives: Given::Object(&["Quantity", "Duration"]), returns: true },
    help: "A length of time, `hh:mm:ss` or `hh:mm`, to a Quantity of seconds, minutes or hours; what that unit does not hold exactly is outside.",
    examples: &[
        Example::new(
            "",
            r#"["00:45:00"]"#,
            r#"{"value":45,"unit":"minute","system":"http://unitsofmeasure.org","code":"min"}"#,
        ),
        Example::new(
            "",
            r#"["00:52:24"]"#,
            r#"{"value":52.4,"unit":"minute","system":"http://unitsofmeasure.org","code":"min"}"#,
        ),
        Example::new(
            "unit: s",
            r#"["26:00:01"]"#,
            r#"{"value":93601,"unit":"second","system":"http://unitsofmeasure.org","code":"s"}"#,
        ),
        Example::new(
            "unit: h, written: \"hh:mm\"",
            r#"["01:30"]"#,
            r#"{"value":1.5,"unit":"hour","system":"http://unitsofmeasure.org","code":"h"}"#,
        ),
        Example::new("", r#"["00:00:20"]"#, "outside"),
        Example::new("", r#"["00:60:00"]"#, "outside"),
        Example::new("", r#"["45 mins"]"#, "outside"),
    ],
    out: |arguments, sources| -> Sent {
        let Some(text) = text(sources)? else { return Ok(None) };
        let seconds = seconds(text).ok_or_else(|| Outside::domain("this is not a length of time, written hh:mm:ss"))?;
        let (name, code, size) = unit(arguments.named("unit"));
        let value = Decimal::from(seconds) / Decimal::from(size);
        if value * Decimal::from(size) != Decimal::from(seconds) || value.scale() > 4 {
            return Err(Outside::domain("this length of time is no exact number in the unit that the mapping sends"));
        }
        let value = super::number_text(&value.normalize().to_string());
        Ok(Some(json!({"value": value, "unit": name, "system": "http://unitsofmeasure.org", "code": code})))
    },
    back: |arguments, value| -> Returned {
        let (_, code, size) = unit(arguments.named("unit"));
        if value.get("code").and_then(Value::as_str) != Some(code) {
            return Err(Outside::domain("this length of time has another unit than the mapping sends"));
        }
        let written = value.get("value").map(ToString::to_string);
        let amount: Option<Decimal> = written.and_then(|text| text.parse().ok());
        let seconds = amount.and_then(|amount| amount.checked_mul(Decimal::from(size)));
        let whole = seconds.filter(|seconds| seconds.is_integer() && *seconds >= Decimal::ZERO);
        let seconds: u64 = whole
            .and_then(|seconds| u64::try_from(seconds).ok())
            .filter(|seconds| *seconds <= LONGEST)
            .ok_or_else(|| Outside::domain("the vendor's length of time holds whole seconds, up to 1000 hours"))?;
        let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let text = match (arguments.named("written"), rest) {
            (Some("hh:mm"), 0) => format!("{hours:02}:{minutes:02}"),
            (Some("hh:mm"), _) => return Err(Outside::domain("the vendor's length of time has no seconds")),
            _ => format!("{hours:02}:{minutes:02}:{rest:02}"),
        };
        Ok(vec![Some(text.into())])
    },
    ..PLAIN
};

/// A thousand hours: what is longer is no visit.
const LONGEST: u64 = 3_600_000;

fn unit(code: Option<&str>) -> (&'static str, &'static str, u64) {
    match code {
        Some("s") => ("second", "s", 1),
        Some("h") => ("hour", "h", 3600),
        _ => ("minute", "min", 60),
    }
}

fn seconds(text: &str) -> Option<u64> {
    let mut parts = text.split(':');
    let mut number = |longest: usize, most: u64| {
        let part = parts.next()?;
        let right = (1..=longest).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        right.then(|| part.parse::<u64>().ok()).flatten().filter(|number| *number <= most)
    };
    let (hours, minutes) = (number(4, 1000)?, number(2, 59)?);
    let seconds = if text.bytes().filter(|byte| *byte == b':').count() == 2 { number(2, 59)? } else { 0 };
    let total = hours * 3600 + minutes * 60 + seconds;
    (parts.next().is_none() && total <= LONGEST).then_some(total)
}
