//! JSON Pointer (RFC 6901): the sender's own places.

use serde_json::Value;

/// Appends one reference token, with `~` and `/` escaped.
pub fn push_token(pointer: &mut String, token: &str) {
    pointer.push('/');
    if !token.contains(['~', '/']) {
        return pointer.push_str(token);
    }
    for character in token.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// Appends the index of an array's item.
pub fn push_index(pointer: &mut String, index: usize) {
    use std::fmt::Write;
    // Writing to a String cannot fail.
    let _ = write!(pointer, "/{index}");
}

/// The pointer with one more token.
pub fn child(pointer: &str, token: &str) -> String {
    let mut out = pointer.to_owned();
    push_token(&mut out, token);
    out
}

/// The pointer of the array or object around; nothing for the whole document.
pub fn parent(pointer: &str) -> Option<&str> {
    pointer.rsplit_once('/').map(|(around, _)| around)
}

/// The reference tokens from the outermost in, unescaped; nothing when the text is no JSON Pointer.
pub fn tokens(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    pointer.strip_prefix('/')?.split('/').map(unescape).collect()
}

fn unescape(token: &str) -> Option<String> {
    if !token.contains('~') {
        return Some(token.to_owned());
    }
    let mut out = String::with_capacity(token.len());
    let mut characters = token.chars();
    while let Some(character) = characters.next() {
        out.push(match character {
            '~' => match characters.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            other => other,
        });
    }
    Some(out)
}

/// The value a pointer names.
///
/// Indexes are written as RFC 6901 demands: `0` or digits without a leading 0; `-` names nothing that is there.
pub fn resolve<'a>(root: &'a Value, pointer: &str) -> Option<&'a Value> {
    tokens(pointer)?.iter().try_fold(root, |value, token| match value {
        Value::Object(members) => members.get(token),
        Value::Array(items) => items.get(index(token)?),
        _ => None,
    })
}

fn index(token: &str) -> Option<usize> {
    let canonical = token == "0" || (!token.starts_with('0') && token.bytes().all(|byte| byte.is_ascii_digit()));
    if canonical { token.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tokens_are_escaped_and_read_back() {
        for names in [&["a/b", "m~n", "~1", ""][..], &["", ""], &[], &["é", " ", "0"]] {
            let mut pointer = String::new();
            for name in names {
                push_token(&mut pointer, name);
            }
            assert_eq!(tokens(&pointer).as_deref(), Some(&names.iter().map(|n| n.to_string()).collect::<Vec<_>>()[..]));
        }
    }

    #[test]
    fn a_pointer_resolves_as_rfc_6901_shows() {
        let document = json!({"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, "01": 9});
        for (pointer, expected) in [
            ("", Some(document.clone())),
            ("/foo", Some(json!(["bar", "baz"]))),
            ("/foo/0", Some(json!("bar"))),
            ("/foo/1", Some(json!("baz"))),
            ("/foo/2", None),
            ("/foo/01", None),
            ("/foo/+1", None),
            ("/foo/-", None),
            ("/foo/", None),
            ("/", Some(json!(0))),
            ("/a~1b", Some(json!(1))),
            ("/m~0n", Some(json!(8))),
            ("/m~2n", None),
            ("/m~", None),
            ("/01", Some(json!(9))),
            ("foo", None),
        ] {
            assert_eq!(resolve(&document, pointer), expected.as_ref(), "{pointer}");
        }
    }

    #[test]
    fn the_parent_is_one_level_out() {
        assert_eq!(parent("/a/b~1c"), Some("/a"));
        assert_eq!(parent("/a"), Some(""));
        assert_eq!(parent(""), None);
        assert_eq!(child("/a", "b/c"), "/a/b~1c");
    }
}
