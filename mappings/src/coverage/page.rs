//! The two reports as headings, sentences and tables, which are then written as text or as HTML.

use super::{Counts, Coverage, Direction, NotSent, PluginCoverage, percent};

/// A report.
#[derive(Debug, Clone)]
pub struct Page {
    /// What it is about.
    pub title: String,
    /// In order.
    pub parts: Vec<Part>,
}

/// A part of a report.
#[derive(Debug, Clone)]
pub enum Part {
    /// A heading, level 2 or 3.
    Heading(u8, String),
    /// A sentence.
    Sentence(String),
    /// A table.
    Table(Table),
}

/// A table; cells of the first column head their rows.
#[derive(Debug, Clone)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Its columns.
    pub head: Vec<&'static str>,
    /// Its rows; each as long as the head.
    pub rows: Vec<Vec<String>>,
    /// Columns whose cells are numbers.
    pub numbers: Vec<usize>,
}

/// What became of the values of messages.
pub fn of_messages(coverage: &Coverage) -> Page {
    let mut parts = vec![Part::Sentence(summary(coverage))];
    parts.extend(tables(coverage, true));
    Page { title: coverage.title.clone(), parts }
}

/// What is seen of a plugin.
pub fn of_plugin(plugin: &PluginCoverage) -> Page {
    let mut parts = Vec::new();
    let rows = plugin.messages.iter().map(|message| {
        let seen = message.out.coverage.fields.len();
        let fired = |direction: &Direction| {
            let idle = direction.idle().count();
            format!("{} of {}", direction.rules.len() - idle, direction.rules.len())
        };
        vec![
            message.message.clone(),
            message.examples.to_string(),
            message.generated.to_string(),
            format!("{} seen, {} never", seen, message.out.never_seen.len()),
            fired(&message.out),
            fired(&message.back),
        ]
    });
    parts.push(Part::Table(Table {
        caption: "The messages of the plugin".into(),
        head: vec![
            "Message",
            "Examples",
            "Generated",
            "Fields of the schema",
            "Rules fired to FHIR",
            "Rules fired from FHIR",
        ],
        rows: rows.collect(),
        numbers: vec![1, 2],
    }));
    for message in &plugin.messages {
        parts.push(Part::Heading(2, format!("Message {}", message.message)));
        if !message.unread.is_empty() {
            parts.push(Part::Sentence(format!("Not read here: {}.", message.unread.join(", "))));
        }
        if message.examples + message.generated == 0 {
            parts.push(Part::Sentence("There is no example, so nothing of this mapping was seen at work.".into()));
        }
        for (name, direction, what) in [
            ("To FHIR", &message.out, "Fields of the schema that no message had"),
            ("From FHIR", &message.back, "Elements that rules read and no Bundle had"),
        ] {
            parts.push(Part::Heading(3, name.to_owned()));
            parts.push(Part::Sentence(summary(&direction.coverage)));
            let idle: Vec<Vec<String>> = direction
                .idle()
                .map(|rule| {
                    let writes = rule.writes.clone().unwrap_or_else(|| "nothing of FHIR's".into());
                    vec![rule.rule.to_string(), rule.kind.to_owned(), rule.reads.join(" + "), writes]
                })
                .collect();
            parts.push(if idle.is_empty() {
                Part::Sentence("Every rule of this direction did something.".into())
            } else {
                Part::Table(Table {
                    caption: "Rules that never did anything".into(),
                    head: vec!["Rule", "Kind", "Vendor", "FHIR"],
                    rows: idle,
                    numbers: Vec::new(),
                })
            });
            if !direction.never_seen.is_empty() {
                parts.push(Part::Table(Table {
                    caption: what.into(),
                    head: vec!["Place"],
                    rows: direction.never_seen.iter().map(|one| vec![one.clone()]).collect(),
                    numbers: Vec::new(),
                }));
            }
            parts.extend(tables(&direction.coverage, false));
        }
    }
    Page { title: format!("Coverage of {} ({} {})", plugin.title, plugin.vendor, plugin.version), parts }
}

fn summary(coverage: &Coverage) -> String {
    let unsent: usize = coverage.not_sent.iter().map(|one| one.values).sum();
    format!(
        "{} messages, {} values: {} are in what was sent ({} %), {unsent} are not.",
        coverage.messages,
        coverage.values,
        coverage.values.saturating_sub(unsent),
        coverage.sent_percent(),
    )
}

fn tables(coverage: &Coverage, with_rules: bool) -> Vec<Part> {
    let mut parts = Vec::new();
    let share = |values: usize| format!("{} %", percent(values, coverage.values));
    parts.push(Part::Table(Table {
        caption: "What became of the values".into(),
        head: vec!["Outcome", "Values", "Share", "Meaning"],
        rows: coverage
            .outcomes
            .iter()
            .map(|(code, values)| {
                vec![(*code).to_owned(), values.to_string(), share(*values), meaning(code).to_owned()]
            })
            .collect(),
        numbers: vec![1, 2],
    }));
    if !coverage.not_sent.is_empty() {
        parts.push(Part::Table(Table {
            caption: "Values that were not sent, by reason".into(),
            head: vec!["Reason", "Outcome", "Values"],
            rows: coverage
                .not_sent
                .iter()
                .map(|one| vec![one.reason.clone(), one.outcome.to_owned(), one.values.to_string()])
                .collect(),
            numbers: vec![2],
        }));
    }
    parts.push(Part::Table(Table {
        caption: "By field; `*` stands for any element of a list".into(),
        head: vec!["Field", "Values", "Outcomes", "Becomes", "Why not sent"],
        rows: coverage
            .fields
            .iter()
            .map(|field| {
                vec![
                    field.field.clone(),
                    field.values.to_string(),
                    counts(&field.outcomes),
                    field.becomes.join(", "),
                    reasons(&field.reasons),
                ]
            })
            .collect(),
        numbers: vec![1],
    }));
    if with_rules && !coverage.rules.is_empty() {
        parts.push(Part::Table(Table {
            caption: "By mapping rule".into(),
            head: vec!["Rule", "Class", "Values", "Outcomes"],
            rows: coverage
                .rules
                .iter()
                .map(|rule| {
                    vec![
                        rule.rule.to_string(),
                        rule.class.unwrap_or_default().to_owned(),
                        rule.values.to_string(),
                        counts(&rule.outcomes),
                    ]
                })
                .collect(),
            numbers: vec![2],
        }));
    }
    parts
}

fn counts(outcomes: &Counts) -> String {
    outcomes.iter().map(|(code, values)| format!("{code} {values}")).collect::<Vec<_>>().join(", ")
}

fn reasons(reasons: &[NotSent]) -> String {
    reasons.iter().map(|one| format!("{} ({})", one.reason, one.values)).collect::<Vec<_>>().join("; ")
}

fn meaning(code: &str) -> &'static str {
    match code {
        "mapped" => "sent, and comes back from what was sent",
        "matched" => "a constant or condition that was met",
        "derived" => "recomputed from other values, and equal",
        "collapsed" => "one of several codes that became one",
        "kept" => "not sent; set aside and restored on the way back",
        "dropped" => "neither sent nor restored, with a reason",
        "inconsistent" => "differs from what it is derived from",
        "refused" => "could not be taken",
        _ => "",
    }
}
