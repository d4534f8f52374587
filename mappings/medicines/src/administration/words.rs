//! What the notes of people make doubtful. Words weaken a claim ("partly", "not observed"); they never strengthen one.

/// What a text says.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Doubts {
    /// A part was taken.
    pub is_partial: bool,
    /// Nobody saw it.
    pub is_unobserved: bool,
    /// Something was refused, spat out or not taken.
    pub is_doubted: bool,
    /// A witness was needed and there was none.
    pub lacks_witness: bool,
    /// A patch came off.
    pub speaks_of_removal: bool,
}

const PARTIAL: &[&str] = &[
    "partially taken",
    "partly taken",
    "part taken",
    "partially given",
    "partly given",
    "partial administration",
    "(partial",
    "only half taken",
    "took half",
    "half taken",
    "took part",
    "part dose",
    "partial dose",
    "took a third",
    "only took",
];
const UNOBSERVED: &[&str] =
    &["not observed", "did not observe", "unobserved", "nobody saw", "not seen taken", "not witnessed taking"];
const DOUBTED: &[&str] = &[
    "refused",
    "spat out",
    "spat it out",
    "not taken",
    "not given",
    "declined",
    "did not take",
    "didn't take",
    "found on the floor",
    "found on floor",
    "would not take",
    "wouldn't take",
];
const WITNESS: &[&str] = &[
    "witness required but not",
    "no 2nd checker",
    "no second checker",
    "no 2nd carer",
    "no second carer",
    "no witness",
    "2nd checker not",
];
const REMOVAL: &[&str] = &["removed", "old patch off", "took off", "taken off", "patch came off", "previous patch"];
/// What goes before a doubt and belongs to an earlier attempt.
const EARLIER: &[&str] = &[
    "2nd attempt",
    "second attempt",
    "3rd attempt",
    "third attempt",
    "at first",
    "earlier",
    "initially",
    "first attempt",
];

impl Doubts {
    /// Reads all texts.
    pub fn read<'a>(texts: impl Iterator<Item = &'a str>) -> Doubts {
        let mut doubts = Doubts::default();
        for text in texts {
            let text = text.to_lowercase().replace('\u{2019}', "'");
            let has = |words: &[&str]| words.iter().any(|words| text.contains(words));
            // "no medicines were refused" and the like would need a reader; they only raise a warning.
            doubts.is_partial |= has(PARTIAL);
            doubts.is_unobserved |= has(UNOBSERVED);
            doubts.is_doubted |= has(DOUBTED) && !has(EARLIER);
            doubts.lacks_witness |= has(WITNESS);
            doubts.speaks_of_removal |= has(REMOVAL);
        }
        doubts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_that_weaken_a_claim_are_found() {
        for (text, expected) in [
            ("PARTIALLY TAKEN: Took amlodipine, spat out 1 of the Adcal", (true, false, true)),
            ("PARTIAL ADMINISTRATION (RXA-20 = PA). Ordered 15 ml. took a third then refused", (true, false, true)),
            ("Not observed by care worker. Amended from not_taken: she gave at 15:35", (false, true, false)),
            ("Source status 'SD' (tenant code: self-administered, staff did not observe).", (false, true, false)),
            ("2nd attempt taken", (false, false, false)),
            ("refused at first, taken on second attempt", (false, false, false)),
            ("Taken with yoghurt", (false, false, false)),
            ("Due 08:00 local.", (false, false, false)),
        ] {
            let doubts = Doubts::read(std::iter::once(text));
            assert_eq!((doubts.is_partial, doubts.is_unobserved, doubts.is_doubted), expected, "{text}");
        }
    }
}
