//! What every operation does: one line each, in the sections of [`Family`] and in their order.
//!
//! Manual chapters: "RV32I Base Integer Instruction Set", "RV64I Base Integer Instruction Set", "M Extension for
//! Integer Multiplication and Division", "Zifencei". Writes to x0 are dropped by the caller, for all operations at once.

use crate::fault::Cause;
use crate::inst::Inst;
use crate::isa::{Family, Op};

/// What an instruction reaches beside its operands.
pub trait Env {
    /// Reads `width` bytes, zero-extended.
    ///
    /// # Errors
    ///
    /// [`Cause::LoadAccess`].
    fn load(&mut self, addr: u64, width: u64) -> Result<u64, Cause>;

    /// Writes the low `width` bytes of `value`.
    ///
    /// # Errors
    ///
    /// [`Cause::StoreAccess`] or [`Cause::StoreReadOnly`], having written nothing.
    fn store(&mut self, addr: u64, width: u64, value: u64) -> Result<(), Cause>;

    /// An environment call with its number (a7) and its third argument (a2); returns the new a0.
    ///
    /// # Errors
    ///
    /// [`Cause::UnknownSyscall`].
    fn ecall(&mut self, number: u64, a2: u64) -> Result<u64, Cause>;
}

/// Executes one instruction on its operands: the value for rd (0 without a destination) and the next pc.
///
/// `rs1` and `rs2` are the contents of the registers that `inst` names.
///
/// # Errors
///
/// A [`Cause`]; `env` is then unchanged.
#[rustfmt::skip]
#[inline(always)]
pub fn exec(inst: &Inst, pc: u64, rs1: u64, rs2: u64, env: &mut impl Env) -> Result<(u64, u64), Cause> {
    let imm = inst.imm.cast_unsigned();
    let next = pc.wrapping_add(u64::from(inst.len));
    let target = pc.wrapping_add(imm);
    let addr = rs1.wrapping_add(imm);
    let mut next_pc = next;
    let rd = match inst.op {
        // arith
        Op::Lui => imm,
        Op::Auipc => target,
        Op::Add => rs1.wrapping_add(rs2),
        Op::Sub => rs1.wrapping_sub(rs2),
        Op::Addi => rs1.wrapping_add(imm),
        Op::Addw => sext32(rs1.wrapping_add(rs2)),
        Op::Subw => sext32(rs1.wrapping_sub(rs2)),
        Op::Addiw => sext32(rs1.wrapping_add(imm)),
        Op::AddUw | Op::Sh1add | Op::Sh2add | Op::Sh3add | Op::Sh1addUw | Op::Sh2addUw | Op::Sh3addUw
        | Op::SextB | Op::SextH | Op::ZextH => return unsupported(inst.op),

        // logic
        Op::And => rs1 & rs2,
        Op::Or => rs1 | rs2,
        Op::Xor => rs1 ^ rs2,
        Op::Andi => rs1 & imm,
        Op::Ori => rs1 | imm,
        Op::Xori => rs1 ^ imm,
        Op::Andn | Op::Orn | Op::Xnor | Op::Clz | Op::Ctz | Op::Cpop | Op::Clzw | Op::Ctzw | Op::Cpopw
        | Op::OrcB | Op::Rev8 | Op::Bclr | Op::Bext | Op::Binv | Op::Bset | Op::Bclri | Op::Bexti | Op::Binvi
        | Op::Bseti => return unsupported(inst.op),

        // shift: the count is the low 6 bits, in W forms the low 5
        Op::Sll => rs1 << (rs2 & 63),
        Op::Srl => rs1 >> (rs2 & 63),
        Op::Sra => (signed(rs1) >> (rs2 & 63)).cast_unsigned(),
        Op::Slli => rs1 << (imm & 63),
        Op::Srli => rs1 >> (imm & 63),
        Op::Srai => (signed(rs1) >> (imm & 63)).cast_unsigned(),
        Op::Sllw => sext32(rs1 << (rs2 & 31)),
        Op::Srlw => sext32((rs1 & LOW32) >> (rs2 & 31)),
        Op::Sraw => sext32((signed(sext32(rs1)) >> (rs2 & 31)).cast_unsigned()),
        Op::Slliw => sext32(rs1 << (imm & 31)),
        Op::Srliw => sext32((rs1 & LOW32) >> (imm & 31)),
        Op::Sraiw => sext32((signed(sext32(rs1)) >> (imm & 31)).cast_unsigned()),
        Op::SlliUw | Op::Rol | Op::Ror | Op::Rori | Op::Rolw | Op::Rorw | Op::Roriw => return unsupported(inst.op),

        // compare
        Op::Slt => u64::from(signed(rs1) < signed(rs2)),
        Op::Sltu => u64::from(rs1 < rs2),
        Op::Slti => u64::from(signed(rs1) < inst.imm),
        Op::Sltiu => u64::from(rs1 < imm),
        Op::Min | Op::Max | Op::Minu | Op::Maxu => return unsupported(inst.op),

        // mul
        Op::Mul => rs1.wrapping_mul(rs2),
        Op::Mulh => high(i128::from(signed(rs1)) * i128::from(signed(rs2))),
        Op::Mulhsu => high(i128::from(signed(rs1)) * i128::from(rs2)),
        Op::Mulhu => ((u128::from(rs1) * u128::from(rs2)) >> 64) as u64,
        Op::Mulw => sext32(rs1.wrapping_mul(rs2)),

        // div: by zero the quotient is all ones and the remainder the dividend; MIN / -1 is MIN, remainder 0
        Op::Div => if rs2 == 0 { u64::MAX } else { signed(rs1).wrapping_div(signed(rs2)).cast_unsigned() },
        Op::Divu => rs1.checked_div(rs2).unwrap_or(u64::MAX),
        Op::Rem => if rs2 == 0 { rs1 } else { signed(rs1).wrapping_rem(signed(rs2)).cast_unsigned() },
        Op::Remu => rs1.checked_rem(rs2).unwrap_or(rs1),
        Op::Divw => if low(rs2) == 0 { u64::MAX } else { sext(word(rs1).wrapping_div(word(rs2))) },
        Op::Divuw => low(rs1).checked_div(low(rs2)).map_or(u64::MAX, |quotient| sext(quotient.cast_signed())),
        Op::Remw => if low(rs2) == 0 { sext32(rs1) } else { sext(word(rs1).wrapping_rem(word(rs2))) },
        Op::Remuw => sext(low(rs1).checked_rem(low(rs2)).unwrap_or(low(rs1)).cast_signed()),

        // branch
        Op::Beq => { if rs1 == rs2 { next_pc = target } 0 }
        Op::Bne => { if rs1 != rs2 { next_pc = target } 0 }
        Op::Blt => { if signed(rs1) < signed(rs2) { next_pc = target } 0 }
        Op::Bge => { if signed(rs1) >= signed(rs2) { next_pc = target } 0 }
        Op::Bltu => { if rs1 < rs2 { next_pc = target } 0 }
        Op::Bgeu => { if rs1 >= rs2 { next_pc = target } 0 }

        // jump: rs1 was read before rd is written, so a link over the base is sound
        Op::Jal => { next_pc = target; next }
        Op::Jalr => { next_pc = addr & !1; next }

        // memory
        Op::Lb => sext(env.load(addr, 1)? as i8),
        Op::Lh => sext(env.load(addr, 2)? as i16),
        Op::Lw => sext32(env.load(addr, 4)?),
        Op::Ld => env.load(addr, 8)?,
        Op::Lbu => env.load(addr, 1)?,
        Op::Lhu => env.load(addr, 2)?,
        Op::Lwu => env.load(addr, 4)?,
        Op::Sb => { env.store(addr, 1, rs2)?; 0 }
        Op::Sh => { env.store(addr, 2, rs2)?; 0 }
        Op::Sw => { env.store(addr, 4, rs2)?; 0 }
        Op::Sd => { env.store(addr, 8, rs2)?; 0 }

        // amo
        Op::LrW | Op::ScW | Op::AmoswapW | Op::AmoaddW | Op::AmoxorW | Op::AmoandW | Op::AmoorW | Op::AmominW
        | Op::AmomaxW | Op::AmominuW | Op::AmomaxuW | Op::LrD | Op::ScD | Op::AmoswapD | Op::AmoaddD | Op::AmoxorD
        | Op::AmoandD | Op::AmoorD | Op::AmominD | Op::AmomaxD | Op::AmominuD | Op::AmomaxuD => {
            return unsupported(inst.op);
        }

        // system: one hart that never writes code has nothing to order
        Op::Fence => 0,
        Op::FenceI => 0,
        Op::Ecall => env.ecall(rs1, rs2)?,
        Op::Ebreak => return Err(Cause::Breakpoint),
        Op::Csrrw | Op::Csrrs | Op::Csrrc | Op::Csrrwi | Op::Csrrsi | Op::Csrrci => return unsupported(inst.op),
    };
    Ok((rd, next_pc))
}

