//! What one phrase of a dose text says.

use super::super::units::Unit;
use super::token::Number;

/// The unit of an amount, as said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Said {
    /// Nobody named one ("take two").
    Nothing,
    /// A known unit.
    Unit(&'static Unit),
}

/// An amount or a range of them; a range may lack its least ("up to two tablets").
#[derive(Debug, Clone, PartialEq)]
pub struct Amount {
    /// The least, where a range is said.
    pub low: Option<Number>,
    /// The amount, or the greatest.
    pub high: Number,
    /// Whether it is a range.
    pub is_range: bool,
    /// Its unit.
    pub unit: Said,
    /// The unit of the least, where it has another.
    pub low_unit: Option<&'static Unit>,
}

/// How often: times in a period.
#[derive(Debug, Clone, PartialEq)]
pub struct Often {
    /// How many times; nothing where only the period is said ("daily").
    pub times: Option<Number>,
    /// At most how many times.
    pub times_max: Option<Number>,
    /// The period's number.
    pub period: Number,
    /// The longest period.
    pub period_max: Option<Number>,
    /// The period's unit, as FHIR codes it.
    pub unit: &'static str,
}

/// A length of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// The least, if it is a range or "at least".
    pub low: Option<Number>,
    /// The length, or the greatest; nothing for "at least".
    pub high: Option<Number>,
    /// Whether only a greatest is said ("for up to 2 weeks").
    pub is_most: bool,
    /// Its unit.
    pub unit: &'static Unit,
}

/// What a phrase says.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// How it is given: words and SNOMED CT code.
    Method(&'static str, &'static str),
    /// How much.
    Dose(Amount),
    /// How fast: an amount in a time.
    Rate(Amount, Number, &'static Unit),
    /// How often.
    Often(Often),
    /// At which events of the day, and how many minutes before or after.
    Events(Vec<&'static str>, Option<u32>),
    /// On which days of the week.
    Days(Vec<&'static str>),
    /// On the days that the Dosage before does not name.
    OtherDays,
    /// At which times of day.
    Times(Vec<String>),
    /// Which way, as SNOMED CT code.
    Route(&'static str),
    /// Where, in the words said.
    Site(String),
    /// Only as required, and for what.
    Needed(Option<String>),
    /// For how long: exactly or a range.
    For(Span),
    /// From a day, to a day.
    Between(Option<String>, Option<String>),
    /// How many times in all, and at most.
    Count(Number, Option<Number>),
    /// Once and at once.
    Stat,
    /// Over which time one dose is given, and at most.
    Over(Number, Option<Number>, &'static Unit),
    /// On which dates.
    Dates(Vec<String>),
    /// The most in a time.
    MostInTime(Amount, Number, &'static Unit),
    /// The most at once.
    MostAtOnce(Amount),
    /// The most in a life.
    MostInLife(Amount),
    /// An instruction in its own words.
    Instruction(String),
    /// Stop afterwards.
    ThenStop,
}

impl Fact {
    /// The name of what it is about; two facts of one name in one Dosage contradict each other.
    pub fn name(&self) -> &'static str {
        match self {
            Fact::Method(..) => "method",
            Fact::Dose(_) => "dose",
            Fact::Rate(..) => "rate",
            Fact::Often(_) => "frequency",
            Fact::Events(..) => "when",
            Fact::Days(_) | Fact::OtherDays => "days",
            Fact::Times(_) => "times",
            Fact::Route(_) => "route",
            Fact::Site(_) => "site",
            Fact::Needed(_) => "prn",
            Fact::For(_) | Fact::Between(..) => "duration",
            Fact::Count(..) | Fact::Stat => "count",
            Fact::Over(..) => "over",
            Fact::Dates(_) => "dates",
            Fact::MostInTime(..) => "max",
            Fact::MostAtOnce(_) => "max at once",
            Fact::MostInLife(_) => "max in life",
            Fact::Instruction(_) | Fact::ThenStop => "instruction",
        }
    }
}

/// A part of the text and what it is.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "a text has a few dozen at most, and most are facts")]
pub enum Item {
    /// Understood.
    Fact(Fact),
    /// A comma, "and", or another mark between phrases.
    Gap,
    /// What follows comes afterwards.
    Then,
    /// Not understood.
    Unknown,
}

/// An item with its tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// What it is.
    pub item: Item,
    /// Its first token.
    pub from: usize,
    /// The token behind its last.
    pub to: usize,
}
