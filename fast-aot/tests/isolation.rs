//! A hostile program: it tries to read, to write and to run what the host has mapped, and what lies at the edges of its
//! own address space. Every attempt ends in the fault that the reference gives; nothing of the host changes.
#![cfg(all(target_arch = "x86_64", target_os = "linux"))]

use std::fs;

use fast_aot::{Engine, Runner};
use riscv_tests::encode::encode;
use spec_interp::map::{PROGRAM_BASE, RAM_BASE, RAM_SIZE};
use spec_interp::{Cause, Op, Program};

/// An operation on the address that is the first word of RAM, with a displacement.
fn attempt(op: Op, addr: u64, imm: i64) -> Program {
    let words = [
        encode(Op::Lui, 31, 0, 0, 0x5000_0000),
        encode(Op::Slli, 31, 31, 0, 1),
        encode(Op::Ld, 30, 31, 0, 0),
        encode(Op::Addi, 5, 0, 0, -1),
        encode(op, if op == Op::Jalr { 1 } else { 6 }, 30, 5, imm),
        encode(Op::Addi, 17, 0, 0, 93),
        encode(Op::Ecall, 0, 0, 0, 0),
    ];
    let code: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();
    Program::from_code(PROGRAM_BASE, &code, &addr.to_le_bytes()).expect("it fits the map")
}

/// Where the host has something: the first and the last bytes of every mapping, with its rights.
fn mappings() -> Vec<(u64, u64, String)> {
    let maps = fs::read_to_string("/proc/self/maps").expect("Linux has it");
    let line = |line: &str| {
        let (range, rest) = line.split_once(' ').expect("a range");
        let (start, end) = range.split_once('-').expect("two ends");
        let number = |text| u64::from_str_radix(text, 16).expect("a number");
        (number(start), number(end), rest[..4].to_owned())
    };
    maps.lines().map(line).collect()
}

fn end(program: &Program, engine: Engine) -> (Cause, u64) {
    let mut machine = Runner::new(program.clone(), &[], engine).expect("no input fits");
    let fault = machine.run(100, &mut |_, _| ()).expect_err("the attempt faults");
    (fault.cause, fault.pc)
}

#[test]
fn nothing_of_the_host_is_within_reach() {
    static CANARY: [u64; 4] = [0x5a5a_5a5a_5a5a_5a5a; 4];
    let canary = CANARY.as_ptr() as u64;
    // One is alive meanwhile, so that its region and its code are among the mappings.
    let living = Runner::new(attempt(Op::Ld, RAM_BASE, 0), &[], Engine::Aot).expect("no input fits");
    let mapped = mappings().into_iter().flat_map(|(start, end, _)| [start, end - 8]);
    let base =
        mappings().iter().find(|(start, end, _)| end - start == RAM_SIZE).map_or(0, |(start, ..)| start - RAM_BASE);
    let powers = (32..64).map(|bit| 1u64 << bit);
    let relative = [base, base.wrapping_neg(), canary.wrapping_sub(base), RAM_BASE + base];
    let edges =
        [canary, (1 << 32) - 1, (1 << 32) + RAM_BASE, u64::MAX, u64::MAX - 4095, 1 << 47, 0xffff_8000_0000_0000];
    let addresses: Vec<u64> =
        mapped.chain(powers).chain(relative).chain(edges).filter(|addr| *addr >= 1 << 31).collect();
    assert!(addresses.len() > 60 && base > 0);
    for addr in addresses {
        for (op, imm) in [(Op::Lb, 0), (Op::Ld, -2048), (Op::Sb, 2047), (Op::Sd, 0), (Op::AmoaddD, 0), (Op::Jalr, 0)] {
            let program = attempt(op, addr, imm);
            assert_eq!(end(&program, Engine::Aot), end(&program, Engine::Spec), "{op} at {addr:#x} {imm:+}");
        }
    }
    assert_eq!(CANARY, [0x5a5a_5a5a_5a5a_5a5a; 4]);
    drop(living);
}

#[test]
fn nothing_is_writable_and_executable() {
    let exits = attempt(Op::Ld, RAM_BASE, 0);
    let mut machine = Runner::new(exits, &[], Engine::Aot).expect("no input fits");
    machine.run(100, &mut |_, _| ()).expect("it exits");
    let both: Vec<_> = mappings().into_iter().filter(|(.., rights)| rights.contains("wx")).collect();
    assert!(both.is_empty(), "{both:x?}");
    assert!(machine.exit_code().is_some());
}
