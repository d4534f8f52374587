//! The statuses of statements and requests of both versions, as far as they decide whether something is taken.

use crate::record::read;
use serde_json::Value;

/// What a status says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Running.
    Active,
    /// Ran its course.
    Completed,
    /// Ended before its time.
    Stopped,
    /// Called off.
    Cancelled,
    /// Waits.
    OnHold,
    /// Is to begin.
    Intended,
    /// The person does not take it.
    NotTaken,
    /// Not yet decided on.
    Draft,
    /// Was never so.
    EnteredInError,
    /// The source does not know.
    Unknown,
    /// There is none.
    Missing,
    /// None that FHIR has.
    NotUnderstood,
}

impl Status {
    /// The status of a statement or request. STU3's `taken` says more than its status where it says no.
    pub fn of(resource: &Value) -> Status {
        let Some(written) = resource.get("status") else { return Status::Missing };
        let status = match written.as_str().map(str::trim) {
            Some("active" | "in-progress" | "recorded") => Status::Active,
            Some("completed" | "ended") => Status::Completed,
            Some("stopped") => Status::Stopped,
            Some("cancelled") => Status::Cancelled,
            Some("on-hold" | "suspended") => Status::OnHold,
            Some("intended") => Status::Intended,
            Some("not-taken") => Status::NotTaken,
            Some("draft") => Status::Draft,
            Some("entered-in-error") => Status::EnteredInError,
            Some("unknown") => Status::Unknown,
            Some("") => Status::Missing,
            _ => Status::NotUnderstood,
        };
        // `unk` is what GP Connect always sends, and says nothing.
        let is_not_taken = matches!(read::text(resource, "taken"), Some("n"));
        if is_not_taken && status == Status::Active { Status::NotTaken } else { status }
    }

    /// Whether it says that the thing is over, or has not come to be.
    pub fn is_over(self) -> bool {
        matches!(self, Status::Completed | Status::Stopped | Status::Cancelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn taken_unk_is_not_not_taken() {
        assert_eq!(Status::of(&json!({"status": "active", "taken": "unk"})), Status::Active);
        assert_eq!(Status::of(&json!({"status": "active", "taken": "n"})), Status::NotTaken);
    }

    #[test]
    fn a_status_nobody_knows_is_no_status_one_knows() {
        assert_eq!(Status::of(&json!({"status": "Active!"})), Status::NotUnderstood);
        assert_eq!(Status::of(&json!({"status": 1})), Status::NotUnderstood);
        assert_eq!(Status::of(&json!({})), Status::Missing);
    }
}
