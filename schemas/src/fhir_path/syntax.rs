//! The tree an expression is compiled to.

use super::date_time::DateTime;
use super::functions::Function;
use super::quantity::Quantity;
use super::regexes::LiteralRegex;
use super::types::ElementName;
use rust_decimal::Decimal;

/// One node of the tree.
#[derive(Debug)]
pub(super) enum Expr {
    Literal(Literal),
    /// `{}`
    Empty,
    /// `$this`, also where a path starts without saying so.
    This,
    /// `$index`
    Position,
    /// `$total`
    Total,
    Variable(Variable),
    /// The first name of a path: the name of the focus's type, or an element of the focus.
    Start(ElementName),
    /// An element of the values before it.
    Child(Box<Expr>, ElementName),
    /// `[n]`
    Indexed(Box<Expr>, Box<Expr>),
    Call(Box<Call>),
    /// `is`; the flag tells the operator from the function.
    Is(Box<Expr>, TypeSpecifier, bool),
    /// `as` and `ofType`
    As(Box<Expr>, TypeSpecifier),
    Negated(Box<Expr>),
    /// A sign `+`, which only numbers may carry.
    Positive(Box<Expr>),
    Binary(Operator, Box<Expr>, Box<Expr>),
}

/// A call of a function.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) function: Function,
    pub(super) focus: Expr,
    pub(super) arguments: Vec<Expr>,
    pub(super) regex: LiteralRegex,
}

/// A value written in the expression.
#[derive(Debug)]
pub(super) enum Literal {
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    String(Box<str>),
    DateTime(DateTime),
    Quantity(Quantity<'static>),
}

/// `%name`
#[derive(Debug)]
pub(super) enum Variable {
    Context,
    Resource,
    RootResource,
    /// A constant text (`%ucum`, `%vs-x`).
    Text(Box<str>),
    Named(Box<str>),
}

/// A type named in the expression.
#[derive(Debug)]
pub(super) struct TypeSpecifier {
    /// `System` or `FHIR`, where given.
    pub(super) namespace: Option<Box<str>>,
    pub(super) name: Box<str>,
}

/// What stands between two expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Times,
    Over,
    Div,
    Mod,
    Plus,
    Minus,
    Concat,
    Union,
    LessOrEqual,
    Less,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    Equivalent,
    NotEquivalent,
    In,
    Contains,
    And,
    Or,
    Xor,
    Implies,
}

impl Operator {
    /// As it is written.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Operator::Times => "*",
            Operator::Over => "/",
            Operator::Div => "div",
            Operator::Mod => "mod",
            Operator::Plus => "+",
            Operator::Minus => "-",
            Operator::Concat => "&",
            Operator::Union => "|",
            Operator::LessOrEqual => "<=",
            Operator::Less => "<",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::Equal => "=",
            Operator::NotEqual => "!=",
            Operator::Equivalent => "~",
            Operator::NotEquivalent => "!~",
            Operator::In => "in",
            Operator::Contains => "contains",
            Operator::And => "and",
            Operator::Or => "or",
            Operator::Xor => "xor",
            Operator::Implies => "implies",
        }
    }

    /// How tightly it binds; `is` and `as` bind with [`TYPE_BINDING`].
    pub(super) fn binding(self) -> u8 {
        match self {
            Operator::Times | Operator::Over | Operator::Div | Operator::Mod => 10,
            Operator::Plus | Operator::Minus | Operator::Concat => 9,
            Operator::Union => 7,
            Operator::LessOrEqual | Operator::Less | Operator::Greater | Operator::GreaterOrEqual => 6,
            Operator::Equal | Operator::NotEqual | Operator::Equivalent | Operator::NotEquivalent => 5,
            Operator::In | Operator::Contains => 4,
            Operator::And => 3,
            Operator::Or | Operator::Xor => 2,
            Operator::Implies => 1,
        }
    }
}

/// How tightly `is` and `as` bind.
pub(super) const TYPE_BINDING: u8 = 8;
