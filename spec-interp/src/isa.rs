//! The instruction set: one spelling, one family, one encoding and one line of meaning for every operation.
//!
//! Encodings are those of the RISC-V Unprivileged ISA manual: chapter "RV32/64G Instruction Set Listings" for
//! I, M, A, Zicsr and Zifencei, chapter "B Extension for Bit Manipulation" for Zba, Zbb and Zbs. A compressed
//! instruction has no operation of its own: [`crate::decode`] yields the instruction that it expands to.

pub use crate::encoding::{Ext, Family, Format};

/// What there is to say of an operation beside its execution: a word `w` is an instance of `op` iff `w & mask == value`.
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
    /// What it does, in a line for people: `sext32` and `zext32` extend the low 32 bits, `m8` to `m64` are bytes of memory,
    /// `<s` and `<u` compare signed and unsigned. What it does on the machine is in [`crate::exec`].
    pub meaning: &'static str,
}

/// Makes the operations and their table of the list below.
macro_rules! ops {
    ($(
        Op::$op:ident, $mnemonic:literal, $family:expr, $ext:expr, $format:expr, $mask:literal, $value:literal,
        $meaning:literal;
    )*) => {
        /// An operation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Op {
            $( #[doc = concat!("`", $mnemonic, "`: `", $meaning, "`")] $op, )*
        }

        impl Op {
            /// Every operation, in order.
            pub const ALL: [Self; [$( $mnemonic, )*].len()] = [$( Self::$op, )*];
        }

        /// Every operation, in the order of [`Op`]: `ENCODINGS[op as usize].op == op`.
        pub const ENCODINGS: [Encoding; Op::ALL.len()] = [$( Encoding {
            op: Op::$op,
            mnemonic: $mnemonic,
            family: $family,
            ext: $ext,
            format: $format,
            mask: $mask,
            value: $value,
            meaning: $meaning,
        }, )*];
    };
}

