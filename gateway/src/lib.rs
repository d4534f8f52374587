//! The gateway between digital social care and the NHS: HTTP, storage, everything that waits.
//!
#![doc = include_str!("../README.md")]

pub mod app;
pub mod cli;
pub mod config;
pub mod error;
pub mod extract;
pub mod fetch;
pub mod interactions;
pub mod mllp;
pub mod operations;
pub mod people;
pub mod pipeline;
pub mod plugins;
pub mod route_table;
pub mod search_parameters;
pub mod state;
pub mod store;
pub mod telemetry;
pub mod validation;
