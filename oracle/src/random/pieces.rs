//! The pieces of a random program: some instructions that are entered at their start only.
//!
//! Where oracles legitimately differ from this machine, pieces keep away: see README.md, "Where they may differ".

use std::iter;

use riscv_tests::encode::encode;
use spec_interp::isa::{Ext, Format};
use spec_interp::{Family, Inst, Op, decode};

use super::{Isa, LAST, POOL, POOL_WORDS, RAM, operand};
use crate::compress::Compressor;

/// Registers chosen half of the time, so that operations share them: those of compressed instructions, and some.
const FAVOURITES: [u8; 10] = [0, 1, 2, 8, 9, 10, 11, 12, 15, 28];
/// The most pieces that control goes over.
const OVER: usize = 6;
/// The ordering bits of an atomic.
const ORDERINGS: [u32; 4] = [0, 1 << 25, 1 << 26, 3 << 25];

const BRANCHES: [Op; 6] = [Op::Beq, Op::Bne, Op::Blt, Op::Bge, Op::Bltu, Op::Bgeu];
const LOADS: [(Op, i64); 7] =
    [(Op::Lb, 1), (Op::Lbu, 1), (Op::Lh, 2), (Op::Lhu, 2), (Op::Lw, 4), (Op::Lwu, 4), (Op::Ld, 8)];
const STORES: [(Op, i64); 4] = [(Op::Sb, 1), (Op::Sh, 2), (Op::Sw, 4), (Op::Sd, 8)];

/// Bit manipulation more often, since few oracles have it.
fn weighted(op: Op) -> impl Iterator<Item = Op> {
    iter::repeat_n(op, if matches!(op.encoding().ext, Ext::Zba | Ext::Zbb | Ext::Zbs) { 3 } else { 1 })
}

/// Makes pieces.
pub struct Generator {
    rng: fastrand::Rng,
    compressor: Compressor,
    /// Operations that compute.
    compute: Vec<Op>,
    /// Halfwords that compute and spare the registers that are kept.
    halves: Vec<u16>,
    /// Atomics that read and write.
    amo: Vec<Op>,
}

impl Generator {
    /// The generator of a seed.
    pub fn new(seed: u64, isa: Isa) -> Self {
        let computes = |half: &u16| {
            let inst = decode(u32::from(*half)).filter(|inst| inst.len == 2);
            inst.is_some_and(|inst| inst.op.family() <= Family::Div && inst.rd <= LAST)
        };
        let reserves = [Op::LrW, Op::LrD, Op::ScW, Op::ScD];
        Self {
            rng: fastrand::Rng::with_seed(seed),
            compressor: Compressor::new(),
            compute: isa.ops().filter(|op| op.family() <= Family::Div).flat_map(weighted).collect(),
            halves: (0..=u16::MAX).filter(computes).collect(),
            amo: isa.ops().filter(|op| op.family() == Family::Amo && !reserves.contains(op)).collect(),
        }
    }

    /// So many operands, as bytes.
    pub fn words(&mut self, count: usize) -> Vec<u8> {
        (0..count).flat_map(|_| operand(&mut self.rng).to_le_bytes()).collect()
    }

    /// A piece; `behind` are those behind it, the nearest last.
    pub fn piece(&mut self, behind: &[Vec<u8>]) -> Vec<u8> {
        match self.rng.u8(0..32) {
            0..16 => self.computation(),
            16..19 => self.choose(&self.halves.clone()).to_le_bytes().to_vec(),
            19..25 => self.access(),
            25..28 => self.jump(behind),
            28 | 29 => self.atomic(),
            30 => self.reservation(),
            _ => self.fence(),
        }
    }

