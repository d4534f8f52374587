//! What a function takes and gives, so that the checker can tell whether the two sides of a pair agree.
//!
//! A signature must never promise more than the function keeps: what is not surely in the domain is judged at run time.

use ginnel_schemas::primitive::Primitive;

/// A type of JSON values, as a JSON Schema names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JsonType {
    /// Text.
    Text,
    /// A number, whole or not.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list.
    List,
    /// An object.
    Object,
}

/// What one source of a function may be.
#[derive(Debug, Clone, Copy)]
pub struct Taken {
    /// The JSON types it may carry; any other type is outside the domain whatever its value. The elements of a list,
    /// where the function goes element by element.
    pub types: &'static [JsonType],
    /// Whether the function carries every value of these types that is present.
    pub total: bool,
    /// Formats of JSON Schema whose every text it carries.
    pub formats: &'static [&'static str],
    /// Whether it may be absent while another source is present and the function still gives a result.
    pub optional: bool,
}

/// What a function gives.
#[derive(Debug, Clone, Copy)]
pub enum Given {
    /// A plain value that fits every one of these FHIR types, whatever the source was.
    Plain(&'static [Primitive]),
    /// A list of plain values that fit every one of these types.
    Plains(&'static [Primitive]),
    /// An object of one of these FHIR types, or groups by their path (`MedicationAdministration.dosage`).
    Object(&'static [&'static str]),
    /// A list of such objects.
    Objects(&'static [&'static str]),
    /// Not known before it runs.
    Anything,
}

/// The types of a function's two sides.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// The sources in order; the last stands for all further ones.
    pub takes: &'static [Taken],
    /// The result.
    pub gives: Given,
    /// Whether what it gives can be carried back without the previous record.
    pub returns: bool,
}

/// Any text at all.
pub const ANY_TEXT: Taken = Taken { types: &[JsonType::Text], total: true, formats: &[], optional: false };
/// Some texts only.
pub const SOME_TEXT: Taken = Taken { types: &[JsonType::Text], total: false, formats: &[], optional: false };
/// A text that may be missing.
pub const OPTIONAL_TEXT: Taken = Taken { types: &[JsonType::Text], total: true, formats: &[], optional: true };
/// A unit: a text, or a number that a code table lists; it may be missing.
pub const UNIT: Taken =
    Taken { types: &[JsonType::Text, JsonType::Number], total: false, formats: &[], optional: true };
/// A number, or a text that may be one.
pub const NUMBER_OR_TEXT: Taken =
    Taken { types: &[JsonType::Number, JsonType::Text], total: false, formats: &[], optional: false };

/// A number or any text.
pub const NUMBER_OR_ANY_TEXT: Taken =
    Taken { types: &[JsonType::Number, JsonType::Text], total: true, formats: &[], optional: false };

/// Some numbers only.
pub const SOME_NUMBER: Taken = Taken { types: &[JsonType::Number], total: false, formats: &[], optional: false };
/// Some texts, numbers or booleans.
pub const SOME_PLAIN: Taken = Taken {
    types: &[JsonType::Text, JsonType::Number, JsonType::Boolean],
    total: false,
    formats: &[],
    optional: false,
};
/// Some texts, numbers or booleans, which may be missing.
pub const OPTIONAL_PLAIN: Taken = Taken { optional: true, ..SOME_PLAIN };
/// Some texts, which may be missing.
pub const OPTIONAL_SOME_TEXT: Taken = Taken { optional: true, ..SOME_TEXT };

/// Dates, whole or partial.
pub const DATES: Given = Given::Plain(&[Primitive::Date, Primitive::DateTime, Primitive::String]);
/// Date-times with seconds and offset.
pub const INSTANTS: Given = Given::Plain(&[Primitive::Instant, Primitive::DateTime, Primitive::String]);
/// Date-times, or dates where no time is known.
pub const DATE_TIMES: Given = Given::Plain(&[Primitive::DateTime, Primitive::String]);
/// A Quantity.
pub const QUANTITIES: Given = Given::Object(&["Quantity"]);
/// Some text to a date.
pub const TEXT_TO_DATE: Signature = Signature { takes: &[SOME_TEXT], gives: DATES, returns: true };
/// Some text to a Quantity.
pub const TEXT_TO_QUANTITY: Signature = Signature { takes: &[SOME_TEXT], gives: QUANTITIES, returns: true };
/// Some text to text.
pub const TEXT_TO_TEXT: Signature = Signature { takes: &[SOME_TEXT], gives: TEXTS, returns: true };

/// The FHIR types that every text fits.
pub const TEXTS: Given = Given::Plain(&[Primitive::String, Primitive::Markdown]);

impl JsonType {
    /// The type of a value; `None` for null.
    pub fn of(value: &serde_json::Value) -> Option<JsonType> {
        use serde_json::Value;
        match value {
            Value::Null => None,
            Value::Bool(_) => Some(JsonType::Boolean),
            Value::Number(_) => Some(JsonType::Number),
            Value::String(_) => Some(JsonType::Text),
            Value::Array(_) => Some(JsonType::List),
            Value::Object(_) => Some(JsonType::Object),
        }
    }

    /// As a sentence names one.
    pub fn named(self) -> &'static str {
        match self {
            JsonType::Text => "text",
            JsonType::Number => "a number",
            JsonType::Boolean => "true or false",
            JsonType::List => "a list",
            JsonType::Object => "an object",
        }
    }
}

impl Signature {
    /// What a source may be, by its place.
    pub fn taken(&self, place: usize) -> Option<&'static Taken> {
        self.takes.get(place).or(self.takes.last())
    }
}
