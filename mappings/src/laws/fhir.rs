//! FHIR that lies in a plugin's declared domain, as another sender would build it: written by the rules of the plan and not
//! by the program's own way out, with another server's ids, other spellings of instants and codes without their words.

use super::random::Random;
use crate::converter::Converter;
use crate::follow::{Link, Links, is_elsewhere};
use crate::instances::{Instance, instances};
use crate::plan::{Block, ListRule, Only, PairRule, Plan, RefRule, ResourcePlan};
use crate::scope::{Binding, Frame};
use crate::translate::Context;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// How another sender names its resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// With the ids that the gateway made.
    Ours,
    /// With ids of its own server.
    Foreign,
    /// With `urn:uuid:` in `fullUrl` and in references.
    Urn,
}

/// Makes Bundles.
pub struct FhirMaker<'p> {
    plan: &'p Plan,
    names: Names,
    /// How many resources of a rule and key are made, so that twins have names of their own.
    made: HashMap<(String, Vec<String>), usize>,
    /// What the resource in the making refers to without a key of its own: rule and key, of this message.
    needs: Vec<(String, Vec<String>)>,
    /// Another server's ids, by rule and key.
    ids: HashMap<(String, Vec<String>), String>,
    /// Where the references of the payload lead that rules follow.
    links: Links,
    /// Of each resource by our own name: its rule and key.
    ours: HashMap<String, (String, Vec<String>)>,
}

