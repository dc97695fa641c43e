//! `cargo xtask size`: what the released init may weigh, and what must not be in it.

mod stack;

use crate::tools::{self, Failure, Result};
use object::elf;
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, Object, ObjectSymbol};
use std::path::Path;

/// Bytes of the released file that nothing may go beyond: what has been reached, in steps of 512.
const FILE_BYTES_MAX: u64 = 34_304;

/// Bytes of stack that no way through the program may take: see [`stack`].
const STACK_BYTES_MAX: u64 = 36_864;

/// What we aim at for the file with all its doors: Debian's tini, which is one. `cargo xtask bench`
/// says how far it is.
pub const FILE_BYTES_AIM: u64 = 27_792;

/// What we aimed at when the native door was the only one.
pub const FILE_BYTES_AIM_NATIVE_ONLY: u64 = 14_336;

/// Builds the init, once as released and once with its symbols, and judges both.
pub fn run() -> Result {
    let target = tools::target_dir()?;
    let mut release = tools::cargo();
    tools::step("build", release.args(["build", "--release", "-p", "sexton-init"]))?;
    // Another target directory: a strip setting of its own would have cargo rebuild each time.
    let symbols = target.join("with-symbols");
    let mut unstripped = tools::cargo();
    unstripped.args(["build", "--release", "-p", "sexton-init", "--target-dir"]).arg(&symbols);
    unstripped.args(["--config", "profile.release.strip=false"]);
    tools::step("build with symbols", &mut unstripped)?;

    let released = read(&target.join("release/sexton-init"))?;
    let mut verdicts = layout(&released)?;
    let with_symbols = read(&symbols.join("release/sexton-init"))?;
    verdicts.extend(contents(&with_symbols)?);
    if cfg!(target_arch = "x86_64") {
        verdicts.push(stack_use(&stack::deepest(&with_symbols)?));
    }
    for verdict in &verdicts {
        let word = if verdict.wrong.is_none() { "ok  " } else { "FAIL" };
        let wrong = verdict.wrong.as_deref().unwrap_or("");
        anstream::println!("{word}  {:<58} {wrong}", verdict.rule);
    }
    match verdicts.iter().filter(|verdict| verdict.wrong.is_some()).count() {
        0 => Ok(()),
        count => Err(Failure::new(format_args!("size: {count} rules broken"))),
    }
}

/// A rule, and if it is broken, how.
#[derive(Debug)]
struct Verdict {
    rule: String,
    wrong: Option<String>,
}

impl Verdict {
    fn new(rule: impl Into<String>, wrong: Vec<String>) -> Verdict {
        let wrong = (!wrong.is_empty()).then(|| wrong.join(", "));
        Verdict { rule: rule.into(), wrong }
    }
}

type Header = elf::FileHeader64<Endianness>;

/// The rules on the file as it is shipped.
fn layout(file: &[u8]) -> Result<Vec<Verdict>> {
    let header = Header::parse(file).map_err(Failure::new)?;
    let endian = header.endian().map_err(Failure::new)?;
    let segments = header.program_headers(endian, file).map_err(Failure::new)?;
    let has = |kind| segments.iter().any(|segment| segment.p_type(endian) == kind);
    let flags = |flag| segments.iter().filter(move |s| s.p_flags(endian) & flag == flag);
    let when = |wrong: bool, words: &str| Vec::from_iter(wrong.then(|| words.to_owned()));

    let bytes = file.len() as u64;
    let write_and_execute = flags(elf::PF_W | elf::PF_X).count() > 0;
    let stack = segments.iter().find(|segment| segment.p_type(endian) == elf::PT_GNU_STACK);
    let stack_executable = stack.is_none_or(|stack| stack.p_flags(endian) & elf::PF_X != 0);
    let wants = format!("at most {FILE_BYTES_MAX} bytes (it has {bytes})");
    Ok(vec![
        Verdict::new(wants, when(bytes > FILE_BYTES_MAX, "too big")),
        Verdict::new("no interpreter", when(has(elf::PT_INTERP), "PT_INTERP")),
        Verdict::new("no dynamic section", when(has(elf::PT_DYNAMIC), "PT_DYNAMIC")),
        Verdict::new("no segment writable and executable", when(write_and_execute, "W and X")),
        Verdict::new("a stack that is not executable", when(stack_executable, "PT_GNU_STACK")),
    ])
}

