//! The author's tools: what helps somebody to write, understand, compare and hand over a mapping.

pub mod explain;
pub mod infer;
pub mod manual;
pub mod new;
pub mod rules;
pub mod suggest;
pub mod yaml;
