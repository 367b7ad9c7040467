//! Lies through the real prover, which checks nothing: a run in which one thing is not as it should be, all else filled
//! to fit, and the statement that it would prove. Of every table one lie; the verifier rejects each.
//!
//! Against a lie of an instruction one part of its table stands, all but one time, and so does against lies about nodes and
//! permutations. It is then left out, of prover and verifier alike: the same lie is proved and accepted. So the audit of
//! `air`, which leaves parts out before a judge of its own, speaks of the real thing.

#![cfg(debug_assertions)]

#[expect(dead_code, reason = "shared with the other tests of proofs")]
#[path = "proofs/programs.rs"]
mod programs;
#[expect(dead_code, reason = "shared with the other tests of proofs")]
#[path = "proofs/runs.rs"]
mod runs;

use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use air::F;
use air::check::deletion::{Part, leave_out};
use air::check::permutation::forge;
use air::check::stepwise::{self, Claim, Lie};
use air::check::{LaidOut, Violation};
use air::columns::Columns;
use air::event::Event;
use air::execution::{Execution, Page};
use air::kind::Kind;
use air::layout::{CLOCK_STEP, DIGEST, FIRST_CLOCK, MAX_INSTRUCTIONS, PAGE_WORDS, SLOT_RD, pc_address};
use air::rom::Rom;
use air::tables::node::Node;
use air::tables::poseidon2::Poseidon2;
use air::tree::{OUTPUT, PAGE_BYTES, PageWords};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use prover::ProvingKey;
use riscv_tests::encode::encode;
use spec_interp::map::{OUTPUT_BASE, PROGRAM_BASE, RAM_BASE};
use spec_interp::{Input, Op, Program};
use verifier::Statement;
use verifier::permutation::count;

use crate::programs::{EXIT, addi, every_family, program, region};
use crate::runs::{key, proves};

/// The registers that hold what the instructions of [`every_family`] left.
const RESULTS: [u8; 23] = [1, 5, 7, 8, 9, 11, 12, 13, 14, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31];

/// Uses every table and exits with the sum of all results, so that a lie is one about the code.
fn sum_of_every_table() -> Program {
    let sum = RESULTS.map(|result| encode(Op::Add, 10, 10, result, 0));
    program(&[every_family(), sum.to_vec(), EXIT.to_vec()].concat())
}

/// Exits with the doubleword that RAM starts with as its code.
fn exit_with_ram(word: u64) -> Program {
    let [base, shift] = region(10, RAM_BASE);
    let code = [&[base, shift, encode(Op::Ld, 10, 10, 0, 0)], EXIT.as_slice()].concat();
    let bytes: Vec<u8> = code.into_iter().flat_map(u32::to_le_bytes).collect();
    Program::from_code(PROGRAM_BASE, &bytes, &word.to_le_bytes()).expect("the program fits")
}

/// A program with its key.
struct Keyed {
    program: Program,
    rom: Rom,
    key: ProvingKey,
}

/// The program that uses every table.
static EVERY_TABLE: LazyLock<Keyed> = LazyLock::new(|| Keyed::new(sum_of_every_table()));
/// An input of it: two rounds.
const SHORT: &[u8] = &2_u64.to_le_bytes();
/// So many rounds that registers are refreshed.
const LONG: &[u8] = &8200_u64.to_le_bytes();

/// A run laid out with the statement that it would prove.
#[derive(Clone)]
struct Claimed {
    run: LaidOut,
    statement: Statement,
    instructions: u64,
}

impl Keyed {
    fn new(program: Program) -> Self {
        Self { rom: Rom::new(&program), key: key(program.clone()), program }
    }

