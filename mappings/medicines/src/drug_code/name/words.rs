//! Words of forms, of release and of no weight in names of medicines, as dm+d, GP systems and pharmacy labels write them.

use super::Release;

/// The text outside brackets, and what stood in them.
pub fn without_brackets(lower: &str) -> (String, Option<String>) {
    let mut outside = String::new();
    let mut inside = String::new();
    let mut depth = 0_usize;
    for c in lower.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            c if depth > 0 => inside.push(c),
            c => outside.push(c),
        }
    }
    // "Potassium chloride 600mg (potassium 8mmol)": an amount in brackets is a part of the strength.
    if inside.contains(|c: char| c.is_ascii_digit()) {
        outside.push(' ');
        outside.push_str(&inside);
        return (outside, None);
    }
    let inside = inside.trim().to_owned();
    (outside, (!inside.is_empty()).then_some(inside))
}

/// The kind of release that a word names.
pub fn release(word: &str) -> Option<Release> {
    match word {
        "m/r" | "mr" | "s/r" | "sr" | "p/r" | "xl" | "xr" | "er" | "la" | "cr" | "retard" | "modified-release"
        | "prolonged-release" | "slow-release" | "sustained-release" | "controlled-release" | "extended-release" => {
            Some(Release::Modified)
        }
        "g/r" | "gr" | "e/c" | "ec" | "gastro-resistant" | "enteric-coated" | "enteric" => {
            Some(Release::GastroResistant)
        }
        _ => None,
    }
}

/// The one spelling of a word of a form; empty for words that go with forms and say nothing of their own.
pub fn form(word: &str) -> Option<&'static str> {
    Some(match word {
        "tablet" | "tablets" | "tab" | "tabs" | "caplet" | "caplets" => "tablet",
        "capsule" | "capsules" | "cap" | "caps" => "capsule",
        "oral" => "oral",
        "solution" | "soln" => "solution",
        "suspension" | "susp" => "suspension",
        "syrup" | "elixir" | "linctus" => "syrup",
        "liquid" => "liquid",
        "cream" => "cream",
        "ointment" | "oint" => "ointment",
        "gel" => "gel",
        "lotion" => "lotion",
        "emollient" => "emollient",
        "foam" => "foam",
        "shampoo" => "shampoo",
        "patch" | "patches" => "patch",
        "transdermal" => "",
        "inhaler" | "inhalers" => "inhaler",
        "nebuliser" | "nebules" => "nebuliser",
        "inhalation" => "inhalation",
        "drops" | "drop" => "drops",
        "eye" | "eyes" => "eye",
        "ear" => "ear",
        "nasal" => "nasal",
        "spray" => "spray",
        "mouthwash" => "mouthwash",
        "sublingual" => "sublingual",
        "buccal" => "buccal",
        "injection" | "inj" => "injection",
        "infusion" => "infusion",
        "vial" | "vials" => "vial",
        "ampoule" | "ampoules" | "amp" | "amps" => "ampoule",
        "cartridge" | "cartridges" => "cartridge",
        "pen" | "pens" | "pre-filled" | "prefilled" | "device" | "devices" => "pen",
        "syringe" | "syringes" => "syringe",
        "suppository" | "suppositories" => "suppository",
        "pessary" | "pessaries" => "pessary",
        "enema" | "enemas" => "enema",
        "sachet" | "sachets" => "sachet",
        "powder" => "powder",
        "granules" => "granules",
        "dispersible" => "dispersible",
        "effervescent" => "effervescent",
        "soluble" => "soluble",
        "orodispersible" | "oro-dispersible" => "orodispersible",
        "chewable" => "chewable",
        "lozenge" | "lozenges" | "pastille" | "pastilles" => "lozenge",
        "film-coated" | "coated" | "disposable" | "multidose" => "",
        _ => return None,
    })
}

/// Families of forms, by what is taken and by where it goes; forms of two families are two medicines.
pub const FORM_FAMILIES: &[&[&[&str]]] = &[
    &[
        &["tablet", "capsule", "lozenge"],
        &["solution", "suspension", "syrup", "liquid", "drops", "mouthwash", "injection", "infusion"],
        &["cream", "ointment", "gel", "lotion", "emollient", "foam", "shampoo"],
        &["patch"],
        &["inhaler", "nebuliser", "inhalation", "spray"],
        &["suppository", "pessary", "enema"],
    ],
    &[&["eye"], &["ear"], &["nasal"], &["oral"], &["injection", "infusion"], &["inhaler", "inhalation"]],
];

/// Words that say nothing of what the medicine is.
pub fn is_noise(word: &str) -> bool {
    matches!(
        word,
        "prn"
            | "free"
            | "sugar"
            | "sugar-free"
            | "cfc"
            | "sf"
            | "s/f"
            | "p/f"
            | "preservative"
            | "x"
            | "dose"
            | "unit-dose"
            | "w"
            | "v"
            | "ltd"
            | "generic"
            | "bp"
            | "ph"
            | "eur"
    )
}

/// Words that join others.
pub fn joins(word: &str) -> bool {
    matches!(word, "for" | "in" | "and" | "with" | "of" | "the" | "a" | "or" | "to" | "on")
}
