//! Members that a table's rows get when they are read: the row of another table that they name without its key, and which
//! of several alike they are.

use super::{Table, Tables};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::json_pointer::{push_index, push_token};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// A member that rows get.
#[derive(Debug, Clone)]
pub struct Added {
    /// Its name in the tree.
    pub name: String,
    /// What it is.
    pub how: Adding,
}

impl Added {
    /// Whether what a row has must be what its cells say when they are read again.
    fn is_read_again(&self) -> bool {
        matches!(self.how, Adding::Find(_) | Adding::Part(..))
    }
}

/// What an added member is.
#[derive(Debug, Clone)]
pub enum Adding {
    /// The number of the row, from 1, among the different rows that have the same values in these columns.
    Count(Vec<Part>),
    /// Values of the row with a separator between them.
    Join(Vec<Part>, String),
    /// What an expression finds in one column: its first group. Nothing where the other expression is found.
    Part(String, regex::Regex, Option<regex::Regex>),
    /// A value of the one row that agrees.
    Find(Search),
}

/// A value of the row: the first of several columns that has one.
#[derive(Debug, Clone)]
pub struct Part {
    /// The columns.
    pub columns: Vec<String>,
    /// Whether it may be absent; it is then an empty text.
    pub optional: bool,
    /// Whether dates with the day first are written as FHIR writes them.
    pub as_date: bool,
}

impl Part {
    fn of(&self, row: &Map<String, Value>) -> Option<String> {
        let cell = self.columns.iter().find_map(|column| text(row, column)).map(str::trim);
        match cell {
            Some(cell) if self.as_date => Some(iso_date(cell).unwrap_or_else(|| cell.to_string())),
            Some(cell) => Some(cell.to_string()),
            None => self.optional.then(String::new),
        }
    }
}

/// `19/10/2026` as `2026-10-19`.
fn iso_date(cell: &str) -> Option<String> {
    let mut parts = cell.split('/').map(|part| part.parse::<i16>().ok());
    let (day, month, year) = (parts.next()??, parts.next()??, parts.next()??);
    let date = jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    (parts.next().is_none() && year > 999).then(|| date.to_string())
}

/// A search for the one row that agrees.
#[derive(Debug, Clone)]
pub struct Search {
    /// The column whose value is taken.
    pub take: String,
    /// The table searched.
    pub list: String,
    /// Ways to agree: the first that fits exactly one row decides.
    pub ways: Vec<Vec<Agreement>>,
    /// Whether the first of several rows will do, for it only matters that there is one.
    pub first: bool,
}

/// Two columns that must agree.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// The column of the table searched.
    pub theirs: String,
    /// The column of the row itself.
    pub ours: String,
    /// How they are compared.
    pub by: By,
}

/// How two cells are compared.
#[derive(Debug, Clone)]
pub enum By {
    /// Texts without regard to case and runs of white space.
    Text,
    /// The same, of what an expression finds in the row's own cell: its first group.
    Part(regex::Regex),
    /// A family name with what stands before the comma of `Surname, Forenames`.
    FamilyName,
    /// First names with those behind the comma: whole words from the first on.
    GivenNames,
    /// Postcodes without spaces.
    Postcode,
}

impl By {
    /// Whether the comparison tells people, and so what it found is said.
    fn names_people(&self) -> bool {
        matches!(self, By::FamilyName | By::GivenNames | By::Postcode)
    }

    /// The row's own cell as it is compared; `None` where it says nothing.
    fn ours(&self, cell: &str) -> Option<String> {
        let said = match self {
            By::Text => folded(cell),
            By::Part(expression) => folded(expression.captures(cell)?.get(1)?.as_str()),
            By::FamilyName => folded(cell.split_once(',')?.0),
            By::GivenNames => given_names(cell.split_once(',')?.1)?,
            By::Postcode => bare(cell),
        };
        Some(said).filter(|said| !said.is_empty())
    }

    /// The other row's cell as it is compared.
    fn theirs(&self, cell: &str) -> Option<String> {
        let said = if matches!(self, By::Postcode) { bare(cell) } else { folded(cell) };
        Some(said).filter(|said| !said.is_empty())
    }
}

