//! Every object and every member of a resource, each with its base definition.

use ginnel_schemas::definition::{Definition, DefinitionId, Definitions, Element, ElementType};
use serde_json::{Map, Value};

/// A resource that is right, taken apart.
pub struct Example<'a> {
    /// The whole.
    pub resource: &'a Value,
    /// Canonical URL of the profile it is to conform to.
    pub profile: &'a str,
    /// Every object that a definition knows, outermost first.
    pub objects: Vec<Object<'a>>,
    /// Every member of those, companions of primitives aside.
    pub sites: Vec<Site<'a>>,
}

/// An object with its definition.
pub struct Object<'a> {
    /// Its JSON Pointer.
    pub pointer: String,
    /// Its type or group.
    pub definition: &'static Definition,
    /// Its members.
    pub members: &'a Map<String, Value>,
}

/// A member with its element.
pub struct Site<'a> {
    /// JSON Pointer of the object it stands in.
    pub object: String,
    /// Its name in JSON.
    pub member: &'a str,
    /// What its name says of its type.
    pub element_type: ElementType,
    /// Its element.
    pub element: &'static Element,
    /// All its values.
    pub value: &'a Value,
}

impl<'a> Example<'a> {
    /// Takes a resource apart.
    pub fn of(resource: &'a Value, profile: &'a str) -> Example<'a> {
        let mut example = Example { resource, profile, objects: Vec::new(), sites: Vec::new() };
        example.resource(resource, String::new());
        example
    }

    fn resource(&mut self, value: &'a Value, pointer: String) {
        let type_name = value["resourceType"].as_str().unwrap_or_default();
        if let Some((id, _)) = Definitions::r4().resource_type(type_name) {
            self.object(value, pointer, id);
        }
    }

    fn object(&mut self, value: &'a Value, pointer: String, id: DefinitionId) {
        let Value::Object(members) = value else {
            return;
        };
        let definition = Definitions::r4().get(id);
        self.objects.push(Object { pointer: pointer.clone(), definition, members });
        for (name, value) in members {
            let Some((member, element)) = definition.member(name) else {
                continue;
            };
            let element_type = member.element_type;
            self.sites.push(Site { object: pointer.clone(), member: name, element_type, element, value });
            for (item, at) in items(value) {
                let below = format!("{pointer}/{name}{at}");
                match element_type {
                    ElementType::Object(id) => self.object(item, below, id),
                    ElementType::Resource => self.resource(item, below),
                    ElementType::Primitive(_) | ElementType::BarePrimitive(_) => {}
                }
            }
        }
    }
}

impl<'a> Site<'a> {
    /// JSON Pointer of the member.
    pub fn pointer(&self) -> String {
        format!("{}/{}", self.object, self.member)
    }

    /// Its single values with the JSON Pointer of each.
    pub fn values(&self) -> Vec<(&'a Value, String)> {
        let pointer = self.pointer();
        items(self.value).into_iter().map(|(value, at)| (value, format!("{pointer}{at}"))).collect()
    }
}

/// The values of a member, each with the end of its pointer.
fn items(value: &Value) -> Vec<(&Value, String)> {
    match value {
        Value::Array(items) => items.iter().enumerate().map(|(at, item)| (item, format!("/{at}"))).collect(),
        one => vec![(one, String::new())],
    }
}
