//! Asks a running FHIR server what it does; knows it by URL only.
//!
#![doc = include_str!("../README.md")]

pub mod assertion;
pub mod client;
pub mod exchange;
pub mod facts;
pub mod procedure;
mod reference;
pub mod report;
pub mod requirement;
pub mod runner;
mod search;
pub mod suite;
pub mod verdict;
