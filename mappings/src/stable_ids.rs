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
        Policy::name_of(seed, key, &mut self.names);
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

    #[test]
    fn an_id_is_the_same_the_second_time_and_another_for_another_key() {
        let policy = Policy {
            id_space: id_space("v"),
            key_space: None,
            refuse_unknown_fields: false,
            refuse_unknown_codes: false,
            refuse_failed_identifiers: false,
            secret_patterns: Vec::new(),
        };
        let mut ids = StableIds::default();
        for key in [["a", "bc"], ["ab", "c"], ["a", "bc"]] {
            let wanted = policy.stable_id("m.r", &key.map(str::to_string));
            assert_eq!(ids.id(&policy, "m.r", &key).to_string(), wanted);
        }
        let id = ids.id(&policy, "m.r", &["a"]);
        assert_eq!([ids.count(id), ids.count(id), ids.count(policy.id_of("x"))], [0, 1, 0]);
    }
}
