//! `media-type`: what a file is, as `type/subtype` (<https://www.rfc-editor.org/rfc/rfc6838#section-4.2>).

use super::signature::{Given, SOME_TEXT, Signature};
use super::{Example, Function, PLAIN, Returned, Sent, fhir_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::primitive::Primitive;
use ginnel_schemas::terminology::is_media_type;

/// Media types.
pub const MEDIA_TYPE: Function = Function {
    name: "media-type",
    class: LawClass::Iso,
    by_element: true,
    signature: Signature {
        takes: &[SOME_TEXT],
        gives: Given::Plain(&[Primitive::Code, Primitive::String]),
        returns: true,
    },
    help: "The kind of a file as `type/subtype`, with its parameters, as it is; the ending of a file name is none.",
    examples: &[
        Example::new("", r#"["application/pdf"]"#, r#""application/pdf""#),
        Example::new("", r#"["text/plain; charset=UTF-8"]"#, r#""text/plain; charset=UTF-8""#),
        Example::new("", r#"["pdf"]"#, "outside"),
        Example::new("", r#"["PDF document"]"#, "outside"),
    ],
    out: |_, sources| -> Sent { text(sources)?.map(|text| Ok(media_type(text)?.into())).transpose() },
    back: |_, value| -> Returned { Ok(vec![Some(media_type(fhir_text(value)?)?.into())]) },
    ..PLAIN
};

fn media_type(text: &str) -> Result<&str, Outside> {
    is_media_type(text)
        .then_some(text)
        .ok_or_else(|| Outside::domain("this is no media type such as `application/pdf`"))
}
