//! Sample files of a vendor -> the trees that a mapping would read, and the `format:` that says so.

use super::infer::Seen;
use super::new::message_name;
use crate::check::built_in;
use crate::compile::{Tables, Workbench};
use crate::diagnostic::Reporter;
use crate::format::{Limits, SourceFile};
use crate::source_shape::SourceShape;
use crate::syntax::parse;
use serde_json::Value;
use std::collections::BTreeMap;

/// What samples hold.
#[derive(Debug)]
pub struct Samples {
    /// One tree a payload.
    pub trees: Vec<Value>,
    /// `format:` of the map as YAML; `None` for JSON.
    pub format: Option<String>,
    /// Whether the files are one payload together (a set of tables).
    pub is_set: bool,
}

/// Reads sample files, each one payload (or one a line, for `.ndjson`); tables of different headers are one set.
///
/// The error says which file cannot be read and why.
pub fn read(files: &[SourceFile]) -> Result<Samples, String> {
    if let Some(archive) = files.iter().find(|file| file.is_archive()) {
        return Err(format!("{}: a ZIP archive: unpack it and give the files in it", archive.name));
    }
    let mut kinds: Vec<&str> = files.iter().map(kind).collect();
    kinds.dedup();
    let kind = match kinds.as_slice() {
        ["json" | "ndjson"] | ["json", "ndjson"] | ["ndjson", "json"] => "json",
        [one] => one,
        [] => return Err("there is no sample".into()),
        several => {
            return Err(format!(
                "the samples are of several formats ({}): give those of one message",
                several.join(", ")
            ));
        }
    };
    if kind == "json" {
        let mut trees = Vec::new();
        for file in files {
            trees.extend(json(file)?);
        }
        return if trees.is_empty() {
            Err("there is no payload in the samples".into())
        } else {
            Ok(Samples { trees, format: None, is_set: false })
        };
    }
    let headers: Vec<&[u8]> =
        files.iter().map(|file| file.bytes.split(|byte| *byte == b'\n').next().unwrap_or_default()).collect();
    let is_set = kind == "csv" && headers.windows(2).any(|pair| pair.first() != pair.last());
    let text = if is_set { tables(files) } else { format!("format: {kind}") };
    let together: Vec<Vec<SourceFile>> =
        if is_set { vec![files.to_vec()] } else { files.iter().map(|file| vec![file.clone()]).collect() };
    let mut shape = SourceShape::default();
    let mut trees = Vec::new();
    // What occurs once may be a list elsewhere, what is a text here have attributes there: read again with what is known.
    for _ in 0..3 {
        let read = together.iter().map(|files| tree(&text, files, &shape)).collect::<Result<Vec<_>, _>>()?;
        let same = read == trees;
        trees = read;
        if same {
            break;
        }
        shape = SourceShape::new(Seen::of(&trees).schema(&|_| false));
    }
    Ok(Samples { trees, format: Some(text), is_set })
}

/// The format of a file, by the end of its name, else by how it begins.
fn kind(file: &SourceFile) -> &'static str {
    let end = file.name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match end.as_str() {
        "json" => "json",
        "ndjson" | "jsonl" => "ndjson",
        "csv" | "tsv" => "csv",
        "xml" => "xml",
        "hl7" | "er7" => "hl7v2",
        _ => {
            let start = file.bytes.trim_ascii_start();
            match start.first() {
                Some(b'{' | b'[') => "json",
                Some(b'<') => "xml",
                _ if start.starts_with(b"MSH|") || start.starts_with(b"\x0bMSH|") => "hl7v2",
                _ => "csv",
            }
        }
    }
}

fn json(file: &SourceFile) -> Result<Vec<Value>, String> {
    let read = |bytes: &[u8], line: usize| {
        ginnel_schemas::json::parse(bytes, ginnel_schemas::json::Limits::default()).map_err(|issue| {
            let at = issue.position.map(|at| format!(":{}:{}", at.line + line, at.column)).unwrap_or_default();
            format!("{}{at}: {}", file.name, issue.text)
        })
    };
    if kind(file) == "json" {
        return Ok(vec![read(&file.bytes, 0)?]);
    }
    let lines = file.bytes.split(|byte| *byte == b'\n').enumerate();
    lines.filter(|(_, line)| !line.trim_ascii().is_empty()).map(|(number, line)| read(line, number)).collect()
}

