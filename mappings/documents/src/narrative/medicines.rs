//! What the person takes, the last dose of each medicine, and what was given lately; what must not be late stands first.

use super::Context;
use crate::words;
use crate::xhtml::Xhtml;
use ginnel_medicines::administration::{Administration, Outcome};
use ginnel_medicines::current::{Group, Line, WarningKey};
use ginnel_medicines::record::Found;
use jiff::Timestamp;

/// An administration in its place.
struct Dose {
    index: usize,
    administration: Administration,
    order: Option<String>,
}

impl Dose {
    fn when(&self) -> Option<Timestamp> {
        self.administration.when.last().or_else(|| self.due())
    }

    fn due(&self) -> Option<Timestamp> {
        self.administration.due.as_ref().and_then(ginnel_medicines::administration::Due::instant)
    }

    fn is_of(&self, line: &Line) -> bool {
        match &self.order {
            Some(order) => line.evidence.contains(order),
            None => self.administration.shown().to_lowercase() == line.medication.to_lowercase(),
        }
    }
}

/// Writes the tables.
pub fn write(page: &mut Xhtml, context: &Context<'_>, entries: &[usize]) {
    let current = context.current();
    let own: Vec<String> = entries.iter().map(|index| context.record.reference_of(*index)).collect();
    let doses = doses(context, entries);
    let is_listed = |line: &&Line| line.evidence.iter().any(|it| own.contains(it));
    let lines: Vec<&Line> = current.lines.iter().filter(is_listed).collect();
    for group in Group::ALL {
        let mut listed: Vec<&&Line> = lines.iter().filter(|line| line.group == group).collect();
        // What must not be late stands first.
        listed.sort_by_key(|line| !is_time_critical(line));
        let rows: Vec<Vec<String>> = listed.iter().map(|line| row(line, &doses)).collect();
        page.table(group.words(), &["Medicine", "Dose", "Last dose", "Mind", "Why it stands here"], &rows);
    }
    for (absence, _) in current.statements.iter().filter(|(_, reference)| own.contains(reference)) {
        page.strong(&format!("The source says instead of a medicine: {}", absence.key().replace('-', " ")));
    }
    given(page, &doses);
    let shown = |index: &usize| {
        let reference = context.record.reference_of(*index);
        let is_list = context.record.at(*index).is_some_and(|resource| resource.kind == "List");
        is_list
            || lines.iter().any(|line| line.evidence.contains(&reference))
            || current.statements.iter().any(|(_, own)| *own == reference)
            || doses.iter().any(|dose| dose.index == *index)
    };
    let rest: Vec<usize> = entries.iter().copied().filter(|index| !shown(index)).collect();
    super::resources::write(page, context, &rest);
}

fn is_time_critical(line: &Line) -> bool {
    line.warnings.iter().any(|warning| warning.key == WarningKey::TimeCritical)
}

fn doses(context: &Context<'_>, entries: &[usize]) -> Vec<Dose> {
    let mut doses: Vec<Dose> = Vec::new();
    for index in entries {
        let Some(resource) = context.record.at(*index).filter(|it| it.kind == "MedicationAdministration") else {
            continue;
        };
        let administration = Administration::read_in(&context.record, resource);
        let order =
            administration.request.as_ref().and_then(|request| match context.record.follow(resource, request) {
                Found::Resource(order) => Some(context.record.reference_of(order)),
                _ => None,
            });
        doses.push(Dose { index: *index, administration, order });
    }
    doses.sort_by_key(|dose| std::cmp::Reverse(dose.when()));
    doses
}

