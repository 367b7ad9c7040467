//! The memory of a run as the merge sees it: pages that come into being with their first access.

use spec_interp::map::{INPUT_BASE, INPUT_SIZE};
use spec_interp::{Input, Program};

use crate::event::SecondAccess;
use crate::layout::{PAGE_WORDS, TREE_DEPTH};
use crate::tree::PageWords;

/// A touched page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its number: the address over 256.
    pub number: u32,
    /// Its words at the start.
    pub first: PageWords,
    /// Its words at the end.
    pub last: PageWords,
    /// The times of their last accesses; 0 for a word that was never accessed.
    pub times: [u32; PAGE_WORDS],
}

/// The touched pages over the first memory, which is the program's image and the input.
#[derive(Debug)]
pub(crate) struct Image<'a> {
    program: &'a Program,
    input: Input<'a>,
    /// By page number: one more than the index in `pages`, or 0. Zeros are mapped lazily, so this costs what is used.
    slots: Vec<u32>,
    pages: Vec<Page>,
}

impl<'a> Image<'a> {
    pub(crate) fn new(program: &'a Program, input: Input<'a>) -> Self {
        Self { program, input, slots: vec![0; 1 << TREE_DEPTH], pages: Vec::new() }
    }

    /// Replaces the word at an index by what `new` makes of it, at a time; none if there is no such word.
    #[inline]
    pub(crate) fn access(&mut self, word: u32, time: u32, new: impl FnOnce(u64) -> u64) -> Option<SecondAccess> {
        let number = word / PAGE_WORDS as u32;
        let slot = *self.slots.get(number as usize)?;
        let slot = if slot == 0 { self.open(number) } else { slot };
        let page = &mut self.pages[slot as usize - 1];
        let (last, time_of) = (&mut page.last[word as usize % PAGE_WORDS], &mut page.times[word as usize % PAGE_WORDS]);
        let old = *last;
        *last = new(old);
        Some(SecondAccess { old, new: *last, prev: core::mem::replace(time_of, time) })
    }

    #[cold]
    fn open(&mut self, number: u32) -> u32 {
        let first = core::array::from_fn(|i| self.first_word(number * PAGE_WORDS as u32 + i as u32));
        self.pages.push(Page { number, first, last: first, times: [0; PAGE_WORDS] });
        let slot = self.pages.len() as u32;
        self.slots[number as usize] = slot;
        slot
    }

    fn first_word(&self, index: u32) -> u64 {
        let addr = u64::from(index) << 3;
        match addr.checked_sub(INPUT_BASE) {
            Some(offset) if offset < INPUT_SIZE => self.input.word((offset / 8) as usize),
            _ => self.program.word(addr),
        }
    }

    /// The touched pages in the order of addresses.
    pub(crate) fn into_pages(mut self) -> Vec<Page> {
        self.pages.sort_unstable_by_key(|page| page.number);
        self.pages
    }
}
