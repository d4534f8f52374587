//! A message's mapping as StructureMaps: one from the payload to a Bundle, one from its resources back to the payload.

mod condition;
mod expressions;

use super::super::rules::{converter_text, guard_text};
use super::{BASE, computable, id_of};
use crate::code_table::CodeTable;
use crate::converter::Converter;
use crate::fhir_path::{FhirPath, Pick};
use crate::plan::{AsideKind, AsideRule, Block, Only, PairRule, Plan, ResourcePlan};
use crate::registry::{Message, Vendor};
use crate::vendor_path::{Base, Selector, Step, VendorPath};
use expressions::{literal, plain, quoted, without_nothing};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Out,
    In,
}

/// The two maps of a message.
pub fn of_message(vendor: &Vendor, message: &Message) -> Vec<Value> {
    // A message that becomes nothing itself has no map to tell of.
    if message.plan().resources.is_empty() {
        return Vec::new();
    }
    [Way::Out, Way::In].into_iter().map(|way| Writer::new(vendor, message.plan(), way).map(message)).collect()
}

struct Writer<'w> {
    vendor: &'w Vendor,
    plan: &'w Plan,
    way: Way,
    /// Names of variables by their slot.
    variables: BTreeMap<usize, String>,
    /// How many rules and variables have been named.
    count: usize,
}

/// A chain from a variable to a value: elements, with a condition for each.
type Chain = Vec<(String, Option<String>)>;

