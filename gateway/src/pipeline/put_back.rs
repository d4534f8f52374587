//! The way back: FHIR resources as the vendor's own message, put into what the vendor last sent.

use super::judging::faults_of_shape;
use super::{Pipeline, PipelineError, Route, stored_json};
use crate::store::StoreError;
use ginnel_mappings::format::{Limits, SourceFile};
use ginnel_mappings::put::ToVendor;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey, any_error};
use ginnel_schemas::json;
use ginnel_schemas::validator::Validator;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Pipeline {
    /// Translates a Bundle, or one resource, into a vendor's message. Nothing is kept.
    pub async fn to_vendor(&self, route: Route, bytes: Vec<u8>) -> Result<ToVendor, PipelineError> {
        let (limits, validation) = (self.limits, Arc::clone(&self.validation));
        let plan = route.clone();
        let (bundle, wanted) = self
            .off_thread(move || {
                let bundle = read_fhir(&bytes, limits, validation.validator())?;
                let wanted = plan.message().wanted(&bundle);
                Ok::<_, PipelineError>((bundle, wanted))
            })
            .await??;
        let (context, _) = self.look_up(&route.vendor, &wanted).await?;
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
                let previous: Vec<Value> =
                    originals.iter().map(|original| kept_tree(&route, &original.bytes)).collect::<Result<_, _>>()?;
                Ok::<_, PipelineError>(route.message().to_vendor(&bundle, &previous, &context))
            })
            .await??;
        if any_error(&result.issues) { Err(PipelineError::Refused(result.issues)) } else { Ok(result) }
    }
}

/// The tree of a message that was read before it was kept; it may be another message of the vendor's.
fn kept_tree(route: &Route, bytes: &[u8]) -> Result<Value, StoreError> {
    let limits = Limits { json: json::Limits { bytes: usize::MAX, depth: json::DEEPEST }, values: usize::MAX };
    let file = [SourceFile::new("", bytes)];
    let own = route.message().read(&file, &limits);
    let others = || route.vendor().messages.values().find_map(|message| message.read(&file, &limits).ok());
    match own.ok().or_else(others) {
        Some(document) => Ok(document.tree),
        None => stored_json(bytes),
    }
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
