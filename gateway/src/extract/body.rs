//! What every body is read with: its content type, its encoding, and its size, bounded while it comes in.

use crate::error::GatewayError;
use crate::state::State;
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest, web};
use std::future::Future;
use std::pin::Pin;

/// A body on its way.
pub(super) type Reading<B> = Pin<Box<dyn Future<Output = Result<B, GatewayError>>>>;

/// Judges the head first, so that nothing is taken in of what is refused; then makes something of the bytes.
pub(super) fn read<H: 'static, B: 'static>(
    request: &HttpRequest,
    payload: &mut Payload,
    judge: fn(&HttpRequest) -> Result<H, GatewayError>,
    make: fn(H, Vec<u8>) -> Result<B, GatewayError>,
) -> Reading<B> {
    let request = request.clone();
    let payload = payload.take();
    Box::pin(async move {
        let head = judge(&request)?;
        make(head, read_within(&request, payload).await?)
    })
}

/// The content type without parameters in lower case, and its `charset`.
pub(super) fn content_type(request: &HttpRequest) -> (String, Option<String>) {
    let text = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let charset = parts
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .map(|(_, value)| value.trim().trim_matches('"').to_ascii_lowercase());
    (essence, charset)
}

/// Whether the body is UTF-8 text, neither in another encoding nor compressed.
pub(super) fn is_plain_utf8(request: &HttpRequest, charset: Option<&str>) -> bool {
    let encoding = request.headers().get(CONTENT_ENCODING);
    charset.is_none_or(|charset| matches!(charset, "utf-8" | "utf8" | "us-ascii"))
        && encoding.is_none_or(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// The bytes of a body, at most as many as configured.
async fn read_within(request: &HttpRequest, payload: Payload) -> Result<Vec<u8>, GatewayError> {
    let limit = request.app_data::<web::Data<State>>().map_or(0, |state| state.config.limits.body_bytes);
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > limit) {
        return Err(GatewayError::TooBig { limit });
    }
    web::Payload::from_request(request, &mut { payload })
        .await
        .map_err(|_| GatewayError::Fault("a body could not be taken"))?
        .to_bytes_limited(limit)
        .await
        .map_err(|_| GatewayError::TooBig { limit })?
        .map(|bytes| bytes.to_vec())
        .map_err(|error| crate::error::of_framework(error.as_response_error().status_code()))
}
