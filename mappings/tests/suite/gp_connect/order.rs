//! The order of entries decides nothing.

use super::{example, out};
use serde_json::Value;

/// A small generator of its own, so that a seed gives the same order everywhere.
fn shuffled(bundle: &Value, seed: u64) -> Value {
    let mut bundle = bundle.clone();
    let entries = bundle["entry"].as_array_mut().expect("entries");
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for at in (1..entries.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(state >> 33).expect("31 bits") % (at + 1);
        entries.swap(at, other);
    }
    bundle
}

fn made(bundle: &Value) -> Vec<String> {
    let translated = out(bundle);
    let mut all: Vec<String> = translated.items.iter().flat_map(|item| &item.resources).map(Value::to_string).collect();
    all.sort();
    all
}

#[test]
fn shuffled_entries_become_the_same_resources() {
    for name in ["1-", "2-", "3-"] {
        let bundle = example(name);
        let wanted = made(&bundle);
        for seed in 1..=6 {
            let other = shuffled(&bundle, seed);
            assert_ne!(other["entry"], bundle["entry"]);
            assert_eq!(made(&other), wanted, "{name} {seed}");
        }
    }
}
