//! Code tables: a vendor's code to FHIR's and back, total in both directions and never inverted silently.

use crate::outside::Outside;
use crate::vendor_path::same;
use ginnel_schemas::issue::IssueKey;
use serde_json::Value;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A code table.
#[derive(Debug, Clone)]
pub struct CodeTable {
    /// Its name in the plugin.
    pub name: String,
    /// Whether vendor texts are compared without regard to case.
    pub ignore_case: bool,
    /// Vendor side and FHIR side, in the order of the file.
    pub rows: Vec<(Value, Value)>,
    /// For a FHIR side of several rows: the vendor code that stands for it; `None` where another rule carries it back.
    pub back: Vec<(Value, Option<Value>)>,
    /// What an unlisted vendor code becomes; `None` keeps it aside.
    pub vendor_else: Option<Value>,
    /// What an unlisted FHIR code becomes; `None` refuses it.
    pub fhir_else: Option<Value>,
    /// Whether unlisted codes go as they are, both ways.
    pub as_is: bool,
    /// Rows by a hash of the vendor's text; a hash may stand for several, which are compared.
    by_vendor_text: HashMap<u64, Vec<usize>>,
    /// Rows by a hash of FHIR's text, or of code and system.
    by_fhir_side: HashMap<u64, Vec<usize>>,
    collapses: bool,
}

impl CodeTable {
    /// A table; its rows are found by hash, however many there are.
    pub fn new(
        name: impl Into<String>,
        ignore_case: bool,
        rows: Vec<(Value, Value)>,
        back: Vec<(Value, Option<Value>)>,
        vendor_else: Option<Value>,
        fhir_else: Option<Value>,
    ) -> CodeTable {
        let mut by_vendor_text: HashMap<u64, Vec<usize>> = HashMap::new();
        let mut by_fhir_side: HashMap<u64, Vec<usize>> = HashMap::new();
        let mut collapses = vendor_else.is_some();
        for (place, (vendor, fhir)) in rows.iter().enumerate() {
            if let Value::String(text) = vendor {
                by_vendor_text.entry(text_hash(text, ignore_case)).or_default().push(place);
            }
            let alike = by_fhir_side.entry(side_hash(fhir)).or_default();
            collapses |= alike.iter().any(|other| same_fhir_side(&rows[*other].1, fhir));
            alike.push(place);
        }
        let name = name.into();
        CodeTable {
            name,
            ignore_case,
            rows,
            back,
            vendor_else,
            fhir_else,
            as_is: false,
            by_vendor_text,
            by_fhir_side,
            collapses,
        }
    }

    /// The table, with codes that it does not list going as they are.
    pub fn passing(mut self) -> CodeTable {
        self.as_is = true;
        self
    }

    /// The FHIR side of a vendor code.
    pub fn out(&self, code: &Value) -> Result<Value, Outside> {
        let passed = || self.as_is.then(|| code.clone());
        self.row(code).cloned().or_else(passed).ok_or_else(|| Outside {
            key: IssueKey::MappingUnlistedCode,
            what: format!("the code table `{}` does not list this code", self.name),
            instead: self.vendor_else.clone(),
        })
    }

    /// The FHIR side of a listed vendor code.
    pub fn row(&self, code: &Value) -> Option<&Value> {
        let Value::String(text) = code else {
            return self.rows.iter().find(|(vendor, _)| same(vendor, code)).map(|(_, fhir)| fhir);
        };
        let text = if self.ignore_case { text.trim() } else { text };
        let found = self.by_vendor_text.get(&text_hash(text, self.ignore_case))?;
        let mut rows = found.iter().filter_map(|place| self.rows.get(*place));
        rows.find(|(vendor, _)| {
            vendor.as_str().is_some_and(|row| if self.ignore_case { same_in_any_case(row, text) } else { row == text })
        })
        .map(|(_, fhir)| fhir)
    }

    /// The vendor code of a FHIR side; `Ok(None)` where another rule carries it back.
    pub fn back(&self, fhir: &Value) -> Result<Option<Value>, Outside> {
        if let Some((_, named)) = self.back.iter().find(|(side, _)| same_fhir_side(side, fhir)) {
            return Ok(named.clone());
        }
        let alike = self.by_fhir_side.get(&side_hash(fhir)).map(Vec::as_slice).unwrap_or_default();
        let mut rows = alike.iter().filter_map(|place| self.rows.get(*place));
        if let Some((vendor, _)) = rows.find(|(_, side)| same_fhir_side(side, fhir)) {
            return Ok(Some(vendor.clone()));
        }
        if self.as_is {
            return Ok(Some(fhir.clone()));
        }
        if let Some(code) = &self.fhir_else {
            return Ok(Some(code.clone()));
        }
        // What an unlisted vendor code became says nothing about which code it was.
        if self.vendor_else.as_ref().is_some_and(|side| same_fhir_side(side, fhir)) {
            return Ok(None);
        }
        Err(Outside {
            key: IssueKey::MappingRefused,
            what: format!("the code table `{}` has no way back for this code", self.name),
            instead: None,
        })
    }