impl<'p> FhirMaker<'p> {
    /// A maker of Bundles.
    pub fn new(plan: &'p Plan, random: &mut Random) -> FhirMaker<'p> {
        let names = [Names::Ours, Names::Foreign, Names::Urn][random.below(3)];
        FhirMaker {
            plan,
            names,
            made: HashMap::new(),
            needs: Vec::new(),
            ids: HashMap::new(),
            links: Links::default(),
            ours: HashMap::new(),
        }
    }

    /// What the rules say of the facts of a payload, as a Bundle of another sender.
    pub fn bundle(&mut self, payload: &Value, context: &Context, random: &mut Random) -> Value {
        let (found, _) = instances(self.plan, payload, context);
        if let Some(references) = found.first().and_then(|whole| whole.frame.references()) {
            self.links = Links::of(self.plan, &found, references, &|place| speaks(&found, place, self.plan));
        }
        for instance in &found {
            for rule in self.plan.resources.iter().filter(|rule| rule.item == instance.plan && rule.each.is_empty()) {
                let Some(key) = rule.key(&mut |path| path.text(&instance.frame)) else { continue };
                let name = format!("{}/{}", rule.resource_type, self.plan.policy.stable_id(&rule.seed, &key));
                self.ours.insert(name, (rule.seed.clone(), key));
            }
        }
        let mut entries = Vec::new();
        for (place, instance) in found.iter().enumerate() {
            if !speaks(&found, place, self.plan) {
                continue;
            }
            // What is only sent is declared as nothing that comes in.
            let both_ways = self.plan.resources.iter().filter(|rule| !rule.only_out);
            for rule in both_ways.filter(|rule| rule.item == instance.plan) {
                for frame in frames(rule, place, &found, self.plan) {
                    self.needs.clear();
                    if let Some(entry) = self.resource(rule, &frame, random) {
                        entries.push((entry, std::mem::take(&mut self.needs)));
                    }
                }
            }
        }
        // Whoever sends what belongs to somebody sends that somebody too, where nothing but the Bundle tells who it is.
        entries.retain(|(_, needs)| needs.iter().all(|one| self.made.contains_key(one)));
        let mut entries: Vec<Value> = entries.into_iter().map(|(entry, _)| entry).collect();
        if random.chance(30) {
            random.shuffle(&mut entries);
        }
        let kind = ["collection", "transaction", "searchset"][random.below(3)];
        if kind == "transaction" {
            for entry in &mut entries {
                let name = entry["resource"]["resourceType"].as_str().unwrap_or_default().to_string();
                entry["request"] = json!({"method": "POST", "url": name});
            }
        }
        json!({"resourceType": "Bundle", "type": kind, "entry": entries})
    }

    fn id(&mut self, seed: &str, key: &[String]) -> String {
        if self.names == Names::Ours {
            return self.plan.policy.stable_id(seed, key);
        }
        let next = self.ids.len() + 1;
        let name = (seed.to_string(), key.to_vec());
        let urn = self.names == Names::Urn;
        let fresh = || {
            let number = u64::try_from(next).unwrap_or(0);
            if urn { uuid::Uuid::from_u64_pair(7, number).to_string() } else { format!("s-{number}") }
        };
        self.ids.entry(name).or_insert_with(fresh).clone()
    }

    fn resource(&mut self, rule: &ResourcePlan, frame: &Frame<'_>, random: &mut Random) -> Option<Value> {
        if !rule.block.when.as_ref().is_none_or(|when| when.holds(frame, &mut |_| {})) {
            return None;
        }
        let key: Vec<String> = rule.key(&mut |path| path.text(frame))?;
        let count = self.made.entry((rule.seed.clone(), key.clone())).or_default();
        let twin = *count;
        *count += 1;
        let id = match (twin, self.names) {
            (0, _) => self.id(&rule.seed, &key),
            (_, Names::Ours) => self.plan.policy.twin_id(&rule.seed, &key, twin),
            _ => {
                let numbered: Vec<String> = key.iter().cloned().chain([format!("twin {twin}")]).collect();
                self.id(&rule.seed, &numbered)
            }
        };
        let mut resource = Value::Object(Map::new());
        resource["resourceType"] = rule.resource_type.clone().into();
        if self.names != Names::Urn {
            resource["id"] = id.clone().into();
        }
        if let (Some(profile), true) = (&rule.profile, random.chance(60)) {
            resource["meta"] = json!({"profile": [profile]});
        }
        self.block(&rule.block, frame, &mut resource, random);
        let url = match self.names {
            Names::Urn => format!("urn:uuid:{id}"),
            Names::Ours | Names::Foreign => format!("https://sender.example.org/fhir/{}/{id}", rule.resource_type),
        };
        Some(json!({"fullUrl": url, "resource": resource}))
    }

    fn block(&mut self, block: &Block, frame: &Frame<'_>, element: &mut Value, random: &mut Random) {
        for rule in &block.constants {
            let _ = rule.to.write(element, &mut String::new(), rule.value.clone());
        }
        for rule in &block.pairs {
            if !self.followed(rule, frame, element) {
                pair(rule, frame, element, random);
            }
        }
        for rule in &block.exists {
            if rule.source.value(frame).and_then(Value::as_bool) == Some(true) {
                rule.to.place(element, &mut String::new());
            }
        }
        block.refs.iter().for_each(|rule| self.reference(rule, frame, element));
        for rule in &block.texts {
            if let Some(text) = rule.text.render(frame, &mut |_| {}) {
                let _ = rule.to.write(element, &mut String::new(), text.into());
            }
        }
        for group in &block.groups {
            if group.when.as_ref().is_none_or(|when| when.holds(frame, &mut |_| {})) {
                self.block(group, frame, element, random);
            }
        }
        block.lists.iter().for_each(|rule| self.list(rule, frame, element, random));
    }

    fn list(&mut self, rule: &ListRule, frame: &Frame<'_>, element: &mut Value, random: &mut Random) {
        for binding in rule.each.spread(frame) {
            let inner = frame.clone().with(rule.slot, binding);
            if !rule.block.when.as_ref().is_none_or(|when| when.holds(&inner, &mut |_| {})) {
                continue;
            }
            let mut fresh = Value::Null;
            self.block(&rule.block, &inner, &mut fresh, random);
            if !fresh.is_null() {
                let _ = rule.to.write(element, &mut String::new(), Value::Array(vec![fresh]));
            }
        }
    }

    /// Writes a reference that a rule follows; `false` where it is none, or goes where the rule's `else` says.
    fn followed(&mut self, rule: &PairRule, frame: &Frame<'_>, element: &mut Value) -> bool {
        let (Converter::Reference, [path]) = (&rule.converter, rule.sources.as_slice()) else { return false };
        let Some(text) = path.value(frame) else { return true };
        let target = match self.links.get(text) {
            Some(Link::To(name)) => {
                let Some((seed, key)) = self.ours.get(name).cloned() else { return true };
                let kind = name.split('/').next().unwrap_or_default().to_string();
                match (self.id(&seed, &key), self.names) {
                    (id, Names::Urn) => format!("urn:uuid:{id}"),
                    (id, _) => format!("{kind}/{id}"),
                }
            }
            None if text.as_str().is_some_and(is_elsewhere) => text.as_str().unwrap_or_default().to_string(),
            _ => {
                if let Some((to, _)) = &rule.otherwise {
                    let _ = to.write(element, &mut String::new(), text.clone());
                }
                return true;
            }
        };
        let _ = rule.to.write(element, &mut String::new(), target.into());
        true
    }

    fn reference(&mut self, rule: &RefRule, frame: &Frame<'_>, element: &mut Value) {
        let Some(key) = rule.key.iter().map(|path| path.text(frame)).collect::<Option<Vec<String>>>() else { return };
        let id = self.id(&rule.seed, &key);
        let made_here = |one: &ResourcePlan| !one.only_out && one.seed == rule.seed;
        if rule.identifier.is_none() && self.plan.resources.iter().any(made_here) {
            self.needs.push((rule.seed.clone(), key.clone()));
        }
        let text = match self.names {
            Names::Urn => format!("urn:uuid:{id}"),
            Names::Ours | Names::Foreign => format!("{}/{id}", rule.target_type),
        };
        if rule.is_address {
            let _ = rule.to.write(element, &mut String::new(), text.into());
            return;
        }
        let mut reference = json!({"reference": text});
        if let Some(system) = &rule.identifier {
            reference["identifier"] = json!({"system": system, "value": key.join("|")});
        }
        let _ = rule.to.write(element, &mut String::new(), reference);
    }
}

/// Whether an item is one that speaks: of several with one key the first here, and none that the plugin sets aside.
fn speaks(found: &[Instance<'_>], place: usize, plan: &Plan) -> bool {
    let instance = &found[place];
    let Some(item) = instance.plan.and_then(|index| plan.items.get(index)) else { return true };
    let repeats =
        instance.key.is_some() && found[..place].iter().any(|one| one.plan == instance.plan && one.key == instance.key);
    let aside = item.quarantine.iter().any(|rule| rule.when.holds(&instance.frame, &mut |_| {}));
    !repeats && !aside && instance.parent.filter(|parent| *parent > 0).is_none_or(|parent| speaks(found, parent, plan))
}

/// Rows of one group: what is the same in them, the variables, and the rows.
type Group<'a> = (Vec<Option<String>>, Frame<'a>, Vec<&'a Value>);

/// The variables of each resource that a rule makes of an item; rows of a group together.
fn frames<'a>(rule: &ResourcePlan, place: usize, found: &[Instance<'a>], plan: &Plan) -> Vec<Frame<'a>> {
    let instance = &found[place];
    let mut frames = vec![instance.frame.clone()];
    for step in &rule.each {
        frames = frames
            .into_iter()
            .flat_map(|frame| {
                let bindings = step.path.spread(&frame);
                bindings.into_iter().map(move |binding| frame.clone().with(step.slot, binding))
            })
            .collect();
    }
    frames.retain(|frame| rule.filter.holds(frame, &mut |_| {}));
    let Some(grouping) = &rule.grouping else { return frames };
    let key = |frame: &Frame<'a>| grouping.by.iter().map(|path| path.text(frame)).collect::<Vec<_>>();
    let slot = match (rule.each.last(), instance.plan) {
        (Some(step), _) => step.slot,
        (None, Some(item)) => {
            // The rows are items themselves: the first of a group stands for all.
            let siblings = (0..found.len()).filter(|other| {
                found[*other].plan == instance.plan
                    && found[*other].parent == instance.parent
                    && speaks(found, *other, plan)
                    && rule.filter.holds(&found[*other].frame, &mut |_| {})
            });
            let same: Vec<usize> = siblings
                .filter(|other| frames.first().is_some_and(|own| key(&found[*other].frame) == key(own)))
                .collect();
            if same.first() != Some(&place) {
                return Vec::new();
            }
            let rows = same.iter().map(|other| found[*other].value).collect();
            return frames
                .into_iter()
                .map(|frame| frame.with(plan.items[item].slot, Binding::rows(Vec::clone(&rows))))
                .collect();
        }
        (None, None) => return frames,
    };
    let mut groups: Vec<Group<'a>> = Vec::new();
    for frame in frames {
        let own = key(&frame);
        let row = frame.binding(slot).and_then(|binding| binding.values.first().copied());
        match groups.iter_mut().find(|(known, _, _)| *known == own) {
            Some((_, _, rows)) => rows.extend(row),
            None => groups.push((own, frame, row.into_iter().collect())),
        }
    }
    groups.into_iter().map(|(_, frame, rows)| frame.with(slot, Binding::rows(rows))).collect()
}

