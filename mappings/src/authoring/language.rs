//! The words of the language, each described once: JSON Schemas for editors are made of them, and a test compares them
//! with the words that the compiler knows.

use serde_json::{Map, Value, json};

/// What stands behind a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A text.
    Text,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A list of texts.
    Texts,
    /// A list of these texts.
    Choices(&'static [&'static str]),
    /// A text or a list of texts.
    TextOrTexts,
    /// Anything.
    Anything,
    /// A part of the language by its name.
    Part(&'static str),
    /// A list of a part.
    Parts(&'static str),
    /// A map of free names to a part.
    Named(&'static str),
    /// A map of free names to texts.
    NamedTexts,
    /// A map from names to texts, or lists of them.
    NamedTextOrTexts,
    /// A map of free names to anything.
    NamedAnything,
}

/// A word of the language.
#[derive(Debug, Clone, Copy)]
struct Word {
    name: &'static str,
    about: &'static str,
    shape: Shape,
    needed: bool,
}

const fn word(name: &'static str, shape: Shape, about: &'static str) -> Word {
    Word { name, about, shape, needed: false }
}

const fn needed(name: &'static str, shape: Shape, about: &'static str) -> Word {
    Word { name, about, shape, needed: true }
}

/// The words of `vendor.yaml`.
const VENDOR: &[Word] = &[
    needed("id", Shape::Text, "The vendor's id: the folder's name."),
    needed("title", Shape::Text, "A title for people."),
    needed("version", Shape::Text, "The version of the plugin."),
    word("owner", Shape::Text, "Who answers for the plugin."),
    word("description", Shape::Text, "What the plugin is, for people."),
    word("timezone", Shape::Text, "IANA zone of local times without an offset, such as Europe/London."),
    word(
        "systems",
        Shape::NamedTextOrTexts,
        "Short names for URLs, written `$name/rest` in maps and tables; a list where senders spell one in several ways.",
    ),
    word("fhir", Shape::Anything, "The FHIR packages that the plugin is written for."),
    needed("messages", Shape::Texts, "The folders of messages, in the order their examples build on each other."),
    word(
        "refuse",
        Shape::Choices(&["unknown-fields", "unknown-codes", "failed-identifiers"]),
        "What refuses an item instead of being kept and warned of.",
    ),
    word("tenant-tables", Shape::Texts, "Code tables that a tenant (a home, an agency) may override in its own file."),
    word(
        "tenant-keys",
        Shape::Choice(&["shared", "separate"]),
        "Whether the vendor's keys are one set, or counted anew by each tenant.",
    ),
    word(
        "leading-zeros",
        Shape::Choice(&["counted", "ignored"]),
        "Whether keys of digits alone are others with zeros in front.",
    ),
    word(
        "no-value",
        Shape::Texts,
        "Texts that stand for no value wherever they are, such as N/A; case does not count.",
    ),
    word(
        "codes",
        Shape::Choice(&["as-listed", "in-any-case"]),
        "Whether codes that the source schemas list are known in any case, with white space around them.",
    ),
    word(
        "restricted-by",
        Shape::Texts,
        "Members by which an item says that it is restricted: all that is made of such an item is labelled R.",
    ),
    word("fetch", Shape::Anything, "From which hosts what a thin notification names is fetched, and as which message."),
    word(
        "secret-patterns",
        Shape::Texts,
        "Regular expressions; what matches is withheld from every text that is sent.",
    ),
];

/// The words that only `map.yaml` has.
const MAP: &[Word] = &[
    needed("message", Shape::Text, "The message's name: the folder's."),
    word("title", Shape::Text, "A title for people."),
    word(
        "format",
        Shape::Anything,
        "What the vendor's files are: json (the default), csv, xml..., or the format with its options.",
    ),
    word(
        "decode",
        Shape::Anything,
        "What is opened when a payload is read: vendor path: json, { parts: [names], at: sign } or { members: list, name:, value:, prefix:, but: [names] }.",
    ),
    word("parts", Shape::Texts, "Further files of the message's folder, which read as one map together with this one."),
    word("new", Shape::Anything, "Vendor path: the value of a new payload, where no FHIR says one."),
];

/// The words of `map.yaml` and of its parts.
const RULES: &[Word] = &[
    word("items", Shape::Named("item"), "What is refused, versioned and owned one by one; each name is a variable."),
    word("context", Shape::Named("context"), "Items of other messages that are looked up; each name is a variable."),
    word("resources", Shape::Named("resource"), "The FHIR resources that are made, by names of your own."),
    word("keep", Shape::NamedTexts, "Vendor path: why it is not sent. It is restored on the way back."),
    word("drop", Shape::NamedTexts, "Vendor path: why it is neither sent nor restored."),
    word(
        "secret",
        Shape::NamedTexts,
        "Vendor path: why it is withheld from every text that is sent. It is restored on the way back.",
    ),
];

/// The words of an item.
const ITEM: &[Word] = &[
    needed("at", Shape::Text, "Path to the list, or to one object."),
    word("key", Shape::Text, "Path of the vendor's key, inside the item."),
    word(
        "within",
        Shape::TextOrTexts,
        "What keys are told apart by, inside the item: the same key under another is another item.",
    ),
    word("carry", Shape::Anything, "What a message that does not say it takes over from what was kept of the item."),
    word(
        "revision",
        Shape::Anything,
        "Path of the vendor's version, inside the item: a counter or a time; or `{ at, as }`.",
    ),
    word("update", Shape::Anything, "How an item that says only what changed is put onto what was kept of it."),
    word("quarantine", Shape::Parts("report"), "When an item is kept and not published."),
    word("reports", Shape::Parts("report"), "What is said of an item that is published."),
    word("new", Shape::Anything, "Vendor path: the value of a new item, where no FHIR says one."),
    word("keep", Shape::NamedTexts, "Vendor path: why it is not sent. It is restored on the way back."),
    word("drop", Shape::NamedTexts, "Vendor path: why it is neither sent nor restored."),
    word("secret", Shape::NamedTexts, "Vendor path: why it is withheld from every text that is sent."),
];

/// The words of a quarantine or report.
const REPORT: &[Word] = &[
    word("when", Shape::Part("guard"), "When it applies; without it, always."),
    needed("text", Shape::Text, "What is said."),
    word("severity", Shape::Choice(&["warning", "information"]), "How much it matters."),
    word("at", Shape::Text, "Path of the place that it points at."),
];

/// The words of a look-up.
const CONTEXT: &[Word] = &[
    needed("message", Shape::Text, "The other message."),
    needed("item", Shape::Text, "The item in it."),
    needed("key", Shape::Text, "Path of the other item's key, in this message."),
    word("within", Shape::Text, "Path of what the other item's keys are told apart by."),
    word("may-lack", Shape::Anything, "`true` where it mostly is not there, so that nothing is said."),
];

/// The words of every block of rules.
const BLOCK: &[Word] = &[
    word("when", Shape::Part("guard"), "When the block applies."),
    word("new", Shape::Anything, "Of a group: what a new record says where its constants are found in FHIR."),
    word(
        "slices",
        Shape::Named("constants"),
        "Elements of lists by names in brackets (`telecom[mobile]`), told by their constants.",
    ),
    word("const", Shape::NamedAnything, "FHIR path: a fixed value, written out and matched in."),
    word("pairs", Shape::Named("targets"), "Vendor path (several joined by ` + `): FHIR path, read both ways."),
    word("exists", Shape::NamedTexts, "Vendor boolean: the FHIR element that is there when it is true."),
    word("refs", Shape::Named("ref"), "FHIR path of a Reference: the rule that makes what it points at."),
    word("texts", Shape::NamedTexts, "FHIR path: a text with holes (`{path}`), parsed again on the way in."),
    word("derive", Shape::Named("text"), "FHIR path: a text computed out, and compared on the way in."),
    word("groups", Shape::Parts("group"), "Blocks with a guard of their own."),
    word("lists", Shape::Parts("list"), "One element of a FHIR list for each item of a vendor's list."),
    word("copies", Shape::Named("copy"), "Vendor path: the FHIR element it goes into by a shape of shapes.yaml."),
    word("keep", Shape::NamedTexts, "Vendor path: why it is not sent. It is restored on the way back."),
    word("drop", Shape::NamedTexts, "Vendor path: why it is neither sent nor restored."),
    word("secret", Shape::NamedTexts, "Vendor path: why it is withheld from every text that is sent."),
];

/// The words of a resource, besides those of a block.
const RESOURCE: &[Word] = &[
    needed("type", Shape::Text, "FHIR's resource type."),
    word("profile", Shape::Text, "The profile that the resource claims, for instance UK Core's of its type."),
    word("each", Shape::TextOrTexts, "An item, and steps into its lists: `path as name`. One resource for each."),
    needed(
        "id",
        Shape::TextOrTexts,
        "The vendor values that tell the resource from all others; its stable id is made of them.",
    ),
    word("same-as", Shape::Text, "The rule whose resources these are; ids are made as its own are."),
    word("takes-id", Shape::Text, "The vendor value that takes the id of a resource that comes from elsewhere."),
    word("only", Shape::Choice(&["out"]), "`out`: it is sent, and never taken back."),
    word("where", Shape::Part("guard"), "The rows of the last `each` that are taken."),
    word("group-by", Shape::TextOrTexts, "Rows with the same values here become one resource."),
];

/// The words of a list, besides those of a block.
const LIST: &[Word] = &[
    needed("each", Shape::TextOrTexts, "The vendor's list: `path as name`; with `only: out`, steps into lists in it."),
    needed("to", Shape::Text, "FHIR's list."),
    word("key", Shape::Text, "Vendor path by which an element is found again; the first pair by default."),
    word("only", Shape::Choice(&["out"]), "`out`: the way back leaves the vendor's list alone."),
];

/// The words of a pair.
const PAIR: &[Word] = &[
    needed("to", Shape::Text, "The FHIR path."),
    word("as", Shape::TextOrTexts, "A function, or a list of functions one after the other."),
    word("table", Shape::Text, "A code table of tables.yaml."),
    word("only", Shape::Choice(&["out", "in"]), "`out`: sent, never taken back. `in`: taken, never sent."),
    word("when", Shape::Part("guard"), "When the pair applies."),
    word("else", Shape::Part("else"), "What becomes of a value that cannot be carried; `keep` by default."),
];

/// The words of a pair's `else`.
const ELSE: &[Word] = &[
    needed("to", Shape::Text, "The FHIR path."),
    word("as", Shape::TextOrTexts, "A function, or a list of functions."),
    word("table", Shape::Text, "A code table."),
];

/// The words of a copy.
const COPY: &[Word] = &[
    needed("to", Shape::Text, "The FHIR element; a list is gone through element by element."),
    needed("shape", Shape::Text, "A shape of shapes.yaml."),
    word("when", Shape::Part("guard"), "When it applies; of a list, to which elements."),
    word("only", Shape::Choice(&["out"]), "`out`: the way back leaves the vendor's list alone."),
    word("key", Shape::Text, "Of a list: path by which an element is found again, from `it`."),
];

/// The words of a reference.
const REF: &[Word] = &[
    needed("rule", Shape::Text, "The rule that makes what it points at: `rule`, or `message.rule`."),
    needed("key", Shape::Texts, "Vendor paths of the values that the other rule has under `id`, in that order."),
    word("identifier", Shape::Text, "The system under which the vendor's key stands beside the reference."),
    word("display", Shape::Text, "Vendor path of a name for people."),
];

/// The words of a text of parts.
const TEXT: &[Word] = &[
    word("join", Shape::Text, "What stands between parts."),
    word("last", Shape::Text, "What stands before the last part."),
    needed("parts", Shape::Parts("part"), "The parts; an absent one is left out."),
    word("else", Shape::TextOrTexts, "Vendor paths: where words go that another sender says instead."),
];

/// The words of a part of a text.
const PART: &[Word] = &[
    word("when", Shape::Part("guard"), "When the part is there."),
    word("each", Shape::Text, "Once for each: `path as name`. A `when` that looks at the name is asked of each."),
    word("text", Shape::Text, "A text with holes."),
    word("join", Shape::Text, "What stands between its items or parts."),
    word("last", Shape::Text, "What stands before the last of them."),
    word("parts", Shape::Parts("part"), "Parts of its own."),
];

/// The words of a code table.
const TABLE: &[Word] = &[
    word("title", Shape::Text, "What the codes are about."),
    word("fhir", Shape::Text, "Whose the codes of the right side are."),
    word("signed-off", Shape::Part("signature"), "Who says that the rows are right."),
    word("ignore-case", Shape::Flag, "Vendor texts are compared without regard to case."),
    needed("rows", Shape::Part("rows"), "`[vendor code, FHIR side]`."),
    word("back", Shape::NamedAnything, "FHIR side of several rows: the vendor code that comes back, or null."),
    word("else", Shape::Choice(&["as-is"]), "`as-is`: codes without a row go as they are, both ways."),
    word("vendor-else", Shape::Anything, "What a vendor code without a row becomes; `keep` by default."),
    word("fhir-else", Shape::Anything, "The vendor code that a FHIR code without a row becomes; `refuse` by default."),
];

/// The conditions of a guard.
const CONDITIONS: &[Word] = &[
    word("present", Shape::Flag, "Something stands there."),
    word("absent", Shape::Flag, "Nothing stands there."),
    word("equals", Shape::Anything, "Equal to that value."),
    word("in", Shape::Anything, "One of these."),
    word("not-in", Shape::Anything, "None of these; an absent value passes."),
    word("in-any-case", Shape::Anything, "One of these texts, whatever the case."),
    word("before", Shape::Text, "A date that lies before the one at this vendor path."),
    word("matches", Shape::Text, "A text in which the regular expression is found."),
    word("has", Shape::Anything, "A list with that value."),
    word("has-any", Shape::Anything, "A list with one of these."),
    word("has-none", Shape::Anything, "A list with none of these; an absent list passes."),
    word("fits", Shape::Text, "A value that the function can carry."),
    word("table", Shape::Text, "With `in`: a code of which this table makes one of these."),
];

/// A file of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum File {
    /// `vendor.yaml`.
    Vendor,
    /// `map.yaml`.
    Map,
    /// A part of `map.yaml`.
    Part,
    /// `tables.yaml`.
    Tables,
    /// `shapes.yaml`.
    Shapes,
}

impl File {
    /// All of them.
    pub const ALL: [File; 5] = [File::Vendor, File::Map, File::Part, File::Tables, File::Shapes];

    /// `vendor`, `map`, `part`, `tables` or `shapes`.
    pub fn name(self) -> &'static str {
        match self {
            File::Vendor => "vendor",
            File::Map => "map",
            File::Part => "part",
            File::Tables => "tables",
            File::Shapes => "shapes",
        }
    }

    /// The JSON Schema of the file, for editors.
    pub fn schema(self) -> Value {
        let (title, mut whole) = match self {
            File::Vendor => ("vendor.yaml of a Ginnel plugin", object(&[VENDOR])),
            File::Map => ("map.yaml of a Ginnel plugin", object(&[MAP, RULES])),
            File::Part => ("A part of map.yaml of a Ginnel plugin", object(&[RULES])),
            File::Tables => (
                "tables.yaml of a Ginnel plugin",
                json!({"type": "object", "additionalProperties": {"$ref": "#/$defs/table"}}),
            ),
            File::Shapes => (
                "shapes.yaml of a Ginnel plugin",
                json!({"type": "object", "additionalProperties": {"$ref": "#/$defs/group"}}),
            ),
        };
        if let Some(map) = whole.as_object_mut() {
            map.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
            map.insert("title".into(), title.into());
            map.insert("$defs".into(), definitions(self));
            if self == File::Map {
                map.insert("anyOf".into(), json!([{"required": ["resources"]}, {"required": ["parts"]}]));
            }
        }
        whole
    }
}

