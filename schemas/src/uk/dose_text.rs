//! What dose text in English says for certain: amounts, how often, for how long, the most, and whether only when needed.
//!
//! It reads modestly: whatever it does not understand is passed over, and a text with words that can change the meaning of
//! its numbers ("then", "reduce", "or") is called intricate, so that nobody judges by it. Source of the phrases: the
//! Implementation Guide for Digital Medicines (dose to text), and the labels that care systems send.

mod tokens;
mod words;

pub use tokens::MOST_BYTES;
pub use words::{Measure, Route, days, unit};

use tokens::{Token, Tokens};

/// From the least to the greatest, both included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The least.
    pub low: f64,
    /// The greatest.
    pub high: f64,
}

impl Range {
    /// One value.
    pub fn exactly(value: f64) -> Range {
        Range { low: value, high: value }
    }

    /// Both ends multiplied.
    pub fn times(self, factor: f64) -> Range {
        Range { low: self.low * factor, high: self.high * factor }
    }

    /// Whether they have a value in common, but for the rounding of a few per cent that words bring along.
    pub fn meets(self, other: Range) -> bool {
        const ROUNDING: f64 = 1.03;
        self.low <= other.high * ROUNDING && other.low <= self.high * ROUNDING
    }
}

/// An amount.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Amount {
    /// What is measured.
    pub measure: Measure,
    /// How much, in the measure's own unit.
    pub range: Range,
}

/// The most in a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Most {
    /// How much.
    pub amount: Amount,
    /// In how many days, where the text says so.
    pub days: Option<f64>,
}

/// A few of a kind, on the stack.
#[derive(Debug, Clone, Copy)]
pub struct Few<T> {
    list: [Option<T>; 8],
}

impl<T: Copy> Few<T> {
    /// None yet.
    pub fn new() -> Few<T> {
        Few { list: [None; 8] }
    }

    /// Adds one; false when there is no room.
    pub fn add(&mut self, item: T) -> bool {
        match self.list.iter_mut().find(|place| place.is_none()) {
            Some(place) => {
                *place = Some(item);
                true
            }
            None => false,
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        self.list.iter().flatten().copied()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.iter().all(Option::is_none)
    }
}

/// What a text says.
#[derive(Debug)]
pub struct DoseText {
    /// Single doses.
    pub amounts: Few<Amount>,
    /// How often, in times a day; the text says one of them.
    pub rates: Few<Range>,
    /// How long, in days.
    pub bounds: Few<Range>,
    /// The most in a time.
    pub most: Option<Most>,
    /// Whether it is taken only when needed.
    pub is_as_needed: bool,
    /// Whether any word hints that it is taken at need, though it may mean something else.
    pub hints_at_need: bool,
    /// The routes named.
    pub routes: Few<Route>,
    /// The parts of the day named, as bits.
    pub slots: u8,
    /// The days of the week named, as bits from Monday.
    pub weekdays: u8,
    /// Whether words are there that may change what the rest means.
    pub is_intricate: bool,
    /// Whether the text opens with an amount or a word that goes with one ("take").
    pub opens_with_dose: bool,
}

impl DoseText {
    /// Reads a text; nothing when it is too long to be read with certainty.
    pub fn read(text: &str) -> Option<DoseText> {
        let mut buffer = [0_u8; MOST_BYTES];
        let lower = buffer.get_mut(..text.len())?;
        lower.copy_from_slice(text.as_bytes());
        lower.make_ascii_lowercase();
        let tokens = Tokens::of(std::str::from_utf8(lower).ok()?)?;
        let mut reader = Reader { tokens: &tokens, said: DoseText::empty(), at: 0 };
        reader.said.is_intricate = tokens.is_odd;
        while reader.at < tokens.len() {
            reader.step();
        }
        Some(reader.said)
    }

