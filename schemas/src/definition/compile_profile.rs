//! From a StructureDefinition to the tree that the walk reads: what its base profiles and its own differential ask.

mod chain;
mod criteria;
mod discriminator;
mod draft;
mod element_id;
mod extension_use;
mod finish;
mod merge;
mod raw;
mod said_by_extensions;

pub(super) use chain::compile;
pub(super) use raw::Raw;

#[cfg(test)]
mod tests;
