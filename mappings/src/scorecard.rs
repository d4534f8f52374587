//! How well plugins do on their own examples, and what is lost between every two of them.

use crate::account::Outcome;
use crate::format::{Limits, SourceFile};
use crate::laws::examples::sets as example_sets;
use crate::registry::{Message, Vendor};
use crate::transfer::transfer;
use crate::translate::Context;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Instant;

/// What becomes of the values of a plugin's examples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// Id of the plugin.
    pub vendor: String,
    /// How many messages it has.
    pub messages: usize,
    /// How many example payloads.
    pub examples: usize,
    /// Values of the examples, by what became of them on the way out.
    pub values: BTreeMap<Outcome, usize>,
    /// Why values were kept or dropped or refused, with how many.
    pub reasons: BTreeMap<(Outcome, String), usize>,
    /// Resources made.
    pub resources: usize,
    /// Payloads that come back as they were, put into what was known.
    pub same: usize,
    /// Values that come back from FHIR alone, with nothing known.
    pub alone: usize,
}

impl Score {
    /// All values.
    pub fn total(&self) -> usize {
        self.values.values().sum()
    }

    /// Values that FHIR carries.
    pub fn carried(&self) -> usize {
        let carried = [Outcome::Mapped, Outcome::Matched, Outcome::Derived, Outcome::Collapsed];
        carried.iter().filter_map(|outcome| self.values.get(outcome)).sum()
    }

    fn of(&self, outcome: Outcome) -> usize {
        self.values.get(&outcome).copied().unwrap_or_default()
    }
}

/// A payload of the examples, read.
struct Example<'v> {
    message: &'v Message,
    files: Vec<SourceFile>,
    tree: Value,
}

fn examples(vendor: &Vendor) -> (Vec<Example<'_>>, Context) {
    let mut known = Context::new();
    let mut out = Vec::new();
    for (name, _, files) in example_sets(vendor) {
        let Some(message) = vendor.message(name) else { continue };
        let Ok(document) = message.read(&files, &Limits::default()) else { continue };
        message.items(&document.tree).into_iter().for_each(|(key, item)| known.insert(key, item));
        out.push(Example { message, files, tree: document.tree });
    }
    (out, known)
}

/// Scores a plugin on its own examples.
pub fn score(vendor: &Vendor) -> Score {
    let (examples, known) = examples(vendor);
    let mut out = Score {
        vendor: vendor.id.clone(),
        messages: vendor.messages.len(),
        examples: examples.len(),
        values: BTreeMap::new(),
        reasons: BTreeMap::new(),
        resources: 0,
        same: 0,
        alone: 0,
    };
    for Example { message, tree, .. } in &examples {
        let translated = message.translate(tree, message.check(tree), &known);
        for row in translated.account.iter() {
            *out.values.entry(row.outcome).or_default() += 1;
            if let Some(reason) = &row.reason {
                *out.reasons.entry((row.outcome, reason.clone())).or_default() += 1;
            }
        }
        let bundle = translated.bundle();
        out.resources += bundle["entry"].as_array().map_or(0, Vec::len);
        let put = message.to_vendor(&bundle, std::slice::from_ref(tree), &known);
        out.same += usize::from(put.payload == *tree);
        let alone = message.to_vendor(&bundle, &[], &known);
        out.alone += common(tree, &alone.payload);
    }
    out
}

/// Values that are the same in both trees; entries of lists are matched by what they share most.
fn common(one: &Value, other: &Value) -> usize {
    match (one, other) {
        (Value::Object(own), Value::Object(theirs)) => {
            own.iter().filter_map(|(name, value)| Some(common(value, theirs.get(name)?))).sum()
        }
        (Value::Array(own), Value::Array(theirs)) => {
            let mut free: Vec<&Value> = theirs.iter().collect();
            let mut sum = 0;
            for value in own {
                let best = free
                    .iter()
                    .enumerate()
                    .map(|(at, one)| (common(value, one), at))
                    .max_by_key(|(much, at)| (*much, usize::MAX - *at));
                if let Some((much, at)) = best.filter(|(much, _)| *much > 0) {
                    sum += much;
                    free.remove(at);
                }
            }
            sum
        }
        _ => usize::from(one == other),
    }
}

