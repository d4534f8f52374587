//! `adds:` of a csv table: members that rows get when they are read.

use super::one_or_several;
use crate::compile::Workbench;
use crate::diagnostic::{Code, Span};
use crate::format::csv::Tables;
use crate::format::csv::added::{Added, Adding, Agreement, By, Part, Search};
use crate::syntax::Node;

/// How two cells may be compared.
const COMPARISONS: &str = "`text`, `family-name`, `given-names`, `postcode`, or a `part` with its `pattern`";

impl Workbench<'_> {
    /// What the rows of a table get.
    pub(super) fn added(&mut self, node: &Node) -> Vec<Added> {
        let mut out = Vec::new();
        for (name, entry) in node.entries().unwrap_or_default() {
            self.only_words(
                entry,
                &["count", "join", "with", "part", "pattern", "unless", "find", "in", "by", "first"],
            );
            if let Some(parts) = entry.get("count") {
                out.push(Added { name: name.clone(), how: Adding::Count(self.parts_of_row(parts)) });
                continue;
            }
            if let Some(parts) = entry.get("join") {
                let with = self.needed_text(entry, "with").unwrap_or_default();
                out.push(Added { name: name.clone(), how: Adding::Join(self.parts_of_row(parts), with) });
                continue;
            }
            if let Some(column) = entry.get("part") {
                let (column, pattern) = (self.text_of(column), self.expression_with_part(entry));
                let unless = entry.get("unless").and_then(|one| self.text_of(one));
                let unless = unless.and_then(|text| {
                    let read = regex::Regex::new(&text).ok();
                    if read.is_none() {
                        self.report(Code::Format, entry.span, "this regular expression cannot be read");
                    }
                    read
                });
                let how = column.zip(pattern).map(|(column, pattern)| Adding::Part(column, pattern, unless));
                out.extend(how.map(|how| Added { name: name.clone(), how }));
                continue;
            }
            let (Some(take), Some(list)) = (self.needed_text(entry, "find"), self.needed_text(entry, "in")) else {
                continue;
            };
            let ways: Vec<Vec<Agreement>> =
                entry.get("by").map(one_or_several).unwrap_or_default().into_iter().map(|one| self.way(one)).collect();
            if ways.is_empty() || ways.iter().any(Vec::is_empty) {
                let hint = "write `by: { their_column: own_column }`";
                self.reporter.report_with(Code::Format, entry.span, "`find` says by what rows agree", hint);
                continue;
            }
            let first = entry.get("first").is_some_and(|one| one.to_value() == true);
            out.push(Added { name: name.clone(), how: Adding::Find(Search { take, list, ways, first }) });
        }
        out
    }

    /// One way to agree: the column of the other table, and the own one with how they are compared.
    fn way(&mut self, node: &Node) -> Vec<Agreement> {
        let mut out = Vec::new();
        for (theirs, entry) in node.entries().unwrap_or_default() {
            if entry.entries().is_none() {
                let ours = self.text_of(entry);
                out.extend(ours.map(|ours| Agreement { theirs: theirs.clone(), ours, by: By::Text }));
                continue;
            }
            self.only_words(entry, &["of", "as", "pattern"]);
            let (Some(ours), Some(word)) = (self.needed_text(entry, "of"), self.needed_text(entry, "as")) else {
                continue;
            };
            let by = match word.as_str() {
                "text" => Some(By::Text),
                "family-name" => Some(By::FamilyName),
                "given-names" => Some(By::GivenNames),
                "postcode" => Some(By::Postcode),
                "part" => self.expression_with_part(entry).map(By::Part),
                other => {
                    let text = format!("cells are not compared as `{other}`");
                    self.reporter.report_with(Code::Format, entry.span, text, format!("write {COMPARISONS}"));
                    None
                }
            };
            out.extend(by.map(|by| Agreement { theirs: theirs.clone(), ours, by }));
        }
        out
    }

    /// Values of a row: `column`, `column?` where it may be absent, several of which the first counts that is there,
    /// `{ date: column }` for a date.
    fn parts_of_row(&mut self, node: &Node) -> Vec<Part> {
        let mut out = Vec::new();
        for one in one_or_several(node) {
            let (named, as_date) = match one.get("date") {
                Some(inner) => {
                    self.only_words(one, &["date"]);
                    (inner, true)
                }
                None => (one, false),
            };
            let names: Vec<String> = one_or_several(named).into_iter().filter_map(|one| self.text_of(one)).collect();
            let optional = !names.is_empty() && names.iter().all(|name| name.ends_with('?'));
            let columns = names.into_iter().map(|name| name.trim_end_matches('?').to_string()).collect();
            out.push(Part { columns, optional, as_date });
        }
        out
    }

    fn expression_with_part(&mut self, node: &Node) -> Option<regex::Regex> {
        let pattern = self.needed_text(node, "pattern")?;
        let read = regex::Regex::new(&pattern).ok().filter(|one| one.captures_len() > 1);
        if read.is_none() {
            let hint = "the part is what the first brackets find: `^(.*) (AM|PM)$`";
            self.reporter.report_with(Code::Format, node.span, "no regular expression with a part in brackets", hint);
        }
        read
    }

    /// Reports searches in tables that there are not.
    pub(super) fn check_searched(&mut self, tables: &Tables, span: Span) {
        for added in tables.tables.iter().flat_map(|table| &table.adds) {
            if let Adding::Find(search) = &added.how
                && !tables.tables.iter().any(|table| table.list == search.list)
            {
                let text = format!("`{}` is found in `{}`, which is no table", added.name, search.list);
                self.report(Code::Format, span, text);
            }
        }
    }
}
