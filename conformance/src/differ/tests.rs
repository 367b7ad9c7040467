//! Planted differences: each number that a comparison looks at is changed, and the comparison must name it.

use fast_aot::{Engine, Runner};
use riscv_tests::encode::encode;
use spec_interp::map::{OUTPUT_BASE, PROGRAM_BASE, RAM_BASE};
use spec_interp::{Op, OutputError, Step};

use super::record::same_output;
use super::steps::{Steps, replayed};
use super::*;

const LIMIT: u64 = 1000;

/// Where the code starts: far from the pages that are always compared, since programs differ in their code.
const CODE: u64 = PROGRAM_BASE + 0x4000;

fn program(words: &[u32]) -> Arc<Program> {
    let code = words.iter().flat_map(|word| word.to_le_bytes());
    let code: Vec<u8> = core::iter::repeat_n(0, 0x4000).chain(code).collect();
    let ram: Vec<u8> = (0..64).collect();
    Arc::new(Program::from_code(CODE, &code, &ram).unwrap())
}

/// Loads, reserves, stores, prints to both streams, branches and exits; 20 instructions.
fn words() -> Vec<u32> {
    let addi = |rd, rs1, imm| encode(Op::Addi, rd, rs1, 0, imm);
    let ecall = encode(Op::Ecall, 0, 0, 0, 0);
    vec![
        encode(Op::Auipc, 5, 0, 0, 0x1fff_c000),
        encode(Op::Lw, 6, 5, 0, 4),
        encode(Op::Sd, 0, 5, 6, 16),
        encode(Op::Beq, 0, 0, 0, 4),
        encode(Op::LrD, 7, 5, 0, 0),
        addi(17, 0, 64),
        addi(10, 0, 1),
        addi(11, 5, 0),
        addi(12, 0, 3),
        ecall,
        addi(10, 0, 2),
        ecall,
        encode(Op::Auipc, 8, 0, 0, 0x5fff_c000),
        addi(9, 0, 1),
        encode(Op::Sd, 0, 8, 9, -48),
        encode(Op::Sb, 0, 8, 12, -40),
        encode(Op::Sh, 0, 5, 6, 31),
        addi(17, 0, 93),
        addi(10, 0, 7),
        ecall,
    ]
}

/// What is told when a machine runs one program and the reference another.
fn told(reference: &[u32], found: &[u32]) -> Difference {
    let found = program(found);
    let make = || Runner::new(Arc::clone(&found), &[], Engine::Spec);
    *compare_with(&program(reference), &[], LIMIT, 1, &make).unwrap_err()
}

fn record() -> Record {
    let mut machine = Runner::new(program(&words()), &[], Engine::Spec).unwrap();
    Record::of(&mut machine, Call::Trace { limit: LIMIT, size: 1 })
}

/// The field that is named when this is changed in a record.
fn field(change: impl FnOnce(&mut Record)) -> Field {
    let honest = record();
    let mut changed = honest.clone();
    change(&mut changed);
    match honest.agrees(&changed) {
        Err(What::Value { field, expected, found }) if expected != found => field,
        other => panic!("{other:?}"),
    }
}

#[test]
fn equal_runs_agree() {
    for size in [1, 3, 64] {
        let agreed = compare(&program(&words()), &[], LIMIT, size).unwrap();
        assert_eq!((agreed.instructions, agreed.end), (20, Ok(Outcome::Exited(7))));
    }
    assert_eq!(record().agrees(&record()), Ok(()));
}

#[test]
fn every_number_of_a_state_is_compared() {
    assert_eq!(field(|run| run.at.pc += 2), Field::Pc);
    assert_eq!(field(|run| run.at.retired += 1), Field::Retired);
    assert_eq!(field(|run| run.at.reservation ^= 1 << 35), Field::Reservation);
    assert_eq!(field(|run| run.exit_code = Some(8)), Field::ExitCode);
    assert_eq!(field(|run| run.exit_code = None), Field::ExitCode);
    for number in 0..32 {
        assert_eq!(field(|run| run.at.regs[usize::from(number)] ^= 1 << 63), Field::Register(number));
    }
}

