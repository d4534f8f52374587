//! Every key of a finding about FHIR data is raised: for each there is an input, as small as it gets.

use ginnel_schemas::input::Input;
use ginnel_schemas::issue::{Issue, IssueKey};
use ginnel_schemas::json::Limits;
use ginnel_schemas::known::Known;
use ginnel_schemas::validator::{Options, Validator};
use serde_json::{Value, json};

/// Kinds of keys that this crate's findings about FHIR data have.
const KINDS: &[&str] = &["json.", "body.", "xml.", "target.", "uk."];

/// Bounds so small that a line meets them.
const LIMITS: Limits = Limits { depth: 8, bytes: 2000 };

/// A key, and what raises it, perhaps among other findings.
const RAISED: &[(IssueKey, &str)] = &[
    (IssueKey::JsonSyntax, r#"{"resourceType":"Basic""#),
    (IssueKey::JsonDuplicateMember, r#"{"resourceType":"Basic","id":"a","id":"b"}"#),
    (IssueKey::JsonTooDeep, "[[[[[[[[[[]]]]]]]]]]"),
    (IssueKey::XmlSyntax, r#"<Basic xmlns="http://hl7.org/fhir"><id value="a"></Basic>"#),
    (IssueKey::XmlForbidden, r#"<!DOCTYPE Basic><Basic xmlns="http://hl7.org/fhir"/>"#),
    (
        IssueKey::XmlTooDeep,
        r#"<Basic xmlns="http://hl7.org/fhir"><extension url="a"><extension url="a"><extension url="a"><extension url="a">
        <extension url="a"><extension url="a"><extension url="a"><extension url="a"/></extension></extension></extension>
        </extension></extension></extension></extension></Basic>"#,
    ),
    (IssueKey::XmlOrder, r#"<Basic xmlns="http://hl7.org/fhir"><language value="en"/><id value="a"/></Basic>"#),
    (IssueKey::XmlText, r#"<Basic xmlns="http://hl7.org/fhir">words<id value="a"/></Basic>"#),
    (IssueKey::XmlAttribute, r#"<Basic xmlns="http://hl7.org/fhir"><id value="a" colour="red"/></Basic>"#),
    (IssueKey::TargetUnknownElement, r#"{"resourceType":"Patient","colour":"red"}"#),
    (IssueKey::TargetUnknownType, r#"{"resourceType":"Carer"}"#),
    (IssueKey::TargetRequired, r#"{"resourceType":"Observation"}"#),
    (
        IssueKey::TargetTooMany,
        r#"{"resourceType":"Patient","address":[{"text":"a"},{"text":"b"}],"meta":{"profile":["https://host.example/patient"]}}"#,
    ),
    (IssueKey::TargetType, r#"{"resourceType":"Patient","active":"yes"}"#),
    (IssueKey::TargetFormat, r#"{"resourceType":"Patient","birthDate":"1.2.1950"}"#),
    (IssueKey::TargetCode, r#"{"resourceType":"Patient","gender":"m"}"#),
    (IssueKey::TargetChoice, r#"{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2020"}"#),
    (IssueKey::TargetEmpty, r#"{"resourceType":"Patient","name":[]}"#),
    (IssueKey::TargetInvariant, r#"{"resourceType":"Patient","contact":[{"gender":"male"}]}"#),
    (IssueKey::TargetReference, r#"{"resourceType":"Patient","managingOrganization":{"reference":"Patient/1"}}"#),
    (IssueKey::TargetReferenceUnresolved, r##"{"resourceType":"Patient","managingOrganization":{"reference":"#o"}}"##),
    (IssueKey::TargetContained, r#"{"resourceType":"Patient","contained":[{"resourceType":"Patient"}]}"#),
    (IssueKey::TargetDuplicateId, r#"{"resourceType":"Patient","name":[{"id":"a","text":"A"},{"id":"a","text":"B"}]}"#),
    (
        IssueKey::TargetBundle,
        r#"{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Basic"}}]}"#,
    ),
    (
        IssueKey::TargetExtensionUnknown,
        r#"{"resourceType":"Patient","extension":[{"url":"https://host.example/a","valueBoolean":true}]}"#,
    ),
    (
        IssueKey::TargetExtensionContext,
        r#"{"resourceType":"Basic","extension":[{"url":"https://host.example/on-patient","valueBoolean":true}]}"#,
    ),
    (
        IssueKey::TargetExtensionModifier,
        r#"{"resourceType":"Patient","modifierExtension":[{"url":"https://host.example/on-patient","valueBoolean":true}]}"#,
    ),
    (
        IssueKey::TargetProfileUnknown,
        r#"{"resourceType":"Patient","meta":{"profile":["https://host.example/elsewhere"]}}"#,
    ),
    (IssueKey::TargetProfileType, r#"{"resourceType":"Basic","meta":{"profile":["https://host.example/patient"]}}"#),
    (IssueKey::TargetProfileFault, r#"{"resourceType":"Patient","meta":{"profile":["https://host.example/faulty"]}}"#),
    (
        IssueKey::TargetInvariantNotJudged,
        r#"{"resourceType":"Patient","meta":{"profile":["https://host.example/patient"]}}"#,
    ),
    (
        IssueKey::TargetFixed,
        r#"{"resourceType":"Patient","language":"en","meta":{"profile":["https://host.example/patient"]}}"#,
    ),
    (
        IssueKey::TargetPattern,
        r#"{"resourceType":"Patient","maritalStatus":{"coding":[]},"meta":{"profile":["https://host.example/patient"]}}"#,
    ),
    (
        IssueKey::TargetTooLong,
        r#"{"resourceType":"Patient","name":[{"family":"Example"}],"meta":{"profile":["https://host.example/patient"]}}"#,
    ),
    (
        IssueKey::TargetRange,
        r#"{"resourceType":"Patient","multipleBirthInteger":9,"meta":{"profile":["https://host.example/patient"]}}"#,
    ),
    (
        IssueKey::TargetTypeProfile,
        r#"{"resourceType":"Patient","name":[{"text":"Example"}],"meta":{"profile":["https://host.example/patient"]}}"#,
    ),
    (
        IssueKey::TargetSlice,
        r#"{"resourceType":"Patient","telecom":[{"system":"fax"}],"meta":{"profile":["https://host.example/patient"]}}"#,
    ),
    (
        IssueKey::TargetSliceOrder,
        r#"{"resourceType":"Patient","telecom":[{"system":"email","value":"a@host.example"},{"system":"phone","value":"1"}],
        "meta":{"profile":["https://host.example/patient"]}}"#,
    ),
    (
        IssueKey::TargetCodeOutside,
        r#"{"resourceType":"Patient","maritalStatus":{"coding":[{"system":"http://snomed.info/sct","code":"87915002"}]}}"#,
    ),
    (
        IssueKey::TargetCodeNotChecked,
        r#"{"resourceType":"Basic","code":{"coding":[{"system":"http://snomed.info/sct","code":"87915002"}]}}"#,
    ),
    (
        IssueKey::TargetCodeUnknown,
        r#"{"resourceType":"Basic","code":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/basic-resource-type","code":"a"}]}}"#,
    ),
    (
        IssueKey::TargetCodeMalformed,
        r#"{"resourceType":"Basic","code":{"coding":[{"system":"http://loinc.org","code":"8867-5"}]}}"#,
    ),
    (
        IssueKey::TargetCodeSystem,
        r#"{"resourceType":"Basic","code":{"coding":[{"system":"http://hl7.org/fhir/ValueSet/administrative-gender","code":"male"}]}}"#,
    ),
    (
        IssueKey::TargetDisplay,
        r#"{"resourceType":"Basic","code":{"coding":[{"system":"http://hl7.org/fhir/administrative-gender","code":"male","display":"Bloke"}]}}"#,
    ),
    (
        IssueKey::TargetNarrative,
        r#"{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><script/></div>"}}"#,
    ),
    (IssueKey::TargetMarkup, r#"{"resourceType":"Patient","name":[{"text":"<script>a</script>"}]}"#),
    (IssueKey::TargetUrl, r#"{"resourceType":"Patient","extension":[{"url":"a","valueBoolean":true}]}"#),
    (
        IssueKey::TargetAttachment,
        r#"{"resourceType":"Patient","photo":[{"contentType":"image/png","data":"AAAA","size":9}]}"#,
    ),
    (
        IssueKey::TargetDefinition,
        r#"{"resourceType":"ValueSet","status":"draft","compose":{"include":[{"system":"http://hl7.org/fhir/administrative-gender",
        "concept":[{"code":"a"}]}]}}"#,
    ),
    (
        IssueKey::TargetQuestionnaire,
        r##"{"resourceType":"QuestionnaireResponse","status":"completed","questionnaire":"#q","item":[{"linkId":"b"}],
        "contained":[{"resourceType":"Questionnaire","id":"q","status":"draft","item":[{"linkId":"a","type":"string"}]}]}"##,
    ),
    (
        IssueKey::TargetMeasure,
        r#"{"resourceType":"Measure","status":"draft","group":[{"stratifier":[{"criteria":{"language":"text/fhirpath","expression":"Patient.(gender"}}]}]}"#,
    ),
    (
        IssueKey::UkNhsNumber,
        r#"{"resourceType":"Patient","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990123013"}]}"#,
    ),
    (
        IssueKey::UkNhsNumberVerification,
        r#"{"resourceType":"Patient","identifier":[{"extension":[{
        "url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus",
        "valueCodeableConcept":{"coding":[{"code":"01",
        "system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"}]}}],
        "system":"https://fhir.nhs.uk/Id/nhs-number"}]}"#,
    ),
    (
        IssueKey::UkOdsCode,
        r#"{"resourceType":"Organization","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"a b"}]}"#,
    ),
    (
        IssueKey::UkProfessionalNumber,
        r#"{"resourceType":"Practitioner","identifier":[{"system":"https://fhir.hl7.org.uk/Id/gmc-number","value":"99"}]}"#,
    ),
    (
        IssueKey::UkIdentifierSystem,
        r#"{"resourceType":"Patient","identifier":[{"system":"http://fhir.nhs.uk/Id/nhs-number","value":"9990123012"}]}"#,
    ),
    (
        IssueKey::UkDmd,
        r#"{"resourceType":"Medication","code":{"coding":[{"system":"http://snomed.info/sct","code":"322236009"}],"text":"a"}}"#,
    ),
    (
        IssueKey::UkSctid,
        r#"{"resourceType":"Medication","code":{"coding":[{"system":"https://dmd.nhs.uk","code":"4.21096E+16"}]}}"#,
    ),
    (IssueKey::UkDosageText, r#"{"resourceType":"MedicationStatement","dosage":[{"asNeededBoolean":true}]}"#),
    (
        IssueKey::UkDosageContradiction,
        r#"{"resourceType":"MedicationStatement","dosage":[{"text":"One tablet twice a day",
        "timing":{"repeat":{"frequency":4,"period":1,"periodUnit":"d"}}}]}"#,
    ),
    (
        IssueKey::UkDosageInNote,
        r#"{"resourceType":"MedicationStatement","note":[{"text":"Take 2 tablets twice a day"}]}"#,
    ),
    (IssueKey::UkMedicationStatus, r#"{"resourceType":"MedicationStatement","status":"stopped"}"#),
    (IssueKey::UkDoNotPerform, r#"{"resourceType":"MedicationRequest","doNotPerform":true}"#),
    (
        IssueKey::UkNoKnownAllergies,
        r##"{"resourceType":"List","code":{"coding":[{"system":"http://snomed.info/sct","code":"886921000000105"}]},
        "contained":[{"resourceType":"AllergyIntolerance","id":"a","code":{"coding":[{"system":"http://snomed.info/sct",
        "code":"716186003"}]}},{"resourceType":"AllergyIntolerance","id":"b","code":{"text":"Wool"}}],
        "entry":[{"item":{"reference":"#a"}},{"item":{"reference":"#b"}}]}"##,
    ),
    (
        IssueKey::UkAllergyEnd,
        r#"{"resourceType":"AllergyIntolerance","clinicalStatus":{"extension":[{"valuePeriod":{"end":"2020"},
        "url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AllergyIntoleranceEnd"}],
        "coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]}}"#,
    ),
    (
        IssueKey::UkDegradeCode,
        r#"{"resourceType":"Condition","code":{"coding":[{"system":"http://snomed.info/sct","code":"196461000000101"}],"text":"a"}}"#,
    ),
    (
        IssueKey::UkRetiredExtension,
        r#"{"resourceType":"List","extension":[{"valueString":"a",
        "url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-MedicationChangeSummary"}]}"#,
    ),
    (
        IssueKey::UkOriginalTerm,
        r#"{"resourceType":"Condition","code":{"coding":[{"system":"http://snomed.info/sct","code":"716186003"}]}}"#,
    ),
    (
        IssueKey::UkBasedOnAndDerivedFrom,
        r#"{"resourceType":"MedicationStatement","basedOn":[{"display":"a"}],"derivedFrom":[{"display":"b"}]}"#,
    ),
    (
        IssueKey::UkInformationSource,
        r##"{"resourceType":"MedicationStatement","contained":[{"resourceType":"Organization","id":"o"}],
        "informationSource":{"reference":"#o"}}"##,
    ),
    (IssueKey::UkEmptyList, r#"{"resourceType":"List"}"#),
];

/// A profile with one rule of each kind that base types have none of, one that cannot be understood, and an extension.
fn definitions() -> Vec<Value> {
    let definition = |name: &str, of: &str, members: Value, elements: Value| {
        let mut made = json!({
            "resourceType": "StructureDefinition", "url": format!("https://host.example/{name}"), "name": name,
            "status": "draft", "fhirVersion": "4.0.1", "kind": "resource", "abstract": false, "type": of,
            "baseDefinition": format!("http://hl7.org/fhir/StructureDefinition/{of}"), "derivation": "constraint",
            "differential": {"element": elements}
        });
        for (name, value) in members.as_object().into_iter().flatten() {
            made[name] = value.clone();
        }
        made
    };
    let complex = json!({"kind": "complex-type"});
    vec![
        definition(
            "patient",
            "Patient",
            json!({}),
            json!([
                {"id": "Patient", "path": "Patient", "constraint": [{"key": "own-1", "severity": "error", "human": "a",
                    "expression": "name.family("}]},
                {"id": "Patient.language", "path": "Patient.language", "fixedCode": "cy"},
                {"id": "Patient.name", "path": "Patient.name",
                    "type": [{"code": "HumanName", "profile": ["https://host.example/name", "https://host.example/other-name"]}]},
                {"id": "Patient.name.family", "path": "Patient.name.family", "maxLength": 3},
                {"id": "Patient.telecom", "path": "Patient.telecom", "slicing": {"rules": "closed", "ordered": true,
                    "discriminator": [{"type": "value", "path": "system"}]}},
                {"id": "Patient.telecom:phone", "path": "Patient.telecom", "sliceName": "phone"},
                {"id": "Patient.telecom:phone.system", "path": "Patient.telecom.system", "min": 1, "fixedCode": "phone"},
                {"id": "Patient.telecom:email", "path": "Patient.telecom", "sliceName": "email"},
                {"id": "Patient.telecom:email.system", "path": "Patient.telecom.system", "min": 1, "fixedCode": "email"},
                {"id": "Patient.maritalStatus", "path": "Patient.maritalStatus",
                    "patternCodeableConcept": {"text": "Married"}},
                {"id": "Patient.multipleBirth[x]", "path": "Patient.multipleBirth[x]", "type": [{"code": "integer"}],
                    "maxValueInteger": 8},
                {"id": "Patient.address", "path": "Patient.address", "max": "1"}
            ]),
        ),
        definition(
            "faulty",
            "Patient",
            json!({}),
            json!([
                {"id": "Patient", "path": "Patient"},
                {"id": "Patient.colour", "path": "Patient.colour", "min": 1}
            ]),
        ),
        definition(
            "name",
            "HumanName",
            complex.clone(),
            json!([
                {"id": "HumanName", "path": "HumanName"},
                {"id": "HumanName.family", "path": "HumanName.family", "min": 1}
            ]),
        ),
        definition(
            "other-name",
            "HumanName",
            complex.clone(),
            json!([
                {"id": "HumanName", "path": "HumanName"},
                {"id": "HumanName.given", "path": "HumanName.given", "min": 1}
            ]),
        ),
        definition(
            "on-patient",
            "Extension",
            {
                let mut members = complex;
                members["context"] = json!([{"type": "element", "expression": "Patient"}]);
                members
            },
            json!([
                {"id": "Extension", "path": "Extension"},
                {"id": "Extension.url", "path": "Extension.url", "fixedUri": "https://host.example/on-patient"},
                {"id": "Extension.value[x]", "path": "Extension.value[x]", "type": [{"code": "boolean"}]}
            ]),
        ),
    ]
}

fn issues(validator: &Validator, text: &str) -> Vec<Issue> {
    match Input::read(text.as_bytes(), &LIMITS) {
        Ok(input) => {
            let judged = validator.judge(input.value(), &Options::STRICT);
            input.issues().iter().cloned().chain(judged).collect()
        }
        Err(issues) => issues,
    }
}

#[test]
fn every_key_about_fhir_data_is_raised_by_a_small_input() {
    let mut known = Known::built_in();
    definitions().into_iter().for_each(|one| known.add(one));
    let validator = Validator::new(known);
    let too_big = "a".repeat(LIMITS.bytes + 1);
    let inputs = RAISED.iter().copied().chain([(IssueKey::BodyTooBig, too_big.as_str())]);
    let mut silent = Vec::new();
    for (key, text) in inputs.clone() {
        let issues = issues(&validator, text);
        if !issues.iter().any(|issue| issue.key == key) {
            silent.push(format!("{key} is not among {issues:#?} of {text}"));
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
    let of_the_kinds = IssueKey::ALL.iter().filter(|key| KINDS.iter().any(|kind| key.code().starts_with(kind)));
    let untested: Vec<_> = of_the_kinds.filter(|key| !inputs.clone().any(|(own, _)| own == **key)).collect();
    assert!(untested.is_empty(), "no input raises {untested:?}");
}
