//! An instruction is taken for another one: honest rows of another operation of its table, of other operands, or of another
//! address, where the rest of the run fixes that it is not there.

use p3_field::Field;
use spec_interp::exec::exec;
use spec_interp::map::PROGRAM_BASE;
use spec_interp::{Inst, Op, alu};

use crate::F;
use crate::address;
use crate::bus::PROGRAM;
use crate::check::formula::{Cell, Context};
use crate::check::judge::Rows;
use crate::check::lie::{RowLie, fixed_columns, flag_columns, honest_row};
use crate::check::sheet::sheet;
use crate::check::words::Words;
use crate::event::{Event, SecondAccess};
use crate::kind::Kind;
use crate::lower::{ops_of, table_of};
use crate::rom::RomRow;

/// Rows that take an instruction for another one. What the rest of the run fixes stays. Of the flags that differ all, one,
/// all but one, or none are the other operation's; or all are but for one that makes its number that of the program.
pub fn misread(kind: Kind, event: &Event<'_>, honest: &Rows) -> Vec<RowLie> {
    let mut lies = Vec::new();
    let mut add = |what: String, event: Event<'_>| lies.extend(pretend(kind, &what, &event, honest));
    for flag in (0..32).filter(|&flag| flag != event.row.flag) {
        let row = RomRow { flag, ..*event.row };
        let Some(op) = ops_of(row.operation()).next() else { continue };
        if let Some(rd_new) = alu(op, event.rs1, event.rs2) {
            add(op.to_string(), Event { row: &row, rd_new, ..*event });
        }
    }
    if let Some(op) = ops_of(event.row.operation()).next() {
        for by in [1, 2, 4, 16, 32] {
            for (rs1, rs2) in [(event.rs1 ^ by, event.rs2), (event.rs1, event.rs2 ^ by)] {
                if let Some(rd_new) = alu(op, rs1, rs2) {
                    add(format!("{rs1:#x}, {rs2:#x}"), Event { rs1, rs2, rd_new, ..*event });
                }
            }
        }
    }
    let address = address::effective(event);
    for op in Op::ALL {
        let Some((table, flag)) = table_of(op).filter(|_| is_accessed_by(kind, op)) else { continue };
        let row = RomRow { table, flag, ..*event.row };
        for address in places(kind, address) {
            if let Some(event) = access(event, &row, op, address) {
                add(format!("{op} at {address:#x}"), event);
            }
        }
        // With the sign of another word.
        if (table, flag) == (event.row.table, event.row.flag) {
            let signed = Event { rs2: event.rs2 ^ (1 << 31), ..*event };
            if let Some(event) = access(&signed, &row, op, address) {
                add(format!("{op} of another sign"), event);
            }
        }
    }
    lies
}

/// The rows of an event that is not there.
fn pretend(kind: Kind, what: &str, event: &Event<'_>, honest: &Rows) -> Vec<RowLie> {
    let flags = flag_columns(kind);
    let mut rows = honest_row(kind, event);
    let restore = |rows: &mut Rows, columns: &[usize]| {
        columns.iter().for_each(|&column| rows.cells[0][column] = honest.cells[0][column]);
    };
    restore(&mut rows, &fixed_columns(kind));
    let other: Vec<usize> =
        flags.iter().copied().filter(|&flag| rows.cells[0][flag] != honest.cells[0][flag]).collect();
    let one = other.iter().map(|&flag| vec![flag]);
    let all_but_one = other.iter().map(|&flag| other.iter().copied().filter(|&other| other != flag).collect());
    let mut but: Vec<Vec<usize>> = one.chain(all_but_one).chain([other.clone()]).collect();
    but.retain(|columns| !columns.is_empty());
    but.dedup();
    let but = but.into_iter().map(|columns| {
        let mut rows = rows.clone();
        restore(&mut rows, &columns);
        let of_many = columns.len() > 1 && columns != other;
        RowLie { what: format!("{what} but for {columns:?}"), rows, claims: Vec::new(), of_many }
    });
    let numbered = flags.iter().filter_map(|&flag| {
        let mut rows = rows.clone();
        rows.cells[0][flag] = numbering(kind, &rows, flag, honest)?;
        Some(RowLie { what: format!("{what} by number"), rows, claims: Vec::new(), of_many: true })
    });
    let mut lies: Vec<RowLie> = but.chain(numbered).collect();
    lies.push(RowLie { what: format!("as {what}"), rows, claims: Vec::new(), of_many: false });
    lies
}

/// The value of a flag by which a row has the number of the honest one's operation; none if it has that already.
fn numbering(kind: Kind, rows: &Rows, flag: usize, honest: &Rows) -> Option<F> {
    let asked = sheet(kind).interactions.iter().find(|spoken| spoken.bus == PROGRAM)?;
    let polynomial =
        |rows: &Rows| asked.tuple[2].in_cell(Cell { offset: 0, column: flag }, &Context::alone(&rows.cells[0]));
    let ([constant, slope, ..], [wanted, wanted_slope, ..]) = (polynomial(rows), polynomial(honest));
    let value = (wanted + wanted_slope * honest.cells[0][flag] - constant) * slope.try_inverse()?;
    (value != rows.cells[0][flag]).then_some(value)
}

/// Whether an operation accesses memory by rows of a table.
fn is_accessed_by(kind: Kind, op: Op) -> bool {
    match table_of(op) {
        Some((Kind::MemoryWord | Kind::MemorySub, _)) if kind == Kind::MemoryMisaligned => op.access_width() > Some(1),
        Some((table, _)) => table == kind && op.access_width().is_some(),
        None => false,
    }
}

/// Addresses within the same doubleword that an access could be confused with.
fn places(kind: Kind, address: u64) -> Vec<u64> {
    let offsets: &[u64] = match kind {
        Kind::MemorySub => &[0, 1, 2, 3, 4, 5, 6, 7],
        Kind::MemoryMisaligned => &[0, 1, 7],
        _ => &[0, 4],
    };
    let first = if kind == Kind::MemoryMisaligned { address % 8 } else { 0 };
    offsets.iter().map(|offset| (address & !7) + (first + offset) % 8).collect()
}

/// The event of an operation on the same words, at any address within the first one.
pub fn access<'p>(event: &Event<'p>, row: &'p RomRow, op: Op, address: u64) -> Option<Event<'p>> {
    let (is_store, is_reservation) = (matches!(op, Op::Sb | Op::Sh | Op::Sw | Op::Sd), row.table == Kind::Reservation);
    let behind = if is_reservation { 0 } else { u128::from(event.second.old) << 64 };
    let memory = u128::from(event.mem_old) | behind;
    let mut words = Words { old: memory, new: memory, reservation: event.second.old };
    let inst = Inst { op, rd: 1, rs1: 1, rs2: 1, imm: 0, len: 4 };
    let rs2 = if is_store { event.rd_old } else { event.rs2 };
    let (rd, _) = exec(&inst, PROGRAM_BASE, address, rs2, &mut words).ok()?;
    let new = if is_reservation { words.reservation } else { (words.new >> 64) as u64 };
    let imm = address::effective(event).wrapping_sub(event.rs1);
    Some(Event {
        row,
        rs1: address.wrapping_sub(imm),
        rd_new: if is_store { event.rd_old } else { rd },
        mem_new: words.new as u64,
        second: SecondAccess { new, ..event.second },
        ..*event
    })
}
