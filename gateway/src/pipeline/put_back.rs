//! The way back: FHIR resources as the vendor's own message, put into what the vendor last sent.

use super::files::files_of;
use super::judging::faults_of_shape;
use super::mend::tenant_of;
use super::stages::read;
use super::{Pipeline, PipelineError, Route};
use crate::store::{StoreError, StoredOriginal, StoredReceipt};
use ginnel_mappings::format::{self, Document, Format, SourceFile};
use ginnel_mappings::put::ToVendor;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey, any_error};
use ginnel_schemas::json;
use ginnel_schemas::validator::Validator;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What was taken within limits before is read whatever its size.
pub(super) const ANY_SIZE: format::Limits =
    format::Limits { json: json::Limits { bytes: usize::MAX, depth: json::DEEPEST }, values: usize::MAX };

/// A vendor's message made of FHIR.
pub struct PutBack {
    /// The tree, its account and what was found.
    pub made: ToVendor,
    /// The vendor's files, where its format is not JSON.
    pub files: Option<Vec<SourceFile>>,
}

impl Pipeline {
    /// Reads the original of a kept message again, by the plugin as it is now.
    pub fn read_kept(
        &self,
        vendor: &str,
        kept: &StoredReceipt,
        original: &StoredOriginal,
    ) -> Result<Document, PipelineError> {
        let route = self.route(vendor, &original.message, tenant_of(&kept.body).as_deref())?;
        read_original(&route, original)
    }

    /// Translates a Bundle, or one resource, into a vendor's message. Nothing is kept.
    ///
    /// With `adopt`, resources of other senders that state none of the vendor's keys are given names first.
    pub async fn to_vendor(&self, route: Route, bytes: Vec<u8>, adopt: bool) -> Result<PutBack, PipelineError> {
        let (limits, validation) = (self.limits.json, Arc::clone(&self.validation));
        let plan = route.clone();
        let (bundle, adopted, wanted) = self
            .off_thread(move || {
                let bundle = read_fhir(&bytes, limits, validation.validator())?;
                let adopted = adopt.then(|| plan.message().adopt(&bundle));
                let wanted = plan.message().wanted(adopted.as_ref().map_or(&bundle, |one| &one.bundle));
                Ok::<_, PipelineError>((bundle, adopted, wanted))
            })
            .await??;
        let (context, _) = self.look_up(&route.vendor, &wanted, &[]).await?;
        let context = context.at(jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        let mut receipts = BTreeSet::new();
        if !wanted.is_empty() {
            receipts.extend(self.store.items(&route.vendor, &wanted).await?.into_iter().map(|item| item.receipt));
        }
        // Receipts are in time order, so that the newest message comes last.
        let mut originals = Vec::new();
        for receipt in receipts {
            originals.extend(self.store.original(&route.vendor, &receipt).await?);
        }
        let result = self
            .off_thread(move || {
                let previous = originals
                    .iter()
                    .map(|original| read_original(&route, original).map(|document| document.tree))
                    .collect::<Result<Vec<Value>, _>>()?;
                let given = adopted.as_ref().map_or(&bundle, |one| &one.bundle);
                let mut made = route.message().to_vendor(given, &previous, &context);
                if let Some(adopted) = &adopted {
                    adopted.settle(&mut made.account);
                    made.issues.extend(adopted.issues());
                }
                if any_error(&made.issues) {
                    return Err(PipelineError::Refused(made.issues));
                }
                let own = |one: &&StoredOriginal| one.message == route.message().name;
                let newest = originals.iter().rev().find(own);
                let files = write_files(&route, &made, newest)?;
                Ok::<_, PipelineError>(PutBack { made, files })
            })
            .await??;
        Ok(result)
    }
}

/// The vendor's files, in the manner of the newest that it sent.
fn write_files(
    route: &Route,
    made: &ToVendor,
    newest: Option<&StoredOriginal>,
) -> Result<Option<Vec<SourceFile>>, PipelineError> {
    if matches!(route.message().format(), Format::Json) {
        return Ok(None);
    }
    let previous = newest.map(|original| files_of(&original.bytes, &original.content_type)).transpose();
    let previous = previous.map_err(PipelineError::Unreadable)?.unwrap_or_default();
    route.message().write(&made.payload, &previous).map(Some).map_err(PipelineError::Refused)
}

fn read_original(route: &Route, original: &StoredOriginal) -> Result<Document, PipelineError> {
    // What this message leans on came in other messages of the vendor's.
    let message = route.vendor().message(&original.message).unwrap_or_else(|| route.message());
    read(message, &original.bytes, &original.content_type, &ANY_SIZE).map_err(|_| {
        let text = "what is kept cannot be read as the format that the plugin now says";
        PipelineError::Store(StoreError::Broken(text.into()))
    })
}

/// Reads FHIR that was not made here: what breaks base R4 is as little readable as what is no JSON.
fn read_fhir(bytes: &[u8], limits: json::Limits, validator: &Validator) -> Result<Value, PipelineError> {
    let tree = json::parse(bytes, limits).map_err(|issue| PipelineError::Unreadable(vec![issue]))?;
    if tree.get("resourceType").and_then(Value::as_str).is_none() {
        let text = "The body is no FHIR resource: it has no `resourceType`.";
        let issue = Issue::error(IssueCode::Structure, IssueKey::TargetUnknownType, text)
            .with_hint("send a Bundle of type collection, or one resource");
        return Err(PipelineError::Unreadable(vec![issue]));
    }
    let mut issues = faults_of_shape(&tree, validator);
    if !issues.is_empty() {
        json::place_issues(bytes, &mut issues);
        return Err(PipelineError::Unreadable(issues));
    }
    Ok(tree)
}
