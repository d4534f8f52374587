//! Invariants: FHIRPath expressions that must hold at each value (<https://hl7.org/fhir/R4/conformance-rules.html#constraints>).

use crate::definition::Invariant;
use crate::known::Known;
use crate::profile::findings::Findings;
use crate::profile::scope::Scope;
use serde_json::Value;

/// Judges the invariants of a value; the walk stands at it.
pub fn judge<'a>(
    _invariants: &[Invariant],
    _value: Option<&'a Value>,
    _scope: &Scope<'a>,
    _known: &Known,
    _findings: &mut Findings<'a>,
) {
}
