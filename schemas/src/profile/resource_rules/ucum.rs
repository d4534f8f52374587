//! How two UCUM units relate (<https://ucum.org/ucum>): the common ones, their prefixes, products and powers.
//!
//! Units with an offset or a logarithm (`Cel`, `pH`) and procedure-defined ones (`[IU]` of what?) compare only with
//! themselves. What is not known here gives no answer, never a wrong one.

use std::cmp::Ordering;

/// The system of UCUM codes.
pub const SYSTEM: &str = "http://unitsofmeasure.org";

/// How two units relate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Relation {
    /// A value in the first times this factor is the value in the second.
    Factor(f64),
    /// They measure different things.
    Incompatible,
    /// One of them is not known here.
    Unknown,
}

/// How a unit relates to another.
pub fn relation(from: &str, to: &str) -> Relation {
    if from == to {
        return Relation::Factor(1.0);
    }
    match (Unit::read(from), Unit::read(to)) {
        (Some(from), Some(to)) if from.dimension == to.dimension => Relation::Factor(from.size / to.size),
        (Some(_), Some(_)) => Relation::Incompatible,
        _ => Relation::Unknown,
    }
}

/// Compares two numbers of which the first is to be multiplied; a difference beyond the 12th digit is none.
pub fn compare(left: f64, factor: f64, right: f64) -> Option<Ordering> {
    let left = left * factor;
    let close = (left - right).abs() <= left.abs().max(right.abs()) * 1e-12;
    if close { Some(Ordering::Equal) } else { left.partial_cmp(&right) }
}

/// Powers of metre, gram, second, mole, kelvin, ampere, candela and radian.
type Dimension = [i32; 8];

#[derive(Debug, Clone, Copy, PartialEq)]
struct Unit {
    size: f64,
    dimension: Dimension,
}

/// Longer than any unit in use, so that reading one has a bound.
const LONGEST_CODE: usize = 64;

const NONE: Dimension = [0, 0, 0, 0, 0, 0, 0, 0];
const LENGTH: Dimension = [1, 0, 0, 0, 0, 0, 0, 0];
const VOLUME: Dimension = [3, 0, 0, 0, 0, 0, 0, 0];
const MASS: Dimension = [0, 1, 0, 0, 0, 0, 0, 0];
const TIME: Dimension = [0, 0, 1, 0, 0, 0, 0, 0];
const AMOUNT: Dimension = [0, 0, 0, 1, 0, 0, 0, 0];
const PRESSURE: Dimension = [-1, 1, -2, 0, 0, 0, 0, 0];
const ENERGY: Dimension = [2, 1, -2, 0, 0, 0, 0, 0];

/// Units that take prefixes, in metres, grams, seconds, moles, ...
const METRIC: &[(&str, f64, Dimension)] = &[
    ("m", 1.0, LENGTH),
    ("g", 1.0, MASS),
    ("s", 1.0, TIME),
    ("mol", 1.0, AMOUNT),
    ("K", 1.0, [0, 0, 0, 0, 1, 0, 0, 0]),
    ("A", 1.0, [0, 0, 0, 0, 0, 1, 0, 0]),
    ("cd", 1.0, [0, 0, 0, 0, 0, 0, 1, 0]),
    ("L", 1e-3, VOLUME),
    ("l", 1e-3, VOLUME),
    ("Hz", 1.0, [0, 0, -1, 0, 0, 0, 0, 0]),
    ("Bq", 1.0, [0, 0, -1, 0, 0, 0, 0, 0]),
    ("N", 1e3, [1, 1, -2, 0, 0, 0, 0, 0]),
    ("Pa", 1e3, PRESSURE),
    ("bar", 1e8, PRESSURE),
    ("m[Hg]", 133_322.387_415 * 1e3, PRESSURE),
    ("m[H2O]", 9_806.65 * 1e3, PRESSURE),
    ("J", 1e3, ENERGY),
    ("cal", 4_184.0, ENERGY),
    ("W", 1e3, [2, 1, -3, 0, 0, 0, 0, 0]),
    ("V", 1e3, [2, 1, -3, 0, 0, -1, 0, 0]),
    ("Ohm", 1e3, [2, 1, -3, 0, 0, -2, 0, 0]),
    ("Gy", 1.0, [2, 0, -2, 0, 0, 0, 0, 0]),
    ("Sv", 1.0, [2, 0, -2, 0, 0, 0, 0, 0]),
    ("eq", 1.0, AMOUNT),
    ("osm", 1.0, AMOUNT),
    ("kat", 1.0, [0, 0, -1, 1, 0, 0, 0, 0]),
    ("U", 1e-6 / 60.0, [0, 0, -1, 1, 0, 0, 0, 0]),
    ("t", 1e6, MASS),
];

