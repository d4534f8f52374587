//! Leaf converters: each a pair of functions with a declared domain, help and examples that run as tests.

use crate::account::LawClass;
use crate::code_table::CodeTable;
use crate::outside::Outside;
use ginnel_schemas::issue::IssueKey;
use serde_json::Value;
use std::any::Any;
use std::sync::Arc;

mod address;
mod affix;
mod after_first;
mod amount;
mod amount_agrees;
mod answer;
mod any_date;
mod base64_text;
mod bits;
mod blood_pressure;
mod calendar;
pub mod call;
mod check_digit;
mod contact;
mod converted;
mod count;
mod cycle_day;
mod date;
mod date_and_time;
mod day_agrees;
mod dosage;
mod dose;
mod dose_given;
mod dose_plan;
mod duration;
mod epoch;
mod estimated_date;
mod fhir_date_time;
mod flag;
mod full_name;
mod gather;
mod hl7_date;
mod html_entities;
mod html_text;
mod humanise;
mod instant;
mod layout;
mod local_period;
mod local_time;
mod media_type;
mod midnight_date;
mod name_case;
mod news2;
mod not;
mod number;
mod only_one;
mod patterned;
mod plain_id;
mod plain_text;
mod quantity;
mod quantity_text;
mod schedule_agrees;
pub mod signature;
mod split;
mod stones_pounds;
mod stu3_system;
mod time_of_day;
mod uk_date;
mod uk_postcode;
mod uk_registers;
mod uuid;
mod wall_clock;
mod words;
mod wrapped;

pub(crate) use any_date::civil;
pub use call::{Call, CallFault};
pub use html_text::plain_text;
pub use humanise::humanise;
pub(crate) use wall_clock::one_instant;

/// Vendor values in; `None` where there is nothing to send.
pub type Sent = Result<Option<Value>, Outside>;
/// One vendor value a source: null empties that source, `None` leaves it as it is. Sources beyond the list are emptied.
pub type Returned = Result<Vec<Option<Value>>, Outside>;

/// What a function is called with in the mapping.
#[derive(Debug, Clone)]
pub struct Arguments {
    /// Quoted texts.
    pub texts: Vec<String>,
    /// Named texts, those that are given.
    pub named: Vec<(&'static str, String)>,
    /// The code table named.
    pub table: Option<Arc<CodeTable>>,
    /// The time zone of local times.
    pub zone: jiff::tz::TimeZone,
    /// Whether somebody said which time zone that is.
    pub zone_known: bool,
    /// How many sources it is called with.
    pub sources: usize,
    /// Vendor values that stand for no value; the first is written where FHIR has none.
    pub nothing: Vec<Value>,
    /// What the function made of its arguments at load.
    prepared: Option<Prepared>,
}

/// What a function made of its arguments.
#[derive(Clone)]
struct Prepared(Arc<dyn Any + Send + Sync>);

impl std::fmt::Debug for Prepared {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Prepared")
    }
}

impl Default for Arguments {
    fn default() -> Arguments {
        Arguments {
            texts: Vec::new(),
            named: Vec::new(),
            table: None,
            zone: jiff::tz::TimeZone::UTC,
            zone_known: false,
            sources: 1,
            nothing: Vec::new(),
            prepared: None,
        }
    }
}

impl Arguments {
    /// A named argument, where it is given.
    pub fn named(&self, name: &str) -> Option<&str> {
        self.named.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str())
    }

    /// What the function prepared.
    fn prepared<T: Any>(&self) -> Result<&T, Outside> {
        let found = self.prepared.as_ref().and_then(|one| one.0.downcast_ref());
        found.ok_or_else(|| Outside::domain("this function was called without what it needs"))
    }
}

/// How many sources a function takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sources {
    /// Exactly so many.
    Exactly(usize),
    /// At least and at most so many.
    Between(usize, usize),
    /// One or more.
    Any,
}

/// What stands in the brackets of a call, besides named arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// So many quoted texts.
    Texts(usize),
    /// At least and at most so many quoted texts.
    SomeTexts(usize, usize),
    /// The name of a code table.
    Table,
    /// The name of a code table, or nothing.
    MaybeTable,
}

/// A named argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: &'static str,
    /// What it may be; empty where that is open.
    pub choices: &'static [&'static str],
    /// One sentence for the manual.
    pub help: &'static str,
}