#[test]
fn every_byte_of_the_console_is_compared() {
    assert_eq!(record().console.stretches.len(), 2);
    assert_eq!(field(|run| run.console.stretches[1].0 = 1), Field::ConsoleStream(1));
    assert_eq!(field(|run| run.console.stretches[0].1[2] ^= 1), Field::ConsoleByte(0, 2));
    assert_eq!(field(|run| run.console.stretches[1].1.push(0)), Field::ConsoleByte(1, 3));
    assert_eq!(field(|run| run.console.stretches.truncate(1)), Field::ConsoleStream(1));
    assert_eq!(field(|run| run.console.rest = 1), Field::ConsoleRest);
}

#[test]
fn a_long_console_is_compared_to_its_end() {
    let console = |bytes: &[u8], piece: usize| {
        let mut console = Printed::default();
        bytes.chunks(piece).for_each(|piece| console.write(1, piece));
        console
    };
    let mut bytes = vec![0; 100_000];
    let honest = console(&bytes, 4096);
    assert_eq!(honest, console(&bytes, 999));
    assert_ne!(honest, console(&bytes[1..], 4096));
    bytes[99_999] = 1;
    assert_ne!(honest, console(&bytes, 4096));
}

#[test]
fn every_number_of_a_chunk_is_compared() {
    let chunk = |field| Field::Chunk(1, field);
    assert!(record().chunks.len() > 2);
    assert_eq!(field(|run| run.chunks[1].start.pc += 2), chunk(ChunkField::Pc));
    assert_eq!(field(|run| run.chunks[1].start.retired += 1), chunk(ChunkField::Retired));
    assert_eq!(field(|run| run.chunks[1].start.reservation += 1), chunk(ChunkField::Reservation));
    assert_eq!(field(|run| run.chunks[1].instructions += 1), chunk(ChunkField::Instructions));
    assert_eq!(field(|run| run.chunks[1].loads.to_mut()[0] ^= 1 << 32), chunk(ChunkField::Load(0)));
    assert_eq!(field(|run| run.chunks[1].loads.to_mut().push(0)), chunk(ChunkField::Load(1)));
    assert_eq!(field(|run| run.chunks[1].loads.to_mut().clear()), chunk(ChunkField::Load(0)));
    assert_eq!(field(|run| drop(run.chunks.pop())), Field::Chunks);
    for number in 0..32 {
        let change = |run: &mut Record| run.chunks[1].start.regs[usize::from(number)] ^= 1;
        assert_eq!(field(change), chunk(ChunkField::Register(number)));
    }
    for class in 0..spec_interp::chunk::CLASSES {
        assert_eq!(field(|run| run.chunks[1].counts[class] += 1), chunk(ChunkField::Count(class)));
    }
}

#[test]
fn ends_and_outputs_are_compared() {
    let mut changed = record();
    changed.end = Ok(Outcome::LimitReached);
    assert!(matches!(record().agrees(&changed), Err(What::End { .. })));
    let value = |at, expected, found| Err(What::Value { field: Field::Output(at), expected, found });
    assert_eq!(same_output(Ok(vec![1, 2]), Ok(vec![1, 3])), value(1, Some(2), Some(3)));
    assert_eq!(same_output(Ok(vec![1]), Ok(vec![1, 3])), value(1, None, Some(3)));
    let none = Err(OutputError::TooLong { len: 1 << 40 });
    assert!(matches!(same_output(Ok(vec![]), none.clone()), Err(What::Output { .. })));
    assert_eq!(same_output(none.clone(), none), Ok(()));
}

#[test]
fn a_wrong_word_of_memory_is_found_with_the_instruction_that_left_it() {
    // The register that is stored is x0 in place of t1; all registers agree.
    let mut found = words();
    found[2] = encode(Op::Sd, 0, 5, 0, 16);
    let difference = told(&words(), &found);
    let what = What::Value { field: Field::Word(RAM_BASE + 16), expected: Some(0x0706_0504), found: Some(0) };
    assert_eq!((difference.what.clone(), difference.way), (what, Way::Run));
    let suspect = difference.suspect.clone().unwrap();
    assert_eq!((suspect.index, suspect.pc, suspect.inst.unwrap().op), (2, CODE + 8, Op::Sd));
    assert_eq!(
        difference.to_string(),
        "the doubleword at 0xa0000010 is 0x0 instead of 0x7060504, run at once, first seen after 2 instructions at \
         0x80004008, `sd t1, 16(t0)`"
    );
    // A store that goes astray by a page.
    let mut found = words();
    found[2] = encode(Op::Sd, 0, 5, 0, -8);
    assert!(matches!(told(&words(), &found).what, What::End { expected: Ok(_), found: Err(_) }));
    let mut found = words();
    found[15] = encode(Op::Sb, 0, 8, 12, -1);
    let Difference { what: What::Value { field: Field::Word(addr), .. }, .. } = told(&words(), &found) else {
        panic!("{}", told(&words(), &found));
    };
    assert_eq!(addr, OUTPUT_BASE + 8);
}

