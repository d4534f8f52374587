//! The words of dose text: numbers, units, routes, times, and what makes a text too intricate to judge.

/// What is counted or measured; amounts compare only within one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// In milligrams.
    Mass,
    /// In millilitres.
    Volume,
    /// In units of biological activity.
    Activity,
    /// In pieces of the kind named.
    Pieces(&'static str),
    /// In pieces that nobody named ("take two").
    Unnamed,
}

/// The measure of a unit word and how many of the measure's own units it is.
pub fn unit(word: &str) -> Option<(Measure, f64)> {
    Some(match word {
        "mg" | "mgs" | "milligram" | "milligrams" | "milligramme" | "milligrammes" => (Measure::Mass, 1.0),
        "g" | "gm" | "gms" | "gram" | "grams" | "gramme" | "grammes" => (Measure::Mass, 1000.0),
        "mcg" | "mcgs" | "microgram" | "micrograms" | "microgramme" | "ug" | "µg" | "μg" => (Measure::Mass, 0.001),
        "ng" | "nanogram" | "nanograms" => (Measure::Mass, 0.000_001),
        "ml" | "mls" | "millilitre" | "millilitres" | "milliliter" | "milliliters" => (Measure::Volume, 1.0),
        "l" | "litre" | "litres" | "liter" | "liters" => (Measure::Volume, 1000.0),
        "unit" | "units" | "iu" | "ius" => (Measure::Activity, 1.0),
        _ => (Measure::Pieces(piece(word)?), 1.0),
    })
}

fn piece(word: &str) -> Option<&'static str> {
    Some(match word {
        "tablet" | "tablets" | "tab" | "tabs" => "tablet",
        "capsule" | "capsules" | "cap" | "caps" => "capsule",
        "caplet" | "caplets" => "caplet",
        "sachet" | "sachets" => "sachet",
        "puff" | "puffs" => "puff",
        "inhalation" | "inhalations" => "inhalation",
        "spray" | "sprays" => "spray",
        "drop" | "drops" | "gtt" => "drop",
        "patch" | "patches" => "patch",
        "plaster" | "plasters" => "plaster",
        "suppository" | "suppositories" => "suppository",
        "pessary" | "pessaries" => "pessary",
        "enema" | "enemas" => "enema",
        "lozenge" | "lozenges" => "lozenge",
        "ampoule" | "ampoules" => "ampoule",
        "application" | "applications" => "application",
        "dose" | "doses" => "dose",
        "bag" | "bags" => "bag",
        "spoonful" | "spoonfuls" | "spoon" | "spoons" => "spoonful",
        _ => return None,
    })
}

/// A number in words.
pub fn number_word(word: &str) -> Option<f64> {
    Some(match word {
        "half" => 0.5,
        "quarter" => 0.25,
        "one" => 1.0,
        "two" => 2.0,
        "three" => 3.0,
        "four" => 4.0,
        "five" => 5.0,
        "six" => 6.0,
        "seven" => 7.0,
        "eight" => 8.0,
        "nine" => 9.0,
        "ten" => 10.0,
        "eleven" => 11.0,
        "twelve" => 12.0,
        "fourteen" => 14.0,
        "twenty" => 20.0,
        _ => return None,
    })
}

/// How many days a span of time has.
pub fn days(word: &str) -> Option<f64> {
    Some(match word {
        "hour" | "hours" | "hr" | "hrs" | "h" => 1.0 / 24.0,
        "minute" | "minutes" | "min" | "mins" => 1.0 / 1440.0,
        "day" | "days" | "d" => 1.0,
        "week" | "weeks" | "wk" | "wks" => 7.0,
        "fortnight" => 14.0,
        "month" | "months" | "mo" => 30.4,
        "year" | "years" => 365.25,
        _ => return None,
    })
}

/// How many days lie between, for words such as "weekly".
pub fn every(word: &str) -> Option<f64> {
    Some(match word {
        "daily" | "dly" => 1.0,
        "weekly" => 7.0,
        "fortnightly" => 14.0,
        "monthly" => 30.4,
        "hourly" | "hrly" => 1.0 / 24.0,
        _ => return None,
    })
}

/// How often a day, for abbreviations that say it all.
pub fn times_a_day(word: &str) -> Option<f64> {
    Some(match word {
        "od" | "om" | "mane" | "nocte" => 1.0,
        "bd" | "bid" => 2.0,
        "tds" | "tid" => 3.0,
        "qds" | "qid" => 4.0,
        _ => return None,
    })
}

