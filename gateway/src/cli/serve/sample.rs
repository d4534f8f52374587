//! Fills a server with the invented people of the built-in sample plugin, and says what to try.

use crate::pipeline::Incoming;
use crate::state::State;
use crate::store::query::{Criterion, SearchQuery, Token};
use serde_json::Value;
use std::io::Write;
use std::time::Duration;

/// The plugin whose examples are the sample.
const PLUGIN: &str = "homecare-rest";
/// NHS numbers (<https://digital.nhs.uk/services/nhs-number>).
const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";

/// Sends every example through the same line as any message. A second start keeps no second copy.
pub async fn load(state: &State, address: &str) {
    let registry = state.plugins.now().registry.clone();
    let Some(vendor) = registry.vendor(PLUGIN) else {
        tracing::warn!(vendor = PLUGIN, "the sample plugin is not loaded");
        return;
    };
    for (message, file, bytes) in &vendor.examples {
        let route = match state.pipeline.route(PLUGIN, message, None) {
            Ok(route) => route,
            Err(error) => {
                tracing::warn!(message, file, error = %error, "a sample was not loaded");
                continue;
            }
        };
        let incoming = Incoming {
            route,
            bytes: bytes.clone(),
            content_type: "application/json".into(),
            occasion: None,
            idempotency_key: None,
            request_id: None,
        };
        match state.pipeline.take(incoming).await {
            Ok((committed, mends_due)) => {
                if mends_due {
                    state.pipeline.mend_within(Duration::from_millis(state.config.limits.mend_wait_ms)).await;
                }
                let replayed = committed.replayed;
                tracing::info!(message, file, receipt = committed.answer.receipt, replayed, "sample loaded");
            }
            Err(error) => tracing::warn!(message, file, error = %error, "a sample was not loaded"),
        }
    }
    print_what_to_try(state, address).await;
}

async fn print_what_to_try(state: &State, address: &str) {
    let base = format!("http://{address}{}", crate::route_table::FHIR_BASE);
    let mut lines = vec![format!("curl -s '{base}/metadata'")];
    if let Some((id, nhs_number)) = first_patient(state).await {
        lines.push(format!("curl -s '{base}/Patient?identifier={NHS_NUMBER}|{nhs_number}'"));
        lines.push(format!("curl -s '{base}/Patient/{id}/$everything'"));
    }
    let mut out = std::io::stdout().lock();
    // The server runs whether or not anybody reads this.
    let _ = writeln!(out, "\nTry:\n  {}\n", lines.join("\n  "));
    let _ = out.flush();
}

/// An invented person with an NHS number.
async fn first_patient(state: &State) -> Option<(String, String)> {
    let with_number = Token { system: Some(NHS_NUMBER.into()), code: None };
    let query = SearchQuery {
        resource_type: "Patient".into(),
        criteria: vec![Criterion::Token { parameter: "identifier".into(), any_of: vec![with_number] }],
        count: 1,
        page: None,
    };
    let found = state.store.search(query).await.ok()?.versions.into_iter().next()?;
    let patient: Value = serde_json::from_str(&found.content).ok()?;
    let number = patient
        .get("identifier")?
        .as_array()?
        .iter()
        .find(|one| one.get("system").and_then(Value::as_str) == Some(NHS_NUMBER))?
        .get("value")?
        .as_str()?
        .to_owned();
    Some((found.id, number))
}
