//! Any bytes as a FHIR package; what comes out of it is added to what is known.
#![no_main]

use ginnel_schemas::known::Known;
use ginnel_schemas::package::{Limits, read_from};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(package) = read_from("fuzzed", bytes, &Limits::default()) {
        let _ = Known::built_in().with_package(package);
    }
});
