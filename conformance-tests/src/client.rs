//! Speaks HTTP with the server under test, within named bounds.

use crate::exchange::Exchange;
use crate::verdict::Stop;
use reqwest::{Method, Url, redirect};
use std::sync::Mutex;
use std::time::Duration;

/// An answer bigger than this is not read to its end.
const MOST_BODY_BYTES: usize = 32 * 1024 * 1024;
/// How long one answer may take.
const MOST_SECONDS: u64 = 30;

/// Why nothing can be asked at all, or one question went without an answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The base URL cannot be used.
    #[error("{0} is not an http or https URL")]
    BaseUrl(String),
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built: {0}")]
    Build(#[source] reqwest::Error),
    /// A request of a suite cannot be put into HTTP.
    #[error("{0} cannot be sent")]
    Unsendable(String),
    /// No answer.
    #[error("{shown} got no answer: {reason}")]
    NoAnswer {
        /// The request without parameter values.
        shown: String,
        /// What happened.
        reason: String,
    },
    /// The answer goes beyond the bound.
    #[error("the answer to {shown} is bigger than {MOST_BODY_BYTES} bytes")]
    TooBig {
        /// The request without parameter values.
        shown: String,
    },
}

impl From<ClientError> for Stop {
    fn from(error: ClientError) -> Stop {
        Stop::error(error.to_string())
    }
}

/// One request below the base URL.
#[derive(Debug, Clone, Default)]
pub struct Request<'a> {
    /// HTTP method; empty means GET.
    pub method: &'a str,
    /// Path below the base URL, without a leading slash.
    pub path: &'a str,
    /// Query parameters, not yet encoded.
    pub query: Vec<(&'a str, &'a str)>,
    /// Headers; without `Accept` FHIR JSON is asked for.
    pub headers: Vec<(&'a str, &'a str)>,
}

/// A client of one server.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    asked: Mutex<Vec<String>>,
}

impl Client {
    /// A client of the server at `base` (`http://127.0.0.1:8080/fhir/R4`).
    pub fn new(base: &str) -> Result<Client, ClientError> {
        let mut url = Url::parse(base).map_err(|_| ClientError::BaseUrl(base.to_owned()))?;
        if !matches!(url.scheme(), "http" | "https") || url.cannot_be_a_base() {
            return Err(ClientError::BaseUrl(base.to_owned()));
        }
        url.set_query(None);
        url.set_fragment(None);
        let path = format!("{}/", url.path().trim_end_matches('/'));
        url.set_path(&path);

        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("ginnel-conformance/", env!("CARGO_PKG_VERSION")))
            .timeout(Duration::from_secs(MOST_SECONDS))
            // A redirect is an answer to be judged, not to be followed unseen.
            .redirect(redirect::Policy::none());
        // Fails only where somebody in the process chose a provider before; that one serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        if url.scheme() == "http" {
            // Plain HTTP must work on a machine that has no root certificates.
            builder = builder.tls_certs_only([]);
        }
        let is_loopback = url.host_str().is_some_and(|host| {
            host == "localhost"
                || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        });
        if is_loopback {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(ClientError::Build)?;
        Ok(Client { http, base: url, asked: Mutex::new(Vec::new()) })
    }

    /// The base URL, ending in a slash.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Sends a request below the base URL.
    pub async fn send(&self, request: &Request<'_>) -> Result<Exchange, ClientError> {
        let mut url = self.base.join(request.path).map_err(|_| ClientError::Unsendable(request.path.to_owned()))?;
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        self.send_to(request.method, url, &request.headers).await
    }

    /// Sends a GET to a URL the server gave; `None` when it leads to another server.
    pub async fn follow(&self, url: &str) -> Option<Result<Exchange, ClientError>> {
        let url = self.base.join(url).ok().filter(|url| url.origin() == self.base.origin())?;
        Some(self.send_to("GET", url, &[]).await)
    }

    /// The requests sent since the last call, for the report.
    pub fn take_asked(&self) -> Vec<String> {
        self.asked.lock().map(|mut asked| std::mem::take(&mut *asked)).unwrap_or_default()
    }

    async fn send_to(&self, method: &str, url: Url, headers: &[(&str, &str)]) -> Result<Exchange, ClientError> {
        let method = if method.is_empty() { "GET" } else { method };
        let shown = format!("{method} {}", self.show(&url));
        if let Ok(mut asked) = self.asked.lock() {
            asked.push(shown.clone());
        }
        let parsed = Method::from_bytes(method.as_bytes()).map_err(|_| ClientError::Unsendable(shown.clone()))?;
        let mut builder = self.http.request(parsed, url);
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("accept")) {
            builder = builder.header("Accept", "application/fhir+json");
        }
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let no_answer = |error: reqwest::Error| ClientError::NoAnswer {
            shown: shown.clone(),
            // The whole chain, without the URL: its values may name a person.
            reason: reasons(&error.without_url()),
        };
        let mut response = builder.send().await.map_err(no_answer)?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(no_answer)? {
            if body.len() + chunk.len() > MOST_BODY_BYTES {
                return Err(ClientError::TooBig { shown });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Exchange { shown, status, headers, body })
    }

    /// Path below the base, and the names of the parameters without their values.
    fn show(&self, url: &Url) -> String {
        let path = url.path().strip_prefix(self.base.path()).unwrap_or(url.path());
        let names: Vec<String> = url.query_pairs().map(|(name, _)| format!("{name}=…")).collect();
        if names.is_empty() { path.to_owned() } else { format!("{path}?{}", names.join("&")) }
    }
}

fn reasons(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut inner = error.source();
    while let Some(error) = inner {
        text = format!("{text}: {error}");
        inner = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_gets_one_slash_at_its_end() {
        for base in
            ["http://127.0.0.1:8080/fhir/R4", "http://127.0.0.1:8080/fhir/R4/", "http://127.0.0.1:8080/fhir/R4?x=1#y"]
        {
            let client = Client::new(base).expect("the URL is good");
            assert_eq!(client.base().as_str(), "http://127.0.0.1:8080/fhir/R4/");
        }
    }

    #[test]
    fn what_is_no_http_url_is_refused() {
        for base in ["", "fhir", "ftp://example.org/", "mailto:a@example.org"] {
            assert!(matches!(Client::new(base), Err(ClientError::BaseUrl(_))), "{base}");
        }
    }

    #[test]
    fn a_shown_url_never_has_values() {
        let client = Client::new("http://127.0.0.1/fhir").expect("the URL is good");
        let url = Url::parse("http://127.0.0.1/fhir/Patient?identifier=s%7C9990000042&_count=5").expect("a URL");
        assert_eq!(client.show(&url), "Patient?identifier=…&_count=…");
    }

    #[tokio::test]
    async fn a_link_to_another_server_is_not_followed() {
        let client = Client::new("http://127.0.0.1:9/fhir").expect("the URL is good");
        assert!(client.follow("http://elsewhere.example.org/fhir/Patient?page=2").await.is_none());
        assert!(client.take_asked().is_empty());
    }
}
