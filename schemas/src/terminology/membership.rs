//! Whether a code is in a value set: its clauses are asked one by one, and what they cannot tell is not made up.

use super::certainty::Certainty;
use super::value_set::{Clause, Codes, ValueSet};
use super::{CodeStanding, Coding, NotChecked, Terminology};

/// Value sets that import one another deeper than this are left to a terminology service.
const DEEPEST_IMPORT: usize = 16;

/// Clauses looked at for one answer; a web of imports that needs more is left to a terminology service.
const MOST_CLAUSES: u32 = 10_000;

/// One question on its way through value sets.
pub(super) struct Question<'a> {
    terminology: &'a Terminology,
    /// With its system in the one spelling.
    coding: Coding<'a>,
    clauses_left: u32,
    /// The value sets that imported one another up to here.
    open: Vec<&'a str>,
}

impl<'a> Question<'a> {
    /// A question about a code; its system in the one spelling.
    pub fn new(terminology: &'a Terminology, coding: Coding<'a>) -> Question<'a> {
        Question { terminology, coding, clauses_left: MOST_CLAUSES, open: Vec::new() }
    }

    /// Whether the code is in the value set.
    pub fn judge(&mut self, set: &'a ValueSet) -> Certainty {
        let included = self.any(&set.includes);
        if included == Certainty::Yes && set.excludes.is_empty() {
            return included;
        }
        let listed = if set.expansion.is_empty() { Certainty::No } else { self.any(&set.expansion) };
        if set.includes.is_empty() {
            return self.without_rules(set, listed);
        }
        let excluded = self.any(&set.excludes);
        match included.and(|| excluded.not()) {
            // What was listed for the value set was in it.
            Certainty::Unknown(_) if listed == Certainty::Yes => Certainty::Yes,
            verdict => verdict,
        }
    }

    /// A value set that only lists codes; one without any says nothing.
    fn without_rules(&self, set: &ValueSet, listed: Certainty) -> Certainty {
        if set.expansion.is_empty() { Certainty::Unknown(NotChecked::RuleNeedsService) } else { listed }
    }

    fn any(&mut self, clauses: &'a [Clause]) -> Certainty {
        let mut so_far = Certainty::No;
        for clause in clauses {
            so_far = so_far.or(|| self.clause(clause));
            if so_far == Certainty::Yes {
                break;
            }
        }
        so_far
    }

    fn clause(&mut self, clause: &'a Clause) -> Certainty {
        let Some(left) = self.clauses_left.checked_sub(1) else {
            return Certainty::Unknown(NotChecked::RuleNeedsService);
        };
        self.clauses_left = left;
        let own = match (&clause.system, self.coding.system) {
            (Some(own), Some(asked)) if **own != *asked => Certainty::No,
            (Some(own), _) => self.codes(own, &clause.codes),
            // No system: other value sets alone decide; nothing at all takes nothing in.
            (None, _) => Certainty::known(!clause.imports.is_empty()),
        };
        clause.imports.iter().fold(own, |so_far, import| so_far.and(|| self.import(import)))
    }

    fn import(&mut self, canonical: &'a str) -> Certainty {
        // A value set that imports itself by a detour takes nothing in by that.
        if self.open.contains(&canonical) {
            return Certainty::No;
        }
        if self.open.len() == DEEPEST_IMPORT {
            return Certainty::Unknown(NotChecked::RuleNeedsService);
        }
        let Some(found) = self.terminology.value_set(canonical) else {
            return Certainty::Unknown(NotChecked::UnknownValueSet);
        };
        self.open.push(canonical);
        let verdict = self.judge(found.made);
        self.open.pop();
        match verdict {
            Certainty::No if !found.version_fits => Certainty::Unknown(NotChecked::UnknownValueSet),
            verdict => verdict,
        }
    }

    fn codes(&self, system: &str, codes: &Codes) -> Certainty {
        let code = self.coding.code;
        match codes {
            Codes::Listed(list) => Certainty::known(list.has(code)),
            Codes::AtLeast(list) if list.has(code) => Certainty::Yes,
            Codes::AtLeast(_) => Certainty::Unknown(NotChecked::RuleNeedsService),
            Codes::Filtered(list, _) if list.has(code) => Certainty::Yes,
            Codes::Filtered(_, filters) => {
                filters.iter().fold(Certainty::Yes, |so_far, filter| so_far.and(|| filter.judge(code)))
            }
            Codes::Of(held) if held.find(code).is_some() => Certainty::Yes,
            Codes::ActiveOf(held) if let Some(at) = held.find(code) => {
                Certainty::known(held.concept(at).is_none_or(|concept| !concept.is_inactive))
            }
            Codes::Of(held) | Codes::ActiveOf(held) if held.is_complete => Certainty::No,
            Codes::Of(_) | Codes::ActiveOf(_) | Codes::All => self.standing(system),
        }
    }

    /// Whether the code is one of its system at all.
    fn standing(&self, system: &str) -> Certainty {
        match self.terminology.standing(Coding { system: Some(system), ..self.coding }) {
            CodeStanding::Known => Certainty::Yes,
            CodeStanding::Unknown | CodeStanding::Malformed(_) => Certainty::No,
            CodeStanding::NotChecked(why) => Certainty::Unknown(why),
        }
    }
}
