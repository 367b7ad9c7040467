//! Addresses: a register plus an immediate, the word of memory there, and the accesses of a load or store.
//!
//! # Assumes
//! Registers and words are four 16-bit limbs, because every word ever written was checked. The row's immediate, which
//! the caller binds to the program row, lies in `-2048..2048`. Where `is_real` is 1, `offset` lies in `0..8`.
//!
//! # Constrains
//! Over the integers, `rs1 + imm = 2^16 high + low` with `low = 8 index + offset` in `0..2^16` and `high` in one of the
//! map's regions, for a store a writable one. No legal address is within 2048 of 0 or 2^32, so the upper limbs of rs1
//! are zero and nothing wraps: an address at or above 2^32, or in a gap of the map, has no row. Above all the words
//! that hold the registers are out of reach.
//!
//! # Degree
//! 3.

use p3_field::PrimeCharacteristicRing;
use spec_interp::map;

use crate::F;
use crate::bus::MEMORY;
use crate::columns;
use crate::cpu::{self, Write};
use crate::emit::{Builder, Emitter, constant};
use crate::event::{Event, limbs};
use crate::layout::{REGISTER_GAP, REGISTERS_WORD, SLOT_MEMORY, SLOT_RD, SLOT_RS1};

columns! {
    /// A register that an address starts from.
    pub struct Base {
        /// Register number, from the program row.
        reg,
        /// Limbs 0 and 1 of the value; limbs 2 and 3 are zero.
        value: [2],
        /// Time of the previous access.
        prev,
        /// What `value[0] + imm` carries into limb 1: -1, 0 or 1.
        carry,
    }
}

columns! {
    /// The aligned word of memory that a load or store accesses.
    pub struct Memory {
        /// Low 13 bits of the index of the word: bits 3 to 15 of the address; free on padding rows.
        index,
        /// Iff the word lies in the input; free on padding rows, as the other two.
        is_input,
        /// Iff the word lies in the program.
        is_program,
        /// Iff the word lies in the output; if in none of the three, it lies in RAM.
        is_output,
        /// Its contents before.
        old: [4],
        /// Time of the previous access; 0 is the opening of the page.
        prev,
        /// The gap to the previous access, less one, without its low 16 bits.
        gap_high,
    }
}

/// A region as limb 1 of an address sees it: its first value and how many there are, a power of two.
struct Region {
    base: u32,
    size: u32,
}

impl Region {
    const fn new(base: u64, size: u64) -> Self {
        assert!(base.is_multiple_of(LIMB as u64) && size.is_multiple_of(LIMB as u64), "regions consist of 64 KiB blocks");
        let region = Self { base: (base >> 16) as u32, size: (size >> 16) as u32 };
        assert!(region.size.is_power_of_two() && region.size <= LIMB, "a region is one range check");
        assert!(base >= 2 * MAX_IMMEDIATE && base + size + MAX_IMMEDIATE <= 1 << 32, "its addresses never wrap");
        region
    }

    const fn contains(&self, high: u32) -> bool {
        high.wrapping_sub(self.base) < self.size
    }
}

const LIMB: u32 = 1 << 16;
/// No immediate is farther from zero.
const MAX_IMMEDIATE: u64 = 2048;
/// Bound of a memory gap's upper part; gaps reach 2^25, which is longer than a segment.
const GAP_HIGH: u32 = 1 << 9;
/// Words whose addresses agree in limb 1.
const WORDS_PER_LIMB: u32 = 1 << 13;

const INPUT: Region = Region::new(map::INPUT_BASE, map::INPUT_SIZE);
const PROGRAM: Region = Region::new(map::PROGRAM_BASE, map::PROGRAM_SIZE);
const RAM: Region = Region::new(map::RAM_BASE, map::RAM_SIZE);
const OUTPUT: Region = Region::new(map::OUTPUT_BASE, map::OUTPUT_SIZE);

