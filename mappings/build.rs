//! Builds the crate again when a built-in plugin changes, new files included.

fn main() {
    println!("cargo::rerun-if-changed=vendors");
}
