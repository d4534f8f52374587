//! All profiles and extension definitions at hand, by canonical URL; each is compiled when first asked for.

use super::profile::Profile;
use serde_json::Value;

/// Profiles by canonical URL.
#[derive(Debug, Default)]
pub struct Profiles {}

impl Profiles {
    /// The profiles and extensions of R4 and UK Core.
    pub fn built_in() -> Profiles {
        Profiles::default()
    }

    /// Adds a StructureDefinition; what was there under its URL and version gives way.
    pub fn add(&mut self, _structure_definition: Value) {}

    /// The URLs of all extensions at hand.
    pub fn extension_urls(&self) -> impl Iterator<Item = &str> {
        std::iter::empty()
    }

    /// The profile of a canonical URL, with or without `|version`; without, the newest.
    pub fn get(&self, _canonical: &str) -> Option<&Profile> {
        None
    }
}