/// Everything that a plugin's examples become, in one Bundle.
pub fn bundle_of_examples(vendor: &Vendor) -> Value {
    let (examples, known) = examples(vendor);
    let mut entries: Vec<Value> = Vec::new();
    for Example { message, tree, .. } in examples {
        let bundle = message.translate(&tree, message.check(&tree), &known).bundle();
        for entry in bundle["entry"].as_array().into_iter().flatten() {
            // What a later example says of the same resource stands.
            match entries.iter_mut().find(|known| known["fullUrl"] == entry["fullUrl"]) {
                Some(known) => *known = entry.clone(),
                None => entries.push(entry.clone()),
            }
        }
    }
    json!({"resourceType": "Bundle", "type": "collection", "entry": entries})
}

/// What of one plugin's FHIR reaches another vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Id of the sending plugin.
    pub from: String,
    /// Id of the receiving plugin.
    pub to: String,
    /// Values of the resources.
    pub values: usize,
    /// Values that the receiving vendor's record has.
    pub arrived: usize,
    /// Elements without their places in lists, each with how many of its values arrived, and how many did not and why.
    pub elements: BTreeMap<String, Element>,
}

/// What became of the values of one element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// How many arrived.
    pub arrived: usize,
    /// How many did not, by reason.
    pub lost: BTreeMap<String, usize>,
}

/// Computes the loss of a Bundle at a vendor.
pub fn loss(from: &str, bundle: &Value, to: &Vendor) -> Loss {
    let transferred = transfer(to, bundle);
    let mut out = Loss { from: from.into(), to: to.id.clone(), values: 0, arrived: 0, elements: BTreeMap::new() };
    for arrival in &transferred.arrivals {
        let element = out.elements.entry(element_of(bundle, &arrival.pointer)).or_default();
        out.values += 1;
        if arrival.arrives() {
            out.arrived += 1;
            element.arrived += 1;
        } else {
            let reason = arrival.reason.clone().unwrap_or_else(|| arrival.outcome.code().to_owned());
            *element.lost.entry(reason).or_default() += 1;
        }
    }
    out
}

/// `Patient.name.family` of `/entry/3/resource/name/0/family`.
fn element_of(bundle: &Value, pointer: &str) -> String {
    let mut steps = pointer.split('/').skip(2);
    let index = steps.next().and_then(|index| index.parse::<usize>().ok()).unwrap_or_default();
    let kind = bundle["entry"][index]["resource"]["resourceType"].as_str().unwrap_or("Resource");
    let names = steps.skip(1).filter(|step| step.parse::<usize>().is_err());
    names.fold(kind.to_owned(), |path, step| format!("{path}.{step}"))
}

/// How long reading and writing take, and translating out and in, in microseconds: the fastest of several rounds over all
/// examples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speed {
    /// Reading the vendor's bytes and writing them.
    pub bytes: f64,
    /// Out: vendor to FHIR.
    pub out: f64,
    /// In: FHIR into the vendor's record.
    pub back: f64,
}

