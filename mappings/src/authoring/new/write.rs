//! A draft as the files of a plugin.

use super::super::infer::Seen;
use super::super::language::File;
use super::super::suggest::{self, Meaning, meaning};
use super::super::yaml::{key, scalar};
use super::draft::{Draft, Rule};
use super::{NewFile, Request, UNDECIDED};
use serde_json::Value;
use std::fmt::Write;

/// All files but the examples, which are the samples themselves.
pub fn files(draft: &Draft, request: &Request, seen: &Seen, have_vendor: Option<&str>) -> Vec<NewFile> {
    let message = &request.message;
    let file = |path: String, text: String| NewFile { path, text };
    // Few texts of a field that names people, places or things are no list of codes, however often they are met.
    let may_be_codes = |name: &str| {
        let named = ["name", "surname", "town", "city", "street", "user", "by"];
        let compact = super::super::suggest::compact(name);
        !named.iter().any(|word| compact.ends_with(word))
            && !matches!(
                meaning(name, &[], &Seen::default()),
                Some(
                    Meaning::Name
                        | Meaning::Family
                        | Meaning::Given
                        | Meaning::FullName
                        | Meaning::GpName
                        | Meaning::Note
                        | Meaning::DoseText
                        | Meaning::Value
                        | Meaning::Reaction
                        | Meaning::Town
                        | Meaning::County
                )
            )
    };
    let mut schema = seen.schema(&may_be_codes);
    without_doors(&mut schema);
    let schema = serde_json::to_string_pretty(&schema).unwrap_or_default();
    let mut out = vec![
        file("vendor.yaml".into(), vendor_yaml(request, have_vendor)),
        file(format!("{message}/source.schema.json"), schema + "\n"),
        file(format!("{message}/map.yaml"), map_yaml(draft, request)),
    ];
    if !draft.genders.is_empty() && have_vendor.is_none() {
        out.push(file("tables.yaml".into(), tables_yaml(draft)));
    }
    if have_vendor.is_none() {
        out.push(file("README.md".into(), readme(request)));
    }
    // Beside the plugin, so that an editor completes and describes each word without asking anybody.
    for one in File::ALL {
        let schema = serde_json::to_string_pretty(&one.schema()).unwrap_or_default();
        out.push(file(format!(".language/{}.schema.json", one.name()), schema + "\n"));
    }
    out
}

/// `vendor.yaml`; one that is there gets one more message.
pub fn vendor_yaml(request: &Request, have: Option<&str>) -> String {
    if let Some(text) = have {
        return with_message(text, &request.message);
    }
    let Request { vendor, message, .. } = request;
    format!(
        "# yaml-language-server: $schema=./.language/vendor.schema.json\n\
         # Who the vendor is, and what the plugin promises. The manual: mappings/LANGUAGE.md, or `ginnel mapping manual`.\n\
         id: {vendor}                # equals the folder's name\n\
         title: {title}\n\
         version: 0.1.0\n\
         owner: {title}\n\
         timezone: Europe/London     # of times without an offset\n\
         systems:\n\
         \x20 # Short names for URLs, written `$own/...` in maps. This one names your own keys: put a URL of yours here.\n\
         \x20 own: https://{vendor}.example/id\n\
         \x20 sct: http://snomed.info/sct\n\
         \x20 dmd: https://dmd.nhs.uk\n\
         messages: [{message}]\n\
         refuse: []                  # what you do not expect is kept and warned of; unknown-fields, unknown-codes, failed-identifiers refuse\n",
        title = scalar(&title(vendor)),
    )
}

/// Adds a message to the list of a `vendor.yaml`, its comments left as they are.
fn with_message(text: &str, message: &str) -> String {
    let mut out = String::new();
    let mut in_list = false;
    let mut done = false;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("messages:") {
            match rest.rfind(']') {
                Some(at) if !done => {
                    let (before, after) = rest.split_at(at);
                    let comma = if before.trim() == "[" { "" } else { ", " };
                    let _ = writeln!(out, "messages:{before}{comma}{message}{after}");
                    done = true;
                    continue;
                }
                _ => in_list = true,
            }
        } else if in_list && !done && !line.trim_start().starts_with('-') {
            let _ = writeln!(out, "  - {message}");
            done = true;
        }
        let _ = writeln!(out, "{line}");
    }
    if in_list && !done {
        let _ = writeln!(out, "  - {message}");
    }
    out
}

