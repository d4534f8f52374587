//! Bundles (<https://hl7.org/fhir/R4/bundle.html>).

use crate::known::Known;
use crate::profile::findings::Findings;
use serde_json::{Map, Value};

/// Judges a Bundle as a whole; the walk stands at it.
pub fn check<'a>(_members: &'a Map<String, Value>, _known: &Known, _findings: &mut Findings<'a>) {}