/// Units without prefixes.
const OTHER: &[(&str, f64, Dimension)] = &[
    ("1", 1.0, NONE),
    ("%", 1e-2, NONE),
    ("[ppm]", 1e-6, NONE),
    ("[ppth]", 1e-3, NONE),
    ("min", 60.0, TIME),
    ("h", 3_600.0, TIME),
    ("d", 86_400.0, TIME),
    ("wk", 604_800.0, TIME),
    ("mo", 2_629_800.0, TIME),
    ("a", 31_557_600.0, TIME),
    ("[in_i]", 0.0254, LENGTH),
    ("[in_us]", 100.0 / 3_937.0, LENGTH),
    ("[ft_i]", 0.3048, LENGTH),
    ("[yd_i]", 0.9144, LENGTH),
    ("[mi_i]", 1_609.344, LENGTH),
    ("[nmi_i]", 1_852.0, LENGTH),
    ("[gr]", 0.064_798_91, MASS),
    ("[oz_av]", 28.349_523_125, MASS),
    ("[lb_av]", 453.592_37, MASS),
    ("[stone_av]", 6_350.293_18, MASS),
    ("[pt_br]", 0.568_261_25e-3, VOLUME),
    ("[foz_br]", 28.413_062_5e-6, VOLUME),
    ("[gal_br]", 4.546_09e-3, VOLUME),
    ("[pt_us]", 0.473_176_473e-3, VOLUME),
    ("[foz_us]", 29.573_529_562_5e-6, VOLUME),
    ("[gal_us]", 3.785_411_784e-3, VOLUME),
    ("[psi]", 6_894.757_293_168 * 1e3, PRESSURE),
    ("deg", std::f64::consts::PI / 180.0, [0, 0, 0, 0, 0, 0, 0, 1]),
    ("rad", 1.0, [0, 0, 0, 0, 0, 0, 0, 1]),
];

const PREFIXES: &[(&str, f64)] = &[
    ("da", 1e1),
    ("Y", 1e24),
    ("Z", 1e21),
    ("E", 1e18),
    ("P", 1e15),
    ("T", 1e12),
    ("G", 1e9),
    ("M", 1e6),
    ("k", 1e3),
    ("h", 1e2),
    ("d", 1e-1),
    ("c", 1e-2),
    ("m", 1e-3),
    ("u", 1e-6),
    ("n", 1e-9),
    ("p", 1e-12),
    ("f", 1e-15),
];

impl Unit {
    /// A product of units, each after `.` or `/`; groups in brackets are left to a terminology service.
    fn read(code: &str) -> Option<Unit> {
        if code.is_empty() || code.len() > LONGEST_CODE {
            return None;
        }
        let mut out = Unit { size: 1.0, dimension: NONE };
        let mut rest = code;
        let mut sign = 1;
        if let Some(after) = rest.strip_prefix('/') {
            (rest, sign) = (after, -1);
        }
        loop {
            let end = end_of_factor(rest);
            let (factor, after) = rest.split_at_checked(end)?;
            out.multiply(Unit::factor(factor)?, sign);
            let mut letters = after.chars();
            match letters.next() {
                None => return Some(out),
                Some('/') => sign = -1,
                Some(_) => sign = 1,
            }
            rest = letters.as_str();
        }
    }

