//! Conditions on vendor values as formulas, and whether some payload that the schema allows meets one.
//!
//! A payload is told apart only as far as the conditions look: each path is absent, equal to a value that is named
//! somewhere, or another value. Whether another value meets a regular expression or fits a function is left open both
//! ways. What the schema says (values it lists, what it requires, which alternatives it has) narrows the choice.

mod choices;
mod members;
mod names;
mod passing;

use crate::compile::{Place, Presence};
use crate::guard::Test;
use crate::source_shape::{Domain, Kinds};
use crate::vendor_path::{Base, Step, VendorPath};
use choices::exclude;
use names::Names;
use passing::{Mentioned, Passed, name_of, passes};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Most steps of a search; beyond it the answer is "perhaps".
const MOST_STEPS: usize = 40_000;

/// Most listed values that are tried one by one.
const MOST_VALUES: usize = 80;

/// A vendor path by what it starts at: the same of two rules that go through the same list.
#[derive(Debug)]
pub(crate) struct Subject<'w> {
    /// What the path starts at; 0 is the message itself.
    pub base: usize,
    /// The steps from there.
    pub steps: Vec<Step>,
    /// As the author wrote it.
    pub text: String,
    /// Where it stands in the schema.
    pub place: Option<Place<'w>>,
    /// What the schema says of it.
    facts: Facts<'w>,
    /// The steps that are one of several members of which only one may be there, each with what they have in common.
    choices: Vec<(usize, &'w str)>,
}

/// What the schema says of a path, worked out once.
#[derive(Debug)]
struct Facts<'w> {
    presence: Presence,
    domain: Option<Domain<'w>>,
    kinds: Kinds,
    closed: Option<Vec<Value>>,
}

impl<'w> Facts<'w> {
    fn of(place: Option<&Place<'w>>, steps: &[Step]) -> Facts<'w> {
        if steps.last() == Some(&Step::KeyName) {
            // The name of the member that a variable stands for is always there.
            return Facts { presence: Presence::Always, domain: None, kinds: Kinds::TEXT, closed: None };
        }
        if matches!(steps.last(), Some(Step::Part(_))) {
            return Facts { presence: Presence::Sometimes, domain: None, kinds: Kinds::TEXT, closed: None };
        }
        let Some(place) = place else {
            return Facts { presence: Presence::Sometimes, domain: None, kinds: Kinds::ALL, closed: None };
        };
        let domain = place.domain();
        let closed = domain.closed().filter(|closed| closed.len() <= MOST_VALUES);
        Facts { presence: place.presence(), kinds: domain.kinds(), closed, domain: Some(domain) }
    }

    fn may_be(&self, value: &Value) -> bool {
        self.domain.as_ref().is_none_or(|domain| domain.may_be(value))
    }
}

/// All paths and what they start at.
#[derive(Debug, Default)]
pub(crate) struct Subjects<'w> {
    list: Vec<Subject<'w>>,
    /// Where each base stands in the schema.
    bases: Vec<Option<Place<'w>>>,
    /// How each base came about: the base and steps it goes through.
    made_of: Vec<Option<(usize, Vec<Step>)>>,
    /// The alternatives of each base, worked out when first asked for.
    branches: RefCell<HashMap<usize, Rc<Vec<Place<'w>>>>>,
    /// What a branch of a base says of a path.
    said: RefCell<HashMap<(usize, usize, usize), Rc<Said<'w>>>>,
}

/// What one alternative says of a path.
#[derive(Debug)]
enum Said<'w> {
    /// There is no such member.
    Never,
    /// Nothing.
    Nothing,
    /// These values.
    Facts(Facts<'w>),
}

/// A condition.
#[derive(Debug, Clone)]
pub(crate) enum Formula {
    /// All hold; always true where there is none.
    All(Vec<Formula>),
    /// One holds.
    Any(Vec<Formula>),
    /// It does not hold.
    Not(Box<Formula>),
    /// A test of a path.
    Test(usize, Test),
    /// Left to chance: a name of its own.
    Chance(String),
    /// The value at a path is of one of these types.
    Kind(usize, Kinds),
    /// The first, to be exact; the second where a format of the schema makes it as good as sure.
    Likely(Box<Formula>, Box<Formula>),
}

impl Formula {
    /// Always.
    pub fn always() -> Formula {
        Formula::All(Vec::new())
    }

