//! Each mapping difficulty of the field with the FHIR that is wanted of it: our own cases, which stand in
//! `tests/difficulties`, and the reference outputs, where they lie beside the project.

mod cases;
pub mod goldens;
mod matching;
mod people;
