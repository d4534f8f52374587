//! `fhir-date-time` and `fhir-instant`: what another FHIR sender writes, with the offset that older senders leave out.
//!
//! A dateTime of FHIR stays as exact as it is. One with a time of day and no offset, which R4 does not allow, is read in
//! the vendor's zone.

use super::calendar::Day;
use super::local_time::read;
use super::signature::{DATE_TIMES, Given, SOME_TEXT, Signature};
use super::wall_clock::{Changes, REPEATED, SKIPPED, ZONE, stamp};
use super::{Arguments, Example, Function, PLAIN, Returned, Sent, fhir_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;

/// Dates, at any precision, and times.
pub const FHIR_DATE_TIME: Function = Function {
    name: "fhir-date-time",
    class: LawClass::Lens,
    named: &[ZONE, REPEATED, SKIPPED],
    by_element: true,
    zone: true,
    signature: Signature { takes: &[SOME_TEXT], gives: DATE_TIMES, returns: true },
    help: "A dateTime of FHIR as it is, of any precision; one with a time and no offset is local in the vendor's zone.",
    examples: &[
        Example::new("", r#"["2026-10-19T07:30:00+01:00"]"#, r#""2026-10-19T07:30:00+01:00""#),
        Example::new("", r#"["2026-10-19T07:30:00.125Z"]"#, r#""2026-10-19T07:30:00.125Z""#),
        Example::new("", r#"["2026-10-19"]"#, r#""2026-10-19""#),
        Example::new("", r#"["1931-03"]"#, r#""1931-03""#),
        Example::new("", r#"["2026-10-19T07:30:00"]"#, r#""2026-10-19T07:30:00+01:00""#),
        Example::new("", r#"["2026-10-25T01:40:00"]"#, "outside"),
        Example::new("repeated: later", r#"["2026-10-25T01:40:00"]"#, r#""2026-10-25T01:40:00+00:00""#),
        Example::new("", r#"["2026-02-30"]"#, "outside"),
        Example::new("", r#"["19/10/2026"]"#, "outside"),
    ],
    out: |arguments, sources| -> Sent {
        text(sources)?.map(|text| if is_day(text) { Ok(text.into()) } else { moment(arguments, text) }).transpose()
    },
    back: |_, value| -> Returned {
        let text = fhir_text(value)?;
        if !is_day(text) {
            super::instant::checked(text)?;
        }
        Ok(vec![Some(text.into())])
    },
    ..PLAIN
};

/// Times only.
pub const FHIR_INSTANT: Function = Function {
    name: "fhir-instant",
    class: LawClass::Lens,
    named: &[ZONE, REPEATED, SKIPPED],
    by_element: true,
    zone: true,
    signature: Signature {
        takes: &[SOME_TEXT],
        gives: Given::Plain(&[Primitive::Instant, Primitive::DateTime, Primitive::String]),
        returns: true,
    },
    help: "The same for an `instant`: a date alone is outside, for the time of day would be made up.",
    examples: &[
        Example::new("", r#"["2026-10-19T07:30:00+01:00"]"#, r#""2026-10-19T07:30:00+01:00""#),
        Example::new("", r#"["2026-01-19T07:30:00"]"#, r#""2026-01-19T07:30:00+00:00""#),
        Example::new("", r#"["2026-10-19"]"#, "outside"),
    ],
    out: |arguments, sources| -> Sent { text(sources)?.map(|text| moment(arguments, text)).transpose() },
    back: |_, value| -> Returned {
        let text = fhir_text(value)?;
        super::instant::checked(text)?;
        Ok(vec![Some(text.into())])
    },
    ..PLAIN
};

fn is_day(text: &str) -> bool {
    Day::from_fhir(text).is_some()
}

fn moment(arguments: &Arguments, text: &str) -> Result<Value, Outside> {
    if super::instant::checked(text).is_ok() {
        return Ok(text.into());
    }
    let (local, fraction) =
        read(text).map_err(|_| Outside::domain("this is not a date or time that exists, as FHIR writes it"))?;
    let offset = Changes::of(arguments).offset(&arguments.zone, local, None)?;
    Ok(stamp(local, fraction, offset).into())
}