    fn choose<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.rng.usize(..items.len())]
    }

    /// A register that is read.
    fn source(&mut self) -> u8 {
        if self.rng.bool() { self.choose(&FAVOURITES) } else { self.rng.u8(0..=31) }
    }

    /// A register that is written.
    fn target(&mut self) -> u8 {
        if self.rng.bool() { self.choose(&FAVOURITES) } else { self.rng.u8(0..=LAST) }
    }

    /// A register for an address: one that compressed instructions can use, half of the time.
    fn base(&mut self) -> u8 {
        if self.rng.bool() { self.choose(&[2, 8, 9, 10, 11, 12, 13, 14, 15]) } else { self.rng.u8(1..=LAST) }
    }

    /// Appends an instruction, compressed half of the time if it can be.
    fn push(&mut self, code: &mut Vec<u8>, (op, rd, rs1, rs2, imm): (Op, u8, u8, u8, i64)) {
        let half = self.compressor.compress(&Inst { op, rd, rs1, rs2, imm, len: 2 });
        match half.filter(|_| self.rng.bool()) {
            Some(half) => code.extend(half.to_le_bytes()),
            None => code.extend(encode(op, rd, rs1, rs2, imm).to_le_bytes()),
        }
    }

    /// One operation, before which an operand may be reloaded.
    fn computation(&mut self) -> Vec<u8> {
        let op = self.choose(&self.compute.clone());
        let (rd, rs2) = (self.target(), self.source());
        let rs1 = if self.rng.u8(0..4) == 0 { rd } else { self.source() };
        let mut code = Vec::new();
        for register in [rs1, rs2] {
            if (1..=LAST).contains(&register) && self.rng.u8(0..3) == 0 {
                let offset = self.pool_offset();
                self.push(&mut code, (Op::Ld, register, POOL, 0, offset));
            }
        }
        // With sign-extended words QEMU is right: see `known`.
        if op == Op::Ctzw && (1..=LAST).contains(&rs1) {
            self.push(&mut code, (Op::Addiw, rs1, rs1, 0, 0));
        }
        let imm = self.immediate(op.encoding().format);
        let (rs1, rs2) = match op.encoding().format {
            Format::U => (0, 0),
            Format::R => (rs1, rs2),
            _ => (rs1, 0),
        };
        self.push(&mut code, (op, rd, rs1, rs2, imm));
        code
    }

    fn pool_offset(&mut self) -> i64 {
        8 * (self.rng.usize(..POOL_WORDS) as i64 - POOL_WORDS as i64 / 2)
    }

    /// An immediate of a computation: small, at an edge, or any.
    fn immediate(&mut self, format: Format) -> i64 {
        match format {
            Format::I => match self.rng.u8(0..4) {
                0 | 1 => self.rng.i64(-32..32),
                2 => self.choose(&[-2048, -2047, -1, 0, 1, 2046, 2047, 255, -256]),
                _ => self.rng.i64(-2048..2048),
            },
            Format::Shamt6 => self.rng.i64(0..64),
            Format::Shamt5 => self.rng.i64(0..32),
            Format::U if self.rng.bool() => self.rng.i64(-32..32) << 12,
            Format::U => i64::from(self.rng.i32(..) >> 12 << 12),
            _ => 0,
        }
    }

    /// A load or store of RAM, or a load from the pool or from the code; at any alignment.
    fn access(&mut self) -> Vec<u8> {
        let place = self.rng.u8(0..8);
        let stores = place < 6 && self.rng.bool();
        let (op, width) = self.choose(if stores { &STORES } else { LOADS.as_slice() });
        let (rd, rs2) = if stores { (0, self.source()) } else { (self.target(), 0) };
        let any = self.rng.i64(-2048..2048);
        let base = self.base();
        let mut code = Vec::new();
        match place {
            0 => self.push(&mut code, (op, rd, RAM, rs2, any)),
            1..4 => {
                let near = width * self.rng.i64(0..64);
                self.push(&mut code, (Op::Addi, base, RAM, 0, any));
                self.push(&mut code, (op, rd, base, rs2, near));
                if stores {
                    let rd = self.target();
                    self.push(&mut code, (Op::Ld, rd, base, 0, near));
                }
            }
            4 | 5 => {
                let index = self.source();
                self.push(&mut code, (Op::Andi, base, index, 0, 0x7ff));
                self.push(&mut code, (Op::Add, base, base, RAM, 0));
                self.push(&mut code, (op, rd, base, rs2, any));
            }
            // The last bytes of the pool are followed by code, so a load may cross its end.
            6 => self.push(&mut code, (op, rd, POOL, rs2, any)),
            _ => {
                self.push(&mut code, (Op::Auipc, base, 0, 0, 0));
                self.push(&mut code, (op, rd, base, rs2, any / 2));
            }
        }
        code
    }

    /// A branch, a jump, or a jump to an address in a register, over some pieces.
    fn jump(&mut self, behind: &[Vec<u8>]) -> Vec<u8> {
        let over = self.rng.usize(..=OVER);
        let distance: usize = behind.iter().rev().take(over).map(Vec::len).sum();
        let distance = distance as i64;
        let (op, rd, rs1, rs2) = match self.rng.u8(0..8) {
            0..3 => (self.choose(&BRANCHES), 0, self.source(), self.source()),
            3 | 4 => (self.choose(&[Op::Beq, Op::Bne]), 0, self.rng.u8(8..16), 0),
            5 => (Op::Jal, 0, 0, 0),
            6 => (Op::Jal, self.target(), 0, 0),
            _ => return self.jump_to_register(distance),
        };
        let half = self.compressor.compress(&Inst { op, rd, rs1, rs2, imm: 2 + distance, len: 2 });
        half.map_or_else(
            || encode(op, rd, rs1, rs2, 4 + distance).to_le_bytes().to_vec(),
            |half| half.to_le_bytes().to_vec(),
        )
    }

    fn jump_to_register(&mut self, distance: i64) -> Vec<u8> {
        let base = self.rng.u8(1..=LAST);
        let pc = encode(Op::Auipc, base, 0, 0, 0).to_le_bytes();
        let link = self.rng.u8(0..2);
        let half = self.compressor.compress(&Inst { op: Op::Jalr, rd: link, rs1: base, rs2: 0, imm: 0, len: 2 });
        if let Some(half) = half.filter(|_| self.rng.bool()) {
            let add = encode(Op::Addi, base, base, 0, distance + 10).to_le_bytes();
            return [pc.as_slice(), &add, &half.to_le_bytes()].concat();
        }
        // The lowest bit of a target is cleared.
        let odd = self.rng.i64(0..2);
        let jump = encode(Op::Jalr, self.target(), base, 0, distance + 8 + odd).to_le_bytes();
        [pc, jump].concat()
    }

    /// Makes a register point to a multiple of the operation's width in RAM, and may load rs2 with a new operand;
    /// returns the register, its offset from [`RAM`], and rs2.
    fn atomic_operands(&mut self, code: &mut Vec<u8>, double: bool) -> (u8, i64, u8) {
        let width = if double { 8 } else { 4 };
        let (base, offset) = (self.rng.u8(1..=LAST), width * self.rng.i64(-8..8));
        let rs2 = self.source();
        if (1..=LAST).contains(&rs2) && self.rng.bool() {
            let place = self.pool_offset();
            self.push(code, (Op::Ld, rs2, POOL, 0, place));
        }
        self.push(code, (Op::Addi, base, RAM, 0, offset));
        (base, offset, rs2)
    }

    /// Loads what was written at an offset from [`RAM`], half of the time.
    fn load_back(&mut self, code: &mut Vec<u8>, offset: i64) {
        if self.rng.bool() {
            let rd = self.target();
            self.push(code, (Op::Ld, rd, RAM, 0, offset));
        }
    }

    fn push_atomic(&mut self, code: &mut Vec<u8>, op: Op, rd: u8, base: u8, rs2: u8) {
        let word = encode(op, rd, base, rs2, 0) | self.choose(&ORDERINGS);
        code.extend(word.to_le_bytes());
    }

    /// An atomic that reads and writes.
    fn atomic(&mut self) -> Vec<u8> {
        let mut code = Vec::new();
        let op = self.choose(&self.amo.clone());
        let (base, offset, rs2) = self.atomic_operands(&mut code, op >= Op::LrD);
        let rd = self.target();
        self.push_atomic(&mut code, op, rd, base, rs2);
        self.load_back(&mut code, offset);
        code
    }

    /// A load-reserved and a store-conditional, or too few or too many of them. None leaves a reservation behind.
    fn reservation(&mut self) -> Vec<u8> {
        let double = self.rng.bool();
        let (lr, sc) = if double { (Op::LrD, Op::ScD) } else { (Op::LrW, Op::ScW) };
        let mut code = Vec::new();
        let (base, offset, rs2) = self.atomic_operands(&mut code, double);
        // Any register but the base, which is still needed.
        let other = |register: u8| if register == base { 0 } else { register };
        let case = self.rng.u8(0..8);
        if case != 0 {
            let rd = other(self.target());
            self.push_atomic(&mut code, lr, rd, base, 0);
        }
        match case {
            // Elsewhere: fails.
            1 => self.push(&mut code, (Op::Addi, base, base, 0, 8)),
            // A store elsewhere does not matter.
            2 | 3 => self.push(&mut code, (Op::Sd, 0, RAM, rs2, 0x100)),
            // Another reservation replaces the first.
            4 => {
                let rd = other(self.target());
                self.push(&mut code, (Op::Addi, base, base, 0, 8));
                self.push_atomic(&mut code, lr, rd, base, 0);
            }
            _ => {}
        }
        // The second one fails.
        let count = if case == 5 { 2 } else { 1 };
        for left in (0..count).rev() {
            let rd = self.target();
            self.push_atomic(&mut code, sc, if left > 0 { other(rd) } else { rd }, base, rs2);
        }
        self.load_back(&mut code, offset);
        code
    }

    /// A fence, whose fields are ignored.
    fn fence(&mut self) -> Vec<u8> {
        let op = self.choose(&[Op::Fence, Op::FenceI]);
        let fields = self.rng.u32(..) & !op.encoding().mask;
        (op.encoding().value | fields).to_le_bytes().to_vec()
    }
}
