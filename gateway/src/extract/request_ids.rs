//! The ids by which a caller and our log speak of the same request.

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponseBuilder};
use std::convert::Infallible;
use std::future::{Ready, ready};
use uuid::Uuid;

/// Names one request; made when the caller gives none.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Names the piece of work a request belongs to; given back as it came.
pub const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// Longest id that is taken over.
const LONGEST: usize = 128;

/// The ids of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestIds {
    /// The request's own.
    pub request: String,
    /// What it belongs to.
    pub correlation: Option<String>,
}

impl RequestIds {
    /// Ids of a request that has none.
    pub fn fresh() -> RequestIds {
        RequestIds { request: Uuid::new_v4().to_string(), correlation: None }
    }

    /// The ids in the headers. What could disturb a log or a header is not taken over.
    pub fn of(headers: &HeaderMap) -> RequestIds {
        let sane = |name: &HeaderName| {
            let text = headers.get(name)?.to_str().ok()?;
            is_sane(text).then(|| text.to_owned())
        };
        RequestIds {
            request: sane(&REQUEST_ID).unwrap_or_else(|| RequestIds::fresh().request),
            correlation: sane(&CORRELATION_ID),
        }
    }

    /// The headers of the answer.
    pub fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let value = |text: &str| HeaderValue::from_str(text).ok();
        [(REQUEST_ID, value(&self.request)), (CORRELATION_ID, self.correlation.as_deref().and_then(value))]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
    }

    /// Writes the headers of the answer.
    pub fn write(&self, answer: &mut HttpResponseBuilder) {
        for header in self.headers() {
            answer.insert_header(header);
        }
    }
}

impl FromRequest for RequestIds {
    type Error = Infallible;
    type Future = Ready<Result<RequestIds, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let known = request.extensions().get::<RequestIds>().cloned();
        ready(Ok(known.unwrap_or_else(|| RequestIds::of(request.headers()))))
    }
}

fn is_sane(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:/+=~@".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_ids_are_taken_over() {
        for text in ["a", "60E0B220-8136-4CA5-AE46-1D97EF59D068", &"x".repeat(LONGEST)] {
            assert!(is_sane(text), "{text}");
        }
        for text in ["", "a b", "a\tb", "<script>", "ä", &"x".repeat(LONGEST + 1)] {
            assert!(!is_sane(text), "{text}");
        }
    }
}