/// The result of an operation of the families arith, logic, shift, compare, mul and div, by the very code of [`exec`].
///
/// `rs1` is the first operand (for `auipc` the pc, for `lui` unused), `rs2` the second register or the immediate.
/// `None` for the other families and for operations that the machine does not execute.
#[must_use]
pub fn alu(op: Op, rs1: u64, rs2: u64) -> Option<u64> {
    if op.family() > Family::Div {
        return None;
    }
    let inst = Inst { op, rd: 0, rs1: 0, rs2: 0, len: 4, imm: rs2.cast_signed() };
    exec(&inst, rs1, rs1, rs2, &mut Nothing).ok().map(|(rd, _)| rd)
}

/// Whether a branch is taken, by the very code of [`exec`]; `None` for other operations.
#[must_use]
pub fn branch_taken(op: Op, rs1: u64, rs2: u64) -> Option<bool> {
    if op.family() != Family::Branch {
        return None;
    }
    let inst = Inst { op, rd: 0, rs1: 0, rs2: 0, len: 4, imm: 0 };
    exec(&inst, 0, rs1, rs2, &mut Nothing).ok().map(|(_, next_pc)| next_pc == 0)
}

/// The surroundings of an instruction that has none.
struct Nothing;

impl Env for Nothing {
    fn load(&mut self, addr: u64, _: u64) -> Result<u64, Cause> {
        Err(Cause::LoadAccess { addr })
    }

    fn store(&mut self, addr: u64, _: u64, _: u64) -> Result<(), Cause> {
        Err(Cause::StoreAccess { addr })
    }

    fn ecall(&mut self, number: u64, _: u64) -> Result<u64, Cause> {
        Err(Cause::UnknownSyscall { number })
    }
}

const LOW32: u64 = 0xffff_ffff;

const fn signed(value: u64) -> i64 {
    value.cast_signed()
}

/// The low word, unsigned.
const fn low(value: u64) -> u32 {
    value as u32
}

/// The low word, signed.
const fn word(value: u64) -> i32 {
    value as i32
}

/// A signed number in a register.
fn sext(value: impl Into<i64>) -> u64 {
    value.into().cast_unsigned()
}

/// The low word, sign-extended, as all W forms leave it.
fn sext32(value: u64) -> u64 {
    sext(word(value))
}

/// The upper half of a product.
const fn high(product: i128) -> u64 {
    (product >> 64) as u64
}

#[cold]
const fn unsupported<T>(op: Op) -> Result<T, Cause> {
    Err(Cause::Unsupported { op })
}
