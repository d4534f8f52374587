//! The laws of one message: out, back into its own record, back into none, and back after a change.

use super::account_laws::{of_fhir, pattern, resources, rows_of, says_the_same};
use super::payload::{PayloadMaker, Style};
use super::random::Random;
use super::report::{Finding, Law, MessageReport, Step};
use super::tree::{leaves, with};
use super::values;
use crate::account::{AccountRow, LawClass, Outcome};
use crate::leaves::is_below;
use crate::registry::Message;
use crate::translate::{Context, ItemVerdict, Translated, Written};
use crate::vendor_path::{is_absent, scalar_text};
use ginnel_schemas::issue::{IssueKey, any_error};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// One message with what it leans on.
pub struct MessageCase<'c> {
    /// The message.
    pub message: &'c Message,
    /// What other messages said.
    pub context: &'c Context,
    /// Where chance starts for this case.
    pub seed: u64,
    /// How many leaves are changed to see what follows.
    pub changes: usize,
}

/// A payload and what it says in FHIR.
struct Said<'c> {
    payload: &'c Value,
    translated: &'c Translated,
    bundle: &'c Value,
    only: Option<&'c Finding>,
}

impl Said<'_> {
    /// Whether a place is to be changed: all are, unless one finding is looked at.
    fn is_changed(&self, pointer: &str) -> bool {
        self.only.is_none_or(|one| one.changed == pattern(pointer))
    }
}

