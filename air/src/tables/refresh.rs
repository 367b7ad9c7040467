//! Registers passed on: a register that is not accessed for long is taken and given back at a later time.
//!
//! Without it every gap between accesses would need two limbs.
//!
//! # Assumes
//! Nothing of the word: what is given back is what was taken.
//!
//! # Constrains
//! `from < to <= from + 2^16` and `to < 2^26`, so that no chain of refreshes reaches round the field into the past.
//!
//! # Degree
//! 2.

use crate::event;
use crate::layout::{REGISTER_GAP, TIME_BOUND};
use crate::prelude::*;

/// Bits of the two parts of the new time.
const TIME_BITS: [u32; 2] = [16, 10];
const _: () = assert!(1 << TIME_BITS[0] == REGISTER_GAP && 1 << (TIME_BITS[0] + TIME_BITS[1]) == TIME_BOUND);

columns! {
    /// A row of the table.
    pub struct Refresh {
        /// Iff the row is in use.
        is_real,
        /// Index of the word.
        word,
        /// Its value.
        value: [4],
        /// Time of the access before.
        from,
        /// Low 16 bits of the new time.
        to_low,
        /// The bits above.
        to_high,
    }
}

impl Refresh<F> {
    /// The row of a refresh.
    pub fn fill(refresh: &event::Refresh) -> Self {
        Self {
            is_real: F::ONE,
            word: F::from_u32(refresh.word),
            value: limbs(refresh.value),
            from: F::from_u32(refresh.from),
            to_low: F::from_u32(refresh.to & 0xffff),
            to_high: F::from_u32(refresh.to >> 16),
        }
    }
}

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Refresh<AB::Var>) {
    let is_real = e.in_use(row.is_real);
    let to = later(e, TIME_BITS, row, &is_real);
    let value = row.value.map(Into::into);
    e.access((row.word.into(), true), to, row.from, value.clone(), value, &is_real);
}

