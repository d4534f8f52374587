//! An expression: compiled once, asked often.

use super::environment::Environment;
use super::error::{CompileError, EvaluationError};
use super::evaluate::Evaluator;
use super::parser;
use super::syntax::Expr;
use super::value::{Collection, Item, Node};

/// Longest text of an expression.
pub const MOST_CHARACTERS: usize = 20_000;

/// How deep parts of an expression may lie in each other; each step of a path and each operator is a part.
pub const MOST_NESTING: usize = 100;

/// A compiled expression.
#[derive(Debug)]
pub struct Expression {
    root: Expr,
}

impl Expression {
    /// Compiles a text.
    pub fn compile(text: &str) -> Result<Expression, CompileError> {
        Ok(Expression { root: parser::parse(text)? })
    }

    /// Whether it holds at the focus as an invariant. A path holds when it selects something that is not `false`. A
    /// condition holds unless it is `false`: over an element that is not there it has no answer (`ref-1` of a Reference
    /// with an identifier alone), which says nothing against the value.
    pub fn holds<'v>(&'v self, environment: &Environment<'_, 'v>, focus: Node<'v>) -> Result<bool, EvaluationError> {
        Evaluator::new(environment, focus).holds(&self.root, focus)
    }

    /// What it selects.
    pub fn evaluate<'v>(
        &'v self,
        environment: &Environment<'_, 'v>,
        focus: Node<'v>,
    ) -> Result<Collection<'v>, EvaluationError> {
        Evaluator::new(environment, focus).evaluate(&self.root, &Item::Node(focus))
    }
}
