//! Labels and MAR charts read: what is understood, as the rules would print it, and what is not.

use ginnel_medicines::dose::{parse, render};
use serde_json::Value;

/// Text of a label, and the phrases of the guide that its structure renders to.
pub const UNDERSTOOD: &[(&str, &str)] = &[
    // As labels have it
    ("Take ONE tablet twice a day", "Take 1 tablet - twice a day"),
    ("TAKE ONE TABLET THREE TIMES A DAY", "Take 1 tablet - 3 times a day"),
    ("One tablet to be taken each day", "Take 1 tablet - once a day"),
    ("Two tablets to be taken four times daily", "Take 2 tablet - 4 times a day"),
    ("One tablet to be taken once daily for one week", "Take 1 tablet - once a day - for 1 week"),
    ("Take 1 tablet(s) daily", "Take 1 tablet - once a day"),
    ("take one tablet, twice a day, for seven days.", "Take 1 tablet - twice a day - for 7 days"),
    ("Take a tablet once a day", "Take 1 tablet - once a day"),
    ("Please take 2 capsules every day", "Take 2 capsule - daily"),
    ("two tablets daily", "2 tablet - daily"),
    ("40mg daily", "40 milligram - once a day"),
    ("1.2g daily", "1.2 gram - once a day"),
    ("Inhale TWO puffs twice a day", "Inhale 2 puff - twice a day"),
    ("Apply thinly to the affected area twice a day", "Apply twice a day - affected area - thinly"),
    ("Instil one drop into the left eye twice a day", "Instill 1 drop - twice a day - left eye"),
    ("one drop to both eyes at night", "1 drop - once a day - during the night - both eyes"),
    (
        "Inject 10 units subcutaneously once a day before breakfast",
        "Inject 10 unit - once a day - before breakfast - Subcutaneous",
    ),
    ("1 sachet dissolved in water twice a day", "1 sachet - twice a day - dissolved in water"),
    ("Take with or after food", "Take with or after food"),
    // Shorthands
    ("1 tab od", "1 tablet - once a day"),
    ("1 tab b.d.", "1 tablet - twice a day"),
    ("2 caps tds", "2 capsule - 3 times a day"),
    ("1 tablet qds prn", "1 tablet - 4 times a day - as required"),
    ("1 tablet mane", "1 tablet - once a day - during the morning"),
    ("1 tablet om", "1 tablet - once a day - during the morning"),
    ("1 tablet nocte", "1 tablet - once a day - during the night"),
    ("1 tablet o.n.", "1 tablet - once a day - during the night"),
    ("1 tablet ON", "1 tablet - once a day - during the night"),
    ("1 tablet om and on", "1 tablet - twice a day - during the morning and during the night"),
    ("1 tablet tds ac", "1 tablet - 3 times a day - before a meal"),
    ("1 tablet bd pc", "1 tablet - twice a day - after a meal"),
    ("500mg po tds", "500 milligram - 3 times a day - Oral"),
    ("5mg sc stat", "5 milligram - Subcutaneous - take once - immediately"),
    ("10mg IM", "10 milligram - Intramuscular"),
    ("1 suppository pr at night", "1 suppository - once a day - during the night - Rectal"),
    ("1 pessary pv nocte", "1 pessary - once a day - during the night - Vaginal"),
    ("2 puffs inh qds", "2 puff - 4 times a day - Inhalation"),
    ("500mg q6h", "500 milligram - every 6 hours"),
    ("1-2 tablets 4-6 hourly", "1 to 2 tablet - every 4 to 6 hours"),
    ("1 tablet 6-hourly", "1 tablet - every 6 hours"),
    ("1 capsule bd for 5/7", "1 capsule - twice a day - for 5 days"),
    ("1 capsule bd for 2/52", "1 capsule - twice a day - for 2 weeks"),
    // Amounts
    ("1-2 tablets", "1 to 2 tablet"),
    ("one or two tablets", "1 to 2 tablet"),
    ("2.5ml to 5ml", "2.5 to 5 millilitre"),
    ("500mg-1g", "500 milligram to 1 gram"),
    ("up to 2 tablets", "up to 2 tablet"),
    ("half a tablet daily", "0.5 tablet - once a day"),
    ("½ tablet daily", "0.5 tablet - once a day"),
    ("1/2 tablet daily", "0.5 tablet - once a day"),
    ("1½ tablets at night", "1.5 tablet - once a day - during the night"),
    ("one and a half tablets at night", "1.5 tablet - once a day - during the night"),
    ("Take ONE 5ml spoonful three times a day", "Take 5 millilitre - 3 times a day"),
    ("two 5ml spoonfuls twice a day", "10 millilitre - twice a day"),
    ("one or two 5 ml spoonfuls at night", "5 to 10 millilitre - once a day - during the night"),
    ("1,000 units daily", "1000 unit - once a day"),
    ("50mcg od", "50 microgram - once a day"),
    ("500micrograms od", "500 microgram - once a day"),
    ("0.50mg od", "0.50 milligram - once a day"),
    ("1 tablet (500mg) twice a day", "1 tablet - twice a day - (500mg)"),
    ("2 litres per minute via nasal cannula", "at a rate of 2 litre per minute - via nasal cannula"),
    // How often and when
    ("1 tablet every other day", "1 tablet - every 2 days"),
    ("1 tablet on alternate days", "1 tablet - every 2 days"),
    ("1 tablet weekly", "1 tablet - once a week"),
    ("1 tablet once a week on Mondays", "1 tablet - once a week - on Monday"),
    ("1 patch every 72 hours", "1 patch - every 72 hours"),
    ("Apply ONE patch every 7 days", "Apply 1 patch - every 7 days"),
    ("1 injection every 3 months", "1 injection - every 3 months"),
    ("1 tablet fortnightly", "1 tablet - every 2 weeks"),
    ("1 tablet 4 times a day", "1 tablet - 4 times a day"),
    ("1 tablet 4 hourly", "1 tablet - every 4 hours"),
    ("1 tablet every 4 hours", "1 tablet - every 4 hours"),
    ("2 puffs up to QDS via spacer", "2 puff - up to 4 times a day - via spacer"),
    ("40 mg/day", "40 milligram - once a day"),
    ("1 drop in each affected eye twice daily", "1 drop - twice a day - each affected eye"),
    ("half a tablet when required for severe agitation", "0.5 tablet - as required for severe agitation"),
    ("2 puffs up to four times a day", "2 puff - up to 4 times a day"),
    ("1 tablet not more than 4 times a day", "1 tablet - up to 4 times a day"),
    ("1 injection 12 weekly", "1 injection - every 12 weeks"),
    ("1 tablet every night before bed", "1 tablet - once a day - during the night and before sleep"),
    ("1 tablet at 8am and 8pm with food", "1 tablet - twice a day - at 08:00 and 20:00 - with food"),
    ("1 tablet 2-3 times a day", "1 tablet - 2 to 3 times a day"),
    ("1 tablet morning and night", "1 tablet - twice a day - during the morning and during the night"),
    ("1 tablet in the morning", "1 tablet - once a day - during the morning"),
    ("1 tablet at bedtime", "1 tablet - once a day - before sleep"),
    ("1 tablet with breakfast", "1 tablet - once a day - at breakfast"),
    ("1 tablet three times a day with food", "1 tablet - 3 times a day - at a meal"),
    ("1 capsule 30 minutes before food", "1 capsule - 30 minutes before a meal"),
    ("1 capsule an hour before breakfast", "1 capsule - once a day - 1 hour before breakfast"),
    ("1 tablet at 8am and 8pm", "1 tablet - twice a day - at 08:00 and 20:00"),
    ("1 tablet 08:00, 12:00 and 18:00", "1 tablet - 3 times a day - at 08:00, 12:00 and 18:00"),
    ("1 tablet at 0800", "1 tablet - once a day - at 08:00"),
    ("1 tablet at 22.00", "1 tablet - once a day - at 22:00"),
    ("1 tablet once or twice a day", "1 tablet - 1 to 2 times a day"),
    ("2 puffs as needed, up to 8 puffs in 24 hours", "2 puff - as required - up to a maximum of 8 puff in 24 hours"),
    ("1 tablet Mon/Wed/Fri", "1 tablet - once a day - on Monday, Wednesday and Friday"),
    ("1 tablet Monday to Friday", "1 tablet - once a day - on Monday, Tuesday, Wednesday, Thursday and Friday"),
    ("1 tablet twice a day until 25/12/2026", "1 tablet - twice a day - until 25/12/2026"),
    (
        "1 tablet daily from 1 December 2026 to 24 December 2026",
        "1 tablet - once a day - from 01/12/2026 to 24/12/2026",
    ),
    ("1 tablet daily for at least 5 days", "1 tablet - once a day - for at least 5 days"),
    ("1 tablet daily for up to 2 weeks", "1 tablet - once a day - for up to 2 weeks"),
    ("1 tablet as a single dose", "1 tablet - take once"),
    // As required, and the most
    ("1-2 tablets when required for pain", "1 to 2 tablet - as required for pain"),
    ("1 tablet if needed for nausea and vomiting", "1 tablet - as required for nausea and vomiting"),
    ("1 tablet tds for pain", "1 tablet - 3 times a day - for pain"),
    (
        "Take TWO tablets FOUR times a day when required. Maximum 8 tablets in 24 hours.",
        "Take 2 tablet - 4 times a day - as required - up to a maximum of 8 tablet in 24 hours",
    ),
    ("1-2 tablets prn max 8 in 24 hours", "1 to 2 tablet - as required - up to a maximum of 8 tablet in 24 hours"),
    ("1g qds, not more than 4 g in 24 hours", "1 gram - 4 times a day - up to a maximum of 4 gram in 24 hours"),
    (
        "2 tablets prn. Do not take more than 8 tablets in 24 hours",
        "2 tablet - as required - up to a maximum of 8 tablet in 24 hours",
    ),
    (
        "2.5ml to 5ml (5-10mg) every 2-4 hours when needed for breakthrough pain. MAX 6 doses/24h",
        "2.5 to 5 millilitre - every 2 to 4 hours - as required for breakthrough pain - up to a maximum of 6 dose in 24 hours - (5-10mg)",
    ),
    (
        "1-2 tablets when required for pain. MAX 8 tablets in 24 hours, minimum 4 hours between doses",
        "1 to 2 tablet - as required for pain - up to a maximum of 8 tablet in 24 hours - minimum 4 hours between doses",
    ),
    // Several doses
    (
        "3mg Mon Wed Fri, 4mg other days",
        "3 milligram - once a day - on Monday, Wednesday and Friday, and 4 milligram - once a day - on Tuesday, Thursday, Saturday and Sunday",
    ),
    (
        "Mon/Wed/Fri 3mg, other days 4mg",
        "3 milligram - once a day - on Monday, Wednesday and Friday, and 4 milligram - once a day - on Tuesday, Thursday, Saturday and Sunday",
    ),
    (
        "5mg Mon, Tue, Wed; 6mg Thu-Sun",
        "5 milligram - once a day - on Monday, Tuesday and Wednesday, and 6 milligram - once a day - on Thursday, Friday, Saturday and Sunday",
    ),
    (
        "Take ONE tablet in the morning and TWO at night",
        "Take 1 tablet - once a day - during the morning, and Take 2 tablet - once a day - during the night",
    ),
    (
        "1 tablet mane 2 nocte",
        "1 tablet - once a day - during the morning, and 2 tablet - once a day - during the night",
    ),
    ("40mg for 5 days then 30mg for 5 days", "40 milligram - for 5 days, then 30 milligram - for 5 days"),
    ("2 capsules stat then 1 capsule twice a day", "2 capsule - take once - immediately, then 1 capsule - twice a day"),
    (
        "40mg once daily for 5 days then 30mg once daily for 5 days then stop",
        "40 milligram - once a day - for 5 days, then 30 milligram - once a day - for 5 days - Then stop",
    ),
];

