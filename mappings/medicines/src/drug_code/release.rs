//! A dm+d release: names, forms, routes, links between classes, strengths and replaced ids, read from its published XML.
//!
//! Source: NHS Business Services Authority, technical specification of the data files of dm+d release 2 (element names);
//! TRUD publishes the files weekly. Files are streamed: what is kept is what medicines are compared and named by.

mod files;
mod load;
mod rows;

use super::name::DrugName;
use super::strength::Strength;
pub use files::ReleaseError;
use rust_decimal::Decimal;
use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

/// What an id of dm+d names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Virtual therapeutic moiety: a substance or a fixed set of them.
    Vtm,
    /// Virtual medicinal product: substance, strength and form.
    Vmp,
    /// Actual medicinal product: a VMP of one supplier.
    Amp,
    /// A pack of a VMP.
    Vmpp,
    /// A pack of an AMP.
    Ampp,
    /// A substance.
    Ingredient,
    /// A form of medicines.
    Form,
    /// A route.
    Route,
    /// A unit of measure.
    Unit,
    /// A supplier.
    Supplier,
}

impl Class {
    /// Every class, in the order of counts.
    pub const ALL: &'static [Class] = &[
        Class::Vtm,
        Class::Vmp,
        Class::Amp,
        Class::Vmpp,
        Class::Ampp,
        Class::Ingredient,
        Class::Form,
        Class::Route,
        Class::Unit,
        Class::Supplier,
    ];

    /// Its name in dm+d.
    pub fn key(self) -> &'static str {
        match self {
            Class::Vtm => "VTM",
            Class::Vmp => "VMP",
            Class::Amp => "AMP",
            Class::Vmpp => "VMPP",
            Class::Ampp => "AMPP",
            Class::Ingredient => "ingredient",
            Class::Form => "form",
            Class::Route => "route",
            Class::Unit => "unit",
            Class::Supplier => "supplier",
        }
    }

    /// Whether it is a medicine that somebody can be given: not a pack, not a part of one.
    pub fn is_medicine(self) -> bool {
        matches!(self, Class::Vtm | Class::Vmp | Class::Amp)
    }

    /// Whether it is a pack.
    pub fn is_pack(self) -> bool {
        matches!(self, Class::Vmpp | Class::Ampp)
    }
}

/// One entry of the release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Its id.
    pub id: u64,
    /// What it is.
    pub class: Class,
    /// Its name.
    pub name: Box<str>,
    /// An AMP's description: the name with the supplier.
    pub description: Option<Box<str>>,
    /// The name it had before.
    pub previous_name: Option<Box<str>>,
    /// Whether the release marks it as no longer valid.
    pub is_invalid: bool,
    /// A VMP's moiety; an AMP's or VMPP's VMP; an AMPP's AMP.
    pub parent: Option<u64>,
    /// An AMPP's VMPP.
    pub pack_of: Option<u64>,
    /// An AMP's supplier.
    pub supplier: Option<u64>,
    /// Whether it is a combination pack or a part of one.
    pub is_combination: bool,
}

/// A substance of a VMP and how much of it there is.
#[derive(Debug, Clone, PartialEq)]
pub struct Ingredient {
    /// The substance.
    pub substance: u64,
    /// The substance that the strength is of, where it is another (a salt's base).
    pub basis: Option<u64>,
    /// The amount and its unit's id.
    pub numerator: Option<(Decimal, u64)>,
    /// In how much, and its unit's id.
    pub denominator: Option<(Decimal, u64)>,
}

/// What a VMP is made of and how it is given.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VmpDetail {
    /// Substances with strengths.
    pub ingredients: Vec<Ingredient>,
    /// Forms.
    pub forms: Vec<u64>,
    /// Routes.
    pub routes: Vec<u64>,
    /// The size of a unit dose with its unit's id.
    pub unit_dose_size: Option<(Decimal, u64)>,
    /// What one dose is counted in.
    pub unit_dose: Option<u64>,
}

/// A dm+d release in memory.
#[derive(Debug, Default)]
pub struct Release {
    products: HashMap<u64, Product>,
    details: HashMap<u64, VmpDetail>,
    /// Replaced ids and what replaced them.
    current: HashMap<u64, u64>,
    /// Contents of combination packs: a pack and what is in it.
    combinations: HashMap<u64, Vec<u64>>,
    /// The VMPs of each moiety.
    by_moiety: HashMap<u64, Vec<u64>>,
    /// Hashes of names of medicines, sorted, each with an id.
    names: Vec<(u64, u64)>,
    /// What the folder did not have, for people.
    gaps: Vec<String>,
}

