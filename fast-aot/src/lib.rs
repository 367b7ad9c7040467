//! The fast engine: empty for now. The interpreter of `spec-interp` serves meanwhile.
//!
//! It will translate a whole program to x86-64 once, before it runs: basic blocks, the hottest guest registers in host
//! registers, counters per block. A run on it will show the same outcome, output and console as one on `spec-interp`,
//! which stays the meaning of the machine, and will give what proving needs in chunks: a checkpoint (pc, registers, count
//! of instructions) and the words that were loaded, so that every chunk can be replayed alone on any core.
//!
//! It will be the only crate of the project with `unsafe`. The tables and the verifier do not depend on it.
#![warn(missing_docs)]
