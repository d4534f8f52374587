//! What the names of a care system's fields usually mean.

use super::infer::{Notation, Seen};

/// What a field is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Meaning {
    /// The vendor's own key.
    Key,
    /// The vendor's key of the person it is about.
    PersonKey,
    /// NHS number.
    NhsNumber,
    /// Family name.
    Family,
    /// Given name or names.
    Given,
    /// The whole name in one text.
    FullName,
    /// Mr, Mrs, Dr.
    Title,
    /// What somebody wants to be called.
    KnownAs,
    /// Date of birth.
    BirthDate,
    /// Gender.
    Gender,
    /// Telephone.
    Phone,
    /// Mobile telephone.
    Mobile,
    /// E-mail.
    Email,
    /// A line of an address, from 1.
    AddressLine(u8),
    /// Town or city.
    Town,
    /// County.
    County,
    /// Postcode.
    Postcode,
    /// Name of the GP or the practice.
    GpName,
    /// ODS code of the practice.
    GpCode,
    /// What is named: a medicine, a substance, a measurement.
    Name,
    /// dm+d or SNOMED CT code of a medicine.
    MedicineCode,
    /// How much and how often, in words.
    DoseText,
    /// Route of a medicine.
    Route,
    /// When it began.
    Start,
    /// When it ended.
    End,
    /// When it happened or was recorded.
    When,
    /// What a reaction was like.
    Reaction,
    /// A measured value.
    Value,
    /// The unit of a measured value.
    Unit,
    /// A remark.
    Note,
    /// What somebody is to somebody else.
    Relationship,
}

/// Names without case and separators, and what they mean; the first fitting row decides.
const NAMES: &[(Meaning, &[&str])] = &[
    (Meaning::NhsNumber, &["nhs", "nhsno", "nhsnum", "nhsnumber", "nhsnbr", "nhsid"]),
    (Meaning::Family, &["surname", "lastname", "familyname", "family", "last", "sn"]),
    (
        Meaning::Given,
        &["firstname", "forename", "forenames", "firstnames", "givenname", "givennames", "given", "first"],
    ),
    (
        Meaning::FullName,
        &["fullname", "displayname", "clientname", "residentname", "patientname", "personname", "serviceusername"],
    ),
    (Meaning::Title, &["title", "salutation", "prefix", "nametitle"]),
    (Meaning::KnownAs, &["knownas", "preferredname", "nickname", "likestobecalled", "preferred"]),
    (Meaning::BirthDate, &["dob", "dateofbirth", "birthdate", "birthday", "born", "dateborn"]),
    (Meaning::Gender, &["gender", "sex", "gendercode", "sexcode", "administrativegender"]),
    (
        Meaning::Mobile,
        &["mobile", "mobilephone", "mobileno", "mobilenumber", "cell", "cellphone", "phonemobile", "telmobile"],
    ),
    (
        Meaning::Phone,
        &[
            "phone",
            "telephone",
            "tel",
            "telno",
            "phoneno",
            "phonenumber",
            "telephonenumber",
            "homephone",
            "hometel",
            "landline",
            "phonehome",
            "telhome",
            "hometelephone",
        ],
    ),
    (Meaning::Email, &["email", "emailaddress", "mail"]),
    (
        Meaning::AddressLine(1),
        &["address1", "addressline1", "line1", "addr1", "street", "streetaddress", "houseandstreet"],
    ),
    (Meaning::AddressLine(2), &["address2", "addressline2", "line2", "addr2", "locality"]),
    (Meaning::AddressLine(3), &["address3", "addressline3", "line3", "addr3"]),
    (Meaning::Town, &["town", "city", "posttown", "addresstown", "addresscity"]),
    (Meaning::County, &["county", "addresscounty"]),
    (Meaning::Postcode, &["postcode", "postalcode", "addresspostcode", "zip"]),
    (Meaning::GpCode, &["gpcode", "gppracticecode", "practicecode", "surgerycode", "odscode", "gpods", "gpodscode"]),
    (
        Meaning::GpName,
        &[
            "gp",
            "gpname",
            "gppractice",
            "gpsurgery",
            "surgery",
            "surgeryname",
            "practicename",
            "gppracticename",
            "doctor",
        ],
    ),
    (Meaning::MedicineCode, &["dmd", "dmdcode", "dmdid", "snomed", "snomedcode", "sctcode", "snomedctcode"]),
    (Meaning::DoseText, &["dose", "dosage", "dosetext", "dosageinstructions", "directions", "sig"]),
    (Meaning::Route, &["route", "routeofadministration"]),
    (Meaning::Start, &["start", "startdate", "started", "startedon", "from", "datefrom", "effectivefrom"]),
    (Meaning::End, &["end", "enddate", "stopdate", "stopped", "ended", "to", "dateto", "effectiveto", "finish"]),
    (
        Meaning::When,
        &[
            "when",
            "at",
            "date",
            "datetime",
            "recordedat",
            "recordedon",
            "takenat",
            "doneat",
            "measuredat",
            "observedat",
            "dateidentified",
            "onset",
            "observationdate",
        ],
    ),
    (Meaning::Reaction, &["reaction", "manifestation", "symptoms", "reactiondescription"]),
    (Meaning::Value, &["value", "reading", "result", "measurement"]),
    (Meaning::Unit, &["unit", "units", "uom"]),
    (Meaning::Note, &["note", "notes", "comment", "comments", "remarks"]),
    (Meaning::Relationship, &["relationship", "relation", "relationshiptoclient"]),
    (
        Meaning::Name,
        &[
            "name",
            "drug",
            "drugname",
            "medicine",
            "medicinename",
            "medication",
            "medicationname",
            "substance",
            "allergen",
            "allergy",
            "allergyname",
            "agent",
            "description",
            "type",
            "observationtype",
            "measure",
            "product",
            "text",
            "label",
        ],
    ),
];

