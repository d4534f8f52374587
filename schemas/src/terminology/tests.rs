//! The look-ups over small value sets and code systems, and over those of R4 and UK Core.

use super::Membership::{Member, NotChecked as Unchecked, NotMember};
use super::*;
use serde_json::json;

const COLOURS: &str = "http://example.org/colours";
const SHAPES: &str = "http://example.org/shapes";
const ELSEWHERE: &str = "http://example.org/elsewhere";

fn coding<'a>(system: &'a str, code: &'a str) -> Coding<'a> {
    Coding { system: Some(system).filter(|system| !system.is_empty()), code, ..Coding::default() }
}

/// Colours are complete and know upper from lower case; of shapes only some are here.
fn small() -> Terminology {
    let mut terminology = Terminology::default();
    terminology.add(json!({
        "resourceType": "CodeSystem", "url": COLOURS, "version": "1.0", "content": "complete", "caseSensitive": true,
        "concept": [
            {"code": "warm", "concept": [{"code": "red", "display": "Red", "designation": [{"value": "Rot"}]}, {"code": "pink"}]},
            {"code": "blue", "display": "Blue"},
            {"code": "old", "property": [{"code": "inactive", "valueBoolean": true}]},
        ],
    }));
    terminology.add(json!({
        "resourceType": "CodeSystem", "url": SHAPES, "content": "fragment",
        "concept": [{"code": "round"}, {"code": "SQUARE"}],
    }));
    terminology
}

fn value_set(terminology: &mut Terminology, name: &str, compose: Value) {
    let url = format!("http://example.org/vs/{name}");
    terminology.add(json!({"resourceType": "ValueSet", "url": url, "version": "1.0", "compose": compose}));
}

fn not_here() -> Membership {
    Unchecked(NotChecked::CodesNotHere)
}

fn needs_service() -> Membership {
    Unchecked(NotChecked::RuleNeedsService)
}

