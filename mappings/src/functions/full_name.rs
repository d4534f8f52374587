//! `full-name` and `known-as`: a whole name in one field. Its text is sent as it is written; parts only where they are sure.

use super::signature::{Given, SOME_TEXT, Signature, TEXTS};
use super::{Arguments, Example, Function, Named, PLAIN, Returned, Sent, text};
use crate::account::LawClass;
use crate::outside::Outside;
use serde_json::{Map, Value};

/// A whole name.
pub const FULL_NAME: Function = Function {
    name: "full-name",
    class: LawClass::Lens,
    named: &[Named {
        name: "order",
        choices: &["surname-first", "forename-first"],
        help: "what stands first; without it the comma or capitals of the surname tell, or the parts are not sent",
    }],
    free_text: true,
    signature: Signature { takes: &[SOME_TEXT], gives: Given::Object(&["HumanName"]), returns: true },
    help: "`SURNAME, Forenames (Known as)` or `Mrs Forenames Surname` to a HumanName: always its text, and family, given and prefix where they are sure.",
    examples: &[
        Example::new(
            "",
            r#"["Okafor-Whitfield, Mrs Margaret Ellen (Peggy)"]"#,
            r#"{"text":"Okafor-Whitfield, Mrs Margaret Ellen (Peggy)","family":"Okafor-Whitfield","given":["Margaret","Ellen"],"prefix":["Mrs"]}"#,
        ),
        Example::new("", r#"["RATHORE Sunita"]"#, r#"{"text":"RATHORE Sunita","family":"RATHORE","given":["Sunita"]}"#),
        Example::new(
            "order: forename-first",
            r#"["Mr Dennis van der Pilbeam"]"#,
            r#"{"text":"Mr Dennis van der Pilbeam","family":"van der Pilbeam","given":["Dennis"],"prefix":["Mr"]}"#,
        ),
        Example::new("", r#"["Dennis Pilbeam"]"#, r#"{"text":"Dennis Pilbeam"}"#),
        Example::new("", r#"["Mr & Mrs Pilbeam"]"#, r#"{"text":"Mr & Mrs Pilbeam"}"#),
        Example::new("", "[5]", "outside"),
    ],
    out,
    back,
    ..PLAIN
};

/// What somebody is called.
pub const KNOWN_AS: Function = Function {
    name: "known-as",
    class: LawClass::Derive,
    free_text: true,
    signature: Signature { takes: &[SOME_TEXT], gives: TEXTS, returns: false },
    help: "What stands in brackets or quotes behind a name, as people are known (only out).",
    examples: &[
        Example::new("", r#"["Pilbeam, Dennis (Den)"]"#, r#""Den""#),
        Example::new("", r#"["Dennis \"Den\" Pilbeam"]"#, r#""Den""#),
        Example::new("", r#"["Dennis Pilbeam"]"#, "nothing"),
    ],
    out: |_, sources| -> Sent { Ok(text(sources)?.and_then(|text| without_known_as(text).1).map(Value::from)) },
    back: |_, _| Err(Outside::domain("what somebody is called does not tell the whole name")),
    ..PLAIN
};

const TITLES: [&str; 22] = [
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "master",
    "dr",
    "prof",
    "professor",
    "rev",
    "revd",
    "reverend",
    "fr",
    "father",
    "sister",
    "sr",
    "sir",
    "dame",
    "lady",
    "lord",
    "canon",
    "rabbi",
];
const PARTICLES: [&str; 18] = [
    "van", "von", "der", "den", "de", "da", "di", "du", "del", "della", "dos", "la", "le", "bin", "ibn", "al", "el",
    "st",
];

#[derive(Default)]
struct Parts<'t> {
    family: String,
    given: Vec<&'t str>,
    prefix: Vec<&'t str>,
}

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(text) = text(sources)? else { return Ok(None) };
    let mut name = Map::new();
    name.insert("text".into(), text.into());
    let (alone, _) = without_known_as(text);
    if let Some(parts) = parts(&alone, arguments.named("order")) {
        name.insert("family".into(), parts.family.into());
        for (member, words) in [("given", parts.given), ("prefix", parts.prefix)] {
            if !words.is_empty() {
                name.insert(member.into(), words.into());
            }
        }
    }
    Ok(Some(Value::Object(name)))
}

/// The parts of a name that are sure; a name with figures or signs of other things has none.
fn parts<'t>(name: &'t str, order: Option<&str>) -> Option<Parts<'t>> {
    let of_a_name = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’' | '.' | ',');
    if !name.chars().all(of_a_name) || name.matches(',').count() > 1 {
        return None;
    }
    let upper = |word: &str| word.chars().count() > 1 && !word.chars().any(char::is_lowercase);
    if let Some((family, rest)) = name.split_once(',') {
        if order == Some("forename-first") {
            return None;
        }
        return named(family.split_whitespace().collect(), rest.split_whitespace().collect());
    }
    let mut words: Vec<&str> = name.split_whitespace().collect();
    let titles: Vec<&str> = words.iter().copied().take_while(|word| is_title(word)).collect();
    words.drain(..titles.len());
    let capitals = words.iter().take_while(|word| upper(word)).count();
    let sure = capitals > 0 && capitals < words.len() && !words[capitals..].iter().any(|word| upper(word));
    let mut found = match order {
        Some("forename-first") => {
            let last = words.len().checked_sub(1)?;
            let first = (0..last).find(|place| *place > 0 && PARTICLES.contains(&words[*place])).unwrap_or(last);
            named(words.split_off(first), words)
        }
        // Without a comma only capitals tell where the surname ends.
        _ if sure => {
            let given = words.split_off(capitals);
            named(words, given)
        }
        _ => None,
    }?;
    found.prefix.splice(0..0, titles);
    Some(found)
}

fn named<'t>(family: Vec<&'t str>, rest: Vec<&'t str>) -> Option<Parts<'t>> {
    let prefix: Vec<&str> = rest.iter().copied().filter(|word| is_title(word)).collect();
    let given: Vec<&str> = rest.into_iter().filter(|word| !is_title(word)).collect();
    let sane = !family.is_empty() && !given.is_empty() && !family.iter().any(|word| is_title(word));
    sane.then(|| Parts { family: family.join(" "), given, prefix })
}

fn is_title(word: &str) -> bool {
    let plain = word.trim_end_matches('.').to_lowercase();
    TITLES.contains(&plain.as_str())
}

/// The name without what stands in brackets or double quotes, and that.
fn without_known_as(text: &str) -> (String, Option<&str>) {
    for (open, close) in [('(', ')'), ('"', '"'), ('“', '”')] {
        let Some((before, rest)) = text.split_once(open) else { continue };
        let Some((inner, after)) = rest.split_once(close) else { continue };
        let known = inner.trim();
        let known =
            ["known as ", "prefers ", "likes "].iter().find_map(|words| known.strip_prefix(words)).unwrap_or(known);
        if !known.is_empty() {
            return (format!("{} {}", before.trim_end(), after.trim_start()).trim().to_string(), Some(known));
        }
    }
    (text.trim().to_string(), None)
}

fn back(arguments: &Arguments, value: &Value) -> Returned {
    let disagree = || Outside::domain("the vendor holds one text, and the parts of this name say other than its text");
    let words = |member: &str| -> Vec<&str> {
        value.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    };
    let text = match value.get("text").and_then(Value::as_str) {
        Some(text) => text.to_string(),
        None => {
            let family = value.get("family").and_then(Value::as_str).unwrap_or_default();
            let first = [words("prefix"), words("given")].concat().join(" ");
            match arguments.named("order") {
                Some("forename-first") => format!("{first} {family}").trim().to_string(),
                _ => format!("{family}, {first}"),
            }
        }
    };
    let text = Value::from(text);
    let again = out(arguments, &[Some(&text)])?.unwrap_or_default();
    let same = ["family", "given", "prefix"].iter().all(|member| value.get(member) == again.get(member));
    let more = value.as_object().is_none_or(|name| {
        // `use` is told by the slice around the name.
        name.keys().any(|member| !["text", "family", "given", "prefix", "use"].contains(&member.as_str()))
    });
    if same && !more { Ok(vec![Some(text)]) } else { Err(disagree()) }
}
