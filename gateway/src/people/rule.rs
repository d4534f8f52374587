//! The rule: when two Patients are one person. It errs towards keeping apart, because a missing medicine is looked for
//! and a stranger's is given.
//!
//! | What both say | Judgement |
//! |---|---|
//! | the sender says that one replaces the other | one person |
//! | the same NHS number, traced for both (status 01), birth dates that do not differ | one person |
//! | the same NHS number, the same family name and the same birth date | one person |
//! | the same NHS number, the same family and first given name, birth dates of which one is only a year or month of the other | one person |
//! | the same NHS number and anything else | perhaps: told, not linked |
//! | an NHS number of only one of them (or neither), the same family and first given name and full birth date | perhaps |
//! | different NHS numbers | two people |

use super::facts::{Facts, NhsNumber};

/// Why two Patients are one person, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    /// The same NHS number, and the person's own data agree.
    NumberAndPerson,
    /// The same NHS number, traced for both.
    VerifiedNumber,
    /// Their sender says that one replaces the other.
    Replaced,
    /// Somebody decided so.
    Decided,
}

impl Ground {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Ground::NumberAndPerson => "nhs-number-and-person",
            Ground::VerifiedNumber => "nhs-number-verified",
            Ground::Replaced => "replaced-by-sender",
            Ground::Decided => "decided",
        }
    }

    /// A sentence for people.
    pub fn text(self) -> &'static str {
        match self {
            Ground::NumberAndPerson => "The same NHS number, family name and date of birth",
            Ground::VerifiedNumber => "The same NHS number, traced for both",
            Ground::Replaced => "The sender says that one record replaces the other",
            Ground::Decided => "Decided by a person",
        }
    }

    /// FHIR's identity assurance level.
    pub fn assurance(self) -> &'static str {
        match self {
            Ground::NumberAndPerson | Ground::Replaced => "level3",
            Ground::VerifiedNumber | Ground::Decided => "level4",
        }
    }
}

/// Why two Patients might be one person and are not linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// The same NHS number, and birth dates that cannot both be right.
    BirthDatesDiffer,
    /// The same NHS number, and no family name in common.
    NamesDiffer,
    /// The same NHS number, and too little else to tell.
    TooLittleKnown,
    /// Name and birth date are the same, without an NHS number of both.
    NoNumber,
}

impl Doubt {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Doubt::BirthDatesDiffer => "birth-dates-differ",
            Doubt::NamesDiffer => "names-differ",
            Doubt::TooLittleKnown => "too-little-known",
            Doubt::NoNumber => "no-nhs-number",
        }
    }

    /// A sentence for people.
    pub fn text(self) -> &'static str {
        match self {
            Doubt::BirthDatesDiffer => "The same NHS number, but dates of birth that cannot both be right",
            Doubt::NamesDiffer => "The same NHS number, but no family name in common",
            Doubt::TooLittleKnown => "The same NHS number, but too little else is known of one of them",
            Doubt::NoNumber => "The same name and date of birth, but not an NHS number of both",
        }
    }

    /// Read from what is kept.
    pub fn from_code(code: &str) -> Option<Doubt> {
        [Doubt::BirthDatesDiffer, Doubt::NamesDiffer, Doubt::TooLittleKnown, Doubt::NoNumber]
            .into_iter()
            .find(|doubt| doubt.code() == code)
    }
}

/// What the rule says of two Patients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// One person.
    Same(Ground),
    /// Perhaps one person: for somebody to look at.
    Perhaps(Doubt),
    /// Two people.
    Apart,
    /// Nothing speaks for one person.
    Unrelated,
}

impl Judgement {
    /// Whether no chain of others may make them one person either.
    pub fn forbids(self) -> bool {
        matches!(self, Judgement::Apart | Judgement::Perhaps(Doubt::BirthDatesDiffer | Doubt::NamesDiffer))
    }
}

/// Judges two Patients.
pub fn judge(one: &Facts, other: &Facts) -> Judgement {
    if one.replaced_by.contains(&other.patient) || other.replaced_by.contains(&one.patient) {
        return Judgement::Same(Ground::Replaced);
    }
    match (one.nhs_number.digits(), other.nhs_number.digits()) {
        (Some(number), Some(same)) if number == same => same_number(one, other),
        (Some(_), Some(_)) => Judgement::Apart,
        _ if one.nhs_number == NhsNumber::Several || other.nhs_number == NhsNumber::Several => Judgement::Unrelated,
        _ => without_number(one, other),
    }
}

fn same_number(one: &Facts, other: &Facts) -> Judgement {
    let births = births(one, other);
    if births == Births::Differ {
        return Judgement::Perhaps(Doubt::BirthDatesDiffer);
    }
    if one.nhs_number.is_verified() && other.nhs_number.is_verified() {
        return Judgement::Same(Ground::VerifiedNumber);
    }
    if one.families.is_empty() || other.families.is_empty() || births == Births::NotKnown {
        return Judgement::Perhaps(Doubt::TooLittleKnown);
    }
    if one.families.is_disjoint(&other.families) {
        return Judgement::Perhaps(Doubt::NamesDiffer);
    }
    match births {
        Births::Same => Judgement::Same(Ground::NumberAndPerson),
        _ if !one.givens.is_disjoint(&other.givens) => Judgement::Same(Ground::NumberAndPerson),
        _ => Judgement::Perhaps(Doubt::TooLittleKnown),
    }
}

