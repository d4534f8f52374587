//! An element while a profile is put together: its constraints, and how to step from it into what lies inside.

use super::discriminator::Discriminator;
use crate::definition::profile::{Node, SlicingRules, TypeRule};
use crate::definition::{Definition, DefinitionId, Definitions, Element, ElementType, Kind};
use std::rc::Rc;

/// Most slices of one element; they are told apart by going through them.
pub(super) const MOST_SLICES: usize = 1_000;

/// An element with its constraints. Cloning is cheap: what lies inside is shared until it is changed.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// The constraints, without what lies inside.
    pub own: Node,
    /// Where it stands in its base type.
    pub place: Place,
    /// Whether it is a slice, which need not occur because its element must.
    pub is_slice: bool,
    /// How its values are told apart, where a profile says so.
    pub division: Option<Division>,
    /// Its slices, by name, in the order of the profile.
    pub slices: Vec<(Box<str>, Rc<Draft>)>,
    /// The elements inside it.
    pub children: Vec<Rc<Draft>>,
}

/// Where an element stands in the base type.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// The resource or value as a whole.
    Root(DefinitionId),
    /// An element of a type.
    Element(&'static Element),
}

/// The `slicing` of an element.
#[derive(Debug, Clone)]
pub(super) struct Division {
    pub rules: SlicingRules,
    pub ordered: bool,
    pub discriminators: Vec<Discriminator>,
}

impl Draft {
    /// A type as a whole, without constraints.
    pub fn root(of: DefinitionId) -> Draft {
        let name = Definitions::r4().get(of).name;
        let own = Node { name: name.into(), id: name.into(), ..Node::default() };
        Draft { own, place: Place::Root(of), is_slice: false, division: None, slices: Vec::new(), children: Vec::new() }
    }

    fn element(element: &'static Element, id: String) -> Draft {
        let own = Node { name: element.name.into(), id: id.into(), ..Node::default() };
        Draft {
            own,
            place: Place::Element(element),
            is_slice: false,
            division: None,
            slices: Vec::new(),
            children: Vec::new(),
        }
    }

