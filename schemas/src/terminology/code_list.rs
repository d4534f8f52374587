//! Codes that can be looked up, with or without regard to upper and lower case.

use std::collections::HashMap;

/// A list of codes; the place of a code is its index.
#[derive(Debug, Default)]
pub(super) struct CodeList {
    codes: Vec<Box<str>>,
    at: HashMap<Box<str>, u32>,
    /// The codes in lower case, where case does not count.
    folded: Option<HashMap<Box<str>, u32>>,
}

impl CodeList {
    /// The codes in their order; of a code given twice the first stands.
    pub fn new<'a>(codes: impl IntoIterator<Item = &'a str>, ignores_case: bool) -> CodeList {
        let mut list = CodeList { folded: ignores_case.then(HashMap::new), ..CodeList::default() };
        for code in codes {
            list.push(code);
        }
        list
    }

    /// Adds a code and says where it stands.
    pub fn push(&mut self, code: &str) -> u32 {
        if let Some(at) = self.at.get(code) {
            return *at;
        }
        let at = u32::try_from(self.codes.len()).unwrap_or(u32::MAX);
        self.codes.push(code.into());
        self.at.insert(code.into(), at);
        if let Some(folded) = &mut self.folded {
            folded.entry(code.to_lowercase().into()).or_insert(at);
        }
        at
    }

    /// Where a code stands; as it is written first, then without regard to case where that does not count.
    pub fn find(&self, code: &str) -> Option<u32> {
        self.at.get(code).or_else(|| self.folded.as_ref()?.get(&*code.to_lowercase())).copied()
    }

    /// Whether it has the code.
    pub fn has(&self, code: &str) -> bool {
        self.find(code).is_some()
    }

    /// The code that stands there.
    pub fn code(&self, at: u32) -> Option<&str> {
        self.codes.get(at as usize).map(|code| &**code)
    }

    /// All codes in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.codes.iter().map(|code| &**code)
    }

    /// Whether case does not count.
    pub fn ignores_case(&self) -> bool {
        self.folded.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_counts_where_the_system_says_so() {
        let exact = CodeList::new(["a", "B", "a"], false);
        assert!(exact.has("a") && exact.has("B") && !exact.has("A") && !exact.has("b"));
        assert_eq!(exact.iter().collect::<Vec<_>>(), ["a", "B"]);
        let loose = CodeList::new(["m", "M", "B"], true);
        assert_eq!(
            (loose.find("m"), loose.find("M"), loose.find("b"), loose.find("x")),
            (Some(0), Some(1), Some(2), None)
        );
    }
}
