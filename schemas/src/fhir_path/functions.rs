//! The functions by name, and which file carries each out.

mod boundaries;
mod collections;
mod conditions;
mod fhir;
mod math;
mod ordering;
mod texts;

pub(super) use texts::MOST_TEXT_BYTES;

use super::evaluate::{Evaluator, Flow, ON, Scope, Sink};
use super::syntax::Call;

macro_rules! functions {
    ($($variant:ident $name:literal $least:literal $most:literal,)*) => {
        /// A function of FHIRPath or of FHIR's additions to it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Function { $($variant,)* }

        impl Function {
            /// By the name it is called with.
            pub(super) fn named(name: &str) -> Option<Function> {
                match name { $($name => Some(Function::$variant),)* _ => None }
            }

            /// The name it is called with.
            pub(super) fn name(self) -> &'static str {
                match self { $(Function::$variant => $name,)* }
            }

            /// Whether it can be called with so many arguments.
            pub(super) fn takes(self, arguments: usize) -> bool {
                let (least, most): (usize, usize) = match self { $(Function::$variant => ($least, $most),)* };
                (least..=most).contains(&arguments)
            }
        }
    };
}

// Variant, name, fewest and most arguments.
functions! {
    Exists "exists" 0 1,
    Empty "empty" 0 0,
    Not "not" 0 0,
    All "all" 1 1,
    AllTrue "allTrue" 0 0,
    AnyTrue "anyTrue" 0 0,
    AllFalse "allFalse" 0 0,
    AnyFalse "anyFalse" 0 0,
    IsDistinct "isDistinct" 0 0,
    SubsetOf "subsetOf" 1 1,
    SupersetOf "supersetOf" 1 1,
    HasValue "hasValue" 0 0,
    StartsWith "startsWith" 1 1,
    EndsWith "endsWith" 1 1,
    Contains "contains" 1 1,
    Matches "matches" 1 1,
    MatchesFull "matchesFull" 1 1,
    ConvertsToBoolean "convertsToBoolean" 0 0,
    ConvertsToInteger "convertsToInteger" 0 0,
    ConvertsToDecimal "convertsToDecimal" 0 0,
    ConvertsToString "convertsToString" 0 0,
    ConvertsToDate "convertsToDate" 0 0,
    ConvertsToDateTime "convertsToDateTime" 0 0,
    ConvertsToTime "convertsToTime" 0 0,
    ConvertsToQuantity "convertsToQuantity" 0 1,
    MemberOf "memberOf" 1 1,
    Subsumes "subsumes" 1 1,
    SubsumedBy "subsumedBy" 1 1,
    ConformsTo "conformsTo" 1 1,
    HtmlChecks "htmlChecks" 0 0,
    Comparable "comparable" 1 1,

    Count "count" 0 0,
    Where "where" 1 1,
    Select "select" 1 1,
    Repeat "repeat" 1 1,
    First "first" 0 0,
    Last "last" 0 0,
    Tail "tail" 0 0,
    Skip "skip" 1 1,
    Take "take" 1 1,
    Single "single" 0 0,
    Distinct "distinct" 0 0,
    Union "union" 1 1,
    Combine "combine" 1 1,
    Intersect "intersect" 1 1,
    Exclude "exclude" 1 1,
    Iif "iif" 2 3,
    Aggregate "aggregate" 1 2,
    Sort "sort" 0 16,
    Trace "trace" 1 2,

    Children "children" 0 0,
    Descendants "descendants" 0 0,
    Extension "extension" 1 1,
    Resolve "resolve" 0 0,
    Type "type" 0 0,
    GetValue "getValue" 0 0,
    ElementDefinition "elementDefinition" 0 0,
    Slice "slice" 2 2,
    CheckModifiers "checkModifiers" 0 16,

    ToBoolean "toBoolean" 0 0,
    ToInteger "toInteger" 0 0,
    ToDecimal "toDecimal" 0 0,
    ToText "toString" 0 0,
    ToDate "toDate" 0 0,
    ToDateTime "toDateTime" 0 0,
    ToTime "toTime" 0 0,
    ToQuantity "toQuantity" 0 1,

    IndexOf "indexOf" 1 1,
    LastIndexOf "lastIndexOf" 1 1,
    Substring "substring" 1 2,
    Upper "upper" 0 0,
    Lower "lower" 0 0,
    Replace "replace" 2 2,
    ReplaceMatches "replaceMatches" 2 2,
    Length "length" 0 0,
    ToChars "toChars" 0 0,
    Trim "trim" 0 0,
    Split "split" 1 1,
    Join "join" 0 1,
    Encode "encode" 1 1,
    Decode "decode" 1 1,
    Escape "escape" 1 1,
    Unescape "unescape" 1 1,

    Abs "abs" 0 0,
    Ceiling "ceiling" 0 0,
    Floor "floor" 0 0,
    Truncate "truncate" 0 0,
    Round "round" 0 1,
    Exp "exp" 0 0,
    Ln "ln" 0 0,
    Log "log" 1 1,
    Power "power" 1 1,
    Sqrt "sqrt" 0 0,

    LowBoundary "lowBoundary" 0 1,
    HighBoundary "highBoundary" 0 1,
    Precision "precision" 0 0,

    Now "now" 0 0,
    Today "today" 0 0,
    TimeOfDay "timeOfDay" 0 0,
}

