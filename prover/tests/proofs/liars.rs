//! Lies through the real prover, which checks nothing: a run in which one thing is not as it should be, all else filled
//! to fit, and the statement that it would prove. Of every table one lie; the verifier rejects each.

use std::sync::LazyLock;

use air::F;
use air::check::stepwise::{self, Claim, Lie};
use air::check::{LaidOut, Violation};
use air::columns::Columns;
use air::event::Event;
use air::execution::{Execution, Page, Rom};
use air::layout::{CLOCK_STEP, DIGEST, FIRST_CLOCK, MAX_INSTRUCTIONS, PAGE_WORDS, SLOT_RD, pc_address};
use air::tables::Kind;
use air::tables::node::Node;
use air::tables::poseidon2::{Poseidon2, STATE};
use air::tree::{OUTPUT, PAGE_BYTES, PageWords};
use air::witness::instruction_trace;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use prover::{ProvingKey, Statement};
use riscv_tests::encode::encode;
use spec_interp::map::OUTPUT_BASE;
use spec_interp::{Op, Program};

use crate::programs::{addi, exit_with_ram, program, sum_of_every_table};
use crate::runs::{key, proves};

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

    /// Asserts that the checker finds nothing but these faults with a run, and that the verifier rejects it.
    fn assert_rejected(&self, name: &str, claimed: &Claimed, is_fault: impl Fn(&Violation) -> bool) {
        let violations = claimed.run.violations(usize::MAX);
        assert!(!violations.is_empty() && violations.iter().all(is_fault), "{name}: {violations:?}");
        let result = proves(&self.key, &claimed.statement, claimed.instructions, &claimed.run.witness);
        assert!(result.is_err(), "{name}: a lie is accepted");
        println!("{name:12} {}", result.unwrap_err());
    }
}

/// Whether a violation is of this bus.
fn of_bus(name: &str) -> impl Fn(&Violation) -> bool + '_ {
    move |violation| matches!(violation, Violation::Unbalanced { bus, .. } if *bus == name)
}

/// What the first instruction of a table claims instead of what it does.
fn claim(kind: Kind, event: &Event<'_>) -> Claim {
    match kind {
        Kind::Branch | Kind::Jump => Claim::NextPc(pc_address(event.row.pc) + 4),
        Kind::MemoryWord | Kind::Amo => Claim::Word(0, event.mem_new ^ 0x100),
        Kind::Compare | Kind::Counter => Claim::Rd(event.rd_new ^ 1),
        // An address, from which there is still memory.
        Kind::ShiftImm => Claim::Rd(event.rd_new ^ 8),
        _ => Claim::Rd(event.rd_new ^ 1 << (7 * kind as u32 % 64)),
    }
}

/// How many instructions were retired before an event.
const fn at(event: &Event<'_>) -> u64 {
    ((event.clock - FIRST_CLOCK) / CLOCK_STEP) as u64
}

#[test]
fn a_lie_of_an_instruction_of_any_table_is_rejected() {
    let keyed = &*EVERY_TABLE;
    let truth = keyed.execution(SHORT, None);
    let claimed = keyed.lay_out(SHORT, &truth);
    assert_eq!(proves(&keyed.key, &claimed.statement, claimed.instructions, &claimed.run.witness), Ok(()));
    for kind in Kind::instructions() {
        let event = truth.pieces(kind).flatten().next().expect("a row of every table");
        let lie = Lie { at: at(event), claim: claim(kind, event) };
        let execution = keyed.execution(SHORT, Some(lie));
        assert_ne!(execution.exit_code, truth.exit_code, "{}: {lie:?} is not about the code", kind.name());
        keyed.assert_rejected(kind.name(), &keyed.lay_out(SHORT, &execution), |_| true);
    }
}

/// The register that an instruction wrote has another value from its refresh on.
#[test]
fn a_lie_of_a_refresh_is_rejected() {
    let keyed = &*EVERY_TABLE;
    let truth = keyed.execution(LONG, None);
    let (row, event) =
        (0..).zip(truth.pieces(Kind::Arith).flatten()).find(|(_, event)| event.row.rd == 7).expect("sub");
    let lie = Lie { at: at(event), claim: Claim::Rd(event.rd_new ^ 2) };
    let mut claimed = keyed.lay_out(LONG, &keyed.execution(LONG, Some(lie)));
    assert_ne!(claimed.statement.exit_code, truth.exit_code);
    // The instruction itself is honest.
    let honest = instruction_trace(Kind::Arith, &[*event]);
    let arith = claimed.run.trace_mut(Kind::Arith).expect("the table");
    let width = honest.width;
    arith.values[row * width..(row + 1) * width].copy_from_slice(&honest.values[..width]);
    claimed.run.answer();
    keyed.assert_rejected("refresh", &claimed, |violation| match violation {
        Violation::Unbalanced { bus: "memory", places, .. } => {
            places.iter().all(|place| *place == (Kind::Arith, row) || place.0 == Kind::Refresh)
        }
        _ => false,
    });
}