#[test]
fn another_fault_address_is_a_difference() {
    let load = |imm| [encode(Op::Addi, 5, 0, 0, 100), encode(Op::Ld, 6, 5, 0, imm)];
    let difference = told(&load(0), &load(1));
    assert!(matches!(difference.what, What::End { expected: Err(_), found: Err(_) }), "{difference}");
    assert_eq!(difference.suspect.unwrap().index, 1);
}

#[test]
fn another_order_of_equal_effects_is_seen_by_pausing() {
    // The sum is the same at the end; in the middle it is not.
    let sum = |first, second| {
        [encode(Op::Addi, 5, 5, 0, first), encode(Op::Addi, 5, 5, 0, second), encode(Op::Jal, 0, 0, 0, 0)]
    };
    let difference = told(&sum(1, 2), &sum(2, 1));
    assert_eq!((difference.way, difference.suspect.clone().unwrap().index), (Way::Paused, 0), "{difference}");
}

#[test]
fn a_chunk_that_is_not_the_run_does_not_replay() {
    let program = program(&words());
    let steps = Steps::of(&program, (&[]).into(), LIMIT, 1).unwrap();
    let chunks = record().chunks;
    let check = |change: &dyn Fn(&mut Step)| {
        let mut changed = steps.steps.clone();
        changed.iter_mut().for_each(change);
        replayed(&program, &chunks, &changed)
    };
    assert_eq!(check(&|_| ()), Ok(()));
    assert_eq!(steps.holds(&program, &steps.record.chunks), Ok(()));
    let field = |change: &dyn Fn(&mut Step)| match check(change) {
        Err(What::Value { field: Field::Replayed(_, field), .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(&|step| step.pc += 4), ReplayedField::Pc);
    assert_eq!(field(&|step| step.next_pc += 4), ReplayedField::NextPc);
    assert_eq!(field(&|step| step.rs1 += 1), ReplayedField::Rs1);
    assert_eq!(field(&|step| step.rs2 += 1), ReplayedField::Rs2);
    assert_eq!(field(&|step| step.rd += 1), ReplayedField::Rd);
    let stored = |step: &mut Step| step.accesses.iter_mut().flatten().for_each(|access| access.new ^= 1 << 56);
    assert_eq!(field(&stored), ReplayedField::Stored);
    assert!(matches!(
        replayed(&program, &chunks, &steps.steps[..3]),
        Err(What::Value { field: Field::Replayed(3, ReplayedField::Presence), .. })
    ));

    let mut lacking = chunks.clone();
    lacking[0].loads.to_mut().clear();
    assert!(matches!(replayed(&program, &lacking, &steps.steps), Err(What::Replay { index: 0, .. })));
    assert!(matches!(replayed(&program, &chunks[1..], &steps.steps), Err(What::Value { field: Field::Retired, .. })));
}

#[test]
fn pauses_end_right_before_the_end_and_go_beyond_it() {
    for (retired, limit) in [(0, 5), (1, 1), (20, 1000), (5000, 5000)] {
        let calls = pauses(retired, limit, 3);
        let limits = calls.iter().map(|&(Call::Run { limit } | Call::Trace { limit, .. })| limit);
        let limits: Vec<_> = limits.collect();
        let (last, before) = (limits.len() - 4, retired.saturating_sub(1));
        assert_eq!(limits[..last].iter().sum::<u64>(), before);
        assert_eq!(limits[last..], [limit - before, 0, 1, 3]);
        assert!(limits.len() < 200);
    }
}
