//! Runs one function of a module, each time in an instance of its own: what one call leaves behind no other call sees.
//!
//! Fuel bounds the time, a limiter the memory; there is nothing to import, so there is nothing to reach.

use wasmi::{Config, Engine, Linker, Store, StoreLimits, StoreLimitsBuilder};

/// The largest module that is read.
pub const MODULE_BYTES: usize = 1024 * 1024;
/// The most memory that a call may use.
pub const MEMORY_BYTES: usize = 16 * 1024 * 1024;
/// The fuel of one call, about an instruction each: some milliseconds at most.
pub const FUEL: u64 = 2_000_000;
/// The longest answer that is read.
pub const ANSWER_BYTES: usize = 1024 * 1024;
/// Calls nested deeper stop the module.
const RECURSION: usize = 512;

/// Which of the two functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Vendor to FHIR.
    Out,
    /// FHIR to vendor.
    Back,
}

impl Direction {
    fn export(self) -> &'static str {
        match self {
            Direction::Out => "out",
            Direction::Back => "back",
        }
    }
}

/// Why a module cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModuleFault {
    /// Larger than [`MODULE_BYTES`].
    #[error("it has {0} bytes, and {MODULE_BYTES} is the most")]
    TooBig(usize),
    /// Not WebAssembly, or with what this runtime does not know.
    #[error("it is no WebAssembly module that can be read: {0}")]
    Unreadable(String),
    /// It wants something from outside.
    #[error("it imports `{0}`, and a converter imports nothing")]
    Imports(String),
    /// It lacks an export, or that has another type.
    #[error("it does not export `{0}`")]
    Missing(&'static str),
    /// It does not even start.
    #[error("it cannot be started: {0}")]
    Start(String),
}

/// Why a call gave no answer. Never holds the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// It used up its fuel.
    Fuel,
    /// It wanted too much memory, or stopped itself.
    Trap,
    /// What it answered is no JSON text within its memory.
    Answer,
}

/// A module, compiled once.
#[derive(Clone)]
pub struct Module {
    engine: Engine,
    module: wasmi::Module,
}

impl std::fmt::Debug for Module {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Module")
    }
}

impl Module {
    /// Compiles a module and starts it once.
    ///
    /// # Errors
    /// What the module lacks, has too much of, or does at its start.
    pub fn compile(bytes: &[u8]) -> Result<Module, ModuleFault> {
        if bytes.len() > MODULE_BYTES {
            return Err(ModuleFault::TooBig(bytes.len()));
        }
        let mut config = Config::default();
        config.consume_fuel(true).set_max_recursion_depth(RECURSION);
        let engine = Engine::new(&config);
        // A message of the parser may quote names of the module, which the author wrote.
        let module = wasmi::Module::new(&engine, bytes).map_err(|error| ModuleFault::Unreadable(error.to_string()))?;
        if let Some(import) = module.imports().next() {
            return Err(ModuleFault::Imports(format!("{}.{}", import.module(), import.name())));
        }
        let made = Module { engine, module };
        let (store, instance) = made.instance().map_err(|error| ModuleFault::Start(error.to_string()))?;
        instance.get_memory(&store, "memory").ok_or(ModuleFault::Missing("memory"))?;
        instance.get_typed_func::<u32, u32>(&store, "alloc").map_err(|_| ModuleFault::Missing("alloc"))?;
        for name in ["out", "back"] {
            instance.get_typed_func::<(u32, u32), u64>(&store, name).map_err(|_| ModuleFault::Missing(name))?;
        }
        Ok(made)
    }

    fn instance(&self) -> Result<(Store<StoreLimits>, wasmi::Instance), wasmi::Error> {
        let limits = StoreLimitsBuilder::new()
            .memory_size(MEMORY_BYTES)
            .memories(1)
            .instances(1)
            .tables(4)
            .table_elements(65_536);
        let mut store = Store::new(&self.engine, limits.build());
        store.limiter(|limits| limits);
        store.set_fuel(FUEL)?;
        let instance = Linker::new(&self.engine).instantiate_and_start(&mut store, &self.module)?;
        Ok((store, instance))
    }

    /// The answer to a JSON text; `None` where the module says that it lies outside its domain.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn call(&self, direction: Direction, json: &str) -> Result<Option<serde_json::Value>, Stopped> {
        let stopped = |error: wasmi::Error| match error.as_trap_code() {
            Some(wasmi::TrapCode::OutOfFuel) => Stopped::Fuel,
            _ => Stopped::Trap,
        };
        let (mut store, instance) = self.instance().map_err(stopped)?;
        let memory = instance.get_memory(&store, "memory").ok_or(Stopped::Trap)?;
        let alloc = instance.get_typed_func::<u32, u32>(&store, "alloc").map_err(stopped)?;
        let function = instance.get_typed_func::<(u32, u32), u64>(&store, direction.export()).map_err(stopped)?;
        let length = u32::try_from(json.len()).map_err(|_| Stopped::Trap)?;
        let place = alloc.call(&mut store, length).map_err(stopped)?;
        memory.write(&mut store, place as usize, json.as_bytes()).map_err(|_| Stopped::Trap)?;
        let packed = function.call(&mut store, (place, length)).map_err(stopped)?;
        if packed == 0 {
            return Ok(None);
        }
        let (place, length) = ((packed >> 32) as usize, (packed & 0xffff_ffff) as usize);
        let end = place.checked_add(length).filter(|_| length <= ANSWER_BYTES).ok_or(Stopped::Answer)?;
        let bytes = memory.data(&store).get(place..end).ok_or(Stopped::Answer)?;
        let limits = ginnel_schemas::json::Limits::default();
        ginnel_schemas::json::parse(bytes, limits).map(Some).map_err(|_| Stopped::Answer)
    }
}