#[test]
fn codes_are_judged_by_what_is_taken_in_and_out_and_never_guessed() {
    let listed = |system: &str, codes: &[&str]| json!({"system": system, "concept": codes.iter().map(|code| json!({"code": code})).collect::<Vec<_>>()});
    let imported = |names: &[&str]| json!({"valueSet": names.iter().map(|name| format!("http://example.org/vs/{name}")).collect::<Vec<_>>()});
    let filtered = |system: &str, op: &str, value: &str| json!({"system": system, "filter": [{"property": "concept", "op": op, "value": value}]});
    let mut all = small();
    for (name, compose) in [
        ("whole", json!({"include": [{"system": COLOURS}]})),
        ("active", json!({"inactive": false, "include": [{"system": COLOURS}]})),
        ("listed", json!({"include": [listed(COLOURS, &["red", "blue"]), listed(ELSEWHERE, &["x"])]})),
        ("without", json!({"include": [{"system": COLOURS}], "exclude": [listed(COLOURS, &["red"])]})),
        ("warm", json!({"include": [filtered(COLOURS, "is-a", "warm")]})),
        ("part", json!({"include": [{"system": SHAPES}]})),
        ("far", json!({"include": [{"system": ELSEWHERE}]})),
        ("far-below", json!({"include": [filtered(ELSEWHERE, "is-a", "root")]})),
        ("far-without", json!({"include": [{"system": ELSEWHERE}], "exclude": [listed(ELSEWHERE, &["bad"])]})),
        ("both", json!({"include": [imported(&["whole"]), imported(&["far"])]})),
        ("cut", json!({"include": [imported(&["listed", "warm"])]})),
        ("cut-of-system", json!({"include": [{"system": COLOURS, "valueSet": ["http://example.org/vs/listed"]}]})),
        ("missing", json!({"include": [imported(&["nonsense"])]})),
        ("missing-and-more", json!({"include": [imported(&["nonsense"]), listed(COLOURS, &["red"])]})),
        ("self", json!({"include": [imported(&["self-too"]), listed(COLOURS, &["red"])]})),
        ("self-too", json!({"include": [imported(&["self"])]})),
        ("nothing", json!({})),
        ("other-version", json!({"include": [{"valueSet": ["http://example.org/vs/listed|7"]}]})),
    ] {
        value_set(&mut all, name, compose);
    }
    for (name, system, code, expected) in [
        ("whole", COLOURS, "pink", Member),
        ("whole", COLOURS, "Pink", NotMember),
        ("whole", COLOURS, "green", NotMember),
        ("whole", SHAPES, "pink", NotMember),
        ("whole", "", "pink", Member),
        ("whole", "", "green", NotMember),
        ("whole|1.0", COLOURS, "pink", Member),
        ("whole|1", COLOURS, "green", NotMember),
        ("whole|7", COLOURS, "pink", Member),
        ("whole|7", COLOURS, "green", Unchecked(NotChecked::UnknownValueSet)),
        ("whole", COLOURS, "old", Member),
        ("active", COLOURS, "old", NotMember),
        ("active", COLOURS, "red", Member),
        ("listed", COLOURS, "red", Member),
        ("listed", COLOURS, "pink", NotMember),
        ("listed", ELSEWHERE, "x", Member),
        ("listed", ELSEWHERE, "red", NotMember),
        ("without", COLOURS, "red", NotMember),
        ("without", COLOURS, "pink", Member),
        ("warm", COLOURS, "pink", Member),
        ("warm", COLOURS, "blue", NotMember),
        ("part", SHAPES, "round", Member),
        ("part", SHAPES, "Square", Member),
        ("part", SHAPES, "flat", not_here()),
        ("part", COLOURS, "red", NotMember),
        ("far", ELSEWHERE, "x", Unchecked(NotChecked::UnknownSystem)),
        ("far", COLOURS, "x", NotMember),
        ("far-below", ELSEWHERE, "root", Member),
        ("far-below", ELSEWHERE, "x", needs_service()),
        ("far-without", ELSEWHERE, "bad", NotMember),
        ("far-without", ELSEWHERE, "x", Unchecked(NotChecked::UnknownSystem)),
        ("both", COLOURS, "red", Member),
        ("both", SHAPES, "round", NotMember),
        ("both", ELSEWHERE, "x", Unchecked(NotChecked::UnknownSystem)),
        ("cut", COLOURS, "red", Member),
        ("cut", COLOURS, "blue", NotMember),
        ("cut-of-system", COLOURS, "blue", Member),
        ("cut-of-system", ELSEWHERE, "x", NotMember),
        ("missing", COLOURS, "red", Unchecked(NotChecked::UnknownValueSet)),
        ("missing-and-more", COLOURS, "red", Member),
        ("missing-and-more", COLOURS, "blue", Unchecked(NotChecked::UnknownValueSet)),
        ("self", COLOURS, "red", Member),
        ("self", COLOURS, "blue", NotMember),
        ("self-too", COLOURS, "red", Member),
        ("nothing", COLOURS, "red", needs_service()),
        ("other-version", COLOURS, "red", Member),
        ("other-version", COLOURS, "pink", Unchecked(NotChecked::UnknownValueSet)),
        ("nonsense", COLOURS, "red", Unchecked(NotChecked::UnknownValueSet)),
    ] {
        let verdict = all.membership(&format!("http://example.org/vs/{name}"), coding(system, code));
        assert_eq!(verdict, expected, "{name} {system} {code}");
    }
}

