//! Words without much of a pattern: xorshift64 (Marsaglia, "Xorshift RNGs", 2003).

/// A generator.
pub struct Random(u64);

impl Random {
    /// A generator; the seed must not be 0.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next word.
    pub fn word(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
