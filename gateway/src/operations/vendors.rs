//! The plugins that are loaded.

use crate::state::State;
use actix_web::{HttpResponse, web};
use ginnel_mappings::registry::Registry;
use serde_json::{Value, json};

/// `GET /vendors`: the plugins, and what became of the last attempt to read them again.
pub async fn vendors(state: web::Data<State>) -> HttpResponse {
    let mut list = vendor_list(&state.plugins.now().registry);
    list["reload"] = state.plugins.reload_status();
    HttpResponse::Ok().json(list)
}

/// The plugins with their messages.
pub fn vendor_list(registry: &Registry) -> Value {
    let vendors: Vec<Value> = registry
        .vendors()
        .map(|vendor| {
            let messages: Vec<Value> =
                vendor.messages.values().map(|message| json!({"name": message.name, "title": message.title})).collect();
            let mut one =
                json!({"id": vendor.id, "title": vendor.title, "version": vendor.version, "messages": messages});
            if !vendor.tenants.is_empty() {
                one["tenants"] = vendor.tenants.keys().cloned().collect();
            }
            one
        })
        .collect();
    json!({"vendors": vendors})
}
