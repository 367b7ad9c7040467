//! The allocator of the command. Blocks of megabytes are the system's pages, and those that are freed are kept for those that
//! are asked for next: a proof takes gigabytes, and each new page costs a fault and zeros, a fifth of the time of a proof that
//! follows another. Large blocks never map more because some are kept: each takes kept pages first, and what it lacks of them
//! it takes new only after as much of what is kept otherwise has been given back. Zeros are written where pages were kept, all
//! that are asked for: whoever leaves most of them untouched is no better off than one who does not, but for the blocks of
//! [`SPARSE`].
//!
//! When the system refuses, all that is kept is given back; if it refuses still, the command ends with a line that says so
//! (`host`).
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::{Mutex, MutexGuard, PoisonError};

use spec_interp::map::{OUTPUT_SIZE, RAM_SIZE};

use crate::host;

/// Bytes from which on a block is large.
const LARGE: usize = 4 << 20;
/// Sizes of blocks that are new pages each time, and small ones: the interpreter's memory and the recorder's times stay untouched
/// for the most part, and neither zeros are to be written there nor 2 MiB to be taken for each store. A block is freed by its
/// size alone, so other blocks of these sizes (codewords of 2^24 and 2^28 elements) are not kept either.
const SPARSE: [usize; 2] = [RAM_SIZE as usize, OUTPUT_SIZE as usize];
/// The largest alignment that pages have by themselves.
const PAGE: usize = 4096;
/// What lengths of large blocks are multiples of: whole pages, whatever the system's size of them is. Less than a page would
/// keep what it held behind the end of a shorter block.
const UNIT: usize = 64 << 10;

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
        insist(layout.size(), || {
            if is_large(layout) {
                return take(layout.size(), false);
            }
            // SAFETY: the caller promises a layout that is not empty, which is what the system's allocator asks for.
            unsafe { System.alloc(layout) }
        })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        insist(layout.size(), || {
            if is_large(layout) {
                return take(layout.size(), true);
            }
            // SAFETY: the caller promises a layout that is not empty, which is what the system's allocator asks for.
            unsafe { System.alloc_zeroed(layout) }
        })
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that a layout of this size and alignment is one.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (is_large(layout), is_large(wanted)) {
            (true, true) => insist(size, || resize(Block::of(memory, layout.size()), whole(size))),
            // SAFETY: a block whose layout is not large came from the system's allocator, with this layout; the new size is
            // the caller's promise. Asked twice, the first answer was null, which leaves the block as it was.
            (false, false) => insist(size, || unsafe { System.realloc(memory, layout, size) }),
            _ => {
                // SAFETY: `alloc` gets a layout that is not empty, as the caller promises of the size, and returns a block of
                // that many bytes that is nobody else's, so that as many as both have are copied without overlap; `dealloc`
                // gets the old block with its layout, which is not read from then on.
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
            // SAFETY: a block whose layout is not large came from the system's allocator, with this layout.
            return unsafe { System.dealloc(memory, layout) };
        }
        let block = Block::of(memory, layout.size());
        let surplus = if SPARSE.contains(&block.bytes) { Some(block) } else { kept().put(block) };
        surplus.into_iter().for_each(pages::give_back);
    }
}

/// What is asked for, with all that is kept given back if need be.
fn insist(size: usize, ask: impl Fn() -> *mut u8) -> *mut u8 {
    let memory = ask();
    if !memory.is_null() {
        return memory;
    }
    kept().release(usize::MAX);
    let memory = ask();
    if memory.is_null() {
        host::refuse(size);
    }
    memory
}

/// A large block; null if the system refuses.
fn take(bytes: usize, zeros: bool) -> *mut u8 {
    let bytes = whole(bytes);
    if SPARSE.contains(&bytes) {
        kept().release(bytes);
        let memory = pages::map(bytes);
        if !memory.is_null() {
            pages::advise(Block { memory, bytes }, false);
        }
        return memory;
    }
    let block = kept().take(bytes);
    let (memory, used) = match block {
        Some(block) => {
            let memory = resize(block, bytes);
            if memory.is_null() {
                pages::give_back(block);
            }
            (memory, block.bytes.min(bytes))
        }
        None => (pages::map(bytes), 0),
    };
    if memory.is_null() {
        return memory;
    }
    pages::advise(Block { memory, bytes }, true);
    if zeros {
        // SAFETY: the block has `bytes`, is this function's alone, and `used` is no more of them. What is behind `used` are new
        // pages, which are zeros, since lengths are whole pages.
        unsafe { memory.write_bytes(0, used) };
    }
    memory
}

/// A block with another length; null if the system refuses, and the block is as it was. What it grows by is given back of what
/// is kept before, as far as there is that much.
fn resize(block: Block, bytes: usize) -> *mut u8 {
    kept().release(bytes.saturating_sub(block.bytes));
    pages::resize(block, bytes)
}

/// Whole pages.
fn whole(bytes: usize) -> usize {
    // A layout is shorter than half of the address space.
    bytes.next_multiple_of(UNIT)
}

/// Pages of the system.
#[derive(Clone, Copy)]
struct Block {
    memory: *mut u8,
    bytes: usize,
}

