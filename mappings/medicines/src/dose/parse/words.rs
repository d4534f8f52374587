//! The vocabulary of dose text: what each phrase means, as tables that a pharmacist can check.
//!
//! A phrase stands here only if it means one thing on a UK label or MAR chart.

/// The value of a number word.
pub fn number(word: &str) -> Option<i64> {
    const WORDS: &[&str] = &[
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
    ];
    let tens = match word {
        "thirty" => Some(30),
        "forty" => Some(40),
        "fifty" => Some(50),
        "sixty" => Some(60),
        _ => None,
    };
    tens.or_else(|| WORDS.iter().skip(1).position(|known| *known == word).and_then(|at| i64::try_from(at + 1).ok()))
}

/// A time of day as FHIR writes it.
pub fn time(hours: u8, minutes: u8, seconds: u8) -> Option<String> {
    (hours < 24 && minutes < 60 && seconds < 60).then(|| format!("{hours:02}:{minutes:02}:{seconds:02}"))
}

/// Whether the medicine is taken only as required.
pub const NEEDED: &[&str] = &[
    "only when|if|as required|needed|necessary",
    "when|as|if required|needed|necessary",
    "as and when required|needed|necessary",
    "when|as|if req'd",
    "prn",
];

/// What it may be needed for; a reason is read as far as it is made of these.
pub const REASONS: &[&str] = &[
    "breakthrough pain",
    "back pain",
    "chest pain",
    "joint pain",
    "nerve pain",
    "period pain",
    "abdominal pain",
    "pain ?relief",
    "relief of pain",
    "nausea",
    "vomiting",
    "sickness",
    "migraine",
    "headache|headaches",
    "constipation",
    "diarrhoea|diarrhea",
    "anxiety",
    "agitation",
    "restlessness",
    "distress",
    "insomnia",
    "sleep",
    "wheeze|wheezing|wheeziness",
    "breathlessness",
    "shortness of breath",
    "angina",
    "high temperature",
    "fever|temperature|pyrexia",
    "itch|itching|itchiness",
    "dry skin",
    "dry mouth",
    "dry eyes",
    "indigestion|heartburn|reflux",
    "cough",
    "muscle spasm|spasms",
    "spasm|spasms",
    "cramp|cramps",
    "stomach cramps",
    "allergy|allergies",
    "hay fever|hayfever",
    "seizure|seizures",
    "dizziness|vertigo",
    "secretions",
    "thrush",
    "rash",
    "inflammation",
    "swelling",
    "bloating|wind",
    "mouth ulcers",
    "congestion",
    "hiccups",
    "cholesterol",
    "blood pressure",
    "heart failure",
    "diabetes",
];

/// Events of the day with their code.
pub const EVENTS: &[(&str, &str)] = &[
    ("in|during|every|each ?the early morning", "MORN.early"),
    ("in|during|every|each ?the late morning", "MORN.late"),
    ("in|during|every|each ?the morning|mornings", "MORN"),
    ("morning|mornings|mane|om", "MORN"),
    ("at ?12 midday|noon", "NOON"),
    ("midday|noon", "NOON"),
    ("in|during|every|each ?the early afternoon", "AFT.early"),
    ("in|during|every|each ?the late afternoon", "AFT.late"),
    ("in|during|every|each ?the afternoon|afternoons", "AFT"),
    ("in|during|every|each ?the early evening", "EVE.early"),
    ("in|during|every|each ?the late evening", "EVE.late"),
    ("in|during|every|each ?the evening|evenings", "EVE"),
    ("evening|evenings", "EVE"),
    ("at bedtime", "HS"),
    ("at bed time|-time", "HS"),
    ("at bed - time", "HS"),
    ("before bed|bedtime|sleep", "HS"),
    ("bedtime", "HS"),
    ("at|every|each night|nighttime", "NIGHT"),
    ("at night time", "NIGHT"),
    ("during|in the night", "NIGHT"),
    ("night|nocte|nightly|o.n.", "NIGHT"),
    ("upon|on waking", "WAKE"),
    ("once asleep", "PHS"),
    ("with|at ?the ?your breakfast", "CM"),
    ("with|at ?the ?your lunch|lunchtime", "CD"),
    ("at lunch time", "CD"),
    ("lunchtime", "CD"),
    ("with|at ?the ?your dinner", "CV"),
    ("with|at ?the ?your evening meal", "CV"),
    ("before breakfast", "ACM"),
    ("before lunch", "ACD"),
    ("before dinner", "ACV"),
    ("before ?the ?your evening meal", "ACV"),
    ("after breakfast", "PCM"),
    ("after lunch", "PCD"),
    ("after dinner", "PCV"),
    ("after ?the ?your evening meal", "PCV"),
    ("with food", "C"),
    ("with|at ?a meal|meals|mealtimes", "C"),
    ("at meal times", "C"),
    ("before food", "AC"),
    ("before ?a meal|meals", "AC"),
    ("ac", "AC"),
    ("after food", "PC"),
    ("after ?a meal|meals", "PC"),
    ("pc", "PC"),
];