    fn execution(&self, input: &[u8], lie: Option<Lie>) -> Execution<'_> {
        stepwise::run(&self.program, input, &self.rom, MAX_INSTRUCTIONS, lie).expect("it ends").0
    }

    /// Lays out a run that writes no output.
    fn lay_out(&self, input: &[u8], execution: &Execution<'_>) -> Claimed {
        Claimed {
            run: LaidOut::of(&self.program, input, &self.rom, execution),
            statement: Statement { exit_code: execution.exit_code, output: vec![] },
            instructions: execution.instructions,
        }
    }

    fn proves(&self, claimed: &Claimed) -> Result<(), String> {
        proves(&self.key, &claimed.statement, claimed.instructions, &claimed.run.witness)
    }

    /// Asserts that the checker finds nothing but these faults with a run, and that the verifier rejects it; and that it
    /// is accepted without the one part of the table that stands against it. Returns that part, if it is one alone.
    fn assert_rejected(&self, kind: Kind, claimed: &Claimed, is_fault: impl Fn(&Violation) -> bool) -> Option<String> {
        let name = kind.name();
        let violations = claimed.run.violations(usize::MAX);
        assert!(!violations.is_empty() && violations.iter().all(is_fault), "{name}: {violations:?}");
        let reason = self.proves(claimed).expect_err("a lie is accepted");
        let found = what_stands_against(kind, claimed, &violations);
        let without = found.as_ref().map(|(part, _)| part.label(kind));
        println!("{name}\t{}\t{reason}", without.as_deref().unwrap_or("several parts"));
        if let Some((part, claimed)) = found {
            let _without = Without::new(kind, &part);
            assert_eq!(self.proves(&claimed), Ok(()), "{name} without {without:?}");
        }
        without
    }
}

/// The one part of a table without which the checker finds nothing wrong with a run, and the run without it.
fn what_stands_against(kind: Kind, claimed: &Claimed, violations: &[Violation]) -> Option<(Part, Claimed)> {
    let names: BTreeSet<&str> = violations
        .iter()
        .map(|violation| match violation {
            Violation::Constraint { name, .. } => name.as_str(),
            Violation::Unbalanced { bus, .. } => bus,
        })
        .collect();
    // One part has one name, and what it says on a bus may be missed there.
    let is_named = |part: &Part| match part {
        Part::Constraint(name) => names.contains(name.as_str()),
        Part::Interaction(_) => part.label(kind).split(' ').nth(1).is_some_and(|bus| names.contains(bus)),
        Part::Nothing => false,
    };
    let without = |part: Part| {
        let mut claimed = claimed.clone();
        let _without = Without::new(kind, &part);
        if kind < Kind::Poseidon2 {
            // What it no longer asks for is not answered.
            claimed.run.answer();
        }
        claimed.run.violations(1).is_empty().then_some((part.clone(), claimed))
    };
    if names.len() > 2 {
        return None;
    }
    Part::all(kind).into_iter().filter(is_named).find_map(without)
}

/// Leaves a part out while it lives.
struct Without;

impl Without {
    fn new(kind: Kind, part: &Part) -> Self {
        leave_out(Some((kind, part)));
        Self
    }
}

impl Drop for Without {
    fn drop(&mut self) {
        leave_out(None);
    }
}

/// What is left out is left out of the whole process: one test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a violation is of this bus.
fn of_bus(name: &str) -> impl Fn(&Violation) -> bool + '_ {
    move |violation| matches!(violation, Violation::Unbalanced { bus, .. } if *bus == name)
}

/// What an instruction may claim instead of what it does, the first of which are what its table is about.
fn claims(event: &Event<'_>) -> Vec<Claim> {
    let pc = pc_address(event.row.pc);
    let stores = event.word != 0 && event.mem_new != event.mem_old;
    let word = stores.then_some(Claim::Word(0, event.mem_new ^ 0x100));
    let bits = [0, 1, 3, 15, 16, 33, 48, 63].map(|bit| Claim::Rd(event.rd_new ^ 1 << bit));
    let next = [4, 8, 16].map(|by| Claim::NextPc(pc + by)).into_iter().chain([Claim::Halt(77)]);
    word.into_iter().chain(bits).chain(next).collect()
}

/// How many instructions were retired before an event.
const fn at(event: &Event<'_>) -> u64 {
    ((event.clock - FIRST_CLOCK) / CLOCK_STEP) as u64
}

