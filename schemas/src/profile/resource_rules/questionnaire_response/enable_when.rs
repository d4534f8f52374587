//! Whether a question is to be answered, as other answers say (<https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen>).

use crate::definition::Definitions;
use crate::fhir_path::{Environment, Expression, NoHost, Node};
use crate::profile::resource_rules::budget::Budget;
use crate::profile::resource_rules::members::{Object, choice, extension_value, object, objects, text};
use crate::profile::resource_rules::{order, ucum};
use serde_json::Value;
use std::cell::OnceCell;
use std::cmp::Ordering;

/// Extensions that say it in FHIRPath: the one of Structured Data Capture, and an older one.
const EXPRESSIONS: [&str; 2] = [
    "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression",
    "http://phr.kanta.fi/StructureDefinition/fiphr-ext-questionnaire-enablewhen",
];

/// Whether a question is to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Enabled {
    Yes,
    No,
    /// An expression could not be judged.
    Unknown,
}

/// The response, and the items and answers that the walk is in: where the answers of other questions are looked for.
pub(super) struct Scopes<'a> {
    response: &'a Object,
    /// The response as expressions read it, made when first asked for, and about how many values it has.
    whole: OnceCell<(Value, usize)>,
    /// Innermost last.
    entered: Vec<&'a Object>,
}

impl<'a> Scopes<'a> {
    pub(super) fn new(response: &'a Object) -> Scopes<'a> {
        Scopes { response, whole: OnceCell::new(), entered: Vec::new() }
    }

    /// Goes into an item or answer.
    pub(super) fn enter(&mut self, holder: &'a Object) {
        self.entered.push(holder);
    }

    /// Goes back out.
    pub(super) fn leave(&mut self) {
        self.entered.pop();
    }

    /// Whether the question is to be answered where the walk stands.
    pub(super) fn enabled(&self, question: &Object, types: &'static Definitions, budget: &mut Budget) -> Enabled {
        if let Some(expression) = EXPRESSIONS.iter().find_map(|url| expression_in(question, url)) {
            return self.judge(expression, types, budget);
        }
        let any_is_enough = text(question, "enableBehavior") == Some("any");
        let (mut conditions, mut held) = (0_usize, 0_usize);
        for (_, condition) in objects(question, "enableWhen") {
            conditions += 1;
            held += usize::from(self.holds(condition, budget));
        }
        match (conditions, any_is_enough) {
            (0, _) => Enabled::Yes,
            (_, true) if held > 0 => Enabled::Yes,
            (_, false) if held == conditions => Enabled::Yes,
            _ => Enabled::No,
        }
    }

    /// What an expression says of the response as a whole.
    fn judge(&self, expression: &str, types: &'static Definitions, budget: &mut Budget) -> Enabled {
        let (whole, size) = self.whole.get_or_init(|| {
            let whole = Value::Object(self.response.clone());
            let size = values_in(&whole);
            (whole, size)
        });
        let Some(compiled) =
            budget.spend(size + expression.len()).then(|| Expression::compile(expression).ok()).flatten()
        else {
            return Enabled::Unknown;
        };
        let node = Node::resource(whole, types);
        let steps =
            u64::try_from(*size).unwrap_or(u64::MAX).saturating_mul(STEPS_PER_VALUE).saturating_add(LEAST_STEPS);
        let environment = Environment { steps, ..Environment::of(types, &NoHost, node) };
        match compiled.holds(&environment, node) {
            Ok(true) => Enabled::Yes,
            Ok(false) => Enabled::No,
            Err(_) => Enabled::Unknown,
        }
    }

    fn holds(&self, condition: &Object, budget: &mut Budget) -> bool {
        let link_id = text(condition, "question").unwrap_or_default();
        let operator = text(condition, "operator").unwrap_or_default();
        let answers = self.answers(link_id, budget);
        let Some((_, wanted_type, wanted)) = choice(condition, "answer") else {
            return false;
        };
        if operator == "exists" {
            return wanted.as_bool() == Some(!answers.is_empty());
        }
        answers.iter().any(|answer| {
            choice(answer, "value")
                .is_some_and(|(_, found_type, found)| compare(operator, (found_type, found), (wanted_type, wanted)))
        })
    }

    /// The answers of the nearest items with that linkId: of what is around first, then beside that, and so outwards.
    fn answers(&self, link_id: &str, budget: &mut Budget) -> Vec<&'a Object> {
        for holder in self.entered.iter().rev().chain([&self.response]) {
            let mut items = Vec::new();
            if text(holder, "linkId") == Some(link_id) {
                items.push(*holder);
            } else {
                find(holder, link_id, budget, &mut items);
            }
            if !items.is_empty() {
                return items.iter().flat_map(|item| objects(item, "answer").map(|(_, answer)| answer)).collect();
            }
        }
        Vec::new()
    }
}

