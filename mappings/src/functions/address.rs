//! `address`: a whole address in one text. The text is sent as it is written, with its lines and postcode beside it.

use super::signature::{Given, SOME_TEXT, Signature};
use super::uk_postcode::postcode;
use super::{Arguments, Example, Function, Named, PLAIN, Returned, Sent, text};
use crate::account::LawClass;
use crate::outside::Outside;
use serde_json::{Map, Value};

/// The function.
pub const ADDRESS: Function = Function {
    name: "address",
    class: LawClass::Lens,
    named: &[
        Named { name: "city", choices: &["last"], help: "whether the last line before the postcode is the town" },
        Named { name: "written", choices: &[], help: "what is written between lines where FHIR has no text; `, `" },
    ],
    free_text: true,
    signature: Signature { takes: &[SOME_TEXT], gives: Given::Object(&["Address"]), returns: true },
    help: "An address with commas or line breaks to an Address: its text, its lines, and the postcode at its end.",
    examples: &[
        Example::new(
            "",
            r#"["Sycamore Lodge, Room 12B, Northbrook, , ZZ1 7QD"]"#,
            r#"{"text":"Sycamore Lodge, Room 12B, Northbrook, , ZZ1 7QD","line":["Sycamore Lodge","Room 12B","Northbrook"],"postalCode":"ZZ1 7QD"}"#,
        ),
        Example::new(
            "city: last",
            r#"["12 Example Lane\nNorthbrook zz14th"]"#,
            r#"{"text":"12 Example Lane\nNorthbrook zz14th","line":["12 Example Lane"],"city":"Northbrook","postalCode":"ZZ1 4TH"}"#,
        ),
        Example::new("", r#"["same as client"]"#, r#"{"text":"same as client","line":["same as client"]}"#),
        Example::new("", "[5]", "outside"),
    ],
    out,
    back,
    ..PLAIN
};

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(text) = text(sources)? else { return Ok(None) };
    let mut lines: Vec<&str> = text.split([',', '\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut code = None;
    if let Some(last) = lines.last().copied() {
        // The postcode is a line of its own, or the last word or two of one.
        let spaces = last.match_indices(char::is_whitespace).map(|(at, _)| at + 1).rev().take(2);
        let found = spaces.chain([0]).filter_map(|at| Some((at, postcode(last.get(at..)?).ok()?))).last();
        if let Some((at, found)) = found {
            code = Some(found);
            lines.pop();
            let before = last[..at].trim();
            if !before.is_empty() {
                lines.push(before);
            }
        }
    }
    let city = if arguments.named("city").is_some() && lines.len() > 1 { lines.pop() } else { None };
    let mut address = Map::new();
    address.insert("text".into(), text.into());
    if !lines.is_empty() {
        address.insert("line".into(), lines.into());
    }
    for (member, value) in [("city", city.map(Value::from)), ("postalCode", code.map(Value::from))] {
        if let Some(value) = value {
            address.insert(member.into(), value);
        }
    }
    Ok(Some(Value::Object(address)))
}

fn back(arguments: &Arguments, value: &Value) -> Returned {
    let member = |name: &str| value.get(name).and_then(Value::as_str);
    let text = match member("text") {
        Some(text) => text.to_string(),
        None => {
            let lines = value.get("line").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
            let parts: Vec<&str> = lines.chain(member("city")).chain(member("postalCode")).collect();
            parts.join(arguments.named("written").unwrap_or(", "))
        }
    };
    let text = Value::from(text);
    let again = out(arguments, &[Some(&text)])?.unwrap_or_default();
    let same = ["line", "city", "postalCode"].iter().all(|name| value.get(name) == again.get(name));
    let more = value.as_object().is_none_or(|address| {
        // `use` and `type` are told by the slice around the address.
        let known = ["text", "line", "city", "postalCode", "use", "type"];
        address.keys().any(|name| !known.contains(&name.as_str()))
    });
    if same && !more {
        Ok(vec![Some(text)])
    } else {
        Err(Outside::domain("the vendor holds one text, and the parts of this address say other than its text"))
    }
}
