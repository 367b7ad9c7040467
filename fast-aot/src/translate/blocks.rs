//! Cutting a program into basic blocks.

use std::collections::HashSet;

use spec_interp::map::PROGRAM_BASE;
use spec_interp::{Family, Inst, Op, Program};

/// The most instructions of a block.
pub const MAX_BLOCK: usize = 128;
/// How far the budget may be exceeded, less a block, on the way to a control transfer: what a limit of instructions and the
/// buffer of the trace must allow for, since blocks without one follow each other.
pub const OVERDRAFT: usize = 1024;

/// A straight line of instructions.
#[derive(Debug)]
pub struct Block {
    /// Its instructions with their addresses; not empty.
    pub code: Vec<(u64, Inst)>,
    /// Whether an indirect jump may enter it; only then is it in the table of such jumps.
    pub indirect: bool,
}

impl Block {
    /// The address behind the last instruction.
    pub fn end(&self) -> u64 {
        self.code.last().map_or(0, |(pc, inst)| pc.wrapping_add(u64::from(inst.len)))
    }
}

/// Whether control leaves the straight line, or the runtime must see the instruction.
pub fn ends_block(op: Op) -> bool {
    matches!(op.family(), Family::Branch | Family::Jump)
        || op.family() == Family::System && !matches!(op, Op::Fence | Op::FenceI)
}

/// Marks of addresses, one for each halfword of the code.
struct Marks {
    leader: Vec<bool>,
    indirect: Vec<bool>,
}

fn index(pc: u64) -> usize {
    (pc.wrapping_sub(PROGRAM_BASE) / 2) as usize
}

/// The blocks of a program, in the order of addresses.
pub fn blocks(program: &Program) -> Vec<Block> {
    let Some(&(last, _)) = program.code().last() else { return Vec::new() };
    let halfwords = index(last) + 1;
    let mut marks = Marks { leader: vec![false; halfwords], indirect: vec![false; halfwords] };
    let mut work = Vec::new();
    let mark = |marks: &mut Marks, work: &mut Vec<u64>, pc: u64, indirect: bool| {
        if program.inst_at(pc).is_some() {
            let at = index(pc);
            marks.indirect[at] |= indirect;
            if !core::mem::replace(&mut marks.leader[at], true) {
                work.push(pc);
            }
        }
    };
    mark(&mut marks, &mut work, program.entry, true);
    for segment in program.segments() {
        if segment.executable {
            mark(&mut marks, &mut work, segment.base.next_multiple_of(2), true);
        } else {
            // What looks like an address of code may be a function pointer or a jump table's entry.
            for word in segment.bytes.chunks_exact(4) {
                mark(&mut marks, &mut work, u64::from(u32::from_le_bytes([word[0], word[1], word[2], word[3]])), true);
            }
        }
    }
    let mut seen = vec![false; halfwords];
    while let Some(start) = work.pop() {
        let mut pc = start;
        // What `auipc` has left, in which register.
        let mut base = None;
        while let Some(inst) = program.inst_at(pc) {
            if core::mem::replace(&mut seen[index(pc)], true) {
                break;
            }
            let next = pc.wrapping_add(u64::from(inst.len));
            match inst.op.family() {
                Family::Branch => mark(&mut marks, &mut work, pc.wrapping_add(inst.imm.cast_unsigned()), false),
                Family::Jump if inst.op == Op::Jal => {
                    mark(&mut marks, &mut work, pc.wrapping_add(inst.imm.cast_unsigned()), false);
                }
                Family::Jump => {
                    if let Some((_, base)) = base.filter(|(register, _)| *register == inst.rs1) {
                        mark(&mut marks, &mut work, inst.imm.cast_unsigned().wrapping_add(base) & !1, false);
                    }
                }
                _ => {}
            }
            base = (inst.op == Op::Auipc).then(|| (inst.rd, pc.wrapping_add(inst.imm.cast_unsigned())));
            if ends_block(inst.op) {
                // Behind a jump stands what something else leads to: a return, or an indirect jump.
                mark(&mut marks, &mut work, next, inst.op.family() == Family::Jump);
            }
            pc = next;
        }
        // Code behind what does not decode.
        if program.inst_at(pc).is_none() {
            while pc <= last && program.inst_at(pc).is_none() {
                pc += 2;
            }
            mark(&mut marks, &mut work, pc, true);
        }
    }
    collect(program, &marks)
}

fn collect(program: &Program, marks: &Marks) -> Vec<Block> {
    let leaders = marks.leader.iter().enumerate().filter(|(_, leader)| **leader);
    // A long straight line that is cut may be cut where another one is that overlaps it.
    let mut starts = HashSet::new();
    leaders
        .flat_map(|(at, _)| {
            let mut blocks = Vec::new();
            let mut code = Vec::new();
            let mut indirect = marks.indirect[at];
            let mut pc = PROGRAM_BASE + 2 * at as u64;
            while let Some(inst) = program.inst_at(pc) {
                if code.len() == MAX_BLOCK {
                    blocks.push(Block { code: core::mem::take(&mut code), indirect });
                    indirect = false;
                }
                code.push((pc, *inst));
                pc = pc.wrapping_add(u64::from(inst.len));
                if ends_block(inst.op) || marks.leader.get(index(pc)).copied().unwrap_or(false) {
                    break;
                }
            }
            blocks.push(Block { code, indirect });
            blocks
        })
        .filter(|block| starts.insert(block.code[0].0))
        .collect()
}