    /// The formula where everything left to chance (regular expressions, functions) comes out `against` it: a formula
    /// that is met all the same is met by plain values alone.
    pub fn without_chance(&self, positive: bool) -> Formula {
        match self {
            Formula::All(parts) => Formula::All(parts.iter().map(|part| part.without_chance(positive)).collect()),
            Formula::Any(parts) => Formula::Any(parts.iter().map(|part| part.without_chance(positive)).collect()),
            Formula::Not(part) => part.without_chance(!positive).negated(),
            Formula::Likely(_, likely) => likely.without_chance(positive),
            Formula::Test(_, Test::Matches(_)) | Formula::Chance(_) => {
                if positive {
                    Formula::Any(Vec::new())
                } else {
                    Formula::always()
                }
            }
            other => other.clone(),
        }
    }

    /// The contrary.
    pub fn negated(self) -> Formula {
        Formula::Not(Box::new(self))
    }
}

/// What a payload has at a path, as far as conditions tell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Case {
    /// Nothing.
    Absent,
    /// This value.
    Literal(Value),
    /// This text in other case, or with white space around it.
    Recased(String),
    /// Another value of that type.
    OtherOf(Kinds),
    /// Another value.
    Other,
}

/// A payload that meets a condition, as far as it was looked at.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Example {
    /// What stands at the paths.
    pub cases: Vec<(usize, Case)>,
    /// What was supposed of other values.
    pub supposed: Vec<(usize, String, bool)>,
}

/// Whether some payload meets a condition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// None does.
    Never,
    /// One like this does.
    Like(Example),
    /// Too many cases.
    Perhaps,
}

impl<'w> Subjects<'w> {
    /// The base of a variable that goes through a path; the same for the same path.
    pub fn base(&mut self, through: Option<(usize, Vec<Step>)>, place: Option<Place<'w>>) -> usize {
        if through.is_some()
            && let Some(known) = self.made_of.iter().position(|one| *one == through)
        {
            return known;
        }
        self.made_of.push(through);
        self.bases.push(place);
        self.bases.len() - 1
    }

    /// A path.
    pub fn subject(&mut self, base: usize, path: &VendorPath, place: Option<Place<'w>>) -> usize {
        if let Some(known) = self.list.iter().position(|one| one.base == base && one.steps == path.steps) {
            return known;
        }
        let facts = Facts::of(place.as_ref(), &path.steps);
        let choices = self.choices(base, &path.steps);
        self.list.push(Subject { base, steps: path.steps.clone(), text: path.text.clone(), place, facts, choices });
        self.list.len() - 1
    }

    /// A path by its number.
    pub fn get(&self, subject: usize) -> Option<&Subject<'w>> {
        self.list.get(subject)
    }

    fn branches(&self, base: usize) -> Rc<Vec<Place<'w>>> {
        let made = || Rc::new(self.bases.get(base).and_then(Option::as_ref).map(Place::branches).unwrap_or_default());
        Rc::clone(self.branches.borrow_mut().entry(base).or_insert_with(made))
    }

    fn said(&self, base: usize, number: usize, branch: &Place<'w>, subject: usize) -> Rc<Said<'w>> {
        let steps = self.get(subject).map(|one| one.steps.clone()).unwrap_or_default();
        let made = || {
            let path = VendorPath { base: Base::Root, steps: steps.clone(), text: String::new() };
            Rc::new(match branch.follow(&path) {
                Err(_) => Said::Never,
                Ok(None) => Said::Nothing,
                Ok(Some(place)) => Said::Facts(Facts::of(Some(&place), &steps)),
            })
        };
        Rc::clone(self.said.borrow_mut().entry((base, number, subject)).or_insert_with(made))
    }

    /// Whether some payload meets a formula. Blank texts count as absent only where `blanks` says so.
    pub fn ask(&self, formula: &Formula, blanks: bool) -> Answer {
        let mut search = Search {
            subjects: self,
            formula,
            blanks,
            assigned: HashMap::new(),
            open: HashMap::new(),
            names: Names::default(),
            cases: RefCell::default(),
            steps: 0,
        };
        match search.run() {
            Some(true) => {
                let mut cases: Vec<(usize, Case)> = search.assigned.into_iter().collect();
                cases.sort_by_key(|(subject, _)| *subject);
                let texts = search.names.into_texts();
                let name = |place: usize| texts.get(place).cloned().unwrap_or_default();
                let mut supposed: Vec<(usize, String, bool)> =
                    search.open.into_iter().map(|((subject, place), held)| (subject, name(place), held)).collect();
                supposed.sort();
                Answer::Like(Example { cases, supposed })
            }
            Some(false) => Answer::Never,
            None => Answer::Perhaps,
        }
    }

    /// An example in words: "`a` is absent and `b` is \"x\""; only what `about` speaks of, where that is anything.
    pub fn told(&self, example: &Example, about: &[&Formula]) -> String {
        let mut wanted = Vec::new();
        about.iter().for_each(|formula| formula.paths(&mut wanted));
        let mut parts = Vec::new();
        for (subject, case) in example.cases.iter().filter(|(subject, _)| wanted.contains(subject)) {
            let Some(text) = self.get(*subject).map(|one| &one.text) else { continue };
            let supposed: Vec<&(usize, String, bool)> =
                example.supposed.iter().filter(|(other, _, _)| other == subject).collect();
            parts.push(match case {
                Case::Absent => format!("`{text}` is absent"),
                Case::Literal(value) => format!("`{text}` is {value}"),
                Case::Recased(value) => format!("`{text}` is {value:?} in another case"),
                Case::OtherOf(kinds) => format!("`{text}` is {}", kinds.shown()),
                Case::Other => match supposed.as_slice() {
                    [] => {
                        let mut mentioned = Mentioned::default();
                        about.iter().for_each(|formula| mentioned.gather(formula, *subject));
                        let named = !mentioned.values.is_empty() || !mentioned.any_case.is_empty();
                        format!("`{text}` is {}", if named { "another value" } else { "present" })
                    }
                    several => {
                        let each: Vec<String> =
                            several.iter().map(|(_, name, held)| supposition(name, *held)).collect();
                        format!("`{text}` {}", each.join(" and "))
                    }
                },
            });
        }
        if parts.is_empty() { "whatever the message holds".into() } else { parts.join(" and ") }
    }
}

