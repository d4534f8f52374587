//! What a source did not give: each gap with its reason and what it is about, so that it never reads as "nothing there".

use serde_json::{Value, json};

/// Why something is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GapKind {
    /// The source failed, or refused to answer.
    Failed,
    /// Kept back for confidentiality, or because the person wishes so.
    Withheld,
    /// The record is on its way from another practice.
    InTransit,
    /// Came and was not filed yet.
    AwaitingFiling,
    /// The source does not know how to give it.
    NotSupported,
    /// Nothing of it stands in what the source gave.
    NotReturned,
    /// The source says that nobody has asked.
    NotAsked,
    /// The source says that it has none to give at this time.
    Unavailable,
    /// Something refers to a resource that is not there.
    MissingResource,
    /// More pages follow.
    MorePages,
    /// It cannot be read as a resource.
    Unreadable,
    /// It is about somebody else.
    OtherPerson,
    /// So long ago that it may have changed.
    Stale,
}

impl GapKind {
    /// Whether something broke, as opposed to a source that rightly keeps something back.
    pub fn is_failure(self) -> bool {
        use GapKind::{Failed, MissingResource, MorePages, OtherPerson, Unreadable};
        matches!(self, Failed | MissingResource | MorePages | OtherPerson | Unreadable)
    }

    /// The stable key.
    pub fn key(self) -> &'static str {
        match self {
            GapKind::Failed => "failed",
            GapKind::Withheld => "withheld",
            GapKind::InTransit => "in-transit",
            GapKind::AwaitingFiling => "awaiting-filing",
            GapKind::NotSupported => "not-supported",
            GapKind::NotReturned => "not-returned",
            GapKind::NotAsked => "not-asked",
            GapKind::Unavailable => "unavailable",
            GapKind::MissingResource => "missing-resource",
            GapKind::MorePages => "more-pages",
            GapKind::Unreadable => "unreadable",
            GapKind::OtherPerson => "other-person",
            GapKind::Stale => "stale",
        }
    }
}

/// What a gap is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Whatever is asked.
    Everything,
    /// Medicines.
    Medicines,
    /// Allergies.
    Allergies,
}

impl About {
    /// Whether a gap about this matters to a question about that.
    pub fn touches(self, asked: About) -> bool {
        self == About::Everything || asked == About::Everything || self == asked
    }
}

/// One gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Why.
    pub kind: GapKind,
    /// About what.
    pub about: About,
    /// Whose.
    pub source: usize,
    /// What to tell people, with what to do about it.
    pub text: String,
    /// The resources or places it rests on.
    pub evidence: Vec<String>,
}

impl Gap {
    /// It as JSON, with the source's name.
    pub fn to_json(&self, source: &str) -> Value {
        json!({"kind": self.kind.key(), "source": source, "text": self.text, "evidence": self.evidence})
    }
}

/// Gaps, each once.
#[derive(Debug, Default)]
pub struct Gaps {
    list: Vec<Gap>,
}

impl Gaps {
    /// Adds one; the same gap of the same source once more only adds its evidence.
    pub fn add(&mut self, gap: Gap) {
        let same = self.list.iter_mut().find(|other| {
            other.kind == gap.kind && other.source == gap.source && other.about == gap.about && other.text == gap.text
        });
        match same {
            Some(other) => {
                for evidence in gap.evidence {
                    if !other.evidence.contains(&evidence) {
                        other.evidence.push(evidence);
                    }
                }
            }
            None => self.list.push(gap),
        }
    }

    /// All of them.
    pub fn into_vec(self) -> Vec<Gap> {
        self.list
    }
}
