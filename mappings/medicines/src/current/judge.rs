//! In which group a line stands at an instant, and why.
//!
//! Source: GP Connect, "active at a date": the effective period with both ends; an acute without an end only on its first
//! day; a repeat without an end goes on. Where a record contradicts itself, neither side is chosen: the line is uncertain.

use super::because::Because;
use super::course;
use super::facts::{Agency, Facts, Kind};
use super::line::Group;
use super::status::Status;
use super::warning::{Warning, WarningKey};
use crate::record::Moment;
use jiff::{Timestamp, ToSpan};

/// The judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Where the line stands.
    pub group: Group,
    /// Why.
    pub because: Vec<Because>,
    /// What to mind about it.
    pub warnings: Vec<Warning>,
}

impl Verdict {
    fn of(group: Group, because: &[Because]) -> Verdict {
        Verdict { group, because: because.to_vec(), warnings: Vec::new() }
    }

    fn warn(mut self, key: WarningKey, text: impl Into<String>) -> Verdict {
        self.warnings.push(Warning::new(key, text));
        self
    }
}

/// Judges what was read, for an instant. `superseded` says since when a newer plan replaces this one.
pub fn judge(facts: &Facts<'_>, superseded: Option<Option<Moment>>, at: Timestamp) -> Verdict {
    let mut verdict = by_status(facts, at);
    replace(&mut verdict, superseded, at);
    if matches!(verdict.group, Group::Current | Group::AsNeeded) {
        running(&mut verdict, facts, at);
    }
    tag(&mut verdict, facts);
    verdict
}

fn by_status(facts: &Facts<'_>, at: Timestamp) -> Verdict {
    let main = facts.statement.or(facts.plan);
    if main == Some(Status::EnteredInError) {
        return Verdict::of(Group::Ended, &[Because::EnteredInError]);
    }
    if facts.is_not_to_be_given {
        return Verdict::of(Group::Stopped, &[Because::DoNotPerform]);
    }
    if facts.statement.is_none() && matches!(facts.intent, Some("proposal" | "option")) {
        return Verdict::of(Group::Uncertain, &[Because::Proposal]);
    }
    if let (Some(statement), Some(plan)) = (facts.statement, facts.plan)
        && disagree(statement, plan)
    {
        let text = "the statement and the plan it is based on do not agree on whether it is active: ask the prescriber";
        let verdict = Verdict::of(Group::Uncertain, &[Because::StatementAndPlanDisagree]);
        return verdict.warn(WarningKey::StatusContradiction, text);
    }
    match main {
        Some(Status::Active) => active(facts, at),
        Some(Status::Completed) => completed(facts, at),
        Some(status @ (Status::Stopped | Status::Cancelled)) => stopped(status, facts, at),
        Some(Status::OnHold) => Verdict::of(Group::Suspended, &[Because::OnHold]),
        Some(Status::Intended) => intended(facts, at),
        Some(Status::NotTaken) => Verdict::of(Group::Stopped, &[Because::NotTaken]),
        Some(Status::Draft) => Verdict::of(Group::Uncertain, &[Because::Draft]),
        Some(Status::Missing) => Verdict::of(Group::Uncertain, &[Because::StatusMissing]),
        Some(Status::NotUnderstood) => Verdict::of(Group::Uncertain, &[Because::StatusNotUnderstood]),
        Some(Status::Unknown | Status::EnteredInError) => Verdict::of(Group::Uncertain, &[Because::StatusUnknown]),
        None if facts.is_only_dispensed => Verdict::of(Group::Uncertain, &[Because::DispensedWithoutOrder]),
        None => Verdict::of(Group::Uncertain, &[Because::GivenWithoutOrder]),
    }
}

/// Whether one says that it goes on and the other that it does not. A completed plan does not end what is still taken: a
/// request is completed when all it asks for was done, and GP systems mark it so when it is issued.
fn disagree(statement: Status, plan: Status) -> bool {
    let stands_still = |status: Status| status.is_over() || matches!(status, Status::OnHold | Status::EnteredInError);
    let not_taken = statement == Status::NotTaken && plan == Status::Active;
    not_taken
        || (statement == Status::Active && stands_still(plan) && plan != Status::Completed)
        || (stands_still(statement) && plan == Status::Active)
}

