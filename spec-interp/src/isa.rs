//! The instruction set: one spelling, one family and one encoding for every operation.
//!
//! Encodings are those of the RISC-V Unprivileged ISA manual: chapter "RV32/64G Instruction Set Listings" for
//! I, M, A, Zicsr and Zifencei, chapter "B Extension for Bit Manipulation" for Zba, Zbb and Zbs. A compressed
//! instruction has no operation of its own: [`crate::decode`] yields the instruction that it expands to.

/// The unit in which the project speaks about instructions: a section of `exec.rs`, an emitter, a proof table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Family {
    /// Addition, subtraction and the upper immediates.
    Arith,
    /// Bitwise operations and bit counts.
    Logic,
    /// Shifts and rotations.
    Shift,
    /// Comparisons that write a register.
    Compare,
    /// Multiplication.
    Mul,
    /// Division and remainder.
    Div,
    /// Conditional branches.
    Branch,
    /// Jumps that link.
    Jump,
    /// Loads and stores.
    Memory,
    /// Atomics.
    Amo,
    /// Fences, environment calls and control registers.
    System,
}

impl Family {
    /// Every family, in the project's order.
    pub const ALL: [Self; 11] = [
        Self::Arith,
        Self::Logic,
        Self::Shift,
        Self::Compare,
        Self::Mul,
        Self::Div,
        Self::Branch,
        Self::Jump,
        Self::Memory,
        Self::Amo,
        Self::System,
    ];
}

/// The extension that defines an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ext {
    /// RV64I, the base.
    I,
    /// Multiplication and division.
    M,
    /// Atomics.
    A,
    /// Control and status registers.
    Zicsr,
    /// Instruction-fetch fence.
    Zifencei,
    /// Address generation.
    Zba,
    /// Basic bit manipulation.
    Zbb,
    /// Single bits.
    Zbs,
}

/// Where the operands of an instruction stand in its word, and how assembly writes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `rd, rs1, rs2`.
    R,
    /// `rd, rs1`; the rs2 field belongs to the opcode.
    Unary,
    /// `rd, rs1, imm`, 12 signed bits.
    I,
    /// `rd, imm(rs1)`: the I encoding, written as an address.
    Load,
    /// `rd, rs1, shamt`, 6 bits.
    Shamt6,
    /// `rd, rs1, shamt`, 5 bits (the W forms).
    Shamt5,
    /// `rs2, imm(rs1)`, 12 signed bits.
    S,
    /// `rs1, rs2, offset`, 13 signed bits, even.
    B,
    /// `rd, imm`, the upper 20 bits of a signed word.
    U,
    /// `rd, offset`, 21 signed bits, even.
    J,
    /// `rd, rs2, (rs1)`; the ordering bits are accepted and have no meaning on one hart.
    Amo,
    /// `rd, (rs1)`.
    LoadReserved,
    /// `rd, csr, rs1`.
    Csr,
    /// `rd, csr, uimm`.
    CsrImm,
    /// No operand with a meaning here; all fields are ignored, as the manual asks of simple implementations.
    Fence,
    /// No operand, every bit fixed.
    Bare,
}

