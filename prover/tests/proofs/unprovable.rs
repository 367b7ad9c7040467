//! Runs of which there is no proof end with an error that says why.

use air::replay::ExecutionError;
use fast_aot::Engine;
use prover::{ProveError, ProvingKey};
use spec_interp::map::{INPUT_SIZE, MAX_INPUT, MAX_OUTPUT, PROGRAM_BASE};
use spec_interp::{Input, InputError, OutputError, Program};
use verifier::KeyError;
use verifier::shape::MAX_LOG_PROGRAM;

use crate::programs::{addi, program, write_output};
use crate::runs::{KEY, key};

fn error(program: spec_interp::Program) -> ProveError {
    match key(program).prove(&[], &mut |_, _| ()) {
        Ok(proof) => panic!("a proof of {:?}", proof.statement),
        Err(error) => error,
    }
}

#[test]
fn an_output_of_the_length_it_says_is_provable() {
    let run = key(write_output(8, 5, 16)).run(&[], Engine::default(), &mut |_, _| ()).map(|run| run.statement.output);
    assert_eq!(run.expect("it runs"), 5_u64.to_le_bytes());
}

#[test]
fn both_engines_give_the_same_run() {
    let key = key(write_output(8, 5, 16));
    let [aot, spec] = Engine::ALL.map(|engine| key.run(&[], engine, &mut |_, _| ()).expect("it runs"));
    assert_eq!(aot.statement, spec.statement);
    assert_eq!(aot.execution, spec.execution);
}

#[test]
fn a_fault() {
    // An illegal instruction, a load of what is not mapped, a run off the end.
    for code in [vec![0], vec![0x0000_3503, 0x73], vec![addi(10, 0, 0)]] {
        assert!(matches!(error(program(&code)), ProveError::Execution(ExecutionError::Fault(_))), "{code:x?}");
    }
}

#[test]
fn a_program_longer_than_a_table() {
    // `c.nop` at one address more than the program table has rows.
    let limit = 1 << MAX_LOG_PROGRAM;
    let code = 1_u16.to_le_bytes().repeat(limit + 1);
    let program = Program::from_code(PROGRAM_BASE, &code, &[]).expect("it fits the region");
    let error = ProvingKey::new(program).err();
    assert_eq!(error, Some(KeyError::ProgramTooLong { instructions: limit + 1, limit }));
}

#[test]
fn a_run_without_end() {
    let error = error(program(&[0x0000_006f]));
    assert!(matches!(error, ProveError::Execution(ExecutionError::TooLong { .. })), "{error}");
}

#[test]
fn an_input_longer_than_its_region() {
    let input = vec![0; MAX_INPUT as usize + 1];
    let error = KEY.prove(&input, &mut |_, _| ()).err();
    assert!(matches!(error, Some(ProveError::Input(InputError::TooLong { .. }))), "{error:?}");
    let region = vec![0; INPUT_SIZE as usize + 1];
    let error = KEY.prove(Input::Region(&region), &mut |_, _| ()).err();
    assert!(matches!(error, Some(ProveError::Input(InputError::BeyondRegion { .. }))), "{error:?}");
}

#[test]
fn an_output_that_is_not_one() {
    let [base, shift] = [addi(11, 0, 1), 31 << 20 | 11 << 15 | 1 << 12 | 11 << 7 | 0x13];
    let output = [
        addi(10, 0, 7),
        29 << 20 | 10 << 15 | 1 << 12 | 10 << 7 | 0x13,
        base,
        shift,
        11 << 20 | 10 << 15 | 3 << 12 | 0x23,
    ];
    let exit = [addi(10, 0, 0), addi(17, 0, 93), 0x73];
    let error = error(program(&[output.as_slice(), &exit].concat()));
    assert!(matches!(error, ProveError::Output(OutputError::TooLong { len }) if len > MAX_OUTPUT), "{error}");
}

#[test]
fn something_behind_the_output() {
    for (length, offset) in [(0, 16), (7, 24), (8, 24), (8, 2040)] {
        let error = error(write_output(length, 1, offset));
        assert!(matches!(error, ProveError::Output(OutputError::NonzeroTail { .. })), "{error}");
    }
    let error = error(write_output(8, 1, 8));
    assert!(matches!(error, ProveError::Output(OutputError::NonzeroHeader { .. })), "{error}");
}
