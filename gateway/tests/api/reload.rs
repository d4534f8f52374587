//! Plugins are read again while the server runs: what is sound takes the old one's place, what is not is told.

use crate::plugin::{MAKES_FLAGS, Plugin, RIVER, map};
use crate::server::Server;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn watched(plugin: &Plugin) -> Server {
    let folder = plugin.vendors();
    Server::start_configured(move |config| {
        config.vendors = vec![folder];
        config.watch = true;
        config.limits.watch_interval_ms = 40;
    })
}

/// Sends one person, each time another, and gives the Patient.
async fn patient(server: &Server, id: &str) -> Value {
    let body = json!({"people": [{"id": id, "name": "Ada Ash", "sex": "F"}]}).to_string();
    let answer = server.post(&format!("/vendors/{RIVER}/people?dry-run=true"), &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["bundle"]["entry"][0]["resource"].clone()
}

/// What `GET /vendors` says of the plugin once it says this.
async fn until(server: &Server, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    for _ in 0..600 {
        let list = server.get("/vendors").await.json();
        let plugins = list["reload"]["plugins"].as_array().cloned().unwrap_or_default();
        last = plugins.into_iter().find(|one| one["vendor"] == RIVER).unwrap_or_default();
        if holds(&last) {
            return last;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{what} never came: {last}");
}

#[actix_web::test]
async fn a_changed_map_is_used_and_a_broken_one_is_told_while_the_old_stays() {
    let plugin = Plugin::new();
    let server = watched(&plugin);
    assert_eq!(patient(&server, "a").await["name"], json!([{"text": "Ada Ash"}]));

    plugin.write("people/map.yaml", &map("name[0].family"));
    until(&server, "the new map", |one| one["status"] == "loaded").await;
    assert_eq!(patient(&server, "b").await["name"], json!([{"family": "Ada Ash"}]));

    plugin.write("people/map.yaml", &map("name[0].familie"));
    let told = until(&server, "the refusal", |one| one["status"] == "refused").await;
    let found = &told["diagnostics"][0];
    assert_eq!((found["code"].as_str(), found["file"].as_str()), (Some("M0104"), Some("river-care/people/map.yaml")));
    assert_eq!(found["line"], 13, "{told}");
    assert_eq!(server.get("/vendors").await.json()["reload"]["status"], "refused");
    assert_eq!(patient(&server, "c").await["name"], json!([{"family": "Ada Ash"}]));

    plugin.write("people/map.yaml", &map("name[0].text"));
    until(&server, "the mended map", |one| one["status"] == "loaded").await;
    assert_eq!(patient(&server, "d").await["name"], json!([{"text": "Ada Ash"}]));
    assert_eq!(server.get("/vendors").await.json()["reload"]["status"], "ok");
}

#[actix_web::test]
async fn a_plugin_whose_examples_do_not_hold_is_refused() {
    let plugin = Plugin::new();
    let server = watched(&plugin);
    plugin.write("people/examples/two.vendor.json", r#"{"people": [{"name": "no id"}]}"#);
    let told = until(&server, "the refusal", |one| one["status"] == "refused").await;
    let said = told["examples"][0].as_str().unwrap_or_default();
    assert!(said.contains("examples/two") && said.contains("source.required-missing"), "{told}");
    assert!(!told.to_string().contains("no id"), "no value of an example is shown: {told}");
    patient(&server, "a").await;
}

#[actix_web::test]
async fn a_new_type_of_resource_is_served_and_stands_in_the_capability_statement() {
    let plugin = Plugin::new();
    let server = watched(&plugin);
    assert_eq!(server.get("/fhir/R4/ClinicalImpression").await.status, 404);
    let types = async || {
        let statement = server.get("/fhir/R4/metadata").await.json();
        let list = statement["rest"][0]["resource"].as_array().cloned().unwrap_or_default();
        list.iter().filter_map(|one| one["type"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let makes = MAKES_FLAGS
        .replace("type: Flag", "type: ClinicalImpression")
        .replace("status: active, code.text: Has a name", "status: completed");
    assert!(!types().await.contains(&"ClinicalImpression".to_owned()));
    plugin.write("people/map.yaml", &format!("{}{makes}", map("name[0].text")));
    until(&server, "the new map", |one| one["status"] == "loaded" || one["status"] == "refused").await;
    assert!(types().await.contains(&"ClinicalImpression".to_owned()), "{}", server.get("/vendors").await.text);
    assert_eq!(server.get("/fhir/R4/ClinicalImpression").await.status, 200);
}

/// Messages come without a pause while the plugin's files are half written, gone, and written anew: none is turned away.
#[actix_web::test]
async fn there_is_never_a_moment_without_a_plugin() {
    let plugin = Plugin::new();
    let server = Arc::new(watched(&plugin));
    let done = Arc::new(AtomicBool::new(false));
    let sender = {
        let (server, done) = (Arc::clone(&server), Arc::clone(&done));
        actix_web::rt::spawn(async move {
            let mut sent = 0;
            while !done.load(Ordering::Relaxed) {
                let made = patient(&server, &format!("p-{sent}")).await;
                assert!(made["name"][0]["text"] == "Ada Ash" || made["name"][0]["family"] == "Ada Ash", "{made}");
                sent += 1;
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            sent
        })
    };
    let text = map("name[0].family");
    for cut in [0, 40, 150, 300, text.len()] {
        plugin.write("people/map.yaml", &text[..cut]);
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    until(&server, "the new map", |one| one["status"] == "loaded").await;
    std::fs::remove_dir_all(plugin.own()).expect("removed");
    until(&server, "that it is gone", |one| one["status"] == "gone").await;
    assert!(server.get("/vendors").await.text.contains("River Care"));
    plugin.write_all();
    until(&server, "the folder again", |one| one["status"] == "loaded").await;
    done.store(true, Ordering::Relaxed);
    let sent = sender.await.expect("no message was turned away");
    assert!(sent > 5, "{sent}");
}
