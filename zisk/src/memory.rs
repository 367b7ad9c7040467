//! The allocator of the command. Blocks of megabytes are the system's pages, and those that are freed are kept for those that
//! are asked for next: a proof takes gigabytes, and each new page costs a fault and zeros, a fifth of the time of a proof that
//! follows another. What is kept never makes the process larger than it has been: whatever is asked for takes kept pages
//! first, and what it lacks of them it takes new only after as much of what is kept otherwise has been given back.
//!
//! The system's refusal ends the command with a line that says so (`host`).
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::host;

/// Bytes from which on a block is kept.
const LARGE: usize = 4 << 20;
/// The largest alignment that pages have by themselves.
const PAGE: usize = 4096;
/// Bytes from which on zeros are taken to stay untouched for the most part, as the interpreter's memory does: of large pages
/// each store there would take 2 MiB.
const SPARSE: usize = 1 << 30;

/// The system's memory, kept when it is freed and never refused.
pub struct Keeping;

#[global_allocator]
static ALLOCATOR: Keeping = Keeping;

static KEPT: Mutex<Kept> = Mutex::new(Kept::NONE);

fn kept() -> MutexGuard<'static, Kept> {
    // Nothing that holds the lock panics.
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_large(layout: Layout) -> bool {
    cfg!(target_os = "linux") && layout.size() >= LARGE && layout.align() <= PAGE
}

// SAFETY: a layout tells whether a block is large. Other blocks are the system's allocator's: every call goes there as it came.
// A large block is a mapping of its own, so it is aligned to pages, as long as its layout says and nobody else's: `pages::map`
// makes it, `pages::resize` changes its length, and a kept one is taken out of the list by whoever gets it. Null is never
// returned: on it the process ends.
unsafe impl GlobalAlloc for Keeping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let memory = if is_large(layout) {
            take(layout.size(), false)
        } else {
            // SAFETY: the caller's promises are those that the system's allocator asks for.
            unsafe { System.alloc(layout) }
        };
        given(memory, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let memory = if is_large(layout) {
            take(layout.size(), true)
        } else {
            // SAFETY: as above.
            unsafe { System.alloc_zeroed(layout) }
        };
        given(memory, layout.size())
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that a layout of this size and alignment is one.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (is_large(layout), is_large(wanted)) {
            (true, true) => given(resize(Block { memory, bytes: layout.size() }, size), size),
            // SAFETY: as above.
            (false, false) => given(unsafe { System.realloc(memory, layout, size) }, size),
            _ => {
                // SAFETY: the new block is as long as asked for, and the old one is given up after it has been read.
                unsafe {
                    let new = self.alloc(wanted);
                    memory.copy_to_nonoverlapping(new, layout.size().min(size));
                    self.dealloc(memory, layout);
                    new
                }
            }
        }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        if !is_large(layout) {
            // SAFETY: as above.
            return unsafe { System.dealloc(memory, layout) };
        }
        let surplus = kept().put(Block { memory, bytes: layout.size() });
        surplus.into_iter().for_each(pages::give_back);
    }
}

fn given(memory: *mut u8, size: usize) -> *mut u8 {
    if memory.is_null() {
        host::refuse(size);
    }
    memory
}

/// A large block.
fn take(bytes: usize, zeros: bool) -> *mut u8 {
    let block = kept().take(bytes);
    let (memory, used) = match block {
        Some(block) => (resize(block, bytes), block.bytes.min(bytes)),
        None => (pages::map(bytes), 0),
    };
    if memory.is_null() {
        return memory;
    }
    if !zeros || bytes < SPARSE {
        pages::enlarge(Block { memory, bytes });
    }
    if zeros {
        // SAFETY: the block is at least as long, and what is behind it are new pages, which are zeros.
        unsafe { memory.write_bytes(0, used) };
    }
    memory
}

/// A block with another length. What it grows by is given back of what is kept before, as far as there is that much.
fn resize(block: Block, bytes: usize) -> *mut u8 {
    let mut missing = bytes.saturating_sub(block.bytes);
    while missing > 0 {
        let Some(other) = kept().take(missing) else { break };
        let left = other.bytes.saturating_sub(missing);
        missing = missing.saturating_sub(other.bytes);
        let surplus = if left < LARGE {
            Some(other)
        } else {
            kept().put(Block { memory: pages::resize(other, left), bytes: left })
        };
        surplus.into_iter().for_each(pages::give_back);
    }
    pages::resize(block, bytes)
}

/// Pages of the system.
#[derive(Clone, Copy)]
struct Block {
    memory: *mut u8,
    bytes: usize,
}

/// Blocks that are kept.
struct Kept {
    blocks: [Block; Self::MOST],
    len: usize,
}

// SAFETY: a block is memory that nobody uses, in whatever thread.
unsafe impl Send for Kept {}

impl Kept {
    /// More blocks than proofs have at a time.
    const MOST: usize = 64;
    const NONE: Self = Self { blocks: [Block { memory: std::ptr::null_mut(), bytes: 0 }; Self::MOST], len: 0 };

