//! Texts made of vendor values: templates with holes, and lists of parts that leave out what is absent.

use crate::code_table::CodeTable;
use crate::functions::{humanise, plain_text};
use crate::guard::Guard;
use crate::scope::Frame;
use crate::vendor_path::{Found, VendorPath, is_absent, scalar_text};
use serde_json::Value;
use std::sync::Arc;

/// Literal text and holes.
#[derive(Debug, Clone)]
pub struct Template {
    /// In order.
    pub pieces: Vec<Piece>,
    /// What a text looks like that it could have made; `None` where that is too long to be an expression.
    form: Option<regex::Regex>,
}

/// A piece of a template.
#[derive(Debug, Clone)]
pub enum Piece {
    /// Text as it is.
    Literal(String),
    /// A vendor value, through filters.
    Hole(VendorPath, Vec<Filter>),
}

/// What is done to a value before it is shown.
#[derive(Debug, Clone)]
pub enum Filter {
    /// The FHIR side of a code table; an unlisted code is shown as it is, humanised.
    Table(Arc<CodeTable>),
    /// Elements of a list with a separator, and another before the last.
    Join(String, String),
    /// Lower case.
    Lower,
    /// Upper case.
    Upper,
    /// Words to read.
    Humanise,
    /// `hh:mm` of a local date-time.
    Time,
    /// The date of a date-time.
    Date,
    /// Milliseconds since 1970 as an instant in UTC, to the second.
    Instant,
    /// Plain text of HTML.
    HtmlText,
    /// Line breaks to spaces.
    OneLine,
    /// One part of a path: `/` and `%` as `%2F` and `%25`.
    Part,
}

/// Whether what a hole shows is read back: the value as it is, or as one part of a path.
pub fn is_read_back(filters: &[Filter]) -> bool {
    matches!(filters, [] | [Filter::Part])
}

/// A text of one template or of several parts.
#[derive(Debug, Clone)]
pub struct Text {
    /// What stands between parts.
    pub join: String,
    /// What stands before the last part, where it differs.
    pub last: String,
    /// The parts.
    pub parts: Vec<TextPart>,
    /// Whether a missing part makes the whole missing (a plain template).
    pub all_or_nothing: bool,
}

/// A part of a text.
#[derive(Debug, Clone)]
pub struct TextPart {
    /// When it is there.
    pub when: Guard,
    /// Once for each item of a list: the list and the variable's slot.
    pub each: Option<(VendorPath, usize)>,
    /// What it says.
    pub body: PartBody,
}

/// What a part says.
#[derive(Debug, Clone)]
pub enum PartBody {
    /// A template.
    Template(Template),
    /// Parts of its own.
    Text(Box<Text>),
}

impl Text {
    /// The text, unless absent; `seen` is told every value that went into it.
    pub fn render<'a>(&self, frame: &Frame<'a>, seen: &mut dyn FnMut(&'a Value)) -> Option<String> {
        let mut rendered = Vec::new();
        for part in &self.parts {
            let found = part.render(frame, seen, self);
            if found.is_empty() && self.all_or_nothing {
                return None;
            }
            rendered.extend(found);
        }
        (!rendered.is_empty()).then(|| joined(&rendered, &self.join, &self.last))
    }

    /// Every path it reads.
    pub fn paths(&self) -> Vec<&VendorPath> {
        let mut out = Vec::new();
        for part in &self.parts {
            out.extend(part.when.paths());
            out.extend(part.each.as_ref().map(|(path, _)| path));
            match &part.body {
                PartBody::Template(template) => out.extend(template.paths()),
                PartBody::Text(text) => out.extend(text.paths()),
            }
        }
        out
    }
}

impl TextPart {
    fn render<'a>(&self, frame: &Frame<'a>, seen: &mut dyn FnMut(&'a Value), _: &Text) -> Vec<String> {
        // Looking is not using: what only decides is told by the part that uses it.
        if !self.when.holds(frame, &mut |_| {}) {
            return Vec::new();
        }
        match &self.each {
            None => self.body.render(frame, seen).into_iter().collect(),
            Some((path, slot)) => path
                .spread(frame)
                .into_iter()
                .filter_map(|binding| self.body.render(&frame.clone().with(*slot, binding), seen))
                .collect(),
        }
    }
}

impl PartBody {
    fn render<'a>(&self, frame: &Frame<'a>, seen: &mut dyn FnMut(&'a Value)) -> Option<String> {
        match self {
            PartBody::Template(template) => template.render(frame, seen),
            PartBody::Text(text) => text.render(frame, seen),
        }
    }
}

