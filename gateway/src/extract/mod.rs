//! What handlers ask of a request, each judged before the handler runs.

mod body;
pub mod fhir_answer;
pub mod fhir_body;
pub mod fhir_type;
pub mod preconditions;
pub mod query;
pub mod request_ids;
pub mod search;
pub mod signature;
pub mod vendor_body;
