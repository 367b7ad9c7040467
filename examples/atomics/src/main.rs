//! Input: a text. Output: what is counted in its words, which white space separates (see `Tally::into_bytes`).
//! Console: how many instructions counting took.
//!
//! Written as if workers were threads: they share the counters through `Arc`, and nothing but atomics and a spin
//! lock keeps them apart.

#![no_std]
#![no_main]

extern crate alloc;

mod tally;

use alloc::{sync::Arc, vec::Vec};
use core::iter;
use tally::Tally;

guest::entry!(main);

const WORKERS: usize = 4;

/// Counts the lines that it is given.
struct Worker(Arc<Tally>);

impl Worker {
    fn read(&self, line: &'static [u8]) {
        let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        words.for_each(|word| self.0.add(word));
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.leave();
    }
}

fn main() {
    let text = guest::read_input();
    let start = guest::cycles();
    let tally = count(text);
    let instructions = guest::cycles() - start;
    guest::println!("counted in {instructions} instructions");
    guest::write_output(&tally.into_bytes());
}

/// Deals the lines out to the workers, one after the other.
fn count(text: &'static [u8]) -> Tally {
    let tally = Arc::new(Tally::new());
    let workers: Vec<_> = iter::repeat_with(|| Worker(Arc::clone(&tally))).take(WORKERS).collect();
    for (line, worker) in text.split(|&byte| byte == b'\n').zip(workers.iter().cycle()) {
        worker.read(line);
    }
    drop(workers);
    assert_eq!(tally.done(), WORKERS);
    Arc::into_inner(tally).expect("every worker is gone, and its share with it")
}
