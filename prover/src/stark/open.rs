//! Opens the stack by WHIR: the values of all columns at the point that the constraints' sumcheck has ended with.
//!
//! What is claimed is a sum over the stack, of each cell times its weight: the weights of a column are those of the point,
//! times a power of the challenge that combines the claims. All columns are opened at ends of one point, so the last
//! variables' part of the weights is the same everywhere, and the first rounds are over one row of sums.

use air::F;
use p3_commit::{ExtensionMmcs, Mmcs as _};
use p3_dft::{Radix2DFTSmallBatch, TwoAdicSubgroupDft};
use p3_field::{PackedFieldExtension, PackedValue, PrimeCharacteristicRing, TwoAdicField};
use p3_matrix::dense::{DenseMatrix, RowMajorMatrix};
use p3_matrix::extension::FlatMatrixView;
use p3_multilinear_util::point::Point;
use p3_multilinear_util::poly::Poly;
use p3_sumcheck::product_polynomial::ProductPolynomial;
use p3_sumcheck::strategy::{Basis, SumcheckProver, VariableOrder};
use p3_sumcheck::transcript::{ProverTranscript, SumcheckShape};
use p3_sumcheck::{OpeningBatch, SumcheckData};
use p3_whir::transcript::WhirProverTranscript;
use p3_whir::{PcsProof, QueryOpenings, SharedProofOpening, WhirProof, WhirRoundProof, WhirShape};
use rayon::prelude::*;
use tracing::info_span;
use verifier::challenger::Challenger;
use verifier::config::{Challenge, FOLDING, Mmcs, WhirParameters, mmcs};
use verifier::scheme::WhirOpening;

use super::commit::Tree;
use super::packs::{Packed, PackedChallenge, WIDTH};
use super::stack::Stack;

/// Cells of a row of the codeword.
const ROW: usize = 1 << FOLDING;
/// Packs of a row; a row is no shorter than a pack.
const PACKS: usize = ROW / WIDTH;

/// Values of the columns of a table at a point.
pub(super) struct Values {
    /// Of the rows themselves.
    pub(super) here: Vec<Challenge>,
    /// Of the rows behind them, of the columns of which those are read.
    pub(super) next: Vec<(usize, Challenge)>,
}

/// The rows of a later codeword and the tree over them.
type LaterTree = <Mmcs as p3_commit::Mmcs<F>>::ProverData<FlatMatrixView<F, Challenge, DenseMatrix<Challenge>>>;

/// What queries open: the first codeword's rows or a later one's.
enum AnyTree {
    First(Tree),
    Later(LaterTree),
}

/// The sum whose rounds are played: of the folded stack, times its weights.
type Sum = SumcheckProver<F, Challenge>;

/// Opens all columns of a committed stack, whose values at ends of a point are given.
pub(super) fn open(
    parameters: &WhirParameters,
    stack: Stack,
    tree: Tree,
    point: &[Challenge],
    values: &[Values],
    challenger: &mut Challenger,
) -> WhirOpening {
    let evals: Vec<_> = values
        .iter()
        .map(|values| {
            let next: Vec<Challenge> = values.next.iter().map(|&(_, value)| value).collect();
            challenger.seed();
            challenger.absorb(&values.here);
            challenger.absorb(&next);
            OpeningBatch::new(values.here.clone(), next)
        })
        .collect();

    let prover = Prover { parameters, mmcs: mmcs() };
    let shape = WhirShape::new(parameters, evals.len());
    let mut transcript = WhirProverTranscript::new(challenger, shape);
    let mut initial_sumcheck = SumcheckData::default();
    let (sum, folded) = info_span!("fold").in_scope(|| {
        transcript.delegate_initial_fold(|challenger| {
            let bits = parameters.starting_folding_pow_bits();
            First::new(&stack, point, values).play(bits, &mut initial_sumcheck, challenger)
        })
    });
    drop(stack);
    let mut state = State { sum, folded, tree: AnyTree::First(tree) };
    let rounds = (0..parameters.n_rounds()).map(|round| prover.round(round, &mut state, &mut transcript)).collect();

    let final_poly = state.sum.evals();
    transcript.final_poly(final_poly.as_slice());
    let final_pow_witness = transcript.query_pow(parameters.n_rounds());
    let indices = transcript.query_indices(parameters.n_rounds());
    let (final_openings, _) = prover.query(&state, &indices);
    let final_sumcheck = transcript.delegate_final_fold(|challenger| {
        let mut messages = SumcheckData::default();
        let (rounds, bits) = (parameters.final_sumcheck_rounds(), parameters.final_folding_pow_bits());
        let _ = state.sum.compute_sumcheck_polynomials(&mut messages, challenger, rounds, bits, None);
        messages
    });
    transcript.finish();
    let whir = WhirProof {
        initial_ood_answers: Vec::new(),
        initial_sumcheck,
        rounds,
        final_poly: Some(final_poly),
        final_pow_witness,
        final_openings,
        final_sumcheck,
    };
    PcsProof { whir, evals }
}

