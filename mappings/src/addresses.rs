//! Values of a tree told apart by their addresses while the tree stands.

use serde_json::Value;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// What tells a value of a tree from every other while the tree stands.
pub fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}

/// A table by address. Nobody outside chooses addresses, so its hash need not withstand an attack.
pub type ByAddress<T> = HashMap<usize, T, BuildHasherDefault<AddressHasher>>;

/// A multiplication whose upper bits are well mixed; what is hashed is an address, a random id or a hash already.
#[derive(Debug, Default, Clone, Copy)]
pub struct AddressHasher(u64);

/// 2^64 divided by the golden ratio, made odd (Knuth, The Art of Computer Programming 3, 6.4).
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        let mixed = (self.0.rotate_left(5) ^ word).wrapping_mul(GOLDEN);
        self.0 = mixed ^ (mixed >> 32);
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
}

/// The leaves of a tree by address: a place in the list of leaves for each.
#[derive(Debug, Default)]
pub struct LeafTable {
    addresses: Vec<usize>,
    /// Places counted from 1; 0 is free. At most half of it is used.
    slots: Vec<u32>,
}

impl LeafTable {
    /// The table of leaves in the order of their addresses' list.
    pub fn new(addresses: Vec<usize>) -> LeafTable {
        let size = (addresses.len() * 2).next_power_of_two();
        let mut table = LeafTable { addresses, slots: vec![0; size] };
        for place in 0..table.addresses.len() {
            let free = table.probe(table.addresses[place]).find(|slot| table.slots[*slot] == 0);
            if let (Some(slot), Ok(number)) = (free, u32::try_from(place + 1)) {
                table.slots[slot] = number;
            }
        }
        table
    }

    /// The addresses in the order of the leaves.
    pub fn addresses(&self) -> &[usize] {
        &self.addresses
    }

    fn probe(&self, address: usize) -> impl Iterator<Item = usize> + use<> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut hasher = AddressHasher::default();
        hasher.write_usize(address);
        // Truncation is meant: the mask keeps the lower bits.
        let first = hasher.finish() as usize;
        (0..=mask).map(move |step| first.wrapping_add(step) & mask)
    }

    /// The place of a leaf in the list.
    pub fn get(&self, leaf: &Value) -> Option<u32> {
        let wanted = address(leaf);
        for slot in self.probe(wanted) {
            let place = self.slots.get(slot)?.checked_sub(1)?;
            if self.addresses.get(place as usize) == Some(&wanted) {
                return Some(place);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_leaf_is_found_and_no_other_value() {
        let tree: Vec<Value> = (0..1000).map(|number| json!(number)).collect();
        let table = LeafTable::new(tree.iter().map(address).collect());
        for (place, leaf) in tree.iter().enumerate() {
            assert_eq!(table.get(leaf), u32::try_from(place).ok());
        }
        assert_eq!(table.get(&json!(1)), None);
        assert_eq!(LeafTable::new(Vec::new()).get(&json!(1)), None);
    }
}
