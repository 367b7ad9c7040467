//! Random programs: what the interpreter does, the tables accept.

use std::collections::BTreeSet;

use air::check::LaidOut;
use air::execution::{record, trace};
use air::kind::Kind;
use air::rom::Rom;
use arbitrary::{Arbitrary, Unstructured};
use conformance::generate::Generated;
use proptest::prelude::*;
use spec_interp::{Machine, Observer, Op, Outcome, Step};

/// Instructions within which every generated program ends; it goes through its body at most three times.
const LIMIT: u64 = 2000;
const CASES: u32 = 64;
/// The most violations that are told.
const VIOLATIONS: usize = 8;

#[test]
fn the_tables_of_random_programs_hold() {
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..Default::default() };
    proptest!(config, |(bytes in prop::collection::vec(any::<u8>(), 600..2000))| {
        let Generated { program, input } = Generated::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
        let mut machine = Machine::new(program.clone(), &input).unwrap();
        let end = machine.run(LIMIT, &mut ());
        prop_assert!(matches!(end, Ok(Outcome::Exited(_))), "{:?}", end);
        prop_assert_eq!(LaidOut::new(&program, &input).map(|run| run.violations(VIOLATIONS)), Ok(vec![]));
    });
}

#[test]
fn random_programs_are_recorded_alike_whatever_the_chunks() {
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..Default::default() };
    proptest!(config, |(bytes in prop::collection::vec(any::<u8>(), 600..2000))| {
        let Generated { program, input } = Generated::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
        let rom = Rom::new(&program);
        let [whole, others @ ..] = [1 << 16, 1, 2, 7, 100].map(|size| {
            let chunks = trace(&mut Machine::new(program.clone(), &input).unwrap(), size, &mut |_, _| ()).unwrap();
            record(&program, &input, &rom, chunks).unwrap()
        });
        let events = |kind| whole.pieces(kind).flatten();
        for other in others {
            prop_assert!(Kind::instructions().all(|kind| other.pieces(kind).flatten().eq(events(kind))));
            prop_assert_eq!((&other.refreshes, &other.pages), (&whole.refreshes, &whole.pages));
            prop_assert_eq!((other.clock, other.exit_code), (whole.clock, whole.exit_code));
        }
    });
}

#[derive(Default)]
struct Ops(BTreeSet<Op>);

impl Observer for Ops {
    fn step(&mut self, step: &Step) {
        self.0.insert(step.inst.op);
    }

    fn console(&mut self, _: u64, _: &[u8]) {}
}

#[test]
fn random_programs_reach_every_operation() {
    let mut ops = Ops::default();
    let mut state = 1_u64;
    for _ in 0..500 {
        let bytes: Vec<u8> = core::iter::repeat_with(|| {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            (state >> 56) as u8
        })
        .take(1500)
        .collect();
        let Generated { program, input } = Generated::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
        let end = Machine::new(program, &input).unwrap().run(LIMIT, &mut ops);
        assert!(matches!(end, Ok(Outcome::Exited(_))), "{end:?}");
    }
    let missing: Vec<_> = Op::ALL.into_iter().filter(|op| !ops.0.contains(op)).collect();
    assert_eq!(missing, [Op::Ebreak, Op::Csrrw, Op::Csrrwi]); // always a fault
}
