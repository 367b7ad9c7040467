//! The prover of `p3-multi-stark`'s protocol for our tables.
//!
//! The protocol, the transcript and the verifier are the library's, unchanged; a mistake here gives proofs that it
//! rejects, never one that it should not accept. What is our own is how a row is evaluated, by the table's own code over
//! packed elements, and what is kept in memory. It makes the same proof as the library's prover, byte for byte, which a
//! test of `prover/tests/reference.rs` compares. One module a step, with plain data between them: [`commit`], [`lookup`]
//! with its [`sum`], [`zerocheck`], [`open`].

mod commit;
mod lookup;
mod open;
mod packs;
mod round;
mod rows;
mod split_eq;
mod stack;
mod sum;
mod zerocheck;

pub(crate) use stack::Stack;

use packs::WIDTH;

use air::F;
use air::kind::{Kind, TABLES};
use air::outline::Degree;
use air::table::Table;
use p3_challenger::CanObserve;
use p3_multi_stark::MultiStarkProof;
use p3_multilinear_util::point::Point;
use p3_sumcheck::{OpeningBatch, OpeningProtocol, PrescribedPointPcs, TableShape, TableSpec};
use tracing::info_span;
use verifier::challenger::Challenger;
use verifier::config::{Config, LOG_BLOWUP, whir_config};
use verifier::scheme::{CommitmentError, Committed, Kept, Opening, Scheme};
use verifier::shape::Class;

/// A table as it is proved.
struct Instance<'a> {
    kind: Kind,
    log_height: usize,
    /// Its columns, main and fixed.
    main: Vec<&'a [F]>,
    fixed: Vec<&'a [F]>,
    public: &'a [F],
}

impl Instance<'_> {
    /// Packs that all its columns take when a variable is set: main, fixed, those of next rows with two selectors, and the sum
    /// of linear forms.
    fn folded_packs(&self) -> usize {
        let next = self.kind.next_row_columns().len();
        let columns = self.main.len() + self.fixed.len() + if next > 0 { next + 2 } else { 0 } + 1;
        (columns << self.log_height) >> (1 + WIDTH.ilog2())
    }
}

/// What is known of the tables before there is a run.
pub(crate) struct Setup {
    tables: Vec<Table>,
    forms: Vec<Forms>,
}

/// What kind of polynomials of its cells a table's row states.
struct Forms {
    /// The highest degree.
    degree: usize,
    /// Constraints.
    constraints: usize,
    /// Of each interaction of its count and of the elements of its tuple whether it is a linear form.
    linear: Vec<Vec<bool>>,
}

impl Setup {
    /// Looks at every table of a segment.
    pub(crate) fn new(tables: Vec<Table>) -> Self {
        let forms = tables.iter().map(|table| Forms::of(table.kind())).collect();
        Self { tables, forms }
    }
}

impl Forms {
    fn of(kind: Kind) -> Self {
        let outline = kind.outline();
        let interactions =
            outline.interactions.iter().map(|interaction| [&[interaction.count], &*interaction.tuple].concat());
        let elements: Vec<Vec<Degree>> = interactions.collect();
        let highest = elements.iter().flatten().chain(&outline.constraints).max();
        Self {
            degree: highest.map_or(0, |degree| degree.0.into()),
            constraints: outline.constraints.len(),
            linear: elements.iter().map(|degrees| degrees.iter().map(|degree| degree.0 < 2).collect()).collect(),
        }
    }
}

/// Proves that tables satisfy their constraints and that their buses balance; if they do not, so does not the proof.
pub(crate) fn prove(
    class: Class,
    setup: &Setup,
    stack: Stack,
    fixed: &Scheme,
    kept: &Kept,
    public: &[F],
    challenger: &mut Challenger,
) -> Result<MultiStarkProof<Config>, CommitmentError> {
    let parameters = whir_config(class.log_cells(), LOG_BLOWUP).map_err(CommitmentError::Whir)?;
    let tables: Vec<&Table> = setup.tables.iter().collect();
    let log_heights: Vec<usize> = (0..TABLES.len()).map(|table| stack.log_height(table)).collect();
    let publics = TABLES.map(|kind| if kind == Kind::Segment { public } else { &[] });
    challenger.seed();
    if let Some(root) = fixed.root() {
        challenger.observe(Committed::without_nonce(root));
    }
    let (commitment, tree) = info_span!("commit").in_scope(|| commit::commit(&parameters, &stack, challenger))?;
    publics.into_iter().flatten().for_each(|&value| challenger.observe(value));

    let mut next_fixed = 0..;
    let instances = TABLES.into_iter().zip(&log_heights).zip(publics).enumerate();
    let instances = instances.map(|(table, ((kind, &log_height), public))| {
        let fixed = (kind.fixed_width() > 0).then(|| kept.table(next_fixed.next().unwrap_or_default()));
        let fixed = fixed.into_iter().flat_map(|fixed| fixed.iter_polys()).collect();
        Instance { kind, log_height, main: stack.columns(table).collect(), fixed, public }
    });
    let instances: Vec<Instance<'_>> = instances.collect();
    let (lookup, link, memory) =
        info_span!("lookups").in_scope(|| lookup::prove(&tables, &log_heights, &instances, challenger));
    let (sumcheck, point, values) =
        info_span!("constraints").in_scope(|| zerocheck::prove(setup, &instances, &link, memory, challenger));
    drop(instances);

    let _open = info_span!("open").entered();
    let opening = open::open(&parameters, stack, tree, &point, &values, challenger);
    let with_fixed = TABLES.into_iter().zip(log_heights).filter(|&(kind, _)| kind.fixed_width() > 0);
    let (specs, points) = with_fixed
        .map(|(kind, log_height)| {
            let columns = OpeningBatch::new((0..kind.fixed_width()).collect(), Vec::new());
            let shape = TableShape::new(log_height, kind.fixed_width());
            (TableSpec::new(shape, vec![columns]), Point::new(point[point.len() - log_height..].to_vec()))
        })
        .unzip::<_, _, Vec<_>, Vec<_>>();
    let of_fixed = fixed.open_at(kept.clone(), &OpeningProtocol::new(specs), &points, challenger)?;
    Ok(MultiStarkProof {
        commitment,
        lookup: Some(lookup),
        indexed: None,
        bus: None,
        sumcheck,
        opening: Opening::Main(opening),
        preprocessed_opening: Some(of_fixed),
    })
}