struct Prover<'a> {
    parameters: &'a WhirParameters,
    mmcs: Mmcs,
}

/// Between two rounds.
struct State {
    sum: Sum,
    /// What the last variables were set to, in this order.
    folded: Point<Challenge>,
    /// Of the polynomial before it was folded.
    tree: AnyTree,
}

impl Prover<'_> {
    fn extension(&self) -> ExtensionMmcs<F, Challenge, Mmcs> {
        ExtensionMmcs::new(self.mmcs.clone())
    }

    /// Commits to the folded polynomial, opens the codeword before it at queries, and folds on. Under unique decoding
    /// nothing is asked out of the domain.
    fn round(
        &self,
        round: usize,
        state: &mut State,
        transcript: &mut WhirProverTranscript<'_, Challenger, F, Challenge>,
    ) -> WhirRoundProof<F, Challenge, Mmcs> {
        let parameters = &self.parameters.round_parameters()[round];
        let folding = self.parameters.round_folding_factor(round + 1);
        let encoded = info_span!("encode").in_scope(|| {
            let message = state.sum.evals_view();
            let cells = message.num_scalar_evals();
            let mut codeword = Challenge::zero_vec(cells << parameters.log_inv_rate);
            message.unpack_into(&mut codeword[..cells]);
            Radix2DFTSmallBatch::<F>::default().dft_algebra_batch(RowMajorMatrix::new(codeword, 1 << folding))
        });
        let (cap, tree) = info_span!("tree").in_scope(|| self.extension().commit_matrix(encoded));
        transcript.commitment(cap.clone());
        let pow_witness = transcript.query_pow(round);
        let indices = transcript.query_indices(round);
        let (openings, answers) = self.query(state, &indices);

        let challenge = transcript.round_batching();
        let powers = || challenge.shifted_powers(challenge).take(indices.len());
        let weights = info_span!("weights").in_scope(|| {
            weights_of_powers(
                parameters.log_folded_domain_size,
                parameters.num_variables,
                indices.iter().copied().zip(powers()),
            )
        });
        let claim = answers.into_iter().zip(powers()).map(|(answer, power)| answer * power).sum();
        state.sum.accumulate_claim(&weights, claim);
        let mut sumcheck = SumcheckData::default();
        state.folded = transcript.delegate_round_fold(|challenger| {
            let bits = parameters.folding_pow_bits;
            state.sum.compute_sumcheck_polynomials(&mut sumcheck, challenger, folding, bits, None)
        });
        state.tree = AnyTree::Later(tree);
        WhirRoundProof { commitment: Some(cap), ood_answers: Vec::new(), pow_witness, openings, sumcheck }
    }

    /// The rows of the last codeword at some places, and what they are folded.
    fn query(
        &self,
        state: &State,
        indices: &[usize],
    ) -> (QueryOpenings<F, Challenge, <Mmcs as p3_commit::Mmcs<F>>::MultiProof>, Vec<Challenge>) {
        let point = state.folded.reversed();
        match &state.tree {
            AnyTree::First(tree) => {
                let (rows, proof) = self.mmcs.open_multi_batch(indices, tree);
                let rows: Vec<Vec<F>> = rows.into_iter().flatten().collect();
                let answers = rows.iter().map(|row| Poly::new(row.clone()).eval_base(&point)).collect();
                (QueryOpenings::Base(SharedProofOpening { rows, proof }), answers)
            }
            AnyTree::Later(tree) => {
                let (rows, proof) = self.extension().open_multi_batch(indices, tree);
                let rows: Vec<Vec<Challenge>> = rows.into_iter().flatten().collect();
                let answers = rows.iter().map(|row| Poly::new(row.clone()).eval_ext::<F>(&point)).collect();
                (QueryOpenings::Extension(SharedProofOpening { rows, proof }), answers)
            }
        }
    }
}

