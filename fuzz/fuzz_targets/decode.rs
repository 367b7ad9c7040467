//! Any word decodes to nothing, or to an instruction that encodes and decodes to itself and has a text.
#![no_main]

use conformance::encode;
use libfuzzer_sys::fuzz_target;
use spec_interp::{Inst, Op, decode};

fuzz_target!(|word: u32| {
    let Some(inst) = decode(word) else {
        return;
    };
    assert_eq!(inst.len, if word & 3 == 3 { 4 } else { 2 });
    // What follows a compressed instruction is no part of it.
    assert!(inst.len == 4 || decode(word & 0xffff) == Some(inst));
    let again = decode(encode(inst.op, inst.rd, inst.rs1, inst.rs2, inst.imm));
    assert_eq!(again.map(|found| Inst { len: inst.len, ..found }), Some(inst));
    assert!([inst.rd, inst.rs1, inst.rs2].iter().all(|&register| register < 32));

    let text = inst.to_string();
    let mnemonic = text.split(' ').next();
    assert_eq!(mnemonic, Some(inst.op.mnemonic()));
    assert!(Op::ALL.contains(&inst.op));
});
