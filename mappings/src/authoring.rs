//! The author's tools: what helps somebody to write, understand, compare and hand over a mapping.

pub mod diff;
pub mod explain;
pub mod export;
pub mod infer;
pub mod language;
pub mod manual;
pub mod new;
pub mod rules;
pub mod samples;
pub mod suggest;
pub mod yaml;