    /// Whether several vendor codes share a FHIR side.
    pub fn collapses(&self) -> bool {
        self.collapses
    }
}

fn same_in_any_case(row: &str, code: &str) -> bool {
    if row.is_ascii() && code.is_ascii() {
        return row.eq_ignore_ascii_case(code);
    }
    row.to_lowercase() == code.to_lowercase()
}

/// Alike for texts that are the same in any case; a final sigma is lower-cased by its place, so both of its forms are one.
fn text_hash(text: &str, ignore_case: bool) -> u64 {
    let mut hasher = DefaultHasher::new();
    if ignore_case {
        for letter in text.chars().flat_map(char::to_lowercase) {
            (if letter == 'ς' { 'σ' } else { letter }).hash(&mut hasher);
        }
    } else {
        text.hash(&mut hasher);
    }
    hasher.finish()
}

/// Alike for FHIR sides that are the same; what is neither text nor coded shares one hash.
fn side_hash(side: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    match side {
        Value::String(text) => text.hash(&mut hasher),
        other => {
            other.get("code").and_then(Value::as_str).hash(&mut hasher);
            other.get("system").and_then(Value::as_str).hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// Codings (and what holds a code and a system) are the same by system and code, everything else by value.
pub fn same_fhir_side(a: &Value, b: &Value) -> bool {
    match (a.get("code"), b.get("code")) {
        (Some(left), Some(right)) => left == right && a.get("system") == b.get("system"),
        _ => same(a, b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_table_that_lets_pass_renames_what_it_lists_and_nothing_else() {
        let rows = vec![(json!("http://old"), json!("http://new"))];
        let table = CodeTable::new("t", false, rows, Vec::new(), None, None).passing();
        assert_eq!(table.out(&json!("http://old")).ok(), Some(json!("http://new")));
        assert_eq!(table.out(&json!("http://other")).ok(), Some(json!("http://other")));
        assert_eq!(table.back(&json!("http://new")).ok(), Some(Some(json!("http://old"))));
        assert_eq!(table.back(&json!("http://other")).ok(), Some(Some(json!("http://other"))));
    }

    fn table() -> CodeTable {
        let rows = vec![
            (json!("given"), json!("completed")),
            (json!("partly"), json!("completed")),
            (json!("oral"), json!({"system": "s", "code": "1", "display": "Oral"})),
        ];
        let back = vec![(json!("completed"), Some(json!("given")))];
        CodeTable::new("t", true, rows, back, Some(json!("unknown")), None)
    }

    #[test]
    fn a_code_of_any_case_number_or_script_is_found_among_thousands() {
        let mut rows: Vec<(Value, Value)> =
            (0..3000).map(|n| (json!(format!("Row {n}")), json!(format!("r{n}")))).collect();
        rows.push((json!(1.0), json!("one")));
        rows.push((json!("ΟΔΟΣ"), json!("street")));
        rows.push((json!("row 7"), json!("shadowed")));
        let table = CodeTable::new("t", true, rows, Vec::new(), None, None);
        for (code, fhir) in [(json!(" ROW 2999"), "r2999"), (json!("Row 7"), "r7"), (json!(1), "one")] {
            assert_eq!(table.out(&code).ok(), Some(json!(fhir)));
        }
        assert_eq!(table.out(&json!("οδος")).ok(), Some(json!("street")));
        assert_eq!(table.back(&json!("r2999")).ok(), Some(Some(json!("Row 2999"))));
        assert!(table.out(&json!("1")).is_err() && !table.collapses());
        let exact = CodeTable::new("t", false, table.rows.clone(), Vec::new(), None, None);
        assert!(exact.out(&json!("row 2999")).is_err());
        assert_eq!(exact.out(&json!("row 7")).ok(), Some(json!("shadowed")));
    }

    #[test]
    fn a_collapsed_code_comes_back_as_the_named_one() {
        assert_eq!(table().out(&json!("PARTLY ")).ok(), Some(json!("completed")));
        assert_eq!(table().back(&json!("completed")).ok(), Some(Some(json!("given"))));
    }

    #[test]
    fn a_coding_is_known_by_system_and_code() {
        assert_eq!(table().back(&json!({"system": "s", "code": "1"})).ok(), Some(Some(json!("oral"))));
        assert!(table().back(&json!({"system": "other", "code": "1"})).is_err());
    }

    #[test]
    fn an_unlisted_code_is_said_and_the_default_offered() {
        let outside = table().out(&json!("zzz")).expect_err("unlisted");
        assert_eq!(outside.key, IssueKey::MappingUnlistedCode);
        assert_eq!(outside.instead, Some(json!("unknown")));
        assert_eq!(table().back(&json!("unknown")).ok(), Some(None));
    }
}
