//! Verdicts of values that are tried by profiles, each found once: references in a circle come to an end, and references
//! that meet again at one resource cost no more than one.

use crate::definition::profile::Profile;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashMap;

/// The trials of one input, by profile and value.
#[derive(Debug, Default)]
pub struct Trials {
    verdicts: RefCell<HashMap<(usize, usize), bool>>,
}

impl Trials {
    /// The verdict, where the value was tried by the profile before; otherwise a trial begins. While it is underway the
    /// value counts as conforming: a circle of references holds if the rest does.
    pub fn begin(&self, profile: &Profile, value: &Value) -> Option<bool> {
        let mut verdicts = self.verdicts.borrow_mut();
        let known = verdicts.get(&key(profile, value)).copied();
        if known.is_none() {
            verdicts.insert(key(profile, value), true);
        }
        known
    }

    /// The end of a trial; without a verdict the value may be tried again from elsewhere.
    pub fn end(&self, profile: &Profile, value: &Value, verdict: Option<bool>) {
        let mut verdicts = self.verdicts.borrow_mut();
        match verdict {
            Some(verdict) => verdicts.insert(key(profile, value), verdict),
            None => verdicts.remove(&key(profile, value)),
        };
    }
}

/// Both live as long as the walk and do not move.
fn key(profile: &Profile, value: &Value) -> (usize, usize) {
    (std::ptr::from_ref(profile).addr(), std::ptr::from_ref(value).addr())
}
