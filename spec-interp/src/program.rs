//! A program: its segments, every instruction in them, and the memory they describe.

use alloc::vec;
use alloc::vec::Vec;

use crate::decode::decode;
use crate::elf::{self, ElfError};
use crate::inst::Inst;
use crate::map::{PROGRAM_BASE, RAM_BASE};
use crate::segment::LoadSegment;
use crate::symbols::Symbols;

/// A loaded program, decoded once.
///
/// Every even address of an executable segment is decoded on its own, so instructions overlap; one that would reach
/// past its segment does not exist. Instructions are numbered in the order of addresses: these are the rows of the ROM.
#[derive(Clone, Debug)]
pub struct Program {
    /// Where execution starts.
    pub entry: u64,
    /// In the order of addresses, disjoint.
    segments: Vec<LoadSegment>,
    /// The instructions with their addresses, ascending.
    code: Vec<(u64, Inst)>,
    /// For each halfword of the program region up to the last code: one more than its index in `code`, or 0.
    rows: Vec<u32>,
}

impl Program {
    /// Reads an ELF executable.
    ///
    /// # Errors
    ///
    /// [`ElfError`] when the file is not a static RV64 executable laid out for this machine's map.
    pub fn from_elf(file: &[u8]) -> Result<Self, ElfError> {
        let (entry, segments) = elf::load(file)?;
        let program = Self::new(entry, segments)?;
        elf::check_free(&program.segments, &Symbols::of_elf(file))?;
        Ok(program)
    }

    /// A program from code placed at [`PROGRAM_BASE`] and data at [`RAM_BASE`], for tests and tools.
    ///
    /// # Errors
    ///
    /// [`ElfError`] when a piece does not fit its region or `entry` is no even address of the code.
    pub fn from_code(entry: u64, code: &[u8], ram: &[u8]) -> Result<Self, ElfError> {
        let segment = |base, bytes: &[u8], executable: bool| LoadSegment {
            base,
            bytes: bytes.to_vec(),
            size: bytes.len() as u64,
            executable,
            writable: !executable,
        };
        Self::new(entry, vec![segment(PROGRAM_BASE, code, true), segment(RAM_BASE, ram, false)])
    }

    /// Checks the segments against the map, sorts and decodes them.
    fn new(entry: u64, segments: Vec<LoadSegment>) -> Result<Self, ElfError> {
        let segments = elf::check(entry, segments)?;
        let mut code = Vec::new();
        for segment in segments.iter().filter(|segment| segment.executable) {
            // Zeros are illegal, so nothing behind the file's bytes starts an instruction.
            let end = segment.base + segment.bytes.len() as u64;
            for pc in (segment.base.next_multiple_of(2)..end).step_by(2) {
                let inst = decode(segment.half_words(pc));
                code.extend(inst.filter(|inst| pc + u64::from(inst.len) <= segment.end()).map(|inst| (pc, inst)));
            }
        }
        let halfwords = code.last().map_or(0, |&(pc, _)| halfword(pc) + 1);
        let mut rows = vec![0; halfwords];
        for (row, &(pc, _)) in code.iter().enumerate() {
            rows[halfword(pc)] = row as u32 + 1;
        }
        Ok(Self { entry, segments, code, rows })
    }

    /// The segments, disjoint, in the order of addresses; none is empty.
    #[must_use]
    pub fn segments(&self) -> &[LoadSegment] {
        &self.segments
    }

    /// The instruction at `pc`; `None` if control may not go there or the bytes are illegal.
    #[inline]
    #[must_use]
    pub fn inst_at(&self, pc: u64) -> Option<&Inst> {
        self.row_at(pc).map(|row| &self.code[row].1)
    }

    /// The row of the ROM that holds the instruction at `pc`: its index in [`Self::code`].
    #[inline]
    #[must_use]
    pub fn row_at(&self, pc: u64) -> Option<usize> {
        let offset = pc.wrapping_sub(PROGRAM_BASE);
        let row = if offset.is_multiple_of(2) { *self.rows.get((offset / 2) as usize)? } else { 0 };
        (row as usize).checked_sub(1)
    }

    /// The rows of the ROM: every instruction with its address, ascending.
    #[must_use]
    pub fn code(&self) -> &[(u64, Inst)] {
        &self.code
    }

    /// The bytes at an executable, even address as a little-endian word, whether or not they decode; for messages.
    #[must_use]
    pub fn raw_at(&self, pc: u64) -> Option<u32> {
        let segment = self.segment_at(pc).filter(|segment| segment.executable)?;
        (pc.is_multiple_of(2)).then(|| segment.half_words(pc))
    }

    /// The nonzero doublewords of the first memory in program and RAM, as (address, a multiple of 8; contents),
    /// ascending.
    pub fn image(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let mut next = 0;
        let ranges = self.segments.iter().map(move |segment| {
            // Two segments can share a doubleword; it is produced once.
            let start = next.max(segment.base & !7);
            next = (segment.base + segment.bytes.len() as u64).next_multiple_of(8).max(start);
            start..next
        });
        let words = ranges.flat_map(|range| range.step_by(8));
        words.map(|addr| (addr, self.word(addr))).filter(|&(_, word)| word != 0)
    }

    /// The doubleword of the first memory at a multiple of 8; zero outside the segments.
    #[must_use]
    pub fn word(&self, addr: u64) -> u64 {
        let first = self.segments.partition_point(|segment| segment.end() <= addr);
        let touching = self.segments[first..].iter().take_while(|segment| segment.base < addr.saturating_add(8));
        touching.fold(0, |word, segment| {
            let bytes = core::array::from_fn(|i| segment.byte(addr.wrapping_add(i as u64)));
            word | u64::from_le_bytes(bytes)
        })
    }

    /// The first doubleword boundary behind the segments of the program region; at least [`PROGRAM_BASE`].
    pub(crate) fn rom_end(&self) -> u64 {
        let last = self.segments.iter().rev().find(|segment| !segment.writable);
        last.map_or(PROGRAM_BASE, |segment| segment.end().next_multiple_of(8))
    }

    fn segment_at(&self, addr: u64) -> Option<&LoadSegment> {
        let index = self.segments.partition_point(|segment| segment.end() <= addr);
        self.segments.get(index).filter(|segment| segment.base <= addr)
    }
}

/// The index of an address in the program region.
fn halfword(pc: u64) -> usize {
    ((pc - PROGRAM_BASE) / 2) as usize
}
