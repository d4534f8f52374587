//! The real server on a free port, asked over HTTP; modules as in `src`.

mod administrations_command;
mod broken_store;
mod changed;
mod command_line;
mod crash;
mod current_medications;
mod dose_command;
mod drugs_command;
mod exits;
mod fhir;
mod formats;
mod homecare;
mod medications_command;
mod mending;
mod messages;
mod mllp;
mod paging;
mod plugin;
mod reload;
mod reports_command;
mod server;
mod tenants;
mod to_vendor;
mod tutorial;
mod validate;
mod validate_command;