/// Sums of powers of roots of unity, each of them times a factor: `sum factor * g^(index * k)` for all `k` below
/// 2^`variables`, which is no more than the order 2^`log_domain` of `g`. It is a Fourier transform of factors that are few: the first half of its layers is done for each of them
/// alone. `k` is cut into `k1 + 2^low * k0`, and the power into `g^(index * k1)` and `(g^(2^low))^(index * k0)`, which
/// depends on the low bits of `index` alone.
fn weights_of_powers(
    log_domain: usize,
    variables: usize,
    factors: impl Iterator<Item = (usize, Challenge)>,
) -> Vec<Challenge> {
    let low = variables / 2;
    let (width, height) = (1 << low, 1 << (log_domain - low));
    let root = F::two_adic_generator(log_domain);
    let mut sums = Challenge::zero_vec(width * height);
    for (index, factor) in factors {
        let row = &mut sums[index % height * width..][..width];
        let powers = root.exp_u64(index as u64).powers();
        row.iter_mut().zip(powers).for_each(|(sum, power)| *sum += factor * power);
    }
    let mut weights = Radix2DFTSmallBatch::<F>::default().dft_algebra_batch(RowMajorMatrix::new(sums, width)).values;
    weights.truncate(1 << variables);
    weights
}

/// The sum over the whole stack, of which the last [`FOLDING`] variables are set.
struct First<'a> {
    stack: &'a Stack,
    point: &'a [Challenge],
    values: &'a [Values],
}

/// Cells and their weights, whose products are added up, and the first cell's place in the stack.
struct Product {
    first: usize,
    cells: Vec<Challenge>,
    weights: Vec<Challenge>,
}

impl<'a> First<'a> {
    fn new(stack: &'a Stack, point: &'a [Challenge], values: &'a [Values]) -> Self {
        Self { stack, point, values }
    }

    /// Weights of the rows of a column of so many variables at the end of the point, its last [`FOLDING`] variables apart.
    fn rows(&self, log_height: usize) -> Vec<Challenge> {
        let end = &self.point[self.point.len() - log_height..];
        Poly::new_from_point(&end[..log_height - FOLDING], Challenge::ONE).into_evals()
    }

    fn play(
        self,
        bits: usize,
        messages: &mut SumcheckData<F, Challenge>,
        challenger: &mut Challenger,
    ) -> (Sum, Point<Challenge>) {
        challenger.seed();
        let alpha = challenger.draw();
        let (mut powers, mut claim) = (alpha.powers(), Challenge::ZERO);
        let mut take = |value: Challenge| {
            let power = powers.next().unwrap_or_default();
            claim += power * value;
            power
        };
        // Of each table as it lies the powers of its columns, and the weights of its rows.
        let (mut here, mut behind) = (Vec::new(), Vec::<Product>::new());
        let mut rows: Vec<(usize, Vec<Challenge>)> = Vec::new();
        for &table in self.stack.order() {
            let log_height = self.stack.log_height(table);
            if rows.last().is_none_or(|&(of, _)| of != log_height) {
                rows.push((log_height, self.rows(log_height)));
            }
            let columns: Vec<&[F]> = self.stack.columns(table).collect();
            let values = &self.values[table];
            here.push((table, rows.len() - 1, values.here.iter().map(|&value| take(value)).collect::<Vec<_>>()));
            for &(column, value) in &values.next {
                let power = take(value);
                let cells: Vec<Challenge> = columns[column].iter().map(|&cell| cell.into()).collect();
                let end = &self.point[self.point.len() - log_height..];
                let of_rows = Poly::new_from_point(end, power).into_evals();
                let mut weights = [&[Challenge::ZERO], &of_rows[..of_rows.len() - 1]].concat();
                if let (Some(weight), Some(&last)) = (weights.last_mut(), of_rows.last()) {
                    *weight += last;
                }
                behind.push(Product { first: self.stack.first(table) + (column << log_height), cells, weights });
            }
        }

        let columns = here.iter().flat_map(|(table, rows_at, powers)| {
            let rows = &rows[*rows_at].1;
            self.stack.columns(*table).zip(powers).map(move |(column, &power)| (rows, column, power))
        });
        let columns: Vec<_> = columns.collect();
        let sums = info_span!("sums").in_scope(|| {
            let of_column = |&(rows, column, power): &(&Vec<Challenge>, &[F], Challenge)| {
                row_of_sums(rows, column).map(|sum| sum * PackedChallenge::from(power))
            };
            let add = |mut sum: [PackedChallenge; PACKS], more: [PackedChallenge; PACKS]| {
                sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
                sum
            };
            columns.par_iter().map(of_column).reduce(|| [PackedChallenge::ZERO; PACKS], add)
        });
        let end = &self.point[self.point.len() - FOLDING..];
        let mut whole = Product {
            first: 0,
            cells: <PackedChallenge as PackedFieldExtension<F, Challenge>>::to_ext_iter(sums).collect(),
            weights: Poly::new_from_point(end, Challenge::ONE).into_evals(),
        };

        let shape = SumcheckShape::new(FOLDING, bits, Basis::Evaluation);
        let mut transcript = ProverTranscript::new(challenger, shape);
        let mut challenges = Vec::new();
        for _ in 0..FOLDING {
            let parts = behind.iter().chain([&whole]).map(Product::message);
            let [at_zero, leading] = parts.fold([Challenge::ZERO; 2], |sum, part| [sum[0] + part[0], sum[1] + part[1]]);
            let challenge = messages.observe_and_sample(&mut transcript, at_zero, leading);
            claim = Basis::Evaluation.reduce_claim(at_zero, leading, challenge, claim);
            behind.iter_mut().chain([&mut whole]).for_each(|part| part.fold(challenge));
            challenges.push(challenge);
        }
        transcript.finish();

        let folded = Point::new(challenges);
        let cells = info_span!("rows").in_scope(|| fold_rows(self.stack.cells(), &folded.reversed()));
        let mut weights = Challenge::zero_vec(cells.len());
        let scale = whole.weights[0];
        for (table, rows_at, powers) in &here {
            let rows = &rows[*rows_at].1;
            let first = self.stack.first(*table) >> FOLDING;
            let slots = weights[first..].par_chunks_exact_mut(rows.len());
            slots.zip(powers).for_each(|(slot, &power)| {
                let scale = scale * power;
                slot.iter_mut().zip(rows).for_each(|(weight, &row)| *weight = scale * row);
            });
        }
        for part in &behind {
            let slot = &mut weights[part.first >> FOLDING..];
            slot.iter_mut().zip(&part.weights).for_each(|(weight, &more)| *weight += more);
        }
        let product = ProductPolynomial::new_unpacked(VariableOrder::Suffix, Poly::new(cells), Poly::new(weights));
        (SumcheckProver::new(product, claim), folded)
    }
}