/// An operation. Its row in [`ENCODINGS`] says which; families stand in the order of [`Family`].
#[allow(missing_docs)] // the row of the table is the documentation
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[rustfmt::skip]
pub enum Op {
    // arith
    Lui, Auipc, Add, Sub, Addi, Addw, Subw, Addiw, AddUw, Sh1add, Sh2add, Sh3add, Sh1addUw,
    Sh2addUw, Sh3addUw, SextB, SextH, ZextH,
    // logic
    And, Or, Xor, Andi, Ori, Xori, Andn, Orn, Xnor, Clz, Ctz, Cpop, Clzw, Ctzw, Cpopw, OrcB, Rev8,
    Bclr, Bext, Binv, Bset, Bclri, Bexti, Binvi, Bseti,
    // shift
    Sll, Srl, Sra, Slli, Srli, Srai, Sllw, Srlw, Sraw, Slliw, Srliw, Sraiw, SlliUw, Rol, Ror, Rori,
    Rolw, Rorw, Roriw,
    // compare
    Slt, Sltu, Slti, Sltiu, Min, Max, Minu, Maxu,
    // mul
    Mul, Mulh, Mulhsu, Mulhu, Mulw,
    // div
    Div, Divu, Rem, Remu, Divw, Divuw, Remw, Remuw,
    // branch
    Beq, Bne, Blt, Bge, Bltu, Bgeu,
    // jump
    Jal, Jalr,
    // memory
    Lb, Lh, Lw, Ld, Lbu, Lhu, Lwu, Sb, Sh, Sw, Sd,
    // amo
    LrW, ScW, AmoswapW, AmoaddW, AmoxorW, AmoandW, AmoorW, AmominW, AmomaxW, AmominuW, AmomaxuW,
    LrD, ScD, AmoswapD, AmoaddD, AmoxorD, AmoandD, AmoorD, AmominD, AmomaxD, AmominuD, AmomaxuD,
    // system
    Fence, FenceI, Ecall, Ebreak, Csrrw, Csrrs, Csrrc, Csrrwi, Csrrsi, Csrrci,
}

/// One row of the table: the word `w` is an instance of `op` iff `w & mask == value`.
#[derive(Clone, Copy, Debug)]
pub struct Encoding {
    /// The operation.
    pub op: Op,
    /// Its name in assembly.
    pub mnemonic: &'static str,
    /// Its family.
    pub family: Family,
    /// The extension that defines it.
    pub ext: Ext,
    /// Its operands.
    pub format: Format,
    /// The bits that belong to the opcode.
    pub mask: u32,
    /// What those bits are ("match" in the manual's tables).
    pub value: u32,
}

const fn row(
    op: Op,
    mnemonic: &'static str,
    family: Family,
    ext: Ext,
    format: Format,
    mask: u32,
    value: u32,
) -> Encoding {
    Encoding { op, mnemonic, family, ext, format, mask, value }
}

