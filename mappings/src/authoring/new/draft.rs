//! A map that is being drafted: rules with the values they carry, and everything else set aside.

use super::super::infer::Seen;
use super::super::suggest::{self, Kind};
use super::super::yaml;
use super::{Request, lists, person, write};

/// A map in the making.
#[derive(Debug, Default)]
pub struct Draft {
    /// The item, where the payload has items.
    pub item: Option<Item>,
    /// The resources, in the order they are written.
    pub resources: Vec<Rule>,
    /// What of the root is set aside: paths.
    pub keep: Vec<String>,
    /// Rows of the gender table: vendor's word, FHIR's code.
    pub genders: Vec<(String, &'static str)>,
}

/// The unit of a payload that is refused, versioned and owned.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its name, and that of its variable.
    pub name: String,
    /// Path to the list or object.
    pub at: String,
    /// Path of the key inside.
    pub key: Option<String>,
    /// Path of the revision inside.
    pub revision: Option<String>,
    /// What of it is set aside: paths, with the variable.
    pub keep: Vec<String>,
}

/// A resource.
#[derive(Debug, Default, Clone)]
pub struct Rule {
    /// The rule's name.
    pub name: String,
    /// FHIR's type.
    pub resource_type: &'static str,
    /// What it is, for the reader of the skeleton.
    pub comment: &'static str,
    /// What somebody must look at before it is used, for the reader of the skeleton and who made it.
    pub warning: Option<String>,
    /// Steps of `each`.
    pub each: Vec<String>,
    /// A guard, as YAML.
    pub when: Option<String>,
    /// What its id is made of.
    pub id: Vec<String>,
    /// Slices: path and constants, as YAML.
    pub slices: Vec<(String, String)>,
    /// Constants: path and value, as YAML.
    pub constants: Vec<(&'static str, &'static str)>,
    /// References: path and YAML.
    pub refs: Vec<(&'static str, String)>,
    /// Texts that are read back: element and vendor path; how a number becomes the text of an identifier.
    pub texts: Vec<(&'static str, String)>,
    /// Pairs: vendor path (several joined by ` + `) and target, as YAML.
    pub pairs: Vec<(String, String)>,
    /// Groups: guard and constants, as YAML.
    pub groups: Vec<(String, Vec<(&'static str, &'static str)>)>,
    /// Blocks of list rules, as YAML lines, with the vendor's list they go through.
    pub lists: Vec<(String, Vec<String>)>,
    /// What is set aside: paths.
    pub keep: Vec<String>,
}

/// Drafts a map of what was seen.
pub fn of(seen: &Seen, request: &Request) -> Draft {
    let Some(place) = main_place(seen, &request.message) else {
        return Draft { resources: vec![basic(Vec::new(), None)], ..Draft::default() };
    };
    let Place { at, seen: subject, list_name } = place;
    let mut draft = Draft::default();
    let is_root = at.is_empty() && !seen.lists.gt(&0);
    let kind = suggest::kind(&list_name);
    let is_person = person::score(subject) >= 2;
    let name = variable(
        seen,
        match is_person {
            true if suggest::is_of_staff(&list_name) => "worker",
            true => "person",
            false => single_of(kind),
        },
    );
    let (around, each) = if is_root { (String::new(), Vec::new()) } else { (name.clone(), vec![name.clone()]) };
    let key = key_of(subject, &list_name, is_person);
    if !is_root {
        let at = at.clone();
        let revision = ["version", "revision", "rev", "row_version", "rowversion"]
            .into_iter()
            .find(|name| subject.member(name).is_some_and(|seen| seen.integers > 0 && seen.is_plain()));
        draft.item = Some(Item {
            name: name.clone(),
            at,
            key: key.clone().map(|key| step("", &key)),
            revision: revision.map(|name| step("", name)),
            keep: Vec::new(),
        });
    }
    let mut taken: Vec<String> = Vec::new();
    if is_person && suggest::is_of_staff(&list_name) {
        person::draft(&mut draft, subject, &around, &each, key.as_deref(), &mut taken, &person::STAFF);
    } else if is_person {
        person::draft(&mut draft, subject, &around, &each, key.as_deref(), &mut taken, &person::PATIENT);
        lists::of_person(&mut draft, subject, &around, &each, &mut taken);
    } else {
        lists::alone(&mut draft, (seen, subject), &around, &each, key.as_deref(), kind, &mut taken);
    }
    let open = rest(subject, &around, &taken);
    match &mut draft.item {
        Some(item) => item.keep = open,
        None => draft.keep = open,
    }
    if !is_root {
        taken.push(at);
        draft.keep = rest(seen, "", &taken);
    }
    draft
}

/// Everything at and below a place that no rule took, as few paths as say so.
pub fn rest(seen: &Seen, around: &str, taken: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    for (name, _, member) in &seen.members {
        let path = step(around, name);
        let inside = |one: &String| one.starts_with(&format!("{path}.")) || one.starts_with(&format!("{path}["));
        if taken.contains(&path) {
            continue;
        }
        if taken.iter().any(inside) && member.is_object() {
            out.extend(rest(member, &path, taken));
        } else {
            out.push(path);
        }
    }
    out
}

/// A path one step further; a name that is no plain word stands in brackets.
pub fn step(around: &str, name: &str) -> String {
    let plain = !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '@' | '#' | ':'))
        && name.chars().any(|c| !c.is_ascii_digit());
    match (plain, around.is_empty()) {
        (true, true) => name.to_string(),
        (true, false) => format!("{around}.{name}"),
        (false, _) => format!("{around}['{name}']"),
    }
}

