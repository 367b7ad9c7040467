//! Random programs: what the interpreter does, the tables accept.

use std::cell::Cell;

use air::check::LaidOut;
use air::execution::ExecutionError;
use arbitrary::{Arbitrary, Unstructured};
use conformance::generate::Generated;
use proptest::prelude::*;
use spec_interp::{Machine, Outcome};

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
