//! Parts of a text that a path speaks of: what an expression finds in it, and what stands between separators.

use super::{Found, Step};
use crate::scope::Binding;

/// A regular expression that is told by its text.
#[derive(Debug, Clone)]
pub struct Expression(pub regex::Regex);

impl PartialEq for Expression {
    fn eq(&self, other: &Expression) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Expression {}

impl Expression {
    /// What it finds in a text: its first group, or all of it; a part of nothing but spaces is none.
    pub(super) fn of<'t>(&self, text: &'t str) -> Option<&'t str> {
        let found = self.0.captures(text)?;
        let part = found.get(1).or_else(|| found.get(0))?.as_str().trim();
        (!part.is_empty()).then_some(part)
    }
}

impl<'a> Binding<'a> {
    /// The name of the member, or the part; `steps` may find a part of that.
    pub(super) fn named(&self, steps: &[Step]) -> Option<Found<'a>> {
        let name = self.name?;
        let part = match steps.first() {
            None => name,
            Some(Step::Part(expression)) => expression.of(name)?,
            Some(_) => return None,
        };
        match self.values.first() {
            Some(text) if self.is_part => Some(Found::Part(part, text)),
            _ => Some(Found::Name(part)),
        }
    }
}

/// What stands between any of some characters, outside brackets, without the spaces around it.
pub(super) fn between<'t>(text: &'t str, marks: &str) -> Vec<&'t str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    // Brackets that never close protect nothing.
    let balanced = text.matches('(').count() == text.matches(')').count();
    for (at, mark) in text.char_indices() {
        match mark {
            '(' if balanced => depth += 1,
            ')' if balanced => depth = depth.saturating_sub(1),
            _ if depth == 0 && marks.contains(mark) => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + mark.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// `part('expression')` and `split(',;')`.
pub(super) fn of_text(name: &str) -> Option<Result<Step, String>> {
    let inner = |call: &str| name.strip_prefix(call)?.strip_suffix("')");
    if let Some(text) = inner("part('") {
        let found = regex::Regex::new(text).map(|found| Step::Part(Expression(found)));
        return Some(found.map_err(|_| format!("`{text}` is no regular expression that can be read")));
    }
    let marks = inner("split('")?.replace("\\n", "\n");
    Some(if marks.is_empty() {
        Err("`split` wants the characters that part a text: `split(',;')`".into())
    } else {
        Ok(Step::Split(marks))
    })
}

#[cfg(test)]
mod tests {
    use super::super::VendorPath;
    use super::between;
    use crate::scope::{Binding, Frame};
    use serde_json::json;

    #[test]
    fn parts_stand_between_marks_and_brackets_stay_whole() {
        let cases = [
            ("a, b;c", vec!["a", "b", "c"]),
            ("a (b, c), d", vec!["a (b, c)", "d"]),
            ("a (b, c", vec!["a (b", "c"]),
            (" , ;", vec![]),
        ];
        for (text, wanted) in cases {
            assert_eq!(between(text, ",;"), wanted, "{text}");
        }
    }

    #[test]
    fn a_path_finds_parts_of_a_text_and_rows_of_a_group() {
        let tree = json!({"rows": [{"n": "Warfarin 1 mg", "p": "see 3"}, {"n": "Warfarin 3 mg", "p": "Mon 3mg"}]});
        let slot = |name: &str| (name == "row").then_some(0);
        let rows = tree["rows"].as_array().into_iter().flatten();
        let frame = Frame::new(&tree, 1).with(0, Binding::rows(rows));
        for (path, wanted) in [
            ("row.n.part('^[A-Za-z]+')", Some("Warfarin")),
            ("row.n.part('(\\d+) mg')", Some("1")),
            ("row.n.part('x')", None),
            ("row.$rows[1].n", Some("Warfarin 3 mg")),
            ("row.$rows[2].n", None),
            ("row[p~'\\dmg'].n", Some("Warfarin 3 mg")),
            ("rows[p~'^x'].n", None),
        ] {
            assert_eq!(VendorPath::parse(path, &slot).expect(path).text(&frame).as_deref(), wanted, "{path}");
        }
        assert_eq!(VendorPath::parse("row.$rows", &slot).expect("a path").spread(&frame).len(), 2);
        for path in ["part('x')", "row.n.part('(')", "row.n.split('')", "row[p~'('].n"] {
            assert!(VendorPath::parse(path, &slot).is_err(), "{path}");
        }
    }
}
