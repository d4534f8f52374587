//! Only as required, which way, and where.

use super::super::super::dosage::Dosage;
use super::super::super::parse::route_of_words;
use super::super::super::terms;
use super::{Sides, lower};

impl Sides<'_> {
    pub(super) fn need(&mut self) {
        let is_needed = |dosage: &Dosage| dosage.as_needed == Some(true) || !dosage.as_needed_for.is_empty();
        let (said, sent) = (is_needed(self.said), is_needed(self.structure));
        let path = if self.structure.as_needed_for.is_empty() { "asNeededBoolean" } else { "asNeededCodeableConcept" };
        // A text that is not wholly understood may say it in words that nobody knows.
        if said != sent && (said || self.is_whole) {
            let words = |needed: bool| if needed { "as required" } else { "nothing of as required" }.to_owned();
            self.contradicts("prn", &["prn"], path, words(said), words(sent));
        }
        let reason = |dosage: &Dosage| dosage.as_needed_for.first().map(lower);
        let (text, structure) = (reason(self.said), reason(self.structure));
        if said && sent && text != structure {
            self.open.push("the reasons for as required are told in other words".to_owned());
        }
    }

    pub(super) fn route(&mut self) {
        let (Some(said), Some(sent)) = (&self.said.route, &self.structure.route) else { return };
        let central = |code: &str| if code == "418114005" { "47625008".to_owned() } else { code.to_owned() };
        let sent_code =
            sent.snomed_code().map(str::to_owned).or_else(|| route_of_words(&lower(sent)).map(str::to_owned));
        match (said.snomed_code().map(central), sent_code.as_deref().map(central)) {
            (Some(said), Some(sent)) if said == sent => {}
            (Some(one), Some(_)) => {
                let text = terms::route(&one).unwrap_or_default().to_owned();
                let structure = lower(sent);
                self.contradicts("route", &["route"], "route", text, structure);
            }
            _ => self.open.push("the routes cannot be compared".to_owned()),
        }
    }

    pub(super) fn site(&mut self) {
        let (Some(said), Some(sent)) = (&self.said.site, &self.structure.site) else { return };
        let (said, sent) = (lower(said), lower(sent));
        let side = |words: &str| {
            ["left", "right", "both", "each"]
                .into_iter()
                .find(|side| words.contains(side))
                .map(|side| if side == "each" { "both" } else { side })
        };
        match (side(&said), side(&sent)) {
            (Some(one), Some(other)) if one != other => self.contradicts("route", &["site"], "site", said, sent),
            _ if said != sent => self.open.push("the sites are told in other words".to_owned()),
            _ => {}
        }
    }
}