fn pair(rule: &PairRule, frame: &Frame<'_>, element: &mut Value, random: &mut Random) {
    let applies = rule.when.as_ref().is_none_or(|when| when.holds(frame, &mut |_| {}));
    if rule.only == Only::In || !applies {
        return;
    }
    let found: Vec<Option<Value>> = rule
        .sources
        .iter()
        .map(|path| match path.find(frame)? {
            crate::vendor_path::Found::Name(name) => Some(name.into()),
            found => found.value().cloned(),
        })
        .collect();
    let inputs: Vec<Option<&Value>> = found.iter().map(Option::as_ref).collect();
    if inputs.iter().all(Option::is_none) {
        return;
    }
    let (to, value) = match (rule.converter.out(&inputs), &rule.otherwise) {
        (Ok(Some(value)), _) => (&rule.to, spelt(value, &rule.converter, rule.only, random)),
        (Err(_), Some((to, converter))) => match converter.out(inputs.get(..1).unwrap_or_default()) {
            Ok(Some(value)) => (to, value),
            _ => return,
        },
        // What no list has and no function carries lies outside the domain: another sender has nothing to say of it.
        _ => return,
    };
    let _ = to.write(element, &mut String::new(), value);
}

/// The value as another sender spells it: codings without their words, instants with another offset.
fn spelt(value: Value, converter: &Converter, only: Only, random: &mut Random) -> Value {
    if only == Only::Out {
        return value;
    }
    match value {
        Value::Object(mut map) if map.contains_key("code") && map.contains_key("system") && random.chance(40) => {
            if matches!(converter, Converter::Table(_)) {
                map.shift_remove("display");
            }
            Value::Object(map)
        }
        Value::String(text) if text.len() > 18 && random.chance(40) => {
            let instant = text.parse::<jiff::Timestamp>().ok();
            instant.map_or(Value::String(text), |instant| instant.to_string().into())
        }
        other => other,
    }
}
