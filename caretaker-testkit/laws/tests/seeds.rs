//! Every seed, and a bounded number of its mutations, under the law of its input.

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use caretaker_laws::{INPUTS, Input};

/// Mutations of each seed.
const MUTATIONS: u64 = 50;
/// Seeds below which a target does not know where to begin.
const FEWEST: usize = 4;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

fn names(folder: &Path, end: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry
            .expect("a folder that can be read")
            .file_name()
            .into_string()
    };
    let names = entries.map(|entry| name(entry).expect("a name in UTF-8"));
    let names = names.filter_map(|name| name.strip_suffix(end).map(str::to_owned));
    names.collect()
}

/// The seeds of an input by name, in order.
fn seeds(input: &str) -> Vec<(String, Vec<u8>)> {
    let folder = fuzz().join("seeds").join(input);
    let read = |name: String| {
        let bytes = fs::read(folder.join(&name)).expect("a seed that was listed");
        (name, bytes)
    };
    names(&folder, "").into_iter().map(read).collect()
}

#[test]
fn every_seed_and_its_mutations_hold() {
    let broken: Vec<String> = INPUTS.iter().filter_map(first_broken).collect();
    assert!(broken.is_empty(), "see above:\n{}", broken.join("\n"));
}

/// The first bytes that break an input's law, so that they can be kept as a seed.
fn first_broken(input: &Input) -> Option<String> {
    seeds(input.name).into_iter().find_map(|(name, seed)| {
        (0..=MUTATIONS).find_map(|n| {
            let bytes = if n == 0 {
                seed.clone()
            } else {
                mutation(&seed, n)
            };
            let held = catch_unwind(|| (input.holds)(&bytes)).is_ok();
            let shown = bytes.escape_ascii();
            (!held).then(|| format!("{}/{name}, mutation {n}: {shown}", input.name))
        })
    })
}

#[test]
fn every_input_has_a_fuzz_target_and_seeds_and_nothing_else_has() {
    let listed: BTreeSet<String> = INPUTS.iter().map(|input| input.name.to_owned()).collect();
    assert_eq!(listed.len(), INPUTS.len(), "an input is listed twice");
    assert_eq!(names(&fuzz().join("fuzz_targets"), ".rs"), listed);
    assert_eq!(names(&fuzz().join("seeds"), ""), listed);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    assert_eq!(manifest.matches("[[bin]]").count(), INPUTS.len());
    for name in listed {
        let count = seeds(&name).len();
        assert!(count >= FEWEST, "{name} has {count} seeds");
        let target = fs::read_to_string(fuzz().join(format!("fuzz_targets/{name}.rs"))).unwrap();
        let call = format!("caretaker_laws::{name}::holds(bytes)");
        assert!(
            target.contains(&call),
            "{name}: the target calls no law of its own"
        );
        let entry = format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"");
        assert!(
            manifest.contains(&entry),
            "{name}: fuzz/Cargo.toml has no [[bin]] of it"
        );
    }
}

/// The same bytes for the same seed and number, always.
fn mutation(seed: &[u8], n: u64) -> Vec<u8> {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ n);
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len() + 1);
        match dice.below(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            1 if at < bytes.len() => {
                bytes.remove(at);
            }
            2 => bytes.truncate(at),
            3 => {
                let piece = PIECES[dice.below(PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            4 => {
                let end = (at + dice.below(16)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                bytes.extend(copy);
            }
            _ => {
                let end = (at + 1).min(bytes.len());
                let piece = PIECES[dice.below(PIECES.len())];
                bytes.splice(at..end, piece.iter().copied());
            }
        }
    }
    bytes
}

/// What readers of text stumble over.
const PIECES: &[&[u8]] = &[
    b"\0",
    b"\n",
    b"\r\n",
    b"\r",
    b"\t",
    b" ",
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"#",
    b"*",
    b"/",
    b"<!--",
    b"-->",
    b"```",
    b"~~~",
    b"> ",
    b"- ",
    b"@caretaker merge",
    b"null",
    b"-1",
    b"0",
    b"1e999",
    b"18446744073709551616",
    b"9223372036854775807",
    b"\xff",
    b"\xc3",
    "\u{feff}".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{2028}".as_bytes(),
    "é".as_bytes(),
];

/// A fixed generator: xorshift64*.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(drawn).expect("31 bits") % most.max(1)
    }
}