/// How an id was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'a> {
    /// It is the release's id of this entry.
    Current(&'a Product),
    /// It was replaced; this is the entry now.
    Replaced(&'a Product),
    /// The release does not have it.
    Unknown,
}

/// Longest chain of replaced ids that is followed.
const LONGEST_HISTORY: usize = 32;

impl Release {
    /// The entry of an id, as it is now.
    pub fn find(&self, id: u64) -> Found<'_> {
        let own = self.products.get(&id);
        if let Some(product) = own.filter(|product| !product.is_invalid || !self.current.contains_key(&id)) {
            return Found::Current(product);
        }
        let mut at = id;
        for _ in 0..LONGEST_HISTORY {
            match self.current.get(&at) {
                Some(next) => at = *next,
                None => break,
            }
            if let Some(product) = self.products.get(&at).filter(|product| !product.is_invalid) {
                return Found::Replaced(product);
            }
        }
        match (self.products.get(&at).filter(|_| at != id), own) {
            (Some(product), _) => Found::Replaced(product),
            (None, Some(product)) => Found::Current(product),
            (None, None) => Found::Unknown,
        }
    }

    /// The entry of an id as the release has it.
    pub fn product(&self, id: u64) -> Option<&Product> {
        self.products.get(&id)
    }

    /// Details of a VMP.
    pub fn detail(&self, vmp: u64) -> Option<&VmpDetail> {
        self.details.get(&vmp)
    }

    /// The name of an id, where it has one.
    pub fn name(&self, id: u64) -> Option<&str> {
        self.products.get(&id).map(|product| &*product.name)
    }

    /// What a combination pack holds.
    pub fn contents(&self, pack: u64) -> &[u64] {
        self.combinations.get(&pack).map_or(&[], Vec::as_slice)
    }

    /// The ids that were replaced by this one, directly or in steps, in their order.
    pub fn previous(&self, id: u64) -> Vec<u64> {
        let mut found: BTreeSet<u64> = BTreeSet::new();
        let mut open = vec![id];
        while let Some(at) = open.pop() {
            let before = self.current.iter().filter(|(_, current)| **current == at).map(|(previous, _)| *previous);
            let new: Vec<u64> = before.filter(|previous| *previous != id && !found.contains(previous)).collect();
            found.extend(&new);
            open.extend(new);
        }
        found.into_iter().collect()
    }

    /// How many entries of each class there are.
    pub fn counts(&self) -> Vec<(Class, usize)> {
        let mut counts: HashMap<Class, usize> = HashMap::new();
        self.products.values().for_each(|product| *counts.entry(product.class).or_default() += 1);
        Class::ALL.iter().map(|class| (*class, counts.get(class).copied().unwrap_or_default())).collect()
    }

    /// How many ids were replaced.
    pub fn replaced(&self) -> usize {
        self.current.len()
    }

    /// What the folder did not have, in sentences.
    pub fn gaps(&self) -> &[String] {
        &self.gaps
    }

    /// The VMP that an entry is, or is a version or a pack of.
    pub fn vmp_of<'a>(&'a self, product: &'a Product) -> Option<&'a Product> {
        let mut at = product;
        for _ in 0..3 {
            match at.class {
                Class::Vmp => return Some(at),
                Class::Amp | Class::Vmpp | Class::Ampp => at = self.products.get(&at.parent?)?,
                _ => return None,
            }
        }
        (at.class == Class::Vmp).then_some(at)
    }

    /// The moiety of an entry.
    pub fn vtm_of(&self, product: &Product) -> Option<u64> {
        if product.class == Class::Vtm {
            return Some(product.id);
        }
        self.vmp_of(product)?.parent
    }

    /// The substances of an entry: a VMP's ingredients; of a moiety, those that all its products have.
    pub fn substances(&self, product: &Product) -> BTreeSet<u64> {
        let of_vmp = |vmp: u64| -> BTreeSet<u64> {
            let ingredients = self.details.get(&vmp).map(|detail| detail.ingredients.as_slice()).unwrap_or_default();
            ingredients.iter().map(|ingredient| ingredient.basis.unwrap_or(ingredient.substance)).collect()
        };
        match product.class {
            Class::Ingredient => BTreeSet::from([product.id]),
            Class::Vtm => {
                let vmps = self.by_moiety.get(&product.id).map(Vec::as_slice).unwrap_or_default();
                vmps.iter().map(|vmp| of_vmp(*vmp)).reduce(|all, one| &all & &one).unwrap_or_default()
            }
            _ => self.vmp_of(product).map(|vmp| of_vmp(vmp.id)).unwrap_or_default(),
        }
    }

    /// Whether two VMPs have the same strengths; none where one does not say or they are not comparable.
    pub fn same_strength(&self, vmp: u64, other: u64) -> Option<bool> {
        let strengths = |vmp: u64| -> Option<Vec<(u64, Strength)>> {
            let mut all = Vec::new();
            for ingredient in &self.details.get(&vmp)?.ingredients {
                let (value, unit) = ingredient.numerator?;
                let unit = self.name(unit)?.to_lowercase();
                let per = match ingredient.denominator {
                    Some((value, unit)) => Some((value, self.name(unit)?.to_lowercase())),
                    None => None,
                };
                let per = per.as_ref().map(|(value, unit)| (*value, unit.as_str()));
                let substance = ingredient.basis.unwrap_or(ingredient.substance);
                all.push((substance, Strength::of(value, &unit, per)?));
            }
            all.sort_by_key(|(substance, _)| *substance);
            (!all.is_empty()).then_some(all)
        };
        let (left, right) = (strengths(vmp)?, strengths(other)?);
        if left == right {
            return Some(true);
        }
        let comparable = left.len() == right.len()
            && left.iter().zip(&right).all(|((l, one), (r, other))| l == r && one.is_comparable(other));
        comparable.then_some(false)
    }

    /// Whether two ids mean one medicine: the same now, or one a version or a pack of the other; none where either is unknown.
    pub fn agree(&self, one: u64, other: u64) -> Option<bool> {
        let entry = |id: u64| match self.find(id) {
            Found::Current(product) | Found::Replaced(product) => Some(product),
            Found::Unknown => None,
        };
        let (one, other) = (entry(one)?, entry(other)?);
        if one.id == other.id {
            return Some(true);
        }
        let vmp = |product| self.vmp_of(product).map(|vmp| vmp.id);
        match (vmp(one), vmp(other)) {
            (Some(left), Some(right)) => Some(left == right && one.class != other.class),
            _ => Some(self.vtm_of(one).is_some() && self.vtm_of(one) == self.vtm_of(other)),
        }
    }

    /// Every name that the release has for an entry.
    pub fn names_of<'a>(&'a self, product: &'a Product) -> impl Iterator<Item = &'a str> {
        let own = [Some(&product.name), product.description.as_ref(), product.previous_name.as_ref()];
        own.into_iter().flatten().map(|name| &**name)
    }

    /// The medicines of exactly this name, but for case and spaces.
    pub fn named(&self, name: &str) -> Vec<&Product> {
        let hash = name_hash(name);
        let start = self.names.partition_point(|(own, _)| *own < hash);
        let same = self.names.get(start..).unwrap_or_default().iter().take_while(|(own, _)| *own == hash);
        let plain = plain(name);
        let products = same.filter_map(|(_, id)| self.products.get(id));
        products.filter(|product| self.names_of(product).any(|own| self::plain(own) == plain)).collect()
    }

    /// The entries whose name has all these words, by class and name; medicines and their packs only.
    pub fn search(&self, text: &str) -> Vec<&Product> {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let has_all = |product: &&Product| {
            self.names_of(product).any(|name| {
                let name = name.to_lowercase();
                words.iter().all(|word| name.contains(word.as_str()))
            })
        };
        let is_sought = |product: &&Product| product.class.is_medicine() || product.class.is_pack();
        let mut found: Vec<&Product> = self.products.values().filter(is_sought).filter(has_all).collect();
        found.sort_by(|left, right| (left.class, &left.name, left.id).cmp(&(right.class, &right.name, right.id)));
        found
    }

    /// The strengths in an entry's name, which every VMP and AMP carries.
    pub fn strength_in_name(product: &Product) -> Vec<Strength> {
        DrugName::read(&product.name).strengths
    }

    fn finish(&mut self) {
        let products = self.products.values().filter(|product| product.class.is_medicine());
        let mut names: Vec<(u64, u64)> = Vec::new();
        for product in products {
            let own = [Some(&product.name), product.description.as_ref(), product.previous_name.as_ref()];
            names.extend(own.into_iter().flatten().map(|name| (name_hash(name), product.id)));
        }
        names.sort_unstable();
        names.dedup();
        self.names = names;
        for vmp in self.products.values().filter(|product| product.class == Class::Vmp) {
            if let Some(vtm) = vmp.parent {
                self.by_moiety.entry(vtm).or_default().push(vmp.id);
            }
        }
    }
}

fn plain(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn name_hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    plain(name).hash(&mut hasher);
    hasher.finish()
}