#[test]
fn an_expansion_decides_where_there_is_no_rule_and_helps_where_the_rule_cannot_be_decided() {
    let expansion = |more: Value| {
        let mut expansion = json!({"contains": [
            {"system": ELSEWHERE, "code": "a", "contains": [{"system": ELSEWHERE, "code": "b"}]},
            {"system": ELSEWHERE, "code": "heading", "abstract": true, "contains": [{"system": COLOURS, "code": "red"}]},
        ]});
        expansion.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        expansion
    };
    let rule =
        json!({"include": [{"system": ELSEWHERE, "filter": [{"property": "concept", "op": "is-a", "value": "r"}]}]});
    let unclosed = json!({"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/valueset-unclosed", "valueBoolean": true}]});
    for (resource, code, expected) in [
        (json!({"expansion": expansion(json!({}))}), "b", Member),
        (json!({"expansion": expansion(json!({}))}), "heading", NotMember),
        (json!({"expansion": expansion(json!({"total": 4}))}), "c", NotMember),
        (json!({"expansion": expansion(json!({"total": 40}))}), "c", needs_service()),
        (json!({"expansion": expansion(json!({"offset": 10}))}), "c", needs_service()),
        (json!({"expansion": expansion(unclosed)}), "c", needs_service()),
        (json!({"compose": rule, "expansion": expansion(json!({}))}), "b", Member),
        (json!({"compose": rule, "expansion": expansion(json!({}))}), "c", needs_service()),
        (json!({}), "c", needs_service()),
    ] {
        assert_eq!(small().membership_in(&resource, coding(ELSEWHERE, code)), expected, "{resource} {code}");
    }
}

#[test]
fn a_web_of_imports_is_left_to_a_service_and_costs_little() {
    let mut web = small();
    for level in 0..40 {
        let next = format!("http://example.org/vs/{}", level + 1);
        let twice = json!({"include": [{"valueSet": [next]}, {"valueSet": [next]}, {"valueSet": [next]}]});
        value_set(&mut web, &level.to_string(), twice);
    }
    let verdict = web.membership("http://example.org/vs/0", coding(COLOURS, "red"));
    assert!(matches!(verdict, Unchecked(_)), "{verdict:?}");
}

#[test]
fn what_is_added_later_takes_the_place_of_what_was_there() {
    let mut terminology = small();
    value_set(&mut terminology, "whole", json!({"include": [{"system": COLOURS}]}));
    let ask =
        |terminology: &Terminology| terminology.membership("http://example.org/vs/whole", coding(COLOURS, "green"));
    assert_eq!(ask(&terminology), NotMember);
    terminology.add(json!({"resourceType": "CodeSystem", "url": COLOURS, "version": "1.0", "content": "complete",
        "concept": [{"code": "green"}]}));
    assert_eq!(ask(&terminology), Member);
}

#[test]
fn a_code_stands_in_its_system_or_not_or_nobody_knows() {
    let known = small();
    let unchecked = CodeStanding::NotChecked;
    for (system, code, expected) in [
        (COLOURS, "red", CodeStanding::Known),
        (COLOURS, "Red", CodeStanding::Unknown),
        (COLOURS, " red", CodeStanding::Unknown),
        (COLOURS, "", CodeStanding::Unknown),
        (SHAPES, "ROUND", CodeStanding::Known),
        (SHAPES, "flat", unchecked(NotChecked::CodesNotHere)),
        (ELSEWHERE, "x", unchecked(NotChecked::UnknownSystem)),
        ("", "x", unchecked(NotChecked::UnknownSystem)),
        ("http://snomed.info/sct", "73211009", unchecked(NotChecked::CodesNotHere)),
        ("https://dmd.nhs.uk", "322236009", unchecked(NotChecked::CodesNotHere)),
        ("http://dmd.nhs.uk", "322236009", unchecked(NotChecked::CodesNotHere)),
        ("http://hl7.org/fhir/sid/cvx", "207", unchecked(NotChecked::CodesNotHere)),
        ("http://unitsofmeasure.org", "mg", CodeStanding::Known),
        ("urn:ietf:bcp:47", "en-GB", CodeStanding::Known),
    ] {
        assert_eq!(known.standing(coding(system, code)), expected, "{system} {code}");
    }
    for (system, code) in [
        ("http://snomed.info/sct", "73211008"),
        ("http://dmd.nhs.uk", "322236000"),
        ("http://dmd.nhs.uk", "322236009:363698007=113331007"),
        ("http://loinc.org", "8867-5"),
        ("http://unitsofmeasure.org", "milligrams"),
        ("urn:ietf:bcp:47", "English"),
    ] {
        let standing = known.standing(coding(system, code));
        assert!(matches!(standing, CodeStanding::Malformed(_)), "{system} {code} {standing:?}");
    }
    let other_version = Coding { version: Some("2.0"), ..coding(COLOURS, "green") };
    assert_eq!(known.standing(other_version), unchecked(NotChecked::CodesNotHere));
}