fn supposition(name: &str, held: bool) -> String {
    let (word, rest) = name.split_once(' ').unwrap_or((name, ""));
    let quoted = rest.split('`').nth(1).unwrap_or(rest);
    match (word, held) {
        ("fits", true) => format!("fits `{quoted}`"),
        ("fits", false) => format!("is a value that `{quoted}` cannot carry"),
        ("matches", true) => format!("matches `{quoted}`"),
        ("matches", false) => format!("does not match `{quoted}`"),
        (_, true) => format!("has {rest}"),
        (_, false) => format!("has no {rest}"),
    }
}

impl Formula {
    /// Every path it speaks of.
    fn paths(&self, out: &mut Vec<usize>) {
        match self {
            Formula::All(parts) | Formula::Any(parts) => parts.iter().for_each(|part| part.paths(out)),
            Formula::Not(part) => part.paths(out),
            Formula::Likely(exact, _) => exact.paths(out),
            Formula::Test(subject, _) | Formula::Kind(subject, _) => out.push(*subject),
            Formula::Chance(_) => {}
        }
    }
}

/// What a regular expression or function says of another value, or whether a list has a member: the path and a name.
type Open = (usize, usize);

#[derive(Clone, Copy)]
enum Atom {
    Path(usize),
    Open(Open),
}

/// What is known of a formula.
enum Look {
    Sure(bool),
    Open(Atom),
}

struct Search<'a, 'w> {
    subjects: &'a Subjects<'w>,
    formula: &'a Formula,
    blanks: bool,
    assigned: HashMap<usize, Case>,
    open: HashMap<Open, bool>,
    names: Names,
    /// What may stand at a path, worked out once.
    cases: RefCell<HashMap<usize, Rc<Vec<Case>>>>,
    steps: usize,
}

