//! Reads licence expressions of dependencies (SPDX, and the older `A/B`) and holds them against a list.

use serde_json::Value;

/// Licences that let anybody use, change and pass on this program under Apache-2.0.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

/// Every crate whose licence is not on the list, cannot be read, or is not said.
pub fn faults(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    assert!(!packages.is_empty(), "cargo metadata names no package");
    packages.iter().filter_map(fault).collect()
}

fn fault(package: &Value) -> Option<String> {
    let name = package["name"].as_str().unwrap_or("a crate without a name");
    let Some(expression) = package["license"].as_str() else {
        return Some(format!("{name} does not say its licence"));
    };
    match allowed(expression) {
        Ok(true) => None,
        Ok(false) => Some(format!("{name} is under {expression}")),
        Err(reason) => Some(format!("{name}: {expression:?} cannot be read: {reason}")),
    }
}

/// Whether an expression can be met with licences of the list alone.
fn allowed(expression: &str) -> Result<bool, String> {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words };
    let verdict = reader.either()?;
    match reader.words.first() {
        None => Ok(verdict),
        Some(word) => Err(format!("{word} stands where nothing more is awaited")),
    }
}

/// A descent over the words: OR binds least, then AND, then WITH.
struct Reader<'a> {
    words: &'a [&'a str],
}

impl<'a> Reader<'a> {
    fn either(&mut self) -> Result<bool, String> {
        let mut verdict = self.both()?;
        while self.take("OR") {
            verdict |= self.both()?;
        }
        Ok(verdict)
    }

    fn both(&mut self) -> Result<bool, String> {
        let mut verdict = self.one()?;
        while self.take("AND") {
            verdict &= self.one()?;
        }
        Ok(verdict)
    }

    fn one(&mut self) -> Result<bool, String> {
        if self.take("(") {
            let verdict = self.either()?;
            return if self.take(")") { Ok(verdict) } else { Err("a bracket is not closed".to_owned()) };
        }
        let licence = self.next()?;
        // An exception only loosens the licence before it, so the licence alone decides.
        if self.take("WITH") {
            self.next()?;
        }
        Ok(ALLOWED.contains(&licence))
    }

    fn next(&mut self) -> Result<&'a str, String> {
        match self.words.split_first() {
            Some((word, rest)) if !["OR", "AND", "WITH", "(", ")"].contains(word) => {
                self.words = rest;
                Ok(word)
            }
            Some((word, _)) => Err(format!("{word} stands where a licence is awaited")),
            None => Err("a licence is awaited at the end".to_owned()),
        }
    }

    fn take(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((first, rest)) if *first == word => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn expressions_are_read_as_spdx_means_them() {
        let table = [
            ("MIT", true),
            ("MIT OR GPL-3.0-only", true),
            ("MIT/Apache-2.0", true),
            ("MIT AND GPL-3.0-only", false),
            ("GPL-3.0-only", false),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("(MIT OR Apache-2.0) AND AGPL-3.0-only", false),
            ("MIT OR Apache-2.0 AND AGPL-3.0-only", true),
            ("AGPL-3.0-only OR Apache-2.0 AND AGPL-3.0-only", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("GPL-2.0-only WITH Classpath-exception-2.0", false),
            ("LGPL-2.1-or-later OR (SSPL-1.0)", false),
        ];
        for (expression, verdict) in table {
            assert_eq!(allowed(expression), Ok(verdict), "{expression}");
        }
    }

    #[test]
    fn an_expression_that_cannot_be_read_is_no_licence() {
        for expression in ["", "MIT OR", "(MIT", "MIT)", "AND MIT", "MIT Apache-2.0", "MIT WITH"] {
            assert!(allowed(expression).is_err(), "{expression}");
        }
    }

    #[test]
    fn a_crate_under_another_licence_or_under_none_is_named() {
        let metadata = json!({"packages": [
            {"name": "good", "license": "MIT"},
            {"name": "sticky", "license": "AGPL-3.0-only"},
            {"name": "silent", "license": null},
        ]});
        assert_eq!(faults(&metadata), ["sticky is under AGPL-3.0-only", "silent does not say its licence"]);
    }
}