/// Where the thing that a payload is about stands.
struct Place<'s> {
    at: String,
    seen: &'s Seen,
    /// The name of its list, or of the message.
    list_name: String,
}

/// The place to start from: the one that looks most like a person, lists first; else the longest list of objects.
fn main_place<'s>(seen: &'s Seen, message: &str) -> Option<Place<'s>> {
    if let Some(told) = told_by_event(seen, message) {
        return Some(told);
    }
    let mut places = Vec::new();
    gather(seen, "", message, 0, &mut places);
    let best = |place: &Place<'_>| {
        let score = person::score(place.seen);
        let person = if score >= 2 { score } else { 0 };
        // Of places that say nothing of a person those with something to tell their items by, then the longest list.
        let told = place.seen.members.iter().any(|(name, _, member)| member.is_plain() && place.seen.always_has(name));
        (person, told, usize::from(!place.at.is_empty()) * place.seen.objects)
    };
    let found = places.iter().enumerate().max_by_key(|(place, one)| (best(one), *place))?.0;
    // What tells people apart may stand around their names: `serviceUser: { ref, person: { surname } }`.
    let (of, is_person) = (&places[found], |place: &Place<'_>| person::score(place.seen) >= 2);
    let around = places.iter().enumerate().rev().find(|(_, one)| {
        let lies_in = one.at.is_empty() || of.at.strip_prefix(&one.at).is_some_and(|rest| rest.starts_with(['.', '[']));
        lies_in && is_person(one) && key_of(one.seen, &one.list_name, true).is_some()
    });
    let climbs = is_person(of) && key_of(of.seen, &of.list_name, true).is_none();
    let chosen = around.filter(|_| climbs).map_or(found, |(place, _)| place);
    places.into_iter().nth(chosen)
}

/// What an event tells of, where the payload is the envelope of one: `{ eventType, occurredAt, data: { ... } }`. Whoever
/// wrote it, and the doses or goals in it, are not what it is about.
fn told_by_event<'s>(seen: &'s Seen, message: &str) -> Option<Place<'s>> {
    let is = |name: &str, words: &[&str]| words.contains(&suggest::compact(name).as_str());
    let types = ["eventtype", "event", "type", "messagetype", "action", "topic", "eventname"];
    seen.members.iter().find(|(name, _, member)| is(name, &types) && member.is_text())?;
    let bodies = ["data", "payload", "body", "resource", "record", "detail", "details"];
    let (name, _, body) = seen.members.iter().find(|(name, _, member)| is(name, &bodies) && member.is_object())?;
    let tells_itself = body.rows().is_none() && key_of(body, message, person::score(body) >= 2).is_some();
    tells_itself.then(|| Place { at: step("", name), seen: body, list_name: message.to_string() })
}

fn gather<'s>(seen: &'s Seen, at: &str, name: &str, depth: usize, out: &mut Vec<Place<'s>>) {
    if let Some(rows) = seen.rows().filter(|rows| !rows.names_are_data()) {
        out.push(Place { at: at.to_string(), seen: rows, list_name: name.to_string() });
        return;
    }
    if !seen.is_object() || seen.names_are_data() {
        return;
    }
    out.push(Place { at: at.to_string(), seen, list_name: name.to_string() });
    for (member, _, inner) in &seen.members {
        // Inside a list of rows nothing is an item of its own; another person's details are not the person.
        let only_one = depth == 0 && seen.members.len() == 1;
        if depth < 8 && (only_one || !suggest::is_of_others(member)) {
            gather(inner, &step(at, member), member, depth + 1, out);
        }
    }
}

