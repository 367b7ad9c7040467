//! Jumps with link: `jal` and `jalr`.
//!
//! # Assumes
//! Registers are four 16-bit limbs. The program row holds the target of `jal`, the address behind the jump as two limbs
//! (its upper limbs are zero) and the immediate of `jalr`, in `-2048..2048`.
//!
//! # Constrains
//! The link is written to rd. `jal` goes where the program says. For `jalr`, over the integers and without wrapping,
//! `rs1 + imm = 0x8000_0000 + 2 next_pc + odd` with `next_pc < 2^27`: the bit that the instruction clears is dropped,
//! and a target outside the program region has no row. That rs1 is read before rd is written is a matter of slots.
//!
//! # Degree
//! 3.

use spec_interp::map::{PROGRAM_BASE, PROGRAM_SIZE};

use crate::prelude::*;

/// Halfwords whose addresses agree in limb 1.
const HALFWORDS_PER_LIMB: u32 = 1 << 15;

columns! {
    /// A row of the table.
    pub struct Jump {
        /// Iff the row is `jal`.
        is_jal,
        /// Iff the row is `jalr`.
        is_jalr,
        /// Control.
        cpu: Cpu,
        /// The register that `jalr` adds its immediate to; zero on other rows.
        rs1: Base,
        /// Iff the sum of `jalr` is odd, else 0.
        odd,
        /// The destination.
        rd: Write,
        /// Limbs 0 and 1 of the link, from the program row.
        link: [2],
    }
}

impl Jump<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let row = event.row;
        let is_jalr = row.op() == Op::Jalr;
        let rs1 = Base::fill(event, row.w[2]);
        let odd = event.rs1.wrapping_add_signed(row.w[2]) & 1;
        Self {
            is_jal: F::from_bool(!is_jalr),
            is_jalr: F::from_bool(is_jalr),
            cpu: Cpu::fill(event),
            rs1: if is_jalr { rs1 } else { Base::default() },
            odd: if is_jalr { F::from_u64(odd) } else { F::ZERO },
            rd: Write::rd(event),
            link: [row.w[0], row.w[1]].map(F::from_i64),
        }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] = &[&[Op::Jal], &[Op::Jalr]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Jump<AB::Var>) {
    let flags = [row.is_jal, row.is_jalr];
    let (is_real, operation) = e.one_operation(Kind::Jump, &flags);
    let is_jalr: AB::Expr = row.is_jalr.into();

    e.boolean("odd is boolean", row.odd);
    let [low, high] = row.rs1.value;
    e.zero_when("jal names no base", AB::Expr::ONE - row.is_jalr, row.rs1.reg);
    for unused in [low, high, row.rs1.prev, row.rs1.carry, row.odd] {
        e.zero_when("jalr alone reads", AB::Expr::ONE - row.is_jalr, unused);
    }

    // next_pc in halfwords is `offset 2^15 + halfword`, where `high = 0x8000 + offset` and `low = 2 halfword + odd`.
    let offset = row.rs1.carry + high - constant::<AB>((PROGRAM_BASE >> 16) as u32);
    let halfword = row.cpu.next_pc - offset.clone() * F::from_u32(HALFWORDS_PER_LIMB);
    let (imm, _) = address::immediate_and_high(e, &row.rs1, halfword.double() + row.odd);
    e.range(constant::<AB>(HALFWORDS_PER_LIMB), halfword, is_jalr.clone());
    e.range(constant::<AB>((PROGRAM_SIZE >> 16) as u32), offset, is_jalr.clone());

    let [link_low, link_high] = row.link.map(Into::into);
    let w = padded([link_low.clone(), link_high.clone(), is_jalr.clone() * imm]);
    let program_row =
        ProgramRow { operation, rd: row.rd.reg.into(), rs1: row.rs1.reg.into(), w, ..ProgramRow::default() };
    e.control_flow(&row.cpu, row.is_jal * row.cpu.next_pc, program_row, &is_real);
    address::read_base(e, row.cpu.clock, &row.rs1, &is_jalr);
    e.write_rd(row.cpu.clock, &row.rd, padded([link_low, link_high]), &is_real);
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::address::samples::{jalr, said, wrong};
    use crate::check::samples::Samples;
    use crate::table::Table;

    #[test]
    fn a_jump_out_of_the_program_region_has_no_row() {
        for target in [0, 0x7fff_fffe, 0x7fff_ffff, 0x9000_0000, 0x9000_0001, 0xa000_0000, 0xffff_fffe] {
            for imm in [-2048, 0, 2047] {
                let samples = Samples::new(Kind::Jump, [jalr(0x8000_0000, imm, 1)]);
                let event = Event { rs1: jalr(target, imm, 1).rs1, ..samples.event(0) };
                for carry in [-1, 0, 1] {
                    for odd in [F::ZERO, F::ONE] {
                        let mut row = Jump::fill(&event);
                        (row.rs1.carry, row.odd) = (F::from_i64(carry), odd);
                        // Whatever next pc makes the sum come out right modulo p.
                        let low = row.rs1.value[0] + F::from_i64(imm) - F::from_i64(carry << 16) - odd;
                        let offset = row.rs1.carry + row.rs1.value[1] - F::from_u32(0x8000);
                        row.cpu.next_pc = low.halve() + offset * F::from_u32(1 << 15);
                        assert!(!samples.complaints(&row).is_empty(), "{target:#x}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_carry_round_the_field_is_caught() {
        // 2^16 * 0x7f00 = p - 1: with that as the carry, 0x0100_0007 would become 0x8000_0008.
        let found = wrong(Kind::Jump, jalr(0x8000_0000, 0, 1), |row: &mut Jump<F>| {
            row.rs1.value = [F::from_u32(7), F::from_u32(0x100)];
            row.rs1.carry = F::from_u32(0x7f00);
            row.cpu.next_pc = F::from_u32(4);
        });
        assert_eq!(found, ["address: carry is -1, 0 or 1"]);
    }

    #[test]
    fn a_target_that_is_odd_by_more_than_one_is_caught() {
        // The halfword before or behind the target, with what is missing in `odd`.
        for offset in [2, 0x1_0000, 0x100_0004] {
            for by in [1, -1] {
                let found = wrong(Kind::Jump, jalr(0x8000_0000 + offset, 0, 1), |row: &mut Jump<F>| {
                    row.cpu.next_pc -= F::from_i32(by);
                    row.odd += F::from_i32(2 * by);
                });
                // Before a limb's first halfword there is none.
                let expected: &[&str] = match (offset & 0xffff, by) {
                    (0, 1) => &["odd is boolean", "range"],
                    _ => &["odd is boolean"],
                };
                assert_eq!(found, expected, "{offset:#x} {by}");
            }
        }
    }

    #[test]
    fn a_base_above_32_bits_is_not_taken() {
        let samples = Samples::new(Kind::Jump, [jalr(0x8000_0000, 0, 1)]);
        let trace = Kind::Jump.rows(&[&[Event { rs1: 0x1_8000_0000, ..samples.event(0) }]]);
        let above = [F::ZERO, F::from_u32(0x8000), F::ONE, F::ZERO];
        assert!(said(&Table::new(Kind::Jump), &trace, 0).iter().all(|(_, tuple, _)| !tuple.ends_with(&above)));
    }
}
