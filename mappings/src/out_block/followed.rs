//! References of a payload's own, followed to what they become.

use super::Writer;
use crate::follow::{Link, is_elsewhere};
use crate::outside::Outside;
use ginnel_schemas::issue::IssueKey;
use serde_json::Value;

impl Writer<'_> {
    /// The text of a reference to the resource that what it leads to becomes.
    pub(super) fn followed(&self, text: &Value) -> Result<Value, Outside> {
        let missing = |what: &str| Outside { key: IssueKey::MappingLookupMissing, what: what.into(), instead: None };
        match (self.links.get(text), text.as_str()) {
            (Some(Link::To(name)), _) => Ok(Value::from(name.as_str())),
            (Some(Link::Nowhere), _) => Err(missing("this refers to something of which no resource is made")),
            (None, Some(address)) if is_elsewhere(address) => Ok(text.clone()),
            // Whoever reads the Bundle has said so already.
            (None, Some(_)) => Err(Outside::domain("this refers to something that is not in the message")),
            (None, None) => Err(Outside::domain("this is no text of a reference")),
        }
    }
}
