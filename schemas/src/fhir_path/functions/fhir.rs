//! FHIR's additions that are no conditions (<https://hl7.org/fhir/R4/fhirpath.html#functions>).

use super::Function;
use crate::fhir_path::error::EvaluationError;
use crate::fhir_path::evaluate::{Evaluator, Flow, ON, Scope, Sink};
use crate::fhir_path::navigate::find;
use crate::fhir_path::syntax::Call;
use crate::fhir_path::types::TypeId;
use crate::fhir_path::value::{Item, Node, TypeName};
use serde_json::Value;

impl<'v> Evaluator<'_, 'v> {
    pub(super) fn fhir_function(&self, call: &'v Call, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        match call.function {
            Function::Children => self.each(&call.focus, scope, &mut |item| self.children(&item, sink)),
            Function::Descendants => self.each(&call.focus, scope, &mut |item| self.descendants(&item, sink)),
            Function::Extension => {
                let Some(url) = self.argument_text(call, 0, scope)? else {
                    return Ok(ON);
                };
                self.each(&call.focus, scope, &mut |item| self.extensions(&item, &url, sink))
            }
            Function::Resolve => self.each(&call.focus, scope, &mut |item| match self.resolved(&item) {
                Some(node) => sink(Item::Node(node)),
                None => Ok(ON),
            }),
            Function::Type => self.each(&call.focus, scope, &mut |item| match self.type_name(&item) {
                Some(told) => sink(Item::Type(told)),
                None => Ok(ON),
            }),
            Function::GetValue => {
                let item = self.single(&call.focus, scope, "getValue")?;
                match item.map(|item| self.plain(&item)) {
                    Some(Item::Node(_)) | None => Ok(ON),
                    Some(value) => sink(value),
                }
            }
            _ => Err(EvaluationError::Unsupported(call.function.name())),
        }
    }

    /// The resource that a Reference, uri or canonical leads to.
    fn resolved(&self, item: &Item<'v>) -> Option<Node<'v>> {
        let reference = match item {
            Item::Node(Node { value: Some(Value::Object(members)), .. }) => find(members, "reference")?.as_str()?,
            other => self.text(other)?,
        };
        match reference.strip_prefix('#') {
            Some(id) => self.contained(id).or_else(|| self.environment.host.resolve(reference, item)),
            None => self.environment.host.resolve(reference, item),
        }
    }

    /// A contained resource by its id; the container itself where there is no id.
    fn contained(&self, id: &str) -> Option<Node<'v>> {
        let root = self.environment.root_resource?;
        if id.is_empty() {
            return Some(root);
        }
        let contained = root.value?.get("contained")?.as_array()?;
        let found = contained.iter().find(|resource| resource.get("id").and_then(Value::as_str) == Some(id))?;
        Some(Node::resource(found, self.environment.types))
    }

    fn type_name(&self, item: &Item<'v>) -> Option<TypeName<'v>> {
        match item {
            Item::Node(node) if node.type_id == TypeId::UNKNOWN => None,
            Item::Node(node) => Some(TypeName::Fhir(self.environment.types.name(node.type_id))),
            other => other.system_type().map(|system| TypeName::System(system.name())),
        }
    }
}
