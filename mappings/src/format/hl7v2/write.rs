//! The tree back into a message: what did not change keeps its bytes, the rest is written in its place.

use super::escape::escape;
use super::identity::MEMBER;
use super::placing::{Child, Placed, place};
use super::segment::{Reading, Shapes};
use super::text::{Delimiters, Line, Lines, is_header};
use super::{Group, Making, Options, charset, delimiters_in, matches, parsed};
use crate::format::SourceFile;
use crate::format::encoding::{TextForm, encode};
use crate::source_shape::SourceShape;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::json_pointer::push_token;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Writes a message.
pub fn write(
    options: &Options,
    tree: &Value,
    previous: &[SourceFile],
    shape: &SourceShape,
) -> Result<Vec<SourceFile>, Vec<Issue>> {
    let faults = |issue: Issue| vec![issue];
    let Some(members) = tree.as_object() else { return Err(faults(unwritable("A message is an object", ""))) };
    let (lines, form, name) = match previous.first() {
        Some(file) => {
            let read = parsed(options, file).map_err(faults)?;
            (read.lines, Some(read.form), file.name.clone())
        }
        None => (Lines::default(), None, String::new()),
    };
    let mut making = Making {
        reading: Reading::new(Shapes::new(shape)),
        segments: HashMap::new(),
        read: HashMap::new(),
        keys: &options.keys,
        last: HashMap::new(),
    };
    let placed = place(options, &lines.segments, &making.reading.shapes);
    let numbers = vec![1; lines.segments.len()];
    let old = making.node(&placed, &lines.segments, &numbers, &mut String::new(), &mut String::new());
    let mut writing =
        Writing { options, shapes: &making.reading.shapes, lines: &lines.segments, delimiters: Delimiters::default() };
    let mut emitted = Vec::new();
    writing
        .node(members, (!previous.is_empty()).then_some((&placed, &old)), None, &mut String::new(), &mut emitted)
        .map_err(faults)?;
    let form = form.unwrap_or_else(|| TextForm { encoding: encoding_of(options, members), marked: false });
    let bytes = encode(&joined(&lines, emitted), form).map_err(faults)?;
    Ok(vec![SourceFile { name, bytes }])
}

/// A segment that is to be written.
struct Emitted {
    /// The line it has in the previous message.
    line: Option<usize>,
    text: String,
}

/// The segments in the order of the previous message, new ones behind those they follow in the tree.
fn joined(lines: &Lines, emitted: Vec<Emitted>) -> String {
    let mut behind = 0;
    let mut keyed: Vec<((usize, bool), Emitted)> = Vec::with_capacity(emitted.len());
    for one in emitted {
        behind = one.line.unwrap_or(behind);
        keyed.push(((behind, one.line.is_none()), one));
    }
    keyed.sort_by_key(|(key, _)| *key);
    let mut out = lines.before.clone();
    let count = keyed.len();
    let last_line = lines.segments.len().checked_sub(1);
    for (at, (_, one)) in keyed.into_iter().enumerate() {
        out.push_str(&one.text);
        let own = one.line.and_then(|line| lines.segments.get(line)).map(|line| line.end.as_str());
        // What ends the message may be shorter, or longer, than what ends its segments.
        let ends_file = at + 1 == count;
        let is_at_end = one.line == last_line;
        match own {
            Some(own) if is_at_end == ends_file => out.push_str(own),
            _ if ends_file && last_line.is_some() => {
                let last = lines.segments.last().map_or("", |line| line.end.as_str());
                out.push_str(last);
            }
            _ => out.push_str(lines.end()),
        }
    }
    out.push_str(&lines.after);
    out
}

fn encoding_of(options: &Options, members: &Map<String, Value>) -> &'static encoding_rs::Encoding {
    let declared = members.get("MSH").and_then(|header| header.get("18"));
    let declared = declared.and_then(|field| field.as_str().or_else(|| field.get(0)?.as_str()));
    match declared.map(charset::of_name) {
        Some(charset::Declared::Known(Some(encoding))) => encoding,
        _ => options.encoding.unwrap_or(encoding_rs::UTF_8),
    }
}

/// Writes the members of a tree.
struct Writing<'w, 's> {
    options: &'w Options,
    shapes: &'w Shapes<'s>,
    lines: &'w [Line],
    delimiters: Delimiters,
}