#[test]
fn words_are_judged_where_the_system_is_here() {
    let known = small();
    for (system, code, display, expected) in [
        (COLOURS, "red", "RED ", Some(true)),
        (COLOURS, "red", "rot", Some(true)),
        (COLOURS, "red", "Blue", Some(false)),
        (COLOURS, "pink", "anything", None),
        (COLOURS, "green", "Green", None),
        (ELSEWHERE, "x", "X", None),
    ] {
        let expected = match expected {
            None => DisplayStanding::NotChecked,
            Some(true) => DisplayStanding::Right,
            Some(false) => DisplayStanding::Wrong { allowed: vec!["Red".into(), "Rot".into()] },
        };
        let coding = Coding { display: Some(display), ..coding(system, code) };
        assert_eq!(known.display(coding), expected, "{system} {code} {display}");
    }
}

#[test]
fn a_table_of_v2_may_be_named_with_its_version() {
    let known = Terminology::built_in();
    let standing = |end: &str| known.system_standing(&format!("http://terminology.hl7.org/CodeSystem/{end}"));
    for end in ["v2-0203", "v2-0203/2.7", "v2-0360/2.7"] {
        assert_eq!(standing(end), SystemStanding::Known, "{end}");
    }
    for end in ["v2-0203/x", "v2-0360/2..7", "v2-9999/2.7"] {
        assert_ne!(standing(end), SystemStanding::Known, "{end}");
    }
}

#[test]
fn systems_are_told_by_their_url() {
    let mut known = small();
    value_set(&mut known, "whole", json!({"include": [{"system": COLOURS}]}));
    known.add(json!({"resourceType": "NamingSystem", "uniqueId": [{"type": "oid", "value": "1.2.3"}, {"type": "uri", "value": "http://example.org/named"}]}));
    for (system, expected) in [
        (COLOURS, SystemStanding::Known),
        ("http://snomed.info/sct", SystemStanding::Known),
        ("http://dmd.nhs.uk", SystemStanding::Known),
        ("urn:oid:1.2.3", SystemStanding::Known),
        ("http://example.org/named", SystemStanding::Known),
        ("http://example.org/vs/whole", SystemStanding::IsValueSet),
        ("http://example.org/colour", SystemStanding::Misspelt(COLOURS)),
        ("https://example.org/colours", SystemStanding::Misspelt(COLOURS)),
        ("http://snomed.info/sct/1", SystemStanding::Misspelt("http://snomed.info/sct")),
        (ELSEWHERE, SystemStanding::Unknown),
        ("urn:oid:1.2.4", SystemStanding::Unknown),
        ("urn:uuid:c757873d-ec9a-4326-a141-556f43239520", SystemStanding::Unknown),
        ("colours", SystemStanding::NotAbsolute),
        ("#colours", SystemStanding::NotAbsolute),
        ("/fhir/colours", SystemStanding::NotAbsolute),
        ("http://", SystemStanding::Unknown),
        ("http:", SystemStanding::NotAbsolute),
        ("http://example.org/a b", SystemStanding::NotAbsolute),
        ("", SystemStanding::NotAbsolute),
    ] {
        assert_eq!(known.system_standing(system), expected, "{system}");
    }
}

