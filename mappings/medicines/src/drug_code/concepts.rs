//! Every medicine that a resource names, with the element path of each: R4 and STU3, contained resources and packs too.

use serde_json::Value;

/// A CodeableConcept that names a medicine.
#[derive(Debug, Clone, Copy)]
pub struct Concept<'a> {
    path: Path,
    /// The concept; none where a resource names its medicine by nothing at all.
    pub value: Option<&'a Value>,
    /// The reference to the medicine, where the resource names it so.
    pub reference: Option<&'a Value>,
    resource_type: &'a str,
}

#[derive(Debug, Clone, Copy)]
enum Path {
    Own(&'static str),
    Ingredient(usize),
    Contained(usize),
    ContainedIngredient(usize, usize),
}

impl Concept<'_> {
    /// Where it stands, as FHIRPath writes it.
    pub fn path(&self) -> String {
        match self.path {
            Path::Own(member) => format!("{}.{member}", self.resource_type),
            Path::Ingredient(at) => format!("{}.ingredient[{at}].item", self.resource_type),
            Path::Contained(at) => format!("{}.contained[{at}].code", self.resource_type),
            Path::ContainedIngredient(at, item) => {
                format!("{}.contained[{at}].ingredient[{item}].item", self.resource_type)
            }
        }
    }
}

/// The medicines of one resource; nothing for resources that name none.
pub fn concepts(resource: &Value) -> Vec<Concept<'_>> {
    let Some(resource_type) = resource.get("resourceType").and_then(Value::as_str) else { return Vec::new() };
    let mut found = Vec::new();
    match resource_type {
        "Medication" => medication(resource, Path::Own("code"), Path::Ingredient, resource_type, &mut found),
        "MedicationRequest"
        | "MedicationStatement"
        | "MedicationAdministration"
        | "MedicationDispense"
        | "MedicationOrder" => {
            let value = resource.get("medicationCodeableConcept");
            let reference = resource.get("medicationReference");
            found.push(Concept { path: Path::Own("medication"), value, reference, resource_type });
            let contained = resource.get("contained").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            for (at, own) in contained.iter().enumerate().filter(|(_, own)| is_medication(own)) {
                let ingredient = move |item| Path::ContainedIngredient(at, item);
                medication(own, Path::Contained(at), ingredient, resource_type, &mut found);
            }
        }
        _ => {}
    }
    found
}

fn is_medication(resource: &Value) -> bool {
    resource.get("resourceType").is_some_and(|own| own == "Medication")
}

fn medication<'a>(
    medication: &'a Value,
    path: Path,
    item: impl Fn(usize) -> Path,
    resource_type: &'a str,
    found: &mut Vec<Concept<'a>>,
) {
    let ingredients = medication.get("ingredient").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let code = medication.get("code");
    // A mixture may be named by what is in it alone.
    if code.is_some() || ingredients.is_empty() {
        found.push(Concept { path, value: code, reference: None, resource_type });
    }
    for (at, ingredient) in ingredients.iter().enumerate() {
        let value = ingredient.get("itemCodeableConcept");
        let reference = ingredient.get("itemReference");
        found.push(Concept { path: item(at), value, reference, resource_type });
    }
}
