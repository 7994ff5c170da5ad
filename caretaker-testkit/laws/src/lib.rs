//! What must hold of each input from outside, whatever its bytes.
//!
//! One module for each input, with one function over bytes, `holds`, which panics where a law is
//! broken and is total otherwise. Seeds and their mutations go through it in this package's tests;
//! `make test-fuzz` searches for further bytes with libFuzzer.
#![deny(missing_docs)]

pub mod code_owners;
pub mod commands;
pub mod config;
pub mod envelope;
pub mod journal;
pub mod markers;
pub mod project;

/// An input from outside.
pub struct Input {
    /// Name of its module, of its fuzz target and of the folder of its seeds.
    pub name: &'static str,
    /// Panics where these bytes break one of its laws.
    pub holds: fn(&[u8]),
}

/// Every input. The only list: fuzz targets and seeds are compared with it.
pub const INPUTS: &[Input] = &[
    Input {
        name: "code_owners",
        holds: code_owners::holds,
    },
    Input {
        name: "commands",
        holds: commands::holds,
    },
    Input {
        name: "config",
        holds: config::holds,
    },
    Input {
        name: "envelope",
        holds: envelope::holds,
    },
    Input {
        name: "journal",
        holds: journal::holds,
    },
    Input {
        name: "markers",
        holds: markers::holds,
    },
    Input {
        name: "project",
        holds: project::holds,
    },
];

/// The first line, and what stands below it; the line is empty where there is no second.
fn first_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (&[], bytes),
    }
}