#[test]
fn a_service_is_asked_where_nothing_here_can_tell_and_only_there() {
    #[derive(Debug)]
    struct Server;
    impl TerminologyService for Server {
        fn validate_code(&self, value_set: Option<&str>, coding: Coding<'_>) -> Option<Answer> {
            assert_ne!(coding.system, Some(COLOURS), "the colours are all here");
            let is_member = match (value_set, coding.code) {
                (Some("http://example.org/vs/far"), code) => code == "in",
                (None, code) => code != "gone",
                _ => return None,
            };
            Some(Answer { is_member, displays: vec!["Words".into()] })
        }
    }
    let mut asking = small().with_service(Arc::new(Server));
    let rule = json!({"system": ELSEWHERE, "filter": [{"property": "concept", "op": "is-a", "value": "root"}]});
    value_set(&mut asking, "far", json!({"include": [rule, {"system": COLOURS}]}));
    value_set(&mut asking, "farther", json!({"include": [rule]}));
    value_set(&mut asking, "whole", json!({"include": [{"system": ELSEWHERE}]}));
    let far = |code| asking.membership("http://example.org/vs/far", coding(ELSEWHERE, code));
    assert_eq!((far("in"), far("out")), (Member, NotMember));
    assert_eq!(asking.membership("http://example.org/vs/farther", coding(ELSEWHERE, "in")), needs_service());
    let whole = |code| asking.membership("http://example.org/vs/whole", coding(ELSEWHERE, code));
    assert_eq!((whole("in"), whole("gone")), (Member, NotMember));
    assert_eq!(asking.membership("http://example.org/vs/far", coding(COLOURS, "red")), Member);
    assert_eq!(asking.standing(coding(COLOURS, "red")), CodeStanding::Known);
    assert_eq!(asking.standing(coding(ELSEWHERE, "gone")), CodeStanding::Unknown);
    let display = |display| asking.display(Coding { display: Some(display), ..coding(ELSEWHERE, "x") });
    assert_eq!(display("words"), DisplayStanding::Right);
    assert!(matches!(display("others"), DisplayStanding::Wrong { .. }));
}

#[test]
fn a_loaded_release_answers_for_the_codes_of_its_system() {
    let release =
        LoadedRelease::new("http://dmd.nhs.uk", [("322236009", "Paracetamol 500mg tablets"), ("322236009", "PCM")]);
    assert_eq!(release.len(), 1);
    let known = small().with_service(Arc::new(release));
    let dmd = |code| coding("https://dmd.nhs.uk", code);
    assert_eq!(known.standing(dmd("322236009")), CodeStanding::Known);
    assert_eq!(known.standing(dmd("73211009")), CodeStanding::Unknown);
    assert_eq!(
        known.standing(coding("http://snomed.info/sct", "73211009")),
        CodeStanding::NotChecked(NotChecked::CodesNotHere)
    );
    assert_eq!(known.display(Coding { display: Some("pcm"), ..dmd("322236009") }), DisplayStanding::Right);
    assert_eq!(known.membership("http://example.org/x", dmd("322236009")), Unchecked(NotChecked::UnknownValueSet));
}

