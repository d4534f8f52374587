//! How a function is called in a mapping: `name(arg, arg, name: value)`, read with the place of each fault said.

use super::{Arguments, FUNCTIONS, Function, NOT_FUNCTIONS, Sources, Takes};
use crate::code_table::CodeTable;
use crate::diagnostic::did_you_mean;
use serde_json::Value;
use std::sync::Arc;

/// A call as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The function's name.
    pub name: String,
    /// What stands in the brackets without a name.
    pub plain: Vec<Word>,
    /// What stands there as `name: value`.
    pub named: Vec<(String, Word)>,
}

/// One argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Its text, without quotes.
    pub text: String,
    /// Whether it stands in quotes; a bare word names a code table, a number or a choice.
    pub quoted: bool,
}

/// Why a call cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallFault {
    /// What is wrong, as a sentence without its end.
    pub text: String,
    /// What to do.
    pub hint: String,
    /// Whether a code table is what is missing.
    pub table: bool,
}

impl CallFault {
    pub(super) fn new(text: impl Into<String>, hint: impl Into<String>) -> CallFault {
        CallFault { text: text.into(), hint: hint.into(), table: false }
    }
}

impl Call {
    /// Reads a call. Texts stand in single or double quotes; in them `\\`, `\"`, `\'`, `\n` and `\t` are escapes.
    pub fn parse(text: &str) -> Result<Call, CallFault> {
        let text = text.trim();
        let Some((name, inner)) = text.split_once('(') else {
            return Ok(Call { name: text.to_string(), plain: Vec::new(), named: Vec::new() });
        };
        let fault = |what: &str| CallFault::new(format!("`{text}`: {what}"), "write `name(\"text\", name: value)`");
        let inner = inner.trim_end().strip_suffix(')').ok_or_else(|| fault("`(` without `)`"))?;
        let mut call = Call { name: name.trim().to_string(), plain: Vec::new(), named: Vec::new() };
        let mut rest = inner.trim_start();
        while !rest.is_empty() {
            let (word, after) = word(rest).map_err(&fault)?;
            rest = after.trim_start();
            if let Some(after) = rest.strip_prefix(':').filter(|_| !word.quoted) {
                let (value, after) = self::word(after.trim_start()).map_err(&fault)?;
                call.named.push((word.text, value));
                rest = after.trim_start();
            } else {
                call.plain.push(word);
            }
            match rest.strip_prefix(',') {
                Some(after) => rest = after.trim_start(),
                None if rest.is_empty() => {}
                None => return Err(fault("a comma is expected between arguments")),
            }
        }
        Ok(call)
    }
}

/// The first word of an argument list, and what follows it.
fn word(text: &str) -> Result<(Word, &str), &'static str> {
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        let end = text.find([',', ':', '(', ')', '"', '\'']).unwrap_or(text.len());
        let bare = text[..end].trim();
        if bare.is_empty() {
            return Err("an argument is missing");
        }
        return Ok((Word { text: bare.to_string(), quoted: false }, &text[end..]));
    };
    let mut out = String::new();
    let mut letters = text[1..].char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => match letters.next().map(|(_, escaped)| escaped) {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(escaped @ ('\\' | '"' | '\'')) => out.push(escaped),
                // Patterns of other languages may hold a backslash of their own.
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            closing if closing == quote => return Ok((Word { text: out, quoted: true }, &text[at + 2..])),
            other => out.push(other),
        }
    }
    Err("a quote is not closed")
}

/// The function called, and what it is called with.
///
/// # Errors
/// The first thing that does not fit the function's signature.
pub fn resolve(
    call: Call,
    sources: usize,
    zone: Option<&jiff::tz::TimeZone>,
    tables: &dyn Fn(&str) -> Option<Arc<CodeTable>>,
) -> Result<(&'static Function, Arguments), CallFault> {
    let name = call.name.as_str();
    let Some(function) = FUNCTIONS.iter().copied().find(|one| one.name == name) else {
        let text = format!("no function is called `{name}`");
        if let Some((_, why)) = NOT_FUNCTIONS.iter().find(|(known, _)| *known == name) {
            return Err(CallFault::new(text, *why));
        }
        let near = did_you_mean(name, FUNCTIONS.iter().map(|one| one.name));
        return Err(CallFault::new(text, near.unwrap_or_else(|| "the manual lists the functions".into())));
    };
    let fits = match function.sources {
        Sources::Any => sources > 0,
        Sources::Exactly(number) => number == sources,
        Sources::Between(least, most) => (least..=most).contains(&sources),
    };
    if !fits {
        let hint = "join sources with ` + ` in the order the manual gives";
        return Err(CallFault::new(format!("`{name}` does not take {sources} value(s)"), hint));
    }
    let utc = jiff::tz::TimeZone::UTC;
    let zone_known = zone.is_some();
    let mut arguments = Arguments { zone: zone.cloned().unwrap_or(utc), zone_known, sources, ..Arguments::default() };
    plain_arguments(function, &call, tables, &mut arguments)?;
    for (key, word) in call.named {
        if arguments.named.iter().any(|(known, _)| *known == key) {
            return Err(CallFault::new(format!("`{name}` is given `{key}` twice"), "leave one out"));
        }
        if key == NOTHING.0 {
            arguments.nothing = word.text.split('|').map(|one| nothing(one.trim(), word.quoted)).collect();
            continue;
        }
        let Some(known) = function.named.iter().find(|known| known.name == key) else {
            let names = function.named.iter().map(|known| known.name).chain([NOTHING.0]);
            let hint = did_you_mean(&key, names.clone())
                .unwrap_or_else(|| format!("it takes {}", names.collect::<Vec<_>>().join(", ")));
            return Err(CallFault::new(format!("`{name}` takes no argument called `{key}`"), hint));
        };
        if !known.choices.is_empty() && !known.choices.contains(&word.text.as_str()) {
            let hint = did_you_mean(&word.text, known.choices.iter().copied());
            let hint = hint.unwrap_or_else(|| format!("one of {}", known.choices.join(", ")));
            return Err(CallFault::new(format!("`{key}` of `{name}` cannot be `{}`", word.text), hint));
        }
        arguments.named.push((known.name, word.text));
    }
    let own_zone = arguments.named("zone").map(str::to_string);
    if let Some(named) = own_zone {
        let found = jiff::tz::TimeZone::get(&named);
        let fault = |_| CallFault::new(format!("no time zone is called `{named}`"), "for instance `Europe/London`");
        arguments.zone = found.map_err(fault)?;
        arguments.zone_known = true;
    } else if function.zone && zone.is_none() {
        let hint = "add `timezone: Europe/London` to vendor.yaml, or `zone: \"Europe/London\"` to the call";
        return Err(CallFault::new(format!("`{name}` needs the vendor's time zone"), hint));
    }
    if let Some(prepare) = function.prepare {
        arguments.prepared = Some(super::Prepared(prepare(&arguments)?));
    }
    Ok((function, arguments))
}

