//! The stable ids of one message's resources, each worked out once.

use crate::addresses::AddressHasher;
use crate::plan::Policy;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use uuid::Uuid;

/// Ids known so far, and how many resources have each.
#[derive(Debug, Default)]
pub struct StableIds {
    /// What the known ids are made of, one after the other.
    names: String,
    /// By a hash of its name: where the name is, and the id.
    known: HashMap<u64, (usize, usize, Uuid), BuildHasherDefault<AddressHasher>>,
    counts: HashMap<u64, Vec<(Uuid, usize)>, BuildHasherDefault<AddressHasher>>,
}

impl StableIds {
    /// The stable id of a rule and the vendor's own key, as [`Policy::stable_id`] makes it.
    pub fn id(&mut self, policy: &Policy, seed: &str, key: &[&str]) -> Uuid {
        let start = self.names.len();
        policy.name_of(seed, key, &mut self.names);
        let name = self.names.get(start..).unwrap_or_default();
        let mut hasher = AddressHasher::default();
        hasher.write(name.as_bytes());
        let hash = hasher.finish();
        if let Some((at, end, id)) = self.known.get(&hash) {
            let id = (self.names.get(*at..*end) == Some(name)).then_some(*id);
            let id = id.unwrap_or_else(|| policy.id_of(name));
            self.names.truncate(start);
            return id;
        }
        let id = policy.id_of(name);
        self.known.insert(hash, (start, self.names.len(), id));
        id
    }

    /// Counts one more resource of that id, and says how many there were before it.
    pub fn count(&mut self, id: Uuid) -> usize {
        let (half, _) = id.as_u64_pair();
        let alike = self.counts.entry(half).or_default();
        match alike.iter_mut().find(|(known, _)| *known == id) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                alike.push((id, 0));
                0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::id_space;

    fn policy(zeros_ignored: bool) -> Policy {
        Policy {
            id_space: id_space("v"),
            key_space: None,
            zeros_ignored,
            codes_in_any_case: false,
            no_value: None,
            restricted_by: Vec::new(),
            refuse_unknown_fields: false,
            refuse_unknown_codes: false,
            refuse_failed_identifiers: false,
            secret_patterns: Vec::new(),
        }
    }

    #[test]
    fn zeros_in_front_of_digits_count_unless_the_plugin_says_not() {
        let id = |policy: &Policy, key: &str| StableIds::default().id(policy, "m.r", &[key]);
        let (counting, ignoring) = (policy(false), policy(true));
        assert_ne!(id(&counting, "0041170"), id(&counting, "41170"));
        assert_eq!(id(&ignoring, "0041170"), id(&ignoring, "41170"));
        assert_eq!(id(&ignoring, "0041170"), id(&counting, "41170"));
        assert_eq!(id(&ignoring, "000"), id(&ignoring, "0"));
        for (one, other) in [("A041", "A41"), ("41170", "411700"), ("0", ""), ("0-1", "1"), ("041A", "41A")] {
            assert_ne!(id(&ignoring, one), id(&ignoring, other), "{one} {other}");
        }
        assert_eq!(ignoring.scoped("0041170".to_owned()), "41170");
        assert_eq!(counting.scoped("0041170".to_owned()), "0041170");
    }

    #[test]
    fn an_id_is_the_same_the_second_time_and_another_for_another_key() {
        let policy = policy(false);
        let mut ids = StableIds::default();
        for key in [["a", "bc"], ["ab", "c"], ["a", "bc"]] {
            let wanted = policy.stable_id("m.r", &key.map(str::to_string));
            assert_eq!(ids.id(&policy, "m.r", &key).to_string(), wanted);
        }
        let id = ids.id(&policy, "m.r", &["a"]);
        assert_eq!([ids.count(id), ids.count(id), ids.count(policy.id_of("x"))], [0, 1, 0]);
    }
}
