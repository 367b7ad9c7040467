//! A run recorded from chunks, whatever their size, is the run recorded step by step.

use std::collections::BTreeMap;

use air::event::{Event, SecondAccess};
use air::execution::{Execution, ExecutionError, Page, Refresh, Rom, record, trace};
use air::layout::{HALTED_PC, MAX_INSTRUCTIONS, PAGE_WORDS, REGISTER_GAP, REGISTERS_WORD, RESERVATION, pc_index};
use air::rom::CLASSES;
use air::tables::Kind;
use riscv_tests::{Case, Expectation};
use spec_interp::map::{PROGRAM_BASE, syscall};
use spec_interp::{Chunk, Family, Machine, Observer, Op, Program, ReplayError, Step, reservation};

const SIZES: [u64; 5] = [1, 2, 7, 100, 1 << 16];

/// The plainest recorder: all words, registers too, in one map; nothing is left open. The machine says what memory held.
struct Reference<'p> {
    rom: &'p Rom,
    /// By index: first contents, contents, time of the last access.
    words: BTreeMap<u32, (u64, u64, u32)>,
    clock: u32,
    events: Vec<(Kind, Event<'p>)>,
    refreshes: Vec<Refresh>,
}

impl Reference<'_> {
    fn access(&mut self, word: u32, old: u64, new: u64, time: u32) -> SecondAccess {
        let (_, last, last_time) = self.words.entry(word).or_insert((old, old, 0));
        assert_eq!(*last, old, "word {word:#x}");
        *last = new;
        SecondAccess { old, new, prev: core::mem::replace(last_time, time) }
    }

    fn register(&mut self, number: u32, new: Option<u64>, time: u32) -> SecondAccess {
        let word = REGISTERS_WORD + number;
        let (_, value, from) = self.words.get(&word).copied().unwrap_or_default();
        for from in (from..time).step_by(REGISTER_GAP as usize).take_while(|from| time - from > REGISTER_GAP) {
            let to = from + REGISTER_GAP;
            self.refreshes.push(Refresh { word, value, from, to });
            self.access(word, value, value, to);
        }
        self.access(word, value, new.unwrap_or(value), time)
    }
}

impl Observer for Reference<'_> {
    fn step(&mut self, step: &Step) {
        let (clock, op) = (self.clock, step.inst.op);
        let row = &self.rom.rows[self.rom.row_of(pc_index(step.pc)).expect("a row")];
        let exits = op == Op::Ecall && step.rs1 == syscall::EXIT;
        let stores = step.accesses[0].is_some_and(|access| access.write) && op.family() == Family::Memory;
        let rs2 = if row.immediate { row.immediate_value() } else { step.rs2 };
        let rd_new = if stores { step.rs2 } else { step.rd };
        let uses = row.table.accesses(row);
        let mut register = |is_used: bool, number, new, time| match is_used {
            true => self.register(number, new, time),
            false => SecondAccess::default(),
        };
        let first = register(uses.rs1, row.rs1, None, clock);
        let second = register(uses.rs2, row.rs2, None, clock + 1);
        let reserved = match op {
            Op::LrW => Some(reservation(step.rs1, 4)),
            Op::LrD => Some(reservation(step.rs1, 8)),
            Op::ScW | Op::ScD => Some(0),
            _ => None,
        };
        let reserved = register(reserved.is_some(), RESERVATION, reserved, clock + 2);
        let rd = register(uses.rd, row.rd, Some(rd_new), clock + 3);
        let [memory, next] = step.accesses.map(|access| {
            access.map(|access| self.access((access.addr / 8) as u32, access.old, access.new, clock + 2))
        });
        let is_aligned =
            op.access_width().is_none_or(|width| step.rs1.wrapping_add_signed(step.inst.imm).is_multiple_of(width));
        let table = if is_aligned { row.table } else { Kind::MemoryMisaligned };
        let memory = memory.unwrap_or_default();
        let event = Event {
            row,
            clock,
            next_pc: if exits { HALTED_PC } else { pc_index(step.next_pc) },
            rs1: step.rs1,
            rs2,
            rd_old: rd.old,
            rd_new,
            rs1_prev: first.prev,
            rs2_prev: second.prev,
            rd_prev: rd.prev,
            word: step.accesses[0].map_or(0, |access| (access.addr / 8) as u32),
            mem_old: memory.old,
            mem_new: memory.new,
            mem_prev: memory.prev,
            second: next.unwrap_or(reserved),
        };
        self.events.push((table, event));
        self.clock += 4;
    }

    fn console(&mut self, _: u64, _: &[u8]) {}
}

fn machine(program: &Program, input: &[u8]) -> Machine {
    Machine::new(program.clone(), input).expect("the input fits")
}

/// Records a run with chunks of every size and compares each with the plain recorder.
fn assert_recorded(name: &str, program: &Program, input: &[u8]) {
    let rom = Rom::new(program);
    let mut reference =
        Reference { rom: &rom, words: BTreeMap::new(), clock: 4, events: Vec::new(), refreshes: Vec::new() };
    let mut stepped = machine(program, input);
    stepped.run(MAX_INSTRUCTIONS, &mut reference).expect("it runs");
    reference.refreshes.sort_by_key(|refresh| (refresh.to, refresh.word));
    for size in SIZES {
        let chunks = trace(&mut machine(program, input), size, &mut |_, _| ()).expect("it runs");
        let counted: Vec<u64> = (0..22).map(|class| chunks.iter().map(|chunk| chunk.counts[class]).sum()).collect();
        let execution = record(program, input, &rom, chunks).expect("it is recorded");
        assert_eq!(Some(execution.exit_code), stepped.exit_code(), "{name}");
        assert_eq!((execution.instructions, execution.clock), (stepped.retired, reference.clock), "{name}");
        assert_eq!(execution.refreshes, reference.refreshes, "{name}, chunks of {size}");
        for kind in Kind::instructions() {
            let expected: Vec<_> = reference.events.iter().filter(|(other, _)| *other == kind).collect();
            let found: Vec<_> = execution.pieces(kind).flatten().collect();
            assert_eq!(found.len(), expected.len(), "{name}: {}", kind.name());
            let differs = found.iter().zip(expected).find(|(found, (_, expected))| **found != expected);
            assert!(differs.is_none(), "{name}, chunks of {size}: {differs:#?}");
        }
        assert_pages(name, &execution.pages, &reference.words);
        assert_counted(&counted, &execution);
    }
}

