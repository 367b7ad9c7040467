//! The memory of the reference machine. Vectors of zeros are mapped lazily, so an untouched page costs nothing.

use alloc::vec;
use alloc::vec::Vec;

use crate::input::{Input, InputError};
use crate::map::{INPUT_BASE, INPUT_SIZE, OUTPUT_BASE, OUTPUT_SIZE, PROGRAM_BASE, PROGRAM_SIZE, RAM_BASE, RAM_SIZE};
use crate::program::Program;
use crate::words::{Words, index_in};

/// The memory of one machine. It cannot be cloned: a copy would touch all of it.
#[derive(Debug)]
pub struct Memory {
    /// The words of the input; the rest of the region is zero.
    input: Vec<u64>,
    program: Vec<u64>,
    ram: Vec<u64>,
    output: Vec<u64>,
    /// No word of the output from this index on was ever written.
    output_end: usize,
}

const fn words(bytes: u64) -> usize {
    (bytes / 8) as usize
}

impl Memory {
    /// The first memory of a run: the program's image, the input, zeros.
    ///
    /// # Errors
    ///
    /// [`InputError`] when the input does not fit its region.
    pub fn new<'a>(program: &Program, input: impl Into<Input<'a>>) -> Result<Self, InputError> {
        let mut memory = Self {
            input: input.into().fitting()?.words().collect(),
            program: vec![0; words(program.rom_end() - PROGRAM_BASE)],
            ram: vec![0; words(RAM_SIZE)],
            output: vec![0; words(OUTPUT_SIZE)],
            output_end: 0,
        };
        for (addr, word) in program.image() {
            if let Some(index) = index_in(addr, RAM_BASE, RAM_SIZE) {
                memory.ram[index] = word;
            } else if let Some(index) = index_in(addr, PROGRAM_BASE, PROGRAM_SIZE) {
                memory.program[index] = word;
            }
        }
        Ok(memory)
    }
}

impl Words for Memory {
    #[inline]
    fn word(&self, addr: u64) -> Option<u64> {
        if let Some(index) = index_in(addr, RAM_BASE, RAM_SIZE) {
            return Some(self.ram[index]);
        }
        if let Some(index) = index_in(addr, PROGRAM_BASE, PROGRAM_SIZE) {
            return Some(self.program.get(index).copied().unwrap_or(0));
        }
        if let Some(index) = index_in(addr, INPUT_BASE, INPUT_SIZE) {
            return Some(self.input.get(index).copied().unwrap_or(0));
        }
        index_in(addr, OUTPUT_BASE, OUTPUT_SIZE).map(|index| self.output[index])
    }

    #[inline]
    fn word_mut(&mut self, addr: u64) -> Option<&mut u64> {
        if let Some(index) = index_in(addr, RAM_BASE, RAM_SIZE) {
            return Some(&mut self.ram[index]);
        }
        let index = index_in(addr, OUTPUT_BASE, OUTPUT_SIZE)?;
        self.output_end = self.output_end.max(index + 1);
        Some(&mut self.output[index])
    }

    fn output_end(&self) -> u64 {
        OUTPUT_BASE + 8 * self.output_end as u64
    }
}
