//! What dose texts say, one by one.

use super::*;

fn rates(text: &str) -> Vec<(f64, f64)> {
    let rounded = |value: f64| (value * 1000.0).round() / 1000.0;
    let said = DoseText::read(text).expect("it is short");
    said.rates.iter().map(|rate| (rounded(rate.low), rounded(rate.high))).collect()
}

fn amounts(text: &str) -> Vec<(Measure, f64, f64)> {
    let said = DoseText::read(text).expect("it is short");
    said.amounts.iter().map(|amount| (amount.measure, amount.range.low, amount.range.high)).collect()
}

#[test]
fn how_often_is_read_however_it_is_written() {
    for (text, expected) in [
        ("ONE THREE TIMES A DAY", vec![(3.0, 3.0)]),
        ("Take one twice daily", vec![(2.0, 2.0)]),
        ("1 od", vec![(1.0, 1.0)]),
        ("1 b.d.", vec![(2.0, 2.0)]),
        ("1 TDS", vec![(3.0, 3.0)]),
        ("5ml QDS", vec![(4.0, 4.0)]),
        ("every 8 hours", vec![(3.0, 3.0)]),
        ("every 4-6 hours", vec![(4.0, 6.0)]),
        ("every 4 to 6 hours", vec![(4.0, 6.0)]),
        ("4-6 hourly", vec![(4.0, 6.0)]),
        ("6-hourly", vec![(4.0, 4.0)]),
        ("q6h", vec![(4.0, 4.0)]),
        ("once a week", vec![(0.143, 0.143)]),
        ("one patch every 7 days", vec![(0.143, 0.143)]),
        ("every other day", vec![(0.5, 0.5)]),
        ("on alternate days", vec![(0.5, 0.5)]),
        ("3 x daily", vec![(3.0, 3.0)]),
        ("3x/day", vec![(3.0, 3.0)]),
        ("up to 4 times a day", vec![(0.0, 4.0)]),
        ("two to three times a day", vec![(2.0, 3.0)]),
        ("once every 3 days", vec![(0.333, 0.333)]),
        ("take 2 daily", vec![(2.0, 2.0), (1.0, 1.0)]),
        ("2 tablets a day", vec![(2.0, 2.0), (1.0, 1.0)]),
        ("One to be taken once at night", vec![]),
        ("1 tablet - daily - oral", vec![(1.0, 1.0)]),
    ] {
        assert_eq!(rates(text), expected, "{text}");
    }
}

#[test]
fn how_much_is_read_however_it_is_written() {
    let tablet = Measure::Pieces("tablet");
    for (text, expected) in [
        ("Take 2 tablets", vec![(tablet, 2.0, 2.0)]),
        ("half a tablet", vec![(tablet, 0.5, 0.5)]),
        ("one and a half tablets", vec![(tablet, 1.5, 1.5)]),
        ("1½ tablets", vec![(tablet, 1.5, 1.5)]),
        ("1-2 tablets", vec![(tablet, 1.0, 2.0)]),
        ("one or two tablets", vec![(tablet, 1.0, 2.0)]),
        ("2.5ml to 5ml", vec![(Measure::Volume, 2.5, 5.0)]),
        ("2.5ml - 5ml (5-10mg)", vec![(Measure::Volume, 2.5, 5.0), (Measure::Mass, 5.0, 10.0)]),
        ("10,000 units", vec![(Measure::Activity, 10_000.0, 10_000.0)]),
        ("0.5g", vec![(Measure::Mass, 500.0, 500.0)]),
        ("50 micrograms", vec![(Measure::Mass, 0.05, 0.05)]),
        ("250mg/5ml solution, take 10ml", vec![(Measure::Volume, 10.0, 10.0)]),
        ("Take TWO", vec![(Measure::Unnamed, 2.0, 2.0)]),
        ("ONE to be taken", vec![(Measure::Unnamed, 1.0, 1.0)]),
        ("1-2 QDS", vec![(Measure::Unnamed, 1.0, 2.0)]),
        ("take twice a day for 7 days", vec![]),
        ("at 08:00 and 20:00", vec![]),
    ] {
        assert_eq!(amounts(text), expected, "{text}");
    }
    let spoonfuls = amounts("Two 5ml spoonfuls");
    assert!(spoonfuls.contains(&(Measure::Volume, 10.0, 10.0)), "{spoonfuls:?}");
}

#[test]
fn the_most_in_a_time_is_no_dose() {
    for (text, value, days) in [
        ("1-2 PRN MAX 8", 8.0, None),
        ("max 8 tablets in 24 hours", 8.0, Some(1.0)),
        ("up to a maximum of 3.6 gram in 24 hours", 3600.0, Some(1.0)),
        ("MAX 6 doses/24h", 6.0, Some(1.0)),
        ("no more than 4 in any 24 hours", 4.0, Some(1.0)),
        ("do not exceed 8 tablets a day", 8.0, Some(1.0)),
        ("maximum daily dose 4g", 4000.0, Some(1.0)),
        ("Max dose: 2 tablets daily", 2.0, Some(1.0)),
    ] {
        let said = DoseText::read(text).expect("it is short");
        let most = said.most.expect(text);
        assert_eq!((most.amount.range.high, most.days), (value, days), "{text}");
        assert!(said.amounts.iter().all(|amount| amount.range.high != value), "{text}");
        assert!(!said.is_intricate, "{text}");
    }
}

#[test]
fn need_bounds_days_and_routes_are_read() {
    let said = DoseText::read("Take one by mouth when required on Mon and Thu for 2 weeks").expect("it is short");
    assert!(said.is_as_needed);
    assert_eq!(said.bounds.iter().collect::<Vec<_>>(), [Range::exactly(14.0)]);
    assert_eq!(said.routes.iter().collect::<Vec<_>>(), [Route::Oral]);
    assert_eq!(said.weekdays, 0b1001);
    assert!(DoseText::read("one PRN").is_some_and(|said| said.is_as_needed));
    assert!(DoseText::read("one as and when").is_some_and(|said| said.is_as_needed));
    assert!(DoseText::read("one a day").is_some_and(|said| !said.is_as_needed && !said.hints_at_need));
}

#[test]
fn what_may_mean_something_else_is_intricate() {
    for text in [
        "one daily then two daily",
        "reduce by 5mg a week",
        "as directed",
        "3mg on Mondays, other days 4mg",
        "for 5/7",
        "two daily, after 2 weeks one daily",
        "one or half if drowsy",
        "1 in the morning and 2 at night",
    ] {
        assert!(DoseText::read(text).is_some_and(|said| said.is_intricate), "{text}");
    }
    for text in ["One tablet twice a day with food", "5ml at night if needed", "Take 2 after meals"] {
        assert!(DoseText::read(text).is_some_and(|said| !said.is_intricate), "{text}");
    }
}

#[test]
fn no_text_panics_or_takes_long() {
    for text in [
        "",
        " ",
        "½½½",
        "1/2/3/4",
        "-",
        "max",
        "max max",
        "every",
        "q",
        "1 - ",
        "up to",
        "for",
        "ﬀ é µg",
        "..5",
        "1:2:3",
    ] {
        assert!(DoseText::read(text).is_some(), "{text}");
    }
    assert!(DoseText::read(&"9".repeat(MOST_BYTES)).is_some());
    assert!(DoseText::read(&"9".repeat(MOST_BYTES + 1)).is_none());
}
