//! Addresses of the machine that a program touches itself; the linker script has the others.

/// Start of the input: eight bytes of length, little endian, then the bytes.
pub const INPUT: usize = 0x4000_0000;
/// Bytes of the input region, the length included.
pub const INPUT_SIZE: usize = 1 << 30;
/// Start of the output, in the form of the input.
pub const OUTPUT: usize = 0xe000_0000;
/// Bytes of the output region, the length included.
pub const OUTPUT_SIZE: usize = 64 << 20;
/// Bytes of the length at the start of either region.
pub const LENGTH_SIZE: usize = 8;