fn active(facts: &Facts<'_>, at: Timestamp) -> Verdict {
    if facts.span.is_unreadable {
        return Verdict::of(Group::Uncertain, &[Because::MarkedActive, Because::DatesNotReadable]);
    }
    if facts.span.start.is_some_and(|start| start.is_after(at)) {
        return Verdict::of(Group::Future, &[Because::StartsLater]);
    }
    if let Some(end) = facts.span.end {
        return if end.is_before(at) {
            expired(Because::PeriodOver, &format!("it is marked as active, and its dates ended on {}", end.day))
        } else {
            taken(facts, &[Because::Active, Because::WithinPeriod])
        };
    }
    if let Some(end) = course_end(facts) {
        return if end.is_before(at) {
            expired(Because::CourseOver, &format!("it is marked as active, and by its length ended on {}", end.day))
        } else {
            taken(facts, &[Because::Active, Because::WithinPeriod])
        };
    }
    if facts.kind == Some(Kind::Acute) {
        return acute(facts, at);
    }
    taken(facts, &[Because::Active, Because::NoEndDate])
}

fn course_end(facts: &Facts<'_>) -> Option<Moment> {
    facts.span.start?.through(course::days(&facts.dosages)?.days())
}

/// An acute without an end counts on its first day; after that only while a supply lasts.
fn acute(facts: &Facts<'_>, at: Timestamp) -> Verdict {
    if facts.span.start.is_some_and(|start| !start.is_before(at)) {
        return taken(facts, &[Because::Active, Because::WithinPeriod]);
    }
    let until = supplied_until(facts);
    match until {
        Some(until) if !until.is_before(at) => taken(facts, &[Because::Active, Because::WithinSupply]),
        _ => expired(Because::AcuteWithoutEnd, "it is a short course that is marked as active and has no end date"),
    }
}

fn expired(why: Because, text: &str) -> Verdict {
    let text = format!("{text}: ask the prescriber whether it is still to be taken");
    Verdict::of(Group::Uncertain, &[Because::MarkedActive, why]).warn(WarningKey::ExpiredButActive, text)
}

fn taken(facts: &Facts<'_>, because: &[Because]) -> Verdict {
    match facts.as_needed() {
        (true, _) => {
            let mut verdict = Verdict::of(Group::AsNeeded, because);
            verdict.because.push(Because::AsNeeded);
            verdict
        }
        (false, true) => {
            let text = "some of its doses are regular and some only when needed";
            Verdict::of(Group::Current, because).warn(WarningKey::SomeAsNeeded, text)
        }
        (false, false) => Verdict::of(Group::Current, because),
    }
}

/// A completed authorisation whose dates, or whose supply, are not over: GP systems mark an acute as completed when it is
/// issued, while the course still runs.
fn completed(facts: &Facts<'_>, at: Timestamp) -> Verdict {
    let begun = facts.span.start.is_none_or(|start| !start.is_after(at));
    let lasts = |end: Moment| !end.is_before(at) && facts.span.start.is_none_or(|start| start.first < end.first);
    let told = |why: Because, until: Moment| {
        let text =
            format!("it is marked as completed, and runs until {}: ask whether it is still to be taken", until.day);
        Verdict::of(Group::Uncertain, &[Because::Completed, why]).warn(WarningKey::StatusContradiction, text)
    };
    if facts.span.is_unreadable || !begun {
        return Verdict::of(Group::Ended, &[Because::Completed]);
    }
    if let Some(end) = facts.span.end.or_else(|| course_end(facts)) {
        return if lasts(end) {
            told(Because::PeriodNotOver, end)
        } else {
            Verdict::of(Group::Ended, &[Because::Completed])
        };
    }
    match supplied_until(facts) {
        Some(until) if facts.kind == Some(Kind::Acute) && lasts(until) => told(Because::WithinSupply, until),
        _ => Verdict::of(Group::Ended, &[Because::Completed]),
    }
}

/// The last day that the last issue lasts for.
fn supplied_until(facts: &Facts<'_>) -> Option<Moment> {
    let issued = facts.last_issue.as_ref().map(|(moment, _)| *moment).or(facts.span.start)?;
    issued.through(facts.supply_days?.days())
}

fn stopped(status: Status, facts: &Facts<'_>, at: Timestamp) -> Verdict {
    if let Some(changed) = facts.changed
        && changed.is_after(at)
    {
        let mut verdict = active(facts, at);
        verdict.because.push(Because::StopsLater);
        return verdict;
    }
    let why = if status == Status::Cancelled { Because::Cancelled } else { Because::Stopped };
    let verdict = Verdict::of(Group::Stopped, &[why]);
    match facts.reason {
        Some(_) => verdict,
        None => verdict.warn(WarningKey::NoStopReason, "the record does not say why it was stopped"),
    }
}

