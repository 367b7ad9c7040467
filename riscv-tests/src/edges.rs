//! Loads and stores of every width at every offset around the edges of doublewords, pages, limbs of addresses and
//! regions: the naturally aligned ones, and the others.

use spec_interp::map::{INPUT_BASE, OUTPUT_BASE, OUTPUT_SIZE, PROGRAM_BASE, PROGRAM_SIZE, RAM_BASE, STATE_BASE};
use spec_interp::{Cause, Program};

use crate::Case;
use crate::asm::{Asm, Code, FREE, rv};
use crate::faults;
use crate::memory::{BYTES, LOADS, Load, STORES, Store, expect_word, loaded};

/// Addresses of doublewords that are the last of something: a doubleword, pages of several sizes, an address's lowest
/// limb, RAM.
const LAST: [u64; 6] =
    [RAM_BASE, RAM_BASE + 0xf8, RAM_BASE + 0x3f8, RAM_BASE + 0xff8, RAM_BASE + 0xfff8, OUTPUT_BASE - 8];

/// Whether an access of some width at an offset within a doubleword belongs to a program.
pub(crate) type Chosen = fn(usize, usize) -> bool;

pub(crate) fn cases() -> Vec<Case> {
    let aligned = group("edges", |width, offset| offset.is_multiple_of(width));
    let misaligned = group("misaligned", |width, offset| !offset.is_multiple_of(width));
    aligned.into_iter().chain(misaligned).chain(load_faults()).chain(store_faults()).collect()
}

fn group(group: &str, chosen: Chosen) -> Vec<Case> {
    let some = |width: usize| (0..8).any(|offset| chosen(width, offset));
    let loads = LOADS.iter().filter(|row| some(row.width));
    let stores = STORES.iter().filter(|row| some(row.width));
    let loads = loads.map(|row| Case::passing(format!("{group}/{}", row.op), load_program(row, chosen)));
    let stores = stores.map(|row| Case::passing(format!("{group}/{}", row.op), store_program(row, chosen)));
    loads.chain(stores).collect()
}

/// The offsets at which an access of this width lies in the 16 bytes on both sides of an edge.
fn offsets(width: usize, chosen: Chosen) -> impl Iterator<Item = usize> {
    (0..=16 - width).filter(move |offset| chosen(width, offset % 8))
}

fn load_program(row: &Load, chosen: Chosen) -> Program {
    let mut asm = Asm::new();
    asm.begin();
    let code = &mut asm.code;
    rv!(code; addi x0, x0, 0);
    // From the input's zeros into these two instructions, `addi x3, x0, 1` and a nop.
    let start = [0, 0, 0, 0, 0, 0, 0, 0, 0x93, 0x01, 0x10, 0x00, 0x13, 0, 0, 0];
    check_loads(&mut asm, row, chosen, PROGRAM_BASE - 8, &start);
    for (i, last) in LAST.into_iter().enumerate() {
        let bytes = &BYTES[i * 3..][..16];
        store_bytes(&mut asm, last, bytes);
        check_loads(&mut asm, row, chosen, last, bytes);
        if last >= OUTPUT_BASE - 8 {
            store_bytes(&mut asm, last, &[0; 16]);
        }
    }
    asm.finish()
}

/// Loads of the chosen offsets from 16 bytes, those of the doubleword at `last` and of the next.
pub(crate) fn check_loads(asm: &mut Asm, row: &Load, chosen: Chosen, last: u64, bytes: &[u8]) {
    for offset in offsets(row.width, chosen) {
        let (rd, rs1) = (FREE[offset], FREE[offset + offset % 2]); // every other time rd = rs1
        asm.begin();
        asm.li(rs1, last + offset as u64 - 5);
        (row.emit)(&mut asm.code, rd, rs1, 5);
        asm.expect(rd, loaded(&bytes[offset..offset + row.width], row.signed));
    }
}

fn store_program(row: &Store, chosen: Chosen) -> Program {
    let mut asm = Asm::new();
    for (i, last) in LAST.into_iter().enumerate() {
        let mut bytes = BYTES[i * 3..][..16].to_vec();
        store_bytes(&mut asm, last, &bytes);
        for offset in offsets(row.width, chosen) {
            let value = 0x8123_4567_89ab_cdef_u64.rotate_left((8 * offset + i) as u32);
            let end = offset + row.width;
            asm.begin();
            asm.li(10, last + offset as u64 + 3);
            asm.li(11, value);
            (row.emit)(&mut asm.code, 11, 10, -3);
            bytes[offset..end].copy_from_slice(&value.to_le_bytes()[..row.width]);
            // Both halves when it lies in both, else the one that it must have left alone every other time.
            let other = usize::from(offset % 2 == 1);
            for half in (0..2).filter(|&half| half == other || (offset < 8 * half + 8 && end > 8 * half)) {
                expect_word(&mut asm, last + 8 * half as u64, &bytes[8 * half..][..8]);
            }
        }
        if last >= OUTPUT_BASE - 8 {
            store_bytes(&mut asm, last, &[0; 16]);
        }
    }
    asm.finish()
}

/// Writes aligned doublewords.
fn store_bytes(asm: &mut Asm, addr: u64, bytes: &[u8]) {
    let [.., store_double] = &STORES;
    for (at, word) in (addr..).step_by(8).zip(bytes.chunks(8)) {
        asm.li(10, at);
        asm.li(11, loaded(word, true));
        (store_double.emit)(&mut asm.code, 11, 10, 0);
    }
}

/// The distances below an edge from which an access of this width reaches over it.
fn crossing(width: usize) -> core::ops::Range<u64> {
    1..width as u64
}

/// Loads of which only one half may be read, at every crossing offset: above and below each edge of the map.
fn load_faults() -> Vec<Case> {
    let edges = [INPUT_BASE, PROGRAM_BASE + PROGRAM_SIZE, RAM_BASE, OUTPUT_BASE + OUTPUT_SIZE, 1 << 32];
    let mut cases = Vec::new();
    for row in &LOADS {
        for below in crossing(row.width) {
            let addr = edges[cases.len() % edges.len()] - below;
            cases.push(fault(&row.op.to_string(), addr, Cause::LoadAccess { addr }, row.emit));
        }
    }
    // The last byte of all, and the first.
    let [.., load_word] = &LOADS;
    cases.push(fault("lwu", u64::MAX, Cause::LoadAccess { addr: u64::MAX }, load_word.emit));
    cases
}

/// Stores of which only one half may be written; what is said is why the lower half may not, if it may not.
fn store_faults() -> Vec<Case> {
    let mut cases = Vec::new();
    for row in STORES.iter().rev() {
        for below in crossing(row.width) {
            let (edge, read_only) = [
                (OUTPUT_BASE + OUTPUT_SIZE, false),
                (RAM_BASE, false),
                (PROGRAM_BASE, true),
                (STATE_BASE, true),
                (INPUT_BASE, false),
            ][cases.len() % 5];
            let addr = edge - below;
            let cause = if read_only { Cause::StoreReadOnly { addr } } else { Cause::StoreAccess { addr } };
            cases.push(fault(&row.op.to_string(), addr, cause, row.emit));
        }
    }
    let [.., store_word, _] = &STORES;
    cases.push(fault("sw", u64::MAX, Cause::StoreAccess { addr: u64::MAX }, store_word.emit));
    cases
}

fn fault(op: &str, addr: u64, cause: Cause, emit: fn(&mut Code, u8, u8, i32)) -> Case {
    let name = format!("misaligned/fault_{op}_{addr:x}");
    faults::case(name, cause, |asm| faults::operands(asm, addr), |code| emit(code, 11, 10, 0))
}