/// Every operation, in the order of [`Op`]: `ENCODINGS[op as usize].op == op`.
#[rustfmt::skip]
pub const ENCODINGS: [Encoding; 134] = [
    row(Op::Lui,        "lui",        Family::Arith,   Ext::I,        Format::U,            0x0000_007f, 0x0000_0037),
    row(Op::Auipc,      "auipc",      Family::Arith,   Ext::I,        Format::U,            0x0000_007f, 0x0000_0017),
    row(Op::Add,        "add",        Family::Arith,   Ext::I,        Format::R,            0xfe00_707f, 0x0000_0033),
    row(Op::Sub,        "sub",        Family::Arith,   Ext::I,        Format::R,            0xfe00_707f, 0x4000_0033),
    row(Op::Addi,       "addi",       Family::Arith,   Ext::I,        Format::I,            0x0000_707f, 0x0000_0013),
    row(Op::Addw,       "addw",       Family::Arith,   Ext::I,        Format::R,            0xfe00_707f, 0x0000_003b),
    row(Op::Subw,       "subw",       Family::Arith,   Ext::I,        Format::R,            0xfe00_707f, 0x4000_003b),
    row(Op::Addiw,      "addiw",      Family::Arith,   Ext::I,        Format::I,            0x0000_707f, 0x0000_001b),
    row(Op::AddUw,      "add.uw",     Family::Arith,   Ext::Zba,      Format::R,            0xfe00_707f, 0x0800_003b),
    row(Op::Sh1add,     "sh1add",     Family::Arith,   Ext::Zba,      Format::R,            0xfe00_707f, 0x2000_2033),
    row(Op::Sh2add,     "sh2add",     Family::Arith,   Ext::Zba,      Format::R,            0xfe00_707f, 0x2000_4033),
    row(Op::Sh3add,     "sh3add",     Family::Arith,   Ext::Zba,      Format::R,            0xfe00_707f, 0x2000_6033),
    row(Op::Sh1addUw,   "sh1add.uw",  Family::Arith,   Ext::Zba,      Format::R,            0xfe00_707f, 0x2000_203b),
    row(Op::Sh2addUw,   "sh2add.uw",  Family::Arith,   Ext::Zba,      Format::R,            0xfe00_707f, 0x2000_403b),
    row(Op::Sh3addUw,   "sh3add.uw",  Family::Arith,   Ext::Zba,      Format::R,            0xfe00_707f, 0x2000_603b),
    row(Op::SextB,      "sext.b",     Family::Arith,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x6040_1013),
    row(Op::SextH,      "sext.h",     Family::Arith,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x6050_1013),
    row(Op::ZextH,      "zext.h",     Family::Arith,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x0800_403b),
    row(Op::And,        "and",        Family::Logic,   Ext::I,        Format::R,            0xfe00_707f, 0x0000_7033),
    row(Op::Or,         "or",         Family::Logic,   Ext::I,        Format::R,            0xfe00_707f, 0x0000_6033),
    row(Op::Xor,        "xor",        Family::Logic,   Ext::I,        Format::R,            0xfe00_707f, 0x0000_4033),
    row(Op::Andi,       "andi",       Family::Logic,   Ext::I,        Format::I,            0x0000_707f, 0x0000_7013),
    row(Op::Ori,        "ori",        Family::Logic,   Ext::I,        Format::I,            0x0000_707f, 0x0000_6013),
    row(Op::Xori,       "xori",       Family::Logic,   Ext::I,        Format::I,            0x0000_707f, 0x0000_4013),
    row(Op::Andn,       "andn",       Family::Logic,   Ext::Zbb,      Format::R,            0xfe00_707f, 0x4000_7033),
    row(Op::Orn,        "orn",        Family::Logic,   Ext::Zbb,      Format::R,            0xfe00_707f, 0x4000_6033),
    row(Op::Xnor,       "xnor",       Family::Logic,   Ext::Zbb,      Format::R,            0xfe00_707f, 0x4000_4033),
    row(Op::Clz,        "clz",        Family::Logic,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x6000_1013),
    row(Op::Ctz,        "ctz",        Family::Logic,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x6010_1013),
    row(Op::Cpop,       "cpop",       Family::Logic,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x6020_1013),
    row(Op::Clzw,       "clzw",       Family::Logic,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x6000_101b),
    row(Op::Ctzw,       "ctzw",       Family::Logic,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x6010_101b),
    row(Op::Cpopw,      "cpopw",      Family::Logic,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x6020_101b),
    row(Op::OrcB,       "orc.b",      Family::Logic,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x2870_5013),
    row(Op::Rev8,       "rev8",       Family::Logic,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x6b80_5013),
    row(Op::Bclr,       "bclr",       Family::Logic,   Ext::Zbs,      Format::R,            0xfe00_707f, 0x4800_1033),
    row(Op::Bext,       "bext",       Family::Logic,   Ext::Zbs,      Format::R,            0xfe00_707f, 0x4800_5033),
    row(Op::Binv,       "binv",       Family::Logic,   Ext::Zbs,      Format::R,            0xfe00_707f, 0x6800_1033),
    row(Op::Bset,       "bset",       Family::Logic,   Ext::Zbs,      Format::R,            0xfe00_707f, 0x2800_1033),
    row(Op::Bclri,      "bclri",      Family::Logic,   Ext::Zbs,      Format::Shamt6,       0xfc00_707f, 0x4800_1013),
    row(Op::Bexti,      "bexti",      Family::Logic,   Ext::Zbs,      Format::Shamt6,       0xfc00_707f, 0x4800_5013),
    row(Op::Binvi,      "binvi",      Family::Logic,   Ext::Zbs,      Format::Shamt6,       0xfc00_707f, 0x6800_1013),
    row(Op::Bseti,      "bseti",      Family::Logic,   Ext::Zbs,      Format::Shamt6,       0xfc00_707f, 0x2800_1013),
    row(Op::Sll,        "sll",        Family::Shift,   Ext::I,        Format::R,            0xfe00_707f, 0x0000_1033),
    row(Op::Srl,        "srl",        Family::Shift,   Ext::I,        Format::R,            0xfe00_707f, 0x0000_5033),
    row(Op::Sra,        "sra",        Family::Shift,   Ext::I,        Format::R,            0xfe00_707f, 0x4000_5033),
    row(Op::Slli,       "slli",       Family::Shift,   Ext::I,        Format::Shamt6,       0xfc00_707f, 0x0000_1013),
    row(Op::Srli,       "srli",       Family::Shift,   Ext::I,        Format::Shamt6,       0xfc00_707f, 0x0000_5013),
    row(Op::Srai,       "srai",       Family::Shift,   Ext::I,        Format::Shamt6,       0xfc00_707f, 0x4000_5013),
    row(Op::Sllw,       "sllw",       Family::Shift,   Ext::I,        Format::R,            0xfe00_707f, 0x0000_103b),
    row(Op::Srlw,       "srlw",       Family::Shift,   Ext::I,        Format::R,            0xfe00_707f, 0x0000_503b),
    row(Op::Sraw,       "sraw",       Family::Shift,   Ext::I,        Format::R,            0xfe00_707f, 0x4000_503b),
    row(Op::Slliw,      "slliw",      Family::Shift,   Ext::I,        Format::Shamt5,       0xfe00_707f, 0x0000_101b),
    row(Op::Srliw,      "srliw",      Family::Shift,   Ext::I,        Format::Shamt5,       0xfe00_707f, 0x0000_501b),
    row(Op::Sraiw,      "sraiw",      Family::Shift,   Ext::I,        Format::Shamt5,       0xfe00_707f, 0x4000_501b),
    row(Op::SlliUw,     "slli.uw",    Family::Shift,   Ext::Zba,      Format::Shamt6,       0xfc00_707f, 0x0800_101b),
    row(Op::Rol,        "rol",        Family::Shift,   Ext::Zbb,      Format::R,            0xfe00_707f, 0x6000_1033),
    row(Op::Ror,        "ror",        Family::Shift,   Ext::Zbb,      Format::R,            0xfe00_707f, 0x6000_5033),
    row(Op::Rori,       "rori",       Family::Shift,   Ext::Zbb,      Format::Shamt6,       0xfc00_707f, 0x6000_5013),
    row(Op::Rolw,       "rolw",       Family::Shift,   Ext::Zbb,      Format::R,            0xfe00_707f, 0x6000_103b),
    row(Op::Rorw,       "rorw",       Family::Shift,   Ext::Zbb,      Format::R,            0xfe00_707f, 0x6000_503b),
    row(Op::Roriw,      "roriw",      Family::Shift,   Ext::Zbb,      Format::Shamt5,       0xfe00_707f, 0x6000_501b),
    row(Op::Slt,        "slt",        Family::Compare, Ext::I,        Format::R,            0xfe00_707f, 0x0000_2033),
    row(Op::Sltu,       "sltu",       Family::Compare, Ext::I,        Format::R,            0xfe00_707f, 0x0000_3033),
    row(Op::Slti,       "slti",       Family::Compare, Ext::I,        Format::I,            0x0000_707f, 0x0000_2013),
    row(Op::Sltiu,      "sltiu",      Family::Compare, Ext::I,        Format::I,            0x0000_707f, 0x0000_3013),
    row(Op::Min,        "min",        Family::Compare, Ext::Zbb,      Format::R,            0xfe00_707f, 0x0a00_4033),
    row(Op::Max,        "max",        Family::Compare, Ext::Zbb,      Format::R,            0xfe00_707f, 0x0a00_6033),
    row(Op::Minu,       "minu",       Family::Compare, Ext::Zbb,      Format::R,            0xfe00_707f, 0x0a00_5033),
    row(Op::Maxu,       "maxu",       Family::Compare, Ext::Zbb,      Format::R,            0xfe00_707f, 0x0a00_7033),
    row(Op::Mul,        "mul",        Family::Mul,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_0033),
    row(Op::Mulh,       "mulh",       Family::Mul,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_1033),
    row(Op::Mulhsu,     "mulhsu",     Family::Mul,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_2033),
    row(Op::Mulhu,      "mulhu",      Family::Mul,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_3033),
    row(Op::Mulw,       "mulw",       Family::Mul,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_003b),
    row(Op::Div,        "div",        Family::Div,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_4033),
    row(Op::Divu,       "divu",       Family::Div,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_5033),
    row(Op::Rem,        "rem",        Family::Div,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_6033),
    row(Op::Remu,       "remu",       Family::Div,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_7033),
    row(Op::Divw,       "divw",       Family::Div,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_403b),
    row(Op::Divuw,      "divuw",      Family::Div,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_503b),
    row(Op::Remw,       "remw",       Family::Div,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_603b),
    row(Op::Remuw,      "remuw",      Family::Div,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_703b),
    row(Op::Beq,        "beq",        Family::Branch,  Ext::I,        Format::B,            0x0000_707f, 0x0000_0063),
    row(Op::Bne,        "bne",        Family::Branch,  Ext::I,        Format::B,            0x0000_707f, 0x0000_1063),
    row(Op::Blt,        "blt",        Family::Branch,  Ext::I,        Format::B,            0x0000_707f, 0x0000_4063),
    row(Op::Bge,        "bge",        Family::Branch,  Ext::I,        Format::B,            0x0000_707f, 0x0000_5063),
    row(Op::Bltu,       "bltu",       Family::Branch,  Ext::I,        Format::B,            0x0000_707f, 0x0000_6063),
    row(Op::Bgeu,       "bgeu",       Family::Branch,  Ext::I,        Format::B,            0x0000_707f, 0x0000_7063),
    row(Op::Jal,        "jal",        Family::Jump,    Ext::I,        Format::J,            0x0000_007f, 0x0000_006f),
    row(Op::Jalr,       "jalr",       Family::Jump,    Ext::I,        Format::Load,         0x0000_707f, 0x0000_0067),
    row(Op::Lb,         "lb",         Family::Memory,  Ext::I,        Format::Load,         0x0000_707f, 0x0000_0003),
    row(Op::Lh,         "lh",         Family::Memory,  Ext::I,        Format::Load,         0x0000_707f, 0x0000_1003),
    row(Op::Lw,         "lw",         Family::Memory,  Ext::I,        Format::Load,         0x0000_707f, 0x0000_2003),
    row(Op::Ld,         "ld",         Family::Memory,  Ext::I,        Format::Load,         0x0000_707f, 0x0000_3003),
    row(Op::Lbu,        "lbu",        Family::Memory,  Ext::I,        Format::Load,         0x0000_707f, 0x0000_4003),
    row(Op::Lhu,        "lhu",        Family::Memory,  Ext::I,        Format::Load,         0x0000_707f, 0x0000_5003),
    row(Op::Lwu,        "lwu",        Family::Memory,  Ext::I,        Format::Load,         0x0000_707f, 0x0000_6003),
    row(Op::Sb,         "sb",         Family::Memory,  Ext::I,        Format::S,            0x0000_707f, 0x0000_0023),
    row(Op::Sh,         "sh",         Family::Memory,  Ext::I,        Format::S,            0x0000_707f, 0x0000_1023),
    row(Op::Sw,         "sw",         Family::Memory,  Ext::I,        Format::S,            0x0000_707f, 0x0000_2023),
    row(Op::Sd,         "sd",         Family::Memory,  Ext::I,        Format::S,            0x0000_707f, 0x0000_3023),
    row(Op::LrW,        "lr.w",       Family::Amo,     Ext::A,        Format::LoadReserved, 0xf9f0_707f, 0x1000_202f),
    row(Op::ScW,        "sc.w",       Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x1800_202f),
    row(Op::AmoswapW,   "amoswap.w",  Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x0800_202f),
    row(Op::AmoaddW,    "amoadd.w",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x0000_202f),
    row(Op::AmoxorW,    "amoxor.w",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x2000_202f),
    row(Op::AmoandW,    "amoand.w",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x6000_202f),
    row(Op::AmoorW,     "amoor.w",    Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x4000_202f),
    row(Op::AmominW,    "amomin.w",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x8000_202f),
    row(Op::AmomaxW,    "amomax.w",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0xa000_202f),
    row(Op::AmominuW,   "amominu.w",  Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0xc000_202f),
    row(Op::AmomaxuW,   "amomaxu.w",  Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0xe000_202f),
    row(Op::LrD,        "lr.d",       Family::Amo,     Ext::A,        Format::LoadReserved, 0xf9f0_707f, 0x1000_302f),
    row(Op::ScD,        "sc.d",       Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x1800_302f),
    row(Op::AmoswapD,   "amoswap.d",  Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x0800_302f),
    row(Op::AmoaddD,    "amoadd.d",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x0000_302f),
    row(Op::AmoxorD,    "amoxor.d",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x2000_302f),
    row(Op::AmoandD,    "amoand.d",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x6000_302f),
    row(Op::AmoorD,     "amoor.d",    Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x4000_302f),
    row(Op::AmominD,    "amomin.d",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x8000_302f),
    row(Op::AmomaxD,    "amomax.d",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0xa000_302f),
    row(Op::AmominuD,   "amominu.d",  Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0xc000_302f),
    row(Op::AmomaxuD,   "amomaxu.d",  Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0xe000_302f),
    row(Op::Fence,      "fence",      Family::System,  Ext::I,        Format::Fence,        0x0000_707f, 0x0000_000f),
    row(Op::FenceI,     "fence.i",    Family::System,  Ext::Zifencei, Format::Fence,        0x0000_707f, 0x0000_100f),
    row(Op::Ecall,      "ecall",      Family::System,  Ext::I,        Format::Bare,         0xffff_ffff, 0x0000_0073),
    row(Op::Ebreak,     "ebreak",     Family::System,  Ext::I,        Format::Bare,         0xffff_ffff, 0x0010_0073),
    row(Op::Csrrw,      "csrrw",      Family::System,  Ext::Zicsr,    Format::Csr,          0x0000_707f, 0x0000_1073),
    row(Op::Csrrs,      "csrrs",      Family::System,  Ext::Zicsr,    Format::Csr,          0x0000_707f, 0x0000_2073),
    row(Op::Csrrc,      "csrrc",      Family::System,  Ext::Zicsr,    Format::Csr,          0x0000_707f, 0x0000_3073),
    row(Op::Csrrwi,     "csrrwi",     Family::System,  Ext::Zicsr,    Format::CsrImm,       0x0000_707f, 0x0000_5073),
    row(Op::Csrrsi,     "csrrsi",     Family::System,  Ext::Zicsr,    Format::CsrImm,       0x0000_707f, 0x0000_6073),
    row(Op::Csrrci,     "csrrci",     Family::System,  Ext::Zicsr,    Format::CsrImm,       0x0000_707f, 0x0000_7073),
];

