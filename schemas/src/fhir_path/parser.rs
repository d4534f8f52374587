//! Words -> tree (<http://hl7.org/fhirpath/N1/#grammar>), with bounds on length and depth.

use super::calendar::CalendarUnit;
use super::error::CompileError;
use super::expression::{MOST_CHARACTERS, MOST_NESTING};
use super::functions::Function;
use super::lexer::{Token, tokens};
use super::number::decimal;
use super::quantity::Quantity;
use super::regexes::LiteralRegex;
use super::syntax::{Call, Expr, Literal, Operator, TYPE_BINDING, TypeSpecifier, Variable};
use super::types::ElementName;
use std::borrow::Cow;

/// How tightly a sign binds.
const SIGN_BINDING: u8 = 11;

/// Reads a whole expression.
pub(super) fn parse(text: &str) -> Result<Expr, CompileError> {
    if text.len() > MOST_CHARACTERS {
        let message = format!("an expression may have {MOST_CHARACTERS} bytes at most");
        return Err(CompileError { position: MOST_CHARACTERS, message });
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    let (expression, _) = parser.expression(0, 0)?;
    match parser.peek() {
        Token::End => Ok(expression),
        _ => parser.error("an operator or the end should stand here"),
    }
}

struct Parser<'t> {
    tokens: Vec<(usize, Token<'t>)>,
    at: usize,
}

/// A part with the number of parts that lie in each other in it.
type Part = (Expr, usize);

/// A path with its steps, and how deep the deepest argument of any of them is: all steps lie on the stack while one of
/// the arguments is evaluated.
type Path = (Expr, Steps);

#[derive(Clone, Copy)]
struct Steps {
    steps: usize,
    inside: usize,
}

impl Steps {
    fn of(depth: usize) -> Steps {
        Steps { steps: depth, inside: 0 }
    }

    fn more(self, inside: usize) -> Steps {
        Steps { steps: self.steps + 1, inside: self.inside.max(inside) }
    }

    fn depth(self) -> usize {
        self.steps + self.inside
    }
}

impl<'t> Parser<'t> {
    fn peek(&self) -> &Token<'t> {
        self.tokens.get(self.at).map_or(&Token::End, |(_, token)| token)
    }

    fn next(&mut self) -> Token<'t> {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(own) if *own == symbol)
    }

    fn eat(&mut self, symbol: &str) -> bool {
        let fits = self.is_symbol(symbol);
        self.at += usize::from(fits);
        fits
    }

    fn expect(&mut self, symbol: &str) -> Result<(), CompileError> {
        if self.eat(symbol) { Ok(()) } else { self.error(&format!("`{symbol}` should stand here")) }
    }

    fn error<T>(&self, message: &str) -> Result<T, CompileError> {
        let position = self.tokens.get(self.at).or(self.tokens.last()).map_or(0, |(position, _)| *position);
        Err(CompileError { position, message: message.to_owned() })
    }

    /// Refuses what lies too deep: `open` counts the parts around, `inside` those within.
    fn bounded(&self, open: usize, inside: usize) -> Result<(), CompileError> {
        if open + inside > MOST_NESTING {
            return self.error(&format!("parts of an expression may lie {MOST_NESTING} deep in each other at most"));
        }
        Ok(())
    }

    fn expression(&mut self, least: u8, open: usize) -> Result<Part, CompileError> {
        self.bounded(open, 0)?;
        let (mut left, mut depth) = self.signed(open)?;
        loop {
            if let Token::Word(word @ ("is" | "as")) = *self.peek() {
                if TYPE_BINDING < least {
                    return Ok((left, depth));
                }
                self.at += 1;
                let specifier = self.type_specifier()?;
                left = match word {
                    "is" => Expr::Is(Box::new(left), specifier, true),
                    _ => Expr::As(Box::new(left), specifier),
                };
                depth += 1;
            } else {
                let Some(operator) = self.operator().filter(|operator| operator.binding() >= least) else {
                    return Ok((left, depth));
                };
                self.at += 1;
                let (right, right_depth) = self.expression(operator.binding() + 1, open + 1)?;
                left = Expr::Binary(operator, Box::new(left), Box::new(right));
                depth = depth.max(right_depth) + 1;
            }
            self.bounded(open, depth)?;
        }
    }

    fn operator(&self) -> Option<Operator> {
        Some(match *self.peek() {
            Token::Symbol(symbol) => match symbol {
                "*" => Operator::Times,
                "/" => Operator::Over,
                "+" => Operator::Plus,
                "-" => Operator::Minus,
                "&" => Operator::Concat,
                "|" => Operator::Union,
                "<=" => Operator::LessOrEqual,
                "<" => Operator::Less,
                ">" => Operator::Greater,
                ">=" => Operator::GreaterOrEqual,
                "=" => Operator::Equal,
                "!=" => Operator::NotEqual,
                "~" => Operator::Equivalent,
                "!~" => Operator::NotEquivalent,
                _ => return None,
            },
            Token::Word(word) => match word {
                "div" => Operator::Div,
                "mod" => Operator::Mod,
                "in" => Operator::In,
                "contains" => Operator::Contains,
                "and" => Operator::And,
                "or" => Operator::Or,
                "xor" => Operator::Xor,
                "implies" => Operator::Implies,
                _ => return None,
            },
            _ => return None,
        })
    }

    fn signed(&mut self, open: usize) -> Result<Part, CompileError> {
        if self.eat("-") {
            let (inner, depth) = self.expression(SIGN_BINDING, open + 1)?;
            return Ok((Expr::Negated(Box::new(inner)), depth + 1));
        }
        if self.eat("+") {
            let (inner, depth) = self.expression(SIGN_BINDING, open + 1)?;
            return Ok((Expr::Positive(Box::new(inner)), depth + 1));
        }
        let mut part = self.term(open)?;
        loop {
            if self.eat(".") {
                part = self.invocation(part.0, part.1, open, false)?;
            } else if self.eat("[") {
                let (index, index_depth) = self.expression(0, open + 1)?;
                self.expect("]")?;
                part = (Expr::Indexed(Box::new(part.0), Box::new(index)), part.1.more(index_depth));
            } else {
                return Ok((part.0, part.1.depth()));
            }
            self.bounded(open, part.1.depth())?;
        }
    }

    fn term(&mut self, open: usize) -> Result<Path, CompileError> {
        let literal = match self.peek().clone() {
            Token::Word("true") => Literal::Boolean(true),
            Token::Word("false") => Literal::Boolean(false),
            Token::Word(_) | Token::Quoted(_) | Token::Dollar(_) => {
                return self.invocation(Expr::This, Steps::of(0), open, true);
            }
            Token::String(text) => Literal::String(text.into()),
            Token::Number(text) => {
                self.at += 1;
                return Ok((Expr::Literal(self.number(text)?), Steps::of(1)));
            }
            Token::DateTime(literal) => Literal::DateTime(literal.value),
            Token::Variable(name) => {
                self.at += 1;
                return Ok((Expr::Variable(variable(name)), Steps::of(1)));
            }
            Token::Symbol("(") => {
                self.at += 1;
                let part = self.expression(0, open + 1)?;
                self.expect(")")?;
                return Ok((part.0, Steps::of(part.1)));
            }
            Token::Symbol("{") => {
                self.at += 1;
                self.expect("}")?;
                return Ok((Expr::Empty, Steps::of(1)));
            }
            _ => return self.error("a value or a path should stand here"),
        };
        self.at += 1;
        Ok((Expr::Literal(literal), Steps::of(1)))
    }

    /// A number, with its unit where one follows.
    fn number(&mut self, text: &str) -> Result<Literal, CompileError> {
        let Some(value) = decimal(text) else {
            return self.error("this is no number");
        };
        let unit = match self.peek() {
            Token::String(code) => Some((code.clone(), None)),
            Token::Word(word) => CalendarUnit::named(word).map(|unit| ((*word).to_owned(), Some(unit))),
            _ => None,
        };
        if let Some((unit, calendar)) = unit {
            self.at += 1;
            // A unit of time in quotes is taken for the calendar's where UCUM has no such code.
            let calendar = calendar.or_else(|| CalendarUnit::named(&unit));
            return Ok(Literal::Quantity(Quantity { value, unit: Cow::Owned(unit), calendar }));
        }
        if text.contains('.') {
            return Ok(Literal::Decimal(value));
        }
        match text.parse() {
            Ok(integer) => Ok(Literal::Integer(integer)),
            Err(_) => self.error("this integer is too large"),
        }
    }

    /// A name, a call or a `$` word, on what stands before it.
    fn invocation(&mut self, focus: Expr, depth: Steps, open: usize, starts: bool) -> Result<Path, CompileError> {
        let position = self.at;
        let name: Cow<'_, str> = match self.next() {
            Token::Word(word) => Cow::Borrowed(word),
            Token::Quoted(name) => Cow::Owned(name),
            Token::Dollar(word) if starts => {
                let expression = match word {
                    "this" => Expr::This,
                    "index" => Expr::Position,
                    "total" => Expr::Total,
                    _ => {
                        self.at = position;
                        return self.error("only `$this`, `$index` and `$total` are known");
                    }
                };
                return Ok((expression, Steps::of(1)));
            }
            _ => {
                self.at = position;
                return self.error("a name should stand here");
            }
        };
        if !self.eat("(") {
            let name = ElementName::new(&name);
            let expression = if starts { Expr::Start(name) } else { Expr::Child(Box::new(focus), name) };
            return Ok((expression, depth.more(0)));
        }
        if let kind @ ("is" | "as" | "ofType") = &*name {
            let specifier = self.type_specifier()?;
            self.expect(")")?;
            let focus = Box::new(focus);
            let expression = if kind == "is" { Expr::Is(focus, specifier, false) } else { Expr::As(focus, specifier) };
            return Ok((expression, depth.more(0)));
        }
        let Some(function) = Function::named(&name) else {
            self.at = position;
            return self.error(&format!("there is no function `{name}`"));
        };
        let mut arguments = Vec::new();
        let mut deepest = 0;
        if !self.eat(")") {
            loop {
                let (argument, argument_depth) = self.expression(0, open + 1)?;
                deepest = deepest.max(argument_depth);
                arguments.push(argument);
                if self.eat(")") {
                    break;
                }
                self.expect(",")?;
            }
        }
        if !function.takes(arguments.len()) {
            self.at = position;
            return self.error(&format!("`{name}` takes another number of arguments"));
        }
        let call = Call { function, focus, arguments, regex: LiteralRegex::default() };
        Ok((Expr::Call(Box::new(call)), depth.more(deepest)))
    }

    fn type_specifier(&mut self) -> Result<TypeSpecifier, CompileError> {
        let first = self.type_name()?;
        if self.is_symbol(".") && matches!(&*first, "System" | "FHIR") {
            self.at += 1;
            return Ok(TypeSpecifier { namespace: Some(first), name: self.type_name()? });
        }
        Ok(TypeSpecifier { namespace: None, name: first })
    }

    fn type_name(&mut self) -> Result<Box<str>, CompileError> {
        match self.next() {
            Token::Word(word) => Ok(word.into()),
            // Older expressions write the type as a text.
            Token::Quoted(name) | Token::String(name) => Ok(name.into()),
            _ => {
                self.at -= 1;
                self.error("the name of a type should stand here")
            }
        }
    }
}

fn variable(name: String) -> Variable {
    match &*name {
        "context" => Variable::Context,
        "resource" => Variable::Resource,
        "rootResource" => Variable::RootResource,
        "ucum" => Variable::Text("http://unitsofmeasure.org".into()),
        "sct" => Variable::Text("http://snomed.info/sct".into()),
        "loinc" => Variable::Text("http://loinc.org".into()),
        other => {
            if let Some(set) = other.strip_prefix("vs-") {
                Variable::Text(format!("http://hl7.org/fhir/ValueSet/{set}").into())
            } else if let Some(extension) = other.strip_prefix("ext-") {
                Variable::Text(format!("http://hl7.org/fhir/StructureDefinition/{extension}").into())
            } else {
                Variable::Named(name.into())
            }
        }
    }
}