impl Base<F> {
    /// The cells of an instruction that adds `imm` to rs1.
    pub fn fill(event: &Event, imm: i64) -> Self {
        let high = |word: u64| (word >> 16) as i64;
        let [low_limb, high_limb, ..] = limbs(event.rs1);
        Self {
            reg: F::from_u32(event.row.rs1),
            value: [low_limb, high_limb],
            prev: F::from_u32(event.rs1_prev),
            carry: F::from_i64(high(event.rs1.wrapping_add_signed(imm)).wrapping_sub(high(event.rs1))),
        }
    }
}

impl Memory<F> {
    /// The cells of a load or store.
    pub fn fill(event: &Event) -> Self {
        let high = event.word / WORDS_PER_LIMB;
        Self {
            index: F::from_u32(event.word % WORDS_PER_LIMB),
            is_input: F::from_bool(INPUT.contains(high)),
            is_program: F::from_bool(PROGRAM.contains(high)),
            is_output: F::from_bool(OUTPUT.contains(high)),
            old: limbs(event.mem_old),
            prev: F::from_u32(event.mem_prev),
            gap_high: F::from_u32((event.clock + SLOT_MEMORY - event.mem_prev - 1) >> 16),
        }
    }
}

/// The effective address of a load or store.
pub fn effective(event: &Event) -> u64 {
    event.rs1.wrapping_add_signed(event.row.w[0])
}

/// Reads the register in the slot of rs1, on `count` (0 or 1) rows.
pub fn read_base<AB: Builder>(e: &mut Emitter<'_, AB>, clock: AB::Var, base: &Base<AB::Var>, count: &AB::Expr) {
    let [low, high] = base.value;
    let value = [low.into(), high.into(), AB::Expr::ZERO, AB::Expr::ZERO];
    cpu::register(e, base.reg, clock + F::from_u32(SLOT_RS1), base.prev, value.clone(), value, count);
}

/// The immediate that makes `low` limb 0 of the address, and limb 1 of that address.
///
/// The caller binds the immediate and keeps `low` in `0..2^16`; as all are small, the sum then holds over the integers
/// and the carry is unique.
pub fn immediate_and_high<AB: Builder>(
    e: &mut Emitter<'_, AB>,
    base: &Base<AB::Var>,
    low: AB::Expr,
) -> (AB::Expr, AB::Expr) {
    let carry: AB::Expr = base.carry.into();
    e.zero("address: carry is -1, 0 or 1", carry.clone() * (carry.square() - AB::Expr::ONE));
    (low + carry.clone() * F::from_u32(LIMB) - base.value[0].into(), carry + base.value[1])
}

/// The immediate and the index of the word of an access at `offset` in its word, which `is_store` may reach.
pub fn locate<AB: Builder>(
    e: &mut Emitter<'_, AB>,
    base: &Base<AB::Var>,
    memory: &Memory<AB::Var>,
    offset: AB::Expr,
    is_store: &AB::Expr,
    is_real: &AB::Expr,
) -> (AB::Expr, AB::Expr) {
    let (imm, high) = immediate_and_high(e, base, memory.index * F::from_u32(8) + offset);
    e.range(constant::<AB>(WORDS_PER_LIMB), memory.index, is_real.clone());

    let is_read_only: AB::Expr = memory.is_input + memory.is_program;
    let not_ram = is_read_only.clone() + memory.is_output;
    for flag in [memory.is_input, memory.is_program, memory.is_output] {
        e.boolean("region is boolean", flag);
    }
    e.boolean("at most one region", not_ram.clone());
    e.zero_when("stores reach RAM and output only", is_store.clone(), is_read_only);
    let is_ram = AB::Expr::ONE - not_ram;
    let sum = |of: fn(&Region) -> u32| {
        let fixed = [(memory.is_input, INPUT), (memory.is_program, PROGRAM), (memory.is_output, OUTPUT)];
        fixed.into_iter().fold(is_ram.clone() * F::from_u32(of(&RAM)), |sum, (flag, region)| {
            sum + flag * F::from_u32(of(&region))
        })
    };
    e.range(sum(|region| region.size), high.clone() - sum(|region| region.base), is_real.clone());
    (imm, high * F::from_u32(WORDS_PER_LIMB) + memory.index)
}