fn without_number(one: &Facts, other: &Facts) -> Judgement {
    let full = one.birth.as_deref().is_some_and(|birth| birth.len() == "2000-01-01".len());
    let alike = full
        && births(one, other) == Births::Same
        && !one.families.is_disjoint(&other.families)
        && !one.givens.is_disjoint(&other.givens);
    if alike { Judgement::Perhaps(Doubt::NoNumber) } else { Judgement::Unrelated }
}

/// How two dates of birth stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Births {
    /// To the letter.
    Same,
    /// One is the year or month of the other.
    Nearly,
    /// They cannot both be right.
    Differ,
    /// One of them is not told.
    NotKnown,
}

fn births(one: &Facts, other: &Facts) -> Births {
    let (Some(one), Some(other)) = (&one.birth, &other.birth) else { return Births::NotKnown };
    match () {
        () if one == other => Births::Same,
        () if one.starts_with(other.as_str()) || other.starts_with(one.as_str()) => Births::Nearly,
        () => Births::Differ,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const NUMBER: &str = "9990123012";

    fn facts(patient: &str, number: NhsNumber, family: &str, given: &str, birth: &str) -> Facts {
        let set = |text: &str| if text.is_empty() { BTreeSet::new() } else { BTreeSet::from([text.to_owned()]) };
        Facts {
            patient: patient.into(),
            nhs_number: number,
            families: set(family),
            givens: set(given),
            birth: (!birth.is_empty()).then(|| birth.to_owned()),
            postcodes: BTreeSet::new(),
            replaced_by: BTreeSet::new(),
        }
    }

    fn claimed() -> NhsNumber {
        NhsNumber::Claimed(NUMBER.into())
    }

    fn traced() -> NhsNumber {
        NhsNumber::Verified(NUMBER.into())
    }

    #[test]
    fn the_table_of_the_rule() {
        use Judgement::{Apart, Perhaps, Same, Unrelated};
        let base = |number: NhsNumber| facts("a", number, "brook", "ada", "1940-02-29");
        let cases: [(NhsNumber, Facts, Judgement); 14] = [
            (traced(), facts("b", traced(), "river", "ada", "1940-02-29"), Same(Ground::VerifiedNumber)),
            (traced(), facts("b", traced(), "river", "ada", ""), Same(Ground::VerifiedNumber)),
            (traced(), facts("b", traced(), "brook", "ada", "1941-02-28"), Perhaps(Doubt::BirthDatesDiffer)),
            (claimed(), facts("b", traced(), "brook", "x", "1940-02-29"), Same(Ground::NumberAndPerson)),
            (claimed(), facts("b", claimed(), "brook", "ada", "1940"), Same(Ground::NumberAndPerson)),
            (claimed(), facts("b", claimed(), "brook", "mae", "1940"), Perhaps(Doubt::TooLittleKnown)),
            (claimed(), facts("b", claimed(), "river", "ada", "1940-02-29"), Perhaps(Doubt::NamesDiffer)),
            (claimed(), facts("b", claimed(), "", "", ""), Perhaps(Doubt::TooLittleKnown)),
            (claimed(), facts("b", claimed(), "brook", "ada", "1940-02-28"), Perhaps(Doubt::BirthDatesDiffer)),
            (claimed(), facts("b", NhsNumber::None, "brook", "ada", "1940-02-29"), Perhaps(Doubt::NoNumber)),
            (claimed(), facts("b", NhsNumber::None, "brook", "mae", "1940-02-29"), Unrelated),
            (NhsNumber::None, facts("b", NhsNumber::None, "brook", "ada", "1940"), Unrelated),
            (NhsNumber::Several, facts("b", claimed(), "brook", "ada", "1940-02-29"), Unrelated),
            (claimed(), facts("b", NhsNumber::Verified("9990457727".into()), "brook", "ada", "1940-02-29"), Apart),
        ];
        for (number, other, expected) in cases {
            let one = base(number);
            assert_eq!(judge(&one, &other), expected, "{other:?}");
            assert_eq!(judge(&other, &one), expected, "the other way round: {other:?}");
        }
    }

    #[test]
    fn a_sender_may_say_that_one_replaces_the_other() {
        let mut one = facts("a", claimed(), "brook", "ada", "1940-02-29");
        one.replaced_by.insert("b".into());
        let other = facts("b", NhsNumber::None, "brooks", "adah", "");
        assert_eq!(judge(&one, &other), Judgement::Same(Ground::Replaced));
        assert_eq!(judge(&other, &one), Judgement::Same(Ground::Replaced));
    }

    #[test]
    fn each_doubt_reads_back_from_its_code() {
        for doubt in [Doubt::BirthDatesDiffer, Doubt::NamesDiffer, Doubt::TooLittleKnown, Doubt::NoNumber] {
            assert_eq!(Doubt::from_code(doubt.code()), Some(doubt));
        }
    }
}
