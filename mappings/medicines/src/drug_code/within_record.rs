//! One code under two names in one record: one of the two entries is another medicine than it seems.
//!
//! An NHS sample uses dm+d 325278007 for metformin tablets and for aspirin tablets; each entry alone looks sound.

use super::remark::{Remark, RemarkKey};
use super::{Drug, Identity};
use std::collections::{BTreeMap, HashMap};

/// The remarks, each with the place in `drugs` of the entry that it belongs to. Every entry of such a code has one, since
/// nobody can say which of them is wrong.
pub fn same_code_two_names(drugs: &[&Drug]) -> Vec<(usize, Remark)> {
    // A record names one medicine many times: names are compared once each.
    let mut by_code: HashMap<Identity<'_>, BTreeMap<&str, Vec<usize>>> = HashMap::new();
    for (at, drug) in drugs.iter().enumerate() {
        let Some(parts) = &drug.parts else { continue };
        for identity in drug.identities() {
            let entries = by_code.entry(identity).or_default().entry(&parts.plain).or_default();
            if entries.last() != Some(&at) {
                entries.push(at);
            }
        }
    }
    let mut found = Vec::new();
    for (identity, names) in by_code.iter().filter(|(_, names)| names.len() > 1) {
        let firsts: Vec<&Drug> = names.values().filter_map(|own| drugs.get(*own.first()?).copied()).collect();
        for (own, entries) in firsts.iter().zip(names.values()) {
            let others = firsts.iter().filter_map(|other| Some((other, severity(own, other)?)));
            // The worst is told.
            let Some((other, is_error)) = others.max_by_key(|(_, is_error)| *is_error) else { continue };
            let code = match identity {
                Identity::Concept(id) => id.to_string(),
                Identity::Local(_, code) => (*code).to_owned(),
            };
            for at in entries {
                let name = |drug: &Drug| drug.name.clone().unwrap_or_default();
                let here = drugs.get(*at).map(|drug| name(drug)).unwrap_or_default();
                let text = format!(
                    "The code {code} stands for {here:?} here and for {:?} elsewhere in this record.",
                    name(other)
                );
                let make = if is_error { Remark::error } else { Remark::warning };
                found.push((*at, make(RemarkKey::SameCodeTwoNames, "", text)));
            }
        }
    }
    found.sort_by(|(left, one), (right, other)| (left, &one.text).cmp(&(right, &other.text)));
    found
}

/// Whether two names of one code are two medicines: `Some(true)` surely, `Some(false)` perhaps.
fn severity(one: &Drug, other: &Drug) -> Option<bool> {
    let (one, other) = (one.parts.as_ref()?, other.parts.as_ref()?);
    if one.plain == other.plain {
        return None;
    }
    if one.same_strength(other) == Some(false) {
        return Some(true);
    }
    if one.same_substance_words(other) {
        return (one.release != other.release && !one.form.is_empty() && !other.form.is_empty()).then_some(false);
    }
    // A brand beside its generic name, or two medicines: words alone do not tell.
    Some(!one.shares_a_word(other) && one.form != other.form && !one.form.is_empty() && !other.form.is_empty())
}
