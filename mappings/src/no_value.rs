//! Texts that stand for no value wherever a vendor's system writes them, such as `N/A` (`no-value` of vendor.yaml).

use serde_json::Value;

/// The texts, compared without regard to case and to white space around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoValue {
    texts: Vec<String>,
}

impl NoValue {
    /// The texts as the author wrote them; `None` where there are none.
    pub fn of(texts: &[String]) -> Option<NoValue> {
        let texts: Vec<String> = texts.iter().map(|text| text.trim().to_lowercase()).collect();
        (!texts.is_empty()).then_some(NoValue { texts })
    }

    /// Whether a value is one of them. A number never is.
    pub fn holds(&self, value: &Value) -> bool {
        let Value::String(text) = value else { return false };
        let text = text.trim();
        // Most texts are longer than any of these, and need no copy.
        self.texts.iter().any(|one| one.chars().count() == text.chars().count() && *one == text.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::NoValue;
    use serde_json::json;

    #[test]
    fn a_text_for_no_value_is_told_in_any_case_and_never_within_another() {
        let texts = NoValue::of(&["N/A".into(), "Not stated".into()]).expect("there are some");
        for (value, holds) in [
            (json!("n/a"), true),
            (json!(" NOT STATED "), true),
            (json!("N/A today"), false),
            (json!(""), false),
            (json!(0), false),
            (json!(["N/A"]), false),
        ] {
            assert_eq!(texts.holds(&value), holds, "{value}");
        }
        assert_eq!(NoValue::of(&[]), None);
    }
}
