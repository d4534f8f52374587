//! Puts a resource's values into the vendor's tree, rule by rule.

use super::select::{Selected, constants_met, facts, reference_key};
use super::tree::{Place, Token, find_or_add, get, make, shape};
use crate::account::LawClass;
use crate::fhir_path::{FhirPath, Pick, Slice};
use crate::functions::{Converter, Outside};
use crate::guard::{Guard, same};
use crate::out_block::sent_for;
use crate::plan::{Block, ListRule, Only, PairRule, Plan};
use crate::scope::{Binding, Frame};
use crate::secret::{WITHHELD, is_withheld_form};
use crate::translate::{Context, ItemVerdict, KeyTable, LookupKey, Translated};
use crate::vendor_path::{Base, Selector, Step, VendorPath, field_is, is_absent, scalar_text};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What a variable stands for while FHIR is put in.
#[derive(Debug, Clone)]
enum Bound {
    /// A place.
    Place(Place),
    /// The rows of a group: their list, and the fields that are the same in the group.
    Rows(Place, Vec<(String, String)>),
}

/// The run inwards.
pub struct Put<'p> {
    plan: &'p Plan,
    context: &'p Context,
    keys: &'p KeyTable,
    /// The pointers of the items that spoke in the previous record, by name and key.
    speaking: HashMap<(String, String), String>,
    tree: Value,
    /// Everything found.
    pub issues: Vec<Issue>,
    /// Places in the Bundle whose values could not be taken, with the reason.
    refused: Vec<(String, String)>,
    /// Elements of the resource at hand that a rule has taken.
    claimed: HashSet<String>,
    /// Elements of the resource at hand that a rule could not take: another may.
    untaken: Vec<(String, Issue, String)>,
}

/// Where in the Bundle an element lies.
struct At<'e> {
    element: &'e Value,
    /// All rules of the element, groups included.
    rules: &'e Block,
    expression: String,
    pointer: &'e str,
}

type Scopes = Vec<Option<Bound>>;