/// Lower case, one space, one kind of apostrophe and hyphen.
fn folded(text: &str) -> String {
    let plain = |letter: char| match letter {
        '\u{2018}' | '\u{2019}' | '\u{b4}' | '`' => '\'',
        '\u{2010}'..='\u{2015}' => '-',
        other => other,
    };
    let text: String = text.chars().map(plain).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn bare(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>().to_uppercase()
}

/// First names without a title and without what stands in brackets. An initial is no name: it fits too many.
fn given_names(text: &str) -> Option<String> {
    const TITLES: [&str; 8] = ["mr", "mrs", "ms", "miss", "mx", "dr", "rev", "sir"];
    let text = folded(text.split('(').next().unwrap_or_default());
    let words = text.split(' ').filter(|word| !TITLES.contains(&word.trim_end_matches('.')));
    let words: Vec<&str> = words.collect();
    let first = words.first()?;
    (first.trim_end_matches('.').chars().count() > 1).then(|| words.join(" "))
}

/// Whether the words of one name are the first words of the other.
fn first_words(one: &str, other: &str) -> bool {
    let (mut short, mut long) = (one.split(' '), other.split(' '));
    if one.len() > other.len() {
        std::mem::swap(&mut short, &mut long);
    }
    short.all(|word| long.next() == Some(word))
}

/// Adds what each table's rows are to have, in the order of the declaration.
pub fn add(tables: &Tables, tree: &mut Map<String, Value>, issues: &mut Vec<Issue>) {
    for table in &tables.tables {
        for added in &table.adds {
            let Some(rows) = tree.get(&table.list).and_then(Value::as_array) else { continue };
            let values: Vec<Option<String>> = match &added.how {
                Adding::Count(parts) => counts(rows, parts),
                Adding::Join(parts, with) => {
                    let joined = |row: &Value| {
                        let row = row.as_object()?;
                        let parts: Option<Vec<String>> = parts.iter().map(|part| part.of(row)).collect();
                        Some(parts?.join(with))
                    };
                    rows.iter().map(joined).collect()
                }
                Adding::Part(column, expression, unless) => {
                    let part = |row: &Value| {
                        let cell = text(row.as_object()?, column)?;
                        let shut = unless.as_ref().is_some_and(|unless| unless.is_match(cell));
                        let found = expression.captures(cell).filter(|_| !shut)?;
                        Some(found.get(1)?.as_str().to_string())
                    };
                    rows.iter().map(part).collect()
                }
                Adding::Find(search) => {
                    let others = tree.get(&search.list).and_then(Value::as_array).map(Vec::as_slice);
                    let candidates = Candidates::of(search, others.unwrap_or_default());
                    let itself = search.list == table.list;
                    let found = rows.iter().enumerate().map(|(at, row)| {
                        let own = itself.then_some(at);
                        candidates.find(row, own, &mut |issue| {
                            issues.push(issue.with_pointer(pointer(&table.list, at)));
                        })
                    });
                    found.collect()
                }
            };
            let Some(rows) = tree.get_mut(&table.list).and_then(Value::as_array_mut) else { continue };
            for (row, value) in rows.iter_mut().zip(values) {
                if let (Some(row), Some(value)) = (row.as_object_mut(), value)
                    && text(row, &added.name).is_none()
                {
                    row.insert(added.name.clone(), Value::String(value));
                }
            }
        }
    }
}

/// Whether rows that are to be written would be given again what they have: `Err` names the row that would not.
pub fn check(tables: &Tables, tree: &Value) -> Vec<Issue> {
    let Some(wanted) = tree.as_object() else { return Vec::new() };
    let mut bare = wanted.clone();
    for table in &tables.tables {
        let found = table.adds.iter().filter(|added| added.is_read_again() && !table.has(&added.name));
        for added in found {
            for row in bare.get_mut(&table.list).and_then(Value::as_array_mut).into_iter().flatten() {
                row.as_object_mut().and_then(|row| row.remove(&added.name));
            }
        }
    }
    add(tables, &mut bare, &mut Vec::new());
    let mut issues = Vec::new();
    for table in &tables.tables {
        for added in table.adds.iter().filter(|added| added.is_read_again()) {
            let rows = |tree: &Map<String, Value>| tree.get(&table.list).and_then(Value::as_array).cloned();
            let pairs = rows(wanted).unwrap_or_default().into_iter().zip(rows(&bare).unwrap_or_default());
            for (at, (wanted, again)) in pairs.enumerate() {
                // One tablet, two tablets: a plural says the same.
                let plain = |text: &str| folded(text).trim_end_matches('s').to_string();
                let value = |row: &Value| row.get(&added.name).and_then(Value::as_str).map(plain);
                if value(&wanted).is_some() && value(&wanted) != value(&again) {
                    let text =
                        format!("The file has no column for `{}`, and the row's cells do not say it.", added.name);
                    let issue = Issue::error(IssueCode::NotSupported, IssueKey::MappingNoPlace, text);
                    issues.push(issue.with_pointer(pointer(&table.list, at)).with_hint(format!(
                        "send the rows of all tables that it is found by, or give the table a column for `{}`",
                        added.name
                    )));
                }
            }
        }
    }
    issues
}

impl Table {
    /// Whether a column of the file may hold the member.
    pub fn has(&self, member: &str) -> bool {
        self.columns.iter().any(|(known, _)| known == member)
    }

    /// Whether the member is found or counted, and stands in no column.
    pub fn is_added(&self, member: &str) -> bool {
        self.adds.iter().any(|added| added.name == member) && !self.has(member)
    }
}

fn pointer(list: &str, at: usize) -> String {
    let mut pointer = String::new();
    push_token(&mut pointer, list);
    push_index(&mut pointer, at);
    pointer
}

/// A cell's text, unless it is blank.
fn text<'r>(row: &'r Map<String, Value>, column: &str) -> Option<&'r str> {
    row.get(column).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

