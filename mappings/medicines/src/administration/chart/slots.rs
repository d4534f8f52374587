//! Which entries are attempts at one dose: those of one medicine and one due time.

use super::{ChartLine, Slot};
use std::collections::HashMap;

/// The due times, in the order of the lines.
pub fn group(lines: &[ChartLine]) -> Vec<Slot> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut slots: Vec<Slot> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let key = key(line).unwrap_or_else(|| format!("alone {at}"));
        match places.get(&key).and_then(|place| slots.get_mut(*place)) {
            Some(slot) => slot.lines.push(at),
            None => {
                places.insert(key, slots.len());
                slots.push(Slot { lines: vec![at] });
            }
        }
    }
    for slot in &mut slots {
        slot.lines.sort_by_key(|at| lines.get(*at).and_then(|line| line.administration.when.first()));
    }
    slots
}

fn key(line: &ChartLine) -> Option<String> {
    let one = &line.administration;
    let time = match &one.due {
        Some(due) => match (due.instant(), &due.part_of_day) {
            (Some(at), _) => at.to_string(),
            (None, Some(part)) => format!("{} {part}", due.day()?),
            // A day alone may have several doses.
            (None, None) => return None,
        },
        // Two entries of one instant are the same dose twice.
        None => one.when.first().filter(|first| Some(*first) == one.when.last())?.to_string(),
    };
    Some(format!("{} {time}", line.group))
}
