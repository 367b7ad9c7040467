//! The library's Merkle trees, with many rows of one matrix checked at once: level by level and by packs, where the library
//! hashes one after the other.

use alloc::vec::Vec;

use air::F;
use air::layout::DIGEST;
use air::tree::{Digest, Packed, by_packs, hash_pairs};
use p3_commit::{BatchOpening, BatchOpeningRef, Mmcs};
use p3_field::PackedValue;
use p3_matrix::{Dimensions, Matrix};
use p3_merkle_tree::{MerkleTreeError, MerkleTreeMmcs};
use p3_symmetric::{CryptographicHasher, TruncatedPermutation};

use crate::config::{RATE, Sponge, WIDTH};
use crate::permutation::{self, Permutation};

type Compression = TruncatedPermutation<Permutation, 2, DIGEST, WIDTH>;
type Library = MerkleTreeMmcs<Packed, Packed, Sponge, Compression, 2, DIGEST>;
type Proof = <Library as Mmcs<F>>::MultiProof;

/// Binary trees of one root.
#[derive(Clone, Debug)]
pub struct Merkle {
    library: Library,
    sponge: Sponge,
}

impl Merkle {
    /// Trees by a sponge for rows and a permutation for pairs.
    pub(crate) fn new(sponge: Sponge, permutation: Permutation) -> Self {
        Self { library: Library::new(sponge.clone(), Compression::new(permutation), 0), sponge }
    }

    /// The root above some rows of a matrix, whose height is a power of two, and above the siblings of their paths: those that
    /// are no paths' own, level by level and from left to right. Nothing if the rows are not those of a matrix of this size, if
    /// two for one place differ, or if siblings are missing or left.
    fn root<R: AsRef<[F]>>(
        &self,
        dimensions: &[Dimensions],
        indices: &[usize],
        rows: &[Vec<R>],
        siblings: &[Digest],
    ) -> Option<Digest> {
        let &[Dimensions { width, height }] = dimensions else { return None };
        if !height.is_power_of_two() || indices.len() != rows.len() {
            return None;
        }
        let mut leaves = Vec::with_capacity(rows.len());
        for (&index, row) in indices.iter().zip(rows) {
            let [row] = row.as_slice() else { return None };
            let row = row.as_ref();
            if index >= height || row.len() != width {
                return None;
            }
            leaves.push((index, row));
        }
        leaves.sort_by_key(|&(index, _)| index);
        leaves.dedup();
        if !leaves.is_sorted_by(|one, next| one.0 < next.0) {
            return None;
        }

        let (mut places, rows): (Vec<usize>, Vec<&[F]>) = leaves.into_iter().unzip();
        let mut digests = self.hash(width, &rows);
        let mut siblings = siblings.iter();
        for _ in 0..height.ilog2() {
            let (mut parents, mut pairs) = (Vec::with_capacity(places.len()), Vec::with_capacity(places.len()));
            let mut nodes = places.iter().zip(&digests).peekable();
            while let Some((&place, &digest)) = nodes.next() {
                parents.push(place / 2);
                pairs.push(if place % 2 == 1 {
                    [*siblings.next()?, digest]
                } else if let Some((_, &right)) = nodes.next_if(|&(&next, _)| next == place + 1) {
                    [digest, right]
                } else {
                    [digest, *siblings.next()?]
                });
            }
            permutation::tally(pairs.len());
            (places, digests) = (parents, hash_pairs(&pairs));
        }
        match (digests.as_slice(), siblings.next()) {
            (&[root], None) => Some(root),
            _ => None,
        }
    }

    /// The digests of rows of some width.
    fn hash(&self, width: usize, rows: &[&[F]]) -> Vec<Digest> {
        let pack = |rows: &[&[F]]| {
            // The pack itself counts as one.
            permutation::tally(width.div_ceil(RATE) * (rows.len() - 1));
            let cell = |row: &&[F], column: usize| row.get(column).copied();
            let column =
                |column| Packed::from_fn(|lane| rows.get(lane).and_then(|row| cell(row, column)).unwrap_or_default());
            self.sponge.hash_iter((0..width).map(column))
        };
        by_packs(rows, |row| self.sponge.hash_iter(row.iter().copied()), pack)
    }
}

impl Mmcs<F> for Merkle {
    type ProverData<M> = <Library as Mmcs<F>>::ProverData<M>;
    type Commitment = <Library as Mmcs<F>>::Commitment;
    type Proof = <Library as Mmcs<F>>::Proof;
    type MultiProof = Proof;
    type Error = <Library as Mmcs<F>>::Error;

    fn commit<M: Matrix<F>>(&self, inputs: Vec<M>) -> (Self::Commitment, Self::ProverData<M>) {
        self.library.commit(inputs)
    }

    fn open_batch<M: Matrix<F>>(&self, index: usize, data: &Self::ProverData<M>) -> BatchOpening<F, Self> {
        let opening = self.library.open_batch(index, data);
        BatchOpening::new(opening.opened_values, opening.opening_proof)
    }