fn intended(facts: &Facts<'_>, at: Timestamp) -> Verdict {
    match facts.span.start {
        Some(start) if !start.is_after(at) => Verdict::of(Group::Uncertain, &[Because::IntendedStartPassed]),
        _ => Verdict::of(Group::Future, &[Because::Intended]),
    }
}

/// A newer plan that has begun ends this one; one that begins later will.
fn replace(verdict: &mut Verdict, superseded: Option<Option<Moment>>, at: Timestamp) {
    let Some(since) = superseded else { return };
    if since.is_some_and(|since| since.is_after(at)) {
        let text = "a newer plan that begins later replaces it then";
        verdict.warnings.push(Warning::new(WarningKey::WillBeSuperseded, text));
        return;
    }
    if matches!(verdict.group, Group::Current | Group::AsNeeded | Group::Future) {
        let text = "a newer plan replaces it, though it is still marked as active: do not give both";
        *verdict = Verdict::of(Group::Stopped, &[]).warn(WarningKey::SupersededButActive, text);
    }
    verdict.because.push(Because::Superseded);
}

/// What to mind about a medicine that is taken.
fn running(verdict: &mut Verdict, facts: &Facts<'_>, at: Timestamp) {
    let expired = facts.repeats.expires.filter(|expires| expires.is_before(at));
    verdict.because.extend(expired.map(|_| Because::AuthorisationExpired));
    let mut warn = |key, text: String| verdict.warnings.push(Warning::new(key, text));
    if let Some(expires) = expired {
        warn(
            WarningKey::AuthorisationExpired,
            format!("its authorisation expired on {}: a review is due", expires.day),
        );
    }
    if let (Some(allowed), Some(issued)) = (facts.repeats.allowed, facts.repeats.issued)
        && allowed > 0
        && issued >= allowed
    {
        warn(
            WarningKey::AllIssuesUsed,
            format!("all {allowed} issues allowed have been made: it needs a new authorisation"),
        );
    }
    if let Some(issue) = facts.issues.iter().find(|issue| issue.is_after(at)) {
        warn(WarningKey::FutureIssue, format!("an issue is dated {}, after the instant asked for", issue.day));
    }
    if (facts.statement, facts.plan) == (Some(Status::Active), Some(Status::Completed)) {
        let text = "its plan is marked as completed: all of it may have been supplied, and no more may come";
        warn(WarningKey::PlanCompleted, text.to_string());
    }
    let is_repeat = facts.kind == Some(Kind::Repeat);
    match &facts.last_issue {
        Some((issued, written)) if is_repeat => {
            // A supply and as much again, and at least half a year: who collects late still takes it.
            let days = (facts.supply_days.unwrap_or(28) * 2).max(183);
            if issued.through(days.days()).is_some_and(|until| until.is_before(at)) {
                warn(
                    WarningKey::NotIssuedRecently,
                    format!("it was last issued on {written}: it may no longer be taken"),
                );
            }
        }
        None if is_repeat && facts.agency == Some(Agency::Practice) => {
            warn(WarningKey::NeverIssued, "no issue of it is recorded: it may never have been taken".to_string());
        }
        _ => {}
    }
}

/// Facts that hold in every group.
fn tag(verdict: &mut Verdict, facts: &Facts<'_>) {
    match facts.kind {
        Some(Kind::Acute) => verdict.because.push(Because::Acute),
        Some(Kind::Repeat) => verdict.because.push(Because::Repeat),
        Some(Kind::RepeatDispensing) => verdict.because.push(Because::RepeatDispensing),
        Some(Kind::Delayed) => verdict.because.push(Because::Delayed),
        None => {}
    }
    match facts.agency {
        Some(Agency::Elsewhere) => {
            verdict.because.push(Because::PrescribedElsewhere);
            let text =
                "another organisation prescribes it, so the practice does not know whether it was supplied or changed";
            verdict.warnings.push(Warning::new(WarningKey::PrescribedElsewhere, text));
        }
        Some(Agency::PreviousPractice) => verdict.because.push(Because::PreviousPractice),
        Some(Agency::Practice) | None => {}
    }
}
