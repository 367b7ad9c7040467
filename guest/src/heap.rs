//! The global allocator: `talc`, over all the memory between `__heap_start` and the end of RAM.
//!
//! Chosen by executed instructions. An allocation and its release cost, in 10,000 of them at random in 64 places
//! of up to 512 bytes, on top of a counter that never frees: talc 118, `buddy_system_allocator` 183, `dlmalloc`
//! 226, `linked_list_allocator` 259, `rlsf` 299. Where `serde_json` builds a document and drops it, `dlmalloc`
//! is ahead of talc by a fifth; the linked list, ahead by a third there, grows with every hole in the heap.

use core::alloc::{GlobalAlloc, Layout};
use core::ops::Range;
use talc::base::binning::{Binning, linear_extent_then_linearly_divided_exponential_binning};
use talc::base::{Talc, bitfield::BitField};
use talc::cell::TalcCell;
use talc::source::Source;

/// Sorts free blocks into lists by size: the widths fit one word of marks, so that finding a list is one search.
///
/// Untouched memory, one huge block, goes to the last list without the logarithm of its size, which takes some
/// forty instructions where the instruction set has no `clz` and would be taken in nearly every allocation.
#[derive(Debug)]
struct Lists;

impl Binning for Lists {
    type AvailabilityBitField = usize;
    const BIN_COUNT: u32 = <usize as BitField>::BITS - 1;

    #[inline]
    fn size_to_bin(size: usize) -> u32 {
        if size >= 1 << 24 {
            Self::BIN_COUNT - 1
        } else {
            linear_extent_then_linearly_divided_exponential_binning::<2, 16>(size)
        }
    }
}

/// Memory that the allocator claims when it is first asked for some, so that a program that needs no heap pays
/// nothing. Claiming writes the lists of free blocks and a mark at the far end, whatever the size.
#[derive(Debug)]
struct Region {
    /// Where the memory lies: a function, because the linker's symbols have no values at compile time.
    bounds: fn() -> Range<*mut u8>,
    claimed: bool,
}

// SAFETY: `acquire` uses no allocator but the one that it is given.
unsafe impl Source for Region {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, _: Layout) -> Result<(), ()> {
        if core::mem::replace(&mut talc.source.claimed, true) {
            return Err(());
        }
        let Range { start, end } = (talc.source.bounds)();
        // SAFETY: `Heap::new` vouches for the memory, and this is its only claim.
        unsafe { talc.claim(start, end as usize - start as usize) }.map(drop).ok_or(())
    }
}

/// An allocator for one hart, without a lock: atomic instructions are among the dearest to prove.
struct Heap(TalcCell<Region, Lists>);

// SAFETY: a program has one hart and no interrupts, so that no two calls are ever under way together.
unsafe impl Sync for Heap {}

impl Heap {
    /// An allocator over memory that it claims at its first call.
    ///
    /// # Safety
    ///
    /// The memory can be read and written and is used by nothing else as long as the allocator is; one thread
    /// uses the allocator.
    const unsafe fn new(bounds: fn() -> Range<*mut u8>) -> Self {
        Self(TalcCell::new(Region { bounds, claimed: false }))
    }
}

// SAFETY: every call is handed on to an allocator that keeps the contract.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of this function, which is the same.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { self.0.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as above.
        unsafe { self.0.realloc(block, layout, new_size) }
    }
}

#[cfg(all(target_arch = "riscv64", target_os = "none"))]
mod machine {
    use super::Heap;

    unsafe extern "C" {
        // SAFETY: two symbols of the linker script, of which only the addresses are taken.
        /// First byte of the heap; the linker script defines it. It has an address and no value.
        safe static mut __heap_start: u8;
        /// The first byte behind the heap.
        safe static mut __heap_end: u8;
    }