/// Text of a label, and the words of it that are not understood, so that it stays text.
const NOT_UNDERSTOOD: &[(&str, &[&str])] = &[
    ("As directed", &["As directed"]),
    ("Take ONE tablet as directed", &["as directed"]),
    ("one tablet daliy", &["daliy"]),
    ("1 tablet qd", &["qd"]),
    // No unit, and more than pieces would be
    ("5 bd", &["5"]),
    ("2.5 bd", &["2.5"]),
    ("1", &["1"]),
    ("10 U bd", &["10 U"]),
    ("l mg bd", &["l mg"]),
    ("max 8 in 24 hours", &["max 8 in 24 hours"]),
    // Right eye, or once a day
    ("1 drop od", &["od"]),
    ("one drop to both eyes od", &["od"]),
    // A day of the week or o.n.
    ("take one on a full stomach", &["on a full stomach"]),
    // A range, a dose with its times, a fraction, a date
    ("1 - 3 times a day", &["1"]),
    ("1/2 tablets daily", &["1/"]),
    ("1 tablet on 1/2", &["on 1/2"]),
    ("1 tablet until 25/12/26", &["until 25/12/26"]),
    ("1,5 mg daily", &[",5 mg"]),
    ("2 x 500mg bd", &["2 x"]),
    ("500mg x 2", &["x 2"]),
    ("take one 500mg tablet twice a day", &["500mg tablet"]),
    ("250mg/5ml, 10ml tds", &["250mg/5ml"]),
    ("two weekly", &["two"]),
    ("2 and 8am", &["2", "8am"]),
    ("1 tablet bd stat", &["stat"]),
    ("15mg/kg every 6 hours", &["15mg/kg"]),
    // Negation is never a dose
    ("do not take 2 tablets", &["do not take 2 tablets"]),
    ("not to be taken with milk", &["not to be taken with milk"]),
    ("one tablet daily. Not to be taken with milk", &["Not to be taken with milk"]),
    ("stop taking 2 tablets daily", &["stop taking 2 tablets daily"]),
    ("never more than 2 tablets", &["never more than 2 tablets"]),
    // Parts that contradict each other or may belong to both doses
    ("1 tablet twice a day at night", &["twice a day"]),
    ("1 tablet twice a day every 4 hours", &["every 4 hours"]),
    ("1 tablet twice a week on Mon, Wed, Fri", &["twice a week"]),
    ("1 tablet in the morning and 2 at night for 7 days", &["for 7 days"]),
    ("one drop in the right eye twice daily and the left eye once daily", &["the left eye once daily"]),
    ("1 tablet at night increasing to 2", &["increasing to 2"]),
    ("2 tablets for 3 days then 1 daily", &["2 tablets for 3 days"]),
    ("1 tablet every 4 hours, 2 tablets at night", &["1 tablet every 4 hours", "2 tablets at night"]),
    (
        "4 tablets daily for 2 days, 3 tablets daily for 2 days",
        &["4 tablets daily for 2 days", "3 tablets daily for 2 days"],
    ),
    ("2 tablets in the morning and 1 tablet in the morning", &["2 tablets in the morning", "1 tablet in the morning"]),
    // One in the morning and one in the afternoon, or one o'clock
    ("take 1 am and 1 pm", &["1 am", "1 pm"]),
    ("8 am and 6 pm", &["8 am", "6 pm"]),
    ("1 tablet every 0 hours", &["every 0 hours"]),
    ("2 tablets in the morning then 1 at night", &["then"]),
    ("2 tablets then 1 tablet every 4 hours", &["2 tablets"]),
    ("1 tablet in the morning and 500mg at night", &["500mg"]),
    ("1 tablet four times a day for 3 days and then twice a day for 3 days", &["1 tablet"]),
    ("1 tablet unless drowsy", &["unless drowsy"]),
    ("1 tablet at 12am", &["at 12am"]),
];

