//! A body as the files of a message: one file, or the parts of multipart/form-data (RFC 7578).
//!
//! The bytes are kept as they came, so files are made of them whenever they are read: now, and when they are mended.

use ginnel_mappings::format::SourceFile;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};

/// Most files of one message.
pub const MOST_FILES: usize = 64;
/// Longest boundary (RFC 2046, 5.1.1).
const LONGEST_BOUNDARY: usize = 70;

/// The files of a body; the content type says whether it is one or several, and may name the one (`; name=visits.csv`).
pub fn files_of(bytes: &[u8], content_type: &str) -> Result<Vec<SourceFile>, Vec<Issue>> {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("multipart/form-data") {
        let name = parameter(content_type, "name").or_else(|| parameter(content_type, "filename"));
        return Ok(vec![SourceFile::new(base_name(&name.unwrap_or_default()), bytes)]);
    }
    let boundary = parameter(content_type, "boundary")
        .filter(|boundary| (1..=LONGEST_BOUNDARY).contains(&boundary.len()))
        .ok_or_else(|| broken("The Content-Type names no boundary between the files."))?;
    parts(bytes, &boundary)
}

/// A parameter of a header, without its quotes.
fn parameter(header: &str, wanted: &str) -> Option<String> {
    let mut rest = header.split_once(';')?.1;
    loop {
        let (name, value) = rest.split_once('=')?;
        let value = value.trim_start();
        let (text, behind) = match value.strip_prefix('"') {
            Some(quoted) => quoted_text(quoted)?,
            None => {
                value.split_once(';').map_or((value.trim().to_owned(), ""), |(text, b)| (text.trim().to_owned(), b))
            }
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(text);
        }
        rest = behind.trim_start().trim_start_matches(';');
    }
}

/// What stands before the closing quote, and what behind it.
fn quoted_text(text: &str) -> Option<(String, &str)> {
    let (mut out, mut escaped) = (String::new(), false);
    for (at, c) in text.char_indices() {
        match c {
            '"' if !escaped => return Some((out, text.get(at + 1..).unwrap_or_default())),
            // Browsers escape quotes only; a backslash of a Windows path stands for itself.
            '\\' if !escaped && text.get(at + 1..).is_some_and(|rest| rest.starts_with('"')) => escaped = true,
            other => {
                out.push(other);
                escaped = false;
            }
        }
    }
    None
}

/// A name without folders, whichever way its slashes lean.
fn base_name(name: &str) -> String {
    name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
}

fn parts(bytes: &[u8], boundary: &str) -> Result<Vec<SourceFile>, Vec<Issue>> {
    let line = format!("--{boundary}");
    let mut rest = match bytes.strip_prefix(line.as_bytes()) {
        Some(rest) => rest,
        None => {
            split_at(bytes, format!("\r\n{line}").as_bytes())
                .ok_or_else(|| broken("The body does not begin with the boundary that its Content-Type names."))?
                .1
        }
    };
    let end = format!("\r\n{line}");
    let mut files = Vec::new();
    while !rest.starts_with(b"--") {
        let body = split_at(rest, b"\r\n").ok_or_else(|| broken("The last file has no end."))?.1;
        let (part, behind) = split_at(body, end.as_bytes()).ok_or_else(|| broken("The last file has no end."))?;
        // A part without header lines begins with the empty line behind them.
        let (head, content) = match part.strip_prefix(b"\r\n") {
            Some(content) => (&b""[..], content),
            None => split_at(part, b"\r\n\r\n").ok_or_else(|| broken("A file has no head."))?,
        };
        let head = String::from_utf8_lossy(head);
        let disposition = head
            .split("\r\n")
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"))
            .map(|(_, value)| value.to_owned())
            .unwrap_or_default();
        let name = parameter(&disposition, "filename").or_else(|| parameter(&disposition, "name")).unwrap_or_default();
        files.push(SourceFile::new(base_name(&name), content));
        if files.len() > MOST_FILES {
            let text = format!("The body has more than {MOST_FILES} files.");
            let issue = Issue::error(IssueCode::TooLong, IssueKey::SourceTooMany, text).with_pointer("");
            return Err(vec![issue.with_hint("send one message at a time")]);
        }
        rest = behind;
    }
    if files.is_empty() { Err(broken("The body holds no file.")) } else { Ok(files) }
}

fn split_at<'b>(bytes: &'b [u8], between: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let at = bytes.windows(between.len()).position(|window| window == between)?;
    Some((bytes.get(..at)?, bytes.get(at + between.len()..)?))
}

fn broken(text: &str) -> Vec<Issue> {
    let issue = Issue::error(IssueCode::Structure, IssueKey::SourceUnreadable, text).with_pointer("");
    vec![issue.with_hint("send multipart/form-data with a part for each file, and its name as `filename`")]
}

/// Files as one multipart/form-data body, and the boundary between them.
pub fn multipart(files: &[SourceFile]) -> (String, Vec<u8>) {
    let mut boundary = String::from("ginnel-file");
    while files.iter().any(|file| split_at(&file.bytes, boundary.as_bytes()).is_some()) {
        boundary.push('-');
    }
    let mut out = Vec::new();
    for file in files {
        let name: String = file.name.chars().filter(|c| !c.is_control()).collect();
        let name = name.replace('"', "\\\"");
        let head =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(&file.bytes);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (boundary, out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_body_is_one_file_and_its_content_type_may_name_it() {
        let read = |content_type: &str| files_of(b"a,b\n", content_type).expect("a file").remove(0).name;
        assert_eq!(read("text/csv"), "");
        assert_eq!(read("text/csv; charset=utf-8; name=visits.csv"), "visits.csv");
        assert_eq!(read("text/csv; name=\"C:\\\\export\\visits; \\\"old\\\".csv\""), "visits; \"old\".csv");
    }

    #[test]
    fn parts_of_a_form_are_files_and_broken_forms_are_refused() {
        let body =
            b"--b\r\nContent-Disposition: form-data; name=\"x\"; filename=\"a.csv\"\r\n\r\nA\r\n1\r\n\r\n--b\r\n\
            content-disposition: form-data; name=b.csv\r\n\r\n\r\n--b--\r\n";
        let files = files_of(body, "multipart/form-data; boundary=b").expect("files");
        assert_eq!(files, [SourceFile::new("a.csv", &b"A\r\n1\r\n"[..]), SourceFile::new("b.csv", &b""[..])]);
        for (body, content_type) in [
            (&body[..], "multipart/form-data"),
            (&body[..], "multipart/form-data; boundary=other"),
            (&body[..60], "multipart/form-data; boundary=b"),
            (&b"--b--\r\n"[..], "multipart/form-data; boundary=b"),
        ] {
            assert!(files_of(body, content_type).is_err(), "{content_type}");
        }
    }

    proptest! {
        #[test]
        fn files_come_back_from_a_form_as_they_were(
            files in proptest::collection::vec(("[a-z;\" ]{1,8}", proptest::collection::vec(any::<u8>(), 0..40)), 1..5)
        ) {
            let files: Vec<SourceFile> = files.into_iter().map(|(name, bytes)| SourceFile::new(name, bytes)).collect();
            let (boundary, body) = multipart(&files);
            let read = files_of(&body, &format!("multipart/form-data; boundary={boundary}"));
            prop_assert_eq!(read.expect("files"), files);
        }

        #[test]
        fn no_bytes_are_too_odd_for_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in ".{0,40}") {
            let _ = files_of(&bytes, "multipart/form-data; boundary=-");
            let _ = files_of(&bytes, &text);
        }
    }
}