    // SAFETY: the linker script gives this memory to nothing else, and a program has one hart.
    #[global_allocator]
    static HEAP: Heap = unsafe { Heap::new(|| &raw mut __heap_start..&raw mut __heap_end) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{vec, vec::Vec};

    const ARENA: usize = 1 << 16;

    std::thread_local! {
        /// Where the heap of a test lies; its capacity is in words, for the alignment.
        static MEMORY: *mut u8 = Vec::leak(vec![0u64; ARENA / 8]).as_mut_ptr().cast();
    }

    fn heap() -> Heap {
        let bounds = || MEMORY.with(|&start| start..start.wrapping_add(ARENA));
        // SAFETY: the memory lives on, and a test uses one heap at a time, on its own thread.
        unsafe { Heap::new(bounds) }
    }

    /// A live block: every byte of it holds its mark.
    struct Block {
        start: *mut u8,
        layout: Layout,
        mark: u8,
    }

    impl Block {
        fn fill(&self) {
            // SAFETY: the block is live and has so many bytes.
            unsafe { self.start.write_bytes(self.mark, self.layout.size()) };
        }

        /// Whether the first `len` bytes still hold the mark: no other block reached into them.
        fn holds(&self, len: usize) -> bool {
            // SAFETY: the block is live, was filled and has at least `len` bytes.
            let bytes = unsafe { core::slice::from_raw_parts(self.start, len) };
            bytes.iter().all(|&byte| byte == self.mark)
        }

        fn is_placed(&self) -> bool {
            let memory = MEMORY.with(|&start| start as usize..start as usize + ARENA);
            let start = self.start as usize;
            start.is_multiple_of(self.layout.align())
                && memory.contains(&start)
                && start + self.layout.size() <= memory.end
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Alloc { size: usize, align: u32 },
        Free { index: usize },
        Resize { index: usize, size: usize },
    }

    fn step() -> impl Strategy<Value = Step> {
        let size = || prop_oneof![8 => 1usize..300, 1 => 300usize..20_000];
        prop_oneof![
            3 => (size(), 0u32..8).prop_map(|(size, align)| Step::Alloc { size, align }),
            2 => any::<usize>().prop_map(|index| Step::Free { index }),
            1 => (any::<usize>(), size()).prop_map(|(index, size)| Step::Resize { index, size }),
        ]
    }

    /// Takes `step`; an allocation that does not fit changes nothing.
    fn take(heap: &Heap, blocks: &mut Vec<Block>, step: Step, mark: u8) {
        match step {
            Step::Alloc { size, align } => {
                let layout = Layout::from_size_align(size, 1 << align).unwrap();
                // SAFETY: the size is not zero.
                let start = unsafe { heap.alloc(layout) };
                if !start.is_null() {
                    let block = Block { start, layout, mark };
                    block.fill();
                    blocks.push(block);
                }
            }
            Step::Free { index } if !blocks.is_empty() => {
                let block = blocks.swap_remove(index % blocks.len());
                assert!(block.holds(block.layout.size()));
                // SAFETY: the block is live and is forgotten.
                unsafe { heap.dealloc(block.start, block.layout) };
            }
            Step::Resize { index, size } if !blocks.is_empty() => {
                let index = index % blocks.len();
                let block = &mut blocks[index];
                // SAFETY: the block is live and the size is not zero.
                let start = unsafe { heap.realloc(block.start, block.layout, size) };
                if !start.is_null() {
                    let kept = size.min(block.layout.size());
                    block.start = start;
                    block.layout = Layout::from_size_align(size, block.layout.align()).unwrap();
                    assert!(block.holds(kept));
                    block.fill();
                }
            }
            Step::Free { .. } | Step::Resize { .. } => {}
        }
    }

    proptest! {
        #[test]
        fn blocks_keep_apart_and_all_memory_comes_back(steps in prop::collection::vec(step(), 0..200)) {
            let heap = heap();
            let mut blocks = Vec::new();
            for (index, step) in steps.into_iter().enumerate() {
                take(&heap, &mut blocks, step, index as u8);
                prop_assert!(blocks.iter().all(Block::is_placed));
                prop_assert!(blocks.iter().all(|block| block.holds(block.layout.size())));
            }
            for block in blocks {
                // SAFETY: the block is live and is forgotten.
                unsafe { heap.dealloc(block.start, block.layout) };
            }
            let nearly_all = Layout::from_size_align(ARENA - 2048, 8).unwrap();
            // SAFETY: the size is not zero.
            let block = unsafe { heap.alloc(nearly_all) };
            prop_assert!(!block.is_null());
        }
    }

    #[test]
    fn a_full_heap_answers_null_and_works_on() {
        let heap = heap();
        let layout = Layout::from_size_align(1 << 12, 8).unwrap();
        // SAFETY: the size is not zero.
        let mut blocks: Vec<_> = (0..ARENA >> 12).map(|_| unsafe { heap.alloc(layout) }).collect();
        assert!(blocks.pop().unwrap().is_null());
        // SAFETY: the block is live and is forgotten.
        unsafe { heap.dealloc(blocks[3], layout) };
        // SAFETY: the size is not zero.
        assert_eq!(unsafe { heap.alloc(layout) }, blocks[3]);
    }
}
