//! The forms of compressed instructions, for people: how assembly writes each and what it expands to.
//!
//! The decoder does not read this table; a test compares the two on every halfword.

use crate::isa::Op;

/// A form: the halfword `h` is written so iff `h & mask == value` and no form before it fits.
#[derive(Clone, Copy, Debug)]
pub struct CompressedForm {
    /// Its name in assembly.
    pub mnemonic: &'static str,
    /// Its operands; primed registers are x8 to x15.
    pub operands: &'static str,
    /// The bits that belong to the opcode.
    pub mask: u16,
    /// What those bits are.
    pub value: u16,
    /// The operation that it expands to.
    pub op: Op,
    /// What it expands to, as assembly writes it.
    pub expansion: &'static str,
    /// What is reserved among its encodings, and so illegal; empty if nothing is.
    pub reserved: &'static str,
}

const fn form(
    mnemonic: &'static str,
    operands: &'static str,
    mask: u16,
    value: u16,
    op: Op,
    expansion: &'static str,
    reserved: &'static str,
) -> CompressedForm {
    CompressedForm { mnemonic, operands, mask, value, op, expansion, reserved }
}

/// Every form of RV64C but those of floating point, which are illegal here; special cases before general ones.
#[rustfmt::skip]
pub const COMPRESSED: [CompressedForm; 33] = [
    form("c.addi4spn", "rd', imm",      0xe003, 0x0000, Op::Addi,   "addi rd', sp, imm",    "imm = 0"),
    form("c.lw",       "rd', imm(rs1')", 0xe003, 0x4000, Op::Lw,    "lw rd', imm(rs1')",    ""),
    form("c.ld",       "rd', imm(rs1')", 0xe003, 0x6000, Op::Ld,    "ld rd', imm(rs1')",    ""),
    form("c.sw",       "rs2', imm(rs1')", 0xe003, 0xc000, Op::Sw,   "sw rs2', imm(rs1')",   ""),
    form("c.sd",       "rs2', imm(rs1')", 0xe003, 0xe000, Op::Sd,   "sd rs2', imm(rs1')",   ""),
    form("c.nop",      "imm",           0xef83, 0x0001, Op::Addi,   "addi zero, zero, imm", ""),
    form("c.addi",     "rd, imm",       0xe003, 0x0001, Op::Addi,   "addi rd, rd, imm",     ""),
    form("c.addiw",    "rd, imm",       0xe003, 0x2001, Op::Addiw,  "addiw rd, rd, imm",    "rd = x0"),
    form("c.li",       "rd, imm",       0xe003, 0x4001, Op::Addi,   "addi rd, zero, imm",   ""),
    form("c.addi16sp", "imm",           0xef83, 0x6101, Op::Addi,   "addi sp, sp, imm",     "imm = 0"),
    form("c.lui",      "rd, imm",       0xe003, 0x6001, Op::Lui,    "lui rd, imm",          "imm = 0"),
    form("c.srli",     "rd', shamt",    0xec03, 0x8001, Op::Srli,   "srli rd', rd', shamt", ""),
    form("c.srai",     "rd', shamt",    0xec03, 0x8401, Op::Srai,   "srai rd', rd', shamt", ""),
    form("c.andi",     "rd', imm",      0xec03, 0x8801, Op::Andi,   "andi rd', rd', imm",   ""),
    form("c.sub",      "rd', rs2'",     0xfc63, 0x8c01, Op::Sub,    "sub rd', rd', rs2'",   ""),
    form("c.xor",      "rd', rs2'",     0xfc63, 0x8c21, Op::Xor,    "xor rd', rd', rs2'",   ""),
    form("c.or",       "rd', rs2'",     0xfc63, 0x8c41, Op::Or,     "or rd', rd', rs2'",    ""),
    form("c.and",      "rd', rs2'",     0xfc63, 0x8c61, Op::And,    "and rd', rd', rs2'",   ""),
    form("c.subw",     "rd', rs2'",     0xfc63, 0x9c01, Op::Subw,   "subw rd', rd', rs2'",  ""),
    form("c.addw",     "rd', rs2'",     0xfc63, 0x9c21, Op::Addw,   "addw rd', rd', rs2'",  ""),
    form("c.j",        "offset",        0xe003, 0xa001, Op::Jal,    "jal zero, offset",     ""),
    form("c.beqz",     "rs1', offset",  0xe003, 0xc001, Op::Beq,    "beq rs1', zero, offset", ""),
    form("c.bnez",     "rs1', offset",  0xe003, 0xe001, Op::Bne,    "bne rs1', zero, offset", ""),
    form("c.slli",     "rd, shamt",     0xe003, 0x0002, Op::Slli,   "slli rd, rd, shamt",   ""),
    form("c.lwsp",     "rd, imm(sp)",   0xe003, 0x4002, Op::Lw,     "lw rd, imm(sp)",       "rd = x0"),
    form("c.ldsp",     "rd, imm(sp)",   0xe003, 0x6002, Op::Ld,     "ld rd, imm(sp)",       "rd = x0"),
    form("c.jr",       "rs1",           0xf07f, 0x8002, Op::Jalr,   "jalr zero, 0(rs1)",    "rs1 = x0"),
    form("c.mv",       "rd, rs2",       0xf003, 0x8002, Op::Add,    "add rd, zero, rs2",    ""),
    form("c.ebreak",   "",              0xffff, 0x9002, Op::Ebreak, "ebreak",               ""),
    form("c.jalr",     "rs1",           0xf07f, 0x9002, Op::Jalr,   "jalr ra, 0(rs1)",      ""),
    form("c.add",      "rd, rs2",       0xf003, 0x9002, Op::Add,    "add rd, rd, rs2",      ""),
    form("c.swsp",     "rs2, imm(sp)",  0xe003, 0xc002, Op::Sw,     "sw rs2, imm(sp)",      ""),
    form("c.sdsp",     "rs2, imm(sp)",  0xe003, 0xe002, Op::Sd,     "sd rs2, imm(sp)",      ""),
];

impl CompressedForm {
    /// The form of a halfword, whether it is reserved or not.
    #[must_use]
    pub fn of(half: u16) -> Option<&'static Self> {
        COMPRESSED.iter().find(|form| half & form.mask == form.value)
    }
}
