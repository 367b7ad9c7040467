//! The machine: every fault, system calls, memory, and what an observer sees.

use spec_interp::map::{
    INPUT_BASE, INPUT_SIZE, OUTPUT_BASE, OUTPUT_SIZE, PROGRAM_BASE, RAM_BASE, RAM_SIZE, STATE_BASE,
};
use spec_interp::{Access, Cause, Input, InputError, Machine, Observer, Outcome, OutputError, Program, Step, Words};

const ECALL: u32 = 0x0000_0073;
const LD_A0_A1: u32 = 0x0005_b503;
const SD_A0_A1: u32 = 0x00a5_b023;
const LW_A0_A1: u32 = 0x0005_a503;
const SW_A0_A1: u32 = 0x00a5_a023;
const SB_A0_A1: u32 = 0x00a5_8023;
const JALR_RA_A1: u32 = 0x0005_80e7;

/// A machine over these words, with a0 and a1 set.
fn machine(code: &[u32], a0: u64, a1: u64) -> Machine {
    let bytes: Vec<u8> = code.iter().flat_map(|word| word.to_le_bytes()).collect();
    let program = Program::from_code(PROGRAM_BASE, &bytes, &[]).unwrap();
    let mut machine = Machine::new(program, b"0123456789").unwrap();
    (machine.regs[10], machine.regs[11]) = (a0, a1);
    machine
}

/// Runs to the fault that must come, and checks that the machine has not moved.
fn cause(code: &[u32], a0: u64, a1: u64) -> Cause {
    let mut machine = machine(code, a0, a1);
    let (pc, regs) = (machine.pc, machine.regs);
    let fault = machine.run(1, &mut ()).unwrap_err();
    assert_eq!((machine.pc, machine.regs, machine.retired), (pc, regs, 0));
    assert_eq!(fault.pc, pc);
    fault.cause
}

#[derive(Default)]
struct Log {
    steps: Vec<Step>,
    console: Vec<(u64, Vec<u8>)>,
}

impl Observer for Log {
    fn step(&mut self, step: &Step) {
        self.steps.push(*step);
    }

    fn console(&mut self, fd: u64, bytes: &[u8]) {
        self.console.push((fd, bytes.to_vec()));
    }
}

#[test]
fn fetch_faults() {
    assert_eq!(cause(&[0], 0, 0), Cause::IllegalInstruction { word: 0 });
    for target in [0, PROGRAM_BASE - 2, PROGRAM_BASE + 4, STATE_BASE, RAM_BASE, PROGRAM_BASE + (1 << 32), !1] {
        let mut machine = machine(&[JALR_RA_A1], 0, target);
        let fault = machine.run(2, &mut ()).unwrap_err();
        assert_eq!(fault.cause, Cause::FetchOutsideCode { addr: target });
        assert_eq!((machine.retired, fault.inst, fault.pc), (1, None, target));
    }
}

#[test]
fn access_faults() {
    let beyond_output = OUTPUT_BASE + OUTPUT_SIZE;
    for addr in [0, INPUT_BASE - 1, STATE_BASE, STATE_BASE + 8, RAM_BASE - 1, beyond_output, 1 << 32, u64::MAX] {
        assert_eq!(cause(&[LW_A0_A1], 0, addr), Cause::LoadAccess { addr });
        assert_eq!(cause(&[SB_A0_A1], 0, addr), Cause::StoreAccess { addr });
    }
    assert_eq!(cause(&[LD_A0_A1], 0, RAM_BASE + (1 << 32)), Cause::LoadAccess { addr: RAM_BASE + (1 << 32) });
    for addr in [PROGRAM_BASE, INPUT_BASE, INPUT_BASE + INPUT_SIZE - 1] {
        assert_eq!(cause(&[SB_A0_A1], 0, addr), Cause::StoreReadOnly { addr });
    }
}

#[test]
fn a_store_that_crosses_into_nothing_writes_nothing() {
    let addr = OUTPUT_BASE + OUTPUT_SIZE - 2;
    let mut machine = machine(&[SW_A0_A1], u64::MAX, addr);
    assert_eq!(machine.run(1, &mut ()).unwrap_err().cause, Cause::StoreAccess { addr });
    assert_eq!(machine.memory.word(addr & !7), Some(0));
    assert_eq!(cause(&[LW_A0_A1], 0, addr), Cause::LoadAccess { addr });
}

#[test]
fn other_faults() {
    assert_eq!(cause(&[ECALL], 0, 0), Cause::UnknownSyscall { number: 0 });
    assert_eq!(cause(&[0x0010_0073], 0, 0), Cause::Breakpoint);
}

