//! The one permutation of commitments and transcript, counted where debug assertions are on: recursion pays for each.

use p3_koala_bear::{Poseidon2KoalaBear, default_koalabear_poseidon2_24};
use p3_symmetric::CryptographicPermutation;

use crate::config::WIDTH;

/// Poseidon2 of 24 elements, with the library's constants.
#[derive(Clone, Debug)]
pub struct Permutation(Poseidon2KoalaBear<WIDTH>);

impl Default for Permutation {
    fn default() -> Self {
        Self(default_koalabear_poseidon2_24())
    }
}

impl<T: Clone> p3_symmetric::Permutation<T> for Permutation
where
    Poseidon2KoalaBear<WIDTH>: p3_symmetric::Permutation<T>,
{
    #[inline]
    fn permute_mut(&self, state: &mut T) {
        #[cfg(debug_assertions)]
        count::COUNT.fetch_add(1, core::sync::atomic::Ordering::Relaxed);
        self.0.permute_mut(state);
    }
}

impl<T: Clone> CryptographicPermutation<T> for Permutation where Poseidon2KoalaBear<WIDTH>: CryptographicPermutation<T> {}

/// Counts permutations that were computed elsewhere.
#[inline]
pub(crate) fn tally(permutations: usize) {
    #[cfg(debug_assertions)]
    count::COUNT.fetch_add(permutations as u64, core::sync::atomic::Ordering::Relaxed);
    #[cfg(not(debug_assertions))]
    let _ = permutations;
}

/// How often the permutation was computed, by all threads.
#[cfg(debug_assertions)]
pub mod count {
    use core::sync::atomic::{AtomicU64, Ordering};

    pub(super) static COUNT: AtomicU64 = AtomicU64::new(0);

    /// The number so far.
    pub fn so_far() -> u64 {
        COUNT.load(Ordering::Relaxed)
    }
}
