//! What became of values, counted: of the messages of one run, and of a plugin over its examples. Never a value itself.

mod html;
mod page;
mod plugin;
mod text;

pub use plugin::{Direction, Fired, MessageCoverage, PluginCoverage, of_plugin};

use crate::account::{AccountRow, LawClass, Outcome};
use crate::instances::covers;
use ginnel_schemas::json_pointer::{push_token, tokens};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Most characters of a member that no schema knows and that is shown as it is spelt.
const LONGEST_NAME: usize = 64;

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For a terminal.
    Text,
    /// For programs.
    Json,
    /// For people who print it, or pass it on: one file that fetches nothing.
    Html,
}

impl Form {
    /// The form that a file's ending asks for.
    pub fn of_file(path: &std::path::Path) -> Option<Form> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "txt" | "text" => Some(Form::Text),
            "json" => Some(Form::Json),
            "html" | "htm" => Some(Form::Html),
            _ => None,
        }
    }

    fn write(self, page: &page::Page, json: serde_json::Value) -> String {
        match self {
            Form::Text => text::text(page),
            Form::Html => html::html(page),
            Form::Json => format!("{json:#}\n"),
        }
    }
}

/// Outcomes by their codes, each with how many values it is of.
pub type Counts = BTreeMap<&'static str, usize>;

/// What became of values, by place, by rule and by reason.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Coverage {
    /// What it is about, for people.
    pub title: String,
    /// How many messages.
    pub messages: usize,
    /// How many values.
    pub values: usize,
    /// How many of each outcome.
    pub outcomes: Counts,
    /// By place, lists folded, in the order in which they were first seen.
    pub fields: Vec<Field>,
    /// By mapping rule.
    pub rules: Vec<RuleUse>,
    /// Values that were not sent, by reason.
    pub not_sent: Vec<NotSent>,
    #[serde(skip)]
    places: HashMap<String, usize>,
    #[serde(skip)]
    uses: HashMap<Arc<str>, usize>,
    #[serde(skip)]
    folded: HashMap<String, String>,
}

/// A place with what became of the values there.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Field {
    /// JSON Pointer with `*` for any element of a list; of FHIR, the element's path.
    pub field: String,
    /// How many values.
    pub values: usize,
    /// How many of each outcome.
    pub outcomes: Counts,
    /// What it became on the other side.
    pub becomes: Vec<String>,
    /// Why values were not sent.
    pub reasons: Vec<NotSent>,
}

/// A rule with how many values it took.
#[derive(Debug, Clone, Serialize)]
pub struct RuleUse {
    /// The rule, as `file:line`.
    pub rule: String,
    /// What it promises.
    pub class: Option<&'static str>,
    /// How many values.
    pub values: usize,
    /// How many of each outcome.
    pub outcomes: Counts,
}

/// Values that were not sent for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotSent {
    /// What became of them instead.
    pub outcome: &'static str,
    /// Why.
    pub reason: String,
    /// How many.
    pub values: usize,
}

/// Whether a value with this outcome is not in what was sent.
pub fn is_unsent(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Kept | Outcome::Dropped | Outcome::Refused | Outcome::Inconsistent)
}

/// What became of the values of one message; `leaves` are those that its schema allows, as patterns.
pub fn of_account(title: impl Into<String>, rows: &[AccountRow], leaves: &[String]) -> Coverage {
    let mut coverage = Coverage::new(title);
    coverage.add(rows, leaves);
    coverage
}

impl Coverage {
    /// Of nothing yet.
    pub fn new(title: impl Into<String>) -> Coverage {
        Coverage { title: title.into(), ..Coverage::default() }
    }

    /// Adds a message's account.
    pub fn add(&mut self, rows: &[AccountRow], leaves: &[String]) {
        self.messages += 1;
        for row in rows {
            let field = self.fold(&row.pointer, leaves);
            // Going in, the other side is the vendor's payload.
            let becomes = row
                .expression
                .as_deref()
                .map(|one| if one.starts_with('/') { self.fold(one, leaves) } else { crate::rule_list::folded(one) });
            self.count(field, row, becomes);
        }
    }

