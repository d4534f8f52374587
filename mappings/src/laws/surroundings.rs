//! What other messages said before: for a generated message some of the items it leans on, and some of them not.

use super::payload::{PayloadMaker, Style};
use super::random::Random;
use super::suggestions::Suggestions;
use crate::registry::{Message, Vendor};
use crate::translate::Context;
use crate::vendor_path::Step;
use serde_json::Value;

/// Messages that say when they were made are made at this time.
const NOW: &str = "2026-02-03T09:10:11Z";

/// How many of a hundred look-ups find something.
const KNOWN: usize = 70;

/// The context of a message: items of the messages it looks up, generated, most of them there and some not.
pub fn surroundings(vendor: &Vendor, message: &Message, payload: &Value, random: &mut Random) -> Context {
    let mut context = Context::new().at(NOW);
    for key in message.lookups(payload) {
        if !random.chance(KNOWN) {
            continue;
        }
        let Some(other) = vendor.message(&key.message) else { continue };
        let suggestions = Suggestions::of(other.plan());
        let mut maker = PayloadMaker::new(other.plan().shape.schema(), &suggestions);
        let path = other.plan().items.iter().find(|item| item.name == key.item).and_then(|item| item.key.as_ref());
        let names: Option<Vec<&String>> = path.and_then(|path| {
            path.steps
                .iter()
                .map(|step| match step {
                    Step::Field(name) => Some(name),
                    _ => None,
                })
                .collect()
        });
        let found = (0..6).find_map(|_| {
            let made = maker.message(Style { unknown: 0, oddity: 0, ..Style::any(random) }, random);
            other.items(&made).into_iter().find(|(one, _)| one.item == key.item).map(|(_, item)| item)
        });
        if let (Some(mut item), Some(names)) = (found, names) {
            let place = names.iter().try_fold(&mut item, |value, name| value.get_mut(name.as_str()));
            if let Some(place) = place {
                *place = key.key.clone().into();
            }
            context.insert(key, item);
        }
    }
    context
}