impl<'p> Put<'p> {
    /// A run into a tree.
    pub fn new(
        plan: &'p Plan,
        tree: Value,
        before: Option<&Translated>,
        context: &'p Context,
        keys: &'p KeyTable,
    ) -> Put<'p> {
        let items =
            before.into_iter().flat_map(|before| &before.items).filter(|item| item.verdict == ItemVerdict::Translated);
        let speaking =
            items.filter_map(|item| Some(((item.name.clone(), item.key.clone()?), item.pointer.clone()))).collect();
        Put {
            plan,
            context,
            keys,
            speaking,
            tree,
            issues: Vec::new(),
            refused: Vec::new(),
            claimed: HashSet::new(),
            untaken: Vec::new(),
        }
    }

    /// The tree, what was found, and what was refused.
    pub fn finish(self) -> (Value, Vec<Issue>, Vec<(String, String)>) {
        (self.tree, self.issues, self.refused)
    }

    /// Puts one resource in.
    pub fn take(&mut self, pointer: &str, selected: &Selected<'_, '_>) {
        let scopes = self.scopes(selected);
        let expression = selected.plan.resource_type.clone();
        let at = At { element: selected.resource, rules: &selected.plan.block, expression, pointer };
        self.claimed.clear();
        if let Some(when) = &selected.plan.block.when {
            self.assert_guard(when, &scopes);
        }
        self.body(&selected.plan.block, &at, &scopes);
        // The rows of a group are there only now.
        self.assert_guard(&selected.plan.filter, &scopes);
        for (claim, issue, why) in std::mem::take(&mut self.untaken) {
            if !self.claimed.contains(&claim) {
                self.issues.push(issue);
                self.refused.push((pointer.to_string(), why));
            }
        }
    }

    /// Finds or makes the items and elements a resource belongs to.
    fn scopes(&mut self, selected: &Selected<'_, '_>) -> Scopes {
        let mut scopes: Scopes = vec![None; self.plan.slots];
        let mut chain = Vec::new();
        let mut item = selected.plan.item;
        while let Some(index) = item {
            chain.push(index);
            item = self.plan.items[index].parent;
        }
        chain.reverse();
        let grouped_items = selected.plan.grouping.is_some() && selected.plan.each.is_empty();
        for (depth, index) in chain.iter().enumerate() {
            let item = &self.plan.items[*index];
            let Some(list) = self.places(&item.at, &scopes).pop() else { continue };
            let innermost = depth + 1 == chain.len();
            let bound = if innermost && grouped_items {
                Bound::Rows(list, self.group_fields(selected))
            } else if self.is_single(&list) {
                Bound::Place(list)
            } else {
                let known = item.key.as_ref().and_then(|path| Some((fields(path)?, selected.fact_text(path)?)));
                // Of several items with one key the one that was translated is meant.
                let spoke = known.as_ref().and_then(|(_, key)| self.speaking.get(&(item.name.clone(), key.clone())));
                if let Some(index) = spoke.and_then(|pointer| pointer.rsplit('/').next()?.parse().ok()) {
                    let mut place = list.clone();
                    place.push(Token::At(index));
                    scopes[item.slot] = Some(Bound::Place(place));
                    continue;
                }
                let below = chain.get(depth + 1).and_then(|next| {
                    let inner = &self.plan.items[*next];
                    let path = inner.key.as_ref()?;
                    Some((fields_of_steps(&inner.at.steps)?, fields(path)?, selected.fact_text(path)?))
                });
                Bound::Place(self.element(&list, known.as_ref(), below.as_ref()))
            };
            scopes[item.slot] = Some(bound);
        }
        for (depth, step) in selected.plan.each.iter().enumerate() {
            let Some(list) = self.places(&step.path, &scopes).pop() else { continue };
            let last = depth + 1 == selected.plan.each.len();
            let bound = if last && selected.plan.grouping.is_some() {
                Bound::Rows(list, self.group_fields(selected))
            } else {
                let key = selected.plan.id.iter().find(|path| path.base == Base::Variable(step.slot));
                let known = key.and_then(|path| Some((path, selected.fact_text(path)?)));
                Bound::Place(self.keyed(
                    &list,
                    known.as_ref().map(|(path, text)| (*path, text.as_str())),
                    &[],
                    selected.twin,
                ))
            };
            scopes[step.slot] = Some(bound);
        }
        scopes
    }

    fn group_fields(&self, selected: &Selected<'_, '_>) -> Vec<(String, String)> {
        let by = selected.plan.grouping.as_ref().map(|grouping| grouping.by.as_slice()).unwrap_or_default();
        by.iter().filter_map(|path| Some((fields(path)?.pop()?, selected.fact_text(path)?))).collect()
    }

    fn is_single(&self, list: &[Token]) -> bool {
        match get(&self.tree, list) {
            Some(Value::Object(_)) => true,
            Some(Value::Array(_)) => false,
            _ => self.plan.shape.is_single(&shape(list)),
        }
    }

    /// The element of an item's list: by its key; else by what lies in it; else the only one; else a new one.
    fn element(
        &mut self,
        list: &[Token],
        known: Option<&(Vec<String>, String)>,
        below: Option<&(Vec<String>, Vec<String>, String)>,
    ) -> Place {
        let at = |one: &Value, path: &[String]| {
            path.iter().try_fold(one, |value, name| value.get(name)).and_then(scalar_text)
        };
        if let Some((path, key)) = known {
            let place = find_or_add(&mut self.tree, list, &|one| at(one, path).as_ref() == Some(key));
            let mut leaf = place.clone();
            leaf.extend(path.iter().cloned().map(Token::Name));
            if get(&self.tree, &leaf).is_none_or(Value::is_null) {
                let key = self.as_the_schema_has_it(key.clone().into(), &leaf);
                *make(&mut self.tree, &leaf) = key;
            }
            return place;
        }
        if let Some((inner_list, path, key)) = below {
            let holds = |one: &Value| {
                let list = inner_list.iter().try_fold(one, |value, name| value.get(name)).and_then(Value::as_array);
                list.is_some_and(|list| list.iter().any(|inner| at(inner, path).as_ref() == Some(key)))
            };
            if get(&self.tree, list).and_then(Value::as_array).is_some_and(|all| all.iter().any(holds)) {
                return find_or_add(&mut self.tree, list, &holds);
            }
        }
        let only_one = get(&self.tree, list).and_then(Value::as_array).is_some_and(|all| all.len() == 1);
        find_or_add(&mut self.tree, list, &|_| only_one)
    }

    /// The element or member of an `each` whose key is known; else a new one.
    fn keyed(&mut self, list: &[Token], key: Option<(&VendorPath, &str)>, met: &[Place], twin: usize) -> Place {
        match key {
            Some((path, key)) if path.steps.first() == Some(&Step::KeyName) => {
                let mut place = list.to_vec();
                place.push(Token::Name(key.to_string()));
                place
            }
            Some((path, key)) => {
                let names = fields(path).unwrap_or_default();
                // Twins are met one after the other.
                let is = |one: &Value| {
                    let text = names.iter().try_fold(one, |value, name| value.get(name)).and_then(scalar_text);
                    text.is_some_and(|text| text == key || is_withheld_form(&text, key))
                };
                let taken = |index: usize| met.iter().any(|place| place.last() == Some(&Token::At(index)));
                let all = get(&self.tree, list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                let fitting = all.iter().enumerate().filter(|(index, one)| is(one) && !taken(*index));
                let found = fitting.map(|(index, _)| index).nth(twin);
                let place = match found {
                    Some(index) => list.iter().cloned().chain([Token::At(index)]).collect(),
                    None => find_or_add(&mut self.tree, list, &|_| false),
                };
                let mut leaf = place.clone();
                leaf.extend(names.into_iter().map(Token::Name));
                if get(&self.tree, &leaf).is_none_or(Value::is_null) {
                    let key = self.as_the_schema_has_it(key.into(), &leaf);
                    *make(&mut self.tree, &leaf) = key;
                }
                place
            }
            None => find_or_add(&mut self.tree, list, &|_| false),
        }
    }

    /// The places a vendor path stands for; none where it belongs to another message.
    fn places(&mut self, path: &VendorPath, scopes: &Scopes) -> Vec<Place> {
        let mut steps = path.steps.as_slice();
        let mut places: Vec<Place> = match path.base {
            Base::Root => vec![Vec::new()],
            Base::Variable(slot) => match scopes.get(slot).cloned().flatten() {
                None => return Vec::new(),
                Some(Bound::Place(place)) => vec![place],
                Some(Bound::Rows(list, group)) => {
                    let picked = match steps.first() {
                        Some(Step::Select(field, by)) => {
                            steps = &steps[1..];
                            let Some(wanted) = self.selector(by, scopes) else { return Vec::new() };
                            vec![self.row(&list, &group, field, &wanted)]
                        }
                        _ => self.rows(&list, &group),
                    };
                    picked
                }
            },
        };
        for step in steps {
            let mut next = Vec::new();
            for mut place in places {
                match step {
                    Step::Field(name) => place.push(Token::Name(name.clone())),
                    Step::Index(index) => place.push(Token::At(*index)),
                    Step::Last => {
                        let length = get(&self.tree, &place).and_then(Value::as_array).map_or(0, Vec::len);
                        place.push(Token::At(length.saturating_sub(1)));
                    }
                    Step::Select(field, by) => {
                        let Some(wanted) = self.selector(by, scopes) else { continue };
                        place = self.row(&place, &[], field, &wanted);
                    }
                    Step::KeyName => continue,
                }
                next.push(place);
            }
            places = next;
        }
        places
    }

    fn selector(&mut self, by: &Selector, scopes: &Scopes) -> Option<String> {
        match by {
            Selector::Literal(text) => Some(text.clone()),
            Selector::Path(path) => {
                let place = self.places(path, scopes).pop()?;
                get(&self.tree, &place).and_then(scalar_text)
            }
        }
    }

    /// The row of a group with that field, made where it is missing.
    fn row(&mut self, list: &[Token], group: &[(String, String)], field: &str, wanted: &str) -> Place {
        let place = find_or_add(&mut self.tree, list, &|row| {
            field_is(row, field, wanted) && group.iter().all(|(name, value)| field_is(row, name, value))
        });
        for (name, value) in group.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain([(field, wanted)])
        {
            let mut leaf = place.clone();
            leaf.push(Token::Name(name.to_string()));
            if get(&self.tree, &leaf).is_none_or(Value::is_null) {
                *make(&mut self.tree, &leaf) = value.into();
            }
        }
        place
    }

    fn rows(&self, list: &[Token], group: &[(String, String)]) -> Vec<Place> {
        let all = get(&self.tree, list).and_then(Value::as_array).into_iter().flatten().enumerate();
        all.filter(|(_, row)| group.iter().all(|(name, value)| field_is(row, name, value)))
            .map(|(index, _)| list.iter().cloned().chain([Token::At(index)]).collect())
            .collect()
    }

    /// The variables as they stand in the tree now.
    fn frame<'t>(&'t self, scopes: &Scopes) -> Frame<'t> {
        let mut frame = Frame::new(&self.tree, self.plan.slots);
        for (slot, bound) in scopes.iter().enumerate() {
            let binding = match bound {
                None => None,
                Some(Bound::Place(place)) => get(&self.tree, place).map(|value| {
                    let name = match place.last() {
                        Some(Token::Name(name)) => get(&self.tree, &place[..place.len() - 1]).and_then(|above| {
                            above.as_object()?.get_key_value(name.as_str()).map(|(key, _)| key.as_str())
                        }),
                        _ => None,
                    };
                    Binding::one(value, name)
                }),
                Some(Bound::Rows(list, group)) => {
                    let rows: Vec<&Value> =
                        self.rows(list, group).iter().filter_map(|place| get(&self.tree, place)).collect();
                    (!rows.is_empty()).then(|| Binding::rows(rows))
                }
            };
            frame.bind(slot, binding);
        }
        for rule in &self.plan.contexts {
            let Some(key) = rule.key.text(&frame) else { continue };
            let key = LookupKey { message: rule.message.clone(), item: rule.item.clone(), key };
            if let Some(found) = self.context.get(&key) {
                frame.bind(rule.slot, Some(Binding::one(found, None)));
            }
        }
        frame
    }

    /// Writes what a guard says must be, where it does not hold.
    fn assert_guard(&mut self, guard: &Guard, scopes: &Scopes) {
        if guard.holds(&self.frame(scopes), &mut |_| {}) {
            return;
        }
        for (path, value) in guard.equalities() {
            self.set(path, value.clone(), scopes);
        }
        for (path, member) in guard.members() {
            for place in self.places(path, scopes) {
                let there = get(&self.tree, &place).and_then(Value::as_array);
                if !there.is_some_and(|list| list.iter().any(|one| same(one, member))) {
                    let list = make(&mut self.tree, &place);
                    if let Value::Array(list) = list {
                        list.push(member.clone());
                    } else {
                        *list = Value::Array(vec![member.clone()]);
                    }
                }
            }
        }
    }

    fn set(&mut self, path: &VendorPath, value: Value, scopes: &Scopes) {
        for place in self.places(path, scopes) {
            let value = self.as_the_schema_has_it(value.clone(), &place);
            *make(&mut self.tree, &place) = value;
        }
    }

    /// A number as text, or text as a number, where the source schema allows only the other.
    fn as_the_schema_has_it(&self, value: Value, place: &[Token]) -> Value {
        let types = self.plan.shape.types(&shape(place));
        let number_allowed = types.contains(&"number") || types.contains(&"integer");
        match &value {
            Value::Number(number) if types.contains(&"string") && !number_allowed => number.to_string().into(),
            Value::String(text) if number_allowed && !types.contains(&"string") => {
                serde_json::from_str::<Value>(text).ok().filter(Value::is_number).unwrap_or(value)
            }
            _ => value,
        }
    }

    fn body(&mut self, block: &Block, at: &At<'_>, scopes: &Scopes) {
        self.claim_constants(block, at, scopes);
        let mut pairs: Vec<&PairRule> = block.pairs.iter().filter(|rule| rule.only != Only::Out).collect();
        // Rows of a group come first, for the other rules speak of all of them; and what several codes were made one of
        // gives way to what says it exactly.
        let picks_a_row =
            |rule: &PairRule| rule.sources.iter().any(|path| matches!(path.steps.first(), Some(Step::Select(..))));
        pairs.sort_by_key(|rule| (!picks_a_row(rule), rule.class != LawClass::Collapse));
        pairs.iter().for_each(|rule| self.pair(rule, at, scopes));
        for rule in &block.exists {
            let there = rule.to.get(at.element).is_some();
            let now = rule.source.value(&self.frame(scopes)).and_then(Value::as_bool);
            if there != (now == Some(true)) {
                self.set(&rule.source, there.into(), scopes);
            }
        }
        for rule in &block.refs {
            let Some(key) = reference_key(rule, at.element, self.keys) else {
                let stated = rule.to.get(at.element).and_then(|one| one.get("reference")).is_some();
                if !stated && rule.identifier.is_some() {
                    rule.key.iter().for_each(|path| self.clear(path, scopes));
                }
                continue;
            };
            for (path, text) in rule.key.iter().zip(key) {
                if path.text(&self.frame(scopes)).as_deref() != Some(text.as_str()) {
                    self.set(path, text.into(), scopes);
                }
            }
        }
        for rule in &block.texts {
            let Some(text) = rule.to.get(at.element).and_then(Value::as_str) else { continue };
            let now = rule.text.render(&self.frame(scopes), &mut |_| {});
            if now.is_some_and(|now| now == text || is_withheld_form(&now, text)) || text.contains(WITHHELD) {
                continue;
            }
            let found = rule.back.as_ref().and_then(|template| template.read_back(text));
            for (path, value) in found.into_iter().flatten() {
                self.set(path, value.into(), scopes);
            }
        }
        let holds = |put: &Self, group: &Block| {
            group.when.as_ref().is_none_or(|when| when.holds(&put.frame(scopes), &mut |_| {}))
        };
        let (certain, open): (Vec<&Block>, Vec<&Block>) = block
            .groups
            .iter()
            .partition(|group| shown(group, at.element) || (holds(self, group) && group.constants.is_empty()));
        for group in certain {
            if let Some(when) = &group.when
                && shown(group, at.element)
            {
                self.assert_guard(when, scopes);
            }
            self.body(group, at, scopes);
        }
        open.into_iter().for_each(|group| self.attempt(group, at, scopes));
        for rule in block.lists.iter().filter(|rule| !rule.only_out) {
            let slices = slices_beside(at.rules, &rule.to);
            self.list(rule, at, scopes, &slices);
        }
    }

    /// What a group's constants have put there as the record stands is no statement of another rule.
    fn claim_constants(&mut self, block: &Block, at: &At<'_>, scopes: &Scopes) {
        for group in &block.groups {
            let holds = group.when.as_ref().is_none_or(|when| when.holds(&self.frame(scopes), &mut |_| {}));
            if holds && shown(group, at.element) {
                self.claimed.extend(group.constants.iter().map(|rule| claim(at, &rule.to)));
                self.claim_constants(group, at, scopes);
            }
        }
    }

    /// A group whose guard does not hold yet is tried: it stays when its elements are there, no other rule has taken
    /// them, and its guard holds once they are written.
    fn attempt(&mut self, group: &Block, at: &At<'_>, scopes: &Scopes) {
        if !group.constants.is_empty() {
            // Its constants are not there: what it sent before is gone from FHIR.
            if group.when.as_ref().is_none_or(|when| when.holds(&self.frame(scopes), &mut |_| {})) {
                self.body(group, at, scopes);
            }
            return;
        }
        let free = |to: &FhirPath| !self.claimed.contains(&claim(at, to));
        let pairs = group.pairs.iter().filter(|rule| rule.only != Only::Out && free(&rule.to));
        let stated = pairs
            .into_iter()
            .any(|rule| rule.to.get(at.element).is_some_and(|value| rule.converter.back(value).is_ok()))
            || group.texts.iter().filter(|rule| free(&rule.to)).any(|rule| {
                let text = rule.to.get(at.element).and_then(Value::as_str);
                text.zip(rule.back.as_ref()).is_some_and(|(text, template)| template.read_back(text).is_some())
            });
        if !stated {
            return;
        }
        let before = (self.tree.clone(), self.claimed.clone(), self.untaken.len());
        if let Some(when) = &group.when {
            for (path, value) in when.equalities() {
                if path.value(&self.frame(scopes)).is_none() {
                    self.set(path, value.clone(), scopes);
                }
            }
        }
        self.body(group, at, scopes);
        if !group.when.as_ref().is_none_or(|when| when.holds(&self.frame(scopes), &mut |_| {})) {
            (self.tree, self.claimed) = (before.0, before.1);
            self.untaken.truncate(before.2);
        }
    }

    fn pair(&mut self, rule: &PairRule, at: &At<'_>, scopes: &Scopes) {
        if let Some(when) = &rule.when
            && rule.to.get(at.element).is_none()
            && !when.holds(&self.frame(scopes), &mut |_| {})
        {
            return;
        }
        let stated = rule.to.get(at.element).map(|value| (value, &rule.converter));
        let other = || {
            let (to, converter) = rule.otherwise.as_ref()?;
            Some((to.get(at.element)?, converter))
        };
        let Some((value, converter)) = stated.or_else(other) else {
            let carried = sent_for(&rule.sources, &rule.converter, &self.frame(scopes)).is_some();
            let taken = self.claimed.contains(&claim(at, &rule.to));
            if carried && !taken {
                rule.sources.iter().for_each(|path| self.clear(path, scopes));
            }
            return;
        };
        if sent_for(&rule.sources, converter, &self.frame(scopes)).is_some_and(|sent| alike(&sent, value)) {
            self.claimed.insert(claim(at, &rule.to));
            return;
        }
        if self.claimed.contains(&claim(at, &rule.to)) {
            return;
        }
        let back = if has_withheld(value) { Err(Outside::withheld()) } else { converter.back(value) };
        match back {
            Ok(values) => {
                self.claimed.insert(claim(at, &rule.to));
                self.put_values(rule, converter, values, scopes);
            }
            Err(outside) => self.refuse(rule, &outside, at),
        }
    }

    fn put_values(&mut self, rule: &PairRule, converter: &Converter, values: Vec<Option<Value>>, scopes: &Scopes) {
        let carried_elsewhere = matches!(converter, Converter::Table(_)) && values.iter().all(Option::is_none);
        if carried_elsewhere {
            return;
        }
        let mut values = values.into_iter();
        for path in &rule.sources {
            match values.next().flatten() {
                Some(value) => self.set(path, value, scopes),
                None => self.clear(path, scopes),
            }
        }
    }

    /// Empties a value that FHIR no longer has. Keys and what is absent stay as they are.
    fn clear(&mut self, path: &VendorPath, scopes: &Scopes) {
        let is_key = self
            .plan
            .items
            .iter()
            .any(|item| item.key.as_ref().is_some_and(|key| key.base == path.base && key.steps == path.steps));
        if is_key {
            return;
        }
        for place in self.places(path, scopes) {
            if get(&self.tree, &place).is_some_and(|value| !is_absent(value)) {
                let list = get(&self.tree, &place).is_some_and(Value::is_array);
                *make(&mut self.tree, &place) = if list { Value::Array(Vec::new()) } else { Value::Null };
            }
        }
    }

    fn refuse(&mut self, rule: &PairRule, outside: &Outside, at: &At<'_>) {
        let mut expression = at.expression.clone();
        rule.to.steps.iter().for_each(|step| {
            expression.push('.');
            expression.push_str(&step.name);
        });
        let issue = Issue::error(
            IssueCode::NotSupported,
            IssueKey::MappingRefused,
            format!("The vendor's format cannot hold this value: {}.", outside.what),
        )
        .with_expression(expression)
        .with_pointer(at.pointer)
        .with_rule(rule.rule.clone())
        .with_hint("change it by hand in the vendor's system");
        self.untaken.push((claim(at, &rule.to), issue, outside.what.clone()));
    }

    fn list(&mut self, rule: &ListRule, at: &At<'_>, scopes: &Scopes, beside: &[Arc<Slice>]) {
        let Some(list) = self.places(&rule.each, scopes).pop() else { return };
        let elements = rule.to.get(at.element).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let before = self.sent_elements(rule, &list, scopes);
        let mut met: Vec<Place> = Vec::new();
        let own = |one: &Value| constants_met(&rule.block, one) && !beside.iter().any(|slice| slice.is(one));
        for (index, element) in elements.iter().enumerate().filter(|(_, one)| own(one)) {
            let stated = facts(&rule.block, element, self.keys);
            let key = rule.key.as_ref().and_then(|path| {
                let (_, value) =
                    stated.iter().find(|(known, _)| known.base == path.base && known.steps == path.steps)?;
                Some((path, scalar_text(value)?))
            });
            let Some((path, key)) = key else { continue };
            let place = self.keyed(&list, Some((path, key.as_str())), &met, 0);
            let mut inner = scopes.clone();
            inner[rule.slot] = Some(Bound::Place(place.clone()));
            if let Some(when) = &rule.block.when {
                self.assert_guard(when, &inner);
            }
            let names: Vec<&str> = rule.to.steps.iter().map(|step| step.name.as_str()).collect();
            let below = At {
                element,
                rules: &rule.block,
                expression: format!("{}.{}[{index}]", at.expression, names.join(".")),
                pointer: at.pointer,
            };
            self.body(&rule.block, &below, &inner);
            met.push(place);
        }
        self.remove(before.into_iter().filter(|place| !met.contains(place)).collect());
    }

    /// The elements of the vendor's list that the rule sends now.
    fn sent_elements(&self, rule: &ListRule, list: &[Token], scopes: &Scopes) -> Vec<Place> {
        let token =
            |index: usize, name: Option<&str>| name.map_or(Token::At(index), |name| Token::Name(name.to_string()));
        let found: Vec<Place> = match get(&self.tree, list) {
            Some(Value::Array(all)) => (0..all.len()).map(|index| token(index, None)).collect::<Vec<_>>(),
            Some(Value::Object(all)) => all.keys().map(|name| token(0, Some(name))).collect(),
            _ => Vec::new(),
        }
        .into_iter()
        .map(|token| list.iter().cloned().chain([token]).collect())
        .collect();
        found
            .into_iter()
            .filter(|place| {
                let mut inner = scopes.clone();
                inner[rule.slot] = Some(Bound::Place(place.clone()));
                let frame = self.frame(&inner);
                let holds = rule.block.when.as_ref().is_none_or(|when| when.holds(&frame, &mut |_| {}));
                holds && rule.key.as_ref().is_none_or(|key| key.text(&frame).is_some())
            })
            .collect()
    }

    fn remove(&mut self, mut places: Vec<Place>) {
        // From the end, so that the places before stay right.
        places.reverse();
        for place in places {
            let Some((token, above)) = place.split_last() else { continue };
            match (make(&mut self.tree, above), token) {
                (Value::Array(list), Token::At(index)) if *index < list.len() => {
                    list.remove(*index);
                }
                (Value::Object(map), Token::Name(name)) => {
                    map.shift_remove(name);
                }
                // A place that is gone already needs no removing.
                _ => {}
            }
        }
    }
}

