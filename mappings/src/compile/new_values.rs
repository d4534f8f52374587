//! `new`: values of a record that FHIR alone makes and that no FHIR says.

use super::Workbench;
use super::message::value_span;
use crate::diagnostic::Code;
use crate::plan::{NewRule, NewValue};
use crate::syntax::Node;
use serde_json::Value;

/// Letters and digits that a made-up name may have: as many as the hash behind it gives.
const FRESH: std::ops::RangeInclusive<u64> = 8..=32;

impl Workbench<'_> {
    /// The rules of `new` of an item, or of the message as a whole.
    pub(super) fn new_values(&mut self, node: &Node) -> Vec<NewRule> {
        let mut out = Vec::new();
        for (text, entry) in node.get("new").and_then(Node::entries).unwrap_or_default() {
            let choices: Vec<&Node> = entry.elements().map_or_else(|| vec![entry], |list| list.iter().collect());
            for choice in choices {
                let Some(to) = self.vendor_path(text, entry.span) else { break };
                // That a new record has a value says nothing of what becomes of those that come.
                self.spoken_of.pop();
                out.extend(self.new_value(to, choice));
            }
        }
        out
    }

    fn new_value(&mut self, to: crate::vendor_path::VendorPath, node: &Node) -> Option<NewRule> {
        let rule = self.place(node.span);
        let pattern = self.pattern(&to).unwrap_or_default();
        if node.entries().is_none() {
            return Some(NewRule {
                to,
                pattern,
                value: NewValue::Constant(node.to_value()),
                when: None,
                say: None,
                rule,
            });
        }
        self.only_words(node, &["value", "now", "fresh", "from", "when", "say"]);
        let value = match (node.get("value"), node.get("now"), node.get("fresh"), node.get("from")) {
            (Some(one), None, None, None) => Some(NewValue::Constant(one.to_value())),
            (None, Some(_), None, None) => {
                let call = self.needed_text(node, "now")?;
                self.function(&call, 1, value_span(node, "now")).map(NewValue::Now)
            }
            (None, None, Some(one), None) => match one.to_value().as_u64().filter(|length| FRESH.contains(length)) {
                Some(length) => usize::try_from(length).ok().map(NewValue::Fresh),
                None => {
                    self.report(Code::WrongKind, one.span, "`fresh` is a number of letters and digits from 8 to 32");
                    None
                }
            },
            (None, None, None, Some(_)) => {
                let from = self.needed_text(node, "from")?;
                let path = self.vendor_path(&from, value_span(node, "from"));
                self.spoken_of.pop();
                path.map(NewValue::From)
            }
            _ => {
                let hint = "a plain value, or one of `value`, `now`, `fresh` and `from`";
                self.reporter.report_with(Code::MissingEntry, node.span, "this says no value", hint);
                None
            }
        }?;
        if matches!(&value, NewValue::Constant(Value::Null)) {
            self.report(Code::WrongKind, node.span, "a new value is something");
            return None;
        }
        let when = node.get("when").map(|when| self.guard(when));
        let say = node.get("say").and_then(|one| self.text_of(one));
        Some(NewRule { to, pattern, value, when, say, rule })
    }
}
