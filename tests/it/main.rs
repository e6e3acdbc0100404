//! The one test binary. A new file is named twice here: as a module, and in the list of its cases.

mod architecture;
mod migrations;
mod schema;

use std::process::ExitCode;

fn main() -> ExitCode {
    tests::harness::main(
        [
            architecture::cases(), //
            schema::cases(),
            migrations::cases(),
        ]
        .into_iter()
        .flatten()
        .collect(),
    )
}
