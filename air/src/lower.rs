//! Lowering: every instruction of a program as the operation of one table.
//!
//! Lowering removes what the constraints then need not know: x0 as a destination becomes the sink register, `lui` and
//! `auipc` add a constant to x0, fences add nothing to nothing, branch and jump targets are halfword indices.

use spec_interp::chunk::Classes;
use spec_interp::isa::Ext;
use spec_interp::map::PROGRAM_BASE;
use spec_interp::{CSR_CYCLE, Inst, Op, Program};

use crate::kind::Kind;
use crate::layout::{SINK, pc_index};
use crate::rom::{Rom, RomRow};

impl Rom {
    /// Lowers a program. Instructions that always fault have no rows.
    pub fn new(program: &Program) -> Self {
        Self::from_rows(program.code().iter().filter_map(|(pc, inst)| lower(*pc, inst)).collect())
    }
}

/// The row of an instruction at an address, or none if executing it is always a fault.
pub fn lower(pc: u64, inst: &Inst) -> Option<RomRow> {
    let (table, flag) = table_of(inst.op)?;
    let next = i64::from(pc_index(pc)) + i64::from(inst.len / 2);
    let target = i64::from(pc_index(pc)) + (inst.imm >> 1);
    let rd = if inst.rd == 0 { SINK } else { u32::from(inst.rd) };
    let row = RomRow {
        pc: pc_index(pc),
        next_pc: next,
        table,
        flag,
        immediate: false,
        rd,
        rs1: u32::from(inst.rs1),
        rs2: u32::from(inst.rs2),
        w: [0; 4],
    };
    Some(match inst.op {
        Op::Lui | Op::Addi | Op::Addiw | Op::Andi | Op::Ori | Op::Xori => with_immediate(row, inst.imm),
        Op::Slti | Op::Sltiu | Op::Bclri | Op::Bexti | Op::Binvi | Op::Bseti => with_immediate(row, inst.imm),
        Op::Auipc => with_immediate(row, inst.imm.wrapping_add(pc as i64)),
        Op::ZextH => with_immediate(row, 0xffff),
        Op::AddUw => RomRow { w: [1, 0, 0, 0], ..row },
        Op::Sh1add | Op::Sh1addUw => RomRow { w: [2, 0, 0, 0], ..row },
        Op::Sh2add | Op::Sh2addUw => RomRow { w: [4, 0, 0, 0], ..row },
        Op::Sh3add | Op::Sh3addUw => RomRow { w: [8, 0, 0, 0], ..row },
        Op::Fence | Op::FenceI => with_immediate(RomRow { rd: SINK, rs1: 0, rs2: 0, ..row }, 0),
        Op::Slli => RomRow { rs2: 0, w: long_shift(inst.imm, inst.imm % 16), ..row },
        Op::Srli | Op::Srai => RomRow { rs2: 0, w: long_shift(inst.imm, 16 - inst.imm % 16), ..row },
        // By 0 bits `srliw` sign-extends like `sraiw`; lowered to that, it never has a negative result.
        Op::Srliw if inst.imm == 0 => RomRow { flag: number_of(Op::Sraiw), rs2: 0, w: word_shift(0), ..row },
        Op::Slliw | Op::Srliw | Op::Sraiw => RomRow { rs2: 0, w: word_shift(inst.imm), ..row },
        // What `slli.uw` counts as zero is shifted out by 32 or more anyway.
        Op::SlliUw if inst.imm >= 32 => {
            RomRow { flag: number_of(Op::Slli), rs2: 0, w: long_shift(inst.imm, inst.imm % 16), ..row }
        }
        Op::SlliUw => RomRow { rs2: 0, w: long_rotation(inst.imm), ..row },
        Op::Rori => RomRow { rs2: 0, w: long_rotation((64 - inst.imm) % 64), ..row },
        Op::Roriw => RomRow { rs2: 0, w: word_shift((32 - inst.imm) % 32), ..row },
        Op::Beq | Op::Bne | Op::Blt | Op::Bge | Op::Bltu | Op::Bgeu => RomRow { rd: 0, w: [target, 0, 0, 0], ..row },
        Op::Jal => RomRow { next_pc: target, w: link(pc, inst), ..row },
        Op::Jalr => {
            let [low, high, ..] = link(pc, inst);
            RomRow { next_pc: 0, w: [low, high, inst.imm, 0], ..row }
        }
        Op::Lb | Op::Lbu | Op::Lh | Op::Lhu | Op::Lw | Op::Lwu | Op::Ld => RomRow { w: [inst.imm, 0, 0, 0], ..row },
        Op::Sb | Op::Sh | Op::Sw | Op::Sd => RomRow { rd: row.rs2, rs2: 0, w: [inst.imm, 0, 0, 0], ..row },
        Op::Csrrs | Op::Csrrc | Op::Csrrsi | Op::Csrrci if inst.reads_counter() => RomRow { rs1: 0, rs2: 0, ..row },
        Op::Csrrs | Op::Csrrc | Op::Csrrsi | Op::Csrrci => return None,
        _ => row,
    })
}