/// Rows that are the same in every cell have the same number: one of them is a copy.
fn counts(rows: &[Value], parts: &[Part]) -> Vec<Option<String>> {
    let mut known: HashMap<Vec<String>, Vec<&Value>> = HashMap::new();
    let number = |row| {
        let object: &Map<String, Value> = Value::as_object(row)?;
        let cell = |part: &Part| folded(&part.of(object).unwrap_or_default());
        let alike = known.entry(parts.iter().map(cell).collect()).or_default();
        let at = alike.iter().position(|other| *other == row).unwrap_or_else(|| {
            alike.push(row);
            alike.len() - 1
        });
        Some((at + 1).to_string())
    };
    rows.iter().map(number).collect()
}

/// The rows that may be found, by what they are compared by.
struct Candidates<'s, 'r> {
    search: &'s Search,
    rows: &'r [Value],
    /// For each way: rows by all but first names, which need not be whole.
    ways: Vec<HashMap<Vec<String>, Vec<usize>>>,
}

impl<'s, 'r> Candidates<'s, 'r> {
    fn of(search: &'s Search, rows: &'r [Value]) -> Candidates<'s, 'r> {
        let ways = search.ways.iter().map(|way| {
            let mut known: HashMap<Vec<String>, Vec<usize>> = HashMap::new();
            for (at, row) in rows.iter().enumerate().filter_map(|(at, row)| Some((at, row.as_object()?))) {
                let exact = way.iter().filter(|one| !matches!(one.by, By::GivenNames));
                let key: Option<Vec<String>> = exact.map(|one| one.by.theirs(text(row, &one.theirs)?)).collect();
                key.into_iter().for_each(|key| known.entry(key).or_default().push(at));
            }
            known
        });
        Candidates { search, rows, ways: ways.collect() }
    }

    fn find(&self, row: &Value, itself: Option<usize>, say: &mut dyn FnMut(Issue)) -> Option<String> {
        let row = row.as_object()?;
        let mut several = 0;
        for (way, known) in self.search.ways.iter().zip(&self.ways) {
            let exact = way.iter().filter(|one| !matches!(one.by, By::GivenNames));
            let key: Option<Vec<String>> = exact.map(|one| one.by.ours(text(row, &one.ours)?)).collect();
            let Some(key) = key else { continue };
            let mut agreeing: Vec<(usize, bool)> = Vec::new();
            for at in known.get(&key).into_iter().flatten().filter(|at| Some(**at) != itself) {
                agreeing.extend(self.names_agree(way, row, *at).map(|whole| (*at, whole)));
            }
            match agreeing.as_slice() {
                [] => {}
                [(at, whole)] => {
                    let found = self.rows.get(*at)?.as_object()?;
                    let taken = text(found, &self.search.take)?.to_string();
                    if way.iter().any(|one| one.by.names_people()) {
                        say(self.matched(way, &taken, *whole));
                    }
                    return Some(taken);
                }
                more if self.is_one(more) => {
                    let taken = self.taken(more.first()?.0)?.to_string();
                    if way.iter().any(|one| one.by.names_people()) {
                        say(self.matched(way, &taken, more.iter().all(|(_, whole)| *whole)));
                    }
                    return Some(taken);
                }
                more if self.search.first => {
                    let rows = more.iter().filter_map(|(at, _)| self.rows.get(*at)?.as_object());
                    return rows.filter_map(|row| text(row, &self.search.take)).map(str::to_string).next();
                }
                more => several = several.max(more.len()),
            }
        }
        let people = self.search.ways.iter().flatten().any(|one| one.by.names_people());
        if people {
            say(self.unmatched(several));
        }
        None
    }

