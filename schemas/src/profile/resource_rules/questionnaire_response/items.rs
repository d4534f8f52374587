//! Items in the right place, order and number, answered where they must and only where they may.

use super::enable_when::{Enabled, Scopes};
use super::limits::Patterns;
use super::{KEY, answer, extension_number};
use crate::issue::{Issue, IssueCode, Severity};
use crate::known::Known;
use crate::profile::findings::Findings;
use crate::profile::resource_rules::budget::Budget;
use crate::profile::resource_rules::members::{Object, extensions, is_true, list, objects, text};
use serde_json::Value;
use std::collections::HashMap;

const MIN_OCCURS: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-minOccurs";
const MAX_OCCURS: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs";
const TRANSLATION: &str = "http://hl7.org/fhir/StructureDefinition/translation";

/// What stays the same while the items are walked.
pub(super) struct Form<'q> {
    /// The questionnaire, and who contains it.
    pub holders: &'q [&'q Object],
    /// Everything published.
    pub known: &'q Known,
    /// Patterns of answers.
    pub patterns: Patterns,
    /// Every question by its linkId.
    questions: HashMap<&'q str, &'q Object>,
    /// Whether answers may still be to come.
    in_progress: bool,
}

/// Judges all items of the answers.
pub(super) fn check<'a>(
    response: &'a Object,
    form: &Object,
    holders: &[&Object],
    known: &Known,
    findings: &mut Findings<'a>,
) {
    let mut questions = HashMap::new();
    gather(form, &mut questions);
    let in_progress = text(response, "status") == Some("in-progress");
    let form_read = Form { holders, known, patterns: Patterns::default(), questions, in_progress };
    let mut walk = Walk { form: &form_read, scopes: Scopes::new(response), budget: Budget::default(), findings };
    walk.items(list(form, "item"), response);
    if walk.budget.is_spent() {
        let text = "The answers and their questionnaire are too big to be compared whole; the rest was not judged.";
        walk.findings.warning(IssueCode::TooLong, KEY, text);
    }
}

fn gather<'q>(of: &'q Object, questions: &mut HashMap<&'q str, &'q Object>) {
    for (_, question) in objects(of, "item") {
        if let Some(link_id) = text(question, "linkId") {
            questions.entry(link_id).or_insert(question);
        }
        gather(question, questions);
    }
}

struct Walk<'a, 'f, 'q> {
    form: &'f Form<'q>,
    scopes: Scopes<'a>,
    budget: Budget,
    findings: &'f mut Findings<'a>,
}

