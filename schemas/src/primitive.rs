//! FHIR's primitive types and how their values are written (<https://hl7.org/fhir/R4/datatypes.html#primitive>).

/// A primitive type of R4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are FHIR's own")]
pub enum Primitive {
    Base64Binary,
    Boolean,
    Canonical,
    Code,
    Date,
    DateTime,
    Decimal,
    Id,
    Instant,
    Integer,
    Markdown,
    Oid,
    PositiveInt,
    String,
    Time,
    UnsignedInt,
    Uri,
    Url,
    Uuid,
    Xhtml,
}

/// The JSON type a primitive is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonForm {
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A string.
    Text,
}

impl Primitive {
    /// Every primitive type.
    pub const ALL: [Primitive; 20] = [
        Primitive::Base64Binary,
        Primitive::Boolean,
        Primitive::Canonical,
        Primitive::Code,
        Primitive::Date,
        Primitive::DateTime,
        Primitive::Decimal,
        Primitive::Id,
        Primitive::Instant,
        Primitive::Integer,
        Primitive::Markdown,
        Primitive::Oid,
        Primitive::PositiveInt,
        Primitive::String,
        Primitive::Time,
        Primitive::UnsignedInt,
        Primitive::Uri,
        Primitive::Url,
        Primitive::Uuid,
        Primitive::Xhtml,
    ];

    /// FHIR's name of the type.
    pub fn name(self) -> &'static str {
        match self {
            Primitive::Base64Binary => "base64Binary",
            Primitive::Boolean => "boolean",
            Primitive::Canonical => "canonical",
            Primitive::Code => "code",
            Primitive::Date => "date",
            Primitive::DateTime => "dateTime",
            Primitive::Decimal => "decimal",
            Primitive::Id => "id",
            Primitive::Instant => "instant",
            Primitive::Integer => "integer",
            Primitive::Markdown => "markdown",
            Primitive::Oid => "oid",
            Primitive::PositiveInt => "positiveInt",
            Primitive::String => "string",
            Primitive::Time => "time",
            Primitive::UnsignedInt => "unsignedInt",
            Primitive::Uri => "uri",
            Primitive::Url => "url",
            Primitive::Uuid => "uuid",
            Primitive::Xhtml => "xhtml",
        }
    }

    /// The type of that name.
    pub fn named(name: &str) -> Option<Primitive> {
        Primitive::ALL.into_iter().find(|primitive| primitive.name() == name)
    }

    /// The JSON type of its values.
    pub fn json_form(self) -> JsonForm {
        match self {
            Primitive::Boolean => JsonForm::Boolean,
            Primitive::Decimal | Primitive::Integer | Primitive::PositiveInt | Primitive::UnsignedInt => {
                JsonForm::Number
            }
            _ => JsonForm::Text,
        }
    }

    /// Whether the text, for numbers their JSON text, is written as the type demands.
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Primitive::Boolean => matches!(text, "true" | "false"),
            Primitive::Decimal => true,
            Primitive::Integer => whole_number(text, i64::from(i32::MIN)),
            Primitive::UnsignedInt => whole_number(text, 0),
            Primitive::PositiveInt => whole_number(text, 1),
            Primitive::Base64Binary => base64(text),
            Primitive::Code => code(text),
            Primitive::Id => id(text),
            Primitive::Oid => text.strip_prefix("urn:oid:").is_some_and(oid),
            Primitive::Uuid => text.strip_prefix("urn:uuid:").is_some_and(uuid),
            Primitive::Uri | Primitive::Url | Primitive::Canonical => uri(text),
            Primitive::Date => date(text).is_some_and(|(rest, _)| rest.is_empty()),
            Primitive::DateTime => date_time(text),
            Primitive::Instant => instant(text),
            Primitive::Time => time_of_day(text) == Some(""),
            Primitive::String | Primitive::Markdown => !blank(text) && text.len() <= LONGEST_TEXT_BYTES,
            Primitive::Xhtml => text.trim_start().starts_with("<div") && text.trim_end().ends_with('>'),
        }
    }

    /// What the type demands, to go on after "must be".
    pub fn demand(self) -> &'static str {
        match self {
            Primitive::Boolean => "true or false",
            Primitive::Decimal => "a decimal number",
            Primitive::Integer => "a whole number from -2147483648 to 2147483647, without fraction or exponent",
            Primitive::UnsignedInt => "a whole number from 0 to 2147483647, without fraction or exponent",
            Primitive::PositiveInt => "a whole number from 1 to 2147483647, without fraction or exponent",
            Primitive::Base64Binary => "base64 text",
            Primitive::Code => "a code: no white space at its ends, and single spaces within",
            Primitive::Id => "an id of 1 to 64 letters, digits, `-` and `.`",
            Primitive::Oid => "an OID written urn:oid:1.2.3",
            Primitive::Uuid => "a UUID written urn:uuid: and lower-case digits",
            Primitive::Uri | Primitive::Url | Primitive::Canonical => {
                "a URI without white space; after urn:uuid: a UUID in lower case, after urn:oid: an OID"
            }
            Primitive::Date => "a date that exists, written YYYY, YYYY-MM or YYYY-MM-DD",
            Primitive::DateTime => {
                "a date that exists, written YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with its offset (Z or +hh:mm)"
            }
            Primitive::Instant => "a moment, written YYYY-MM-DDThh:mm:ss with its offset (Z or +hh:mm)",
            Primitive::Time => "a time of day, written hh:mm:ss without an offset",
            Primitive::String | Primitive::Markdown => "text that is not blank and has at most 1048576 bytes",
            Primitive::Xhtml => "XHTML in one div element",
        }
    }
}

