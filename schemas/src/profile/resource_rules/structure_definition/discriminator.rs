//! The paths of discriminators (<https://hl7.org/fhir/R4/profiling.html#discriminator>).

use super::paths::{Reached, walk};
use crate::definition::{Definitions, ElementType};

/// Whether a discriminator's path leads somewhere from values of these types; nothing when that cannot be told.
pub(super) fn leads_somewhere(types: &'static Definitions, from: &[ElementType], path: &str) -> Option<bool> {
    let mut at = from.to_vec();
    for step in steps(path)? {
        if step == "$this" {
            continue;
        }
        if let Some(call) = step.strip_suffix(')') {
            let (function, argument) = call.split_once('(')?;
            match function {
                // What a reference leads to, or an extension holds, is said elsewhere.
                "resolve" | "extension" => return Some(true),
                "ofType" | "as" => {
                    let (id, _) = types.named(argument.trim().trim_start_matches("FHIR."))?;
                    at = vec![ElementType::Object(id)];
                }
                _ => return Some(false),
            }
            continue;
        }
        match walk(types, at, std::iter::once(step)) {
            Reached::Types(next, _) => at = next,
            Reached::Anything => return None,
            Reached::Nothing(_) => return Some(false),
        }
    }
    Some(true)
}

/// The steps of a path; dots inside brackets and quotes belong to their step.
fn steps(path: &str) -> Option<Vec<&str>> {
    let (mut steps, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0_usize, false);
    for (at, byte) in path.bytes().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => depth = depth.checked_sub(1)?,
            b'.' if !quoted && depth == 0 => {
                steps.push(path.get(start..at)?);
                start = at + 1;
            }
            _ => {}
        }
    }
    steps.push(path.get(start..)?);
    Some(steps)
}