    /// Adds one row under a place that is folded already.
    fn count(&mut self, field: String, row: &AccountRow, becomes: Option<String>) {
        let code = row.outcome.code();
        self.values += 1;
        *self.outcomes.entry(code).or_default() += 1;
        let fields = &mut self.fields;
        let at = *self.places.entry(field.clone()).or_insert_with(|| {
            fields.push(Field { field, ..Field::default() });
            fields.len() - 1
        });
        if let Some(field) = self.fields.get_mut(at) {
            field.values += 1;
            *field.outcomes.entry(code).or_default() += 1;
            field.becomes.extend(becomes.filter(|one| !field.becomes.contains(one)));
            if is_unsent(row.outcome) {
                reason_of(&mut field.reasons, row);
            }
        }
        if is_unsent(row.outcome) {
            reason_of(&mut self.not_sent, row);
        }
        if let Some(rule) = &row.rule {
            let rules = &mut self.rules;
            let at = *self.uses.entry(rule.clone()).or_insert_with(|| {
                let class = row.class.map(LawClass::code);
                rules.push(RuleUse { rule: rule.to_string(), class, values: 0, outcomes: Counts::new() });
                rules.len() - 1
            });
            if let Some(used) = self.rules.get_mut(at) {
                used.values += 1;
                *used.outcomes.entry(code).or_default() += 1;
            }
        }
    }

    /// The report of it.
    pub fn report(&self, form: Form) -> String {
        form.write(&page::of_messages(self), serde_json::json!(self))
    }

    /// The share of values that are in what was sent, in percent; of nothing it is all.
    pub fn sent_percent(&self) -> usize {
        let unsent: usize = self.not_sent.iter().map(|one| one.values).sum();
        percent(self.values.saturating_sub(unsent), self.values)
    }

    /// A place as the schema names it, or with its numbers folded where the schema does not know it.
    fn fold(&mut self, pointer: &str, leaves: &[String]) -> String {
        if let Some(known) = self.folded.get(pointer) {
            return known.clone();
        }
        let folded = fold(pointer, leaves);
        // A stream has as many pointers as it has values; what repeats comes early.
        if self.folded.len() < 10_000 {
            self.folded.insert(pointer.to_owned(), folded.clone());
        }
        folded
    }
}

/// A share in percent; of nothing it is all. Rounded down, so that 100 means all of it.
pub fn percent(part: usize, whole: usize) -> usize {
    (part * 100).checked_div(whole).unwrap_or(100)
}

fn reason_of(reasons: &mut Vec<NotSent>, row: &AccountRow) {
    let (outcome, reason) = (row.outcome.code(), row.reason.clone().unwrap_or_else(|| "no reason is stated".into()));
    match reasons.iter_mut().find(|one| one.outcome == outcome && one.reason == reason) {
        Some(one) => one.values += 1,
        None => reasons.push(NotSent { outcome, reason, values: 1 }),
    }
}

/// A pointer with `*` for what the schema leaves open, or for numbers where it knows nothing of the place.
fn fold(pointer: &str, leaves: &[String]) -> String {
    let deepest = leaves.iter().filter(|leaf| covers(leaf, pointer)).max_by_key(|leaf| leaf.matches('/').count());
    if let Some(leaf) = deepest {
        return leaf.clone();
    }
    let mut out = String::new();
    for token in tokens(pointer).unwrap_or_default() {
        let number = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
        let name = token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.$@".contains(&byte));
        // What is no name may be somebody's words, written where a name belongs.
        let shown = if number {
            "*"
        } else if name && token.len() <= LONGEST_NAME {
            &token
        } else {
            "?"
        };
        push_token(&mut out, shown);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(pointer: &str, outcome: Outcome, reason: Option<&str>) -> AccountRow {
        AccountRow {
            pointer: pointer.into(),
            outcome,
            rule: Some("a:1".into()),
            class: Some(LawClass::Iso),
            expression: Some("Patient.name[0].family".into()),
            reason: reason.map(str::to_owned),
            source: None,
        }
    }

    #[test]
    fn values_are_counted_by_place_rule_and_reason() {
        let rows = [
            row("/data/0/name", Outcome::Mapped, None),
            row("/data/1/name", Outcome::Kept, Some("no home")),
            row("/data/1/extra", Outcome::Kept, Some("no home")),
        ];
        let coverage = of_account("t", &rows, &["/data/*/name".into()]);
        let fields: Vec<_> = coverage.fields.iter().map(|one| (one.field.as_str(), one.values)).collect();
        assert_eq!(fields, [("/data/*/name", 2), ("/data/*/extra", 1)]);
        assert_eq!(coverage.not_sent, [NotSent { outcome: "kept", reason: "no home".into(), values: 2 }]);
        assert_eq!((coverage.values, coverage.rules[0].values, coverage.sent_percent()), (3, 3, 33));
        assert_eq!(coverage.fields[0].becomes, ["Patient.name.family"]);
    }

    #[test]
    fn what_stands_where_a_name_belongs_is_not_shown() {
        assert_eq!(fold("/notes/Mrs Ash said no/0", &[]), "/notes/?/*");
        assert_eq!(fold("/answers/anything at all", &["/answers/*".into()]), "/answers/*");
        assert_eq!(fold("/a/12/b_c", &[]), "/a/*/b_c");
    }
}
