//! What the crate is held to as a whole: verdicts of others, published examples, and faults made on purpose.

mod folders;

mod fhirpath;
mod outside_definitions;
mod outside_samples;
mod outside_xml;

mod issue_keys;
mod judging;
mod mutations;

mod agreement;
mod mutations_caught;
mod uk_core_examples;
mod uk_rules;
