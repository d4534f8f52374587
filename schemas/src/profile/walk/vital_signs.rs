//! Which observations R4 asks its profiles of vital signs of (<https://hl7.org/fhir/R4/observation-vitalsigns.html>).
//!
//! R4 names one LOINC code for each; HL7's validator takes more codes of LOINC and SNOMED CT for the same observations.

use crate::profile::scope::items;
use serde_json::{Map, Value};

const LOINC: &str = "http://loinc.org";

const SNOMED_CT: &str = "http://snomed.info/sct";

/// The end of a profile's URL with the codes for it; the first that fits is asked.
const PROFILES: [(&str, &str, &[&str]); 20] = [
    (LOINC, "vitalspanel", &["85353-1"]),
    (LOINC, "resprate", &["9279-1", "76170-0", "76172-6", "76171-8", "19840-8", "33438-3", "76270-8", "11291-2"]),
    (
        LOINC,
        "heartrate",
        &[
            "8867-4", "60978-4", "73795-7", "73799-9", "76476-1", "76477-9", "8889-8", "8890-6", "8891-4", "8892-2",
            "8893-0", "40443-4", "55425-3", "68999-2", "11328-2", "69000-8", "8886-4",
        ],
    ),
    (
        LOINC,
        "oxygensat",
        &[
            "2708-6", "19224-5", "20564-1", "2709-4", "2710-2", "2713-6", "51733-4", "59408-5", "59417-6", "89276-0",
            "97549-0",
        ],
    ),
    (
        LOINC,
        "bodytemp",
        &[
            "8310-5", "60834-9", "60835-6", "60836-4", "60838-0", "60955-2", "61009-7", "75539-7", "75987-8",
            "76010-8", "76011-6", "76278-1", "8309-7", "8328-7", "8329-5", "8330-3", "8331-1", "8332-9", "8333-7",
            "8334-5", "91371-5", "98657-0", "98663-8",
        ],
    ),
    (LOINC, "bodyheight", &["8302-2", "3137-7", "3138-5", "8306-3", "8308-9"]),
    (LOINC, "headcircum", &["9843-4", "8287-5"]),
    (LOINC, "bodyweight", &["29463-7", "3141-9", "3142-7", "75292-3", "79348-9", "8350-1", "8351-9"]),
    (LOINC, "bmi", &["39156-5", "89270-3"]),
    (LOINC, "bp", &["85354-9", "35094-2", "8459-0", "76534-7", "55284-4", "8480-6"]),
    (SNOMED_CT, "vitalspanel", &["46680005"]),
    (SNOMED_CT, "resprate", &["86290005", "271625008", "271306003"]),
    (SNOMED_CT, "heartrate", &["249043002", "444981005", "399017001", "251670001", "429525003", "429614003"]),
    (SNOMED_CT, "oxygensat", &["442476006", "431314004"]),
    (
        SNOMED_CT,
        "bodytemp",
        &[
            "386725007",
            "276885007",
            "300076005",
            "1222808002",
            "364246006",
            "307047009",
            "708499008",
            "431598003",
            "698831002",
            "698832009",
            "415882003",
            "415974002",
            "415929009",
            "415945006",
        ],
    ),
    (
        SNOMED_CT,
        "bodyheight",
        &["1153637007", "1162419008", "50373000", "1162418000", "1230278008", "1162392001", "1162417005"],
    ),
    (SNOMED_CT, "headcircum", &["363812007", "169876006", "1269262007", "363811000"]),
    (SNOMED_CT, "bodyweight", &["735395000", "425024002", "424927000", "784399000", "1162416001", "1162415002"]),
    (SNOMED_CT, "bmi", &["60621009"]),
    (
        SNOMED_CT,
        "bp",
        &[
            "251076008",
            "163033001",
            "163035008",
            "386534000",
            "386536003",
            "271649006",
            "271650006",
            "407556006",
            "407554009",
            "716579001",
            "399304008",
        ],
    ),
];

/// The URL of the profile that R4 asks of an Observation with such a code, whether or not it claims it.
pub fn profile_by_code(observation: &Map<String, Value>) -> Option<String> {
    profile(observation).map(|name| format!("{}{name}", super::resources::R4_PROFILES))
}

/// The end of the URL of the profile that an Observation must conform to by its code.
pub(super) fn profile(observation: &Map<String, Value>) -> Option<&'static str> {
    let codings = observation.get("code").and_then(|code| code.get("coding"));
    let has = |system: &str, codes: &[&str]| {
        items(codings).any(|coding| {
            let text = |name| coding.get(name).and_then(Value::as_str);
            text("system") == Some(system) && text("code").is_some_and(|code| codes.contains(&code))
        })
    };
    PROFILES.iter().find(|(system, _, codes)| has(system, codes)).map(|(_, name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_code_of_an_observation_says_which_vital_sign_it_is() {
        for (codings, expected) in [
            (json!([{"system": LOINC, "code": "8867-4"}]), Some("heartrate")),
            (json!([{"system": LOINC, "code": "8480-6"}]), Some("bp")),
            (json!([{"system": SNOMED_CT, "code": "276885007"}]), Some("bodytemp")),
            (
                json!([{"system": SNOMED_CT, "code": "60621009"}, {"system": LOINC, "code": "29463-7"}]),
                Some("bodyweight"),
            ),
            (json!([{"system": LOINC, "code": "276885007"}]), None),
            (json!([{"code": "8867-4"}]), None),
            (json!("text"), None),
        ] {
            let observation = json!({"code": {"coding": codings}});
            assert_eq!(profile(observation.as_object().expect("an object")), expected, "{observation}");
        }
    }
}
