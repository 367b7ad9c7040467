//! What the interpreter does with a random program, the tables accept: every constraint holds, every bus balances.
#![no_main]

use air::bus::{BYTE, RANGE};
use air::check::{LaidOut, Violation, check};
use air::kind::Kind;
use conformance::generate::Generated;
use libfuzzer_sys::fuzz_target;
use spec_interp::{Machine, Outcome};

/// Instructions after which a program is given up.
const LIMIT: u64 = 2000;

/// What is wrong with a run. The tables of ranges and bytes are left out, which have a hundred times the rows of all
/// others: that they hold what is asked for was asserted when it was counted.
fn violations(run: &LaidOut) -> Vec<Violation> {
    let traces = run.witness.traces.iter().filter(|(kind, _)| !matches!(kind, Kind::Range | Kind::Byte));
    let tables: Vec<_> = traces.map(|(kind, trace)| (run.table(*kind), trace)).collect();
    let mut violations = check(&tables, &run.witness.public, usize::MAX);
    violations.retain(
        |violation| !matches!(violation, Violation::Unbalanced { bus, .. } if [RANGE.name, BYTE.name].contains(bus)),
    );
    violations
}

fuzz_target!(|generated: Generated| {
    let Generated { program, input } = generated;
    let mut machine = Machine::new(program.clone(), &input).expect("a short input fits");
    if !matches!(machine.run(LIMIT, &mut ()), Ok(Outcome::Exited(_))) {
        return;
    }
    assert_eq!(LaidOut::new(&program, &input).map(|run| violations(&run)), Ok(vec![]));
});
