//! Lies about where the segment starts and ends: public values that are not the run's.

use air::F;
use air::bus::{EXIT, NODE, STATE};
use air::check::Violation;
use air::kind::Kind;
use air::layout::{TREE_DEPTH, pc_index};
use air::tables::segment::PUBLIC_VALUES;
use p3_field::PrimeCharacteristicRing;

use crate::{honest, sum_of_input};

/// The buses and first elements of tuples that do not balance; the segment must speak of one of them.
fn unbalanced(violations: &[Violation]) -> Vec<(&'static str, F)> {
    let of_segment = |violation: &Violation| match violation {
        Violation::Unbalanced { places, .. } => *places == [(Kind::Segment, 0)],
        Violation::Constraint { .. } => false,
    };
    assert!(violations.iter().any(of_segment), "{violations:?}");
    let place = |violation: &Violation| match violation {
        Violation::Unbalanced { bus, tuple, .. } => (*bus, tuple[0]),
        Violation::Constraint { .. } => panic!("{violation}"),
    };
    violations.iter().map(place).collect()
}

/// First pc, last pc, last clock, exit code, roots: each is what the one tuple says that the segment gives or takes.
#[test]
fn every_public_value_is_that_of_the_run() {
    let case = sum_of_input();
    let mut run = honest(&case.program, &case.input);
    assert_eq!(run.violations(usize::MAX), []);
    for i in 0..PUBLIC_VALUES {
        let bus = match i {
            0..3 => STATE,
            3..8 => EXIT,
            _ => NODE,
        };
        for change in [F::ONE, F::NEG_ONE, F::from_u32(4), F::from_u32(1 << 16)] {
            run.witness.public[i] += change;
            let violations = run.violations(usize::MAX);
            if i == 3 {
                // Halted more or less than once: the one exit code is taken so often.
                assert!(matches!(violations.as_slice(), [Violation::Unbalanced { bus: "exit", .. }]), "{violations:?}");
            } else {
                let said = unbalanced(&violations);
                assert!(
                    said.len() == 2 && said.iter().all(|(other, _)| *other == bus.name),
                    "public value {i}: {said:?}"
                );
            }
            run.witness.public[i] -= change;
        }
    }
}

/// A run that starts at the second instruction is as good as any, but for the first pc.
#[test]
fn the_first_pc_alone_says_where_a_run_starts() {
    let case = sum_of_input();
    let second = case.program.entry + 4;
    let mut elsewhere = case.program.clone();
    elsewhere.entry = second;
    let mut run = honest(&elsewhere, &case.input);
    assert_eq!(run.violations(usize::MAX), []);
    run.witness.public[0] = F::from_u32(pc_index(case.program.entry));
    let mut said = unbalanced(&run.violations(usize::MAX));
    said.sort_unstable();
    assert_eq!(said, [case.program.entry, second].map(|pc| (STATE.name, F::from_u32(pc_index(pc)))));
}

/// The roots of another memory, both at once.
#[test]
fn the_roots_are_not_swapped() {
    let case = sum_of_input();
    let mut run = honest(&case.program, &case.input);
    let (first, last) = run.witness.public[8..].split_at_mut(air::layout::DIGEST);
    first.swap_with_slice(last);
    let said = unbalanced(&run.violations(usize::MAX));
    assert_eq!(said, [(NODE.name, F::from_u32(TREE_DEPTH)); 2]);
}
