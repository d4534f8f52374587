//! The values met so far, each once; many of them are found by hash, so that no collection costs its square.

use super::error::EvaluationError;
use super::evaluate::Evaluator;
use super::number::decimal;
use super::value::{Collection, Item};
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Up to here comparing with all beats hashing.
const FEW: usize = 8;

/// Distinct values in the order they came.
#[derive(Default)]
pub(super) struct Seen<'v> {
    items: Collection<'v>,
    by_hash: HashMap<u64, Vec<usize>>,
}

impl<'v> Seen<'v> {
    /// Whether an equal value is there.
    pub(super) fn has(&self, evaluator: &Evaluator<'_, 'v>, item: &Item<'v>) -> Result<bool, EvaluationError> {
        if self.items.len() <= FEW {
            for own in &self.items {
                if evaluator.equal(own, item)? == Some(true) {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        for at in self.by_hash.get(&key(evaluator, item)?).into_iter().flatten() {
            let Some(own) = self.items.get(*at) else {
                continue;
            };
            if evaluator.equal(own, item)? == Some(true) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes a value in; false when an equal one is there.
    pub(super) fn add(&mut self, evaluator: &Evaluator<'_, 'v>, item: &Item<'v>) -> Result<bool, EvaluationError> {
        if self.has(evaluator, item)? {
            return Ok(false);
        }
        self.items.push(evaluator.copied(item)?);
        let many = self.items.len();
        // The first time that there are many, all of them are indexed.
        let not_indexed = match many {
            0..=FEW => many..many,
            _ if many == FEW + 1 => 0..many,
            _ => many - 1..many,
        };
        for at in not_indexed {
            if let Some(own) = self.items.get(at) {
                self.by_hash.entry(key(evaluator, own)?).or_default().push(at);
            }
        }
        Ok(true)
    }
}

/// Equal values have equal keys.
fn key<'v>(evaluator: &Evaluator<'_, 'v>, item: &Item<'v>) -> Result<u64, EvaluationError> {
    let mut hasher = DefaultHasher::new();
    if let Some(text) = evaluator.text(item) {
        evaluator.work(text.len() / 16)?;
        text.hash(&mut hasher);
        return Ok(hasher.finish());
    }
    match evaluator.plain(item) {
        Item::Boolean(value) => value.hash(&mut hasher),
        Item::Integer(value) => Decimal::from(value).normalize().hash(&mut hasher),
        Item::Decimal(value) => value.normalize().hash(&mut hasher),
        Item::Node(node) => {
            if let Some(value) = node.value.or(node.companion) {
                return tree_key(evaluator, value);
            }
        }
        // Moments and quantities are equal in ways that no hash of theirs would show.
        _ => {}
    }
    Ok(hasher.finish())
}

fn tree_key(evaluator: &Evaluator<'_, '_>, value: &Value) -> Result<u64, EvaluationError> {
    evaluator.step()?;
    let mut hasher = DefaultHasher::new();
    match value {
        Value::Object(members) => {
            // Members have no order, so their keys are summed.
            let mut sum = 0_u64;
            for (name, inner) in members {
                let mut member = DefaultHasher::new();
                name.hash(&mut member);
                tree_key(evaluator, inner)?.hash(&mut member);
                sum = sum.wrapping_add(member.finish());
            }
            sum.hash(&mut hasher);
        }
        Value::Array(items) => {
            for inner in items {
                tree_key(evaluator, inner)?.hash(&mut hasher);
            }
        }
        Value::Number(number) => decimal(number.as_str()).map(|value| value.normalize()).hash(&mut hasher),
        Value::String(text) => {
            evaluator.work(text.len() / 16)?;
            text.hash(&mut hasher);
        }
        Value::Bool(value) => value.hash(&mut hasher),
        Value::Null => {}
    }
    Ok(hasher.finish())
}
