//! Judges the XHTML of a narrative (<https://hl7.org/fhir/R4/narrative.html#xhtml>) and gives what others ask of it.

mod allowed;
mod links;

use crate::xml::characters::is_blank;
use crate::xml::namespaces::{Namespaces, XHTML, declares};
use crate::xml::tokens::{Attribute, FaultKind, Tag, Token, Tokens, parted, shown};
use allowed::{Content, Kind};
use std::collections::HashSet;

/// Deepest nesting of elements that is read; a narrative that lies deeper is refused.
pub const DEEPEST: usize = 256;

/// Most faults of one narrative that are told apart.
const MOST_FAULTS: usize = 100;

/// What was found in the XHTML of a narrative.
#[derive(Debug, Default)]
pub struct Xhtml {
    /// Where it departs from the rules, each kind once.
    pub faults: Vec<Fault>,
    /// Whether it shows anything: a text that is not blank, or an image.
    pub has_content: bool,
    /// What links can lead to: each `id`, and each `name` of an `a` or `map`.
    pub anchors: HashSet<String>,
    /// What links within the narrative lead to, without `#`.
    pub fragments: Vec<String>,
    /// The languages of its sections: of each `div` right below the root that has `xml:lang` or `lang`.
    pub languages: Vec<String>,
    /// The language of the root, or else of its first section.
    pub language: Option<String>,
}

/// A departure from the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// One sentence without a person's data.
    pub text: String,
    /// How much it matters.
    pub weight: Weight,
}

/// How much a departure matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// It breaks invariant txt-1: another element or attribute than those allowed, or no XHTML at all.
    Forbidden,
    /// Another error.
    Error,
    /// Somebody should look.
    Warning,
}

/// Whether it has only the elements and attributes that FHIR allows (FHIRPath's `htmlChecks()`, invariant txt-1).
pub fn html_checks(text: &str) -> bool {
    read(text).faults.iter().all(|fault| fault.weight != Weight::Forbidden)
}

/// Reads the XHTML of a narrative; a fault never stops the others from being found, except where it is no XML.
pub fn read(text: &str) -> Xhtml {
    let mut judge =
        Judge { out: Xhtml::default(), told: HashSet::new(), open: Vec::new(), namespaces: Namespaces::default() };
    let mut tokens = Tokens::new(text, DEEPEST).passing_entities();
    if tokens.check_characters().is_err() {
        judge.tell(Weight::Forbidden, "The narrative holds a control character that XML does not allow.");
    }
    loop {
        match tokens.next() {
            Ok(Token::Open(tag)) => judge.open(&tag),
            Ok(Token::Close(_)) => {
                judge.open.pop();
            }
            Ok(Token::Text(text, _)) => judge.text(&text),
            Ok(Token::CData(text, _)) => judge.text(text),
            Ok(Token::Instruction(_)) => judge.tell(Weight::Error, "The narrative has a processing instruction."),
            Ok(Token::Comment) => {}
            Ok(Token::End) => break,
            Err(fault) => {
                judge.tell(Weight::Forbidden, unreadable(&fault.kind));
                // What was not read might show something.
                judge.out.has_content = true;
                break;
            }
        }
    }
    for entity in tokens.passed_entities() {
        let words = format!("The narrative has the entity `&{};`, which XML does not know.", shown(entity));
        judge.tell(Weight::Error, words);
    }
    judge.out
}

fn unreadable(kind: &FaultKind) -> String {
    match kind {
        FaultKind::Syntax(what) => format!("The narrative is not well-formed XHTML: {what}."),
        FaultKind::Entity(name) => {
            format!("The narrative has the entity `&{};`, which XML does not know.", shown(name))
        }
        FaultKind::DocumentType => "The narrative has a document type declaration.".to_owned(),
        FaultKind::Attributes => "An element of the narrative has more attributes than are read.".to_owned(),
        FaultKind::Depth => format!("The elements of the narrative are nested deeper than {DEEPEST}."),
    }
}

/// An open element.
#[derive(Debug, Clone, Copy)]
struct Open {
    kind: Option<&'static Kind>,
    /// A bit for each kind of element around it, itself too.
    around: u64,
}

struct Judge<'t> {
    out: Xhtml,
    told: HashSet<String>,
    open: Vec<Open>,
    namespaces: Namespaces<'t>,
}

impl<'t> Judge<'t> {
    fn open(&mut self, tag: &Tag<'t>) {
        let depth = self.open.len() + 1;
        if self.namespaces.enter(tag, depth).is_err() {
            self.tell(Weight::Error, "The narrative declares more namespaces than are read.");
        }
        let kind = allowed::kind(tag.name);
        let holder = self.open.last().copied();
        self.namespace(tag, holder.is_none());
        match (kind, holder) {
            (None, _) => {
                let text = format!("The narrative has the element `{}`, which FHIR does not allow.", shown(tag.name));
                self.tell(Weight::Forbidden, text);
            }
            (Some(kind), Some(holder)) => self.place(kind, holder),
            (Some(kind), None) if kind.name != "div" => {
                self.tell(Weight::Error, "The root element of a narrative must be `div`.");
            }
            _ => {}
        }
        for attribute in &tag.attributes {
            self.attribute(tag.name, attribute);
        }
        self.anchors(tag);
        self.language(tag);
        if tag.name == "img" {
            self.out.has_content = true;
        }
        let around = holder.map_or(0, |holder| holder.around) | kind.map_or(0, |kind| kind.bit());
        self.open.push(Open { kind, around });
    }