impl Template {
    /// Reads a template; `path` and `filter` compile its holes. `{{` and `}}` are braces.
    pub fn parse(
        text: &str,
        path: &mut dyn FnMut(&str) -> Result<VendorPath, String>,
        filter: &mut dyn FnMut(&str) -> Result<Filter, String>,
    ) -> Result<Template, String> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if rest.starts_with(brace) {
                literal.push_str(brace);
                rest = &rest[1..];
                continue;
            }
            if brace == "}" {
                return Err("a `}` without its `{`".into());
            }
            let end = rest.find('}').ok_or("a `{` without its `}`")?;
            let mut parts = split_filters(&rest[..end]).into_iter();
            let compiled = path(parts.next().unwrap_or_default().trim())?;
            let filters = parts.map(|one| filter(one.trim())).collect::<Result<_, _>>()?;
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            }
            pieces.push(Piece::Hole(compiled, filters));
            rest = &rest[end + 1..];
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        let form = form(&pieces);
        Ok(Template { pieces, form })
    }

    /// The text; `None` when a value is absent.
    pub fn render<'a>(&self, frame: &Frame<'a>, seen: &mut dyn FnMut(&'a Value)) -> Option<String> {
        let mut out = String::new();
        let mut used: smallvec::SmallVec<[&'a Value; 4]> = smallvec::SmallVec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => out.push_str(text),
                Piece::Hole(path, filters) => match path.find(frame)? {
                    Found::Name(name) => out.push_str(&shown(&Value::from(name), filters)?),
                    Found::Part(part, text) => {
                        used.push(text);
                        out.push_str(&shown(&Value::from(part), filters)?);
                    }
                    found => {
                        let value = found.value()?;
                        used.push(value);
                        out.push_str(&shown(value, filters)?);
                    }
                },
            }
        }
        used.into_iter().for_each(seen);
        Some(out)
    }

    /// The values of the holes that come back of a text this template could have made; `None` if it could not.
    pub fn read_back(&self, text: &str) -> Option<Vec<(&VendorPath, String)>> {
        let holes = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Hole(path, filters) => Some((path, filters)),
            Piece::Literal(_) => None,
        });
        let found = self.form.as_ref()?.captures(text)?;
        let values = holes.enumerate().filter(|(_, (_, filters))| is_read_back(filters));
        values
            .map(|(index, (path, filters))| {
                let shown = found.get(index + 1).map_or("", |found| found.as_str());
                let value = if filters.is_empty() { Some(shown.to_string()) } else { whole(shown) };
                Some((path, value?))
            })
            .collect()
    }

    /// Every path it reads.
    pub fn paths(&self) -> Vec<&VendorPath> {
        self.pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Hole(path, _) => Some(path),
                Piece::Literal(_) => None,
            })
            .collect()
    }
}

/// The expression of the texts that pieces can make, one group a hole.
fn form(pieces: &[Piece]) -> Option<regex::Regex> {
    let parts: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Literal(literal) => regex::escape(literal),
            Piece::Hole(_, filters) if matches!(filters.as_slice(), [Filter::Part]) => "([^/]+?)".to_string(),
            Piece::Hole(..) => "(.+?)".to_string(),
        })
        .collect();
    regex::Regex::new(&format!("(?s)^{parts}$")).ok()
}