    fn get_matrices<'a, M: Matrix<F>>(&self, data: &'a Self::ProverData<M>) -> Vec<&'a M> {
        self.library.get_matrices(data)
    }

    fn verify_batch(
        &self,
        commitment: &Self::Commitment,
        dimensions: &[Dimensions],
        index: usize,
        opening: BatchOpeningRef<'_, F, Self>,
    ) -> Result<(), Self::Error> {
        let opening = BatchOpeningRef::new(opening.opened_values, opening.opening_proof);
        self.library.verify_batch(commitment, dimensions, index, opening)
    }

    fn open_multi_batch<M: Matrix<F>>(
        &self,
        indices: &[usize],
        data: &Self::ProverData<M>,
    ) -> (Vec<Vec<Vec<F>>>, Self::MultiProof) {
        self.library.open_multi_batch(indices, data)
    }

    fn verify_multi_batch<R: AsRef<[F]> + PartialEq>(
        &self,
        commitment: &Self::Commitment,
        dimensions: &[Dimensions],
        indices: &[usize],
        rows: &[Vec<R>],
        proof: &Self::MultiProof,
    ) -> Result<(), Self::Error> {
        match self.root(dimensions, indices, rows, &proof.sibling_hashes) {
            Some(root) if *commitment.roots() == [root] => Ok(()),
            Some(_) => Err(MerkleTreeError::CapMismatch),
            // What is wrong with their shape, the library says.
            None => self.library.verify_multi_batch(commitment, dimensions, indices, rows, proof),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use p3_field::PrimeCharacteristicRing;
    use p3_matrix::dense::RowMajorMatrix;

    use super::*;
    use crate::config::mmcs;

    /// Of trees of all heights and rows of several widths, opened at few places and at many: the root is the library's. With
    /// anything changed there is another or none, and both reject.
    #[test]
    fn roots_are_those_of_the_library() {
        let mmcs = mmcs();
        for (log_height, width) in [(0, 1), (1, 15), (2, 16), (4, 40), (7, 64), (9, 80)] {
            let height = 1 << log_height;
            let cells = (0..height * width).map(|i| F::from_u32(i as u32 * 0x9e37 % 65521)).collect();
            let (commitment, data) = mmcs.commit(vec![RowMajorMatrix::new(cells, width)]);
            let dimensions = [Dimensions { width, height }];
            for queries in [1, 2, 5, 17, 100] {
                let indices: Vec<usize> = (0..queries).map(|i| (i * i * 7 + 3) % height).collect();
                let (rows, proof) = mmcs.open_multi_batch(&indices, &data);
                let judge = |indices: &[usize], rows: &[Vec<Vec<F>>], proof: &Proof| {
                    let root = mmcs.root(&dimensions, indices, rows, &proof.sibling_hashes);
                    let library = mmcs.library.verify_multi_batch(&commitment, &dimensions, indices, rows, proof);
                    let whole = mmcs.verify_multi_batch(&commitment, &dimensions, indices, rows, proof);
                    assert_eq!(whole.is_ok(), library.is_ok());
                    assert_eq!(root.is_some_and(|root| *commitment.roots() == [root]), library.is_ok());
                    library.is_ok()
                };
                assert!(judge(&indices, &rows, &proof));
                for query in [0, queries / 2, queries - 1] {
                    let other = |change: fn(&mut Vec<Vec<F>>)| {
                        let mut rows = rows.clone();
                        change(&mut rows[query]);
                        rows
                    };
                    assert!(!judge(&indices, &other(|row| row[0][0] += F::ONE), &proof));
                    assert!(!judge(&indices, &other(|row| *row[0].last_mut().unwrap() += F::ONE), &proof));
                    assert!(!judge(&indices, &other(|row| row[0].push(F::ZERO)), &proof));
                    assert!(!judge(&indices, &other(|row| row[0] = row[0][1..].to_vec()), &proof));
                    assert!(!judge(&indices, &other(Vec::clear), &proof));
                    assert!(!judge(&indices, &other(|row| row.push(row[0].clone())), &proof));
                    let mut moved = indices.clone();
                    moved[query] = height;
                    assert!(!judge(&moved, &rows, &proof));
                    if log_height > 0 {
                        moved[query] = indices[query] ^ 1;
                        assert!(!judge(&moved, &rows, &proof));
                    }
                }
                assert!(!judge(&indices[1..], &rows, &proof));
                assert!(queries == 1 || !judge(&indices, &rows[1..], &proof));
                let changed = |change: &dyn Fn(&mut Vec<Digest>)| {
                    let mut proof = proof.clone();
                    change(&mut proof.sibling_hashes);
                    proof
                };
                assert!(!judge(&indices, &rows, &changed(&|siblings| siblings.push([F::ONE; 9]))));
                for sibling in 0..proof.sibling_hashes.len() {
                    assert!(!judge(&indices, &rows, &changed(&|siblings| siblings[sibling][8] += F::ONE)));
                    assert!(!judge(
                        &indices,
                        &rows,
                        &changed(&|siblings| siblings.retain(|other| *other != proof.sibling_hashes[sibling]))
                    ));
                }
            }
        }
    }
}