/// Words of people other than the one a record is about: a field below them says nothing of that one.
const OTHERS: &[&str] = &[
    "contact",
    "nok",
    "nextofkin",
    "kin",
    "emergency",
    "keyworker",
    "worker",
    "carer",
    "relative",
    "advocate",
    "social",
    "pharmacy",
    "referrer",
    "manager",
    "owner",
    "organisation",
    "organization",
    "agency",
    "branch",
    "home",
    "user",
];

/// A name without case and separators.
pub fn compact(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What a field means, by its name, the names above it, and how its values are written.
pub fn meaning(name: &str, above: &[&str], seen: &Seen) -> Option<Meaning> {
    // The text of an XML element that has attributes means what the element means.
    let (name, above) = match above.split_last() {
        Some((element, above)) if name == "#text" => (*element, above),
        _ => (name, above),
    };
    let own = compact(name);
    let parent = above.last().map(|name| compact(name)).unwrap_or_default();
    let of_gp = matches!(parent.as_str(), "gp" | "gppractice" | "surgery" | "practice" | "doctor" | "registeredgp");
    if of_gp {
        return match own.as_str() {
            "name" | "fullname" | "practice" | "surgery" | "practicename" => Some(Meaning::GpName),
            "code" | "ods" | "odscode" | "practicecode" => Some(Meaning::GpCode),
            _ => None,
        };
    }
    if parent.ends_with("name") && own == "title" {
        return Some(Meaning::Title);
    }
    let address = parent.contains("address") || parent == "location";
    if address && own.starts_with("line") {
        let number = own.trim_start_matches("line").parse().ok().filter(|number| (1..=4).contains(number));
        return number.map(Meaning::AddressLine);
    }
    let found = NAMES.iter().find(|(_, names)| names.contains(&own.as_str())).map(|(meaning, _)| *meaning);
    match found {
        // Ten digits of the right kind are an NHS number only where the name does not say otherwise.
        None if seen.is_written_as(Notation::NhsNumber) && own.contains("nhs") => Some(Meaning::NhsNumber),
        found => found,
    }
}

/// Whether a name speaks of somebody or something other than the person of the record.
pub fn is_of_others(name: &str) -> bool {
    let name = compact(name);
    let of_the_one = ["serviceuser", "client", "resident", "patient", "person"].iter().any(|word| name.contains(word));
    !of_the_one && OTHERS.iter().any(|word| name.contains(word)) && !name.contains("address") && !name.contains("phone")
}

/// Whether a list, or a message, is one of people who work there: they are no patients.
pub fn is_of_staff(name: &str) -> bool {
    let name = compact(name);
    ["staff", "worker", "carer", "nurse", "employee", "practitioner", "colleague", "clinician", "teammember"]
        .iter()
        .any(|word| name.contains(word))
}

/// Whether a name is a key: `id`, or `id` with the name of what it is a key of.
pub fn is_key(name: &str, of: &str) -> bool {
    let (name, of) = (compact(name), compact(of));
    let single = of
        .strip_suffix("ies")
        .map(|stem| format!("{stem}y"))
        .unwrap_or_else(|| of.strip_suffix('s').map_or_else(|| of.clone(), str::to_string));
    matches!(name.as_str(), "id" | "guid" | "uuid" | "key" | "ref" | "reference" | "uid")
        || (!single.is_empty()
            && [format!("{single}id"), format!("{single}guid"), format!("{single}ref"), format!("{single}key")]
                .contains(&name))
}

/// Whether a name is the key of a person.
pub fn is_person_key(name: &str) -> bool {
    ["client", "resident", "patient", "person", "serviceuser", "customer", "member"].iter().any(|who| {
        ["id", "guid", "ref", "key", "number", "no"].iter().any(|end| compact(name) == format!("{who}{end}"))
    })
}

/// What a list of objects holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Allergies.
    Allergies,
    /// Medicines somebody takes.
    Medicines,
    /// Measurements.
    Observations,
    /// Diagnoses.
    Conditions,
    /// Visits.
    Visits,
    /// Telephone numbers.
    Phones,
    /// People to ring.
    Contacts,
}

