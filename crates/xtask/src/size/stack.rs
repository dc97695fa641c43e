//! How much stack the init can use at most, read from its machine code: every way through every
//! function, and every call. What cannot be followed is an error, not a guess.
//!
//! No signal handler ever runs in the init, so there is no other stack and no other use of this
//! one. What the kernel puts above it, the arguments and the environment, is not counted.

use crate::tools::{Failure, Result};
use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction, Mnemonic, OpKind, Register};
use iced_x86::{InstructionInfoFactory, OpAccess};
use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};
use std::collections::{BTreeMap, BTreeSet};

/// The functions that make calls through a pointer, and those that they may reach: a part of each
/// name, as it is before demangling. Every function whose address is taken has to be here.
const THROUGH_POINTERS: &[(&str, &str)] = &[
    // clone(2): the child's first function.
    ("sexton_init5steps5Steps5spawn", "processes5spawn10trampoline"),
    // What to do with each process that is found.
    ("sexton_init6procfs8everyone", "audience6Circle4tell28_$u7b$$u7b$closure"),
    ("sexton_init6procfs8everyone", "audience6Circle4roll28_$u7b$$u7b$closure"),
];

/// A function calls itself, once for each digit of a number: so many frames of it at most.
const RECURSIVE: &[(&str, u64)] = &[("sexton_core4text4Text6number", 10)];

/// Where the kernel enters.
const ENTRY: &str = "sexton_start";

/// A way down to the deepest place.
#[derive(Debug)]
pub struct Deepest {
    /// Of stack, from the kernel's entry on.
    pub bytes: u64,
    /// The functions on the way.
    pub way: Vec<String>,
}

/// The deepest way through this program, which has its symbols.
pub fn deepest(file: &[u8]) -> Result<Deepest> {
    let functions = functions(file)?;
    let taken = addresses_taken(file, &functions)?;
    for function in functions.values() {
        function.pointers_are_known(taken.contains(&function.start))?;
    }
    let entry = functions.values().find(|function| function.name == ENTRY);
    let entry = entry.ok_or_else(|| Failure::new(format_args!("there is no {ENTRY}")))?;
    let mut search = Search { functions: &functions, known: BTreeMap::new(), way: Vec::new() };
    let bytes = search.depth(entry.start)?;
    Ok(Deepest { bytes, way: search.deepest_from(entry.start) })
}

/// What a function does to the stack. Heights are counted from its first instruction on.
#[derive(Debug)]
struct Function {
    name: String,
    start: u64,
    /// The most that it uses by itself.
    own: u64,
    /// For each function that it calls or jumps to, how high its own stack is then at most; the
    /// return address counts.
    calls: BTreeMap<u64, u64>,
    /// The same for calls through a pointer.
    through_pointers: Option<u64>,
    /// Addresses that it uses as values.
    uses: BTreeSet<u64>,
}

impl Function {
    fn pointers_are_known(&self, taken: bool) -> Result {
        let listed = |part: fn(&(&'static str, &'static str)) -> &'static str| {
            THROUGH_POINTERS.iter().any(|row| self.name.contains(part(row)))
        };
        if self.through_pointers.is_some() && !listed(|row| row.0) {
            return Err(self.unclear(self.start, "calls through a pointer: to where?"));
        }
        if taken && !listed(|row| row.1) {
            return Err(self.unclear(self.start, "is pointed to: from where is it called?"));
        }
        Ok(())
    }

    fn unclear(&self, place: u64, words: &str) -> Failure {
        Failure::new(format_args!("stack: {} at {place:#x}: {words}", self.name))
    }
}

/// All functions by their addresses.
fn functions(file: &[u8]) -> Result<BTreeMap<u64, Function>> {
    let elf = object::File::parse(file).map_err(Failure::new)?;
    let symbols = elf.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text);
    let mut functions = BTreeMap::new();
    for symbol in symbols.filter(|symbol| symbol.size() > 0) {
        let name = symbol.name().map_err(Failure::new)?.to_owned();
        let section = symbol.section_index().and_then(|index| elf.section_by_index(index).ok());
        let code = section
            .and_then(|section| section.data_range(symbol.address(), symbol.size()).ok().flatten())
            .ok_or_else(|| Failure::new(format_args!("stack: {name} has no code")))?;
        functions.insert(symbol.address(), Walk::through(name, symbol.address(), code)?);
    }
    Ok(functions)
}

