//! The one exit for everything that goes wrong: picks the HTTP status, writes the OperationOutcome.

use crate::extract::request_ids::RequestIds;
use crate::pipeline::PipelineError;
use crate::store::StoreError;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::outcome::operation_outcome;

/// Content type of every FHIR answer.
pub const FHIR_JSON: &str = "application/fhir+json; charset=utf-8";

/// Everything that can keep a request from its answer.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// A message did not come to the end of the line.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// The store gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The resource type is not served.
    #[error("unknown resource type")]
    UnknownType,
    /// No such place.
    #[error("no such place")]
    NoSuchPlace,
    /// No resource, version or receipt of that id.
    #[error("unknown id")]
    NotFound,
    /// The resource was deleted.
    #[error("deleted")]
    Deleted,
    /// The resource is withheld in all its versions.
    #[error("withheld")]
    Withheld,
    /// The Patient is marked as one that the reader of this may not see.
    #[error("restricted")]
    Restricted,
    /// A request that cannot be understood.
    #[error("a bad request")]
    BadRequest(Vec<Issue>),
    /// What is asked for contradicts what is known.
    #[error("a conflict")]
    Conflict(Box<Issue>),
    /// A delivery is not signed as agreed with its sender.
    #[error("not signed as agreed")]
    Signature,
    /// The method is not offered here.
    #[error("method not allowed")]
    Method {
        /// The methods that are.
        allowed: String,
    },
    /// No representation that the caller accepts.
    #[error("not acceptable")]
    NotAcceptable,
    /// The caller takes neither the kind of file that this is, nor JSON.
    #[error("not acceptable as a file")]
    FileNotAcceptable {
        /// The kind of file.
        kind: String,
    },
    /// The content type is not taken.
    #[error("unsupported content type")]
    ContentType {
        /// What is taken.
        taken: &'static str,
    },
    /// The content type is not taken for a vendor's files.
    #[error("unsupported content type of files")]
    FileType {
        /// What is taken.
        taken: &'static str,
    },
    /// The body is bigger than the limit.
    #[error("body too big")]
    TooBig {
        /// The limit in bytes.
        limit: usize,
    },
    /// The request took too long.
    #[error("timeout")]
    Timeout,
    /// A panic, or what should be impossible.
    #[error("our own fault: {0}")]
    Fault(&'static str),
}