fn told(text: &str) -> (String, Vec<String>) {
    let parsed = parse::parse(text);
    let words = parsed.not_understood.iter().map(|words| words.text.clone()).collect();
    let dosages: Vec<Value> = parsed.dosages.iter().map(|dosage| dosage.to_json()).collect();
    for dosage in &dosages {
        assert_eq!(dosage["text"], text);
    }
    (render::texts(&dosages).text, words)
}

#[test]
fn what_is_surely_understood_renders_to_the_phrases_of_the_guide() {
    for (text, expected) in UNDERSTOOD {
        assert_eq!(told(text), ((*expected).to_owned(), vec![]), "{text}");
    }
}

#[test]
fn what_is_rendered_reads_back_to_the_same_meaning() {
    for (text, rendered) in UNDERSTOOD {
        let read = |text: &str| -> Vec<Value> {
            let parsed = parse::parse(text);
            assert!(parsed.is_understood(), "{text}: {:?}", parsed.not_understood);
            parsed
                .dosages
                .iter()
                .map(|dosage| {
                    let mut json = dosage.to_json();
                    json.as_object_mut().expect("an object").remove("text");
                    json
                })
                .collect()
        };
        assert_eq!(read(text), read(rendered), "{text}");
    }
}

#[test]
fn a_text_with_a_word_that_is_not_understood_stays_text() {
    for (text, expected) in NOT_UNDERSTOOD {
        let parsed = parse::parse(text);
        let words: Vec<&str> = parsed.not_understood.iter().map(|words| words.text.as_str()).collect();
        assert_eq!(words, *expected, "{text}");
        assert_eq!(parsed.dosages.len(), 1, "{text}");
        assert!(!parsed.dosages[0].is_structured(), "{text}: {}", parsed.dosages[0].to_json());
        for words in &parsed.not_understood {
            let there: String = text.chars().skip(words.at).take(words.text.chars().count()).collect();
            assert_eq!(there, words.text, "{text}");
        }
    }
}

#[test]
fn dangerous_writing_is_remarked_on() {
    for (text, expected) in [
        ("5.0mg bd", vec!["trailing-zero 5.0"]),
        (".5mg bd", vec!["naked-decimal .5"]),
        ("50µg od", vec!["dangerous-abbreviation µg"]),
        ("800 IU daily", vec!["dangerous-abbreviation IU"]),
        ("10 U bd", vec!["dangerous-abbreviation U"]),
        ("1 tablet qd", vec!["dangerous-abbreviation qd"]),
        ("one bd", vec!["no-unit one"]),
        ("0.5mg bd", vec![]),
        ("10mg bd", vec![]),
        ("2.50 tablets bd", vec!["trailing-zero 2.50"]),
    ] {
        let parsed = parse::parse(text);
        let remarks: Vec<String> =
            parsed.remarks.iter().map(|remark| format!("{} {}", remark.key, remark.words.text)).collect();
        assert_eq!(remarks, expected, "{text}");
    }
}
