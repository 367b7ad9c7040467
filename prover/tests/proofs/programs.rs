//! Small programs, most in machine code written here.

use riscv_tests::encode::encode;
use spec_interp::map::PROGRAM_BASE;
use spec_interp::{CSR_INSTRET, Op, Program};

/// `op rd, rs1, rs2` of a major opcode.
const fn register(opcode: u32, funct3: u32, funct7: u32, rd: u32, rs1: u32, rs2: u32) -> u32 {
    funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode
}

/// `op rd, rs1, imm` of a major opcode.
const fn immediate(opcode: u32, funct3: u32, rd: u32, rs1: u32, imm: u32) -> u32 {
    imm << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode
}

const OP: u32 = 0x33;
const OP_IMM: u32 = 0x13;
const OP_IMM_32: u32 = 0x1b;
const LOAD: u32 = 0x03;
const STORE: u32 = 0x23;
const ECALL: u32 = 0x73;

/// `addi rd, rs1, imm`.
pub const fn addi(rd: u32, rs1: u32, imm: u32) -> u32 {
    immediate(OP_IMM, 0, rd, rs1, imm)
}

/// `base` shifted into place: the start of a region as one small number and one shift.
pub const fn region(rd: u32, base: u64) -> [u32; 2] {
    let shift = base.trailing_zeros();
    [addi(rd, 0, (base >> shift) as u32), immediate(OP_IMM, 1, rd, rd, shift)]
}

/// Ends with `a0` as exit code.
pub const EXIT: [u32; 2] = [addi(17, 0, 93), ECALL];

/// A program of code alone.
pub fn program(code: &[u32]) -> Program {
    let bytes: Vec<u8> = code.iter().flat_map(|word| word.to_le_bytes()).collect();
    Program::from_code(PROGRAM_BASE, &bytes, &[]).expect("the program fits")
}

/// Writes the sum of the input's bytes to the output. There is more code behind it, so that not all of the program is opened.
pub fn sum_of_input() -> Program {
    let case = riscv_tests::cases().into_iter().find(|case| case.name == "system/sum_of_input");
    let original = case.expect("the case exists").program;
    let code = original.segments().iter().find(|segment| segment.executable).expect("code").bytes.clone();
    let more = [addi(0, 0, 1); 200].into_iter().flat_map(u32::to_le_bytes);
    Program::from_code(PROGRAM_BASE, &code.into_iter().chain(more).collect::<Vec<_>>(), &[]).expect("it loads")
}

/// Exits with the first doubleword of the input as its code.
pub fn exit_with_input() -> Program {
    let [base, shift] = region(10, spec_interp::map::INPUT_BASE);
    program(&[&[base, shift, immediate(LOAD, 3, 10, 10, 16)], EXIT.as_slice()].concat())
}

/// Outputs the input's length as it stands in memory.
pub fn output_length() -> Program {
    let [input, input_shift] = region(10, spec_interp::map::INPUT_BASE);
    let [output, output_shift] = region(11, spec_interp::map::OUTPUT_BASE);
    let code = [
        input,
        input_shift,
        output,
        output_shift,
        immediate(LOAD, 3, 12, 10, 0), // ld
        addi(13, 0, 8),
        register(STORE, 3, 0, 0, 11, 13),  // sd
        register(STORE, 3, 0, 16, 11, 12), // sd
        addi(10, 0, 0),
    ];
    program(&[&code, EXIT.as_slice()].concat())
}

/// A committed example.
pub fn example(name: &str) -> Program {
    let path = format!("{}/../examples/elf/{name}.elf", env!("CARGO_MANIFEST_DIR"));
    Program::from_elf(&std::fs::read(path).expect("the examples are committed")).expect("the examples load")
}

/// Writes words of its own to the output region, the length first, and exits with 0.
pub fn write_output(length: u32, word: u32, offset: u32) -> Program {
    let [base, shift] = region(10, spec_interp::map::OUTPUT_BASE);
    let store = |value: u32, at: u32| register(STORE, 3, at >> 5, at & 31, 10, value);
    let code = [base, shift, addi(11, 0, length), addi(12, 0, word), store(11, 0), store(12, offset), addi(10, 0, 0)];
    program(&[&code, EXIT.as_slice()].concat())
}

/// Each family of instructions once, then a loop as often as the first doubleword of the input says. The results are in
/// registers of their own.
pub fn every_family() -> Vec<u32> {
    let [ram, ram_shift] = region(9, spec_interp::map::RAM_BASE);
    let [input, input_shift] = region(8, spec_interp::map::INPUT_BASE);
    vec![
        addi(5, 0, 0x7a5),
        addi(6, 0, 13),
        register(OP, 0, 0x20, 7, 5, 6),    // sub
        register(OP, 4, 0, 18, 5, 6),      // xor
        register(OP, 5, 0, 19, 5, 6),      // srl
        immediate(OP_IMM_32, 1, 20, 5, 5), // slliw
        register(OP, 2, 0, 21, 5, 6),      // slt
        register(OP, 0, 1, 22, 5, 6),      // mul
        register(OP, 3, 1, 23, 5, 6),      // mulhu
        register(OP, 5, 1, 24, 5, 6),      // divu
        0x0080_00ef,                       // jal ra, +8
        addi(13, 0, 1),                    // jumped over
        ram,
        ram_shift,
        input,
        input_shift,
        register(STORE, 3, 0, 0, 9, 5), // sd
        immediate(LOAD, 0, 25, 9, 1),   // lb
        encode(Op::Sh1add, 26, 5, 6, 0),
        encode(Op::Bset, 27, 5, 6, 0),
        encode(Op::Andn, 14, 5, 6, 0),
        encode(Op::Ctz, 28, 5, 0, 0),
        encode(Op::Cpop, 29, 5, 0, 0),
        encode(Op::Ld, 30, 9, 0, 5), // misaligned
        encode(Op::AmoaddD, 31, 9, 5, 0),
        encode(Op::LrD, 11, 9, 0, 0),
        encode(Op::Csrrs, 12, 0, 0, CSR_INSTRET.into()),
        immediate(LOAD, 3, 8, 8, 16), // ld: rounds
        addi(8, 8, 0xfff),
        0xfe04_1ee3, // bne s0, zero, -4
    ]
}

/// Uses every table, those that refresh registers after many rounds.
pub fn every_table() -> Program {
    program(&[every_family(), vec![addi(10, 0, 0)], EXIT.to_vec()].concat())
}