/// A part of the day, as a bit.
pub fn slot(word: &str) -> Option<u8> {
    Some(match word {
        "morning" | "mornings" | "am" | "mane" | "breakfast" | "waking" => 1,
        "noon" | "midday" | "lunch" | "lunchtime" => 2,
        "afternoon" | "afternoons" => 4,
        "evening" | "evenings" | "pm" | "tea" | "teatime" | "dinner" | "supper" => 8,
        "night" | "nights" | "bedtime" | "bed" | "nocte" | "sleep" => 16,
        _ => return None,
    })
}

/// A day of the week, as a bit; Monday is the first.
pub fn weekday(word: &str) -> Option<u8> {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let word = word.strip_suffix('s').filter(|word| word.ends_with("day")).unwrap_or(word);
    let is_short = |day: &str| (3..=5).contains(&word.len()) && day.starts_with(word);
    let at = DAYS.iter().position(|day| *day == word || is_short(day))?;
    Some(1 << at)
}

/// Words before an amount that nobody names the unit of.
pub fn is_verb(word: &str) -> bool {
    matches!(
        word,
        "take"
            | "give"
            | "use"
            | "apply"
            | "inhale"
            | "instil"
            | "instill"
            | "insert"
            | "inject"
            | "chew"
            | "suck"
            | "dissolve"
            | "swallow"
            | "administer"
            | "put"
            | "place"
    )
}

/// A route that a word names.
pub fn route(word: &str) -> Option<Route> {
    Some(match word {
        "oral" | "orally" | "mouth" | "po" => Route::Oral,
        "rectal" | "rectally" | "rectum" => Route::Rectal,
        "vaginal" | "vaginally" => Route::Vaginal,
        "intravenous" | "intravenously" | "iv" => Route::Intravenous,
        "intramuscular" | "intramuscularly" | "im" => Route::Intramuscular,
        "subcutaneous" | "subcutaneously" | "subcut" | "sc" => Route::Subcutaneous,
        _ => return None,
    })
}

/// Routes that cannot be taken for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the routes' own")]
pub enum Route {
    Oral,
    Rectal,
    Vaginal,
    Intravenous,
    Intramuscular,
    Subcutaneous,
}

impl Route {
    /// By its SNOMED CT code.
    pub fn of_code(code: &str) -> Option<Route> {
        Some(match code {
            "26643006" => Route::Oral,
            "37161004" => Route::Rectal,
            "16857009" => Route::Vaginal,
            "47625008" | "418114005" => Route::Intravenous,
            "78421000" => Route::Intramuscular,
            "34206005" => Route::Subcutaneous,
            _ => return None,
        })
    }

    /// To put into a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Route::Oral => "by mouth",
            Route::Rectal => "rectal",
            Route::Vaginal => "vaginal",
            Route::Intravenous => "intravenous",
            Route::Intramuscular => "intramuscular",
            Route::Subcutaneous => "subcutaneous",
        }
    }
}

/// Words with which a text may say more than one thing, so that nothing of it is judged.
pub fn is_intricate(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "then",
        "thereafter",
        "subsequently",
        "followed",
        "initially",
        "first",
        "second",
        "third",
        "reduce",
        "reduced",
        "reducing",
        "decrease",
        "decreasing",
        "increase",
        "increased",
        "increasing",
        "titrate",
        "titrated",
        "taper",
        "tapering",
        "wean",
        "weaning",
        "adjust",
        "adjusted",
        "alternate",
        "alternating",
        "alternatively",
        "variable",
        "varying",
        "vary",
        "sliding",
        "scale",
        "according",
        "directed",
        "depending",
        "dependent",
        "double",
        "doubled",
        "extra",
        "additional",
        "repeat",
        "repeated",
        "unless",
        "instead",
        "except",
        "loading",
        "start",
        "starting",
        "further",
        "split",
        "divided",
        "previous",
        "previously",
        "was",
        "now",
        "changed",
        "conflict",
        "total",
        "each",
        "both",
        "plus",
        "other",
        "if",
        "or",
        "cycle",
        "off",
        "free",
        "break",
        "stat",
        "omit",
        "miss",
        "not",
        "never",
    ];
    WORDS.contains(&word)
}
