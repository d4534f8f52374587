//! One request and its answer, read as FHIR.

use crate::verdict::{Checked, Stop};
use serde_json::Value;

/// What was sent and what came back.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Method and URL without the values of its parameters, for reports: values may name a person.
    pub shown: String,
    /// The status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Exchange {
    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let name = name.to_ascii_lowercase();
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The media type without its parameters, in lower case.
    pub fn media_type(&self) -> Option<String> {
        let text = self.header("content-type")?;
        Some(text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// The body as JSON.
    pub fn json(&self) -> Checked<Value> {
        serde_json::from_slice(&self.body)
            .map_err(|error| self.fails(format!("is not JSON (line {} column {})", error.line(), error.column())))
    }

    /// The body as a resource of one type, under FHIR's media type.
    pub fn resource(&self, resource_type: &str) -> Checked<Value> {
        let value = self.json()?;
        match value.get("resourceType").and_then(Value::as_str) {
            Some(found) if found == resource_type => {}
            Some(found) => return Err(self.fails(format!("is a {found}, not a {resource_type}"))),
            None => {
                return Err(self.fails(format!("is no resource; a {resource_type} was awaited")));
            }
        }
        match self.media_type() {
            Some(found) if found == "application/fhir+json" => Ok(value),
            Some(found) => Err(self.fails(format!("has media type {found}, not application/fhir+json"))),
            None => Err(self.fails("has no Content-Type")),
        }
    }

    /// A failure that names this exchange: `reason` goes on after "The answer to GET Patient ".
    pub fn fails(&self, reason: impl AsRef<str>) -> Stop {
        Stop::fail(format!("The answer to {} {}.", self.shown, reason.as_ref()))
    }
}
