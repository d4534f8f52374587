//! Dosage to text by the NHS rules, text to Dosage where it is certain, and the two compared.