/// A member's value, or an element of its list.
struct New<'v> {
    rank: usize,
    name: &'v str,
    index: usize,
    value: &'v Map<String, Value>,
}

type Old<'o> = (&'o Placed<'o>, &'o Map<String, Value>);

impl Writing<'_, '_> {
    fn node(
        &mut self,
        members: &Map<String, Value>,
        old: Option<Old<'_>>,
        group: Option<&Group>,
        pattern: &mut String,
        out: &mut Vec<Emitted>,
    ) -> Result<(), Issue> {
        let groups = group.map_or(&self.options.groups, |group| &group.groups);
        let mut new = self.news(members, group, groups, pattern)?;
        new.sort_by_key(|one| one.rank);
        let kept = aligned(&new, old, self.lines);
        let sequence = sequence(&new, &kept);
        for at in sequence {
            let Some(one) = new.get(at) else { continue };
            let length = pattern.len();
            push_token(pattern, one.name);
            let inner = groups.iter().find(|group| group.name == one.name);
            let kept = kept.get(at).copied().flatten().and_then(|child| Some((child, old?)));
            let result = match (inner, kept) {
                (Some(group), Some((child, (placed, values)))) => {
                    pattern.push_str("/*");
                    match placed.children.get(child) {
                        Some(Child::Group(_, placed)) => {
                            let before = value_of(placed_value(values, old, child, self.lines));
                            self.node(one.value, before.map(|before| (placed, before)), Some(group), pattern, out)
                        }
                        _ => self.node(one.value, None, Some(group), pattern, out),
                    }
                }
                (Some(group), None) => {
                    pattern.push_str("/*");
                    self.node(one.value, None, Some(group), pattern, out)
                }
                (None, Some((child, (placed, values)))) => {
                    let line = match placed.children.get(child) {
                        Some(Child::Segment(line)) => Some(*line),
                        _ => None,
                    };
                    let before = value_of(placed_value(values, old, child, self.lines));
                    self.segment(one, line, before).map(|text| out.push(Emitted { line, text }))
                }
                (None, None) => self.segment(one, None, None).map(|text| out.push(Emitted { line: None, text })),
            };
            pattern.truncate(length);
            result?;
        }
        Ok(())
    }

    /// What is to be written, each with its place in the order of segments.
    fn news<'v>(
        &self,
        members: &'v Map<String, Value>,
        group: Option<&Group>,
        groups: &[Group],
        pattern: &str,
    ) -> Result<Vec<New<'v>>, Issue> {
        let order = self.shapes.order(pattern);
        let mut out = Vec::new();
        for (at, (name, value)) in members.iter().enumerate() {
            let of_schema = order.iter().position(|one| *one == name).map(|at| at + 10);
            let of_group = || group?.holds.iter().position(|one| matches(one, name)).map(|at| at + 1000);
            let rank = match name.as_str() {
                "FHS" => 0,
                "BHS" => 1,
                "MSH" => 2,
                "BTS" => usize::MAX - 1,
                "FTS" => usize::MAX,
                _ if group.is_some_and(|group| group.starts == *name) => 3,
                _ => of_schema.or_else(of_group).unwrap_or(10_000 + at),
            };
            let is_name = groups.iter().any(|group| group.name == *name)
                || (name.len() == 3 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()));
            let list: Vec<&Value> = match value {
                Value::Null => continue,
                Value::Array(list) => list.iter().collect(),
                one => vec![one],
            };
            for (index, value) in list.into_iter().enumerate() {
                let value = value.as_object().filter(|_| is_name);
                let value = value.ok_or_else(|| unwritable("A segment is an object of numbered fields", name))?;
                out.push(New { rank, name, index, value });
            }
        }
        Ok(out)
    }

    fn segment(
        &mut self,
        new: &New<'_>,
        line: Option<usize>,
        before: Option<&Map<String, Value>>,
    ) -> Result<String, Issue> {
        let header = is_header(new.name);
        if header && (new.value.contains_key("1") || new.value.contains_key("2")) {
            let given = delimiters_in(&Value::Object(new.value.clone()));
            self.delimiters =
                given.ok_or_else(|| unwritable("MSH-1 and MSH-2 do not say how to part a message", new.name))?;
        } else if new.name == "MSH" {
            self.delimiters = Delimiters::default();
        }
        let delimiters = self.delimiters;
        let line = line.and_then(|line| self.lines.get(line)).filter(|line| line.delimiters == delimiters);
        let raw = line.map(Line::fields).unwrap_or_default();
        let mut last = raw.len();
        for name in new.value.keys().filter(|name| *name != MEMBER) {
            let number = number(name).ok_or_else(|| unwritable("A field is a number from 1 to 999", new.name))?;
            last = last.max(number);
        }
        let mut fields: Vec<String> = Vec::with_capacity(last);
        for at in 1..=last {
            let name = at.to_string();
            let (value, kept) = (new.value.get(&name), before.and_then(|before| before.get(&name)));
            let text = match (value, raw.get(at - 1)) {
                (value, Some(raw)) if value == kept => (*raw).to_string(),
                (None, _) => String::new(),
                (Some(value), _) if header && at <= 2 => value.as_str().unwrap_or_default().to_string(),
                (Some(value), _) => field(value, &delimiters, new.name)?,
            };
            fields.push(text);
        }
        if line.is_none() {
            while fields.last().is_some_and(String::is_empty) {
                fields.pop();
            }
        }
        let field = delimiters.field;
        let mut out = new.name.to_string();
        if header {
            // Field 1 is the delimiter itself.
            let mut rest = fields.into_iter().skip(1);
            let usual = || "^~\\&".to_string();
            out.push(field);
            out.push_str(&rest.next().filter(|text| !text.is_empty()).unwrap_or_else(usual));
            rest.for_each(|text| {
                out.push(field);
                out.push_str(&text);
            });
        } else {
            fields.iter().for_each(|text| {
                out.push(field);
                out.push_str(text);
            });
        }
        Ok(out)
    }
}