/// `format:` of a set of tables, a list for each file by its name.
fn tables(files: &[SourceFile]) -> String {
    let mut out = String::from("format:\n  csv:\n    tables:");
    for file in files {
        let list = message_name(&file.name).replace('-', "_");
        let stem = file.name.rsplit_once('.').map_or(file.name.as_str(), |(stem, _)| stem);
        let pattern = super::yaml::scalar(&format!("{stem}*.csv"));
        out.push_str(&format!("\n      {list}: {pattern}"));
    }
    out
}

fn tree(format: &str, files: &[SourceFile], shape: &SourceShape) -> Result<Value, String> {
    let named = files.first().map(|file| file.name.clone()).unwrap_or_default();
    let mut reporter = Reporter::new("map.yaml");
    let node = parse(format, &mut reporter).ok_or_else(|| format!("{named}: no format can be made of its name"))?;
    let (systems, none, sources) = (BTreeMap::new(), Tables::default(), BTreeMap::new());
    let compiled = Workbench::new(&mut reporter, &systems, &none, &sources, built_in()).format(node.get("format"));
    if let Some(fault) = reporter.into_found().into_iter().next() {
        return Err(format!("{named}: {}", fault.text));
    }
    let document = compiled.read(files, shape, &Limits::default());
    document.map(|document| document.tree).map_err(|issues| {
        let texts: Vec<&str> = issues.iter().map(|issue| issue.text.as_str()).collect();
        format!("{named}: {}", texts.join(" "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authoring::new::{Request, skeleton};
    use crate::check::check_plugin;
    use crate::plugin_files::Folder;
    use serde_json::json;
    use std::sync::Arc;

    #[test]
    fn each_format_is_read_as_its_tree() {
        let lines = read(&[SourceFile::new("a.ndjson", "{\"a\":1}\n\n{\"a\":2}\n")]).expect("read");
        assert_eq!(lines.trees, [json!({"a": 1}), json!({"a": 2})]);
        let table = read(&[SourceFile::new("people.csv", "Ref,Surname\n1,Okoro\n")]).expect("read");
        assert_eq!(table.trees, [json!({"rows": [{"Ref": "1", "Surname": "Okoro"}]})]);
        assert_eq!(table.format.as_deref(), Some("format: csv"));
        let document =
            read(&[SourceFile::new("p.xml", "<People><Person id='1'><Name>A</Name></Person></People>")]).expect("read");
        assert_eq!(document.trees[0]["People"]["Person"]["@id"], "1");
    }

    #[test]
    fn an_element_that_is_a_list_or_has_attributes_somewhere_is_so_everywhere() {
        let text = "<All><P><Tel>1</Tel></P><P><Tel kind='home'>2</Tel><Tel>3</Tel></P></All>";
        let trees = read(&[SourceFile::new("p.xml", text)]).expect("read").trees;
        assert_eq!(trees[0]["All"]["P"][0]["Tel"], json!([{"#text": "1"}]));
        assert_eq!(trees[0]["All"]["P"][1]["Tel"], json!([{"@kind": "home", "#text": "2"}, {"#text": "3"}]));
    }

    #[test]
    fn messages_of_hl7_are_read_as_segments() {
        let text = "MSH|^~\\&|A|B|C|D|20261019073000||ADT^A01|1|P|2.4\rPID|1||7^^^H||Okoro^Ada||19310203|F\r";
        let read = read(&[SourceFile::new("admit.hl7", text)]).expect("read");
        assert_eq!(read.format.as_deref(), Some("format: hl7v2"));
        let request = Request { vendor: "acme".into(), message: "admit".into(), format: read.format.clone() };
        let made = skeleton(&request, &read.trees, None);
        let held = made.files.iter().map(|file| (file.path.clone(), file.text.clone().into_bytes())).collect();
        let report = check_plugin("acme", &Folder::Held(Arc::new(held)));
        assert!(!report.has_errors(), "{}", report.render().join("\n"));
    }

    #[test]
    fn tables_of_different_headers_are_one_set() {
        let files = [SourceFile::new("clients.csv", "Ref,Name\n1,A\n"), SourceFile::new("visits.csv", "Id,Ref\nv,1\n")];
        let set = read(&files).expect("read");
        assert!(set.is_set);
        assert_eq!(set.trees, [json!({"clients": [{"Ref": "1", "Name": "A"}], "visits": [{"Id": "v", "Ref": "1"}]})]);
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_file_and_line() {
        let fault = read(&[SourceFile::new("a.json", "{\n \"a\": }")]).expect_err("broken");
        assert!(fault.starts_with("a.json:2:"), "{fault}");
        let fault = read(&[SourceFile::new("a.json", "{}"), SourceFile::new("b.xml", "<a/>")]).expect_err("two");
        assert!(fault.contains("several formats"), "{fault}");
    }
}
