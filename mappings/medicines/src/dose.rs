//! Dosage to text by the NHS rules, text to Dosage where it is certain, and the two compared.

pub mod compare;
pub mod concept;
pub mod dosage;
pub mod finding;
pub mod held;
pub mod meaning;
pub mod number;
pub mod parse;
pub mod quantity;
mod read;
pub mod render;
pub mod terms;
pub mod units;

pub use dosage::Dosage;
pub use finding::{DoseKey, Finding};
