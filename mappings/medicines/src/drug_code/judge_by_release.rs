//! Remarks that a dm+d release allows: replaced and unknown ids, packs, and names that are not their code's.

use super::Drug;
use super::coding::{DrugCoding, NameSource, Role};
use super::name::DrugName;
use super::release::{Class, Found, Product, Release};
use super::remark::{Remark, RemarkKey as Key};
use super::system::System;
use serde_json::{Value, json};

/// Each sound code of dm+d, and of SNOMED CT where the release has it.
pub fn judge(drug: &mut Drug, release: &Release) {
    let mut remarks = Vec::new();
    for coding in drug.codings.iter().filter(|coding| coding.role == Role::Medicine) {
        let Some(id) = coding.id else { continue };
        match release.find(id) {
            Found::Current(product) => {
                class(coding, product, &mut remarks);
                names(drug, coding, product, release, &mut remarks);
            }
            Found::Replaced(product) => {
                let text = format!(
                    "The dm+d release has replaced {id} by {} ({}); the original stays beside it.",
                    product.id, product.name
                );
                remarks.push(Remark::warning(Key::Superseded, coding.path("code"), text));
                class(coding, product, &mut remarks);
                names(drug, coding, product, release, &mut remarks);
            }
            // A SNOMED CT code that dm+d does not have is SNOMED CT's own.
            Found::Unknown if coding.system == System::Dmd => {
                let text = format!("The dm+d release does not have the id {id}; it may be newer or withdrawn.");
                remarks.push(Remark::warning(Key::UnknownInRelease, coding.path("code"), text));
            }
            Found::Unknown => {}
        }
    }
    drug.remarks.extend(remarks);
}

fn class(coding: &DrugCoding, product: &Product, remarks: &mut Vec<Remark>) {
    let path = coding.path("code");
    let (id, name) = (product.id, &product.name);
    match product.class {
        class if class.is_pack() => remarks.push(Remark::warning(
            Key::PackCode,
            path.clone(),
            format!("{id} is a pack ({name}), not the medicine in it."),
        )),
        Class::Vtm => remarks.push(Remark::information(
            Key::SubstanceOnly,
            path.clone(),
            format!("{id} is the substance {name}: it says neither strength nor form."),
        )),
        Class::Vmp | Class::Amp => {}
        class => remarks.push(Remark::error(
            Key::NotAProduct,
            path.clone(),
            format!("{id} is the {} {name}, and no medicine.", class.key()),
        )),
    }
    if product.is_invalid {
        let text = format!("The dm+d release marks {id} ({name}) as no longer valid.");
        remarks.push(Remark::warning(Key::Invalid, path, text));
    }
}

/// Whether the words of the source are words of the code: the name, and the coding's own display.
fn names(drug: &Drug, coding: &DrugCoding, product: &Product, release: &Release, remarks: &mut Vec<Remark>) {
    let own_display = coding.display.as_deref().map(|display| (display, coding.path("display")));
    let is_text = drug.name_source == Some(NameSource::Text);
    let name = drug.name.as_deref().map(|name| (name, if is_text { "text".to_owned() } else { String::new() }));
    let mut judged: Vec<&str> = Vec::new();
    for (said, path) in name.into_iter().chain(own_display) {
        if judged.contains(&said) {
            continue;
        }
        judged.push(said);
        match agreement(said, product, release) {
            Agreement::Agrees => {}
            Agreement::Unproven => remarks.push(Remark::information(
                Key::NameNotConfirmed,
                path,
                format!(
                    "{said:?} is not a name of {} in the dm+d release, which calls it {:?}.",
                    product.id, product.name
                ),
            )),
            Agreement::Contradicts(why) => remarks.push(Remark::error(
                Key::NameAndCodeDisagree,
                path,
                format!(
                    "The words say {said:?} and the code {} says {:?}: {why}. Ask the source which is meant.",
                    product.id, product.name
                ),
            )),
        }
    }
}

enum Agreement {
    Agrees,
    Unproven,
    Contradicts(&'static str),
}

fn agreement(said: &str, product: &Product, release: &Release) -> Agreement {
    let words = DrugName::read(said);
    let mut family = vec![product];
    family.extend(release.vmp_of(product));
    family.extend(release.vtm_of(product).and_then(|vtm| release.product(vtm)));
    family.extend(product.parent.and_then(|parent| release.product(parent)));
    let names = || family.iter().flat_map(|entry| release.names_of(entry));
    if names().any(|name| DrugName::read(name).plain == words.plain) {
        return Agreement::Agrees;
    }
    let exactly = release.named(said);
    if !exactly.is_empty() && !exactly.iter().any(|entry| release.agree(entry.id, product.id) == Some(true)) {
        return Agreement::Contradicts("these words are another medicine's name");
    }
    let own = DrugName::read(&release.vmp_of(product).unwrap_or(product).name);
    let other_strength = words.same_strength(&own) == Some(false)
        && names().all(|name| words.same_strength(&DrugName::read(name)) != Some(true));
    if other_strength {
        return Agreement::Contradicts("the strengths differ");
    }
    if words.form_contradicts(&own) {
        return Agreement::Contradicts("the forms differ");
    }
    let same_vtm = |entry: &&Product| {
        let (vtm, own) = (release.vtm_of(entry), release.vtm_of(product));
        let substances = release.substances(product);
        (vtm.is_some() && vtm == own) || (!substances.is_empty() && release.substances(entry) == substances)
    };
    let by_words = release.named(&words.substance.join(" "));
    if !by_words.is_empty() && !by_words.iter().any(same_vtm) {
        return Agreement::Contradicts("these words are another medicine's name");
    }
    let same_words = names().any(|name| DrugName::read(name).same_substance_words(&words));
    let form_fits = words.form.is_empty() || (words.release == own.release && words.form == own.form);
    let is_known = same_words || !exactly.is_empty() || !by_words.is_empty();
    if is_known && form_fits { Agreement::Agrees } else { Agreement::Unproven }
}

/// See [`Drug::codings_to_send`].
pub fn codings_to_send(drug: &Drug, release: Option<&Release>) -> Vec<Value> {
    let mut sent = Vec::new();
    for coding in drug.codings.iter().filter(|coding| coding.role != Role::Damaged) {
        let replaced = match (coding.id, release) {
            (Some(id), Some(release)) if coding.role == Role::Medicine => match release.find(id) {
                Found::Replaced(product) => Some(product),
                _ => None,
            },
            _ => None,
        };
        if let Some(product) = replaced {
            sent.push(json!({
                "system": System::Dmd.canonical(), "code": product.id.to_string(), "display": product.name
            }));
        }
        let mut one = serde_json::Map::new();
        let system = coding.system.canonical().map(str::to_owned).or_else(|| coding.system_as_sent.clone());
        for (member, value) in [("system", system), ("code", coding.code.clone()), ("display", coding.display.clone())]
        {
            one.extend(value.map(|value| (member.to_owned(), Value::String(value))));
        }
        if coding.is_selected || replaced.is_some() {
            one.insert("userSelected".into(), Value::Bool(true));
        }
        sent.push(Value::Object(one));
    }
    sent
}
