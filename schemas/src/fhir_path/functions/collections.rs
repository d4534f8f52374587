//! The functions that choose, project and combine (<http://hl7.org/fhirpath/N1/#filtering-and-projection>).

use super::Function;
use crate::fhir_path::error::EvaluationError;
use crate::fhir_path::evaluate::{ENOUGH, Evaluator, Flow, ON, Scope, Sink};
use crate::fhir_path::seen::Seen;
use crate::fhir_path::syntax::Call;
use crate::fhir_path::value::Item;
use std::collections::VecDeque;

impl<'v> Evaluator<'_, 'v> {
    pub(super) fn collection_function(&self, call: &'v Call, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        use Function as F;
        match call.function {
            F::Where => self.filtered(call, scope, sink),
            F::Select => self.projected(call, scope, sink),
            F::Repeat => self.repeated(call, scope, sink),
            F::Count => {
                let mut count = 0;
                let _ = self.each(&call.focus, scope, &mut |_| {
                    count += 1;
                    Ok(ON)
                })?;
                sink(Item::Integer(count))
            }
            F::First => self.part(call, scope, 0, 1, sink),
            F::Tail => self.part(call, scope, 1, i64::MAX, sink),
            F::Skip | F::Take => {
                let Some(argument) = call.arguments.first() else {
                    return Ok(ON);
                };
                let Some(many) = self.integer(argument, scope, call.function.name())? else {
                    return Ok(ON);
                };
                if call.function == F::Skip {
                    self.part(call, scope, many.max(0), i64::MAX, sink)
                } else {
                    self.part(call, scope, 0, many, sink)
                }
            }
            F::Last => {
                let mut last = None;
                let _ = self.each(&call.focus, scope, &mut |item| {
                    last = Some(item);
                    Ok(ON)
                })?;
                last.map_or(Ok(ON), sink)
            }
            F::Single => self.single(&call.focus, scope, "single")?.map_or(Ok(ON), sink),
            F::Distinct => self.distinct(&call.focus, scope, sink),
            _ => self.combined(call, scope, sink),
        }
    }

    fn filtered(&self, call: &'v Call, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        let Some(criteria) = call.arguments.first() else {
            return Ok(ON);
        };
        let mut position = 0;
        self.each(&call.focus, scope, &mut |item| {
            let verdict = self.truth(criteria, &scope.at(&item, position))?;
            position += 1;
            if verdict == Some(true) { sink(item) } else { Ok(ON) }
        })
    }

    fn projected(&self, call: &'v Call, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        let Some(projection) = call.arguments.first() else {
            return Ok(ON);
        };
        let mut position = 0;
        self.each(&call.focus, scope, &mut |item| {
            position += 1;
            self.each(projection, &scope.at(&item, position - 1), sink)
        })
    }

    /// Projects again and again, until nothing new comes.
    fn repeated(&self, call: &'v Call, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        let Some(projection) = call.arguments.first() else {
            return Ok(ON);
        };
        let mut seen = Seen::default();
        let mut waiting: VecDeque<Item<'v>> = self.collect(&call.focus, scope)?.into_iter().collect();
        while let Some(item) = waiting.pop_front() {
            let flow = self.each(projection, &scope.at(&item, 0), &mut |found| {
                if !seen.add(self, &found)? {
                    return Ok(ON);
                }
                waiting.push_back(self.copied(&found)?);
                sink(found)
            })?;
            if flow.is_break() {
                return Ok(ENOUGH);
            }
        }
        Ok(ON)
    }

    /// The values from one position to before another.
    fn part(&self, call: &'v Call, scope: &Scope<'_, 'v>, from: i64, to: i64, sink: Sink<'_, 'v>) -> Flow {
        if from >= to {
            return Ok(ON);
        }
        let (mut position, mut flow) = (0, ON);
        let _ = self.each(&call.focus, scope, &mut |item| {
            position += 1;
            if position > from {
                flow = sink(item)?;
            }
            Ok(if flow.is_break() || position >= to { ENOUGH } else { ON })
        })?;
        Ok(flow)
    }

    fn combined(&self, call: &'v Call, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        let Some(argument) = call.arguments.first() else {
            return Ok(ON);
        };
        match call.function {
            Function::Combine => {
                if self.each(&call.focus, scope, sink)?.is_break() {
                    return Ok(ENOUGH);
                }
                self.each(argument, scope, sink)
            }
            Function::Union => {
                let mut seen = Seen::default();
                let mut fresh = |item: Item<'v>| -> Flow { if seen.add(self, &item)? { sink(item) } else { Ok(ON) } };
                if self.each(&call.focus, scope, &mut fresh)?.is_break() {
                    return Ok(ENOUGH);
                }
                self.each(argument, scope, &mut fresh)
            }
            Function::Intersect => {
                let others = self.seen(argument, scope)?;
                let mut given = Seen::default();
                self.each(&call.focus, scope, &mut |item| {
                    if others.has(self, &item)? && given.add(self, &item)? { sink(item) } else { Ok(ON) }
                })
            }
            Function::Exclude => {
                let others = self.seen(argument, scope)?;
                self.each(&call.focus, scope, &mut |item| if others.has(self, &item)? { Ok(ON) } else { sink(item) })
            }
            _ => Err(EvaluationError::Unsupported(call.function.name())),
        }
    }

    fn seen(
        &self,
        expression: &'v crate::fhir_path::syntax::Expr,
        scope: &Scope<'_, 'v>,
    ) -> Result<Seen<'v>, EvaluationError> {
        let mut seen = Seen::default();
        let _ = self.each(expression, scope, &mut |item| {
            seen.add(self, &item)?;
            Ok(ON)
        })?;
        Ok(seen)
    }
}
