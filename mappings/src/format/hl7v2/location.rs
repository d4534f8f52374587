//! A place in a message as people and ERR-2 say it: `PID[1]-3(2).1`.

use std::fmt::{self, Display, Formatter};

/// A place in a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Location {
    /// The segment's name.
    pub segment: String,
    /// Which of the message's segments of that name, from 1.
    pub number: usize,
    /// The field.
    pub field: Option<usize>,
    /// Which of its repetitions, from 1.
    pub repetition: Option<usize>,
    /// The component.
    pub component: Option<usize>,
    /// The subcomponent.
    pub subcomponent: Option<usize>,
}

impl Location {
    /// A whole segment.
    pub fn of_segment(segment: &str, number: usize) -> Location {
        Location { segment: segment.to_string(), number, ..Location::default() }
    }

    /// A place in a segment by the rest of its pointer; `is_list` tells whether a field's next part counts repetitions.
    pub fn of_parts(segment: &str, number: usize, parts: &[String], is_list: impl Fn(&str) -> bool) -> Location {
        let mut out = Location::of_segment(segment, number);
        let Some((field, rest)) = parts.split_first() else { return out };
        // A member that is no field, such as the key, is told at its segment.
        out.field = field.parse().ok();
        let mut rest = rest.iter().filter_map(|part| part.parse::<usize>().ok());
        if is_list(field) {
            out.repetition = rest.next().map(|index| index + 1);
        }
        out.component = rest.next();
        out.subcomponent = rest.next();
        out
    }

    /// Reads what its text form says.
    pub fn from_text(text: &str) -> Option<Location> {
        let (segment, rest) = text.split_once('[')?;
        let (number, rest) = rest.split_once(']')?;
        let mut out = Location::of_segment(segment, number.parse().ok()?);
        let Some(rest) = rest.strip_prefix('-') else { return rest.is_empty().then_some(out) };
        let mut parts = rest.split('.');
        let field = parts.next()?;
        match field.split_once('(') {
            Some((field, repetition)) => {
                out.field = Some(field.parse().ok()?);
                out.repetition = Some(repetition.strip_suffix(')')?.parse().ok()?);
            }
            None => out.field = Some(field.parse().ok()?),
        }
        out.component = parts.next().and_then(|part| part.parse().ok());
        out.subcomponent = parts.next().and_then(|part| part.parse().ok());
        Some(out)
    }

    /// As ERR-2 has it, a component for each part.
    pub fn as_components(&self, delimiter: char) -> String {
        let number = |part: Option<usize>| part.map(|part| part.to_string()).unwrap_or_default();
        let repetition = self.repetition.or(self.field.map(|_| 1));
        let parts = [
            self.segment.clone(),
            self.number.to_string(),
            number(self.field),
            number(repetition),
            number(self.component),
            number(self.subcomponent),
        ];
        let text = parts.join(&delimiter.to_string());
        text.trim_end_matches(delimiter).to_string()
    }
}

impl Display for Location {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.segment, self.number)?;
        if let Some(field) = self.field {
            write!(f, "-{field}")?;
        }
        if let Some(repetition) = self.repetition {
            write!(f, "({repetition})")?;
        }
        for part in [self.component, self.subcomponent].into_iter().flatten() {
            write!(f, ".{part}")?;
        }
        Ok(())
    }
}