/// The new time, later than the old one by at most what the lower of its parts counts, with parts of any width.
fn later<AB: Builder>(
    e: &mut Emitter<'_, AB>,
    [low, high]: [u32; 2],
    row: &Refresh<AB::Var>,
    is_real: &AB::Expr,
) -> AB::Expr {
    let to = row.to_low + row.to_high * F::from_u32(1 << low);
    e.range(constant::<AB>(1 << low), row.to_low, is_real.clone());
    e.range(constant::<AB>(1 << high), row.to_high, is_real.clone());
    e.range(constant::<AB>(1 << low), to.clone() - row.from.into() - AB::Expr::ONE, is_real.clone());
    to
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;
    use p3_matrix::dense::RowMajorMatrix;

    use super::*;
    use crate::bus::MEMORY;
    use crate::check::evaluate;
    use crate::check::mutation::locally_invalid;
    use crate::check::samples::{assert_caught, cells};
    use crate::check::small::{Cell, Symbolic, World};
    use crate::columns::Columns;
    use crate::kind::Kind;
    use crate::layout::REGISTERS_WORD;
    use crate::rom::Rom;
    use crate::table::Table;

    fn table() -> (Table, Rom) {
        (Table::new(Kind::Refresh), Rom::from_rows(vec![]))
    }

    /// A refresh between two times, which need not be any that a run has.
    fn row(from: F, to: u32) -> Refresh<F> {
        let refresh = event::Refresh { word: REGISTERS_WORD + 5, value: 0x0123_4567_89ab_cdef, from: 0, to };
        Refresh { from, ..Refresh::fill(&refresh) }
    }

    fn invalid(row: &Refresh<F>) -> bool {
        let (table, rom) = table();
        locally_invalid(&table, &cells(row), &rom)
    }

    /// Of gaps of all sizes. Those of real runs are swept with the other tables.
    #[test]
    fn mutants_are_caught() {
        let times = (0..63_u32).map(|i| (i * 1_000_003, [1, 2, 1 << 15, 1 << 16][i as usize % 4]));
        let rows = times.map(|(from, gap)| row(F::from_u32(from), from + gap)).chain([Refresh::default()]);
        let trace = RowMajorMatrix::new(rows.flat_map(|row| cells(&row)).collect(), Refresh::<F>::WIDTH);
        assert_caught(Kind::Refresh, &table().1, &trace, &(0..64).collect::<Vec<_>>());
    }

    #[test]
    fn a_refresh_that_takes_its_own_tuple_is_caught() {
        for time in [1, 4, 0xffff, 0x1_0000, TIME_BOUND - 1] {
            assert!(invalid(&row(F::from_u32(time), time)), "{time}");
            assert!(!invalid(&row(F::from_u32(time - 1), time)), "{time}");
        }
    }

    #[test]
    fn a_refresh_into_the_past_or_too_far_ahead_is_caught() {
        for (from, to) in [(5, 4), (1 << 20, 1), (0, REGISTER_GAP + 1), (7, REGISTER_GAP + 8), (TIME_BOUND - 1, 0)] {
            assert!(invalid(&row(F::from_u32(from), to)), "{from} to {to}");
        }
    }

    /// A chain of refreshes ends at 2^26, whatever limbs the new time is given: it never comes round the field. From just
    /// below p a row does exist, but nobody gives such a time: no row's new time is 2^26 or more.
    #[test]
    fn no_chain_of_refreshes_comes_round_the_field() {
        let bound = F::from_u32(TIME_BOUND);
        assert!(!invalid(&row(bound - F::TWO, TIME_BOUND - 1)));
        for high in [TIME_BOUND >> 16, (TIME_BOUND >> 16) + 1, 0x7eff, F::NEG_ONE.as_canonical_u32()] {
            for low in [0, 1, 0xffff] {
                for gap in [1, 2, REGISTER_GAP] {
                    let (to_low, to_high) = (F::from_u32(low), F::from_u32(high));
                    let from = to_low + to_high * F::from_u32(1 << 16) - F::from_u32(gap);
                    assert!(invalid(&Refresh { from, to_low, to_high, ..row(from, 0) }));
                }
            }
        }
        // Limbs that name a time in two ways.
        assert!(invalid(&Refresh { to_low: F::from_u32(1 << 16), to_high: F::ZERO, ..row(F::from_u32(0xffff), 0) }));
        assert!(invalid(&Refresh { to_low: F::NEG_ONE, to_high: F::ONE, ..row(F::from_u32(0xfff0), 0) }));
        let round = row(F::NEG_ONE, 5);
        assert!(!invalid(&round));
        let given = evaluate(&table().0, &RowMajorMatrix::new(cells(&round), Refresh::<F>::WIDTH), 0, &[]);
        let given: Vec<_> = given.messages.into_iter().filter(|m| m.bus == MEMORY && m.count == F::ONE).collect();
        assert!(given.iter().all(|message| message.tuple[1].as_canonical_u32() < TIME_BOUND));
    }

    #[test]
    fn the_word_stays_what_it_is() {
        let honest = row(F::from_u32(3), 40_000);
        let report = evaluate(&table().0, &RowMajorMatrix::new(cells(&honest), Refresh::<F>::WIDTH), 0, &[]);
        let said: Vec<_> = report.messages.iter().filter(|m| m.bus == MEMORY).collect();
        assert_eq!(said.len(), 2);
        assert_eq!(said[0].tuple[2..], said[1].tuple[2..]);
        assert_eq!((said[0].count, said[1].count), (F::NEG_ONE, F::ONE));
    }

    /// With parts of two bits: every old time that the field has, given the new one; and every new time, given the old one.
    #[test]
    fn small_refreshes_go_forward_and_have_one_row() {
        let world = |cells: Refresh<Cell>| {
            World::new(2, &cells, |e, row: &Refresh<_>| drop(later(e, [2, 2], row, &constant::<Symbolic>(1))))
        };
        let to = Refresh { to_low: Cell::Given, to_high: Cell::Given, ..Refresh::default() };
        let (by_to, by_from) = (world(to), world(Refresh { from: Cell::Given, ..Refresh::default() }));
        for to in 0..40 {
            let found = by_to.fillings(&[to % 4, to / 4].map(F::from_u32));
            let found: Vec<_> = found.iter().map(|row| Refresh::from_row(row).from).collect();
            let expected = (1..=4).map(|gap| F::from_u32(to) - F::from_u32(gap)).filter(|_| to < 16);
            assert_eq!(found, expected.collect::<Vec<_>>(), "{to}");
        }
        for from in -40..40 {
            let found = by_from.fillings(&[F::from_i32(from)]);
            let rows = found.iter().map(|row| Refresh::from_row(row));
            let mut found: Vec<_> = rows.map(|row| row.to_low + row.to_high.double().double()).collect();
            found.sort_unstable_by_key(F::as_canonical_u32);
            let expected = (from + 1..=from + 4).filter(|to| (0..16).contains(to));
            assert_eq!(found, expected.map(F::from_i32).collect::<Vec<_>>(), "{from}");
        }
    }
}
