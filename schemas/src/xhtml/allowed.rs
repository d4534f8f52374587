//! The elements and attributes of XHTML that narratives may have, and what may stand in what.
//!
//! The elements are those of HTML 4.0, chapters 7 to 11 (without 9.4) and 15, `a`, and images, as invariant txt-1 says,
//! in the reading of HL7's validator.

use std::sync::OnceLock;

/// What may stand in an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Anything.
    Any,
    /// Text and marks of text, no blocks.
    Text,
    /// As `Text`, and not itself.
    Mark,
    /// Nothing.
    Nothing,
    /// These elements and no text.
    Only(&'static [&'static str]),
}

/// An element that is allowed.
#[derive(Debug)]
pub(super) struct Kind {
    pub name: &'static str,
    pub content: Content,
    /// What it must stand in; empty for anything.
    pub parents: &'static [&'static str],
    /// Whether it parts text into blocks, so that no element for text may hold it.
    pub is_block: bool,
    at: usize,
}

impl Kind {
    /// Its bit among all.
    pub fn bit(&self) -> u64 {
        1 << self.at
    }
}

/// An element of that name, as XHTML spells it: in lower case.
pub(super) fn kind(name: &str) -> Option<&'static Kind> {
    let kinds = kinds();
    let at = kinds.binary_search_by(|kind| kind.name.cmp(name)).ok()?;
    kinds.get(at)
}

/// The bits of those that hold text only.
pub(super) fn text_kinds() -> u64 {
    static BITS: OnceLock<u64> = OnceLock::new();
    *BITS.get_or_init(|| {
        let holds_text = |kind: &&Kind| matches!(kind.content, Content::Text | Content::Mark);
        kinds().iter().filter(holds_text).fold(0, |bits, kind| bits | kind.bit())
    })
}

/// The bit of `p`.
pub(super) fn paragraph() -> u64 {
    static BIT: OnceLock<u64> = OnceLock::new();
    *BIT.get_or_init(|| kind("p").map_or(0, Kind::bit))
}

/// What may stand in other texts, yet not in a paragraph.
pub(super) fn not_in_paragraph(name: &str) -> bool {
    matches!(name, "blockquote" | "p")
}

/// Whether an element may have an attribute; declarations of namespaces are no matter of this table.
pub(super) fn attribute(element: &str, name: &str) -> bool {
    let on_all = matches!(
        name,
        "title" | "style" | "class" | "id" | "lang" | "xml:lang" | "xml:space" | "dir" | "accesskey" | "tabindex"
    );
    // HL7 allows those of tables anywhere.
    let of_tables = matches!(
        name,
        "span"
            | "width"
            | "align"
            | "valign"
            | "char"
            | "charoff"
            | "abbr"
            | "axis"
            | "headers"
            | "scope"
            | "rowspan"
            | "colspan"
    );
    let own: &[&str] = match element {
        "a" => &["charset", "coords", "href", "hreflang", "name", "rel", "rev", "shape", "type"],
        "area" => &["alt", "coords", "href", "nohref", "shape"],
        "blockquote" | "q" => &["cite"],
        "img" => &["alt", "border", "height", "ismap", "longdesc", "src", "usemap"],
        "map" => &["name"],
        "pre" => &["space"],
        "table" => &["border", "cellpadding", "cellspacing", "frame", "rules", "summary"],
        "td" => &["nowrap"],
        _ => &[],
    };
    on_all || of_tables || own.contains(&name)
}

fn kinds() -> &'static [Kind] {
    static KINDS: OnceLock<Vec<Kind>> = OnceLock::new();
    KINDS.get_or_init(|| {
        let rows = ROWS.iter().enumerate();
        rows.map(|(at, &(name, content, parents))| {
            let is_block = matches!(name, "div" | "pre" | "table" | "ul" | "ol");
            Kind { name, content, parents, is_block, at }
        })
        .collect()
    })
}

const ROWS_OF_TABLE: Content = Content::Only(&["tr"]);
const ITEMS: Content = Content::Only(&["li"]);

/// In the order of their names.
const ROWS: &[(&str, Content, &[&str])] = &[
    ("a", Content::Mark, &[]),
    ("abbr", Content::Mark, &[]),
    ("acronym", Content::Mark, &[]),
    ("address", Content::Text, &[]),
    ("area", Content::Nothing, &[]),
    ("b", Content::Mark, &[]),
    ("bdo", Content::Mark, &[]),
    ("big", Content::Mark, &[]),
    ("blockquote", Content::Any, &[]),
    ("br", Content::Nothing, &[]),
    ("caption", Content::Text, &["table"]),
    ("cite", Content::Mark, &[]),
    ("code", Content::Mark, &[]),
    ("col", Content::Any, &["colgroup", "table"]),
    ("colgroup", Content::Any, &["table"]),
    ("dd", Content::Text, &["dl"]),
    ("dfn", Content::Mark, &[]),
    ("div", Content::Any, &[]),
    ("dl", Content::Only(&["dd", "dt"]), &[]),
    ("dt", Content::Text, &["dl"]),
    ("em", Content::Mark, &[]),
    ("h1", Content::Text, &[]),
    ("h2", Content::Text, &[]),
    ("h3", Content::Text, &[]),
    ("h4", Content::Text, &[]),
    ("h5", Content::Text, &[]),
    ("h6", Content::Text, &[]),
    ("hr", Content::Nothing, &[]),
    ("i", Content::Mark, &[]),
    ("img", Content::Nothing, &[]),
    ("kbd", Content::Mark, &[]),
    ("li", Content::Any, &["ol", "ul"]),
    ("map", Content::Only(&["area"]), &[]),
    ("ol", ITEMS, &[]),
    ("p", Content::Text, &[]),
    ("pre", Content::Text, &[]),
    ("q", Content::Mark, &[]),
    ("samp", Content::Mark, &[]),
    ("small", Content::Mark, &[]),
    ("span", Content::Text, &[]),
    ("strong", Content::Mark, &[]),
    ("sub", Content::Mark, &[]),
    ("sup", Content::Mark, &[]),
    ("table", Content::Only(&["caption", "col", "colgroup", "tbody", "tfoot", "thead", "tr"]), &[]),
    ("tbody", ROWS_OF_TABLE, &["table"]),
    ("td", Content::Any, &["tr"]),
    ("tfoot", ROWS_OF_TABLE, &["table"]),
    ("th", Content::Any, &["tr"]),
    ("thead", ROWS_OF_TABLE, &["table"]),
    ("tr", Content::Only(&["td", "th"]), &["table", "tbody", "tfoot", "thead"]),
    ("tt", Content::Mark, &[]),
    ("ul", ITEMS, &[]),
    ("var", Content::Mark, &[]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_and_has_its_own_bit() {
        let mut bits = 0;
        for (name, ..) in ROWS {
            let kind = kind(name).expect(name);
            assert_eq!((kind.name, bits & kind.bit()), (*name, 0));
            bits |= kind.bit();
        }
        for name in ["script", "DIV", "", "u", "font", "form", "ins"] {
            assert!(kind(name).is_none(), "{name}");
        }
    }
}
