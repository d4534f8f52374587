//! Answers to a message: MSA and ERR, in original and enhanced mode (HL7 2.9, chapters 2.9 and 2.13).

use super::location::Location;
use super::text::{Delimiters, Line, Lines};
use super::{charset, escape};
use crate::format::encoding::{TextForm, decode, encode};
use ginnel_schemas::issue::{Issue, Severity};

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is kept.
    Accepted,
    /// Its content is at fault: sending it again does not help.
    Error,
    /// It could not be taken: not readable, not of a type that is taken, or nothing could be kept now.
    Rejected,
}

/// What a message's header says of itself, as an answer needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    fields: Vec<String>,
    delimiters: Delimiters,
    form: TextForm,
}

impl Header {
    /// The header of a message; `None` of bytes that have none.
    pub fn of(bytes: &[u8]) -> Option<Header> {
        let encoding = match charset::declared(bytes) {
            charset::Declared::Known(encoding) => encoding,
            _ => None,
        };
        // Bytes that are no text of the declared set must be answered too: the header itself is mostly ASCII.
        let (text, form) = match decode(bytes, encoding, "") {
            Ok(read) => (read.text, read.form),
            Err(_) => (String::from_utf8_lossy(bytes).into_owned(), TextForm::default()),
        };
        let start = text.find("MSH")?;
        let line = text.get(start..)?.split(['\r', '\n']).next()?;
        let lines = Lines::of(line).ok()?;
        let line: &Line = lines.segments.first()?;
        let fields = line.fields().into_iter().map(str::to_string).collect();
        Some(Header { fields, delimiters: line.delimiters, form })
    }

    fn field(&self, number: usize) -> &str {
        self.fields.get(number - 1).map_or("", String::as_str)
    }

    /// MSH-9 with `^` between its parts.
    pub fn kind(&self) -> String {
        self.field(9).replace(self.delimiters.component, "^")
    }

    /// MSH-10, by which the sender knows the message.
    pub fn control_id(&self) -> &str {
        self.field(10)
    }

    /// Whether the sender wants no answer to such a verdict. Errors in reading are always answered.
    pub fn wants_no_answer(&self, verdict: Verdict) -> bool {
        let refuses = |wish: &str| match wish {
            "NE" => true,
            "ER" => verdict == Verdict::Accepted,
            "SU" => verdict != Verdict::Accepted,
            _ => false,
        };
        match (self.field(15), self.field(16)) {
            ("", "") => false,
            (accept, "") => refuses(accept),
            ("", application) => refuses(application),
            (accept, application) => refuses(accept) && refuses(application),
        }
    }

    /// MSA-1: of an accept acknowledgement where MSH-15 asks for one, otherwise of an application's.
    fn code(&self, verdict: Verdict) -> &'static str {
        let asks = match self.field(15) {
            "AL" => true,
            "ER" => verdict != Verdict::Accepted,
            "SU" => verdict == Verdict::Accepted,
            _ => false,
        };
        match (asks, verdict) {
            (true, Verdict::Accepted) => "CA",
            (true, Verdict::Error) => "CE",
            (true, Verdict::Rejected) => "CR",
            (false, Verdict::Accepted) => "AA",
            (false, Verdict::Error) => "AE",
            (false, Verdict::Rejected) => "AR",
        }
    }

    /// Whether the version has ERR-2 and what follows (since 2.5).
    fn has_locations(&self) -> bool {
        let version = self.field(12).split(self.delimiters.component).next().unwrap_or_default();
        let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
        version.is_empty() || found >= (2, 5)
    }
}

/// What was found, as an answer tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finding {
    /// Whether it is an error; warnings are told too.
    pub is_error: bool,
    /// FHIR's word for its kind (`required`).
    pub code: String,
    /// Our stable key (`source.required-missing`).
    pub key: String,
    /// One plain sentence without a person's data.
    pub text: String,
    /// What to do next.
    pub hint: String,
    /// The place in the message (`PID[1]-3(2).1`).
    pub address: Option<String>,
}

