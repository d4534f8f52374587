//! What a record says of allergies, and what it does not say.
