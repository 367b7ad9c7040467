//! Two engines, one run: the fast engine is compared with the reference interpreter in everything that it shows.
//!
//! [`compare`] runs a program on both: at once, in chunks, and with pauses after numbers of instructions that no
//! translator would choose. After each call the two must agree in how it ended (a fault with its pc, instruction and
//! address), registers, pc, counter and reservation, in what was printed, in every chunk; at the end also in all
//! memory around what the reference touched. The chunks are replayed and compared with the steps of the run.

mod difference;
mod record;
mod steps;

use std::collections::BTreeSet;
use std::sync::Arc;

use fast_aot::{Engine, Runner};
use spec_interp::{Chunk, Fault, Input, InputError, Outcome, Program, Words};

pub use difference::{ChunkField, Difference, Field, ReplayedField, Suspect, Way, What};
pub use record::{Call, Printed, Record};
use record::{same, same_output};
use steps::{PAGE, Steps};

/// What a comparison saw; of use for statistics.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// Instructions retired by the reference.
    pub instructions: u64,
    /// How the run ended.
    pub end: Result<Outcome, Fault>,
}

/// Makes the machine that is compared, at the start of its run.
pub type Maker<'a> = dyn Fn() -> Result<Runner, InputError> + 'a;

/// Compares the fast engine with the reference on a program, for at most `limit` instructions, in chunks of at least
/// `size`.
///
/// # Errors
///
/// The first [`Difference`].
pub fn compare<'a>(
    program: &Arc<Program>,
    input: impl Into<Input<'a>>,
    limit: u64,
    size: u64,
) -> Result<Agreed, Box<Difference>> {
    let input = input.into();
    compare_with(program, input, limit, size, &|| Runner::new(Arc::clone(program), input, Engine::Aot))
}

/// The same with a machine of the caller's in place of the fast engine.
///
/// # Errors
///
/// The first [`Difference`].
pub fn compare_with<'a>(
    program: &Arc<Program>,
    input: impl Into<Input<'a>>,
    limit: u64,
    size: u64,
    make: &Maker<'_>,
) -> Result<Agreed, Box<Difference>> {
    let input = input.into();
    let told = |way, what, suspect| Box::new(Difference { what, way, suspect });
    let steps = match Steps::of(program, input, limit, size) {
        Ok(steps) => steps,
        Err(error) if make().is_err_and(|found| found == error) => {
            return Ok(Agreed { instructions: 0, end: Ok(Outcome::LimitReached) });
        }
        Err(_) => return Err(told(Way::Run, What::Input, None)),
    };
    let replayed = steps.holds(program, &steps.record.chunks);
    replayed.map_err(|what| told(Way::Replay, what, None))?;
    let retired = steps.steps.len() as u64;
    let reference = || Runner::new(Arc::clone(program), input, Engine::Spec);
    let told = |way, what| told(way, what, suspect(&steps, &reference, make));
    at_once(&steps, make, Call::Run { limit }).map_err(|what| told(Way::Run, what))?;
    at_once(&steps, make, Call::Trace { limit, size }).map_err(|what| told(Way::Trace, what))?;
    let paused = lockstep(&reference, make, &pauses(retired, limit, size), &steps.pages);
    paused.map_err(|what| told(Way::Paused, what))?;
    Ok(Agreed { instructions: retired, end: steps.record.end })
}

/// Compares chunks of a machine, replayed one by one, with the steps of the reference; returns them.
///
/// # Errors
///
/// The first [`Difference`].
pub fn compare_chunks<'a>(
    program: &Arc<Program>,
    input: impl Into<Input<'a>>,
    limit: u64,
    size: u64,
    make: &Maker<'_>,
) -> Result<(Agreed, Vec<Chunk<'static>>), Box<Difference>> {
    let told = |what| Box::new(Difference { what, way: Way::Replay, suspect: None });
    let (Ok(steps), Ok(mut machine)) = (Steps::of(program, input.into(), limit, size), make()) else {
        return Err(told(What::Input));
    };
    let chunks = Record::of(&mut machine, Call::Trace { limit, size }).chunks;
    steps.holds(program, &chunks).map_err(told)?;
    Ok((Agreed { instructions: steps.steps.len() as u64, end: steps.record.end }, chunks))
}

