//! What is known of a dose, why it is taken so, and what to mind: stable keys that never merge.

use super::reason::Reason;

macro_rules! keys {
    ($(#[$own:meta])* $name:ident { $($(#[$meta:meta])* $variant:ident = $key:literal,)+ }) => {
        $(#[$own])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$meta])* $variant,)+ }

        impl $name {
            /// Every one.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// Its stable spelling.
            pub fn key(self) -> &'static str {
                match self { $($name::$variant => $key,)+ }
            }
        }
    };
}
pub(crate) use keys;

keys! {
    /// What is known of a dose. No two of these ever become one.
    Outcome {
        /// Somebody gave it.
        Given = "given",
        /// A part of it was taken.
        PartlyGiven = "partly-given",
        /// Somebody says that it was not given.
        NotGiven = "not-given",
        /// The person is said to have taken it, and nobody saw it.
        SelfAdministeredNotObserved = "self-administered-not-observed",
        /// Nobody of the service saw whether it was taken.
        NotObserved = "not-observed",
        /// The source holds no evidence either way.
        NoRecord = "no-record",
        /// It was not due, or not needed: neither given nor missed.
        NotDue = "not-due",
        /// The entry was made in error and taken back.
        InError = "in-error",
        /// It is being given.
        InProgress = "in-progress",
        /// Giving it was interrupted.
        OnHold = "on-hold",
        /// The record contradicts itself or cannot be understood.
        Uncertain = "uncertain",
    }
}

impl Outcome {
    /// Whether something of the medicine went in, as far as the record says. What nobody saw counts too: for a
    /// maximum, a dose that may have been taken is a dose.
    pub fn is_given(self) -> bool {
        matches!(
            self,
            Outcome::Given | Outcome::PartlyGiven | Outcome::SelfAdministeredNotObserved | Outcome::InProgress
        )
    }

    /// Whether nobody can say whether it went in.
    pub fn may_be_given(self) -> bool {
        matches!(self, Outcome::NotObserved | Outcome::Uncertain | Outcome::OnHold)
    }

    /// In words.
    pub fn words(self, reason: Option<&Reason>) -> String {
        match (self, reason) {
            (Outcome::NotGiven, Some(reason)) => format!("NOT GIVEN: {}", reason.words()),
            (Outcome::Given, _) => "given".into(),
            (Outcome::PartlyGiven, _) => "PARTLY given".into(),
            (Outcome::NotGiven, None) => "NOT GIVEN".into(),
            (Outcome::SelfAdministeredNotObserved, _) => "taken by the person, not observed".into(),
            (Outcome::NotObserved, _) => "NOT OBSERVED".into(),
            (Outcome::NoRecord, _) => "NO RECORD".into(),
            (Outcome::NotDue, _) => "not due or not needed".into(),
            (Outcome::InError, _) => "entered in error".into(),
            (Outcome::InProgress, _) => "being given".into(),
            (Outcome::OnHold, _) => "interrupted".into(),
            (Outcome::Uncertain, _) => "UNCERTAIN".into(),
        }
    }
}

keys! {
    /// Why an outcome is taken to be what it is.
    Because {
        /// The status says that it was given.
        StatusCompleted = "status-completed",
        /// The status says that it was not given.
        StatusNotDone = "status-not-done",
        /// The status says that nobody knows.
        StatusUnknown = "status-unknown",
        /// The status says that giving it was ended early.
        StatusStopped = "status-stopped",
        /// The status says that it is being given.
        StatusInProgress = "status-in-progress",
        /// The status says that giving it was interrupted.
        StatusOnHold = "status-on-hold",
        /// The status says that the entry is wrong.
        StatusEnteredInError = "status-entered-in-error",
        /// There is no status that is known.
        StatusMissing = "status-missing",
        /// STU3's `notGiven` is set.
        NotGivenFlag = "not-given-flag",
        /// STU3's `notGiven` says that it was given, and a reason says that it was not.
        NotGivenFlagFalse = "not-given-flag-false",
        /// The gateway's extension says that it was a part.
        CompletenessPartial = "completeness-partial",
        /// The gateway's extension says that it was all.
        CompletenessFull = "completeness-full",
        /// The amount is zero.
        DoseZero = "dose-zero",
        /// A reason is stated.
        ReasonStated = "reason-stated",
        /// The source says that it has no record.
        ReasonNoRecord = "reason-no-record",
        /// The source says that nobody saw it.
        ReasonNotObserved = "reason-not-observed",
        /// The source says that it may have been taken.
        ReasonMaybeTaken = "reason-maybe-taken",
        /// The source says that it was not due.
        ReasonNotDue = "reason-not-due",
        /// The source says that it was not needed.
        ReasonNotNeeded = "reason-not-needed",
        /// The source gives a reason why there is no value.
        NullFlavor = "null-flavor",
        /// The person gave it to themselves.
        PerformerIsPatient = "performer-is-patient",
        /// Somebody close to the person gave it.
        PerformerIsRelative = "performer-is-relative",
        /// Somebody of the service saw it taken.
        Witnessed = "witnessed",
        /// A note says that it was a part.
        NoteSaysPartial = "note-says-partial",
        /// A note says that nobody saw it.
        NoteSaysNotObserved = "note-says-not-observed",
        /// Two things that the record says cannot both be.
        Contradiction = "contradiction",
        /// It cannot be read.
        Unreadable = "unreadable",
    }
}

keys! {
    /// What to mind about an administration.
    WarningKey {
        /// It cannot be read.
        Unreadable = "unreadable",
        /// Two things that the record says cannot both be.
        Contradiction = "contradiction",
        /// Words without an amount in `dosage` (mad-1).
        DosageWithoutDose = "dosage-without-dose",
        /// It was given, and how much is not said.
        DoseNotStated = "dose-not-stated",
        /// The dose went in and came up again.
        Vomited = "vomited",
        /// A note speaks of a dose that was not taken, and the status says given.
        NoteDoubtsIt = "note-doubts-it",
        /// An amount stands beside a dose that was not given.
        DoseOfNotGiven = "dose-of-not-given",
        /// Several reasons that differ.
        ReasonsDiffer = "reasons-differ",
        /// A reason that only the source understands.
        ReasonNotUnderstood = "reason-not-understood",
        /// Why it was not given is not said.
        ReasonMissing = "reason-missing",
        /// Given late.
        Late = "late",
        /// Given early.
        Early = "early",
        /// When is not said.
        TimeMissing = "time-missing",
        /// When cannot be read.
        TimeUnreadable = "time-unreadable",
        /// The local time existed twice.
        RepeatedHour = "repeated-hour",
        /// The local time never existed.
        SkippedHour = "skipped-hour",
        /// A witness was needed and is not recorded.
        WitnessMissing = "witness-missing",
        /// The witness is who gave it.
        WitnessIsPerformer = "witness-is-performer",
        /// A patch without its place on the body.
        SiteMissing = "site-missing",
        /// Nobody says that the old patch came off.
        RemovalNotStated = "removal-not-stated",
        /// What the medicine is cannot be known.
        MedicineNotStated = "medicine-not-stated",
        /// Its entry in the record cannot be found.
        MedicineNotFound = "medicine-not-found",
        /// The same entry came more than once.
        Duplicate = "duplicate",
        /// A later version of the entry is here too.
        Amended = "amended",
        /// Several attempts at one dose.
        Series = "series",
        /// Given more than once for one due time.
        GivenTwice = "given-twice",
        /// A later entry says that the dose that was given was not.
        GivenAndNotGiven = "given-and-not-given",
        /// One of several strengths that make one dose.
        PartOfVariableDose = "part-of-variable-dose",
        /// Given after the order's last day.
        AfterStop = "after-stop",
        /// Given though the order says that it must not be.
        OrderForbids = "order-forbids",
        /// Given on an order that was cancelled, or was never in force.
        OrderNotInForce = "order-not-in-force",
        /// Given before the order's first day.
        BeforeStart = "before-start",
        /// More than the order's most in its time.
        OverMaximum = "over-maximum",
        /// Perhaps more than the order's most.
        MaybeOverMaximum = "maybe-over-maximum",
        /// The order's most could not be compared.
        MaximumNotChecked = "maximum-not-checked",
    }
}

/// One thing to mind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Which.
    pub key: WarningKey,
    /// One sentence for people.
    pub text: String,
}

impl Warning {
    /// Whether the record has to be mended, or somebody asked, before it is relied on.
    pub fn is_error(&self) -> bool {
        matches!(
            self.key,
            WarningKey::Unreadable
                | WarningKey::Contradiction
                | WarningKey::GivenTwice
                | WarningKey::GivenAndNotGiven
                | WarningKey::AfterStop
                | WarningKey::OrderForbids
                | WarningKey::OverMaximum
                | WarningKey::MedicineNotStated
        )
    }
}
