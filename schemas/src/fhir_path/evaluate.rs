//! Runs a tree over a focus: values are streamed to whoever asked, who may say that it has seen enough.

use super::environment::Environment;
use super::error::EvaluationError;
use super::syntax::{Expr, Literal, Operator, TypeSpecifier, Variable};
use super::types::{ElementName, SystemType};
use super::value::{Collection, Item, Node};
use std::borrow::Cow;
use std::cell::Cell;
use std::ops::ControlFlow;

/// Whether to go on.
pub(super) type Flow = Result<ControlFlow<()>, EvaluationError>;

/// Takes values one by one.
pub(super) type Sink<'s, 'v> = &'s mut dyn FnMut(Item<'v>) -> Flow;

/// To go on.
pub(super) const ON: ControlFlow<()> = ControlFlow::Continue(());

/// To stop.
pub(super) const ENOUGH: ControlFlow<()> = ControlFlow::Break(());

/// Most values that are kept at once.
const MOST_VALUES: usize = 1_000_000;

/// What `$this`, `$index` and `$total` are.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s, 'v> {
    pub(super) this: Option<&'s Item<'v>>,
    pub(super) position: usize,
    pub(super) total: Option<&'s Collection<'v>>,
}

impl<'s, 'v> Scope<'s, 'v> {
    /// The same with another `$this`.
    pub(super) fn at(&self, this: &'s Item<'v>, position: usize) -> Scope<'s, 'v> {
        Scope { this: Some(this), position, total: self.total }
    }
}

/// One evaluation.
pub(super) struct Evaluator<'e, 'v> {
    pub(super) environment: &'e Environment<'e, 'v>,
    context: Node<'v>,
    steps: Cell<u64>,
}

impl<'e, 'v> Evaluator<'e, 'v> {
    pub(super) fn new(environment: &'e Environment<'e, 'v>, focus: Node<'v>) -> Evaluator<'e, 'v> {
        let context = environment.context.unwrap_or(focus);
        Evaluator { environment, context, steps: Cell::new(environment.steps) }
    }

    /// Whether the expression holds: of a condition only `false` objects; of a path, that it selects nothing.
    pub(super) fn holds(&self, root: &'v Expr, focus: Node<'v>) -> Result<bool, EvaluationError> {
        let focus = Item::Node(focus);
        let scope = Scope { this: Some(&focus), position: 0, total: None };
        if is_condition(root) {
            return Ok(self.truth(root, &scope)?.unwrap_or(true));
        }
        let mut verdict = None;
        let _ = self.each(root, &scope, &mut |item| {
            if verdict.is_some() {
                verdict = Some(true);
                return Ok(ENOUGH);
            }
            verdict = Some(self.as_condition(&item));
            Ok(ON)
        })?;
        Ok(verdict.unwrap_or(false))
    }