/// The value of an old child by its place among those of its name.
fn placed_value<'o>(
    values: &'o Map<String, Value>,
    old: Option<Old<'o>>,
    child: usize,
    lines: &[Line],
) -> Option<&'o Value> {
    let (placed, _) = old?;
    let name = placed.children.get(child)?.name(lines);
    match values.get(name)? {
        Value::Array(list) => {
            let before = placed.children.iter().take(child).filter(|one| one.name(lines) == name).count();
            list.get(before)
        }
        one => Some(one),
    }
}

fn value_of(value: Option<&Value>) -> Option<&Map<String, Value>> {
    value?.as_object()
}

/// For each new element the old child it carries on: by place where their number is the same; otherwise equal ones belong
/// together, and of those between them each new one carries on the next old one.
fn aligned(new: &[New<'_>], old: Option<Old<'_>>, lines: &[Line]) -> Vec<Option<usize>> {
    let mut out = vec![None; new.len()];
    let Some((placed, values)) = old else { return out };
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, child) in placed.children.iter().enumerate() {
        by_name.entry(child.name(lines)).or_default().push(at);
    }
    let mut counts: HashMap<&str, usize> = HashMap::new();
    new.iter().for_each(|one| *counts.entry(one.name).or_default() += 1);
    let mut next: HashMap<&str, usize> = HashMap::new();
    for (slot, one) in out.iter_mut().zip(new) {
        let Some(children) = by_name.get(one.name) else { continue };
        if counts.get(one.name) == Some(&children.len()) {
            *slot = children.get(one.index).copied();
            continue;
        }
        let list = values.get(one.name);
        let value = |at: usize| match list {
            Some(Value::Array(list)) => list.get(at),
            other => other.filter(|_| at == 0),
        };
        let from = next.entry(one.name).or_default();
        let found = (*from..children.len()).find(|at| value(*at).and_then(Value::as_object) == Some(one.value));
        if let Some(at) = found {
            *from = at + 1;
            *slot = children.get(at).copied();
        }
    }
    pair_the_rest(new, &by_name, &mut out);
    out
}

