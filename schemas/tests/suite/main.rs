//! What is judged against material that others made: HL7's cases and published resources beside the project.

mod fhirpath;
mod outside_definitions;
mod outside_samples;
