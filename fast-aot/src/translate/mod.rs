//! From a program to x86-64: blocks, homes, code.
// What `dynasm!` makes of a dynamic register.
#![allow(clippy::useless_conversion)]

pub mod blocks;
mod emit;
mod frame;
pub mod homes;

use core::ops::Range;
use std::collections::HashMap;
use std::time::Instant;

use dynasmrt::x64::Assembler;
use dynasmrt::{AssemblyOffset, DynamicLabel, DynasmApi, DynasmLabelApi, ExecutableBuffer, dynasm};
use spec_interp::Program;
use spec_interp::chunk::{CLASSES, Classes};
use spec_interp::map::PROGRAM_BASE;

use crate::native::signal::Running;
use crate::translate::blocks::Block;
use crate::translate::homes::{Home, Homes, Uses};

/// The most bytes of the program's region that a table of indirect jumps spans.
const MAX_SPAN: u64 = 32 << 20;

/// Where generated code can be left in the middle of the run of instructions that it counts as one.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// The instruction that has not run.
    pub pc: u64,
    /// The first instruction of its block.
    pub block: u64,
    /// Whether the whole block, this instruction included, has been counted; otherwise nothing of it.
    pub counted: bool,
    /// Registers of which only the low words are right, to be sign-extended; a bit for each.
    pub narrow: u32,
}

/// What the program became.
#[derive(Debug)]
pub struct Code {
    buffer: ExecutableBuffer,
    /// Where the code of blocks lies.
    blocks: Range<usize>,
    /// Offsets of blocks by address.
    entries: HashMap<u64, usize>,
    /// For each halfword of the code, the host's address to jump to.
    table: Vec<u64>,
    sites: Vec<Site>,
    /// Accesses that may be refused, by offset, ascending, with their sites.
    accesses: Vec<(usize, u32)>,
    enter: AssemblyOffset,
    refused: AssemblyOffset,
    /// Which lane counts which class.
    pub lanes: [usize; CLASSES],
    homes: Homes,
    /// What the translation took, with those that it replaces.
    pub seconds: f64,
    /// Instructions translated, those of overlapping blocks counted each time.
    pub instructions: usize,
}

/// A translation in the making.
struct Translator<'p> {
    ops: Assembler,
    homes: Homes,
    labels: HashMap<u64, DynamicLabel>,
    sites: Vec<Site>,
    accesses: Vec<(usize, u32)>,
    /// Classes and their lanes, where a trace is recorded.
    recording: Option<(&'p Classes, [usize; CLASSES])>,
    /// Bytes that the table of indirect jumps spans.
    span: u64,
    arrived: DynamicLabel,
    left: DynamicLabel,
    /// Registers whose homes hold the right low word and anything above, where the machine has its sign.
    narrow: u32,
    /// Registers that hold their low word sign-extended, or would if they were not narrow.
    signed: u32,
    /// Constants that registers hold.
    known: [Option<u64>; 32],
    cold: Vec<(DynamicLabel, emit::Cold)>,
    /// Vectors that blocks add to the counts, emitted behind the code.
    vectors: HashMap<[u32; 8], DynamicLabel>,
}