impl MessageCase<'_> {
    /// Where a Bundle differs from the one that is wanted.
    pub fn compared(wanted: &Value, bundle: &Value) -> Vec<Finding> {
        let differs = (wanted != bundle)
            .then(|| difference(wanted, bundle).unwrap_or((String::new(), "has its members in another order")));
        let told = differs.map(|(pointer, what)| {
            Finding::new(Law::Example, pointer, format!("the Bundle {what}, against the file beside it"))
        });
        told.into_iter().collect()
    }

    fn out(&self, payload: &Value) -> Translated {
        self.message.translate(payload, self.message.check(payload), self.context)
    }

    /// Everything in which a payload breaks the laws; `only` those that one finding is about.
    pub fn findings(
        &self,
        payload: &Value,
        maker: &mut PayloadMaker<'_>,
        only: Option<&Finding>,
        report: &mut MessageReport,
    ) -> Vec<Finding> {
        let translated = self.out(payload);
        count(report, payload, self.message, &translated);
        let bundle = translated.bundle();
        let said = Said { payload, translated: &translated, bundle: &bundle, only };
        let mut found = Vec::new();
        for step in [Step::Out, Step::Order, Step::Unchanged, Step::NoRecord, Step::Leaves, Step::Elements] {
            if only.is_some_and(|one| one.step != step) {
                continue;
            }
            // Each step has its own chance, so that one alone finds what it found among the others.
            let mut random = Random::of_case(self.seed, step.code());
            let of_step = match step {
                Step::Out => self.twice(&said),
                Step::Order => self.order(payload, &translated, &mut random),
                Step::Unchanged => self.get_put(payload, &bundle),
                Step::NoRecord => self.there_and_back(&said, report),
                Step::Leaves => self.changed_leaves(&said, maker, &mut random, report),
                Step::Elements => self.changed_elements(&said, &mut random, report),
            };
            found.extend(of_step.into_iter().map(|one| Finding { step, ..one }));
        }
        found
    }

    fn twice(&self, said: &Said<'_>) -> Vec<Finding> {
        let mut found = rows_of(Law::Account, said.payload, &said.translated.account);
        let again = self.out(said.payload);
        if again.bundle() != *said.bundle || again.account != said.translated.account {
            found.push(Finding::new(Law::SameAgain, "", "the same message, translated twice, gives two results"));
        }
        found
    }

    /// Items in another order make the same resources. Of items with one key the last speaks, so there order matters.
    fn order(&self, payload: &Value, translated: &Translated, random: &mut Random) -> Vec<Finding> {
        if translated.issues.iter().any(|issue| issue.key == IssueKey::MappingDuplicateIdentity) {
            return Vec::new();
        }
        let mut shuffled = payload.clone();
        let lists: Vec<String> = translated
            .items
            .iter()
            .filter_map(|item| ginnel_schemas::json_pointer::parent(&item.pointer).map(str::to_string))
            .filter(|list| list.matches('/').count() == 1)
            .collect();
        for list in lists {
            if let Some(Value::Array(items)) = shuffled.pointer_mut(&list) {
                random.shuffle(items);
            }
        }
        let other = self.out(&shuffled);
        let by_id = |translated: &Translated| -> BTreeMap<String, Value> {
            let used = translated.items.iter().filter(|item| item.verdict == ItemVerdict::Translated);
            let all = used.flat_map(|item| &item.resources);
            all.map(|one| (format!("{}/{}", one["resourceType"], one["id"]), one.clone())).collect()
        };
        let (before, after) = (by_id(translated), by_id(&other));
        match before.iter().find(|(id, one)| after.get(*id) != Some(one)) {
            None if before.len() == after.len() => Vec::new(),
            None => vec![Finding::new(Law::Order, "", "items in another order make more resources")],
            Some((id, _)) => {
                vec![Finding::new(Law::Order, "", format!("items in another order make another {id}"))]
            }
        }
    }

    fn get_put(&self, payload: &Value, bundle: &Value) -> Vec<Finding> {
        let put = self.message.to_vendor(bundle, std::slice::from_ref(payload), self.context);
        let mut found = Vec::new();
        if let Some((pointer, what)) = difference(payload, &put.payload) {
            found.push(Finding::new(
                Law::GetPut,
                pointer,
                format!("nothing was changed in FHIR, and yet the record {what}"),
            ));
        }
        let wrong = |row: &&AccountRow| matches!(row.outcome, Outcome::Refused | Outcome::Inconsistent);
        if let Some(row) = put.account.iter().find(wrong) {
            let what = format!(
                "nothing was changed in FHIR, and yet `{}` is {}: {}",
                row.pointer,
                row.outcome.code(),
                row.reason.as_deref().unwrap_or_default()
            );
            found.push(Finding::new(Law::GetPut, "", what));
        }
        found.extend(of_fhir(bundle, &put, &self.out(&put.payload).bundle()));
        found
    }

    fn there_and_back(&self, said: &Said<'_>, report: &mut MessageReport) -> Vec<Finding> {
        let (law, Said { payload, translated, bundle, .. }) = (Law::ThereAndBack, said);
        let put = self.message.to_vendor(bundle, &[], self.context);
        let mut found = of_fhir(bundle, &put, &self.out(&put.payload).bundle());
        for row in &put.account {
            if matches!(row.outcome, Outcome::Refused | Outcome::Inconsistent) {
                *report.refused.entry(rule_of(row)).or_default() += 1;
            }
        }
        let sent = Sent::of(translated);
        let all_there: Vec<Value> = leaves(&put.payload).into_iter().map(|(_, value)| value.clone()).collect();
        let mut there: HashMap<String, Vec<&Value>> = HashMap::new();
        for (pointer, value) in leaves(&put.payload) {
            there.entry(pattern(&pointer)).or_default().push(value);
        }
        let values = leaves(payload);
        for (row, (pointer, value)) in translated.account.iter().zip(&values) {
            if row.outcome != Outcome::Mapped || row.class != Some(LawClass::Iso) || value.is_boolean() {
                continue;
            }
            let of_place = there.entry(pattern(pointer)).or_default();
            // A number may come back as the text it was sent as.
            let text = scalar_text(value);
            match of_place.iter().position(|one| says_the_same(one, value) || scalar_text(one) == text) {
                Some(at) => {
                    of_place.swap_remove(at);
                }
                None => {
                    let elsewhere = all_there.iter().any(|one| says_the_same(one, value));
                    let element = row.expression.as_deref().unwrap_or_default();
                    let places = sent.places(pointer, element);
                    let is_mapped = |one: &AccountRow| {
                        one.outcome == Outcome::Mapped && places.iter().any(|place| is_below(&one.pointer, place))
                    };
                    if elsewhere || !put.account.iter().any(is_mapped) {
                        // Another rule says the same in FHIR, and without the record it is the one that speaks; or the
                        // account says what else became of the element.
                        report.moved += 1;
                    } else {
                        let what = format!("an exact value was sent to {element}, and does not come back from there");
                        found.push(Finding::new(law, pointer.clone(), what));
                    }
                }
            }
        }
        found
    }

    /// A mapped leaf gets another value: FHIR shows it, and the record that had the old one gets the new one.
    fn changed_leaves(
        &self,
        said: &Said<'_>,
        maker: &mut PayloadMaker<'_>,
        random: &mut Random,
        report: &mut MessageReport,
    ) -> Vec<Finding> {
        let law = Law::MappedIsMapped;
        let mut found = Vec::new();
        let values = leaves(said.payload);
        let mut mapped: Vec<(&AccountRow, &Value)> = said
            .translated
            .account
            .iter()
            .zip(&values)
            .filter(|(row, _)| row.outcome == Outcome::Mapped && said.is_changed(&row.pointer))
            .map(|(row, (_, value))| (row, *value))
            .collect();
        random.shuffle(&mut mapped);
        for (row, value) in mapped.into_iter().take(self.changes) {
            let before = found.len();
            let style = Style { fullness: 100, oddity: 0, unknown: 0, longest: 2 };
            let other =
                (0..4).filter_map(|_| maker.value_at(&row.pointer, style, random)).find(|other| differs(value, other));
            let Some(changed) = other.and_then(|other| with(said.payload, &row.pointer, other)) else { continue };
            let wanted = self.out(&changed);
            let after = wanted.account.iter().find(|one| one.pointer == row.pointer);
            let is_lens = [Some(row), after].into_iter().flatten().any(|one| one.class == Some(LawClass::Lens));
            if after.is_none_or(|after| after.outcome != Outcome::Mapped) || any_error(&self.message.check(&changed)) {
                continue;
            }
            report.changed_leaves += 1;
            let bundle = wanted.bundle();
            if bundle == *said.bundle {
                // Two spellings of one value are one value in FHIR; a further value makes another.
                let further: Vec<Value> = (0..8)
                    .filter_map(|_| maker.value_at(&row.pointer, style, random))
                    .filter(|other| differs(value, other))
                    .collect();
                let told = further.into_iter().any(|other| {
                    let changed = with(said.payload, &row.pointer, other);
                    changed.is_some_and(|changed| self.out(&changed).bundle() != *said.bundle)
                });
                if row.class != Some(LawClass::Lens) || !told {
                    let what = "this leaf counts as mapped, and another value makes the same FHIR";
                    found.push(Finding::new(law, &row.pointer, what));
                }
                continue;
            }
            if ids(&bundle) != ids(said.bundle) {
                // Another key or another guard makes other resources: that is no update of this record.
                continue;
            }
            let put = self.message.to_vendor(&bundle, std::slice::from_ref(said.payload), self.context);
            let again = self.out(&put.payload).bundle();
            found.extend(of_fhir(&bundle, &put, &again));
            let refused = put.account.iter().any(|row| matches!(row.outcome, Outcome::Refused | Outcome::Inconsistent));
            // An entry with another key is another entry: the old one is taken out, the new one stands at the end.
            let told = refused || put.issues.iter().any(|issue| issue.key == IssueKey::MappingReport);
            let (now, wanted_value) = (put.payload.pointer(&row.pointer), changed.pointer(&row.pointer));
            let arrived = now.zip(wanted_value).is_some_and(|(now, wanted)| !differs(now, wanted));
            // A lens may bring another spelling, as long as it says the same in FHIR; an iso brings the value itself.
            let says_the_same = is_lens && again == bundle;
            if !arrived && !says_the_same && !told {
                let what = format!(
                    "this leaf counts as mapped; another value ({}), sent to FHIR and put into the old record, does not arrive",
                    wanted_value.unwrap_or(&Value::Null)
                );
                found.push(Finding::new(law, &row.pointer, what));
            }
            found.extend(self.kept_stays(said, &put.payload, &put.issues));
            found.iter_mut().skip(before).for_each(|one| one.changed = pattern(&row.pointer));
        }
        found
    }

    /// An element of FHIR gets another value: it comes out again, or the account says why not.
    fn changed_elements(&self, said: &Said<'_>, random: &mut Random, report: &mut MessageReport) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut elements: Vec<(String, &Value)> = leaves(said.bundle)
            .into_iter()
            .filter(|(pointer, _)| pointer.contains("/resource/") && !pointer.contains("/meta/"))
            .filter(|(pointer, _)| !pointer.ends_with("/resource/id") && !pointer.ends_with("/resourceType"))
            .filter(|(pointer, _)| said.is_changed(pointer))
            .collect();
        random.shuffle(&mut elements);
        for (pointer, value) in elements.into_iter().take(self.changes) {
            let before = found.len();
            let Some(changed) = with(said.bundle, &pointer, another(value, random)) else { continue };
            report.changed_elements += 1;
            let put = self.message.to_vendor(&changed, std::slice::from_ref(said.payload), self.context);
            let again = self.out(&put.payload);
            for one in of_fhir(&changed, &put, &again.bundle()) {
                let what = format!("with `{pointer}` changed in FHIR: `{}`: {}", one.pointer, one.what);
                found.push(Finding::new(Law::PutGet, "", what));
            }
            match put.account.iter().find(|row| row.pointer == pointer) {
                Some(row) if matches!(row.outcome, Outcome::Refused | Outcome::Inconsistent | Outcome::Dropped) => {
                    *report.refused.entry(rule_of(row)).or_default() += 1;
                }
                _ => report.taken += 1,
            }
            found.extend(self.kept_stays(said, &put.payload, &put.issues).into_iter().map(|one| {
                let what = format!("with `{pointer}` changed in FHIR: {}", one.what);
                Finding::new(one.law, one.pointer, what)
            }));
            found.iter_mut().skip(before).for_each(|one| one.changed = pattern(&pointer));
        }
        found
    }

    /// What FHIR does not hold is in the record as it was, where nothing around it was taken out, which is said.
    fn kept_stays(&self, said: &Said<'_>, payload: &Value, issues: &[ginnel_schemas::issue::Issue]) -> Vec<Finding> {
        let taken_out = issues.iter().any(|issue| issue.key == IssueKey::MappingReport);
        if taken_out {
            return Vec::new();
        }
        let kept = said.translated.account.iter().filter(|row| matches!(row.outcome, Outcome::Kept | Outcome::Dropped));
        // Where the record has nothing, FHIR may bring something.
        let kept = kept.filter(|row| said.payload.pointer(&row.pointer).is_some_and(|value| !is_absent(value)));
        let aside = kept.filter(|row| matches!(row.class, Some(LawClass::Keep | LawClass::Drop)) || row.rule.is_none());
        let lost = aside.filter(|row| said.payload.pointer(&row.pointer) != payload.pointer(&row.pointer));
        lost.take(1)
            .map(|row| {
                let why = row.reason.as_deref().unwrap_or_default();
                Finding::new(Law::KeptStays, &row.pointer, format!("what FHIR does not hold ({why}) is not as it was"))
            })
            .collect()
    }
}

