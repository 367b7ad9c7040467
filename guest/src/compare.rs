//! `memcmp` and `bcmp` by doublewords: those that come with the compiler for this target compare byte by byte.

use core::ffi::c_int;

const WORD: usize = size_of::<u64>();

/// Where two blocks of `len` bytes first differ; `len` if they do not.
///
/// # Safety
///
/// Both blocks can be read.
#[inline(always)]
unsafe fn first_difference(a: *const u8, b: *const u8, len: usize) -> usize {
    let mut at = 0;
    // Doublewords can be compared where both are aligned.
    if (a as usize ^ b as usize).is_multiple_of(WORD) {
        let head = a.align_offset(WORD).min(len);
        while at < head {
            // SAFETY: `at < len`.
            if unsafe { *a.add(at) != *b.add(at) } {
                return at;
            }
            at += 1;
        }
        let words = at + (len - at) / WORD * WORD;
        while at < words {
            // SAFETY: `at + WORD <= len`, and both are aligned behind the head.
            if unsafe { *a.add(at).cast::<u64>() != *b.add(at).cast::<u64>() } {
                break;
            }
            at += WORD;
        }
    }
    while at < len {
        // SAFETY: `at < len`.
        if unsafe { *a.add(at) != *b.add(at) } {
            break;
        }
        at += 1;
    }
    at
}

/// `int memcmp(const void* a, const void* b, size_t len)`: the sign of the first difference of unsigned bytes, or 0.
///
/// # Safety
///
/// Both blocks can be read.
#[cfg_attr(all(target_arch = "riscv64", target_os = "none"), unsafe(no_mangle))]
unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, len: usize) -> c_int {
    // SAFETY: the caller vouches for the blocks.
    let at = unsafe { first_difference(a, b, len) };
    if at >= len {
        return 0;
    }
    // SAFETY: `at < len`.
    unsafe { c_int::from(*a.add(at)) - c_int::from(*b.add(at)) }
}

/// `int bcmp(const void* a, const void* b, size_t len)`: 0 iff the blocks are equal.
///
/// # Safety
///
/// Both blocks can be read.
#[cfg_attr(all(target_arch = "riscv64", target_os = "none"), unsafe(no_mangle))]
unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, len: usize) -> c_int {
    // SAFETY: the caller vouches for the blocks.
    c_int::from(unsafe { first_difference(a, b, len) } < len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    proptest! {
        /// At all alignments, with and without a difference.
        #[test]
        fn blocks_compare_as_slices_do(
            bytes in prop::collection::vec(any::<u8>(), 0..60),
            other in prop::collection::vec(any::<u8>(), 0..60),
            shift in 0usize..16,
            changed in any::<prop::sample::Index>(),
            change in any::<u8>(),
        ) {
            let mut near = bytes.clone();
            if !near.is_empty() {
                let at = changed.index(near.len());
                near[at] ^= change;
            }
            for second in [near, other] {
                let len = bytes.len().min(second.len());
                let shifted: Vec<u8> = std::iter::repeat_n(0, shift).chain(second.iter().copied()).collect();
                let (a, b) = (&bytes[..len], &shifted[shift..shift + len]);
                // SAFETY: both have so many bytes.
                let (order, differ) = unsafe { (memcmp(a.as_ptr(), b.as_ptr(), len), bcmp(a.as_ptr(), b.as_ptr(), len)) };
                prop_assert_eq!(order.cmp(&0), a.cmp(b));
                prop_assert_eq!(differ != 0, a != b);
            }
        }
    }
}
