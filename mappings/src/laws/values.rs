//! Plain values as people, clocks and spreadsheets make them: texts, dates, identifiers, numbers, and odd ones.

use super::random::Random;
use serde_json::Value;

/// What a value is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A date that exists, `yyyy-mm-dd` and shorter.
    Date,
    /// A date-time with offset.
    Instant,
    /// A local date-time.
    LocalTime,
    /// A time of day.
    TimeOfDay,
    /// An NHS number of the range that belongs to nobody; now and then with a wrong check digit.
    NhsNumber,
    /// A SNOMED CT id; now and then with a wrong check digit.
    SctId,
    /// A postcode of an area that does not exist.
    Postcode,
    /// One of few keys, so that some are met twice and refer to each other.
    Key,
    /// A number.
    Number,
    /// A number as text.
    NumberText,
    /// Text.
    Text,
    /// A text that an expression matches.
    Matching(String),
}

const WORDS: &[&str] = &[
    "Ada",
    "Brontë",
    "tea",
    "twice",
    "daily",
    "O'Neill",
    "night",
    "Zoë",
    "left",
    "knee",
    "calm",
    "walked",
    "50 mg",
    "mid-day",
    "Dr",
    "refused",
    "home",
    "łaźnia",
    "🙂",
    "p.r.n.",
    "2 tabs",
    "1/2",
    "a&b",
    "<b>bold</b>",
    "{x}",
    "|",
    "#",
    "100%",
];

const ODD: &[&str] = &[
    "",
    " ",
    "\t",
    "\n",
    "\u{a0}",
    "-",
    ".",
    "?",
    "n/a",
    "N/A",
    "null",
    "0",
    "00",
    "false",
    "true",
    " lead",
    "trail ",
    "two  spaces",
    "line\nbreak",
    "\u{feff}bom",
    "e\u{301}",
    "é",
    "’",
    "\u{200b}",
    "{}",
    "[]",
    "\"",
    "\\",
    "~1/~0",
    "/",
    "👩‍⚕️",
    "ﬁ",
    "İ",
    "ß",
    "1e5",
    "=1+1",
    "<p>",
    "&amp;",
    "1.50",
    "1,5",
    "None",
    "NKDA",
];

impl Kind {
    /// A value of this kind.
    pub fn value(&self, random: &mut Random) -> Value {
        match self {
            Kind::Date => date(random).into(),
            Kind::Instant => instant(random).into(),
            Kind::LocalTime => local_time(random).into(),
            Kind::TimeOfDay => format!("{:02}:{:02}", random.below(24), random.below(60)).into(),
            Kind::NhsNumber => nhs_number(random).into(),
            Kind::SctId => sct_id(random).into(),
            Kind::Postcode => format!("ZZ{} {}ZZ", random.below(99), random.below(10)).into(),
            Kind::Key => key(random).into(),
            Kind::Number => number(random),
            Kind::NumberText => number(random).to_string().into(),
            Kind::Text => text(random).into(),
            Kind::Matching(pattern) => {
                super::pattern::Patterns::default().matching(pattern, random).unwrap_or_default().into()
            }
        }
    }
}

/// One of few keys.
pub fn key(random: &mut Random) -> String {
    format!("k-{}", random.below(9))
}

/// A date in living memory, the 29th of February and the ends of years among them.
pub fn date(random: &mut Random) -> String {
    let year = random.between(1915, 2027);
    let month = random.between(1, 12);
    let day = random.between(1, 28);
    match random.below(16) {
        0 => "2024-02-29".into(),
        1 => format!("{year}-12-31"),
        2 => format!("{year}-01-01"),
        _ => format!("{year:04}-{month:02}-{day:02}"),
    }
}

/// A date-time with offset, as different systems spell it.
pub fn instant(random: &mut Random) -> String {
    let time = format!("{:02}:{:02}:{:02}", random.below(24), random.below(60), random.below(60));
    let fraction = if random.chance(10) { ".250" } else { "" };
    let offset = ["Z", "Z", "Z", "+00:00", "+01:00", "-05:00"][random.below(6)];
    format!("{}T{time}{fraction}{offset}", date(random))
}

