//! Decides by its content what a file is, and keeps the definitions in it.

use super::bounded::{Bounded, Exceeded};
use super::{Limits, Loaded, Package, PackageError, manifest, prose};
use crate::issue::{Issue, IssueCode, IssueKey};
use crate::{json, xml};
use serde_json::Value;
use std::io::{self, Cursor, Read};

/// Enough of a file's start to tell what it is; the mark of a tar archive ends here.
const START_BYTES: usize = 262;

/// Most characters of an entry's name in a message: the name may be a stranger's.
const SHOWN_CHARACTERS: usize = 200;

/// Folders that define nothing others are judged by, wherever they stand.
const PASSED_OVER: &[&str] = &["example", "examples", "node_modules"];

/// Folders that stand beside the definitions of a package and hold none.
const BESIDE_DEFINITIONS: &[&str] = &["other", "openapi", "xml", "bin", "doc", "tests"];

/// The folder that holds a package's definitions.
pub(super) const PACKAGE: &str = "package/";

/// Resources that others may be judged by; each has a canonical URL but NamingSystem, whose R4 form has none.
const DEFINING: &[&str] = &[
    "ActivityDefinition",
    "CapabilityStatement",
    "ChargeItemDefinition",
    "CodeSystem",
    "CompartmentDefinition",
    "ConceptMap",
    "EventDefinition",
    "Evidence",
    "EvidenceVariable",
    "ExampleScenario",
    "GraphDefinition",
    "ImplementationGuide",
    "Library",
    "Measure",
    "MessageDefinition",
    "NamingSystem",
    "ObservationDefinition",
    "OperationDefinition",
    "PlanDefinition",
    "Questionnaire",
    "ResearchDefinition",
    "ResearchElementDefinition",
    "SearchParameter",
    "SpecimenDefinition",
    "StructureDefinition",
    "StructureMap",
    "TerminologyCapabilities",
    "TestScript",
    "ValueSet",
];

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Gzip,
    Tar,
    Json,
    Xml,
    /// What it is instead, in a few words.
    Other(&'static str),
}

impl Format {
    /// By the first bytes of a file.
    pub(super) fn of(start: &[u8]) -> Format {
        if start.starts_with(&[0x1F, 0x8B]) {
            return Format::Gzip;
        }
        if start.get(257..START_BYTES) == Some(b"ustar") {
            return Format::Tar;
        }
        if start.starts_with(b"PK\x03\x04") {
            return Format::Other("a zip archive");
        }
        let is_utf_16 = start.starts_with(&[0xFE, 0xFF]) || start.starts_with(&[0xFF, 0xFE]);
        let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
        match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{') => Format::Json,
            Some(b'<') => Format::Xml,
            // Its reader says what to do about the encoding.
            _ if is_utf_16 => Format::Xml,
            None => Format::Other("empty"),
            Some(_) => Format::Other("neither an archive nor JSON nor XML"),
        }
    }
}

/// The first bytes of a source; they are gone from it.
pub(super) fn start_of(source: &mut impl Read) -> io::Result<Cursor<Vec<u8>>> {
    let mut start = Vec::with_capacity(START_BYTES);
    source.take(START_BYTES as u64).read_to_end(&mut start)?;
    Ok(Cursor::new(start))
}

/// Whether a file at that path, seen from where the package lies, may hold a definition.
pub(super) fn is_wanted(path: &str) -> bool {
    let beside = path.strip_prefix(PACKAGE).and_then(|inside| inside.split_once('/')).map(|(folder, _)| folder);
    if beside.is_some_and(|folder| BESIDE_DEFINITIONS.contains(&folder)) {
        return false;
    }
    !path.split('/').any(|step| PASSED_OVER.contains(&step) || (step.starts_with('.') && step != "."))
}

/// A stranger's name for a file, fit to be shown.
pub(super) fn shown(name: &str) -> String {
    let plain = name.chars().map(|letter| if letter.is_control() { '\u{FFFD}' } else { letter });
    plain.take(SHOWN_CHARACTERS).collect()
}

/// Takes in files one by one and keeps count of the bounds.
pub(super) struct Collector<'l> {
    pub(super) limits: &'l Limits,
    /// The path as given.
    pub(super) path: String,
    entries: usize,
    unpacked_bytes: u64,
    /// The first file whose definition says that it is for another FHIR version, and how many there are.
    of_another_fhir: Option<(String, usize)>,
    package: Package,
}