    fn multiply(&mut self, other: Unit, sign: i32) {
        self.size *= other.size.powi(sign);
        for (own, others) in self.dimension.iter_mut().zip(other.dimension) {
            *own += others * sign;
        }
    }

    /// A unit with its power (`m2`, `10*3`); words in braces mean nothing.
    fn factor(text: &str) -> Option<Unit> {
        let text = match text.find('{') {
            Some(0) => "1",
            Some(at) => text.get(..at)?,
            None => text,
        };
        if let Some(power) = text.strip_prefix("10*").or_else(|| text.strip_prefix("10^")) {
            let power: i32 = if power.is_empty() { 1 } else { power.parse().ok()? };
            return (power.abs() <= 30).then(|| Unit { size: 10_f64.powi(power), dimension: NONE });
        }
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Unit { size: text.parse().ok()?, dimension: NONE });
        }
        let name_ends = text.trim_end_matches(|last: char| last.is_ascii_digit()).trim_end_matches(['-', '+']).len();
        let (name, power) = text.split_at_checked(name_ends)?;
        let power: i32 = if power.is_empty() { 1 } else { power.parse().ok()? };
        if power.abs() > 9 {
            return None;
        }
        let unit = Unit::named(name)?;
        Some(Unit { size: unit.size.powi(power), dimension: unit.dimension.map(|own| own * power) })
    }

    fn named(name: &str) -> Option<Unit> {
        let unit = |(_, size, dimension): &(&str, f64, Dimension)| Unit { size: *size, dimension: *dimension };
        if let Some(row) = OTHER.iter().chain(METRIC).find(|row| row.0 == name) {
            return Some(unit(row));
        }
        PREFIXES.iter().find_map(|(prefix, factor)| {
            let rest = name.strip_prefix(prefix)?;
            let found = unit(METRIC.iter().find(|row| row.0 == rest)?);
            Some(Unit { size: found.size * factor, ..found })
        })
    }
}

/// Where the first factor ends: at `.` or `/` outside square brackets and braces.
fn end_of_factor(text: &str) -> usize {
    let mut open = 0_i32;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open -= 1,
            b'.' | b'/' if open == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_relate_by_what_they_measure() {
        for (from, to, expected) in [
            ("kg", "g", Some(1000.0)),
            ("kg", "[lb_av]", Some(2.204_622_621_848_776)),
            ("[mi_i]", "km", Some(1.609_344)),
            ("mg/dL", "g/L", Some(0.01)),
            ("mmol/L", "umol/mL", Some(1.0)),
            ("/min", "Hz", Some(1.0 / 60.0)),
            ("kg/m2", "g/cm2", Some(0.1)),
            ("10*3/uL", "10*9/L", Some(1.0)),
            ("{tablets}/d", "/d", Some(1.0)),
            ("mm[Hg]", "kPa", Some(0.133_322_387_415)),
            ("mL/min/{1.73_m2}", "L/h", Some(0.06)),
        ] {
            let Relation::Factor(factor) = relation(from, to) else { panic!("{from} {to}") };
            let expected = expected.expect("a factor");
            assert!((factor / expected - 1.0).abs() < 1e-12, "{from} {to} {factor}");
        }
        assert_eq!(relation("kg", "[mi_i]"), Relation::Incompatible);
        assert_eq!(relation("mg", "mL"), Relation::Incompatible);
        for unknown in ["Cel", "[IU]", "(m/s)2", "", "m99", "kg.", "/", "quux", "10*99"] {
            assert_eq!(relation(unknown, "kg"), Relation::Unknown, "{unknown}");
        }
        assert_eq!(relation("Cel", "Cel"), Relation::Factor(1.0));
        assert_eq!(compare(0.1 + 0.2, 1.0, 0.3), Some(Ordering::Equal));
        assert_eq!(compare(1.0, 1000.0, 999.0), Some(Ordering::Greater));
    }
}