/// Calls that lead through a run of so many instructions: single steps first, then short ones, then longer ones, so that
/// a long run has not too many; at last one that ends right before the end, the end, and some that go beyond it.
fn pauses(retired: u64, limit: u64, size: u64) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut done = 0;
    let mut random = retired ^ size << 32 ^ 0x9e37_79b9_7f4a_7c15;
    let before = retired.saturating_sub(1);
    while done < before {
        random = random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        let limit = if done < 16 { 1 } else { (random >> 40) % (8 + done / 4) }.min(before - done);
        let trace = Call::Trace { limit, size: 1 + (random >> 33) % 7 };
        calls.push(if random >> 63 == 0 { Call::Run { limit } } else { trace });
        done += limit;
    }
    calls.push(Call::Trace { limit: limit - done, size });
    calls.extend([Call::Run { limit: 0 }, Call::Run { limit: 1 }, Call::Trace { limit: 3, size: 1 }]);
    calls
}

/// One call from the start, which must show what the reference showed, and leave the same memory and output.
fn at_once(steps: &Steps, make: &Maker<'_>, call: Call) -> Result<(), What> {
    let Ok(mut machine) = make() else { return Err(What::Input) };
    let found = Record::of(&mut machine, call);
    match call {
        Call::Trace { .. } => steps.record.agrees(&found)?,
        Call::Run { .. } => Record { chunks: Vec::new(), ..steps.record.clone() }.agrees(&found)?,
    }
    same_memory(&steps.pages, |addr| steps.machine.memory.word(addr), &machine)?;
    // A program that has not exited has no output, and what it leaves at the end of that region is long to read.
    let exited = steps.record.exit_code.is_some();
    if exited { same_output(steps.machine.output(), machine.output()) } else { Ok(()) }
}

/// Makes the same calls on two machines, which must show the same after each, and the same memory at the end.
fn lockstep(reference: &Maker<'_>, make: &Maker<'_>, calls: &[Call], pages: &BTreeSet<u64>) -> Result<(), What> {
    let (Ok(mut expected), Ok(mut found)) = (reference(), make()) else { return Err(What::Input) };
    for &call in calls {
        Record::of(&mut expected, call).agrees(&Record::of(&mut found, call))?;
    }
    same_memory(pages, |addr| expected.word(addr), &found)
}

fn same_memory(pages: &BTreeSet<u64>, expected: impl Fn(u64) -> Option<u64>, found: &Runner) -> Result<(), What> {
    let mut addresses = pages.iter().flat_map(|&page| (0..PAGE).step_by(8).map(move |offset| page + offset));
    addresses.try_for_each(|addr| same(Field::Word(addr), expected(addr), found.word(addr)))
}

/// Limits that are tried one by one to find where two runs differ that end alike.
const SINGLE: usize = 256;

/// The instruction after which two runs first differ, by bisection of the limit; none if that shows no difference.
fn suspect(steps: &Steps, reference: &Maker<'_>, make: &Maker<'_>) -> Option<Suspect> {
    let differs = |limit: usize| {
        let call = Call::Run { limit: limit as u64 };
        lockstep(reference, make, &[call], &steps.pages).is_err()
    };
    // One more than was retired also shows how the run ended. Where the end is the same, the beginning may differ.
    let last = steps.steps.len() + 1;
    let mut different = if differs(last) { last } else { (1..last.min(SINGLE)).find(|&limit| differs(limit))? };
    let mut same = 0;
    while different - same > 1 {
        let middle = usize::midpoint(same, different);
        if differs(middle) { different = middle } else { same = middle }
    }
    let (pc, inst) = match (steps.steps.get(same), &steps.record.end) {
        (Some(step), _) => (step.pc, Some(step.inst)),
        (None, Err(fault)) => (fault.pc, fault.inst),
        (None, Ok(_)) => (steps.steps.last()?.next_pc, None),
    };
    Some(Suspect { index: same as u64, pc, inst })
}

#[cfg(test)]
mod tests;
