//! Converters that an author brings as WebAssembly: a pair of functions over JSON text, without imports, within bounds.

mod declared;
mod runtime;

pub use declared::{Domain, WasmConverter};
pub use runtime::{ANSWER_BYTES, Direction, FUEL, MEMORY_BYTES, MODULE_BYTES, Module, ModuleFault, Stopped};
