//! The two counters that can be read, in every spelling of a read.

use spec_interp::Program;
use spec_interp::map::PROGRAM_BASE;

use crate::Case;
use crate::asm::{Asm, Code, FREE, rv};

/// The counters' numbers.
pub(crate) const CYCLE: u32 = 0xc00;
pub(crate) const INSTRET: u32 = 0xc02;

/// Assembles a read of a counter into rd.
type Read = fn(&mut Code, u8, u32);

/// An instruction of the `csrr` kind that writes nothing: its source is x0, or 0 itself.
const READS: [Read; 4] = [
    |code, d, csr| rv!(code; csrrs X(d), csr, x0),
    |code, d, csr| rv!(code; csrrc X(d), csr, x0),
    |code, d, csr| rv!(code; csrrsi X(d), csr, 0),
    |code, d, csr| rv!(code; csrrci X(d), csr, 0),
];

pub(crate) fn cases() -> Vec<Case> {
    vec![Case::passing("csr/first", first()), Case::passing("csr/differences", differences())]
}

/// As long as control has only gone straight on, a counter holds how many instructions of four bytes stand before.
fn first() -> Program {
    let mut asm = Asm::new();
    let mut reads = vec![];
    for (i, (read, csr)) in READS.iter().flat_map(|read| [(read, CYCLE), (read, INSTRET)]).enumerate() {
        reads.push((FREE[i], (asm.pc() - PROGRAM_BASE) / 4));
        read(&mut asm.code, FREE[i], csr);
        read(&mut asm.code, 0, csr);
        asm.li(20, 1 << 40);
    }
    for (register, value) in reads {
        asm.begin();
        asm.expect(register, value);
    }
    asm.begin();
    asm.expect(0, 0);
    asm.finish()
}

/// Instructions between two reads, and how many of them retire.
type Between = (fn(&mut Asm), u64);

const BETWEEN: [Between; 8] = [
    (|_| {}, 0),
    (|asm| rv(asm, |code| rv!(code; addi x0, x0, 0)), 1),
    (|asm| rv(asm, |code| rv!(code; c.nop; c.nop; addi x0, x0, 0)), 3),
    (|asm| rv(asm, |code| rv!(code; j >over; c.nop; c.nop; over:)), 1),
    (|asm| rv(asm, |code| rv!(code; addi x20, x0, 9; next:; addi x20, x20, -1; bne x20, x0, <next)), 19),
    (|asm| rv(asm, |code| rv!(code; addi x17, x0, 64; ecall)), 2),
    (|asm| rv(asm, |code| rv!(code; fence; div x20, x20, x20; mul x20, x20, x20; csrrs x20, 0xc02, x0)), 4),
    (|asm| (0..100).for_each(|_| rv(asm, |code| rv!(code; c.nop))), 100),
];

/// Emits plain instructions.
fn rv(asm: &mut Asm, emit: fn(&mut Code)) {
    emit(&mut asm.code);
}

/// Two reads, of the same counter or of the two, differ by the instructions from the first one on.
fn differences() -> Program {
    let mut asm = Asm::new();
    for (i, (between, count)) in BETWEEN.into_iter().enumerate() {
        for (j, (before, after)) in
            [(CYCLE, CYCLE), (CYCLE, INSTRET), (INSTRET, INSTRET), (INSTRET, CYCLE)].into_iter().enumerate()
        {
            let (earlier, later) = (FREE[8 + (i + j) % 8], FREE[20 + i]);
            asm.begin();
            READS[j](&mut asm.code, earlier, before);
            between(&mut asm);
            READS[(i + j) % 4](&mut asm.code, later, after);
            let code = &mut asm.code;
            rv!(code; sub X(later), X(later), X(earlier));
            asm.expect(later, count + 1);
        }
    }
    asm.finish()
}
