//! Where links, images and styles of a narrative may lead.

use super::Weight;

/// Schemes that a person may be led to.
const SCHEMES: &[&str] = &["http", "https", "ftp", "mailto", "tel", "sms", "cid"];

/// What is wrong with the target of a link.
pub(super) fn href(url: &str) -> Option<(Weight, String)> {
    if url.is_empty() {
        return Some((Weight::Error, "A link of the narrative has an empty target.".to_owned()));
    }
    let scheme = scheme(url);
    if let Some(scheme) = &scheme
        && !SCHEMES.contains(&scheme.as_str())
    {
        let shown = crate::xml::tokens::shown(scheme);
        return Some((
            Weight::Error,
            format!("A link of the narrative has the scheme `{shown}:`, which leads nowhere."),
        ));
    }
    characters(url)
}

/// What is wrong with the source of an image.
pub(super) fn image(url: &str) -> Option<(Weight, String)> {
    if url.is_empty() {
        return Some((Weight::Error, "An image of the narrative has an empty source.".to_owned()));
    }
    match scheme(url).as_deref() {
        Some("data") => data(url),
        Some("http" | "https" | "cid" | "ftp") | None => characters(url),
        Some(other) => {
            let shown = crate::xml::tokens::shown(other);
            Some((Weight::Error, format!("An image of the narrative has the scheme `{shown}:`, which shows nothing.")))
        }
    }
}

/// What is wrong with a style: it may format, and do nothing else.
pub(super) fn style(style: &str) -> Option<(Weight, String)> {
    let flat: String = style.chars().filter(|character| !character.is_whitespace()).collect();
    let flat = flat.to_ascii_lowercase();
    if ["javascript:", "vbscript:", "expression("].iter().any(|word| flat.contains(word)) {
        return Some((Weight::Error, "A style of the narrative holds a script.".to_owned()));
    }
    let leads_out = ["url(", "@import"].iter().any(|word| flat.contains(word));
    leads_out.then(|| (Weight::Warning, "A style of the narrative loads something from elsewhere.".to_owned()))
}

/// The scheme in lower case, as a browser would find it: white space and control characters do not hide it.
fn scheme(url: &str) -> Option<String> {
    let ignored = |character: &char| !character.is_whitespace() && !character.is_control();
    let mut scheme = String::new();
    for character in url.chars().filter(ignored) {
        match character {
            ':' if !scheme.is_empty() => return Some(scheme),
            '+' | '-' | '.' | '0'..='9' if !scheme.is_empty() => scheme.push(character),
            letter if letter.is_ascii_alphabetic() => scheme.push(letter.to_ascii_lowercase()),
            _ => return None,
        }
    }
    None
}

fn data(url: &str) -> Option<(Weight, String)> {
    let wrong = |words: &str| Some((Weight::Error, format!("An image of the narrative {words}.")));
    let Some((head, content)) = url.split_once(',') else {
        return wrong("has no data in its `data:` source");
    };
    let head = head.to_ascii_lowercase();
    let media = head.trim_start().strip_prefix("data:").unwrap_or_default().trim_start();
    if !media.is_empty() && !media.starts_with(';') && !media.starts_with("image/") {
        return wrong("has a `data:` source that is no image");
    }
    let is_base64 = media.ends_with(";base64");
    if is_base64 && !crate::primitive::Primitive::Base64Binary.accepts(content) {
        return wrong("has a `data:` source that is no base64 text");
    }
    None
}

fn characters(url: &str) -> Option<(Weight, String)> {
    let fits = |character: char| character.is_alphanumeric() || ";?:@&=+$.,/%-_~#[]!'()*|".contains(character);
    let fault = || (Weight::Error, "A URL of the narrative holds a character that URLs do not have.".to_owned());
    (!url.chars().all(fits)).then(fault)
}