fn definitions(file: File) -> Value {
    match file {
        File::Vendor => json!({}),
        File::Tables => json!({
            "table": object(&[TABLE]),
            "rows": {"type": "array", "minItems": 1,
                "items": {"type": "array", "minItems": 2, "maxItems": 2, "description": "[vendor code, FHIR side]"}},
            "signature": {"type": "object", "properties": {"by": {"type": "string"}, "on": {"type": "string"}}},
        }),
        File::Map | File::Part | File::Shapes => json!({
            "item": object(&[ITEM]),
            "report": object(&[REPORT]),
            "context": object(&[CONTEXT]),
            "resource": object(&[RESOURCE, BLOCK]),
            "group": object(&[BLOCK]),
            "list": object(&[LIST, BLOCK]),
            "constants": {"type": "object", "description": "FHIR path inside the element: the value that it is told by"},
            "targets": {"anyOf": [{"$ref": "#/$defs/target"}, {"type": "array", "items": {"$ref": "#/$defs/target"}}]},
            "target": {"anyOf": [{"type": "string", "description": "A FHIR path"}, object(&[PAIR])]},
            "else": {"anyOf": [{"const": "keep"}, object(&[ELSE])]},
            "copy": object(&[COPY]),
            "ref": object(&[REF]),
            "text": {"anyOf": [{"type": "string"}, object(&[TEXT])]},
            "part": {"anyOf": [{"type": "string"}, object(&[PART])]},
            "guard": {
                "type": "object",
                "description": "Vendor path: condition. All must hold.",
                "properties": {
                    "any": {"type": "array", "items": {"$ref": "#/$defs/guard"}, "description": "One of these holds."},
                    "all": {"type": "array", "items": {"$ref": "#/$defs/guard"}, "description": "All of these hold."},
                    "not": {"$ref": "#/$defs/guard", "description": "This does not hold."},
                },
                "additionalProperties": {"$ref": "#/$defs/condition"},
            },
            "condition": {"anyOf": [
                {"enum": ["present", "absent"]},
                {"type": ["string", "number", "boolean"], "description": "Equal to that value"},
                object(&[CONDITIONS]),
            ]},
        }),
    }
}

