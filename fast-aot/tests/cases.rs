//! Every case of `riscv-tests` on both engines: the same end, registers, console, output and chunks.

use fast_aot::{Engine, Runner};
use riscv_tests::Case;
use spec_interp::chunk::{CLASSES, Classes};
use spec_interp::{Checkpoint, Chunk, Fault, Op, Outcome};

/// Instructions granted to a case.
const LIMIT: u64 = 10_000_000;

/// What can be seen of a run.
#[derive(Debug, PartialEq)]
struct Seen {
    end: Result<Outcome, Fault>,
    state: Checkpoint,
    output: Option<Vec<u8>>,
    console: Vec<(u64, Vec<u8>)>,
    chunks: Vec<Chunk<'static>>,
}

fn classes() -> Classes {
    core::array::from_fn(|op| (op % CLASSES) as u8)
}

fn see(case: &Case, engine: Engine, size: Option<u64>) -> Seen {
    let mut machine = Runner::new(case.program.clone(), &case.input, engine).expect("the input fits");
    assert_eq!(machine.engine(), engine.serving());
    let (mut console, mut chunks) = (Vec::<(u64, Vec<u8>)>::new(), Vec::new());
    let mut print = |fd: u64, bytes: &[u8]| match console.last_mut() {
        Some((last, text)) if *last == fd => text.extend(bytes),
        _ => console.push((fd, bytes.to_vec())),
    };
    let end = match size {
        Some(size) => machine.trace(LIMIT, size, &classes(), &mut |chunk| chunks.push(chunk.into_owned()), &mut print),
        None => machine.run(LIMIT, &mut print),
    };
    Seen { end, state: machine.checkpoint(), output: machine.output().ok(), console, chunks }
}

#[test]
fn cases_run_alike_on_both_engines() {
    for case in riscv_tests::cases() {
        for size in [None, Some(1), Some(3), Some(64), Some(u64::MAX)] {
            let (expected, found) = (see(&case, Engine::Spec, size), see(&case, Engine::Aot, size));
            assert_eq!(found.end, expected.end, "{} in chunks of {size:?}", case.name);
            assert_eq!(found, expected, "{} in chunks of {size:?}", case.name);
        }
    }
}

#[test]
fn every_limit_stops_exactly() {
    let case = riscv_tests::cases().into_iter().find(|case| case.name == "system/sum_of_input").expect("the case");
    for limit in (0..700).chain([5_000, 5_001]) {
        let run = |engine| {
            let mut machine = Runner::new(case.program.clone(), &case.input, engine).expect("the input fits");
            (machine.run(limit, &mut |_, _| ()), machine.checkpoint())
        };
        assert_eq!(run(Engine::Aot), run(Engine::Spec), "limit {limit}");
    }
}

#[test]
fn classes_are_those_of_the_operations() {
    assert_eq!(classes().len(), Op::ALL.len());
}
