//! Writes a run down: for people, and for programs.

pub mod json;
pub mod text;