    fn namespace(&mut self, tag: &Tag<'t>, is_root: bool) {
        let found = self.namespaces.of(tag.prefix());
        if found == Some(XHTML) {
            return;
        }
        // Below a root without namespace the others need not be told.
        if is_root || declares_any(tag) {
            let text = format!("`{}` must be in the namespace `{XHTML}`.", shown(tag.name));
            self.tell(Weight::Error, text);
        }
    }

    /// Whether an element may stand where it stands.
    fn place(&mut self, kind: &'static Kind, holder: Open) {
        let Some(inside) = holder.kind else { return };
        let name = kind.name;
        let may_hold = match inside.content {
            Content::Nothing => false,
            Content::Only(names) => names.contains(&name),
            Content::Text | Content::Mark | Content::Any => true,
        };
        let belongs = kind.parents.is_empty() || kind.parents.contains(&inside.name);
        if !may_hold || !belongs {
            self.tell(Weight::Error, format!("`{name}` must not stand in `{}`.", inside.name));
            return;
        }
        if kind.is_block && holder.around & allowed::text_kinds() != 0 {
            self.tell(Weight::Error, format!("`{name}` stands inside an element that holds text only, such as `p`."));
        }
        if kind.content == Content::Mark && holder.around & kind.bit() != 0 {
            self.tell(Weight::Error, format!("`{name}` stands inside another `{name}`."));
        }
        if allowed::not_in_paragraph(name) && holder.around & allowed::paragraph() != 0 && !kind.is_block {
            self.tell(Weight::Error, format!("`{name}` must not stand in `p`."));
        }
    }

    fn attribute(&mut self, element: &str, attribute: &Attribute<'t>) {
        if declares(attribute.name).is_some() {
            return;
        }
        if !allowed::attribute(element, attribute.name) {
            let text = format!(
                "The narrative has the attribute `{}` on `{}`, which FHIR does not allow.",
                shown(attribute.name),
                shown(element)
            );
            return self.tell(Weight::Forbidden, text);
        }
        let fault = match (element, attribute.name) {
            ("a" | "area", "href") => links::href(&attribute.value),
            ("img", "src") => links::image(&attribute.value),
            (_, "cite" | "longdesc") => links::href(&attribute.value),
            (_, "style") => links::style(&attribute.value),
            _ => None,
        };
        if let Some((weight, text)) = fault {
            self.tell(weight, text);
        }
        if let ("a" | "area", "href", Some(fragment)) = (element, attribute.name, attribute.value.strip_prefix('#'))
            && !fragment.is_empty()
        {
            self.out.fragments.push(fragment.to_owned());
        }
    }

    fn anchors(&mut self, tag: &Tag<'t>) {
        let id = tag.attribute("id");
        let name = tag.attribute("name").filter(|name| matches!(tag.name, "a" | "map") && Some(*name) != id);
        for anchor in id.into_iter().chain(name) {
            if !self.out.anchors.insert(anchor.to_owned()) {
                self.tell(Weight::Warning, "The narrative has one `id` or anchor name twice.");
            }
        }
    }

    fn language(&mut self, tag: &Tag<'t>) {
        let level = self.open.len();
        let (xml, html) = (tag.attribute("xml:lang"), tag.attribute("lang"));
        if let (Some(xml), Some(html)) = (xml, html)
            && !xml.eq_ignore_ascii_case(html)
        {
            self.tell(Weight::Warning, "The narrative says two languages of one element, in `lang` and `xml:lang`.");
        }
        if let Some(language) = xml.or(html)
            && level <= 1
        {
            if level == 1 && tag.name == "div" && !self.out.languages.iter().any(|other| other == language) {
                self.out.languages.push(language.to_owned());
            }
            self.out.language.get_or_insert_with(|| language.to_owned());
        }
    }

    fn text(&mut self, text: &str) {
        if text.chars().all(char::is_whitespace) {
            return;
        }
        self.out.has_content = true;
        if is_blank(text) {
            return;
        }
        let Some(inside) = self.open.last().and_then(|open| open.kind) else { return };
        if matches!(inside.content, Content::Nothing | Content::Only(_)) {
            self.tell(Weight::Error, format!("Text must not stand in `{}`.", inside.name));
        }
    }

    fn tell(&mut self, weight: Weight, text: impl Into<String>) {
        let text = text.into();
        if self.out.faults.len() < MOST_FAULTS && self.told.insert(text.clone()) {
            self.out.faults.push(Fault { text, weight });
        }
    }
}

/// Whether a start tag declares a namespace or has a prefix.
fn declares_any(tag: &Tag<'_>) -> bool {
    !parted(tag.name).0.is_empty() || tag.attributes.iter().any(|attribute| declares(attribute.name) == Some(""))
}

#[cfg(test)]
mod tests;
