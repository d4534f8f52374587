//! Thin notifications: which of them name something to be fetched, where it stands, and what it is then; pure.

use crate::format::Format;
use crate::format::envelope::{self, Event, Path};
use crate::registry::Vendor;
use serde_json::Value;

/// What `fetch` of a `vendor.yaml` says.
#[derive(Debug, Clone)]
pub struct Fetching {
    /// The hosts that may be asked, and no others.
    pub hosts: Vec<String>,
    /// The message whose events are notifications.
    pub of: String,
    /// What each kind of them names.
    pub rules: Vec<FetchRule>,
}

/// What one kind of notification names.
#[derive(Debug, Clone)]
pub struct FetchRule {
    /// The event's type; `*` at its end is any text.
    pub event: String,
    /// Where it stands below the sender's own address: `/visits/{id}`.
    pub place: Template,
    /// The message that it is.
    pub message: String,
}

/// A path with holes for members of the event.
#[derive(Debug, Clone)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Hole(Path),
}

impl Template {
    /// Reads `/visits/{id}`; the error is a sentence for the author.
    pub fn parse(text: &str) -> Result<Template, String> {
        if !text.starts_with('/')
            || text.starts_with("//")
            || text.contains(['\\', '#', '@', ' '])
            || text.contains("..")
        {
            return Err(format!("`{text}` is no path: it begins with one `/` and stays below it"));
        }
        let (mut out, mut rest) = (Vec::new(), text);
        while let Some((before, hole)) = rest.split_once('{') {
            let (name, behind) = hole.split_once('}').ok_or_else(|| format!("`{text}`: `{{` without `}}`"))?;
            let path = Path::of(name).ok_or_else(|| format!("`{text}`: `{name}` is no member of the event"))?;
            out.extend([Piece::Text(before.to_owned()), Piece::Hole(path)]);
            rest = behind;
        }
        out.push(Piece::Text(rest.to_owned()));
        Ok(Template(out))
    }

    /// The path for an event; `None` where a member is missing or could lead elsewhere.
    fn filled(&self, event: &Value) -> Option<String> {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Hole(path) => {
                    let value = path.steps().iter().try_fold(event, |value, step| value.as_object()?.get(step))?;
                    let text = crate::vendor_path::scalar_text(value)?;
                    let text = text.trim();
                    if text.is_empty() || text.len() > LONGEST_ID {
                        return None;
                    }
                    text.bytes().for_each(|byte| match byte {
                        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => out.push(char::from(byte)),
                        // Points too: `..` leads out of a path.
                        other => out.push_str(&format!("%{other:02X}")),
                    });
                }
            }
        }
        Some(out)
    }
}

/// Longest id of something to be fetched.
const LONGEST_ID: usize = 200;

/// Something that a notification names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its path below the sender's address.
    pub place: String,
    /// The message that it is.
    pub message: String,
}

impl Vendor {
    /// What a message of the vendor's asks to be fetched, by its tree.
    pub fn wanted_by(&self, message: &str, tree: &Value) -> Vec<Wanted> {
        let Some(fetching) = self.fetching.as_ref().filter(|fetching| fetching.of == message) else {
            return Vec::new();
        };
        let Some(Format::Enveloped(form)) = self.message(message).map(|message| message.format()) else {
            return Vec::new();
        };
        let Some(Event::Of(kind, _)) = &form.event else { return Vec::new() };
        let events = match form.list.as_ref().map(|list| tree.get(list)) {
            Some(Some(Value::Array(events))) => events.iter().collect(),
            Some(_) => Vec::new(),
            None => vec![tree],
        };
        let mut out: Vec<Wanted> = Vec::new();
        for event in events {
            let found = kind.steps().iter().try_fold(event, |value, step| value.as_object()?.get(step));
            let Some(found) = found.and_then(Value::as_str) else { continue };
            let rule = fetching.rules.iter().filter(|rule| envelope::fits(&rule.event, found));
            let Some(rule) = rule.max_by_key(|rule| rule.event.len()) else { continue };
            if let Some(place) = rule.place.filled(event) {
                let wanted = Wanted { place, message: rule.message.clone() };
                if !out.contains(&wanted) {
                    out.push(wanted);
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_id_cannot_lead_out_of_its_place() {
        let template = Template::parse("/visits/{id}").expect("a path");
        let filled = |id: Value| template.filled(&json!({"id": id}));
        assert_eq!(filled(json!(551201)).as_deref(), Some("/visits/551201"));
        assert_eq!(filled(json!("../clients/1?x#y")).as_deref(), Some("/visits/%2E%2E%2Fclients%2F1%3Fx%23y"));
        for odd in [json!(null), json!(" "), json!({}), json!(["1"]), json!("x".repeat(LONGEST_ID + 1))] {
            assert_eq!(filled(odd.clone()), None, "{odd}");
        }
        for text in ["visits", "//host/x", "/a/../b", "https://host/x", "/x@y", "/{", "/{a..b}"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
