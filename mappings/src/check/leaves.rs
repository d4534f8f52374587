//! Every leaf that the vendor's schema allows is mapped, kept, or dropped with a reason.

use super::{CheckReport, Proof, Property, Verdict};
use crate::diagnostic::{Code, Diagnostic, Reporter, Severity};
use crate::instances::{Patterns, covers};
use crate::plan::Plan;
use crate::source_shape::{LeafKind, SourceShape};

/// Judges a message's leaves; what no rule speaks of would refuse the first item that has it.
pub(crate) fn judge(plan: &Plan, shape: &SourceShape, reporter: &mut Reporter, report: Option<&mut CheckReport>) {
    let mut proofs = Vec::new();
    let map = reporter.file().to_string();
    let patterns = widest(&plan.spoken_of);
    let mut by_first = Patterns::default();
    patterns.iter().for_each(|pattern| by_first.push(pattern));
    let spoken_of = |leaf: &str| by_first.cover(leaf);
    let mut told: Vec<String> = Vec::new();
    for leaf in shape.all_leaves() {
        let taken = spoken_of(&leaf.pattern);
        let (verdict, why) = match (taken, leaf.kind) {
            (true, LeafKind::Plain) => (Verdict::Proved, "a rule speaks of it".to_string()),
            (true, _) => (Verdict::Proved, "a rule speaks of all that lies below".to_string()),
            (false, LeafKind::Plain) => (Verdict::Broken, "no rule speaks of it".to_string()),
            (false, LeafKind::Open) => (Verdict::Unknown, "the schema allows anything here".to_string()),
            (false, LeafKind::Recursive) => {
                (Verdict::Unknown, "the schema refers to itself here, so what lies below has no end".to_string())
            }
        };
        proofs.push(Proof {
            message: plan.message.clone(),
            property: Property::LeavesSpokenOf,
            subject: leaf.pattern.clone(),
            verdict,
            why,
        });
        if taken || leaf.kind == LeafKind::Open || told.contains(&leaf.pattern) {
            continue;
        }
        told.push(leaf.pattern.clone());
        let place = if leaf.schema.is_empty() { "its root" } else { &leaf.schema };
        let span = shape.span(&leaf.schema);
        let one = match leaf.kind {
            LeafKind::Recursive => Diagnostic::new(
                Code::UnmappedLeaf,
                shape.file(),
                span,
                format!(
                    "the source schema refers to itself at {}, and no rule covers all that lies below",
                    leaf.pattern
                ),
            )
            .with_severity(Severity::Warning)
            .with_hint(
                "set the deepest level that you map aside under `keep` or `drop` with a reason: it covers all below",
            ),
            _ => Diagnostic::new(
                Code::UnmappedLeaf,
                shape.file(),
                span,
                format!("the source schema allows {}, and no rule speaks of it", leaf.pattern),
            )
            .with_hint("map it, or set it aside under `keep` or `drop` with a reason"),
        };
        let owner = plan.items.iter().rev().find(|item| covers(&item.pattern, &leaf.pattern));
        let side = match owner {
            Some(item) => format!("{map}: belongs to the item `{}`, whose rules do not name it", item.name),
            None => format!("{map}: belongs to no item; say of it under the map's own `keep` or `drop`"),
        };
        reporter.push(one.with_side(format!("source.schema.json: {place}")).with_side(side));
    }
    if let Some(report) = report {
        report.proofs.extend(proofs);
    }
}

/// The patterns that no other one covers: a whole item that is set aside speaks of all that lies below.
fn widest(patterns: &[String]) -> Vec<&str> {
    let mut sorted: Vec<&str> = patterns.iter().map(String::as_str).collect();
    sorted.sort_by_key(|pattern| pattern.len());
    let mut out: Vec<&str> = Vec::new();
    let mut wide = Patterns::default();
    for pattern in sorted {
        if !wide.cover(pattern) {
            wide.push(pattern);
            out.push(pattern);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::widest;

    #[test]
    fn what_lies_below_a_pattern_needs_none_of_its_own() {
        let all = ["/a/*/b", "/a/*", "/c/d/e", "/c/d", "/c/other", "/ab"].map(String::from);
        assert_eq!(widest(&all), ["/ab", "/a/*", "/c/d", "/c/other"]);
    }
}