/// The functions whose addresses are used as values, by code or in data.
fn addresses_taken(file: &[u8], functions: &BTreeMap<u64, Function>) -> Result<BTreeSet<u64>> {
    let uses = functions.values().flat_map(|function| &function.uses);
    let mut taken: BTreeSet<u64> = uses.copied().collect();
    let elf = object::File::parse(file).map_err(Failure::new)?;
    // Data stands between the functions. What is looked at of code, too, can only add to the set.
    for section in elf.sections().filter(|section| section.address() > 0) {
        let data = section.data().map_err(Failure::new)?;
        let words = data.windows(8).flat_map(|word| word.try_into().map(u64::from_le_bytes));
        taken.extend(words.filter(|word| functions.contains_key(word)));
    }
    taken.retain(|address| functions.contains_key(address));
    Ok(taken)
}

/// A walk along every way through one function.
struct Walk {
    function: Function,
    code: BTreeMap<u64, Instruction>,
    /// The highest stack with which each instruction was reached.
    reached: BTreeMap<u64, u64>,
    next: Vec<(u64, u64)>,
    /// The highest stack at a jump by a table.
    table_jump: Option<u64>,
}

/// A function that uses more than this does not come to an end.
const ENDLESS: u64 = 1 << 20;

impl Walk {
    fn through(name: String, start: u64, code: &[u8]) -> Result<Function> {
        let decoder = Decoder::with_ip(64, code, start, DecoderOptions::NONE);
        let code = decoder.into_iter().map(|instruction| (instruction.ip(), instruction)).collect();
        let (calls, uses) = (BTreeMap::new(), BTreeSet::new());
        let function = Function { name, start, own: 0, calls, through_pointers: None, uses };
        let (reached, next) = (BTreeMap::new(), vec![(start, 0)]);
        let mut walk = Walk { function, code, reached, next, table_jump: None };
        loop {
            while let Some((place, height)) = walk.next.pop() {
                walk.step(place, height)?;
            }
            // Where a table leads to nobody else leads.
            let left = walk.code.keys().find(|place| !walk.reached.contains_key(place));
            match (left, walk.table_jump) {
                (Some(place), Some(height)) => walk.next.push((*place, height)),
                _ => return Ok(walk.function),
            }
        }
    }

    fn step(&mut self, place: u64, height: u64) -> Result {
        if self.reached.get(&place).is_some_and(|before| *before >= height) {
            return Ok(());
        }
        self.reached.insert(place, height);
        let Some(instruction) = self.code.get(&place).copied() else {
            return Err(self.function.unclear(place, "leads out of the function"));
        };
        let after = height_after(&instruction, height)
            .filter(|after| *after < ENDLESS)
            .ok_or_else(|| self.function.unclear(place, "the stack pointer cannot be followed"))?;
        self.look_at_operands(&instruction, after);
        let target = instruction.near_branch_target();
        let within = self.code.contains_key(&target);
        match instruction.flow_control() {
            FlowControl::UnconditionalBranch | FlowControl::ConditionalBranch if !within => {
                raise(self.function.calls.entry(target).or_default(), after);
            }
            FlowControl::UnconditionalBranch | FlowControl::ConditionalBranch => {
                self.next.push((target, after));
            }
            FlowControl::Call if instruction.mnemonic() == Mnemonic::Call => {
                raise(self.function.calls.entry(target).or_default(), after + 8);
            }
            FlowControl::IndirectCall => {
                raise(self.function.through_pointers.get_or_insert(0), after + 8);
            }
            FlowControl::IndirectBranch => raise(self.table_jump.get_or_insert(0), after),
            FlowControl::Return if height != 0 => {
                return Err(self.function.unclear(place, "returns with a stack that is not empty"));
            }
            _ => {}
        }
        let goes_on = !matches!(
            instruction.flow_control(),
            FlowControl::UnconditionalBranch
                | FlowControl::IndirectBranch
                | FlowControl::Return
                | FlowControl::Exception
        );
        // A call that never returns may be the last instruction.
        if goes_on && self.code.contains_key(&instruction.next_ip()) {
            self.next.push((instruction.next_ip(), after));
        }
        Ok(())
    }

