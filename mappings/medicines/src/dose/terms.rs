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

/// Routes by SNOMED CT code.
pub const ROUTES: &[(&str, &str)] = &[
    ("26643006", "Oral"),
    ("37161004", "Rectal"),
    ("16857009", "Vaginal"),
    ("47625008", "Intravenous route"),
    ("418114005", "Intravenous central route"),
    ("78421000", "Intramuscular route"),
    ("34206005", "Subcutaneous route"),
    ("6064005", "Topical"),
    ("18679011000001101", "Inhalation"),
    ("37839007", "Sublingual"),
    ("54485002", "Ocular"),
    ("46713006", "Nasal"),
    ("45890007", "Transdermal"),
    ("54471007", "Buccal"),
];

/// The words of a method's SNOMED CT code.
pub fn method(code: &str) -> Option<&'static str> {
    METHODS.iter().find(|(known, _)| *known == code).map(|(_, words)| *words)
}

/// Methods by SNOMED CT code.
pub const METHODS: &[(&str, &str)] = &[
    ("417924000", "Apply"),
    ("422145002", "Inject"),
    ("421257003", "Insert"),
    ("129330003", "Infusion"),
    ("261754007", "Continuous infusion"),
    ("397884008", "Intermittent bolus"),
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