impl Finding {
    /// A finding of the line; informations are not told.
    pub fn of(issue: &Issue) -> Option<Finding> {
        (issue.severity != Severity::Information).then(|| Finding {
            is_error: issue.is_error(),
            code: issue.code.code().to_string(),
            key: issue.key.code().to_string(),
            text: issue.text.clone(),
            hint: issue.hint.clone().unwrap_or_default(),
            address: issue.address.clone(),
        })
    }
}

/// Most findings an answer tells; who wants more asks over HTTP.
const MOST: usize = 50;

/// The answer to a message. `now` is HL7's `YYYYMMDDHHMMSS[+/-ZZZZ]`, `control_id` the answer's own id. It holds no values
/// of the message but those of its header.
pub fn acknowledge(header: &Header, verdict: Verdict, findings: &[Finding], now: &str, control_id: &str) -> Vec<u8> {
    let Delimiters { field, component, .. } = header.delimiters;
    let written =
        |text: &str| escape::escape(text, &header.delimiters).unwrap_or_else(|| plain(text, &header.delimiters));
    let trigger = header.field(9).split(component).nth(1).unwrap_or_default();
    let kind = if trigger.is_empty() { "ACK".to_string() } else { format!("ACK{component}{trigger}{component}ACK") };
    let mut msh: Vec<String> = vec![
        // What had no header is answered with the usual delimiters.
        if header.field(2).is_empty() { "^~\\&" } else { header.field(2) }.to_string(),
        header.field(5).to_string(),
        header.field(6).to_string(),
        header.field(3).to_string(),
        header.field(4).to_string(),
        now.to_string(),
        String::new(),
        kind,
        control_id.to_string(),
        header.field(11).to_string(),
        header.field(12).to_string(),
    ];
    if !header.field(18).is_empty() {
        msh.extend([const { String::new() }; 5]);
        msh.push(header.field(18).to_string());
    }
    let joined = |name: &str, parts: &[String]| {
        let text = std::iter::once(name.to_string()).chain(parts.iter().cloned()).collect::<Vec<_>>();
        let text = text.join(&field.to_string());
        format!("{}\r", text.trim_end_matches(field))
    };
    let mut out = joined("MSH", &msh);
    let worst = findings.iter().find(|one| one.is_error).map(|one| one.text.as_str());
    let mut msa = vec![header.code(verdict).to_string(), header.control_id().to_string()];
    if verdict != Verdict::Accepted && !header.has_locations() {
        msa.push(written(worst.unwrap_or_default()));
    }
    out.push_str(&joined("MSA", &msa));
    for finding in findings.iter().take(MOST) {
        let location = finding.address.as_deref().and_then(Location::from_text);
        let (code, words) = error_code(&finding.code);
        if !header.has_locations() {
            // Until 2.4 the place and the code stand in ERR-1: segment, number, field, code.
            let sub = header.delimiters.subcomponent.map(|sub| format!("{code}{sub}{words}{sub}HL70357"));
            let place = location.unwrap_or_default();
            let number = |part: Option<usize>| part.map(|part| part.to_string()).unwrap_or_default();
            let sequence = if place.segment.is_empty() { String::new() } else { place.number.to_string() };
            let parts = [place.segment.clone(), sequence, number(place.field), sub.unwrap_or_else(|| code.into())];
            out.push_str(&joined("ERR", &[parts.join(&component.to_string())]));
            continue;
        }
        let severity = if finding.is_error { "E" } else { "W" };
        let parts = [
            String::new(),
            location.map(|place| place.as_components(component)).unwrap_or_default(),
            [code, words, "HL70357"].join(&component.to_string()),
            severity.to_string(),
            written(&finding.key),
            String::new(),
            written(&finding.hint),
            written(&finding.text),
        ];
        out.push_str(&joined("ERR", &parts));
    }
    encode(&out, header.form).unwrap_or_else(|_| out.into_bytes())
}

