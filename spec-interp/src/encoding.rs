//! What is said of an operation: its family, the extension that defines it, where its operands stand.

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
