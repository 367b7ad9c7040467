//! Every operation lies about what it leaves behind: its result, the next pc, the words it accesses, the reservation.

use std::collections::BTreeMap;

use air::bus::{EXIT, MEMORY, PROGRAM, STATE};
use air::check::stepwise::{Claim, Lie, run};
use air::check::{LaidOut, Violation};
use air::execution::Execution;
use air::kind::Kind;
use air::layout::{CLOCK_STEP, FIRST_CLOCK, SLOT_RD};
use air::lower::table_of;
use air::rom::Rom;
use p3_field::PrimeField32;
use rayon::prelude::*;
use riscv_tests::Case;
use spec_interp::map::syscall;
use spec_interp::{Family, Machine, Observer, Op, Step};

use crate::claims::claims;
use crate::{LIMIT, cases};

/// Steps of each case of each operation that lie, and how often each about each thing, on a push and in full. Of results, which are
/// the most to choose from, it is thrice as often.
const STEPS: [usize; 2] = [2, 16];
const CLAIMS: [usize; 2] = [1, 2];
/// Lies of each that must come to an end, if it has so many steps.
const LEAST: [usize; 2] = [4, 32];

/// A step of a case.
#[derive(Clone, Copy)]
struct Place {
    case: usize,
    at: u64,
    step: Step,
    /// The reservation behind it.
    reserved: u64,
}

/// An operation and which of its cases: aligned, misaligned within a doubleword or across two; taken; failed; exiting.
type OpCase = (Op, u64);

fn op_case(step: &Step) -> OpCase {
    let op = step.inst.op;
    let case = match (op, op.family()) {
        (_, Family::Memory) if step.accesses[1].is_some() => 2,
        (_, Family::Memory) => {
            let addr = step.rs1.wrapping_add_signed(step.inst.imm);
            op.access_width().is_some_and(|width| !addr.is_multiple_of(width)).into()
        }
        (_, Family::Branch) => (step.next_pc != step.pc + u64::from(step.inst.len)).into(),
        (Op::ScW | Op::ScD, _) => step.rd,
        (Op::Ecall, _) => (step.rs1 == syscall::EXIT).into(),
        _ => 0,
    };
    (op, case)
}

/// Collects the steps of all programs by what they do.
struct Collector<'a> {
    case: usize,
    at: u64,
    reserved: u64,
    places: &'a mut BTreeMap<OpCase, Vec<Place>>,
}

impl Observer for Collector<'_> {
    fn step(&mut self, step: &Step) {
        let op = step.inst.op;
        self.reserved = match op {
            Op::LrW | Op::LrD => spec_interp::reservation(step.rs1, op.access_width().unwrap_or(0)),
            Op::ScW | Op::ScD => 0,
            _ => self.reserved,
        };
        let place = Place { case: self.case, at: self.at, step: *step, reserved: self.reserved };
        self.places.entry(op_case(step)).or_default().push(place);
        self.at += 1;
    }

    fn console(&mut self, _: u64, _: &[u8]) {}
}

/// The lying row: where it is and when.
struct Liar {
    kind: Kind,
    row: usize,
    clock: u32,
    pc: u32,
    /// Whether it exits, or says so.
    ends: bool,
}

impl Liar {
    fn of(execution: &Execution<'_>, place: &Place, claim: Claim) -> Self {
        let clock = FIRST_CLOCK + CLOCK_STEP * place.at as u32;
        let find = |kind| execution.pieces(kind).flatten().position(|event| event.clock == clock);
        let (kind, row) = Kind::instructions().find_map(|kind| Some((kind, find(kind)?))).expect("its row");
        let ends =
            place.step.inst.op == Op::Ecall && place.step.rs1 == syscall::EXIT || matches!(claim, Claim::Halt(_));
        Self { kind, row, clock, pc: air::layout::pc_index(place.step.pc), ends }
    }

    /// Whether a complaint is about this row: its own constraint, its own question, or what it should have passed on to
    /// whoever comes next.
    fn is_blamed_by(&self, violation: &Violation) -> bool {
        match violation {
            Violation::Constraint { kind, row, .. } => (*kind, *row) == (self.kind, self.row),
            Violation::Unbalanced { bus, tuple, places, .. } => {
                let at = |i: usize| tuple[i].as_canonical_u32();
                match *bus {
                    bus if bus == MEMORY.name => (self.clock..=self.clock + SLOT_RD).contains(&at(1)),
                    bus if bus == STATE.name => at(1) == self.clock + CLOCK_STEP,
                    bus if bus == EXIT.name => self.ends,
                    bus if bus == PROGRAM.name => at(0) == self.pc,
                    _ => places.iter().all(|place| *place == (self.kind, self.row)),
                }
            }
        }
    }
}

/// How lies of an operation were caught.
#[derive(Clone, Copy, Debug, Default)]
struct Score {
    /// All that came to an end.
    lies: usize,
    /// Of these, those with another exit code than the honest run.
    other_code: usize,
    /// By a constraint; by a question without answer, but by no constraint; by what the next one takes alone.
    caught: [usize; 3],
}