/// The expression of an extension, plain or in an Expression of the language FHIRPath.
fn expression_in<'q>(question: &'q Object, url: &str) -> Option<&'q str> {
    match extension_value(question, url)?.1 {
        Value::String(plain) => Some(plain),
        Value::Object(expression) => text(expression, "expression"),
        _ => None,
    }
}

/// How many values a tree has.
fn values_in(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(values_in).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(values_in).sum::<usize>(),
        _ => 1,
    }
}

/// Steps that an expression may take, for each value of the response: a filter over all of them takes a few.
const STEPS_PER_VALUE: u64 = 20;
/// Steps that it may take on the smallest response.
const LEAST_STEPS: u64 = 10_000;

/// All items with that linkId further in.
fn find<'a>(holder: &'a Object, link_id: &str, budget: &mut Budget, found: &mut Vec<&'a Object>) {
    for (_, item) in objects(holder, "item") {
        if !budget.spend(1) {
            return;
        }
        if text(item, "linkId") == Some(link_id) {
            found.push(item);
        }
        find(item, link_id, budget, found);
        for (_, answer) in objects(item, "answer") {
            find(answer, link_id, budget, found);
        }
    }
}

/// Whether an answer stands to the wanted one as the operator says; answers of different kinds never do.
fn compare(operator: &str, found: (&str, &Value), wanted: (&str, &Value)) -> bool {
    let ordering = order_of(found, wanted);
    match operator {
        "=" => ordering == Some(Ordering::Equal) || (ordering.is_none() && same(found.1, wanted.1)),
        "!=" => ordering != Some(Ordering::Equal) && !(ordering.is_none() && same(found.1, wanted.1)),
        ">" => ordering == Some(Ordering::Greater),
        "<" => ordering == Some(Ordering::Less),
        ">=" => matches!(ordering, Some(Ordering::Greater | Ordering::Equal)),
        "<=" => matches!(ordering, Some(Ordering::Less | Ordering::Equal)),
        _ => false,
    }
}

/// The order of two values of kinds that have one.
pub(super) fn order_of(left: (&str, &Value), right: (&str, &Value)) -> Option<Ordering> {
    match (left.1, right.1) {
        (Value::Number(left), Value::Number(right)) => order::decimals(left.as_str(), right.as_str()),
        (Value::String(left_text), Value::String(right_text)) => match (left.0, right.0) {
            ("Date" | "DateTime", "Date" | "DateTime") => order::moments(left_text, right_text),
            ("Time", "Time") => order::times(left_text, right_text),
            _ => None,
        },
        (Value::Object(left_quantity), Value::Object(right_quantity)) if left.0 == "Quantity" => {
            quantities(left_quantity, right_quantity)
        }
        _ => None,
    }
}

/// The order of two quantities whose units allow it.
pub(super) fn quantities(left: &Object, right: &Object) -> Option<Ordering> {
    let number = |of: &Object| match of.get("value") {
        Some(Value::Number(number)) => Some(number.as_str().to_owned()),
        _ => None,
    };
    let (left_number, right_number) = (number(left)?, number(right)?);
    let unit = |of: &Object| (text(of, "system").map(str::to_owned), text(of, "code").map(str::to_owned));
    let (left_unit, right_unit) = (unit(left), unit(right));
    if left_unit == right_unit && (left_unit.1.is_some() || text(left, "unit") == text(right, "unit")) {
        return order::decimals(&left_number, &right_number);
    }
    let both_ucum = [&left_unit, &right_unit].iter().all(|unit| unit.0.as_deref() == Some(ucum::SYSTEM));
    let (Some(left_code), Some(right_code), true) = (left_unit.1, right_unit.1, both_ucum) else {
        return None;
    };
    match ucum::relation(&left_code, &right_code) {
        ucum::Relation::Factor(factor) => ucum::compare(left_number.parse().ok()?, factor, right_number.parse().ok()?),
        _ => None,
    }
}

/// Whether two values without an order are the same: codes by system and code, references by their target.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    let (Value::Object(left), Value::Object(right)) = (left, right) else {
        return left == right;
    };
    if object(right, "identifier").is_some() || text(right, "reference").is_some() {
        return text(left, "reference") == text(right, "reference")
            && left.get("identifier") == right.get("identifier");
    }
    // A code without system stands for itself in the forms that give none.
    let system_fits = text(right, "system").is_none() || text(left, "system") == text(right, "system");
    system_fits && text(left, "code").is_some() && text(left, "code") == text(right, "code")
}
