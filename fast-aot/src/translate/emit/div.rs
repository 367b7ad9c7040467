//! Quotients and remainders: by zero all ones and the dividend, of the least number by -1 itself and 0; the host would
//! raise an exception for both.

use dynasmrt::{DynasmApi, DynasmLabelApi, dynasm};
use spec_interp::{Inst, Op};

use super::{RAX, RCX, Translator};

impl Translator<'_> {
    /// The quotient in rax and the remainder in rdx.
    pub(super) fn quotient(&mut self, inst: &Inst) {
        self.load_to(RAX, inst.rs1);
        self.load_to(RCX, inst.rs2);
        match inst.op {
            Op::Divu | Op::Remu => self.unsigned(),
            Op::Divuw | Op::Remuw => self.unsigned_word(),
            Op::Div | Op::Rem => self.signed(),
            Op::Divw | Op::Remw => self.signed_word(),
            op => unreachable!("{op} is not of this family"),
        }
    }

    fn unsigned(&mut self) {
        dynasm!(self.ops
            ; .arch x64
            ; test rcx, rcx
            ; jz >zero
            ; xor edx, edx
            ; div rcx
            ; jmp >done
            ; zero:
            ; mov rdx, rax
            ; mov rax, -1
            ; done:
        );
    }

    fn unsigned_word(&mut self) {
        dynasm!(self.ops
            ; .arch x64
            ; test ecx, ecx
            ; jz >zero
            ; xor edx, edx
            ; div ecx
            ; jmp >done
            ; zero:
            ; mov edx, eax
            ; mov eax, -1
            ; done:
        );
    }

    fn signed(&mut self) {
        dynasm!(self.ops
            ; .arch x64
            ; lea rdx, [rcx + 1]
            ; cmp rdx, 1
            ; jbe >special
            ; cqo
            ; idiv rcx
            ; jmp >done
            ; special:
            ; test rcx, rcx
            ; jz >zero
            ; neg rax
            ; xor edx, edx
            ; jmp >done
            ; zero:
            ; mov rdx, rax
            ; mov rax, -1
            ; done:
        );
    }

    fn signed_word(&mut self) {
        dynasm!(self.ops
            ; .arch x64
            ; lea edx, [rcx + 1]
            ; cmp edx, 1
            ; jbe >special
            ; cdq
            ; idiv ecx
            ; jmp >done
            ; special:
            ; test ecx, ecx
            ; jz >zero
            ; neg eax
            ; xor edx, edx
            ; jmp >done
            ; zero:
            ; mov edx, eax
            ; mov eax, -1
            ; done:
        );
    }
}
