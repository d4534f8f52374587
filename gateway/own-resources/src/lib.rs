//! The FHIR resources the gateway writes about itself, built with fhir-model.
//!
#![doc = include_str!("../README.md")]

pub mod audit_event;
pub mod bundle;
pub mod capability_statement;
mod elements;
pub mod provenance;
mod verbatim;