#[test]
fn a_lie_of_an_instruction_of_any_table_is_rejected() {
    let _alone = alone();
    let keyed = &*EVERY_TABLE;
    let truth = keyed.execution(SHORT, None);
    let claimed = keyed.lay_out(SHORT, &truth);
    assert_eq!(proves(&keyed.key, &claimed.statement, claimed.instructions, &claimed.run.witness), Ok(()));
    for kind in Kind::instructions() {
        let event = truth.pieces(kind).flatten().next().expect("a row of every table");
        let lies = claims(event).into_iter().filter_map(|claim| {
            let lie = Lie { at: at(event), claim };
            let (execution, _) = stepwise::run(&keyed.program, SHORT, &keyed.rom, MAX_INSTRUCTIONS, Some(lie)).ok()?;
            (execution.exit_code != truth.exit_code).then(|| keyed.lay_out(SHORT, &execution))
        });
        let one = |lie: &Claimed| what_stands_against(kind, lie, &lie.run.violations(usize::MAX)).is_some();
        let mut lies: Vec<Claimed> = lies.collect();
        let lie = lies.iter().position(one);
        let without = keyed.assert_rejected(kind, &lies.swap_remove(lie.unwrap_or_default()), |_| true);
        // What halts speaks of the exit code twice.
        assert!(without.is_some() || kind == Kind::System, "{}: no lie against which one part stands", kind.name());
    }
}

/// The register that an instruction wrote has another value from its refresh on.
#[test]
fn a_lie_of_a_refresh_is_rejected() {
    let _alone = alone();
    let keyed = &*EVERY_TABLE;
    let truth = keyed.execution(LONG, None);
    let (row, event) =
        (0..).zip(truth.pieces(Kind::Arith).flatten()).find(|(_, event)| event.row.rd == 7).expect("sub");
    let lie = Lie { at: at(event), claim: Claim::Rd(event.rd_new ^ 2) };
    let mut claimed = keyed.lay_out(LONG, &keyed.execution(LONG, Some(lie)));
    assert_ne!(claimed.statement.exit_code, truth.exit_code);
    // The instruction itself is honest.
    let honest = Kind::Arith.rows(&[&[*event]]);
    let arith = claimed.run.trace_mut(Kind::Arith).expect("the table");
    let width = honest.width;
    arith.values[row * width..(row + 1) * width].copy_from_slice(&honest.values[..width]);
    claimed.run.answer();
    let without = keyed.assert_rejected(Kind::Refresh, &claimed, |violation| match violation {
        Violation::Unbalanced { bus: "memory", places, .. } => {
            places.iter().all(|place| *place == (Kind::Arith, row) || place.0 == Kind::Refresh)
        }
        _ => false,
    });
    assert_eq!(without.as_deref(), None);
}

/// An output that no instruction wrote, and its first page, which is all of it.
const FORGED: &[u8] = b"forged";
const FORGED_PAGE: u32 = (OUTPUT_BASE / PAGE_BYTES) as u32;

fn forged_words() -> PageWords {
    let mut words = [0; PAGE_WORDS];
    words.iter_mut().zip(Input::File(FORGED).words()).for_each(|(word, of_output)| *word = of_output);
    words
}

#[test]
fn an_output_that_a_page_is_closed_with_is_rejected() {
    let _alone = alone();
    let keyed = &*EVERY_TABLE;
    let mut execution = keyed.execution(SHORT, None);
    let page = Page { number: FORGED_PAGE, first: [0; PAGE_WORDS], last: forged_words(), times: [0; PAGE_WORDS] };
    execution.pages.push(page);
    let mut claimed = keyed.lay_out(SHORT, &execution);
    claimed.statement.output = FORGED.to_vec();
    let without = keyed.assert_rejected(Kind::Page, &claimed, of_bus("memory"));
    assert_eq!(without.as_deref(), None);
}

/// Of every node that is touched, the children after the run and the node itself as the tree has them, which may be
/// another tree than the run's.
fn refill_nodes(claimed: &mut Claimed, levels: impl Fn(u32) -> bool) {
    let last = claimed.run.witness.last.clone();
    let trace = claimed.run.trace_mut(Kind::Node).expect("the table");
    for cells in trace.values.chunks_exact_mut(trace.width) {
        let mut row = Node::from_row(cells);
        let (level, index) = (row.level.as_canonical_u32(), row.index.as_canonical_u32());
        if row.is_real == F::ONE && levels(level) {
            row.new_left = last.node((level, 2 * index));
            row.new_right = last.node((level, 2 * index + 1));
            row.new_parent = last.node((level + 1, index));
            row.write(cells);
        }
    }
}

