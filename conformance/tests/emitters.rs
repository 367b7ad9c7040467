//! Every operation that computes, branches or accesses memory, on boundary operands, in registers of all kinds and with
//! all coincidences of registers, many in one program; and every access around every edge of the map. Engine against
//! engine, by everything that they show.

use std::sync::Arc;

use conformance::differ::compare;
use conformance::encode;
use rayon::prelude::*;
use riscv_tests::operands::{BOUNDARY, EDGES};
use spec_interp::isa::Format;
use spec_interp::map::{INPUT_BASE, PROGRAM_BASE};
use spec_interp::{Cause, Family, Op, Outcome, Program};

/// More than any program here takes.
const LIMIT: u64 = 1 << 20;
/// Immediates at which encodings and extensions change.
const IMMEDIATES: [i64; 12] = [0, 1, -1, 31, 32, 63, 255, 256, 1024, 2047, -2048, -2047];
const UPPER: [i64; 6] = [0, 0x1000, 0x7fff_f000, -0x8000_0000, -0x1000, 0x5555_5000];

/// Registers that are tested together, and four others that keep the loops going, so that each register is tested.
const SETS: [([u8; 4], [[u8; 3]; 5]); 2] = [
    ([28, 29, 30, 31], [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12], [13, 14, 15]]),
    ([3, 8, 14, 22], [[16, 17, 18], [19, 20, 21], [23, 24, 25], [26, 27, 28], [31, 30, 10]]),
];

fn addi(rd: u8, rs1: u8, imm: i64) -> u32 {
    encode(Op::Addi, rd, rs1, 0, imm)
}

/// Coincidences of rd, rs1 and rs2, on three registers that differ.
fn coincidences([d, s, t]: [u8; 3]) -> [[u8; 3]; 9] {
    [[d, s, t], [s, s, t], [t, s, t], [d, s, s], [s, s, s], [0, s, t], [d, 0, t], [d, s, 0], [d, 0, 0]]
}

/// Pairs of boundary operands, the second of `seconds`, through a body that finds them where the first two kept registers
/// point, and appends its results where the third one points.
fn over_pairs([first, second, results, end]: [u8; 4], seconds: usize, body: &[u32]) -> Arc<Program> {
    let size = 8 * BOUNDARY.len() as i64;
    let mut words =
        vec![encode(Op::Auipc, first, 0, 0, 0x2000_0000), addi(0, 0, 0), encode(Op::Auipc, results, 0, 0, 0x2000_1000)];
    let outer = words.len();
    // Both loops count on the low bits of their pointers, since the operands stand at the start of a page.
    words.extend([encode(Op::Srli, second, first, 0, 12), encode(Op::Slli, second, second, 0, 12)]);
    let inner = words.len();
    words.extend(body);
    for (pointer, bound, to) in [(second, 8 * seconds as i64, inner), (first, size, outer)] {
        words.extend([
            addi(pointer, pointer, 8),
            encode(Op::Andi, end, pointer, 0, 0x7ff),
            addi(end, end, -bound),
            encode(Op::Beq, 0, end, 0, 8),
        ]);
        words.push(encode(Op::Jal, 0, 0, 0, 4 * (to as i64 - words.len() as i64)));
    }
    words.extend([addi(17, 0, 93), addi(10, 0, 0), encode(Op::Ecall, 0, 0, 0, 0)]);
    let code: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let ram: Vec<u8> = BOUNDARY.iter().flat_map(|value| value.to_le_bytes()).collect();
    Arc::new(Program::from_code(PROGRAM_BASE, &code, &ram).unwrap())
}

#[track_caller]
fn agree(name: &str, program: &Arc<Program>) {
    match compare(program, &[], LIMIT, 64) {
        Ok(agreed) => assert_eq!(agreed.end, Ok(Outcome::Exited(0)), "{name}"),
        Err(difference) => panic!("{name}: {difference}"),
    }
}

/// Loads the operands, leaves something in rd where it is neither, tests, and stores rd and what the sources are then.
fn check(kept: [u8; 4], [d, s, t]: [u8; 3], tested: &[u32]) -> Vec<u32> {
    let [first, second, results, _] = kept;
    let mut words = vec![addi(d, 0, 0x155), encode(Op::Ld, t, second, 0, 0), encode(Op::Ld, s, first, 0, 0)];
    words.extend(tested);
    words.extend((0..).zip([d, s, t]).map(|(i, register)| encode(Op::Sd, 0, results, register, 8 * i)));
    words.push(addi(results, results, 24));
    words
}

