//! What the person says of themselves: answers of the newest About Me, under the headings of the standard.

use super::{Fate, as_shown, limits};
use crate::privacy::Reason;
use crate::standard::{Heading, Kind};
use ginnel_medicines::record::{Record, read};
use jiff::Timestamp;
use serde_json::Value;

/// The newest About Me of a record, as it may stand in the document.
#[derive(Debug)]
pub struct AboutMe {
    response: Option<(usize, Value)>,
    /// Observations that are coded as answers.
    observations: Vec<(usize, Value)>,
}

impl AboutMe {
    /// What stands under a heading.
    pub fn entries(&self, heading: &Heading) -> Vec<usize> {
        let response = self.response.iter().filter(|(_, own)| has_answer(own, heading));
        let coded =
            self.observations.iter().filter(|(_, own)| own.get("code").is_some_and(|code| is_of(code, heading)));
        response.chain(coded).map(|(index, _)| *index).collect()
    }
}

fn has_answer(response: &Value, heading: &Heading) -> bool {
    if heading.content == crate::standard::Content::AnswersDate {
        let is_dated = read::text(response, "authored").is_some() && response.get("item").is_some();
        return is_dated || !answers(response, heading).is_empty();
    }
    !answers(response, heading).is_empty()
}

/// Finds the newest, and says of the older ones that they are.
pub fn newest(record: &Record<'_>, fates: &mut [Option<Fate>], at: Timestamp) -> Option<AboutMe> {
    let may_stand = |index: usize, fates: &[Option<Fate>]| as_shown(fates, index).is_some();
    let mut responses: Vec<(Option<Timestamp>, usize)> = record
        .of("QuestionnaireResponse")
        .filter(|(index, own)| own.container.is_none() && is_about_me(own.value) && may_stand(*index, fates))
        .map(|(index, own)| (limits::when(own.value).filter(|when| !when.is_after(at)).map(|when| when.last), index))
        .collect();
    responses.sort_unstable();
    let taken = |index: usize, fates: &[Option<Fate>]| as_shown(fates, index).map(|own| (index, own.clone()));
    let response = responses.pop().and_then(|(_, index)| taken(index, fates));
    for (_, index) in responses {
        if let Some(place) = fates.get_mut(index) {
            *place = match place.take() {
                Some(Fate::Shown(value, changes) | Fate::ComesAlong(value, changes, _)) => {
                    Some(Fate::ComesAlong(value, changes, Reason::Superseded))
                }
                other => other,
            };
        }
    }
    let coded = record.of("Observation").filter(|(index, own)| {
        own.container.is_none() && may_stand(*index, fates) && own.value.get("code").is_some_and(is_any)
    });
    let observations: Vec<(usize, Value)> = coded.filter_map(|(index, _)| taken(index, fates)).collect();
    (response.is_some() || !observations.is_empty()).then_some(AboutMe { response, observations })
}

/// Whether a response is an About Me: by its questionnaire or its links, or by the questions it answers.
pub fn is_about_me(resource: &Value) -> bool {
    if read::text(resource, "resourceType") != Some("QuestionnaireResponse") {
        return false;
    }
    let names = |text: &str| {
        let plain = crate::standard::plainest(text);
        plain.contains("aboutme")
    };
    if read::text(resource, "questionnaire").is_some_and(names) {
        return true;
    }
    let items: Vec<&Value> = read::items(resource, "item").collect();
    if items
        .iter()
        .any(|item| read::text(item, "linkId").is_some_and(|link| link.to_lowercase().starts_with("about-me")))
    {
        return true;
    }
    let headings = &Kind::AboutMe.standard().headings;
    let asked = |item: &&&Value| headings.iter().any(|heading| asks(item, heading));
    let exact = |item: &&Value| {
        headings.iter().any(|heading| {
            read::text(item, "text")
                .is_some_and(|text| crate::standard::plainest(text) == crate::standard::plainest(&heading.title))
        })
    };
    items.iter().any(exact) || items.iter().filter(asked).count() >= 2
}

fn is_any(code: &Value) -> bool {
    Kind::AboutMe.standard().headings.iter().any(|heading| is_of(code, heading))
}

/// Whether a concept is the heading's code.
fn is_of(concept: &Value, heading: &Heading) -> bool {
    read::codings(concept).any(|(system, code)| heading.has_code(system, code))
}

/// Whether an item asks what the heading asks.
fn asks(item: &Value, heading: &Heading) -> bool {
    read::text(item, "text").is_some_and(|text| heading.is_called(text))
        || read::items(item, "answer").filter_map(|answer| answer.get("valueCoding")).any(|coding| {
            read::text(coding, "code").is_some_and(|code| heading.has_code(read::text(coding, "system"), code))
        })
        || read::text(item, "linkId").is_some_and(|link| {
            let last = link.rsplit('/').next().unwrap_or(link);
            heading.codes.iter().any(|code| code.code == last) || heading.is_called(last)
        })
}

/// The items of a response that stand under a heading; those that no heading asks for stand where the rest does.
pub fn answers<'v>(response: &'v Value, heading: &Heading) -> Vec<&'v Value> {
    let mut found = Vec::new();
    let headings = &Kind::AboutMe.standard().headings;
    let mut open: Vec<&'v Value> = read::items(response, "item").collect();
    open.reverse();
    while let Some(item) = open.pop() {
        let asked = headings.iter().find(|other| asks(item, other));
        let is_group = asked.is_none() && item.get("item").is_some() && item.get("answer").is_none();
        if is_group {
            let mut inner: Vec<&'v Value> = read::items(item, "item").collect();
            inner.reverse();
            open.extend(inner);
        } else if asked.map_or(heading.takes_the_rest, |other| other.key == heading.key) {
            found.push(item);
        }
    }
    found
}
