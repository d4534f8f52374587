//! How UK rules write their findings: at a place inside the resource they look at.

use super::place::Place;
use crate::definition::{DefinitionId, Definitions};
use crate::issue::{Issue, IssueCode, IssueKey};
use crate::profile::findings::Findings;

/// The findings, and what is needed to name a place in the resource where their path stands.
#[derive(Debug)]
pub struct Report<'f, 'a> {
    findings: &'f mut Findings<'a>,
    types: &'static Definitions,
    of: Option<DefinitionId>,
}

impl<'f, 'a> Report<'f, 'a> {
    /// For a resource of that type, at which the path of the findings stands.
    pub fn new(findings: &'f mut Findings<'a>, types: &'static Definitions, resource_type: &str) -> Report<'f, 'a> {
        let of = types.resource_type(resource_type).map(|(id, _)| id);
        Report { findings, types, of }
    }

    /// What must not be sent so.
    pub fn error(&mut self, place: &Place<'_, 'a>, key: IssueKey, text: impl Into<String>, hint: impl Into<String>) {
        self.at(place, Issue::error(code_of(key), key, text).with_hint(hint));
    }

    /// What somebody should look at.
    pub fn warning(&mut self, place: &Place<'_, 'a>, key: IssueKey, text: impl Into<String>, hint: impl Into<String>) {
        self.at(place, Issue::warning(code_of(key), key, text).with_hint(hint));
    }

    /// What is worth knowing.
    pub fn information(
        &mut self,
        place: &Place<'_, 'a>,
        key: IssueKey,
        text: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.at(place, Issue::information(code_of(key), key, text).with_hint(hint));
    }

    fn at(&mut self, place: &Place<'_, 'a>, issue: Issue) {
        let depth = place.push_onto(&mut self.findings.path, self.types, self.of);
        self.findings.push(issue);
        for _ in 0..depth {
            self.findings.path.pop();
        }
    }
}

/// FHIR's word for what the rule of that key finds.
fn code_of(key: IssueKey) -> IssueCode {
    match key {
        IssueKey::UkNhsNumber | IssueKey::UkOdsCode | IssueKey::UkProfessionalNumber => IssueCode::Value,
        IssueKey::UkIdentifierSystem | IssueKey::UkSctid => IssueCode::CodeInvalid,
        _ => IssueCode::BusinessRule,
    }
}
