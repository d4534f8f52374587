//! Why an expression cannot be compiled or evaluated; never with a value of the tree in it.

/// Why a text is no FHIRPath expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}, at byte {position}")]
pub struct CompileError {
    /// Where in the text, in bytes.
    pub position: usize,
    /// What is wrong there.
    pub message: String,
}

/// Why an expression could not be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// Several values where FHIRPath takes one.
    #[error("{0} was given more than one value")]
    NotSingle(&'static str),
    /// A value of a type that the function or operator does not take.
    #[error("{0} was given a value of a type that it does not take")]
    WrongType(&'static str),
    /// A type has no such element; only told when [`super::Environment::strict`] is set.
    #[error("there is no element `{0}` here")]
    UnknownElement(String),
    /// No type of that name is known.
    #[error("there is no type `{0}`")]
    UnknownType(String),
    /// No variable of that name is set.
    #[error("there is no variable `%{0}`")]
    UnknownVariable(String),
    /// The host has no answer, so that neither yes nor no would be honest.
    #[error("nobody here can answer {0}")]
    NotAnswered(&'static str),
    /// A function that FHIRPath knows and this engine does not.
    #[error("{0} is not supported")]
    Unsupported(&'static str),
    /// A regular expression that is malformed, too large, or looks around.
    #[error("the regular expression cannot be used")]
    Pattern,
    /// The budget of steps is used up.
    #[error("the expression takes too much work on this resource")]
    TooMuchWork,
}
