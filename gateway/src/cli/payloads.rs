//! Payloads from files and standard input: one document a file, or many, one a line (NDJSON), in constant memory.

use ginnel_mappings::format::SourceFile;
use ginnel_schemas::issue::Issue;
use ginnel_schemas::json::{self, Limits};
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, stdin};
use std::path::Path;

/// A payload as it was read.
pub struct Payload {
    /// The file's name, with the line where there are many.
    pub name: String,
    /// The file's name alone.
    pub file: String,
    /// The line of the file that it begins at, from 1.
    pub first_line: usize,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Payload {
    /// A file of one document.
    pub fn whole(name: String, bytes: Vec<u8>) -> Payload {
        Payload { file: name.clone(), name, first_line: 1, bytes }
    }

    /// It as a file of a message.
    pub fn source_file(&self) -> SourceFile {
        let name = Path::new(&self.file).file_name().and_then(|name| name.to_str()).unwrap_or_default();
        SourceFile::new(name, self.bytes.clone())
    }

    /// The tree, or why it cannot be read.
    pub fn parse(&self) -> Result<Value, Box<Issue>> {
        json::parse(&self.bytes, Limits::default()).map_err(Box::new)
    }
}

/// Hands each payload of a file (or of standard input, `-`) to `take`; `true` while it is one of many.
pub fn each_payload(path: &Path, take: &mut dyn FnMut(Payload, bool) -> io::Result<()>) -> io::Result<()> {
    let name = path.display().to_string();
    let source: Box<dyn Read> = if name == "-" { Box::new(stdin()) } else { Box::new(File::open(path)?) };
    let named_so = path.extension().is_some_and(|extension| extension == "ndjson" || extension == "jsonl");
    let mut reader = BufReader::with_capacity(1 << 16, source);
    let mut first = Vec::new();
    read_line(&mut reader, &mut first)?;
    let whole_document = json::parse(&first, Limits::default()).is_ok();
    let more = !reader.fill_buf()?.is_empty();
    let of_many = named_so || (whole_document && more);
    if !of_many {
        let limit = Limits::default().bytes as u64;
        // One byte over the limit is enough to be refused for its size, and no more is held.
        reader.take(limit + 1).read_to_end(&mut first)?;
        return take(Payload::whole(shown(&name), first), false);
    }
    let mut line = first;
    let mut number = 1usize;
    while !line.is_empty() {
        let text = line.trim_ascii();
        if !text.is_empty() {
            let file = shown(&name);
            let name = format!("{file}:{number}");
            take(Payload { name, file, first_line: number, bytes: text.to_vec() }, true)?;
        }
        line.clear();
        read_line(&mut reader, &mut line)?;
        number += 1;
    }
    Ok(())
}

fn shown(name: &str) -> String {
    if name == "-" { "standard input".into() } else { name.into() }
}

/// Reads a line, or as much of it as one payload may have.
fn read_line(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<()> {
    let limit = Limits::default().bytes as u64;
    reader.take(limit + 1).read_until(b'\n', line)?;
    Ok(())
}