impl<'w> Writer<'w> {
    fn new(vendor: &'w Vendor, plan: &'w Plan, way: Way) -> Writer<'w> {
        let mut variables: BTreeMap<usize, String> = BTreeMap::new();
        for item in &plan.items {
            variables.insert(item.slot, id_of(&item.name));
        }
        for context in &plan.contexts {
            variables.insert(context.slot, id_of(&context.item));
        }
        Writer { vendor, plan, way, variables, count: 0 }
    }

    fn map(mut self, message: &Message) -> Value {
        let way = if self.way == Way::Out { "out" } else { "in" };
        let logical = format!("{BASE}/{}/StructureDefinition/{}", self.vendor.id, id_of(&message.name));
        let groups: Vec<Value> = self.plan.resources.iter().map(|resource| self.group(resource)).collect();
        let mut types: Vec<&str> = self.plan.resources.iter().map(|one| one.resource_type.as_str()).collect();
        types.sort_unstable();
        types.dedup();
        let (from, to) = if self.way == Way::Out { ("source", "target") } else { ("target", "source") };
        let mut structures = vec![json!({"url": logical, "mode": from, "alias": "Payload"})];
        structures.extend(types.into_iter().map(
            |name| json!({"url": format!("http://hl7.org/fhir/StructureDefinition/{name}"), "mode": to, "alias": name}),
        ));
        let about = if self.way == Way::Out { "From the payload to FHIR." } else { "From FHIR back to the payload." };
        json!({
            "resourceType": "StructureMap",
            "id": id_of(&format!("{}-{}-{way}", self.vendor.id, message.name)),
            "url": format!("{BASE}/{}/StructureMap/{}-{way}", self.vendor.id, id_of(&message.name)),
            "version": self.vendor.version,
            "name": computable(&format!("{} {} {way}", self.vendor.id, message.name)),
            "title": format!("{}: {} ({way})", self.vendor.title, message.title),
            "status": "active",
            "description": format!("{about} Made of the plugin's mapping, which is what runs: functions and texts that a StructureMap cannot say stand in the documentation of a rule, and so does what is kept aside."),
            "structure": structures,
            "group": groups,
        })
    }

    fn fresh(&mut self, stem: &str) -> String {
        self.count += 1;
        let stem: String = id_of(stem).chars().take(40).collect();
        format!("{stem}-{}", self.count)
    }

    /// One group for each resource rule: the payload (or its item) and the resource.
    fn group(&mut self, resource: &ResourcePlan) -> Value {
        for step in &resource.each {
            let name = self.fresh(step.path.text.rsplit(['.', ' ']).next().unwrap_or("row"));
            self.variables.insert(step.slot, name);
        }
        let (payload, target) = ("payload".to_string(), "resource".to_string());
        let mut rules = Vec::new();
        self.block(&resource.block, "resource", &mut rules);
        // The steps to what the resource is made of stand around its rules.
        let mut each: Vec<(&VendorPath, usize)> = Vec::new();
        let mut item = resource.item;
        while let Some(one) = item.and_then(|index| self.plan.items.get(index)) {
            each.insert(0, (&one.at, one.slot));
            item = one.parent;
        }
        each.extend(resource.each.iter().map(|step| (&step.path, step.slot)));
        for (path, slot) in each.into_iter().rev() {
            let variable = self.variables.get(&slot).cloned().unwrap_or_default();
            rules = vec![self.step_into(path, &variable, rules)];
        }
        if rules.is_empty() {
            rules.push(json!({"name": self.fresh("nothing"), "source": [{"context": self.sides().0}]}));
        }
        let mut documentation = vec![format!("Rule `{}` at {}.", resource.name, resource.rule)];
        let when = resource.block.when.as_ref().map(guard_text).filter(|text| !text.is_empty());
        documentation.extend(when.map(|when| format!("When {when}.")));
        let filter = guard_text(&resource.filter);
        if !filter.is_empty() {
            documentation.push(format!("Of rows with {filter}."));
        }
        let id: Vec<&str> = resource.id.iter().map(|path| path.text.as_str()).collect();
        documentation.push(format!("Its id is made of {}.", id.join(", ")));
        let payload = json!({"name": payload, "mode": if self.way == Way::Out { "source" } else { "target" }});
        let typed = json!({"name": target, "type": resource.resource_type, "mode": if self.way == Way::Out { "target" } else { "source" }});
        let inputs = if self.way == Way::Out { [payload, typed] } else { [typed, payload] };
        json!({
            "name": id_of(&resource.name),
            "typeMode": "none",
            "documentation": documentation.join(" "),
            "input": inputs,
            "rule": rules,
        })
    }

    /// The names of the two inputs: where values come from, where they go.
    fn sides(&self) -> (&'static str, &'static str) {
        match self.way {
            Way::Out => ("payload", "resource"),
            Way::In => ("resource", "payload"),
        }
    }

    fn step_into(&mut self, path: &VendorPath, variable: &str, rules: Vec<Value>) -> Value {
        let (context, chain) = self.vendor_chain(path);
        let name = self.fresh(variable);
        match self.way {
            Way::Out => self.nested_sources(&context, &chain, Some(variable), &name, rules),
            Way::In => {
                let targets = self.targets(&context, &chain, Some(variable), &[], &name);
                json!({"name": name, "source": [{"context": "resource"}], "target": targets, "rule": rules})
            }
        }
    }

    /// A path into the payload: the variable that it starts at, and the elements from there.
    fn vendor_chain(&self, path: &VendorPath) -> (String, Chain) {
        let context = match path.base {
            Base::Root => "payload".to_string(),
            Base::Variable(slot) => self.variables.get(&slot).cloned().unwrap_or_else(|| "payload".into()),
        };
        let mut chain: Chain = Vec::new();
        for step in &path.steps {
            let condition = |chain: &mut Chain, text: String| match chain.last_mut() {
                Some((_, condition)) => *condition = Some(text),
                None => chain.push(("$this".into(), Some(text))),
            };
            match step {
                Step::Field(name) => chain.push((name.clone(), None)),
                Step::Index(index) => condition(&mut chain, format!("$index = {index}")),
                Step::Last => condition(&mut chain, "$this = $last".into()),
                Step::Select(field, Selector::Literal(text)) => {
                    condition(&mut chain, format!("{field} = {}", quoted(text)))
                }
                Step::Select(field, Selector::OneOf(texts)) => {
                    let any: Vec<String> = texts.iter().map(|text| format!("{field} = {}", quoted(text))).collect();
                    condition(&mut chain, any.join(" or "))
                }
                Step::Select(field, Selector::Matching(expression)) => {
                    condition(&mut chain, format!("{field}.matches({})", quoted(expression.0.as_str())))
                }
                Step::Select(field, Selector::Path(other)) => {
                    condition(&mut chain, format!("{field} = %{}", other.text))
                }
                Step::KeyName => chain.push(("$key".into(), None)),
                Step::Part(expression) => chain.push((format!("matches('{}')", expression.0.as_str()), None)),
                Step::Split(marks) => chain.push((format!("split('{marks}')"), None)),
                Step::Rows => {}
                Step::Resolve(Some(kind)) => chain.push((format!("resolve().ofType({kind})"), None)),
                Step::Resolve(None) => chain.push(("resolve()".into(), None)),
                Step::Referring(kind, path) => chain.push((format!("referring({kind}.{path})"), None)),
            }
        }
        (context, chain)
    }

    /// A path into the resource, each slice with the condition that tells it.
    fn fhir_chain(path: &FhirPath) -> Chain {
        path.steps
            .iter()
            .map(|step| {
                let condition = match &step.pick {
                    Pick::Slice(slice) => {
                        let parts: Vec<String> = slice
                            .constants
                            .iter()
                            .filter(|(_, value)| !value.is_object() && !value.is_array())
                            .map(|(to, value)| format!("{} = {}", plain(to), literal(value)))
                            .collect();
                        (!parts.is_empty()).then(|| parts.join(" and "))
                    }
                    _ => None,
                };
                (step.name.clone(), condition)
            })
            .collect()
    }

    fn block(&mut self, block: &Block, fhir: &str, rules: &mut Vec<Value>) {
        if self.way == Way::Out {
            for constant in &block.constants {
                let name = self.fresh("const");
                let targets = self.written(fhir, &constant.to, Sent::Constant(&constant.value), &name);
                rules.push(json!({
                    "name": name, "source": [{"context": "payload"}], "target": targets,
                    "documentation": format!("A constant; {}.", constant.rule),
                }));
            }
        }
        for pair in &block.pairs {
            self.pair(pair, fhir, rules);
        }
        for exists in &block.exists {
            let text =
                format!("`{}` is true where {} is there; {}.", exists.source.text, exists.to.text(), exists.rule);
            self.remark("exists", &text, rules);
        }
        for one in &block.refs {
            let keys: Vec<&str> = one.key.iter().map(|path| path.text.as_str()).collect();
            let text = format!(
                "{} refers to the {} that rule `{}` makes of {}; {}.",
                one.to.text(),
                one.target_type,
                one.seed,
                keys.join(", "),
                one.rule
            );
            self.remark("reference", &text, rules);
        }
        for one in &block.texts {
            let paths: Vec<&str> = one.text.paths().into_iter().map(|path| path.text.as_str()).collect();
            let way = if one.back.is_some() { "made of, and read back into," } else { "computed from" };
            let text = format!("{} is a text {way} {}; {}.", one.to.text(), paths.join(", "), one.rule);
            self.remark("text", &text, rules);
        }
        for group in &block.groups {
            let mut inner = Vec::new();
            self.block(group, fhir, &mut inner);
            let when = group.when.as_ref();
            let mut source = json!({"context": self.sides().0});
            let condition = when.and_then(|guard| self.condition(guard)).filter(|_| self.way == Way::Out);
            if let (Some(condition), Some(map)) = (condition, source.as_object_mut()) {
                map.insert("condition".into(), condition.into());
            }
            let said = when.map(guard_text).unwrap_or_default();
            let mut rule = json!({
                "name": self.fresh("group"), "source": [source],
                "documentation": format!("When {}; {}.", if said.is_empty() { "always" } else { &said }, group.rule),
            });
            if let (false, Some(map)) = (inner.is_empty(), rule.as_object_mut()) {
                map.insert("rule".into(), inner.into());
            }
            rules.push(rule);
        }
        for list in &block.lists {
            let variable = self.fresh("element");
            for step in &list.around {
                let name = self.fresh(step.path.text.rsplit('.').next().unwrap_or("row"));
                self.variables.insert(step.slot, name);
            }
            let row = self.fresh(list.each.text.rsplit('.').next().unwrap_or("row"));
            self.variables.insert(list.slot, row.clone());
            let mut inner = Vec::new();
            self.block(&list.block, &variable, &mut inner);
            let (context, chain) = self.vendor_chain(&list.each);
            let name = self.fresh("list");
            match self.way {
                Way::Out => {
                    let targets = self.targets(fhir, &Self::fhir_chain(&list.to), Some(&variable), &[], &name);
                    let inside = json!({
                        "name": self.fresh("row"), "source": [{"context": row}], "target": targets,
                        "documentation": format!("One element for each; {}.", list.rule), "rule": inner,
                    });
                    let whole = self.nested_sources(&context, &chain, Some(&row), &name, vec![without_nothing(inside)]);
                    rules.extend(list.around.iter().rev().fold(vec![whole], |rules, step| {
                        let variable = self.variables.get(&step.slot).cloned().unwrap_or_default();
                        vec![self.step_into(&step.path, &variable, rules)]
                    }));
                }
                Way::In if list.only_out => {
                    let text = format!("{} is made for the way out only; {}.", list.to.text(), list.rule);
                    self.remark("list", &text, rules);
                }
                Way::In => {
                    let targets = self.targets(&context, &chain, Some(&row), &[], &name);
                    let inside = json!({
                        "name": self.fresh("row"), "source": [{"context": variable}], "target": targets,
                        "documentation": format!("One item for each; {}.", list.rule), "rule": inner,
                    });
                    let chain = Self::fhir_chain(&list.to);
                    rules.push(self.nested_sources(
                        fhir,
                        &chain,
                        Some(&variable),
                        &name,
                        vec![without_nothing(inside)],
                    ));
                }
            }
        }
        for aside in &block.aside {
            self.aside(aside, rules);
        }
    }

    fn aside(&mut self, aside: &AsideRule, rules: &mut Vec<Value>) {
        let what = match aside.kind {
            AsideKind::Keep => "not sent, restored on the way back",
            AsideKind::Drop => "neither sent nor restored",
            AsideKind::Secret => "a secret: not sent, withheld from every text, restored on the way back",
        };
        if self.way == Way::Out {
            let text = format!("`{}`: {what}: {}; {}.", aside.path.text, aside.reason, aside.rule);
            self.remark("aside", &text, rules);
        }
    }

    /// What a StructureMap cannot say, said in words.
    fn remark(&mut self, stem: &str, text: &str, rules: &mut Vec<Value>) {
        let name = self.fresh(stem);
        rules.push(json!({"name": name, "source": [{"context": self.sides().0}], "documentation": text}));
    }

    fn pair(&mut self, pair: &PairRule, fhir: &str, rules: &mut Vec<Value>) {
        let runs = match self.way {
            Way::Out => pair.only != Only::In,
            Way::In => pair.only != Only::Out,
        };
        if !runs {
            return;
        }
        let name = self.fresh("pair");
        let how = converter_text(&pair.converter);
        let when = pair.when.as_ref().map(guard_text).filter(|text| !text.is_empty());
        let when = when.map(|when| format!(" When {when}.")).unwrap_or_default();
        let vendor: Vec<&str> = pair.sources.iter().map(|path| path.text.as_str()).collect();
        let about = format!("{} and {}, {how}; {}.{when}", vendor.join(" + "), pair.to.text(), pair.rule);
        let mut rule = match (self.way, pair.sources.as_slice()) {
            (Way::Out, [source]) => {
                let (context, chain) = self.vendor_chain(source);
                let value = format!("{name}-v");
                let targets = self.written(fhir, &pair.to, Sent::Value(&value, &pair.converter), &name);
                let inner = self.fresh("put");
                let inner = json!({"name": inner, "source": [{"context": value}], "target": targets});
                self.nested_sources(&context, &chain, Some(&value), &name, vec![inner])
            }
            (Way::In, [source]) => {
                let value = format!("{name}-v");
                let (context, chain) = self.vendor_chain(source);
                let sent = [self.sent(Sent::Value(&value, &pair.converter))];
                let targets = self.targets(&context, &chain, None, &sent, &name);
                let inner = self.fresh("put");
                let inner = json!({"name": inner, "source": [{"context": value}], "target": targets});
                self.nested_sources(fhir, &Self::fhir_chain(&pair.to), Some(&value), &name, vec![inner])
            }
            // Several values joined by a function have no form in a StructureMap.
            _ => json!({"name": name, "source": [{"context": self.sides().0}]}),
        };
        if let Some(map) = rule.as_object_mut() {
            map.insert("documentation".into(), about.into());
            let condition = pair.when.as_ref().filter(|_| self.way == Way::Out).and_then(|guard| self.condition(guard));
            if let Some(condition) = condition {
                // The condition speaks of the payload, so it stands at a rule of its own around this one.
                let outer = self.fresh("when");
                let around =
                    json!({"name": outer, "source": [{"context": "payload", "condition": condition}], "rule": [rule]});
                rules.push(around);
                return;
            }
        }
        rules.push(rule);
    }

    /// Rules within rules, a step of the chain each; the last has the variable and what stands inside.
    fn nested_sources(
        &mut self,
        context: &str,
        chain: &Chain,
        last: Option<&str>,
        name: &str,
        inner: Vec<Value>,
    ) -> Value {
        let mut names: Vec<String> = vec![context.to_string()];
        for place in 0..chain.len() {
            let is_last = place + 1 == chain.len();
            names.push(match last.filter(|_| is_last) {
                Some(variable) => variable.to_string(),
                None => self.fresh(&format!("{name}-s")),
            });
        }
        let mut rules = inner;
        for (place, (element, condition)) in chain.iter().enumerate().rev() {
            let (Some(from), Some(to)) = (names.get(place), names.get(place + 1)) else { continue };
            let mut source = Map::new();
            source.insert("context".into(), from.clone().into());
            source.insert("element".into(), element.clone().into());
            source.insert("variable".into(), to.clone().into());
            if let Some(condition) = condition {
                source.insert("condition".into(), condition.clone().into());
            }
            let name = if place == 0 { name.to_string() } else { self.fresh(&format!("{name}-r")) };
            rules = vec![without_nothing(json!({"name": name, "source": [source], "rule": rules}))];
        }
        match rules.pop() {
            Some(rule) if !chain.is_empty() => rule,
            inside => {
                let rules: Vec<Value> = rules.into_iter().chain(inside).collect();
                without_nothing(json!({"name": name, "source": [{"context": context}], "rule": rules}))
            }
        }
    }

    /// Targets down a FHIR path, slices with their constants, and the value at the end.
    fn written(&mut self, context: &str, to: &FhirPath, sent: Sent<'_>, name: &str) -> Vec<Value> {
        let last = self.sent(sent);
        let mut out = Vec::new();
        let mut from = context.to_string();
        for (place, step) in to.steps.iter().enumerate() {
            let mut target = Map::new();
            target.insert("context".into(), from.clone().into());
            target.insert("contextType".into(), "variable".into());
            target.insert("element".into(), step.name.clone().into());
            if place + 1 == to.steps.len() && matches!(step.pick, Pick::Whole) {
                target.extend(last.clone());
                out.push(Value::Object(target));
                continue;
            }
            let variable = format!("{name}-t{place}");
            target.insert("variable".into(), variable.clone().into());
            if !matches!(step.pick, Pick::Whole) {
                // All rules of a slice write into the same element.
                let shared = match &step.pick {
                    Pick::Slice(slice) => slice.name.clone(),
                    _ => format!("{}-0", step.name),
                };
                target.insert("listMode".into(), json!(["share"]));
                target.insert("listRuleId".into(), id_of(&format!("{context}-{shared}")).into());
            }
            if place + 1 == to.steps.len() {
                target.extend(last.clone());
            }
            out.push(Value::Object(target));
            if let Pick::Slice(slice) = &step.pick {
                for (path, value) in slice.constants.iter().filter(|(path, _)| path.steps.len() == 1) {
                    let mut constant = Map::new();
                    constant.insert("context".into(), variable.clone().into());
                    constant.insert("contextType".into(), "variable".into());
                    constant.insert("element".into(), plain(path).into());
                    constant.extend(self.sent(Sent::Constant(value)));
                    out.push(Value::Object(constant));
                }
            }
            from = variable;
        }
        out
    }

    /// Targets down a chain of the payload.
    fn targets(
        &mut self,
        context: &str,
        chain: &Chain,
        last: Option<&str>,
        sent: &[Map<String, Value>],
        name: &str,
    ) -> Vec<Value> {
        if chain.is_empty() {
            // The value of the variable itself.
            let mut target = Map::new();
            target.insert("context".into(), context.into());
            target.insert("contextType".into(), "variable".into());
            sent.iter().for_each(|sent| target.extend(sent.clone()));
            return vec![Value::Object(target)];
        }
        let mut out = Vec::new();
        let mut from = context.to_string();
        for (place, (element, _)) in chain.iter().enumerate() {
            let is_last = place + 1 == chain.len();
            let mut target = Map::new();
            target.insert("context".into(), from.clone().into());
            target.insert("contextType".into(), "variable".into());
            target.insert("element".into(), element.clone().into());
            let variable = match last.filter(|_| is_last) {
                Some(variable) => variable.to_string(),
                None => format!("{name}-t{place}"),
            };
            if is_last && last.is_none() {
                sent.iter().for_each(|sent| target.extend(sent.clone()));
            } else {
                target.insert("variable".into(), variable.clone().into());
            }
            out.push(Value::Object(target));
            from = variable;
        }
        out
    }

    /// The transform of a value.
    fn sent(&self, sent: Sent<'_>) -> Map<String, Value> {
        let mut out = Map::new();
        match sent {
            Sent::Constant(value) => {
                let parameter = match value {
                    Value::Bool(flag) => json!({"valueBoolean": flag}),
                    Value::Number(number) if number.is_i64() => json!({"valueInteger": number}),
                    Value::Number(number) => json!({"valueDecimal": number}),
                    Value::String(text) => json!({"valueString": text}),
                    // Objects and lists have no form as a parameter.
                    other => json!({"valueString": other.to_string()}),
                };
                out.insert("transform".into(), "copy".into());
                out.insert("parameter".into(), json!([parameter]));
            }
            Sent::Value(variable, Converter::Identity) => {
                out.insert("transform".into(), "copy".into());
                out.insert("parameter".into(), json!([{"valueId": variable}]));
            }
            Sent::Value(variable, Converter::Table(table)) => {
                out.insert("transform".into(), "translate".into());
                out.insert("parameter".into(), json!([{"valueId": variable}, {"valueString": self.concept_map(table)}, {"valueString": self.translated(table)}]));
            }
            // Which function carries the value stands in the rule's documentation.
            Sent::Value(..) => {}
        }
        out
    }

    fn concept_map(&self, table: &CodeTable) -> String {
        let way = if self.way == Way::Out { "out" } else { "in" };
        format!("{BASE}/{}/ConceptMap/{}-{way}", self.vendor.id, id_of(&table.name))
    }

    fn translated(&self, table: &CodeTable) -> &'static str {
        let coding = table.rows.iter().any(|(_, side)| side.is_object());
        if self.way == Way::Out && coding { "Coding" } else { "code" }
    }
}

/// What is written at the end of a path.
#[derive(Clone, Copy)]
enum Sent<'s> {
    Constant(&'s Value),
    Value(&'s str, &'s Converter),
}
