//! The functions that give one truth value or none; they stop as soon as the answer is sure.

use super::Function;
use crate::fhir_path::error::EvaluationError;
use crate::fhir_path::evaluate::{ENOUGH, Evaluator, ON, Scope};
use crate::fhir_path::regexes;
use crate::fhir_path::seen::Seen;
use crate::fhir_path::syntax::{Call, Expr, Literal};
use crate::fhir_path::value::{Item, Node};
use serde_json::Value;
use std::borrow::Cow;

type Verdict = Result<Option<bool>, EvaluationError>;

/// Where the URLs of FHIR's own types start.
const TYPE_URLS: &str = "http://hl7.org/fhir/StructureDefinition/";

impl<'v> Evaluator<'_, 'v> {
    /// What a function says that is a condition.
    pub(in crate::fhir_path) fn condition(&self, call: &'v Call, scope: &Scope<'_, 'v>) -> Verdict {
        use Function as F;
        match call.function {
            F::Exists => self.exists(call, scope).map(Some),
            F::Empty => Ok(Some(self.each_loosely(&call.focus, scope, &mut |_| Ok(ENOUGH))?.is_continue())),
            F::Not => Ok(self.truth(&call.focus, scope)?.map(|verdict| !verdict)),
            F::All => self.all(call, scope),
            F::AllTrue => self.every(call, scope, true),
            F::AllFalse => self.every(call, scope, false),
            F::AnyTrue => Ok(self.every(call, scope, false)?.map(|all_false| !all_false)),
            F::AnyFalse => Ok(self.every(call, scope, true)?.map(|all_true| !all_true)),
            F::IsDistinct => self.is_distinct(call, scope),
            F::SubsetOf | F::SupersetOf => self.subset(call, scope),
            F::HasValue => self.has_value(call, scope),
            F::StartsWith | F::EndsWith | F::Contains => self.text_holds(call, scope),
            F::Matches | F::MatchesFull => self.matches(call, scope),
            F::MemberOf | F::Subsumes | F::SubsumedBy => self.coding_holds(call, scope),
            F::ConformsTo => self.conforms(call, scope),
            F::HtmlChecks => self.html_checks(call, scope),
            F::Comparable => self.comparable(call, scope),
            _ => self.converts(call, scope),
        }
    }

    fn exists(&self, call: &'v Call, scope: &Scope<'_, 'v>) -> Result<bool, EvaluationError> {
        let Some(criteria) = call.arguments.first() else {
            return Ok(self.each_loosely(&call.focus, scope, &mut |_| Ok(ENOUGH))?.is_break());
        };
        let mut position = 0;
        let flow = self.each_loosely(&call.focus, scope, &mut |item| {
            let verdict = self.truth(criteria, &scope.at(&item, position))?;
            position += 1;
            Ok(if verdict == Some(true) { ENOUGH } else { ON })
        })?;
        Ok(flow.is_break())
    }

    fn all(&self, call: &'v Call, scope: &Scope<'_, 'v>) -> Verdict {
        let Some(criteria) = call.arguments.first() else {
            return Ok(None);
        };
        let mut position = 0;
        let flow = self.each_loosely(&call.focus, scope, &mut |item| {
            let verdict = self.truth(criteria, &scope.at(&item, position))?;
            position += 1;
            Ok(if verdict == Some(true) { ON } else { ENOUGH })
        })?;
        Ok(Some(flow.is_continue()))
    }

    /// Whether all truth values are the wanted one; other values are an error.
    fn every(&self, call: &'v Call, scope: &Scope<'_, 'v>, wanted: bool) -> Verdict {
        let mut verdict = true;
        let _ = self.each_loosely(&call.focus, scope, &mut |item| match self.plain(&item) {
            Item::Boolean(value) => {
                verdict &= value == wanted;
                Ok(ON)
            }
            _ => Err(EvaluationError::WrongType(call.function.name())),
        })?;
        Ok(Some(verdict))
    }

    fn is_distinct(&self, call: &'v Call, scope: &Scope<'_, 'v>) -> Verdict {
        let mut seen = Seen::default();
        let flow = self.each(&call.focus, scope, &mut |item| Ok(if seen.add(self, &item)? { ON } else { ENOUGH }))?;
        Ok(Some(flow.is_continue()))
    }

    fn subset(&self, call: &'v Call, scope: &Scope<'_, 'v>) -> Verdict {
        let Some(argument) = call.arguments.first() else {
            return Ok(None);
        };
        let (part, whole) = match call.function {
            Function::SubsetOf => (&call.focus, argument),
            _ => (argument, &call.focus),
        };
        let mut seen = Seen::default();
        let _ = self.each(whole, scope, &mut |item| {
            seen.add(self, &item)?;
            Ok(ON)
        })?;
        let flow = self.each(part, scope, &mut |item| Ok(if seen.has(self, &item)? { ON } else { ENOUGH }))?;
        Ok(Some(flow.is_continue()))
    }

    fn has_value(&self, call: &'v Call, scope: &Scope<'_, 'v>) -> Verdict {
        let (mut count, mut verdict) = (0, false);
        let _ = self.each(&call.focus, scope, &mut |item| {
            count += 1;
            verdict = match &item {
                Item::Node(Node { value, type_id, .. }) => {
                    let is_primitive = |value: &Value| !value.is_object() && !value.is_array();
                    value.is_some_and(is_primitive)
                        && (self.environment.types.is_primitive(*type_id)
                            || *type_id == crate::fhir_path::TypeId::UNKNOWN)
                }
                _ => true,
            };
            Ok(if count > 1 { ENOUGH } else { ON })
        })?;
        Ok(Some(count == 1 && verdict))
    }

    /// The one text before the call; nothing when there is none, an error when it is no text.
    pub(in crate::fhir_path) fn focus_text(
        &self,
        call: &'v Call,
        scope: &Scope<'_, 'v>,
    ) -> Result<Option<Cow<'v, str>>, EvaluationError> {
        self.one_text(&call.focus, call.function, scope)
    }

    /// The one text of an argument, likewise.
    pub(in crate::fhir_path) fn argument_text(
        &self,
        call: &'v Call,
        at: usize,
        scope: &Scope<'_, 'v>,
    ) -> Result<Option<Cow<'v, str>>, EvaluationError> {
        match call.arguments.get(at) {
            Some(argument) => self.one_text(argument, call.function, scope),
            None => Ok(None),
        }
    }

    fn one_text(
        &self,
        expression: &'v Expr,
        function: Function,
        scope: &Scope<'_, 'v>,
    ) -> Result<Option<Cow<'v, str>>, EvaluationError> {
        let wrong = EvaluationError::WrongType(function.name());
        match self.single(expression, scope, function.name())? {
            None => Ok(None),
            Some(Item::String(text)) => Ok(Some(text)),
            // Any primitive that JSON writes as a text will do, dates too.
            Some(Item::Node(Node { value: Some(Value::String(text)), .. })) => Ok(Some(Cow::Borrowed(text))),
            Some(Item::Node(Node { value: None, .. })) => Ok(None),
            Some(_) => Err(wrong),
        }
    }

    fn text_holds(&self, call: &'v Call, scope: &Scope<'_, 'v>) -> Verdict {
        let Some(text) = self.focus_text(call, scope)? else {
            return Ok(None);
        };
        let Some(part) = self.argument_text(call, 0, scope)? else {
            return Ok(None);
        };
        self.work(text.len() / 64)?;
        Ok(Some(match call.function {
            Function::StartsWith => text.starts_with(&*part),
            Function::EndsWith => text.ends_with(&*part),
            _ => text.contains(&*part),
        }))
    }

    fn matches(&self, call: &'v Call, scope: &Scope<'_, 'v>) -> Verdict {
        let Some(text) = self.focus_text(call, scope)? else {
            return Ok(None);
        };
        let whole = call.function == Function::MatchesFull;
        self.work(text.len())?;
        if let Some(Expr::Literal(Literal::String(pattern))) = call.arguments.first() {
            return Ok(Some(call.regex.get(pattern, whole)?.is_match(&text)));
        }
        let Some(pattern) = self.argument_text(call, 0, scope)? else {
            return Ok(None);
        };
        self.work(regexes::COMPILING_STEPS)?;
        Ok(Some(regexes::compile(&pattern, whole)?.is_match(&text)))
    }

    fn coding_holds(&self, call: &'v Call, scope: &Scope<'_, 'v>) -> Verdict {
        let name = call.function.name();
        let Some(item) = self.single(&call.focus, scope, name)? else {
            return Ok(None);
        };
        let Some(argument) = call.arguments.first() else {
            return Ok(None);
        };
        let Some(other) = self.single(argument, scope, name)? else {
            return Ok(None);
        };
        let host = self.environment.host;
        let answer = match call.function {
            Function::Subsumes => host.subsumes(&item, &other),
            Function::SubsumedBy => host.subsumes(&other, &item),
            _ => host.member_of(self.text(&other).ok_or(EvaluationError::WrongType(name))?, &item),
        };
        answer.map(Some).ok_or(EvaluationError::NotAnswered(name))
    }

    fn conforms(&self, call: &'v Call, scope: &Scope<'_, 'v>) -> Verdict {
        let Some(item) = self.single(&call.focus, scope, "conformsTo")? else {
            return Ok(None);
        };
        let Some(profile) = self.argument_text(call, 0, scope)? else {
            return Ok(None);
        };
        let Item::Node(node) = item else {
            return Err(EvaluationError::WrongType("conformsTo"));
        };
        let types = self.environment.types;
        if let Some(named) = profile.strip_prefix(TYPE_URLS).and_then(|name| types.named(name)) {
            return Ok(Some(types.is_kind_of(node.type_id, named)));
        }
        let answer = self.environment.host.conforms_to(&node, &profile);
        answer.map(Some).ok_or(EvaluationError::NotAnswered("conformsTo"))
    }

    fn html_checks(&self, call: &'v Call, scope: &Scope<'_, 'v>) -> Verdict {
        let Some(text) = self.focus_text(call, scope)? else {
            return Ok(None);
        };
        self.environment.host.html_checks(&text).map(Some).ok_or(EvaluationError::NotAnswered("htmlChecks"))
    }

    fn comparable(&self, call: &'v Call, scope: &Scope<'_, 'v>) -> Verdict {
        let Some(item) = self.single(&call.focus, scope, "comparable")? else {
            return Ok(None);
        };
        let Some(argument) = call.arguments.first() else {
            return Ok(None);
        };
        let Some(other) = self.single(argument, scope, "comparable")? else {
            return Ok(None);
        };
        match (self.plain(&item), self.plain(&other)) {
            (Item::Quantity(one), Item::Quantity(two)) => Ok(Some(one.is_comparable(&two))),
            _ => Err(EvaluationError::WrongType("comparable")),
        }
    }
}
