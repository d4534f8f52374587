//! A small server that does all the suite asks for, or all but one thing.

use crate::tiny::{Answer, Asked};
use serde_json::{Value, json};

/// The NHS number of the first Patient; invented, from the range kept for tests.
pub const NHS_NUMBER: &str = "9990000042";
/// The family name of every Patient.
pub const FAMILY_NAME: &str = "Snicket";

const JSON: &str = "application/fhir+json; charset=utf-8";
const PATIENTS: usize = 4;
const TYPES: &[&str] = &["Patient", "AllergyIntolerance", "MedicationAdministration"];

/// One thing the server does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::enum_variant_names, reason = "each is a sentence about the server")]
pub enum Fault {
    WrongFhirVersion,
    PlainJson,
    ClaimsGoals,
    IgnoresIdentifier,
    IgnoresIdentifierSystem,
    NeedsIdentifierSystem,
    IgnoresId,
    ReadsAnother,
    StrongEtag,
    NoLastModified,
    EveryVersionIsTheSame,
    UnknownIdIsGone,
    UnknownTypeIsEmpty,
    AnyMethod,
    AnyAccept,
    NoFullUrl,
    NoSelfLink,
    NoMode,
    IgnoresCount,
    IgnoresCountZero,
    RepeatsOnPages,
    SkipsOnPages,
    EndsEarly,
    NeverEnds,
    OrderChanges,
    TotalIsWrong,
    IgnoresLastUpdated,
    DatesAreNotRead,
    IgnoresPatient,
    IgnoresStatus,
    EverythingIsEverybody,
    EverythingIsThePatient,
    NoRequestId,
    NoCorrelationId,
    /// No fault at all, but Patients are found by identifier only.
    ListsNoPatients,
}

impl Fault {
    /// Each fault with the test that must find it.
    pub const ALL: &'static [(Fault, &'static str)] = &[
        (Fault::WrongFhirVersion, "metadata-is-a-capability-statement"),
        (Fault::PlainJson, "read-patient"),
        (Fault::ClaimsGoals, "claims-hold"),
        (Fault::IgnoresIdentifier, "patient-by-unknown-number"),
        (Fault::IgnoresIdentifierSystem, "patient-by-other-system"),
        (Fault::NeedsIdentifierSystem, "patient-by-bare-number"),
        (Fault::IgnoresId, "patient-by-id"),
        (Fault::ReadsAnother, "read-patient"),
        (Fault::StrongEtag, "read-version-headers"),
        (Fault::NoLastModified, "read-version-headers"),
        (Fault::EveryVersionIsTheSame, "read-version"),
        (Fault::UnknownIdIsGone, "read-unknown-id"),
        (Fault::UnknownTypeIsEmpty, "read-unknown-type"),
        (Fault::AnyMethod, "wrong-method"),
        (Fault::AnyAccept, "not-acceptable"),
        (Fault::NoFullUrl, "searchset"),
        (Fault::NoSelfLink, "searchset"),
        (Fault::NoMode, "search-modes"),
        (Fault::IgnoresCount, "count-bounds-a-page"),
        (Fault::IgnoresCountZero, "count-zero"),
        (Fault::RepeatsOnPages, "paging"),
        (Fault::SkipsOnPages, "paging"),
        (Fault::EndsEarly, "paging"),
        (Fault::NeverEnds, "paging"),
        (Fault::OrderChanges, "paging"),
        (Fault::TotalIsWrong, "paging"),
        (Fault::IgnoresLastUpdated, "last-updated"),
        (Fault::DatesAreNotRead, "malformed-date"),
        (Fault::IgnoresPatient, "medication-administration-by-patient-and-status"),
        (Fault::IgnoresStatus, "allergy-intolerance-by-patient-and-status"),
        (Fault::EverythingIsEverybody, "everything"),
        (Fault::EverythingIsThePatient, "everything"),
        (Fault::NoRequestId, "request-id"),
        (Fault::NoCorrelationId, "correlation-id"),
    ];
}