impl<'l> Collector<'l> {
    pub(super) fn new(path: &str, limits: &'l Limits) -> Collector<'l> {
        let package = Package::default();
        Collector { limits, path: path.to_owned(), entries: 0, unpacked_bytes: 0, of_another_fhir: None, package }
    }

    pub(super) fn finish(mut self) -> Package {
        if self.package.resources.is_empty() {
            let text = format!("{} holds no definition that others could be judged by.", shown(&self.path));
            let issue = Issue::warning(IssueCode::NotFound, IssueKey::PackageLeftOut, text);
            self.package.issues.push(issue.with_hint("name the package, or the folder its definitions lie in"));
        }
        if let Some((name, count)) = self.of_another_fhir {
            let others = if count == 1 { String::new() } else { format!(" (and {} more)", count - 1) };
            self.package.issues.push(manifest::of_another_fhir(&format!("The definition in {name}{others}")));
        }
        self.package
    }

    /// Counts an entry of an archive or folder.
    pub(super) fn count_entry(&mut self, name: &str) -> Result<(), PackageError> {
        self.entries += 1;
        if self.entries > self.limits.entries {
            let met = Exceeded { limit: "entries", most: self.limits.entries as u64 };
            return Err(self.beyond(&format!("the entry {name}"), met));
        }
        Ok(())
    }

    /// The whole of a JSON or XML file, or nothing of another.
    pub(super) fn text_of(&mut self, source: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
        let start = start_of(source)?;
        match Format::of(start.get_ref()) {
            Format::Json | Format::Xml => self.rest_of(start.chain(source)).map(Some),
            _ => Ok(None),
        }
    }

    /// The whole of a file within the bounds.
    pub(super) fn rest_of(&mut self, source: impl Read) -> io::Result<Vec<u8>> {
        let left = self.limits.unpacked_bytes.saturating_sub(self.unpacked_bytes);
        let mut bytes = Vec::new();
        let of_file = Bounded::new(source, "file_bytes", self.limits.file_bytes);
        Bounded::new(of_file, "unpacked_bytes", left).read_to_end(&mut bytes)?;
        self.unpacked_bytes += bytes.len() as u64;
        Ok(bytes)
    }

    /// Keeps the definitions of a JSON or XML file of a package. `path` is its place in the package.
    pub(super) fn file(&mut self, path: &str, name: &str, bytes: &[u8]) {
        match self.value_of(bytes) {
            Ok(value) if manifest::is_place(path) => manifest::take(value, &mut self.package),
            Ok(value) => {
                self.keep(value, name);
            }
            // Pages and sources of other kinds may start like JSON or XML and are no loss.
            Err(issue) if claims_to_be_fhir(path, bytes) || manifest::is_place(path) => {
                self.left_out(name, &issue.text);
                if let Some(left_out) = self.package.issues.last_mut() {
                    left_out.position = issue.position;
                }
            }
            Err(_) => {}
        }
    }

    /// Keeps what a single file holds, which was named on its own and so is meant.
    pub(super) fn single_file(&mut self, name: &str, bytes: &[u8]) -> Result<(), PackageError> {
        let path = self.path.clone();
        let value = self
            .value_of(bytes)
            .map_err(|issue| PackageError::Malformed { path: path.clone(), issue: issue.into() })?;
        let Some(resource_type) = value.get("resourceType").and_then(Value::as_str).map(shown) else {
            return Err(PackageError::NotDefinitions { path, found: "JSON without a resourceType" });
        };
        if self.keep(value.clone(), name) == 0 {
            let text =
                format!("{} is a {resource_type}, which defines nothing that others are judged by.", shown(name));
            let issue = Issue::information(IssueCode::Informational, IssueKey::PackageLeftOut, text)
                .with_hint("name a profile, value set or other definition, or a folder or package of them");
            self.package.issues.push(issue);
            self.package.resources.push(Loaded { value, origin: name.to_owned() });
        }
        Ok(())
    }

    #[allow(clippy::result_large_err, reason = "made once a file; a box would only burden the callers")]
    fn value_of(&self, bytes: &[u8]) -> Result<Value, Issue> {
        let limits = json::Limits { bytes: bytes.len(), depth: self.limits.nesting };
        match Format::of(bytes.get(..START_BYTES).unwrap_or(bytes)) {
            Format::Json => json::parse(bytes, limits),
            // What only XML's own rules say of a definition is told when it is validated itself.
            _ => xml::read(bytes, &limits).map(|document| document.value),
        }
    }

    /// Keeps a definition, or those in a Bundle; how many.
    fn keep(&mut self, value: Value, name: &str) -> usize {
        let Value::Object(mut resource) = value else {
            return 0;
        };
        let resource_type = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        if resource_type == "Bundle" {
            let Some(Value::Array(entries)) = resource.remove("entry") else {
                return 0;
            };
            let resources = entries.into_iter().filter_map(|mut entry| entry.get_mut("resource").map(Value::take));
            return resources.map(|inner| self.keep(inner, name)).sum();
        }
        let has_url = resource.get("url").is_some_and(Value::is_string);
        if !DEFINING.contains(&resource_type) || !(has_url || resource_type == "NamingSystem") {
            return 0;
        }
        if resource.get("fhirVersion").and_then(Value::as_str).is_some_and(|version| !manifest::is_our_fhir(version)) {
            self.of_another_fhir.get_or_insert_with(|| (shown(name), 0)).1 += 1;
        }
        prose::strip(&mut resource);
        self.package.resources.push(Loaded { value: Value::Object(resource), origin: name.to_owned() });
        1
    }

    /// Says that a file was left out, and why.
    pub(super) fn left_out(&mut self, name: &str, why: &str) {
        let why = why.strip_suffix('.').unwrap_or(why);
        let text = format!("{name} was left out: {why}.");
        self.package.issues.push(
            Issue::warning(IssueCode::Incomplete, IssueKey::PackageLeftOut, text)
                .with_hint("what it defines is not known; mend the package if it is needed"),
        );
    }

    /// The error of a source that failed: a bound that was met, or damage.
    pub(super) fn damaged(&self, place: &str, error: &io::Error) -> PackageError {
        match Exceeded::behind(error) {
            Some(met) => self.beyond(place, met),
            None => {
                PackageError::Damaged { path: self.path.clone(), place: place.to_owned(), reason: error.to_string() }
            }
        }
    }

    fn beyond(&self, place: &str, met: Exceeded) -> PackageError {
        PackageError::BeyondLimit { path: self.path.clone(), place: place.to_owned(), limit: met.limit, most: met.most }
    }
}

fn claims_to_be_fhir(path: &str, bytes: &[u8]) -> bool {
    let has = |sign: &str| memchr::memmem::find(bytes, sign.as_bytes()).is_some();
    (path.ends_with(".json") && has("\"resourceType\"")) || (path.ends_with(".xml") && has("http://hl7.org/fhir"))
}