fn object(words: &[&[Word]]) -> Value {
    let mut properties = Map::new();
    let mut required: Vec<&str> = Vec::new();
    for word in words.iter().copied().flatten() {
        properties.insert(word.name.into(), described(word));
        if word.needed {
            required.push(word.name);
        }
    }
    let mut out = json!({"type": "object", "properties": properties, "additionalProperties": false});
    if let (false, Some(map)) = (required.is_empty(), out.as_object_mut()) {
        map.insert("required".into(), json!(required));
    }
    out
}

fn described(word: &Word) -> Value {
    let part = |name: &str| json!({"$ref": format!("#/$defs/{name}")});
    let mut out = match word.shape {
        Shape::Text => json!({"type": "string"}),
        Shape::Choice(choices) => json!({"enum": choices}),
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Texts => json!({"type": "array", "items": {"type": "string"}}),
        Shape::Choices(choices) => json!({"type": "array", "items": {"enum": choices}}),
        Shape::TextOrTexts => json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
        Shape::Anything => json!({}),
        Shape::Part(name) => json!({"allOf": [part(name)]}),
        Shape::Parts(name) => json!({"type": "array", "items": part(name)}),
        Shape::Named(name) => json!({"type": "object", "additionalProperties": part(name)}),
        Shape::NamedTexts => json!({"type": "object", "additionalProperties": {"type": "string"}}),
        Shape::NamedTextOrTexts => json!({"type": "object", "additionalProperties":
            {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}}),
        Shape::NamedAnything => json!({"type": "object"}),
    };
    if let Some(map) = out.as_object_mut() {
        map.insert("description".into(), word.about.into());
    }
    out
}

#[cfg(test)]
mod tests;
