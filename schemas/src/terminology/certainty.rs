//! Yes, no, or not known: the logic by which value sets that are only partly at hand are judged.

use super::NotChecked;

/// An answer that may be missing, with the reason why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Certainty {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// Nobody here can tell.
    Unknown(NotChecked),
}

impl Certainty {
    /// From what is known for certain.
    pub fn known(holds: bool) -> Certainty {
        if holds { Certainty::Yes } else { Certainty::No }
    }

    /// Both hold; the other is asked only where it matters.
    pub fn and(self, other: impl FnOnce() -> Certainty) -> Certainty {
        match self {
            Certainty::No => Certainty::No,
            Certainty::Yes => other(),
            Certainty::Unknown(why) => match other() {
                Certainty::No => Certainty::No,
                _ => Certainty::Unknown(why),
            },
        }
    }

    /// One of them holds; the other is asked only where it matters.
    pub fn or(self, other: impl FnOnce() -> Certainty) -> Certainty {
        match self {
            Certainty::Yes => Certainty::Yes,
            Certainty::No => other(),
            Certainty::Unknown(why) => match other() {
                Certainty::Yes => Certainty::Yes,
                _ => Certainty::Unknown(why),
            },
        }
    }

    /// The opposite.
    pub fn not(self) -> Certainty {
        match self {
            Certainty::Yes => Certainty::No,
            Certainty::No => Certainty::Yes,
            unknown @ Certainty::Unknown(_) => unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Certainty::{No, Unknown, Yes};
    use super::*;

    #[test]
    fn what_is_not_known_stays_so_unless_the_other_side_decides() {
        let unknown = Unknown(NotChecked::CodesNotHere);
        for (left, right, both, either) in [
            (Yes, Yes, Yes, Yes),
            (Yes, No, No, Yes),
            (No, No, No, No),
            (unknown, Yes, unknown, Yes),
            (Yes, unknown, unknown, Yes),
            (unknown, No, No, unknown),
            (No, unknown, No, unknown),
            (unknown, unknown, unknown, unknown),
        ] {
            assert_eq!((left.and(|| right), left.or(|| right)), (both, either), "{left:?} {right:?}");
        }
        assert_eq!((Yes.not(), No.not(), unknown.not()), (No, Yes, unknown));
    }
}