impl Product {
    /// The sum with its last variable at zero, and its leading coefficient.
    fn message(&self) -> [Challenge; 2] {
        let mut message = [Challenge::ZERO; 2];
        for (cells, weights) in self.cells.chunks_exact(2).zip(self.weights.chunks_exact(2)) {
            message[0] += cells[0] * weights[0];
            message[1] += (cells[1] - cells[0]) * (weights[1] - weights[0]);
        }
        message
    }

    /// Sets the last variable.
    fn fold(&mut self, challenge: Challenge) {
        for values in [&mut self.cells, &mut self.weights] {
            *values = values.chunks_exact(2).map(|pair| pair[0] + challenge * (pair[1] - pair[0])).collect();
        }
    }
}

/// A column cut into rows of [`ROW`] cells, and these added up, each times its weight.
fn row_of_sums(weights: &[Challenge], column: &[F]) -> [PackedChallenge; PACKS] {
    let mut sums = [PackedChallenge::ZERO; PACKS];
    for (&weight, row) in weights.iter().zip(column.chunks_exact(ROW)) {
        let weight = PackedChallenge::from(weight);
        for (sum, &pack) in sums.iter_mut().zip(Packed::pack_slice(row)) {
            *sum += weight * pack;
        }
    }
    sums
}

/// Each row of [`ROW`] cells with its variables set.
fn fold_rows(cells: &[F], point: &Point<Challenge>) -> Vec<Challenge> {
    let weights: Vec<PackedChallenge> =
        Poly::new_from_point(point.as_slice(), Challenge::ONE).into_evals().into_iter().map(Into::into).collect();
    let mut folded = Challenge::zero_vec(cells.len() / ROW);
    folded.par_chunks_mut(WIDTH).zip(cells.par_chunks(ROW * WIDTH)).for_each(|(folded, rows)| {
        let mut sum = PackedChallenge::ZERO;
        for (column, &weight) in weights.iter().enumerate() {
            sum += weight * Packed::from_fn(|lane| rows[lane * ROW + column]);
        }
        let lanes = <PackedChallenge as PackedFieldExtension<F, Challenge>>::to_ext_iter([sum]);
        folded.iter_mut().zip(lanes).for_each(|(folded, lane)| *folded = lane);
    });
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_sums_of_powers() {
        for (log_domain, variables) in [(4, 3), (5, 5), (9, 6), (7, 1)] {
            let factors = [(0, 3), (1, 5), (13, 7), (13, 1), ((1 << log_domain) - 1, 2)];
            let factors = factors.map(|(index, factor)| (index, Challenge::from_u32(factor)));
            let root = F::two_adic_generator(log_domain);
            let expected = (0..1 << variables).map(|k| {
                factors.iter().map(|&(index, factor)| factor * root.exp_u64((index * k) as u64)).sum::<Challenge>()
            });
            let found = weights_of_powers(log_domain, variables, factors.into_iter());
            assert_eq!(found, expected.collect::<Vec<_>>(), "{log_domain} {variables}");
        }
    }
}
