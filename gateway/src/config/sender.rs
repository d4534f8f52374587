//! What is agreed with a sender: how its deliveries are signed, where they come in, and where its records are fetched.

use super::ConfigError;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is agreed with one sender.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// Whose plugin reads what it sends.
    pub vendor: String,
    /// The tenant whose tables are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The name of its own place: `POST /webhooks/{webhook}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// The secret that its deliveries are signed with; without one nothing is checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    /// The environment variable that holds the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_env: Option<String>,
    /// The header that holds the signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature_header: Option<String>,
    /// The oldest signature that is taken. Without it age does not matter: a delivery that comes twice changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature_age_s: Option<u64>,
    /// Where the records are fetched that its notifications name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetch: Option<FetchSource>,
}

/// Where a sender's records are fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FetchSource {
    /// The address that the places of the plugin lie below: `https://api.example.org/v1`.
    pub base: String,
    /// What is sent as `Authorization`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization: Option<Secret>,
    /// The environment variable that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_env: Option<String>,
    /// Whether this machine itself may be asked, without TLS; for tests.
    #[serde(default)]
    pub loopback: bool,
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// A secret.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Sender {
    /// Whether it is the sender of a vendor's, or of a tenant of it.
    pub fn is_of(&self, vendor: &str, tenant: Option<&str>) -> bool {
        self.vendor == vendor && self.tenant.as_deref() == tenant
    }

    /// Takes secrets from the environment, so that what is missing is said at the start and not at the first delivery.
    pub(super) fn resolve(&mut self, environment: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        resolve(&mut self.secret, self.secret_env.as_deref(), environment)?;
        if let Some(fetch) = &mut self.fetch {
            resolve(&mut fetch.authorization, fetch.authorization_env.as_deref(), environment)?;
        }
        Ok(())
    }
}

fn resolve(
    secret: &mut Option<Secret>,
    name: Option<&str>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<(), ConfigError> {
    let Some(name) = name else { return Ok(()) };
    match environment(name).filter(|text| !text.is_empty()) {
        Some(text) => *secret = Some(Secret(text)),
        None => return Err(ConfigError::NoVariable(name.to_owned())),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_come_from_the_environment_and_are_never_shown() {
        let mut sender = Sender { secret_env: Some("HOOK".into()), ..Sender::default() };
        sender.resolve(&|name| (name == "HOOK").then(|| "word".to_owned())).expect("is there");
        assert_eq!(sender.secret.as_ref().map(Secret::reveal), Some("word"));
        assert!(!format!("{sender:?}").contains("word"));
        let missing = sender.resolve(&|_| None).expect_err("is not there");
        assert!(missing.to_string().contains("HOOK"), "{missing}");
    }
}
