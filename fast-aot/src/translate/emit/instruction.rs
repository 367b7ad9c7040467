//! Every instruction inside of a block, in one match: an operation without an arm does not compile.

use spec_interp::{Family, Inst, Op};

use super::alu::Alu;
use super::{Line, RAX, RDX, Translator};

impl Translator<'_> {
    /// Emits an instruction; `next` is the one behind it in the block.
    #[rustfmt::skip]
    pub(super) fn instruction(&mut self, line: &mut Line, inst: &Inst, next: Option<&Inst>) {
        let Inst { op, rd, rs1, rs2, imm, .. } = *inst;
        // Accesses are made, and a hart orders nothing, whatever becomes of the result.
        let is_value = !matches!(op.family(), Family::Memory | Family::Amo | Family::System);
        if is_value && (rd == 0 || self.folds(line.pc, inst, next)) {
            return;
        }
        let imm = imm as i32;
        match op {
            // arith
            Op::Lui | Op::Auipc => unreachable!("{op} is a constant"),
            Op::Addi => self.add_constant(rd, rs1, imm),
            Op::Addiw => self.immediate(Alu::Add, rd, rs1, imm, true),
            Op::Add => self.add(rd, rs1, rs2),
            Op::Sub => self.binary(Alu::Sub, rd, rs1, rs2, false),
            Op::Addw => self.binary(Alu::Add, rd, rs1, rs2, true),
            Op::Subw => self.binary(Alu::Sub, rd, rs1, rs2, true),
            Op::AddUw => self.shift_add(rd, rs1, rs2, 0, true),
            Op::Sh1add => self.shift_add(rd, rs1, rs2, 1, false),
            Op::Sh2add => self.shift_add(rd, rs1, rs2, 2, false),
            Op::Sh3add => self.shift_add(rd, rs1, rs2, 3, false),
            Op::Sh1addUw => self.shift_add(rd, rs1, rs2, 1, true),
            Op::Sh2addUw => self.shift_add(rd, rs1, rs2, 2, true),
            Op::Sh3addUw => self.shift_add(rd, rs1, rs2, 3, true),
            Op::SextB | Op::SextH | Op::ZextH => self.extend(op, rd, rs1),

            // logic
            Op::And => self.binary(Alu::And, rd, rs1, rs2, false),
            Op::Or => self.binary(Alu::Or, rd, rs1, rs2, false),
            Op::Xor => self.binary(Alu::Xor, rd, rs1, rs2, false),
            Op::Andi => self.immediate(Alu::And, rd, rs1, imm, false),
            Op::Ori => self.immediate(Alu::Or, rd, rs1, imm, false),
            Op::Xori => self.immediate(Alu::Xor, rd, rs1, imm, false),
            Op::Andn | Op::Orn | Op::Xnor => self.with_inverse(op, rd, rs1, rs2),
            Op::Clz | Op::Ctz | Op::Cpop | Op::Clzw | Op::Ctzw | Op::Cpopw | Op::Rev8 => self.count_bits(op, rd, rs1),
            Op::OrcB => self.or_bytes(rd, rs1),
            Op::Bclr | Op::Bext | Op::Binv | Op::Bset => self.single_bit(op, rd, rs1, rs2),
            Op::Bclri | Op::Bexti | Op::Binvi | Op::Bseti => self.single_bit_constant(op, rd, rs1, imm),

            // shift
            Op::Sll | Op::Srl | Op::Sra | Op::Sllw | Op::Srlw | Op::Sraw
            | Op::Slli | Op::Srli | Op::Srai | Op::Slliw | Op::Srliw | Op::Sraiw | Op::SlliUw
            | Op::Rol | Op::Ror | Op::Rori | Op::Rolw | Op::Rorw | Op::Roriw => self.shift(inst),

            // compare
            Op::Slt | Op::Sltu | Op::Slti | Op::Sltiu => self.set_if_less(inst),
            Op::Min | Op::Max | Op::Minu | Op::Maxu => self.lesser_or_greater(inst),

            // mul
            Op::Mul => self.binary(Alu::Imul, rd, rs1, rs2, false),
            Op::Mulw => self.binary(Alu::Imul, rd, rs1, rs2, true),
            Op::Mulh | Op::Mulhu => { self.product(inst); self.write(rd, RDX) }
            Op::Mulhsu => self.product_of_signed_and_unsigned(rd, rs1, rs2),

            // div
            Op::Div | Op::Divu => { self.quotient(inst); self.write(rd, RAX) }
            Op::Rem | Op::Remu => { self.quotient(inst); self.write(rd, RDX) }
            Op::Divw | Op::Divuw => { self.quotient(inst); self.write_word(rd, RAX) }
            Op::Remw | Op::Remuw => { self.quotient(inst); self.write_word(rd, RDX) }

            // branch, jump, and what leaves the code: they end blocks
            Op::Beq | Op::Bne | Op::Blt | Op::Bge | Op::Bltu | Op::Bgeu | Op::Jal | Op::Jalr
            | Op::Ecall | Op::Ebreak
            | Op::Csrrw | Op::Csrrs | Op::Csrrc | Op::Csrrwi | Op::Csrrsi | Op::Csrrci => {
                unreachable!("{op} ends a block")
            }

            // memory
            Op::Lb | Op::Lh | Op::Lw | Op::Ld | Op::Lbu | Op::Lhu | Op::Lwu => self.load(line, inst),
            Op::Sb | Op::Sh | Op::Sw | Op::Sd => self.store(line, inst),

            // amo
            Op::LrW | Op::LrD => self.load_reserved(line, inst),
            Op::ScW | Op::ScD => self.store_conditional(line, inst),
            Op::AmoswapW | Op::AmoaddW | Op::AmoxorW | Op::AmoandW | Op::AmoorW
            | Op::AmominW | Op::AmomaxW | Op::AmominuW | Op::AmomaxuW
            | Op::AmoswapD | Op::AmoaddD | Op::AmoxorD | Op::AmoandD | Op::AmoorD
            | Op::AmominD | Op::AmomaxD | Op::AmominuD | Op::AmomaxuD => self.update(line, inst),

            // system
            Op::Fence | Op::FenceI => {}
        }
    }
}
