//! What every operation does: one line each, in the sections of [`Family`] and in their order.
//!
//! Manual chapters: "RV32I Base Integer Instruction Set", "RV64I Base Integer Instruction Set", "M Extension for
//! Integer Multiplication and Division", "A Extension for Atomic Instructions", "Zicsr", "Zicntr", "Zifencei", "B
//! Extension for Bit Manipulation". Writes to x0 are dropped by the caller, for all operations at once.

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

    /// Replaces `width` bytes at a naturally aligned address by what `new` makes of them, zero-extended; returns the
    /// old ones so.
    ///
    /// # Errors
    ///
    /// [`Cause::MisalignedAtomic`], [`Cause::StoreAccess`] or [`Cause::StoreReadOnly`], having written nothing.
    fn update(&mut self, addr: u64, width: u64, new: impl FnOnce(u64) -> u64) -> Result<u64, Cause>;

    /// Reads `width` bytes at a naturally aligned address, zero-extended, and reserves them.
    ///
    /// # Errors
    ///
    /// [`Cause::MisalignedAtomic`] or [`Cause::LoadAccess`]; the reservation is then unchanged.
    fn load_reserved(&mut self, addr: u64, width: u64) -> Result<u64, Cause>;

    /// Writes the low `width` bytes of `value` if exactly these bytes are reserved, and ends the reservation either
    /// way; returns whether it wrote.
    ///
    /// # Errors
    ///
    /// [`Cause::MisalignedAtomic`], [`Cause::StoreAccess`] or [`Cause::StoreReadOnly`], also where nothing would have
    /// been written; the reservation is then unchanged.
    fn store_conditional(&mut self, addr: u64, width: u64, value: u64) -> Result<bool, Cause>;

    /// The instructions retired before this one.
    fn retired(&self) -> u64;

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
        Op::AddUw => (rs1 & LOW32).wrapping_add(rs2),
        Op::Sh1add => (rs1 << 1).wrapping_add(rs2),
        Op::Sh2add => (rs1 << 2).wrapping_add(rs2),
        Op::Sh3add => (rs1 << 3).wrapping_add(rs2),
        Op::Sh1addUw => ((rs1 & LOW32) << 1).wrapping_add(rs2),
        Op::Sh2addUw => ((rs1 & LOW32) << 2).wrapping_add(rs2),
        Op::Sh3addUw => ((rs1 & LOW32) << 3).wrapping_add(rs2),
        Op::SextB => sext(rs1 as i8),
        Op::SextH => sext(rs1 as i16),
        Op::ZextH => rs1 & 0xffff,

        // logic
        Op::And => rs1 & rs2,
        Op::Or => rs1 | rs2,
        Op::Xor => rs1 ^ rs2,
        Op::Andi => rs1 & imm,
        Op::Ori => rs1 | imm,
        Op::Xori => rs1 ^ imm,
        Op::Andn => rs1 & !rs2,
        Op::Orn => rs1 | !rs2,
        Op::Xnor => !(rs1 ^ rs2),
        Op::Clz => rs1.leading_zeros().into(),
        Op::Ctz => rs1.trailing_zeros().into(),
        Op::Cpop => rs1.count_ones().into(),
        Op::Clzw => low(rs1).leading_zeros().into(),
        Op::Ctzw => low(rs1).trailing_zeros().into(),
        Op::Cpopw => low(rs1).count_ones().into(),
        Op::OrcB => u64::from_le_bytes(rs1.to_le_bytes().map(|byte| if byte == 0 { 0 } else { 0xff })),
        Op::Rev8 => rs1.swap_bytes(),
        Op::Bclr => rs1 & !(1 << (rs2 & 63)),
        Op::Bext => rs1 >> (rs2 & 63) & 1,
        Op::Binv => rs1 ^ 1 << (rs2 & 63),
        Op::Bset => rs1 | 1 << (rs2 & 63),
        Op::Bclri => rs1 & !(1 << (imm & 63)),
        Op::Bexti => rs1 >> (imm & 63) & 1,
        Op::Binvi => rs1 ^ 1 << (imm & 63),
        Op::Bseti => rs1 | 1 << (imm & 63),

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
        Op::SlliUw => (rs1 & LOW32) << (imm & 63),
        Op::Rol => rs1.rotate_left(low(rs2) & 63),
        Op::Ror => rs1.rotate_right(low(rs2) & 63),
        Op::Rori => rs1.rotate_right(low(imm) & 63),
        Op::Rolw => sext(low(rs1).rotate_left(low(rs2) & 31).cast_signed()),
        Op::Rorw => sext(low(rs1).rotate_right(low(rs2) & 31).cast_signed()),
        Op::Roriw => sext(low(rs1).rotate_right(low(imm) & 31).cast_signed()),

        // compare
        Op::Slt => u64::from(signed(rs1) < signed(rs2)),
        Op::Sltu => u64::from(rs1 < rs2),
        Op::Slti => u64::from(signed(rs1) < inst.imm),
        Op::Sltiu => u64::from(rs1 < imm),
        Op::Min => signed(rs1).min(signed(rs2)).cast_unsigned(),
        Op::Max => signed(rs1).max(signed(rs2)).cast_unsigned(),
        Op::Minu => rs1.min(rs2),
        Op::Maxu => rs1.max(rs2),

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

        // amo: the address is rs1; W forms work on the low words and sign-extend what they read
        Op::LrW => sext32(env.load_reserved(rs1, 4)?),
        Op::ScW => u64::from(!env.store_conditional(rs1, 4, rs2)?),
        Op::AmoswapW => sext32(env.update(rs1, 4, |_| rs2)?),
        Op::AmoaddW => sext32(env.update(rs1, 4, |old| old.wrapping_add(rs2))?),
        Op::AmoxorW => sext32(env.update(rs1, 4, |old| old ^ rs2)?),
        Op::AmoandW => sext32(env.update(rs1, 4, |old| old & rs2)?),
        Op::AmoorW => sext32(env.update(rs1, 4, |old| old | rs2)?),
        Op::AmominW => sext32(env.update(rs1, 4, |old| sext(word(old).min(word(rs2))))?),
        Op::AmomaxW => sext32(env.update(rs1, 4, |old| sext(word(old).max(word(rs2))))?),
        Op::AmominuW => sext32(env.update(rs1, 4, |old| low(old).min(low(rs2)).into())?),
        Op::AmomaxuW => sext32(env.update(rs1, 4, |old| low(old).max(low(rs2)).into())?),
        Op::LrD => env.load_reserved(rs1, 8)?,
        Op::ScD => u64::from(!env.store_conditional(rs1, 8, rs2)?),
        Op::AmoswapD => env.update(rs1, 8, |_| rs2)?,
        Op::AmoaddD => env.update(rs1, 8, |old| old.wrapping_add(rs2))?,
        Op::AmoxorD => env.update(rs1, 8, |old| old ^ rs2)?,
        Op::AmoandD => env.update(rs1, 8, |old| old & rs2)?,
        Op::AmoorD => env.update(rs1, 8, |old| old | rs2)?,
        Op::AmominD => env.update(rs1, 8, |old| signed(old).min(signed(rs2)).cast_unsigned())?,
        Op::AmomaxD => env.update(rs1, 8, |old| signed(old).max(signed(rs2)).cast_unsigned())?,
        Op::AmominuD => env.update(rs1, 8, |old| old.min(rs2))?,
        Op::AmomaxuD => env.update(rs1, 8, |old| old.max(rs2))?,

        // system: one hart that never writes code has nothing to order
        Op::Fence => 0,
        Op::FenceI => 0,
        Op::Ecall => env.ecall(rs1, rs2)?,
        Op::Ebreak => return Err(Cause::Breakpoint),
        Op::Csrrw | Op::Csrrs | Op::Csrrc | Op::Csrrwi | Op::Csrrsi | Op::Csrrci => {
            if !inst.reads_counter() {
                return Err(Cause::IllegalCsr { csr: inst.csr() });
            }
            env.retired()
        }
    };
    Ok((rd, next_pc))
}

/// The result of an operation of the families arith, logic, shift, compare, mul and div, by the very code of [`exec`].
///
/// `rs1` is the first operand (for `auipc` the pc, for `lui` unused), `rs2` the second register or the immediate.
/// `None` for the other families.
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

    fn update(&mut self, addr: u64, _: u64, _: impl FnOnce(u64) -> u64) -> Result<u64, Cause> {
        Err(Cause::StoreAccess { addr })
    }

    fn load_reserved(&mut self, addr: u64, _: u64) -> Result<u64, Cause> {
        Err(Cause::LoadAccess { addr })
    }

    fn store_conditional(&mut self, addr: u64, _: u64, _: u64) -> Result<bool, Cause> {
        Err(Cause::StoreAccess { addr })
    }

    fn retired(&self) -> u64 {
        0
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
