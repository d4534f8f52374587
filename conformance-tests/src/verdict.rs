//! What became of a test, and how a test says so early.

use serde::Serialize;
use std::fmt;

/// What became of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The server did as required.
    Pass,
    /// The server did otherwise.
    Fail,
    /// The server holds nothing the test could be tried on.
    Skip,
    /// The requirement does not apply: the server does not claim it, or the caller asked for less.
    Omit,
    /// The test could not be made; nothing is known.
    Error,
}

impl Verdict {
    /// Every verdict, worst last but one, in the order reports count them.
    pub const ALL: &'static [Verdict] = &[Verdict::Pass, Verdict::Fail, Verdict::Skip, Verdict::Omit, Verdict::Error];

    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Skip => "skip",
            Verdict::Omit => "omit",
            Verdict::Error => "error",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Ends a test before its end, with the reason; never with a person's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The verdict; never a pass.
    pub verdict: Verdict,
    /// One plain sentence.
    pub reason: String,
}

impl Stop {
    /// The server did otherwise.
    pub fn fail(reason: impl Into<String>) -> Stop {
        Stop { verdict: Verdict::Fail, reason: reason.into() }
    }

    /// There is nothing to try it on.
    pub fn skip(reason: impl Into<String>) -> Stop {
        Stop { verdict: Verdict::Skip, reason: reason.into() }
    }

    /// It does not apply.
    pub fn omit(reason: impl Into<String>) -> Stop {
        Stop { verdict: Verdict::Omit, reason: reason.into() }
    }

    /// It could not be made.
    pub fn error(reason: impl Into<String>) -> Stop {
        Stop { verdict: Verdict::Error, reason: reason.into() }
    }
}

/// A step of a test: goes on, or ends the test.
pub type Checked<T = ()> = Result<T, Stop>;
