//! `iif`, `aggregate`, `sort`, `trace` and the present time.

use super::Function;
use crate::fhir_path::date_time::{DateTime, DateTimeKind};
use crate::fhir_path::error::EvaluationError;
use crate::fhir_path::evaluate::{Evaluator, Flow, ON, Scope, Sink};
use crate::fhir_path::syntax::{Call, Expr};
use crate::fhir_path::value::{Collection, Item};
use std::borrow::Cow;
use std::cmp::Ordering;

impl<'v> Evaluator<'_, 'v> {
    pub(super) fn ordering_function(&self, call: &'v Call, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        match call.function {
            Function::Iif => self.either(call, scope, sink),
            Function::Aggregate => self.aggregated(call, scope, sink),
            Function::Sort => self.sorted(call, scope, sink),
            _ => self.traced(call, scope, sink),
        }
    }

    /// One of two expressions; the other is not evaluated.
    fn either(&self, call: &'v Call, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        let focus = self.single(&call.focus, scope, "iif")?;
        let inner = Scope { this: focus.as_ref(), ..*scope };
        let [criteria, chosen @ ..] = call.arguments.as_slice() else {
            return Ok(ON);
        };
        let verdict = match self.single(criteria, &inner, "iif")?.map(|item| self.plain(&item)) {
            None => false,
            Some(Item::Boolean(verdict)) => verdict,
            Some(_) => return Err(EvaluationError::WrongType("iif")),
        };
        match chosen.get(usize::from(!verdict)) {
            Some(expression) => self.each(expression, &inner, sink),
            None => Ok(ON),
        }
    }

    fn aggregated(&self, call: &'v Call, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        let Some(step) = call.arguments.first() else {
            return Ok(ON);
        };
        let mut total = match call.arguments.get(1) {
            Some(start) => self.collect(start, scope)?,
            None => Collection::new(),
        };
        let mut position = 0;
        let _ = self.each(&call.focus, scope, &mut |item| {
            total = self.collect(step, &Scope { this: Some(&item), position, total: Some(&total) })?;
            position += 1;
            Ok(ON)
        })?;
        self.give(total, sink)
    }

    fn sorted(&self, call: &'v Call, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        let items = self.collect(&call.focus, scope)?;
        let mut rows = Vec::with_capacity(items.len());
        for (position, item) in items.into_iter().enumerate() {
            let mut keys = Vec::with_capacity(call.arguments.len().max(1));
            for argument in &call.arguments {
                // A minus before a key asks for the descending order, of texts too.
                let (expression, descends) = match argument {
                    Expr::Negated(inner) => (&**inner, true),
                    other => (other, false),
                };
                keys.push((self.single(expression, &scope.at(&item, position), "sort")?, descends));
            }
            if call.arguments.is_empty() {
                keys.push((Some(item.clone()), false));
            }
            rows.push((item, keys));
        }
        let mut failure = None;
        rows.sort_by(|(_, one), (_, two)| {
            for ((left, descends), (right, _)) in one.iter().zip(two) {
                let order = match (left, right) {
                    (Some(left), Some(right)) => match self.order(left, right, "sort") {
                        Ok(order) => order.unwrap_or(Ordering::Equal),
                        Err(error) => {
                            failure = Some(error);
                            Ordering::Equal
                        }
                    },
                    // What has no key comes first, whatever the direction.
                    (None, Some(_)) => return Ordering::Less,
                    (Some(_), None) => return Ordering::Greater,
                    (None, None) => Ordering::Equal,
                };
                if order.is_ne() {
                    return if *descends { order.reverse() } else { order };
                }
            }
            Ordering::Equal
        });
        match failure {
            Some(error) => Err(error),
            None => self.give(rows.into_iter().map(|(item, _)| item), sink),
        }
    }

    /// Gives values to the sink.
    pub(super) fn give(&self, items: impl IntoIterator<Item = Item<'v>>, sink: Sink<'_, 'v>) -> Flow {
        for item in items {
            self.step()?;
            let flow = sink(item)?;
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ON)
    }

    fn traced(&self, call: &'v Call, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        let name = self.argument_text(call, 0, scope)?.unwrap_or(Cow::Borrowed(""));
        self.each(&call.focus, scope, &mut |item| {
            match call.arguments.get(1) {
                None => self.environment.host.trace(&name, &item),
                Some(projection) => {
                    let _ = self.each(projection, &scope.at(&item, 0), &mut |shown| {
                        self.environment.host.trace(&name, &shown);
                        Ok(ON)
                    })?;
                }
            }
            sink(item)
        })
    }

    /// `now()`, `today()` and `timeOfDay()`.
    pub(super) fn present_time(&self, function: Function) -> Result<Option<Item<'v>>, EvaluationError> {
        let now = self.environment.now.ok_or(EvaluationError::NotAnswered(function.name()))?;
        Ok(match function {
            Function::Today => Some(Item::DateTime(now.to_date())),
            Function::TimeOfDay => now.to_time().map(Item::DateTime),
            _ => Some(Item::DateTime(DateTime { kind: DateTimeKind::DateTime, ..now })),
        })
    }
}
