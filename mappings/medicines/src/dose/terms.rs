//! The words of coded terms: events of the day, days of the week, abbreviations of timing, routes, methods and sites.

/// The phrase of an event of the day (FHIR `event-timing`), as the NHS guide shortens the definitions.
pub fn event(code: &str) -> Option<&'static str> {
    EVENTS.iter().find(|(known, _)| *known == code).map(|(_, phrase)| *phrase)
}

/// Every event of the day with its phrase.
#[rustfmt::skip]
pub const EVENTS: &[(&str, &str)] = &[
    ("MORN", "during the morning"),
    ("MORN.early", "during the early morning"),
    ("MORN.late", "during the late morning"),
    ("NOON", "around 12:00pm"),
    ("AFT", "during the afternoon"),
    ("AFT.early", "during the early afternoon"),
    ("AFT.late", "during the late afternoon"),
    ("EVE", "during the evening"),
    ("EVE.early", "during the early evening"),
    ("EVE.late", "during the late evening"),
    ("NIGHT", "during the night"),
    ("PHS", "once asleep"),
    ("HS", "before sleep"),
    ("WAKE", "upon waking"),
    ("C", "at a meal"),
    ("CM", "at breakfast"),
    ("CD", "at lunch"),
    ("CV", "at dinner"),
    ("AC", "before a meal"),
    ("ACM", "before breakfast"),
    ("ACD", "before lunch"),
    ("ACV", "before dinner"),
    ("PC", "after a meal"),
    ("PCM", "after breakfast"),
    ("PCD", "after lunch"),
    ("PCV", "after dinner"),
];

/// Whether a time before or after the event can be told in words ("30 minutes before a meal").
pub fn takes_offset(code: &str) -> bool {
    code.starts_with("AC") || code.starts_with("PC") || code == "HS"
}

/// The name of a day of the week.
pub fn day(code: &str) -> Option<&'static str> {
    DAYS.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

/// Every day of the week with its name, from Monday.
pub const DAYS: &[(&str, &str)] = &[
    ("mon", "Monday"),
    ("tue", "Tuesday"),
    ("wed", "Wednesday"),
    ("thu", "Thursday"),
    ("fri", "Friday"),
    ("sat", "Saturday"),
    ("sun", "Sunday"),
];

/// How often an abbreviation of `v3-GTSAbbreviation` says: frequency, period, its unit, and an event of the day.
pub fn abbreviation(code: &str) -> Option<(u32, u32, &'static str, Option<&'static str>)> {
    Some(match code {
        "QD" => (1, 1, "d", None),
        "BID" => (2, 1, "d", None),
        "TID" => (3, 1, "d", None),
        "QID" => (4, 1, "d", None),
        "QOD" => (1, 2, "d", None),
        "Q1H" => (1, 1, "h", None),
        "Q2H" => (1, 2, "h", None),
        "Q3H" => (1, 3, "h", None),
        "Q4H" => (1, 4, "h", None),
        "Q6H" => (1, 6, "h", None),
        "Q8H" => (1, 8, "h", None),
        "WK" => (1, 1, "wk", None),
        "MO" => (1, 1, "mo", None),
        "AM" => (1, 1, "d", Some("MORN")),
        "PM" => (1, 1, "d", Some("AFT")),
        "BED" => (1, 1, "d", Some("HS")),
        _ => return None,
    })
}

/// The words of a route's SNOMED CT code.
pub fn route(code: &str) -> Option<&'static str> {
    ROUTES.iter().find(|(known, _)| *known == code).map(|(_, words)| *words)
}