impl Block {
    /// The pages of a large block of so many bytes.
    fn of(memory: *mut u8, bytes: usize) -> Self {
        Self { memory, bytes: whole(bytes) }
    }
}

/// Blocks that are kept.
struct Kept {
    blocks: [Block; Self::MOST],
    len: usize,
}

// SAFETY: what keeps a pointer from being sent is that whoever has it might read where it points to while others write; nobody
// reads or writes a kept block, and the mapping is the process's, not a thread's.
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

    /// Gives back as much of what is kept, as far as there is that much. Who holds the list meanwhile sees to it that nobody
    /// finds it empty before the pages are free.
    fn release(&mut self, bytes: usize) {
        let mut missing = bytes;
        while missing > 0 {
            let Some(block) = self.take(missing) else { break };
            let left = block.bytes.saturating_sub(missing);
            missing = missing.saturating_sub(block.bytes);
            let shorter = if left < LARGE { std::ptr::null_mut() } else { pages::resize(block, left) };
            let surplus =
                if shorter.is_null() { Some(block) } else { self.put(Block { memory: shorter, bytes: left }) };
            surplus.into_iter().for_each(pages::give_back);
        }
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
        // SAFETY: the block is a mapping of that length, the caller's alone, who uses the address that comes back from then on,
        // or, if it is null, the old one, which is as it was. Where it moves to the system chooses among what is free.
        none_if_failed(unsafe { libc::mremap(block.memory.cast(), block.bytes, bytes, libc::MREMAP_MAYMOVE) })
    }

    pub(super) fn give_back(block: Block) {
        // SAFETY: the block is a mapping of that length, which nobody uses. It is refused where no list has room for what is
        // left around it, and the pages stay then.
        unsafe { libc::munmap(block.memory.cast(), block.bytes) };
    }

    /// Asks for large pages behind a block, each of which costs one fault instead of 512, or for none, whatever the system has
    /// by default.
    pub(super) fn advise(block: Block, large: bool) {
        let advice = if large { libc::MADV_HUGEPAGE } else { libc::MADV_NOHUGEPAGE };
        // SAFETY: the block is a mapping of that length; the advice changes nothing that it holds, and a refusal of it nothing
        // at all.
        unsafe { libc::madvise(block.memory.cast(), block.bytes, advice) };
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

    pub(super) fn advise(_: Block, _: bool) {}
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

    /// A block that was cut within a page, and is zeros in its place and behind it.
    #[test]
    fn zeros_are_zeros() {
        for first in [LARGE + 1, LARGE + 4095, LARGE + UNIT - 1, LARGE + UNIT, 2 * LARGE] {
            for then in [first + 99, first + UNIT, 3 * LARGE] {
                drop(vec![0xff_u8; 2 * LARGE]);
                drop(vec![1_u8; first]);
                let zeros = vec![0_u8; then];
                assert!(zeros.iter().all(|&byte| byte == 0), "{first} {then}");
            }
        }
    }

    /// Zeros that nobody touches take no memory, the second time as well.
    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_sparse_stays_so() {
        let resident = || {
            let pages = std::fs::read_to_string("/proc/self/statm").expect("the process's size");
            pages.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).expect("a number") * PAGE
        };
        for size in [SPARSE, SPARSE].concat() {
            let zeros = std::hint::black_box(vec![0_u8; size]);
            assert!(resident() < SPARSE[0] / 2);
            drop(zeros);
        }
    }

    /// A block that takes nothing of what is kept has it given back.
    #[test]
    #[cfg(target_os = "linux")]
    fn as_much_is_given_back_as_is_taken_new() {
        let mapped = |bytes| Block { memory: pages::map(bytes), bytes };
        let mut kept = Kept::NONE;
        for bytes in [2 * LARGE, 8 * LARGE, 4 * LARGE] {
            assert!(kept.put(mapped(bytes)).is_none());
        }
        let total = |kept: &Kept| kept.blocks[..kept.len].iter().map(|block| block.bytes).sum::<usize>();
        kept.release(3 * LARGE);
        assert_eq!(total(&kept), 11 * LARGE);
        kept.release(9 * LARGE);
        assert_eq!(total(&kept), 2 * LARGE);
        kept.release(usize::MAX);
        assert_eq!(total(&kept), 0);
    }

    /// What is kept is given back before the system's refusal counts: below a limit, blocks are freed, and then as many bytes
    /// asked for that are not large.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_refusal_gives_back_what_is_kept() {
        const LIMITED: &str = "ZISK_TEST_BELOW_A_LIMIT";
        if std::env::var_os(LIMITED).is_some() {
            drop([0_u8; 4].map(|byte| vec![byte; 200 << 20]));
            let small: Vec<Vec<u8>> = (0..800).map(|_| vec![1; 1 << 20]).collect();
            return drop(std::hint::black_box(small));
        }
        let command = std::env::current_exe().expect("this test's path");
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "ulimit -v 1200000; exec \"$0\" --exact memory::tests::a_refusal_gives_back_what_is_kept"]);
        let outcome = shell.arg(command).env(LIMITED, "").output().expect("a shell");
        assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
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
