//! Judging a resource by definitions: one walk, rules of one file each.

pub mod findings;
pub mod resource_rules;
pub mod rules;
pub mod scope;
pub mod walk;