fn count(report: &mut MessageReport, payload: &Value, message: &Message, translated: &Translated) {
    report.generated += 1;
    report.valid += usize::from(!any_error(&message.check(payload)));
    report.items += translated.items.len();
    let used = translated.items.iter().filter(|item| item.verdict == ItemVerdict::Translated);
    for item in used {
        report.translated += 1;
        report.resources += item.resources.len();
    }
    report.leaves += translated.account.len();
    for row in &translated.account {
        *report.outcomes.entry(row.outcome.code()).or_default() += 1;
    }
}

fn rule_of(row: &AccountRow) -> String {
    row.rule.as_deref().unwrap_or("no rule").to_string()
}

fn ids(bundle: &Value) -> Vec<String> {
    resources(bundle).into_iter().map(|(_, one)| format!("{}/{}", one["resourceType"], one["id"])).collect()
}

/// Whether two values differ by more than their spelling (case, separators, white space, zeros).
fn differs(a: &Value, b: &Value) -> bool {
    let plain = |value: &Value| {
        let text = crate::vendor_path::scalar_text(value).unwrap_or_default();
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
    };
    !says_the_same(a, b) && (plain(a) != plain(b) || plain(a).is_empty())
}

/// The first place in which two trees differ.
pub(super) fn difference(before: &Value, after: &Value) -> Option<(String, &'static str)> {
    let (old, new) = (leaves(before), leaves(after));
    let after_by: HashMap<&str, &Value> = new.iter().map(|(pointer, value)| (pointer.as_str(), *value)).collect();
    for (pointer, value) in &old {
        match after_by.get(pointer.as_str()) {
            None => return Some((pointer.clone(), "lost this leaf")),
            Some(other) if other != value => return Some((pointer.clone(), "has another value here")),
            Some(_) => {}
        }
    }
    if new.len() > old.len() {
        let before_by: std::collections::HashSet<&str> = old.iter().map(|(pointer, _)| pointer.as_str()).collect();
        let added = new.iter().find(|(pointer, _)| !before_by.contains(pointer.as_str()));
        return added.map(|(pointer, _)| (pointer.clone(), "has a leaf more"));
    }
    None
}