/// A text without what parts a message, where the message has no escapes.
fn plain(text: &str, delimiters: &Delimiters) -> String {
    let parts =
        [Some(delimiters.field), Some(delimiters.component), Some(delimiters.repetition), delimiters.subcomponent];
    text.chars().map(|c| if parts.contains(&Some(c)) || c.is_control() { ' ' } else { c }).collect()
}

/// A finding's code in HL7 table 0357.
fn error_code(code: &str) -> (&'static str, &'static str) {
    match code {
        "required" => ("101", "Required field missing"),
        "code-invalid" => ("103", "Table value not found"),
        "value" => ("102", "Data type error"),
        "not-supported" => ("200", "Unsupported message type"),
        "structure" => ("100", "Segment sequence error"),
        "duplicate" => ("205", "Duplicate key identifier"),
        _ => ("207", "Application error"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(version: &str, fifteen: &str, sixteen: &str) -> Header {
        let text =
            format!("MSH|^~\\&|PMR|F1|GW|G2|2026||RDE^O11^RDE_O11|ID7|P|{version}|||{fifteen}|{sixteen}\rPID|1||999\r");
        Header::of(text.as_bytes()).expect("a header")
    }

    fn missing() -> Finding {
        Finding {
            is_error: true,
            code: "required".into(),
            key: "source.required-missing".into(),
            text: "A required member | is missing.".into(),
            hint: "send it".into(),
            address: Some("PID[1]-3(2).1".into()),
        }
    }

    #[test]
    fn an_answer_turns_the_sender_round_and_names_the_place_and_our_key() {
        let answer = acknowledge(&header("2.5", "", ""), Verdict::Error, &[missing()], "20261127", "A1");
        let wanted = "MSH|^~\\&|GW|G2|PMR|F1|20261127||ACK^O11^ACK|A1|P|2.5\rMSA|AE|ID7\r\
            ERR||PID^1^3^2^1|101^Required field missing^HL70357|E|source.required-missing||send it|\
            A required member \\F\\ is missing.\r";
        assert_eq!(String::from_utf8(answer).expect("text"), wanted);
        let older = acknowledge(&header("2.4", "", ""), Verdict::Error, &[missing()], "20261127", "A1");
        let older = String::from_utf8(older).expect("text");
        assert!(older.ends_with("\rERR|PID^1^3^101&Required field missing&HL70357\r"), "{older}");
    }

    #[test]
    fn what_has_no_header_is_answered_with_one() {
        let answer = acknowledge(&Header::default(), Verdict::Rejected, &[], "20261127", "A1");
        assert!(answer.starts_with(b"MSH|^~\\&|"), "{answer:?}");
        assert!(Header::of(&answer).is_some());
    }

    #[test]
    fn enhanced_mode_answers_as_the_header_asks() {
        let cases = [
            ("", "", Verdict::Accepted, Some("AA")),
            ("", "", Verdict::Rejected, Some("AR")),
            ("AL", "NE", Verdict::Accepted, Some("CA")),
            ("AL", "NE", Verdict::Error, Some("CE")),
            ("AL", "AL", Verdict::Rejected, Some("CR")),
            ("NE", "AL", Verdict::Accepted, Some("AA")),
            ("NE", "NE", Verdict::Accepted, None),
            ("ER", "NE", Verdict::Accepted, None),
            ("ER", "NE", Verdict::Error, Some("CE")),
            ("SU", "", Verdict::Error, None),
        ];
        for (fifteen, sixteen, verdict, wanted) in cases {
            let header = header("2.5", fifteen, sixteen);
            let told = (!header.wants_no_answer(verdict)).then(|| header.code(verdict));
            assert_eq!(told, wanted, "{fifteen} {sixteen} {verdict:?}");
        }
    }
}