fn single_of(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(Kind::Allergies) => "allergy",
        Some(Kind::Medicines) => "medicine",
        Some(Kind::Observations) => "observation",
        Some(Kind::Conditions) => "condition",
        Some(Kind::Visits) => "visit",
        _ => "entry",
    }
}

/// A variable that no member of the root has the name of.
fn variable(root: &Seen, wanted: &str) -> String {
    let mut name = wanted.to_string();
    while root.member(&name).is_some() {
        name.push('1');
    }
    name
}

/// The member that is the key: `id`, `clientId`, a number that everybody has.
fn key_of(seen: &Seen, list: &str, is_person: bool) -> Option<String> {
    let single = |name: &&(String, usize, Seen)| {
        name.1 == seen.objects && name.2.is_plain() && name.2.nulls == 0 && name.2.booleans == 0
    };
    let all = || seen.members.iter().filter(single);
    let own = all().find(|(name, ..)| suggest::is_key(name, list));
    let person = || all().find(|(name, ..)| is_person && suggest::is_person_key(name));
    let ends = |name: &str, ends: &[&str]| ends.iter().any(|end| suggest::compact(name).ends_with(end));
    let any_id = || all().find(|(name, ..)| is_person && ends(name, &["id"]));
    let any_key = || all().find(|(name, ..)| is_person && ends(name, &["ref", "key", "initials"]));
    own.or_else(person).or_else(any_id).or_else(any_key).map(|(name, ..)| name.clone())
}

/// A resource that says nothing yet.
pub fn basic(each: Vec<String>, id: Option<String>) -> Rule {
    Rule {
        name: "entry".into(),
        resource_type: "Basic",
        comment: "What is this in FHIR? Choose a type (see the manual's cookbook); Basic is a place to start from.",
        id: id.into_iter().collect(),
        each,
        constants: vec![("code.text", "To be decided")],
        ..Rule::default()
    }
}

impl Rule {
    /// Carries a key: a text as it is, a number as its digits.
    pub fn key(&mut self, path: &str, seen: Option<&Seen>, to: &'static str) {
        if seen.is_none_or(Seen::is_text) {
            self.pairs.push((path.to_string(), yaml::scalar(to)));
        } else {
            self.texts.push((to, path.to_string()));
        }
    }
}

impl Draft {
    /// How many rules there are at most to withdraw.
    pub fn size(&self) -> usize {
        self.resources.iter().map(|rule| rule.pairs.len() + rule.lists.len() + 1).sum()
    }

    /// How many values have a place in FHIR.
    pub fn mapped(&self) -> usize {
        self.resources
            .iter()
            .map(|rule| rule.pairs.iter().map(|(from, _)| from.split(" + ").count()).sum::<usize>())
            .sum()
    }

    /// What is set aside: paths.
    fn aside(&self) -> impl Iterator<Item = &String> {
        let items = self.item.iter().flat_map(|item| &item.keep);
        self.keep.iter().chain(items).chain(self.resources.iter().flat_map(|rule| &rule.keep))
    }

    /// How many values or branches are set aside until somebody decides.
    pub fn undecided(&self) -> usize {
        self.aside().filter(|path| !write::opens_a_door(path)).count()
    }

    /// What is kept secret, since its name says that it opens a door: paths.
    pub fn secrets(&self) -> Vec<String> {
        self.aside().filter(|path| write::opens_a_door(path)).cloned().collect()
    }

    /// Takes the pair or list back that stands at a line of the written map; what it carried is set aside.
    pub fn withdraw(&mut self, line: usize, request: &Request) -> bool {
        let text = write::map_yaml(self, request);
        let Some(at) = text.lines().nth(line.saturating_sub(1)).map(str::trim) else { return false };
        for rule in &mut self.resources {
            if let Some(place) = rule.pairs.iter().position(|(from, to)| at == write::pair_line(from, to)) {
                let (from, _) = rule.pairs.remove(place);
                rule.keep.extend(from.split(" + ").map(str::to_string));
                return true;
            }
            let holds = |lines: &Vec<String>| lines.iter().any(|one| one.trim() == at);
            if let Some(place) = rule.lists.iter().position(|(_, lines)| holds(lines)) {
                let (from, _) = rule.lists.remove(place);
                rule.keep.push(from);
                return true;
            }
        }
        false
    }
}
