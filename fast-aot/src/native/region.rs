//! The guest's address space: 4 GiB of the host's, reserved at once, of which only the map's regions can be accessed.
//!
//! Generated code adds a guest address below 2^32 and a displacement of at most 2^11 to the base, so it cannot leave
//! the reservation and its guards. What the guest may not touch has no access rights in the host either.

use std::io;
use std::ptr;

use spec_interp::Words;
use spec_interp::map::{
    INPUT_BASE, INPUT_SIZE, OUTPUT_BASE, OUTPUT_SIZE, PROGRAM_BASE, PROGRAM_SIZE, RAM_BASE, RAM_SIZE,
};

/// Inaccessible bytes on either side.
const GUARD: usize = 1 << 20;
/// All of it.
const TOTAL: usize = (1 << 32) + 2 * GUARD;

/// Where loads may go, as (base, size).
const READABLE: [(u64, u64); 4] =
    [(INPUT_BASE, INPUT_SIZE), (PROGRAM_BASE, PROGRAM_SIZE), (RAM_BASE, RAM_SIZE), (OUTPUT_BASE, OUTPUT_SIZE)];

/// Where stores may go.
const WRITABLE: [(u64, u64); 2] = [(RAM_BASE, RAM_SIZE), (OUTPUT_BASE, OUTPUT_SIZE)];

/// A reservation, given back when dropped.
#[derive(Debug)]
pub struct Region {
    start: *mut u8,
    /// Bytes of the output that stores may reach; the rest is read-only and zero.
    opened: u64,
}

// SAFETY: the reservation belongs to this value alone; nothing of it depends on a thread.
unsafe impl Send for Region {}

impl Region {
    /// Reserves the address space; everything readable is zero, only RAM is writable.
    pub fn new() -> io::Result<Self> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new mapping at an address that the kernel chooses disturbs no other.
        let start = unsafe { libc::mmap(ptr::null_mut(), TOTAL, libc::PROT_NONE, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let region = Self { start: start.cast(), opened: 0 };
        region.protect(INPUT_BASE, INPUT_SIZE, libc::PROT_READ)?;
        region.protect(PROGRAM_BASE, PROGRAM_SIZE, libc::PROT_READ)?;
        region.protect(RAM_BASE, RAM_SIZE, libc::PROT_READ | libc::PROT_WRITE)?;
        region.protect(OUTPUT_BASE, OUTPUT_SIZE, libc::PROT_READ)?;
        Ok(region)
    }

    /// The host's address of guest address 0.
    pub fn base(&self) -> u64 {
        self.start as u64 + GUARD as u64
    }

    fn protect(&self, addr: u64, size: u64, rights: i32) -> io::Result<()> {
        assert!(addr.checked_add(size).is_some_and(|end| end <= 1 << 32));
        // SAFETY: the range lies in this reservation, which nothing else uses.
        let done = unsafe { libc::mprotect(self.start.add(GUARD + addr as usize).cast(), size as usize, rights) };
        if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Writes bytes of the first memory, whatever the guest may do there.
    pub fn fill(&mut self, addr: u64, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let page = addr & !0xfff;
        let size = (addr + bytes.len() as u64).next_multiple_of(4096) - page;
        self.protect(page, size, libc::PROT_READ | libc::PROT_WRITE)?;
        // SAFETY: the range was made writable above, lies in the reservation, and `&mut self` excludes other users.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.start.add(GUARD + addr as usize), bytes.len()) };
        let ram = addr >= RAM_BASE;
        self.protect(page, size, if ram { libc::PROT_READ | libc::PROT_WRITE } else { libc::PROT_READ })
    }

    /// Lets stores reach so many bytes of the output. It is opened as it grows, so that nothing behind need be read to
    /// know that it is zero.
    fn open_output(&mut self, bytes: u64) -> bool {
        if bytes > self.opened {
            let opened = bytes.max(2 * self.opened).next_multiple_of(1 << 16).min(OUTPUT_SIZE);
            if self.protect(OUTPUT_BASE, opened, libc::PROT_READ | libc::PROT_WRITE).is_err() {
                return false;
            }
            self.opened = opened;
        }
        true
    }
}

impl Words for Region {
    fn word(&self, addr: u64) -> Option<u64> {
        let readable = READABLE.iter().any(|&(base, size)| addr.wrapping_sub(base) < size);
        if !readable || !addr.is_multiple_of(8) {
            return None;
        }
        // SAFETY: it lies in a readable region, which is mapped, and is aligned.
        Some(unsafe { self.start.add(GUARD + addr as usize).cast::<u64>().read() })
    }

    fn word_mut(&mut self, addr: u64) -> Option<&mut u64> {
        let writable = WRITABLE.iter().any(|&(base, size)| addr.wrapping_sub(base) < size);
        if !writable || !addr.is_multiple_of(8) {
            return None;
        }
        if addr >= OUTPUT_BASE && !self.open_output(addr + 8 - OUTPUT_BASE) {
            return None;
        }
        // SAFETY: it lies in RAM or in the opened part of the output, which are mapped writable, is aligned, and is
        // borrowed as long as the region, which nothing else uses meanwhile.
        Some(unsafe { &mut *self.start.add(GUARD + addr as usize).cast::<u64>() })
    }

    fn output_end(&self) -> u64 {
        OUTPUT_BASE + self.opened
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: the mapping was made by `new` and nothing refers to it any more.
        unsafe { libc::munmap(self.start.cast(), TOTAL) };
    }
}
