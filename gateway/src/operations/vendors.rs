//! The plugins that are loaded.

use crate::state::State;
use actix_web::{HttpResponse, web};
use ginnel_mappings::registry::Registry;
use serde_json::{Value, json};

/// `GET /vendors`
pub async fn vendors(state: web::Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(vendor_list(&state.registry))
}

/// The plugins with their messages.
pub fn vendor_list(registry: &Registry) -> Value {
    let vendors: Vec<Value> = registry
        .vendors()
        .map(|vendor| {
            let messages: Vec<Value> =
                vendor.messages.values().map(|message| json!({"name": message.name, "title": message.title})).collect();
            json!({"id": vendor.id, "title": vendor.title, "version": vendor.version, "messages": messages})
        })
        .collect();
    json!({"vendors": vendors})
}
