//! From an instruction to a compressed one that expands to it: the decoder, inverted by trying all halfwords.

use std::collections::HashMap;

use spec_interp::{Inst, decode};

/// For each instruction that has one, a halfword.
pub struct Compressor(HashMap<Inst, u16>);

impl Compressor {
    /// Decodes every halfword.
    pub fn new() -> Self {
        let halves = (0..=u16::MAX).filter(|half| half & 3 != 3);
        Self(halves.filter_map(|half| Some((decode(u32::from(half))?, half))).collect())
    }

    /// A halfword for this instruction, whatever its length.
    pub fn compress(&self, inst: &Inst) -> Option<u16> {
        self.0.get(&Inst { len: 2, ..*inst }).copied()
    }
}
