//! The one door for a resource to be judged: JSON or XML bytes in, the tree the rules judge out, and places for issues.

use crate::issue::{Issue, Position};
use crate::json::{self, Limits};
use crate::xml::{self, Document};
use serde_json::Value;

/// How a resource is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// FHIR JSON.
    Json,
    /// FHIR XML.
    Xml,
}

impl Format {
    /// What the first mark of the bytes shows: XML starts with `<`, and nothing else does.
    pub fn of(bytes: &[u8]) -> Format {
        let marks: [&[u8]; 3] = [b"\xEF\xBB\xBF", b"\xFE\xFF", b"\xFF\xFE"];
        let text = marks.iter().find_map(|mark| bytes.strip_prefix(*mark)).unwrap_or(bytes);
        // UTF-16 has a zero beside each mark.
        let first = text.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0));
        if first == Some(&b'<') { Format::Xml } else { Format::Json }
    }

    /// The format a media type or one of FHIR's short names stands for (`application/fhir+xml; charset=utf-8`, `xml`).
    pub fn of_content_type(content_type: &str) -> Option<Format> {
        let name = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match name.as_str() {
            "json" | "application/json" | "application/fhir+json" | "application/json+fhir" | "text/json" => {
                Some(Format::Json)
            }
            "xml" | "application/xml" | "application/fhir+xml" | "application/xml+fhir" | "text/xml" => {
                Some(Format::Xml)
            }
            _ => None,
        }
    }
}

/// A resource as it came, read.
#[derive(Debug)]
pub struct Input<'b> {
    bytes: &'b [u8],
    form: Form,
}

#[derive(Debug)]
enum Form {
    Json(Value),
    Xml(Document),
}

impl<'b> Input<'b> {
    /// Reads one resource in the format that the bytes show.
    ///
    /// # Errors
    /// The issues, each with line and column, for which there is nothing to judge.
    pub fn read(bytes: &'b [u8], limits: &Limits) -> Result<Input<'b>, Vec<Issue>> {
        Input::read_as(Format::of(bytes), bytes, limits)
    }

    /// Reads one resource in the format that its sender declares.
    ///
    /// # Errors
    /// As of [`Input::read`].
    pub fn read_as(format: Format, bytes: &'b [u8], limits: &Limits) -> Result<Input<'b>, Vec<Issue>> {
        let form = match format {
            Format::Json => json::parse(bytes, *limits).map(Form::Json),
            Format::Xml => xml::read(bytes, limits).map(Form::Xml),
        };
        form.map(|form| Input { bytes, form }).map_err(|issue| vec![issue])
    }

    /// How it was written.
    pub fn format(&self) -> Format {
        match self.form {
            Form::Json(_) => Format::Json,
            Form::Xml(_) => Format::Xml,
        }
    }

    /// The resource in FHIR's JSON form.
    pub fn value(&self) -> &Value {
        match &self.form {
            Form::Json(value) => value,
            Form::Xml(document) => &document.value,
        }
    }

    /// What the rules of the format say of it beyond those that judge [`Input::value`]; each has its place.
    pub fn issues(&self) -> &[Issue] {
        match &self.form {
            Form::Json(_) => &[],
            Form::Xml(document) => &document.issues,
        }
    }

    /// The resource in FHIR's JSON form, for keeps.
    pub fn into_value(self) -> Value {
        match self.form {
            Form::Json(value) => value,
            Form::Xml(document) => document.value,
        }
    }

    /// Gives each issue that has a place in the resource and no position the line and column of that place, or of the
    /// nearest around it.
    pub fn place(&self, issues: &mut [Issue]) {
        let lacks = |issue: &Issue| issue.position.is_none() && issue.resource_pointer.is_some();
        let pointers: Vec<&str> =
            issues.iter().filter(|issue| lacks(issue)).filter_map(|issue| issue.resource_pointer.as_deref()).collect();
        let positions = self.positions(&pointers);
        for (issue, position) in issues.iter_mut().filter(|issue| lacks(issue)).zip(positions) {
            issue.position = position;
        }
    }

    /// Line and column of the element that each JSON Pointer into [`Input::value`] names, or of the nearest around it.
    pub fn positions(&self, pointers: &[&str]) -> Vec<Option<Position>> {
        match &self.form {
            Form::Json(_) => json::locate_nearest(self.bytes, pointers),
            Form::Xml(document) => document.positions(pointers),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::IssueKey;
    use serde_json::json;

    const XML: &str = "<Patient xmlns='http://hl7.org/fhir'>\n  <active value='true' a='b'/>\n  <birthDate value='1970-02-30'/>\n</Patient>";
    const JSON: &str = "{\"resourceType\": \"Patient\",\n  \"active\": true,\n  \"birthDate\": \"1970-02-30\"}";

    fn input(text: &str) -> Input<'_> {
        Input::read(text.as_bytes(), &Limits::default()).expect(text)
    }

    #[test]
    fn the_first_mark_shows_the_format() {
        for (bytes, expected) in [
            (&b"{}"[..], Format::Json),
            (b" \n<a/>", Format::Xml),
            (b"\xEF\xBB\xBF<a/>", Format::Xml),
            (b"\xFF\xFE<\0a\0", Format::Xml),
            (b"\xFE\xFF\0<\0a", Format::Xml),
            (b"\xEF\xBB\xBF{}", Format::Json),
            (b"", Format::Json),
        ] {
            assert_eq!(Format::of(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn media_types_stand_for_formats() {
        for (name, expected) in [
            ("application/fhir+xml; charset=utf-8", Some(Format::Xml)),
            ("Application/JSON", Some(Format::Json)),
            ("xml", Some(Format::Xml)),
            ("text/plain", None),
        ] {
            assert_eq!(Format::of_content_type(name), expected, "{name}");
        }
    }

    #[test]
    fn both_formats_give_one_tree() {
        let expected = json!({"resourceType": "Patient", "active": true, "birthDate": "1970-02-30"});
        assert_eq!(input(XML).value(), &expected);
        assert_eq!(input(JSON).into_value(), expected);
        assert_eq!((input(XML).format(), input(JSON).format()), (Format::Xml, Format::Json));
        assert_eq!((input(XML).issues().len(), input(JSON).issues().len()), (1, 0));
    }

    #[test]
    fn issues_get_the_line_of_either_format() {
        for text in [XML, JSON] {
            let input = input(text);
            let mut issues = crate::resource::judge(input.value());
            input.place(&mut issues);
            let places: Vec<_> = issues.iter().map(|issue| (issue.key, issue.position)).collect();
            let position = Some(Position { line: 3, column: if text == XML { 3 } else { 16 } });
            assert_eq!(places, [(IssueKey::TargetFormat, position)]);
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_place() {
        for (format, text, expected) in [
            (Format::Json, "{\"a\": 1 // why\n}", IssueKey::JsonSyntax),
            (Format::Json, "{\"a\": 1, \"a\": 2}", IssueKey::JsonDuplicateMember),
            (Format::Json, XML, IssueKey::JsonSyntax),
            (Format::Xml, JSON, IssueKey::XmlSyntax),
            (Format::Xml, "<a>&nbsp;</a>", IssueKey::XmlSyntax),
            (Format::Xml, "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", IssueKey::XmlForbidden),
        ] {
            let issues = Input::read_as(format, text.as_bytes(), &Limits::default()).expect_err(text);
            assert_eq!(issues.iter().map(|issue| issue.key).collect::<Vec<_>>(), [expected], "{text}");
            assert!(issues.iter().all(|issue| issue.position.is_some()), "{text}");
        }
    }
}
