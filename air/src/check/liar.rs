//! One instruction lies: what an honest filler makes of a result, a target or a stored word that is not the machine's.

use p3_field::PrimeCharacteristicRing;
use spec_interp::{Op, alu};

use crate::F;
use crate::address;
use crate::check::judge::Rows;
use crate::check::lie::{RowLie, columns, honest_row};
use crate::check::misread::misread;
use crate::check::search::Place;
use crate::check::sheet::{Spoken, sheet};
use crate::columns::Columns;
use crate::emit::Role;
use crate::event::{Event, SecondAccess};
use crate::kind::Kind;
use crate::layout::HALTED_PC;
use crate::lower::ops_of;
use crate::tables::mulh;

/// The lies of an instruction: any bit of rd, of the stored words or of the reservation, results of other kinds, other
/// next pcs.
pub fn lies(kind: Kind, event: &Event<'_>) -> Vec<RowLie> {
    let honest = honest_row(kind, event);
    let mut lies: Vec<RowLie> = Vec::new();
    if kind == Kind::Mulh {
        lies.extend(mulh::chains(event).map(|row| {
            let mut cells = vec![F::ZERO; kind.width()];
            row.write(&mut cells);
            let (what, rows) = ("as if a limb were out of range".to_owned(), Rows::single(cells));
            RowLie { what, rows, claims: Vec::new(), of_many: true }
        }));
    }
    lies.extend(misread(kind, event, &honest));
    for (what, event) in lying_events(kind, event) {
        let rows = honest_row(kind, &event);
        let claims = claims(kind, &honest, &rows);
        if !claims.is_empty() {
            let of_many = what.contains("bit ");
            lies.push(RowLie { what, rows, claims, of_many });
        }
    }
    lies
}

/// The lies of an instruction that faults: that it is another one, or is elsewhere.
pub fn lies_of_fault(kind: Kind, event: &Event<'_>) -> Vec<RowLie> {
    misread(kind, event, &honest_row(kind, event))
}

/// The same instruction where it faults, or is another table's: with other bases of addresses, misaligned, with other
/// numbers of system calls.
///
/// Accesses that another table executes have a word of which no two places look alike, so that a row of this one is wrong.
pub fn faults<'p>(kind: Kind, event: &Event<'p>) -> Vec<Event<'p>> {
    let op = event.row.op();
    let stores = kind == Kind::Amo || matches!(op, Op::Sb | Op::Sh | Op::Sw | Op::Sd | Op::ScW | Op::ScD);
    let crosses = kind == Kind::MemoryMisaligned && event.second.prev != 0;
    let misaligned: &[u64] = match op.access_width() {
        _ if kind == Kind::MemoryMisaligned => &[],
        Some(8) => &[1, 2, 3, 4, 5, 6, 7],
        Some(4) => &[1, 2, 3, 5, 6, 7],
        Some(2) => &[1, 3, 5, 7],
        _ => &[],
    };
    let mut addresses: Vec<u64> = match kind {
        Kind::System => {
            let numbers = [0, 1, 63, 65, 92, 94, 122, 64 << 16, 93 | 1 << 32, u64::MAX];
            return numbers.map(|rs1| Event { rs1, ..*event }).to_vec();
        }
        Kind::Jump if op == Op::Jalr => {
            // Round the field 2^16 times 0x7f00 is -1, so that the target would be the jump itself.
            let imm = event.row.w[2].cast_unsigned();
            let round = 0x0100_0000 + 2 * u64::from(event.row.pc) - 1;
            let targets = [round, round + 1, 0, 0x7fff_fffe, 0x9000_0000, 0xffff_fffe, 1 << 32];
            let faults = targets.map(|target| Event { rs1: target.wrapping_sub(imm), ..*event });
            return faults.into_iter().filter(has_short_base).collect();
        }
        Kind::MemoryWord | Kind::MemorySub | Kind::MemoryMisaligned | Kind::Amo | Kind::Reservation => NOWHERE.to_vec(),
        _ => return Vec::new(),
    };
    addresses.extend(READ_ONLY.into_iter().filter(|_| stores));
    addresses.extend([0x8fff_fff8, 0xe3ff_fff8].into_iter().filter(|_| crosses));
    let offset = address::effective(event) % 8;
    let mut faults: Vec<_> = addresses.iter().map(|address| at(event, address + offset)).collect();
    faults.retain(has_short_base);
    let is_elsewhere = matches!(kind, Kind::MemoryWord | Kind::MemorySub);
    let mem_old = if is_elsewhere { 0x8172_6354_4536_2718 } else { event.mem_old };
    let event = Event { mem_old, ..*event };
    faults.extend(misaligned.iter().map(|offset| at(&event, 0xa000_0100 + offset)));
    faults
}

