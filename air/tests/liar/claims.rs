//! What an instruction can claim instead of what it does.

use air::check::stepwise::Claim;
use spec_interp::map::{PROGRAM_BASE, RAM_BASE, syscall};
use spec_interp::{Family, Op, Program, Step, alu, reservation};

use crate::flips;

/// The claims of a step other than the truth, by what they are about; no group is empty. `reserved` is the reservation
/// that it leaves.
pub fn claims(program: &Program, step: &Step, reserved: u64) -> Vec<Vec<Claim>> {
    let stores = step.accesses[0].is_some_and(|access| access.write) && step.inst.op.family() == Family::Memory;
    let has_rd = step.inst.op.family() != Family::Branch && !stores;
    let mut groups = vec![next_pcs(program, step), halts(step)];
    groups.extend(has_rd.then(|| results(step)));
    groups.extend((0..2).map(|i| words(step, i)));
    match step.inst.op {
        Op::ScW | Op::ScD => groups.extend([vec![Claim::StoreConditional], reservations(step, reserved)]),
        Op::LrW | Op::LrD => groups.push(reservations(step, reserved)),
        _ => {}
    }
    groups.retain(|claims| !claims.is_empty());
    groups
}

/// Wrong words: each bit flipped, neighbours, other signs and widths; and others that are about.
fn wrong(word: u64, about: &[u64]) -> Vec<u64> {
    let near = [word.wrapping_add(1), word.wrapping_sub(1), word.wrapping_neg(), !word, 0, 1, u64::MAX];
    let wide = [i64::from(word as i32).cast_unsigned(), word & 0xffff_ffff, word | 0xffff_ffff << 32];
    let carried = [word.wrapping_add(1 << 16), word.wrapping_sub(1 << 32)];
    let special = near.into_iter().chain(wide).chain(carried).chain(about.iter().copied());
    let mut all = Vec::new();
    // Alternating, so that any few neighbours in the list are of several kinds.
    let mut special = special.filter(|&other| other != word);
    for flipped in flips(word.rotate_left(32)).map(|flipped| flipped.rotate_right(32)) {
        all.push(flipped);
        all.extend(special.next());
    }
    all
}

fn results(step: &Step) -> Vec<Claim> {
    let (rs1, rs2) = (step.rs1, step.rs2);
    let others = Op::ALL.into_iter().filter_map(|op| alu(op, rs1, rs2)).filter(|&other| other != step.rd);
    let loaded = step.accesses.into_iter().flatten().flat_map(|access| [access.old, access.new]);
    let mut about: Vec<u64> = [rs1, rs2, step.pc, step.next_pc].into_iter().chain(loaded).chain(others).collect();
    about.sort_unstable();
    about.dedup();
    wrong(step.rd, &about).into_iter().map(Claim::Rd).collect()
}

/// Other places in the program: the next halfword, the next word, the target, the instruction itself and others.
fn next_pcs(program: &Program, step: &Step) -> Vec<Claim> {
    let behind = step.pc + u64::from(step.inst.len);
    let target = step.pc.wrapping_add_signed(step.inst.imm);
    let near = [behind, target, step.pc + 2, step.pc + 4, behind + 2, behind + 4, step.next_pc ^ 2, program.entry];
    let far = (1..20).map(|bit| PROGRAM_BASE + ((step.next_pc - PROGRAM_BASE) ^ 1 << bit)).chain([step.pc]);
    let mut all: Vec<u64> = Vec::new();
    for address in near.into_iter().chain(far) {
        if address != step.next_pc && program.inst_at(address).is_some() && !all.contains(&address) {
            all.push(address);
        }
    }
    all.into_iter().map(Claim::NextPc).collect()
}

/// Ends of the run; an `exit` with its own code is none.
fn halts(step: &Step) -> Vec<Claim> {
    let exits = step.inst.op == Op::Ecall && step.rs1 == syscall::EXIT;
    let codes = [0, 1, u64::MAX].into_iter().filter(|&code| !exits || code != step.rd);
    codes.map(Claim::Halt).collect()
}

/// Other contents of a word that the step accesses where stores may go, be it a load or a store.
fn words(step: &Step, i: usize) -> Vec<Claim> {
    let Some(access) = step.accesses[i].filter(|access| access.addr >= RAM_BASE) else { return Vec::new() };
    let about = [access.old, step.rs1, step.rs2, step.rd].map(|word| if word == access.new { !word } else { word });
    wrong(access.new, &about).into_iter().map(|word| Claim::Word(i, word)).collect()
}

/// Other reservations: none, of the other width, of other addresses.
fn reservations(step: &Step, reserved: u64) -> Vec<Claim> {
    let of_widths = [4, 8].map(|width| reservation(step.rs1, width));
    let others = [0, of_widths[0], of_widths[1], of_widths[0] ^ 4, of_widths[1] ^ 8, of_widths[1] ^ 1 << 16];
    let bits = (0..48).map(|bit| reserved ^ 1 << bit);
    others.into_iter().chain(bits).filter(|&other| other != reserved).map(Claim::Reservation).collect()
}