/// The server.
pub struct Good {
    resources: Vec<Value>,
    fault: Option<Fault>,
}

impl Good {
    pub fn new(fault: Option<Fault>) -> Good {
        let mut resources = Vec::new();
        for n in 0..PATIENTS {
            let meta = json!({"versionId": "1", "lastUpdated": format!("2026-01-0{}T03:04:05.120+00:00", n + 1)});
            let subject = json!({"reference": format!("Patient/p{n}")});
            resources.push(json!({
                "resourceType": "Patient", "id": format!("p{n}"), "meta": meta, "name": [{"family": FAMILY_NAME}],
                "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": format!("999000004{}", n + 2)}]
            }));
            let clinical = json!({"coding": [{"code": if n % 2 == 0 { "active" } else { "resolved" }}]});
            resources.push(json!({
                "resourceType": "AllergyIntolerance", "id": format!("a{n}"), "meta": meta,
                "patient": subject, "clinicalStatus": clinical
            }));
            for (m, status) in ["completed", "not-done", "completed"].iter().enumerate() {
                resources.push(json!({
                    "resourceType": "MedicationAdministration", "id": format!("m{n}-{m}"), "meta": meta,
                    "subject": subject, "status": status, "dosage": {"dose": {"value": 1}}
                }));
            }
        }
        Good { resources, fault }
    }

    pub fn without_data() -> Good {
        Good { resources: Vec::new(), fault: None }
    }

    pub fn answer(&self, asked: &Asked) -> Answer {
        let mut answer = self.route(asked);
        if self.has(Fault::PlainJson) {
            answer.headers = vec![("Content-Type".into(), "application/json".into())];
        }
        let echoed = [("x-request-id", Fault::NoRequestId), ("x-correlation-id", Fault::NoCorrelationId)];
        for (name, fault) in echoed {
            if let Some(value) = asked.header(name).filter(|_| !self.has(fault)) {
                answer.headers.push((name.into(), value.into()));
            }
        }
        answer
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    fn route(&self, asked: &Asked) -> Answer {
        if asked.method != "GET" && !self.has(Fault::AnyMethod) {
            return outcome(405, "not-supported");
        }
        let accepts = asked.header("accept").is_some_and(|accept| accept.contains("json"));
        if !accepts && !self.has(Fault::AnyAccept) {
            return outcome(406, "not-supported");
        }
        let path = asked.path.strip_prefix("/fhir/R4/").unwrap_or_default();
        match path.split('/').collect::<Vec<_>>()[..] {
            ["metadata"] => made(&self.capability()),
            [resource_type, ..] if !TYPES.contains(&resource_type) => {
                if self.has(Fault::UnknownTypeIsEmpty) {
                    return made(&json!({"resourceType": "Bundle", "type": "searchset", "total": 0}));
                }
                outcome(404, "not-supported")
            }
            [resource_type] => self.search(asked, resource_type),
            [resource_type, id] => self.read(resource_type, id),
            [resource_type, id, "_history", version] => {
                if version == "1" || self.has(Fault::EveryVersionIsTheSame) {
                    self.read(resource_type, id)
                } else {
                    outcome(404, "not-found")
                }
            }
            ["Patient", id, "$everything"] => self.everything(asked, id),
            _ => outcome(404, "not-found"),
        }
    }

    fn capability(&self) -> Value {
        let interactions = json!([{"code": "read"}, {"code": "vread"}, {"code": "search-type"}]);
        let mut resources: Vec<Value> = TYPES
            .iter()
            .map(|resource_type| {
                json!({"type": resource_type, "interaction": interactions,
                    "searchParam": [{"name": "identifier", "type": "token"}], "operation": [{"name": "everything"}]})
            })
            .collect();
        if self.has(Fault::ClaimsGoals) {
            resources.push(json!({"type": "Goal", "interaction": interactions}));
        }
        let version = if self.has(Fault::WrongFhirVersion) { "4.3.0" } else { "4.0.1" };
        json!({"resourceType": "CapabilityStatement", "fhirVersion": version, "kind": "instance",
            "format": ["application/fhir+json"], "rest": [{"mode": "server", "resource": resources}]})
    }

    fn read(&self, resource_type: &str, id: &str) -> Answer {
        let wanted = |resource: &&Value| {
            resource["resourceType"] == resource_type && (resource["id"] == id || self.has(Fault::ReadsAnother))
        };
        let found = if self.has(Fault::ReadsAnother) {
            self.resources.iter().rev().find(wanted)
        } else {
            self.resources.iter().find(wanted)
        };
        let Some(resource) = found else {
            return outcome(if self.has(Fault::UnknownIdIsGone) { 410 } else { 404 }, "not-found");
        };
        let mut answer = made(resource);
        let etag = if self.has(Fault::StrongEtag) { "\"1\"" } else { "W/\"1\"" };
        answer.headers.push(("ETag".into(), etag.into()));
        if !self.has(Fault::NoLastModified) {
            let day = resource["meta"]["lastUpdated"].as_str().and_then(|text| text.get(8..10)).unwrap_or_default();
            let name = match day {
                "01" => "Thu",
                "02" => "Fri",
                "03" => "Sat",
                _ => "Sun",
            };
            answer.headers.push(("Last-Modified".into(), format!("{name}, {day} Jan 2026 03:04:05 GMT")));
        }
        answer
    }

    fn search(&self, asked: &Asked, resource_type: &str) -> Answer {
        if self.has(Fault::ListsNoPatients) && resource_type == "Patient" && asked.query("identifier").is_none() {
            return outcome(400, "not-supported");
        }
        let malformed = asked.query("_lastUpdated").is_some_and(|value| !value.contains(|c: char| c.is_ascii_digit()));
        if malformed && !self.has(Fault::DatesAreNotRead) {
            return outcome(400, "value");
        }
        let found: Vec<&Value> = self
            .resources
            .iter()
            .filter(|resource| resource["resourceType"] == resource_type && self.fits(asked, resource))
            .collect();
        self.page(asked, &found)
    }

    fn fits(&self, asked: &Asked, resource: &Value) -> bool {
        asked.query.iter().all(|(name, value)| match name.as_str() {
            "_id" => self.has(Fault::IgnoresId) || resource["id"] == value.as_str(),
            "identifier" => self.has(Fault::IgnoresIdentifier) || self.identified(resource, value),
            "patient" => {
                let reference = format!("Patient/{}", value.trim_start_matches("Patient/"));
                let owner = [&resource["subject"]["reference"], &resource["patient"]["reference"]];
                self.has(Fault::IgnoresPatient) || owner.iter().any(|owner| **owner == reference.as_str())
            }
            "status" => self.has(Fault::IgnoresStatus) || resource["status"] == value.as_str(),
            "clinical-status" => {
                self.has(Fault::IgnoresStatus) || resource["clinicalStatus"]["coding"][0]["code"] == value.as_str()
            }
            "_lastUpdated" => {
                // All times here are written alike, so their text sorts as they do.
                let written = resource["meta"]["lastUpdated"].as_str().unwrap_or_default();
                let (prefix, time) = value.split_at(2);
                let fits = match prefix {
                    "ge" => written >= time,
                    "gt" => written > time,
                    "lt" => written < time,
                    _ => true,
                };
                self.has(Fault::IgnoresLastUpdated) || fits
            }
            _ => true,
        })
    }

    fn identified(&self, resource: &Value, asked: &str) -> bool {
        let identifier = &resource["identifier"][0];
        match asked.split_once('|') {
            Some((system, value)) => {
                let same_system = identifier["system"] == system || self.has(Fault::IgnoresIdentifierSystem);
                same_system && identifier["value"] == value
            }
            None => identifier["value"] == asked && !self.has(Fault::NeedsIdentifierSystem),
        }
    }

    fn page(&self, asked: &Asked, found: &[&Value]) -> Answer {
        let number = |name: &str| asked.query(name).and_then(|text| text.parse::<usize>().ok());
        let from = number("from").unwrap_or(0);
        let count = match number("_count") {
            Some(0) if self.has(Fault::IgnoresCountZero) => 50,
            Some(_) if self.has(Fault::IgnoresCount) => 50,
            Some(count) => count,
            None => 50,
        };
        let mut found = found.to_vec();
        if self.has(Fault::OrderChanges) && count == 2 {
            found.reverse();
        }
        let total = if self.has(Fault::TotalIsWrong) { found.len() + 1 } else { found.len() };
        let host = asked.header("host").unwrap_or_default();
        let base = format!("http://{host}/fhir/R4");
        let entries: Vec<Value> =
            found.iter().skip(from).take(count).map(|resource| self.entry(&base, resource)).collect();

        let mut links = Vec::new();
        if !self.has(Fault::NoSelfLink) {
            links.push(json!({"relation": "self", "url": format!("http://{host}{}", asked.path)}));
        }
        let next = match self.fault {
            Some(Fault::RepeatsOnPages) => from + count.max(2) - 1,
            Some(Fault::SkipsOnPages) => from + count + 1,
            _ => from + count,
        };
        let is_last = next >= found.len() || (self.has(Fault::EndsEarly) && count == 2);
        if count > 0 && (!is_last || self.has(Fault::NeverEnds)) {
            let next = if self.has(Fault::NeverEnds) { 0 } else { next };
            let others = asked
                .query
                .iter()
                .filter(|(name, _)| name != "from")
                .map(|(name, value)| format!("{name}={}&", value.replace('+', "%2B").replace('|', "%7C")));
            let kept: String = others.collect();
            links.push(json!({"relation": "next", "url": format!("http://{host}{}?{kept}from={next}", asked.path)}));
        }
        let mut bundle = json!({"resourceType": "Bundle", "type": "searchset", "link": links});
        // Without a total the pages themselves must give the fault away.
        if !self.has(Fault::SkipsOnPages) && !self.has(Fault::EndsEarly) {
            bundle["total"] = json!(total);
        }
        if !entries.is_empty() {
            bundle["entry"] = Value::Array(entries);
        }
        made(&bundle)
    }

    fn entry(&self, base: &str, resource: &Value) -> Value {
        let text = |name: &str| resource[name].as_str().unwrap_or_default();
        let mut entry = json!({"resource": resource});
        if !self.has(Fault::NoFullUrl) {
            entry["fullUrl"] = json!(format!("{base}/{}/{}", text("resourceType"), text("id")));
        }
        if !self.has(Fault::NoMode) {
            entry["search"] = json!({"mode": "match"});
        }
        entry
    }

    fn everything(&self, asked: &Asked, id: &str) -> Answer {
        if !self.resources.iter().any(|resource| resource["id"] == id) {
            return outcome(404, "not-found");
        }
        let reference = format!("Patient/{id}");
        let found: Vec<&Value> = self
            .resources
            .iter()
            .filter(|resource| {
                let owner = [&resource["subject"]["reference"], &resource["patient"]["reference"]];
                let belongs = owner.iter().any(|owner| **owner == reference.as_str());
                resource["id"] == id
                    || self.has(Fault::EverythingIsEverybody)
                    || (belongs && !self.has(Fault::EverythingIsThePatient))
            })
            .collect();
        self.page(asked, &found)
    }
}

fn made(resource: &Value) -> Answer {
    Answer::new(200, JSON, resource.to_string())
}

fn outcome(status: u16, code: &str) -> Answer {
    let outcome = json!({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code}]});
    Answer::new(status, JSON, outcome.to_string())
}