/// Splits at `|` outside brackets, so that a separator may hold one.
fn split_filters(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn shown(value: &Value, filters: &[Filter]) -> Option<String> {
    if let Value::Array(list) = value {
        let (join, last) = filters
            .iter()
            .find_map(|filter| match filter {
                Filter::Join(join, last) => Some((join.as_str(), last.as_str())),
                _ => None,
            })
            .unwrap_or((", ", ", "));
        let each: Option<Vec<String>> =
            list.iter().filter(|one| !is_absent(one)).map(|one| shown(one, filters)).collect();
        return Some(joined(&each?, join, last)).filter(|text| !text.is_empty());
    }
    let mut text = scalar_text(value)?;
    for filter in filters {
        text = match filter {
            Filter::Table(table) => match table.row(&Value::from(text.clone())).or_else(|| table.row(value)) {
                Some(Value::String(side)) => side.clone(),
                Some(side) => {
                    side.get("display").and_then(Value::as_str).map_or_else(|| humanise(&text), str::to_string)
                }
                // Words stand for themselves; a number without a row would be read as an amount.
                None if value.is_number() || text.bytes().all(|byte| byte.is_ascii_digit()) => return None,
                None => humanise(&text),
            },
            Filter::Join(..) => text,
            Filter::Lower => text.to_lowercase(),
            Filter::Upper => text.to_uppercase(),
            Filter::Humanise => humanise(&text),
            Filter::Time => part(&text, 10, b'T', 11..16),
            Filter::Date => part(&text, 4, b'-', 0..10),
            Filter::Instant => instant(&text),
            Filter::HtmlText => plain_text(&text),
            Filter::OneLine => text.split_whitespace().collect::<Vec<_>>().join(" "),
            Filter::Part => text.replace('%', "%25").replace('/', "%2F"),
        };
    }
    Some(text)
}

/// The value that one part of a path was made of; `None` of a text that is no such part.
fn whole(part: &str) -> Option<String> {
    let mut pieces = part.split('%');
    let mut out = pieces.next().unwrap_or_default().to_string();
    for piece in pieces {
        let (sign, rest) = match piece.split_at_checked(2)? {
            ("25", rest) => ('%', rest),
            ("2F", rest) => ('/', rest),
            _ => return None,
        };
        out.push(sign);
        out.push_str(rest);
    }
    Some(out)
}

/// Milliseconds since 1970 as an instant; any other text stays whole.
fn instant(text: &str) -> String {
    let at = text.parse().ok().and_then(|milliseconds| jiff::Timestamp::from_millisecond(milliseconds).ok());
    at.map_or_else(|| text.to_string(), |at| format!("{at:.0}"))
}

/// A part of a date-time; any other text stays whole.
fn part(text: &str, sign_at: usize, sign: u8, range: std::ops::Range<usize>) -> String {
    let is_date =
        text.as_bytes().get(sign_at) == Some(&sign) && text.as_bytes().first().is_some_and(u8::is_ascii_digit);
    text.get(range).filter(|_| is_date).unwrap_or(text).to_string()
}

fn joined(parts: &[String], join: &str, last: &str) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., end] => format!("{}{last}{end}", before.join(join)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn template(text: &str) -> Template {
        let mut path = |text: &str| VendorPath::parse(text, &|_| None);
        let mut filter = |name: &str| match name {
            "time" => Ok(Filter::Time),
            "part" => Ok(Filter::Part),
            "join" => Ok(Filter::Join(", ".into(), " and ".into())),
            other => Err(other.to_string()),
        };
        Template::parse(text, &mut path, &mut filter).expect(text)
    }

    #[test]
    fn a_template_is_written_whole_or_not_at_all_and_read_back() {
        let tree = json!({"due": "2026-10-19T07:30", "note": "late", "times": ["a", "b", "c"], "none": null});
        let frame = Frame::new(&tree, 0);
        let text = template("Due {due|time} local. {note}");
        assert_eq!(text.render(&frame, &mut |_| {}).as_deref(), Some("Due 07:30 local. late"));
        assert_eq!(
            text.read_back("Due 07:30 local. very late").map(|found| found[0].1.clone()).as_deref(),
            Some("very late")
        );
        assert!(text.read_back("Given at 07:30").is_none());
        assert_eq!(template("{times|join}").render(&frame, &mut |_| {}).as_deref(), Some("a, b and c"));
        assert_eq!(template("{none}x").render(&frame, &mut |_| {}), None);
    }

    #[test]
    fn a_part_of_a_path_comes_back_whatever_it_holds() {
        let text = template("{plan|part}/{need}");
        for (plan, need, shown) in
            [("p1", "n/1", "p1/n/1"), ("a/b", "c", "a%2Fb/c"), ("5%", "2F", "5%25/2F"), ("%2F/", "x", "%252F%2F/x")]
        {
            let tree = json!({"plan": plan, "need": need});
            assert_eq!(text.render(&Frame::new(&tree, 0), &mut |_| {}).as_deref(), Some(shown));
            let read = text.read_back(shown).expect("it can be read");
            assert_eq!((read[0].1.as_str(), read[1].1.as_str()), (plan, need), "{shown}");
        }
        assert!(text.read_back("5%/x").is_none() && text.read_back("%2f/x").is_none());
    }

    #[test]
    fn braces_and_faults_are_seen() {
        let frame_tree = json!({});
        assert_eq!(template("{{x}}").render(&Frame::new(&frame_tree, 0), &mut |_| {}).as_deref(), Some("{x}"));
        let mut path = |text: &str| VendorPath::parse(text, &|_| None);
        let mut filter = |_: &str| Err("no".to_string());
        for text in ["{a", "a}", "{a|b}"] {
            assert!(Template::parse(text, &mut path, &mut filter).is_err(), "{text}");
        }
    }
}