/// A run with an output that nobody wrote, whose nodes are those of a memory that holds it.
fn with_forged_output(keyed: &Keyed) -> Claimed {
    let mut claimed = keyed.lay_out(SHORT, &keyed.execution(SHORT, None));
    claimed.statement.output = FORGED.to_vec();
    let witness = &mut claimed.run.witness;
    witness.last.update([(FORGED_PAGE, forged_words())]);
    witness.public[8 + DIGEST..].copy_from_slice(&witness.last.root());
    claimed
}

#[test]
fn an_output_in_an_untouched_part_of_the_tree_is_rejected() {
    let _alone = alone();
    let keyed = &*EVERY_TABLE;
    let mut claimed = with_forged_output(keyed);
    refill_nodes(&mut claimed, |_| true);
    claimed.run.answer();
    let without = keyed.assert_rejected(Kind::Node, &claimed, |violation| {
        matches!(violation, Violation::Constraint { kind: Kind::Node, name, .. } if name == "an untouched child stays")
    });
    assert_eq!(without.as_deref(), Some("c:an untouched child stays"));
}

/// The node above the output has its digest of a permutation that says so.
#[test]
fn an_output_by_a_forged_permutation_is_rejected() {
    let _alone = alone();
    let keyed = &*EVERY_TABLE;
    let mut claimed = with_forged_output(keyed);
    // The lowest touched node above the output: above it all is as the forged tree has it.
    let nodes = claimed.run.trace(Kind::Node).expect("the table");
    let rows = nodes.values.chunks_exact(nodes.width).map(Node::from_row);
    let above = |row: &Node<F>| {
        let (level, index) = (row.level.as_canonical_u32() + 1, row.index.as_canonical_u32());
        row.is_real == F::ONE && level > OUTPUT.0 && OUTPUT.1 >> (level - OUTPUT.0) == index
    };
    let lowest = rows.filter(above).min_by_key(|row| row.level.as_canonical_u32()).expect("the root at least");
    let level = lowest.level.as_canonical_u32();
    refill_nodes(&mut claimed, |other| other > level);
    let digest = claimed.run.witness.last.node((level + 1, lowest.index.as_canonical_u32()));
    let trace = claimed.run.trace_mut(Kind::Node).expect("the table");
    for cells in trace.values.chunks_exact_mut(trace.width) {
        let row = Node::from_row(cells);
        if (row.is_real, row.level, row.index) == (F::ONE, lowest.level, lowest.index) {
            Node { new_parent: digest, ..row }.write(cells);
        }
    }
    claimed.run.answer();
    // Both memories have the same children there: the permutation of the one before is that of the one after.
    let trace = claimed.run.trace_mut(Kind::Poseidon2).expect("the table");
    let input: Vec<F> = lowest.new_left.into_iter().chain(lowest.new_right).collect();
    for cells in trace.values.chunks_exact_mut(trace.width) {
        let mut row = Poseidon2::from_row(cells);
        if row.input[..2 * DIGEST] == input {
            forge(&mut row, &digest);
            row.write(cells);
        }
    }
    let without = keyed.assert_rejected(Kind::Poseidon2, &claimed, |violation| match violation {
        Violation::Constraint { kind, .. } => *kind == Kind::Poseidon2,
        Violation::Unbalanced { bus, .. } => *bus == "poseidon2",
    });
    assert_eq!(without.as_deref(), Some("c:round"));
}

/// The run of another program, laid out over the memory of one of the two, proved with the first one's key. The checker
/// finds nothing: it has no key.
fn assert_of_another_program(name: &str, [keyed, other, memory]: [&Program; 3]) {
    let (key, rom) = (key(keyed.clone()), Rom::new(other));
    let (execution, _) = stepwise::run(other, &[], &rom, MAX_INSTRUCTIONS, None).expect("it ends");
    let run = LaidOut::of(memory, &[], &rom, &execution);
    assert_eq!((execution.exit_code, run.violations(1)), (2, vec![]));
    let statement = Statement { exit_code: execution.exit_code, output: vec![] };
    let result = proves(&key, &statement, execution.instructions, &run.witness);
    println!("{name:12} {}", result.expect_err("a lie is accepted"));
}

#[test]
fn a_run_of_other_instructions_is_rejected() {
    let _alone = alone();
    let [keyed, other] = [1, 2].map(|operand| program(&[addi(10, 0, operand), addi(17, 0, 93), 0x73]));
    assert_of_another_program("program", [&keyed, &other, &keyed]);
}

