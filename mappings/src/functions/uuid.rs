//! `uuid`, `urn-uuid` and `urn-oid`: identifiers that are unique in the world, in the one form FHIR writes them.

use super::signature::{Given, SOME_TEXT, Signature};
use super::{Arguments, Example, Function, Named, PLAIN, Returned, Sent, fhir_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;

const WRITTEN: Named = Named {
    name: "written",
    choices: &["lower", "upper", "braces", "compact"],
    help: "how it is written back: `0c1e…`, `0C1E…`, `{0C1E…}` or without hyphens",
};

/// A UUID.
pub const UUID: Function = Function {
    name: "uuid",
    class: LawClass::Lens,
    named: &[WRITTEN],
    signature: Signature {
        takes: &[SOME_TEXT],
        gives: Given::Plain(&[Primitive::String, Primitive::Id, Primitive::Code]),
        returns: true,
    },
    help: "A UUID or GUID however it is written to the one form: lower case, with hyphens.",
    examples: &[
        Example::new(
            "written: braces",
            r#"["{B7F3A9D2-44E1-4B0E-8B55-6E2D5D9E1C03}"]"#,
            r#""b7f3a9d2-44e1-4b0e-8b55-6e2d5d9e1c03""#,
        ),
        Example::new("", r#"["b7f3a9d244e14b0e8b556e2d5d9e1c03"]"#, r#""b7f3a9d2-44e1-4b0e-8b55-6e2d5d9e1c03""#),
        Example::new("", r#"["10442"]"#, "outside"),
    ],
    out: |_, sources| -> Sent { text(sources)?.map(|text| Ok(read(text)?.to_string().into())).transpose() },
    back: |arguments, value| written(arguments, fhir_text(value)?),
    ..PLAIN
};

/// A UUID as a URI.
pub const URN_UUID: Function = Function {
    name: "urn-uuid",
    class: LawClass::Lens,
    named: &[WRITTEN],
    signature: Signature {
        takes: &[SOME_TEXT],
        gives: Given::Plain(&[Primitive::Uri, Primitive::Uuid, Primitive::String]),
        returns: true,
    },
    help: "A UUID or GUID however it is written to `urn:uuid:…`.",
    examples: &[
        Example::new(
            "written: upper",
            r#"["B7F3A9D2-44E1-4B0E-8B55-6E2D5D9E1C03"]"#,
            r#""urn:uuid:b7f3a9d2-44e1-4b0e-8b55-6e2d5d9e1c03""#,
        ),
        Example::new("", r#"["b7f3"]"#, "outside"),
    ],
    out: |_, sources| -> Sent { text(sources)?.map(|text| Ok(read(text)?.urn().to_string().into())).transpose() },
    back: |arguments, value| {
        let text = fhir_text(value)?.strip_prefix("urn:uuid:");
        written(arguments, text.ok_or_else(|| Outside::domain("this is not a `urn:uuid:` and a UUID"))?)
    },
    ..PLAIN
};

/// An OID as a URI.
pub const URN_OID: Function = Function {
    name: "urn-oid",
    class: LawClass::Iso,
    signature: Signature {
        takes: &[SOME_TEXT],
        gives: Given::Plain(&[Primitive::Uri, Primitive::Oid, Primitive::String]),
        returns: true,
    },
    help: "An OID, `2.16.840.1.113883`, to `urn:oid:…`.",
    examples: &[
        Example::new("", r#"["2.16.840.1.113883.2.1.4.1"]"#, r#""urn:oid:2.16.840.1.113883.2.1.4.1""#),
        Example::new("", r#"["3.1"]"#, "outside"),
    ],
    out: |_, sources| -> Sent {
        let urn = text(sources)?.map(|text| format!("urn:oid:{text}"));
        urn.map(|urn| oid(&urn).then(|| Value::from(urn)).ok_or_else(|| Outside::domain("this is not an OID")))
            .transpose()
    },
    back: |_, value| -> Returned {
        let text = fhir_text(value)?;
        let plain = text.strip_prefix("urn:oid:").filter(|_| oid(text));
        Ok(vec![Some(plain.ok_or_else(|| Outside::domain("this is not a `urn:oid:` and an OID"))?.into())])
    },
    ..PLAIN
};

fn oid(urn: &str) -> bool {
    Primitive::Oid.accepts(urn)
}

fn read(text: &str) -> Result<uuid::Uuid, Outside> {
    uuid::Uuid::parse_str(text.trim()).map_err(|_| Outside::domain("this is not a UUID"))
}

fn written(arguments: &Arguments, text: &str) -> Returned {
    // Only the one form is carried back, or the way out would give another text than FHIR had.
    let uuid = read(text).ok().filter(|uuid| uuid.to_string() == text);
    let uuid = uuid.ok_or_else(|| Outside::domain("this is not a UUID in lower case with hyphens"))?;
    let text = match arguments.named("written") {
        Some("upper") => uuid.to_string().to_uppercase(),
        Some("braces") => uuid.braced().to_string().to_uppercase(),
        Some("compact") => uuid.simple().to_string(),
        _ => uuid.to_string(),
    };
    Ok(vec![Some(text.into())])
}
