//! What somebody decides about two Patients; it stands above the rule until it is taken back.

/// What is decided of two Patients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// They are one person.
    Same,
    /// They are two people, whatever the rule says.
    Apart,
    /// The rule is to decide: an earlier decision is taken back.
    ByRule,
}

impl Choice {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Choice::Same => "same",
            Choice::Apart => "apart",
            Choice::ByRule => "by-rule",
        }
    }

    /// Read from its code.
    pub fn from_code(code: &str) -> Option<Choice> {
        [Choice::Same, Choice::Apart, Choice::ByRule].into_iter().find(|choice| choice.code() == code)
    }
}

/// A decision about two Patients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Ids of the two Patients.
    pub patients: [String; 2],
    /// What was decided.
    pub choice: Choice,
    /// Why, in words.
    pub reason: String,
    /// Who decided.
    pub by: String,
    /// The request that brought it.
    pub request_id: Option<String>,
}

/// What became of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecisionAnswer {
    /// It stands; the ids of the Persons that either Patient is linked from now.
    Stands(Vec<String>),
    /// No such Patient is known, or it was deleted.
    UnknownPatient(String),
    /// Their traced NHS numbers differ: they cannot be one person.
    DifferentNumbers,
}
