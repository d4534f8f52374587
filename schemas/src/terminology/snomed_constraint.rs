//! SNOMED CT expression constraints, as far as a code is decided by its own mention (<https://confluence.ihtsdotools.org/display/DOCECL>).

use super::NotChecked;
use super::certainty::Certainty;

/// A constraint as a tree of what its parts say of a code.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Constraint {
    /// This concept only.
    Is(Box<str>),
    /// This concept and others.
    IsOrMore(Box<str>),
    /// Others, never this concept.
    NeverIs(Box<str>),
    /// Any of them.
    Any(Vec<Constraint>),
    /// All of them.
    All(Vec<Constraint>),
    /// The first without the second.
    Without(Box<[Constraint; 2]>),
    /// Something that needs the relationships or reference sets of SNOMED CT.
    Opaque,
}

/// Constraints nested deeper are left to a terminology service.
const DEEPEST: usize = 32;

impl Constraint {
    /// Reads a constraint in the brief or the long form (`<<`, `descendantOrSelfOf`); what is not understood is opaque.
    pub fn read(text: &str) -> Constraint {
        let mut tokens = Tokens { rest: text };
        match operands(&mut tokens, DEEPEST) {
            Some(constraint) if tokens.next().is_none() => constraint,
            _ => Constraint::Opaque,
        }
    }

    /// Whether the constraint holds for a code, as far as its text tells.
    pub fn judge(&self, code: &str) -> Certainty {
        let unknown = Certainty::Unknown(NotChecked::RuleNeedsService);
        match self {
            Constraint::Is(own) => Certainty::known(**own == *code),
            Constraint::IsOrMore(own) if **own == *code => Certainty::Yes,
            Constraint::NeverIs(own) if **own == *code => Certainty::No,
            Constraint::IsOrMore(_) | Constraint::NeverIs(_) | Constraint::Opaque => unknown,
            Constraint::Any(parts) => parts.iter().fold(Certainty::No, |so_far, part| so_far.or(|| part.judge(code))),
            Constraint::All(parts) => parts.iter().fold(Certainty::Yes, |so_far, part| so_far.and(|| part.judge(code))),
            Constraint::Without(pair) => {
                let [from, taken] = &**pair;
                from.judge(code).and(|| taken.judge(code).not())
            }
        }
    }
}

/// Operands joined by one kind of word.
fn operands(tokens: &mut Tokens<'_>, depth: usize) -> Option<Constraint> {
    let first = operand(tokens, depth.checked_sub(1)?)?;
    let Some(joint) = tokens.joint() else {
        return Some(first);
    };
    let mut parts = vec![first];
    while tokens.joint() == Some(joint) {
        tokens.next();
        parts.push(operand(tokens, depth - 1)?);
    }
    Some(match joint {
        Joint::Or => Constraint::Any(parts),
        Joint::And => Constraint::All(parts),
        Joint::Minus => {
            let pair: [Constraint; 2] = parts.try_into().ok()?;
            Constraint::Without(Box::new(pair))
        }
    })
}

fn operand(tokens: &mut Tokens<'_>, depth: usize) -> Option<Constraint> {
    let token = tokens.next()?;
    if token == "(" {
        let inner = operands(tokens, depth)?;
        return (tokens.next()? == ")").then_some(inner);
    }
    if is_id(token) {
        return Some(Constraint::Is(token.into()));
    }
    let about = match token.to_ascii_lowercase().as_str() {
        "<<" | "descendantorselfof" | ">>" | "ancestororselfof" => Constraint::IsOrMore,
        "<" | "descendantof" | "<!" | "childof" | ">" | "ancestorof" | ">!" | "parentof" => Constraint::NeverIs,
        "^" | "memberof" => |_| Constraint::Opaque,
        "*" | "any" => return Some(Constraint::Opaque),
        _ => return None,
    };
    match tokens.next()? {
        id if is_id(id) => Some(about(id.into())),
        "(" => {
            operands(tokens, depth)?;
            (tokens.next()? == ")").then_some(Constraint::Opaque)
        }
        _ => None,
    }
}

fn is_id(token: &str) -> bool {
    token.bytes().all(|byte| byte.is_ascii_digit())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    Or,
    And,
    Minus,
}

/// Words, ids and signs; terms between bars are passed over.
struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let (token, rest) = self.look()?;
        self.rest = rest;
        Some(token)
    }

    fn joint(&self) -> Option<Joint> {
        let (token, _) = self.look()?;
        match token.to_ascii_lowercase().as_str() {
            "or" => Some(Joint::Or),
            "and" | "," => Some(Joint::And),
            "minus" => Some(Joint::Minus),
            _ => None,
        }
    }

    /// The next token and what comes after it.
    fn look(&self) -> Option<(&'a str, &'a str)> {
        let mut rest = self.rest.trim_start();
        while let Some(after) = rest.strip_prefix('|') {
            rest = after.split_once('|')?.1.trim_start();
        }
        let first = rest.chars().next()?;
        let length = match first {
            '<' | '>' => rest.bytes().take_while(|byte| matches!(byte, b'<' | b'>' | b'!')).count(),
            first if first.is_ascii_alphanumeric() => rest.bytes().take_while(u8::is_ascii_alphanumeric).count(),
            other => other.len_utf8(),
        };
        rest.split_at_checked(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_decided_where_the_constraint_names_them() {
        let unknown = Certainty::Unknown(NotChecked::RuleNeedsService);
        let deep = format!("{}1{}", "(".repeat(5000), ")".repeat(5000));
        for (text, code, expected) in [
            ("(11 OR 22 OR 33)", "22", Certainty::Yes),
            ("(11 | a term (with signs) < 3 | OR 22 |b|)", "22", Certainty::Yes),
            ("(11 OR 22)", "44", Certainty::No),
            ("descendantOrSelfOf 11", "11", Certainty::Yes),
            ("<<11|x|", "12", unknown),
            ("DescendantOf 11 OR 22", "11", Certainty::No),
            ("< 11", "11", Certainty::No),
            ("descendantOf 11 OR 22", "22", Certainty::Yes),
            ("<< 11 MINUS (<< 22 OR 33)", "33", Certainty::No),
            ("<< 11 MINUS (<< 22 OR 33)", "11", unknown),
            ("11 MINUS 22", "11", Certainty::Yes),
            ("11 AND 22", "11", Certainty::No),
            ("memberOf 11", "11", unknown),
            ("^11 OR 22", "22", Certainty::Yes),
            ("memberOf 11 or 22", "22", Certainty::Yes),
            ("<11 : 22 = 33", "11", unknown),
            ("<< (11 OR 22)", "11", unknown),
            ("11 OR 22 AND 33", "11", unknown),
            ("", "11", unknown),
            ("11 OR", "11", unknown),
            ("|11", "11", unknown),
            ("*", "11", unknown),
            (&deep, "1", unknown),
        ] {
            assert_eq!(Constraint::read(text).judge(code), expected, "{text} {code}");
        }
    }
}
