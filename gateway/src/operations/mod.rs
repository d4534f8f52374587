//! Operations and plain places, one file each.

pub mod current_medications;
pub mod everything;
pub mod health;
pub mod message;
pub mod metrics;
pub mod people;
pub mod receipt;
pub mod to_vendor;
pub mod validate;
pub mod vendors;
