//! Which Patients of different senders are one person: what is compared, the rule, the groups, and how they are told.
//!
//! A Patient of a sender stays a resource of its own, with all that refers to it. That two are one person is said by a
//! Person that links to both (<https://hl7.org/fhir/R4/person.html>): taking the link away undoes it, and nothing else
//! has to change.

pub mod decision;
pub mod facts;
pub mod groups;
pub mod resources;
pub mod rule;
