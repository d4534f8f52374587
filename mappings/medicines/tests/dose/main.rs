//! Doses, as a pharmacist would check them: published pairs, tables of phrases, generated ones.

mod comparing;
mod generated;
mod labels;
mod phrases;
mod published;
