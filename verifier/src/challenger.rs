//! The transcript.
//!
//! The library seeds each of its sub-protocols with a description of it: names, sizes, parameters. These follow from
//! what our transcripts absorb before all else ([`transcript_head`](crate::transcript_head)), so a seed says nothing new,
//! and hashing thousands of elements of them again and again is most of what a short transcript costs. Each is replaced by
//! one element, its ordinal. A seed arrives by `observe_slice`, and in the protocols that we use nothing else does; see docs/decisions/021.

use air::F;
use p3_challenger::{
    CanObserve, CanSample, CanSampleBits, CanSampleUniformBits, DuplexChallenger, FieldChallenger, GrindingChallenger,
    ResamplingError,
};
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use p3_symmetric::MerkleCap;

use air::layout::DIGEST;

use crate::config::{Challenge, RATE, WIDTH};
use crate::permutation::Permutation;
use crate::scheme::{Claim, Committed};

/// Elements of the shortest seed: the 64 bytes of a name, three to an element, behind their number.
const SHORTEST_SEED: usize = 1 + 64_usize.div_ceil(3);

type Duplex = DuplexChallenger<F, Permutation, WIDTH, RATE>;

/// The transcript of one proof, and what the commitment schemes leave for behind the library's protocol.
#[derive(Clone, Debug)]
pub struct Challenger {
    duplex: Duplex,
    /// Seeds so far.
    seeds: u32,
    /// Whether a nonce was wrong: the library cannot be told where it is found.
    nonce_failed: bool,
    claim: Option<Claim>,
    /// For tests.
    #[cfg(debug_assertions)]
    test: Test,
}

/// What tests see of a transcript, and change of it.
#[cfg(debug_assertions)]
#[derive(Clone, Debug, Default)]
struct Test {
    log: alloc::vec::Vec<Turn>,
    is_lazy: bool,
}

/// What a transcript did.
#[cfg(debug_assertions)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// A seed of the library's, of which it absorbed the ordinal.
    Seed(alloc::vec::Vec<F>),
    /// So many elements of messages.
    Message(usize),
    /// A challenge of so many elements.
    Challenge(usize),
}

impl Challenger {
    /// A transcript that has absorbed its head.
    pub fn new(head: &[F]) -> Self {
        let mut duplex = Duplex::new(Permutation::default());
        duplex.observe_slice(head);
        Self {
            duplex,
            seeds: 0,
            nonce_failed: false,
            claim: None,
            #[cfg(debug_assertions)]
            test: Test::default(),
        }
    }

    /// A transcript of whom does not do the first work, or does not ask for it.
    #[cfg(debug_assertions)]
    pub fn lazy(head: &[F]) -> Self {
        Self { test: Test { is_lazy: true, ..Test::default() }, ..Self::new(head) }
    }

    /// What was done since the head.
    #[cfg(debug_assertions)]
    pub fn log(&self) -> &[Turn] {
        &self.test.log
    }

    /// Absorbs the ordinal of the next seed, where the library absorbs the seed.
    pub fn seed(&mut self) {
        self.duplex.observe(F::from_u32(self.seeds));
        self.seeds += 1;
    }

    /// Absorbs challenges' elements, coefficient by coefficient.
    pub fn absorb(&mut self, elements: &[Challenge]) {
        self.observe_algebra_slice(elements);
    }

    /// Draws a challenge.
    pub fn draw(&mut self) -> Challenge {
        self.sample_algebra_element()
    }

    /// Draws a challenge that is not zero.
    pub fn draw_nonzero(&mut self) -> Challenge {
        loop {
            let challenge = self.draw();
            if challenge != Challenge::ZERO {
                return challenge;
            }
        }
    }

    /// Whether a commitment's nonce was wrong.
    pub const fn nonce_failed(&self) -> bool {
        self.nonce_failed
    }