/// A FHIR string "SHALL NOT exceed 1MB in size".
const LONGEST_TEXT_BYTES: usize = 1024 * 1024;

/// Whether the text is empty or white space only.
pub fn blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

fn whole_number(text: &str, least: i64) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_written_plainly = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && text != "-0";
    is_written_plainly && text.parse::<i64>().is_ok_and(|value| value >= least && value <= i64::from(i32::MAX))
}

fn base64(text: &str) -> bool {
    let (mut digits, mut padding) = (0_usize, 0_usize);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => digits += 1,
            b'=' => padding += 1,
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => return false,
        }
    }
    digits > 0 && padding <= 2 && (digits + padding).is_multiple_of(4)
}

fn code(text: &str) -> bool {
    let mut last_was_space = true;
    for character in text.chars() {
        let is_space = character.is_whitespace();
        if is_space && last_was_space {
            return false;
        }
        last_was_space = is_space;
    }
    !last_was_space
}

fn id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

fn uri(text: &str) -> bool {
    if text.is_empty() || text.chars().any(char::is_whitespace) {
        return false;
    }
    match (text.strip_prefix("urn:uuid:"), text.strip_prefix("urn:oid:")) {
        (Some(rest), _) => uuid(rest),
        (_, Some(rest)) => oid(rest),
        _ => true,
    }
}

/// FHIR writes UUIDs in lower case.
fn uuid(text: &str) -> bool {
    let mut groups = text.split('-');
    let lengths_fit = [8, 4, 4, 4, 12].iter().all(|length| {
        let group = groups.next().unwrap_or_default();
        group.len() == *length && group.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    });
    lengths_fit && groups.next().is_none()
}

fn oid(text: &str) -> bool {
    let mut arcs = text.split('.');
    let first_fits = matches!(arcs.next(), Some("0" | "1" | "2"));
    let mut further = 0;
    let rest_fits = arcs.all(|arc| {
        further += 1;
        arc == "0" || (!arc.is_empty() && !arc.starts_with('0') && arc.bytes().all(|byte| byte.is_ascii_digit()))
    });
    first_fits && rest_fits && further > 0
}

/// How far a date goes.
#[derive(PartialEq, Eq)]
enum Reach {
    Year,
    Month,
    Day,
}

/// Reads a date off the front; gives what follows.
fn date(text: &str) -> Option<(&str, Reach)> {
    let (year, rest) = digits(text, 4)?;
    if year == 0 {
        return None;
    }
    let Some(after_dash) = rest.strip_prefix('-') else {
        return Some((rest, Reach::Year));
    };
    let (month, rest) = digits(after_dash, 2)?;
    if !(1..=12).contains(&month) {
        return None;
    }
    let Some(after_dash) = rest.strip_prefix('-') else {
        return Some((rest, Reach::Month));
    };
    let (day, rest) = digits(after_dash, 2)?;
    (1..=days_in(year, month)).contains(&day).then_some((rest, Reach::Day))
}

