//! Reads the Dockerfile as far as that can be done without an engine.

/// Every source that is copied but is not there, or is kept back by `.dockerignore`; and a missing safeguard.
pub fn faults(dockerfile: &str, ignore: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let instructions = instructions(dockerfile);
    let mut faults = Vec::new();
    for copied in instructions.iter().filter_map(|line| line.strip_prefix("COPY ")) {
        let words: Vec<&str> = copied.split_whitespace().collect();
        if words.iter().any(|word| word.starts_with("--from=")) {
            continue;
        }
        let paths: Vec<&str> = words.into_iter().filter(|word| !word.starts_with("--")).collect();
        let sources = paths.split_last().map(|(_, sources)| sources).unwrap_or_default();
        for source in sources {
            if !exists(source) {
                faults.push(format!("COPY {source}: there is no such thing"));
            }
            if !ignore.lines().any(|line| line.trim() == format!("!{source}")) {
                faults.push(format!("COPY {source}: .dockerignore does not let it through"));
            }
        }
    }
    let last_user = instructions.iter().rev().find_map(|line| line.strip_prefix("USER "));
    let is_root = |user: &str| matches!(user.split(':').next(), Some("root" | "0"));
    if last_user.is_none_or(is_root) {
        faults.push("the image runs as root".to_owned());
    }
    if !instructions.iter().any(|line| line.starts_with("HEALTHCHECK ")) {
        faults.push("the image has no health check".to_owned());
    }
    if instructions.iter().any(|line| line.starts_with("CMD ") && line.contains("--insecure")) {
        faults.push("the image opens itself to the network unasked".to_owned());
    }
    faults
}

/// The instructions, each on one line, without comments.
fn instructions(dockerfile: &str) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in dockerfile.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let text = line.trim_end_matches('\\').trim();
        match joined.last_mut() {
            Some(last) if goes_on => {
                last.push(' ');
                last.push_str(text);
            }
            _ => joined.push(text.to_owned()),
        }
        goes_on = line.ends_with('\\');
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "FROM a AS b\nCOPY here here\nFROM c\nCOPY --from=b /x /x\nUSER 10001\nHEALTHCHECK \\\n  CMD [\"x\"]\nCMD [\"serve\"]\n";

    fn judged(dockerfile: &str) -> Vec<String> {
        faults(dockerfile, "*\n!here\n", |path| path == "here")
    }

    #[test]
    fn a_sound_file_has_no_fault() {
        assert_eq!(judged(GOOD), Vec::<String>::new());
    }

    #[test]
    fn a_source_that_is_missing_or_kept_back_is_named() {
        assert_eq!(
            judged(&GOOD.replace("COPY here here", "COPY --chown=1:1 here \\\n  gone /dst/")),
            ["COPY gone: there is no such thing", "COPY gone: .dockerignore does not let it through"]
        );
    }

    #[test]
    fn a_missing_safeguard_is_named() {
        assert_eq!(judged(&GOOD.replace("USER 10001", "USER root")), ["the image runs as root"]);
        assert_eq!(judged(&GOOD.replace("USER 10001\n", "")), ["the image runs as root"]);
        assert_eq!(judged(&GOOD.replace("HEALTHCHECK", "LABEL")), ["the image has no health check"]);
        assert_eq!(
            judged(&GOOD.replace("[\"serve\"]", "[\"serve\", \"--insecure\"]")),
            ["the image opens itself to the network unasked"]
        );
    }
}