impl Code {
    /// Translates a program, to record a trace if there are classes to count by; `seen` says what is known of how often
    /// its registers are used. None where the code is too far apart.
    pub fn new(program: &Program, classes: Option<&Classes>, seen: &Uses) -> Option<Self> {
        let start = Instant::now();
        let blocks = blocks::blocks(program);
        let span = blocks.iter().map(Block::end).max().map_or(0, |end| end - PROGRAM_BASE);
        if span > MAX_SPAN {
            return None;
        }
        let mut ops = Assembler::new_with_capacity(1 << 16).ok()?;
        let mut labels = HashMap::with_capacity(blocks.len());
        for block in &blocks {
            labels.entry(block.code[0].0).or_insert_with(|| ops.new_dynamic_label());
        }
        let (arrived, left) = (ops.new_dynamic_label(), ops.new_dynamic_label());
        let lanes = rank(&blocks, classes);
        let mut translator = Translator {
            homes: homes::choose(&blocks, seen),
            labels,
            sites: Vec::new(),
            accesses: Vec::new(),
            recording: classes.map(|classes| (classes, lanes)),
            span: (span / 2) * 2,
            arrived,
            left,
            narrow: 0,
            signed: 0,
            known: [None; 32],
            cold: Vec::new(),
            vectors: HashMap::new(),
            ops,
        };
        let (enter, refused, unknown) = translator.frame();
        let mut entries = HashMap::with_capacity(blocks.len());
        let mut instructions = 0;
        let first = translator.ops.offset().0;
        for (i, block) in blocks.iter().enumerate() {
            let pc = block.code[0].0;
            entries.insert(pc, translator.ops.offset().0);
            translator.block(block, blocks.get(i + 1).map(|next| next.code[0].0));
            instructions += block.code.len();
        }
        let blocks_end = translator.ops.offset().0;
        translator.cold();
        translator.constants();
        let Translator { ops, sites, accesses, homes, .. } = translator;
        let buffer = ops.finalize().ok()?;
        let base = buffer.ptr(AssemblyOffset(0)) as u64;
        let mut table = vec![base + unknown.0 as u64; (span / 2) as usize];
        for block in blocks.iter().filter(|block| block.indirect) {
            let pc = block.code[0].0;
            table[((pc - PROGRAM_BASE) / 2) as usize] = base + entries[&pc] as u64;
        }
        let seconds = start.elapsed().as_secs_f64();
        Some(Self {
            buffer,
            blocks: first..blocks_end,
            entries,
            table,
            sites,
            accesses,
            enter,
            refused,
            lanes,
            homes,
            seconds,
            instructions,
        })
    }

    /// The host's address of the block at a pc.
    pub fn entry(&self, pc: u64) -> Option<u64> {
        self.entries.get(&pc).map(|&offset| self.address(AssemblyOffset(offset)))
    }

    fn address(&self, offset: AssemblyOffset) -> u64 {
        self.buffer.as_ptr() as u64 + offset.0 as u64
    }

    /// The site of a number.
    pub fn site(&self, number: u64) -> Site {
        self.sites[number as usize]
    }

    /// The site of an access at an offset.
    pub fn refused_site(&self, offset: u64) -> Site {
        let at = self.accesses.partition_point(|&(other, _)| (other as u64) < offset);
        self.sites[self.accesses[at].1 as usize]
    }

    /// Whether a guest register lives in a host register.
    pub fn is_in_host(&self, register: usize) -> bool {
        matches!(self.homes[register], Home::Reg(_))
    }

    /// What a signal handler must know.
    pub fn running(&self) -> Running {
        let start = self.buffer.as_ptr() as u64;
        Running { start, end: start + self.buffer.len() as u64, refused: self.address(self.refused) }
    }

    /// The function that enters at a block.
    pub fn enter(&self) -> *const u8 {
        self.buffer.ptr(self.enter)
    }

    /// The table of indirect jumps.
    pub fn table(&self) -> &[u64] {
        &self.table
    }

    /// The code of blocks, without the rare exits.
    pub fn blocks(&self) -> &[u8] {
        &self.buffer[self.blocks.clone()]
    }

    /// All of it.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer
    }
}

/// Lanes by how often classes occur, so that most blocks touch one vector.
fn rank(blocks: &[Block], classes: Option<&Classes>) -> [usize; CLASSES] {
    let mut lanes = core::array::from_fn(|i| i);
    let Some(classes) = classes else { return lanes };
    let mut counts = [0usize; CLASSES];
    for (_, inst) in blocks.iter().flat_map(|block| &block.code) {
        counts[usize::from(classes[inst.op as usize])] += 1;
    }
    let mut order: [usize; CLASSES] = core::array::from_fn(|i| i);
    order.sort_by_key(|&class| core::cmp::Reverse(counts[class]));
    for (rank, class) in order.into_iter().enumerate() {
        lanes[class] = rank;
    }
    lanes
}

impl Translator<'_> {
    /// Emits the vectors that blocks add.
    fn constants(&mut self) {
        let ops = &mut self.ops;
        dynasm!(ops; .arch x64; .align 32);
        for (vector, label) in &self.vectors {
            dynasm!(ops; .arch x64; =>*label);
            for lane in vector {
                ops.push_u32(*lane);
            }
        }
    }
}
