//! What is measured: one resident of 1 kB that makes five resources, many of them, and the built-in plugin's examples.

use ginnel_mappings::registry::{Message, Registry, Vendor};
use ginnel_mappings::translate::Context;
use ginnel_schemas::json;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The plugin that the benchmarks bring along and the built-in one.
fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/plugins");
        Registry::load(&[folder]).expect("the plugins load")
    })
}

/// A message with everything its translation needs, both ways.
pub struct Sample {
    /// The message's plan.
    pub message: &'static Message,
    /// The payload as it comes in.
    pub bytes: Vec<u8>,
    /// The payload, read.
    pub tree: Value,
    /// What other messages said.
    pub context: Context,
}

impl Sample {
    /// One resident: 1 kB, five resources.
    pub fn resident() -> Sample {
        Sample::residents(1)
    }

    /// A page of so many residents, each with ids of its own.
    pub fn residents(count: usize) -> Sample {
        let one: Value = parse(include_bytes!("../plugins/residence/resident.json"));
        let all: Vec<Value> = (0..count)
            .map(|number| {
                let mut resident = one["residents"][0].clone();
                resident["id"] = format!("r-{number:05}").into();
                resident
            })
            .collect();
        let mut page = one;
        page["residents"] = all.into();
        let vendor = registry().vendor("residence").expect("lies beside the benchmarks");
        Sample::of(vendor, "residents", page.to_string().into_bytes())
    }

    /// The first example of a message of the built-in plugin.
    pub fn home_care(message: &str) -> Sample {
        let vendor = registry().vendor("homecare-rest").expect("is built in");
        let (_, _, bytes) = vendor.examples.iter().find(|(name, ..)| name == message).expect("has an example");
        Sample::of(vendor, message, bytes.clone())
    }

    fn of(vendor: &'static Vendor, message: &str, bytes: Vec<u8>) -> Sample {
        let mut context = Context::new();
        for (name, _, bytes) in &vendor.examples {
            for (key, item) in vendor.message(name).expect("has the message").items(&parse(bytes)) {
                context.insert(key, item);
            }
        }
        Sample { message: vendor.message(message).expect("has the message"), tree: parse(&bytes), bytes, context }
    }

    /// What the message becomes.
    pub fn bundle(&self) -> Value {
        self.message.translate(&self.tree, Vec::new(), &self.context).bundle()
    }
}

/// Reads bytes as the gateway does.
pub fn parse(bytes: &[u8]) -> Value {
    json::parse(bytes, json::Limits::default()).expect("is JSON")
}
