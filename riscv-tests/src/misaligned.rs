//! Loads and stores that cross a doubleword, also over the edges of pages and from RAM into the output.

use spec_interp::map::{OUTPUT_BASE, PROGRAM_BASE, RAM_BASE};
use spec_interp::{Cause, Program};

use crate::asm::{Asm, FREE};
use crate::memory::{BYTES, LOADS, Load, STORES, Store, expect_word, loaded};
use crate::{Case, Expectation};

/// Addresses of doublewords that are the last of something: a doubleword, pages of several sizes, RAM.
const LAST: [u64; 5] = [RAM_BASE, RAM_BASE + 0xf8, RAM_BASE + 0x3f8, RAM_BASE + 0xff8, OUTPUT_BASE - 8];

pub(crate) fn cases() -> Vec<Case> {
    let wide_loads = LOADS.iter().filter(|row| row.width > 1);
    let wide_stores = STORES.iter().filter(|row| row.width > 1);
    let loads = wide_loads.map(|row| Case::passing(format!("misaligned/{}", row.op), load_program(row)));
    let stores = wide_stores.map(|row| Case::passing(format!("misaligned/{}", row.op), store_program(row)));
    let mut cases: Vec<_> = loads.chain(stores).collect();
    cases.extend(faults());
    cases
}

/// The offsets at which an access of this width crosses a doubleword.
fn crossing(width: usize) -> core::ops::Range<usize> {
    9 - width..8
}

fn load_program(row: &Load) -> Program {
    let mut asm = Asm::new();
    asm.ram = vec![0; 0x1008];
    for (i, last) in LAST.into_iter().enumerate() {
        let bytes = &BYTES[i * 4..][..16];
        if let Some(place) = asm.ram.get_mut((last - RAM_BASE) as usize..).and_then(|ram| ram.get_mut(..16)) {
            place.copy_from_slice(bytes);
        } else {
            store_bytes(&mut asm, last, bytes);
        }
        for offset in crossing(row.width) {
            let (rd, rs1) = (FREE[offset + i], FREE[offset + i + offset % 2]);
            asm.begin();
            asm.li(rs1, last + offset as u64 - 5);
            (row.emit)(&mut asm.code, rd, rs1, 5);
            asm.expect(rd, loaded(&bytes[offset..offset + row.width], row.signed));
        }
        if last >= OUTPUT_BASE - 8 {
            store_bytes(&mut asm, last, &[0; 16]);
        }
    }
    asm.finish()
}

fn store_program(row: &Store) -> Program {
    let mut asm = Asm::new();
    for (i, last) in LAST.into_iter().enumerate() {
        let mut bytes = BYTES[i * 4..][..16].to_vec();
        store_bytes(&mut asm, last, &bytes);
        for offset in crossing(row.width) {
            let value = 0x8123_4567_89ab_cdef_u64.rotate_left((8 * offset + i) as u32);
            asm.begin();
            asm.li(10, last + offset as u64 + 3);
            asm.li(11, value);
            (row.emit)(&mut asm.code, 11, 10, -3);
            bytes[offset..offset + row.width].copy_from_slice(&value.to_le_bytes()[..row.width]);
            expect_word(&mut asm, last, &bytes[..8]);
            expect_word(&mut asm, last + 8, &bytes[8..]);
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

/// Accesses of which only one half is allowed.
fn faults() -> Vec<Case> {
    let [_, load_half, load_word, load_double, ..] = &LOADS;
    let [_, store_half, store_word, store_double] = &STORES;
    let output_end = 0xe400_0000;
    let mut cases = Vec::new();
    for (row, addr) in [
        (load_half, output_end - 1),
        (load_word, output_end - 2),
        (load_double, output_end - 7),
        (load_double, RAM_BASE - 1),
        (load_double, 0x9000_0000 - 4),
        (load_word, u64::MAX),
    ] {
        let name = format!("misaligned/fault_{}_{addr:x}", row.op);
        cases.push(fault(name, addr, Cause::LoadAccess { addr }, row.emit));
    }
    for (row, addr) in [
        (store_half, output_end - 1),
        (store_word, output_end - 2),
        (store_double, output_end - 7),
        (store_double, RAM_BASE - 1),
        (store_word, u64::MAX),
    ] {
        let name = format!("misaligned/fault_{}_{addr:x}", row.op);
        cases.push(fault(name, addr, Cause::StoreAccess { addr }, row.emit));
    }
    let addr = PROGRAM_BASE - 4;
    let read_only = Cause::StoreReadOnly { addr };
    cases.push(fault("misaligned/fault_sd_input".into(), addr, read_only, store_double.emit));
    cases
}

fn fault(name: String, addr: u64, cause: Cause, emit: fn(&mut crate::asm::Code, u8, u8, i32)) -> Case {
    let mut asm = Asm::new();
    asm.begin();
    asm.li(10, addr);
    emit(&mut asm.code, 11, 10, 0);
    asm.unreachable();
    Case { expect: Expectation::Fault(cause), ..Case::passing(name, asm.finish()) }
}