impl<'a> Walk<'a, '_, '_> {
    /// The items of the whole response, of an item or of an answer, by the questions that belong there.
    fn items(&mut self, questions: &[Value], holder: &'a Object) {
        if !self.budget.spend(1 + questions.len()) {
            return;
        }
        let places: HashMap<&str, usize> = questions
            .iter()
            .enumerate()
            .filter_map(|(at, question)| Some((question.get("linkId")?.as_str()?, at)))
            .collect();
        let mut by_place: HashMap<usize, Vec<(usize, &'a Object)>> = HashMap::new();
        let mut furthest = 0;
        self.findings.path.push("item");
        for (index, item) in objects(holder, "item") {
            self.findings.path.set_index(Some(index));
            // The walk over the base type reports an item without linkId.
            let Some(link_id) = text(item, "linkId") else {
                continue;
            };
            match places.get(link_id) {
                Some(place) => {
                    if *place < furthest {
                        let text = format!("The item `{link_id}` comes later than the questionnaire has it.");
                        self.error(IssueCode::Structure, text);
                    }
                    furthest = furthest.max(*place);
                    by_place.entry(*place).or_default().push((index, item));
                }
                None => self.misplaced(link_id, item),
            }
        }
        self.findings.path.pop();
        for (place, question) in questions.iter().enumerate() {
            if !self.budget.spend(1) {
                return;
            }
            if let Value::Object(question) = question {
                self.question(question, by_place.get(&place).map_or(&[], Vec::as_slice));
            }
        }
    }

    fn misplaced(&mut self, link_id: &str, item: &'a Object) {
        let Some(question) = self.form.questions.get(link_id).copied() else {
            let text = format!("The questionnaire has no item `{link_id}`.");
            return self.error(IssueCode::NotFound, text);
        };
        self.error(IssueCode::Structure, format!("The item `{link_id}` belongs elsewhere in the questionnaire."));
        self.item(question, item);
    }

    /// A question, with the items that answer it; the path stands at what holds them.
    fn question(&mut self, question: &Object, items: &[(usize, &'a Object)]) {
        let link_id = text(question, "linkId").unwrap_or_default();
        let says_something = |item: &Object| item.contains_key("answer") || item.contains_key("item");
        let is_answered = items.iter().any(|(_, item)| says_something(item));
        match self.scopes.enabled(question, self.form.known.types, &mut self.budget) {
            Enabled::No => return self.disabled(link_id, items),
            Enabled::Unknown => {
                let text = format!("Whether the item `{link_id}` is to be answered could not be found out.");
                self.findings.information(IssueCode::Incomplete, KEY, text);
            }
            Enabled::Yes if is_true(question, "required") && !is_answered => {
                if let Some((index, _)) = items.first() {
                    self.findings.path.push("item");
                    self.findings.path.set_index(Some(*index));
                }
                self.missing(format!("The item `{link_id}` must be answered."));
                if !items.is_empty() {
                    self.findings.path.pop();
                }
            }
            Enabled::Yes => {}
        }
        self.findings.path.push("item");
        self.how_often(question, link_id, items);
        for (index, item) in items {
            self.findings.path.set_index(Some(*index));
            self.item(question, item);
        }
        self.findings.path.pop();
    }

    /// An answer may only be missing while answers are still to come.
    fn missing(&mut self, text: String) {
        let severity = if self.form.in_progress { Severity::Warning } else { Severity::Error };
        self.findings.push(Issue::new(severity, IssueCode::Required, KEY, text));
    }

    fn disabled(&mut self, link_id: &str, items: &[(usize, &'a Object)]) {
        self.findings.path.push("item");
        for (index, item) in items {
            if item.contains_key("answer") || item.contains_key("item") {
                self.findings.path.set_index(Some(*index));
                self.findings.push(
                    Issue::error(
                        IssueCode::Invariant,
                        KEY,
                        format!("The item `{link_id}` is answered, though other answers say that it is not to be."),
                    )
                    .with_hint("leave the answer out, or mend the answers that its `enableWhen` names"),
                );
            }
        }
        self.findings.path.pop();
    }

    /// How many items, or of a question how many answers; the path stands at `item`.
    fn how_often(&mut self, question: &Object, link_id: &str, items: &[(usize, &'a Object)]) {
        let Some((first, _)) = items.first() else {
            return;
        };
        let is_group = text(question, "type") == Some("group");
        let (count, what) = if is_group {
            (items.len(), "times")
        } else {
            (items.iter().map(|(_, item)| list(item, "answer").len()).sum(), "answers")
        };
        let (one_only, second) = (!is_true(question, "repeats"), items.get(1));
        if let (true, Some((index, _))) = (one_only, second) {
            self.findings.path.set_index(Some(*index));
            self.error(IssueCode::Structure, format!("The item `{link_id}` may be there only once."));
        } else if one_only && count > 1 {
            self.findings.path.set_index(Some(*first));
            self.error(IssueCode::Structure, format!("The item `{link_id}` may have only one answer."));
        }
        self.findings.path.set_index(Some(*first));
        if let Some(least) = extension_number(question, MIN_OCCURS).filter(|least| count < *least) {
            self.missing(format!("The item `{link_id}` needs at least {least} {what}, and has {count}."));
        }
        if let Some(most) = extension_number(question, MAX_OCCURS).filter(|most| count > *most) {
            let text = format!("The item `{link_id}` may have at most {most} {what}, and has {count}.");
            self.error(IssueCode::Structure, text);
        }
        self.findings.path.set_index(None);
    }

    /// One item; the path stands at it.
    fn item(&mut self, question: &Object, item: &'a Object) {
        let link_id = text(question, "linkId").unwrap_or_default();
        if text(item, "text").is_some_and(|words| !is_text_of(question, words)) {
            self.findings.path.push("text");
            self.error(IssueCode::Value, format!("The text of the item `{link_id}` is not that of the questionnaire."));
            self.findings.path.pop();
        }
        let question_type = text(question, "type").unwrap_or_default();
        let takes_answers = !matches!(question_type, "group" | "display" | "question");
        if !takes_answers && item.contains_key("answer") {
            let text = format!("The item `{link_id}` is a {question_type} and takes no answers.");
            let issue = Issue::error(IssueCode::Structure, KEY, text);
            let is_group = question_type == "group";
            self.findings.push(if is_group {
                issue.with_hint("put the items of a group into its `item`")
            } else {
                issue
            });
        }
        let inner = list(question, "item");
        self.scopes.enter(item);
        match question_type {
            "group" => self.items(inner, item),
            "display" if item.contains_key("item") => {
                self.error(IssueCode::Structure, format!("The item `{link_id}` is only shown, and has no items."));
            }
            "display" => {}
            _ if item.contains_key("item") => {
                self.findings.push(
                    Issue::error(
                        IssueCode::Structure,
                        KEY,
                        format!("Items further in of the question `{link_id}` belong into its answers."),
                    )
                    .with_hint("move them to `answer.item`"),
                );
            }
            _ => {}
        }
        if question_type != "group" {
            self.findings.path.push("answer");
            for (index, one) in objects(item, "answer") {
                self.findings.path.set_index(Some(index));
                if takes_answers && self.budget.spend(1) {
                    answer::check(question, one, self.form, &mut self.budget, self.findings);
                }
                if !inner.is_empty() || one.contains_key("item") {
                    self.scopes.enter(one);
                    self.items(inner, one);
                    self.scopes.leave();
                }
            }
            self.findings.path.pop();
            if takes_answers {
                answer::check_together(question, item, self.findings);
            }
        }
        self.scopes.leave();
    }

    fn error(&mut self, code: IssueCode, text: String) {
        self.findings.error(code, KEY, text);
    }
}

/// Whether the words are the question's, or a translation of it that the questionnaire gives.
fn is_text_of(question: &Object, words: &str) -> bool {
    let Some(own) = text(question, "text") else {
        return false;
    };
    let translated = || {
        let companion = question.get("_text").and_then(Value::as_object)?;
        extensions(companion, TRANSLATION).flat_map(|translation| extensions(translation, "content")).find(|content| {
            text(content, "valueString") == Some(words) || text(content, "valueMarkdown") == Some(words)
        })
    };
    own == words || translated().is_some()
}
