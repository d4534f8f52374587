//! The mappings as their authors and users meet them: plugins loaded from folders, payloads out and in.

mod account;
mod bundles;
mod careconnect_stu3;
mod carehome_emar;
mod certificate;
mod choice;
mod council_forms;
mod csv_export;
mod decode;
mod diagnostics;
mod difficulties;
mod event_stream;
mod files;
mod golden_diagnostics;
mod gp_connect;
mod gp_connect_record;
mod hl7v2;
mod hl7v2_and_fhir;
mod homecare_rest;
mod item_places;
mod laws;
mod manual;
mod medicines_kept;
mod mods;
mod nested_record;
mod outward;
mod parts;
mod places;
mod round_trip;
mod samples;
mod silent;
mod soap_mar;
mod tables_of_one_home;
mod tenants;
mod transfer;
mod transfer_doses;
mod transfer_headers;
#[cfg(feature = "wasm")]
mod wasm;

use ginnel_mappings::registry::{Message, Registry, Vendor};
use ginnel_mappings::translate::{Context, Translated};
use ginnel_schemas::issue::Issue;
use ginnel_schemas::validator::{Options, Validator};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The built-in plugins and the one made for tests.
fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/plugins");
        Registry::load(&[folder]).expect("the plugins load")
    })
}

fn vendor(id: &str) -> &'static Vendor {
    registry().vendor(id).expect("the vendor is loaded")
}

fn message(vendor_id: &str, name: &str) -> &'static Message {
    vendor(vendor_id).message(name).expect("the message is there")
}

/// Checks and translates, as the gateway does.
fn translate(message: &Message, payload: &Value, context: &Context) -> Translated {
    message.translate(payload, message.check(payload), context)
}

/// The tree of an example, in whichever format its message is.
fn example(message: &Message, file: &str, bytes: &[u8]) -> Value {
    use ginnel_mappings::format::{Limits, SourceFile};
    let read = message.read(&[SourceFile::new(file, bytes.to_vec())], &Limits::default());
    read.unwrap_or_else(|issues| panic!("{file}: {issues:?}")).tree
}

/// The used resources of one type.
fn resources<'t>(translated: &'t Translated, kind: &str) -> Vec<&'t Value> {
    translated.items.iter().flat_map(|item| &item.resources).filter(|one| one["resourceType"] == kind).collect()
}

/// Every leaf of a tree as a JSON Pointer, in input order.
fn leaves(value: &Value) -> Vec<String> {
    fn walk(value: &Value, pointer: &str, out: &mut Vec<String>) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                for (name, child) in map {
                    walk(child, &format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), out);
                }
            }
            Value::Array(list) if !list.is_empty() => {
                for (index, child) in list.iter().enumerate() {
                    walk(child, &format!("{pointer}/{index}"), out);
                }
            }
            _ => out.push(pointer.to_string()),
        }
    }
    let mut out = Vec::new();
    walk(value, "", &mut out);
    out
}

/// Context made of other payloads of a vendor.
fn context(vendor: &Vendor, payloads: &[(&str, &Value)]) -> Context {
    let mut context = Context::new();
    for (name, payload) in payloads {
        for (key, item) in vendor.message(name).expect("a message").items(payload) {
            context.insert(key, item);
        }
    }
    context
}

/// The errors of a resource by R4, UK Core's profile of its type and the UK rules.
pub fn faults(resource: &Value) -> Vec<Issue> {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    const OPTIONS: Options<'static> = Options {
        uk_core: true,
        own_extensions: &["https://gateway.example.org/StructureDefinition/"],
        ..Options::STRICT
    };
    let issues = VALIDATOR.get_or_init(Validator::uk_core).judge(resource, &OPTIONS);
    issues.into_iter().filter(Issue::is_error).collect()
}