/// The named argument that every function takes: values that stand for no value, parted by `|`.
pub const NOTHING: (&str, &str) = ("nothing", "values that stand for no value, parted by `|`: `31/12/9999|N/K`");

/// A value that stands for none: as text; a bare number or boolean also as JSON.
fn nothing(text: &str, quoted: bool) -> Value {
    if quoted {
        return text.into();
    }
    let read: Option<Value> = serde_json::from_str(text).ok();
    read.filter(|value| value.is_number() || value.is_boolean()).unwrap_or_else(|| text.into())
}

fn plain_arguments(
    function: &Function,
    call: &Call,
    tables: &dyn Fn(&str) -> Option<Arc<CodeTable>>,
    arguments: &mut Arguments,
) -> Result<(), CallFault> {
    let name = function.name;
    let mut texts = call.plain.as_slice();
    if matches!(function.takes, Takes::Table | Takes::MaybeTable) {
        match texts {
            [table] if !table.quoted => {
                arguments.table = Some(tables(&table.text).ok_or_else(|| CallFault {
                    text: table.text.clone(),
                    hint: String::new(),
                    table: true,
                })?);
                texts = &[];
            }
            [] if function.takes == Takes::MaybeTable => {}
            _ => {
                let hint = format!("write `{name}(nameOfTable)`");
                return Err(CallFault::new(format!("`{name}` takes the name of a code table in brackets"), hint));
            }
        }
    }
    let (least, most) = match function.takes {
        Takes::Table | Takes::MaybeTable => (0, 0),
        Takes::Texts(number) => (number, number),
        Takes::SomeTexts(least, most) => (least, most),
    };
    if let Some(bare) = texts.iter().find(|word| !word.quoted) {
        let hint = format!("put it in quotes: `{name}(\"{}\")`", bare.text);
        return Err(CallFault::new(format!("`{name}` takes quoted texts, and `{}` is none", bare.text), hint));
    }
    if !(least..=most).contains(&texts.len()) {
        let number = if least == most { least.to_string() } else { format!("{least} to {most}") };
        let hint = function.examples.first().map(|one| format!("for instance `{name}({})`", one.arguments));
        let text = format!("`{name}` takes {number} quoted text(s) in brackets");
        return Err(CallFault::new(text, hint.unwrap_or_default()));
    }
    arguments.texts = texts.iter().map(|word| word.text.clone()).collect();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(call: &str) -> CallFault {
        let no_tables = |_: &str| None;
        Call::parse(call).and_then(|call| resolve(call, 1, None, &no_tables)).expect_err(call)
    }

    #[test]
    fn a_call_has_texts_words_and_named_arguments() {
        let word = |text: &str, quoted| Word { text: text.into(), quoted };
        let call = Call::parse(r#"f("a, (b)", 'it\'s', table, window: 1930, end: "x:y")"#).expect("a call");
        assert_eq!(call.name, "f");
        assert_eq!(call.plain, [word("a, (b)", true), word("it's", true), word("table", false)]);
        assert_eq!(call.named, [("window".to_string(), word("1930", false)), ("end".to_string(), word("x:y", true))]);
        assert_eq!(Call::parse("date").expect("bare").name, "date");
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for call in ["f(", "f(\"a)", "f(a b, ,c)", "f(\"a\" \"b\")", "f(a:)"] {
            assert!(Call::parse(call).is_err(), "{call}");
        }
    }

    #[test]
    fn an_argument_that_nobody_knows_is_refused_with_the_near_one() {
        let found = fault("uk-date(windw: 1930)");
        assert_eq!(found.text, "`uk-date` takes no argument called `windw`");
        assert_eq!(found.hint, "did you mean `window`?");
        assert!(fault("local-time(zone: \"Europe/Lndon\")").text.contains("no time zone"));
        assert!(fault("local-time").text.contains("needs the vendor's time zone"));
        assert!(fault("local-time(zone: \"Europe/London\", repeated: first)").hint.contains("earlier"));
        assert!(fault("prefix(a)").hint.contains("prefix(\"a\")"));
    }

    #[test]
    fn a_default_is_not_an_inverse_and_is_refused_with_the_way_to_do_it() {
        assert!(fault("default(\"x\")").hint.contains("const"));
        assert!(fault("now").hint.contains("clock"));
    }
}