// Families in the order of [`Family`]. A line for the encoding and one for the meaning.
ops! {
    // arith
    Op::Lui,        "lui",        Family::Arith,   Ext::I,        Format::U,            0x0000_007f, 0x0000_0037,
        "rd = imm, whose low 12 bits are zero";
    Op::Auipc,      "auipc",      Family::Arith,   Ext::I,        Format::U,            0x0000_007f, 0x0000_0017,
        "rd = pc + imm, the low 12 bits of imm being zero";
    Op::Add,        "add",        Family::Arith,   Ext::I,        Format::R,            0xfe00_707f, 0x0000_0033,
        "rd = rs1 + rs2 modulo 2^64";
    Op::Sub,        "sub",        Family::Arith,   Ext::I,        Format::R,            0xfe00_707f, 0x4000_0033,
        "rd = rs1 - rs2 modulo 2^64";
    Op::Addi,       "addi",       Family::Arith,   Ext::I,        Format::I,            0x0000_707f, 0x0000_0013,
        "rd = rs1 + imm modulo 2^64";
    Op::Addw,       "addw",       Family::Arith,   Ext::I,        Format::R,            0xfe00_707f, 0x0000_003b,
        "rd = sext32(rs1 + rs2)";
    Op::Subw,       "subw",       Family::Arith,   Ext::I,        Format::R,            0xfe00_707f, 0x4000_003b,
        "rd = sext32(rs1 - rs2)";
    Op::Addiw,      "addiw",      Family::Arith,   Ext::I,        Format::I,            0x0000_707f, 0x0000_001b,
        "rd = sext32(rs1 + imm)";
    Op::AddUw,      "add.uw",     Family::Arith,   Ext::Zba,      Format::R,            0xfe00_707f, 0x0800_003b,
        "rd = zext32(rs1) + rs2";
    Op::Sh1add,     "sh1add",     Family::Arith,   Ext::Zba,      Format::R,            0xfe00_707f, 0x2000_2033,
        "rd = (rs1 << 1) + rs2";
    Op::Sh2add,     "sh2add",     Family::Arith,   Ext::Zba,      Format::R,            0xfe00_707f, 0x2000_4033,
        "rd = (rs1 << 2) + rs2";
    Op::Sh3add,     "sh3add",     Family::Arith,   Ext::Zba,      Format::R,            0xfe00_707f, 0x2000_6033,
        "rd = (rs1 << 3) + rs2";
    Op::Sh1addUw,   "sh1add.uw",  Family::Arith,   Ext::Zba,      Format::R,            0xfe00_707f, 0x2000_203b,
        "rd = (zext32(rs1) << 1) + rs2";
    Op::Sh2addUw,   "sh2add.uw",  Family::Arith,   Ext::Zba,      Format::R,            0xfe00_707f, 0x2000_403b,
        "rd = (zext32(rs1) << 2) + rs2";
    Op::Sh3addUw,   "sh3add.uw",  Family::Arith,   Ext::Zba,      Format::R,            0xfe00_707f, 0x2000_603b,
        "rd = (zext32(rs1) << 3) + rs2";
    Op::SextB,      "sext.b",     Family::Arith,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x6040_1013,
        "rd = the low byte of rs1, sign-extended";
    Op::SextH,      "sext.h",     Family::Arith,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x6050_1013,
        "rd = the low 16 bits of rs1, sign-extended";
    Op::ZextH,      "zext.h",     Family::Arith,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x0800_403b,
        "rd = the low 16 bits of rs1, zero-extended";
    // logic
    Op::And,        "and",        Family::Logic,   Ext::I,        Format::R,            0xfe00_707f, 0x0000_7033,
        "rd = rs1 & rs2";
    Op::Or,         "or",         Family::Logic,   Ext::I,        Format::R,            0xfe00_707f, 0x0000_6033,
        "rd = rs1 | rs2";
    Op::Xor,        "xor",        Family::Logic,   Ext::I,        Format::R,            0xfe00_707f, 0x0000_4033,
        "rd = rs1 ^ rs2";
    Op::Andi,       "andi",       Family::Logic,   Ext::I,        Format::I,            0x0000_707f, 0x0000_7013,
        "rd = rs1 & imm";
    Op::Ori,        "ori",        Family::Logic,   Ext::I,        Format::I,            0x0000_707f, 0x0000_6013,
        "rd = rs1 | imm";
    Op::Xori,       "xori",       Family::Logic,   Ext::I,        Format::I,            0x0000_707f, 0x0000_4013,
        "rd = rs1 ^ imm";
    Op::Andn,       "andn",       Family::Logic,   Ext::Zbb,      Format::R,            0xfe00_707f, 0x4000_7033,
        "rd = rs1 & ~rs2";
    Op::Orn,        "orn",        Family::Logic,   Ext::Zbb,      Format::R,            0xfe00_707f, 0x4000_6033,
        "rd = rs1 | ~rs2";
    Op::Xnor,       "xnor",       Family::Logic,   Ext::Zbb,      Format::R,            0xfe00_707f, 0x4000_4033,
        "rd = ~(rs1 ^ rs2)";
    Op::Clz,        "clz",        Family::Logic,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x6000_1013,
        "rd = the number of zeros above the highest one of rs1; 64 if rs1 is 0";
    Op::Ctz,        "ctz",        Family::Logic,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x6010_1013,
        "rd = the number of zeros below the lowest one of rs1; 64 if rs1 is 0";
    Op::Cpop,       "cpop",       Family::Logic,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x6020_1013,
        "rd = the number of ones in rs1";
    Op::Clzw,       "clzw",       Family::Logic,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x6000_101b,
        "rd = the number of zeros above the highest one of rs1's low 32 bits; 32 if they are 0";
    Op::Ctzw,       "ctzw",       Family::Logic,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x6010_101b,
        "rd = the number of zeros below the lowest one of rs1's low 32 bits; 32 if they are 0";
    Op::Cpopw,      "cpopw",      Family::Logic,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x6020_101b,
        "rd = the number of ones in the low 32 bits of rs1";
    Op::OrcB,       "orc.b",      Family::Logic,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x2870_5013,
        "rd = rs1 with every byte that is not zero replaced by 0xff";
    Op::Rev8,       "rev8",       Family::Logic,   Ext::Zbb,      Format::Unary,        0xfff0_707f, 0x6b80_5013,
        "rd = the bytes of rs1 in reverse order";
    Op::Bclr,       "bclr",       Family::Logic,   Ext::Zbs,      Format::R,            0xfe00_707f, 0x4800_1033,
        "rd = rs1 & ~(1 << (rs2 & 63))";
    Op::Bext,       "bext",       Family::Logic,   Ext::Zbs,      Format::R,            0xfe00_707f, 0x4800_5033,
        "rd = (rs1 >> (rs2 & 63)) & 1";
    Op::Binv,       "binv",       Family::Logic,   Ext::Zbs,      Format::R,            0xfe00_707f, 0x6800_1033,
        "rd = rs1 ^ (1 << (rs2 & 63))";
    Op::Bset,       "bset",       Family::Logic,   Ext::Zbs,      Format::R,            0xfe00_707f, 0x2800_1033,
        "rd = rs1 | (1 << (rs2 & 63))";
    Op::Bclri,      "bclri",      Family::Logic,   Ext::Zbs,      Format::Shamt6,       0xfc00_707f, 0x4800_1013,
        "rd = rs1 & ~(1 << shamt)";
    Op::Bexti,      "bexti",      Family::Logic,   Ext::Zbs,      Format::Shamt6,       0xfc00_707f, 0x4800_5013,
        "rd = (rs1 >> shamt) & 1";
    Op::Binvi,      "binvi",      Family::Logic,   Ext::Zbs,      Format::Shamt6,       0xfc00_707f, 0x6800_1013,
        "rd = rs1 ^ (1 << shamt)";
    Op::Bseti,      "bseti",      Family::Logic,   Ext::Zbs,      Format::Shamt6,       0xfc00_707f, 0x2800_1013,
        "rd = rs1 | (1 << shamt)";
    // shift
    Op::Sll,        "sll",        Family::Shift,   Ext::I,        Format::R,            0xfe00_707f, 0x0000_1033,
        "rd = rs1 << (rs2 & 63)";
    Op::Srl,        "srl",        Family::Shift,   Ext::I,        Format::R,            0xfe00_707f, 0x0000_5033,
        "rd = rs1 >> (rs2 & 63), zeros coming in";
    Op::Sra,        "sra",        Family::Shift,   Ext::I,        Format::R,            0xfe00_707f, 0x4000_5033,
        "rd = rs1 >> (rs2 & 63), copies of the sign coming in";
    Op::Slli,       "slli",       Family::Shift,   Ext::I,        Format::Shamt6,       0xfc00_707f, 0x0000_1013,
        "rd = rs1 << shamt";
    Op::Srli,       "srli",       Family::Shift,   Ext::I,        Format::Shamt6,       0xfc00_707f, 0x0000_5013,
        "rd = rs1 >> shamt, zeros coming in";
    Op::Srai,       "srai",       Family::Shift,   Ext::I,        Format::Shamt6,       0xfc00_707f, 0x4000_5013,
        "rd = rs1 >> shamt, copies of the sign coming in";
    Op::Sllw,       "sllw",       Family::Shift,   Ext::I,        Format::R,            0xfe00_707f, 0x0000_103b,
        "rd = sext32(rs1 << (rs2 & 31))";
    Op::Srlw,       "srlw",       Family::Shift,   Ext::I,        Format::R,            0xfe00_707f, 0x0000_503b,
        "rd = sext32(zext32(rs1) >> (rs2 & 31))";
    Op::Sraw,       "sraw",       Family::Shift,   Ext::I,        Format::R,            0xfe00_707f, 0x4000_503b,
        "rd = sext32(rs1) >> (rs2 & 31), copies of the sign coming in";
    Op::Slliw,      "slliw",      Family::Shift,   Ext::I,        Format::Shamt5,       0xfe00_707f, 0x0000_101b,
        "rd = sext32(rs1 << shamt)";
    Op::Srliw,      "srliw",      Family::Shift,   Ext::I,        Format::Shamt5,       0xfe00_707f, 0x0000_501b,
        "rd = sext32(zext32(rs1) >> shamt)";
    Op::Sraiw,      "sraiw",      Family::Shift,   Ext::I,        Format::Shamt5,       0xfe00_707f, 0x4000_501b,
        "rd = sext32(rs1) >> shamt, copies of the sign coming in";
    Op::SlliUw,     "slli.uw",    Family::Shift,   Ext::Zba,      Format::Shamt6,       0xfc00_707f, 0x0800_101b,
        "rd = zext32(rs1) << shamt";
    Op::Rol,        "rol",        Family::Shift,   Ext::Zbb,      Format::R,            0xfe00_707f, 0x6000_1033,
        "rd = rs1 rotated left by rs2 & 63";
    Op::Ror,        "ror",        Family::Shift,   Ext::Zbb,      Format::R,            0xfe00_707f, 0x6000_5033,
        "rd = rs1 rotated right by rs2 & 63";
    Op::Rori,       "rori",       Family::Shift,   Ext::Zbb,      Format::Shamt6,       0xfc00_707f, 0x6000_5013,
        "rd = rs1 rotated right by shamt";
    Op::Rolw,       "rolw",       Family::Shift,   Ext::Zbb,      Format::R,            0xfe00_707f, 0x6000_103b,
        "rd = sext32 of the low 32 bits of rs1 rotated left by rs2 & 31";
    Op::Rorw,       "rorw",       Family::Shift,   Ext::Zbb,      Format::R,            0xfe00_707f, 0x6000_503b,
        "rd = sext32 of the low 32 bits of rs1 rotated right by rs2 & 31";
    Op::Roriw,      "roriw",      Family::Shift,   Ext::Zbb,      Format::Shamt5,       0xfe00_707f, 0x6000_501b,
        "rd = sext32 of the low 32 bits of rs1 rotated right by shamt";
    // compare
    Op::Slt,        "slt",        Family::Compare, Ext::I,        Format::R,            0xfe00_707f, 0x0000_2033,
        "rd = 1 if rs1 <s rs2, else 0";
    Op::Sltu,       "sltu",       Family::Compare, Ext::I,        Format::R,            0xfe00_707f, 0x0000_3033,
        "rd = 1 if rs1 <u rs2, else 0";
    Op::Slti,       "slti",       Family::Compare, Ext::I,        Format::I,            0x0000_707f, 0x0000_2013,
        "rd = 1 if rs1 <s imm, else 0";
    Op::Sltiu,      "sltiu",      Family::Compare, Ext::I,        Format::I,            0x0000_707f, 0x0000_3013,
        "rd = 1 if rs1 <u imm, else 0";
    Op::Min,        "min",        Family::Compare, Ext::Zbb,      Format::R,            0xfe00_707f, 0x0a00_4033,
        "rd = the smaller of rs1 and rs2, signed";
    Op::Max,        "max",        Family::Compare, Ext::Zbb,      Format::R,            0xfe00_707f, 0x0a00_6033,
        "rd = the larger of rs1 and rs2, signed";
    Op::Minu,       "minu",       Family::Compare, Ext::Zbb,      Format::R,            0xfe00_707f, 0x0a00_5033,
        "rd = the smaller of rs1 and rs2, unsigned";
    Op::Maxu,       "maxu",       Family::Compare, Ext::Zbb,      Format::R,            0xfe00_707f, 0x0a00_7033,
        "rd = the larger of rs1 and rs2, unsigned";
    // mul
    Op::Mul,        "mul",        Family::Mul,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_0033,
        "rd = the low 64 bits of rs1 * rs2";
    Op::Mulh,       "mulh",       Family::Mul,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_1033,
        "rd = the high 64 bits of rs1 * rs2, both signed";
    Op::Mulhsu,     "mulhsu",     Family::Mul,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_2033,
        "rd = the high 64 bits of rs1 * rs2, rs1 signed and rs2 unsigned";
    Op::Mulhu,      "mulhu",      Family::Mul,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_3033,
        "rd = the high 64 bits of rs1 * rs2, both unsigned";
    Op::Mulw,       "mulw",       Family::Mul,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_003b,
        "rd = sext32(rs1 * rs2)";
    // div
    Op::Div,        "div",        Family::Div,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_4033,
        "rd = rs1 / rs2 signed, rounded towards zero; -1 if rs2 is 0; -2^63 / -1 is -2^63";
    Op::Divu,       "divu",       Family::Div,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_5033,
        "rd = rs1 / rs2 unsigned, rounded down; 2^64 - 1 if rs2 is 0";
    Op::Rem,        "rem",        Family::Div,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_6033,
        "rd = the signed remainder of rs1 / rs2, with the sign of rs1; rs1 if rs2 is 0; 0 for -2^63 / -1";
    Op::Remu,       "remu",       Family::Div,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_7033,
        "rd = the unsigned remainder of rs1 / rs2; rs1 if rs2 is 0";
    Op::Divw,       "divw",       Family::Div,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_403b,
        "rd = sext32 of the quotient of the low 32 bits, signed; -1 if the divisor is 0; -2^31 / -1 is -2^31";
    Op::Divuw,      "divuw",      Family::Div,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_503b,
        "rd = sext32 of the quotient of the low 32 bits, unsigned; 2^64 - 1 if the divisor is 0";
    Op::Remw,       "remw",       Family::Div,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_603b,
        "rd = sext32 of the remainder of the low 32 bits, signed; sext32(rs1) if the divisor is 0; 0 for -2^31 / -1";
    Op::Remuw,      "remuw",      Family::Div,     Ext::M,        Format::R,            0xfe00_707f, 0x0200_703b,
        "rd = sext32 of the remainder of the low 32 bits, unsigned; sext32(rs1) if the divisor is 0";
    // branch
    Op::Beq,        "beq",        Family::Branch,  Ext::I,        Format::B,            0x0000_707f, 0x0000_0063,
        "if rs1 == rs2, go to pc + offset";
    Op::Bne,        "bne",        Family::Branch,  Ext::I,        Format::B,            0x0000_707f, 0x0000_1063,
        "if rs1 != rs2, go to pc + offset";
    Op::Blt,        "blt",        Family::Branch,  Ext::I,        Format::B,            0x0000_707f, 0x0000_4063,
        "if rs1 <s rs2, go to pc + offset";
    Op::Bge,        "bge",        Family::Branch,  Ext::I,        Format::B,            0x0000_707f, 0x0000_5063,
        "if rs1 >=s rs2, go to pc + offset";
    Op::Bltu,       "bltu",       Family::Branch,  Ext::I,        Format::B,            0x0000_707f, 0x0000_6063,
        "if rs1 <u rs2, go to pc + offset";
    Op::Bgeu,       "bgeu",       Family::Branch,  Ext::I,        Format::B,            0x0000_707f, 0x0000_7063,
        "if rs1 >=u rs2, go to pc + offset";
    // jump
    Op::Jal,        "jal",        Family::Jump,    Ext::I,        Format::J,            0x0000_007f, 0x0000_006f,
        "rd = the address behind this instruction; go to pc + offset";
    Op::Jalr,       "jalr",       Family::Jump,    Ext::I,        Format::Load,         0x0000_707f, 0x0000_0067,
        "rd = the address behind this instruction; go to (rs1 + imm) & ~1, rs1 read before rd is written";
    // memory
    Op::Lb,         "lb",         Family::Memory,  Ext::I,        Format::Load,         0x0000_707f, 0x0000_0003,
        "rd = m8[rs1 + imm], sign-extended";
    Op::Lh,         "lh",         Family::Memory,  Ext::I,        Format::Load,         0x0000_707f, 0x0000_1003,
        "rd = m16[rs1 + imm], sign-extended";
    Op::Lw,         "lw",         Family::Memory,  Ext::I,        Format::Load,         0x0000_707f, 0x0000_2003,
        "rd = m32[rs1 + imm], sign-extended";
    Op::Ld,         "ld",         Family::Memory,  Ext::I,        Format::Load,         0x0000_707f, 0x0000_3003,
        "rd = m64[rs1 + imm]";
    Op::Lbu,        "lbu",        Family::Memory,  Ext::I,        Format::Load,         0x0000_707f, 0x0000_4003,
        "rd = m8[rs1 + imm], zero-extended";
    Op::Lhu,        "lhu",        Family::Memory,  Ext::I,        Format::Load,         0x0000_707f, 0x0000_5003,
        "rd = m16[rs1 + imm], zero-extended";
    Op::Lwu,        "lwu",        Family::Memory,  Ext::I,        Format::Load,         0x0000_707f, 0x0000_6003,
        "rd = m32[rs1 + imm], zero-extended";
    Op::Sb,         "sb",         Family::Memory,  Ext::I,        Format::S,            0x0000_707f, 0x0000_0023,
        "m8[rs1 + imm] = the low byte of rs2";
    Op::Sh,         "sh",         Family::Memory,  Ext::I,        Format::S,            0x0000_707f, 0x0000_1023,
        "m16[rs1 + imm] = the low 16 bits of rs2";
    Op::Sw,         "sw",         Family::Memory,  Ext::I,        Format::S,            0x0000_707f, 0x0000_2023,
        "m32[rs1 + imm] = the low 32 bits of rs2";
    Op::Sd,         "sd",         Family::Memory,  Ext::I,        Format::S,            0x0000_707f, 0x0000_3023,
        "m64[rs1 + imm] = rs2";
    // amo
    Op::LrW,        "lr.w",       Family::Amo,     Ext::A,        Format::LoadReserved, 0xf9f0_707f, 0x1000_202f,
        "rd = m32[rs1], sign-extended; reserves these four bytes and no others";
    Op::ScW,        "sc.w",       Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x1800_202f,
        "if these four bytes are reserved, m32[rs1] = the low 32 bits of rs2 and rd = 0, else rd = 1; ends any reservation";
    Op::AmoswapW,   "amoswap.w",  Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x0800_202f,
        "rd = m32[rs1], sign-extended; m32[rs1] = rs2";
    Op::AmoaddW,    "amoadd.w",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x0000_202f,
        "rd = m32[rs1], sign-extended; m32[rs1] = rd + rs2";
    Op::AmoxorW,    "amoxor.w",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x2000_202f,
        "rd = m32[rs1], sign-extended; m32[rs1] = rd ^ rs2";
    Op::AmoandW,    "amoand.w",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x6000_202f,
        "rd = m32[rs1], sign-extended; m32[rs1] = rd & rs2";
    Op::AmoorW,     "amoor.w",    Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x4000_202f,
        "rd = m32[rs1], sign-extended; m32[rs1] = rd | rs2";
    Op::AmominW,    "amomin.w",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x8000_202f,
        "rd = m32[rs1], sign-extended; m32[rs1] = the smaller of it and the low 32 bits of rs2, signed";
    Op::AmomaxW,    "amomax.w",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0xa000_202f,
        "rd = m32[rs1], sign-extended; m32[rs1] = the larger of it and the low 32 bits of rs2, signed";
    Op::AmominuW,   "amominu.w",  Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0xc000_202f,
        "rd = m32[rs1], sign-extended; m32[rs1] = the smaller of it and the low 32 bits of rs2, unsigned";
    Op::AmomaxuW,   "amomaxu.w",  Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0xe000_202f,
        "rd = m32[rs1], sign-extended; m32[rs1] = the larger of it and the low 32 bits of rs2, unsigned";
    Op::LrD,        "lr.d",       Family::Amo,     Ext::A,        Format::LoadReserved, 0xf9f0_707f, 0x1000_302f,
        "rd = m64[rs1]; reserves these eight bytes and no others";
    Op::ScD,        "sc.d",       Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x1800_302f,
        "if these eight bytes are reserved, m64[rs1] = rs2 and rd = 0, else rd = 1; ends any reservation";
    Op::AmoswapD,   "amoswap.d",  Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x0800_302f,
        "rd = m64[rs1]; m64[rs1] = rs2";
    Op::AmoaddD,    "amoadd.d",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x0000_302f,
        "rd = m64[rs1]; m64[rs1] = rd + rs2";
    Op::AmoxorD,    "amoxor.d",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x2000_302f,
        "rd = m64[rs1]; m64[rs1] = rd ^ rs2";
    Op::AmoandD,    "amoand.d",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x6000_302f,
        "rd = m64[rs1]; m64[rs1] = rd & rs2";
    Op::AmoorD,     "amoor.d",    Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x4000_302f,
        "rd = m64[rs1]; m64[rs1] = rd | rs2";
    Op::AmominD,    "amomin.d",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0x8000_302f,
        "rd = m64[rs1]; m64[rs1] = the smaller of rd and rs2, signed";
    Op::AmomaxD,    "amomax.d",   Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0xa000_302f,
        "rd = m64[rs1]; m64[rs1] = the larger of rd and rs2, signed";
    Op::AmominuD,   "amominu.d",  Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0xc000_302f,
        "rd = m64[rs1]; m64[rs1] = the smaller of rd and rs2, unsigned";
    Op::AmomaxuD,   "amomaxu.d",  Family::Amo,     Ext::A,        Format::Amo,          0xf800_707f, 0xe000_302f,
        "rd = m64[rs1]; m64[rs1] = the larger of rd and rs2, unsigned";
    // system
    Op::Fence,      "fence",      Family::System,  Ext::I,        Format::Fence,        0x0000_707f, 0x0000_000f,
        "nothing: one hart has nothing to order";
    Op::FenceI,     "fence.i",    Family::System,  Ext::Zifencei, Format::Fence,        0x0000_707f, 0x0000_100f,
        "nothing: code is never written";
    Op::Ecall,      "ecall",      Family::System,  Ext::I,        Format::Bare,         0xffff_ffff, 0x0000_0073,
        "by a7: 93 ends the run with exit code a0; 64 writes a2 bytes at a1 to the console a0, and a0 = a2; else a fault";
    Op::Ebreak,     "ebreak",     Family::System,  Ext::I,        Format::Bare,         0xffff_ffff, 0x0010_0073,
        "a fault";
    Op::Csrrw,      "csrrw",      Family::System,  Ext::Zicsr,    Format::Csr,          0x0000_707f, 0x0000_1073,
        "a fault: it writes, and no control and status register can be written";
    Op::Csrrs,      "csrrs",      Family::System,  Ext::Zicsr,    Format::Csr,          0x0000_707f, 0x0000_2073,
        "if csr is cycle (0xc00) or instret (0xc02) and rs1 is x0: rd = the instructions retired before; else a fault";
    Op::Csrrc,      "csrrc",      Family::System,  Ext::Zicsr,    Format::Csr,          0x0000_707f, 0x0000_3073,
        "if csr is cycle (0xc00) or instret (0xc02) and rs1 is x0: rd = the instructions retired before; else a fault";
    Op::Csrrwi,     "csrrwi",     Family::System,  Ext::Zicsr,    Format::CsrImm,       0x0000_707f, 0x0000_5073,
        "a fault: it writes, and no control and status register can be written";
    Op::Csrrsi,     "csrrsi",     Family::System,  Ext::Zicsr,    Format::CsrImm,       0x0000_707f, 0x0000_6073,
        "if csr is cycle (0xc00) or instret (0xc02) and uimm is 0: rd = the instructions retired before; else a fault";
    Op::Csrrci,     "csrrci",     Family::System,  Ext::Zicsr,    Format::CsrImm,       0x0000_707f, 0x0000_7073,
        "if csr is cycle (0xc00) or instret (0xc02) and uimm is 0: rd = the instructions retired before; else a fault";
}

impl Op {
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