/// The programs that test an operation.
fn programs(op: Op) -> Vec<Arc<Program>> {
    let format = op.encoding().format;
    let immediates: Vec<i64> = match format {
        Format::I => IMMEDIATES.to_vec(),
        Format::Shamt6 => (0..64).collect(),
        Format::Shamt5 => (0..32).collect(),
        Format::U => UPPER.to_vec(),
        _ => vec![0],
    };
    let two = matches!(format, Format::R | Format::B | Format::Amo);
    let of_set = |(kept, triples): ([u8; 4], [[u8; 3]; 5])| {
        let mut body = Vec::new();
        for (i, triple) in triples.into_iter().enumerate() {
            let all = coincidences(triple);
            // One operand coincides with rd only; each immediate meets some of the registers.
            let some: Vec<_> = if two { all.to_vec() } else { vec![all[0], all[1], all[5], all[6]] };
            for registers in some {
                let (from, step) = if immediates.len() > 8 { (i, triples.len()) } else { (0, 1) };
                for &imm in immediates.iter().skip(from).step_by(step) {
                    body.extend(check(kept, registers, &tested(op, kept, registers, imm)));
                }
            }
        }
        over_pairs(kept, if two { BOUNDARY.len() } else { 1 }, &body)
    };
    SETS.map(of_set).to_vec()
}

/// The instruction with what shows its effect in rd.
fn tested(op: Op, [first, _, results, _]: [u8; 4], [d, s, t]: [u8; 3], imm: i64) -> Vec<u32> {
    match op.family() {
        Family::Branch => vec![encode(op, 0, s, t, 8), addi(d, d, 1)],
        Family::Amo => {
            // The word's contents are the first operand; rs1 is its address, whatever it was.
            let base = if s == 0 { first } else { s };
            let mut words = vec![encode(Op::Sd, 0, results, s, 0)];
            if base == s {
                words.push(addi(s, results, 0));
            }
            // Where rd is rs1 too, an `sc` finds nothing reserved.
            if d != s {
                words.push(encode(if op == Op::ScW { Op::LrW } else { Op::LrD }, 0, results, 0, 0));
            }
            // Nothing is written to the operands.
            if base == first {
                return words;
            }
            words.push(encode(op, d, base, t, 0));
            // The word as it is then, where rd was to be stored over it.
            words.extend([encode(Op::Ld, t, results, 0, 0)]);
            words
        }
        _ => vec![encode(op, d, s, t, imm)],
    }
}

#[test]
fn operations_agree_on_boundary_operands_in_all_registers() {
    let tested = |op: &Op| op.family() <= Family::Branch || op.family() == Family::Amo;
    let ops: Vec<Op> = Op::ALL.into_iter().filter(tested).collect();
    assert!(ops.len() > 100);
    ops.par_iter().for_each(|&op| programs(op).iter().for_each(|program| agree(op.mnemonic(), program)));
}

/// Reads an address and a word from the input and accesses it, with rd and rs2 or without.
fn access(op: Op, offset: i64) -> Arc<Program> {
    let words = [
        encode(Op::Lui, 5, 0, 0, INPUT_BASE as i64),
        encode(Op::Ld, 11, 5, 0, 24),
        encode(Op::Ld, 10, 5, 0, 16),
        encode(op, 12, 10, 11, offset),
    ];
    let code: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    Arc::new(Program::from_code(PROGRAM_BASE, &code, &[0x5a; 64]).unwrap())
}

#[test]
fn accesses_agree_around_every_edge() {
    let ops: Vec<Op> = Op::ALL.into_iter().filter(|op| op.access_width().is_some()).collect();
    let faults: Vec<bool> = ops
        .par_iter()
        .flat_map_iter(|&op| EDGES.into_iter().map(move |edge| (op, edge)))
        .flat_map_iter(|(op, edge)| {
            let amo = op.family() == Family::Amo;
            let offset = if edge % 5 == 0 && !amo { 5 } else { 0 };
            let program = access(op, offset);
            let places = if amo { vec![-8, -6, -4, 0, 4] } else { (-8..=2).collect() };
            places.into_iter().map(move |distance| {
                let addr = edge.wrapping_add_signed(distance);
                let words = [addr.wrapping_add_signed(-offset), 0x8877_6655_4433_2211];
                let input: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
                // Up to the access and no further: what it leaves at the end of the output would be long to read.
                let agreed = compare(&program, &input, 4, 1);
                let agreed = agreed.unwrap_or_else(|difference| panic!("{op} at {addr:#x}: {difference}"));
                match agreed.end {
                    Ok(_) => false,
                    Err(fault) => {
                        let (Cause::LoadAccess { addr: found }
                        | Cause::StoreAccess { addr: found }
                        | Cause::StoreReadOnly { addr: found }
                        | Cause::MisalignedAtomic { addr: found }) = fault.cause
                        else {
                            panic!("{fault}");
                        };
                        assert_eq!(found, addr);
                        true
                    }
                }
            })
        })
        .collect();
    let faulting = faults.iter().filter(|&&fault| fault).count();
    assert!(faulting > 1000 && faults.len() - faulting > 300, "{faulting} of {}", faults.len());
}
