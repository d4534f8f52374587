//! The `div` of a narrative as the text that FHIR's JSON form holds (<https://hl7.org/fhir/R4/json.html#xhtml>).

use super::namespaces::{XHTML, declares};
use super::reader::{Read, Reader};
use super::tokens::{Tag, Token};

/// The element whose start tag was read, as it stands; written anew only where it leans on declarations around it.
pub(super) fn div<'t>(reader: &mut Reader<'t>, tag: &Tag<'t>) -> Read<String> {
    let stands_alone = tag.prefix().is_empty() && tag.attribute("xmlns").is_some();
    if reader.is_xhtml(tag) && !stands_alone {
        return anew(reader, tag);
    }
    let depth = reader.depth();
    loop {
        match reader.next_token()? {
            Token::Close(end) if reader.depth() < depth => {
                let source = reader.source(tag.at, end);
                return Ok(if source.contains('\r') { source.replace("\r\n", "\n") } else { source.to_owned() });
            }
            Token::End => return Ok(String::new()),
            _ => {}
        }
    }
}

/// The element without prefixes, with XHTML's namespace declared once.
fn anew<'t>(reader: &mut Reader<'t>, tag: &Tag<'t>) -> Read<String> {
    let mut out = String::new();
    let mut names = vec![start(reader, tag, &mut out)];
    // Behind the first name.
    out.insert_str(1 + tag.local().len(), &format!(" xmlns=\"{XHTML}\""));
    while !names.is_empty() {
        match reader.next_token()? {
            Token::Open(inner) => names.push(start(reader, &inner, &mut out)),
            Token::Close(_) => {
                if let Some(name) = names.pop() {
                    out.push_str("</");
                    out.push_str(name);
                    out.push('>');
                }
            }
            Token::Text(text, _) => escape(&text, &mut out),
            Token::CData(text, _) => escape(text, &mut out),
            Token::Comment | Token::Instruction(_) => {}
            Token::End => break,
        }
    }
    Ok(out)
}

/// Writes a start tag; gives the name it was written with.
fn start<'t>(reader: &Reader<'t>, tag: &Tag<'t>, out: &mut String) -> &'t str {
    let name = if reader.is_xhtml(tag) { tag.local() } else { tag.name };
    out.push('<');
    out.push_str(name);
    for attribute in tag.attributes.iter().filter(|attribute| declares(attribute.name).is_none()) {
        out.push(' ');
        out.push_str(attribute.name);
        out.push_str("=\"");
        escape(&attribute.value, out);
        out.push('"');
    }
    out.push('>');
    name
}

fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
}