    /// The smallest that is no smaller, or else the largest.
    fn take(&mut self, bytes: usize) -> Option<Block> {
        let blocks = self.blocks[..self.len].iter().enumerate();
        let key = |block: &Block| (block.bytes < bytes, block.bytes.abs_diff(bytes));
        let (best, &block) = blocks.min_by_key(|(_, block)| key(block))?;
        self.len -= 1;
        self.blocks[best] = self.blocks[self.len];
        Some(block)
    }

    /// Keeps a block; if there are too many, returns it.
    fn put(&mut self, block: Block) -> Option<Block> {
        let Some(place) = self.blocks.get_mut(self.len) else { return Some(block) };
        *place = block;
        self.len += 1;
        None
    }
}

#[cfg(target_os = "linux")]
mod pages {
    use std::ptr::null_mut;

    use super::Block;

    /// New pages of zeros; null if they are refused.
    pub(super) fn map(bytes: usize) -> *mut u8 {
        let (rights, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: where the pages lie is left to the system, which takes none that are in use.
        none_if_failed(unsafe { libc::mmap(null_mut(), bytes, rights, kind, -1, 0) })
    }

    /// The same pages, fewer or more, wherever there is room for them; null if that is refused.
    pub(super) fn resize(block: Block, bytes: usize) -> *mut u8 {
        if block.bytes == bytes {
            return block.memory;
        }
        // SAFETY: the block is a mapping of that length, and whoever resizes it knows its old place no more.
        none_if_failed(unsafe { libc::mremap(block.memory.cast(), block.bytes, bytes, libc::MREMAP_MAYMOVE) })
    }

    pub(super) fn give_back(block: Block) {
        // SAFETY: the block is a mapping of that length, which nobody uses. It is refused where no list has room for what is
        // left around it, and the pages stay then.
        unsafe { libc::munmap(block.memory.cast(), block.bytes) };
    }

    /// Asks for large pages behind a block, each of which costs one fault instead of 512.
    pub(super) fn enlarge(block: Block) {
        // SAFETY: advice about a mapping changes nothing that it holds, and a refusal nothing at all.
        unsafe { libc::madvise(block.memory.cast(), block.bytes, libc::MADV_HUGEPAGE) };
    }

    fn none_if_failed(memory: *mut libc::c_void) -> *mut u8 {
        if memory == libc::MAP_FAILED { null_mut() } else { memory.cast() }
    }
}

/// Nowhere else is a block large.
#[cfg(not(target_os = "linux"))]
mod pages {
    use super::Block;

    pub(super) fn map(_: usize) -> *mut u8 {
        std::ptr::null_mut()
    }

    pub(super) fn resize(_: Block, _: usize) -> *mut u8 {
        std::ptr::null_mut()
    }

    pub(super) fn give_back(_: Block) {}

    pub(super) fn enlarge(_: Block) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks at some addresses, which nobody reads.
    fn blocks(bytes: &[usize]) -> Kept {
        let mut kept = Kept::NONE;
        for &bytes in bytes {
            assert!(kept.put(Block { memory: std::ptr::without_provenance_mut(bytes), bytes }).is_none());
        }
        kept
    }

    #[test]
    fn the_best_block_is_taken() {
        let mut kept = blocks(&[50, 10, 40, 30, 20]);
        let mut take = |bytes| kept.take(bytes).map(|block| (block.memory.addr(), block.bytes));
        assert_eq!(take(30), Some((30, 30)));
        assert_eq!(take(30), Some((40, 40)));
        assert_eq!(take(60), Some((50, 50)));
        assert_eq!(take(60), Some((20, 20)));
        assert_eq!(take(1), Some((10, 10)));
        assert_eq!(take(1), None);
    }

    #[test]
    fn no_more_are_kept_than_there_is_room_for() {
        let mut kept = blocks(&[1; Kept::MOST]);
        assert!(kept.put(Block { memory: std::ptr::null_mut(), bytes: 2 }).is_some_and(|block| block.bytes == 2));
        assert!(kept.take(1).is_some() && kept.put(Block { memory: std::ptr::null_mut(), bytes: 2 }).is_none());
    }

    /// Large and small, grown and shrunk, with zeros and without, of several threads: what has been written is there, zeros
    /// are zeros, and no two blocks are one.
    #[test]
    fn blocks_hold_what_is_written() {
        let sizes = [LARGE - 1, LARGE, LARGE + 1, 2 * LARGE + 4097, 100, 5 * LARGE, LARGE / 2];
        let work = |thread: usize| {
            let mut held: Vec<Vec<u8>> = Vec::new();
            for (i, &size) in sizes.iter().cycle().take(60).enumerate() {
                let mark = (16 * thread + i % 16) as u8;
                let mut block = if i % 3 == 0 { vec![0; size] } else { Vec::with_capacity(size) };
                assert!(block.iter().all(|&byte| byte == 0), "zeros");
                block.clear();
                block.resize(size, mark);
                block.resize(sizes[(i + 3) % sizes.len()], mark);
                block.shrink_to_fit();
                assert!(block.iter().all(|&byte| byte == mark), "{i}");
                held.push(block);
                if held.len() > 4 {
                    let old = held.remove(i % 3);
                    assert!(old.windows(2).all(|pair| pair[0] == pair[1]), "{i}");
                }
            }
        };
        std::thread::scope(|scope| {
            for thread in 1..4 {
                scope.spawn(move || work(thread));
            }
        });
    }
}
