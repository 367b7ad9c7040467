//! Every pair of boundary operands through every operation on two registers, in all ways that rd can coincide with
//! a source; the results are the program's public output.

use spec_interp::map::{OUTPUT_BASE, RAM_BASE};
use spec_interp::{Op, Program};

use crate::asm::{Asm, Code, rv};
use crate::branch::BRANCHES;
use crate::operands::BOUNDARY;
use crate::reg_reg::REG_REG;
use crate::{Case, Expectation, amo};

/// The operations that have a [`boundary_program`]: all with two source registers but stores and atomics.
#[must_use]
pub fn boundary_ops() -> Vec<Op> {
    let branches = BRANCHES.iter().map(|row| row.op);
    REG_REG.iter().map(|row| row.op).chain(branches).collect()
}

/// A program that writes `op`'s results for all pairs of [`BOUNDARY`] to the output, with about 4,000 instructions
/// executed, 5,000 for a branch. `None` for operations not in [`boundary_ops`].
///
/// For each first operand: the results of `rd, rs1, rs2` apart, of rd = rs1, of rd = rs2, and what x0 holds after
/// being rd, for each second operand; then the result of rs1 = rs2. A branch gives 1 if it is taken, else 0.
#[must_use]
pub fn boundary_program(op: Op) -> Option<Program> {
    let mut asm = Asm::new();
    asm.ram = BOUNDARY.iter().flat_map(|value| value.to_le_bytes()).collect();
    let (first, second, end, output) = (8, 9, 18, 19);
    asm.li(first, RAM_BASE);
    asm.li(end, RAM_BASE + 8 * BOUNDARY.len() as u64);
    asm.li(output, OUTPUT_BASE);
    let code = &mut asm.code;
    let op = |code: &mut Code, rd, rs1, rs2| emit(op, code, rd, rs1, rs2);
    rv!(code; lui x5, 0x2000; addi x5, x5, 128; sd x5, [X(output)]; addi X(output), X(output), 16; outer:; ld x5, [X(first)]);
    rv!(code; lui X(second), 0x5000_0000; slli X(second), X(second), 1); // the start of RAM
    rv!(code; inner:; ld x6, [X(second)]);
    op(code, 7, 5, 6)?;
    rv!(code; sd x7, [X(output)]; addi x7, x5, 0);
    op(code, 7, 7, 6)?;
    rv!(code; sd x7, [X(output), 8]; addi x7, x6, 0);
    op(code, 7, 5, 7)?;
    rv!(code; sd x7, [X(output), 16]);
    op(code, 0, 5, 6)?;
    rv!(code; sd x0, [X(output), 24]; addi X(output), X(output), 32);
    rv!(code; addi X(second), X(second), 8; bne X(second), X(end), <inner);
    op(code, 7, 5, 5)?;
    rv!(code; sd x7, [X(output)]; addi X(output), X(output), 8);
    rv!(code; addi X(first), X(first), 8; bne X(first), X(end), <outer);
    Some(asm.finish())
}

/// What [`boundary_program`] must write: by the formulas, not by any engine.
#[must_use]
pub fn boundary_output(op: Op) -> Option<Vec<u8>> {
    let meaning = meaning(op)?;
    let mut words = Vec::new();
    for x in BOUNDARY {
        words.extend(BOUNDARY.iter().flat_map(|&y| [meaning(x, y), meaning(x, y), meaning(x, y), 0]));
        words.push(meaning(x, x));
    }
    Some(words.iter().flat_map(|word| word.to_le_bytes()).collect())
}

/// All boundary programs as cases, those of atomics included.
#[must_use]
pub fn boundary_cases() -> Vec<Case> {
    let case = |op: Op| {
        Some(Case {
            name: format!("boundary/{op}"),
            program: boundary_program(op)?,
            input: vec![],
            expect: Expectation::Exit(0),
            output: boundary_output(op)?,
        })
    };
    boundary_ops().into_iter().filter_map(case).chain(amo::boundary_cases()).collect()
}

/// Assembles the operation; a branch writes to rd whether it is taken.
fn emit(op: Op, code: &mut Code, rd: u8, rs1: u8, rs2: u8) -> Option<()> {
    if let Some(row) = REG_REG.iter().find(|row| row.op == op) {
        (row.emit)(code, rd, rs1, rs2);
        return Some(());
    }
    let row = BRANCHES.iter().find(|row| row.op == op)?;
    let (taken, join) = (code.new_dynamic_label(), code.new_dynamic_label());
    (row.emit)(code, rs1, rs2, taken);
    rv!(code; addi X(rd), x0, 0; j =>join; =>taken; addi X(rd), x0, 1; =>join);
    Some(())
}

fn meaning(op: Op) -> Option<Box<dyn Fn(u64, u64) -> u64>> {
    if let Some(row) = REG_REG.iter().find(|row| row.op == op) {
        return Some(Box::new(row.meaning));
    }
    let row = BRANCHES.iter().find(|row| row.op == op)?;
    Some(Box::new(|x, y| (row.taken)(x, y).into()))
}