impl Op {
    /// Every operation, in order.
    pub const ALL: [Self; ENCODINGS.len()] = {
        let mut all = [Self::Lui; ENCODINGS.len()];
        let mut i = 0;
        while i < all.len() {
            all[i] = ENCODINGS[i].op;
            i += 1;
        }
        all
    };

    /// The row of this operation.
    #[must_use]
    pub const fn encoding(self) -> &'static Encoding {
        const TABLE: &[Encoding; ENCODINGS.len()] = &ENCODINGS;
        &TABLE[self as usize]
    }

    /// The name in assembly, with dots: `"add.uw"`.
    #[must_use]
    pub const fn mnemonic(self) -> &'static str {
        self.encoding().mnemonic
    }

    /// The family.
    #[must_use]
    pub const fn family(self) -> Family {
        self.encoding().family
    }

    /// Bytes of memory that the operation accesses, 1, 2, 4 or 8; none outside the families memory and amo.
    #[must_use]
    pub const fn access_width(self) -> Option<u64> {
        if !matches!(self.family(), Family::Memory | Family::Amo) {
            return None;
        }
        // funct3, of which the high bit of a load says that it extends by zeros (manual, "Load and Store Instructions").
        Some(1 << (self.encoding().value >> 12 & 3))
    }
}

impl core::fmt::Display for Op {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.mnemonic())
    }
}