/// Pairs new elements that equal no old one with the old ones that nothing carries on, between those that are paired.
fn pair_the_rest(new: &[New<'_>], by_name: &HashMap<&str, Vec<usize>>, out: &mut [Option<usize>]) {
    for (name, children) in by_name {
        let places: Vec<usize> =
            (0..new.len()).filter(|at| new.get(*at).is_some_and(|one| one.name == *name)).collect();
        let mut free = 0;
        for (nth, place) in places.iter().enumerate() {
            let taken = |at: &usize| out.get(*at).copied().flatten();
            if let Some(child) = taken(place) {
                free = children.iter().position(|one| *one == child).map_or(free, |at| at + 1);
                continue;
            }
            let next = places.iter().skip(nth + 1).find_map(taken);
            let candidate = children.get(free).copied().filter(|child| next.is_none_or(|next| *child < next));
            if let Some(child) = candidate {
                free += 1;
                if let Some(slot) = out.get_mut(*place) {
                    *slot = Some(child);
                }
            }
        }
    }
}

/// The order of new elements: those that carry on old ones as these stood, others behind those they follow.
fn sequence(new: &[New<'_>], kept: &[Option<usize>]) -> Vec<usize> {
    let mut old: Vec<(usize, usize)> =
        kept.iter().enumerate().filter_map(|(at, child)| child.map(|child| (child, at))).collect();
    old.sort_unstable();
    let mut out: Vec<usize> = old.into_iter().map(|(_, at)| at).collect();
    if out.is_empty() {
        return (0..new.len()).collect();
    }
    for (at, one) in new.iter().enumerate() {
        if kept.get(at).copied().flatten().is_some() {
            continue;
        }
        let is_same = |other: usize| new.get(other).filter(|other| other.name == one.name);
        let before = out.iter().rposition(|other| is_same(*other).is_some_and(|other| other.index < one.index));
        let behind = || out.iter().position(|other| is_same(*other).is_some());
        let by_rank = || out.iter().rposition(|other| new.get(*other).is_some_and(|other| other.rank <= one.rank));
        let place = before.map(|at| at + 1).or_else(behind).or_else(|| by_rank().map(|at| at + 1)).unwrap_or(0);
        out.insert(place, at);
    }
    out
}

/// Most fields of a segment, components of a field and subcomponents of a component.
const MOST: usize = 999;

fn number(name: &str) -> Option<usize> {
    name.parse().ok().filter(|number| (1..=MOST).contains(number))
}

fn field(value: &Value, delimiters: &Delimiters, segment: &str) -> Result<String, Issue> {
    match value {
        Value::Array(list) => {
            let parts: Result<Vec<String>, Issue> =
                list.iter().map(|one| part(one, delimiters, Some(delimiters.component), segment)).collect();
            Ok(parts?.join(&delimiters.repetition.to_string()))
        }
        one => part(one, delimiters, Some(delimiters.component), segment),
    }
}

/// A repetition, or a component in it.
fn part(value: &Value, delimiters: &Delimiters, delimiter: Option<char>, segment: &str) -> Result<String, Issue> {
    let text = match value {
        Value::Null => return Ok("\"\"".into()),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Array(_) => return Err(unwritable("A component has no repetitions", segment)),
        Value::Object(members) => {
            let Some(delimiter) = delimiter else {
                return Err(unwritable("The message's delimiters know no parts that deep", segment));
            };
            // Parts of a repetition are components, those of a component subcomponents, which have none.
            let inner = if delimiter == delimiters.component { delimiters.subcomponent } else { None };
            let mut parts: Vec<String> = Vec::new();
            for (name, value) in members {
                let at = number(name).ok_or_else(|| unwritable("A component is a number from 1 to 999", segment))?;
                if parts.len() < at {
                    parts.resize(at, String::new());
                }
                if let Some(place) = parts.get_mut(at - 1) {
                    *place = part(value, delimiters, inner, segment)?;
                }
            }
            while parts.last().is_some_and(String::is_empty) {
                parts.pop();
            }
            return Ok(parts.join(&delimiter.to_string()));
        }
    };
    escape(&text, delimiters).ok_or_else(|| unwritable("A text needs an escape, and MSH-2 names none", segment))
}

fn unwritable(what: &str, segment: &str) -> Issue {
    let place = if segment.is_empty() { String::new() } else { format!(" ({segment})") };
    let text = format!("{what}{place}; the message cannot be written.");
    Issue::error(IssueCode::Structure, IssueKey::SourceLayout, text).with_pointer("")
}
