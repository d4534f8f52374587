//! What a person takes at an instant, and why each line stands there.