    fn taken(&self, at: usize) -> Option<&str> {
        text(self.rows.get(at)?.as_object()?, &self.search.take)
    }

    /// Whether all rows that agree stand for the same: a row that is typed twice is no second person.
    fn is_one(&self, more: &[(usize, bool)]) -> bool {
        let mut taken = more.iter().map(|(at, _)| self.taken(*at));
        let first = taken.next().flatten();
        first.is_some() && taken.all(|other| other == first)
    }

    /// Whether the first names of a candidate agree, and whether they are the same as a whole.
    fn names_agree(&self, way: &[Agreement], row: &Map<String, Value>, at: usize) -> Option<bool> {
        let other = self.rows.get(at)?.as_object()?;
        let mut whole = true;
        for one in way.iter().filter(|one| matches!(one.by, By::GivenNames)) {
            let ours = one.by.ours(text(row, &one.ours)?)?;
            let theirs = one.by.theirs(text(other, &one.theirs)?)?;
            if !first_words(&ours, &theirs) {
                return None;
            }
            whole &= ours == theirs;
        }
        Some(whole)
    }

    fn matched(&self, way: &[Agreement], taken: &str, whole: bool) -> Issue {
        let words: Vec<&str> = way.iter().map(|one| one.by.words(whole)).collect();
        let text = format!(
            "Row matched to {taken} by {}: 1 of the {} rows of `{}` fits.",
            words.join(" + "),
            self.rows.len(),
            self.search.list
        );
        match whole {
            true => Issue::information(IssueCode::BusinessRule, IssueKey::MappingReport, text),
            false => Issue::warning(IssueCode::BusinessRule, IssueKey::MappingReport, text)
                .with_hint("write the whole name as the other table has it, or its key"),
        }
    }

    fn unmatched(&self, several: usize) -> Issue {
        let list = &self.search.list;
        let (code, text) = match several {
            0 => (IssueCode::NotFound, format!("No row of `{list}` agrees with this one in all it is matched by.")),
            n => (
                IssueCode::MultipleMatches,
                format!("{n} rows of `{list}` agree with this one: which is meant is not guessed."),
            ),
        };
        let first = self.search.ways.iter().find(|way| way.iter().any(|one| one.by.names_people()));
        let words: Vec<&str> = first.into_iter().flatten().map(|one| one.by.words(false)).collect();
        Issue::warning(code, IssueKey::MappingLookupMissing, text)
            .with_hint(format!("write {}, or its key", words.join(", ")))
    }
}

