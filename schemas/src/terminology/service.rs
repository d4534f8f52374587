//! The port to whoever knows more codes: a terminology server, or a release of a code system that was loaded.

use super::Coding;
use super::canonical;
use std::collections::HashMap;
use std::fmt;

/// Somebody who knows codes that are not built in. It is asked only where local knowledge gives no answer, once a code
/// and a value set; whoever answers slowly should remember its answers.
pub trait TerminologyService: Send + Sync + fmt::Debug {
    /// Whether the code is in the value set (canonical URL), or, without a value set, in its code system; nothing where
    /// the service cannot tell either. The shape is that of FHIR's `$validate-code`.
    fn validate_code(&self, value_set: Option<&str>, coding: Coding<'_>) -> Option<Answer>;
}

/// What a terminology service says of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether the code is in the value set or code system.
    pub is_member: bool,
    /// The words the code may have, best first; empty where the service does not say.
    pub displays: Vec<String>,
}

/// A release of one code system: all its codes, with their words.
#[derive(Default)]
pub struct LoadedRelease {
    system: Box<str>,
    displays: HashMap<Box<str>, Vec<Box<str>>>,
}

impl LoadedRelease {
    /// A release of a system from its codes and their words; a code may come several times, its best words first.
    pub fn new<C: AsRef<str>, D: AsRef<str>>(system: &str, codes: impl IntoIterator<Item = (C, D)>) -> LoadedRelease {
        let mut displays: HashMap<Box<str>, Vec<Box<str>>> = HashMap::new();
        for (code, display) in codes {
            displays.entry(code.as_ref().into()).or_default().push(display.as_ref().into());
        }
        LoadedRelease { system: canonical::system(system).into(), displays }
    }

    /// How many codes it has.
    pub fn len(&self) -> usize {
        self.displays.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.displays.is_empty()
    }
}

impl fmt::Debug for LoadedRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LoadedRelease({}, {} codes)", self.system, self.len())
    }
}

impl TerminologyService for LoadedRelease {
    /// Answers for its own system; of value sets it knows none.
    fn validate_code(&self, value_set: Option<&str>, coding: Coding<'_>) -> Option<Answer> {
        let is_own = coding.system.is_some_and(|system| canonical::system(system) == &*self.system);
        if value_set.is_some() || !is_own {
            return None;
        }
        let displays = self.displays.get(coding.code);
        Some(Answer {
            is_member: displays.is_some(),
            displays: displays.into_iter().flatten().map(|display| display.to_string()).collect(),
        })
    }
}