/// Whether the base of an address is below 2^32. The tables have no cells for more: they take such a base with zeros above
/// it, so that a row would be of another base, at which nothing need fault.
const fn has_short_base(event: &Event<'_>) -> bool {
    event.rs1 >> 32 == 0
}

/// Doublewords that nothing may access: between and beyond the regions, and where the registers are.
const NOWHERE: [u64; 15] = [
    0,
    8,
    0xfff8,
    0x0100_0000,
    // Round the field, with 2^16 times 0x7f00 as -1, these are 0x8000_0000 and 0xa000_0008.
    0x0100_0007,
    0x2100_0007,
    // The bases of input and program less that of RAM, as if a word were in both.
    0x2000_0000,
    0x3fff_fff8,
    0x9000_0000,
    0x9000_0028,
    0x9000_0108,
    0x9000_fff8,
    0x9fff_fff8,
    0xe400_0000,
    0xffff_fff8,
];

/// Doublewords that nothing may be stored to.
const READ_ONLY: [u64; 4] = [0x4000_0000, 0x7fff_fff0, 0x8000_0000, 0x8fff_fff0];

/// The event at another address.
fn at<'p>(event: &Event<'p>, address: u64) -> Event<'p> {
    let imm = address::effective(event).wrapping_sub(event.rs1);
    Event { rs1: address.wrapping_sub(imm), word: (address >> 3) as u32, ..*event }
}

/// The cells of what a row gives in which a lie differs from the truth.
fn claims(kind: Kind, honest: &Rows, lie: &Rows) -> Vec<Place> {
    let given = sheet(kind).interactions.iter().filter(|spoken| spoken.role == Role::Give);
    let differs = |column: &usize| honest.cells[0][*column] != lie.cells[0][*column];
    columns(given.flat_map(Spoken::cells)).into_iter().filter(differs).map(|column| (0, column)).collect()
}

fn lying_events<'p>(kind: Kind, honest: &Event<'p>) -> Vec<(String, Event<'p>)> {
    let accesses = kind.accesses(honest.row);
    let mut lies = Vec::new();
    let mut add = |what: String, event: Event<'p>| {
        if event != *honest {
            lies.push((what, event));
        }
    };
    let words = |word: u64| {
        let bits = (0..64).map(move |bit| (format!("bit {bit}"), word ^ 1 << bit));
        // 509 / 0xffff is a sign whose multiples are small.
        let sign = word & 0xffff_ffff | 0x01fd_01fd << 32;
        let wholes = [sign, 0, 1, u64::MAX, !word, word.wrapping_neg(), word.wrapping_add(1), word.wrapping_sub(1)];
        let wholes = wholes.into_iter().chain([i64::from(word as i32).cast_unsigned(), u64::from(word as u32)]);
        bits.chain(wholes.map(|whole| (format!("{whole:#x}"), whole)))
    };
    if accesses.rd {
        for (what, rd_new) in words(honest.rd_new) {
            add(format!("rd: {what}"), Event { rd_new, ..*honest });
        }
        for rd_new in [honest.rd_old, honest.rs1, honest.rs2, honest.mem_old] {
            add(format!("rd: {rd_new:#x}"), Event { rd_new, ..*honest });
        }
        for op in ops_of(honest.row.operation()).chain(Op::ALL) {
            if let Some(rd_new) = alu(op, honest.rs1, honest.rs2) {
                add(format!("rd: as {op}"), Event { rd_new, ..*honest });
            }
        }
    }
    if honest.word != 0 {
        for (what, mem_new) in words(honest.mem_new) {
            add(format!("memory: {what}"), Event { mem_new, ..*honest });
        }
    }
    if honest.second.prev != 0 {
        for (what, new) in words(honest.second.new) {
            let second = SecondAccess { new, ..honest.second };
            add(format!("second word: {what}"), Event { second, ..*honest });
        }
    }
    let straight = honest.row.pc + 2;
    let target = honest.row.w[0] as u32;
    let next =
        [straight, straight - 1, straight + 1, target, honest.row.pc, 0, 1, HALTED_PC, honest.row.next_pc as u32];
    let next = next.into_iter().chain((0..27).map(|bit| honest.next_pc ^ 1 << bit));
    for next_pc in next {
        add(format!("next pc: {next_pc:#x}"), Event { next_pc, ..*honest });
    }
    lies
}
