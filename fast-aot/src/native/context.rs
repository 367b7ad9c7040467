//! What generated code and the runtime share.

/// The state of the machine as the runtime leaves it for generated code, and generated code for the runtime.
#[repr(C)]
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The integer registers.
    pub regs: [u64; 32],
    /// Instructions, by lane, added up by blocks.
    pub lanes: [[u32; 8]; 3],
    /// The host's address of guest address 0.
    pub base: u64,
    /// Where the next loaded value is recorded.
    pub trace: u64,
    /// Instructions until the run stops at the next end of a block; negative beyond.
    pub budget: i64,
    /// The table of indirect jumps.
    pub table: u64,
    /// Why generated code was left: one of the numbers below.
    pub exit: u64,
    /// What goes with it.
    pub payload: u64,
    /// What `lr` has reserved, as the reference's machine holds it.
    pub reservation: u64,
}

/// Offsets of the fields, for generated code.
pub const REGS: i32 = 0;
pub const LANES: i32 = 256;
pub const BASE: i32 = LANES + 96;
pub const TRACE: i32 = BASE + 8;
pub const BUDGET: i32 = TRACE + 8;
pub const TABLE: i32 = BUDGET + 8;
pub const EXIT: i32 = TABLE + 8;
pub const PAYLOAD: i32 = EXIT + 8;
pub const RESERVATION: i32 = PAYLOAD + 8;

const _: () = {
    use core::mem::offset_of;
    assert!(offset_of!(Context, lanes) == LANES as usize && offset_of!(Context, base) == BASE as usize);
    assert!(offset_of!(Context, trace) == TRACE as usize && offset_of!(Context, budget) == BUDGET as usize);
    assert!(offset_of!(Context, table) == TABLE as usize && offset_of!(Context, exit) == EXIT as usize);
    assert!(offset_of!(Context, payload) == PAYLOAD as usize);
    assert!(offset_of!(Context, reservation) == RESERVATION as usize);
};

/// At a site, whose number is the payload: the instruction there has not run.
pub const EXIT_SITE: u32 = 0;
/// At an access that the host refused: the payload is its offset in the code.
pub const EXIT_REFUSED: u32 = 1;
/// Behind an executed block: the payload is the next pc, where no block may be entered.
pub const EXIT_ARRIVED: u32 = 2;
