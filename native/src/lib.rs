//! The programs of `zisk bench exec` as native programs, to compare guests with.
//!
//! They are compiled by the build script for baseline x86-64 at the highest optimisation, without vectorisation of
//! loops or of straight code, in every profile.
#![forbid(unsafe_code)]

// Found on the search path that the build script adds.
extern crate workloads;

pub use workloads::{ALL, LOOP, MIX, QUICKSORT, SHA256, Workload};