/// Measures a plugin on its own examples.
pub fn speed(vendor: &Vendor, rounds: usize) -> Speed {
    let (examples, known) = examples(vendor);
    let mut best = Speed { bytes: f64::MAX, out: f64::MAX, back: f64::MAX };
    let bundles: Vec<Value> = examples
        .iter()
        .map(|one| one.message.translate(&one.tree, one.message.check(&one.tree), &known).bundle())
        .collect();
    let timed = |work: &mut dyn FnMut(&Example<'_>, &Value)| {
        let started = Instant::now();
        examples.iter().zip(&bundles).for_each(|(example, bundle)| work(example, bundle));
        started.elapsed().as_secs_f64() * 1e6 / examples.len().max(1) as f64
    };
    for _ in 0..rounds.max(1) {
        best.bytes = best.bytes.min(timed(&mut |one, _| {
            let read = one.message.read(&one.files, &Limits::default());
            std::hint::black_box(read.map(|document| one.message.write(&document.tree, &one.files))).ok();
        }));
        best.out = best.out.min(timed(&mut |one, _| {
            let translated = one.message.translate(&one.tree, one.message.check(&one.tree), &known);
            std::hint::black_box(translated.bundle_json());
        }));
        best.back = best.back.min(timed(&mut |one, bundle| {
            std::hint::black_box(one.message.to_vendor(bundle, std::slice::from_ref(&one.tree), &known));
        }));
    }
    best
}

/// The scores as a table of Markdown; speeds as multiples of reading and writing the same bytes.
pub fn score_table(scores: &[(Score, Option<Speed>)]) -> String {
    let mut out = String::from(
        "| plugin | messages | examples | values | carried | kept | dropped or secret | refused | resources | same after there and back | back from FHIR alone | out | in |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for (score, speed) in scores {
        let part = |count: usize| percent(count, score.total());
        let times = |much: Option<f64>| much.map_or("-".to_owned(), |much| format!("{much:.1}x"));
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | {} | {} | {} | {} | {} | {} of {} | {} | {} | {} |",
            score.vendor,
            score.messages,
            score.examples,
            score.total(),
            part(score.carried()),
            part(score.of(Outcome::Kept)),
            part(score.of(Outcome::Dropped)),
            part(score.of(Outcome::Refused) + score.of(Outcome::Inconsistent)),
            score.resources,
            score.same,
            score.examples,
            part(score.alone),
            times(speed.map(|speed| speed.out / speed.bytes)),
            times(speed.map(|speed| speed.back / speed.bytes)),
        );
    }
    out
}

/// The losses as a table of Markdown: rows send, columns receive.
pub fn loss_table(losses: &[Loss]) -> String {
    let mut names: Vec<&str> = losses.iter().map(|loss| loss.from.as_str()).collect();
    names.dedup();
    let mut out = String::from("| lost from, to |");
    names.iter().for_each(|name| {
        let _ = write!(out, " `{name}` |");
    });
    out.push_str("\n|---|");
    names.iter().for_each(|_| out.push_str("---|"));
    out.push('\n');
    for from in &names {
        let _ = write!(out, "| `{from}` |");
        for to in &names {
            let found = losses.iter().find(|loss| loss.from == *from && loss.to == *to);
            let cell = found.map_or("-".to_owned(), |loss| percent(loss.values - loss.arrived, loss.values));
            let _ = write!(out, " {cell} |");
        }
        out.push('\n');
    }
    out
}

fn percent(count: usize, of: usize) -> String {
    match (count * 1000 + of / 2).checked_div(of) {
        None => "-".to_owned(),
        // Nothing is said to be whole that is not, nor to be nothing that is something.
        Some(0) if count > 0 => "<0.1 %".to_owned(),
        Some(1000) if count < of => ">99.9 %".to_owned(),
        Some(thousandths) => format!("{}.{} %", thousandths / 10, thousandths % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_never_round_to_all_or_nothing() {
        assert_eq!(percent(1, 3), "33.3 %");
        assert_eq!(percent(1, 100_000), "<0.1 %");
        assert_eq!(percent(99_999, 100_000), ">99.9 %");
        assert_eq!((percent(0, 5), percent(5, 5), percent(0, 0)), ("0.0 %".into(), "100.0 %".into(), "-".into()));
    }

    #[test]
    fn what_two_trees_share_is_counted_whatever_the_order_of_lists() {
        let one = json!({"a": [{"id": 1, "x": "y"}, {"id": 2}], "b": null});
        let other = json!({"a": [{"id": 2}, {"id": 1, "x": "z"}], "b": null});
        assert_eq!(common(&one, &other), 3);
    }
}