impl Search<'_, '_> {
    fn run(&mut self) -> Option<bool> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return None;
        }
        let atom = match self.look(self.formula) {
            Look::Sure(false) => return Some(false),
            Look::Sure(true) => return Some(self.consistent() && self.has_members()),
            Look::Open(atom) => atom,
        };
        let mut perhaps = false;
        match atom {
            Atom::Path(subject) => {
                for case in self.cases(subject).iter() {
                    self.assigned.insert(subject, case.clone());
                    if self.agrees(subject) {
                        match self.run() {
                            Some(true) => return Some(true),
                            Some(false) => {}
                            None => perhaps = true,
                        }
                    }
                    self.assigned.remove(&subject);
                    if self.steps > MOST_STEPS {
                        return None;
                    }
                }
            }
            Atom::Open(open) => {
                for value in [true, false] {
                    self.open.insert(open, value);
                    match self.run() {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => perhaps = true,
                    }
                    self.open.remove(&open);
                }
            }
        }
        if perhaps { None } else { Some(false) }
    }

    /// Whether a formula holds, or the first thing that its truth still hangs on.
    fn look(&self, formula: &Formula) -> Look {
        match formula {
            Formula::All(parts) => self.look_at(parts, false),
            Formula::Any(parts) => self.look_at(parts, true),
            Formula::Not(part) => match self.look(part) {
                Look::Sure(held) => Look::Sure(!held),
                open => open,
            },
            Formula::Chance(name) => self.supposed((usize::MAX, self.names.of(name, || name.clone()))),
            Formula::Likely(exact, likely) => self.look(if self.blanks { exact } else { likely }),
            Formula::Kind(subject, kinds) => match self.assigned.get(subject) {
                None => Look::Open(Atom::Path(*subject)),
                Some(case) => Look::Sure(match case {
                    Case::Absent => false,
                    Case::Literal(value) => kinds.meets(Kinds::of(value)),
                    Case::Recased(_) => kinds.meets(Kinds::TEXT),
                    Case::OtherOf(own) => kinds.meets(*own),
                    Case::Other => true,
                }),
            },
            Formula::Test(subject, test) => match self.assigned.get(subject) {
                None => Look::Open(Atom::Path(*subject)),
                Some(case) => self.look_passes(*subject, test, case),
            },
        }
    }

    /// The first part that decides, or the first thing that is open; without both, the other answer.
    fn look_at(&self, parts: &[Formula], decisive: bool) -> Look {
        let mut open = None;
        for part in parts {
            match self.look(part) {
                Look::Sure(held) if held == decisive => return Look::Sure(decisive),
                Look::Sure(_) => {}
                Look::Open(atom) => open = open.or(Some(atom)),
            }
        }
        open.map_or(Look::Sure(!decisive), Look::Open)
    }

    fn look_passes(&self, subject: usize, test: &Test, case: &Case) -> Look {
        match passes(test, case, self.is_list(subject)) {
            Passed::Sure(held) => Look::Sure(held),
            Passed::Open => self.supposed((subject, self.names.of(test, || name_of(test)))),
            Passed::Members(members) => {
                let none = matches!(test, Test::HasNone(_));
                let mut open = None;
                for member in members {
                    match self.supposed((subject, self.names.of(member, || format!("has {member}")))) {
                        Look::Sure(true) => return Look::Sure(!none),
                        Look::Sure(false) => {}
                        Look::Open(atom) => open = open.or(Some(atom)),
                    }
                }
                open.map_or(Look::Sure(none), Look::Open)
            }
        }
    }

    fn supposed(&self, open: Open) -> Look {
        self.open.get(&open).map_or(Look::Open(Atom::Open(open)), |held| Look::Sure(*held))
    }

    /// Whether a path leads to a list in some payload.
    fn is_list(&self, subject: usize) -> bool {
        self.subjects.get(subject).is_none_or(|one| one.facts.kinds.meets(Kinds::LIST))
    }

    fn cases(&self, subject: usize) -> Rc<Vec<Case>> {
        if let Some(known) = self.cases.borrow().get(&subject) {
            return Rc::clone(known);
        }
        let found = Rc::new(self.cases_of(subject));
        self.cases.borrow_mut().insert(subject, Rc::clone(&found));
        found
    }

    /// What may stand at a path, as far as the formula tells it apart.
    fn cases_of(&self, subject: usize) -> Vec<Case> {
        let mut out = Vec::new();
        let Some(facts) = self.subjects.get(subject).map(|one| &one.facts) else { return out };
        if self.may_lack(facts.presence) {
            out.push(Case::Absent);
        }
        if let Some(closed) = &facts.closed {
            out.extend(closed.iter().cloned().map(Case::Literal));
            return out;
        }
        let mut mentioned = Mentioned::default();
        mentioned.gather(self.formula, subject);
        for value in mentioned.values {
            if facts.may_be(&value) && !out.contains(&Case::Literal(value.clone())) {
                out.push(Case::Literal(value));
            }
        }
        if facts.kinds.meets(Kinds::TEXT) {
            for text in mentioned.any_case {
                let literal = Case::Literal(Value::from(text.clone()));
                if facts.may_be(&Value::from(text.clone())) && !out.contains(&literal) {
                    out.push(literal);
                }
                let other = Case::Recased(text.to_lowercase());
                if !out.contains(&other) {
                    out.push(other);
                }
            }
        }
        if mentioned.by_kind {
            let each = [Kinds::TEXT, Kinds::INTEGER, Kinds::FRACTION, Kinds::BOOLEAN, Kinds::LIST, Kinds::OBJECT];
            out.extend(each.into_iter().filter(|one| facts.kinds.meets(*one)).map(Case::OtherOf));
        } else {
            out.push(Case::Other);
        }
        out
    }

    /// Whether a path's case goes with those of the paths it lies in or that lie in it.
    fn agrees(&self, subject: usize) -> bool {
        let Some(one) = self.subjects.get(subject) else { return true };
        let Some(case) = self.assigned.get(&subject) else { return true };
        self.assigned.iter().filter(|(other, _)| **other != subject).all(|(other, theirs)| {
            let Some(other) = self.subjects.get(*other).filter(|other| other.base == one.base) else { return true };
            if *case != Case::Absent && *theirs != Case::Absent && exclude(one, other) {
                return false;
            }
            if other.steps.len() < one.steps.len() && one.steps.starts_with(&other.steps) {
                inside(other, theirs, one, case)
            } else if one.steps.len() < other.steps.len() && other.steps.starts_with(&one.steps) {
                inside(one, case, other, theirs)
            } else {
                true
            }
        })
    }

    /// Whether the cases of all paths are met by one alternative of the schema of what they start at.
    fn consistent(&self) -> bool {
        let mut bases: Vec<usize> =
            self.assigned.keys().filter_map(|subject| Some(self.subjects.get(*subject)?.base)).collect();
        bases.sort_unstable();
        bases.dedup();
        bases.into_iter().all(|base| {
            let branches = self.subjects.branches(base);
            let mine: Vec<(usize, &Case)> = self
                .assigned
                .iter()
                .filter(|(subject, _)| self.subjects.get(**subject).is_some_and(|one| one.base == base))
                .map(|(subject, case)| (*subject, case))
                .collect();
            branches.is_empty()
                || branches.iter().enumerate().any(|(number, branch)| self.allowed(base, number, branch, &mine))
        })
    }

    fn allowed(&self, base: usize, number: usize, branch: &Place<'_>, cases: &[(usize, &Case)]) -> bool {
        let several = self.subjects.branches(base);
        let each = several.len() < 2
            || cases.iter().all(|(subject, case)| {
                let Some(branch) = several.get(number) else { return true };
                match &*self.subjects.said(base, number, branch, *subject) {
                    Said::Never => **case == Case::Absent,
                    Said::Nothing => true,
                    Said::Facts(facts) => match case {
                        Case::Absent => self.may_lack(facts.presence),
                        Case::Literal(value) => facts.may_be(value),
                        Case::Recased(_) => facts.kinds.meets(Kinds::TEXT),
                        Case::OtherOf(kinds) => facts.kinds.meets(*kinds) && facts.closed.is_none(),
                        Case::Other => facts.closed.is_none(),
                    },
                }
            });
        let needed = branch.dependent_required();
        let is = |name: &str, absent: bool| {
            cases.iter().any(|(subject, case)| {
                self.subjects
                    .get(*subject)
                    .is_some_and(|one| matches!(one.steps.as_slice(), [Step::Field(field)] if field == name))
                    && (**case == Case::Absent) == absent
            })
        };
        each && needed.iter().all(|(name, needed)| !(is(name, false) && is(needed, true)))
    }

    fn may_lack(&self, presence: Presence) -> bool {
        match presence {
            Presence::Always => false,
            Presence::UnlessBlank => self.blanks,
            Presence::Sometimes => true,
        }
    }
}

/// Whether what lies inside goes with what it lies in.
fn inside(outer: &Subject<'_>, outer_case: &Case, inner: &Subject<'_>, inner_case: &Case) -> bool {
    match (outer_case, inner_case) {
        (Case::Absent, Case::Absent) => true,
        (Case::Absent, _) => false,
        (_, Case::Absent) => {
            let rest = inner.steps.get(outer.steps.len()..).unwrap_or_default().to_vec();
            let path = VendorPath { base: Base::Root, steps: rest, text: String::new() };
            let found = outer.place.as_ref().and_then(|place| place.present().follow(&path).ok().flatten());
            found.is_none_or(|place| place.presence() != Presence::Always)
        }
        _ => true,
    }
}
