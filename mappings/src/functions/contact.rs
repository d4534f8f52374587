//! `uk-phone`, `email` and `url`: ways to reach somebody, checked. Without a function they go as they are written.

use super::signature::{Given, SOME_TEXT, Signature, TEXT_TO_TEXT};
use super::{Example, Function, Named, PLAIN, Returned, Sent, fhir_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;

/// Telephone numbers.
pub const UK_PHONE: Function = Function {
    name: "uk-phone",
    class: LawClass::Lens,
    by_element: true,
    named: &[Named {
        name: "written",
        choices: &["national", "international"],
        help: "how a number of the UK is written back; `national`, `01632960112`",
    }],
    signature: TEXT_TO_TEXT,
    help: "A telephone number to its international form; words beside it are outside. Leave it out to send the number as it is written.",
    examples: &[
        Example::new("", r#"["01632 960112"]"#, r#""+441632960112""#),
        Example::new("", r#"["+44 (0)7700 900145"]"#, r#""+447700900145""#),
        Example::new("", r#"["+353 20 915 5500"]"#, r#""+353209155500""#),
        Example::new("", r#"["07700 900145 (dtr)"]"#, "outside"),
        Example::new("", r#"["960112"]"#, "outside"),
    ],
    out: |_, sources| -> Sent { text(sources)?.map(|text| phone(text).map(Value::from)).transpose() },
    back: |arguments, value| -> Returned {
        let text = fhir_text(value)?;
        if phone(text)? != text {
            return Err(Outside::domain("this telephone number is not in its international form"));
        }
        let national = text.strip_prefix("+44").filter(|_| arguments.named("written") != Some("international"));
        Ok(vec![Some(national.map_or_else(|| text.into(), |number| format!("0{number}").into()))])
    },
    ..PLAIN
};

/// Email addresses.
pub const EMAIL: Function = Function {
    name: "email",
    class: LawClass::Lens,
    by_element: true,
    signature: TEXT_TO_TEXT,
    help: "One email address, without `mailto:` and the spaces around it.",
    examples: &[
        Example::new("", r#"["mailto:ngozi.okafor@example.org"]"#, r#""ngozi.okafor@example.org""#),
        Example::new("", r#"[" sam@example.org "]"#, r#""sam@example.org""#),
        Example::new("", r#"["sam@example.org; ola@example.org"]"#, "outside"),
        Example::new("", r#"["none"]"#, "outside"),
    ],
    out: |_, sources| -> Sent {
        let Some(text) = text(sources)? else { return Ok(None) };
        let address = text.trim();
        let scheme = address.get(..7).filter(|start| start.eq_ignore_ascii_case("mailto:"));
        Ok(Some(email(&address[scheme.map_or(0, str::len)..])?.into()))
    },
    back: |_, value| -> Returned { Ok(vec![Some(email(fhir_text(value)?)?.into())]) },
    ..PLAIN
};

/// Web addresses.
pub const URL: Function = Function {
    name: "url",
    class: LawClass::Iso,
    by_element: true,
    signature: Signature {
        takes: &[SOME_TEXT],
        gives: Given::Plain(&[Primitive::Url, Primitive::Uri, Primitive::String]),
        returns: true,
    },
    help: "A web address that begins with `http://` or `https://` and has no spaces, as it is.",
    examples: &[
        Example::new("", r#"["https://example.org/doc/1"]"#, r#""https://example.org/doc/1""#),
        Example::new("", r#"["example.org"]"#, "outside"),
        Example::new("", r#"["see https://example.org"]"#, "outside"),
    ],
    out: |_, sources| -> Sent { text(sources)?.map(|text| url(text).map(Value::from)).transpose() },
    back: |_, value| -> Returned { Ok(vec![Some(url(fhir_text(value)?)?.into())]) },
    ..PLAIN
};

/// `+`, country and number. In the UK nine or ten digits follow the country.
fn phone(text: &str) -> Result<String, Outside> {
    let outside = || Outside::domain("this is not a whole telephone number alone");
    let text = text.trim().replace("(0)", "");
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let signs = text.chars().enumerate().all(|(place, letter)| {
        letter.is_ascii_digit() || matches!(letter, ' ' | '-' | '(' | ')' | '.') || (letter == '+' && place == 0)
    });
    if !signs {
        return Err(outside());
    }
    let abroad = if text.starts_with('+') { Some(digits.as_str()) } else { digits.strip_prefix("00") };
    let number = match abroad {
        Some(number) => number.to_string(),
        None => format!("44{}", digits.strip_prefix('0').ok_or_else(outside)?),
    };
    let right = match number.strip_prefix("44") {
        Some(national) => (9..=10).contains(&national.len()) && !national.starts_with(['0', '4', '6']),
        None => (8..=15).contains(&number.len()) && !number.starts_with('0'),
    };
    if right { Ok(format!("+{number}")) } else { Err(outside()) }
}

fn email(text: &str) -> Result<&str, Outside> {
    let outside = || Outside::domain("this is not one email address");
    let (name, domain) = text.split_once('@').ok_or_else(outside)?;
    let sane = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c))
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.contains("..")
    };
    if sane(name) && sane(domain) && domain.contains('.') { Ok(text) } else { Err(outside()) }
}

fn url(text: &str) -> Result<&str, Outside> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let right = rest.is_some_and(|rest| rest.starts_with(char::is_alphanumeric)) && Primitive::Url.accepts(text);
    if right { Ok(text) } else { Err(Outside::domain("this is not a web address alone")) }
}