    /// Notes that a commitment's nonce is wrong.
    pub(crate) const fn fail_nonce(&mut self) {
        self.nonce_failed = true;
    }

    /// Leaves a claim to be settled behind the protocol.
    pub(crate) fn leave(&mut self, claim: Claim) {
        self.claim = Some(claim);
    }

    /// Takes the claim that was left.
    pub fn take_claim(&mut self) -> Option<Claim> {
        self.claim.take()
    }

    #[cfg(debug_assertions)]
    const fn is_lazy(&self) -> bool {
        self.test.is_lazy
    }

    #[cfg(not(debug_assertions))]
    const fn is_lazy(&self) -> bool {
        false
    }

    #[cfg(debug_assertions)]
    fn note(&mut self, turn: Turn) {
        match (self.test.log.last_mut(), turn) {
            (Some(Turn::Message(so_far)), Turn::Message(more)) => *so_far += more,
            (Some(Turn::Challenge(so_far)), Turn::Challenge(more)) => *so_far += more,
            (_, turn) => self.test.log.push(turn),
        }
    }
}

impl CanObserve<F> for Challenger {
    fn observe(&mut self, element: F) {
        #[cfg(debug_assertions)]
        self.note(Turn::Message(1));
        self.duplex.observe(element);
    }

    fn observe_slice(&mut self, seed: &[F]) {
        // What is shorter than any seed is no seed, whatever a release of the library may send so.
        if seed.len() < SHORTEST_SEED {
            return seed.iter().for_each(|&element| self.observe(element));
        }
        #[cfg(debug_assertions)]
        self.note(Turn::Seed(seed.to_vec()));
        let _ = seed;
        self.seed();
    }
}

impl CanObserve<MerkleCap<F, [F; DIGEST]>> for Challenger {
    fn observe(&mut self, cap: MerkleCap<F, [F; DIGEST]>) {
        cap.roots().iter().flatten().for_each(|&element| self.observe(element));
    }
}

impl CanObserve<Committed> for Challenger {
    fn observe(&mut self, committed: Committed) {
        committed.root.into_iter().chain([committed.nonce]).for_each(|element| self.observe(element));
    }
}

impl CanSample<F> for Challenger {
    fn sample(&mut self) -> F {
        #[cfg(debug_assertions)]
        self.note(Turn::Challenge(1));
        self.duplex.sample()
    }
}

impl CanSampleBits<usize> for Challenger {
    fn sample_bits(&mut self, bits: usize) -> usize {
        #[cfg(debug_assertions)]
        self.note(Turn::Challenge(1));
        self.duplex.sample_bits(bits)
    }
}

impl CanSampleUniformBits<F> for Challenger {
    fn sample_uniform_bits<const RESAMPLE: bool>(&mut self, bits: usize) -> Result<usize, ResamplingError> {
        #[cfg(debug_assertions)]
        self.note(Turn::Challenge(1));
        self.duplex.sample_uniform_bits::<RESAMPLE>(bits)
    }
}

impl GrindingChallenger for Challenger {
    type Witness = F;

    fn grind(&mut self, bits: usize) -> F {
        let work = self.duplex.clone().grind(if self.is_lazy() { 0 } else { bits });
        // Absorbed as a verifier absorbs it.
        let _ = self.check_witness(bits, work);
        work
    }

    fn check_witness(&mut self, bits: usize, work: F) -> bool {
        if bits == 0 {
            return true;
        }
        self.observe(work);
        let is_done = self.sample_bits(bits) == 0 || self.is_lazy();
        #[cfg(debug_assertions)]
        {
            self.test.is_lazy = false;
        }
        is_done
    }
}

impl FieldChallenger<F> for Challenger {
    // The library's own would send an element of the extension as a slice.
    fn observe_algebra_element<A: BasedVectorSpace<F>>(&mut self, element: A) {
        element.as_basis_coefficients_slice().iter().for_each(|&coefficient| self.observe(coefficient));
    }
}
