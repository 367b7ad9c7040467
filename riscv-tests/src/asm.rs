//! An assembler for programs that check themselves.

use dynasmrt::riscv::RiscvRelocation;
use dynasmrt::{DynamicLabel, DynasmApi, VecAssembler};
use spec_interp::Program;
use spec_interp::map::PROGRAM_BASE;

/// What dynasm writes to.
pub type Code = VecAssembler<RiscvRelocation>;

/// Assembles RV64IMABC text with Zicsr: `rv!(code; add X(d), X(s), X(t); ecall)`.
macro_rules! rv {
    ($code:expr; $($text:tt)*) => {{
            #[allow(unused_imports)] // not every text has labels
            use ::dynasmrt::{DynasmApi as _, DynasmLabelApi as _};
            ::dynasmrt::dynasm!($code ; .arch riscv64i ; .feature mabc, zicsr ; $($text)*)
    }};
}
pub(crate) use rv;

/// Holds the number of the running check.
const CHECK: u8 = 3;
/// Holds the value that a check expects.
const EXPECTED: u8 = 31;

/// Registers that tests may use: all but x0, the two of the checks, and x30 for helpers.
pub const FREE: [u8; 28] =
    [10, 11, 12, 13, 14, 15, 16, 17, 1, 2, 4, 5, 6, 7, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29];

/// A program under construction.
pub struct Asm {
    /// The code so far.
    pub code: Code,
    /// The bytes at the start of RAM.
    pub ram: Vec<u8>,
    fail: DynamicLabel,
    checks: u64,
}

impl Default for Asm {
    fn default() -> Self {
        Self::new()
    }
}

impl Asm {
    /// An empty program.
    #[must_use]
    pub fn new() -> Self {
        let mut code = Code::new(0);
        let fail = code.new_dynamic_label();
        Self { code, ram: vec![], fail, checks: 0 }
    }

    /// The address of the next instruction.
    #[must_use]
    pub fn pc(&self) -> u64 {
        PROGRAM_BASE + self.code.offset().0 as u64
    }

    /// Puts a constant into a register, in one to eight instructions.
    pub fn li(&mut self, register: u8, value: u64) {
        let signed = value.cast_signed();
        let code = &mut self.code;
        if let Ok(small) = i32::try_from(signed) {
            if (-2048..2048).contains(&small) {
                rv!(code; addi X(register), x0, small);
            } else {
                rv!(code; li.32 X(register), small);
            }
            return;
        }
        // The low 12 bits are added last, as a signed number; what is left ends in zeros and is shifted into place.
        let low = signed << 52 >> 52;
        let rest = signed.wrapping_sub(low);
        let shift = rest.trailing_zeros();
        self.li(register, (rest >> shift).cast_unsigned());
        let code = &mut self.code;
        rv!(code; slli X(register), X(register), shift);
        if low != 0 {
            rv!(code; addi X(register), X(register), low as i32);
        }
    }

    /// Starts a check: from here on a failure, and a fault, can be told from the others.
    pub fn begin(&mut self) {
        self.checks += 1;
        self.li(CHECK, self.checks);
    }

    /// Ends a check: the register must hold this value.
    pub fn expect(&mut self, register: u8, value: u64) {
        self.li(EXPECTED, value);
        let fail = self.fail;
        let code = &mut self.code;
        rv!(code; beq X(register), X(EXPECTED), >pass; j =>fail; pass:);
    }

    /// Control must not come here.
    pub fn unreachable(&mut self) {
        let fail = self.fail;
        let code = &mut self.code;
        rv!(code; j =>fail);
    }

    /// Exits with what a register holds.
    pub fn exit(&mut self, register: u8) {
        let code = &mut self.code;
        rv!(code; addi a0, X(register), 0; addi a7, x0, 93; ecall);
    }

    /// Bytes that are never executed, or not as instructions of the assembler's.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.code.extend(bytes);
    }

    /// Ends the program: exit 0 here, exit with the check's number from wherever one failed.
    ///
    /// # Panics
    ///
    /// On a label out of reach or never set, which is a mistake in the test.
    #[must_use]
    pub fn finish(self) -> Program {
        self.finish_before(|_| ())
    }

    /// The same, with more code behind it: what `last` assembles ends the program.
    pub(crate) fn finish_before(mut self, last: impl FnOnce(&mut Code)) -> Program {
        self.exit(0);
        let fail = self.fail;
        let code = &mut self.code;
        rv!(code; =>fail);
        self.exit(CHECK);
        last(&mut self.code);
        let code = self.code.finalize().expect("labels are set and within reach");
        Program::from_code(PROGRAM_BASE, &code, &self.ram).expect("the test fits the map")
    }
}