#[test]
fn faults_name_pc_instruction_and_address() {
    let fault = machine(&[LD_A0_A1], 0, 16).run(1, &mut ()).unwrap_err();
    let text = "fault at pc 0x80000000, `ld a0, 0(a1)`: load from 0x10, which is not readable memory";
    assert_eq!(fault.to_string(), text);
}

#[test]
fn effective_addresses_wrap_before_the_check() {
    // ld a0, -8(a1) with a1 such that the sum leaves 64 bits.
    assert_eq!(cause(&[0xff85_b503], 0, 0), Cause::LoadAccess { addr: 8u64.wrapping_neg() });
    // ld a0, 8(a1)
    assert_eq!(cause(&[0x0085_b503], 0, 8u64.wrapping_neg()), Cause::LoadAccess { addr: 0 });
}

#[test]
fn x0_stays_zero_and_its_write_is_seen() {
    let mut machine = machine(&[0x00a5_0033], 21, 0); // add zero, a0, a0
    let mut log = Log::default();
    machine.run(1, &mut log).unwrap();
    assert_eq!((machine.regs[0], log.steps[0].rd), (0, 42));
}

#[test]
fn a_link_over_its_base_reads_first_and_bit_0_is_cleared() {
    let mut machine = machine(&[0x0015_85e7], 0, PROGRAM_BASE + 0x100); // jalr a1, 1(a1)
    machine.run(1, &mut ()).unwrap();
    assert_eq!((machine.pc, machine.regs[11]), (PROGRAM_BASE + 0x100, PROGRAM_BASE + 4));
}

#[test]
fn exit_ends_the_run_for_good() {
    let mut machine = machine(&[ECALL], u64::MAX, 0);
    machine.regs[17] = 93;
    let mut log = Log::default();
    assert_eq!(machine.run(0, &mut log), Ok(Outcome::LimitReached));
    assert_eq!(machine.run(9, &mut log), Ok(Outcome::Exited(u64::MAX)));
    assert_eq!(machine.run(9, &mut log), Ok(Outcome::Exited(u64::MAX)));
    assert_eq!((machine.retired, machine.exit_code(), log.steps.len()), (1, Some(u64::MAX), 1));
    let step = log.steps[0];
    assert_eq!((step.rs1, step.rs2, step.rd, step.inst.rd), (93, 0, u64::MAX, 10));
}

/// What the console shows of a `write`, which returns its length whatever that is.
fn written(fd: u64, buf: u64, len: u64) -> Vec<(u64, Vec<u8>)> {
    let mut machine = machine(&[ECALL], fd, buf);
    (machine.regs[17], machine.regs[12]) = (64, len);
    let mut log = Log::default();
    machine.run(1, &mut log).unwrap();
    assert_eq!(machine.regs[10], len);
    assert_eq!((log.steps[0].rs1, log.steps[0].rs2, log.steps[0].rd), (64, len, len));
    log.console
}

#[test]
fn write_shows_what_is_readable_and_returns_its_length() {
    assert_eq!(written(1, INPUT_BASE + 16, 10), [(1, b"0123456789".to_vec())]);
    assert_eq!(written(2, INPUT_BASE + 17, 1), [(2, b"1".to_vec())]);
    for (fd, buf, len) in [(0, INPUT_BASE, 8), (3, 0, 8), (1, RAM_BASE, 0), (1, 0, 0)] {
        assert_eq!(written(fd, buf, len), [], "{fd} {buf:#x} {len:#x}");
    }
    // Whole, in pieces.
    let long = written(1, RAM_BASE + 5, (3 << 20) + 1);
    assert!(long.iter().all(|(fd, bytes)| *fd == 1 && bytes.len() <= 4096));
    assert_eq!(long.iter().map(|(_, bytes)| bytes.len()).sum::<usize>(), (3 << 20) + 1);
}

#[test]
fn a_write_from_memory_that_is_not_there_is_told() {
    let write = |fd: u64, buf: u64, len: u64| -> Vec<_> {
        written(fd, buf, len).into_iter().map(|(fd, bytes)| (fd, String::from_utf8(bytes).unwrap())).collect()
    };
    let told = |text: &str| (2, format!("[machine] {text}\n"));
    assert_eq!(write(1, 0x10, 5), [told("write(1, 0x10, 5): memory ends after 0 bytes")]);
    assert_eq!(write(2, INPUT_BASE - 3, 5), [told("write(2, 0x3ffffffd, 5): memory ends after 0 bytes")]);
    let last = RAM_BASE + RAM_SIZE - 3;
    let line = format!("write(1, {last:#x}, {}): memory ends after 3 bytes", u64::MAX);
    assert_eq!(write(1, last, u64::MAX), [(1, "\0\0\0".to_owned()), told(&line)]);
    let line = format!("write(1, {0:#x}, {0}): memory ends after 0 bytes", u64::MAX);
    assert_eq!(write(1, u64::MAX, u64::MAX), [told(&line)]);
}

