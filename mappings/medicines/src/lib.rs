#![doc = include_str!("../README.md")]

pub mod administration;
pub mod allergy;
pub mod current;
pub mod dose;
pub mod drug_code;
pub mod record;