fn days_in(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Reads `hh:mm:ss` and a fraction off the front; gives what follows. A leap second is written `60`.
fn time_of_day(text: &str) -> Option<&str> {
    let (hour, rest) = digits(text, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
    let (second, rest) = digits(rest.strip_prefix(':')?, 2)?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let Some(fraction) = rest.strip_prefix('.') else {
        return Some(rest);
    };
    let after = fraction.trim_start_matches(|character: char| character.is_ascii_digit());
    (after.len() < fraction.len()).then_some(after)
}

/// Offsets go up to 14 hours.
fn offset(text: &str) -> bool {
    if text == "Z" {
        return true;
    }
    let read = || {
        let (hour, rest) = digits(text.strip_prefix(['+', '-'])?, 2)?;
        let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
        let fits = (hour < 14 && minute <= 59) || (hour == 14 && minute == 0);
        Some(fits && rest.is_empty())
    };
    read().unwrap_or(false)
}

fn instant(text: &str) -> bool {
    let Some((rest, Reach::Day)) = date(text) else {
        return false;
    };
    rest.strip_prefix('T').and_then(time_of_day).is_some_and(offset)
}

fn date_time(text: &str) -> bool {
    match date(text) {
        Some(("", _)) => true,
        Some((_, Reach::Day)) => instant(text),
        _ => false,
    }
}

fn digits(text: &str, count: usize) -> Option<(u32, &str)> {
    let (front, rest) = text.split_at_checked(count)?;
    front.bytes().all(|byte| byte.is_ascii_digit()).then(|| front.parse().ok())?.map(|value| (value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_each_format() {
        use Primitive::*;
        let table: [(Primitive, &[&str], &[&str]); 16] = [
            (
                Integer,
                &["0", "-1", "2147483647", "-2147483648"],
                &["2147483648", "-2147483649", "1.0", "1e2", "-0", "", "-", "99999999999999999999"],
            ),
            (UnsignedInt, &["0", "2147483647"], &["-1", "2147483648"]),
            (PositiveInt, &["1", "2147483647"], &["0", "-1"]),
            (Decimal, &["1.50", "-0", "1E-2", "1e400"], &[]),
            (
                Base64Binary,
                &["QQ==", "QUI=", "QUJD", "QU JD\r\nQQ=="],
                &["", "QQ", "Q===", "Q=Q=", "QQ==QQ==", "Q-_D", "===="],
            ),
            (Code, &["a", "a b", "a-b c d"], &["", " a", "a ", "a  b", "a\n b", " "]),
            (Id, &["a", "A-1.z", &"a".repeat(64)], &["", &"a".repeat(65), "a_b", "a b", "é", "a/b"]),
            (
                Oid,
                &["urn:oid:1.2", "urn:oid:2.16.840.0"],
                &["1.2", "urn:oid:3.1", "urn:oid:1", "urn:oid:1.02", "urn:oid:1.", "urn:oid:1..2"],
            ),
            (
                Uuid,
                &["urn:uuid:c757873d-ec9a-4326-a141-556f43239520"],
                &[
                    "c757873d-ec9a-4326-a141-556f43239520",
                    "urn:uuid:C757873D-EC9A-4326-A141-556F43239520",
                    "urn:uuid:c757873dec9a4326a141556f43239520",
                    "urn:uuid:c757873d-ec9a-4326-a141-556f43239520-1",
                ],
            ),
            (
                Uri,
                &["http://a.b/c", "#a", "Patient/1", "urn:uuid:c757873d-ec9a-4326-a141-556f43239520", "urn:oid:1.2"],
                &["", " ", "a b", "urn:uuid:1", "urn:oid:9"],
            ),
            (
                Date,
                &["2026", "2026-02", "2024-02-29", "2000-02-29", "2026-12-31", "0001"],
                &[
                    "",
                    "0000",
                    "26",
                    "2026-",
                    "2026-00",
                    "2026-13",
                    "2026-02-29",
                    "1900-02-29",
                    "2026-04-31",
                    "2026-01-00",
                    "2026-1-1",
                    "2026-01-01T00:00:00Z",
                    "2026/01/01",
                    "20260101",
                    " 2026",
                    "２０２６",
                ],
            ),
            (
                DateTime,
                &[
                    "2026",
                    "2026-02",
                    "2026-02-28",
                    "2026-02-28T23:59:60Z",
                    "2026-02-28T00:00:00.001+14:00",
                    "2026-02-28T00:00:00-00:00",
                ],
                &[
                    "2026-02-29",
                    "2026-02-28T",
                    "2026-02-28T10:00Z",
                    "2026-02-28T10:00:00",
                    "2026-02-28T24:00:00Z",
                    "2026-02-28T10:60:00Z",
                    "2026-02-28T10:00:61Z",
                    "2026-02-28T10:00:00.Z",
                    "2026-02-28T10:00:00+14:01",
                    "2026-02-28T10:00:00+0100",
                    "2026-02T10:00:00Z",
                    "2026-02-28 10:00:00Z",
                    "2026-02-28T10:00:00ZZ",
                    "2026-02-30T10:00:00Z",
                ],
            ),
            (
                Instant,
                &["2026-02-28T10:00:00Z", "2026-02-28T10:00:00.123456789+01:00"],
                &["2026-02-28", "2026-02-28T10:00:00", "2026-02T10:00:00Z"],
            ),
            (Time, &["00:00:00", "23:59:59.9"], &["24:00:00", "10:00", "10:00:00Z", "10:00:00.", "1:00:00", ""]),
            (
                String,
                &["a", " a ", "é", &"a".repeat(1024 * 1024)],
                &["", " ", "\n\t", "\u{a0}", &"a".repeat(1024 * 1024 + 1)],
            ),
            (Xhtml, &["<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>", "<div/>"], &["", "text", "<p>a</p>"]),
        ];
        for (primitive, accepted, refused) in table {
            for text in accepted {
                assert!(primitive.accepts(text), "{primitive:?} {text}");
            }
            for text in refused {
                assert!(!primitive.accepts(text), "{primitive:?} {text}");
            }
        }
    }

    #[test]
    fn each_type_is_found_by_its_name() {
        for primitive in Primitive::ALL {
            assert_eq!(Primitive::named(primitive.name()), Some(primitive));
            assert!(!primitive.demand().is_empty());
        }
        assert_eq!(Primitive::named("HumanName"), None);
    }
}
