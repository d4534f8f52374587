//! Whether our verdict on each of HL7's validator cases is HL7's own.
//!
//! `GINNEL_VALIDATOR_CASES`: a folder with the cases and a `manifest.json`. A case may have two verdicts: one by the base
//! definitions, its supporting files and the profiles it names itself, and one by the profile the manifest asks for. A
//! case agrees when all its verdicts do. What does not agree stands in `tests/agreement_baseline.txt` with its reason;
//! a listed case that agrees fails the test, as does one that disagrees and is not listed.

mod baseline;
mod cases;

use crate::folders::folder;
use crate::judging::Judge;
use baseline::Baseline;
use cases::{Case, Verdict};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Of a hundred cases so many must agree.
const LEAST_AGREEMENT: f64 = 95.0;

/// Findings shown of a case that disagrees.
const SHOWN: usize = 4;

/// How many cases and verdicts of a module agree.
#[derive(Default)]
struct Tally {
    cases: usize,
    cases_agree: usize,
    verdicts: usize,
    verdicts_agree: usize,
}

/// What came of one case.
struct Judged {
    name: String,
    module: String,
    verdicts: Vec<Verdict>,
}

#[test]
fn verdicts_are_those_of_hl7s_validator() {
    let Some(folder) = folder("GINNEL_VALIDATOR_CASES", "validator-cases") else {
        return;
    };
    let cases = cases::all(&folder);
    let judged = judge_all(&cases);
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    let baseline = Baseline::read();
    let mut faults = Vec::new();
    for one in &judged {
        let agree = one.verdicts.iter().filter(|verdict| verdict.agrees()).count();
        let tally = tallies.entry(&one.module).or_default();
        tally.cases += 1;
        tally.cases_agree += usize::from(agree == one.verdicts.len());
        tally.verdicts += one.verdicts.len();
        tally.verdicts_agree += agree;
        if agree < one.verdicts.len() {
            println!("{}", told(one));
        }
        faults.extend(baseline.fault(&one.name, agree == one.verdicts.len()));
    }
    let share = report(&tallies);
    faults.extend(baseline.unknown(judged.iter().map(|one| one.name.as_str())));
    assert!(faults.is_empty(), "the baseline is not what is so:\n  {}", faults.join("\n  "));
    assert!(share >= LEAST_AGREEMENT, "{share:.1}% of the cases agree, {LEAST_AGREEMENT}% must");
}

fn judge_all(cases: &[Case]) -> Vec<Judged> {
    let plain = Judge::r4();
    let next = Mutex::new(cases.iter().enumerate());
    let judged: Mutex<BTreeMap<usize, Judged>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((at, case)) = { next.lock().expect("no thread panicked").next() } {
                    let verdicts = case.verdicts(&plain);
                    let one = Judged { name: case.name.clone(), module: case.module.clone(), verdicts };
                    judged.lock().expect("no thread panicked").insert(at, one);
                }
            });
        }
    });
    judged.into_inner().expect("no thread panicked").into_values().collect()
}

/// A disagreement, for whoever mends it.
fn told(one: &Judged) -> String {
    let mut lines = vec![format!("{} ({})", one.name, one.module)];
    for verdict in one.verdicts.iter().filter(|verdict| !verdict.agrees()) {
        let (which, errors) = if verdict.theirs {
            ("HL7 passes it; our errors", &verdict.our_errors)
        } else {
            ("we pass it; HL7's errors", &verdict.their_errors)
        };
        lines.push(format!("  {}: {which}:", verdict.by));
        lines.extend(errors.iter().take(SHOWN).map(|error| format!("    {error}")));
    }
    lines.join("\n")
}

fn report(tallies: &BTreeMap<&str, Tally>) -> f64 {
    let mut all = Tally::default();
    println!("module | cases that agree | verdicts that agree");
    for (module, tally) in tallies {
        let Tally { cases, cases_agree, verdicts, verdicts_agree } = tally;
        println!("  {module:16} {cases_agree:3} of {cases:3}   {verdicts_agree:3} of {verdicts:3}");
        all.cases += cases;
        all.cases_agree += cases_agree;
        all.verdicts += verdicts;
        all.verdicts_agree += verdicts_agree;
    }
    let (share, by_verdict) = (percent(all.cases_agree, all.cases), percent(all.verdicts_agree, all.verdicts));
    println!("{} of {} cases agree ({share:.1}%)", all.cases_agree, all.cases);
    println!("{} of {} verdicts agree ({by_verdict:.1}%)", all.verdicts_agree, all.verdicts);
    share
}

#[allow(clippy::cast_precision_loss, reason = "counts of a few hundreds")]
fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}
