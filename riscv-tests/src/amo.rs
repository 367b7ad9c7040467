//! Atomics that read, compute and write: both halves of a doubleword, all orderings, all coincidences of registers.

use spec_interp::map::{OUTPUT_BASE, RAM_BASE};
use spec_interp::{Op, Program};

use crate::asm::{Asm, Code, FREE, rv};
use crate::memory::{expect_word, loaded};
use crate::number::{bitwise, register, signed, unsigned};
use crate::operands::BOUNDARY;
use crate::{Case, Expectation};

/// Assembles an atomic with rd, rs2, rs1.
pub(crate) type Emit = fn(&mut Code, u8, u8, u8);

/// One atomic.
pub(crate) struct Amo {
    pub op: Op,
    pub width: usize,
    /// Plain, acquire, release, both.
    pub emit: [Emit; 4],
    /// What it leaves in memory, of the old value and rs2: for a W form both are sign-extended words, and the result's
    /// lower word counts.
    meaning: fn(u64, u64) -> u64,
}

/// The same text with each suffix of an ordering.
macro_rules! orderings {
    ($($name:ident).+) => {
        [
            |code, d, t, s| rv!(code; $($name).+ X(d), X(t), [X(s)]),
            |code, d, t, s| rv!(code; $($name).+.aq X(d), X(t), [X(s)]),
            |code, d, t, s| rv!(code; $($name).+.rl X(d), X(t), [X(s)]),
            |code, d, t, s| rv!(code; $($name).+.aqrl X(d), X(t), [X(s)]),
        ]
    };
}
pub(crate) use orderings;

macro_rules! rows {
    ($($word:expr, $double:expr, $name:ident, $meaning:expr;)+) => {
        [$(
            Amo { op: $word, width: 4, emit: orderings!($name.w), meaning: $meaning },
            Amo { op: $double, width: 8, emit: orderings!($name.d), meaning: $meaning },
        )+]
    };
}

/// Every one.
pub(crate) const AMOS: [Amo; 18] = rows! {
    Op::AmoswapW, Op::AmoswapD, amoswap, |_, y| y;
    Op::AmoaddW, Op::AmoaddD, amoadd, |x, y| register(signed(x) + signed(y));
    Op::AmoxorW, Op::AmoxorD, amoxor, |x, y| bitwise(x, y, |a, b| (a + b) % 2);
    Op::AmoandW, Op::AmoandD, amoand, |x, y| bitwise(x, y, |a, b| a * b);
    Op::AmoorW, Op::AmoorD, amoor, |x, y| bitwise(x, y, |a, b| a + b - a * b);
    Op::AmominW, Op::AmominD, amomin, |x, y| if signed(x) < signed(y) { x } else { y };
    Op::AmomaxW, Op::AmomaxD, amomax, |x, y| if signed(x) < signed(y) { y } else { x };
    Op::AmominuW, Op::AmominuD, amominu, |x, y| if unsigned(x) < unsigned(y) { x } else { y };
    Op::AmomaxuW, Op::AmomaxuD, amomaxu, |x, y| if unsigned(x) < unsigned(y) { y } else { x };
};

impl Amo {
    /// What rd and the doubleword hold after: of the doubleword before, the place within it, and rs2.
    fn after(&self, double: u64, place: usize, y: u64) -> (u64, u64) {
        let mut bytes = double.to_le_bytes();
        let part = &mut bytes[place..place + self.width];
        let old = loaded(part, true);
        let new = (self.meaning)(old, loaded(&y.to_le_bytes()[..self.width], true));
        part.copy_from_slice(&new.to_le_bytes()[..self.width]);
        (old, loaded(&bytes, true))
    }
}

pub(crate) fn cases() -> Vec<Case> {
    AMOS.iter().map(|row| Case::passing(format!("amo/{}", row.op), program(row))).collect()
}

/// Doublewords at the edges of pages of several sizes, of limbs of addresses, and of regions.
pub(crate) const DOUBLES: [u64; 8] = [
    RAM_BASE,
    RAM_BASE + 0xf8,
    RAM_BASE + 0x100,
    RAM_BASE + 0xfff8,
    RAM_BASE + 0x1_0000,
    OUTPUT_BASE - 8,
    OUTPUT_BASE,
    OUTPUT_BASE + 0xf8,
];

/// The (rd, rs1, rs2) of every way in which the three can coincide, and x0 as each but the address.
const ALIASES: [[u8; 3]; 8] =
    [[10, 10, 11], [11, 10, 11], [12, 10, 10], [10, 10, 10], [0, 10, 11], [12, 10, 0], [0, 10, 0], [0, 10, 10]];

