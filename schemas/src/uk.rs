//! UK rules that profiles cannot say: named, switchable, one a file, each with its source.

mod place;
mod read;
mod report;
mod sweep;

mod rule;
mod rules;

pub use rule::Rule;
pub use rules::Rules;

pub use degrade_code::{Degraded, named as degraded};
pub use identifier_system::{DMD, Meant, SNOMED, meant};
pub use sctid::{Damage, damage};

mod dose_text;
mod medication;
mod systems_table;

mod allergy_end;
mod based_on_and_derived_from;
mod degrade_code;
mod dmd;
mod do_not_perform;
mod dosage_contradiction;
mod dosage_in_note;
mod dosage_text;
mod empty_list;
mod identifier_system;
mod information_source;
mod medication_status;
mod nhs_number;
mod nhs_number_verification;
mod no_known_allergies;
mod ods_code;
mod original_term;
mod professional_number;
mod retired_extension;
mod sctid;
