//! Where a resource's values belong in the vendor's tree: items, elements, rows of groups; found, or made where missing.

use super::select::Selected;
use super::tree::{Place, Token, Tree, place_of, pointer_of, shape};
use crate::account::Outcome;
use crate::out::Traces;
use crate::plan::Plan;
use crate::scope::{Binding, Frame};
use crate::secret::is_withheld_form;
use crate::translate::{Context, ItemVerdict, KeyTable, LookupKey, Translated};
use crate::vendor_path::{Base, Selector, Step, VendorPath, field_is, field_is_one_of, scalar_text};
use ginnel_schemas::issue::{Issue, IssueKey};
use ginnel_schemas::json_pointer::push_token;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The run inwards.
pub struct Put<'p> {
    pub(super) plan: &'p Plan,
    pub(super) context: &'p Context,
    pub(super) keys: &'p KeyTable,
    /// The pointers of the items that spoke in the previous record, by name and key.
    pub(super) speaking: HashMap<(String, String), String>,
    /// The places of the previous record that FHIR was never told of: that FHIR lacks them takes nothing away.
    kept: HashSet<&'p str>,
    /// The places of the previous record that its schema does not know; no rule sends them.
    pub(super) unknown: HashSet<&'p str>,
    /// Where the resources of the previous record come from.
    traces: &'p Traces,
    /// What the previous record says.
    spoken: Option<&'p Translated>,
    /// The resource that is put in, as the previous record makes it.
    pub(super) as_it_was: Option<&'p Value>,
    /// Where the references of the previous record lead.
    pub(super) links: &'p HashMap<String, String>,
    pub(super) tree: Tree,
    /// Elements that FHIR no longer has; they go at the end, so that all places stay right until then.
    pub(super) gone: Vec<Place>,
    /// Everything found.
    pub issues: Vec<Issue>,
    /// Places in the Bundle whose values could not be taken, with the reason.
    pub(super) refused: Vec<(String, String)>,
    /// Whether the resource at hand comes from the previous record.
    pub(super) known: bool,
    /// Elements of the resource at hand that a rule has taken.
    pub(super) claimed: HashSet<String>,
    /// Elements of the resource at hand that are as the record has them, and are only sent; what lies in them says nothing.
    pub(super) only_sent: HashSet<String>,
    /// What was read by rules that write nothing out.
    pub(super) read: Vec<ReadOnly>,
    /// Elements of the resource at hand that a rule could not take: another may.
    pub(super) untaken: Vec<(String, Issue, String)>,
    /// Which rule has put a resource of its own into which item.
    held: HashSet<(String, Place)>,
}

/// A value that a rule reads and never writes out.
#[derive(Debug)]
pub struct ReadOnly {
    /// The resource's place in the Bundle.
    pub resource: String,
    /// The element.
    pub expression: String,
    /// Where in the vendor's tree it went, and what was written there.
    pub place: Place,
    /// What was written there.
    pub value: Value,
    /// The rule.
    pub rule: Arc<str>,
}

/// What a run inwards comes to.
#[derive(Debug)]
pub struct Done {
    /// The tree.
    pub payload: Value,
    /// What was found.
    pub issues: Vec<Issue>,
    /// Places in the Bundle whose values could not be taken, with the reason.
    pub refused: Vec<(String, String)>,
    /// What was read by rules that write nothing out.
    pub read: Vec<ReadOnly>,
}

/// The previous record, translated.
pub struct Before<'b> {
    /// What it says in FHIR.
    pub spoken: Option<&'b Translated>,
    /// Where each of its resources comes from.
    pub traces: &'b Traces,
    /// Where its references lead, by the places of their texts.
    pub links: &'b HashMap<String, String>,
}

/// What a variable stands for while FHIR is put in.
#[derive(Debug, Clone)]
pub enum Bound {
    /// A place.
    Place(Place),
    /// The rows of a group: their list, and the fields that are the same in the group.
    Rows(Place, Vec<(String, String)>),
    /// The rows of a group as the previous record has them, and the fields that are the same in them.
    Given(Vec<Place>, Vec<(String, String)>),
}

/// What each variable stands for, by its slot.
pub type Scopes = Vec<Option<Bound>>;

