//! Codes of medicines: check digits, code systems, and a dm+d release.
