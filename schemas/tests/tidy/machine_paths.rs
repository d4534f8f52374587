//! Finds absolute paths of one person's machine, which mean nothing anywhere else.

/// The folders people's own files lie in; written apart so that this file does not name them.
const OWN_FOLDERS: &[&str] = &[
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("/Us", "ers/"),
    concat!(":\\Us", "ers\\"),
];

/// Every line that names such a place.
pub fn faults(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for folder in OWN_FOLDERS {
            if names(line, folder) {
                faults.push(format!("{path}:{}: names {folder}", number + 1));
            }
        }
    }
    faults
}

/// Whether a path begins here: inside a longer one (`example.org/...`) the folder is somebody else's.
fn names(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(place, _)| {
        let before = line.get(..place).and_then(|text| text.chars().next_back());
        let inside = |before: char| before.is_alphanumeric() || "_-.)}".contains(before);
        folder.starts_with(':') || !before.is_some_and(inside)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_one_machine_is_named_with_its_line() {
        for folder in OWN_FOLDERS {
            let text = format!("fine\nlet path = \"{folder}ada/notes\";\n");
            assert_eq!(faults("a.rs", &text), [format!("a.rs:2: names {folder}")]);
            let at_start = format!("{folder}ada");
            assert_eq!(faults("a.txt", &at_start).len(), 1);
        }
    }

    #[test]
    fn a_folder_inside_a_longer_path_is_nobodys_machine() {
        let folder = concat!("/ho", "me/");
        for text in [format!("https://example.org{folder}page"), format!("${{DIR}}{folder}x"), format!("src{folder}x")]
        {
            assert!(faults("a.md", &text).is_empty(), "{text}");
        }
    }
}
