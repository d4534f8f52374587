//! Any bytes as a JSON resource: read, judged by all rules, and each finding placed.
#![no_main]

use ginnel_schemas::input::{Format, Input};
use ginnel_schemas::json::Limits;
use ginnel_schemas_fuzz::judge;
use libfuzzer_sys::fuzz_target;

/// As deep as any reader here goes.
const LIMITS: Limits = Limits { bytes: 1 << 20, depth: 128 };

fuzz_target!(|bytes: &[u8]| {
    if let Ok(input) = Input::read_as(Format::Json, bytes, &LIMITS) {
        let mut issues = judge(input.value());
        input.place(&mut issues);
    }
});