impl GatewayError {
    /// The status, by the table of the house style.
    pub fn status(&self) -> StatusCode {
        match self {
            GatewayError::Pipeline(error) => pipeline_status(error),
            GatewayError::Store(error) => store_status(error),
            GatewayError::UnknownType | GatewayError::NoSuchPlace | GatewayError::NotFound => StatusCode::NOT_FOUND,
            GatewayError::Deleted | GatewayError::Withheld => StatusCode::GONE,
            GatewayError::Restricted => StatusCode::FORBIDDEN,
            GatewayError::Signature => StatusCode::UNAUTHORIZED,
            GatewayError::BadRequest(_) => StatusCode::BAD_REQUEST,
            GatewayError::Conflict(_) => StatusCode::CONFLICT,
            GatewayError::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            GatewayError::NotAcceptable | GatewayError::FileNotAcceptable { .. } => StatusCode::NOT_ACCEPTABLE,
            GatewayError::ContentType { .. } | GatewayError::FileType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            GatewayError::TooBig { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            GatewayError::Timeout => StatusCode::GATEWAY_TIMEOUT,
            GatewayError::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What the caller is told, finding by finding.
    pub fn issues(&self) -> Vec<Issue> {
        use IssueCode as Code;
        use IssueKey as Key;
        vec![match self {
            GatewayError::Pipeline(error) => return pipeline_issues(error),
            GatewayError::Store(error) => store_issue(error),
            GatewayError::BadRequest(issues) => return issues.clone(),
            GatewayError::Conflict(issue) => issue.as_ref().clone(),
            GatewayError::UnknownType => {
                Issue::error(Code::NotSupported, Key::TargetUnknownType, "This resource type is not served here.")
                    .with_hint("GET /fhir/R4/metadata lists the types that are")
            }
            GatewayError::NoSuchPlace => {
                Issue::error(Code::NotSupported, Key::HttpNotFound, "There is nothing at this URL.")
                    .with_hint("FHIR is served under /fhir/R4, vendors' messages under /vendors")
            }
            GatewayError::NotFound => {
                Issue::error(Code::NotFound, Key::ResourceNotFound, "Nothing of this id is known.")
            }
            GatewayError::Deleted => Issue::error(Code::Deleted, Key::ResourceDeleted, "This resource was deleted.")
                .with_hint("its earlier versions are in its _history"),
            GatewayError::Withheld => Issue::error(
                Code::Suppressed,
                Key::ResourceWithheld,
                "This resource is withheld, with its earlier versions: what its sender says of it now is held back, for want \
                 of agreement to share it or because it was set aside.",
            )
            .with_hint("ask the care provider that keeps the record"),
            GatewayError::Restricted => Issue::error(
                Code::Suppressed,
                Key::ResourceRestricted,
                "The Patient is marked as kept from the readers of this document, so none can be made.",
            )
            .with_hint("read the resources themselves, as far as you may; another kind of document has other readers"),
            GatewayError::Signature => Issue::error(
                Code::Login,
                Key::HttpRequest,
                "The delivery is not signed as agreed: its signature is missing, too old, or made with another secret.",
            )
            .with_hint("nothing of it was kept; sign the bytes of the body as they are sent"),
            GatewayError::Method { allowed } => {
                Issue::error(Code::NotSupported, Key::HttpMethod, "This method is not offered here.")
                    .with_hint(format!("offered: {allowed}"))
            }
            GatewayError::NotAcceptable => {
                Issue::error(Code::NotSupported, Key::HttpAccept, "Answers are written as JSON only.")
                    .with_hint("accept application/fhir+json")
            }
            GatewayError::FileNotAcceptable { kind } => {
                let text = format!("This file is {kind}, which the request does not accept.");
                Issue::error(Code::NotSupported, Key::HttpAccept, text)
                    .with_hint(format!("accept {kind}, or application/fhir+json for the file in a Binary"))
            }
            GatewayError::ContentType { taken } => {
                Issue::error(Code::NotSupported, Key::HttpContentType, "A body of this content type is not taken here.")
                    .with_hint(format!("send {taken}, in UTF-8 and not compressed"))
            }
            GatewayError::FileType { taken } => {
                Issue::error(Code::NotSupported, Key::HttpContentType, "A body of this content type is not taken here.")
                    .with_hint(format!("send {taken}, not compressed"))
            }
            GatewayError::TooBig { limit } => {
                Issue::error(Code::TooLong, Key::BodyTooBig, format!("The body is bigger than {limit} bytes."))
                    .with_hint("send it in several smaller bodies")
            }
            GatewayError::Timeout => {
                Issue::error(Code::Timeout, Key::ServerTimeout, "The request took too long and was given up.")
                    .with_hint("send the same again: a message that was kept after all is not kept twice")
            }
            GatewayError::Fault(_) => {
                Issue::error(Code::Exception, Key::ServerFault, "This failed by a fault of ours.")
                    .with_hint("tell the operator the request id")
            }
        }]
    }

    /// The answer, with the ids by which caller and log speak of the same request.
    pub fn respond(&self, ids: &RequestIds) -> HttpResponse {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(error = %self, request_id = ids.request, status = status.as_u16(), "request failed");
        }
        let mut answer = HttpResponse::build(status);
        if let GatewayError::Method { allowed } = self {
            answer.insert_header((ALLOW, allowed.as_str()));
        }
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            answer.insert_header((RETRY_AFTER, "1"));
        }
        ids.write(&mut answer);
        answer.content_type(FHIR_JSON).body(operation_outcome(&self.issues(), Some(&ids.request)).to_string())
    }
}

fn pipeline_status(error: &PipelineError) -> StatusCode {
    match error {
        PipelineError::UnknownVendor | PipelineError::UnknownTenant { .. } | PipelineError::UnknownMessage { .. } => {
            StatusCode::NOT_FOUND
        }
        PipelineError::Unreadable(issues) if issues.iter().any(|issue| issue.key == IssueKey::BodyTooBig) => {
            StatusCode::PAYLOAD_TOO_LARGE
        }
        PipelineError::Unreadable(_) => StatusCode::BAD_REQUEST,
        PipelineError::Refused(_) | PipelineError::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        PipelineError::OtherPerson(_) | PipelineError::Outdated => StatusCode::CONFLICT,
        PipelineError::Store(error) => store_status(error),
        PipelineError::Interrupted => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn pipeline_issues(error: &PipelineError) -> Vec<Issue> {
    vec![match error {
        PipelineError::Unreadable(issues) | PipelineError::Refused(issues) | PipelineError::OtherPerson(issues) => {
            return issues.clone();
        }
        PipelineError::Store(error) => store_issue(error),
        PipelineError::UnknownVendor => {
            Issue::error(IssueCode::NotSupported, IssueKey::VendorUnknown, "No plugin for this vendor is loaded.")
                .with_hint("GET /vendors lists those that are")
        }
        PipelineError::UnknownTenant { known } => {
            let hint = match known.as_slice() {
                [] => "this vendor has no tenants: leave `tenant` out".to_owned(),
                known => format!("tenants: {}", known.join(", ")),
            };
            Issue::error(IssueCode::NotSupported, IssueKey::TenantUnknown, "The vendor has no such tenant.")
                .with_hint(hint)
        }
        PipelineError::UnknownMessage { known } => {
            Issue::error(IssueCode::NotSupported, IssueKey::MessageUnknown, "The vendor's plugin has no such message.")
                .with_hint(format!("it has: {}", known.join(", ")))
        }
        PipelineError::KeyReused => Issue::error(
            IssueCode::BusinessRule,
            IssueKey::IdempotencyReused,
            "This Idempotency-Key was used before with another message.",
        )
        .with_hint("take a new key for each message, and the same key only to send the same bytes again"),
        PipelineError::Outdated => Issue::error(
            IssueCode::Conflict,
            IssueKey::ServerBusy,
            "Others changed the same record all the while; nothing was kept.",
        )
        .with_hint("send it again"),
        PipelineError::Interrupted => {
            Issue::error(IssueCode::Exception, IssueKey::ServerFault, "This failed by a fault of ours.")
                .with_hint("tell the operator the request id")
        }
    }]
}

fn store_status(error: &StoreError) -> StatusCode {
    match error {
        StoreError::Busy => StatusCode::TOO_MANY_REQUESTS,
        StoreError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        StoreError::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn store_issue(error: &StoreError) -> Issue {
    match error {
        StoreError::Busy => Issue::error(
            IssueCode::Throttled,
            IssueKey::ServerBusy,
            "Too many messages wait already; nothing was kept.",
        )
        .with_hint("send it again a little later"),
        StoreError::Unavailable(_) => Issue::error(
            IssueCode::Transient,
            IssueKey::StorageUnavailable,
            "Storage does not answer; nothing was kept.",
        )
        .with_hint("send it again later"),
        StoreError::Broken(_) => {
            Issue::error(IssueCode::Exception, IssueKey::ServerFault, "This failed by a fault of ours.")
                .with_hint("tell the operator the request id")
        }
    }
}

impl ResponseError for GatewayError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.respond(&RequestIds::fresh())
    }
}

/// An error of the framework's own (a path that is not UTF-8, say), as one of ours.
pub fn of_framework(status: StatusCode) -> GatewayError {
    match status {
        StatusCode::NOT_FOUND => GatewayError::NoSuchPlace,
        StatusCode::PAYLOAD_TOO_LARGE => GatewayError::TooBig { limit: 0 },
        StatusCode::UNSUPPORTED_MEDIA_TYPE => GatewayError::ContentType { taken: "application/json" },
        status if status.is_client_error() => GatewayError::BadRequest(vec![Issue::error(
            IssueCode::Structure,
            IssueKey::HttpRequest,
            "The request cannot be read.",
        )]),
        _ => GatewayError::Fault("the web framework failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_has_the_status_of_the_house_style() {
        let table: [(GatewayError, u16, &str); 21] = [
            (PipelineError::Outdated.into(), 409, "conflict"),
            (PipelineError::OtherPerson(vec![]).into(), 409, ""),
            (PipelineError::Unreadable(vec![]).into(), 400, ""),
            (PipelineError::Refused(vec![]).into(), 422, ""),
            (PipelineError::UnknownVendor.into(), 404, "not-supported"),
            (PipelineError::KeyReused.into(), 422, "business-rule"),
            (PipelineError::Interrupted.into(), 500, "exception"),
            (StoreError::Busy.into(), 429, "throttled"),
            (StoreError::Unavailable(String::new()).into(), 503, "transient"),
            (StoreError::Broken(String::new()).into(), 500, "exception"),
            (GatewayError::UnknownType, 404, "not-supported"),
            (GatewayError::NotFound, 404, "not-found"),
            (GatewayError::Deleted, 410, "deleted"),
            (GatewayError::Withheld, 410, "suppressed"),
            (GatewayError::Restricted, 403, "suppressed"),
            (GatewayError::Method { allowed: "GET".into() }, 405, "not-supported"),
            (GatewayError::NotAcceptable, 406, "not-supported"),
            (GatewayError::FileNotAcceptable { kind: "image/png".into() }, 406, "not-supported"),
            (GatewayError::ContentType { taken: "x" }, 415, "not-supported"),
            (GatewayError::TooBig { limit: 1 }, 413, "too-long"),
            (GatewayError::Timeout, 504, "timeout"),
        ];
        for (error, status, code) in table {
            assert_eq!(error.status().as_u16(), status, "{error}");
            let found = error.issues().first().map_or("", |issue| issue.code.code());
            assert_eq!(found, code, "{error}");
        }
    }
}
