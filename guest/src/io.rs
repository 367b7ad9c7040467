//! Input and output are plain memory: eight bytes of length, little endian, eight zeros, then the bytes.

use crate::map;

/// The most bytes of input that a program accepts.
pub const MAX_INPUT_LEN: usize = map::INPUT_SIZE - map::HEADER_SIZE;
/// The most bytes of output that a program can write.
pub const MAX_OUTPUT_LEN: usize = map::OUTPUT_SIZE - map::HEADER_SIZE;

/// The program's private input, where it lies, at a multiple of 16: nothing is copied, and every call returns the same
/// bytes. Whoever proves
/// the run fills this memory freely, not from a file alone: [what to rely on](crate#input).
///
/// # Panics
///
/// If the length in memory is above [`MAX_INPUT_LEN`]: nothing else stops one that reaches into other regions.
pub fn read_input() -> &'static [u8] {
    require_machine();
    // SAFETY: the machine has INPUT_SIZE readable bytes at INPUT, aligned, which nothing can write.
    unsafe { framed(map::INPUT as *const u8, MAX_INPUT_LEN) }
}

/// Appends `bytes` to the program's public output.
///
/// # Panics
///
/// If the output grows beyond [`MAX_OUTPUT_LEN`]; what was written before stays.
pub fn write_output(bytes: &[u8]) {
    require_machine();
    // SAFETY: the machine has OUTPUT_SIZE bytes at OUTPUT, aligned and zero at the start, that only this crate
    // writes: no slice that a caller can have overlaps them.
    unsafe { append(map::OUTPUT as *mut u8, MAX_OUTPUT_LEN, bytes) }
}

#[inline]
fn require_machine() {
    if !cfg!(all(target_arch = "riscv64", target_os = "none")) {
        panic!("input and output exist on the machine only");
    }
}

/// The bytes whose length stands in the eight bytes at `region`.
///
/// # Safety
///
/// `region` is aligned to eight bytes and has `HEADER_SIZE + capacity` bytes that can be read and do not change
/// during `'a`.
unsafe fn framed<'a>(region: *const u8, capacity: usize) -> &'a [u8] {
    // SAFETY: aligned and readable, says the caller.
    let len = unsafe { region.cast::<u64>().read() };
    assert!(len <= capacity as u64, "an input of {len} bytes does not fit into its region");
    // SAFETY: `len <= capacity`, so that these bytes can be read, says the caller.
    unsafe { core::slice::from_raw_parts(region.add(map::HEADER_SIZE), len as usize) }
}

/// Appends `bytes` to those whose length stands in the eight bytes at `region`: the memory is the only state.
///
/// # Safety
///
/// `region` is aligned to eight bytes and has `HEADER_SIZE + capacity` bytes that can be read and written, that
/// start as zero and that nothing but this function writes; `bytes` does not overlap them.
unsafe fn append(region: *mut u8, capacity: usize, bytes: &[u8]) {
    // SAFETY: aligned and readable, says the caller.
    let len = unsafe { region.cast::<u64>().read() } as usize;
    assert!(bytes.len() <= capacity - len, "{len} bytes of output and {} more do not fit", bytes.len());
    // SAFETY: `len + bytes.len() <= capacity`, so that the target can be written, and `bytes` lies elsewhere.
    unsafe {
        region.add(map::HEADER_SIZE + len).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        region.cast::<u64>().write((len + bytes.len()) as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{vec, vec::Vec};

    /// A region of memory with this many bytes behind its length.
    fn region(capacity: usize) -> Vec<u64> {
        vec![0; (map::HEADER_SIZE + capacity).div_ceil(8)]
    }

    #[test]
    #[should_panic(expected = "an input of 65 bytes does not fit")]
    fn a_length_beyond_the_region_is_refused() {
        let mut memory = region(64);
        memory[0] = 65;
        // SAFETY: `memory` has a header and 64 more.
        unsafe { framed(memory.as_ptr().cast(), 64) };
    }

    #[test]
    #[should_panic(expected = "an input of 18446744073709551615 bytes does not fit")]
    fn the_length_is_compared_in_all_its_bits() {
        let mut memory = region(64);
        memory[0] = u64::MAX;
        // SAFETY: `memory` has a header and 64 more.
        unsafe { framed(memory.as_ptr().cast(), 64) };
    }

    /// The lengths around what the machine's own region holds; what a cast to 32 bits would let pass, too.
    #[test]
    fn the_region_of_the_machine_holds_so_much_and_no_more() {
        // Zero pages, never touched but for the length.
        let mut memory = region(MAX_INPUT_LEN);
        let mut len_of = |len: u64| {
            memory[0] = len;
            // SAFETY: `memory` has a header and MAX_INPUT_LEN more.
            std::panic::catch_unwind(|| unsafe { framed(memory.as_ptr().cast(), MAX_INPUT_LEN) }.len())
        };
        let most = MAX_INPUT_LEN as u64;
        for len in [0, 1, most - 1, most] {
            assert_eq!(len_of(len).ok(), Some(len as usize));
        }
        for len in [most + 1, 1 << 30, 1 << 32, (1 << 32) + 8, 1 << 40, 1 << 63, u64::MAX] {
            assert!(len_of(len).is_err(), "{len}");
        }
    }

    #[test]
    #[should_panic(expected = "60 bytes of output and 5 more do not fit")]
    fn output_beyond_the_region_is_refused() {
        let mut memory = region(64);
        for piece in [&[1; 60][..], &[2; 5]] {
            // SAFETY: `memory` has a header and 64 more.
            unsafe { append(memory.as_mut_ptr().cast(), 64, piece) };
        }
    }

    #[test]
    #[should_panic(expected = "on the machine only")]
    fn another_computer_has_no_input() {
        read_input();
    }

    proptest! {
        #[test]
        fn what_is_appended_is_read_back(pieces in prop::collection::vec(any::<Vec<u8>>(), 0..8)) {
            let expected = pieces.concat();
            let mut memory = region(expected.len());
            for piece in &pieces {
                // SAFETY: `memory` has a header and as many more as all pieces together.
                unsafe { append(memory.as_mut_ptr().cast(), expected.len(), piece) };
            }
            // SAFETY: as above; nothing writes `memory` while the slice lives.
            let bytes = unsafe { framed(memory.as_ptr().cast(), expected.len()) };
            prop_assert_eq!(bytes, expected);
        }
    }
}
