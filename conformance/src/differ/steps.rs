//! The reference run: every step, what memory it touched, and its chunks, each replayed and compared with the steps.

use std::collections::BTreeSet;
use std::sync::Arc;

use spec_interp::chunk::Chunker;
use spec_interp::map::{INPUT_BASE, OUTPUT_BASE, OUTPUT_SIZE, PROGRAM_BASE, RAM_BASE, RAM_SIZE};
use spec_interp::{
    Access, Chunk, Family, Input, InputError, Machine, Observer, Op, Outcome, Program, Replayed, Step, replay,
};

use crate::differ::difference::{Field, ReplayedField, What};
use crate::differ::record::{COUNTED, Printed, Record, same};

/// Bytes of a page, the unit in which memory is compared.
pub(crate) const PAGE: u64 = 4096;
/// Pages that are compared whether a run touches them or not: the first ones of the regions, the last ones of those
/// that can be written, and what lies around them.
const ALWAYS: [u64; 9] = [
    0,
    INPUT_BASE,
    PROGRAM_BASE,
    RAM_BASE - PAGE,
    RAM_BASE,
    RAM_BASE + RAM_SIZE - PAGE,
    OUTPUT_BASE,
    OUTPUT_BASE + OUTPUT_SIZE - PAGE,
    OUTPUT_BASE + OUTPUT_SIZE,
];

/// A run of the reference interpreter.
#[derive(Debug)]
pub(crate) struct Steps {
    /// What each instruction did.
    pub(crate) steps: Vec<Step>,
    /// What the machine showed, with its chunks.
    pub(crate) record: Record,
    /// The machine at the end.
    pub(crate) machine: Machine,
    /// The pages to compare.
    pub(crate) pages: BTreeSet<u64>,
}

/// Keeps the steps and passes them on.
struct Both<'a, 'b>(Vec<Step>, &'a mut Chunker<'b>);

impl Observer for Both<'_, '_> {
    fn step(&mut self, step: &Step) {
        self.0.push(*step);
        self.1.step(step);
    }

    fn console(&mut self, fd: u64, bytes: &[u8]) {
        self.1.console(fd, bytes);
    }
}

impl Steps {
    pub(crate) fn of(program: &Arc<Program>, input: Input<'_>, limit: u64, size: u64) -> Result<Self, InputError> {
        let mut machine = Machine::new(Arc::clone(program), input)?;
        let (mut chunks, mut console) = (Vec::new(), Printed::default());
        let mut print = |fd, bytes: &[u8]| console.write(fd, bytes);
        let mut keep = |chunk: Chunk<'_>| chunks.push(chunk.into_owned());
        let mut chunker = Chunker::new(&machine, size, &COUNTED, &mut keep, &mut print);
        let mut both = Both(Vec::new(), &mut chunker);
        let end = machine.run(limit, &mut both);
        let steps = both.0;
        let mut pages = BTreeSet::from(ALWAYS);
        for access in steps.iter().flat_map(|step| step.accesses).flatten() {
            let page = access.addr & !(PAGE - 1);
            // The pages around are compared too: there a store with a wrong address is likely to go.
            pages.extend([page.wrapping_sub(PAGE), page, page.wrapping_add(PAGE)]);
        }
        let record = Record { end, at: machine.checkpoint(), exit_code: machine.exit_code(), console, chunks };
        Ok(Self { steps, record, machine, pages })
    }

    /// Replays chunks; together they must be the run but for what follows the last one.
    pub(crate) fn holds(&self, program: &Program, chunks: &[Chunk<'_>]) -> Result<(), What> {
        replayed(program, chunks, &self.steps)?;
        let rest = chunks.iter().fold(self.steps.len() as u64, |rest, chunk| rest - chunk.instructions);
        match self.record.end {
            Ok(Outcome::Exited(_)) => same(Field::Chunks, 0, rest),
            _ => Ok(()),
        }
    }
}

/// Replays chunks and compares with the first of the steps.
pub(crate) fn replayed(program: &Program, chunks: &[Chunk<'_>], steps: &[Step]) -> Result<(), What> {
    let mut index = 0;
    for (number, chunk) in chunks.iter().enumerate() {
        let mut agrees = same(Field::Retired, index as u64, chunk.start.retired);
        let seen = |replayed: &Replayed<'_>| {
            if agrees.is_ok() {
                agrees = same_step(index, steps.get(index), replayed);
            }
            index += 1;
        };
        replay(program, chunk, seen).map_err(|source| What::Replay { index: number, source })?;
        agrees?;
    }
    Ok(())
}

fn same_step(index: usize, step: Option<&Step>, found: &Replayed<'_>) -> Result<(), What> {
    let same = |field, expected, found| same(Field::Replayed(index, field), expected, found);
    let Some(step) = step else { return same(ReplayedField::Presence, None, Some(1)) };
    same(ReplayedField::Pc, Some(step.pc), Some(found.pc))?;
    same(ReplayedField::NextPc, Some(step.next_pc), Some(found.next_pc))?;
    same(ReplayedField::Rs1, Some(step.rs1), Some(found.rs1))?;
    same(ReplayedField::Rs2, Some(step.rs2), Some(found.rs2))?;
    same(ReplayedField::Rd, Some(step.rd), Some(found.rd))?;
    let mask = step.inst.op.access_width().map_or(0, |width| u64::MAX >> (64 - 8 * width));
    same(ReplayedField::Stored, stored(step), found.stored.map(|value| value & mask))
}

/// The bytes that a step left in memory, if it wrote.
fn stored(step: &Step) -> Option<u64> {
    let Step { inst, rs1, rd, accesses, .. } = *step;
    let fails = matches!(inst.op, Op::ScW | Op::ScD) && rd != 0;
    if fails || !accesses[0]?.write {
        return None;
    }
    let offset = if inst.op.family() == Family::Amo { 0 } else { inst.imm.cast_unsigned() };
    let [low, high] = accesses.map(|access| access.map_or(0, |Access { new, .. }| u128::from(new)));
    let bytes = (low | high << 64) >> (rs1.wrapping_add(offset) % 8 * 8);
    inst.op.access_width().map(|width| bytes as u64 & u64::MAX >> (64 - 8 * width))
}
