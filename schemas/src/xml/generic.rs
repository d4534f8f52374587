//! Elements that no definition knows: attributes and children become members, a repeated child a list.

use super::namespaces::declares;
use super::places::PlaceId;
use super::reader::{Read, Reader, append};
use super::tokens::Tag;
use super::xhtml;
use serde_json::{Map, Value};

/// The content of an unknown element: its `value` alone as a string, otherwise an object.
pub(super) fn value<'t>(reader: &mut Reader<'t>, tag: &Tag<'t>, place: PlaceId) -> Read<Value> {
    if reader.is_xhtml(tag) {
        return Ok(Value::String(xhtml::div(reader, tag)?));
    }
    let mut content = Map::new();
    members(reader, tag, place, &mut content)?;
    let alone = if content.len() == 1 { content.remove("value").filter(Value::is_string) } else { None };
    Ok(alone.unwrap_or(Value::Object(content)))
}

/// Adds the attributes and children of an unknown element.
pub(super) fn members<'t>(
    reader: &mut Reader<'t>,
    tag: &Tag<'t>,
    place: PlaceId,
    out: &mut Map<String, Value>,
) -> Read<()> {
    for attribute in &tag.attributes {
        if declares(attribute.name).is_none() {
            out.entry(attribute.name).or_insert_with(|| Value::String(attribute.value.to_string()));
        }
    }
    while let Some(child) = reader.next_child()? {
        let name = child.local();
        let index = match out.get(name) {
            Some(Value::Array(items)) => items.len(),
            Some(_) => 1,
            None => 0,
        };
        let inner = reader.place(place, name, index, child.at);
        let content = value(reader, &child, inner)?;
        if name != "resourceType" {
            append(out, name, content);
        }
    }
    Ok(())
}