/// The names, as `Type/id`, under which the previous record may have made a resource.
fn names_of(selected: &Selected<'_, '_>) -> impl Iterator<Item = String> {
    let own = selected.resource.get("id").and_then(Value::as_str);
    own.map(|id| format!("{}/{id}", selected.plan.resource_type)).into_iter().chain(selected.becomes.clone())
}

impl<'p> Put<'p> {
    /// A run into a tree.
    pub fn new(plan: &'p Plan, tree: Value, before: Before<'p>, context: &'p Context, keys: &'p KeyTable) -> Put<'p> {
        let items = before
            .spoken
            .into_iter()
            .flat_map(|spoken| &spoken.items)
            .filter(|item| item.verdict == ItemVerdict::Translated);
        let speaking =
            items.filter_map(|item| Some(((item.name.clone(), item.key.clone()?), item.pointer.clone()))).collect();
        let account = before.spoken.into_iter().flat_map(|spoken| &spoken.account);
        let kept = account
            .filter(|row| matches!(row.outcome, Outcome::Kept | Outcome::Dropped | Outcome::Refused))
            .map(|row| row.pointer.as_str())
            .collect();
        let unknown = before.spoken.into_iter().flat_map(|spoken| &spoken.issues);
        let unknown = unknown.filter(|issue| issue.key == IssueKey::SourceUnknownField);
        Put {
            plan,
            kept,
            unknown: unknown.filter_map(|issue| issue.pointer.as_deref()).collect(),
            context,
            keys,
            speaking,
            known: false,
            spoken: before.spoken,
            as_it_was: None,
            links: before.links,
            traces: before.traces,
            tree: Tree::new(tree),
            gone: Vec::new(),
            issues: Vec::new(),
            refused: Vec::new(),
            claimed: HashSet::new(),
            only_sent: HashSet::new(),
            read: Vec::new(),
            untaken: Vec::new(),
            held: HashSet::new(),
        }
    }

    /// The tree, and what became of the rest.
    pub fn finish(mut self) -> Done {
        // From the end, and what lies deeper first.
        self.gone.sort();
        self.gone.dedup();
        while let Some(place) = self.gone.pop() {
            self.tree.remove(&place);
        }
        Done { payload: self.tree.into_root(), issues: self.issues, refused: self.refused, read: self.read }
    }

    /// Whether what stands at a place, or anything in it, was kept in the previous record and not sent.
    pub(super) fn was_kept(&self, place: &[Token]) -> bool {
        fn walk(value: &Value, pointer: &mut String, kept: &HashSet<&str>) -> bool {
            let length = pointer.len();
            let below = |pointer: &mut String, child: &Value, token: &str| {
                push_token(pointer, token);
                let found = walk(child, pointer, kept);
                pointer.truncate(length);
                found
            };
            match value {
                Value::Object(map) if !map.is_empty() => map.iter().any(|(name, child)| below(pointer, child, name)),
                Value::Array(list) if !list.is_empty() => {
                    list.iter().enumerate().any(|(index, child)| below(pointer, child, &index.to_string()))
                }
                leaf => !crate::vendor_path::is_absent(leaf) && kept.contains(pointer.as_str()),
            }
        }
        self.tree.get(place).is_some_and(|value| walk(value, &mut pointer_of(place), &self.kept))
    }

    /// Finds or makes the items and elements a resource belongs to.
    pub(super) fn scopes(&mut self, selected: &Selected<'_, '_>) -> Scopes {
        let scopes = self.traced_scopes(selected).unwrap_or_else(|| self.new_scopes(selected));
        let slot = selected.plan.item.map(|item| self.plan.items[item].slot);
        if let Some(Some(Bound::Place(place))) = slot.and_then(|slot| scopes.get(slot)) {
            self.held.insert((selected.plan.seed.clone(), place.clone()));
        }
        scopes
    }

    fn new_scopes(&mut self, selected: &Selected<'_, '_>) -> Scopes {
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
                let key = known.as_ref().and_then(|_| selected.item_key(item)).map(|key| self.plan.policy.scoped(key));
                let spoke = key.and_then(|key| self.speaking.get(&(item.name.clone(), key)));
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
                // A rule that makes one resource of an item puts the next into another item.
                let one_each = innermost && selected.plan.each.is_empty();
                let rule = one_each.then_some(selected.plan.seed.as_str());
                Bound::Place(self.element(&list, known.as_ref(), below.as_ref(), rule))
            };
            scopes[item.slot] = Some(bound);
        }
        for (depth, step) in selected.plan.each.iter().enumerate() {
            let Some(list) = self.places(&step.path, &scopes).pop() else { continue };
            let last = depth + 1 == selected.plan.each.len();
            let bound = if last && selected.plan.grouping.is_some() {
                Bound::Rows(list, self.group_fields(selected))
            } else {
                let keys = selected.plan.id.iter().filter(|path| path.base == Base::Variable(step.slot));
                let keys: Vec<(&VendorPath, String)> =
                    keys.filter_map(|path| Some((path, selected.fact_text(path)?))).collect();
                Bound::Place(self.keyed(&list, &keys, Some(selected.twin)))
            };
            scopes[step.slot] = Some(bound);
        }
        scopes
    }

    /// Whether a resource is one that the previous record makes.
    pub(super) fn came_from_the_record(&self, selected: &Selected<'_, '_>) -> bool {
        names_of(selected).any(|name| self.traces.contains_key(&name))
    }

    /// The resource as the previous record makes it.
    pub(super) fn spoken_before(&self, selected: &Selected<'_, '_>) -> Option<&'p Value> {
        let id = |one: &Value| one.get("id").and_then(Value::as_str).unwrap_or_default().to_string();
        let is_it =
            |one: &&Value| names_of(selected).any(|name| name == format!("{}/{}", super::type_of(one), id(one)));
        self.spoken.into_iter().flat_map(|spoken| &spoken.items).flat_map(|item| &item.resources).find(is_it)
    }

    /// The places a resource came from in the previous record.
    fn traced_scopes(&self, selected: &Selected<'_, '_>) -> Option<Scopes> {
        let own = selected.resource.get("id").and_then(Value::as_str);
        let own = own.and_then(|id| self.traces.get(&format!("{}/{id}", selected.plan.resource_type)));
        let places = own.or_else(|| self.traces.get(selected.becomes.as_deref()?))?;
        let item_slot = selected.plan.item.map(|item| self.plan.items[item].slot);
        let grouped =
            selected.plan.grouping.as_ref().and_then(|_| selected.plan.each.last().map(|step| step.slot).or(item_slot));
        let scopes = places.iter().enumerate().map(|(slot, pointers)| {
            let mut places: Vec<Place> = pointers.iter().map(|pointer| place_of(self.tree.root(), pointer)).collect();
            if grouped == Some(slot) {
                return Some(Bound::Given(places, self.group_fields(selected)));
            }
            places.truncate(1);
            places.pop().map(Bound::Place)
        });
        Some(scopes.collect())
    }

    fn group_fields(&self, selected: &Selected<'_, '_>) -> Vec<(String, String)> {
        let by = selected.plan.grouping.as_ref().map(|grouping| grouping.by.as_slice()).unwrap_or_default();
        by.iter().filter_map(|path| Some((fields(path)?.pop()?, selected.fact_text(path)?))).collect()
    }

    fn is_single(&self, list: &[Token]) -> bool {
        match self.tree.get(list) {
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
        rule: Option<&str>,
    ) -> Place {
        let at = |one: &Value, path: &[String]| {
            path.iter().try_fold(one, |value, name| value.get(name)).and_then(scalar_text)
        };
        if let Some((path, key)) = known {
            let place = self.tree.find_or_add(list, &|one| at(one, path).as_ref() == Some(key));
            let mut leaf = place.clone();
            leaf.extend(path.iter().cloned().map(Token::Name));
            if self.tree.get(&leaf).is_none_or(Value::is_null) {
                let key = self.as_the_schema_has_it(key.clone().into(), &leaf);
                self.tree.set(&leaf, key);
            }
            return place;
        }
        if let Some((inner_list, path, key)) = below {
            let holds = |one: &Value| {
                let list = inner_list.iter().try_fold(one, |value, name| value.get(name)).and_then(Value::as_array);
                list.is_some_and(|list| list.iter().any(|inner| at(inner, path).as_ref() == Some(key)))
            };
            if self.tree.get(list).and_then(Value::as_array).is_some_and(|all| all.iter().any(holds)) {
                return self.tree.find_or_add(list, &holds);
            }
        }
        let first: Place = list.iter().cloned().chain([Token::At(0)]).collect();
        let is_held = rule.is_some_and(|rule| self.held.contains(&(rule.to_string(), first)));
        let only_one = self.tree.get(list).and_then(Value::as_array).is_some_and(|all| all.len() == 1) && !is_held;
        self.tree.find_or_add(list, &|_| only_one)
    }

    /// The element or member of an `each` that all its keys tell, the `twin`-th of those; else a new one.
    pub(super) fn keyed(&mut self, list: &[Token], keys: &[(&VendorPath, String)], twin: Option<usize>) -> Place {
        if let Some((_, name)) = keys.iter().find(|(path, _)| path.steps.first() == Some(&Step::KeyName)) {
            return list.iter().cloned().chain([Token::Name(name.clone())]).collect();
        }
        let named: Vec<(Vec<String>, &String)> =
            keys.iter().filter_map(|(path, key)| Some((fields(path)?, key))).collect();
        let is = |one: &Value| {
            named.iter().all(|(names, key)| {
                let text = names.iter().try_fold(one, |value, name| value.get(name)).and_then(scalar_text);
                text.is_some_and(|text| text == **key || is_withheld_form(&text, key))
            })
        };
        let all = self.tree.get(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let fitting = all.iter().enumerate().filter(|(_, one)| !named.is_empty() && is(one)).map(|(index, _)| index);
        let found = twin.and_then(|twin| fitting.into_iter().nth(twin));
        let place: Place = match found {
            Some(index) => list.iter().cloned().chain([Token::At(index)]).collect(),
            None => self.tree.find_or_add(list, &|_| false),
        };
        for (names, key) in named {
            let leaf: Place = place.iter().cloned().chain(names.into_iter().map(Token::Name)).collect();
            if self.tree.get(&leaf).is_none_or(Value::is_null) {
                let key = self.as_the_schema_has_it(key.clone().into(), &leaf);
                self.tree.set(&leaf, key);
            }
        }
        place
    }

    /// The places a vendor path stands for; none where it belongs to another message.
    pub(super) fn places(&mut self, path: &VendorPath, scopes: &Scopes) -> Vec<Place> {
        let mut steps = path.steps.as_slice();
        let mut places: Vec<Place> = match path.base {
            Base::Root => vec![Vec::new()],
            Base::Variable(slot) => match scopes.get(slot).cloned().flatten() {
                None => return Vec::new(),
                Some(Bound::Place(place)) => vec![place],
                Some(Bound::Given(rows, group)) => match steps.first() {
                    Some(Step::Select(field, by)) => {
                        steps = &steps[1..];
                        let Some(wanted) = self.selector(by, scopes) else { return Vec::new() };
                        let row = rows
                            .iter()
                            .find(|row| self.tree.get(row).is_some_and(|row| field_is_one_of(row, field, &wanted)));
                        match (row, rows.first().and_then(|row| row.split_last())) {
                            (Some(row), _) => vec![row.clone()],
                            (None, Some((_, list))) => vec![self.row(list, &group, field, &wanted)],
                            (None, None) => return Vec::new(),
                        }
                    }
                    // A field of the group is that of its first row, out and in.
                    _ => rows.into_iter().take(1).collect(),
                },
                Some(Bound::Rows(list, group)) => match steps.first() {
                    Some(Step::Select(field, by)) => {
                        steps = &steps[1..];
                        let Some(wanted) = self.selector(by, scopes) else { return Vec::new() };
                        vec![self.row(&list, &group, field, &wanted)]
                    }
                    _ => self.rows(&list, &group),
                },
            },
        };
        for step in steps {
            let mut next = Vec::new();
            for mut place in places {
                match step {
                    Step::Field(name) => place.push(Token::Name(name.clone())),
                    Step::Index(index) => place.push(Token::At(*index)),
                    Step::Last => {
                        let length = self.tree.get(&place).and_then(Value::as_array).map_or(0, Vec::len);
                        place.push(Token::At(length.saturating_sub(1)));
                    }
                    Step::Select(field, by) => {
                        let Some(wanted) = self.selector(by, scopes) else { continue };
                        place = self.row(&place, &[], field, &wanted);
                    }
                    // What belongs to another resource is that one's to write.
                    Step::KeyName | Step::Resolve(_) | Step::Referring(..) | Step::Part(_) => continue,
                    Step::Split(_) | Step::Rows => {}
                }
                next.push(place);
            }
            places = next;
        }
        places
    }

    fn selector(&mut self, by: &Selector, scopes: &Scopes) -> Option<Vec<String>> {
        match by {
            Selector::Literal(text) => Some(vec![text.clone()]),
            Selector::OneOf(texts) => Some(texts.clone()),
            Selector::Matching(_) => None,
            Selector::Path(path) => {
                let place = self.places(path, scopes).pop()?;
                self.tree.get(&place).and_then(scalar_text).map(|text| vec![text])
            }
        }
    }

    /// The row of a group with that field, made where it is missing.
    fn row(&mut self, list: &[Token], group: &[(String, String)], field: &str, wanted: &[String]) -> Place {
        let place = self.tree.find_or_add(list, &|row| {
            field_is_one_of(row, field, wanted) && group.iter().all(|(name, value)| field_is(row, name, value))
        });
        let first = wanted.first().map(|first| (field, first.as_str()));
        for (name, value) in group.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(first) {
            let mut leaf = place.clone();
            leaf.push(Token::Name(name.to_string()));
            if self.tree.get(&leaf).is_none_or(Value::is_null) {
                self.tree.set(&leaf, value.into());
            }
        }
        place
    }

    fn rows(&self, list: &[Token], group: &[(String, String)]) -> Vec<Place> {
        let all = self.tree.get(list).and_then(Value::as_array).into_iter().flatten().enumerate();
        all.filter(|(_, row)| group.iter().all(|(name, value)| field_is(row, name, value)))
            .map(|(index, _)| list.iter().cloned().chain([Token::At(index)]).collect())
            .collect()
    }

    /// The variables as they stand in the tree now.
    pub(super) fn frame<'t>(&'t self, scopes: &Scopes) -> Frame<'t> {
        let mut frame = Frame::new(self.tree.root(), self.plan.slots).with_no_value(&self.plan.policy.no_value);
        for (slot, bound) in scopes.iter().enumerate() {
            let binding = match bound {
                None => None,
                Some(Bound::Place(place)) => self.tree.get(place).map(|value| {
                    let name = match place.last() {
                        Some(Token::Name(name)) => self.tree.get(&place[..place.len() - 1]).and_then(|above| {
                            above.as_object()?.get_key_value(name.as_str()).map(|(key, _)| key.as_str())
                        }),
                        _ => None,
                    };
                    Binding::one(value, name)
                }),
                Some(Bound::Given(rows, _)) => {
                    let rows: Vec<&Value> = rows.iter().filter_map(|place| self.tree.get(place)).collect();
                    (!rows.is_empty()).then(|| Binding::rows(rows))
                }
                Some(Bound::Rows(list, group)) => {
                    let rows: Vec<&Value> =
                        self.rows(list, group).iter().filter_map(|place| self.tree.get(place)).collect();
                    (!rows.is_empty()).then(|| Binding::rows(rows))
                }
            };
            frame.bind(slot, binding);
        }
        for rule in &self.plan.contexts {
            let Some(key) = crate::instances::key_within(&rule.within, &rule.key, &frame) else { continue };
            let key = LookupKey { message: rule.message.clone(), item: rule.item.clone(), key };
            if let Some(found) = self.context.get(&key) {
                frame.bind(rule.slot, Some(Binding::one(found, None)));
            }
        }
        frame
    }

    /// A number as text, or text as a number, where the source schema allows only the other.
    pub(super) fn as_the_schema_has_it(&self, value: Value, place: &[Token]) -> Value {
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