/// A local date-time; some in the hours in which London's clocks change.
pub fn local_time(random: &mut Random) -> String {
    let day = match random.below(12) {
        0 => "2026-10-25".to_string(),
        1 => "2027-03-28".to_string(),
        _ => date(random),
    };
    let hour = if random.chance(10) { 1 } else { random.below(24) };
    let seconds = if random.chance(15) { format!(":{:02}", random.below(60)) } else { String::new() };
    format!("{day}T{hour:02}:{:02}{seconds}", random.below(60))
}

fn nhs_number(random: &mut Random) -> String {
    // The range 999 belongs to nobody.
    let found = (0..40).find_map(|_| {
        let first = format!("999{:06}", random.below(1_000_000));
        (0..10).map(|digit| format!("{first}{digit}")).find(|one| ginnel_schemas::check_digit::is_nhs_number(one))
    });
    let right = found.unwrap_or_else(|| "9990123012".into());
    match random.below(10) {
        0 => right.chars().rev().collect(),
        1 => format!("{} {} {}", &right[..3], &right[3..6], &right[6..]),
        2 => format!("{}-{}-{}", &right[..3], &right[3..6], &right[6..]),
        _ => right,
    }
}

fn sct_id(random: &mut Random) -> String {
    let first = format!("{}10", random.between(1000, 99_999_999));
    let digit = ginnel_schemas::check_digit::verhoeff_digit(&first).unwrap_or('0');
    if random.chance(10) { format!("{first}x") } else { format!("{first}{digit}") }
}

/// A text as people type it.
pub fn text(random: &mut Random) -> String {
    let words = random.between(1, 5);
    (0..words).filter_map(|_| random.pick(WORDS).copied()).collect::<Vec<_>>().join(" ")
}

/// A text at an edge: white space, marks that formats give a meaning, letters of many bytes.
pub fn odd_text(random: &mut Random) -> String {
    random.pick(ODD).copied().unwrap_or_default().to_string()
}

/// A number with its digits as somebody wrote them.
pub fn number(random: &mut Random) -> Value {
    let whole = random.between(0, 250);
    match random.below(6) {
        0 => exact(&format!("{whole}.{}0", random.below(10))),
        1 => exact(&format!("{whole}.{:02}", random.below(100))),
        2 => exact(&format!("{}", random.between(-5, 5))),
        _ => whole.into(),
    }
}

/// A number at an edge.
pub fn odd_number(random: &mut Random) -> Value {
    let all = [
        "0",
        "-0",
        "0.0",
        "1.50",
        "1.5",
        "-1",
        "1e3",
        "1E-2",
        "2147483647",
        "2147483648",
        "9007199254740993",
        "12345678901234567890123",
        "0.1000000000000000055",
        "1e30",
        "-273.15",
    ];
    exact(all[random.below(all.len())])
}

/// A JSON number with exactly these digits.
pub fn exact(digits: &str) -> Value {
    serde_json::from_str(digits).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_exist_and_nobody_has_the_numbers() {
        let mut random = Random::new(11);
        for _ in 0..300 {
            let made = date(&mut random);
            assert!(made.parse::<jiff::civil::Date>().is_ok(), "{made}");
            assert!(instant(&mut random).parse::<jiff::Timestamp>().is_ok());
            assert!(local_time(&mut random).parse::<jiff::civil::DateTime>().is_ok());
        }
        let numbers: Vec<String> = (0..200).map(|_| nhs_number(&mut random)).collect();
        let right = numbers.iter().filter(|one| ginnel_schemas::check_digit::is_nhs_number(one)).count();
        assert!(right > 100 && right < 200, "right and wrong ones: {right}");
        assert_eq!(exact("1.50").to_string(), "1.50");
    }
}
