//! What a record says was given, not given, partly given, or does not say.