impl Function {
    /// Whether it gives one truth value or none.
    pub(super) fn is_condition(self) -> bool {
        (self as u8) <= (Function::Comparable as u8)
    }
}

impl<'v> Evaluator<'_, 'v> {
    /// What a function that is no condition gives.
    pub(super) fn call(&self, call: &'v Call, scope: &Scope<'_, 'v>, sink: Sink<'_, 'v>) -> Flow {
        use Function as F;
        match call.function {
            F::Count
            | F::Where
            | F::Select
            | F::Repeat
            | F::First
            | F::Last
            | F::Tail
            | F::Skip
            | F::Take
            | F::Single
            | F::Distinct
            | F::Union
            | F::Combine
            | F::Intersect
            | F::Exclude => self.collection_function(call, scope, sink),
            F::Iif | F::Aggregate | F::Sort | F::Trace => self.ordering_function(call, scope, sink),
            F::Children
            | F::Descendants
            | F::Extension
            | F::Resolve
            | F::Type
            | F::GetValue
            | F::ElementDefinition
            | F::Slice
            | F::CheckModifiers => self.fhir_function(call, scope, sink),
            F::ToBoolean
            | F::ToInteger
            | F::ToDecimal
            | F::ToText
            | F::ToDate
            | F::ToDateTime
            | F::ToTime
            | F::ToQuantity => self.conversion_function(call, scope, sink),
            F::ToChars | F::Split | F::Join => self.text_list_function(call, scope, sink),
            F::IndexOf
            | F::LastIndexOf
            | F::Substring
            | F::Upper
            | F::Lower
            | F::Replace
            | F::ReplaceMatches
            | F::Length
            | F::Trim
            | F::Encode
            | F::Decode
            | F::Escape
            | F::Unescape => match self.text_function(call, scope)? {
                Some(item) => sink(item),
                None => Ok(ON),
            },
            F::Now | F::Today | F::TimeOfDay => match self.present_time(call.function)? {
                Some(item) => sink(item),
                None => Ok(ON),
            },
            F::LowBoundary | F::HighBoundary | F::Precision => match self.boundary_function(call, scope)? {
                Some(item) => sink(item),
                None => Ok(ON),
            },
            F::Abs | F::Ceiling | F::Floor | F::Truncate | F::Round | F::Exp | F::Ln | F::Log | F::Power | F::Sqrt => {
                match self.math_function(call, scope)? {
                    Some(item) => sink(item),
                    None => Ok(ON),
                }
            }
            _ => self.tell(self.condition(call, scope)?, sink),
        }
    }
}
