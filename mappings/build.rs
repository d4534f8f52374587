//! Builds the crate again when a built-in plugin or a chapter of the manual changes, new files included.

fn main() {
    println!("cargo::rerun-if-changed=vendors");
    println!("cargo::rerun-if-changed=manual");
}