/// The operations that a program row of this number stands for: several where lowering makes one of them.
pub fn ops_of(number: u32) -> impl Iterator<Item = Op> {
    let inst = |op: Op| match op.encoding().ext {
        Ext::Zicsr => Inst { op, rd: 1, rs1: 0, rs2: 0, imm: CSR_CYCLE.into(), len: 4 },
        _ => Inst { op, rd: 1, rs1: 1, rs2: 1, imm: 1, len: 4 },
    };
    let stands_for = move |op: &Op| lower(PROGRAM_BASE, &inst(*op)).is_some_and(|row| row.operation() == number);
    Op::ALL.iter().copied().filter(stands_for)
}

/// Each operation's table and number there, as the tables' files list them. An error of the compiler here names an
/// operation that they list twice, or that may retire and is in no list.
const TABLES: [Option<(Kind, u8)>; Op::ALL.len()] = {
    let mut tables = [None; Op::ALL.len()];
    let mut k = 0;
    while k < Kind::ALL.len() {
        let ops = Kind::ALL[k].ops();
        let mut number = 0;
        while number < ops.len() {
            let mut i = 0;
            while i < ops[number].len() {
                let op = ops[number][i];
                assert!(tables[op as usize].is_none(), "{}", op.mnemonic()); // in OPS twice
                tables[op as usize] = Some((Kind::ALL[k], number as u8));
                i += 1;
            }
            number += 1;
        }
        k += 1;
    }
    let mut i = 0;
    while i < Op::ALL.len() {
        let op = Op::ALL[i];
        let always_faults = matches!(op, Op::Ebreak | Op::Csrrw | Op::Csrrwi);
        assert!(tables[op as usize].is_none() == always_faults, "{}", op.mnemonic()); // in no OPS, or faults
        i += 1;
    }
    tables
};

/// The table of an operation and its number there; none for operations that always fault.
pub const fn table_of(op: Op) -> Option<(Kind, u8)> {
    TABLES[op as usize]
}

/// The number of an operation in its table.
///
/// # Panics
/// If it has none.
fn number_of(op: Op) -> u8 {
    table_of(op).expect("an operation with a table").1
}

/// The instruction table of each operation, by its number: what a chunk counts its instructions by. A load or store counts
/// at this table also where it is misaligned; operations without a table never retire.
pub const CLASSES: Classes = {
    let mut classes = [0; Op::ALL.len()];
    let mut i = 0;
    while i < classes.len() {
        if let Some((kind, _)) = table_of(Op::ALL[i]) {
            assert!((kind as usize) < spec_interp::chunk::CLASSES); // chunks count no more tables
            classes[Op::ALL[i] as usize] = kind as u8;
        }
        i += 1;
    }
    classes
};

fn with_immediate(row: RomRow, imm: i64) -> RomRow {
    let w = core::array::from_fn(|i| (imm >> (16 * i)) & 0xffff);
    RomRow { immediate: true, rs2: 0, w, ..row }
}

/// The address behind a jump as two limbs: what it links.
fn link(pc: u64, inst: &Inst) -> [i64; 4] {
    let link = (pc + u64::from(inst.len)) as i64;
    [link & 0xffff, link >> 16, 0, 0]
}

/// How a 64-bit shift by a constant cuts limbs, `high` bits below their top, and moves them: `(low_bound, high_bound,
/// one, two)` with `low_bound * high_bound = 2^16` the bounds of the parts, `one` set iff the shift moves by one whole
/// limb or none, and `two` iff by two or none.
const fn long_shift(amount: i64, high: i64) -> [i64; 4] {
    let whole = amount / 16;
    [1 << (16 - high), 1 << high, (whole <= 1) as i64, (whole % 2 == 0) as i64]
}

/// The same of a 64-bit rotation to the left, which says otherwise how it moves limbs: `one` is 1 iff by one and -1 iff
/// by three, which is back by one; `two` is 1 iff by two.
const fn long_rotation(amount: i64) -> [i64; 4] {
    let (one, two) = match amount / 16 {
        0 => (0, 0),
        1 => (1, 0),
        2 => (0, 1),
        _ => (-1, 0),
    };
    [1 << (16 - amount % 16), 1 << (amount % 16), one, two]
}

/// How a 32-bit shift by a constant cuts limbs: `(stay, cross, whole)` with `stay * cross = 2^16` the bounds of the
/// bits that stay in their limb and of those that cross into its neighbour, and `whole` 1 iff the shift is by 16 or
/// more.
const fn word_shift(amount: i64) -> [i64; 4] {
    let within = amount % 16;
    [1 << (16 - within), 1 << within, amount / 16, 0]
}
