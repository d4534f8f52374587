//! The rules, one a file.

pub mod attachment;
pub mod binding;
pub mod bundle;
pub mod canonical;
pub mod cardinality;
pub mod choice;
pub mod coding;
pub mod contained;
pub mod empty;
pub mod extension;
pub mod fixed_value;
pub mod identifier;
pub mod narrative;
pub mod range;
pub mod text_security;
pub mod unknown_element;
pub mod url;
pub mod value_type;

#[cfg(test)]
pub(crate) mod table;

/// Names listed in a hint; what goes beyond is counted.
const MOST_LISTED: usize = 8;

/// Names in backticks for a hint.
fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(MOST_LISTED).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(MOST_LISTED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
