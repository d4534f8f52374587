//! Tests that data cannot say: they look at one answer to make the next request.

mod claims;
mod everything;
mod last_updated;
mod paging;
mod patient_search;
mod versions;

pub use patient_search::PatientSearch;

use crate::client::Client;
use crate::facts::Facts;
use crate::verdict::Checked;
use serde::Deserialize;

/// A test in Rust, by the name the suite gives it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Procedure {
    /// What the CapabilityStatement says of searching and reading each type is so.
    ClaimsHold,
    /// A read carries the version in `ETag` and the time of the version in `Last-Modified`.
    VersionHeaders,
    /// A past or present version is read by its version id.
    ReadVersion,
    /// Pages hold every match once, in an order that stays.
    Paging {
        /// Types to try, the first that hold enough are taken.
        resource_types: Vec<String>,
    },
    /// A type is found by its patient, and by patient and status.
    PatientAndStatus(PatientSearch),
    /// `_lastUpdated` parts what was written before from what was written after.
    LastUpdated,
    /// `$everything` holds the Patient, what belongs to it, and nobody else's.
    Everything {
        /// Where each type names its patient.
        belongings: Vec<PatientSearch>,
    },
}

impl Procedure {
    /// Runs it.
    pub async fn run(&self, client: &Client, facts: &Facts) -> Checked {
        match self {
            Procedure::ClaimsHold => claims::hold(client, facts).await,
            Procedure::VersionHeaders => versions::headers(client, facts).await,
            Procedure::ReadVersion => versions::read_version(client, facts).await,
            Procedure::Paging { resource_types } => paging::run(client, facts, resource_types).await,
            Procedure::PatientAndStatus(search) => patient_search::run(client, facts, search).await,
            Procedure::LastUpdated => last_updated::run(client, facts).await,
            Procedure::Everything { belongings } => everything::run(client, facts, belongings).await,
        }
    }
}