fn row(line: &Line, doses: &[Dose]) -> Vec<String> {
    let critical = if is_time_critical(line) { " - TIME CRITICAL" } else { "" };
    let dose = line.dose.clone().unwrap_or_else(|| "no dose recorded: ask".to_owned());
    let told: Vec<String> =
        std::iter::once(dose).chain(line.instructions.iter().cloned()).chain(line.notes.iter().cloned()).collect();
    let mut mind: Vec<String> = line
        .warnings
        .iter()
        .map(|warning| format!("{}{}", if warning.is_error() { "STOP: " } else { "" }, warning.text))
        .collect();
    mind.extend(line.reason.iter().cloned());
    let mut why: Vec<String> = vec![line.because.iter().map(|it| it.words()).collect::<Vec<_>>().join("; ")];
    for (word, date) in [("from", &line.start), ("until", &line.end), ("last issued", &line.last_issued)] {
        why.extend(date.iter().map(|date| format!("{word} {}", words::date(date).unwrap_or_else(|| date.clone()))));
    }
    vec![format!("{}{critical}", line.medication), told.join("\n"), last(line, doses), mind.join("\n"), why.join("\n")]
}

/// The newest dose that went in, and what was tried after it.
fn last(line: &Line, doses: &[Dose]) -> String {
    let own: Vec<&Dose> = doses.iter().filter(|dose| dose.is_of(line)).collect();
    let went_in = own.iter().position(|dose| dose.administration.is_given());
    let Some(newest) = own.first() else { return "no dose is recorded in this document".to_owned() };
    let mut parts: Vec<String> = Vec::new();
    match went_in.and_then(|place| own.get(place)) {
        Some(dose) => parts.push(said(dose)),
        None => parts.push("no given dose is recorded in this document".to_owned()),
    }
    if went_in != Some(0) {
        parts.push(format!("newest entry: {}", said(newest)));
    }
    parts.join("\n")
}

fn said(dose: &Dose) -> String {
    let one = &dose.administration;
    let when = time(one, dose);
    let amount = one.dose.as_ref().map(|amount| format!(", {}", amount.text)).unwrap_or_default();
    format!("{when}: {}{amount}", one.outcome.words(one.reason.as_ref()))
}

fn time(one: &Administration, dose: &Dose) -> String {
    use ginnel_medicines::administration::When;
    match &one.when {
        When::Instant { at, .. } => words::instant_words(*at),
        When::Day { text, .. } => words::date(text).unwrap_or_else(|| text.clone()),
        When::Repeated { earlier, later, .. } => {
            format!("{} (the hour that came twice: at {earlier} or {later})", words::instant_words(*earlier))
        }
        When::Period { start, end, .. } => {
            let shown = |text: &Option<String>| {
                text.as_deref().map(|text| words::date(text).unwrap_or_else(|| text.to_owned()))
            };
            [shown(start), shown(end)].into_iter().flatten().collect::<Vec<_>>().join(" to ")
        }
        When::Unreadable(text) => format!("time that cannot be read: {text}"),
        When::NotSaid => {
            dose.due().map_or_else(|| "time not stated".to_owned(), |due| format!("due {}", words::instant_words(due)))
        }
    }
}

/// What was given, and what was not, newest first.
fn given(page: &mut Xhtml, doses: &[Dose]) {
    let counted = doses.iter().filter(|dose| dose.administration.outcome != Outcome::InError);
    let rows: Vec<Vec<String>> = counted
        .map(|dose| {
            let one = &dose.administration;
            let mut notes: Vec<String> = one.notes.clone();
            notes.extend(one.wanted_for.iter().map(|text| format!("for {text}")));
            notes.extend(one.site.iter().map(|text| format!("site {text}")));
            notes.extend(one.contents.iter().map(|text| format!("contains {text}")));
            notes.extend(one.warnings.iter().map(|warning| warning.text.clone()));
            let by: Vec<String> = one.givers.iter().map(ginnel_medicines::administration::Giver::words).collect();
            let due = dose.due().map(words::instant_words).unwrap_or_default();
            let part = one.due.as_ref().and_then(|due| due.part_of_day.clone()).unwrap_or_default();
            let due = if due.is_empty() { part } else { due };
            vec![one.shown(), time(one, dose), due, said_outcome(one), by.join(", "), notes.join("; ")]
        })
        .collect();
    page.table("Given lately, newest first", &["Medicine", "When", "Due", "What happened", "Who", "Note"], &rows);
}

fn said_outcome(one: &Administration) -> String {
    let amount = one.dose.as_ref().map(|amount| format!(", {}", amount.text)).unwrap_or_default();
    format!("{}{amount}", one.outcome.words(one.reason.as_ref()))
}
