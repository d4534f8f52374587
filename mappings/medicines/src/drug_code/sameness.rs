//! Whether two entries are the same medicine: by codes first, else by a cautious comparison of their names.
//!
//! What cannot be told is said so: brand against generic without a dm+d release, names without strengths, codes and names
//! that contradict each other. Nothing is merged by this; it says what may be a duplicate.

use super::Drug;
use super::release::{Product, Release};
use super::remark::RemarkKey;

/// How two medicines relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sameness {
    /// Same substance, strength and form, whoever makes it.
    SameProduct,
    /// Same substance in another strength.
    SameSubstanceDifferentStrength,
    /// Same substance; strength or form are not known to be the same.
    SameSubstance,
    /// One substance of several is in both (co-codamol and paracetamol); a dm+d release says so.
    SharesASubstance,
    /// Nothing in common, as a dm+d release says.
    Different,
    /// Nobody can tell from what is here.
    CannotTell,
}

impl Sameness {
    /// A stable key.
    pub fn key(self) -> &'static str {
        match self {
            Sameness::SameProduct => "same-product",
            Sameness::SameSubstanceDifferentStrength => "same-substance-different-strength",
            Sameness::SameSubstance => "same-substance",
            Sameness::SharesASubstance => "shares-a-substance",
            Sameness::Different => "different",
            Sameness::CannotTell => "cannot-tell",
        }
    }
}

/// Compares two medicines.
pub fn compare(left: &Drug, right: &Drug, release: Option<&Release>) -> Sameness {
    if is_contradictory(left) || is_contradictory(right) {
        return Sameness::CannotTell;
    }
    if let Some(release) = release
        && let (Some(one), Some(other)) = (left.product(release), right.product(release))
    {
        return by_release(one, other, release);
    }
    match (by_code(left, right), by_name(left, right)) {
        (true, Sameness::SameSubstanceDifferentStrength) => Sameness::CannotTell,
        (true, _) => Sameness::SameProduct,
        (false, by_name) => by_name,
    }
}

fn is_contradictory(drug: &Drug) -> bool {
    drug.has(RemarkKey::NameAndCodeDisagree) || drug.has(RemarkKey::CodesDisagree)
}

/// Whether a sound code is common to both and names a product.
fn by_code(left: &Drug, right: &Drug) -> bool {
    let names_fit = match (&left.parts, &right.parts) {
        (Some(one), Some(other)) => {
            one.same_strength(other) != Some(false) && (one.same_substance_words(other) || one.plain == other.plain)
        }
        _ => true,
    };
    names_fit && left.identities().any(|own| right.identities().any(|other| own == other))
}

fn by_name(left: &Drug, right: &Drug) -> Sameness {
    let (Some(one), Some(other)) = (&left.parts, &right.parts) else { return Sameness::CannotTell };
    if !one.same_substance_words(other) || (one.bare != other.bare) {
        return Sameness::CannotTell;
    }
    match one.same_strength(other) {
        Some(false) => Sameness::SameSubstanceDifferentStrength,
        Some(true) if one.same_form(other) => Sameness::SameProduct,
        _ => Sameness::SameSubstance,
    }
}

fn by_release(one: &Product, other: &Product, release: &Release) -> Sameness {
    let (vmp, other_vmp) = (release.vmp_of(one), release.vmp_of(other));
    if let (Some(vmp), Some(other_vmp)) = (vmp, other_vmp)
        && vmp.id == other_vmp.id
    {
        return Sameness::SameProduct;
    }
    let (substances, other_substances) = (release.substances(one), release.substances(other));
    let same_vtm = release.vtm_of(one).is_some_and(|vtm| Some(vtm) == release.vtm_of(other));
    let same_set = !substances.is_empty() && substances == other_substances;
    if same_vtm || same_set {
        return match (vmp, other_vmp) {
            (Some(vmp), Some(other_vmp)) => match release.same_strength(vmp.id, other_vmp.id) {
                Some(false) => Sameness::SameSubstanceDifferentStrength,
                _ => Sameness::SameSubstance,
            },
            _ => Sameness::SameSubstance,
        };
    }
    if substances.iter().any(|substance| other_substances.contains(substance)) {
        return Sameness::SharesASubstance;
    }
    let both_known = !substances.is_empty() && !other_substances.is_empty();
    if both_known { Sameness::Different } else { Sameness::CannotTell }
}
