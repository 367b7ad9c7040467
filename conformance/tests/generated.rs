//! Random programs: what the interpreter does, the tables accept.

use std::cell::Cell;
use std::collections::BTreeSet;

use air::check::LaidOut;
use air::execution::ExecutionError;
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
    let laid_out = Cell::new(0);
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..Default::default() };
    proptest!(config, |(bytes in prop::collection::vec(any::<u8>(), 600..2000))| {
        let Generated { program, input } = Generated::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
        let mut machine = Machine::new(program.clone(), &input).unwrap();
        let end = machine.run(LIMIT, &mut ());
        prop_assert!(matches!(end, Ok(Outcome::Exited(_))), "{:?}", end);
        match LaidOut::new(&program, &input) {
            Err(ExecutionError::Misaligned { .. }) => {}
            run => {
                prop_assert_eq!(run.map(|run| run.violations(VIOLATIONS)), Ok(vec![]));
                laid_out.set(laid_out.get() + 1);
            }
        }
    });
    assert!(laid_out.get() > CASES / 2, "only {} of {CASES} programs have tables", laid_out.get());
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
