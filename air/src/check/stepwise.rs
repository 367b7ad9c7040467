//! A run recorded instruction by instruction, the plainest way: all words, registers too, in one map, and nothing is
//! left open. What is recorded from chunks is compared with it, and in it one instruction may lie.
//!
//! A lie changes the machine as it changes the record, so that the run goes on from it: every later instruction is
//! honest about the state that the lie left.

use std::collections::BTreeMap;

use spec_interp::map::syscall;
use spec_interp::{Family, Machine, Memory, Observer, Op, Program, Step, Words};

use crate::event::{Event, Refresh, SecondAccess};
use crate::execution::{Execution, Page};
use crate::kind::Kind;
use crate::layout::{
    CLOCK_STEP, FIRST_CLOCK, HALTED_PC, PAGE_WORDS, REGISTER_GAP, REGISTERS_WORD, RESERVATION, SLOT_MEMORY, SLOT_RD,
    SLOT_RS1, SLOT_RS2, pc_index,
};
use crate::replay::{ExecutionError, table_of};
use crate::rom::Rom;

/// What an instruction does instead of what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It writes this to rd. Of `exit` it is also the exit code.
    Rd(u64),
    /// It goes on at this address; an `exit` too.
    NextPc(u64),
    /// It ends the run with this exit code.
    Halt(u64),
    /// It leaves this in the first or the second doubleword that it accesses.
    Word(usize, u64),
    /// As an `sc` it succeeds iff what it needs is not reserved: rd and memory follow.
    StoreConditional,
    /// As an `lr` or `sc` it leaves this reservation.
    Reservation(u64),
}

/// One instruction's lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lie {
    /// Instructions retired before it.
    pub at: u64,
    /// What it claims.
    pub claim: Claim,
}

/// Runs a program to its exit, with a lie or without, and records it; also returns the machine as the run left it.
///
/// # Errors
/// [`ExecutionError::Fault`] if the run faults, [`ExecutionError::TooLong`] if it does not end within `limit`
/// instructions.
///
/// # Panics
/// If the input is longer than its region, `rom` is another program's, or the instruction cannot make the claim: it does
/// not access the doubleword, stores may not go there, it is no `sc`.
pub fn run<'p>(
    program: &Program,
    input: &[u8],
    rom: &'p Rom,
    limit: u64,
    lie: Option<Lie>,
) -> Result<(Execution<'p>, Machine), ExecutionError> {
    let mut machine = Machine::new(program.clone(), input).expect("the input fits");
    let mut recorder = Recorder::new(rom);
    while machine.retired < limit {
        let claim = lie.filter(|lie| lie.at == machine.retired).map(|lie| lie.claim);
        let (step, exit_code) = retire(&mut machine, claim)?;
        recorder.record(&step, exit_code.is_some(), machine.reservation);
        if let Some(exit_code) = exit_code {
            return Ok((recorder.finish(&machine.memory, exit_code), machine));
        }
    }
    Err(ExecutionError::TooLong { limit })
}

/// Keeps the last step that it sees.
struct Last(Option<Step>);

impl Observer for Last {
    fn step(&mut self, step: &Step) {
        self.0 = Some(*step);
    }

    fn console(&mut self, _: u64, _: &[u8]) {}
}

/// Retires an instruction, or what it claims in its place; also returns the exit code if the run ends.
fn retire(machine: &mut Machine, claim: Option<Claim>) -> Result<(Step, Option<u64>), ExecutionError> {
    let [a0, a7] = [machine.regs[10], machine.regs[17]];
    let goes_on = matches!(claim, Some(Claim::NextPc(_))) && a7 == syscall::EXIT && is_ecall(machine);
    if goes_on {
        // A machine that has exited stays exited: this one is told to write instead.
        machine.regs[17] = syscall::WRITE;
    }
    let mut last = Last(None);
    machine.run(1, &mut last)?;
    let mut step = last.0.expect("an instruction that retires is observed");
    if goes_on {
        (machine.regs[10], machine.regs[17]) = (a0, a7);
        (step.rs1, step.rd) = (a7, a0);
    }
    if let Some(claim) = claim {
        apply(machine, &mut step, claim);
    }
    let exit_code = match claim {
        Some(Claim::Halt(code)) => Some(code),
        _ => machine.exit_code().map(|_| step.rd),
    };
    Ok((step, exit_code))
}

fn is_ecall(machine: &Machine) -> bool {
    machine.program().inst_at(machine.pc).is_some_and(|inst| inst.op == Op::Ecall)
}