/// The two accesses of a load or store: the word of memory and the data register, each from old to new. Both are taken
/// before either is given, since only tuples of degree 1 share a column of the argument.
pub fn access<AB: Builder>(
    e: &mut Emitter<'_, AB>,
    clock: AB::Var,
    (word, memory, new_word): (AB::Expr, &Memory<AB::Var>, [AB::Expr; 4]),
    (data, new_data): (&Write<AB::Var>, [AB::Expr; 4]),
    is_real: &AB::Expr,
) {
    let (memory_time, data_time) = (clock + F::from_u32(SLOT_MEMORY), clock + F::from_u32(SLOT_RD));
    let gap = memory_time.clone() - memory.prev - AB::Expr::ONE;
    e.range(constant::<AB>(LIMB), gap - memory.gap_high * F::from_u32(LIMB), is_real.clone());
    e.range(constant::<AB>(GAP_HIGH), memory.gap_high, is_real.clone());
    e.range(constant::<AB>(REGISTER_GAP), data_time.clone() - data.prev - AB::Expr::ONE, is_real.clone());

    let register = data.reg + F::from_u32(REGISTERS_WORD);
    let tuple = |word: &AB::Expr, time: AB::Expr, [v0, v1, v2, v3]: [AB::Expr; 4]| [word.clone(), time, v0, v1, v2, v3];
    e.take(MEMORY, tuple(&word, memory.prev.into(), memory.old.map(Into::into)), is_real.clone());
    e.take(MEMORY, tuple(&register, data.prev.into(), data.old.map(Into::into)), is_real.clone());
    e.give(MEMORY, tuple(&word, memory_time, new_word), is_real.clone());
    e.give(MEMORY, tuple(&register, data_time, new_data), is_real.clone());
}

#[cfg(test)]
pub mod samples {
    //! Loads, stores, jumps and calls for tests: events by the meaning of `spec-interp`, and what their rows must say.

    use p3_field::PrimeField32;
    use p3_matrix::dense::RowMajorMatrix;
    use spec_interp::exec::{Env, exec};
    use spec_interp::map::PROGRAM_BASE;
    use spec_interp::{Cause, Inst, Op};

    use super::*;
    use crate::bus::{self, RANGE, STATE};
    use crate::check::samples::OPERANDS;
    use crate::columns::Columns;
    use crate::execution::Rom;
    use crate::layout::{SLOT_RS2, pc_index};
    use crate::rom::lower;
    use crate::table::Table;
    use crate::tables::{Kind, program, range};
    use crate::witness::instruction_trace;

    /// An instruction with the values that it meets.
    #[derive(Clone, Copy, Debug)]
    pub struct Sample {
        /// The instruction.
        pub inst: Inst,
        /// The value of rs1.
        pub rs1: u64,
        /// The value of the data register of a load or store, of rs2 of others.
        pub data: u64,
        /// The word of memory accessed.
        pub word: u64,
    }

    impl Sample {
        /// A load or store at an address.
        pub fn access(op: Op, address: u64, imm: i64, data: u64, word: u64) -> Self {
            let stores = matches!(op, Op::Sb | Op::Sh | Op::Sw | Op::Sd);
            let (rd, rs2) = if stores { (0, 5) } else { (5, 0) };
            let inst = Inst { op, rd, rs1: 6, rs2, len: 4, imm };
            Self { inst, rs1: address.wrapping_sub(imm.cast_unsigned()), data, word }
        }
    }

