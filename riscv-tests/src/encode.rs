//! From an instruction to its word: the inverse of decoding, for generated programs. No case of this crate uses it.

use spec_interp::Op;
use spec_interp::isa::Format;

/// The 32-bit word of an operation on these operands. Operands that the format lacks are ignored, bits of the immediate
/// that do not fit are dropped.
#[must_use]
pub fn encode(op: Op, rd: u8, rs1: u8, rs2: u8, imm: i64) -> u32 {
    let register = |number: u8, at: u32| u32::from(number & 31) << at;
    let (rd, rs1, rs2) = (register(rd, 7), register(rs1, 15), register(rs2, 20));
    let imm = imm as u32;
    let bits = |from: u32, count: u32, to: u32| (imm >> from & ((1 << count) - 1)) << to;
    let operands = match op.encoding().format {
        Format::R | Format::Amo => rd | rs1 | rs2,
        Format::Unary | Format::LoadReserved => rd | rs1,
        Format::I | Format::Load => rd | rs1 | imm << 20,
        Format::Shamt6 => rd | rs1 | bits(0, 6, 20),
        Format::Shamt5 => rd | rs1 | bits(0, 5, 20),
        Format::S => rs1 | rs2 | bits(5, 7, 25) | bits(0, 5, 7),
        Format::B => rs1 | rs2 | bits(12, 1, 31) | bits(5, 6, 25) | bits(1, 4, 8) | bits(11, 1, 7),
        Format::U => rd | imm & 0xffff_f000,
        Format::J => rd | bits(20, 1, 31) | bits(1, 10, 21) | bits(11, 1, 20) | bits(12, 8, 12),
        Format::Csr => rd | rs1 | bits(0, 12, 20),
        Format::CsrImm => rd | bits(12, 5, 15) | bits(0, 12, 20),
        Format::Fence | Format::Bare => 0,
    };
    op.encoding().value | operands
}

#[cfg(test)]
mod tests {
    use spec_interp::{Inst, decode};

    use super::*;

    fn again(inst: &Inst) -> Option<Inst> {
        decode(encode(inst.op, inst.rd, inst.rs1, inst.rs2, inst.imm)).map(|found| Inst { len: inst.len, ..found })
    }

    #[test]
    fn every_operation_decodes_to_what_was_encoded() {
        for op in Op::ALL {
            for free in [0, u32::MAX, 0x5555_5555, 0xaaaa_aaaa, 0x9e37_79b9, 0x7f4a_7c15] {
                let row = op.encoding();
                let inst = decode(row.value | free & !row.mask).expect("an instance of its row");
                assert_eq!((inst.op, again(&inst)), (op, Some(inst)));
            }
        }
    }

    #[test]
    fn a_compressed_instruction_is_the_one_it_expands_to() {
        for inst in (0..=u16::MAX).filter_map(|half| decode(u32::from(half)).filter(|inst| inst.len == 2)) {
            assert_eq!(again(&inst), Some(inst));
        }
    }
}
