//! Where guest registers live: the most used in host registers for the whole program, the others in the frame.

use spec_interp::map::PROGRAM_BASE;

use crate::translate::blocks::Block;

/// Where a guest register lives while generated code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// A host register, by its number in the encoding.
    Reg(u8),
    /// A displacement from rsp.
    Slot(i32),
}

/// The homes of x0 to x31; that of x0 is never used.
pub type Homes = [Home; 32];

/// How often registers are named.
pub type Uses = [u64; 32];

/// rbx, rbp, rsi, rdi, r8 to r12. The others: rax, rcx and rdx for results in the making, rsp for the frame, r13 for the
/// budget of instructions, r14 for the trace, r15 for the base of memory.
pub const HOST: [u8; 9] = [3, 5, 6, 7, 8, 9, 10, 11, 12];

/// How much more an instruction in a loop counts.
const LOOP: u64 = 8;
/// Loops within loops beyond this count no more.
const DEEPEST: u32 = 6;

/// Chooses homes by how often registers have been seen in use, and where that says nothing by a guess from the code.
pub fn choose(blocks: &[Block], seen: &Uses) -> Homes {
    let guess = guess(blocks);
    let mut order: Vec<usize> = (1..32).collect();
    order.sort_by_key(|&register| core::cmp::Reverse((seen[register], guess[register])));
    let mut homes = [Home::Slot(0); 32];
    for (rank, register) in order.into_iter().enumerate() {
        homes[register] = match HOST.get(rank) {
            Some(&host) => Home::Reg(host),
            None => Home::Slot(8 * (rank - HOST.len()) as i32),
        };
    }
    homes
}

/// How often registers are named, where code between a backward branch and its target is a loop.
fn guess(blocks: &[Block]) -> Uses {
    let first = blocks.first().map_or(PROGRAM_BASE, |block| block.code[0].0);
    let end = blocks.iter().map(Block::end).max().unwrap_or(first);
    let mut nesting = vec![0i32; ((end - first) / 2) as usize + 2];
    for block in blocks {
        let Some(&(pc, inst)) = block.code.last() else { continue };
        let target = pc.wrapping_add(inst.imm.cast_unsigned());
        let jumps = inst.op.family() == spec_interp::Family::Branch || inst.op == spec_interp::Op::Jal && inst.rd == 0;
        if jumps && (first..=pc).contains(&target) {
            nesting[((target - first) / 2) as usize] += 1;
            nesting[((pc - first) / 2) as usize + 1] -= 1;
        }
    }
    let mut depth = 0;
    for at in &mut nesting {
        depth += *at;
        *at = depth;
    }
    let mut uses = [0u64; 32];
    for (pc, inst) in blocks.iter().flat_map(|block| &block.code) {
        let depth = nesting[((pc - first) / 2) as usize].clamp(0, DEEPEST as i32) as u32;
        for register in [inst.rd, inst.rs1, inst.rs2] {
            uses[usize::from(register & 31)] += LOOP.pow(depth);
        }
    }
    uses
}
