//! The one binary: a thin face over the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ginnel::cli::run()
}
