//! The library's Merkle trees, with many rows of one matrix checked at once: level by level and by packs, where the library
//! hashes one after the other.

use alloc::vec::Vec;
use core::array::from_fn;

use air::F;
use air::layout::DIGEST;
use air::tree::Digest;
use p3_commit::{BatchOpening, BatchOpeningRef, Mmcs};
use p3_field::{Field, PackedValue};
use p3_matrix::{Dimensions, Matrix};
use p3_merkle_tree::{MerkleTreeError, MerkleTreeMmcs};
use p3_symmetric::{CryptographicHasher, PseudoCompressionFunction, TruncatedPermutation};

use crate::config::{RATE, Sponge, WIDTH};
use crate::permutation::{self, Permutation};

type Packing = <F as Field>::Packing;
type Compression = TruncatedPermutation<Permutation, 2, DIGEST, WIDTH>;
type Library = MerkleTreeMmcs<Packing, Packing, Sponge, Compression, 2, DIGEST>;
type Proof = <Library as Mmcs<F>>::MultiProof;

/// Fewer digests are not worth a pack.
const FEW: usize = 3;

/// Binary trees of one root.
#[derive(Clone, Debug)]
pub struct Merkle {
    library: Library,
    sponge: Sponge,
    compression: Compression,
}

impl Merkle {
    /// Trees by a sponge for rows and a permutation for pairs.
    pub(crate) fn new(sponge: Sponge, permutation: Permutation) -> Self {
        let compression = Compression::new(permutation);
        Self { library: Library::new(sponge.clone(), compression.clone(), 0), sponge, compression }
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

        let mut nodes = self.hash(width, &leaves);
        let mut siblings = siblings.iter();
        for _ in 0..height.ilog2() {
            let mut pairs = Vec::with_capacity(nodes.len());
            let mut rest = nodes.as_slice();
            while let [(index, digest), behind @ ..] = rest {
                let pair = match behind {
                    [(next, sibling), behind @ ..] if index % 2 == 0 && *next == index + 1 => {
                        rest = behind;
                        [*digest, *sibling]
                    }
                    _ => {
                        rest = behind;
                        let sibling = *siblings.next()?;
                        if index % 2 == 0 { [*digest, sibling] } else { [sibling, *digest] }
                    }
                };
                pairs.push((index / 2, pair));
            }
            nodes = self.compress(&pairs);
        }
        match (nodes.as_slice(), siblings.next()) {
            (&[(_, root)], None) => Some(root),
            _ => None,
        }
    }

    /// The digests of rows of some width.
    fn hash(&self, width: usize, rows: &[(usize, &[F])]) -> Vec<(usize, Digest)> {
        let one = |row: &&[F]| self.sponge.hash_iter(row.iter().copied());
        let pack = |rows: &[(usize, &[F])]| {
            permutation::count_lanes(width.div_ceil(RATE), rows.len());
            self.sponge.hash_iter((0..width).map(|column| gather(rows, |row| row.get(column))))
        };
        by_packs(rows, one, pack)
    }

    /// The digests above pairs.
    fn compress(&self, pairs: &[(usize, [Digest; 2])]) -> Vec<(usize, Digest)> {
        let one = |pair: &[Digest; 2]| self.compression.compress(*pair);
        let pack = |pairs: &[(usize, [Digest; 2])]| {
            permutation::count_lanes(1, pairs.len());
            let left = from_fn(|i| gather(pairs, |[left, _]| left.get(i)));
            let right = from_fn(|i| gather(pairs, |[_, right]| right.get(i)));
            self.compression.compress([left, right])
        };
        by_packs(pairs, one, pack)
    }
}

/// One element of each item; of lanes without one, zero.
fn gather<'a, T>(items: &'a [(usize, T)], element: impl Fn(&'a T) -> Option<&'a F>) -> Packing {
    Packing::from_fn(|lane| items.get(lane).and_then(|(_, item)| element(item)).copied().unwrap_or_default())
}

/// A digest of each item, computed by packs where there are enough of them.
fn by_packs<T>(
    items: &[(usize, T)],
    one: impl Fn(&T) -> Digest,
    pack: impl Fn(&[(usize, T)]) -> [Packing; DIGEST],
) -> Vec<(usize, Digest)> {
    let mut digests = Vec::with_capacity(items.len());
    for items in items.chunks(Packing::WIDTH) {
        if items.len() < FEW {
            digests.extend(items.iter().map(|(index, item)| (*index, one(item))));
            continue;
        }
        let packed = pack(items);
        let lane = |lane| packed.map(|element| element.as_slice().get(lane).copied().unwrap_or_default());
        digests.extend(items.iter().enumerate().map(|(at, &(index, _))| (index, lane(at))));
    }
    digests
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