#[test]
fn input_is_a_header_and_bytes_then_zeros() {
    let machine = machine(&[ECALL], 0, 0);
    let word = |addr| machine.memory.word(addr).unwrap();
    assert_eq!(word(INPUT_BASE), 10);
    assert_eq!(word(INPUT_BASE + 8), 0);
    assert_eq!(word(INPUT_BASE + 16), u64::from_le_bytes(*b"01234567"));
    assert_eq!(word(INPUT_BASE + 24), u64::from_le_bytes(*b"89\0\0\0\0\0\0"));
    assert_eq!(word(INPUT_BASE + INPUT_SIZE - 8), 0);
}

/// What no file gives: a length beyond the region, bytes that no length spans.
#[test]
fn an_input_region_holds_anything() {
    let program = Program::from_code(PROGRAM_BASE, &ECALL.to_le_bytes(), &[]).unwrap();
    let region = [&(1u64 << 40).to_le_bytes()[..], &[0; 11], &[7]].concat();
    let machine = Machine::new(program, Input::Region(&region)).unwrap();
    let word = |addr| machine.memory.word(addr).unwrap();
    assert_eq!((word(INPUT_BASE), word(INPUT_BASE + 8), word(INPUT_BASE + 16)), (1 << 40, 0, 7 << 24));
    assert_eq!(word(INPUT_BASE + INPUT_SIZE - 8), 0);
}

#[test]
fn a_longer_input_is_an_error() {
    let program = Program::from_code(PROGRAM_BASE, &ECALL.to_le_bytes(), &[]).unwrap();
    let bytes = vec![0; (1 << 30) + 1]; // zero pages, never touched
    let error = |input: Input<'_>| Machine::new(program.clone(), input).unwrap_err();
    assert_eq!(error(Input::File(&bytes[..(1 << 30) - 7])), InputError::TooLong { len: (1 << 30) - 7 });
    assert_eq!(error(Input::Region(&bytes)), InputError::BeyondRegion { len: (1 << 30) + 1 });
}

#[test]
fn accesses_are_whole_doublewords_in_order() {
    let mut machine = machine(&[SD_A0_A1, LW_A0_A1], 0x8877_6655_4433_2211, RAM_BASE + 5);
    let mut log = Log::default();
    machine.run(2, &mut log).unwrap();
    let access = |addr, old, new, write| Some(Access { addr, old, new, write });
    let (low, high) = (0x3322_1100_0000_0000, 0x88_7766_5544);
    assert_eq!(log.steps[0].accesses, [access(RAM_BASE, 0, low, true), access(RAM_BASE + 8, 0, high, true)]);
    assert_eq!(log.steps[1].accesses, [access(RAM_BASE, low, low, false), access(RAM_BASE + 8, high, high, false)]);
    assert_eq!(log.steps[1].rd, 0x4433_2211);
}

#[test]
fn ram_and_output_are_neighbours() {
    let mut machine = machine(&[SD_A0_A1, LD_A0_A1], u64::MAX, OUTPUT_BASE - 4);
    assert_eq!(machine.run(2, &mut ()), Ok(Outcome::LimitReached));
    assert_eq!(machine.memory.word(OUTPUT_BASE), Some(0xffff_ffff));
}

#[test]
fn output_is_a_header_and_bytes_with_nothing_behind() {
    let output = |words: &[(u64, u64)]| {
        let mut machine = machine(&[ECALL], 0, 0);
        for &(addr, value) in words {
            machine.memory.store(OUTPUT_BASE + addr, 8, value, &mut [None; 2]).unwrap();
        }
        machine.output()
    };
    assert_eq!(output(&[]), Ok(vec![]));
    assert_eq!(output(&[(0, 3), (16, 0x03_0201)]), Ok(vec![1, 2, 3]));
    assert_eq!(output(&[(0, 10)]), Ok(vec![0; 10]));
    assert_eq!(output(&[(0, OUTPUT_SIZE - 15)]), Err(OutputError::TooLong { len: OUTPUT_SIZE - 15 }));
    assert_eq!(output(&[(0, OUTPUT_SIZE - 16)]).map(|bytes| bytes.len()), Ok(OUTPUT_SIZE as usize - 16));
    let (addr, end) = (OUTPUT_BASE + 18, OUTPUT_BASE + 17);
    assert_eq!(output(&[(0, 1), (16, 0x01_0001)]), Err(OutputError::NonzeroTail { addr, end }));
    let (addr, start) = (OUTPUT_BASE + 9, OUTPUT_BASE + 16);
    assert_eq!(output(&[(0, 1), (8, 0x0100)]), Err(OutputError::NonzeroHeader { addr, start }));
}