    /// All that the expression selects.
    pub(super) fn evaluate(&self, root: &'v Expr, focus: &Item<'v>) -> Result<Collection<'v>, EvaluationError> {
        self.collect(root, &Scope { this: Some(focus), position: 0, total: None })
    }

    /// Counts a step of work.
    pub(super) fn step(&self) -> Result<(), EvaluationError> {
        self.work(1)
    }

    /// Counts work that is done at once.
    pub(super) fn work(&self, steps: usize) -> Result<(), EvaluationError> {
        let left = self.steps.get().checked_sub(steps as u64).ok_or(EvaluationError::TooMuchWork)?;
        self.steps.set(left);
        Ok(())
    }

    /// A copy of a value; one of a text that was made on the way counts as work.
    pub(super) fn copied(&self, item: &Item<'v>) -> Result<Item<'v>, EvaluationError> {
        if let Item::String(Cow::Owned(text)) = item {
            self.work(text.len() / 64)?;
        }
        Ok(item.clone())
    }

    /// Gives each value of an expression to the sink.
    pub(super) fn each(&self, expression: &'v Expr, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        self.step()?;
        match expression {
            Expr::This => match scope.this {
                Some(this) => sink(self.copied(this)?),
                None => Ok(ON),
            },
            Expr::Start(name) => self.start(name, scope, sink),
            Expr::Child(before, name) => self.each(before, scope, &mut |item| self.child(&item, name, sink)),
            Expr::Call(call) if call.function.is_condition() => self.tell(self.condition(call, scope)?, sink),
            Expr::Call(call) => self.call(call, scope, sink),
            Expr::Literal(literal) => sink(literal_item(literal)),
            Expr::Empty => Ok(ON),
            Expr::Position => sink(Item::Integer(i64::try_from(scope.position).unwrap_or(i64::MAX))),
            Expr::Total => self.all_of(scope.total, sink),
            Expr::Variable(variable) => self.variable(variable, sink),
            Expr::Indexed(before, index) => self.indexed(before, index, scope, sink),
            Expr::Is(..) => self.tell(self.truth(expression, scope)?, sink),
            Expr::As(before, specifier) => self.as_type(before, specifier, scope, sink),
            Expr::Negated(inner) => self.negated(inner, scope, sink),
            Expr::Positive(inner) => self.positive(inner, scope, sink),
            Expr::Binary(operator, left, right) => self.binary(expression, *operator, (left, right), scope, sink),
        }
    }

    /// The first name of a path: the focus itself where it is named by its type, otherwise an element of it.
    fn start(&self, name: &ElementName, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        let Some(this) = scope.this else {
            return Ok(ON);
        };
        if let Item::Node(node) = this
            && name.text().starts_with(|letter: char| letter.is_ascii_uppercase())
            && let Some(named) = self.environment.types.named(name.text())
            && self.environment.types.is_kind_of(node.type_id, named)
        {
            return sink(this.clone());
        }
        self.child(this, name, sink)
    }

    fn all_of(&self, items: Option<&Collection<'v>>, sink: Sink<'_, 'v>) -> Flow {
        for item in items.into_iter().flatten() {
            if sink(self.copied(item)?)?.is_break() {
                return Ok(ENOUGH);
            }
        }
        Ok(ON)
    }

    fn variable(&self, variable: &'v Variable, sink: Sink<'_, 'v>) -> Flow {
        let node = match variable {
            Variable::Context => Some(self.context),
            Variable::Resource => self.environment.resource,
            Variable::RootResource => self.environment.root_resource,
            Variable::Text(text) => return sink(Item::String(Cow::Borrowed(text))),
            Variable::Named(name) => {
                let Some((_, items)) = self.environment.variables.iter().find(|(own, _)| *own == &**name) else {
                    return Err(EvaluationError::UnknownVariable(name.to_string()));
                };
                return self.all_of(Some(items), sink);
            }
        };
        match node {
            Some(node) => sink(Item::Node(node)),
            None => Ok(ON),
        }
    }

    fn indexed(&self, before: &'v Expr, index: &'v Expr, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        let Some(index) = self.integer(index, scope, "an index")? else {
            return Ok(ON);
        };
        let (mut at, mut flow) = (0, ON);
        let _ = self.each(before, scope, &mut |item| {
            at += 1;
            if at - 1 == index {
                flow = sink(item)?;
                return Ok(ENOUGH);
            }
            Ok(ON)
        })?;
        Ok(flow)
    }

    fn as_type(&self, before: &'v Expr, wanted: &TypeSpecifier, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        if !self.is_known(wanted) {
            return Err(EvaluationError::UnknownType(wanted.name.to_string()));
        }
        self.each(before, scope, &mut |item| {
            if self.is_exactly(&item, wanted) { sink(item) } else { Ok(ON) }
        })
    }

    fn is_known(&self, wanted: &TypeSpecifier) -> bool {
        let is_system = || SystemType::named(&wanted.name).is_some();
        match wanted.namespace.as_deref() {
            Some("System") => is_system(),
            Some(_) => self.environment.types.named(&wanted.name).is_some(),
            None => self.environment.types.named(&wanted.name).is_some() || is_system(),
        }
    }

    /// Whether `as` lets a value pass. R4 takes a primitive only by its very type (`dom-3` counts on it); other types
    /// pass by their bases too.
    fn is_exactly(&self, item: &Item<'v>, wanted: &TypeSpecifier) -> bool {
        let types = self.environment.types;
        match item {
            Item::Node(node) if types.is_primitive(node.type_id) => {
                wanted.namespace.as_deref() != Some("System") && types.name(node.type_id) == &*wanted.name
            }
            _ => self.is_of_type(item, wanted, false),
        }
    }

    /// Whether a value is of a type or of one derived from it.
    pub(super) fn is_of_type(&self, item: &Item<'v>, wanted: &TypeSpecifier, leniently: bool) -> bool {
        let types = self.environment.types;
        let namespace = wanted.namespace.as_deref();
        match item {
            Item::Node(node) => {
                if namespace != Some("System")
                    && let Some(base) = types.named(&wanted.name)
                {
                    return types.is_kind_of(node.type_id, base);
                }
                // R4's own invariants ask a FHIR boolean whether it `is Boolean` (`que-7`), and mean yes.
                leniently
                    && namespace.is_none()
                    && types.is_primitive(node.type_id)
                    && SystemType::named(&wanted.name).is_some_and(|named| types.system(node.type_id) == Some(named))
            }
            other => {
                namespace != Some("FHIR")
                    && other.system_type().is_some_and(|own| SystemType::named(&wanted.name) == Some(own))
            }
        }
    }

    /// What the expression says as a condition: nothing, true or false. One value that is no truth value counts as true.
    pub(super) fn truth(&self, expression: &'v Expr, scope: &Scope<'_, 'v>) -> Result<Option<bool>, EvaluationError> {
        match expression {
            Expr::Binary(operator, left, right) if operator.is_condition() => {
                self.step()?;
                self.comparison(*operator, left, right, scope)
            }
            Expr::Call(call) if call.function.is_condition() => {
                self.step()?;
                self.condition(call, scope)
            }
            Expr::Is(inner, wanted, is_operator) => {
                let item = self.single(inner, scope, "is")?;
                Ok(item.map(|item| self.is_of_type(&item, wanted, *is_operator)))
            }
            _ => Ok(self.single(expression, scope, "a condition")?.map(|item| self.as_condition(&item))),
        }
    }

    fn as_condition(&self, item: &Item<'v>) -> bool {
        match self.plain(item) {
            Item::Boolean(verdict) => verdict,
            _ => true,
        }
    }

    /// Gives a verdict to the sink.
    pub(super) fn tell(&self, verdict: Option<bool>, sink: Sink<'_, 'v>) -> Flow {
        match verdict {
            Some(verdict) => sink(Item::Boolean(verdict)),
            None => Ok(ON),
        }
    }

    /// All values.
    pub(super) fn collect(
        &self,
        expression: &'v Expr,
        scope: &Scope<'_, 'v>,
    ) -> Result<Collection<'v>, EvaluationError> {
        let mut out = Collection::new();
        let _ = self.each(expression, scope, &mut |item| {
            if out.len() == MOST_VALUES {
                return Err(EvaluationError::TooMuchWork);
            }
            out.push(item);
            Ok(ON)
        })?;
        Ok(out)
    }

    /// The one value, if any; several are an error of whoever asks.
    pub(super) fn single(
        &self,
        expression: &'v Expr,
        scope: &Scope<'_, 'v>,
        asker: &'static str,
    ) -> Result<Option<Item<'v>>, EvaluationError> {
        let mut found = None;
        let _ = self.each(expression, scope, &mut |item| {
            if found.is_some() {
                return Err(EvaluationError::NotSingle(asker));
            }
            found = Some(item);
            Ok(ON)
        })?;
        Ok(found)
    }

    /// The one whole number, if any.
    pub(super) fn integer(
        &self,
        expression: &'v Expr,
        scope: &Scope<'_, 'v>,
        asker: &'static str,
    ) -> Result<Option<i64>, EvaluationError> {
        match self.single(expression, scope, asker)?.map(|item| self.plain(&item)) {
            None => Ok(None),
            Some(Item::Integer(number)) => Ok(Some(number)),
            Some(_) => Err(EvaluationError::WrongType(asker)),
        }
    }
}

/// Whether the expression gives one truth value or none.
fn is_condition(expression: &Expr) -> bool {
    match expression {
        Expr::Binary(operator, ..) => operator.is_condition(),
        Expr::Call(call) => call.function.is_condition(),
        Expr::Is(..) => true,
        _ => false,
    }
}

impl Operator {
    /// Whether it gives one truth value or none.
    pub(super) fn is_condition(self) -> bool {
        self.binding() <= Operator::Less.binding()
    }
}

fn literal_item(literal: &Literal) -> Item<'_> {
    match literal {
        Literal::String(text) => Item::String(Cow::Borrowed(text)),
        Literal::Boolean(value) => Item::Boolean(*value),
        Literal::Integer(value) => Item::Integer(*value),
        Literal::Decimal(value) => Item::Decimal(*value),
        Literal::DateTime(value) => Item::DateTime(*value),
        Literal::Quantity(value) => Item::Quantity(Box::new(value.clone())),
    }
}