    /// Bytes that an operation accesses.
    pub fn width(op: Op) -> u64 {
        match op {
            Op::Lb | Op::Lbu | Op::Sb => 1,
            Op::Lh | Op::Lhu | Op::Sh => 2,
            Op::Lw | Op::Lwu | Op::Sw => 4,
            _ => 8,
        }
    }

    /// Accesses of the first and the last word of every region that an operation may reach, at every aligned offset.
    pub fn accesses(ops: &[Op]) -> Vec<Sample> {
        let mut samples = Vec::new();
        for &op in ops {
            let first = if matches!(op, Op::Sb | Op::Sh | Op::Sw | Op::Sd) { 2 } else { 0 };
            for region in &[INPUT, PROGRAM, RAM, OUTPUT][first..] {
                let base = u64::from(region.base) << 16;
                for word in [base, base + (u64::from(region.size) << 16) - 8] {
                    for offset in (0..8).step_by(width(op) as usize) {
                        for imm in [-2048, -5, 0, 2047] {
                            let n = samples.len();
                            let (data, old) = (OPERANDS[n % 16], OPERANDS[n * 7 / 16 % 16]);
                            samples.push(Sample::access(op, word + offset, imm, data, old));
                        }
                    }
                }
            }
        }
        samples
    }

    /// The program of samples.
    pub fn rom(samples: &[Sample]) -> Rom {
        let row = |(i, sample): (usize, &Sample)| lower(PROGRAM_BASE + 4 * i as u64, &sample.inst);
        Rom::from_rows(samples.iter().enumerate().filter_map(row).collect())
    }

    /// The word of memory that a sample meets, wherever it is.
    struct Word {
        old: u64,
        new: u64,
    }

    impl Env for Word {
        fn load(&mut self, addr: u64, width: u64) -> Result<u64, Cause> {
            Ok(self.old >> (8 * (addr % 8)) & (u64::MAX >> (64 - 8 * width)))
        }

        fn store(&mut self, addr: u64, width: u64, value: u64) -> Result<(), Cause> {
            let mut bytes = self.old.to_le_bytes();
            let places = bytes[(addr % 8) as usize..].iter_mut();
            places.zip(&value.to_le_bytes()[..width as usize]).for_each(|(place, byte)| *place = *byte);
            self.new = u64::from_le_bytes(bytes);
            Ok(())
        }

        fn ecall(&mut self, number: u64, a2: u64) -> Result<u64, Cause> {
            Ok(if number == map::syscall::EXIT { self.old } else { a2 })
        }
    }

