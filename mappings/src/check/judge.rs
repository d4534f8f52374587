//! The order in which a message is judged, and what every judgement has at hand.

use super::condition::{Answer, Example, Formula, Subjects};
use super::tree::{Instance, tree};
use super::{
    CheckReport, Loss, Proof, Property, RuleReport, Verdict, ids, losses, profile, required, reverse, types, writers,
};
use crate::compile::{ResourceSites, Site, SiteKind, Tables};
use crate::diagnostic::{Code, Diagnostic, Reporter, Span};
use crate::plan::{Only, Plan};
use crate::source_shape::SourceShape;
use ginnel_schemas::definition::BindingStrength;
use ginnel_schemas::known::Known;

/// What is judged, and with what.
pub(crate) struct Judge<'j, 'w> {
    /// The compiled message.
    pub plan: &'j Plan,
    /// What its rules write.
    pub resources: &'j [ResourceSites<'w>],
    /// Vendor paths by what they mean.
    pub subjects: &'j Subjects<'w>,
    /// Profiles, value sets and code systems.
    pub known: &'j Known,
    /// The plugin's code tables.
    pub tables: &'j Tables,
    /// The message's source schema, where it can be read.
    pub source: Option<&'j SourceShape>,
    /// Where faults go.
    pub reporter: &'j mut Reporter,
    /// Where proofs go.
    pub report: &'j mut CheckReport,
}

impl Judge<'_, '_> {
    /// Judges the message.
    pub fn run(&mut self) {
        for resource in self.resources {
            let found = profile::find(self, resource);
            self.list_rules(resource);
            ids::judge(self, resource);
            let Some(tree) = tree(resource, self.known, found) else { continue };
            self.each(resource, &tree);
            required::judge(self, resource, &tree);
            writers::judge(self, resource, &tree);
            profile::judge(self, resource, &tree);
            reverse::judge(self, resource, &tree);
            losses::of_resource(self, resource, &tree);
        }
        reverse::judge_message(self);
        losses::of_message(self);
    }

    fn each(&mut self, resource: &ResourceSites<'_>, instance: &Instance<'_>) {
        for site in instance.here.iter().filter_map(|place| resource.sites.get(*place)) {
            types::judge(self, site, instance);
        }
        instance.children.iter().for_each(|child| self.each(resource, child));
    }

    fn list_rules(&mut self, resource: &ResourceSites<'_>) {
        for site in resource.sites.iter().filter(|site| !matches!(site.kind, SiteKind::List)) {
            self.report.rules.push(RuleReport {
                message: self.plan.message.clone(),
                resource: resource.name.clone(),
                rule: site.rule.to_string(),
                vendor: site.sources.iter().map(|source| source.path.text.clone()).collect(),
                fhir: format!("{}.{}", resource.resource_type, shown_path(site)),
                class: site.class,
                only: match site.only {
                    Only::Both => None,
                    Only::Out => Some("out"),
                    Only::In => Some("in"),
                },
            });
        }
    }

    /// Notes a verdict.
    pub fn prove(&mut self, property: Property, subject: impl Into<String>, verdict: Verdict, why: impl Into<String>) {
        let message = self.plan.message.clone();
        let one = Proof { message, property, subject: subject.into(), verdict, why: why.into() };
        if !self.report.proofs.contains(&one) {
            self.report.proofs.push(one);
        }
    }

    /// A fault in this message's map.
    pub fn diagnostic(&self, code: Code, span: Span, text: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, self.reporter.file(), span, text)
    }

    /// Adds a fault.
    pub fn push(&mut self, one: Diagnostic) {
        self.reporter.push(one);
    }

    /// Adds a loss.
    pub fn lose_out(&mut self, place: impl Into<String>, how: &'static str, reason: impl Into<String>) {
        let one = Loss { message: self.plan.message.clone(), place: place.into(), how, reason: reason.into() };
        if !self.report.losses_out.contains(&one) {
            self.report.losses_out.push(one);
        }
    }

    /// Adds a loss of the way in.
    pub fn lose_in(&mut self, place: impl Into<String>, how: &'static str, reason: impl Into<String>) {
        let one = Loss { message: self.plan.message.clone(), place: place.into(), how, reason: reason.into() };
        if !self.report.losses_in.contains(&one) {
            self.report.losses_in.push(one);
        }
    }

    /// The value set that an element's codes must be of, by FHIR or by the profile.
    pub fn required_set(&self, instance: &Instance<'_>) -> Option<String> {
        let own = instance.element.and_then(|element| element.binding.as_ref());
        let asked = instance.nodes.iter().filter_map(|node| node.binding.as_ref());
        asked
            .chain(own)
            .find(|binding| binding.strength == BindingStrength::Required)
            .map(|binding| binding.value_set.to_string())
    }

    /// Whether some message meets a formula.
    pub fn ask(&self, parts: Vec<Formula>, blanks: bool) -> Answer {
        self.subjects.ask(&Formula::All(parts), blanks)
    }

    /// An example in words.
    pub fn told(&self, example: &Example, about: &[&Formula]) -> String {
        self.subjects.told(example, about)
    }
}

/// Where a site writes, from the resource on.
pub(super) fn shown_path(site: &Site<'_>) -> String {
    use crate::compile::Which;
    let mut out = String::new();
    for step in &site.path {
        if !out.is_empty() {
            out.push('.');
        }
        out.push_str(&step.name);
        match &step.which {
            Which::Whole => {}
            Which::Index(index) => out.push_str(&format!("[{index}]")),
            Which::Slice(slice) => {
                out.push('[');
                out.push_str(slice.name.rsplit('[').next().unwrap_or("]"));
            }
            Which::Each(_) => out.push_str("[]"),
        }
    }
    out
}
