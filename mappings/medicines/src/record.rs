//! A person's resources, of FHIR R4 or of GP Connect's STU3, found by reference.