    fn empty() -> DoseText {
        DoseText {
            amounts: Few::new(),
            rates: Few::new(),
            bounds: Few::new(),
            most: None,
            is_as_needed: false,
            hints_at_need: false,
            routes: Few::new(),
            slots: 0,
            weekdays: 0,
            is_intricate: false,
            opens_with_dose: false,
        }
    }
}

struct Reader<'r, 't> {
    tokens: &'r Tokens<'t>,
    said: DoseText,
    at: usize,
}

impl<'t> Reader<'_, 't> {
    fn word(&self, offset: usize) -> &'t str {
        self.tokens.word_at(self.at + offset)
    }

    fn is(&self, offset: usize, words: &[&str]) -> bool {
        words.contains(&self.word(offset))
    }

    /// Reads what stands at the place and goes on behind it.
    fn step(&mut self) {
        let read = self.most().or_else(|| self.often()).or_else(|| self.amount()).or_else(|| self.single_word());
        self.at += read.unwrap_or(1).max(1);
    }

    /// A number or range at an offset, with how many tokens it takes.
    fn range(&self, offset: usize) -> Option<(Range, usize)> {
        let at = self.at + offset;
        let low = self.tokens.number_at(at)?;
        // "one and a half", "two and a half"
        if self.tokens.word_at(at + 1) == "and"
            && self.tokens.word_at(at + 2) == "a"
            && let Some(part) = self.tokens.number_at(at + 3).filter(|part| *part < 1.0)
        {
            return Some((Range::exactly(low + part), 4));
        }
        let joins = matches!(self.tokens.at(at + 1), Token::Mark('-') | Token::Word("to" | "or"));
        match self.tokens.number_at(at + 2) {
            Some(high) if joins && high >= low => Some((Range { low, high }, 3)),
            _ => Some((Range::exactly(low), 1)),
        }
    }

    /// "max 8 in 24 hours", "no more than 4 tablets a day", "up to a maximum of 3.6 gram in 24 hours".
    fn most(&mut self) -> Option<usize> {
        let mut used = if self.is(0, &["max", "maximum", "exceed"]) {
            1
        } else if self.is(0, &["more"]) && self.is(1, &["than"]) {
            2
        } else {
            // "no" and "not" go with the words above.
            let goes_on = |words: &[&str]| words.contains(&self.word(1)) || words.contains(&self.word(2));
            return (self.is(0, &["no", "not", "do"]) && goes_on(&["more", "exceed", "not"])).then_some(1);
        };
        let mut days_named = None;
        loop {
            let word = self.word(used);
            match word {
                "daily" => days_named = Some(1.0),
                "dose" | "doses" | "of" | "is" | "total" | "dosage" | "than" | "a" => {}
                _ if matches!(self.tokens.at(self.at + used), Token::Mark('.' | ':' | '=')) => {}
                _ => break,
            }
            used += 1;
        }
        let Some((range, taken)) = self.range(used) else {
            self.said.is_intricate = true;
            return Some(used);
        };
        used += taken;
        let mut amount = Amount { measure: Measure::Unnamed, range };
        if let Some((measure, factor)) = unit(self.word(used)) {
            amount = Amount { measure, range: range.times(factor) };
            used += 1;
        } else if self.is(used, &["times", "time"]) {
            amount.measure = Measure::Pieces("dose");
            used += 1;
        }
        if let Some((named, taken)) = self.per(used) {
            days_named = Some(named);
            used += taken;
        }
        if self.said.most.is_some() {
            self.said.is_intricate = true;
        }
        self.said.most = Some(Most { amount, days: days_named });
        self.said.hints_at_need = true;
        Some(used)
    }

    /// "in 24 hours", "a day", "/24h", "daily": how many days, and how many tokens.
    fn per(&self, offset: usize) -> Option<(f64, usize)> {
        if let Some(named) = words::every(self.word(offset)) {
            return Some((named, 1));
        }
        let joins = self.is(offset, &["in", "a", "per", "each", "every", "an", "within"])
            || self.tokens.at(self.at + offset) == Token::Mark('/');
        if !joins {
            return None;
        }
        let mut used = offset + 1;
        if self.is(used, &["any", "a", "one", "each"]) {
            used += 1;
        }
        let number = self.tokens.number_at(self.at + used);
        used += usize::from(number.is_some());
        let named = days(self.word(used))?;
        Some((number.unwrap_or(1.0) * named, used + 1 - offset))
    }

    /// How often: "twice a day", "every 4 to 6 hours", "tds", "3 x daily", "q6h".
    fn often(&mut self) -> Option<usize> {
        if let Some(times) = words::times_a_day(self.word(0)) {
            self.said.slots |= words::slot(self.word(0)).unwrap_or(0);
            self.add_rate(Range::exactly(times));
            return Some(1);
        }
        if self.is(0, &["every", "each"]) {
            return self.every();
        }
        if self.is(0, &["alternate"]) && self.is(1, &["day", "days"]) {
            self.add_rate(Range::exactly(0.5));
            return Some(2);
        }
        let once = match self.word(0) {
            "once" => Some(1.0),
            "twice" => Some(2.0),
            "thrice" => Some(3.0),
            _ => None,
        };
        if let Some(times) = once {
            let (named, taken) = self.per(1)?;
            self.add_rate(Range::exactly(times / named));
            return Some(1 + taken);
        }
        if self.is(0, &["q"])
            && let Some((hours, taken)) = self.range(1)
            && self.is(1 + taken, &["h", "hr", "hrs", "hourly"])
        {
            self.add_interval(hours.times(1.0 / 24.0));
            return Some(2 + taken);
        }
        let up_to = usize::from(self.is(0, &["up"]) && self.is(1, &["to"])) * 2;
        if let Some((times, taken)) = self.range(up_to) {
            let times = if up_to > 0 { Range { low: 0.0, high: times.high } } else { times };
            self.said.hints_at_need |= up_to > 0;
            let used = up_to + taken;
            if self.is(used, &["times", "time", "x"])
                && let Some((named, taken)) = self.per(used + 1)
            {
                self.add_rate(times.times(1.0 / named));
                return Some(used + 1 + taken);
            }
            let hyphen = usize::from(self.tokens.at(self.at + used) == Token::Mark('-'));
            if self.is(used + hyphen, &["hourly", "hrly"]) {
                self.add_interval(times.times(1.0 / 24.0));
                return Some(used + hyphen + 1);
            }
            return (up_to > 0).then(|| {
                // "up to 2 tablets": the amount is read next, and any less is meant too.
                self.said.is_intricate = true;
                up_to
            });
        }
        if let Some(named) = words::every(self.word(0)) {
            self.add_rate(Range::exactly(1.0 / named));
            return Some(1);
        }
        None
    }

    /// "every 8 hours", "every day", "every other day", "each morning and night".
    fn every(&mut self) -> Option<usize> {
        if self.is(1, &["other", "second", "alternate"]) && self.is(2, &["day", "days"]) {
            self.add_rate(Range::exactly(0.5));
            return Some(3);
        }
        if words::slot(self.word(1)).is_some() || words::weekday(self.word(1)).is_some() {
            // The word itself is read next.
            return Some(1);
        }
        let (number, taken) = self.range(1).unwrap_or((Range::exactly(1.0), 0));
        let Some(named) = days(self.word(1 + taken)) else {
            self.said.is_intricate = true;
            return Some(1);
        };
        self.add_interval(number.times(named));
        Some(2 + taken)
    }

    /// An interval in days between doses.
    fn add_interval(&mut self, interval: Range) {
        if interval.low > 0.0 {
            self.add_rate(Range { low: 1.0 / interval.high, high: 1.0 / interval.low });
        }
    }

    fn add_rate(&mut self, rate: Range) {
        self.said.is_intricate |= !self.said.rates.add(rate);
    }

    /// "2 tablets", "2.5ml to 5ml", "two 5ml spoonfuls", "take one", "2 x 500mg"; strengths and spans are passed over.
    fn amount(&mut self) -> Option<usize> {
        let opens = self.at == 0 || (self.at == 1 && words::is_verb(self.tokens.word_at(0)));
        let verb_before = self.at > 0 && words::is_verb(self.tokens.word_at(self.at - 1));
        let (range, mut used) = self.range(0)?;
        // "half a tablet", "half of a tablet"
        if range.high < 1.0 {
            used += usize::from(self.is(used, &["of"]));
            used += usize::from(self.is(used, &["a", "an"]));
        }
        if days(self.word(used)).is_some() && !(self.is(used, &["d", "h"])) {
            return Some(self.span(range, used));
        }
        if self.is(used, &["am", "pm", "o'clock"]) || self.tokens.at(self.at + used) == Token::Mark('%') {
            return Some(used + 1);
        }
        if let Some((measure, factor)) = unit(self.word(used)) {
            return Some(self.measured(range.times(factor), measure, used + 1, opens));
        }
        // "two 5ml spoonfuls", "2 x 500mg"
        let by = used + usize::from(self.is(used, &["x"]));
        if let Some((each, taken)) = self.range(by)
            && let Some((measure, factor)) = unit(self.word(by + taken))
            && each.low == each.high
        {
            self.add_amount(Measure::Unnamed, range, opens);
            self.add_amount(measure, range.times(each.low * factor), opens);
            self.add_amount(measure, each.times(factor), opens);
            return Some(by + taken + 1);
        }
        let is_told = opens || verb_before || (self.is(used, &["to"]) && self.is(used + 1, &["be"]));
        if is_told {
            self.add_amount(Measure::Unnamed, range, opens);
            // "2 daily" may be two once a day or two in all.
            if let Some((named, _)) = self.per(used)
                && range.high > 1.0
            {
                self.add_rate(range.times(1.0 / named));
            }
        } else {
            // A number that nothing explains may be another dose.
            self.said.is_intricate = true;
        }
        Some(used)
    }

    /// An amount with its unit just before `used`.
    fn measured(&mut self, range: Range, measure: Measure, mut used: usize, opens: bool) -> usize {
        let mut range = range;
        // "2.5ml to 5ml"
        let joins = matches!(self.tokens.at(self.at + used), Token::Mark('-') | Token::Word("to" | "or"));
        if joins
            && let Some((high, taken)) = self.range(used + 1)
            && let Some((same, factor)) = unit(self.word(used + 1 + taken))
            && same == measure
            && high.high * factor >= range.low
        {
            range.high = high.high * factor;
            used += taken + 2;
        }
        // "250mg/5ml" and "5mg per ml" are strengths, "30ml per hour" is a rate.
        let is_ratio = self.tokens.at(self.at + used) == Token::Mark('/') || self.is(used, &["per"]);
        let is_of_time = self.per(used).is_some_and(|(named, _)| named >= 1.0);
        if is_ratio && !is_of_time {
            let number = usize::from(self.tokens.number_at(self.at + used + 1).is_some());
            return used + 2 + number;
        }
        self.add_amount(measure, range, opens);
        if let (Some((named, _)), Measure::Pieces(_)) = (self.per(used), measure)
            && range.high > 1.0
        {
            self.add_rate(range.times(1.0 / named));
        }
        used
    }

    fn add_amount(&mut self, measure: Measure, range: Range, opens: bool) {
        self.said.opens_with_dose |= opens;
        self.said.is_intricate |= !self.said.amounts.add(Amount { measure, range });
    }

    /// "for 7 days" bounds the course; other spans ("over 8 hours") are passed over.
    fn span(&mut self, range: Range, used: usize) -> usize {
        let is_bound = self.at > 0 && self.tokens.word_at(self.at - 1) == "for";
        if let (true, Some(named)) = (is_bound, days(self.word(used))) {
            self.said.is_intricate |= !self.said.bounds.add(range.times(named));
        }
        used + 1
    }

    fn single_word(&mut self) -> Option<usize> {
        let word = self.word(0);
        if word.is_empty() {
            return Some(1);
        }
        if let Some(used) = self.as_needed() {
            return Some(used);
        }
        // "a week", "a day" behind an amount: "2 tablets a day".
        if !self.said.amounts.is_empty()
            && let Some((named, taken)) = self.per(0)
            && !self.is(0, &["in", "within"])
        {
            self.add_rate(Range::exactly(1.0 / named));
            return Some(taken);
        }
        if let Some(route) = words::route(word) {
            self.said.is_intricate |= !self.said.routes.add(route);
        }
        self.said.slots |= words::slot(word).unwrap_or(0);
        self.said.weekdays |= words::weekday(word).unwrap_or(0);
        // Meals are as many as the person has.
        self.said.slots |= if matches!(word, "meal" | "meals" | "food") { MEALS } else { 0 };
        self.said.hints_at_need |=
            matches!(word, "for" | "when" | "if" | "needed" | "required" | "may" | "can" | "relief");
        self.said.is_intricate |= words::is_intricate(word);
        let span_follows = matches!(word, "before" | "after") && self.tokens.number_at(self.at + 1).is_some();
        self.said.is_intricate |= span_follows;
        Some(1)
    }

    /// "prn", "as required", "if needed", "when necessary".
    fn as_needed(&mut self) -> Option<usize> {
        const NEEDED: &[&str] = &["required", "needed", "necessary", "req", "reqd"];
        let used = if self.is(0, &["prn"]) {
            1
        } else if self.is(0, &["as", "when", "if", "where"]) && self.is(1, NEEDED) {
            2
        } else if self.is(0, &["as"]) && self.is(1, &["and"]) && self.is(2, &["when"]) {
            3 + usize::from(self.is(3, NEEDED))
        } else {
            return None;
        };
        self.said.is_as_needed = true;
        self.said.hints_at_need = true;
        Some(used)
    }
}

/// Stands in [`DoseText::slots`] for "with meals".
pub const MEALS: u8 = 128;

#[cfg(test)]
mod tests;