/// Routes by SNOMED CT code (UK Core's value set of routes, and the central line of the guide's examples).
#[rustfmt::skip]
pub const ROUTES: &[(&str, &str)] = &[
    ("420254004", "Body cavity"),
    ("54471007", "Buccal"),
    ("372449004", "Dental"),
    ("372450004", "Endocervical"),
    ("372451000", "Endosinusial"),
    ("372452007", "Endotracheopulmonary"),
    ("404820008", "Epidural"),
    ("18246711000001107", "Epilesional"),
    ("372453002", "Extraamniotic"),
    ("372454008", "Gastroenteral"),
    ("127490009", "Gastrostomy route"),
    ("372457001", "Gingival"),
    ("9191401000001100", "Haemodiafiltration"),
    ("18682911000001103", "Haemodialysis"),
    ("10334211000001103", "Haemofiltration"),
    ("718329006", "Infiltration"),
    ("18679011000001101", "Inhalation"),
    ("34777511000001106", "Intestinal use"),
    ("372458006", "Intraamniotic"),
    ("58100008", "Intraarterial"),
    ("12130007", "Intraarticular"),
    ("372459003", "Intrabursal"),
    ("418821007", "Intracameral use"),
    ("372460008", "Intracardiac"),
    ("372461007", "Intracavernous"),
    ("420719007", "Intracerebroventricular"),
    ("19537211000001108", "Intracervical route"),
    ("372463005", "Intracoronary"),
    ("372464004", "Intradermal"),
    ("372465003", "Intradiscal"),
    ("448077001", "Intraepidermal"),
    ("38233211000001106", "Intraglandular"),
    ("372466002", "Intralesional"),
    ("372467006", "Intralymphatic"),
    ("78421000", "Intramuscular"),
    ("372468001", "Intraocular"),
    ("417255000", "Intraosseous"),
    ("38239002", "Intraperitoneal"),
    ("372469009", "Intrapleural"),
    ("372470005", "Intrasternal"),
    ("418586008", "Intratendinous route"),
    ("72607000", "Intrathecal"),
    ("447122006", "Intratumoral"),
    ("62226000", "Intrauterine"),
    ("47625008", "Intravenous"),
    ("420287000", "Intraventricular cardiac"),
    ("372471009", "Intravesical"),
    ("418401004", "Intravitreal"),
    ("21856811000001103", "Iontophoresis"),
    ("127491008", "Jejunostomy route"),
    ("9907001000001103", "Line lock"),
    ("46713006", "Nasal"),
    ("127492001", "Nasogastric route"),
    ("418730005", "Nasojejunal route"),
    ("54485002", "Ophthalmic route"),
    ("26643006", "Oral"),
    ("372473007", "Oromucosal"),
    ("10547007", "Otic"),
    ("225691000001105", "PEG tube route"),
    ("9191501000001101", "Percutaneous"),
    ("372474001", "Periarticular"),
    ("39338211000001108", "Peribulbar ocular"),
    ("3323001000001107", "Pericardial route"),
    ("372475000", "Perineural"),
    ("11478901000001102", "Periosseous"),
    ("419762003", "Peritendinous route"),
    ("39337511000001107", "Peritumoral"),
    ("37161004", "Rectal"),
    ("11564311000001109", "Regional perfusion"),
    ("418321004", "Retrobulbar route"),
    ("3594011000001102", "Route of administration not applicable"),
    ("372476004", "Subconjunctival"),
    ("34206005", "Subcutaneous"),
    ("37839007", "Sublingual"),
    ("419874009", "Submucosal"),
    ("11564211000001101", "Submucosal rectal"),
    ("33770711000001104", "Subretinal"),
    ("6064005", "Topical"),
    ("45890007", "Transdermal"),
    ("11479001000001107", "Translingual"),
    ("404815008", "Transmucosal"),
    ("90028008", "Urethral"),
    ("16857009", "Vaginal"),
    ("418114005", "Intravenous central"),
];

/// The words of a method's SNOMED CT code.
pub fn method(code: &str) -> Option<&'static str> {
    METHODS.iter().find(|(known, _)| *known == code).map(|(_, words)| *words)
}

/// Methods by SNOMED CT code (of UK Core's value set of methods, those that say how one dose is given).
#[rustfmt::skip]
pub const METHODS: &[(&str, &str)] = &[
    ("419652001", "Take"),
    ("419582001", "Give"),
    ("418283001", "Administer"),
    ("419385000", "Use"),
    ("417924000", "Apply"),
    ("421134003", "Inhale"),
    ("422145002", "Inject"),
    ("421257003", "Insert"),
    ("421538008", "Instill"),
    ("419747000", "Chew"),
    ("420045007", "Suck"),
    ("421521009", "Swallow"),
    ("421682005", "Dissolve"),
    ("421066005", "Place"),
    ("420360002", "Sniff"),
    ("422219000", "Sprinkle"),
    ("13283701000001109", "Infusion"),
    ("129330003", "Infusion"),
    ("261754007", "Continuous infusion"),
    ("397884008", "Intermittent bolus"),
    ("397801003", "Single bolus"),
    ("13283801000001100", "Bolus"),
];

/// The words of a site's SNOMED CT code.
pub fn site(code: &str) -> Option<&'static str> {
    Some(match code {
        "8966001" => "Left eye",
        "18944008" => "Right eye",
        "22201000087104" => "Affected area",
        _ => return None,
    })
}

/// No code of this kind is known: every one must bring its words.
pub fn none(_: &str) -> Option<&'static str> {
    None
}

/// "A", "A and B", "A, B and C".
pub fn listed(items: &[String]) -> String {
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, head)) => format!("{} and {last}", head.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_two_of_a_list_are_joined_by_and() {
        for (items, expected) in
            [(&[][..], ""), (&["A"], "A"), (&["A", "B"], "A and B"), (&["A", "B", "C"], "A, B and C")]
        {
            let items: Vec<String> = items.iter().map(|item| (*item).to_owned()).collect();
            assert_eq!(listed(&items), expected);
        }
    }
}
