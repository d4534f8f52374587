//! Language tags (<https://www.rfc-editor.org/rfc/rfc5646#section-2.1>).

use super::Verdict;
use std::borrow::Cow;

const WORDS: &str = "a language tag is a language, then perhaps a script and a country, such as `en` or `en-GB`";
const NO_LANGUAGE: &str = "no language has these two letters";

/// Tags that were registered before there was a grammar.
const GRANDFATHERED: [&str; 8] =
    ["i-default", "i-klingon", "i-enochian", "i-lux", "i-mingo", "i-navajo", "art-lojban", "en-gb-oed"];

/// The languages of two letters (ISO 639-1), old ones too.
const TWO_LETTERS: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da \
    de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io \
    is it iu iw ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr \
    ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm \
    sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Judges a code. Languages of three letters and more are taken by their form, as there are thousands.
pub(super) fn judge(code: &str) -> Verdict {
    let malformed = |words| Verdict::Malformed(Cow::Borrowed(words));
    if code.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return judge(&code.to_ascii_lowercase());
    }
    if GRANDFATHERED.contains(&code) {
        return Verdict::IsCode;
    }
    if !is_well_formed(code) {
        return malformed(WORDS);
    }
    let language = code.split('-').next().unwrap_or("");
    if language.len() == 2 && !TWO_LETTERS.split_ascii_whitespace().any(|own| own == language) {
        return malformed(NO_LANGUAGE);
    }
    Verdict::IsCode
}

/// What part of a tag is expected next.
#[derive(PartialEq, PartialOrd)]
enum Part {
    ExtendedLanguage,
    Script,
    Region,
    Variant,
    Extension,
}

/// The grammar; longer names of languages are allowed by it but none was ever registered.
fn is_well_formed(tag: &str) -> bool {
    let is_letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let mut parts = tag.split('-').peekable();
    let Some(language) = parts.next() else {
        return false;
    };
    if language == "x" {
        return parts.peek().is_some() && parts.all(is_plain);
    }
    if !(2..=3).contains(&language.len()) || !is_letters(language) {
        return false;
    }
    let mut next = Part::ExtendedLanguage;
    while let Some(part) = parts.next() {
        next = match part.len() {
            3 if next == Part::ExtendedLanguage && is_letters(part) => Part::ExtendedLanguage,
            4 if next <= Part::Script && is_letters(part) => Part::Region,
            2 if next <= Part::Region && is_letters(part) => Part::Variant,
            3 if next <= Part::Region && is_digits(part) => Part::Variant,
            5..=8 if next <= Part::Variant && is_plain(part) => Part::Variant,
            4 if next <= Part::Variant && is_plain(part) && part.starts_with(|c: char| c.is_ascii_digit()) => {
                Part::Variant
            }
            1 if part == "x" => return parts.peek().is_some() && parts.all(is_plain),
            1 if is_plain(part) && parts.next_if(|next| next.len() >= 2 && is_plain(next)).is_some() => {
                while parts.next_if(|next| next.len() >= 2 && is_plain(next)).is_some() {}
                Part::Extension
            }
            _ => return false,
        };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags_are_told_by_the_grammar_and_the_languages_of_two_letters() {
        for (code, good) in [
            ("en", true),
            ("en-GB", true),
            ("EN-gb", true),
            ("cy", true),
            ("tlh", true),
            ("zh-Hant-TW", true),
            ("zh-cmn-Hans-CN", true),
            ("de-CH-1996", true),
            ("es-419", true),
            ("en-US-u-ca-gregory", true),
            ("en-x-private", true),
            ("x-whatever", true),
            ("i-klingon", true),
            ("sl-rozaj-biske", true),
            ("xx", false),
            ("qq-GB", false),
            ("en_GB", false),
            ("en-", false),
            ("-en", false),
            ("e", false),
            ("english", false),
            ("english language", false),
            ("en-GB-US", false),
            ("en-x", false),
            ("en-u", false),
            ("", false),
            ("en-abcdefghi", false),
        ] {
            assert_eq!(judge(code) == Verdict::IsCode, good, "{code}");
        }
    }
}