#[test]
fn what_is_built_in_gives_the_verdicts_that_r4_and_uk_core_ask_for() {
    let known = Terminology::built_in();
    let (r4, uk, tho) =
        ("http://hl7.org/fhir/ValueSet/", "https://fhir.hl7.org.uk/ValueSet/", "http://terminology.hl7.org/");
    let v3 = |name: &str| format!("{tho}CodeSystem/v3-{name}");
    let snomed = "http://snomed.info/sct".to_owned();
    for (set, system, code, expected) in [
        (format!("{r4}administrative-gender|4.0.1"), String::new(), "female", Member),
        (format!("{r4}administrative-gender|4.0.1"), String::new(), "Female", NotMember),
        (format!("{r4}resource-types"), String::new(), "Patient", Member),
        (format!("{r4}languages"), "urn:ietf:bcp:47".into(), "en-GB", Member),
        (format!("{r4}all-languages"), String::new(), "cy-GB", Member),
        (format!("{r4}all-languages"), String::new(), "English", NotMember),
        (format!("{r4}mimetypes|4.0.1"), String::new(), "application/pdf", Member),
        (format!("{r4}mimetypes|4.0.1"), String::new(), "pdf", NotMember),
        (format!("{r4}currencies"), String::new(), "GBP", Member),
        (format!("{r4}currencies"), String::new(), "POUND", NotMember),
        (format!("{r4}age-units"), "http://unitsofmeasure.org".into(), "a", Member),
        (format!("{r4}age-units"), "http://unitsofmeasure.org".into(), "m", NotMember),
        (format!("{r4}ucum-units"), "http://unitsofmeasure.org".into(), "mg/dL", Member),
        (format!("{r4}ucum-units"), "http://unitsofmeasure.org".into(), "milligram", NotMember),
        (format!("{r4}patient-contactrelationship"), format!("{tho}CodeSystem/v2-0131"), "N", Member),
        (format!("{r4}patient-contactrelationship"), v3("RoleCode"), "MTH", NotMember),
        (format!("{tho}ValueSet/v3-ActEncounterCode"), v3("ActCode"), "AMB", Member),
        (format!("{tho}ValueSet/v3-ActEncounterCode"), v3("ActCode"), "CASH", NotMember),
        (format!("{tho}ValueSet/v3-ActEncounterCode"), "urn:oid:1.2.3".into(), "1", NotMember),
        (format!("{r4}observation-vitalsignresult"), "http://loinc.org".into(), "8867-4", Member),
        (format!("{r4}observation-vitalsignresult"), "http://loinc.org".into(), "3151-8", NotMember),
        (format!("{r4}condition-code"), snomed.clone(), "73211009", needs_service()),
        (format!("{r4}clinical-findings"), snomed.clone(), "404684003", Member),
        (format!("{uk}UKCore-BirthSex"), v3("AdministrativeGender"), "F", Member),
        (format!("{uk}UKCore-BirthSex"), v3("NullFlavor"), "ASKU", NotMember),
        (format!("{uk}UKCore-ACVPU"), snomed.clone(), "300202002", Member),
        (format!("{uk}UKCore-ACVPU"), snomed.clone(), "73211009", NotMember),
        (format!("{uk}UKCore-MedicationCode"), "http://dmd.nhs.uk".into(), "322236009", needs_service()),
        (format!("{uk}UKCore-MedicationForm"), snomed.clone(), "385055001", Member),
        (format!("{uk}UKCore-MedicationForm"), snomed.clone(), "73211009", needs_service()),
        (format!("{uk}UKCore-PersonRelationshipType"), v3("RoleCode"), "MTH", Member),
    ] {
        assert_eq!(known.membership(&set, coding(&system, code)), expected, "{set} {system} {code}");
    }
    let display = |system, code, display| known.display(Coding { display: Some(display), ..coding(system, code) });
    for (system, code, words, right) in [
        ("http://hl7.org/fhir/item-type", "string", "String", true),
        ("http://hl7.org/fhir/item-type", "string", "Australia", false),
        ("urn:iso:std:iso:3166", "BD", "Bangladesh", true),
        ("urn:iso:std:iso:3166", "BD", "Australia", false),
        ("http://terminology.hl7.org/CodeSystem/v2-0131", "N", "alt-designation", false),
        ("http://terminology.hl7.org/CodeSystem/v2-0131", "N", "Next-of-Kin", true),
    ] {
        assert_eq!(display(system, code, words) == DisplayStanding::Right, right, "{system} {code} {words}");
    }
}

#[test]
fn every_built_in_value_set_and_code_system_is_read() {
    let known = Terminology::built_in();
    for line in built_in_lines() {
        match line.resource_type {
            "ValueSet" => assert!(known.value_set(line.url).is_some(), "{}", line.url),
            "CodeSystem" if !shape::is_grammar(line.url) => {
                assert!(known.system(line.url, None).is_some(), "{}", line.url)
            }
            _ => {}
        }
    }
}