fn program(row: &Amo) -> Program {
    let mut asm = Asm::new();
    for i in 0..32 {
        let registers = [FREE[i % 28], FREE[(i + 9) % 28], FREE[(i + 17) % 28]];
        let (x, y) = (BOUNDARY[i % 16], BOUNDARY[(i * 7 + i / 16 + 3) % 16]);
        check(&mut asm, row, i, registers, x, y);
    }
    for (i, registers) in ALIASES.into_iter().enumerate() {
        // Two doublewords whose halves differ in sign and size, so that the wrong half shows.
        check(&mut asm, row, i, registers, 0x8000_0001_7fff_fffe, 3);
        check(&mut asm, row, i + 13, registers, 0x0123_4567_89ab_cdef, u64::MAX - 4);
    }
    asm.finish()
}

/// One check; its number picks the ordering, the doubleword and the half.
fn check(asm: &mut Asm, row: &Amo, i: usize, [rd, rs1, rs2]: [u8; 3], x: u64, y: u64) {
    let double = DOUBLES[i % 8];
    let place = if (i / 16 + i) % 2 == 1 { 8 - row.width } else { 0 };
    asm.begin();
    write_word(asm, double, x);
    let addr = double + place as u64;
    asm.li(rs2, y);
    asm.li(rs1, addr);
    (row.emit[(i / 8 + i) % 4])(&mut asm.code, rd, rs2, rs1);
    let y = match rs2 {
        0 => 0,
        _ if rs2 == rs1 => addr,
        _ => y,
    };
    let (old, after) = row.after(x, place, y);
    asm.expect(rd, if rd == 0 { 0 } else { old });
    for (register, value) in [(rs1, addr), (rs2, y)] {
        if register != rd {
            asm.expect(register, value);
        }
    }
    expect_word(asm, double, &after.to_le_bytes());
    if double >= OUTPUT_BASE {
        write_word(asm, double, 0);
    }
}

/// Puts a doubleword into memory.
pub(crate) fn write_word(asm: &mut Asm, addr: u64, value: u64) {
    asm.li(30, addr);
    asm.li(31, value);
    let code = &mut asm.code;
    rv!(code; sd x31, [x30]);
}

/// Where in its doubleword each of the four variants of a boundary program works.
fn places(row: &Amo) -> [usize; 4] {
    if row.width == 8 { [0; 4] } else { [0, 4, 4, 0] }
}

/// Every pair of [`BOUNDARY`], as contents of a doubleword and as rs2, with rd apart, rd = rs1, rd = rs2 and rd = x0,
/// each with another ordering; about 5,500 instructions executed. Each works in the output, in the doubleword before
/// the one that keeps what rd holds after.
pub(crate) fn boundary_cases() -> Vec<Case> {
    let case = |row: &Amo| Case {
        name: format!("boundary/{}", row.op),
        program: boundary_program(row),
        input: vec![],
        expect: Expectation::Exit(0),
        output: boundary_output(row),
    };
    AMOS.iter().map(case).collect()
}

fn boundary_program(row: &Amo) -> Program {
    let mut asm = Asm::new();
    asm.ram = BOUNDARY.iter().flat_map(|value| value.to_le_bytes()).collect();
    let (first, second, end, cell) = (8, 9, 18, 19);
    let places = places(row).map(|place| place as i32);
    asm.li(first, RAM_BASE);
    asm.li(end, RAM_BASE + 8 * BOUNDARY.len() as u64);
    asm.li(cell, OUTPUT_BASE);
    let code = &mut asm.code;
    rv!(code; lui x5, 0x4000; sd x5, [X(cell)]; addi X(cell), X(cell), 16 + places[0]; outer:; ld x5, [X(first)]);
    rv!(code; lui X(second), 0x5000_0000; slli X(second), X(second), 1); // the start of RAM
    rv!(code; inner:; ld x6, [X(second)]);
    for (i, place) in places.into_iter().enumerate() {
        rv!(code; sd x5, [X(cell), -place]);
        let rd = if i == 3 { 0 } else { 7 };
        let emit = row.emit[i];
        match i {
            1 => {
                rv!(code; addi x7, X(cell), 0);
                emit(code, rd, 6, 7);
            }
            2 => {
                rv!(code; addi x7, x6, 0);
                emit(code, rd, 7, cell);
            }
            _ => emit(code, rd, 6, cell),
        }
        rv!(code; sd X(rd), [X(cell), 8 - place]; addi X(cell), X(cell), 16 + places[(i + 1) % 4] - place);
    }
    rv!(code; addi X(second), X(second), 8; bne X(second), X(end), <inner);
    rv!(code; addi X(first), X(first), 8; bne X(first), X(end), <outer);
    asm.finish()
}

fn boundary_output(row: &Amo) -> Vec<u8> {
    let mut words = Vec::new();
    for (x, y) in BOUNDARY.into_iter().flat_map(|x| BOUNDARY.map(|y| (x, y))) {
        for (i, place) in places(row).into_iter().enumerate() {
            let (rd, after) = row.after(x, place, y);
            words.extend([after, if i == 3 { 0 } else { rd }]);
        }
    }
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}