    /// Its element in the base type; the root has none.
    pub fn base(&self) -> Option<&'static Element> {
        match self.place {
            Place::Root(_) => None,
            Place::Element(element) => Some(element),
        }
    }

    /// Whether it holds extensions, which are told apart by their URL.
    pub fn holds_extensions(&self) -> bool {
        self.base().is_some_and(|element| matches!(element.name, "extension" | "modifierExtension"))
    }

    /// An element inside that has constraints.
    pub fn child(&self, name: &str) -> Option<&Rc<Draft>> {
        self.children.iter().find(|child| *child.own.name == *name)
    }

    /// A slice by name.
    pub fn slice(&self, name: &str) -> Option<&Rc<Draft>> {
        self.slices.iter().find(|(own, _)| **own == *name).map(|(_, slice)| slice)
    }

    /// The element with an id.
    pub fn at(root: &Rc<Draft>, id: &str) -> Option<Rc<Draft>> {
        let mut at = root;
        for part in id.split('.').skip(1) {
            let (name, slices) = part.split_once(':').map_or((part, None), |(name, slices)| (name, Some(slices)));
            at = at.child(name.strip_suffix("[x]").unwrap_or(name))?;
            at = match slices {
                None => at,
                Some(slices) => match at.slice(slices) {
                    Some(slice) => slice,
                    None => {
                        let mut slices = slices.split('/');
                        slices.try_fold(at, |at, slice| at.slice(slice))?
                    }
                },
            };
        }
        Some(at.clone())
    }

    /// The definitions whose elements may lie inside it.
    pub fn inside(&self) -> Vec<&'static Definition> {
        let types = Definitions::r4();
        let named = |name: &str| types.named(name).map(|(_, definition)| definition);
        let element = match self.place {
            Place::Root(of) => return vec![types.get(of)],
            Place::Element(element) => element,
        };
        let rules = self.own.types.as_deref();
        let allows = |name: &str| rules.is_none_or(|rules| rules.iter().any(|rule| *rule.code == *name));
        let mut out = Vec::new();
        for base in &element.types {
            match base {
                ElementType::Object(id) => {
                    let definition = types.get(*id);
                    if definition.kind == Kind::Group || allows(type_name(*base)) {
                        out.push(definition);
                    }
                }
                ElementType::Primitive(primitive) if allows(primitive.name()) => out.extend(named(primitive.name())),
                ElementType::Primitive(_) | ElementType::BarePrimitive(_) => {}
                ElementType::Resource => match rules {
                    Some(rules) => out.extend(rules.iter().filter_map(|rule| named(&rule.code))),
                    None => out.extend(named("DomainResource")),
                },
            }
        }
        out
    }

    /// The element that a name stands for inside it, and the type that the name of a choice gives (`valueQuantity`).
    pub fn member(&self, name: &str) -> Option<(&'static Element, Option<&'static str>)> {
        let inside = self.inside();
        let plain = name.strip_suffix("[x]").unwrap_or(name);
        let by_name = |definition: &&'static Definition| definition.elements.iter().find(|one| one.name == plain);
        if let Some(element) = inside.iter().find_map(by_name) {
            return Some((element, None));
        }
        let (member, element) = inside.iter().find_map(|definition| definition.member(name))?;
        Some((element, Some(type_name(member.element_type))))
    }

    /// Steps into an element inside it, and there into a slice; what has no draft yet gets one.
    pub fn step(&mut self, name: &str, slice: Option<&str>) -> Result<&mut Draft, String> {
        let (element, implied) =
            self.member(name).ok_or_else(|| format!("`{}` has no element `{name}`.", self.own.id))?;
        let at = match self.children.iter().position(|child| *child.own.name == *element.name) {
            Some(at) => at,
            None => {
                let id = format!("{}.{}", self.own.id, element.shown_name());
                self.children.push(Rc::new(Draft::element(element, id)));
                self.children.len() - 1
            }
        };
        let child = self.children.get_mut(at).map(Rc::make_mut).ok_or("The element was not kept.")?;
        match (slice, implied) {
            (None, None) => Ok(child),
            // `valueQuantity` is the slice of that name and type, whatever else the definition calls it.
            (None, Some(code)) => child.enter(name, Some(code)),
            (Some(slice), _) => {
                let implied = implied.or_else(|| child.implied_type(slice));
                child.enter(slice, implied)
            }
        }
    }

    /// The type that the name of a slice of a choice gives.
    fn implied_type(&self, slice: &str) -> Option<&'static str> {
        let element = self.base().filter(|element| element.is_choice)?;
        let suffix = slice.strip_prefix(element.name)?;
        let is_named = |code: &&str| {
            let mut letters = code.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            suffix.chars().eq(first.into_iter().chain(letters))
        };
        element.types.iter().map(|one| type_name(*one)).find(is_named)
    }

    /// Enters a slice, or a slice of a slice (`a/b`) where the outer one is there.
    fn enter(&mut self, name: &str, implied: Option<&str>) -> Result<&mut Draft, String> {
        if let Some((outer, inner)) = name.split_once('/')
            && let Some(at) = self.slices.iter().position(|(own, _)| **own == *outer)
            && self.slice(name).is_none()
        {
            let slice = self.slices.get_mut(at).map(|(_, slice)| Rc::make_mut(slice));
            return slice.ok_or("The slice was not kept.")?.enter(inner, None);
        }
        let at = match self.slices.iter().position(|(own, _)| **own == *name) {
            Some(at) => at,
            None => {
                if self.slices.len() == MOST_SLICES {
                    return Err(format!("`{}` has more than {MOST_SLICES} slices.", self.own.id));
                }
                self.slices.push((name.into(), Rc::new(self.new_slice(name, implied))));
                self.slices.len() - 1
            }
        };
        self.slices.get_mut(at).map(|(_, slice)| Rc::make_mut(slice)).ok_or_else(|| "The slice was not kept.".into())
    }

    fn new_slice(&self, name: &str, implied: Option<&str>) -> Draft {
        // A slice of a slice has the name of both.
        let mark = if self.own.id.rsplit('.').next().is_some_and(|end| end.contains(':')) { '/' } else { ':' };
        let own = Node {
            name: self.own.name.clone(),
            id: format!("{}{mark}{name}", self.own.id).into(),
            types: implied.map(|code| vec![TypeRule::of(code)]),
            ..Node::default()
        };
        Draft { own, place: self.place, is_slice: true, division: None, slices: Vec::new(), children: Vec::new() }
    }
}

impl TypeRule {
    /// Any value of a type.
    pub(super) fn of(code: &str) -> TypeRule {
        TypeRule { code: code.into(), profiles: Vec::new(), targets: Vec::new(), aggregation: Vec::new() }
    }
}

/// FHIR's name of a base type; what R4 calls a Quantity with limits is a Quantity.
pub(super) fn type_name(base: ElementType) -> &'static str {
    match base {
        ElementType::Primitive(primitive) | ElementType::BarePrimitive(primitive) => primitive.name(),
        ElementType::Resource => "Resource",
        ElementType::Object(id) => match Definitions::r4().get(id) {
            Definition { kind: Kind::Group, .. } => "BackboneElement",
            Definition { name: "SimpleQuantity" | "MoneyQuantity", .. } => "Quantity",
            definition => definition.name,
        },
    }
}
