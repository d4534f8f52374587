//! The signature of a delivery, where one is agreed with its sender: HMAC-SHA256 over time and body, or over the body.

use crate::config::{Config, Sender};
use crate::error::GatewayError;
use actix_web::http::header::HeaderMap;
use ring::hmac::{HMAC_SHA256, Key, verify};

/// The header that is looked at where the agreement names none.
const USUAL_HEADER: &str = "x-webhook-signature";
/// Most signatures that a header may hold: one for each secret while secrets change.
const MOST_SIGNATURES: usize = 8;

/// Checks a delivery by what is agreed with the sender of a vendor or of its tenant.
///
/// With several agreements of one vendor that name a secret, one must fit.
pub fn check(
    config: &Config,
    vendor: &str,
    tenant: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), GatewayError> {
    let agreed: Vec<&Sender> =
        config.senders.iter().filter(|one| one.is_of(vendor, tenant) && one.secret.is_some()).collect();
    match agreed.is_empty() || agreed.iter().any(|sender| check_sender(sender, headers, body).is_ok()) {
        true => Ok(()),
        false => Err(GatewayError::Signature),
    }
}

/// Checks a delivery by what is agreed with one sender.
pub fn check_sender(sender: &Sender, headers: &HeaderMap, body: &[u8]) -> Result<(), GatewayError> {
    let Some(secret) = &sender.secret else { return Ok(()) };
    let name = sender.signature_header.as_deref().unwrap_or(USUAL_HEADER);
    let mut given = headers.get_all(name);
    let (Some(value), None) = (given.next(), given.next()) else { return Err(GatewayError::Signature) };
    let text = value.to_str().map_err(|_| GatewayError::Signature)?;
    let now = jiff::Timestamp::now().as_second();
    let fits = fits(secret.reveal(), text, body, sender.signature_age_s, now);
    if fits { Ok(()) } else { Err(GatewayError::Signature) }
}

/// Whether a header signs a body: `t=1792390442,v1=<hex>` over `<t>.<body>`, or `sha256=<hex>` over the body alone.
fn fits(secret: &str, header: &str, body: &[u8], oldest_s: Option<u64>, now: i64) -> bool {
    let parts: Vec<(&str, &str)> = header.split(',').filter_map(|part| part.trim().split_once('=')).collect();
    let key = Key::new(HMAC_SHA256, secret.as_bytes());
    let signed = |name: &str, text: &[u8]| {
        let signatures = parts.iter().filter(|(other, _)| *other == name).take(MOST_SIGNATURES);
        signatures.filter_map(|(_, hex)| hex::decode(hex).ok()).any(|tag| verify(&key, text, &tag).is_ok())
    };
    match parts.iter().find(|(name, _)| *name == "t") {
        Some((_, time)) => {
            let Ok(at) = time.parse::<i64>() else { return false };
            let age = now.saturating_sub(at).unsigned_abs();
            let text = [time.as_bytes(), b".", body].concat();
            oldest_s.is_none_or(|oldest| age <= oldest) && signed("v1", &text)
        }
        // A signature without a time says nothing of its age.
        None => oldest_s.is_none() && signed("sha256", body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(secret: &str, time: &str, body: &[u8]) -> String {
        let key = Key::new(HMAC_SHA256, secret.as_bytes());
        let tag = ring::hmac::sign(&key, &[time.as_bytes(), b".", body].concat());
        format!("t={time},v1={}", hex::encode(tag))
    }

    #[test]
    fn a_signature_fits_one_secret_one_time_and_one_body() {
        let good = header("word", "1000", b"{}");
        assert!(fits("word", &good, b"{}", None, 9_999_999));
        assert!(fits("word", &good, b"{}", Some(300), 1300));
        assert!(!fits("word", &good, b"{}", Some(300), 1301));
        assert!(!fits("word", &good, b"{}", Some(300), 699));
        assert!(!fits("other", &good, b"{}", None, 1000));
        assert!(!fits("word", &good, b"{ }", None, 1000));
        assert!(!fits("word", &good.replace("t=1000", "t=1001"), b"{}", None, 1000));
        let rotated = format!("{},{}", good.replace("v1=", "v1=00"), good.split_once(',').expect("two").1);
        assert!(fits("word", &rotated, b"{}", None, 1000));
        for odd in ["", "t=1000", "v1=00", "t=x,v1=00", "sha256=", "t=1000,v1="] {
            assert!(!fits("word", odd, b"{}", None, 1000), "{odd}");
        }
    }

    #[test]
    fn a_signature_of_the_body_alone_has_no_age() {
        let tag = ring::hmac::sign(&Key::new(HMAC_SHA256, b"word"), b"{}");
        let header = format!("sha256={}", hex::encode(tag));
        assert!(fits("word", &header, b"{}", None, 0));
        assert!(!fits("word", &header, b"{}", Some(300), 0));
        assert!(!fits("word", &header, b"[]", None, 0));
    }
}
