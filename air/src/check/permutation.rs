//! A permutation that says what it is not, for liars.

use p3_field::{Field, PrimeCharacteristicRing, PrimeField64};
use p3_koala_bear::{
    GenericPoseidon2LinearLayersKoalaBear as Layers, KOALABEAR_POSEIDON2_RC_24_EXTERNAL_FINAL as FINAL,
};
use p3_poseidon2::GenericPoseidon2LinearLayers;

use crate::F;
use crate::layout::DIGEST;
use crate::tables::poseidon2::{Poseidon2, STATE};

/// Changes the last state that a row commits so that the rounds behind it lead to this output.
pub fn forge(row: &mut Poseidon2<F>, output: &[F; DIGEST]) {
    let mut state = core::array::from_fn(|i| output.get(i).copied().unwrap_or(F::ZERO));
    for constants in FINAL.iter().rev().take(2) {
        state = before_linear_layer(state);
        for (element, &constant) in state.iter_mut().zip(constants) {
            // The cube root: 3 times the exponent is 1 modulo p - 1.
            *element = element.exp_u64((2 * (F::ORDER_U64 - 1) + 1) / 3) - constant;
        }
    }
    let committed = row.rounds.len() - STATE;
    row.rounds[committed..].copy_from_slice(&state);
}

/// What the linear layer of a full round makes this state of, by elimination.
fn before_linear_layer(state: [F; STATE]) -> [F; STATE] {
    // Of each element of the state its row of the matrix and its value.
    let columns: [[F; STATE]; STATE] = core::array::from_fn(|i| {
        let mut column = core::array::from_fn(|k| F::from_bool(i == k));
        Layers::external_linear_layer(&mut column);
        column
    });
    let mut rows: Vec<Vec<F>> =
        (0..STATE).map(|row| columns.iter().map(|column| column[row]).chain([state[row]]).collect()).collect();
    for pivot in 0..STATE {
        let other = (pivot..STATE).find(|&row| rows[row][pivot] != F::ZERO).expect("the layer has an inverse");
        rows.swap(pivot, other);
        let inverse = rows[pivot][pivot].inverse();
        rows[pivot].iter_mut().for_each(|cell| *cell *= inverse);
        let of_pivot = rows[pivot].clone();
        for row in (0..STATE).filter(|&row| row != pivot) {
            let factor = rows[row][pivot];
            rows[row].iter_mut().zip(&of_pivot).for_each(|(cell, &other)| *cell -= factor * other);
        }
    }
    core::array::from_fn(|row| rows[row][STATE])
}