impl Score {
    fn add(self, other: Self) -> Self {
        Self {
            lies: self.lies + other.lies,
            other_code: self.other_code + other.other_code,
            caught: core::array::from_fn(|i| self.caught[i] + other.caught[i]),
        }
    }

    fn of(violations: &[Violation], other_code: bool) -> Self {
        let is_question = |violation: &Violation| match violation {
            Violation::Unbalanced { bus, .. } => air::check::bus_of(bus).is_some_and(|bus| bus.is_lookup()),
            Violation::Constraint { .. } => false,
        };
        let by_constraint = violations.iter().any(|violation| matches!(violation, Violation::Constraint { .. }));
        let by_question = !by_constraint && violations.iter().any(is_question);
        let caught = [by_constraint, by_question, !by_constraint && !by_question].map(usize::from);
        Self { lies: 1, other_code: other_code.into(), caught }
    }
}

/// Lets an instruction lie and checks the run that goes on from it, if it comes to an end.
fn check_lie(case: &Case, rom: &Rom, place: &Place, claim: Claim) -> Option<Score> {
    let lie = Lie { at: place.at, claim };
    let (execution, _) = run(&case.program, &case.input, rom, LIMIT, Some(lie)).ok()?;
    let liar = Liar::of(&execution, place, claim);
    let violations = LaidOut::of(&case.program, &case.input, rom, &execution).violations(usize::MAX);
    let who = || format!("{}, {} at {}: {claim:x?}", case.name, place.step.inst.op, place.at);
    assert!(!violations.is_empty(), "{} is accepted", who());
    let apart = violations.iter().find(|violation| !liar.is_blamed_by(violation));
    assert!(apart.is_none(), "{}: table {} row {}: {}", who(), liar.kind.name(), liar.row, apart.expect("one"));
    let honest = Some(execution.exit_code) == exit_code(case);
    Some(Score::of(&violations, !honest))
}

fn exit_code(case: &Case) -> Option<u64> {
    match case.expect {
        riscv_tests::Expectation::Exit(code) => Some(code),
        riscv_tests::Expectation::Fault { .. } => None,
    }
}

/// Some of a number of places, the last among them, spread differently by the seed.
fn some(count: usize, most: usize, seed: usize) -> impl Iterator<Item = usize> {
    let stride = count.div_ceil(most);
    (0..count.min(most)).map(move |i| (i * stride + seed % stride).min(count - 1))
}

#[test]
fn a_lie_of_any_operation_is_caught_where_it_is_and_nowhere_else() {
    let full = usize::from(std::env::var_os("ZISK_FULL").is_some());
    let cases = cases();
    let roms: Vec<Rom> = cases.iter().map(|case| Rom::new(&case.program)).collect();
    let mut places = BTreeMap::new();
    for (number, case) in cases.iter().enumerate() {
        let mut machine = Machine::new(case.program.clone(), &case.input).expect("the input fits");
        let mut collector = Collector { case: number, at: 0, reserved: 0, places: &mut places };
        machine.run(LIMIT, &mut collector).expect("it runs");
    }
    let retiring = Op::ALL.into_iter().filter(|&op| table_of(op).is_some());
    let missing: Vec<Op> = retiring.filter(|op| !places.keys().any(|(other, _)| other == op)).collect();
    assert_eq!(missing, [], "no case has these");

    let work = places.iter().flat_map(|(&op, places)| {
        some(places.len(), STEPS[full], op.0 as usize).enumerate().map(move |(i, place)| (op, i, &places[place]))
    });
    let scores = work.collect::<Vec<_>>().into_par_iter().map(|(op, number, place)| {
        let (case, rom) = (&cases[place.case], &roms[place.case]);
        let groups = claims(&case.program, &place.step, place.reserved);
        let scores = groups.iter().enumerate().map(|(group, claims)| {
            // Another part of the list for each operation and step, so that all of it has its turn.
            let start = (op.0 as usize * 7 + number * 13 + group * 3) % claims.len();
            let most = if let Claim::Rd(_) = claims[0] { 3 * CLAIMS[full] } else { CLAIMS[full] };
            let claims = claims[start..].iter().chain(&claims[..start]);
            let ended = claims.take(4 * most).filter_map(|claim| check_lie(case, rom, place, *claim));
            ended.take(most).fold(Score::default(), Score::add)
        });
        (op, scores.fold(Score::default(), Score::add))
    });
    let mut by_op: BTreeMap<OpCase, Score> = BTreeMap::new();
    for (op, score) in scores.collect::<Vec<_>>() {
        let sum = by_op.entry(op).or_default();
        *sum = sum.add(score);
    }
    let line = |name: &str, Score { lies, other_code, caught: [constraint, question, passed_on] }: &Score| {
        println!("{name:12} {lies:>6} {other_code:>10} {constraint:>10} {question:>8} {passed_on:>9}");
    };
    println!("operation      lies other_code constraint question passed_on");
    by_op.iter().for_each(|((op, case), score)| line(&format!("{op} {case}"), score));
    line("all", &by_op.values().copied().fold(Score::default(), Score::add));
    for (op, score) in by_op {
        assert!(score.lies >= LEAST[full].min(2 * places[&op].len()), "{op:?}: {} lies come to an end", score.lies);
    }
}