/// An example of a function; it runs as a test.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// What stands in the brackets of the call.
    pub arguments: &'static str,
    /// The sources, a JSON list.
    pub sources: &'static str,
    /// The result as JSON, `nothing`, or `outside`.
    pub result: &'static str,
}

impl Example {
    /// An example.
    pub const fn new(arguments: &'static str, sources: &'static str, result: &'static str) -> Example {
        Example { arguments, sources, result }
    }
}

/// What a function makes of its arguments at load, or why it cannot be called with them.
type Prepare = fn(&Arguments) -> Result<Arc<dyn Any + Send + Sync>, CallFault>;

/// Says of values that were carried what people should know.
type Says = fn(&Arguments, &[Option<&Value>]) -> Option<(IssueKey, String)>;

/// A function of the language.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// What it promises.
    pub class: LawClass,
    /// What it promises with these arguments, where that depends on them.
    pub class_with: Option<fn(&Arguments) -> LawClass>,
    /// How many sources it takes.
    pub sources: Sources,
    /// What its brackets take.
    pub takes: Takes,
    /// Its named arguments, besides `nothing`, which all take.
    pub named: &'static [Named],
    /// The sources that are read and never come back, by their place.
    pub read_only: &'static [usize],
    /// Whether other rules write members of their own beside those of the object it gives.
    pub shares: bool,
    /// Whether it needs a time zone.
    pub zone: bool,
    /// Whether it carries what people wrote in their own words.
    pub free_text: bool,
    /// Whether a list goes element by element.
    pub by_element: bool,
    /// The types of both its sides, for the checker.
    pub signature: signature::Signature,
    /// One sentence for the manual.
    pub help: &'static str,
    /// Examples, which run as tests.
    pub examples: &'static [Example],
    /// Reads its arguments at load.
    prepare: Option<Prepare>,
    /// Vendor to FHIR.
    pub out: fn(&Arguments, &[Option<&Value>]) -> Sent,
    /// FHIR to vendor.
    pub back: fn(&Arguments, &Value) -> Returned,
    /// What people should know of a value that was carried all the same.
    pub says: Option<Says>,
}

/// What most functions are: one source, no arguments.
const PLAIN: Function = Function {
    name: "",
    class: LawClass::Iso,
    class_with: None,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    named: &[],
    read_only: &[],
    shares: false,
    zone: false,
    free_text: false,
    by_element: false,
    signature: signature::Signature {
        takes: &[signature::SOME_TEXT],
        gives: signature::Given::Anything,
        returns: true,
    },
    help: "",
    examples: &[],
    prepare: None,
    out: |_, sources| Ok(sources.first().copied().flatten().cloned()),
    back: |_, value| Ok(vec![Some(value.clone())]),
    says: None,
};

/// What authors look for and the language has not, and what to do instead.
pub const NOT_FUNCTIONS: &[(&str, &str)] = &[
    ("default", "a default has no way back: write a group with `when: { path: absent }` and a `const`, and report it"),
    ("coalesce", "which of several was sent cannot be told on the way back: write a pair with `when` for each"),
    ("now", "the mapping knows no clock; the gateway records when a message came"),
    ("today", "the mapping knows no clock; the gateway records when a message came"),
    ("age", "the mapping knows no clock; send the date of birth"),
    ("random", "same input, same output: ids are declared under `id`"),
    ("concat", "write a text with holes under `texts:`, which is read back, or `joined(\"...\")`"),
    ("substring", "a part does not tell the whole: `split`, `name`, `date-pattern` and `texts:` part a text both ways"),
    ("replace", "what was replaced cannot be told on the way back; `prefix`, `suffix`, `trimmed` and code tables can"),
    ("regex", "use `texts:` for a text with holes, or a WebAssembly converter: `wasm(\"name\")`"),
    ("eval", "the language runs no code; use a WebAssembly converter: `wasm(\"name\")`"),
    ("script", "the language runs no code; use a WebAssembly converter: `wasm(\"name\")`"),
    ("lookup", "name the code table: `table: name`, or `as: [split(\";\"), table(name)]`"),
    ("if", "write a pair or a group with `when:`"),
];