/// Where in the Bundle the leaves of a payload went.
struct Sent<'t> {
    /// For each resource of the Bundle: its item's place, and what was written with where it comes from.
    entries: Vec<(&'t str, &'t [Written])>,
}

impl<'t> Sent<'t> {
    fn of(translated: &'t Translated) -> Sent<'t> {
        let used = translated.items.iter().zip(&translated.written);
        let used = used.filter(|(item, _)| item.verdict == ItemVerdict::Translated);
        let entries = used.flat_map(|(item, all)| all.iter().map(|one| (item.pointer.as_str(), one.as_slice())));
        Sent { entries: entries.collect() }
    }

    /// The places of an element in the resources that are made of a leaf or, where only its pair's first leaf is noted,
    /// of its item.
    fn places(&self, leaf: &str, element: &str) -> Vec<String> {
        let at = |exact: bool| {
            let entries = self.entries.iter().enumerate();
            let of_leaf = entries.filter(|(_, (item, written))| {
                written.iter().any(|one| {
                    one.expression == element && if exact { one.origin.pointer == leaf } else { is_below(leaf, item) }
                })
            });
            of_leaf.map(|(index, _)| format!("/entry/{index}/resource{}", pointer_of(element))).collect::<Vec<_>>()
        };
        let exact = at(true);
        if exact.is_empty() { at(false) } else { exact }
    }
}

/// `Patient.name[0].given` as `/name/0/given`.
fn pointer_of(expression: &str) -> String {
    let steps = expression.split('.').skip(1);
    steps.map(|step| format!("/{}", step.replace('[', "/").replace(']', ""))).collect()
}

/// Another value of the same kind.
fn another(value: &Value, random: &mut Random) -> Value {
    match value {
        Value::Bool(flag) => (!flag).into(),
        Value::Number(number) if number.is_i64() || number.is_u64() => random.between(1, 400).into(),
        Value::Number(_) => values::number(random),
        Value::String(text) if text.parse::<jiff::Timestamp>().is_ok() => values::instant(random).into(),
        Value::String(text) if text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok() => {
            values::date(random).into()
        }
        Value::String(text) if random.chance(20) => format!("{text} and more").into(),
        Value::String(_) => values::text(random).into(),
        other => other.clone(),
    }
}
