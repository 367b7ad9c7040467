//! Permutations: Poseidon2 of width 24 over KoalaBear, one per row.
//!
//! # Constrains
//! The row's cells are states of the permutation of its inputs: after every second full round, but the last, the whole
//! state, after each partial round the element that went through the S-box. The first nine outputs are the answer on the
//! bus.
//!
//! # Degree
//! 9, two S-boxes one behind the other. No other table has more than 3: there are few permutations, and their columns were
//! an eighth of all.
//!
//! The permutation and its constants are those of the library (Grain LFSR, 8 full and 23 partial rounds); Poseidon2:
//! <https://eprint.iacr.org/2023/323>.

use p3_field::Algebra;
use p3_koala_bear::{
    GenericPoseidon2LinearLayersKoalaBear as Layers, KOALABEAR_POSEIDON2_RC_24_EXTERNAL_FINAL as FINAL,
    KOALABEAR_POSEIDON2_RC_24_EXTERNAL_INITIAL as INITIAL, KOALABEAR_POSEIDON2_RC_24_INTERNAL as PARTIAL,
};
use p3_poseidon2::GenericPoseidon2LinearLayers;

use crate::bus::POSEIDON2;
use crate::layout::DIGEST;
use crate::prelude::*;

/// Elements of the state.
pub const STATE: usize = 24;
/// A state is committed after so many full rounds. After partial rounds all are: an element that is not would stay in all
/// that follow.
const EVERY: usize = 2;
/// Committed elements: 24 of a full round, one of a partial round.
const ROUNDS: usize = (2 * INITIAL.len() / EVERY - 1) * STATE + PARTIAL.len();

columns! {
    /// A row of the table.
    pub struct Poseidon2 {
        /// The state before.
        input: [STATE],
        /// The states after rounds, in order.
        rounds: [ROUNDS],
        /// How often the permutation is asked for; free, because the argument only balances if it is right.
        multiplicity,
    }
}

impl Poseidon2<F> {
    /// The row of a permutation.
    pub fn fill(input: [F; STATE], multiplicity: u32) -> Self {
        let mut rounds = [F::ZERO; ROUNDS];
        let mut cells = rounds.iter_mut();
        let _output = permute(input, |state| {
            if let Some(cell) = cells.next() {
                *cell = state;
            }
            state
        });
        Self { input, rounds, multiplicity: F::from_u32(multiplicity) }
    }
}

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Poseidon2<AB::Var>) {
    let mut cells = row.rounds.iter();
    let input = row.input.map(Into::<AB::Expr>::into);
    let output = permute(input.clone(), |state| match cells.next() {
        Some(&cell) => {
            e.equal("round", state, cell);
            cell.into()
        }
        None => state,
    });
    e.answer(POSEIDON2, tuple(input, &output[..DIGEST]), row.multiplicity);
}

/// The permutation; `commit` takes each committed element of the state and returns what to go on with.
fn permute<R: Algebra<F>>(mut state: [R; STATE], mut commit: impl FnMut(R) -> R) -> [R; STATE] {
    Layers::external_linear_layer(&mut state);
    let full_round = |state: &mut [R; STATE], constants: &[F; STATE]| {
        for (element, &constant) in state.iter_mut().zip(constants) {
            *element = (element.clone() + constant).cube();
        }
        Layers::external_linear_layer(state);
    };
    for (round, constants) in (1..).zip(&INITIAL) {
        full_round(&mut state, constants);
        if round % EVERY == 0 {
            state = state.map(&mut commit);
        }
    }
    for constant in PARTIAL {
        state[0] = commit((state[0].clone() + constant).cube());
        Layers::internal_linear_layer(&mut state);
    }
    for (round, constants) in (1..).zip(&FINAL) {
        full_round(&mut state, constants);
        if round % EVERY == 0 && round < FINAL.len() {
            state = state.map(&mut commit);
        }
    }
    state
}

/// Looks up `out = P(digest, rest, 0)`: of two digests their parent, of the chaining value of a page and a block the next
/// one.
pub fn look_up<AB: Builder>(
    e: &mut Emitter<'_, AB>,
    digest: [AB::Var; DIGEST],
    rest: &[AB::Var],
    out: [AB::Var; DIGEST],
    count: &AB::Expr,
) {
    let mut input = digest.iter().chain(rest).map(|&cell| cell.into());
    let input = core::array::from_fn(|_| input.next().unwrap_or(AB::Expr::ZERO));
    e.look_up(POSEIDON2, tuple(input, &out.map(Into::into)), count.clone());
}

/// The first nine outputs of the permutation.
pub fn permuted(input: [F; STATE]) -> [F; DIGEST] {
    let output = permute(input, |state| state);
    core::array::from_fn(|i| output[i])
}

/// Whether a tuple of the bus is the permutation's.
pub fn is_permutation(tuple: &[F]) -> bool {
    permuted(core::array::from_fn(|i| tuple[i])) == tuple[STATE..]
}

fn tuple<E: PrimeCharacteristicRing>(input: [E; STATE], output: &[E]) -> [E; STATE + DIGEST] {
    let mut cells = input.into_iter().chain(output.iter().cloned());
    core::array::from_fn(|_| cells.next().unwrap_or(E::ZERO))
}

#[cfg(test)]
mod tests {
    use p3_koala_bear::default_koalabear_poseidon2_24;

    use p3_symmetric::Permutation;

    use super::*;

    #[test]
    fn the_row_is_the_library_s_permutation() {
        let library = default_koalabear_poseidon2_24();
        for seed in 0..16 {
            let input = core::array::from_fn(|i| F::from_u32(seed * 1_000_003 + i as u32 * 77_777_777));
            assert_eq!(permute(input, |state| state), library.permute(input));
        }
    }

    /// A permutation of another input, or with another output, is no row of the table.
    #[test]
    fn a_wrong_output_is_no_permutation() {
        let input = core::array::from_fn(F::from_usize);
        let output = permuted(input);
        let tuple: Vec<F> = input.into_iter().chain(output).collect();
        assert!(is_permutation(&tuple));
        for i in 0..tuple.len() {
            let mut forged = tuple.clone();
            forged[i] += F::ONE;
            assert!(!is_permutation(&forged), "element {i}");
        }
    }
}