/// What tells an element of a resource, for rules that could both take it.
fn claim(at: &At<'_>, to: &FhirPath) -> String {
    format!("{}.{}", at.expression, to.text())
}

/// Whether a group shows itself by its constants.
fn shown(group: &Block, element: &Value) -> bool {
    !group.constants.is_empty() && constants_met(group, element)
}

/// The slices that other rules of a block have in a list, so that its elements are not taken for theirs.
fn slices_beside(block: &Block, list: &FhirPath) -> Vec<Arc<Slice>> {
    let names: Vec<&str> = list.steps.iter().map(|step| step.name.as_str()).collect();
    let mut out = Vec::new();
    let paths = block.constants.iter().map(|rule| &rule.to).chain(block.pairs.iter().map(|rule| &rule.to));
    let paths = paths.chain(block.exists.iter().map(|rule| &rule.to)).chain(block.texts.iter().map(|rule| &rule.to));
    for path in paths.chain(block.refs.iter().map(|rule| &rule.to)) {
        let same =
            path.steps.len() >= names.len() && path.steps.iter().zip(&names).all(|(step, name)| step.name == **name);
        if let (true, Some(Pick::Slice(slice))) = (same, path.steps.get(names.len() - 1).map(|step| &step.pick)) {
            out.push(slice.clone());
        }
    }
    out.extend(block.groups.iter().flat_map(|group| slices_beside(group, list)));
    out
}

/// Equal, numbers by value.
fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| alike(value, other)))
        }
        (Value::String(original), Value::String(sent)) => original == sent || is_withheld_form(original, sent),
        _ => same(a, b),
    }
}

/// Whether a value has text in it from which a secret is withheld: putting it in would destroy the secret.
fn has_withheld(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(WITHHELD),
        Value::Array(list) => list.iter().any(has_withheld),
        Value::Object(map) => map.values().any(has_withheld),
        _ => false,
    }
}

fn fields(path: &VendorPath) -> Option<Vec<String>> {
    fields_of_steps(&path.steps)
}

fn fields_of_steps(steps: &[Step]) -> Option<Vec<String>> {
    steps
        .iter()
        .map(|step| match step {
            Step::Field(name) => Some(name.clone()),
            _ => None,
        })
        .collect()
}