/// What a list is by its name.
pub fn kind(name: &str) -> Option<Kind> {
    let name = compact(name);
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["allerg", "intoleran"]) {
        Some(Kind::Allergies)
    } else if has(&["administration", "outcome", "marentr", "round"]) {
        None
    } else if has(&["medication", "medicine", "drug", "prescription"]) {
        Some(Kind::Medicines)
    } else if has(&["observation", "vital", "reading", "measurement"]) {
        Some(Kind::Observations)
    } else if has(&["condition", "diagnos", "problem"]) {
        Some(Kind::Conditions)
    } else if has(&["visit", "encounter", "appointment"]) {
        Some(Kind::Visits)
    } else if has(&["phone", "telephone", "mobile"]) {
        Some(Kind::Phones)
    } else if has(&["contact", "nextofkin", "relative", "relation"]) {
        Some(Kind::Contacts)
    } else {
        None
    }
}

/// FHIR's gender of a code or word, where it is plain.
pub fn gender(text: &str) -> Option<&'static str> {
    match compact(text).as_str() {
        "m" | "male" | "man" | "boy" => Some("male"),
        "f" | "female" | "woman" | "girl" => Some("female"),
        "o" | "x" | "other" | "nonbinary" | "indeterminate" | "i" => Some("other"),
        "u" | "unknown" | "notknown" | "notspecified" | "ns" | "notstated" | "prefernottosay" => Some("unknown"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, above: &[&str]) -> Option<Meaning> {
        meaning(name, above, &Seen::default())
    }

    #[test]
    fn names_are_known_in_any_spelling() {
        for (name, wanted) in [
            ("dob", Meaning::BirthDate),
            ("DateOfBirth", Meaning::BirthDate),
            ("date_of_birth", Meaning::BirthDate),
            ("NHS No", Meaning::NhsNumber),
            ("Last-Name", Meaning::Family),
            ("Post Code", Meaning::Postcode),
            ("address_line_2", Meaning::AddressLine(2)),
        ] {
            assert_eq!(of(name, &[]), Some(wanted), "{name}");
        }
        assert_eq!(of("line_1", &["address"]), Some(Meaning::AddressLine(1)));
        assert_eq!(of("name", &["gp"]), Some(Meaning::GpName));
        assert_eq!(of("favourite_colour", &[]), None);
    }

    #[test]
    fn who_works_there_is_told_from_who_is_cared_for() {
        assert!(is_of_staff("CareWorkers") && is_of_staff("staff") && is_of_staff("Nurse"));
        assert!(!is_of_staff("residents") && !is_of_staff("clients"));
    }

    #[test]
    fn a_key_is_told_from_the_key_of_something_else() {
        assert!(is_key("id", "clients") && is_key("ClientId", "clients") && is_key("allergy_id", "allergies"));
        assert!(!is_key("branch_id", "clients"));
        assert!(is_person_key("resident_id") && !is_person_key("drug_id"));
    }
}
