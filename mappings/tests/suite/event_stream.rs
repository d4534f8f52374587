//! The plugin for webhook events: order, repeats, versions of the interface, what is not stated, what is not known.

use crate::vendor;
use ginnel_mappings::format::{Limits, SourceFile};
use ginnel_mappings::translate::{Context, Translated};
use serde_json::{Value, json};

/// Events one after the other, each as the message that its type chooses, with what was said before.
struct Stream {
    known: Context,
}

impl Stream {
    fn new() -> Stream {
        Stream { known: Context::new() }
    }

    fn take(&mut self, event: &Value) -> (String, Translated) {
        let plugin = vendor("event-stream");
        let files = [SourceFile::new("event.json", event.to_string())];
        let (message, document) = plugin.reading(&files, &Limits::default()).expect("it is read").remove(0);
        let tree = message.carried(&document.tree, &self.known).unwrap_or(document.tree);
        let translated = message.translate(&tree, message.check(&tree), &self.known);
        let stale = message.stale(&tree, &self.known);
        for (key, item) in message.items(&tree).into_iter().filter(|(key, _)| !stale.contains(key)) {
            self.known.insert(key, item);
        }
        (message.name.clone(), translated)
    }

    fn only(&mut self, event: &Value) -> Value {
        let bundle = self.take(event).1.bundle();
        let made = bundle["entry"].as_array().cloned().unwrap_or_default();
        assert_eq!(made.len(), 1, "{bundle}");
        made[0]["resource"].clone()
    }
}

fn event(kind: &str, id: &str, version: u64, data: &Value) -> Value {
    json!({"event_id": format!("e-{id}"), "type": kind, "tenant": "agy", "entity_id": id, "entity_version": version,
        "occurred_at": 1_792_390_440_000_u64, "data": data.to_string()})
}

fn texts(translated: &Translated) -> String {
    translated.issues.iter().map(|issue| format!("{}\n", issue.text)).collect()
}

#[test]
fn both_versions_of_the_interface_say_the_same() {
    let one = json!({"client_id": "c", "schedule_id": "s", "medication": "Senna", "due_at": "2026-10-20T07:00:00+01:00",
        "outcome": "not_taken", "reason": "asleep"});
    let two = json!({"client": {"id": "c"}, "schedule": {"id": "s", "name": "Senna"}, "due": "2026-10-20T07:00:00+01:00",
        "result": {"code": "NOT_TAKEN", "reason": {"code": "asleep"}}});
    let mut newer = event("medication_outcome.recorded", "mo-1", 1, &Value::Null);
    newer["data"] = two;
    newer["schema_version"] = json!(2);
    let mut made =
        [event("medication_outcome.recorded", "mo-1", 1, &one), newer].map(|event| Stream::new().only(&event));
    let codes = made.each_mut().map(|one| one["statusReason"][0]["coding"].take());
    assert_eq!(made[0], made[1]);
    assert_eq!(codes[0][1], codes[1][1], "the gateway's own reason is the same");
    assert_eq!(made[0]["status"], "not-done");
}

#[test]
fn what_an_event_does_not_state_stays_as_it_was_and_an_older_one_takes_nothing() {
    let mut stream = Stream::new();
    let whole = json!({"first_name": "Ada", "last_name": "Pike", "allergies": [{"name": "Latex", "reaction": "rash"}]});
    stream.take(&event("client.created", "c-1", 3, &whole));
    let bundle = stream
        .take(&event("client.updated", "c-1", 4, &json!({"last_name": "Pike-Lee", "changed": ["last_name"]})))
        .1
        .bundle();
    let text = bundle.to_string();
    assert!(text.contains("Latex") && text.contains("Pike-Lee") && text.contains("Ada"), "{text}");
    let older = stream.take(&event("client.updated", "c-1", 2, &json!({"last_name": "Old"}))).1.bundle().to_string();
    assert!(!older.contains("Latex"), "{older}");
    let after = stream.take(&event("client.updated", "c-1", 5, &json!({"first_name": null}))).1.bundle().to_string();
    assert!(after.contains("Latex") && after.contains("Pike-Lee") && !after.contains("Ada"), "{after}");
}

#[test]
fn types_that_nobody_described_are_kept_and_said() {
    let mut stream = Stream::new();
    for event in [
        event("robot.sang", "r-1", 1, &json!({"song": "Abide with me"})),
        json!({"Type": "SubscriptionConfirmation", "SubscribeURL": "https://sns.example.org/"}),
        json!({"event": "invoice-paid", "id": 7}),
    ] {
        let (message, translated) = stream.take(&event);
        assert_eq!(message, "other-events");
        assert!(!translated.is_refused() && texts(&translated).contains("not known"), "{}", texts(&translated));
        assert!(translated.bundle()["entry"].is_null());
    }
    let (message, translated) = stream.take(&event(
        "medication_outcome.pondered",
        "mo-1",
        1,
        &json!({"client_id": "c", "outcome": "fully_taken"}),
    ));
    assert_eq!(message, "outcomes");
    assert_eq!(
        translated.bundle()["entry"][0]["resource"]["status"],
        "unknown",
        "never given on the word of an unknown type"
    );
    assert!(texts(&translated).contains("not known"));
}

#[test]
fn a_dose_not_needed_is_nothing_unless_one_was_taken_before() {
    let mut stream = Stream::new();
    let not_needed = json!({"client_id": "c", "outcome": "not_needed"});
    assert!(stream.take(&event("medication_outcome.recorded", "mo-1", 1, &not_needed)).1.bundle()["entry"].is_null());
    let back = json!({"client_id": "c", "outcome": "not_needed", "previous": "fully_taken"});
    assert_eq!(stream.only(&event("medication_outcome.amended", "mo-2", 2, &back))["status"], "unknown");
}

#[test]
fn consent_withdrawn_keeps_back_what_comes_later() {
    let mut stream = Stream::new();
    stream.take(&event("client.consent_withdrawn", "c-1", 9, &json!({"scope": "share_with_nhs"})));
    let dose = json!({"client_id": "c-1", "outcome": "fully_taken", "medication": "Senna"});
    let (_, translated) = stream.take(&event("medication_outcome.recorded", "mo-1", 1, &dose));
    assert!(translated.bundle()["entry"].is_null() && texts(&translated).contains("withdrawn"));
    stream.take(&event("client.consent_given", "c-1", 10, &json!({"scope": "share_with_nhs"})));
    assert_eq!(stream.only(&event("medication_outcome.recorded", "mo-1", 1, &dose))["status"], "completed");
}

#[test]
fn codes_of_key_safes_leave_in_no_text() {
    let mut stream = Stream::new();
    let data = json!({"first_name": "Ada", "last_name": "Pike", "access": {"entry_notes": "Ring twice, C4471 opens it", "key_safe_code": "C4471"}});
    let bundle = stream.take(&event("client.updated", "c-1", 1, &data)).1.bundle().to_string();
    assert!(bundle.contains("opens it") && !bundle.contains("4471"), "{bundle}");
}
