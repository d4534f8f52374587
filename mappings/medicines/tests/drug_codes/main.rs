//! Drug codes as a pharmacist would ask of them: what is said of each medicine, alone, in a record, and with a release.

mod concept;
mod invented_release;
mod loading;
mod sameness;
mod with_release;
