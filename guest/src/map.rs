//! Addresses of the machine that a program touches itself; the linker script has the others.

/// Start of the input: eight bytes of length, little endian, eight zeros, then the bytes, which are so 16-aligned.
pub const INPUT: usize = 0x4000_0000;
/// Bytes of the input region, the header included.
pub const INPUT_SIZE: usize = 1 << 30;
/// Start of the output, in the form of the input.
pub const OUTPUT: usize = 0xe000_0000;
/// Bytes of the output region, the header included.
pub const OUTPUT_SIZE: usize = 64 << 20;
/// Bytes of the length and the zeros at the start of either region.
pub const HEADER_SIZE: usize = 16;