#[test]
fn a_run_from_another_memory_is_rejected() {
    let _alone = alone();
    let [keyed, other] = [1, 2].map(exit_with_ram);
    assert_of_another_program("first memory", [&keyed, &other, &other]);
}

/// An instruction reads what a later one writes; as often as it asks whether the time between is positive, another
/// pair is answered.
#[test]
fn a_register_read_before_it_is_written_is_rejected() {
    let _alone = alone();
    let code = [
        addi(5, 0, 1),
        encode(Op::Add, 6, 5, 0, 0),
        addi(5, 0, 100),
        encode(Op::Add, 10, 6, 5, 0),
        addi(17, 0, 93),
        0x73,
    ];
    let keyed = Keyed::new(program(&code));
    let execution = keyed.execution(&[], Some(Lie { at: 1, claim: Claim::Rd(100) }));
    let mut claimed = keyed.lay_out(&[], &execution);
    assert_eq!((keyed.execution(&[], None).exit_code, claimed.statement.exit_code), (101, 200));
    let [mut constants, mut sums] =
        [Kind::ArithImm, Kind::Arith].map(|kind| execution.pieces(kind).flatten().copied().collect::<Vec<Event<'_>>>());
    let [written, early, late, then] = [constants[0], sums[0], constants[1], sums[1]].map(|event| event.clock);
    (sums[0].rs1, sums[0].rs1_prev) = (100, late + SLOT_RD);
    (constants[1].rd_old, constants[1].rd_prev) = (1, written + SLOT_RD);
    assert_eq!((sums[1].rs2_prev, then), (late + SLOT_RD, late + CLOCK_STEP));
    sums[1].rs2_prev = early;
    for (kind, events) in [(Kind::ArithImm, constants), (Kind::Arith, sums)] {
        *claimed.run.trace_mut(kind).expect("the table") = kind.rows(&[&events]);
    }
    claimed.run.answer();
    claimed.run.trace_mut(Kind::Range).expect("the table").values[77] += F::ONE;
    let without = keyed.assert_rejected(Kind::Range, &claimed, of_bus("range"));
    assert_eq!(without.as_deref(), None);
}

/// A bitwise operation of another result, whose bytes are answered as often as they are asked for.
#[test]
fn a_byte_that_is_no_xor_is_rejected() {
    let _alone = alone();
    let keyed = &*EVERY_TABLE;
    let truth = keyed.execution(SHORT, None);
    let event = truth.pieces(Kind::Logic).flatten().next().expect("xor");
    let mut claimed =
        keyed.lay_out(SHORT, &keyed.execution(SHORT, Some(Lie { at: at(event), claim: Claim::Rd(event.rd_new ^ 4) })));
    let trace = claimed.run.trace_mut(Kind::Byte).expect("the table");
    trace.values[event.rs1 as usize % 256 * 256 + event.rs2 as usize % 256] += F::ONE;
    let without = keyed.assert_rejected(Kind::Byte, &claimed, of_bus("byte"));
    assert_eq!(without.as_deref(), None);
}

/// What recursion pays for: the permutations of a verifier, most of them for the queries.
#[test]
fn a_verifier_computes_so_many_permutations() {
    let _alone = alone();
    let proof = EVERY_TABLE.key.prove(SHORT, &mut |_, _| ()).expect("it can be proved");
    let before = count::so_far();
    verifier::replay(&proof).expect("an honest proof");
    let permutations = count::so_far() - before;
    println!("{permutations} permutations");
    // Which siblings a path shares with others is by chance.
    assert!((8_100..=8_800).contains(&permutations), "{permutations}");
}

/// The exit code of an honest run, and its public values, changed together.
#[test]
fn another_exit_code_is_rejected() {
    let _alone = alone();
    let keyed = &*EVERY_TABLE;
    let mut claimed = keyed.lay_out(SHORT, &keyed.execution(SHORT, None));
    claimed.statement.exit_code += 1;
    claimed.run.witness.public[4] += F::ONE;
    let without = keyed.assert_rejected(Kind::Segment, &claimed, of_bus("exit"));
    assert_eq!(without.as_deref(), None);
}
