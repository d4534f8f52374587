//! The tutorial runs as it stands: its files are written, its commands run, and what they print is what it shows.
//! With UPDATE=1 what they print is written into it.

use std::path::{Path, PathBuf};
use std::process::Command;

fn paper() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../mappings/TUTORIAL.md")
}

/// Fenced blocks: what stands behind the fence, the text, and the lines of the text.
fn blocks(text: &str) -> Vec<(String, String, std::ops::Range<usize>)> {
    let mut out = Vec::new();
    let mut open: Option<(String, usize, String)> = None;
    for (index, line) in text.lines().enumerate() {
        match open.take() {
            Some((info, start, body)) if line.starts_with("```") => out.push((info, body, start..index)),
            Some((info, start, body)) => open = Some((info, start, format!("{body}{line}\n"))),
            None => {
                if let Some(info) = line.strip_prefix("```") {
                    open = Some((info.to_string(), index + 1, String::new()));
                }
            }
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    out
}

/// What the commands print, both streams; a command may find something, but must run.
fn run(folder: &Path, script: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_ginnel")).parent().expect("a folder");
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
    let output =
        Command::new("sh").args(["-c", &format!("exec 2>&1\n{script}")]).current_dir(folder).env("PATH", path).output();
    let output = output.expect("a shell");
    assert!(matches!(output.status.code(), Some(0 | 1)), "{script}: {}", String::from_utf8_lossy(&output.stdout));
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// Every line that is shown is printed, in that order. Counts grow with what the checker can prove, and so may vary.
fn shows(shown: &str, printed: &str) {
    let plain = |line: &str| -> String {
        line.trim_end().chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>().replace("00", "0")
    };
    let is_count = |line: &str| ["  rules:", "  proofs:", "  can be lost"].iter().any(|start| line.starts_with(start));
    let mut rest = printed.lines().map(plain);
    for line in shown.lines().filter(|line| !line.trim().is_empty() && !is_count(line)).map(plain) {
        assert!(rest.any(|one| one == line), "`{line}` is shown and not printed; UPDATE=1 writes it anew:\n{printed}");
    }
}

#[test]
fn the_tutorial_runs_as_it_stands() {
    let text = std::fs::read_to_string(paper()).expect("the tutorial");
    let updating = std::env::var_os("UPDATE").is_some();
    let folder = tempfile::tempdir().expect("a folder");
    let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
    let mut printed = String::new();
    let mut edits = Vec::new();
    for (info, body, range) in blocks(&text) {
        match info.as_str() {
            "sh" => printed = run(folder.path(), &body),
            "text" if updating => edits.push((range, printed.clone())),
            "text" => shows(&body, &printed),
            file => {
                let path = folder.path().join(file.split_once(' ').expect("a file's name").1);
                std::fs::write(path, body).expect("written");
            }
        }
    }
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect(name);
    let tree = |name: &str| serde_json::from_str::<serde_json::Value>(&read(name)).expect("JSON");
    assert_eq!(tree("back.json"), tree("residents.json"), "it came back as it was");
    assert!(read("bundle.json").contains("\"gender\": \"female\""));
    let rows = tree("account.json");
    assert!(rows.as_array().is_some_and(|rows| rows.len() > 20), "one row a value");
    if updating {
        for (range, printed) in edits.into_iter().rev() {
            lines.splice(range, printed.lines().map(str::to_string));
        }
        std::fs::write(paper(), lines.join("\n") + "\n").expect("written");
    }
}
