//! Thousands of broken inputs from a fixed seed: good files with bytes changed, taken out, put in,
//! repeated, or taken from one another. None may crash, hang, or be put right into something that
//! cannot be read. The fuzz targets in `fuzz/` do the same for as long as one likes.

use sexton_lint::exercise::exercise;
use sexton_lint::kind::Kind;
use sexton_lint::page;
use sexton_lint::rules::RULES;
use std::path::{Path, PathBuf};

/// Mutants of each seed.
const MUTANTS: usize = 12;

/// xorshift64*: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// All good files, and all blocks of the pages.
fn seeds() -> Vec<(Vec<u8>, Kind)> {
    let mut paths = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/good"), &mut paths);
    let mut seeds: Vec<(Vec<u8>, Kind)> = paths
        .iter()
        .filter_map(|path| {
            let text = std::fs::read(path).unwrap();
            let kind = Kind::of(path).or_else(|| Kind::of_text(&String::from_utf8_lossy(&text)))?;
            Some((text, kind))
        })
        .collect();
    for block in RULES.iter().flat_map(|rule| page::blocks(rule.page)) {
        let kind = match block.language.as_str() {
            "dockerfile" => Kind::Dockerfile,
            "sh" => Kind::Script,
            _ => Kind::of_text(&block.text).unwrap(),
        };
        seeds.push((block.text.into_bytes(), kind));
    }
    seeds
}

/// What tends to break parsers.
const BITS: &[&[u8]] = &[
    b"\"",
    b"'",
    b"`",
    b"$(",
    b"${",
    b")",
    b"}",
    b"{",
    b"[",
    b"]",
    b"\\",
    b"\\\n",
    b"\n",
    b"\r\n",
    b"\t",
    b"\0",
    b"\xff",
    "\u{feff}".as_bytes(),
    "\u{fc}\u{1f600}".as_bytes(),
    b"<<EOF\n",
    b"&",
    b"|",
    b";",
    b"#",
    b": ",
    b"- ",
    b"*a",
    b"&a ",
    b"!!x ",
    b"%",
    b"{{ .x }}",
    b"exec ",
    b"trap '' TERM\n",
    b"case x in *) ",
    b"esac",
    b"fi",
    b"done",
    b"$@",
    b"ENTRYPOINT ",
    b"FROM x\n",
    b"---\n",
    b"? ",
];

fn mutate(seed: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let end = (at + random.below(24)).min(bytes.len());
        match random.below(6) {
            0 => drop(bytes.drain(at..end)),
            1 => {
                let bit = BITS[random.below(BITS.len())];
                drop(bytes.splice(at..at, bit.iter().copied()));
            }
            2 => {
                let copy = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, copy.repeat(1 + random.below(30))));
            }
            3 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = random.next() as u8;
                }
            }
            4 => {
                let from = random.below(other.len());
                let to = (from + random.below(80)).min(other.len());
                drop(bytes.splice(at..end, other[from..to].iter().copied()));
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}

#[test]
fn no_mutant_of_a_good_file_crashes_the_readers_or_the_reports() {
    let seeds = seeds();
    assert!(seeds.len() > 150, "only {} seeds", seeds.len());
    let mut random = Random(0x5EC5_7011);
    for (at, (seed, kind)) in seeds.iter().enumerate() {
        exercise(seed, *kind);
        for number in 0..MUTANTS {
            let other = &seeds[random.below(seeds.len())].0;
            let mutant = mutate(seed, other, &mut random);
            let run = std::panic::catch_unwind(|| exercise(&mutant, *kind));
            assert!(
                run.is_ok(),
                "mutant {number} of seed {at} as {kind:?}:\n{}",
                String::from_utf8_lossy(&mutant)
            );
        }
    }
}

#[test]
fn towers_of_everything_that_nests_are_refused_or_read() {
    let towers: &[(&str, &str, Kind)] = &[
        ("(", ")", Kind::Script),
        ("{ ", "; }", Kind::Script),
        ("$(", ")", Kind::Script),
        ("`", "`", Kind::Script),
        ("${x:-", "}", Kind::Script),
        ("\"$(", ")\"", Kind::Script),
        ("if a; then ", "; fi", Kind::Script),
        ("while a; do ", "; done", Kind::Script),
        ("case x in x) ", ";; esac", Kind::Script),
        ("! ", "", Kind::Script),
        ("a | ", "b", Kind::Script),
        ("f() { ", "; }", Kind::Script),
        ("((", "))", Kind::Script),
        ("$((", "))", Kind::Script),
        ("[[ ( ", " ) ]]", Kind::Script),
        ("<(", ")", Kind::Script),
        ("FROM a\nCMD [", "]", Kind::Dockerfile),
        ("FROM a\nCMD (", ")", Kind::Dockerfile),
        ("[", "]", Kind::Compose),
        ("{a: ", "}", Kind::Compose),
        ("- ", "x", Kind::Compose),
        ("? ", "x", Kind::Kubernetes),
        ("a:\n ", "x", Kind::Kubernetes),
        ("&a [*a,", "]", Kind::Kubernetes),
    ];
    for (open, close, kind) in towers {
        for height in [8, 50, 151, 2_000, 20_000] {
            // Whole, open, and with something wrong inside, which is where parsers try again.
            for inside in ["x", ";;", "x ("] {
                let tower = format!("{}{inside}{}", open.repeat(height), close.repeat(height));
                exercise(tower.as_bytes(), *kind);
            }
            exercise(open.repeat(height).as_bytes(), *kind);
        }
    }
}
