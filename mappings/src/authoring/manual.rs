//! The manual: chapters from `manual/`, and what is generated from the language itself (functions, diagnostics).

use crate::account::LawClass;
use crate::diagnostic::Code;
use crate::functions::{FUNCTIONS, Function, NOT_FUNCTIONS, Sources, Takes};
use include_dir::{Dir, include_dir};
use std::fmt::Write;

static CHAPTERS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/manual");

/// Where in a chapter the generated list of functions goes.
const FUNCTIONS_HERE: &str = "<!-- functions -->";
/// Where in a chapter the generated list of diagnostics goes.
const DIAGNOSTICS_HERE: &str = "<!-- diagnostics -->";

/// The chapters in order: name of the file, text.
pub fn chapters() -> Vec<(&'static str, &'static str)> {
    let mut out: Vec<(&str, &str)> = CHAPTERS
        .files()
        .filter_map(|file| Some((file.path().file_name()?.to_str()?, file.contents_utf8()?)))
        .filter(|(name, _)| name.ends_with(".md"))
        .collect();
    out.sort_unstable();
    out
}

/// The whole manual.
pub fn manual() -> String {
    manual_of(&chapters().into_iter().map(|(_, text)| text).collect::<Vec<_>>())
}

/// A manual of the texts of chapters, in this order.
pub fn manual_of(chapters: &[&str]) -> String {
    let mut body = String::new();
    let (mut functions, mut diagnostics) = (false, false);
    for text in chapters {
        functions |= text.contains(FUNCTIONS_HERE);
        diagnostics |= text.contains(DIAGNOSTICS_HERE);
        let text = text.replace(FUNCTIONS_HERE, functions_text().trim_end());
        let text = text.replace(DIAGNOSTICS_HERE, diagnostics_text().trim_end());
        body.push('\n');
        body.push_str(text.trim_end());
        body.push('\n');
    }
    if !functions {
        let _ = write!(body, "\n## Functions\n\n{}", functions_text());
    }
    if !diagnostics {
        let _ = write!(body, "\n## Diagnostics\n\n{}", diagnostics_text());
    }
    let mut out = String::from(
        "<!-- Made by `ginnel mapping manual` of the chapters in `mappings/manual`; do not edit here. -->\n\
         # The mapping language\n\nContents:\n\n",
    );
    for title in headings(&body) {
        let _ = writeln!(out, "* [{title}](#{})", anchor(title));
    }
    out.push_str(&body);
    out
}

/// The headings of the second level, those inside code left out.
fn headings(text: &str) -> Vec<&str> {
    let mut fenced = false;
    text.lines()
        .filter_map(|line| {
            fenced ^= line.trim_start().starts_with("```");
            line.strip_prefix("## ").filter(|_| !fenced)
        })
        .collect()
}

/// The anchor that Markdown gives a heading.
fn anchor(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Every function, from its own description and examples.
pub fn functions_text() -> String {
    let mut out = String::new();
    for function in FUNCTIONS {
        function_text(&mut out, function);
    }
    out.push_str("### What the language has not\n\n| looked for | instead |\n|---|---|\n");
    for (name, instead) in NOT_FUNCTIONS {
        let _ = writeln!(out, "| `{name}` | {instead} |");
    }
    out
}

fn function_text(out: &mut String, function: &Function) {
    let sources = match function.sources {
        Sources::Exactly(1) => "one value".to_string(),
        Sources::Exactly(number) => format!("{number} values, joined by ` + `"),
        Sources::Between(least, most) => format!("{least} to {most} values, joined by ` + `"),
        Sources::Any => "one or more values, joined by ` + `".into(),
    };
    let brackets = match function.takes {
        Takes::Texts(0) => String::new(),
        Takes::Texts(number) => format!("; in brackets {number} quoted text(s)"),
        Takes::SomeTexts(least, most) => format!("; in brackets {least} to {most} quoted texts"),
        Takes::Table => "; in brackets a code table's name".into(),
        Takes::MaybeTable => "; in brackets a code table's name, or nothing".into(),
    };
    let by_element = if function.by_element { "; a list goes element by element, whole or not at all" } else { "" };
    let zone = if function.zone { "; needs `timezone` in vendor.yaml" } else { "" };
    let _ = writeln!(out, "### `{}`\n\n{}\n", function.name, function.help);
    let _ = writeln!(
        out,
        "Takes {sources}{brackets}{by_element}{zone}. Class `{}`: {}.\n",
        function.class.code(),
        promise(function.class)
    );
    for named in function.named {
        let choices: Vec<String> = named.choices.iter().map(|one| format!("`{one}`")).collect();
        let choices = if choices.is_empty() { String::new() } else { format!(" ({})", choices.join(", ")) };
        let _ = writeln!(out, "* `{}:`{choices} {}", named.name, named.help);
    }
    if !function.named.is_empty() {
        out.push('\n');
    }
    out.push_str("| call | your value | in FHIR |\n|---|---|---|\n");
    for example in function.examples {
        let call = if example.arguments.is_empty() {
            function.name.to_string()
        } else {
            format!("{}({})", function.name, example.arguments)
        };
        let values = example.sources.trim().trim_start_matches('[').trim_end_matches(']');
        let result = match example.result {
            "outside" => "not carried".to_string(),
            "nothing" => "nothing is sent".to_string(),
            result => format!("`{}`", cell(result)),
        };
        let _ = writeln!(out, "| `{}` | `{}` | {result} |", cell(&call), cell(values));
    }
    out.push('\n');
}

/// A text inside a table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('`', "'").replace('\n', " ")
}

/// What a law class promises, in the words of the manual.
pub fn promise(class: LawClass) -> &'static str {
    match class {
        LawClass::Iso => "exact both ways",
        LawClass::Lens => "forgets how it was written; the original restores that where nothing changed",
        LawClass::Collapse => "several values become one; the named one comes back, the original restores which it was",
        LawClass::Derive => "computed; compared, never taken, on the way back",
        LawClass::Const => "written out, and must be met on the way in",
        LawClass::Keep => "not sent, restored",
        LawClass::Drop => "not sent, not restored",
    }
}

/// Every diagnostic with what it means.
pub fn diagnostics_text() -> String {
    let mut out = String::from("| code | what is wrong | what to do |\n|---|---|---|\n");
    for code in Code::all() {
        let _ =
            writeln!(out, "| `{}` | {} | {} |", code.code(), cell_text(code.title()), cell_text(code.explanation()));
    }
    out
}

fn cell_text(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_and_every_diagnostic_stands_in_the_manual() {
        let manual = manual();
        for function in FUNCTIONS {
            assert!(manual.contains(&format!("### `{}`", function.name)), "{}", function.name);
        }
        for code in Code::all() {
            assert!(manual.contains(&format!("| `{}` |", code.code())), "{}", code.code());
        }
    }

    #[test]
    fn the_contents_name_the_headings_outside_code_once() {
        assert_eq!(headings("## A\n```\n## no\n```\n## B, and `c`\n"), ["A", "B, and `c`"]);
        assert_eq!(anchor("B, and `c`"), "b-and-c");
    }
}
