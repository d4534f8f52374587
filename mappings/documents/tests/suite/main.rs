//! Documents built from records, judged, read back and printed.

mod broken;
mod built;
mod generated;
mod others;
mod records;
