//! Judging a resource by definitions: one walk, rules of one file each.

pub mod findings;
pub mod rules;
pub mod scope;
pub mod walk;
