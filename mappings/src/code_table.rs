//! Code tables: a vendor's code to FHIR's and back, total in both directions and never inverted silently.

use crate::outside::Outside;
use crate::vendor_path::same;
use ginnel_schemas::issue::IssueKey;
use serde_json::Value;

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
}

impl CodeTable {
    /// The FHIR side of a vendor code.
    pub fn out(&self, code: &Value) -> Result<Value, Outside> {
        self.row(code).cloned().ok_or_else(|| Outside {
            key: IssueKey::MappingUnlistedCode,
            what: format!("the code table `{}` does not list this code", self.name),
            instead: self.vendor_else.clone(),
        })
    }

    /// The FHIR side of a listed vendor code.
    pub fn row(&self, code: &Value) -> Option<&Value> {
        self.rows.iter().find(|(vendor, _)| self.same_vendor_code(vendor, code)).map(|(_, fhir)| fhir)
    }

    fn same_vendor_code(&self, row: &Value, code: &Value) -> bool {
        match (row, code) {
            (Value::String(row), Value::String(code)) if self.ignore_case => {
                row.to_lowercase() == code.trim().to_lowercase()
            }
            _ => same(row, code),
        }
    }

    /// The vendor code of a FHIR side; `Ok(None)` where another rule carries it back.
    pub fn back(&self, fhir: &Value) -> Result<Option<Value>, Outside> {
        if let Some((_, named)) = self.back.iter().find(|(side, _)| same_fhir_side(side, fhir)) {
            return Ok(named.clone());
        }
        if let Some((vendor, _)) = self.rows.iter().find(|(_, side)| same_fhir_side(side, fhir)) {
            return Ok(Some(vendor.clone()));
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
        self.vendor_else.is_some()
            || self
                .rows
                .iter()
                .enumerate()
                .any(|(index, (_, side))| self.rows[..index].iter().any(|(_, other)| same_fhir_side(other, side)))
    }
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

    fn table() -> CodeTable {
        CodeTable {
            name: "t".into(),
            ignore_case: true,
            rows: vec![
                (json!("given"), json!("completed")),
                (json!("partly"), json!("completed")),
                (json!("oral"), json!({"system": "s", "code": "1", "display": "Oral"})),
            ],
            back: vec![(json!("completed"), Some(json!("given")))],
            vendor_else: Some(json!("unknown")),
            fhir_else: None,
        }
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
