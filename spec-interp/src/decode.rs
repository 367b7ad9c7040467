//! From a word to an instruction (manual, chapter "RV32I Base Integer Instruction Set", section "Immediate
//! Encoding Variants", and "Extending RISC-V", section "Expanded Instruction-Length Encoding").
//!
//! Reserved encodings decode to nothing. Hints are ordinary instructions with destination x0 and need no rule.

use crate::compressed;
use crate::inst::{Inst, sign_extend};
use crate::isa::{ENCODINGS, Encoding, Format, Op};

/// The most operations that share opcode and funct3 (AMO, one width: 11).
const MAX_CANDIDATES: usize = 12;

/// Indices of the table's rows by opcode bits 6..2 and funct3; `u8::MAX` ends a list.
static CANDIDATES: [[u8; MAX_CANDIDATES]; 256] = candidates();

const fn candidates() -> [[u8; MAX_CANDIDATES]; 256] {
    let mut lists = [[u8::MAX; MAX_CANDIDATES]; 256];
    let mut key = 0;
    while key < lists.len() {
        let known = (key as u32 & 0x1f) << 2 | (key as u32 >> 5) << 12 | 3;
        let (mut row, mut count) = (0, 0);
        while row < ENCODINGS.len() {
            if (known ^ ENCODINGS[row].value) & ENCODINGS[row].mask & 0x707f == 0 {
                lists[key][count] = row as u8;
                count += 1;
            }
            row += 1;
        }
        key += 1;
    }
    lists
}

/// The row whose mask and value fit a 32-bit word.
fn find(word: u32) -> Option<&'static Encoding> {
    let key = (word >> 2 & 0x1f) | (word >> 12 & 7) << 5;
    let list = &CANDIDATES[key as usize];
    let mut rows = list.iter().take_while(|&&row| row != u8::MAX).map(|&row| Op::ALL[usize::from(row)].encoding());
    rows.find(|row| word & row.mask == row.value)
}

/// Decodes the instruction that starts with `word`: a compressed one from its low 16 bits, whatever the others are.
///
/// `None` is an illegal instruction: all zero, reserved, longer than 32 bits or of an extension that the table lacks.
#[must_use]
pub fn decode(word: u32) -> Option<Inst> {
    if word & 3 != 3 {
        return compressed::decode(word as u16);
    }
    let Encoding { op, format, .. } = *find(word)?;
    let (rd, rs1, rs2) = (register(word, 7), register(word, 15), register(word, 20));
    let inst = |rd, rs1, rs2, imm| Inst { op, rd, rs1, rs2, imm, len: 4 };
    Some(match format {
        Format::R | Format::Amo => inst(rd, rs1, rs2, 0),
        Format::Unary | Format::LoadReserved => inst(rd, rs1, 0, 0),
        Format::I | Format::Load => inst(rd, rs1, 0, sign_extend(word >> 20, 12)),
        Format::Shamt6 => inst(rd, rs1, 0, i64::from(word >> 20 & 0x3f)),
        Format::Shamt5 => inst(rd, rs1, 0, i64::from(word >> 20 & 0x1f)),
        Format::S => inst(0, rs1, rs2, sign_extend(word >> 25 << 5 | (word >> 7 & 0x1f), 12)),
        Format::B => inst(0, rs1, rs2, branch_offset(word)),
        Format::U => inst(rd, 0, 0, i64::from((word & 0xffff_f000).cast_signed())),
        Format::J => inst(rd, 0, 0, jump_offset(word)),
        Format::Csr => inst(rd, rs1, 0, i64::from(word >> 20)),
        Format::CsrImm => inst(rd, 0, 0, i64::from(word >> 20) | i64::from(rs1) << 12),
        Format::Fence => inst(0, 0, 0, 0),
        Format::Bare if matches!(op, Op::Ecall) => inst(10, 17, 12, 0),
        Format::Bare => inst(0, 0, 0, 0),
    })
}

/// imm[12|10:5] in bits 31..25, imm[4:1|11] in bits 11..7.
fn branch_offset(word: u32) -> i64 {
    let imm = (word >> 31) << 12 | (word >> 7 & 1) << 11 | (word >> 25 & 0x3f) << 5 | (word >> 8 & 0xf) << 1;
    sign_extend(imm, 13)
}

/// imm[20|10:1|11|19:12] in bits 31..12.
fn jump_offset(word: u32) -> i64 {
    let imm = (word >> 31) << 20 | (word >> 12 & 0xff) << 12 | (word >> 20 & 1) << 11 | (word >> 21 & 0x3ff) << 1;
    sign_extend(imm, 21)
}

/// The 5-bit register field whose lowest bit is `shift`.
fn register(word: u32, shift: u32) -> u8 {
    (word >> shift & 0x1f) as u8
}
