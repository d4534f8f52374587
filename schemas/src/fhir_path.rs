//! FHIRPath, compiled once and evaluated over a borrowed tree (<http://hl7.org/fhirpath/N1/>,
//! <https://hl7.org/fhir/R4/fhirpath.html>).
//!
//! An [`Expression`] is compiled from text; [`Expression::holds`] asks it as an invariant, [`Expression::evaluate`] gives
//! what it selects. What a type is comes through [`Types`], what lies outside the tree through [`Host`]: this module
//! knows neither definitions nor terminology. Paths are streamed, so that `exists()` stops at the first value and a
//! usual invariant allocates nothing. Every evaluation has a budget of steps.

mod environment;
mod error;
mod types;
mod value;

mod expression;
mod lexer;
mod parser;
mod syntax;

mod calendar;
mod date_time;
mod number;
mod quantity;
mod regexes;

mod compare;
mod conversion;
mod evaluate;
mod navigate;
mod seen;

mod functions;
mod operators;

pub use environment::{Environment, Host, NoHost, USUAL_STEPS};
pub use error::{CompileError, EvaluationError};
pub use expression::{Expression, MOST_CHARACTERS, MOST_NESTING};
pub use navigate::pointer_to;
pub use types::{ElementName, PathElement, SystemType, TypeId, Types, name_key};
pub use value::{Collection, Item, Node};

pub use calendar::CalendarUnit;
pub use date_time::{DateTime, DateTimeKind};
pub use quantity::Quantity;

#[cfg(test)]
mod tests;