fn title(vendor: &str) -> String {
    let words: Vec<String> = vendor
        .split('-')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
        })
        .collect();
    words.join(" ")
}

fn tables_yaml(draft: &Draft) -> String {
    let mut out = String::from(
        "# yaml-language-server: $schema=./.language/tables.schema.json\n\
         # Code tables: your codes on the left, FHIR's on the right, read in both directions.\n\
         gender:\n  title: Gender\n  fhir: http://hl7.org/fhir/administrative-gender\n  \
         # Add the codes that the samples do not show, and have somebody who knows them sign the table off:\n  \
         # signed-off: { by: \"name, role\", on: 2026-01-31 }\n  ignore-case: true\n  rows:\n",
    );
    let mut rows: Vec<(String, &str)> = Vec::new();
    for (word, code) in &draft.genders {
        if !rows.iter().any(|(known, _)| known.eq_ignore_ascii_case(word)) {
            rows.push((word.clone(), code));
        }
    }
    let mut shared: Vec<(&str, &str)> = Vec::new();
    for (place, (word, code)) in rows.iter().enumerate() {
        let _ = writeln!(out, "    - [{}, {code}]", scalar(word));
        let first = rows.iter().position(|(_, other)| other == code);
        if let Some((first, _)) = first.filter(|first| *first < place).and_then(|first| rows.get(first))
            && !shared.iter().any(|(known, _)| known == code)
        {
            shared.push((code, first));
        }
    }
    if !shared.is_empty() {
        out.push_str("  # Of several of your codes with one meaning, the one that comes back:\n  back:\n");
        for (code, word) in shared {
            let _ = writeln!(out, "    {code}: {}", scalar(word));
        }
    }
    out.push_str("  vendor-else: keep           # a code without a row is not sent, kept, and warned of\n");
    out.push_str("  # A code of FHIR's without a row: refused, or one of your codes.\n  fhir-else: refuse\n");
    out
}

/// `map.yaml`.
pub fn map_yaml(draft: &Draft, request: &Request) -> String {
    let mut out = String::from(
        "# yaml-language-server: $schema=../.language/map.schema.json\n\
         # Both ways: every line pairs a place of your payload with a place in FHIR.\n",
    );
    let _ = writeln!(out, "message: {}", request.message);
    let _ = writeln!(out, "title: {}", scalar(&title(&request.message)));
    if let Some(format) = &request.format {
        let _ = writeln!(out, "{format}");
    }
    if let Some(item) = &draft.item {
        out.push_str("\n# What is refused, versioned and owned one by one.\nitems:\n");
        let _ = writeln!(out, "  {}:", key(&item.name));
        let _ = writeln!(out, "    at: {}", scalar(&item.at));
        if let Some(path) = &item.key {
            let _ = writeln!(out, "    key: {}", scalar(path));
        }
        if let Some(path) = &item.revision {
            let _ = writeln!(out, "    revision: {}", scalar(path));
        }
        if item.keep.iter().any(|path| !opens_a_door(path)) {
            out.push_str(
                "    # Not sent, restored on the way back. Give each a place below, or a reason why it has none.\n",
            );
        }
        keep(&mut out, "    ", &item.keep);
    }
    out.push_str("\nresources:\n");
    for rule in &draft.resources {
        resource(&mut out, rule);
    }
    if !draft.keep.is_empty() {
        out.push_str("\n# What of the payload belongs to no item.\n");
        keep(&mut out, "", &draft.keep);
    }
    out
}

/// The line of a pair, without its indent.
pub fn pair_line(from: &str, to: &str) -> String {
    format!("{}: {to}", key(from))
}

/// Whether a path, by the name at its end, leads to what opens a door.
pub fn opens_a_door(path: &str) -> bool {
    let name = suggest::compact(path.rsplit(['.', '[']).next().unwrap_or(path));
    ["keysafe", "keycode", "keypadcode", "doorcode", "gatecode", "entrycode", "accesscode", "alarmcode"]
        .iter()
        .any(|word| name.contains(word))
}

/// What opens a door is never sent, so a person of another sender comes without it: it is not required.
fn without_doors(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Array(required)) = map.get_mut("required") {
                required.retain(|name| !name.as_str().is_some_and(opens_a_door));
            }
            map.values_mut().for_each(without_doors);
        }
        Value::Array(list) => list.iter_mut().for_each(without_doors),
        _ => {}
    }
}

