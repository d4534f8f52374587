//! Who the person is.

use super::Context;
use crate::words;
use crate::xhtml::Xhtml;
use ginnel_medicines::record::read;
use serde_json::Value;

/// The system of NHS numbers.
const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";

/// Writes a table for each Patient: two sources may each have one.
pub fn write(page: &mut Xhtml, context: &Context<'_>, entries: &[usize]) {
    for (place, patient) in context.resources(entries).enumerate() {
        let mut rows: Vec<Vec<String>> = Vec::new();
        let value = patient.value;
        for name in read::items(value, "name") {
            rows.push(vec!["Name".into(), words::name(name)]);
        }
        rows.push(vec!["NHS number".into(), number(value)]);
        let told = words::rows(&context.record, patient);
        let elsewhere = ["Name", "Contact", "General practitioner", "Active"];
        rows.extend(told.iter().filter(|row| !elsewhere.contains(&row.label.as_str())).map(|row| {
            let flat = words::flat(row);
            let text = flat.strip_prefix(&format!("{}: ", row.label)).unwrap_or(&flat).to_owned();
            vec![row.label.clone(), text]
        }));
        let caption = if place == 0 { "The person" } else { "The person, as another source has them" };
        page.table(caption, &["What", "Recorded"], &rows);
    }
}

/// The NHS number as people read it, with what is known of it; that there is none is said.
fn number(patient: &Value) -> String {
    let Some(identifier) = read::items(patient, "identifier").find(|it| read::text(it, "system") == Some(NHS_NUMBER))
    else {
        return "not in the record".to_owned();
    };
    let number = spaced(read::text(identifier, "value").unwrap_or_default());
    let status = read::extension(identifier, "NHSNumberVerificationStatus").and_then(read::extension_value);
    match status.map(words::concept).filter(|text| !text.is_empty()) {
        Some(status) => format!("{number} ({status})"),
        None => number,
    }
}

/// An NHS number in three groups.
pub fn spaced(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(|it| !it.is_whitespace()).collect();
    if digits.len() != 10 || !digits.iter().all(char::is_ascii_digit) {
        return number.to_owned();
    }
    let group = |from: usize, to: usize| digits.get(from..to).unwrap_or_default().iter().collect::<String>();
    format!("{} {} {}", group(0, 3), group(3, 6), group(6, 10))
}

#[cfg(test)]
mod tests {
    use super::spaced;

    #[test]
    fn an_nhs_number_is_read_in_three_groups() {
        assert_eq!(spaced("9990123012"), "999 012 3012");
        assert_eq!(spaced("999 012 3012"), "999 012 3012");
        assert_eq!(spaced("99901"), "99901");
    }
}