/// The rules on the same program with its symbols, as their names are before demangling.
fn contents(file: &[u8]) -> Result<Vec<Verdict>> {
    let file = object::File::parse(file).map_err(Failure::new)?;
    let named = |symbol: &object::Symbol| symbol.name().unwrap_or("").to_owned();
    let undefined = file.symbols().filter(|symbol| symbol.is_undefined()).map(|s| named(&s));
    let undefined = undefined.filter(|name| !name.is_empty()).collect();
    let names: Vec<String> = file.symbols().map(|symbol| named(&symbol)).collect();
    // A stripped file would pass whatever is in it.
    if !names.iter().any(|name| name.contains("sexton_start") || name == "main") {
        return Err(Failure::new("the copy with symbols has none: nothing was checked"));
    }
    let with = |word: &str| names.iter().filter(|name| name.contains(word)).cloned().collect();
    Ok(vec![
        Verdict::new("no undefined symbol", undefined),
        Verdict::new("no panic path", with("panic")),
        Verdict::new("no panic handler left", with("rust_begin_unwind")),
        Verdict::new("no core::fmt", with("core3fmt")),
    ])
}

/// The rule on the deepest way through the program.
fn stack_use(deepest: &stack::Deepest) -> Verdict {
    let wants = format!("at most {STACK_BYTES_MAX} bytes of stack (it can be {})", deepest.bytes);
    let too_deep = deepest.bytes > STACK_BYTES_MAX;
    Verdict::new(wants, Vec::from_iter(too_deep.then(|| deepest.way.join(" > "))))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| Failure::new(format_args!("{}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This test program is all that the init must not be.
    fn this_program() -> Vec<u8> {
        std::fs::read("/proc/self/exe").unwrap()
    }

    #[track_caller]
    fn broken(verdicts: &[Verdict], rule: &str) {
        let verdict = verdicts.iter().find(|verdict| verdict.rule.starts_with(rule));
        assert!(verdict.expect("such a rule").wrong.is_some(), "{rule}: {verdict:?}");
    }

    #[test]
    fn a_dynamic_program_of_megabytes_breaks_the_rules_on_layout() {
        let verdicts = layout(&this_program()).unwrap();
        broken(&verdicts, &format!("at most {FILE_BYTES_MAX} bytes"));
        broken(&verdicts, "no interpreter");
        broken(&verdicts, "no dynamic section");
    }

    #[test]
    fn a_program_with_std_breaks_the_rules_on_contents() {
        let verdicts = contents(&this_program()).unwrap();
        for rule in ["no undefined symbol", "no panic path", "no panic handler", "no core::fmt"] {
            broken(&verdicts, rule);
        }
    }

    #[test]
    fn a_way_that_is_too_deep_is_named() {
        let way = ["main", "write"].map(str::to_owned).to_vec();
        let verdict = stack_use(&stack::Deepest { bytes: STACK_BYTES_MAX + 1, way });
        assert_eq!(verdict.wrong.as_deref(), Some("main > write"));
        let deepest = stack::Deepest { bytes: STACK_BYTES_MAX, way: Vec::new() };
        assert_eq!(stack_use(&deepest).wrong, None);
    }

    #[test]
    fn a_writable_and_executable_segment_and_an_executable_stack_are_found() {
        let mut file = this_program();
        let start = u64::from_le_bytes(file[32..40].try_into().unwrap()) as usize;
        let count = u16::from_le_bytes(file[56..58].try_into().unwrap()) as usize;
        // Elf64_Phdr: 56 bytes each, p_flags the second word.
        for segment in 0..count {
            file[start + segment * 56 + 4] = (elf::PF_R | elf::PF_W | elf::PF_X) as u8;
        }
        let verdicts = layout(&file).unwrap();
        broken(&verdicts, "no segment writable and executable");
        broken(&verdicts, "a stack that is not executable");
    }
}