/// Every function, in the order of the manual.
pub const FUNCTIONS: &[&Function] = &[
    &date::DATE,
    &uk_date::UK_DATE,
    &patterned::DATE_PATTERN,
    &midnight_date::MIDNIGHT_DATE,
    &estimated_date::ESTIMATED_DATE,
    &any_date::ANY_DATE,
    &instant::INSTANT,
    &local_time::LOCAL_TIME,
    &local_period::LOCAL_PERIOD,
    &patterned::DATE_TIME_PATTERN,
    &date_and_time::DATE_AND_TIME,
    &any_date::ANY_DATE_TIME,
    &cycle_day::CYCLE_DAY,
    &epoch::EPOCH_SECONDS,
    &epoch::EPOCH_MILLISECONDS,
    &epoch::DOTNET_DATE,
    &fhir_date_time::FHIR_DATE_TIME,
    &fhir_date_time::FHIR_INSTANT,
    &hl7_date::HL7_DATE,
    &hl7_date::HL7_DATE_TIME,
    &time_of_day::TIME_OF_DAY,
    &patterned::TIME_PATTERN,
    &duration::DURATION,
    &plain_text::TEXT,
    &plain_text::TRIMMED,
    &plain_text::UPPER,
    &plain_text::LOWER,
    &plain_text::NUMBER_TEXT,
    &plain_id::PLAIN_ID,
    &plain_text::AS_TEXT,
    &words::WORDS,
    &gather::GATHER,
    &split::SPLIT,
    &split::JOINED,
    &full_name::FULL_NAME,
    &full_name::KNOWN_AS,
    &name_case::SURNAME,
    &name_case::GIVEN_NAMES,
    &address::ADDRESS,
    &uk_postcode::UK_POSTCODE,
    &contact::UK_PHONE,
    &contact::EMAIL,
    &contact::URL,
    &media_type::MEDIA_TYPE,
    &check_digit::NHS_NUMBER,
    &check_digit::SCT_ID,
    &uk_registers::ODS_CODE,
    &uk_registers::UPRN,
    &uuid::UUID,
    &uuid::URN_UUID,
    &uuid::URN_OID,
    &stu3_system::STU3_SYSTEM,
    &only_one::ONLY_ONE,
    &flag::FLAG,
    &flag::BOOLEAN,
    &not::NOT,
    &bits::BITS,
    &wrapped::CONCEPT_TEXT,
    &wrapped::NOTE,
    &wrapped::CODED,
    &affix::PREFIX,
    &affix::SUFFIX,
    &affix::WITHOUT_PREFIX,
    &html_text::HTML_TEXT,
    &base64_text::BASE64,
    &base64_text::BASE64_TEXT,
    &number::DECIMAL,
    &number::INTEGER,
    &quantity::QUANTITY,
    &quantity::UCUM,
    &quantity_text::QUANTITY_TEXT,
    &quantity_text::RANGE_TEXT,
    &quantity_text::RATIO_TEXT,
    &converted::CONVERTED,
    &converted::FAHRENHEIT,
    &stones_pounds::STONES_POUNDS,
    &stones_pounds::FEET_INCHES,
    &blood_pressure::BLOOD_PRESSURE,
    &news2::NEWS2,
    &dose::DOSE,
    &dose::DOSE_TEXT,
    &dose_given::DOSE_GIVEN,
    &dosage::DOSAGE,
    &dose_plan::DOSE_PLAN,
    &schedule_agrees::SCHEDULE_AGREES,
    &amount_agrees::AMOUNT_AGREES,
    &day_agrees::DAY_AGREES,
    &answer::ANSWER,
    &count::COUNT,
    &after_first::AFTER_FIRST,
    &humanise::HUMANISE,
];

/// The one source of a function that takes one, as text.
fn text<'a>(sources: &[Option<&'a Value>]) -> Result<Option<&'a str>, Outside> {
    match sources.first().copied().flatten() {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Outside::domain("this is not a text")),
    }
}

/// A FHIR value that must be text.
fn fhir_text(value: &Value) -> Result<&str, Outside> {
    value.as_str().ok_or_else(|| Outside::domain("this is not a text"))
}

/// A text that is a JSON number as it stands, so that its digits are kept.
fn number_text(text: &str) -> Option<Value> {
    let text = text.trim();
    let starts_right = text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    if !starts_right {
        return None;
    }
    serde_json::from_str::<Value>(text).ok().filter(Value::is_number)
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