    /// The events of samples, with the shortest and the longest gaps; `word` of an `ecall` is the old a0.
    pub fn events<'p>(rom: &'p Rom, samples: &[Sample]) -> Vec<Event<'p>> {
        let event = |(i, sample): (usize, &Sample)| {
            let (row, clock) = (&rom.rows[i], (1 << 24) + 4 * i as u32);
            let mut word = Word { old: sample.word, new: sample.word };
            let pc = PROGRAM_BASE + 4 * i as u64;
            let (rd, next_pc) = exec(&sample.inst, pc, sample.rs1, sample.data, &mut word).expect("a legal sample");
            let is_access = matches!(row.table, Kind::MemoryWord | Kind::MemorySub);
            let is_exit = row.table == Kind::System && sample.rs1 == map::syscall::EXIT;
            Event {
                row,
                clock,
                next_pc: if is_exit { crate::layout::HALTED_PC } else { pc_index(next_pc) },
                rs1: sample.rs1,
                rs2: sample.data,
                rd_old: if row.table == Kind::System { sample.word } else { sample.data },
                rd_new: if sample.inst.rs2 != 0 && is_access { sample.data } else { rd },
                rs1_prev: clock - [1, 0x1_0000][i % 2],
                rs2_prev: clock,
                rd_prev: clock + SLOT_RD - [1, 0x1_0000][i / 2 % 2],
                word: if is_access { (sample.rs1.wrapping_add_signed(sample.inst.imm) >> 3) as u32 } else { 0 },
                mem_old: word.old,
                mem_new: word.new,
                mem_prev: clock + SLOT_MEMORY - [1, 0x1_0000, 0x1_0001, clock][i % 4],
            }
        };
        samples.iter().enumerate().map(event).collect()
    }

    /// What is wrong with a row taken for itself: the constraints that it violates, and the buses on which it asks for
    /// what no fixed table holds.
    pub fn complaints<C: Columns<F>>(kind: Kind, rom: &Rom, row: &C) -> Vec<String> {
        let mut cells = vec![F::ZERO; C::WIDTH];
        row.write(&mut cells);
        let report = crate::check::evaluate(&Table::new(kind), &RowMajorMatrix::new(cells, C::WIDTH), 0, &[]);
        let names = crate::check::names(kind).constraints;
        let mut complaints: Vec<_> = report.violated.iter().map(|&i| names[i].clone()).collect();
        for message in report.messages {
            let at = |i: usize| message.tuple[i].as_canonical_u32();
            let row = || rom.row_of(at(0)).map(|row| program::tuple(&rom.rows[row]).to_vec());
            let is_range = message.bus == RANGE && (at(0) == 0 || range::row_of(at(0), at(1)).is_none());
            if is_range || message.bus == bus::PROGRAM && row() != Some(message.tuple) {
                complaints.push(message.bus.name.to_owned());
            }
        }
        complaints.dedup();
        complaints
    }

    /// Asserts that the rows of events take and give on the memory and state buses what the events say.
    pub fn assert_says(kind: Kind, events: &[Event<'_>]) {
        let trace = instruction_trace(kind, events);
        let table = Table::new(kind);
        for (i, event) in events.iter().enumerate() {
            let accesses = kind.accesses(event.row);
            let mut expected = Vec::new();
            let mut access = |word: u32, slot: u32, prev: u32, old: u64, new: u64| {
                for (time, value, count) in [(prev, old, F::NEG_ONE), (event.clock + slot, new, F::ONE)] {
                    let head = [F::from_u32(word), F::from_u32(time)];
                    expected.push((MEMORY, [head.as_slice(), &limbs(value)].concat(), count));
                }
            };
            let row = event.row;
            if accesses.rs1 {
                access(REGISTERS_WORD + row.rs1, SLOT_RS1, event.rs1_prev, event.rs1, event.rs1);
            }
            if accesses.rs2 {
                access(REGISTERS_WORD + row.rs2, SLOT_RS2, event.rs2_prev, event.rs2, event.rs2);
            }
            if event.word != 0 {
                access(event.word, SLOT_MEMORY, event.mem_prev, event.mem_old, event.mem_new);
            }
            access(REGISTERS_WORD + row.rd, SLOT_RD, event.rd_prev, event.rd_old, event.rd_new);
            let state = |pc: u32, clock: u32| [pc, clock].map(F::from_u32).to_vec();
            expected.push((STATE, state(row.pc, event.clock), F::NEG_ONE));
            expected.push((STATE, state(event.next_pc, event.clock + 4), F::ONE));
            let report = crate::check::evaluate(&table, &trace, i, &[]);
            for expected in expected {
                let said = |m: &crate::check::Message| (m.bus, m.tuple.clone(), m.count) == expected;
                assert!(report.messages.iter().any(said), "{expected:?} is not among {:?}", report.messages);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use p3_field::{Field, PrimeCharacteristicRing};
    use spec_interp::map::PROGRAM_BASE;
    use spec_interp::{Machine, Op, Program, decode};

    use super::samples::{Sample, complaints, events, rom, width};
    use crate::F;
    use crate::bus::MEMORY;
    use crate::check::mutation::locally_invalid;
    use crate::event::limbs;
    use crate::execution::{ExecutionError, Rom, record};
    use crate::layout::REGISTERS_WORD;
    use crate::table::Table;
    use crate::tables::Kind;
    use crate::tables::memory_word::MemoryWord;
    use crate::witness::instruction_trace;

    const OPS: [Op; 6] = [Op::Ld, Op::Lwu, Op::Lb, Op::Sd, Op::Sw, Op::Sh];

    /// Whether a row for the access exists, whatever regions it claims and whatever it says the address carries.
    fn has_row(op: Op, address: u64, imm: i64) -> bool {
        let samples = [Sample::access(op, address, imm, 1, 2)];
        let rom = rom(&samples);
        let kind = rom.rows[0].table;
        let names = kind.column_names();
        let column = |name: &str| names.iter().position(|other| other == name).expect("a column");
        let regions = ["memory.is_input", "memory.is_program", "memory.is_output"].map(column);
        let (carry, honest) = (column("rs1.carry"), instruction_trace(kind, &events(&rom, &samples)));
        (0..8).any(|claimed| {
            (-2..=2).any(|claim| {
                let mut cells = honest.values[..honest.width].to_vec();
                (0..3).for_each(|i| cells[regions[i]] = F::from_bool(claimed >> i & 1 == 1));
                cells[carry] = F::from_i64(claim);
                !locally_invalid(&Table::new(kind), &cells, &rom)
            })
        })
    }

    #[test]
    fn registers_and_gaps_are_out_of_reach() {
        let registers = (0..64).map(|register| 0x9000_0000 + 8 * register);
        let borders = [0x4000_0000, 0x8000_0000, 0x9000_0000, 0x9001_0000, 0xa000_0000, 0xe000_0000, 0xe400_0000, 1 << 32];
        let around = borders.into_iter().flat_map(|border| [border - 8, border]);
        let legal = |address: u64, is_store: bool| {
            let writable = (0xa000_0000..0xe400_0000).contains(&address);
            writable || !is_store && (0x4000_0000..0x9000_0000).contains(&address)
        };
        for address in registers.chain(around).chain([0, 0x2000_0000, 0x2fff_fff8, 0x6000_0000, 0xc000_0000]) {
            for op in OPS {
                let is_store = matches!(op, Op::Sd | Op::Sw | Op::Sh);
                for imm in [-2048, 0, 2047] {
                    let at = address + 8 - width(op);
                    assert_eq!(has_row(op, at, imm), legal(at, is_store), "{op} at {at:#x}, immediate {imm}");
                }
            }
        }
    }

    #[test]
    fn fractions_of_regions_do_not_reach_the_registers() {
        let samples = [Sample::access(Op::Ld, 0x9000_0000, 0, 1, 2)];
        let rom = rom(&samples);
        let mut row = MemoryWord::fill(&events(&rom, &samples)[0]);
        assert_eq!(complaints(Kind::MemoryWord, &rom, &row), ["range"]);
        // A sixth of the input's flag moves the base of RAM, and nothing else, from 0xa000 to 0x9000.
        row.memory.is_input = F::from_u32(6).inverse();
        let wrong = ["region is boolean", "at most one region"];
        assert_eq!(complaints(Kind::MemoryWord, &rom, &row), wrong);
        row.memory.is_input = F::ZERO;
        // Program and output in such parts that base and size are 0x9000 and 0x1000.
        let [a, b, c, d] = [0x3000, 0x3c00, 0x2000, -0x4000].map(F::from_i64);
        let by = (a * d - b * c).inverse();
        let (size, base) = (F::from_u32(0x3000), F::from_u32(0x1000));
        (row.memory.is_program, row.memory.is_output) = ((size * d - b * base) * by, (a * base - size * c) * by);
        assert_eq!(complaints(Kind::MemoryWord, &rom, &row), wrong);
    }

    #[test]
    fn a_carry_round_the_field_is_caught() {
        // 2^16 * 0x7f00 = p - 1: with that as the carry, 0x2100_0007 would become 0xa000_0008.
        let samples = [Sample::access(Op::Ld, 0x2100_0007, 0, 1, 2)];
        let rom = rom(&samples);
        let mut row = MemoryWord::fill(&events(&rom, &samples)[0]);
        row.rs1.carry = F::from_u32(0x7f00);
        row.memory.index = F::ONE;
        assert_eq!(complaints(Kind::MemoryWord, &rom, &row), ["address: carry is -1, 0 or 1"]);
    }

    #[test]
    fn a_base_above_32_bits_is_not_taken() {
        for op in OPS {
            for above in [1 << 32, 1 << 48, 1 << 63] {
                let samples = [Sample::access(op, 0xa000_0000 + above, 0, 1, 2)];
                let rom = rom(&samples);
                let trace = instruction_trace(rom.rows[0].table, &events(&rom, &samples));
                let report = crate::check::evaluate(&Table::new(rom.rows[0].table), &trace, 0, &[]);
                let taken = report.messages.iter().filter(|m| m.bus == MEMORY && m.count == F::NEG_ONE);
                let mut of_base = taken.filter(|m| m.tuple[0] == F::from_u32(REGISTERS_WORD + 6));
                assert!(of_base.all(|m| m.tuple[2..] != limbs(samples[0].rs1)));
            }
        }
    }

    #[test]
    fn a_gap_is_positive_and_short() {
        for op in OPS {
            let samples = [Sample::access(op, 0xa000_0000, 0, 1, 2)];
            let rom = rom(&samples);
            let event = events(&rom, &samples)[0];
            let kind: Kind = rom.rows[0].table;
            let names = kind.column_names();
            let rejected = |changes: &[(&str, F)]| {
                let mut cells = instruction_trace(kind, &[event]).values[..names.len()].to_vec();
                for (name, value) in changes {
                    cells[names.iter().position(|other| other == name).expect("a column")] = *value;
                }
                locally_invalid(&Table::new(kind), &cells, &rom)
            };
            let time = F::from_u32(event.clock);
            assert!(!rejected(&[]));
            // A read that takes the very tuple it gives, or one from the future.
            assert!(rejected(&[("rs1.prev", time)]));
            assert!(rejected(&[("data.prev", time + F::from_u32(3))]));
            assert!(rejected(&[("memory.prev", time + F::TWO), ("memory.gap_high", F::ZERO)]));
            assert!(rejected(&[("memory.prev", time + F::TWO), ("memory.gap_high", -F::ONE)]));
            // A gap of 2^25 or more in its upper part alone.
            let long = time + F::ONE - F::from_u32(1 << 25);
            assert!(rejected(&[("memory.prev", long), ("memory.gap_high", F::from_u32(1 << 9))]));
            assert!(!rejected(&[("memory.prev", long + F::ONE), ("memory.gap_high", F::from_u32((1 << 9) - 1))]));
        }
    }

    #[test]
    fn an_access_that_is_not_aligned_cannot_be_recorded() {
        for (funct3, offset) in [(1, 1), (1, 7), (2, 2), (2, 6), (3, 4)] {
            let load = offset << 20 | 6 << 15 | funct3 << 12 | 5 << 7 | 3;
            // addi t1, zero, 5; slli t1, t1, 29; the load off t1; addi a7, zero, 93; ecall
            let code = [0x0050_0313, 0x01d3_1313, load, 0x05d0_0893, 0x73_u32].map(u32::to_le_bytes).concat();
            let program = Program::from_code(PROGRAM_BASE, &code, &[0; 16]).expect("a program");
            let (rom, mut machine) = (Rom::new(&program), Machine::new(program, &[]).expect("no input"));
            let error = record(&rom, &mut machine, &mut |_, _| ()).expect_err("it is not aligned");
            let inst = decode(load).expect("a load");
            let addr = 0xa000_0000 + u64::from(offset);
            assert_eq!(error, ExecutionError::Misaligned { pc: PROGRAM_BASE + 8, inst, addr });
        }
    }
}
