//! Texts that a regular expression matches.

use super::random::Random;
use regex_syntax::hir::{Class, Hir, HirKind};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Most repetitions of what may be repeated without end.
const MOST_REPEATS: u32 = 4;

/// An expression as a tree and as a program.
type Compiled = Rc<(Hir, regex::Regex)>;

/// Expressions, compiled once; what cannot be compiled is `None` and matches everything.
#[derive(Debug, Default)]
pub struct Patterns(RefCell<HashMap<String, Option<Compiled>>>);

impl Patterns {
    fn compiled(&self, pattern: &str) -> Option<Compiled> {
        if let Some(known) = self.0.borrow().get(pattern) {
            return known.clone();
        }
        let tree = regex_syntax::Parser::new().parse(pattern).ok();
        let made = tree.zip(regex::Regex::new(pattern).ok()).map(Rc::new);
        self.0.borrow_mut().insert(pattern.to_string(), made.clone());
        made
    }

    /// Whether the expression is found in a text.
    pub fn fits(&self, pattern: &str, text: &str) -> bool {
        self.compiled(pattern).is_none_or(|one| one.1.is_match(text))
    }

    /// A text in which the expression is found; `None` where none was hit upon.
    pub fn matching(&self, pattern: &str, random: &mut Random) -> Option<String> {
        let compiled = self.compiled(pattern)?;
        (0..12).find_map(|_| {
            let mut out = String::new();
            write(&compiled.0, random, &mut out);
            compiled.1.is_match(&out).then_some(out)
        })
    }
}

fn write(tree: &Hir, random: &mut Random, out: &mut String) {
    match tree.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => out.extend(one_of(class, random)),
        HirKind::Repetition(repeat) => {
            let most = repeat.max.unwrap_or(repeat.min.saturating_add(MOST_REPEATS));
            let most = most.min(repeat.min.saturating_add(MOST_REPEATS * 4));
            let times = random.between(i64::from(repeat.min), i64::from(most));
            (0..times).for_each(|_| write(&repeat.sub, random, out));
        }
        HirKind::Capture(group) => write(&group.sub, random, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, random, out)),
        HirKind::Alternation(parts) => {
            if let Some(part) = random.pick(parts) {
                write(part, random, out);
            }
        }
    }
}

/// A character of a class, mostly one that people type.
fn one_of(class: &Class, random: &mut Random) -> Option<char> {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Unicode(class) => class.ranges().iter().map(|one| (one.start().into(), one.end().into())).collect(),
        Class::Bytes(class) => class.ranges().iter().map(|one| (one.start().into(), one.end().into())).collect(),
    };
    let typed: Vec<(u32, u32)> = ranges
        .iter()
        .map(|(start, end)| ((*start).max(0x20), (*end).min(0x7e)))
        .filter(|(start, end)| start <= end)
        .collect();
    let from = if typed.is_empty() || random.chance(4) { &ranges } else { &typed };
    let (start, end) = random.pick(from)?;
    (0..8).find_map(|_| char::from_u32(u32::try_from(random.between(i64::from(*start), i64::from(*end))).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_matches() {
        let (mut random, patterns) = (Random::new(3), Patterns::default());
        for pattern in
            [r"\S", r"^\d{4}-(0[1-9]|1[0-2])$", "^[A-Z]{2}[0-9]+$", "^$|^a.b$", r"^(?:yes|no)\s?\w*$", r"(?i)^mr\.?$"]
        {
            let expression = regex::Regex::new(pattern).expect(pattern);
            for _ in 0..40 {
                let made = patterns.matching(pattern, &mut random).expect(pattern);
                assert!(expression.is_match(&made), "{pattern}: {made:?}");
            }
        }
        assert_eq!(patterns.matching("(", &mut random), None);
    }
}