/// An output that no instruction wrote, and its first page, which is all of it.
const FORGED: &[u8] = b"forged";
const FORGED_PAGE: u32 = (OUTPUT_BASE / PAGE_BYTES) as u32;

fn forged_words() -> PageWords {
    let mut words = [0; PAGE_WORDS];
    words[0] = FORGED.len() as u64;
    words[1] = FORGED.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
    words
}

#[test]
fn an_output_that_a_page_is_closed_with_is_rejected() {
    let keyed = &*EVERY_TABLE;
    let mut execution = keyed.execution(SHORT, None);
    let page = Page { number: FORGED_PAGE, first: [0; PAGE_WORDS], last: forged_words(), times: [0; PAGE_WORDS] };
    execution.pages.push(page);
    let mut claimed = keyed.lay_out(SHORT, &execution);
    claimed.statement.output = FORGED.to_vec();
    keyed.assert_rejected("page", &claimed, of_bus("memory"));
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
    let keyed = &*EVERY_TABLE;
    let mut claimed = with_forged_output(keyed);
    refill_nodes(&mut claimed, |_| true);
    claimed.run.answer();
    keyed.assert_rejected("node", &claimed, |violation| {
        matches!(violation, Violation::Constraint { kind: Kind::Node, name, .. } if name == "an untouched child stays")
    });
}

/// The node above the output has its digest of a permutation that says so.
#[test]
fn an_output_by_a_forged_permutation_is_rejected() {
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
            let output = row.rounds.len() - STATE;
            row.rounds[output..][..DIGEST].copy_from_slice(&digest);
            row.write(cells);
        }
    }
    keyed.assert_rejected("poseidon2", &claimed, |violation| match violation {
        Violation::Constraint { kind, .. } => *kind == Kind::Poseidon2,
        Violation::Unbalanced { bus, .. } => *bus == "poseidon2",
    });
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
    let [keyed, other] = [1, 2].map(|operand| program(&[addi(10, 0, operand), addi(17, 0, 93), 0x73]));
    assert_of_another_program("program", [&keyed, &other, &keyed]);
}

#[test]
fn a_run_from_another_memory_is_rejected() {
    let [keyed, other] = [1, 2].map(exit_with_ram);
    assert_of_another_program("first memory", [&keyed, &other, &other]);
}

/// An instruction reads what a later one writes; as often as it asks whether the time between is positive, another
/// pair is answered.
#[test]
fn a_register_read_before_it_is_written_is_rejected() {
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
    let mut events: Vec<Event<'_>> = execution.pieces(Kind::Arith).flatten().copied().collect();
    let [written, early, late, then] = [0, 1, 2, 3].map(|i| events[i].clock);
    (events[1].rs1, events[1].rs1_prev) = (100, late + SLOT_RD);
    (events[2].rd_old, events[2].rd_prev) = (1, written + SLOT_RD);
    assert_eq!((events[3].rs2_prev, then), (late + SLOT_RD, late + CLOCK_STEP));
    events[3].rs2_prev = early;
    *claimed.run.trace_mut(Kind::Arith).expect("the table") = instruction_trace(Kind::Arith, &events);
    claimed.run.answer();
    claimed.run.trace_mut(Kind::Range).expect("the table").values[77] += F::ONE;
    keyed.assert_rejected("range", &claimed, of_bus("range"));
}

/// A bitwise operation of another result, whose bytes are answered as often as they are asked for.
#[test]
fn a_byte_that_is_no_xor_is_rejected() {
    let keyed = &*EVERY_TABLE;
    let truth = keyed.execution(SHORT, None);
    let event = truth.pieces(Kind::Logic).flatten().next().expect("xor");
    let mut claimed =
        keyed.lay_out(SHORT, &keyed.execution(SHORT, Some(Lie { at: at(event), claim: Claim::Rd(event.rd_new ^ 4) })));
    let column = air::tables::byte::XOR as usize;
    let trace = claimed.run.trace_mut(Kind::Byte).expect("the table");
    let width = trace.width;
    trace.values[(event.rs1 as usize % 256 * 256 + event.rs2 as usize % 256) * width + column] += F::ONE;
    keyed.assert_rejected("byte", &claimed, of_bus("byte"));
}

/// The exit code of an honest run, and its public values, changed together.
#[test]
fn another_exit_code_is_rejected() {
    let keyed = &*EVERY_TABLE;
    let mut claimed = keyed.lay_out(SHORT, &keyed.execution(SHORT, None));
    claimed.statement.exit_code += 1;
    claimed.run.witness.public[4] += F::ONE;
    keyed.assert_rejected("segment", &claimed, of_bus("exit"));
}
