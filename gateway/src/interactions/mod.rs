//! FHIR interactions, one file each, named as FHIR names them.

pub mod capabilities;
pub mod history_instance;
pub mod read;
pub mod search_type;
pub mod vread;
