//! Reads members of JSON objects that the walk judges elsewhere: what has the wrong type is as good as absent here.

use serde_json::{Map, Value};

/// A JSON object.
pub type Object = Map<String, Value>;

/// A member that is a string.
pub fn text<'v>(of: &'v Object, name: &str) -> Option<&'v str> {
    of.get(name)?.as_str()
}

/// A member that is an object.
pub fn object<'v>(of: &'v Object, name: &str) -> Option<&'v Object> {
    of.get(name)?.as_object()
}

/// Whether a member is `true`.
pub fn is_true(of: &Object, name: &str) -> bool {
    of.get(name).and_then(Value::as_bool) == Some(true)
}

/// The values of a repeating member.
pub fn list<'v>(of: &'v Object, name: &str) -> &'v [Value] {
    of.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The objects of a repeating member, each with its index.
pub fn objects<'v>(of: &'v Object, name: &str) -> impl Iterator<Item = (usize, &'v Object)> {
    list(of, name).iter().enumerate().filter_map(|(at, item)| Some((at, item.as_object()?)))
}

/// The strings of a repeating member, each with its index.
pub fn texts<'v>(of: &'v Object, name: &str) -> impl Iterator<Item = (usize, &'v str)> {
    list(of, name).iter().enumerate().filter_map(|(at, item)| Some((at, item.as_str()?)))
}

/// The alternative of a choice that is there: its member (`valueCoding`), the type in it (`Coding`) and its value.
pub fn choice<'v>(of: &'v Object, name: &str) -> Option<(&'v str, &'v str, &'v Value)> {
    of.iter().find_map(|(member, value)| {
        let type_name = member.strip_prefix(name)?;
        type_name.starts_with(|first: char| first.is_ascii_uppercase()).then_some((member.as_str(), type_name, value))
    })
}

/// The extensions with that URL.
pub fn extensions<'v>(of: &'v Object, url: &str) -> impl Iterator<Item = &'v Object> {
    list(of, "extension").iter().filter_map(Value::as_object).filter(move |one| text(one, "url") == Some(url))
}

/// The value of the first extension with that URL, with the type in its name (`Integer`).
pub fn extension_value<'v>(of: &'v Object, url: &str) -> Option<(&'v str, &'v Value)> {
    extensions(of, url).find_map(|one| choice(one, "value")).map(|(_, type_name, value)| (type_name, value))
}

/// A contained resource by its id, without `#`.
pub fn contained<'v>(of: &'v Object, id: &str) -> Option<&'v Object> {
    list(of, "contained").iter().filter_map(Value::as_object).find(|one| text(one, "id") == Some(id))
}

/// A canonical URL without `|version`.
pub fn without_version(canonical: &str) -> &str {
    canonical.split_once('|').map_or(canonical, |(url, _)| url)
}
