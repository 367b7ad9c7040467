//! A decoded instruction and its assembly text (manual, chapter "RISC-V Assembly Programmer's Handbook").

use core::fmt;

use crate::isa::{Format, Op};

/// A decoded instruction; 16 bytes, so that a program can be decoded once and kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Inst {
    /// The operation.
    pub op: Op,
    /// Destination register, 0 if none. `ecall` names its implicit one: a0 (10).
    pub rd: u8,
    /// First source register, 0 if none. `ecall` names its implicit one: a7 (17).
    pub rs1: u8,
    /// Second source register, 0 if none. `ecall` names its implicit one: a2 (12).
    pub rs2: u8,
    /// Length in bytes: 2 for a compressed instruction, otherwise 4.
    pub len: u8,
    /// The immediate, sign-extended; already shifted left by 12 in `lui` and `auipc`; a shift amount; the number of
    /// a CSR in its low 12 bits, and above them the 5-bit operand of the `csrr*i` forms.
    pub imm: i64,
}

impl Inst {
    /// The number of the control and status register of a `csrr*`.
    #[must_use]
    pub const fn csr(&self) -> u16 {
        self.imm as u16 & 0xfff
    }

    /// Whether it reads a counter and does nothing else (manual, chapters "Zicsr" and "Zicntr"): `rdcycle`, `rdinstret`
    /// and their other spellings. `csrrs` and `csrrc` write unless their source is x0, or 0 in the immediate forms.
    #[must_use]
    pub const fn reads_counter(&self) -> bool {
        let writes = match self.op {
            Op::Csrrs | Op::Csrrc => self.rs1 != 0,
            Op::Csrrsi | Op::Csrrci => self.imm >> 12 != 0,
            _ => true,
        };
        !writes && matches!(self.csr(), CSR_CYCLE | CSR_INSTRET)
    }
}

/// The counter of cycles, of which this machine takes one for each instruction.
pub const CSR_CYCLE: u16 = 0xc00;
/// The counter of retired instructions.
pub const CSR_INSTRET: u16 = 0xc02;

/// The names of the integer registers in the standard calling convention.
#[rustfmt::skip]
pub const REGISTER_NAMES: [&str; 32] = [
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
    "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
];

/// `.+8`, `.-4`: a target relative to the instruction, which does not know its own address.
struct Target(i64);

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        write!(f, ".{sign}{}", self.0.unsigned_abs())
    }
}

impl fmt::Display for Inst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |register: u8| REGISTER_NAMES[usize::from(register & 31)];
        let (rd, rs1, rs2, imm) = (name(self.rd), name(self.rs1), name(self.rs2), self.imm);
        let m = self.op.mnemonic();
        match self.op.encoding().format {
            Format::R => write!(f, "{m} {rd}, {rs1}, {rs2}"),
            Format::Unary => write!(f, "{m} {rd}, {rs1}"),
            Format::I | Format::Shamt6 | Format::Shamt5 => write!(f, "{m} {rd}, {rs1}, {imm}"),
            Format::Load => write!(f, "{m} {rd}, {imm}({rs1})"),
            Format::S => write!(f, "{m} {rs2}, {imm}({rs1})"),
            Format::B => write!(f, "{m} {rs1}, {rs2}, {}", Target(imm)),
            Format::U => write!(f, "{m} {rd}, {:#x}", (imm >> 12) & 0xf_ffff),
            Format::J => write!(f, "{m} {rd}, {}", Target(imm)),
            Format::Amo => write!(f, "{m} {rd}, {rs2}, ({rs1})"),
            Format::LoadReserved => write!(f, "{m} {rd}, ({rs1})"),
            Format::Csr => write!(f, "{m} {rd}, {imm:#x}, {rs1}"),
            Format::CsrImm => write!(f, "{m} {rd}, {:#x}, {}", imm & 0xfff, imm >> 12),
            Format::Fence | Format::Bare => f.write_str(m),
        }
    }
}

/// Reads the low `bits` bits as a signed number; higher ones are dropped.
pub(crate) fn sign_extend(value: u32, bits: u32) -> i64 {
    let unused = 64 - bits;
    (u64::from(value) << unused).cast_signed() >> unused
}
