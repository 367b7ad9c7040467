//! Counters that many threads may update at once: atomics of every width, and a table behind a spin lock.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize};
use spin::Mutex;

/// What is counted in words. Sums are modulo their width.
pub struct Tally {
    /// Words.
    words: AtomicU64,
    /// Bytes in words.
    bytes: AtomicU32,
    /// Length of the shortest word; all ones without any.
    shortest: AtomicU32,
    /// Length of the longest word, at most all ones.
    longest: AtomicU16,
    /// Length of the word before, cut off to its width.
    previous: AtomicU16,
    /// Places where the length differs in parity from that of the word before, the first of which is 0.
    changes: AtomicU16,
    /// Bit i: whether a word starts with a byte that is i modulo 32.
    initials: AtomicU32,
    /// The exclusive or of the hashes of all words: the same in any order.
    unordered: AtomicU64,
    /// A hash over the hashes of all words, in order.
    ordered: AtomicU64,
    /// How often each byte starts a word.
    starts: [AtomicU8; 256],
    /// How often each word occurs.
    counts: Mutex<BTreeMap<&'static [u8], u64>>,
    /// Workers that have gone.
    done: AtomicUsize,
}

impl Tally {
    /// Nothing counted.
    pub fn new() -> Self {
        Self {
            words: AtomicU64::new(0),
            bytes: AtomicU32::new(0),
            shortest: AtomicU32::new(u32::MAX),
            longest: AtomicU16::new(0),
            previous: AtomicU16::new(0),
            changes: AtomicU16::new(0),
            initials: AtomicU32::new(0),
            unordered: AtomicU64::new(0),
            ordered: AtomicU64::new(0),
            starts: [const { AtomicU8::new(0) }; 256],
            counts: Mutex::new(BTreeMap::new()),
            done: AtomicUsize::new(0),
        }
    }

    /// Counts a word, which is not empty.
    pub fn add(&self, word: &'static [u8]) {
        let (len, hash) = (word.len() as u32, hash(word));
        self.words.fetch_add(1, Relaxed);
        self.bytes.fetch_add(len, Relaxed);
        self.shortest.fetch_min(len, Relaxed);
        self.longest.fetch_max(len.try_into().unwrap_or(u16::MAX), Relaxed);
        let previous = self.previous.swap(len as u16, AcqRel);
        self.changes.fetch_add((previous ^ len as u16) & 1, Acquire);
        self.initials.fetch_or(1 << (word[0] % 32), Release);
        self.unordered.fetch_xor(hash, AcqRel);
        self.starts[usize::from(word[0])].fetch_add(1, Relaxed);
        *self.counts.lock().entry(word).or_default() += 1;
        let mut seen = self.ordered.load(Acquire);
        while let Err(now) = self.ordered.compare_exchange_weak(seen, mix(seen, hash), AcqRel, Acquire) {
            seen = now;
        }
    }

    /// A worker goes.
    pub fn leave(&self) {
        self.done.fetch_add(1, SeqCst);
    }

    /// Workers that have gone.
    pub fn done(&self) -> usize {
        self.done.load(SeqCst)
    }

    /// The counts one behind the other, little endian; then how often the most frequent word occurs, the first of
    /// several, and the word itself.
    pub fn into_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend(self.words.into_inner().to_le_bytes());
        bytes.extend(self.bytes.into_inner().to_le_bytes());
        bytes.extend(self.shortest.into_inner().to_le_bytes());
        bytes.extend(self.longest.into_inner().to_le_bytes());
        bytes.extend(self.previous.into_inner().to_le_bytes());
        bytes.extend(self.changes.into_inner().to_le_bytes());
        bytes.extend(self.initials.into_inner().to_le_bytes());
        bytes.extend(self.unordered.into_inner().to_le_bytes());
        bytes.extend(self.ordered.into_inner().to_le_bytes());
        bytes.extend(self.starts.map(AtomicU8::into_inner));
        let counts = self.counts.into_inner();
        if let Some((word, count)) = counts.into_iter().min_by_key(|&(_, count)| Reverse(count)) {
            bytes.extend(count.to_le_bytes());
            bytes.extend(word);
        }
        bytes
    }
}

/// FNV-1a.
fn hash(word: &[u8]) -> u64 {
    word.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| mix(hash, byte.into()))
}

fn mix(hash: u64, value: u64) -> u64 {
    (hash ^ value).wrapping_mul(0x0000_0100_0000_01b3)
}
