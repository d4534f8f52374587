//! Addresses that cannot be meant: hosts that exist for examples only (RFC 2606).

use crate::issue::{IssueCode, IssueKey};
use crate::profile::findings::Findings;

/// Judges the address of an attachment; the walk stands at the attachment.
pub fn attachment(url: &str, findings: &mut Findings<'_>) {
    if host(url).is_some_and(|host| host == "example.org" || host.ends_with(".example.org")) {
        findings.path.push("url");
        findings.error_with_hint(
            IssueCode::Value,
            IssueKey::TargetUrl,
            "The attachment lies at an address made for examples, from which nobody can fetch it.",
            "give the address of the server that holds it",
        );
        findings.path.pop();
    }
}

/// The host of an address with an authority, in the case it is written.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    Some(host.split(':').next().unwrap_or(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_fetches_a_document_from_an_example() {
        for (url, errors) in [
            ("https://documents.host.nhs.uk/1", 0),
            ("http://repository.example.org/1", 1),
            ("https://user@example.org:8443?x", 1),
            ("https://notexample.org/1", 0),
            ("https://host.nhs.uk/example.org", 0),
            ("Binary/1", 0),
        ] {
            let mut findings = Findings::default();
            attachment(url, &mut findings);
            assert_eq!(findings.into_issues().len(), errors, "{url}");
        }
    }
}
