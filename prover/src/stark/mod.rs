//! The prover of `p3-multi-stark`'s protocol for our tables.
//!
//! The protocol, the transcript and the verifier are the library's, unchanged; a mistake here gives proofs that it
//! rejects, never one that it should not accept. What is our own is how a row is evaluated, by the table's own code over
//! packed elements, and what is kept in memory. It makes the same proof as the library's prover, byte for byte, which a
//! test of `prover/tests/reference.rs` compares. One module a step: [`lookup`], [`zerocheck`]; what commits and opens is
//! [`verifier::scheme`].

mod lookup;
mod packs;
mod round;
mod rows;
mod zerocheck;

use air::F;
use air::kind::{Kind, TABLES};
use air::table::{Table, symbolic};
use p3_challenger::CanObserve;
use p3_commit::MultilinearPcs;
use p3_multi_stark::MultiStarkProof;
use p3_multi_stark::config::MultiStarkConfig;
use p3_multilinear_util::point::Point;
use p3_sumcheck::layout::Table as Stacked;
use p3_sumcheck::{OpeningBatch, OpeningProtocol, PrescribedPointPcs, TableShape, TableSpec};
use tracing::info_span;
use verifier::challenger::Challenger;
use verifier::config::{Challenge, Config};
use verifier::scheme::{CommitmentError, Committed, Kept};
use verifier::shape::Heights;

/// A table as it is proved.
pub(crate) struct Instance<'a> {
    pub(crate) kind: Kind,
    pub(crate) main: &'a Stacked<F>,
    pub(crate) fixed: Option<&'a Stacked<F>>,
    pub(crate) public: &'a [F],
}

impl Instance<'_> {
    fn log_height(&self) -> usize {
        self.main.num_variables()
    }
}

/// What is known of the tables before there is a run.
pub(crate) struct Setup {
    tables: Vec<Table>,
    /// The highest degree of what a row says.
    degrees: Vec<usize>,
    /// Constraints of a row.
    constraints: Vec<usize>,
}

impl Setup {
    /// Looks at every table of a segment.
    pub(crate) fn new(tables: Vec<Table>) -> Self {
        let each = |table: &Table| {
            let builder = symbolic(table.kind());
            let constraints = builder.base_constraints();
            let of_constraints = constraints.iter().map(|constraint| constraint.poly_degree(2, &[])).max();
            let interactions = builder.global_interactions().iter();
            let of_interactions = interactions
                .flat_map(|interaction| interaction.fields.iter().chain([&interaction.count]))
                .map(|expression| expression.poly_degree(2, &[]));
            (of_constraints.max(of_interactions.max()).unwrap_or(0), constraints.len())
        };
        let (degrees, constraints) = tables.iter().map(each).unzip();
        Self { tables, degrees, constraints }
    }
}

/// Proves that tables satisfy their constraints and that their buses balance; if they do not, so does not the proof.
pub(crate) fn prove(
    config: &Config,
    setup: &Setup,
    heights: &Heights,
    main: Vec<Stacked<F>>,
    fixed: &Kept,
    public: &[F],
    challenger: &mut Challenger,
) -> Result<MultiStarkProof<Config>, CommitmentError> {
    let tables: Vec<&Table> = setup.tables.iter().collect();
    let log_heights = heights.map(usize::from);
    let publics = TABLES.map(|kind| if kind == Kind::Segment { public } else { &[] });
    challenger.seed();
    if let Some(root) = config.preprocessed_pcs().root() {
        challenger.observe(Committed::without_nonce(root));
    }
    let (commitment, kept) = info_span!("commit").in_scope(|| config.pcs().commit(main, challenger))?;
    publics.into_iter().flatten().for_each(|&value| challenger.observe(value));

    let mut next_fixed = 0..;
    let instances = (0..TABLES.len()).zip(TABLES).zip(publics).map(|((index, kind), public)| {
        let fixed = (kind.fixed_width() > 0).then(|| fixed.table(next_fixed.next().unwrap_or_default()));
        Instance { kind, main: kept.table(index), fixed, public }
    });
    let instances: Vec<Instance<'_>> = instances.collect();
    let (lookup, link) =
        info_span!("lookups").in_scope(|| lookup::prove(&tables, &log_heights, &instances, challenger));
    let (sumcheck, point) =
        info_span!("constraints").in_scope(|| zerocheck::prove(setup, &instances, &link, challenger));
    drop(instances);

    let _open = info_span!("open").entered();
    let (protocol, points) = opened(heights, &point, Kind::width, Kind::next_row_columns);
    let opening = config.pcs().open_at(kept, &protocol, &points, challenger)?;
    let (protocol, points) = opened(heights, &point, Kind::fixed_width, |_| Vec::new());
    let of_fixed = config.preprocessed_pcs().open_at(fixed.clone(), &protocol, &points, challenger)?;
    Ok(MultiStarkProof {
        commitment,
        lookup: Some(lookup),
        indexed: None,
        bus: None,
        sumcheck,
        opening,
        preprocessed_opening: Some(of_fixed),
    })
}

/// All columns of the tables that have some, each table's at the end of the point that is as long as its rows' number.
fn opened(
    heights: &Heights,
    point: &[Challenge],
    width: impl Fn(Kind) -> usize,
    next: impl Fn(Kind) -> Vec<usize>,
) -> (OpeningProtocol, Vec<Point<Challenge>>) {
    let tables = TABLES.into_iter().zip(heights).filter(|&(kind, _)| width(kind) > 0).map(|(kind, &height)| {
        let (width, height) = (width(kind), usize::from(height));
        let batch = OpeningBatch::new((0..width).collect(), next(kind));
        let point = Point::new(point[point.len() - height..].to_vec());
        (TableSpec::new(TableShape::new(height, width), vec![batch]), point)
    });
    let (specs, points) = tables.unzip();
    (OpeningProtocol::new(specs), points)
}
