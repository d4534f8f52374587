//! What the caller already has (<https://hl7.org/fhir/R4/http.html#cread>).

use actix_web::dev::Payload;
use actix_web::http::header::IF_NONE_MATCH;
use actix_web::{FromRequest, HttpRequest};
use std::convert::Infallible;
use std::future::{Ready, ready};

/// What the caller already has.
///
/// `If-Modified-Since` is not looked at: it tells whole seconds only, and of two changes in one second a caller could
/// be told that the second never was.
pub struct Preconditions {
    none_match: Option<String>,
}

impl Preconditions {
    /// Whether the caller has this version already.
    pub fn has(&self, etag: &str) -> bool {
        let tags = self.none_match.as_deref().unwrap_or_default();
        tags.split(',').map(str::trim).any(|tag| tag == "*" || weak(tag) == weak(etag))
    }
}

/// Weak comparison: the mark of weakness does not count.
fn weak(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

impl FromRequest for Preconditions {
    type Error = Infallible;
    type Future = Ready<Result<Preconditions, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let tags: Vec<&str> =
            request.headers().get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok()).collect();
        ready(Ok(Preconditions { none_match: (!tags.is_empty()).then(|| tags.join(",")) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_the_caller_has_is_known_by_its_tag() {
        let with = |tags: &str| Preconditions { none_match: Some(tags.into()) };
        assert!(with("W/\"2\"").has("W/\"2\""));
        assert!(with("\"2\"").has("W/\"2\""));
        assert!(with("W/\"1\", W/\"2\"").has("W/\"2\""));
        assert!(with("*").has("W/\"2\""));
        assert!(!with("W/\"1\"").has("W/\"2\""));
        assert!(!with("2").has("W/\"2\""));
        assert!(!Preconditions { none_match: None }.has("W/\"2\""));
    }
}
