//! `dosage-in-note`: how a medicine is taken stands in its dosage, not in a note.
//!
//! Source: UK Core implementation guide, medicines: `note` shall not carry dosing instructions. It is a warning, as taking
//! the words away would lose them.

use super::dose_text::DoseText;
use super::medication::Kind;
use super::place::Place;
use super::read::{objects, text};
use super::report::Report;
use crate::issue::IssueKey;
use serde_json::{Map, Value};

/// A resource about medicines; of an Administration the note tells what happened.
pub fn check<'a>(kind: Kind, resource: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
    if !matches!(kind, Kind::Statement | Kind::Request | Kind::Dispense) {
        return;
    }
    for (index, note) in objects(resource, "note") {
        let Some(said) = text(note, "text").and_then(DoseText::read) else { continue };
        // Only a note that opens as an instruction does ("Take two ...") and says how often is surely one.
        if said.opens_with_dose && (!said.rates.is_empty() || said.is_as_needed || said.most.is_some()) {
            let root = Place::resource();
            let place = root.item("note", index);
            let sentence = "The note reads as a dosing instruction, which receivers do not look for there.";
            let hint = "move it to the `text` of the dosage";
            report.warning(&place.member("text"), IssueKey::UkDosageInNote, sentence, hint);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::found;
    use super::super::{Rule, Rules};
    use serde_json::json;

    #[test]
    fn only_a_note_that_is_surely_an_instruction_is_found() {
        for (text, is_found) in [
            ("Take 2 tablets twice a day", true),
            ("One daily", true),
            ("5ml when required", true),
            ("2 tablets left in the box", false),
            ("Label says 15ml twice a day, schedule says 10ml", false),
            ("Reviewed twice a year", false),
            ("Patient Notes: swallow whole", false),
            ("AS DIRECTED PER YELLOW BOOK", false),
        ] {
            let statement = json!({"resourceType": "MedicationStatement", "note": [{"text": text}]});
            let place = "warning uk.dosage-in-note MedicationStatement.note[0].text";
            let expected = if is_found { vec![place] } else { vec![] };
            assert_eq!(found(Rules::only(&[Rule::DosageInNote]), &statement), expected, "{text}");
            let given = json!({"resourceType": "MedicationAdministration", "note": [{"text": text}]});
            assert_eq!(found(Rules::only(&[Rule::DosageInNote]), &given), [""; 0], "{text}");
        }
    }
}