fn keep(out: &mut String, indent: &str, paths: &[String]) {
    let (secret, open): (Vec<&String>, Vec<&String>) = paths.iter().partition(|path| opens_a_door(path));
    if !open.is_empty() {
        let _ = writeln!(out, "{indent}keep:");
    }
    for path in open {
        let _ = writeln!(out, "{indent}  {}: {UNDECIDED}", key(path));
    }
    if !secret.is_empty() {
        let _ =
            writeln!(out, "{indent}# By its name it opens a door: kept, and withheld from every text that is sent.");
        let _ = writeln!(out, "{indent}secret:");
    }
    for path in secret {
        let _ = writeln!(out, "{indent}  {}: opens a door", key(path));
    }
}

fn resource(out: &mut String, rule: &Rule) {
    let _ = writeln!(out, "\n  # {}", rule.comment);
    if let Some(warning) = &rule.warning {
        let _ = writeln!(out, "  # {warning}");
    }
    let _ = writeln!(out, "  {}:", rule.name);
    let _ = writeln!(out, "    type: {}", rule.resource_type);
    if rule.resource_type != "Basic" {
        let _ = writeln!(out, "    profile: https://fhir.hl7.org.uk/StructureDefinition/UKCore-{}", rule.resource_type);
    }
    match rule.each.as_slice() {
        [] => {}
        [one] if !one.contains(" as ") => {
            let _ = writeln!(out, "    each: {}", scalar(one));
        }
        steps => {
            let steps: Vec<String> = steps.iter().map(|one| scalar(one)).collect();
            let _ = writeln!(out, "    each: [{}]", steps.join(", "));
        }
    }
    if let Some(when) = &rule.when {
        let _ = writeln!(out, "    when: {when}");
    }
    let id: Vec<String> = rule.id.iter().map(|one| scalar(one)).collect();
    let _ = writeln!(out, "    id: [{}]", id.join(", "));
    if !rule.refs.is_empty() {
        out.push_str("    refs:\n");
        for (path, to) in &rule.refs {
            let _ = writeln!(out, "      {path}: {to}");
        }
    }
    if !rule.slices.is_empty() {
        out.push_str("    slices:\n");
        for (path, constants) in &rule.slices {
            let _ = writeln!(out, "      {}: {constants}", key(path));
        }
    }
    if !rule.constants.is_empty() {
        out.push_str("    const:\n");
        for (path, value) in &rule.constants {
            let _ = writeln!(out, "      {}: {value}", key(path));
        }
    }
    if !rule.pairs.is_empty() {
        out.push_str("    pairs:\n");
        for (from, to) in &rule.pairs {
            let _ = writeln!(out, "      {}", pair_line(from, to));
        }
    }
    if !rule.texts.is_empty() {
        out.push_str("    # A number of yours is a text in FHIR.\n    texts:\n");
        for (to, from) in &rule.texts {
            let _ = writeln!(out, "      {}: \"{{{from}}}\"", key(to));
        }
    }
    if !rule.groups.is_empty() {
        out.push_str("    groups:\n");
        for (when, constants) in &rule.groups {
            let _ = writeln!(out, "      - when: {when}\n        const:");
            for (path, value) in constants {
                let _ = writeln!(out, "          {}: {value}", key(path));
            }
        }
    }
    if !rule.lists.is_empty() {
        out.push_str("    lists:\n");
        for line in rule.lists.iter().flat_map(|(_, lines)| lines) {
            let _ = writeln!(out, "{line}");
        }
    }
    if !rule.keep.is_empty() {
        keep(out, "    ", &rule.keep);
    }
}

fn readme(request: &Request) -> String {
    format!(
        "# {}\n\nWhat the system sends, what is carried to FHIR, what is not, and why.\n\n\
         * `vendor.yaml`: who sends, and what the plugin promises\n\
         * `tables.yaml`: codes, both ways; made when the first rule names a table\n\
         * `{message}/source.schema.json`: what a payload may look like; made of samples, so widen it where they say too little\n\
         * `{message}/map.yaml`: the mapping, both ways\n\
         * `{message}/examples/`: payloads (invented people only), with the FHIR they become\n\n\
         `ginnel mapping check .` says what is wrong or still open, `ginnel mapping test .` tries it both ways.\n",
        title(&request.vendor),
        message = request.message,
    )
}
