//! `refs`: what another rule makes, as a Reference or as an address.

use super::Workbench;
use super::block::{Slices, Surroundings};
use super::message::value_span;
use super::sites::{Noted, SiteKind};
use crate::account::LawClass;
use crate::diagnostic::{Code, did_you_mean};
use crate::plan::{Only, RefRule};
use crate::syntax::Node;
use ginnel_schemas::definition::ElementType;
use ginnel_schemas::primitive::Primitive;

impl Workbench<'_> {
    /// The reference to what another rule makes, or its address.
    pub(super) fn reference(
        &mut self,
        path: &str,
        node: &Node,
        slices: &mut Slices,
        around: &Surroundings<'_>,
    ) -> Option<RefRule> {
        self.only_words(node, &["rule", "key", "identifier", "display"]);
        let to = self.fhir_path(path, node.span, slices);
        let target = self.slice_target(path, "", slices);
        self.check_single(path, target.as_ref(), node.span);
        let named = self.needed_text(node, "rule")?;
        let seed = if named.contains('.') { named.clone() } else { format!("{}.{named}", around.message) };
        let Some(target_type) = around.types.get(&seed).cloned() else {
            if seed.split_once('.').is_some_and(|(message, _)| around.unread.contains(message)) {
                return None;
            }
            let hint = did_you_mean(&seed, around.types.keys().map(String::as_str))
                .unwrap_or_else(|| "write `rule` or `message.rule`".into());
            self.reporter.report_with(
                Code::Reference,
                value_span(node, "rule"),
                format!("no rule is called `{seed}`"),
                hint,
            );
            return None;
        };
        let mut key = Vec::new();
        for element in node.get("key").and_then(Node::elements).unwrap_or_default() {
            let text = self.text_of(element)?;
            key.push(self.vendor_path(&text, element.value)?);
        }
        if key.is_empty() {
            self.report(Code::MissingEntry, node.span, "`key`, a list of vendor paths, is missing");
        }
        let identifier = match node.get("identifier") {
            Some(one) => {
                let text = self.text_of(one)?;
                Some(self.expand(&text, one.value))
            }
            None => None,
        };
        let display = match node.get("display") {
            Some(one) => {
                let text = self.text_of(one)?;
                Some(self.vendor_path(&text, one.value)?)
            }
            None => None,
        };
        let to = to?;
        let is_address = target.as_ref().is_some_and(|target| {
            matches!(target.element_type, ElementType::Primitive(Primitive::Url | Primitive::Uri))
        });
        if is_address && (identifier.is_some() || display.is_some()) {
            self.report(Code::UnknownWord, node.span, "an address has neither `identifier` nor `display` beside it");
        }
        self.note_site(Noted {
            kind: SiteKind::Reference { target_type: target_type.clone(), keyed: identifier.is_some() },
            to: &to,
            text: path,
            sources: key.clone(),
            when: None,
            spans: (node.span, value_span(node, "rule")),
            class: if identifier.is_some() { LawClass::Iso } else { LawClass::Derive },
            only: Only::Both,
        });
        Some(RefRule { to, is_address, target_type, seed, key, identifier, display, rule: self.place(node.span) })
    }
}