fn assert_pages(name: &str, pages: &[Page], words: &BTreeMap<u32, (u64, u64, u32)>) {
    let mut numbers: Vec<u32> = words.keys().map(|word| word / PAGE_WORDS as u32).collect();
    numbers.dedup();
    assert_eq!(pages.iter().map(|page| page.number).collect::<Vec<_>>(), numbers, "{name}");
    for page in pages {
        for i in 0..PAGE_WORDS {
            let word = page.number * PAGE_WORDS as u32 + i as u32;
            let (first, last, time) = words.get(&word).copied().unwrap_or((page.first[i], page.first[i], 0));
            assert_eq!((page.first[i], page.last[i], page.times[i]), (first, last, time), "{name}: word {word:#x}");
        }
    }
}

/// What the chunks counted are the rows, but that misaligned accesses were counted at their instruction's table.
fn assert_counted(counted: &[u64], execution: &Execution<'_>) {
    let mut rows: Vec<u64> = Kind::instructions().map(|kind| execution.rows(kind) as u64).collect();
    for event in execution.pieces(Kind::MemoryMisaligned).flatten() {
        rows[event.row.table as usize] += 1;
    }
    rows[Kind::MemoryMisaligned as usize] = 0;
    assert_eq!(rows, counted);
}

fn cases() -> impl Iterator<Item = Case> {
    riscv_tests::cases().into_iter().filter(|case| matches!(case.expect, Expectation::Exit(_)))
}

#[test]
fn the_cases_are_recorded_alike_whatever_the_chunks() {
    for case in cases() {
        let too_long = trace(&mut machine(&case.program, &case.input), 1 << 16, &mut |_, _| ());
        if too_long != Err(ExecutionError::TooLong { limit: MAX_INSTRUCTIONS }) {
            assert_recorded(&case.name, &case.program, &case.input);
        }
    }
}

/// Registers that are left alone for long, across chunks and within.
#[test]
fn refreshes_are_alike_whatever_the_chunks() {
    let code: [u32; 6] = [
        0x0070_0513, // addi x10, x0, 7
        0x0000_c3b7, // lui x7, 12: 49,152
        0xfff3_8393, // addi x7, x7, -1
        0xfe03_9ee3, // bne x7, x0, -4
        0x05d0_0893, // addi x17, x0, 93
        0x0000_0073, // ecall
    ];
    let bytes: Vec<u8> = code.into_iter().flat_map(u32::to_le_bytes).collect();
    let program = Program::from_code(PROGRAM_BASE, &bytes, &[]).expect("it loads");
    assert_recorded("long loop", &program, &[]);
}

/// A program that stores and loads, in chunks, changed before it is recorded.
fn recorded(change: impl Fn(&mut Vec<Chunk<'static>>)) -> Result<u64, ExecutionError> {
    let case = cases().find(|case| case.name == "system/sum_of_input").expect("the case");
    let mut chunks = trace(&mut machine(&case.program, &[1; 100]), 50, &mut |_, _| ()).expect("it runs");
    assert!(chunks.len() > 3);
    change(&mut chunks);
    record(&case.program, &[1; 100], &Rom::new(&case.program), chunks).map(|execution| execution.instructions)
}

#[test]
fn what_are_no_chunks_of_the_run_is_an_error() {
    assert!(recorded(|_| ()).is_ok());
    assert_eq!(recorded(|chunks| chunks.truncate(2)), Err(ExecutionError::Unfinished));
    assert_eq!(recorded(Vec::clear), Err(ExecutionError::Unfinished));
    assert!(matches!(recorded(|chunks| chunks.swap(0, 1)), Err(ExecutionError::Order { .. })));
    assert!(matches!(recorded(|chunks| chunks[1].start.regs[9] ^= 1), Err(ExecutionError::Order { .. })));
    assert!(matches!(
        recorded(|chunks| {
            let last = chunks[chunks.len() - 1].clone();
            chunks.push(last);
        }),
        Err(ExecutionError::Order { .. })
    ));
    let is_loads = |error: &ExecutionError| matches!(error, ExecutionError::Chunk(ReplayError::Loads { .. }));
    assert!(recorded(|chunks| chunks[1].loads.to_mut().push(0)).is_err_and(|error| is_loads(&error)));
    assert!(matches!(recorded(|chunks| chunks[1].loads.to_mut()[0] ^= 1), Err(ExecutionError::Memory { .. })));
    let limit = MAX_INSTRUCTIONS;
    assert_eq!(recorded(|chunks| chunks[0].start.retired = u64::MAX), Err(ExecutionError::TooLong { limit }));
}

#[test]
fn every_operation_that_retires_is_counted_at_its_table() {
    for op in Op::ALL {
        let table = air::rom::table_of(op).map_or(0, |(table, _)| table as u8);
        assert_eq!(CLASSES[op as usize], table, "{op}");
    }
}