    fn look_at_operands(&mut self, instruction: &Instruction, height: u64) {
        raise(&mut self.function.own, height);
        for operand in 0..instruction.op_count() {
            let value = match instruction.op_kind(operand) {
                OpKind::Memory if instruction.memory_base() == Register::RSP => {
                    // The red zone: 128 bytes that a function may use without a move.
                    let below = -(instruction.memory_displacement64() as i64);
                    raise(&mut self.function.own, height.saturating_add_signed(below));
                    continue;
                }
                OpKind::Memory => instruction.memory_displacement64(),
                kind if kind >= OpKind::Immediate8 && kind <= OpKind::Immediate32to64 => {
                    instruction.immediate(operand)
                }
                _ => continue,
            };
            self.function.uses.insert(value);
        }
    }
}

fn raise(height: &mut u64, to: u64) {
    *height = to.max(*height);
}

/// How high the stack is after this instruction; nothing if that cannot be told.
fn height_after(instruction: &Instruction, height: u64) -> Option<u64> {
    let moved = i64::from(instruction.stack_pointer_increment());
    let to_rsp = instruction.op_count() > 0
        && instruction.op0_kind() == OpKind::Register
        && instruction.op0_register() == Register::RSP;
    let by = match instruction.mnemonic() {
        Mnemonic::Call | Mnemonic::Ret | Mnemonic::Syscall => 0,
        Mnemonic::Push | Mnemonic::Pop if !to_rsp || instruction.mnemonic() == Mnemonic::Push => {
            -moved
        }
        Mnemonic::Sub if to_rsp => instruction.try_immediate(1).ok()? as i64,
        Mnemonic::Add if to_rsp => -(instruction.try_immediate(1).ok()? as i64),
        // To a round address: by what is masked away at most.
        Mnemonic::And if to_rsp => !(instruction.try_immediate(1).ok()? as i64),
        _ if writes_rsp(instruction) => return None,
        _ => 0,
    };
    height.checked_add_signed(by)
}

fn writes_rsp(instruction: &Instruction) -> bool {
    let reads = |access| matches!(access, OpAccess::None | OpAccess::Read | OpAccess::CondRead);
    let mut factory = InstructionInfoFactory::new();
    let mut used = factory.info(instruction).used_registers().iter();
    used.any(|used| used.register().full_register() == Register::RSP && !reads(used.access()))
}

/// The search for the deepest way.
struct Search<'f> {
    functions: &'f BTreeMap<u64, Function>,
    /// How deep it goes from each function on, and by which call.
    known: BTreeMap<u64, (u64, Option<u64>)>,
    /// The functions that lead to the one being looked at.
    way: Vec<u64>,
}

