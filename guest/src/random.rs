//! Randomness for the crate `getrandom`, by its custom backend: the machine has none, so there is an error until the
//! program seeds a generator.

use core::cell::RefCell;

#[cfg(any(test, all(target_arch = "riscv64", target_os = "none")))]
use getrandom::Error;
use rand_chacha::ChaCha20Rng;
#[cfg(any(test, all(target_arch = "riscv64", target_os = "none")))]
use rand_chacha::rand_core::RngCore;
use rand_chacha::rand_core::SeedableRng;

/// What the backend draws from.
struct Generator(RefCell<Option<ChaCha20Rng>>);

// SAFETY: a program has one hart and no interrupts.
unsafe impl Sync for Generator {}

static GENERATOR: Generator = Generator(RefCell::new(None));

/// Seeds what `getrandom` gives from now on: a stream of ChaCha20, the same for the same seed.
///
/// Whoever proves chooses the input, and with it the seed: what is drawn is random for no one who does not trust them. Where
/// that matters, take the seed from what they cannot choose, such as a hash over all of the input.
pub fn seed_random(seed: [u8; 32]) {
    *GENERATOR.0.borrow_mut() = Some(ChaCha20Rng::from_seed(seed));
}

/// Fills the bytes, or says that there is no seed.
#[cfg(any(test, all(target_arch = "riscv64", target_os = "none")))]
fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    match &mut *GENERATOR.0.borrow_mut() {
        Some(generator) => {
            generator.fill_bytes(bytes);
            Ok(())
        }
        None => Err(Error::UNSUPPORTED),
    }
}

/// The custom backend of `getrandom` 0.3 and 0.4.
///
/// # Safety
///
/// `dest` points to `len` bytes that can be written.
#[cfg(any(test, all(target_arch = "riscv64", target_os = "none")))]
#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "Rust" fn __getrandom_v03_custom(dest: *mut u8, len: usize) -> Result<(), Error> {
    // SAFETY: the caller vouches for the bytes, which are initialised first.
    let bytes = unsafe {
        dest.write_bytes(0, len);
        core::slice::from_raw_parts_mut(dest, len)
    };
    fill(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_nothing_until_it_is_seeded() {
        let mut bytes = [0; 40];
        // SAFETY: the bytes are there.
        let mut draw = || unsafe { __getrandom_v03_custom(bytes.as_mut_ptr(), bytes.len()).map(|()| bytes) };
        assert_eq!(draw(), Err(Error::UNSUPPORTED));
        seed_random([7; 32]);
        let (first, second) = (draw(), draw());
        assert!(first.is_ok() && second.is_ok() && first != second);
        seed_random([7; 32]);
        assert_eq!(draw(), first);
    }
}