impl By {
    fn words(&self, whole: bool) -> &'static str {
        match (self, whole) {
            (By::Text, _) => "text",
            (By::Part(_), _) => "part of a text",
            (By::FamilyName, _) => "surname",
            (By::GivenNames, true) => "first names",
            (By::GivenNames, false) => "first-name prefix",
            (By::Postcode, _) => "normalised postcode",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn people() -> Search {
        let agree = |theirs: &str, ours: &str, by| Agreement { theirs: theirs.into(), ours: ours.into(), by };
        let way = vec![
            agree("last", "who", By::FamilyName),
            agree("first", "who", By::GivenNames),
            agree("code", "code", By::Postcode),
        ];
        Search { take: "id".into(), list: "people".into(), ways: vec![way], first: false }
    }

    #[test]
    fn a_row_without_a_key_finds_one_person_or_nobody() {
        let people_rows = json!([
            { "id": "1", "last": "O\u{2019}Hara", "first": "Ada Mary", "code": "ZZ1 1AA" },
            { "id": "2", "last": "Lee", "first": "Bo", "code": "ZZ2 2BB" },
            { "id": "3", "last": "Lee", "first": "Bo Ann", "code": "ZZ2 2BB" },
            { "id": "4", "last": "Lee", "first": "Bo", "code": "ZZ9 9ZZ" },
            { "id": "5", "last": "Day", "first": "May", "code": "" }
        ]);
        let search = people();
        let rows = people_rows.as_array().expect("rows");
        let candidates = Candidates::of(&search, rows);
        let find = |who: &str, code: &str| {
            let mut said = Vec::new();
            let found = candidates.find(&json!({ "who": who, "code": code }), None, &mut |issue| said.push(issue));
            assert_eq!(said.len(), 1, "{who}");
            (found, said[0].severity == ginnel_schemas::issue::Severity::Warning)
        };
        assert_eq!(find("O'HARA, Ada Mary", "zz11aa"), (Some("1".into()), false));
        assert_eq!(find("O'HARA, Mrs Ada (Addy)", "ZZ1 1AA"), (Some("1".into()), true));
        assert_eq!(find("Lee, Bo", "ZZ9 9ZZ"), (Some("4".into()), false));
        for (who, code) in [
            ("Lee, Bo", "ZZ2 2BB"),     // two people
            ("O'Hara, A", "ZZ1 1AA"),   // an initial
            ("O'Hara, Ad", "ZZ1 1AA"),  // a piece of a word
            ("O'Har, Ada", "ZZ1 1AA"),  // a piece of a surname
            ("O'Hara, Ada Mary", ""),   // the name alone
            ("O'Hara, Ada", "ZZ1 1AB"), // somewhere else
            ("Ada O'Hara", "ZZ1 1AA"),  // which is the surname is not said
            ("Day, May", ""),           // nobody has a postcode
        ] {
            assert_eq!(find(who, code), (None, true), "{who} {code}");
        }
    }

    #[test]
    fn different_rows_of_one_time_are_counted_and_copies_are_not() {
        let rows = json!([
            { "at": "08:00", "what": "a", "note": "x" },
            { "at": "08:00", "what": "A ", "note": "y" },
            { "at": "08:00", "what": "a", "note": "x" },
            { "at": "", "what": "a", "note": "x" }
        ]);
        let part = |column: &str| Part { columns: vec![column.into()], optional: true, as_date: false };
        let parts = [part("at"), part("what")];
        let numbers: Vec<String> = counts(rows.as_array().expect("rows"), &parts).into_iter().flatten().collect();
        assert_eq!(numbers, ["1", "2", "1", "1"]);
    }

    #[test]
    fn values_of_a_row_are_joined_where_those_are_there_that_must_be() {
        let part = |columns: &[&str], optional: bool, as_date: bool| Part {
            columns: columns.iter().map(|one| (*one).to_string()).collect(),
            optional,
            as_date,
        };
        let parts = [part(&["on"], false, true), part(&["due", "at"], true, false)];
        let mut tree = Map::new();
        tree.insert(
            "rows".into(),
            json!([
                { "on": "5/3/2026", "due": " ", "at": "08:00", "what": "PRN Senna AM" },
                { "on": "31/02/2026", "due": "09:00", "what": "Senna" },
                { "on": "", "due": "09:00" }
            ]),
        );
        let pattern = regex::Regex::new("^PRN (.*) AM$").expect("a pattern");
        let adds = vec![
            Added { name: "key".into(), how: Adding::Join(parts.to_vec(), "|".into()) },
            Added { name: "base".into(), how: Adding::Part("what".into(), pattern, None) },
        ];
        let tables = Tables::default();
        let tables = Tables { tables: vec![Table { adds, ..tables.tables[0].clone() }], ..tables };
        add(&tables, &mut tree, &mut Vec::new());
        let member = |at: usize, name: &str| tree["rows"][at][name].as_str().map(str::to_string);
        assert_eq!(member(0, "key").as_deref(), Some("2026-03-05|08:00"));
        assert_eq!(member(0, "base").as_deref(), Some("Senna"));
        assert_eq!(member(1, "key").as_deref(), Some("31/02/2026|09:00"));
        assert_eq!((member(1, "base"), member(2, "key")), (None, None));
    }
}
