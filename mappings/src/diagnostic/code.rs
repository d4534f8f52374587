//! The stable codes of diagnostics, each with its title and what it means for the author.

use serde::Serialize;

macro_rules! codes {
    ($($name:ident = $code:literal, $title:literal, $about:literal;)*) => {
        /// Stable codes of diagnostics; never reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// Every code, in the order of their numbers.
            pub fn all() -> &'static [Code] {
                &[$(Code::$name,)*]
            }

            /// The spelling, for instance `M0002`.
            pub fn code(self) -> &'static str {
                match self { $(Code::$name => $code,)* }
            }

            /// What is wrong, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }

            /// What it means and what to do, for the manual.
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$name => $about,)* }
            }
        }
    };
}

codes! {
    Unreadable = "M0001", "A file is missing or cannot be read",
        "The file is named by `vendor.yaml` or needed by every plugin. Text files are UTF-8.";
    Syntax = "M0002", "Not the YAML or JSON it should be",
        "The place is where reading stopped; the cause may stand before it (a bracket, an indent, a repeated key).";
    UnknownWord = "M0003", "A word the language does not have here",
        "The hint names the word that was meant, or all words known at this place.";
    MissingEntry = "M0004", "A needed entry is missing",
        "Add the entry that is named.";
    WrongKind = "M0005", "An entry of the wrong kind",
        "A text, a list or a map stands where another belongs, or a value is none of those allowed.";
    MapPart = "M0006", "A part of a map that is missing, or that nothing names",
        "`parts` of `map.yaml` names files of the message's folder, each once, and every other `.yaml` file there is named by it.";
    RepeatedName = "M0007", "A name that two files of a map have",
        "A map and its parts read as one: an item, look-up, resource or path set aside has its name in one of them only.";
    Shape = "M0008", "A shape that is not there, or that has no end",
        "`copies` uses a shape of shapes.yaml by its name; a shape that lies within itself ends after a few steps.";
    VendorPath = "M0101", "A vendor path that cannot be read",
        "Vendor paths are names joined by dots, with `[0]`, `[-1]` or `[field='text']` behind lists.";
    FhirPath = "M0102", "A FHIR path that cannot be read",
        "FHIR paths are element names joined by dots, with `[0]` or a slice in brackets; a value never goes to `[1]`, for such a place moves when what stands before it is absent.";
    UndeclaredSlice = "M0103", "A slice that is not declared",
        "Declare it under `slices` with the constants that it is told by.";
    FhirElement = "M0104", "A FHIR element that R4 does not have",
        "The path, constant or resource type names what FHIR's definitions do not have, or a list without a place in it.";
    SourcePath = "M0105", "A vendor path that the source schema does not have",
        "No payload that fits the source schema has a value there. Where a schema says nothing of members every path is accepted.";
    OverlappingSlices = "M0106", "Two slices that one element can belong to",
        "On the way in an element must belong to one slice only. Give both a constant that tells them apart.";
    Function = "M0201", "No such function, or wrong arguments",
        "The manual lists the functions, what stands in their brackets and how many sources they take.";
    Table = "M0202", "A code table that is missing or contradicts itself",
        "Two rows for one vendor code, or several rows for one FHIR side without `back` to say which of them comes back.";
    Guard = "M0203", "A guard that cannot be read or never holds",
        "Guards are maps of `path: condition`. `null` counts as absent: write `absent`.";
    Template = "M0204", "A template that cannot be read",
        "Holes stand in braces, with filters behind `|`. `texts` takes one template, so that it can be read back.";
    Reference = "M0205", "A rule, item or message that does not exist",
        "`refs` name a rule (`rule` or `message.rule`), `each` an item, `context` a message and its item.";
    System = "M0206", "A short name for a system that is not declared",
        "Declare it under `systems` in `vendor.yaml`.";
    TableGap = "M0207", "A vendor value without a row",
        "The source schema lists a value that the table does not. Add a row, or say with `vendor-else` what becomes of it.";
    FhirCode = "M0208", "A code outside its value set",
        "FHIR or the profile binds the element to a value set that does not have this code.";
    UnmappedLeaf = "M0301", "A vendor value that no rule speaks of",
        "Map it, or set it aside under `keep` or `drop` with a reason. The place is the member in the source schema.";
    SourceSchema = "M0302", "A source schema that cannot be used",
        "JSON Schema of draft 4 to 2020-12; `$ref` leads to what the schema itself holds.";
    SchemaWord = "M0303", "Nearly a keyword of JSON Schema",
        "JSON Schema ignores words it does not know, so a misspelt keyword demands nothing.";
    SchemaFormat = "M0304", "Nearly a format of JSON Schema",
        "A format that is not known checks nothing.";
    TypeMismatch = "M0401", "Types that never agree",
        "What the vendor's schema allows, carried as the rule says, can never be a value of the FHIR element. Name a function or a table that makes one of the other.";
    TypeDoubt = "M0402", "Types that do not always agree",
        "Some values that the vendor's schema allows would make an invalid FHIR element; they are found when a payload has one, and refuse its item.";
    ListMismatch = "M0403", "A list meets a single value",
        "A vendor list goes to a FHIR list, a single value to one element. Go through a list with `lists` or `each`, or pick one element.";
    TwoWriters = "M0404", "Two rules write one FHIR element",
        "The guards of both can hold for one message, so one of the values would not be sent. Make the guards exclude each other or write to different elements.";
    TooMany = "M0405", "More values than the element may have",
        "FHIR or the profile allows fewer values than the rules write, or than the vendor's list may hold.";
    RequiredMissing = "M0406", "A required element that no rule writes",
        "FHIR or the profile demands the element wherever its parent is; every such resource would be refused.";
    RequiredDoubt = "M0407", "A required element that may be missing",
        "A rule writes the element, but not for every message that the vendor's schema allows; the hint says when. Such an item is refused when its FHIR is checked.";
    UnknownProfile = "M0408", "A profile that is not at hand",
        "Profiles are those of FHIR R4, of UK Core and of the packages given. Nothing is proved of a profile that cannot be read.";
    ProfileForbids = "M0409", "What the profile forbids",
        "The profile sets the element's maximum to 0, allows other types only, or fixes another value.";
    SameId = "M0410", "Resources of one rule that get the same id",
        "Nothing in `id` tells the elements of `each` apart. Add the value that does.";
    TwoReaders = "M0411", "Two rules write one vendor value on the way in",
        "When the elements differ in FHIR, which of them is meant is anybody's guess. Let one of the pairs be `only: out`.";
    NoWayBack = "M0412", "A FHIR code without a way back",
        "The element is bound to a value set whose codes are all known, and the table does not say what becomes of this one on the way in. Add a row, `back`, or `fhir-else` (`refuse`, or a vendor code).";
    NotReversible = "M0413", "A rule that cannot be read backwards",
        "The way in cannot tell the vendor's values from what this rule writes. Say `only: out`, use `derive`, or make the text unambiguous.";
    NeverHolds = "M0414", "A condition that no payload meets",
        "The source schema says which types and values may stand there, and this is none of them: what hangs on it never happens.";
    NotRestored = "M0415", "A required vendor value that FHIR cannot give back",
        "The source schema requires the value, and no rule writes it on the way in: a resource that did not come from this vendor cannot become its payload.";
    Format = "M0501", "A format, or an option of it, that does not exist",
        "Formats are json, csv and xml; the manual lists the options of each.";
    WasmModule = "M0601", "A WebAssembly converter that cannot be used",
        "Beside `converters/NAME.yaml` lies `converters/NAME.wasm`. A module exports `memory`, `alloc`, `out` and `back`, imports nothing, and keeps within its bounds.";
    WasmLaw = "M0602", "A WebAssembly converter that breaks its promise",
        "At load its examples, and values made of its declared domain, go out and come back. `iso`: the same value comes back; `lens`: what comes back goes out to the same again.";
    WasmUnproven = "M0603", "Carried by a WebAssembly converter, which is tried and not proved",
        "Nothing is wrong. The values go through a module whose law holds for what was tried at load; what it does not carry is kept and warned of.";
    StaleCertificate = "M0701", "A certificate that is out of date",
        "A file of the plugin changed after its certificate was written. Check the plugin again and write a new one.";
    NotCertified = "M0702", "A plugin without a certificate",
        "Nobody has written down what this plugin can lose. `ginnel mapping check --write` does.";
    TenantTable = "M0703", "A tenant overrides a table that is not open",
        "`tenant-tables` in `vendor.yaml` names the tables that homes and agencies may override; all others are the same for everybody.";
    TenantFile = "M0704", "A tenant's file that cannot be used",
        "A tenant is a file `tenants/<name>.yaml`, its name lower-case letters, digits and hyphens, for a vendor that is loaded.";
    Undecided = "M0801", "A value of which nobody has decided what becomes of it",
        "`mapping new` sets aside what it cannot place, with the reason `to be decided`. Give the value a place, or write why it has none.";
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_spelt_once_in_order_and_explained() {
        let codes: Vec<&str> = Code::all().iter().map(|code| code.code()).collect();
        let mut sorted = codes.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(codes, sorted);
        for code in Code::all() {
            assert!(code.title().len() > 10 && code.explanation().ends_with('.'), "{code:?}");
        }
    }
}