/// Makes a step, and the machine behind it, what the claim says.
fn apply(machine: &mut Machine, step: &mut Step, claim: Claim) {
    match claim {
        Claim::Rd(value) => {
            step.rd = value;
            machine.regs[usize::from(step.inst.rd & 31)] = value;
            machine.regs[0] = 0;
        }
        Claim::NextPc(address) => (step.next_pc, machine.pc) = (address, address),
        Claim::Halt(_) => {}
        Claim::Word(i, word) => {
            let access = step.accesses[i].as_mut().expect("the instruction accesses the doubleword");
            access.new = word;
            *machine.memory.word_mut(access.addr).expect("stores may go there") = word;
        }
        Claim::StoreConditional => {
            let width = 8 * step.inst.op.access_width().expect("sc has a width");
            let succeeds = step.rd != 0;
            let Some(access) = step.accesses[0] else { unreachable!("sc accesses a doubleword") };
            let shift = 8 * (step.rs1 % 8);
            let mask = (u64::MAX >> (64 - width)) << shift;
            let stored = access.old & !mask | step.rs2 << shift & mask;
            apply(machine, step, Claim::Rd(u64::from(!succeeds)));
            apply(machine, step, Claim::Word(0, if succeeds { stored } else { access.old }));
        }
        Claim::Reservation(reservation) => machine.reservation = reservation,
    }
}

/// Events, refreshes and words as the steps so far leave them.
struct Recorder<'p> {
    rom: &'p Rom,
    /// By index: first contents, contents, time of the last access.
    words: BTreeMap<u32, (u64, u64, u32)>,
    clock: u32,
    events: Vec<(Kind, Event<'p>)>,
    refreshes: Vec<Refresh>,
}

impl<'p> Recorder<'p> {
    fn new(rom: &'p Rom) -> Self {
        Self { rom, words: BTreeMap::new(), clock: FIRST_CLOCK, events: Vec::new(), refreshes: Vec::new() }
    }

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

    /// Records a step that ends the run or does not, and the reservation that there is after it.
    fn record(&mut self, step: &Step, halts: bool, reservation: u64) {
        let (clock, op) = (self.clock, step.inst.op);
        let row = &self.rom.rows[self.rom.row_of(pc_index(step.pc)).expect("a row")];
        let stores = step.accesses[0].is_some_and(|access| access.write) && op.family() == Family::Memory;
        let rs2 = if row.immediate { row.immediate_value() } else { step.rs2 };
        let rd_new = if stores { step.rs2 } else { step.rd };
        let uses = row.table.accesses(row);
        let mut register = |is_used: bool, number, new, time| match is_used {
            true => self.register(number, new, time),
            false => SecondAccess::default(),
        };
        let first = register(uses.rs1, row.rs1, None, clock + SLOT_RS1);
        let second = register(uses.rs2, row.rs2, None, clock + SLOT_RS2);
        let reserves = row.table == Kind::Reservation;
        let reserved = register(reserves, RESERVATION, Some(reservation), clock + SLOT_MEMORY);
        let rd = register(uses.rd, row.rd, Some(rd_new), clock + SLOT_RD);
        let [memory, next] = step.accesses.map(|access| {
            access.map(|access| self.access((access.addr / 8) as u32, access.old, access.new, clock + SLOT_MEMORY))
        });
        let table = table_of(row, step.rs1.wrapping_add_signed(step.inst.imm), op.access_width());
        let memory = memory.unwrap_or_default();
        let event = Event {
            row,
            clock,
            next_pc: if halts { HALTED_PC } else { pc_index(step.next_pc) },
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
        self.clock += CLOCK_STEP;
    }

    fn finish(mut self, memory: &Memory, exit_code: u64) -> Execution<'p> {
        self.refreshes.sort_by_key(|refresh| (refresh.to, refresh.word));
        let pages = self.pages(memory);
        Execution::of_events(self.events, self.refreshes, pages, exit_code)
    }

    /// The pages of the words accessed; what was not accessed is as the run left it.
    fn pages(&self, memory: &Memory) -> Vec<Page> {
        let mut numbers: Vec<u32> = self.words.keys().map(|word| word / PAGE_WORDS as u32).collect();
        numbers.dedup();
        let word = |index: u32| {
            let untouched = || memory.word(8 * u64::from(index)).unwrap_or(0);
            self.words.get(&index).copied().unwrap_or_else(|| (untouched(), untouched(), 0))
        };
        let page = |number: u32| {
            let words: [_; PAGE_WORDS] = core::array::from_fn(|i| word(number * PAGE_WORDS as u32 + i as u32));
            let times = words.map(|(_, _, time)| time);
            Page { number, first: words.map(|(first, ..)| first), last: words.map(|(_, last, _)| last), times }
        };
        numbers.into_iter().map(page).collect()
    }
}
