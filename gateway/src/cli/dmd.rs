//! `ginnel dmd`: looks codes and names up in a dm+d release.

use super::{Format, could_not_run};
use clap::Args;
use ginnel_medicines::drug_code::Release;
use ginnel_medicines::drug_code::release::{Found, Product};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `ginnel dmd`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel dmd dmd-week-40\n  ginnel dmd dmd-week-40 --code 42109611000001109\n  \
    ginnel dmd dmd-week-40 --name \"paracetamol 500mg tablets\" --format json\n\n\
    The folder holds the XML files of one week's release as TRUD publishes it, unpacked. Without --code and --name the\n\
    entries are counted.\n\n\
    Exit codes: 0 all found, 1 a code or name that the release does not have, 2 the release could not be read.")]
pub struct Arguments {
    /// Folder of an unpacked dm+d release
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// An id to look up (repeatable)
    #[arg(long = "code", value_name = "ID")]
    codes: Vec<String>,
    /// Words that names must all have (repeatable); at most --limit entries are shown
    #[arg(long = "name", value_name = "TEXT")]
    names: Vec<String>,
    /// The most entries shown for a name
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    limit: usize,
    /// text, or one JSON object an entry and line
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Looks up; 1 when something was not found.
pub fn run(arguments: &Arguments) -> ExitCode {
    let release = match Release::load(&arguments.folder) {
        Ok(release) => release,
        Err(error) => return could_not_run(error),
    };
    match answer(arguments, &release, &mut io::stdout().lock()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => could_not_run(error),
    }
}

fn answer(arguments: &Arguments, release: &Release, out: &mut impl Write) -> io::Result<bool> {
    if arguments.codes.is_empty() && arguments.names.is_empty() {
        counts(release, out, arguments.format)?;
        return Ok(true);
    }
    let mut all_found = true;
    for code in &arguments.codes {
        let found = code.trim().parse().map_or(Found::Unknown, |id: u64| release.find(id));
        match found {
            Found::Current(product) => entry(release, product, None, out, arguments.format)?,
            Found::Replaced(product) => entry(release, product, Some(code), out, arguments.format)?,
            Found::Unknown => {
                all_found = false;
                match arguments.format {
                    Format::Json => writeln!(out, "{}", json!({"code": code, "found": false}))?,
                    Format::Text => writeln!(out, "{code}: the release does not have this id")?,
                }
            }
        }
    }
    for name in &arguments.names {
        let found = release.search(name);
        for product in found.iter().take(arguments.limit) {
            entry(release, product, None, out, arguments.format)?;
        }
        if found.len() > arguments.limit {
            eprintln!(
                "ginnel: {} more entries have the words {name:?}; --limit shows them",
                found.len() - arguments.limit
            );
        }
        if found.is_empty() {
            all_found = false;
            match arguments.format {
                Format::Json => writeln!(out, "{}", json!({"name": name, "found": false}))?,
                Format::Text => writeln!(out, "{name:?}: no name in the release has these words")?,
            }
        }
    }
    Ok(all_found)
}

fn counts(release: &Release, out: &mut impl Write, format: Format) -> io::Result<()> {
    let counts = release.counts();
    match format {
        Format::Json => {
            let counts: serde_json::Map<String, Value> =
                counts.into_iter().map(|(class, count)| (class.key().to_owned(), count.into())).collect();
            writeln!(out, "{}", json!({"counts": counts, "replaced": release.replaced(), "gaps": release.gaps()}))
        }
        Format::Text => {
            for (class, count) in counts {
                writeln!(out, "{count:>8} {}", class.key())?;
            }
            writeln!(out, "{:>8} replaced ids", release.replaced())?;
            release.gaps().iter().try_for_each(|gap| writeln!(out, "{gap}"))
        }
    }
}

fn entry(
    release: &Release,
    product: &Product,
    asked: Option<&str>,
    out: &mut impl Write,
    format: Format,
) -> io::Result<()> {
    let entry = as_json(release, product, asked);
    match format {
        Format::Json => writeln!(out, "{entry}"),
        Format::Text => as_text(&entry, out),
    }
}

fn as_json(release: &Release, product: &Product, asked: Option<&str>) -> Value {
    let named = |id: u64| json!({"id": id.to_string(), "name": release.name(id)});
    let vmp = release.vmp_of(product);
    let detail = vmp.and_then(|vmp| release.detail(vmp.id));
    let all = |ids: Option<&Vec<u64>>| -> Vec<Value> { ids.into_iter().flatten().map(|id| named(*id)).collect() };
    let ingredients: Vec<Value> = detail
        .into_iter()
        .flat_map(|detail| &detail.ingredients)
        .map(|ingredient| {
            let amount = |amount: Option<(_, u64)>| {
                amount.map(|(value, unit)| format!("{value} {}", release.name(unit).unwrap_or("(unit unknown)")))
            };
            json!({"substance": named(ingredient.substance), "basis": ingredient.basis.map(named),
                "amount": amount(ingredient.numerator), "per": amount(ingredient.denominator)})
        })
        .collect();
    let previous: Vec<String> = release.previous(product.id).iter().map(ToString::to_string).collect();
    json!({
        "id": product.id.to_string(), "class": product.class.key(), "name": product.name,
        "description": product.description, "previousName": product.previous_name, "invalid": product.is_invalid,
        "askedAs": asked, "previousIds": previous,
        "vtm": release.vtm_of(product).map(named),
        "vmp": vmp.filter(|vmp| vmp.id != product.id).map(|vmp| named(vmp.id)),
        "amp": (product.class.key() == "AMPP").then_some(product.parent).flatten().map(named),
        "vmpp": product.pack_of.map(named), "supplier": product.supplier.map(named),
        "forms": all(detail.map(|detail| &detail.forms)), "routes": all(detail.map(|detail| &detail.routes)),
        "ingredients": ingredients, "unitDose": detail.and_then(|detail| detail.unit_dose).map(named),
        "contents": release.contents(product.id).iter().map(|id| named(*id)).collect::<Vec<_>>()
    })
}

fn as_text(entry: &Value, out: &mut impl Write) -> io::Result<()> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let invalid = if entry["invalid"] == true { " (no longer valid)" } else { "" };
    writeln!(out, "{} {} {}{invalid}", text(&entry["class"]), text(&entry["id"]), text(&entry["name"]))?;
    if let Some(asked) = entry["askedAs"].as_str() {
        writeln!(out, "  {asked} was replaced by it")?;
    }
    for (member, words) in [("description", "described as"), ("previousName", "named before")] {
        if let Some(said) = entry[member].as_str() {
            writeln!(out, "  {words}: {said}")?;
        }
    }
    let named = |value: &Value| format!("{} {}", text(&value["id"]), value["name"].as_str().unwrap_or("(not named)"));
    for member in ["vtm", "vmp", "amp", "vmpp", "supplier", "unitDose"] {
        if entry[member].is_object() {
            writeln!(out, "  {member}: {}", named(&entry[member]))?;
        }
    }
    for (member, word) in [("forms", "form"), ("routes", "route"), ("contents", "holds")] {
        for one in entry[member].as_array().into_iter().flatten() {
            writeln!(out, "  {word}: {}", named(one))?;
        }
    }
    for one in entry["ingredients"].as_array().into_iter().flatten() {
        let per = one["per"].as_str().map(|per| format!(" in {per}")).unwrap_or_default();
        writeln!(out, "  ingredient: {} {}{per}", named(&one["substance"]), text(&one["amount"]))?;
    }
    for one in entry["previousIds"].as_array().into_iter().flatten() {
        writeln!(out, "  replaced id: {}", text(one))?;
    }
    Ok(())
}
