//! Real proofs: accepted for what they prove, rejected for everything else.
//!
//! On every push, in about three minutes on two cores: a tamper list with every field of a proof, flipped and missing
//! bytes, wrong statements, and for each table one forged witness through prover and verifier. With
//! `ZISK_FULL=1 cargo test -p prover --test proofs` also every column of every table is forged (an hour) and every byte
//! flipped (a day).

mod bytes;
mod forged;
mod languages;
mod programs;
mod region;
mod runs;
mod statement;
mod tamper;
#[cfg(debug_assertions)]
mod transcript;
mod unprovable;
