#![doc = include_str!("../README.md")]

pub mod account;
pub mod authoring;
pub mod certificate;
pub mod check;
pub mod code_table;
pub mod compile;
pub mod converter;
pub mod coverage;
pub mod decode;
pub mod diagnostic;
pub mod fhir_path;
pub mod format;
pub mod functions;
pub mod guard;
mod instances;
pub mod laws;
pub mod leaves;
pub mod locate;
mod out;
mod out_block;
pub mod outside;
pub mod plan;
pub mod plugin_files;
pub mod put;
pub mod registry;
pub mod reload;
pub mod rule_list;
pub mod scope;
mod secret;
pub mod source_shape;
pub mod syntax;
pub mod text;
pub mod translate;
pub mod vendor_path;
#[cfg(feature = "wasm")]
pub mod wasm;
