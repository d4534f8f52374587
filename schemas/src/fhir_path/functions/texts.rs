//! Functions over texts, counted in Unicode characters (<http://hl7.org/fhirpath/N1/#string-manipulation>).

use super::Function;
use crate::fhir_path::error::EvaluationError;
use crate::fhir_path::evaluate::{Evaluator, Flow, ON, Scope, Sink};
use crate::fhir_path::regexes;
use crate::fhir_path::syntax::{Call, Expr, Literal};
use crate::fhir_path::value::Item;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use std::borrow::Cow;

/// Longest text that an expression may make.
pub(in crate::fhir_path) const MOST_TEXT_BYTES: usize = 1 << 20;

/// What the functions here give: a value, or nothing.
type Made<'v> = Result<Option<Item<'v>>, EvaluationError>;

impl<'v> Evaluator<'_, 'v> {
    /// The functions that make one value of one text.
    pub(super) fn text_function(&self, call: &'v Call, scope: &Scope<'_, 'v>) -> Made<'v> {
        use Function as F;
        let Some(text) = self.focus_text(call, scope)? else {
            return Ok(None);
        };
        self.work(text.len() / 16)?;
        let own = |text: String| Ok(Some(Item::String(Cow::Owned(text))));
        match call.function {
            F::Upper => own(text.to_uppercase()),
            F::Lower => own(text.to_lowercase()),
            F::Trim => Ok(Some(Item::String(match text {
                Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
                Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
            }))),
            F::Length => Ok(Some(count(text.chars().count()))),
            F::Substring => self.substring(call, &text, scope),
            F::Replace | F::ReplaceMatches => self.replaced(call, &text, scope),
            F::IndexOf | F::LastIndexOf => {
                let Some(part) = self.argument_text(call, 0, scope)? else {
                    return Ok(None);
                };
                let at = if call.function == F::IndexOf { text.find(&*part) } else { text.rfind(&*part) };
                let before = at.and_then(|at| text.get(..at));
                Ok(Some(before.map_or(Item::Integer(-1), |before| count(before.chars().count()))))
            }
            _ => {
                let Some(form) = self.argument_text(call, 0, scope)? else {
                    return Ok(None);
                };
                if text.len() > MOST_TEXT_BYTES / 8 {
                    return Err(EvaluationError::TooMuchWork);
                }
                Ok(recoded(call.function, &text, &form).map(|text| Item::String(Cow::Owned(text))))
            }
        }
    }

    fn substring(&self, call: &'v Call, text: &str, scope: &Scope<'_, 'v>) -> Made<'v> {
        let Some(from) = call.arguments.first() else {
            return Ok(None);
        };
        let Some(from) = self.integer(from, scope, "substring")? else {
            return Ok(None);
        };
        let length = match call.arguments.get(1) {
            Some(length) => self.integer(length, scope, "substring")?,
            None => None,
        };
        let Some((start, _)) = usize::try_from(from).ok().and_then(|from| text.char_indices().nth(from)) else {
            return Ok(None);
        };
        let rest = text.get(start..).unwrap_or_default();
        let part = match length {
            None => rest.to_owned(),
            Some(length) => rest.chars().take(usize::try_from(length).unwrap_or(0)).collect(),
        };
        Ok(Some(Item::String(Cow::Owned(part))))
    }

    fn replaced(&self, call: &'v Call, text: &str, scope: &Scope<'_, 'v>) -> Made<'v> {
        let Some(pattern) = self.argument_text(call, 0, scope)? else {
            return Ok(None);
        };
        let Some(new) = self.argument_text(call, 1, scope)? else {
            return Ok(None);
        };
        let bounded = |places: usize| {
            let bytes = places.saturating_mul(new.len()).saturating_add(text.len());
            if bytes > MOST_TEXT_BYTES { Err(EvaluationError::TooMuchWork) } else { self.work(bytes / 16) }
        };
        if call.function == Function::Replace {
            bounded(text.matches(&*pattern).count())?;
            return Ok(Some(Item::String(Cow::Owned(text.replace(&*pattern, &new)))));
        }
        // An empty pattern would stand between all letters; FHIRPath lets it change nothing.
        if pattern.is_empty() {
            return Ok(Some(Item::String(Cow::Owned(text.to_owned()))));
        }
        let compiled;
        let regex = match call.arguments.first() {
            Some(Expr::Literal(Literal::String(_))) => call.regex.get(&pattern, false)?,
            _ => {
                self.work(regexes::COMPILING_STEPS + text.len())?;
                compiled = regexes::compile(&pattern, false)?;
                &compiled
            }
        };
        // A group named in the new text may stand for the whole old one each time.
        bounded(regex.find_iter(text).count())?;
        if new.matches('$').count().saturating_mul(text.len()) > MOST_TEXT_BYTES {
            return Err(EvaluationError::TooMuchWork);
        }
        Ok(Some(Item::String(Cow::Owned(regex.replace_all(text, &*new).into_owned()))))
    }

    /// The functions that make many texts of one, or one of many.
    pub(super) fn text_list_function(&self, call: &'v Call, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        if call.function == Function::Join {
            return self.joined(call, scope, sink);
        }
        let Some(text) = self.focus_text(call, scope)? else {
            return Ok(ON);
        };
        let own = |part: String| Item::String(Cow::Owned(part));
        if call.function == Function::ToChars {
            return self.give(text.chars().map(|letter| own(letter.to_string())), sink);
        }
        match self.argument_text(call, 0, scope)? {
            None => Ok(ON),
            Some(between) if between.is_empty() => self.give(text.chars().map(|letter| own(letter.to_string())), sink),
            Some(between) => self.give(text.split(&*between).map(|part| own(part.to_owned())), sink),
        }
    }

    fn joined(&self, call: &'v Call, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        let between = self.argument_text(call, 0, scope)?.unwrap_or(Cow::Borrowed(""));
        let mut out = String::new();
        let mut is_first = true;
        let _ = self.each(&call.focus, scope, &mut |item| {
            let text = self.text(&item).ok_or(EvaluationError::WrongType("join"))?;
            self.work(text.len() / 16)?;
            if out.len() + between.len() + text.len() > MOST_TEXT_BYTES {
                return Err(EvaluationError::TooMuchWork);
            }
            if !is_first {
                out.push_str(&between);
            }
            is_first = false;
            out.push_str(text);
            Ok(ON)
        })?;
        sink(Item::String(Cow::Owned(out)))
    }
}

fn count<'v>(many: usize) -> Item<'v> {
    Item::Integer(i64::try_from(many).unwrap_or(i64::MAX))
}

/// The text in or out of another form; nothing where the form is not known or the text is not in it.
fn recoded(function: Function, text: &str, form: &str) -> Option<String> {
    match (function, form) {
        (Function::Encode, "base64") => Some(STANDARD.encode(text)),
        (Function::Encode, "urlbase64") => Some(URL_SAFE.encode(text)),
        (Function::Encode, "hex") => Some(hex::encode(text)),
        (Function::Decode, "base64") => String::from_utf8(STANDARD.decode(text).ok()?).ok(),
        (Function::Decode, "urlbase64") => String::from_utf8(URL_SAFE.decode(text).ok()?).ok(),
        (Function::Decode, "hex") => String::from_utf8(hex::decode(text).ok()?).ok(),
        (Function::Escape, "html") => {
            Some(HTML.iter().fold(text.to_owned(), |text, (sign, name)| text.replace(*sign, name)))
        }
        (Function::Unescape, "html") => {
            Some(HTML.iter().rev().fold(text.to_owned(), |text, (sign, name)| text.replace(name, sign)))
        }
        (Function::Escape, "json") => {
            let quoted = serde_json::to_string(text).ok()?;
            Some(quoted.strip_prefix('"')?.strip_suffix('"')?.to_owned())
        }
        (Function::Unescape, "json") => Some(json_unescaped(text)),
        _ => None,
    }
}

/// The ampersand comes first, as the others bring in more of it; on the way back it comes last.
const HTML: [(&str, &str); 5] = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")];

/// Resolves the escapes of JSON; a quote may also stand for itself.
fn json_unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        out.push_str(before);
        let length = if escape.starts_with('u') { 5 } else { escape.chars().next().map_or(0, char::len_utf8) };
        let escaped = escape.get(..length).unwrap_or(escape);
        match serde_json::from_str::<String>(&format!("\"\\{escaped}\"")) {
            Ok(letter) => out.push_str(&letter),
            Err(_) => out.push_str(escaped),
        }
        rest = escape.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}