impl Search<'_> {
    fn depth(&mut self, start: u64) -> Result<u64> {
        if let Some((depth, _)) = self.known.get(&start) {
            return Ok(*depth);
        }
        let function = self.functions.get(&start).ok_or_else(|| {
            Failure::new(format_args!("stack: a call of {start:#x}, which is no function"))
        })?;
        if self.way.contains(&start) {
            return Err(function.unclear(start, "calls itself, by way of others"));
        }
        self.way.push(start);
        let (mut deepest, mut by) = (function.own, None);
        for (callee, height) in self.calls(function) {
            if callee == start {
                continue;
            }
            let depth = height + self.depth(callee)?;
            if depth > deepest {
                (deepest, by) = (depth, Some(callee));
            }
        }
        self.way.pop();
        if let Some(height) = function.calls.get(&start) {
            let times = RECURSIVE.iter().find(|(name, _)| function.name.contains(name));
            let (_, times) = times.ok_or_else(|| function.unclear(start, "calls itself"))?;
            deepest += (times - 1) * height;
        }
        self.known.insert(start, (deepest, by));
        Ok(deepest)
    }

    /// All calls of a function, with those through pointers.
    fn calls(&self, function: &Function) -> Vec<(u64, u64)> {
        let mut calls: Vec<_> =
            function.calls.iter().map(|(callee, height)| (*callee, *height)).collect();
        if let Some(height) = function.through_pointers {
            for (_, callee) in THROUGH_POINTERS.iter().filter(|row| function.name.contains(row.0)) {
                let callees = self.functions.values().filter(|other| other.name.contains(callee));
                calls.extend(callees.map(|callee| (callee.start, height)));
            }
        }
        calls
    }

    fn deepest_from(&self, start: u64) -> Vec<String> {
        let (mut way, mut next) = (Vec::new(), Some(start));
        while let Some(start) = next {
            let name = self.functions.get(&start).map_or("", |function| &function.name);
            way.push(format!("{:#}", rustc_demangle::demangle(name)));
            next = self.known.get(&start).and_then(|(_, by)| *by);
        }
        way
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(start: u64, code: &[u8]) -> Result<Function> {
        Walk::through(format!("f{start}"), start, code)
    }

    fn functions(codes: &[(u64, &[u8])]) -> BTreeMap<u64, Function> {
        codes.iter().map(|(start, code)| (*start, function(*start, code).unwrap())).collect()
    }

    fn depth(functions: &BTreeMap<u64, Function>) -> Result<u64> {
        Search { functions, known: BTreeMap::new(), way: Vec::new() }.depth(0x100)
    }

    #[test]
    fn what_is_pushed_reserved_and_called_is_counted() {
        // push rbx; sub rsp, 0x20; call 0x200; add rsp, 0x20; pop rbx; ret
        let caller = b"\x53\x48\x83\xec\x20\xe8\xf6\0\0\0\x48\x83\xc4\x20\x5b\xc3";
        // mov [rsp - 0x10], rax; ret: below the stack pointer
        let leaf = b"\x48\x89\x44\x24\xf0\xc3";
        let functions = functions(&[(0x100, caller), (0x200, leaf)]);
        assert_eq!(functions[&0x100].own, 8 + 0x20);
        assert_eq!(functions[&0x100].calls[&0x200], 8 + 0x20 + 8);
        assert_eq!(functions[&0x200].own, 0x10);
        assert_eq!(depth(&functions).unwrap(), 8 + 0x20 + 8 + 0x10);
    }

    #[test]
    fn the_deeper_of_two_ways_counts() {
        // test eax, eax; je +3; push rax; push rax; pop rax x 2 behind; ret
        let code = b"\x85\xc0\x74\x04\x50\x50\x58\x58\xc3";
        assert_eq!(function(0x100, code).unwrap().own, 16);
    }

    #[test]
    fn what_cannot_be_followed_is_an_error() {
        let wrong: [(&str, &[u8]); 5] = [
            ("push rax; ret", b"\x50\xc3"),
            ("pop rax; ret", b"\x58\xc3"),
            ("push rax; jmp to it", b"\x50\xeb\xfd"),
            ("sub rsp, rax; ret", b"\x48\x29\xc4\xc3"),
            ("mov rsp, rdi; ret", b"\x48\x89\xfc\xc3"),
        ];
        for (words, code) in wrong {
            assert!(function(0x100, code).is_err(), "{words}");
        }
    }

    #[test]
    fn functions_that_call_each_other_or_are_none_are_an_error() {
        // call 0x200; ret, and call 0x100; ret
        let there: &[u8] = b"\xe8\xfb\0\0\0\xc3";
        let back: &[u8] = b"\xe8\xfb\xfe\xff\xff\xc3";
        let failure = depth(&functions(&[(0x100, there), (0x200, back)])).unwrap_err();
        assert!(failure.words.contains("calls itself"), "{}", failure.words);
        let failure = depth(&functions(&[(0x100, there)])).unwrap_err();
        assert!(failure.words.contains("no function"), "{}", failure.words);
        // call 0x100; ret
        let itself = depth(&functions(&[(0x100, b"\xe8\xfb\xff\xff\xff\xc3")]));
        assert!(itself.unwrap_err().words.contains("calls itself"));
    }

    #[test]
    fn calls_through_pointers_that_nobody_listed_are_an_error() {
        // call rax; ret
        let caller = function(0x100, b"\xff\xd0\xc3").unwrap();
        assert_eq!(caller.through_pointers, Some(8));
        assert!(caller.pointers_are_known(false).is_err());
        let pointed_to = function(0x100, b"\xc3").unwrap();
        assert!(pointed_to.pointers_are_known(true).is_err());
        assert!(pointed_to.pointers_are_known(false).is_ok());
    }

    #[test]
    fn a_table_jump_is_followed_to_all_that_nothing_else_leads_to() {
        // push rbx; jmp rax; pop rbx; ret; push rax; pop rax; pop rbx; ret
        let code = b"\x53\xff\xe0\x5b\xc3\x50\x58\x5b\xc3";
        assert_eq!(function(0x100, code).unwrap().own, 16);
    }
}
