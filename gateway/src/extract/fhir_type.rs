//! The resource type and id in a path, judged by what is served.

use crate::error::GatewayError;
use crate::state::State;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use std::future::{Ready, ready};

/// A resource type that is served.
pub struct FhirType(pub String);

impl FromRequest for FhirType {
    type Error = GatewayError;
    type Future = Ready<Result<FhirType, GatewayError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let named = request.match_info().get("type").unwrap_or_default();
        let served = request
            .app_data::<web::Data<State>>()
            .is_some_and(|state| state.plugins.now().resource_types.contains(named));
        ready(if served { Ok(FhirType(named.to_owned())) } else { Err(GatewayError::UnknownType) })
    }
}

/// The id in a path. What is not spelled as an id cannot be known.
pub struct Id(pub String);

impl FromRequest for Id {
    type Error = GatewayError;
    type Future = Ready<Result<Id, GatewayError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").unwrap_or_default();
        ready(if crate::store::version::is_id(id) { Ok(Id(id.to_owned())) } else { Err(GatewayError::NotFound) })
    }
}