/// Routes with their SNOMED CT code.
pub const ROUTES: &[(&str, &str)] = &[
    ("by ?the mouth", "26643006"),
    ("orally|oral|po", "26643006"),
    ("rectally|rectal|pr", "37161004"),
    ("per rectum", "37161004"),
    ("vaginally|vaginal|pv", "16857009"),
    ("sublingually|sublingual|sl", "37839007"),
    ("under the tongue", "37839007"),
    ("subcutaneously|subcut|sc", "34206005"),
    ("s / c", "34206005"),
    ("?by subcutaneous ?route|injection", "34206005"),
    ("intramuscularly|im", "78421000"),
    ("?by intramuscular ?route|injection", "78421000"),
    ("intravenously|iv", "47625008"),
    ("?by intravenous ?route|injection", "47625008"),
    ("topically|topical|top", "6064005"),
    ("by inhalation", "18679011000001101"),
    ("inhalation|inh", "18679011000001101"),
    ("nasally|nasal", "46713006"),
    ("transdermally|transdermal", "45890007"),
    ("buccally|buccal", "54471007"),
    ("via ?a ?the peg ?tube", "225691000001105"),
];

/// Verbs with the method's words and SNOMED CT code.
pub const METHODS: &[(&str, &str, &str)] = &[
    ("take|taken", "Take", "419652001"),
    ("give|given", "Give", "419582001"),
    ("administer|administered", "Administer", "418283001"),
    ("use|used", "Use", "419385000"),
    ("apply|applied", "Apply", "417924000"),
    ("inhale|inhaled", "Inhale", "421134003"),
    ("inject|injected", "Inject", "422145002"),
    ("insert|inserted", "Insert", "421257003"),
    ("instil|instill|instilled", "Instill", "421538008"),
    ("chew|chewed", "Chew", "419747000"),
    ("suck|sucked", "Suck", "420045007"),
    ("dissolve|dissolved", "Dissolve", "421682005"),
    ("swallow|swallowed", "Swallow", "421521009"),
    ("place|placed", "Place", "421066005"),
];

/// Sites on the body that may stand behind "to", "in", "into" or "on", or alone behind a side.
pub const SITES: &[&str] = &[
    "affected area|areas|eye|ear|skin|side|part|parts",
    "left|right|both|each eye|eyes|ear|ears|nostril|nostrils|arm|arms|leg|legs|foot|feet|hand|hands|knee|knees|shoulder|thigh|heel|heels|hip|groin",
    "each affected eye|ear",
    "left|right upper outer arm",
    "left|right upper arm",
    "upper outer arm",
    "upper arm",
    "lower legs",
    "skin|scalp|face|groin|groins|legs|arms|hands|feet|back|chest|abdomen|neck|trunk|heels|elbows|knees",
    "eye|eyes|ear|ears|nostril|nostrils",
];

/// Instructions that change no dose and are kept in the words they stand in.
pub const INSTRUCTIONS: &[&str] = &[
    "apply sparingly|thinly|liberally|generously",
    "thinly|sparingly|liberally|generously",
    "with or ?just after ?a food|meal|meals",
    "on an empty stomach",
    "dissolved|mixed|dispersed in|with ?half ?a ?glass ?of water",
    "dissolved|mixed|diluted in ?at ?least # ml|mls ?of ?water",
    "dissolve or mix with water before taking",
    "in ?half ?a ?glass ?of water",
    "with ?plenty ?of water",
    "with a ?full glass of water",
    "swallow|swallowed whole",
    "via|with|using ?a spacer ?device",
    "using the metered dose device",
    "?to ?be ?given via ?a nebuliser",
    "?to ?be ?given via ?a nasal cannula",
    "rotate site of application",
    "?the district|community|practice ?nurse|nurses to administer|give",
    "?to ?be administered|given by ?the district|community|practice nurse|nurses",
    "dn|dns to administer|give",
    "rotate sites|site",
    "contains aspirin",
    "rinse mouth after use",
    "shake well before use",
    "until ?the ?course ?is finished|completed",
    "complete the course",
    "to help sleep",
    "to lower cholesterol",
    "to reduce|lower blood pressure",
    "immediately",
    "straight away",
];

/// Negations and exceptions: from here to the end of the sentence nothing is taken for a dose.
pub const NEGATIONS: &[&str] = &[
    "not", "don't", "dont", "never", "no", "avoid", "stop", "without", "except", "unless", "omit", "withhold",
    "cannot", "can't", "nil", "hold", "until", "if", "instead", "except",
];

/// Words that make the rest of a text say something else, so that nothing of it is compared.
pub const TURNS: &[&str] = &[
    "or",
    "unless",
    "instead",
    "reduce",
    "reducing",
    "increase",
    "increasing",
    "alternate",
    "alternating",
    "except",
    "initially",
    "thereafter",
    "titrate",
    "according",
    "variable",
    "depending",
    "total",
    "divided",
    "extra",
    "repeat",
    "start",
    "starting",
    "changed",
    "was",
    "previously",
    "per",
    "if",
];

/// A day of the week by its name, plural or abbreviation.
pub fn day(word: &str) -> Option<&'static str> {
    let plain = word.strip_suffix('s').filter(|word| word.ends_with("day")).unwrap_or(word);
    Some(match plain {
        "monday" | "mon" => "mon",
        "tuesday" | "tue" | "tues" => "tue",
        "wednesday" | "wed" | "weds" => "wed",
        "thursday" | "thu" | "thur" | "thurs" => "thu",
        "friday" | "fri" => "fri",
        "saturday" | "sat" => "sat",
        "sunday" | "sun" => "sun",
        _ => return None,
    })
}

/// A month by its name or its first three letters.
pub fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let is_it = |month: &str| month == word || (word.len() == 3 && month.starts_with(word));
    MONTHS.iter().position(|month| is_it(month)).and_then(|at| i8::try_from(at + 1).ok())
}

/// How often Latin says: times and days.
pub fn latin(word: &str) -> Option<i64> {
    Some(match word {
        "od" => 1,
        "bd" | "bid" => 2,
        "tds" | "tid" => 3,
        "qds" | "qid" => 4,
        _ => return None,
    })
}
