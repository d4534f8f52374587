//! Operations and plain places, one file each.

pub mod current_medications;
pub mod document;
pub mod events;
pub mod everything;
pub mod fetches;
pub mod health;
pub mod message;
pub mod metrics;
pub mod people;
pub mod receipt;
pub mod to_vendor;
pub mod validate;
pub mod vendors;
