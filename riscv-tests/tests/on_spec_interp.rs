//! Every case on the interpreter.

use std::collections::{BTreeMap, BTreeSet};

use riscv_tests::boundary::{boundary_cases, boundary_ops};
use riscv_tests::{Case, Expectation, cases, elf};
use spec_interp::map::RAM_BASE;
use spec_interp::{Cause, Family, Machine, Observer, Op, Program, Step, Words};

/// Counts what ran.
#[derive(Default)]
struct Counts {
    steps: u64,
    ops: BTreeMap<Op, u64>,
}

impl Observer for Counts {
    fn step(&mut self, step: &Step) {
        self.steps += 1;
        *self.ops.entry(step.inst.op).or_default() += 1;
    }

    fn console(&mut self, _: u64, _: &[u8]) {}
}

/// Runs the cases, says all that fail, and returns the operations executed and the longest run.
fn run(cases: &[Case]) -> (BTreeSet<Op>, u64) {
    let (mut failures, mut ops, mut longest) = (Vec::new(), BTreeSet::new(), 0);
    for case in cases {
        let mut machine = Machine::new(case.program.clone(), &case.input).unwrap();
        let mut counts = Counts::default();
        let result = machine.run(100_000, &mut counts);
        if let Err(failure) = case.judge(&result) {
            failures.push(failure);
        } else if matches!(case.expect, Expectation::Exit(_)) && machine.output().as_ref() != Ok(&case.output) {
            failures.push(format!("{}: output {:x?}", case.name, machine.output()));
        }
        longest = longest.max(counts.steps);
        ops.extend(counts.ops.keys());
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    (ops, longest)
}

#[test]
fn every_case_passes_and_every_supported_op_runs() {
    let (mut ops, longest) = run(&cases());
    ops.extend([Op::Ebreak, Op::Csrrw, Op::Csrrwi]); // always fault, so they never retire
    let missing: Vec<_> = Op::ALL.into_iter().filter(|op| !ops.contains(op)).collect();
    assert_eq!(missing, []);
    assert!(longest <= 4000, "{longest} instructions");
}

#[test]
fn boundary_programs_write_what_the_formulas_say() {
    let (_, longest) = run(&boundary_cases());
    assert!(longest <= 6000, "{longest} instructions");
}

#[test]
fn boundary_programs_cover_their_families() {
    let covered: BTreeSet<_> = boundary_ops().into_iter().collect();
    let names: BTreeSet<_> = boundary_cases().into_iter().map(|case| case.name).collect();
    for op in Op::ALL {
        let inst = spec_interp::decode(op.encoding().value | 1 << 7 | 1 << 15 | 1 << 20);
        let two_sources = inst.is_some_and(|inst| inst.rs2 != 0);
        let computes = op.family() <= Family::Div || op.family() == Family::Branch;
        assert_eq!(covered.contains(&op), two_sources && computes, "{op}");
        let atomic = op.family() == Family::Amo && !matches!(op, Op::ScW | Op::ScD);
        let named = names.contains(&format!("boundary/{op}"));
        assert_eq!(named, two_sources && (computes || atomic), "{op}");
    }
}

#[test]
fn names_are_unique() {
    let all: Vec<_> = [cases(), boundary_cases()].into_iter().flatten().collect();
    let names: BTreeSet<_> = all.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), all.len());
}

#[test]
fn programs_survive_the_way_through_an_elf_file() {
    for case in cases().into_iter().chain(boundary_cases()) {
        let read = Program::from_elf(&elf::elf(&case.program)).unwrap();
        assert_eq!(read.segments(), case.program.segments(), "{}", case.name);
        assert_eq!((read.entry, read.code()), (case.program.entry, case.program.code()), "{}", case.name);
    }
}

/// The address of the access that faulted, if one did.
fn touched(cause: Cause) -> Option<u64> {
    match cause {
        Cause::LoadAccess { addr }
        | Cause::StoreAccess { addr }
        | Cause::StoreReadOnly { addr }
        | Cause::MisalignedAtomic { addr } => Some(addr),
        _ => None,
    }
}

#[test]
fn a_fault_changes_nothing() {
    let mut reserved = 0;
    for case in cases().into_iter() {
        let Expectation::Fault { pc, cause } = case.expect else { continue };
        let mut faulted = Machine::new(case.program.clone(), &case.input).unwrap();
        faulted.run(100_000, &mut ()).unwrap_err();
        // The same run, stopped just before.
        let mut before = Machine::new(case.program, &case.input).unwrap();
        before.run(faulted.retired, &mut ()).unwrap();
        assert_eq!((before.pc, before.pc), (pc, faulted.pc), "{}", case.name);
        assert_eq!((before.regs, before.reservation), (faulted.regs, faulted.reservation), "{}", case.name);
        reserved += u64::from(faulted.reservation != 0);
        let around = touched(cause).into_iter().flat_map(|addr| [addr & !7, (addr & !7).wrapping_add(8)]);
        for addr in around.chain([RAM_BASE]) {
            assert_eq!(before.memory.word(addr), faulted.memory.word(addr), "{}: {addr:x}", case.name);
        }
    }
    assert!(reserved > 50, "{reserved} faults while something is reserved");
}

/// Where compressed instructions ran.
#[derive(Default)]
struct Halves(BTreeSet<u64>);

impl Observer for Halves {
    fn step(&mut self, step: &Step) {
        if step.inst.len == 2 {
            self.0.insert(step.pc);
        }
    }

    fn console(&mut self, _: u64, _: &[u8]) {}
}

/// What tells compressed instructions and their hints apart: quadrant, funct3, the operation and a destination of x0.
fn form(half: u32) -> Option<(u32, u32, Op, bool)> {
    let inst = spec_interp::decode(half).filter(|inst| inst.len == 2)?;
    Some((half & 3, half >> 13 & 7, inst.op, inst.rd == 0))
}

#[test]
fn every_compressed_instruction_and_hint_runs_at_both_alignments() {
    let mut ran = BTreeSet::new();
    for case in cases().into_iter().filter(|case| case.name.starts_with("compressed/")) {
        let mut halves = Halves::default();
        Machine::new(case.program.clone(), &case.input).unwrap().run(100_000, &mut halves).unwrap();
        let halves = halves.0.into_iter().map(|pc| (case.program.raw_at(pc).unwrap() & 0xffff, pc % 4));
        ran.extend(halves.filter_map(|(half, alignment)| Some((form(half)?, alignment))));
    }
    let forms: BTreeSet<_> = (0..=0xffff).filter_map(form).filter(|form| form.2 != Op::Ebreak).collect();
    let wanted = forms.iter().flat_map(|&form| [(form, 0), (form, 2)]);
    let missing: Vec<_> = wanted.filter(|place| !ran.contains(place)).collect();
    assert_eq!(missing, []);
}
